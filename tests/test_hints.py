"""A query without a row is told which of its names nothing uses."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.engine.limits import read_shape
from kg.engine.patterns import read_required
from kg.queries import find_queries
from kg.store.embedded import EmbeddedStore
from kg.web.hints import explain_unmatched, explain_unused
from kg.words import LANGUAGES, words

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
KG = "PREFIX kg: <https://w3id.org/industry-kg/ont#> PREFIX ch: <https://w3id.org/industry-kg/id/chain/> "


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        (
            "SELECT * { ?s kg:partOfChian ch:humanoid }",
            ["kg:partOfChian: nothing recorded uses this name; did you mean kg:partOfChain?"],
        ),
        (
            "SELECT * { ?s a kg:IndustryChains }",
            ["kg:IndustryChains: nothing recorded uses this name; did you mean kg:IndustryChain?"],
        ),
        ("SELECT * { ?s kg:partOfChain ch:nope }", ["ch:nope: nothing recorded uses this name."]),
        ("SELECT * { ?s <http://x/y> ?o }", ["http://x/y: nothing recorded uses this name."]),
        ("SELECT * { ?s kg:partOfChain ch:humanoid . FILTER(false) }", []),
        ("# kg:nope\nSELECT * { ?s ?p 'kg:nope' }", []),
        ("SELECT * { ?s <relative> ?o , xx:y }", []),
        ("BASE <http://nope/> SELECT * {}", []),
        ("SELECT * { ?s kg:partOfChain ch:humanoid. ?s kg:partOfChain ch:humanoid.}", []),
    ],
)
def test_a_name_that_nothing_uses_is_named_with_the_nearest_one(
    store: EmbeddedStore, query: str, sentences: list[str]
) -> None:
    assert list(explain_unused(KG + query, store)) == sentences


@pytest.mark.parametrize(
    ("pattern", "alone"),
    [
        ("?s kg:partOfChain ?c . ?s skos:prefLabel 'Humanoid'@fr", ["?s skos:prefLabel 'Humanoid'@fr"]),
        ("ch:humanoid kg:partOfChain ?c ; a ?kind", ["ch:humanoid kg:partOfChain ?c"]),
        ("?s kg:factId 1, 2 . ?s a ?kind", ["?s kg:factId 1", "?s kg:factId 2"]),
        ("?s a ?kind . { ?s kg:factId true } OPTIONAL { ?s kg:factId 4 }", ["?s kg:factId true"]),
        ("{ ?s kg:factId 1 } UNION { ?s kg:factId 2 } MINUS { ?s kg:factId 3 }", []),
        ("?s a ?kind FILTER NOT EXISTS { ?s kg:factId 1 } FILTER(?kind = 1) { SELECT ?s { ?s kg:factId 5 } }", []),
        ("?s kg:partOfChian ?c ; skos:prefLabel ?s ; kg:factId/kg:factId 1 ; kg:factId [ a 1 ], _:b", []),
        ("ch:humanoid skos:prefLabel ?x . ?x kg:partOfChain ?c", []),  # each of them has a match
    ],
)  # fmt: skip
def test_a_pattern_is_named_that_matches_nothing_by_itself(
    store: EmbeddedStore, pattern: str, alone: list[str]
) -> None:
    query = f"{KG} PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT * {{ {pattern} }}"
    tail = ": nothing recorded matches this pattern, even by itself."
    assert list(explain_unmatched(query, store)) == [text + tail for text in alone]


def test_a_pattern_is_looked_for_in_the_graph_that_it_names(store: EmbeddedStore) -> None:
    names = "PREFIX g: <https://w3id.org/industry-kg/graph/> PREFIX ref: <https://w3id.org/industry-kg/graph/ref/>"
    query = f"{KG}{names} SELECT * {{ GRAPH ref:places {{ ?s a kg:Place ; kg:partOfChain ?c }} }}"
    assert list(explain_unmatched(query, store)) == [
        "?s kg:partOfChain ?c: nothing recorded in https://w3id.org/industry-kg/graph/ref/places matches this pattern, even by itself."
    ]
    query = f"{KG} SELECT * {{ GRAPH ?g {{ ?s a kg:Place ; kg:factId 1 }} }}"
    assert list(explain_unmatched(query, store)) == [
        "?s kg:factId 1: nothing recorded in a named graph matches this pattern, even by itself."
    ]


def test_every_pattern_of_a_saved_query_is_valid_and_matches(
    app: Flask, store: EmbeddedStore
) -> None:
    """Held against the engine: what is read off a query that has rows matches something by itself."""
    read = 0
    for query in find_queries(app.extensions["kg"].root).values():
        if read_shape(query.text).form == "SELECT" and store.rows(query.text):
            assert not list(explain_unmatched(query.text, store)), query.name
            read += len(read_required(query.text))
    assert read > 50


def test_a_page_without_a_row_names_the_pattern(client: FlaskClient) -> None:
    query = KG + "SELECT * { ?s kg:factId '<img src=x onerror=alert(1)>' ; a ?kind }"
    page = client.get(
        "/sparql", query_string={"query": query, "lang": "en"}, headers=BROWSER
    ).get_data(True)
    assert "?s kg:factId &#39;&lt;img src=x onerror=alert(1)&gt;&#39;: nothing recorded" in page
    none = {"query": query, "default-graph-uri": "http://nowhere/", "lang": "en"}
    page = client.get("/sparql", query_string=none, headers=BROWSER).get_data(True)
    assert "even by itself" not in page  # it was asked over another dataset
    named = query.replace("SELECT *", "SELECT * FROM <http://nowhere/>")
    page = client.get(
        "/sparql", query_string={"query": named, "lang": "en"}, headers=BROWSER
    ).get_data(True)
    assert "even by itself" not in page


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_sentences_are_in_the_language_of_the_reader(client: FlaskClient, tag: str) -> None:
    query = KG + "SELECT * { ?s kg:partOfChian ?o . GRAPH ?g { ?s kg:factId 1 } }"
    page = client.get("/sparql", query_string={"query": query, "lang": tag}, headers=BROWSER).text
    near = words(tag, "hints.unused_near", name="kg:partOfChian", near="kg:partOfChain")
    graph = words(tag, "hints.named_graph")
    alone = words(tag, "hints.unmatched_in", pattern="?s kg:factId 1", graph=graph)
    assert near in page and alone in page


def test_a_page_without_a_row_says_so_and_stays_escaped(client: FlaskClient) -> None:
    query = KG + "SELECT * { ?s kg:partOfChian ?o ; <http://x/'onclick=> ?x }"
    page = client.get(
        "/sparql", query_string={"query": query, "lang": "en"}, headers=BROWSER
    ).get_data(True)
    assert "did you mean kg:partOfChain?" in page
    assert "http://x/&#39;onclick=: nothing recorded" in page
    full = client.get(
        "/sparql",
        query_string={"query": "SELECT * {?s ?p ?o} LIMIT 1", "lang": "en"},
        headers=BROWSER,
    )
    assert "nothing recorded uses" not in full.get_data(True)


def test_a_query_of_very_many_names_is_explained_in_time(store: EmbeddedStore) -> None:
    query = KG + "SELECT * { VALUES ?x { " + " ".join(f"kg:nope{n}" for n in range(4000)) + " } }"
    started = time.process_time()
    assert len(list(explain_unused(query, store))) == 20
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    "unit", ["?s ?p ?o . ", "?s kg:factId 1 , ", "{ ?s ?p ", "( [ { ", "'a' ^^ @en "]
)
def test_patterns_are_read_in_time_off_any_text(store: EmbeddedStore, unit: str) -> None:
    query = KG + "SELECT * { " + unit * (60_000 // len(unit))
    started = time.process_time()
    list(explain_unmatched(query, store))
    assert time.process_time() - started < 2.0
