"""The description of the interface: complete, valid, and true of a running server."""

import re
from urllib.parse import unquote

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

import fuzz
from kg.errors import list_errors
from kg.queries import find_queries
from kg.settings import Settings
from kg.web.openapi import described_rules, path_of
from kg.web.operations import LEFT_OUT, OPERATIONS

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_every_route_and_method_is_described_or_left_out_for_a_reason(
    app: Flask, client: FlaskClient, settings: Settings
) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    described = {rule.rule for rule in described_rules(app)}
    for rule in app.url_map.iter_rules():
        if rule.rule not in described:
            assert rule.rule.startswith(tuple(LEFT_OUT)), rule.rule
            continue
        expected = {path_of(rule.rule)}
        if rule.rule == "/queries/<name>":
            expected = {f"/queries/{name}" for name in find_queries(settings.root)}
        for path in expected:
            methods = {name.upper() for name in paths[path]} & METHODS
            assert methods >= METHODS & (rule.methods or set()), path
    assert all(LEFT_OUT.values())


def test_no_row_of_the_table_describes_a_route_that_is_gone(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert set(OPERATIONS) <= rules
    assert all(any(rule.startswith(start) for rule in rules) for start in LEFT_OUT)


def test_the_document_is_openapi_3_1(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()  # against the meta-schema it brings along
    ids = [
        operation["operationId"]
        for item in document["paths"].values()
        for name, operation in item.items()
        if name.upper() in METHODS
    ]
    assert len(ids) == len(set(ids)) > 50


def test_a_schema_describes_the_table_as_json_alone(client: FlaskClient) -> None:
    """JSON-LD of the same address is a graph, and no object with a total."""
    paths = client.get("/openapi.json").get_json()["paths"]
    content = paths["/conflicts.{suffix}"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["required"][0] == "total"
    assert {kind for kind, each in content.items() if each["schema"]} == {"application/json"}


def test_every_error_code_is_named_where_its_status_is_described(client: FlaskClient) -> None:
    responses = client.get("/openapi.json").get_json()["components"]["responses"]
    for error in list_errors():
        assert f"{error.code}: " in responses[f"Problem{error.status}"]["description"]


def test_a_saved_query_is_described_by_its_own_head(
    client: FlaskClient, settings: Settings
) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    for query in find_queries(settings.root).values():
        operation = paths[f"/queries/{query.name}"]["get"]
        assert operation["summary"] == query.summary
        names = [parameter["name"] for parameter in operation["parameters"]]
        assert names == [p.name for p in query.parameters] + ["timeout", "format", "excel"]


@pytest.mark.parametrize(("lang", "title"), [("en", "Interface"), ("zh-Hans", "接口")])
def test_the_page_shows_every_path_without_a_script(
    client: FlaskClient, lang: str, title: str
) -> None:
    page = client.get("/docs", query_string={"lang": lang}).get_data(as_text=True)
    paths = client.get("/openapi.json").get_json()["paths"]
    assert f"<h1>{title}</h1>" in page and "kg-data" not in page
    shown = re.findall(r'<a href="/docs\?path=([^"]+)"><code>', page)
    assert sorted(map(unquote, shown)) == sorted(paths)
    for path in ("/sparql", "/store/{path}", "/export"):
        full = client.get("/docs", query_string={"lang": lang, "path": path}).text
        assert f"<h1><code>{path}</code></h1>" in full
        for method, operation in paths[path].items():
            if method != "parameters":
                assert str(escape(operation["summary"])) in full
                assert all(p["name"] in full for p in operation["parameters"])
    assert client.get("/docs?path=/nope").status_code == 404


def test_a_slice_of_the_fuzzing_finds_nothing(server_url: str) -> None:
    """The whole is `make fuzz`; here as much as fits three quarters of a minute."""
    result = fuzz.attack(server_url, "--max-time=45", "--seed=1", "-n", "4")
    failures = result.stdout.partition("= FAILURES =")[2] or result.stdout[-6000:]
    assert result.returncode == 0, failures[:6000]
    cases = re.search(r"([\d,]+) generated", result.stdout)
    assert cases and int(cases[1].replace(",", "")) > 100, result.stdout[-2000:]
