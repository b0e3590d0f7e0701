"""Attacks that once worked, and must not again."""

import http.client
import itertools
import json
import re
import threading
import time
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

from kg.engine.limits import check_query, read_shape
from kg.errors import ServiceForbidden, SyntaxInvalid
from kg.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ALPHABET = "a.'\"\\:<#(1 {?@\n"


@pytest.mark.parametrize("unit", ["".join(pair) for pair in itertools.product(ALPHABET, repeat=2)])
def test_the_scanner_is_linear_in_any_repetition(unit: str) -> None:
    text = unit * (8192 // len(unit))
    started = time.process_time()
    read_shape(text)
    read_shape("'" + text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("unit", ["\\'''\n", "'a\\", '"""a', "a.", "'''", '"""\\'])
def test_the_longest_text_of_a_hostile_unit_is_scanned_in_time(unit: str) -> None:
    started = time.process_time()
    read_shape(unit * (65536 // len(unit)))
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX x:<http://a/> ASK {SERVICESILENTx:foo{?s ?p ?o}}",
        "PREFIX x:<http://a/> SELECT * {FILTER EXISTS{SERVICEx:a{?s?p?o}}}",
        "SELECT * {?s ?p trueSERVICE SILENT<http://a/>{?x ?y ?z}}",
        "SELECT * {FILTER(1<2)SERVICESILENT?v#>\n{?x ?y ?z}}",
        "SELECT * {?s ?p falseSERVICE<http://a/>{?x ?y ?z}}",
    ],
)
def test_service_without_blanks_is_refused(query: str) -> None:
    with pytest.raises(ServiceForbidden):
        check_query(query, Settings())


def test_a_long_string_that_never_ends_hides_nothing() -> None:
    with pytest.raises(SyntaxInvalid, match="never ends"):
        check_query('SELECT * { VALUES ?x {"""x"} SERVICE <http://a/> {} }', Settings())


def test_an_overlong_text_is_refused_before_it_is_scanned_in_a_browser_too(
    client: FlaskClient,
) -> None:
    started = time.process_time()
    response = client.post("/sparql", data={"query": "'a." * 500_000}, headers=BROWSER)
    assert response.status_code == 400
    assert time.process_time() - started < 2.0


def test_a_page_shows_the_beginning_of_a_long_result_and_says_so(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
    page = client.get("/sparql", query_string={"query": query}, headers=BROWSER).get_data(
        as_text=True
    )
    assert "长结果的开头" in page
    assert page.count("<tr>") <= 1001


def test_a_page_of_very_many_columns_stays_small(client: FlaskClient) -> None:
    columns = " ".join(f"(1 AS ?v{n})" for n in range(2000))
    query = f"SELECT {columns} {{ ?s ?p ?o }} LIMIT 900"
    page = client.get("/sparql", query_string={"query": query}, headers=BROWSER).get_data(
        as_text=True
    )
    assert page.count("<td>") <= 20_000
    assert "长结果的开头" in page


def test_a_head_request_for_an_export_starts_no_thread(client: FlaskClient) -> None:
    before = threading.active_count()
    for _ in range(5):
        response = client.head("/export/all.trig")
        assert (response.status_code, response.data) == (200, b"")
    assert threading.active_count() == before


def test_a_cut_result_with_a_very_long_head_is_still_json(client: FlaskClient) -> None:
    names = " ".join(f"?v{n:06}" for n in range(6000))
    query = f"SELECT {names} {{ VALUES ?v000000 {{ 1 2 3 }} }}"
    response = client.get("/sparql", query_string={"query": query})
    assert len(json.loads(response.data)["head"]["vars"]) == 6000


@pytest.mark.parametrize(
    ("query", "format"),
    [
        ("CONSTRUCT { <http://a> <http://b/1> 1 } {}", "rdfxml"),
        ('SELECT ("a\\u0001b" AS ?x) {}', "xml"),
        ('SELECT ("a\\uFFFEb" AS ?x) {}', "xml"),
    ],
)
def test_what_xml_cannot_carry_is_an_error_and_not_broken_xml(
    client: FlaskClient, query: str, format: str
) -> None:
    response = client.get("/sparql", query_string={"query": query, "format": format})
    assert (response.status_code, response.get_json()["code"]) == (422, "unwritable")
    assert client.get("/sparql", query_string={"query": query}).status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/sparql", {"Accept": "text/turtle"}, 200),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=foo", {}, 400),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=", {}, 400),
        ("/sparql?query=ASK%7B%7D&timeout=5_0", {}, 400),
        ("/sparql?query=ASK%7B%7D&timeout=0.000001", {}, 400),
        ("/sparql?query=%EF%BB%BFASK%7B%7D", {}, 200),
        ("/queries/city-counts?city=%FF", {}, 400),
        ("/problems/query_timeout", {}, 200),
        ("/problems/http", {}, 200),
        ("/problems/nope", {}, 404),
    ],
)
def test_odd_requests_get_the_right_status(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=headers).status_code == status
    assert client.head(path, headers=headers).status_code == status


def test_a_compressed_body_is_refused_by_name(client: FlaskClient) -> None:
    response = client.post(
        "/sparql", data={"query": "ASK {}"}, headers={"Content-Encoding": "gzip"}
    )
    assert (response.status_code, "gzip" in response.get_json()["detail"]) == (415, True)


def test_a_client_that_likes_json_more_than_html_gets_json(client: FlaskClient) -> None:
    for accept in ("text/html;q=0.1,application/json;q=0.9", "text/html;q=0.5, application/json"):
        response = client.get("/sparql?query=ASK%7B%7D", headers={"Accept": accept})
        assert response.mimetype == "application/sparql-results+json"


def test_a_chunked_body_over_the_limit_is_refused_and_not_cut(server_url: str) -> None:
    connection = http.client.HTTPConnection(server_url.removeprefix("http://"), timeout=30)
    pad = b"&pad=" + b"x" * (2 << 20)
    body = b"query=" + quote("ASK{?s ?p ?o}").encode() + pad + b"&default-graph-uri=http://none/"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sparql", iter([body]), headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_no_link_of_a_page_leads_to_another_site(client: FlaskClient) -> None:
    query = "SELECT (<https://w3id.org/industry-kg//evil.example/> AS ?x) {}"
    for path in ("/sparql?" + urlencode({"query": query}), "/%5Cevil.example", "//evil.example/"):
        page = client.get(path, headers=BROWSER, follow_redirects=False)
        for link in re.findall(r'href="([^"]*)"', page.get_data(as_text=True)):
            assert not re.match(r"/[/\\]", link), link


def test_the_answer_names_the_release_that_gave_it(client: FlaskClient) -> None:
    response = client.get("/sparql?query=ASK%7B%7D")
    assert response.headers["X-KG-Release"] == client.get("/readyz").get_json()["release"]


def test_the_methods_that_cors_allows_are_those_of_the_address(client: FlaskClient) -> None:
    allowed = client.options("/sparql").headers["Access-Control-Allow-Methods"]
    assert allowed == "GET, HEAD, POST"
    assert client.options("/limits").headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Access-Control-Allow-Methods" not in client.options("/sparql/update").headers


def test_pages_answer_while_endless_queries_come_from_all_sides(server_url: str) -> None:
    host = server_url.removeprefix("http://")
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    path = "/sparql?" + urlencode({"query": slow, "timeout": "2"})

    def send() -> None:
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(24)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    connection = http.client.HTTPConnection(host, timeout=30)
    started = time.perf_counter()
    connection.request("GET", "/healthz")
    assert connection.getresponse().read()
    assert time.perf_counter() - started < 1.5
    connection.close()
    for thread in threads:
        thread.join()
