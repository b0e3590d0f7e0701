"""Why a query may have no row: names in it that nothing uses, patterns that nothing matches.

Most empty answers are a misspelt name, which no engine complains about; then come statements that
nobody has made, such as a value in another language or a relation the other way round.
"""

import difflib
import time
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox
from flask import Flask, g

from kg.engine.limits import read_shape, read_tokens
from kg.engine.patterns import Term, TriplePattern, read_required
from kg.namespaces import PREFIXES, compact
from kg.store import Store
from kg.web.language import language
from kg.web.services import services
from kg.words import words

_MAX_NAMES: Final = 20
"""Names of a query that are looked up, each in well under a millisecond."""
_MAX_PATTERNS: Final = 20
_PATTERN_SECONDS: Final = 0.5
"""After that time no further pattern is looked up; one takes a millisecond, over a server a round."""
_OWN: Final = PREFIXES["kg"]
_TERMS: Final = "SELECT DISTINCT ?term { ?term rdfs:isDefinedBy ?module }"


def init_app(app: Flask) -> None:
    """Lets the templates ask `why_empty()` about the query whose answer they show."""
    app.jinja_env.globals["why_empty"] = lambda: list(_explain(g.get("asked", "")))


def _explain(query: str) -> Iterator[str]:
    store = services().store()
    yield from explain_unused(query, store, language())
    if not (g.get("asked_dataset") or read_shape(query).has_dataset):
        yield from explain_unmatched(query, store, language())


def explain_unmatched(query: str, store: Store, lang: str = "en") -> Iterator[str]:
    """One sentence for each pattern that every row needs and that matches nothing even by itself.

    Over the store's own graphs. Patterns with a name that nothing uses are left to `explain_unused`.
    At most 20 patterns are looked at, for at most half a second and the last one's time.
    """
    ends = time.monotonic() + _PATTERN_SECONDS
    for pattern in read_required(query)[:_MAX_PATTERNS]:
        if time.monotonic() > ends:
            return
        if not store.ask(pattern.question) and _is_known(pattern, store):
            if pattern.graph:
                graph = _name_graph(pattern.graph, lang)
                yield words(lang, "hints.unmatched_in", pattern=pattern.text, graph=graph)
            else:
                yield words(lang, "hints.unmatched", pattern=pattern.text)


def _name_graph(graph: Term, lang: str) -> str:
    named = isinstance(graph, ox.NamedNode)
    return compact(graph.value) if named else words(lang, "hints.named_graph")


def _is_known(pattern: TriplePattern, store: Store) -> bool:
    """Whether each of its names is used somewhere."""
    names = (term.value for term in pattern.terms if isinstance(term, ox.NamedNode))
    return all(_is_used(name, store) for name in names)


def explain_unused(query: str, store: Store, lang: str = "en") -> Iterator[str]:
    """One sentence for each name of the query that no statement uses in its role.

    A name of the ontology counts as a property or, with a capital, as a class; any other one may
    stand anywhere in a statement. At most 20 names are looked at.
    """
    for iri in list(dict.fromkeys(_names(query)))[:_MAX_NAMES]:
        if not _is_used(iri, store):
            near = _near(iri, store)
            key = "hints.unused_near" if near else "hints.unused"
            yield words(lang, key, name=compact(iri), near=near)


def _names(query: str) -> Iterator[str]:
    """The IRIs of a query, prefixed names written out, in order."""
    declared: dict[str, str] = {}
    before = ("", "")
    for token in read_tokens(query):
        kind, text = token.kind, token.text
        if kind == "iri" and before[0] == "declares":
            declared[before[1]] = text[1:-1]
        elif kind == "name" and before[1].upper() == "PREFIX":
            kind = "declares"
        elif kind == "name" and text.partition(":")[0] + ":" in declared:
            prefix, _, local = text.partition(":")
            yield declared[f"{prefix}:"] + local
        elif kind == "iri" and ":" in text and before[1].upper() != "BASE":
            yield text[1:-1]
        before = (kind, text)


def _is_used(iri: str, store: Store) -> bool:
    try:
        term = ox.NamedNode(iri)
    except ValueError:  # relative, or not one that this engine knows: nothing to say of it
        return True
    patterns = [f"{term} ?p ?o", f"?s {term} ?o", f"?s ?p {term}"]
    if iri.startswith(_OWN):
        is_class = iri.removeprefix(_OWN)[:1].isupper()
        patterns = [f"?s a {term}" if is_class else f"?s {term} ?o"]
    unions = " UNION ".join(f"{{ {p} }} UNION {{ GRAPH ?g {{ {p} }} }}" for p in patterns)
    return store.ask("ASK { " + unions + " }")


def _near(iri: str, store: Store) -> str:
    """The term of the ontology that is spelt most alike, if any is."""
    if not iri.startswith(_OWN):
        return ""
    iris = [str(row["term"].value) for row in store.rows(_TERMS)]  # type: ignore[union-attr]  # IRIs
    names = [compact(found) for found in iris if found.startswith(_OWN)]
    return next(iter(difflib.get_close_matches(compact(iri), names, n=1)), "")
