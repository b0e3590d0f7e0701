"""The pages of segments, clusters and cities: neighbours, counterparts, every claim, and what is not recorded."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from kg.namespaces import BASE, expand
from kg.queries import read_query
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.words import LANGUAGES, words


def page_of(client: FlaskClient, name: str, lang: str = "en") -> str:
    answer = client.get(f"/{expand(name).removeprefix(BASE)}.html?lang={lang}")
    assert answer.status_code == 200, answer.text
    assert len(answer.data) < 100_000
    return unescape(answer.text)


def section(page: str, name: str) -> str:
    """The section headed by `name`."""
    start = page.index(f'aria-labelledby="{name}"')
    return page[start : page.index("</section>", start)]


def after(page: str, label: str) -> str:
    """What stands beside a term of the list at the top."""
    return page.split(f"<dt>{label}</dt><dd>", 1)[1].split("</dd>", 1)[0]


def links(text: str) -> set[str]:
    return set(re.findall(r'href="(/[^"]+)"', text))


def paths(store: EmbeddedStore, query: str) -> set[str]:
    rows = store.rows(query)
    return {"/" + row["x"].value.removeprefix(BASE) for row in rows}  # type: ignore[union-attr]


@pytest.mark.parametrize("slug", ["lidar", "whole-machine", "smart-factory", "tactile"])
def test_a_segment_names_all_that_is_before_and_after_it(
    client: FlaskClient, store: EmbeddedStore, slug: str
) -> None:
    page = page_of(client, f"seg:{slug}")
    for label, query in (
        ("Upstream segments", "{ ?x kg:feeds+ seg:%s }"),
        ("Downstream segments", "{ seg:%s kg:feeds+ ?x }"),
    ):
        assert links(after(page, label)) == paths(store, f"SELECT ?x {query % slug}")
    direct = paths(store, f"SELECT ?x {{ ?x kg:feeds seg:{slug} }}")
    assert after(page, "Upstream segments").count("(direct)") == len(direct)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_segment_shows_its_recorded_firms_beside_the_number_claimed(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    found = section(page_of(client, "seg:whole-machine", lang), "firms")
    firms = paths(store, "SELECT DISTINCT ?x { ?r kg:inSegment seg:whole-machine ; kg:participant ?x }")  # fmt: skip
    assert {link for link in links(found) if link.startswith("/id/ent/")} == firms
    assert words(lang, "chain.recorded", n=4) in found
    assert 'href="/id/stmt/A21-1"' in found and "9" in found
    assert 'href="/id/stmt/A21-2"' in found and 'href="/id/place/shenzhen"' in found


def test_names_of_a_machine_made_list_stand_apart_with_the_claim_that_names_them(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    slug = "sz-smart-sensor-1-1-1"
    page = page_of(client, f"seg:{slug}")
    query = f"SELECT DISTINCT ?x {{ ?g kg:inMergedView false . GRAPH ?g {{ ?r kg:inSegment seg:{slug} ; kg:participant ?x }} }}"
    names = paths(store, query)
    found = section(page, "mentions")
    assert {link for link in links(found) if "/ent/mention" in link} == names != set()
    assert words("en", "chain.unverified_about") in found and "/id/stmt/SZC" in found
    assert "0 recorded" in section(page, "firms")


def test_a_segment_with_parts_names_them_in_place_of_firms(client: FlaskClient) -> None:
    page = page_of(client, "seg:sz-smart-sensor-1")
    assert "/id/segment/sz-smart-sensor-1-1" in after(page, "Its parts")
    assert 'aria-labelledby="firms"' not in page


def test_the_counterparts_of_every_cluster_are_those_of_the_saved_query(
    client: FlaskClient, store: EmbeddedStore, settings: Settings
) -> None:
    query = read_query(settings.root / "queries" / "cluster-list.rq")
    rows = store.rows(query.bind({"programme": [expand("cp:20-8-s1"), expand("cp:20-8-s2")]}))
    clusters = {row["cluster"].value for row in rows}  # type: ignore[union-attr]
    assert len(clusters) == 56
    for cluster in sorted(clusters):
        expected = {
            (row["relation"].value.rpartition("#")[2], row["counterpart"].value)  # type: ignore[union-attr]
            for row in rows
            if row["cluster"].value == cluster and "counterpart" in row  # type: ignore[union-attr]
        }
        answer = client.get(f"/{cluster.removeprefix(BASE)}.html?lang=en")
        found = section(unescape(answer.text), "change")
        assert (words("en", "cluster.change_none") in found) == (not expected)
        shown = re.findall(r'<tr><td>([^<]*)</td><th scope="row"><a href="/([^"]+)"', found)
        assert {(relation, BASE + path) for relation, path in shown} == {
            (words("en", f"cluster.{relation}"), other) for relation, other in expected
        }


def test_a_cluster_says_its_edition_and_counts_the_steps_of_its_chains(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = page_of(client, "cl:s1-c05")
    assert "first edition" in page and "2022-06-06" in page
    leaves = paths(store, "SELECT ?x { ?x kg:partOfChain ch:sz-smart-sensor FILTER NOT EXISTS { ?y dcterms:isPartOf ?x } }")  # fmt: skip
    note = words("en", "cluster.chain_note", segments=len(leaves), filled=0, firms=0)
    assert note in section(page, "chains") and "/chains/sz-smart-sensor" in links(page)
    dropped = page_of(client, "cl:s1-f02")
    assert "No longer listed in" in dropped


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("city", ["shenzhen", "beijing", "shanghai"])
def test_a_city_shows_every_count_with_its_population_source_and_rivals(
    client: FlaskClient, store: EmbeddedStore, city: str, lang: str
) -> None:
    page = page_of(client, f"pl:{city}", lang)
    query = """SELECT DISTINCT ?record ?population ?conflict { VALUES ?indicator { ind:stock-count ind:new-count ind:stock-target }
        GRAPH ?graph { ?record kg:feature pl:%s ; kg:indicator ?indicator ; kg:population ?population }
        OPTIONAL { ?conflict kg:involves ?record } }"""
    rows = store.rows(query % city)
    found = section(page, "counts")
    listed = re.findall(r"<tr><th scope=\"row\">.*?</tr>", found)
    assert rows and len(listed) == len({row["record"] for row in rows})
    assert words(lang, "city.counts_about") in found
    for row in rows:
        path = "/" + row["record"].value.removeprefix(BASE)  # type: ignore[union-attr]
        [line] = [line for line in listed if f'"{path}"' in line]
        for name in ("population", "conflict"):
            if name in row:
                assert "/" + row[name].value.removeprefix(BASE) in links(line)  # type: ignore[union-attr]
    assert len(re.findall(r"<svg", page)) >= 1


def test_titles_in_force_and_cumulative_ones_are_told_apart(client: FlaskClient) -> None:
    found = section(page_of(client, "pl:shenzhen"), "counts")
    assert {"/voc/population/lg-valid", "/voc/population/lg-cumulative", "/voc/population/lg-unspecified"} <= links(found)  # fmt: skip
    assert "Set aside by decision:" in found and "/id/stmt/B18-2" in links(found)
    ranks = section(page_of(client, "pl:shenzhen"), "ranks")
    assert "/id/stmt/B07-2" in links(ranks) or "/id/stmt/B07-1" in links(ranks)


def test_a_city_counts_the_firms_that_its_lists_hold(client: FlaskClient) -> None:
    page = page_of(client, "pl:shenzhen")
    found = section(page, "firms")
    recorded = client.get("/enterprises.json?city=pl:shenzhen").get_json()
    everyone = client.get("/enterprises.json?city=pl:shenzhen&layer=any").get_json()
    assert words("en", "city.firms_about", n=recorded["shown"], total=everyone["shown"]) in found
    assert {"/enterprises?city=pl:shenzhen", "/enterprises?layer=any&city=pl:shenzhen"} <= links(found)  # fmt: skip
    chain = client.get("/enterprises.json?city=pl:shenzhen&chain=ch:humanoid").get_json()["shown"]
    assert f'/enterprises?city=pl:shenzhen&chain=ch:humanoid">{chain} firms' in found
    assert "/id/place/shenzhen-bay-eco-park" in links(found) or "Shenzhen Bay" in found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_city_without_records_says_so_and_what_to_try(client: FlaskClient, lang: str) -> None:
    page = page_of(client, "pl:aba", lang)
    for key in ("counts_none", "firms_none", "chains_none", "parks_none", "policies_none"):
        assert words(lang, f"city.{key}") in page
    assert {"/cities", "/enterprises"} <= links(page) and "<svg" not in page
