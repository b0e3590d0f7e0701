"""Our endpoint gives the answers that another evaluator gives; `make differential` compares more."""

import http.client
from pathlib import Path

import pyoxigraph as ox
import pytest

from differential import ask_endpoint, compare, merged, read_part, serve_part
from kg.settings import Settings
from query_generator import Vocabulary, generate_query

SEEDS = range(150)


@pytest.fixture(scope="module")
def quads(settings: Settings) -> list[ox.Quad]:
    return read_part(ox.Store.read_only(str(settings.data / "current" / "store")))


@pytest.mark.timeout(240)
def test_generated_queries_get_the_same_answers_from_another_evaluator(
    quads: list[ox.Quad], tmp_path: Path
) -> None:
    with serve_part(quads, tmp_path / "data") as address:
        outcome = compare(quads, address, SEEDS)
    assert not outcome.differing, "\n".join(outcome.differing)
    assert outcome.agreed >= 0.85 * len(SEEDS), outcome.summary()
    assert outcome.empty <= 0.4 * outcome.agreed, outcome.summary()


def test_a_triple_in_two_graphs_counts_once_in_the_default_graph(
    quads: list[ox.Quad], tmp_path: Path
) -> None:
    distinct = {quad.triple for quad in quads}
    assert len(quads) == len(distinct) + 50
    with serve_part(quads, tmp_path / "data") as address:
        connection = http.client.HTTPConnection(address, timeout=60)
        answer = ask_endpoint(connection, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        connection.close()
    (row,) = answer
    assert dict(row)["n"][1] == str(len(distinct))


def test_the_same_seed_gives_the_same_query_and_every_query_parses(quads: list[ox.Quad]) -> None:
    vocabulary, again = Vocabulary(quads), Vocabulary(reversed(quads))
    store, features = ox.Store(), set()
    for seed in range(1500):
        query = generate_query(vocabulary, seed)
        assert query == generate_query(again, seed)
        store.query(query.text)  # raises where it does not parse
        features |= query.features
    assert features >= {
        "aggregate", "ask", "bind", "construct", "distinct", "exists", "filter", "graph", "having",
        "limit", "minus", "offset", "optional", "order", "path", "path+", "path*", "path?", "path|",
        "path/", "path^/", "path!", "path!^", "path()/", "subselect", "union", "values",
    }  # fmt: skip
    assert len(merged(quads)) == 2 * len(quads) - 50
