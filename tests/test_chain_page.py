"""The page of an industry chain: lanes in order, the firms that the graph has, gaps by the rule shown."""

import re
from html import unescape

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.namespaces import BASE, PREFIXES, expand
from kg.network.statements import Statements
from kg.store.embedded import EmbeddedStore
from kg.web.things.chain import MAX_FIRMS, sections
from kg.web.things.steps import MAX_THIN
from kg.web.things.subject import Subject
from kg.words import LANGUAGES, words

HTML = {"Accept": "text/html"}
CHAINS = ["humanoid", "atlas-silicon-materials", "sz-smart-sensor", "sz-synthetic-bio"]


def page_of(client: FlaskClient, slug: str, lang: str = "en") -> str:
    answer = client.get(f"/chains/{slug}?lang={lang}", headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def cards(page: str) -> dict[str, str]:
    """The card of each step by the address of the step."""
    found = re.findall(r'<article class="step[^"]*">.*?</article>', page, re.DOTALL)
    return {re.findall(r'href="/(id/segment/[^"]+)"', card)[0]: card for card in found}


def counted(store: EmbeddedStore, slug: str) -> dict[str, int]:
    """Recorded firms by step without parts, from the graph."""
    chain = ox.NamedNode(expand(f"ch:{slug}"))
    rows = store.rows(
        f"SELECT ?step (COUNT(DISTINCT ?firm) AS ?n) {{ ?step kg:partOfChain {chain} "
        "FILTER NOT EXISTS { ?part dcterms:isPartOf ?step } "
        "OPTIONAL { ?record kg:inSegment ?step ; kg:participant ?firm } } GROUP BY ?step"
    )
    return {row["step"].value.removeprefix(BASE): int(row["n"].value) for row in rows}  # type: ignore[union-attr]


@pytest.mark.parametrize("slug", CHAINS)
def test_every_step_has_a_card_with_its_firms_and_the_thin_ones_are_marked(
    client: FlaskClient, store: EmbeddedStore, slug: str
) -> None:
    page, expected = page_of(client, slug), counted(store, slug)
    found = cards(page)
    assert set(found) == set(expected)
    recorded = any(expected.values())
    for step, number in expected.items():
        firms = re.findall(r'<li><a href="/id/ent/(?!mention)', found[step])
        assert len(firms) == min(number, MAX_FIRMS)
        assert ('class="step thin"' in found[step]) == (recorded and number <= MAX_THIN)
        assert (f"all {number} →" in found[step]) == (number > MAX_FIRMS)
    assert (words("en", "chain.rule", n=MAX_THIN) in page) == recorded
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("slug", CHAINS)
def test_names_outside_of_the_merged_view_are_told_apart_and_not_counted(
    client: FlaskClient, store: EmbeddedStore, slug: str
) -> None:
    chain = ox.NamedNode(expand(f"ch:{slug}"))
    rows = store.rows(
        f"SELECT DISTINCT ?m {{ ?step kg:partOfChain {chain} . ?g kg:inMergedView false . "
        "GRAPH ?g { ?claim kg:inSegment ?step ; kg:participant ?m } }"
    )
    page = page_of(client, slug)
    assert (words("en", "chain.unverified_only") in unescape(page)) == bool(rows)
    assert (f"<dt>Unverified names</dt><dd>{len(rows)}</dd>" in page) == bool(rows)
    listed = re.findall(r'<ul class="mentions">(.*?)</ul>', page, re.DOTALL)
    outside = page
    for part in listed:
        outside = outside.replace(part, "")
    assert bool(listed) == bool(rows)
    assert "/id/ent/mention-" not in outside


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chain_shows_its_stages_in_order_what_feeds_what_and_a_claim_beside_the_record(
    client: FlaskClient, lang: str
) -> None:
    page = page_of(client, "humanoid", lang)
    stages = {"en": ["Upstream", "Midstream", "Downstream"]}.get(lang, ["上游", "中游", "下游"])
    headings = re.findall(r'<section class="lane"><h3>([^<]*)</h3>', page)
    assert [name.capitalize() for name in headings] == stages
    found = cards(page)
    assert 'href="/id/segment/whole-machine"' in found["id/segment/lidar"]
    machines = found["id/segment/whole-machine"]
    assert 'href="/id/stmt/A21-1"' in machines and "9" in machines  # nine claimed, four recorded
    assert 'href="/id/passage/A21"' in page and 'href="/network?chain=humanoid"' in page
    assert 'href="/voc/trust/curated"' in page and 'href="/voc/risk/single-sourced"' in page


def test_a_chain_has_one_page_and_its_iri_leads_there(client: FlaskClient) -> None:
    for path in ("/id/chain/humanoid", "/id/chain/humanoid.html"):
        answer = client.get(f"{path}?lang=en", headers=HTML)
        assert answer.status_code == 303 and answer.headers["Location"] == "/chains/humanoid?lang=en"  # fmt: skip
    assert client.get("/id/chain/humanoid", headers={"Accept": "text/turtle"}).headers["Location"] == "/id/chain/humanoid.ttl"  # fmt: skip
    assert 'href="/chains/humanoid"' in client.get("/id/segment/lidar.html").text
    assert client.get("/chains/nobody", headers=HTML).status_code == 404


def _subject(*lines: str) -> Subject:
    """A chain of its own, in Turtle without prefixes."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text = prefixes + "ch:x a kg:IndustryChain .\n" + "\n".join(lines)
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    statements = Statements(triples, lang="en")
    return Subject(expand("ch:x"), statements, statements, [], 0, 1, triples, {})


def test_a_chain_of_any_number_of_stages_and_steps_without_one(client: FlaskClient) -> None:
    lines = [
        f"seg:s{n} kg:partOfChain ch:x ; kg:stage stg:t{n} . stg:t{n} schema:position {10 - n} ."
        for n in range(1, 7)
    ]
    found = sections(_subject(*lines, "seg:z kg:partOfChain ch:x ; kg:feeds seg:z ."))
    names = [lane.name.text for lane in found["lanes"]]
    assert names == ["t6", "t5", "t4", "t3", "t2", "t1", ""]
    assert found["firms"] == 0 and found["matrix"] is None and found["thin"] == 7


def test_a_chain_without_steps_is_no_error() -> None:
    found = sections(_subject())
    assert found["lanes"] == [] and found["steps"] == []


def test_the_matrix_counts_firms_by_city_or_province_and_sums_up_the_rest() -> None:
    lines = [
        f"st:r{n} kg:inSegment seg:s ; kg:participant e:f{n} . e:f{n} kg:withinArea pl:p{n % 12} . pl:p{n % 12} a kg:City ."
        for n in range(24)
    ]
    lines += ["st:z kg:inSegment seg:s ; kg:participant e:z .", "seg:s kg:partOfChain ch:x ."]
    matrix = sections(_subject(*lines))["matrix"]
    [(_, counts)] = matrix.rows
    assert len(matrix.places) == 10 and matrix.has_others
    assert [number for number, _ in counts] == [2] * 10 + [
        5
    ]  # two places of two firms, one of none
    assert [shade for _, shade in counts] == [2] * 10 + [5]


def test_steps_stand_in_the_order_of_their_numbers(client: FlaskClient) -> None:
    lines = [f"seg:x-1-{n} kg:partOfChain ch:x ." for n in (10, 9, 2)]
    steps = sections(_subject(*lines))["steps"]
    assert [step.name.text for step in steps] == ["x-1-2", "x-1-9", "x-1-10"]
