"""The W3C SPARQL suites read from their archive: cases, data and expected results.

https://github.com/w3c/rdf-tests; the archive lies beside the checkout and is no part of it. A case
is read with the engine's parser only, never with our own code.
"""

import csv
import functools
import io
import itertools
import json
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox

ARCHIVE = Path(__file__).parent.parent.parent / "shared" / "w3c" / "sparql.tar.gz"
ABSENT = "the W3C suites are not beside the checkout"
BASE = "http://w3c.test/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XSD = "http://www.w3.org/2001/XMLSchema#"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
}


@functools.cache
def unpack() -> Path:
    """The folder of the unpacked archive, for as long as this process runs."""
    holder = tempfile.TemporaryDirectory(prefix="w3c-")
    _HOLDERS.append(holder)
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(holder.name, filter="data")
    return Path(holder.name) / "sparql"


_HOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@dataclass(frozen=True)
class Case:
    """One entry of a manifest."""

    id: str
    """Group and name: `sparql11/aggregates/agg01`."""
    kind: str
    """Local name of its type."""
    node: ox.NamedNode | ox.BlankNode
    manifest: "Manifest" = field(repr=False, compare=False)


class Manifest:
    """One manifest as a graph."""

    def __init__(self, folder: str, name: str = "manifest.ttl") -> None:
        self.folder = folder
        path = unpack() / folder / name
        self._store = ox.Store()
        self._store.load(
            path=str(path), format=ox.RdfFormat.TURTLE, base_iri=f"{BASE}{folder}/{name}"
        )

    def values(self, subject: Term, predicate: str) -> list[Term]:
        quads = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None)  # type: ignore[arg-type]
        return [quad.object for quad in quads]

    def value(self, subject: Term, predicate: str) -> Term | None:
        return next(iter(self.values(subject, predicate)), None)

    def members(self, node: Term | None) -> Iterator[Term]:
        """The members of an RDF list."""
        while node is not None and node != ox.NamedNode(RDF + "nil"):
            first = self.value(node, RDF + "first")
            if first is not None:
                yield first
            node = self.value(node, RDF + "rest")

    def all_of(self, kind: str) -> list[Case]:
        """Its tests of one type, those missing from the list of entries too."""
        quads = self._store.quads_for_pattern(
            None, ox.NamedNode(RDF + "type"), ox.NamedNode(MF + kind)
        )
        found = [Case(_id(self.folder, quad.subject), kind, quad.subject, self) for quad in quads]
        return sorted(found, key=lambda case: case.id)

    def cases(self) -> Iterator[Case]:
        """Its entries in order, each once."""
        for quad in self._store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None):
            for node in dict.fromkeys(self.members(quad.object)):
                assert isinstance(node, ox.NamedNode)
                kind = self.value(node, RDF + "type")
                assert isinstance(kind, ox.NamedNode)
                yield Case(_id(self.folder, node), kind.value.rpartition("#")[2], node, self)


def _id(folder: str, node: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    assert isinstance(node, ox.NamedNode)
    return f"{folder}/{node.value.rpartition('#')[2]}"


def groups() -> list[str]:
    """The folders that hold a manifest of their own."""
    root = unpack()
    return sorted(
        path.parent.relative_to(root).as_posix() for path in root.glob("*/*/manifest.ttl")
    )


def path_of(iri: Term | None) -> Path:
    """The file of an IRI below BASE."""
    assert isinstance(iri, ox.NamedNode)
    return unpack() / iri.value.removeprefix(BASE)


def read_text(iri: Term | None) -> str:
    """The text of a query or update, with its address as base."""
    assert isinstance(iri, ox.NamedNode)
    return f"BASE <{iri.value}>\n{path_of(iri).read_text(encoding='utf-8')}"


@dataclass(frozen=True)
class Data:
    """A dataset: files of the default graph, and files by the name of their graph."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, manifest: Manifest, action: Term, vocabulary: str) -> "Data":
        """The dataset of an action or result; `vocabulary` is QT or UT."""
        default = [_iri(node) for node in manifest.values(action, vocabulary + "data")]
        named = []
        for node in manifest.values(action, vocabulary + "graphData"):
            file = manifest.value(node, UT + "graph") or node
            label = manifest.value(node, RDFS + "label")
            named.append((label.value if isinstance(label, ox.Literal) else _iri(file), _iri(file)))
        return cls(tuple(sorted(default)), tuple(sorted(named)))

    def quads(self) -> list[ox.Quad]:
        found = [quad for file in self.default for quad in read_quads(file)]
        for name, file in self.named:
            graph = ox.NamedNode(name)
            found += [ox.Quad(q.subject, q.predicate, q.object, graph) for q in read_quads(file)]
        return found

    def update(self) -> str:
        """An update that leaves exactly this dataset."""
        blocks = []
        for name, quads in itertools.groupby(self.quads(), key=lambda quad: quad.graph_name):
            triples = (quad.triple for quad in quads)
            text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
            block = f"{{\n{text.decode()}}}"
            blocks.append(
                f"GRAPH {name} {block}" if isinstance(name, ox.NamedNode) else block[1:-1]
            )
        created = "".join(f"CREATE SILENT GRAPH <{name}> ;\n" for name, _ in self.named)
        return f"DROP ALL ;\n{created}INSERT DATA {{\n" + "\n".join(blocks) + "\n}"


def _iri(node: Term) -> str:
    assert isinstance(node, ox.NamedNode)
    return node.value


def read_quads(iri: str) -> list[ox.Quad]:
    """The quads of a data file, its address as base and its blank nodes apart."""
    path = unpack() / iri.removeprefix(BASE)
    return list(
        ox.parse(
            path=str(path), format=_FORMATS[path.suffix], base_iri=iri, rename_blank_nodes=True
        )
    )


def isomorphic(one: Iterable[ox.Quad], other: Iterable[ox.Quad]) -> bool:
    """Whether two datasets are equal but for the labels of blank nodes; numbers by value."""
    datasets = [ox.Dataset(_plain(quad) for quad in quads) for quads in (one, other)]
    for dataset in datasets:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return datasets[0] == datasets[1]


def _plain(quad: ox.Quad) -> ox.Quad:
    subject, object_ = _by_value(quad.subject), _by_value(quad.object)
    return ox.Quad(subject, quad.predicate, object_, quad.graph_name)  # type: ignore[arg-type]


_NUMBERS = {"integer", "decimal", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
            "negativeInteger", "nonPositiveInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"}  # fmt: skip


def _by_value(term: Term) -> Term:
    """A literal in one form for each value: `01` is `1`, `1.0E0` is `1`, tags in lower case."""
    if isinstance(term, ox.Triple):
        return ox.Triple(_by_value(term.subject), term.predicate, _by_value(term.object))  # type: ignore[arg-type]
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(term.value, language=term.language.lower(), direction=term.direction)
    kind, text = term.datatype.value.removeprefix(XSD), term.value
    try:
        if kind in _NUMBERS:
            number = Decimal(text)
            text = f"{number.normalize():f}" if number else "0"
        elif kind in ("double", "float"):
            text = repr(float(text))
        elif kind == "boolean":
            text = {"1": "true", "0": "false"}.get(text, text)
    except (ArithmeticError, ValueError):
        return term
    return ox.Literal(text, datatype=term.datatype)


Rows = list[dict[str, Term]]


def parse_rows(text: bytes, suffix: str) -> tuple[set[str], Rows] | bool:
    """A result in JSON (srj), XML (srx) or TSV: variables and rows, or the boolean."""
    kinds = {"srj": "JSON", "srx": "XML", "tsv": "TSV"}
    found = ox.parse_query_results(text, getattr(ox.QueryResultsFormat, kinds[suffix]))
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    rows = [{name: row[name] for name in names if row[name] is not None} for row in found]
    return set(names), rows


def read_result_set(quads: Iterable[ox.Quad]) -> tuple[set[str], Rows]:
    """A result written in the vocabulary of result sets."""
    store = ox.Store()
    store.extend(quads)
    prologue = f"PREFIX rs: <{RS}> "
    names = {
        row["v"].value for row in store.query(prologue + "SELECT ?v { ?s rs:resultVariable ?v }")
    }
    rows: dict[Term, dict[str, Term]] = {}
    text = "SELECT ?r ?n ?v { ?s rs:solution ?r OPTIONAL { ?r rs:binding ?b . ?b rs:variable ?n ; rs:value ?v } }"
    for row in store.query(prologue + text):
        bound = rows.setdefault(row["r"], {})
        if row["n"] is not None:
            bound[row["n"].value] = row["v"]
    return names, list(rows.values())


def same_rows(one: Rows, other: Rows, *, ordered: bool) -> bool:
    """Whether two results are equal as multisets, or as sequences, but for blank node labels."""
    return len(one) == len(other) and isomorphic(
        _as_graph(one, ordered=ordered), _as_graph(other, ordered=ordered)
    )


def _as_graph(rows: Rows, *, ordered: bool) -> Iterator[ox.Quad]:
    """Each row as a node; equal rows without blank nodes are counted, which keeps the graph small."""
    counted = Counter(tuple(sorted((name, _by_value(term)) for name, term in row.items())) for row in rows) if not ordered else None  # fmt: skip
    for number, row in enumerate(rows):
        node = ox.BlankNode()
        yield ox.Quad(node, ox.NamedNode("r:a"), ox.NamedNode("r:Row"))
        if ordered:
            yield ox.Quad(node, ox.NamedNode("r:at"), ox.Literal(number))
        elif counted is not None:
            key = tuple(sorted((name, _by_value(term)) for name, term in row.items()))
            yield ox.Quad(node, ox.NamedNode("r:times"), ox.Literal(counted[key]))
        for name, term in row.items():
            yield ox.Quad(node, ox.NamedNode(f"r:v-{name}"), term)  # type: ignore[arg-type]


def same_csv(one: bytes, other: bytes, *, in_order: bool) -> bool:
    """Whether two CSV results hold the same rows in any order; numbers by value, labels apart.

    `in_order` says that the columns have an order, which those of `SELECT *` have not.
    """
    heads, bodies = [], []
    for text in (one, other):
        head, *rows = list(csv.reader(io.StringIO(text.decode())))
        columns = range(len(head)) if in_order else sorted(range(len(head)), key=head.__getitem__)
        heads.append([head[at] for at in columns])
        bodies.append(Counter(tuple(_cell(row[at]) for at in columns) for row in rows if row))
    return heads[0] == heads[1] and bodies[0] == bodies[1]


def _cell(text: str) -> str:
    if text.startswith("_:"):
        return "_:"
    try:
        return str(float(text))
    except ValueError:
        return text


def same_json_head(one: bytes, other: bytes) -> bool:
    """Whether two JSON results name the same variables in the same order."""
    heads = [json.loads(text)["head"].get("vars") for text in (one, other)]
    return bool(heads[0] == heads[1])
