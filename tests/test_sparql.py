"""The SPARQL 1.1 Protocol query operation, case by case."""

import json
from urllib.parse import quote, urlencode

import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient
from rdflib.compare import isomorphic

from kg.store.embedded import EmbeddedStore

GRAPH_A = "https://w3id.org/industry-kg/graph/src/A"
GRAPH_B = "https://w3id.org/industry-kg/graph/src/B"
SELECT = """SELECT DISTINCT ?s WHERE {
  <https://w3id.org/industry-kg/id/segment/lidar> <https://w3id.org/industry-kg/ont#partOfChain> ?s }"""
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/industry-kg/id/chain/humanoid> ?p ?o }"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def number(response: object) -> int:
    """The one number of a COUNT."""
    rows = json.loads(response.get_data())["results"]["bindings"]  # type: ignore[attr-defined]
    return int(rows[0]["n"]["value"])


@pytest.mark.parametrize(
    "send",
    [
        lambda c: c.get("/sparql", query_string={"query": SELECT}),
        lambda c: c.post("/sparql", data={"query": SELECT}),
        lambda c: c.post("/sparql", data=SELECT, content_type=DIRECT),
        lambda c: c.post("/sparql", data=SELECT.encode(), content_type=DIRECT + "; charset=UTF-8"),
    ],
    ids=["get", "form", "direct", "direct with charset"],
)
def test_a_query_is_taken_by_get_form_and_direct_post(client: FlaskClient, send: object) -> None:
    response = send(client)  # type: ignore[operator]
    assert response.status_code == 200
    assert response.mimetype == "application/sparql-results+json"
    assert response.content_length == len(response.data)
    assert [
        row["s"]["value"].rpartition("/")[2]
        for row in response.get_json(force=True)["results"]["bindings"]
    ] == ["humanoid"]


REFUSED = [
    ("GET", "?query=a&query=b", None, "", 400, "query_repeated"),
    ("GET", "?query=", None, "", 400, "query_missing"),
    ("GET", "?update=INSERT+DATA+%7B%7D", None, "", 400, "query_and_update"),
    ("GET", "?query=INSERT+DATA+%7B%7D", None, "", 400, "query_and_update"),
    ("GET", "?query=%FF", None, "", 400, "encoding"),
    ("GET", "?query=SELECT", None, "", 400, "syntax"),
    ("GET", "?query=ASK%7B%7D&timeout=never", None, "", 400, "parameter_invalid"),
    ("GET", "?query=ASK%7B%7D&format=docx", None, "", 406, "not_acceptable"),
    ("GET", "?query=ASK%7BSERVICE%20%3Cx%3A%3E%7B%7D%7D", None, "", 403, "service_forbidden"),
    ("POST", "", DIRECT, b"", 400, "query_missing"),
    ("POST", "", FORM, b"other=1", 400, "query_missing"),
    ("POST", "", FORM, b"query=%FF", 400, "encoding"),
    ("POST", "", FORM, b"query=a&query=b", 400, "query_repeated"),
    ("POST", "", FORM, b"query=a&update=b", 400, "query_and_update"),
    ("POST", "?query=a", DIRECT, b"ASK {}", 400, "query_repeated"),
    ("POST", "", "text/plain", SELECT.encode(), 415, "media_type"),
    ("POST", "", None, SELECT.encode(), 415, "media_type"),
    ("POST", "", DIRECT + "; charset=UTF-16", SELECT.encode("utf-16"), 415, "media_type"),
    ("POST", "", DIRECT, b"ASK { \xff }", 400, "encoding"),
    ("POST", "", FORM, b"query=" + b"x" * (3 << 20), 413, "body_too_large"),
    ("PUT", "", DIRECT, b"ASK {}", 405, "method"),
    ("DELETE", "", None, b"", 405, "method"),
]


@pytest.mark.parametrize(
    ("method", "url", "type_", "body", "status", "code"), REFUSED, ids=range(len(REFUSED))
)
def test_a_malformed_request_gets_a_problem_document(
    client: FlaskClient,
    method: str,
    url: str,
    type_: str | None,
    body: bytes,
    status: int,
    code: str,
) -> None:
    response = client.open("/sparql" + url, method=method, data=body, content_type=type_)
    problem = response.get_json()
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert (problem["status"], problem["code"], problem["instance"]) == (status, code, "/sparql")
    assert problem["detail"] and problem["request_id"]


def test_updates_are_off(client: FlaskClient) -> None:
    response = client.post("/sparql/update", data={"update": "INSERT DATA { <a> <b> <c> }"})
    assert (response.status_code, response.get_json()["code"]) == (403, "updates_off")


def test_a_method_that_is_not_allowed_names_those_that_are(client: FlaskClient) -> None:
    assert set(client.put("/sparql").headers["Allow"].split(", ")) == {
        "GET",
        "HEAD",
        "OPTIONS",
        "POST",
    }


def test_a_syntax_error_carries_line_column_and_a_caret(client: FlaskClient) -> None:
    problem = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ?p"}).get_json()
    assert (problem["line"], problem["column"]) == (2, 14)
    assert problem["excerpt"] == "WHERE { ?s ?p\n             ^"


def test_an_undeclared_prefix_is_named_with_the_line_that_declares_it(client: FlaskClient) -> None:
    problem = client.get("/sparql", query_string={"query": "ASK { ?s kg:stage ?o }"}).get_json()
    assert (
        "prefix 'kg' is not declared; add: PREFIX kg: <https://w3id.org/industry-kg/ont#>"
        in problem["detail"]
    )


TABLE_TYPES = [
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
]
GRAPH_TYPES = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"]


@pytest.mark.parametrize("media_type", TABLE_TYPES)
@pytest.mark.parametrize("query", [SELECT, "ASK { ?s ?p ?o }"])
def test_select_and_ask_come_in_four_formats(
    client: FlaskClient, query: str, media_type: str
) -> None:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    if media_type.endswith(("json", "xml")):
        result = rdflib.query.Result.parse(
            __import__("io").BytesIO(response.data), format=media_type.rpartition("+")[2]
        )
        assert result.askAnswer is True if query.startswith("ASK") else len(result) == 1


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
@pytest.mark.parametrize(
    "query", [CONSTRUCT, "DESCRIBE <https://w3id.org/industry-kg/id/chain/humanoid>"]
)
def test_construct_and_describe_come_in_four_formats_with_the_same_triples(
    client: FlaskClient, query: str, media_type: str
) -> None:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    turtle = client.get("/sparql", query_string={"query": query, "format": "turtle"}).data
    one = rdflib.Graph().parse(
        data=response.data, format="json-ld" if "json" in media_type else media_type
    )
    assert isomorphic(one, rdflib.Graph().parse(data=turtle, format="turtle"))
    assert len(one) >= 7


def test_turtle_is_written_with_prefixes(client: FlaskClient) -> None:
    text = client.get("/sparql", query_string={"query": CONSTRUCT}).get_data(as_text=True)
    assert "@prefix kg: <https://w3id.org/industry-kg/ont#> ." in text
    assert "ch:humanoid a kg:IndustryChain" in text


@pytest.mark.parametrize(
    ("query", "accept"),
    [(SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), ("ASK {}", "image/png, */*;q=0")],
)
def test_what_cannot_be_written_as_accepted_is_406(
    client: FlaskClient, query: str, accept: str
) -> None:
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    assert response.status_code == 406
    assert "offered: " in response.get_json()["detail"]


def test_the_default_graph_is_the_merged_view_and_counts_each_triple_once(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    """Without what a decision sets aside, the records and the passages of no other record, and
    without the graph that stays outside but for what it says of itself."""
    outside = "https://w3id.org/industry-kg/graph/src/shenzhen-20-8-chains"
    aside = "{ ?decision kg:deprecates ?s } UNION { ?decision kg:deprecates ?record . GRAPH ?b { ?record kg:evidence ?s } }"
    used = "?other kg:evidence ?s"
    distinct = f"""PREFIX kg: <https://w3id.org/industry-kg/ont#>
      SELECT (COUNT(*) AS ?n) WHERE {{ SELECT DISTINCT ?s ?p ?o WHERE {{
        GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{outside}> || ?s = ?g) MINUS {{ {aside} MINUS {{ {used} }} }} }} }}"""
    [counted] = store.rows(distinct)  # in this process: it takes seconds, and there is no deadline
    assert number(client.get("/sparql", query_string={"query": COUNT})) == int(counted["n"].value)  # type: ignore[union-attr]


def test_dataset_parameters_choose_the_graphs_and_override_from(client: FlaskClient) -> None:
    def count(query: str, *pairs: tuple[str, str]) -> int:
        return number(client.get("/sparql?" + urlencode([("query", query), *pairs])))

    a, b = (
        count(COUNT, ("default-graph-uri", GRAPH_A)),
        count(COUNT, ("default-graph-uri", GRAPH_B)),
    )
    named = COUNT.replace("{ ?s ?p ?o }", "{ GRAPH ?g { ?s ?p ?o } }")
    assert a > 1000 < b
    assert count(COUNT, ("default-graph-uri", GRAPH_A), ("default-graph-uri", GRAPH_B)) == a + b
    assert count(named, ("named-graph-uri", GRAPH_A)) == a
    assert count(COUNT, ("named-graph-uri", GRAPH_A)) == 0
    assert count(named, ("default-graph-uri", GRAPH_A)) == 0
    assert (
        count(COUNT.replace("WHERE", f"FROM <{GRAPH_B}> WHERE"), ("default-graph-uri", GRAPH_A))
        == a
    )
    assert count(COUNT.replace("WHERE", f"FROM <{GRAPH_B}> WHERE")) == b
    assert count(COUNT, ("default-graph-uri", "http://nowhere/")) == 0


def test_dataset_parameters_count_in_the_url_of_a_post(client: FlaskClient) -> None:
    url = "/sparql?default-graph-uri=" + quote(GRAPH_A, safe="")
    assert number(client.post(url, data={"query": COUNT})) == number(
        client.post(url, data=COUNT, content_type=DIRECT)
    )


def test_without_a_query_the_service_describes_itself(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "*/*"})
    graph = rdflib.Graph().parse(data=response.data, format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = graph.value(predicate=rdflib.RDF.type, object=sd.Service)
    assert graph.value(service, sd.endpoint) == rdflib.URIRef("http://localhost/sparql")
    assert rdflib.URIRef(GRAPH_A) in set(graph.objects(None, sd.name))


def test_a_browser_gets_the_form_and_a_table_with_labels(client: FlaskClient) -> None:
    assert "<textarea" in client.get("/sparql", headers=BROWSER).get_data(as_text=True)
    page = client.get("/sparql", query_string={"query": SELECT, "lang": "en"}, headers=BROWSER)
    assert page.mimetype == "text/html"
    assert '<a href="/chains/humanoid"' in page.get_data(as_text=True)
    assert "Humanoid robots" in page.get_data(as_text=True)


def test_a_query_that_fails_in_a_browser_is_kept_beside_what_is_wrong(client: FlaskClient) -> None:
    page = client.get("/sparql", query_string={"query": "ASK { ?s kg:x }"}, headers=BROWSER)
    text = page.get_data(as_text=True)
    assert page.status_code == 400
    assert "ASK { ?s kg:x }</textarea>" in text
    assert "prefix &#39;kg&#39; is not declared" in text


def test_a_client_may_lower_the_deadline_and_is_told_which_one_held(client: FlaskClient) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    response = client.get("/sparql", query_string={"query": slow, "timeout": "0.3"})
    assert (response.status_code, response.get_json()["code"]) == (422, "query_timeout")
    assert response.get_json()["limit"] == 0.3


def test_hostile_literals_come_back_as_equal_terms(client: FlaskClient) -> None:
    value = "a\tb\nc\r\"q\" 'x' \\ </script> =1+1 深圳 🏭 \u200f \u0001"
    literal = rdflib.Literal(value)
    text = json.dumps(value, ensure_ascii=False)
    for name in ("json", "tsv"):
        response = client.get(
            "/sparql", query_string={"query": f"SELECT ({text} AS ?x) {{}}", "format": name}
        )
        if name == "json":
            assert response.get_json(force=True)["results"]["bindings"][0]["x"]["value"] == value
        else:
            result = rdflib.query.Result.parse(
                __import__("io").BytesIO(response.data), format="tsv"
            )
            assert [row[0] for row in result] == [literal]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sparql",
        "/queries",
        "/export",
        "/ont.html",
        "/id/place/shenzhen.html",
        "/limits",
        "/nope",
    ],
)
def test_every_response_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    for headers in ({}, BROWSER):
        response = client.get(path, headers=headers)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert ("script-src 'self'" in policy) == (response.mimetype == "text/html")
        assert "unsafe-inline" not in policy


def test_no_template_has_inline_script_style_or_handler(app: Flask) -> None:
    import re
    from pathlib import Path

    # kgnet.html is the file that stands alone: it carries its own policy with the digests of its scripts
    templates = [
        p for p in sorted(Path(app.root_path, "templates").glob("*.html")) if p.name != "kgnet.html"
    ]
    assert len(templates) >= 9
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|\|\s*safe\b", text), path.name
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in tag or 'type="application/json"' in tag, (path.name, tag)
