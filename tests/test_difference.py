"""A count of what nothing leads to is a difference of two counts where that is the same, and nowhere else."""

import io
from dataclasses import replace

import pyoxigraph as ox
import pytest
import sparq

from kg.engine.difference import answer_difference, find_difference
from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines
from kg.engine.request import QueryRequest
from kg.settings import Settings

P = "PREFIX : <urn:> "
GRAPH = b"""@prefix : <urn:> . :a a :t , :u ; :p :b , :c ; :q :c . :b a :t ; :p :b . :c a :t ; :r :a , :x . :d a :t ; :p :c .
:e :k :t ; :q :a , :a , :b ."""

COUNTED = {
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } }": 2,  # a, d
    "SELECT (COUNT(?s) AS ?n) WHERE { ?s a :t . FILTER NOT EXISTS { ?x :q ?s . } . }": 1,  # d
    "SELECT (COUNT(?s) AS ?n) { ?s a :t FILTER NOT EXISTS { ?s :p ?x } }": 1,  # c
    "select (count(*) as ?n) { ?s a <urn:t> filter not exists { ?s :p :c } }": 2,  # b, c
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { :a :p ?s } }": 2,  # a, d
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?n :none ?s } } # all": 4,
}
ASKED = [
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :r ?s } }",  # :x is no :t
    "SELECT (COUNT(*) AS ?n) { ?s a :u FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s :k :t FILTER NOT EXISTS { ?s :p ?x } }",
]
OTHERS = [
    "SELECT (COUNT(?x) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?s) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?s :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?y } }",
    "SELECT (COUNT(*) AS ?n) { ?s a ?t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x ?p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { _:x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t ; :p :b FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p/:q ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } } GROUP BY ?s",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } } LIMIT 0",
    "SELECT (COUNT(*) AS ?n) FROM :g { ?s a :t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s }",
    "SELECT (COUNT(*) AS ?n) { ?s . a :t FILTER NOT EXISTS { ?x :p ?s } }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t FILTER NOT EXISTS { ?x :p ?s } } WHERE",
    "EXISTS",
]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Both engines over a small graph."""
    store, path = ox.Store(), tmp_path_factory.mktemp("fast") / "merged.nt"
    store.load(GRAPH, ox.RdfFormat.TURTLE)
    store.dump(path, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return Engines(store, sparq.Graph.load(path, "ntriples"))


def request(query: str) -> QueryRequest:
    """The query as a worker gets it."""
    return QueryRequest(P + query, "http://localhost/", {})


def number(store: ox.Store, query: str) -> str:
    """The answer of the reference with its column."""
    results = store.query(query)
    assert isinstance(results, ox.QuerySolutions)
    (row,) = results
    return f"{results.variables} {row}"


@pytest.mark.parametrize("query", COUNTED)
def test_it_is_the_difference_of_two_counts(engines: Engines, query: str) -> None:
    counted = answer_difference(engines, request(query)).query
    assert counted == f"{P}SELECT ({COUNTED[query]} AS ?n) {{}}"
    assert number(engines.store, counted) == number(engines.store, P + query)


@pytest.mark.parametrize("query", ASKED)
def test_it_is_asked_where_something_leads_to_what_is_not_counted(
    engines: Engines, query: str
) -> None:
    assert find_difference(P + query)
    assert answer_difference(engines, request(query)) == request(query)


@pytest.mark.parametrize("query", OTHERS)
def test_every_other_query_stays_as_it_is(engines: Engines, query: str) -> None:
    assert find_difference(P + query) is None


@pytest.mark.parametrize("query", [*COUNTED, *ASKED])
def test_a_worker_gives_the_number_of_the_reference(engines: Engines, query: str) -> None:
    bodies = []
    for asked in (engines, Engines(engines.store)):
        with io.BytesIO() as overflow:
            cage = Cage(Settings.from_environment({}), overflow)
            answer, body = answer_query(
                asked, replace(request(query), formats={"table": "json"}), cage
            )
        assert not answer.error
        bodies.append(body)
    assert bodies[0] == bodies[1]
