"""The page of an enterprise, against the graph and the sources it rests on."""

import re

import pytest
from flask.testing import FlaskClient

from kg.store.embedded import EmbeddedStore
from kg.words import LANGUAGES, words
from test_things import page_of


def part(page: str, name: str) -> str:
    """One section of a page."""
    return page[page.index(f'aria-labelledby="{name}"') :].partition("</section>")[0]


@pytest.mark.parametrize(
    ("firm", "certainty"),
    [("e:inovance", "possible"), ("e:rayneo", "eligible"), ("e:ubtech", "eligible")],
)
def test_a_benefit_tells_how_certain_it_is_and_why(
    client: FlaskClient, store: EmbeddedStore, firm: str, certainty: str
) -> None:
    benefits = part(page_of(client, firm), "benefits")
    first = benefits.partition("<li>")[2].partition("</li>")[0]
    assert words("en", f"enterprise.{certainty}") in first
    assert "/id/stmt/B79-1" in first and "up to 500,000 CNY" in first
    given = {row["f"].value for row in store.rows(f"SELECT ?f {{ ?r kg:recognises {firm} ; kg:tier tier:little-giant ; kg:factId ?f }}")}  # type: ignore[union-attr]  # fmt: skip
    assert given and all(f">{found}</a>" in first for found in given)
    assert "/id/place/shenzhen" in first and "/voc/tier/little-giant" in first


def test_claims_on_benefits_stand_last_and_name_what_contradicts_them(client: FlaskClient) -> None:
    benefits = part(page_of(client, "e:inovance"), "benefits")
    order = re.findall("Possibly eligible|Unverified claim", benefits)
    assert order == ["Possibly eligible", "Unverified claim", "Unverified claim"]
    assert "up to 3,000,000 CNY" in benefits and "/id/conflict/" in benefits


def test_peers_are_those_that_the_graph_has(client: FlaskClient, store: EmbeddedStore) -> None:
    peers = part(page_of(client, "e:inovance"), "peers")
    for pattern, key in (
        ("?f kg:hasTier tier:little-giant", "peers_tier"),
        ("e:inovance rov:orgActivity ?i . ?f rov:orgActivity ?i", "peers_industry"),
    ):
        [row] = store.rows(
            f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ {pattern} ; kg:basedIn pl:shenzhen FILTER(?f != e:inovance) }}"
        )
        total = int(row["n"].value)  # type: ignore[union-attr]
        heading = peers[peers.index(words("en", f"enterprise.{key}")) :].partition("</h3>")[0]
        assert (
            words("en", "enterprise.peers_count", shown=min(12, total), total=total) in heading
        ), key
        names = peers.partition(heading)[2].partition("</p>")[0]
        assert names.count("<a ") == min(12, total)


def test_a_firm_of_an_unverified_list_is_not_called_alone_in_its_segments(
    client: FlaskClient,
) -> None:
    peers = part(page_of(client, "e:mention-5d17853acd"), "peers")
    assert words("en", "enterprise.no_peers") in peers
    assert words("en", "enterprise.alone") not in peers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_enterprise_without_records_says_what_is_not_recorded(
    client: FlaskClient, lang: str
) -> None:
    page = page_of(client, "e:cn-001316", lang)
    for key in ("no_benefits", "no_investors"):
        assert words(lang, f"enterprise.{key}") in page
    assert words(lang, "enterprise.not_recorded") in part(page, "standing")
    assert words(lang, "facts.none") in page


def test_the_flow_is_drawn_where_there_is_something_to_draw(client: FlaskClient) -> None:
    page = page_of(client, "e:inovance")
    assert 'id="mynetwork"' in page and 'id="kg-data"' in page
    table = part(page, "flow")
    assert "/id/ent/xiaomi" in table and "Electric vehicle motor" in table
    assert words("en", "enterprise.no_flow") in page_of(client, "e:mention-5d17853acd")
