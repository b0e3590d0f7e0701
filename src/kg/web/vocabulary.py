"""What the editor completes: prefixes, classes and properties, from the description in the graph."""

from collections import Counter
from typing import Any

from kg.namespaces import PREFIXES, compact, expand
from kg.release.catalogue import RELEASE
from kg.release.recounted import read_catalogue
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.tables import rank

_DECLARED = """SELECT ?term ?kind { VALUES (?type ?kind) { (owl:Class "class") (rdfs:Class "class")
  (owl:ObjectProperty "property") (owl:DatatypeProperty "property") } ?term a ?type FILTER(ISIRI(?term)) }"""
_WORDS = """SELECT ?term ?label ?text { VALUES ?type { owl:Class owl:ObjectProperty owl:DatatypeProperty }
  ?term a ?type { ?term rdfs:label ?label } UNION { ?term skos:definition ?text } }"""


@cached_by_store(8)
def read_vocabulary(store: Store, lang: str) -> dict[str, Any]:
    """Prefixes and terms for one language, the most used term first; once per release and language.

    A term is `[kind, name, label, definition, uses]`, `name` prefixed. Uses are those of the merged
    view as its description counts them: entities of a class, triples of a property.
    """
    uses = _read_uses(store)
    for row in store.rows(_DECLARED):
        uses[row["kind"].value, row["term"].value] += 0  # type: ignore[union-attr]
    labels, texts = _read_words(store, lang)
    terms = [
        [kind, compact(iri), labels.get(iri, ""), texts.get(iri, ""), count]
        for (kind, iri), count in sorted(uses.items(), key=lambda item: (-item[1], item[0]))
        if compact(iri) != iri
    ]
    return {"prefixes": PREFIXES, "terms": terms}


def _read_uses(store: Store) -> Counter[tuple[str, str]]:
    """Uses by kind and IRI, from the VoID partitions of the merged view."""
    said = read_catalogue(store)
    facts: dict[Any, Any] = {(t.subject, t.predicate.value): t.object for t in said}
    parts = [t for t in said if t.subject == RELEASE]
    uses: Counter[tuple[str, str]] = Counter()
    for kind, number in (("class", "entities"), ("property", "triples")):
        for triple in parts:
            if triple.predicate.value == expand(f"void:{kind}Partition"):
                term, count = (
                    facts[triple.object, expand(f"void:{name}")] for name in (kind, number)
                )
                uses[kind, term.value] += int(count.value)
    return uses


def _read_words(store: Store, lang: str) -> tuple[dict[str, str], dict[str, str]]:
    """Label and definition by IRI, in the wanted language where there is one."""
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    rows = store.rows(_WORDS)
    for name, chosen in zip(("label", "text"), found, strict=True):
        having = [row for row in rows if name in row]
        for row in sorted(having, key=lambda row: rank(row[name], lang.lower())):
            chosen.setdefault(row["term"].value, row[name].value)  # type: ignore[union-attr]
    return found
