"""A query without a row is told which of its names nothing uses."""

import time

import pytest
from flask.testing import FlaskClient

from kg.store.embedded import EmbeddedStore
from kg.web.hints import explain_unused

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
    ],
)
def test_a_name_that_nothing_uses_is_named_with_the_nearest_one(
    store: EmbeddedStore, query: str, sentences: list[str]
) -> None:
    assert list(explain_unused(KG + query, store)) == sentences


def test_a_page_without_a_row_says_so_and_stays_escaped(client: FlaskClient) -> None:
    query = KG + "SELECT * { ?s kg:partOfChian ?o ; <http://x/'onclick=> ?x }"
    page = client.get("/sparql", query_string={"query": query}, headers=BROWSER).get_data(True)
    assert "did you mean kg:partOfChain?" in page
    assert "http://x/&#39;onclick=: nothing recorded" in page
    full = client.get(
        "/sparql", query_string={"query": "SELECT * {?s ?p ?o} LIMIT 1"}, headers=BROWSER
    )
    assert "nothing recorded uses" not in full.get_data(True)


def test_a_query_of_very_many_names_is_explained_in_time(store: EmbeddedStore) -> None:
    query = KG + "SELECT * { VALUES ?x { " + " ".join(f"kg:nope{n}" for n in range(4000)) + " } }"
    started = time.process_time()
    assert len(list(explain_unused(query, store))) == 20
    assert time.process_time() - started < 2.0
