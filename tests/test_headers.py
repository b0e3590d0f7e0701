"""Every route, method and outcome carries the headers; no other site may do more than read."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ACCEPTS: list[dict[str, str]] = [BROWSER, {"Accept": "image/png"}, {}, {"Accept": "a/b;q=x"}]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "BREW")
A_GRAPH = "?graph=https://w3id.org/industry-kg/graph/src/A"  # without, it is the whole dataset
VALUES = {"name": "nope", "path": "nope", "filename": "site.css", "code": "busy", "suffix": "ttl"}
MORE = [
    "/static/kgnet.js",
    "/static/icon.svg",
    "/static/nope.css",
    "/queries/rank-path",
    "/queries/rank-path.xml",
    "/queries/rank-path?city=%FF",
    "/queries/rank-path?nope=1",
    "/id/place/shenzhen",
    "/id/place/shenzhen.html",
    "/id/place/shenzhen.rdf",
    "/export/src/A.rdf",
    "/export/src/A.ttl.gz",
    "/sparql?query=ASK%7B%7D",
    "/sparql?query=ASK%7B",
    "/sparql?query=ASK%7B%7D&format=xml",
    "/sparql?query=SELECT(COUNT(*)AS%3Fn)%7B%3Fa%3Fb%3Fc.%3Fd%3Fe%3Ff.%3Fg%3Fh%3Fi%7D&timeout=0.1",
    "/sparql?query=" + "x" * 70_000,
    "/nope",
    "/..%2f..%2fetc%2fpasswd",
    "/id/%00%0d%0aSet-Cookie:x",
    "/static/..%2f__init__.py",
    "/static/%2e%2e/settings.py",
    "/export/..%2f..%2f..%2fetc/passwd.ttl",
    "/problems/%3Cscript%3E",
    "/network?focus=%FF",
    "/network?chain=%7B%7D&layout=x&lang=%00",
    "/ont/%7B%7D.ttl",
    "//evil.example/",
]


def paths(app: Flask) -> Iterator[str]:
    """One address of every route, and those that are answered with something special."""
    for rule in app.url_map.iter_rules():
        path = re.sub(
            r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: VALUES.get(found[1], "x"), rule.rule
        )
        yield path + (A_GRAPH if path == "/store" else "")
    yield from MORE


def check(response: TestResponse, method: str) -> None:
    """What every response must carry, and what no body may hold."""
    headers, kind = response.headers, response.mimetype or ""
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy or policy == "sandbox"
    assert "unsafe" not in policy and ("script-src" not in policy or kind == "text/html")
    if kind.startswith("text/") or kind.endswith("xml"):
        assert "charset=utf-8" in headers["Content-Type"].lower()
    assert "Access-Control-Allow-Credentials" not in headers and "Set-Cookie" not in headers
    if method == "HEAD":
        assert not response.data
    if response.mimetype == "application/gzip":
        return
    text = response.get_data(as_text=True)
    assert "Traceback" not in text
    assert not re.search(r"(?<![\w.:/])/(home|root|usr|tmp|var|work|opt|etc|proc)/\w", text)


@pytest.mark.parametrize("method", METHODS)
def test_every_response_carries_the_headers_and_no_body_tells_of_this_machine(
    client: FlaskClient, app: Flask, method: str
) -> None:
    statuses = set()
    for path in paths(app):
        for accept in ACCEPTS if method == "GET" else ACCEPTS[:2]:
            response = client.open(path, method=method, headers=accept)
            check(response, method)
            assert response.status_code < 500, (path, accept)
            statuses.add(response.status_code)
            response.close()
    assert statuses >= {
        "GET": {200, 303, 400, 404, 406, 422},
        "HEAD": {200, 303, 400, 404, 406, 422},
        "OPTIONS": {200, 404},
        "POST": {403, 405, 415},
    }.get(method, {404, 405})


def test_the_headers_stand_on_what_a_real_server_sends(server_url: str) -> None:
    import requests

    for path, status in (("/", 200), ("/sparql?query=ASK%7B", 400), ("/nope", 404), ("/ont", 303)):
        response = requests.get(server_url + path, allow_redirects=False, timeout=30)
        assert response.status_code == status
        for name in ("X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy"):
            assert len(response.raw.headers.getlist(name)) == 1, (path, name)
        tag = response.headers.get("ETag")
        if tag:
            again = requests.get(server_url + path, headers={"If-None-Match": tag}, timeout=30)
            assert again.status_code == 304
            assert again.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "method", "wanted", "shared"),
    [
        ("/sparql", "OPTIONS", "GET", True),
        ("/sparql", "OPTIONS", "POST", True),
        ("/sparql", "OPTIONS", "PUT", False),
        ("/sparql", "GET", "", True),
        ("/sparql", "POST", "", True),
        ("/limits", "OPTIONS", "GET", True),
        ("/limits", "OPTIONS", "DELETE", False),
        ("/queries/rank-path.csv", "GET", "", True),
        ("/export/src/A.nt", "HEAD", "", True),
        ("/nope", "GET", "", True),
        ("/sparql/update", "OPTIONS", "POST", False),
        ("/sparql/update", "POST", "", False),
        ("/store", "OPTIONS", "PUT", False),
        ("/store", "PUT", "", False),
        ("/store?default", "POST", "", False),
        ("/store/x", "DELETE", "", False),
    ],
)
def test_other_sites_may_read_and_nothing_else(
    client: FlaskClient, path: str, method: str, wanted: str, shared: bool
) -> None:
    headers = {"Origin": "https://example.org"}
    if wanted:
        headers["Access-Control-Request-Method"] = wanted
    for credentials in ({}, {"Authorization": "Bearer x"}):
        answer = client.open(path, method=method, headers={**headers, **credentials})
        found = {name for name in answer.headers.keys() if name.startswith("Access-Control-")}  # noqa: SIM118  # no mapping
        if shared and not credentials:
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
            assert {"ETag", "Link", "Retry-After", "X-KG-Engine", "X-KG-Truncated"} <= set(exposed)
            assert ("Access-Control-Allow-Methods" in found) == (method == "OPTIONS")
        else:
            assert not found


def test_a_problem_document_is_complete_and_its_type_explains_it(client: FlaskClient) -> None:
    for path in MORE:
        response = client.get(path)
        response.get_data()
        response.close()
        if response.mimetype != "application/problem+json":
            continue
        problem = response.get_json()
        assert problem["status"] == response.status_code
        assert problem["request_id"] == response.headers["X-Request-Id"]
        assert problem["title"] and problem["detail"] and problem["instance"].startswith("/")
        meaning = client.get(problem["type"]).get_json()
        assert (meaning["code"], meaning["status"]) == (problem["code"], problem["status"])


def test_the_page_of_a_problem_is_escaped(client: FlaskClient) -> None:
    attack = "</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    for path in (f"/id/{attack}", f"/problems/{attack}", f"/queries/{attack}", f"/export/{attack}"):
        page = client.get(path, headers=BROWSER)
        assert page.status_code >= 400
        text = page.get_data(as_text=True)
        assert "<script>alert" not in text and "<img" not in text
