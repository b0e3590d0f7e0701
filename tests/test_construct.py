"""A CONSTRUCT that is asked as a SELECT: which one is, and what becomes of its rows."""

import io
import json
from dataclasses import replace

import pyoxigraph as ox
import pytest

from kg.engine.construct import make_triples, read_template
from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines
from kg.engine.request import QueryRequest
from kg.formats import find_format
from kg.release.history import current
from kg.settings import Settings

P = "BASE <http://b/> PREFIX : <urn:> PREFIX r: <rel/> "

ASKED = {
    "CONSTRUCT { ?s :p ?o } { ?s ?p ?o }": "SELECT ?s ?o  { ?s ?p ?o }",
    "construct{?s a ?o;:p$o.}where{?s ?p ?o}LIMIT 3": "SELECT ?s ?o where{?s ?p ?o}LIMIT 3",
    "CONSTRUCT { :a ?p 1, 'x' . ?s ?p <urn:b> ;; } # }\n { ?s ?p ?o }": "SELECT ?p ?s  # }\n { ?s ?p ?o }",
    "CONSTRUCT { ?s r:x ?n } { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s }": "SELECT ?s ?n  { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s }",
}
KEPT = [
    "CONSTRUCT { } { ?s ?p ?o }",
    "CONSTRUCT { :a :b :c } { ?s ?p ?o }",  # no column
    "CONSTRUCT WHERE { ?s ?p ?o }",
    "CONSTRUCT { ?s :p [] } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p _:b } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p ( ?o ) } { ?s ?p ?o }",
    "CONSTRUCT { << ?s :p ?o >> :q 1 } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p <<( ?s :p ?o )>> } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p ?o ~ :r } { ?s ?p ?o }",
    'CONSTRUCT { ?s :p "x"@en } { ?s ?p ?o }',
    'CONSTRUCT { ?s :p "x"^^:t } { ?s ?p ?o }',
    "CONSTRUCT { ?s :p true } { ?s ?p ?o }",
    "CONSTRUCT { 1 :p ?o } { ?s ?p ?o }",
    "CONSTRUCT { ?s 'p' ?o } { ?s ?p ?o }",
    "CONSTRUCT { a :p ?o } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p ?o . . } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p ?o , } { ?s ?p ?o }",
    "CONSTRUCT { ?s :p ?o } { VALUES ?s { :a } ?s ?p ?o }",
    "CONSTRUCT { ?s :p ?o } { ?s ?p ?o } GROUP BY ?s",
    "CONSTRUCT { ?s :p ?o",
    "CONSTRUCT",
    "SELECT ?construct { ?construct { ?s ?p ?o }",
    "SELECT * { { CONSTRUCT { ?s :p ?o } { ?s ?p ?o } } }",
    "DESCRIBE :a",
    "",
]


@pytest.mark.parametrize("query", ASKED)
def test_it_is_asked_for_the_variables_of_its_template(query: str) -> None:
    template = read_template(P + query)
    assert template and template.select == P + ASKED[query]


@pytest.mark.parametrize("query", KEPT)
def test_every_other_query_stays_as_it_is(query: str) -> None:
    assert read_template(P + query) is None


def test_constants_are_read_as_the_reference_reads_them() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("x")))
    query = P + "CONSTRUCT { ?s r:x 01 , +1.50 , 'y' , <z> ; a \"\\u00e9\" } { ?s ?p ?o }"
    template = read_template(query)
    assert template
    constants = template.read_constants(store, "http://localhost/")
    rows = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:s"}}]}}'
    made = make_triples(template, constants, rows, 1)
    wanted = store.query(query, base_iri="http://localhost/")
    assert isinstance(wanted, ox.QueryTriples)
    assert made and set(made) == set(wanted) and len(made) == 5
    undeclared = read_template("CONSTRUCT { ?s x:p ?o } { ?s ?p ?o }")
    with pytest.raises(SyntaxError):
        undeclared.read_constants(store, "http://localhost/")  # type: ignore[union-attr]


def table(*rows: dict[str, object]) -> bytes:
    """A result as the fast engine writes it."""
    found = {"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": rows}}
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


IRI = {"type": "uri", "value": "urn:a"}
ODD = {"type": "literal", "value": 'x"},{"s":{}},\\\n', "xml:lang": "en"}
NODE = {"type": "bnode", "value": "n1"}


def test_each_triple_is_made_once_and_none_of_what_may_not_stand_there() -> None:
    template = read_template("CONSTRUCT { ?s ?p ?o . ?o ?p ?s . <urn:c> <urn:p> <urn:d> } {}")
    assert template
    constants = template.read_constants(ox.Store(), "http://localhost/")
    result = table(
        {"s": IRI, "p": IRI, "o": ODD},
        {"s": IRI, "p": IRI, "o": ODD},
        {"s": IRI, "p": NODE, "o": IRI},
        {"s": IRI, "p": ODD, "o": IRI},
        {"p": IRI, "o": IRI},
        {},
        {"s": NODE, "p": IRI, "o": NODE},
    )
    iri, node = ox.NamedNode("urn:a"), ox.BlankNode("n1")
    literal = ox.Literal(str(ODD["value"]), language="en")
    c, p, d = (ox.NamedNode(f"urn:{name}") for name in "cpd")
    wanted = [ox.Triple(iri, iri, literal), ox.Triple(node, iri, node), ox.Triple(c, p, d)]
    assert make_triples(template, constants, result, 7) == wanted
    assert make_triples(template, constants, result, 6) is None
    assert make_triples(template, constants, table(), 6) == []


def test_a_result_that_is_not_read_is_left_to_the_reference() -> None:
    template = read_template("CONSTRUCT { ?s <urn:p> ?o } {}")
    assert template
    constants = template.read_constants(ox.Store(), "http://localhost/")
    nested = {"type": "triple", "value": {"subject": IRI, "predicate": IRI, "object": IRI}}
    for row in ({"s": IRI, "o": nested}, {"o": IRI, "s": IRI}, {"s": IRI, "p": IRI}):
        assert make_triples(template, constants, table({"s": IRI, "o": IRI}, row), 9) is None


@pytest.mark.parametrize("format", ["turtle", "ntriples", "rdfxml", "jsonld"])
@pytest.mark.parametrize("most", [1_000, 35])
def test_either_engine_writes_the_same_graph_and_cuts_and_marks_it_alike(
    settings: Settings, format: str, most: int
) -> None:
    query = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        CONSTRUCT { ?s skos:altLabel ?o ; a skos:Concept } { ?s skos:prefLabel ?o } ORDER BY ?s ?o LIMIT 30"""
    request = QueryRequest(query=query, base_iri="http://x/", formats={"graph": format})
    engine = find_format(format, "graph").engine
    assert isinstance(engine, ox.RdfFormat)
    answers, graphs = [], []
    for evaluator in ("auto", "oxigraph"):
        limits = replace(settings, max_rows=most, evaluator=evaluator)
        engines = Engines.open(current(settings.data), evaluator)
        with io.BytesIO() as overflow:
            answer, body = answer_query(engines, request, Cage(limits, overflow))
        marked = b"# truncated: rows" in body
        answers.append((answer.engine, answer.rows, answer.truncated, marked))
        graphs.append({quad.triple for quad in ox.parse(body, engine)})
    cut, has_comments = "rows" if most == 35 else "", format in ("turtle", "ntriples")
    same = (min(most, len(graphs[0])), cut, bool(cut) and has_comments)
    assert answers == [("sparq", *same), ("oxigraph", *same)]
    assert len(graphs[0]) == 35 if cut else graphs[0] == graphs[1]
    assert len(graphs[0]) > 30
