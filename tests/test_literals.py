"""Whatever a literal holds, it comes back as the same term in every format, or as an error that names
the format; read by parsers that are not the engine's."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kg.settings import Settings
from kg.web import create_app

TEXTS = [
    "a\rb", "a\r\nb", "\n", "\t", "", " lead ", "=cmd|' /C calc'!A1", "+1", "-1", "@x", "\ta", "\rb", 'q"q',
    '""', "a,b", "深圳", "🏭", "\U00010000", "\U0010ffff", "\x00", "\x01", "\x0b", "\x1f", "\x7f", "\x85",
    "\u2028", "\ud7ff", "\ue000", "\ufffe", "\ufffd", "\u200f\u202e", "e\u0301", "é", "]]>", "<a>&amp;", "\\",
    "\\u0041", "'''", '"""', "%41", "{{7*7}}", "\ufeffx", "＝1+1", "long " * 3_000,
]  # fmt: skip
LITERALS = [
    *map(ox.Literal, TEXTS),
    *(ox.Literal("x", language=tag) for tag in ("en", "zh-hans", "zh-hant-hk", "x-private-use")),
    *(
        ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{name}"))
        for text, name in (
            ("ab", "integer"), ("", "decimal"), ("2025-13-45", "date"), ("yes", "boolean"), ("INF", "double"),
            ("9" * 60, "integer"), ("<b>", "anyURI"), ("a\nb", "NOTATION"),
        )
    ),
    ox.Literal("x", datatype=ox.NamedNode("urn:type:深圳")),
]  # fmt: skip
GRAPHS = {
    "ttl": "turtle",
    "nt": "nt",
    "rdf": "xml",
    "jsonld": "json-ld",
    "trig": "trig",
    "nq": "nquads",
}
XML = "{http://www.w3.org/2005/sparql-results#}"

Term = tuple[str, str, str]
"""Text, language and datatype, the latter empty for a plain one."""


@pytest.fixture(autouse=True)
def exact_rdflib(monkeypatch: pytest.MonkeyPatch) -> None:
    """rdflib that keeps the text of a literal; by default it writes INF as inf."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def term_of(literal: ox.Literal) -> Term:
    datatype = "" if literal.language else literal.datatype.value
    return (literal.value, literal.language or "", datatype.replace(f"{rdflib.XSD}string", ""))


def is_xml(text: str) -> bool:
    """Whether XML 1.0 can carry every character: https://www.w3.org/TR/xml/#charsets."""
    return all(c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") for c in text)


def read_json(body: bytes) -> list[Term]:
    rows = json.loads(body)["results"]["bindings"]
    return [(r["x"]["value"], r["x"].get("xml:lang", ""), r["x"].get("datatype", "")) for r in rows]


def read_xml(body: bytes) -> list[Term]:
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    found = ElementTree.fromstring(body).iter(f"{XML}literal")
    return [(e.text or "", e.get(language, ""), e.get("datatype", "")) for e in found]


def read_tsv(body: bytes) -> list[Term]:
    cells = body.decode().split("\n")[1:-1]
    lines = [f"<urn:s> <urn:p> {cell} ." for cell in cells]
    return [
        from_rdflib(o)
        for line in lines
        for o in rdflib.Graph().parse(data=line, format="turtle").objects()
    ]


def from_rdflib(term: object) -> Term:
    assert isinstance(term, rdflib.Literal)
    datatype = str(term.datatype or "")
    return (str(term), term.language or "", datatype.replace(f"{rdflib.XSD}string", ""))


def read_csv(body: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))
    return [row[0] if row else "" for row in rows[1:]]


READERS = {"json": read_json, "xml": read_xml, "tsv": read_tsv}


def ask(client: FlaskClient, query: str, format: str, **more: str) -> tuple[int, bytes]:
    response = client.post("/sparql", data={"query": query, "format": format, **more})
    if response.status_code != 200:
        assert (response.status_code, response.get_json()["code"]) == (422, "unwritable")
        names = {"rdf": "rdfxml"}
        assert names.get(format, format) in response.get_json()["detail"]
    return response.status_code, response.data


def check_table(client: FlaskClient, literals: list[ox.Literal]) -> None:
    query = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, literals))} }} }}"
    expected = sorted(map(term_of, literals))
    for format, read in READERS.items():
        status, body = ask(client, query, format)
        if format == "xml" and not all(is_xml(literal.value) for literal in literals):
            assert status == 422
        else:
            assert status == 200 and sorted(read(body)) == expected, format
    assert sorted(read_csv(ask(client, query, "csv")[1])) == sorted(x.value for x in literals)
    status, body = ask(client, query, "csv", excel="1")
    cells = read_csv(body.removeprefix("\ufeff".encode()))
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠")]
    assert sorted(
        c[1:] if c[:1] == "'" and c[1:2] in tuple("=+-@\t\r＝＋－＠") else c for c in cells
    ) == sorted(x.value for x in literals)


def check_graph(client: FlaskClient, literals: list[ox.Literal]) -> None:
    lines = " ".join(f"<urn:s> <urn:x:p{n}> {literal} ." for n, literal in enumerate(literals))
    for format, name in GRAPHS.items():
        status, body = ask(client, f"CONSTRUCT {{ {lines} }} {{}}", format)
        if format == "rdf" and not all(is_xml(literal.value) for literal in literals):
            assert status == 422
            continue
        dataset = rdflib.Dataset()
        dataset.parse(data=body.decode(), format=name)
        found = {str(p): from_rdflib(o) for _, p, o, _ in dataset.quads()}
        assert found == {f"urn:x:p{n}": term_of(x) for n, x in enumerate(literals)}, format


@pytest.mark.parametrize("literal", LITERALS, ids=range(len(LITERALS)))
def test_a_hostile_literal_comes_back_in_every_format_or_is_named_as_unwritable(
    client: FlaskClient, literal: ox.Literal
) -> None:
    check_table(client, [literal])
    check_graph(client, [literal])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LISTS = st.lists(TEXT.map(ox.Literal), min_size=1, max_size=25, unique=True)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(LISTS)
def test_any_text_comes_back_in_every_format(
    client: FlaskClient, literals: list[ox.Literal]
) -> None:
    check_table(client, literals)
    check_graph(client, literals)
    # XML can carry hardly any list of these, so without what it cannot.
    if writable := [literal for literal in literals if is_xml(literal.value)]:
        check_table(client, writable)
        check_graph(client, writable)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_direction_of_a_literal_is_kept_where_the_format_has_a_place_for_it(
    client: FlaskClient, direction: str
) -> None:
    query = f'SELECT ("x"@ar--{direction} AS ?x) {{}}'
    (row,) = json.loads(ask(client, query, "json")[1])["results"]["bindings"]
    assert (row["x"]["xml:lang"], row["x"]["its:dir"]) == ("ar", direction)
    (element,) = ElementTree.fromstring(ask(client, query, "xml")[1]).iter(f"{XML}literal")
    assert element.get("{http://www.w3.org/2005/11/its}dir") == direction
    assert f'"x"@ar--{direction}'.encode() in ask(client, query, "tsv")[1]
    graph = query.replace("SELECT", "CONSTRUCT { <urn:s> <urn:x:p> ?x } { SELECT") + "}"
    assert f"@ar--{direction}".encode() in ask(client, graph, "ttl")[1]
    (node,) = json.loads(ask(client, graph, "jsonld")[1])
    assert node["urn:x:p"][0]["@direction"] == direction


def test_a_triple_term_that_json_ld_cannot_carry_is_an_error(client: FlaskClient) -> None:
    query = 'CONSTRUCT { <urn:s> <urn:x:p> <<( <urn:s> <urn:x:q> "x" )>> } {}'
    assert ask(client, query, "jsonld")[0] == 422
    assert ask(client, query, "nt")[0] == 200


def test_csv_for_a_spreadsheet_is_made_for_a_saved_question_too(client: FlaskClient) -> None:
    exact = client.get("/queries/city-counts.csv")
    safe = client.get("/queries/city-counts.csv?excel=1")
    assert safe.data.decode("utf-8-sig").splitlines() == exact.data.decode().splitlines()
    assert "attachment" in safe.headers["Content-Disposition"]
    assert client.get("/queries/city-counts.csv?excel=yes").status_code == 400
    assert client.get("/sparql?query=ASK%7B%7D&excel=2").status_code == 400


def test_a_long_answer_for_a_spreadsheet_is_whole(client: FlaskClient) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 20000"
    _, body = ask(client, query, "csv", excel="1")
    assert len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))) == 20_001


@pytest.fixture(scope="module")
def cut_client(settings: Settings) -> Iterator[FlaskClient]:
    """A client of an application that cuts every answer after seven rows."""
    app = create_app(replace(settings, max_rows=7, workers=1, budget_seconds_per_minute=1e9))
    yield app.test_client()
    app.extensions["kg"].pool.close()


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXT.filter(is_xml).map(ox.Literal), min_size=8, max_size=20, unique=True))
def test_an_answer_of_any_text_is_cut_at_the_end_of_a_row_and_marked(
    cut_client: FlaskClient, literals: list[ox.Literal]
) -> None:
    query = f"SELECT ?x {{ VALUES ?x {{ {' '.join(map(str, literals))} }} }}"
    known = {literal.value for literal in literals}
    for format in ("json", "xml", "tsv", "csv"):
        response = cut_client.post("/sparql", data={"query": query, "format": format})
        assert response.headers["X-KG-Truncated"] == "rows"
        if format == "csv":
            found = read_csv(response.data)
        else:
            found = [text for text, _, _ in READERS[format](response.data)]
        assert len(found) == len(set(found)) == 7 and set(found) <= known, format
    lines = " ".join(f"<urn:s> <urn:x:p{n}> {literal} ." for n, literal in enumerate(literals))
    for format, name in GRAPHS.items():
        response = cut_client.post(
            "/sparql", data={"query": f"CONSTRUCT {{ {lines} }} {{}}", "format": format}
        )
        assert response.headers["X-KG-Truncated"] == "rows"
        assert len(rdflib.Dataset().parse(data=response.data, format=name)) == 7, format
