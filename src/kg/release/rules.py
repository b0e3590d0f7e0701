"""Rules: numbered SPARQL CONSTRUCT files, each writing a derived graph of its own.

A file `queries/rules/R01_within_area.rq` opens with a header, then its own PREFIX lines, so that
its text can be pasted into any SPARQL editor:

    #+ summary: An organization lies within every place that contains its seat.
    #+ reads: kg:basedIn kg:locatedIn
    #+ writes: kg:withinArea
    #+ stratum: 1

Rules run by stratum, then number; the rules of one stratum are repeated until nothing new comes.
A rule sees the curated view, without records that a decision sets aside; with the further line
`#+ view: all` it sees those too, as the rules that look for conflicts must.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import BadFiles, Problem
from kg.namespaces import PREFIXES, expand
from kg.release.checks import check_prefixes, check_terms
from kg.release.curation import SetAside, curated, find_set_aside
from kg.release.files import prefix_unknown, value_of

FOLDER: Final = "queries/rules"
MAX_ROUNDS: Final = 10
"""Rounds within one stratum; the rules of the project need two or three."""

RUNS_GRAPH: Final = PREFIXES["g"] + "meta/rules"
"""Named graph that says which rule made which derived graph."""

_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
"""Of everything that this project says, and so of what follows from it: see NOTICE."""

_NAME = re.compile(r"(R\d+[a-z]?)_\w+\.rq")
_HEADER = re.compile(r"^#\+ (\w+): *(.*?) *$", re.MULTILINE)
_FIELDS: Final = ("summary", "reads", "writes", "stratum")
_VIEWS: Final = ("curated", "all")
_ENGINE_PLACE = re.compile(r"error at (\d+):\d+: ")
_TYPE: Final = PREFIXES["rdf"] + "type"
_TEMPLATE = re.compile(r"CONSTRUCT\s*\{[^}]*?(_:|\[)", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One rule file."""

    number: str
    """Such as `R21b`."""
    path: str
    """Relative to the root, with slashes."""
    text: str
    summary: str
    reads: frozenset[str]
    """IRIs of the properties and classes that the rule looks at."""
    stratum: int
    view: str
    """What the rule sees: `curated` or `all`."""

    @property
    def graph(self) -> ox.NamedNode:
        """Named graph of what the rule derives."""
        return ox.NamedNode(f"{PREFIXES['g']}derived/{self.number}")

    @property
    def order(self) -> tuple[int, int, str]:
        """Sort key: stratum, number, letter."""
        return self.stratum, int(re.sub(r"\D", "", self.number)), self.number


def read_rules(root: Path, terms: Collection[str]) -> list[Rule]:
    """The rules below `root` in the order in which they run.

    `terms` are the IRIs that a `kg:` name may stand for. Raises BadFiles with every problem found.
    """
    paths = sorted((root / FOLDER).glob("*.rq"))
    texts = {f"{FOLDER}/{path.name}": path.read_bytes().decode(errors="replace") for path in paths}
    problems = [
        problem for path, text in texts.items() for problem in _check_rule(path, text, terms)
    ]
    if problems:
        raise BadFiles(problems)
    return sorted((_rule(path, text) for path, text in texts.items()), key=lambda rule: rule.order)


class _Views:
    """What rules see in the default graph: each triple once, whichever graphs hold it.

    With a triple in two graphs the engine would count it twice (oxigraph#1919).
    """

    def __init__(self, asserted: Iterable[ox.Quad]) -> None:
        quads = list(asserted)
        self.set_aside: SetAside = find_set_aside(quads)
        self.stores = {view: ox.Store() for view in _VIEWS}
        self.add(ox.Quad(*quad.triple) for quad in quads)

    def add(self, quads: Iterable[ox.Quad]) -> None:
        """Adds to both views, to the curated one without what is set aside."""
        new = list(quads)
        self.stores["all"].extend(new)
        self.stores["curated"].extend(curated(new, self.set_aside))


def derive(rules: Iterable[Rule], asserted: Iterable[ox.Quad]) -> dict[str, list[ox.Quad]]:
    """New quads by derived graph, sorted; graphs without any are left out.

    Rules see asserted and derived triples alike in the default graph, each once. A triple that is
    known already is not derived again, so it stands in one graph only. Raises BadFiles where a
    stratum does not come to rest.
    """
    views = _Views(asserted)
    strata: dict[int, list[Rule]] = {}
    for rule in rules:
        strata.setdefault(rule.stratum, []).append(rule)
    derived: dict[str, list[ox.Quad]] = {}
    for _, stratum in sorted(strata.items()):
        _run_stratum(stratum, views, derived)
    return {graph: sorted(quads, key=str) for graph, quads in sorted(derived.items())}


def describe_runs(rules: Iterable[Rule], graphs: Mapping[str, Iterable[ox.Quad]]) -> list[ox.Quad]:
    """Which rule file, with which digest, made which derived graph of which others.

    `graphs` are all asserted and derived ones. There are no times of day: the same files give the
    same triples.
    """
    known = list(rules)
    used = {graph: _mentioned(quads) for graph, quads in graphs.items()}
    strata = {rule.graph.value: rule.stratum for rule in known}
    rows: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = []
    for rule in known:
        run, file = (
            ox.NamedNode(expand(f"run:{rule.number}")),
            ox.NamedNode(expand(f"run:{rule.number}-rule")),
        )
        sha256 = hashlib.sha256(rule.text.encode()).hexdigest()
        rows += [
            (run, "rdf:type", ox.NamedNode(expand("prov:Activity"))),
            (run, "rdfs:label", ox.Literal(f"Run of rule {rule.number}", language="en")),
            (run, "prov:used", file),
            (file, "rdf:type", ox.NamedNode(expand("prov:Entity"))),
            (file, "rdfs:label", ox.Literal(f"Rule {rule.number}", language="en")),
            (file, "dcterms:description", ox.Literal(rule.summary, language="en")),
            (file, "dcterms:identifier", ox.Literal(rule.path)),
            (file, "kg:sha256", ox.Literal(sha256)),
        ]
        if rule.graph.value in graphs:
            rows.append((rule.graph, "prov:wasGeneratedBy", run))
            rows += _terms_of_use(rule.graph)
        inputs = (graph for graph, terms in used.items() if not terms.isdisjoint(rule.reads))
        rows += [
            (run, "prov:used", ox.NamedNode(graph))
            for graph in inputs
            if strata.get(graph, 0) <= rule.stratum and graph != rule.graph.value
        ]
    rows += _terms_of_use(ox.NamedNode(RUNS_GRAPH))
    return [ox.Quad(s, ox.NamedNode(expand(p)), o, ox.NamedNode(RUNS_GRAPH)) for s, p, o in rows]


def _terms_of_use(graph: ox.NamedNode) -> list[tuple[ox.NamedNode, str, ox.NamedNode]]:
    """Licence and trust level of a graph that no file describes."""
    return [
        (graph, "dcterms:license", ox.NamedNode(_LICENCE)),
        (graph, "kg:trustLevel", ox.NamedNode(expand("trust:derived"))),
    ]


def _mentioned(quads: Iterable[ox.Quad]) -> set[str]:
    """IRIs of the properties that quads use and of the classes they give things."""
    return {
        value_of(quad.object if quad.predicate.value == _TYPE else quad.predicate) for quad in quads
    }


def _run_stratum(rules: list[Rule], views: _Views, derived: dict[str, list[ox.Quad]]) -> None:
    """Runs the rules of one stratum until a round brings nothing new."""
    for _ in range(MAX_ROUNDS):
        busy = [rule for rule in rules if _run(rule, views, derived)]
        if not busy:
            return
    said = f"still derives new triples after {MAX_ROUNDS} rounds of its stratum"
    raise BadFiles([Problem(rule.path, 0, said) for rule in busy])


def _run(rule: Rule, views: _Views, derived: dict[str, list[ox.Quad]]) -> bool:
    """Runs a rule once; whether it brought anything new."""
    result = views.stores[rule.view].query(rule.text)
    assert isinstance(result, ox.QueryTriples)
    quads = {ox.Quad(triple.subject, triple.predicate, triple.object) for triple in result}
    new = [quad for quad in quads if quad not in views.stores["all"]]
    views.add(new)
    if new:
        named = (ox.Quad(quad.subject, quad.predicate, quad.object, rule.graph) for quad in new)
        derived.setdefault(rule.graph.value, []).extend(named)
    return bool(new)


def _rule(path: str, text: str) -> Rule:
    header = dict(_HEADER.findall(text))
    match = _NAME.fullmatch(path.removeprefix(f"{FOLDER}/"))
    assert match
    return Rule(
        number=match[1],
        path=path,
        text=text,
        summary=header["summary"],
        reads=frozenset(map(expand, header["reads"].split())),
        stratum=int(header["stratum"]),
        view=header.get("view", _VIEWS[0]),
    )


def _check_rule(path: str, text: str, terms: Collection[str]) -> Iterator[Problem]:
    if not _NAME.fullmatch(path.removeprefix(f"{FOLDER}/")):
        yield Problem(path, 0, "a rule file is named like R01_within_area.rq")
    yield from _check_header(path, text)
    yield from check_prefixes(path, text)
    yield from check_terms(path, text, terms)
    if blank := _TEMPLATE.search(text):
        line = text.count("\n", 0, blank.end()) + 1
        yield Problem(path, line, "a blank node in the template; make an IRI from the MD5 of a key")
    yield from _check_syntax(path, text)


def _check_header(path: str, text: str) -> Iterator[Problem]:
    header = {match[1]: match[2] for match in _HEADER.finditer(text)}
    for name in _FIELDS:
        if not header.get(name):
            yield Problem(path, 1, f"a header line '#+ {name}: …' is missing")
    for match in _HEADER.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match[1] not in (*_FIELDS, "view"):
            known = ", ".join((*_FIELDS, "view"))
            yield Problem(path, line, f"no header field {match[1]!r}; known: {known}")
        elif match[1] == "view" and match[2] not in _VIEWS:
            yield Problem(path, line, f"no view {match[2]!r}; known: {', '.join(_VIEWS)}")
        elif match[1] == "reads":
            for name in match[2].split():
                if name.partition(":")[0] not in PREFIXES:
                    yield Problem(path, line, prefix_unknown(name.partition(":")[0]))
        elif match[1] == "stratum" and not re.fullmatch(r"[1-9]", match[2]):
            yield Problem(path, line, f"stratum {match[2]!r} is not a number from 1 to 9")


def _check_syntax(path: str, text: str) -> Iterator[Problem]:
    try:
        kind = ox.Store().query(text)
    except SyntaxError as error:
        place = _ENGINE_PLACE.match(error.msg)
        yield Problem(path, int(place[1]) if place else 0, _syntax_message(text, error))
        return
    if not isinstance(kind, ox.QueryTriples):
        yield Problem(path, 0, "a rule is a CONSTRUCT query")


def _syntax_message(text: str, error: SyntaxError) -> str:
    """The engine lists what it expected; an undeclared prefix is one of many things on that list."""
    if "Prefix not found" in error.msg:
        declared = set(re.findall(r"^\s*PREFIX\s+([^\s:]*):", text, re.IGNORECASE | re.MULTILINE))
        body = re.sub(
            r'"[^"\n]*"|<[^<>\s]*>|^[ \t]*(?:#|PREFIX\b).*$', "", text, flags=re.MULTILINE
        )
        for prefix in re.findall(r"(?<![\w:?$-])([A-Za-z][\w-]*):\w", body):
            if prefix not in declared:
                return prefix_unknown(prefix)
    return "does not parse: " + _ENGINE_PLACE.sub("", " ".join(error.msg.split()))
