"""The data of pages: tables as RDF, the files of the first page and of a search, figures that lead to their passages."""

import csv
import io
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from rdflib.namespace import CSVW, RDF

from kg.analysis.registry import ANALYSES
from kg.namespaces import BASE, expand
from kg.queries import find_part
from kg.release.manifest import COUNTS, Manifest
from kg.store.embedded import EmbeddedStore
from kg.web import converted
from kg.web.overview_files import PARTS, QUESTIONS
from kg.words import LANGUAGES

ROOT = Path(__file__).parent.parent
HTML = {"Accept": "text/html"}


def table_rows(text: str, *, number: int = 0) -> tuple[str, list[dict[str, list[str]]]]:
    """Address and rows of a table in Turtle, as rdflib reads it: texts by column."""
    graph = rdflib.Graph().parse(data=text, format="turtle")
    [group] = graph.subjects(RDF.type, CSVW.TableGroup)
    tables = sorted(graph.objects(group, CSVW.table), key=lambda table: len(list(graph[table])))
    table = tables[number]
    rows = sorted(
        graph.objects(table, CSVW.row), key=lambda row: int(graph.value(row, CSVW.rownum))
    )  # type: ignore[arg-type]
    found = []
    for place, row in enumerate(rows, start=1):
        assert int(graph.value(row, CSVW.rownum)) == place  # type: ignore[arg-type]
        cells: dict[str, list[str]] = {}
        for name, value in graph.predicate_objects(graph.value(row, CSVW.describes)):
            cells.setdefault(str(name).rpartition("#")[2], []).append(str(value))
        found.append(cells)
    return str(graph.value(table, CSVW.url)), found


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))


def same_value(left: str, right: str) -> bool:
    """Numbers by value, as RDF writes 1.0 and CSV 1.0 or 1; other texts as they are."""
    try:
        return float(left) == float(right)
    except ValueError:
        return left == right


@pytest.mark.parametrize("name", ANALYSES)
def test_the_rows_of_an_analysis_are_the_same_in_turtle_and_in_csv(
    client: FlaskClient, name: str
) -> None:
    turtle = client.get(f"/analyses/{name}.ttl")
    assert (turtle.status_code, turtle.mimetype) == (200, "text/turtle")
    address, found = table_rows(turtle.text)
    assert address == f"{BASE}analyses/{name}.csv"
    expected = csv_rows(client.get(f"/analyses/{name}.csv").text)
    columns = list(expected[0]) if expected else []
    columns = [column for column in columns if not column.endswith("_name") or column.removesuffix("_name") not in columns]  # fmt: skip
    assert len(found) == len(expected)
    for row, plain in zip(found, expected, strict=True):
        for column in columns:
            texts = sorted(text for text in plain[column].split("|") if text)
            there = sorted(row.get(column, []))
            assert len(set(texts)) == len(there), (column, texts, there)
            assert all(map(same_value, sorted(set(texts)), there)), (column, texts, there)


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf"])
def test_a_table_in_rdf_is_the_same_graph_in_every_format(client: FlaskClient, suffix: str) -> None:
    formats = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
    answer = client.get(f"/analyses/segment-gaps.{suffix}?chain=humanoid")
    graph = rdflib.Graph().parse(data=answer.text, format=formats[suffix])
    turtle = client.get("/analyses/segment-gaps.nt?chain=humanoid").text
    assert isomorphic(graph, rdflib.Graph().parse(data=turtle, format="nt"))


def test_the_counting_query_of_the_first_page_gives_the_counts_of_the_manifest(
    store: EmbeddedStore,
) -> None:
    query = find_part(ROOT, "pages", "counts").bind({})
    found = {row["count"].value: int(row["number"].value) for row in store.rows(query)}  # type: ignore[union-attr]
    assert found == {name: Manifest.of(store).counts[name] for name in COUNTS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_page_is_the_same_tables_in_json_csv_and_turtle(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    said = json.loads(client.get(f"/overview.json?lang={lang}").text)
    assert said["release"] == store.release and said["language"] == lang
    assert list(said["tables"]) == ["counts", *PARTS, *QUESTIONS]
    cells = csv_rows(client.get(f"/overview.csv?lang={lang}").text)
    by_table = Counter(cell["table"] for cell in cells)
    for name, rows in said["tables"].items():
        assert rows and by_table[name] == sum(map(len, rows)), name
    graph = rdflib.Graph().parse(data=client.get(f"/overview.ttl?lang={lang}").text)
    assert len(list(graph.subjects(RDF.type, CSVW.Row))) == sum(map(len, said["tables"].values()))
    page = client.get(f"/?lang={lang}").text
    [claimed] = said["tables"]["coverage"]
    assert any(f'href="{path}"' in page for path in passage_of(store, claimed["record"]))
    assert len({row["chain"] for row in said["tables"]["chain-cards"]}) == said["tables"]["counts"][0]["number"]  # fmt: skip


def test_a_search_gives_its_hits_as_rows_and_their_names_as_a_graph(client: FlaskClient) -> None:
    said = json.loads(client.get("/search.json?q=激光&page=2&lang=en").text)
    assert said["query"] == "激光" and said["page"] == 2 and said["total"] > 20
    page = client.get("/search?q=激光&page=2&lang=en").text
    shown = re.findall(r'<li>\s*<a href="/((?:id|voc|ont|graph)[^"]+)">', page)
    assert [hit["iri"].removeprefix(BASE) for hit in said["hits"]] == shown
    assert [hit["rank"] for hit in said["hits"]] == [str(21 + n) for n in range(len(shown))]
    assert csv_rows(client.get("/search.csv?q=激光&page=2&lang=en").text) == said["hits"]
    graph = rdflib.Graph().parse(data=client.get("/search.ttl?q=激光&page=2").text)
    named = {str(thing) for thing in graph.subjects(RDF.type, None)}
    assert {hit["iri"] for hit in said["hits"]} <= named
    empty = client.get("/search.ttl?q=qqqqqq")
    assert empty.status_code == 200 and len(rdflib.Graph().parse(data=empty.text)) == 0
    assert client.get("/search.xlsx?q=a").status_code == 404


def test_a_quoted_text_stays_a_text_in_the_query_of_a_search(client: FlaskClient) -> None:
    hostile = '"} ?s ?p ?o . FILTER("'
    page = client.get("/search", query_string={"q": hostile, "lang": "en"}).text
    [link] = re.findall(r'href="(/sparql\?query=[^"]+)"', page)
    editor = client.get(unescape(link), headers=HTML)
    assert editor.status_code == 200 and 'class="problem"' not in editor.text


def test_a_table_is_given_as_rdf_and_a_graph_as_a_table(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, rows = table_rows(client.get("/queries/city-race.ttl?city=pl:shenzhen").text)
    expected = csv_rows(client.get("/queries/city-race.csv?city=pl:shenzhen").text)
    assert address == f"{BASE}queries/city-race.csv?city=pl%3Ashenzhen"
    assert [{k: v[0] for k, v in row.items()} for row in rows] == [
        {k: v for k, v in row.items() if v} for row in expected
    ]
    statements = csv_rows(client.get("/queries/chain-neighbourhood.csv").text)
    triples = rdflib.Graph().parse(data=client.get("/queries/chain-neighbourhood.nt").text, format="nt")  # fmt: skip
    assert {(row["subject"], row["predicate"], row["object"]) for row in statements} == {
        tuple(map(str, triple)) for triple in triples
    }
    monkeypatch.setattr(converted, "MAX_CONVERTED", 2)
    cut = client.get("/queries/city-race.ttl")
    assert cut.headers["X-KG-Truncated"] and len(table_rows(cut.text)[1]) == 2
    cut = client.get("/queries/chain-neighbourhood.csv")
    assert cut.headers["X-KG-Truncated"] and len(csv_rows(cut.text)) <= 2


def passage_of(store: EmbeddedStore, record: str) -> set[str]:
    """Paths that a figure of the record may lead to: its passages, else the record."""
    rows = store.rows(f"SELECT ?p {{ GRAPH ?g {{ <{record}> kg:evidence ?p }} }}")
    return {row["p"].value.removeprefix(BASE[:-1]) for row in rows} or {record.removeprefix(BASE[:-1])}  # type: ignore[union-attr]  # fmt: skip


@pytest.mark.parametrize("name", ["city-race", "city-ranks", "tier-pyramid"])
def test_each_mark_and_each_figure_leads_to_the_passage_that_states_it(
    client: FlaskClient, store: EmbeddedStore, name: str
) -> None:
    expected = [
        passage_of(store, row["record"]) for row in csv_rows(client.get(f"/queries/{name}.csv").text)
    ]  # fmt: skip
    page = client.get(f"/queries/{name}?lang=en", headers=HTML).text
    [svg] = re.findall(r"<svg viewBox.*?role=\"group\".*?</svg>", page, re.DOTALL)
    marks = re.findall(r'<a href="([^"]+)" tabindex="-1">', svg)
    assert len(marks) == len(expected) and all(
        any(mark in paths for paths in expected) for mark in marks
    )
    table = page[page.index("<tbody>") :]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    for row, paths in zip(rows, expected, strict=True):
        assert any(f'href="{path}"' in row for path in paths), row
    if any(path.startswith("/id/passage/") for paths in expected for path in paths):
        assert "/id/passage/" in svg
    overview = client.get("/?lang=en").text
    assert all(f'href="{mark}"' in overview for mark in marks)


def test_a_chart_that_stands_alone_has_no_addresses_of_a_site(client: FlaskClient) -> None:
    assert "<a " not in client.get("/queries/city-race.svg").text


def test_rows_of_records_without_a_passage_lead_to_the_record_itself(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    [derived, *_] = [row["r"].value for row in store.rows("SELECT ?r { ?r kg:indicator ind:stock-count ; kg:modality mod:derived FILTER NOT EXISTS { GRAPH ?g { ?r kg:evidence ?p } } } LIMIT 1")]  # type: ignore[union-attr]  # fmt: skip
    query = f"SELECT ?record ?value {{ VALUES ?record {{ <{derived}> }} ?record kg:value ?value }}"
    page = client.get("/sparql", query_string={"query": f"PREFIX kg: <{expand('kg:x')[:-1]}> {query}"}, headers=HTML).text  # fmt: skip
    path = derived.removeprefix(BASE[:-1])
    assert page.count(f'href="{path}"') == 2


@pytest.mark.parametrize(
    ("name", "column"),
    [("portfolios", "claimed"), ("investment-stages", "share"), ("city-ranking", "value")],
)
def test_a_stated_figure_of_an_analysis_leads_to_its_passage(
    client: FlaskClient, store: EmbeddedStore, name: str, column: str
) -> None:
    said = json.loads(client.get(f"/analyses/{name}.json?lang=en").text)
    at = [one["name"] for one in said["columns"]].index(column)
    page = client.get(f"/analyses/{name}?lang=en").text
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.index("<tbody>") :], re.DOTALL)
    stated = 0
    for row, plain in zip(rows, said["rows"], strict=True):
        cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
        if plain[column] is not None and plain["record"]:
            stated += 1
            paths = passage_of(store, plain["record"]["iri"])
            assert any(f'href="{path}"' in cells[at] for path in paths), cells[at]
    assert stated > 1


@pytest.mark.parametrize(
    ("path", "figure", "passage"),
    [
        ("/chains/humanoid", "at least 9 enterprises", "A21"),
        ("/id/segment/whole-machine.html", "at least 9 enterprises", "A21"),
        ("/id/place/shenzhen.html", "51 characters", "B20"),
    ],
)
def test_a_claimed_number_on_a_page_leads_to_its_passage(
    client: FlaskClient, path: str, figure: str, passage: str
) -> None:
    page = client.get(f"{path}?lang=en").text.replace("<b>", "")
    assert f'<a href="/id/passage/{passage}">{figure}' in page
