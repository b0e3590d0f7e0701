"""NOT EXISTS is answered as MINUS where that is the same, and nowhere else."""

import io

import pyoxigraph as ox
import pytest

from kg.engine.antijoin import as_minus
from kg.store.embedded import EmbeddedStore

STORE = ox.Store()
STORE.load(
    io.BytesIO(
        b"""@prefix : <urn:> . :a :p :b , :c ; :q "1" . :b :p :c . :c :q "1" , 1 , 01 . :d a :t . :e a :t ; :p :e ."""
    ),
    ox.RdfFormat.TURTLE,
)

REWRITTEN = [
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p ?z } }",
    "SELECT * { ?s :p ?o . FILTER NOT EXISTS { ?s :q ?o } }",
    "SELECT (COUNT(?s) AS ?n) WHERE { ?s a :t FILTER not exists { ?s :p ?s } }",
    "SELECT * { ?s ?p ?o . ?o ?x ?y FILTER NOT EXISTS { ?y :q ?z ; :p ?s . } } ORDER BY ?s LIMIT 9",
    'SELECT * { ?s :q ?o FILTER NOT EXISTS { ?s :q "1"@en } }',
    "ASK { ?s :p ?o FILTER NOT EXISTS { ?o :p ?z . ?z :q 1 } }",
]
KEPT = [
    "SELECT * { ?s :p ?o FILTER EXISTS { ?o :p ?z } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?x :p ?z } }",  # no variable in common
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { :a :p :b } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p ?z } ?o :q ?y }",  # binds more behind it
    "SELECT * { OPTIONAL { ?s :p ?o } FILTER NOT EXISTS { ?s :q ?z } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p ?z FILTER(?z = ?s) } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { { ?o :p ?z } UNION { ?o :q ?z } } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p ?z } FILTER NOT EXISTS { ?o :q ?z } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p [] } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { ?o :p/:q ?z } }",
    "SELECT * { ?s :p _:o FILTER NOT EXISTS { _:o :p ?s } }",
    "SELECT * { ?s :p ?o FILTER(NOT EXISTS { ?o :p ?z }) }",
    "SELECT * { ?s :p ?o FILTER(?s != ?o) FILTER NOT EXISTS { ?o :p ?z } }",
    "SELECT * { VALUES ?s { UNDEF } FILTER NOT EXISTS { ?s :p ?z } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS",
    "EXISTS",
    "",
]


def rows_of(query: str) -> list[str] | bool:
    """The answer of the engine, sorted."""
    results = STORE.query("PREFIX : <urn:> " + query)
    return bool(results) if isinstance(results, ox.QueryBoolean) else sorted(map(str, results))


@pytest.mark.parametrize("query", REWRITTEN)
def test_it_is_written_as_minus_and_means_the_same(query: str) -> None:
    written = as_minus(query)
    assert "MINUS" in written and "EXISTS" not in written.upper()
    assert rows_of(written) == rows_of(query)


@pytest.mark.parametrize("query", KEPT)
def test_it_is_kept_where_it_could_mean_something_else(query: str) -> None:
    assert as_minus(query) == query


def test_both_mean_the_same_for_every_pair_of_properties_of_the_graph(store: EmbeddedStore) -> None:
    used = store.rows("SELECT ?p { ?s ?p ?o } GROUP BY ?p HAVING(COUNT(*) < 300) ORDER BY ?p")
    properties = [f"<{row['p'].value}>" for row in used][:24]  # type: ignore[union-attr]
    for one in properties:
        for other in properties[::3]:
            query = f"SELECT ?s ?o {{ ?s {one} ?o FILTER NOT EXISTS {{ ?o {other} ?s }} }}"
            written = as_minus(query)
            assert written != query
            assert sorted(map(str, store.rows(written))) == sorted(map(str, store.rows(query)))
