"""A sub-SELECT is answered first where its rows mean the same in its place, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import sparq

from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines
from kg.engine.request import QueryRequest
from kg.engine.subselect import answer_subselect, find_subselect
from kg.release.history import current
from kg.settings import Settings

P = "PREFIX : <urn:> "
GRAPH = b"""@prefix : <urn:> . :a :p :b , :c ; :q 3 ; :n "x" . :b :p :c ; :q 2 ; :n "y\\"z"@en . :c :q 1 , 4 ; :n "\\n" .
:d a :t ; :q 9 . :e a :t ; :p :e ; :n "" ; :q 2.50 ."""

ANSWERED = [
    "SELECT ?s ?n { { SELECT ?s { ?s :q ?q } ORDER BY DESC(?q) LIMIT 3 } ?s :n ?n }",
    "SELECT * { { SELECT ?s (COUNT(*) AS ?c) { ?s :p ?o } GROUP BY ?s ORDER BY ?s LIMIT 2 } ?s :n ?n }",
    "SELECT * { ?s :n ?n OPTIONAL { { SELECT ?s ?q { ?s :q ?q } ORDER BY ?q ?s LIMIT 2 } } }",
    "SELECT * { ?s :n ?n MINUS { SELECT ?s { ?s :p ?o } ORDER BY ?o ?s LIMIT 1 } }",
    "SELECT * { { ?s :p ?o } UNION { SELECT ?n { ?s :n ?n } ORDER BY ?n LIMIT 9 } }",
    "SELECT * { { SELECT ?s ?n { ?s :q ?q OPTIONAL { ?s :n ?n } } ORDER BY ?q LIMIT 9 } OPTIONAL { ?s :p ?o } }",
    "SELECT * { { SELECT ?s { ?s :none ?q } LIMIT 4 } ?s :n ?n }",
    "SELECT * { { SELECT ?n { ?s :n ?n } ORDER BY ?n LIMIT 9 # } \n } }",
    "ASK { { SELECT ?s { ?s :q ?q } ORDER BY ?q LIMIT 1 } ?s :p ?o }",
    "CONSTRUCT { ?s :made ?n } { { SELECT ?s { ?s :q ?q } ORDER BY ?q LIMIT 2 } ?s :n ?n }",
    "SELECT * { { SELECT ?s { ?s :q ?q } LIMIT 0 } ?s :n ?n }",
]
KEPT = [
    "SELECT * { { SELECT ?s { ?s :q ?q } } ?s :n ?n }",  # of any length
    "SELECT * { { SELECT ?s { ?s :q ?q } LIMIT 1001 } ?s :n ?n }",
    "SELECT * { { SELECT ?s { ?s :q ?q } LIMIT 1 } { SELECT ?n { ?s :n ?n } LIMIT 1 } }",
    "SELECT * { GRAPH ?g { { SELECT ?s { ?s :q ?q } LIMIT 1 } } }",
    "SELECT * FROM :g { { SELECT ?s { ?s :q ?q } LIMIT 1 } }",
    "SELECT * { ?s :n ?n FILTER EXISTS { SELECT ?s { ?s :q ?q } LIMIT 1 } }",
    "SELECT * { { SELECT ?s { ?s :q ?q } ORDER BY RAND() LIMIT 1 } ?s :n ?n }",
    "SELECT ?s { ?s :q ?q } LIMIT 1",
    "SELECT * { { SELECT ?s { ?s :q ?q } LIMIT 1",
    "SELECT",
    "",
]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Both engines over a small graph of odd values."""
    store, path = ox.Store(), tmp_path_factory.mktemp("fast") / "merged.nt"
    store.load(GRAPH, ox.RdfFormat.TURTLE)
    store.dump(path, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return Engines(store, sparq.Graph.load(path, "ntriples"))


def asked(query: str) -> QueryRequest:
    """The query as a worker gets it."""
    formats = {"table": "json", "boolean": "json", "graph": "ntriples"}
    return QueryRequest(query=query, base_iri="http://localhost/", formats=formats)


def rows_of(store: ox.Store, query: str) -> list[str] | bool:
    """The answer of the reference, sorted."""
    results = store.query(query)
    return bool(results) if isinstance(results, ox.QueryBoolean) else sorted(map(str, results))


@pytest.mark.parametrize("query", ANSWERED)
def test_its_rows_mean_the_same_in_its_place(engines: Engines, query: str) -> None:
    written = answer_subselect(engines, asked(P + query)).query
    assert "VALUES" in written and "LIMIT" not in written
    assert rows_of(engines.store, written) == rows_of(engines.store, P + query)


@pytest.mark.parametrize("query", KEPT)
def test_it_stays_where_it_could_mean_something_else(engines: Engines, query: str) -> None:
    assert answer_subselect(engines, asked(P + query)).query == P + query


def test_a_dataset_of_the_protocol_and_a_forced_engine_keep_it(engines: Engines) -> None:
    assert find_subselect(P + ANSWERED[0])
    request = QueryRequest(P + ANSWERED[0], "http://localhost/", {}, default_graphs=["urn:g"])
    assert answer_subselect(engines, request) is request
    forced = Engines(engines.store, engines.fast, forced=True)
    assert answer_subselect(forced, asked(P + ANSWERED[0])).query == P + ANSWERED[0]


@pytest.fixture
def cage(tmp_path: Path) -> Iterator[Cage]:
    with (tmp_path / "overflow").open("w+b") as overflow:
        yield Cage(Settings.from_environment({}), overflow)


@pytest.mark.parametrize("rest", ["?s :n", "BIND(1 AS ?s)", "?s :n ?n } LIMIT x #"])
def test_an_error_names_its_place_in_the_query_as_it_was_asked(
    engines: Engines, cage: Cage, rest: str
) -> None:
    query = f"{P}SELECT * {{ {{ SELECT ?s {{ ?s :q ?q }} LIMIT 3 }} {rest} }}"
    with pytest.raises(SyntaxError) as wanted:
        engines.store.query(query, base_iri="http://localhost/")
    answer, _ = answer_query(engines, asked(query), cage)
    assert (answer.error, answer.detail) == ("syntax", str(wanted.value.args[0]))


def test_it_is_equal_over_the_real_graph(settings: Settings, cage: Cage) -> None:
    engines = Engines.open(current(settings.data))
    query = """PREFIX kg: <https://w3id.org/industry-kg/ont#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        CONSTRUCT { ?firm skos:prefLabel ?name ; kg:hasTier ?tier } { { SELECT ?firm (COUNT(*) AS ?n)
        { ?firm kg:participatesIn ?segment } GROUP BY ?firm ORDER BY DESC(?n) ?firm LIMIT 50 }
        ?firm skos:prefLabel ?name OPTIONAL { ?firm kg:hasTier ?tier } }"""
    assert "VALUES" in answer_subselect(engines, asked(query)).query
    answer, body = answer_query(engines, asked(query), cage)
    triples = engines.store.query(query)
    assert isinstance(triples, ox.QueryTriples)
    wanted = sorted(f"{triple} ." for triple in triples)
    assert answer.rows == len(wanted) > 50 and sorted(body.decode().splitlines()) == wanted
