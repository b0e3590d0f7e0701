"""The browse lists: what a page shows is what the list's own query answers, counted and sorted right."""

import csv
import io
import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient

from kg.namespaces import expand
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web.lists.listing import LISTS, read_list, read_listing
from kg.web.lists.order import collation
from kg.web.tables import iri_cell
from kg.words import LANGUAGES, read_area

HTML = {"Accept": "text/html"}
CHOICES = [
    "/enterprises",
    "/enterprises?layer=any",
    "/enterprises?layer=register&city=pl:beijing",
    "/enterprises?city=pl:shenzhen&city=pl:shanghai&layer=any",
    "/enterprises?chain=ch:humanoid&stage=stg:upstream&stage=stg:midstream",
    "/enterprises?source=doc:B&tier=tier:little-giant",
    "/chains?trust=trust:curated&trust=trust:edited",
    "/chains?programme=cp:20-8-s1",
    "/clusters?programme=cp:20-8-s2&kind=ck:future",
    "/clusters?relation=skos:broadMatch",
    "/cities?province=pl:guangdong&recorded=none",
    "/investors?owner=inv:sihc",
    "/policies?kind=kg:PolicyMeasure&place=pl:shenzhen",
    "/sources?view=outside&kind=document",
]


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """The rows of the list's CSV."""
    path, _, query = address.partition("?")
    text = client.get(f"{path}.csv?{query}").get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("address", CHOICES)
def test_a_page_lists_what_its_query_answers(
    client: FlaskClient, store: EmbeddedStore, address: str
) -> None:
    page = client.get(address, headers=HTML)
    assert page.status_code == 200
    [link] = re.findall(r'href="(/sparql\?query=[^"]+)"', page.text)
    [text] = parse_qs(urlsplit(link).query)["query"]
    answered = {row["thing"].value for row in store.rows(text)}
    listed = [row["iri"] for row in rows_of(client, address)]
    assert len(listed) == len(set(listed)) and set(listed) == answered != set()
    found = client.get(address.replace("?", ".json?", 1) if "?" in address else f"{address}.json")
    assert [row["iri"] for row in found.get_json()["rows"]] == listed
    shown = re.findall(r'<tr><th scope="row"><a href="/([^"]+)"', page.text)
    assert [f"/{path}" for path in shown] == [iri_cell(iri, {}).link for iri in listed[:50]]


@pytest.mark.parametrize("name", LISTS)
def test_a_count_of_a_facet_is_the_number_of_entries_that_choosing_it_lists(
    client: FlaskClient, settings: Settings, name: str
) -> None:
    page = client.get(f"/{name}", headers=HTML).text
    facets = page[page.index('class="facets"') : page.index("</section>")]
    found = re.findall(r'<li><a href="([^"]+)">[^<]* <span>([^<]+)</span>', facets)
    assert found or not read_list(settings.root, name).parameters
    chosen = LISTS[name].chosen  # a further value of a facet chosen from adds to what is there
    for link, number in found[::7]:
        address = link.replace("&amp;", "&")
        given = parse_qs(urlsplit(address).query)
        already = any(len(given.get(facet, [])) > 1 for facet in chosen)
        listed = len(rows_of(client, address))
        assert listed - already * len(rows_of(client, f"/{name}")) == int(re.sub(r"\D", "", number))


def test_counts_are_those_of_the_graph(client: FlaskClient, store: EmbeddedStore) -> None:
    rows = rows_of(client, "/enterprises?layer=any")
    query = "SELECT ?city (COUNT(DISTINCT ?firm) AS ?n) { ?firm a kg:Enterprise ; kg:withinArea ?city . ?city a kg:City } GROUP BY ?city"
    counted = {row["city"].value: int(row["n"].value) for row in store.rows(query)}
    assert Counter(row["city"] for row in rows if row["city"]) == counted
    assert len(rows) == int(store.rows("SELECT (COUNT(DISTINCT ?f) AS ?n) { ?f a kg:Enterprise }")[0]["n"].value)  # fmt: skip


def test_the_firms_of_the_register_are_behind_a_facet_and_the_page_says_so(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = client.get("/enterprises?lang=en", headers=HTML).text
    assert "Only firms with records are listed" in page
    records = "SELECT DISTINCT ?f { ?f a kg:Enterprise . ?record ?role ?f ; kg:evidence ?passage }"
    recorded = {row["f"].value for row in store.rows(records)}
    assert {row["iri"] for row in rows_of(client, "/enterprises")} == recorded
    everything = client.get("/enterprises?layer=any&lang=en", headers=HTML).text
    assert "Only firms with records are listed" not in everything


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_and_every_value_that_is_no_thing_has_words(
    client: FlaskClient, store: EmbeddedStore, settings: Settings, name: str, lang: str
) -> None:
    words = read_area("lists")[lang]
    listing = read_listing(store, settings.root, name)
    assert listing.query.reading.endswith(".") and listing.query.text.count("SELECT DISTINCT ?thing ") == 1  # fmt: skip
    for column in (*listing.columns, *listing.facets):
        assert f"column_{column}" in words
    for facet, parameter in listing.facets.items():
        assert facet in listing.columns, "a facet is a column"
        values = listing.positions[facet]
        if parameter.type == "string":
            assert all(f"value_{value}" in words for value in values)
    page = client.get(f"/{name}?lang={lang}", headers=HTML).text
    assert "w3.org/2004" not in re.sub(r"<[^>]*>", "", page[: page.index("downloads")])


def test_nothing_that_matches_is_said_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/enterprises?city=pl:nowhere&lang=en", headers=HTML)
    assert page.status_code == 200
    assert "Nothing recorded matches" in page.text and 'href="/enterprises"' in page.text
    assert rows_of(client, "/enterprises?city=pl:nowhere") == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nope=1", "no parameter"),
        ("sort=nope", "no column"),
        ("page=0", "1 to"),
        ("page=999", "1 to"),
        ("page=x", "1 to"),
        ("city=%3Cscript%3E", "neither an IRI"),
    ],
)
def test_what_a_list_does_not_have_is_refused_by_name(
    client: FlaskClient, query: str, said: str
) -> None:
    answer = client.get(f"/enterprises?{query}")
    assert answer.status_code == 400 and said in answer.get_json()["detail"]


def test_a_list_as_rdf_is_what_the_graph_says_of_its_things(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    graph = rdflib.Graph()
    graph.parse(data=client.get("/investors.ttl").data, format="turtle")
    things = {row["iri"] for row in rows_of(client, "/investors")}
    assert {str(subject) for subject in graph.subjects()} == things
    asked = ox.NamedNode(expand("inv:szcg"))
    said = store.triples(f"CONSTRUCT {{ {asked} ?p ?o }} WHERE {{ {asked} ?p ?o }}")
    assert len(list(graph.predicate_objects(rdflib.URIRef(asked.value)))) == len(set(said))
    graph.parse(data=client.get("/sources.nt?view=outside").data, format="nt")
    assert any("SourceDocument" in str(kind) for kind in graph.objects())
    assert client.get("/sources.docx").status_code == 406


def test_a_spreadsheet_gets_no_formula_and_the_mark_of_utf8(client: FlaskClient) -> None:
    answer = client.get("/cities.csv?excel=1")
    assert answer.data.startswith(b"\xef\xbb\xbf") and "attachment" in answer.headers["Content-Disposition"]  # fmt: skip


def test_chinese_names_stand_in_order_of_pinyin_or_of_strokes() -> None:
    cities = ["深圳", "北京", "上海", "广州", "成都", "杭州"]
    pinyin = ["北京", "成都", "广州", "杭州", "上海", "深圳"]  # bei cheng guang hang shang shen
    assert sorted(cities, key=collation("zh-Hans")) == pinyin
    strokes = ["上海", "北京", "成都", "杭州", "深圳", "廣州"]  # 3, 5, 6 (7), 8, 11, 15
    assert sorted({*strokes}, key=collation("zh-Hant")) == strokes
    assert sorted(["b", "A", "C"], key=collation("en")) == ["A", "b", "C"]


def test_a_column_sorts_both_ways_with_what_has_no_value_last(client: FlaskClient) -> None:
    up, down = (rows_of(client, f"/cities?sort={sign}firms") for sign in ("", "-"))
    numbers = [int(row["firms"]) for row in down if row["firms"]]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) > 3
    assert [int(row["firms"]) for row in up if row["firms"]] == numbers[::-1]
    assert up[-1]["firms"] == down[-1]["firms"] == ""


@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_a_list_asks_the_store_nothing_once_it_is_known(
    client: FlaskClient, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first = client.get(f"/{name}", headers=HTML)
    asked: list[str] = []
    monkeypatch.setattr(EmbeddedStore, "rows", lambda self, query: asked.append(query) or [])
    again = client.get(f"/{name}", headers=HTML)
    assert again.text == first.text and asked == []
    assert len(first.data) < 100_000
