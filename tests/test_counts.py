"""A count of a variable is answered as a count of solutions where that is the same, and nowhere else."""

import pyoxigraph as ox
import pytest

from kg.engine.counts import as_count_all
from kg.store.embedded import EmbeddedStore

STORE = ox.Store()
STORE.load(
    b"""@prefix : <urn:> . :a :p :b , :c ; :q "1" . :b :p :c . :c :q "1" , 1 , 01 . :d a :t . :e a :t ; :p :e .""",
    ox.RdfFormat.TURTLE,
)

REWRITTEN = [
    ("SELECT (COUNT(?s) AS ?n) { ?s a :t }", 1),
    ("SELECT (count ( $s ) AS ?n) WHERE { ?s :p ?o . OPTIONAL { ?o :q ?z } }", 1),
    ("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a :t . }", 1),
    ("SELECT (COUNT(DISTINCT ?o) AS ?n) { :a :p ?o }", 1),
    ("SELECT ?s (COUNT(?o) AS ?n) (COUNT(?s) AS ?m) { ?s :p ?o } GROUP BY ?s HAVING(COUNT(?o) > 1)", 3),
    ("SELECT (COUNT(?s) AS ?n) { ?s :p ?o MINUS { ?o :p ?z } FILTER(?o != :b) }", 1),
    ("SELECT (COUNT(?s) AS ?n) (COUNT(?z) AS ?m) { ?s :p ?o OPTIONAL { ?o :q ?z } }", 1),
    ("SELECT (COUNT(DISTINCT ?s) AS ?m) (COUNT(?o) AS ?n) { ?s :p+ ?o }", 1),
    ("SELECT (COUNT(?o) AS ?n) (COUNT(?v) AS ?m) { :a :p|:q ?o BIND(?o AS ?v) }", 1),
]  # fmt: skip
KEPT = [
    "SELECT (COUNT(?z) AS ?n) { ?s :p ?o OPTIONAL { ?o :q ?z } }",
    "SELECT (COUNT(?s) AS ?n) { { ?s :p ?o } UNION { ?o :q ?z } }",
    "SELECT (COUNT(?v) AS ?n) { ?s :p ?o BIND(?o + 1 AS ?v) }",
    "SELECT (COUNT(?v) AS ?n) { VALUES ?v { UNDEF 1 } }",
    "SELECT (COUNT(?v) AS ?n) { ?s :p ?o VALUES ?v { UNDEF 1 } }",
    "SELECT (COUNT(?z) AS ?n) { SELECT ?z { ?s :p ?o OPTIONAL { ?o :q ?z } } }",
    "SELECT (COUNT(?z) AS ?n) { ?s :p ?o { SELECT ?z { OPTIONAL { ?o :q ?z } } } }",
    "SELECT (COUNT(?x) AS ?n) { ?s :p ?o FILTER(?x = 1) }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s :p ?o }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a :t . ?s a :t }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s :p+ :c }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s :p ?s }",
    "SELECT (COUNT(?s + 1) AS ?n) { ?s :q ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s a :t }",
    "SELECT ?count { ?s a :t } # COUNT(?s)",
    "SELECT (COUNT(?s",
    "COUNT(?s)",
    "",
]


def rows_of(query: str) -> list[str]:
    """The rows of the engine, sorted."""
    results = STORE.query("PREFIX : <urn:> " + query)
    assert isinstance(results, ox.QuerySolutions)
    return sorted(str(list(row)) for row in results)


@pytest.mark.parametrize(("query", "changed"), REWRITTEN)
def test_it_is_written_as_a_count_of_solutions_and_means_the_same(query: str, changed: int) -> None:
    written = as_count_all(query)
    assert written.count("*") == changed
    assert rows_of(written) == rows_of(query)


@pytest.mark.parametrize("query", KEPT)
def test_it_is_kept_where_it_could_mean_something_else(query: str) -> None:
    assert as_count_all(query) == query


def test_both_mean_the_same_for_every_class_and_property_of_the_graph(store: EmbeddedStore) -> None:
    classes = store.rows("SELECT DISTINCT ?c { ?s a ?c }")
    properties = store.rows("SELECT DISTINCT ?p { ?s ?p ?o }")
    patterns = [f"?s a <{row['c'].value}>" for row in classes]  # type: ignore[union-attr]
    patterns += [f"?s <{row['p'].value}> ?o" for row in properties]  # type: ignore[union-attr]
    assert len(patterns) > 100
    for pattern in patterns:
        query = f"SELECT (COUNT(?s) AS ?n) {{ {pattern} }}"
        written = as_count_all(query)
        assert written != query
        assert store.rows(written) == store.rows(query)
