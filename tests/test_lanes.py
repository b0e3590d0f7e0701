"""The fast engine answers as the reference does, wherever it may answer."""

import io
import random
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import sparq

from generated_queries import Vocabulary, constructs, queries
from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines, choose, construct_fast, query_fast
from kg.engine.lanes import FastQuery, fast_query, why_reference
from kg.engine.request import QueryRequest
from kg.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from generate import write  # not a package

SUITE = Path(__file__).parent.parent.parent / "shared" / "w3c" / "sparql.tar.gz"
ODD = """
@prefix : <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :p 1, 1.0, 1e0, "1", "1"@en, true, "x"^^:t ; :q :b, :c ; :r "2020-01-02"^^xsd:date, "2020-01-02T03:04:05Z"^^xsd:dateTime .
:b :p 10, 2.50, "a\\"},{\\"b", "", "\\n" ; :q :a, :b ; :r "2021-05-06"^^xsd:date, "中文"@zh-Hans, "Zß" .
:c :s :b ; :p -3, 0.1, 1e400, "NaN"^^xsd:double ; :q :d ; :r "n"^^xsd:integer, "P1D"^^xsd:duration .
:d :q :a ; :s :b , :a ; :r "b"@en-GB, "b" ; :p 100 .
"""


def open_engines(triples: bytes, folder: Path, format: ox.RdfFormat) -> Engines:
    """Both engines over the same triples."""
    store = ox.Store()
    store.bulk_load(triples, format)
    path = folder / "merged.nt"
    store.dump(path, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    return Engines(store, sparq.Graph.load(path, "ntriples"))


def rows_of(results: object) -> Counter[tuple[str, ...]] | bool:
    """A result as a multiset of rows."""
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    assert isinstance(results, ox.QuerySolutions)
    names = results.variables
    return Counter(tuple(str(row[name]) for name in names) for row in results)


def take(engines: Engines, query: str) -> FastQuery | None:
    """The query for the fast engine, as a worker asks it."""
    return choose(engines, QueryRequest(query, "http://x/", formats={}), 1_000_000)


def compare(engines: Engines, query: str) -> str:
    """What differs; empty where nothing does. The fast engine has to take the query."""
    taken = take(engines, query)
    assert taken, why_reference(query)
    text = query_fast(engines, taken)
    if text is None:
        return ""  # refused, so the reference answers
    if taken.template:
        return compare_graphs(engines, query, construct_fast(engines, taken, text, "http://x/"))
    fast = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    reference = engines.store.query(query)
    assert isinstance(reference, ox.QuerySolutions | ox.QueryBoolean)
    if isinstance(fast, ox.QuerySolutions) and isinstance(reference, ox.QuerySolutions):
        names = [name.value for name in reference.variables]
        if names != [name.value for name in fast.variables]:
            return f"{query}\n  columns {names}"
    one, two = rows_of(fast), rows_of(reference)
    if one == two:
        return ""
    if isinstance(one, bool) or isinstance(two, bool):
        return f"{query}\n  fast {one}, reference {two}"
    return f"{query}\n  fast alone {list((one - two).items())[:2]}\n  reference alone {list((two - one).items())[:2]}"


def compare_graphs(engines: Engines, query: str, triples: Iterable[ox.Triple] | None) -> str:
    """What differs but for the labels of blank nodes; empty where nothing does."""
    assert triples is not None, query
    made, wanted = list(triples), engines.store.query(query, base_iri="http://x/")
    assert isinstance(wanted, ox.QueryTriples)
    found = [
        ox.Dataset(ox.Quad(*triple) for triple in graph)
        for graph in (made, list(dict.fromkeys(wanted)))
    ]
    for graph in found:
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    if found[0] == found[1] and len(made) == len(found[0]):
        return ""
    one, two = set(found[0]), set(found[1])
    return f"{query}\n  {len(made)} triples, fast alone {list(one - two)[:2]}\n  reference alone {list(two - one)[:2]}"


def check(
    engines: Engines,
    seed: int,
    count: int,
    *,
    mixed: bool = False,
    generate: Callable[[Vocabulary, int, int], Iterable[str]] = queries,
) -> int:
    """Compares the answers of generated queries; how many the fast engine may answer.

    `mixed` says that a predicate has values of many types, whose order is left open: see `dialect.FREE`.
    """
    vocabulary = Vocabulary.of(engines.store, random.Random(seed), 3_000)
    taken = [query for query in generate(vocabulary, seed, count) if take(engines, query)]
    if mixed:
        taken = [query for query in taken if not re.search(r"ORDER BY .* LIMIT \d+$", query)]
    found = [said for query in taken if (said := compare(engines, query))]
    assert not found, f"{len(found)} of {len(taken)} differ:\n" + "\n".join(found[:20])
    return len(taken)


def test_generated_queries_get_the_same_answers_over_a_generated_graph(tmp_path: Path) -> None:
    lines = io.BytesIO()
    write(lines, 60, seed=7)
    engines = open_engines(lines.getvalue(), tmp_path, ox.RdfFormat.N_TRIPLES)
    assert check(engines, 1, 3_500) >= 1_300
    assert check(engines, 4, 800, generate=constructs) >= 450


def test_generated_queries_get_the_same_answers_over_odd_terms(tmp_path: Path) -> None:
    engines = open_engines(ODD.encode(), tmp_path, ox.RdfFormat.TURTLE)
    assert check(engines, 2, 3_500, mixed=True) >= 1_200
    assert check(engines, 5, 800, generate=constructs) >= 450


@pytest.mark.parametrize("path", ["!:p", "!a", "!^:p", "!:p/:q", "(!:p)+"])
def test_a_negated_property_stays_with_the_reference(tmp_path: Path, path: str) -> None:
    """`!p` gives a solution for each triple; the fast engine gives one for each pair of things."""
    query = f"PREFIX : <http://example.org/> SELECT * {{ ?s {path} ?o }}"
    assert "a negated property" in why_reference(query)
    assert not why_reference(query.replace(path, ":p FILTER(!BOUND(?s)) ?s :q"))
    engines = open_engines(ODD.encode(), tmp_path, ox.RdfFormat.TURTLE)
    assert engines.fast is not None
    both = "PREFIX : <http://example.org/> SELECT ?o { :d !:p ?o FILTER(?o = :a) }"
    assert len(list(engines.store.query(both))) == 2  # type: ignore[arg-type]  # by :q and by :s
    assert engines.fast.query_json(both).count('"uri"') == 1


def test_generated_queries_get_the_same_answers_over_the_real_graph(
    settings: Settings, tmp_path: Path
) -> None:
    """Over the articles' statements and what they name, which fills every shape quickly."""
    release = Engines.open((settings.data / "current").resolve())
    assert release.fast is not None
    held = release.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    assert len(release.fast) == sum(1 for _ in held)
    triples = release.store.query(
        "CONSTRUCT { ?s ?p ?o . ?o ?q ?v } { ?s <https://w3id.org/industry-kg/ont#factId> ?f ; ?p ?o OPTIONAL { ?o ?q ?v } }"
    )
    assert isinstance(triples, ox.QueryTriples)
    text = triples.serialize(format=ox.RdfFormat.N_TRIPLES)
    engines = open_engines(text or b"", tmp_path, ox.RdfFormat.N_TRIPLES)
    assert check(engines, 3, 2_500) >= 800
    assert check(engines, 6, 600, generate=constructs) >= 300


def _w3c_tests() -> Iterator[tuple[str, bytes, str]]:
    """Name, data as N-Triples and query of every evaluation test over one default graph."""
    with tarfile.open(SUITE) as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive if m.isfile()}  # type: ignore[union-attr]
    for path in sorted(files):
        if not path.endswith("manifest.ttl"):
            continue
        base = f"http://w3c.example/{path}"
        store = ox.Store()
        store.load(files[path], ox.RdfFormat.TURTLE, base_iri=base)
        found = store.query(
            """PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
            PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
            SELECT ?test ?query ?data { ?test a mf:QueryEvaluationTest ; mf:action ?action . ?action qt:query ?query
            OPTIONAL { ?action qt:data ?data } FILTER NOT EXISTS { ?action qt:graphData ?g } } ORDER BY ?test"""
        )
        assert isinstance(found, ox.QuerySolutions)
        for row in found:
            query, data = (row[name].value.removeprefix("http://w3c.example/") if row[name] else "" for name in ("query", "data"))  # type: ignore[union-attr]  # fmt: skip
            syntax = ox.RdfFormat.RDF_XML if data.endswith(".rdf") else ox.RdfFormat.TURTLE
            graph = ox.Store()
            if data.endswith((".ttl", ".rdf")):
                graph.load(files[data], syntax, base_iri=f"http://w3c.example/{data}")
            triples = graph.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
            yield row["test"].value, triples or b"", files[query].decode()  # type: ignore[union-attr]


def test_the_w3c_evaluation_tests_get_the_same_answers(tmp_path: Path) -> None:
    if not SUITE.is_file():
        pytest.skip(f"the W3C suite is not there: {SUITE}")
    seen, constructed, found = 0, 0, []
    for name, triples, query in _w3c_tests():
        engines = open_engines(triples, tmp_path, ox.RdfFormat.N_TRIPLES)
        if take(engines, query):
            seen += 1
            constructed += "CONSTRUCT" in query.upper()
            said = compare(engines, query)
            found += [f"{name}: {said}"] * bool(said)
    assert not found, "\n".join(found)
    assert seen >= 60 and constructed >= 1


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_either_engine_is_named_and_its_result_cut_and_marked_alike(
    settings: Settings, format: str
) -> None:
    query = "SELECT ?s ?o { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"
    request = QueryRequest(query=query, base_iri="http://x/", formats={"table": format})
    answers, bodies = [], []
    for evaluator in ("auto", "oxigraph"):
        limits = replace(settings, max_rows=7, evaluator=evaluator)
        engines = Engines.open((settings.data / "current").resolve(), evaluator)
        with io.BytesIO() as overflow:
            answer, body = answer_query(engines, request, Cage(limits, overflow))
        answers.append((answer.engine, answer.rows, answer.truncated, answer.format))
        bodies.append(body)
    assert answers == [("sparq", 7, "rows", format), ("oxigraph", 7, "rows", format)]
    marks = [body.partition(b'"bindings"' if format == "json" else b"<results>")[0] for body in bodies]  # fmt: skip
    assert marks[0] == marks[1] or format in ("csv", "tsv")
    assert [body.count(b"\n") for body in bodies] == [8 if format in ("csv", "tsv") else 0] * 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 1.50 }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f }",
        "SELECT (AVG(?o) AS ?n) { ?s ?p ?o }",
        "SELECT ?o { <urn:x> <urn:p>* ?o }",
        "SELECT * { ?s ?p ?o FILTER(1<2)GRAPH ?v { ?a ?b ?c } #>\n}",
        "SELECT * { GRAPHx:g { ?s ?p ?o } }",
        "SELECT ?x { ?x <urn:p> ?y } VALUES ?y { 1 }",
        "SELECT * {" + "{" * 60 + "?s ?p ?o" + "}" * 60 + "}",
    ],
)
def test_what_the_fast_engine_may_not_answer_stays_with_the_reference(query: str) -> None:
    assert why_reference(query)
    assert fast_query(query, 10) is None


DIFFERENT = """
@prefix : <http://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :q :b, :c ; :i 1 ; :m "x", 1, "a"@en ; :v "1.5"^^xsd:float ; :h 1 . :b :q :a ; :v 0.5e0 ; :f false, true ;
  :n "NaN"^^xsd:double ; :d "P1M"^^xsd:duration, "P30D"^^xsd:duration ; :w "0.5"^^xsd:double .
"""
ODD_QUERIES = [
    # variables that a filter sees, blank nodes, and signs of a name that Python takes for none
    "SELECT * { ?x :q ?y OPTIONAL { ?y :q ?z FILTER NOT EXISTS { ?z :q ?x } } }",
    "SELECT (COUNT(*) AS ?n) { ?x :i ?y { ?x :q ?z FILTER NOT EXISTS { ?y :q ?x } } }",
    "CONSTRUCT { ?x :r ?z } { ?x :i ?y OPTIONAL { ?x :q ?z FILTER NOT EXISTS { ?y :q ?x } } }",
    "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x :q _:b }",
    "SELECT (COUNT(DISTINCT ?o) AS ?n) { _:b :q ?o }",
    "SELECT (COUNT(?a) AS ?n) { ?x :q ?a\u00b7 OPTIONAL { ?x :zz ?a } }",
    "SELECT (COUNT(?a) AS ?n) { ?x :q ?a\u203f OPTIONAL { ?x :zz ?a } }",
    "SELECT (COUNT(?a) AS ?n) { ?x :q ?a\u0301 OPTIONAL { ?x :zz ?a } }",
    # aggregates
    "SELECT (SUM(?o) AS ?n) { ?x :q ?y OPTIONAL { ?x :i ?o } }",
    "SELECT ?x (SUM(?o) AS ?n) { ?x :q ?y OPTIONAL { ?x :i ?o } } GROUP BY ?x",
    "SELECT ?x { ?x :q ?y OPTIONAL { ?x :i ?o } } GROUP BY ?x HAVING(SUM(?o) >= 0)",
    "SELECT (SUM(?o) AS ?n) { VALUES ?o { 1 UNDEF } }",
    "SELECT (SUM(?none) AS ?n) { ?x :q ?y }",
    "SELECT (COUNT(STRLEN(?o)) AS ?n) { ?x :m ?o }",
    "SELECT (COUNT(DISTINCT STR(?o) = 1) AS ?n) { ?x :m ?o }",
    "SELECT (SUM(?o) AS ?n) { :a :v ?o }",
    "SELECT (STR(SUM(?o)) AS ?n) { :b :v ?o }",
    "SELECT (STRLEN(STR(SUM(?o))) AS ?n) { :b :v ?o }",
    'SELECT ?s { ?s :w ?o } GROUP BY ?s HAVING (STR(SUM(?o)) = "0.5")',
    'ASK { { SELECT (SUM(?o) AS ?n) { ?s :w ?o } } FILTER(STR(?n) = "0.5") }',
    'SELECT ?s (SUM(?o) AS ?n) { ?s :w ?o } GROUP BY ?s HAVING (STR(?n) = "0.5")',
    # comparisons whose value is used
    "SELECT ?o (?o IN (1) AS ?b) { ?x :m ?o }",
    "SELECT ?o ?b { ?x :m ?o BIND(?o IN (1) AS ?b) }",
    "SELECT (COUNT(*) AS ?n) { ?x :m ?o } GROUP BY (?o = 1)",
    "SELECT ?x { ?x :m ?o } GROUP BY ?x HAVING (COUNT(?o = 1) = 3)",
    "SELECT ?o { ?x :m ?o FILTER((?o = 1) = false) }",
    'SELECT ?o { ?x :m ?o FILTER(STR(?o = 1) = "false") }',
    "SELECT ?o { ?x :m ?o FILTER(isLiteral(?o IN (1))) }",
    "SELECT ?o { ?x :m ?o FILTER(DATATYPE(?o = 1) = <http://www.w3.org/2001/XMLSchema#boolean>) }",
    "SELECT ?o { ?x :m ?o FILTER(sameTerm(?o = 1, false)) }",
    "SELECT ?o { ?x :n|:m ?o FILTER(isLiteral(?o < 1)) }",
    "SELECT ?o { ?x :m ?o } ORDER BY (?o < 1) ?o LIMIT 5",
    # conditions that are none
    "SELECT ?o { ?x :m ?o FILTER((?o)) }",
    'SELECT ?o { ?x :m ?o FILTER(?o = "x" || (?o)) }',
    "SELECT ?o { ?x :m ?o FILTER(UCASE(?o)) }",
    "SELECT ?o { ?x :m ?o FILTER UCASE(?o) }",
    "SELECT ?o { ?x :m ?o FILTER(CONCAT(?o) && true) }",
    'SELECT ?o { ?x :m ?o FILTER("a"@en) }',
    # paths, orders, arguments
    "SELECT * { :nowhere a* ?y }",
    "ASK { :nowhere a* :nowhere }",
    "SELECT * { ?y ^a* :nowhere }",
    "SELECT * { ?s :q ?x FILTER(?x <= ?x) }",
    "SELECT * { ?s :q ?x FILTER(:c <= ?x) }",
    "SELECT * { :b :f ?y, ?z FILTER(?y < ?z) }",
    "SELECT * { :b :f ?y FILTER(?y < true) }",
    "SELECT * { :b :d ?y, ?z FILTER(?y < ?z) }",
    'SELECT ?o { ?x :m ?o FILTER REGEX("x", "x"@en) }',
    'SELECT ?o { ?x :m ?o FILTER REGEX("a", "A", "i"@en) }',
    'SELECT ?o { ?x :m ?o FILTER LANGMATCHES(?o, "*") }',
    'SELECT ?o (LANGMATCHES(?o, "*") AS ?b) { ?x :m ?o }',
    # what the reference refuses
    "SELECT ?s { ?s ?p ?o } LIMIT ?x",
    'SELECT ?s { ?s ?p ?o } LIMIT "5"',
    "SELECT ?s { ?s ?p ?o } LIMIT :a",
    "SELECT ?s { ?s ?p ?o } LIMIT 18446744073709551616",
    "SELECT ?s { ?s ?p ?o } OFFSET 18446744073709551616",
    "SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT " + "0" * 4_400 + "1 } }",
    "SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 18446744073709551616 } }",
    "CONSTRUCT {\u00a0?s :r ?o } { ?s :q ?o }",
    "CONSTRUCT {\f?s :r ?o } { ?s :q ?o }",
    "SELECT\u2003?s { ?s :q ?o }",
    "SELECT * { ?y :q _:b { SELECT ?x { ?x :q _:b } LIMIT 10 } }",
    "SELECT ?s { ?s :q TRUE }",
    "SELECT ?s { ?s A ?o }",
    "SELECT (COUNT(*) AS ?n) (?n AS ?m) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) (STR(?n) AS ?m) { ?s ?p ?o }",
]


@pytest.mark.parametrize("query", ODD_QUERIES, ids=range(len(ODD_QUERIES)))
def test_what_a_lane_could_mistake_is_answered_as_by_the_reference(
    settings: Settings, tmp_path: Path, query: str
) -> None:
    """Each was answered otherwise once, or is a neighbour of one that was."""
    engines = open_engines(DIFFERENT.encode(), tmp_path, ox.RdfFormat.TURTLE)
    formats = {"table": "json", "boolean": "json", "graph": "ntriples"}
    request = QueryRequest("PREFIX : <http://example.org/> " + query, "http://x/", formats=formats)
    answers = []
    for each in (engines, replace(engines, fast=None)):
        with io.BytesIO() as overflow:
            answer, body = answer_query(each, request, Cage(settings, overflow))
        found = ox.parse_query_results(body, ox.QueryResultsFormat.JSON) if body and answer.kind != "graph" else body  # fmt: skip
        said = Counter(body.splitlines()) if isinstance(found, bytes) else rows_of(found)
        answers.append((answer.error, answer.detail, answer.kind, said))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s :v ?o FILTER(?o > 1 && (?o < 5 || ?o = 7)) }",
        'SELECT ?s { ?s :m ?o FILTER(CONTAINS(LCASE(?o), "x") || !BOUND(?o)) FILTER REGEX(?o, "x", "i") }',
        'SELECT ?s { ?s :m ?o FILTER(LANG(?o) = "en" && LANGMATCHES(LANG(?o), "e") && ?o IN ("a", "b")) }',
        "SELECT ?s (COUNT(?o) AS ?n) { ?s :m ?o } GROUP BY ?s HAVING(COUNT(?o) > 1) (COUNT(*) >= 2) ORDER BY ?n",
        "SELECT ?s (SUM(?o) AS ?n) (COUNT(DISTINCT ?o) AS ?m) { ?s :i ?o } GROUP BY ?s ORDER BY DESC(?n)",
        "SELECT ?s ?t { ?s :q ?t ; :i ?o . ?t :i ?p FILTER(STR(?o) <= STR(?p) && ?o = ?p) }",
        "SELECT (STR(?o) AS ?t) { ?s :q ?o FILTER(true) FILTER(((isIRI(?o)))) }",
    ],
)
def test_usual_conditions_and_aggregates_are_for_the_fast_engine(query: str) -> None:
    assert why_reference("PREFIX : <http://example.org/> " + query) == ""


def test_a_query_for_the_fast_engine_ends_with_a_limit() -> None:
    for query, text in (
        ("SELECT ?s { ?s ?p ?o } # all", "SELECT ?s { ?s ?p ?o } # all\nLIMIT 11"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 99 OFFSET 2", "SELECT ?s { ?s ?p ?o } LIMIT 11 OFFSET 2"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 5", "SELECT ?s { ?s ?p ?o } LIMIT 5"),
    ):
        taken = fast_query(query, 10)
        assert taken and taken.text == text and taken.max_rows == 10
