"""What is noted of each answered request: one line in the log, one count in the metrics."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from kg.errors import BadSetting
from kg.settings import Settings
from kg.web.access import client_address, digest_of, open_log, redact


@pytest.fixture
def log(settings: Settings, app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The access log of the application, on for one test."""
    path = tmp_path / "access.log"
    open_log(replace(settings, access_log=str(path)))
    yield path
    open_log(settings)


def lines(path: Path) -> list[dict[str, object]]:
    """The log's entries in order."""
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_a_request_is_one_line_with_what_answered_it(client: FlaskClient, log: Path) -> None:
    query = "SELECT ?s { ?s ?p ?o } LIMIT 3"
    response = client.get(
        "/sparql", query_string={"query": query}, headers={"User-Agent": "curl/8.0"}
    )
    (entry,) = lines(log)
    assert (entry["method"], entry["status"], entry["route"]) == ("GET", 200, "/sparql")
    assert entry["target"] == f"/sparql?query={digest_of(query)}"
    assert entry["size"] == len(response.data)
    assert entry["release"] == response.headers["X-KG-Release"]
    assert (entry["client"], entry["agent"]) == ("127.0.0.1", "curl/8.0")
    assert entry["query"] == digest_of(query)
    assert "query_text" not in entry and 0 < float(str(entry["seconds"])) < 5


def test_the_log_holds_no_secret_and_no_query_text(client: FlaskClient, log: Path) -> None:
    client.get(
        "/sparql?query=ASK+%7B%22marker%22%7D&%74oken=marker&api_key=marker&Password=marker",
        headers={"Authorization": "Bearer marker", "Cookie": "lang=marker"},
    )
    client.post("/sparql", data={"query": "ASK { marker", "token": "marker"})
    client.get("/queries/city-counts?token=%FF-marker")
    text = log.read_text(encoding="ascii")
    assert len(lines(log)) == 3 and "marker" not in text
    assert [entry.get("code") for entry in lines(log)] == ["syntax", "syntax", "encoding"]


@pytest.mark.parametrize(
    "agent", ['evil"}\n{"status": 200}', "a\rb", "\x1b[31mred\x1b[0m", "a\u2028b\x85c", "深圳"]
)
def test_no_header_begins_a_line_or_steers_a_terminal(
    client: FlaskClient, log: Path, agent: str
) -> None:
    environ = {"HTTP_USER_AGENT": agent}
    client.get("/healthz", environ_overrides=environ)
    text = log.read_text(encoding="ascii")
    assert text.count("\n") == 1 and text.endswith("}\n")
    assert all(" " <= character <= "~" for character in text[:-1])
    assert lines(log)[0]["agent"] == agent


def test_an_error_has_one_request_id_in_the_body_the_header_and_the_log(
    client: FlaskClient, log: Path
) -> None:
    response = client.get("/nope", headers={"X-Request-Id": "mine"})
    ids = {
        response.get_json()["request_id"],
        response.headers["X-Request-Id"],
        lines(log)[0]["request_id"],
    }
    assert len(ids) == 1 and "mine" not in ids
    assert (lines(log)[0]["route"], lines(log)[0]["code"]) == ("none", "not_found")


def test_a_log_that_was_moved_away_is_made_anew(client: FlaskClient, log: Path) -> None:
    client.get("/healthz")
    log.rename(log.with_suffix(".1"))
    client.get("/limits")
    assert [entry["target"] for entry in lines(log.with_suffix(".1"))] == ["/healthz"]
    assert [entry["target"] for entry in lines(log)] == ["/limits"]


def test_a_log_that_cannot_be_written_is_refused_by_name(settings: Settings) -> None:
    with pytest.raises(BadSetting, match="KG_ACCESS_LOG='/nowhere/log': No such file"):
        open_log(replace(settings, access_log="/nowhere/log"))
    open_log(settings)
    assert not logging.getLogger("kg.access").handlers


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/sparql", "/sparql"),
        ("/queries/x?city=pl:beijing", "/queries/x?city=pl%3Abeijing"),
        ("/x?AUTHORIZATION=a&b=c", "/x?AUTHORIZATION=hidden&b=c"),
        ("/x?%74o%6ben=a", "/x?token=hidden"),
        ("/x?token", "/x?token=hidden"),
        ("/x?a=%FF&token=b", "/x?(unreadable)"),
        ("/x?" + "a&" * 2000, "/x?(unreadable)"),
    ],
)
def test_a_target_is_shown_without_secrets(target: str, shown: str) -> None:
    assert redact(target) == shown


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ("", 0, "10.0.0.9"),
        ("1.1.1.1", 0, "10.0.0.9"),
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 10.0.0.8", 2, "1.1.1.1"),
        ("1.1.1.1", 3, "1.1.1.1"),
        ("", 1, "10.0.0.9"),
        ("nonsense", 1, "10.0.0.9"),
        ("6.6.6.6, <script>", 1, "10.0.0.9"),
        (" 2001:DB8:0::1 ", 1, "2001:db8::1"),
    ],
)
def test_only_what_trusted_proxies_wrote_names_the_client(
    forwarded: str, proxies: int, client: str
) -> None:
    assert client_address("10.0.0.9", forwarded, proxies) == client


def test_the_metrics_are_valid_and_no_visitor_adds_a_series(client: FlaskClient) -> None:
    def series() -> dict[frozenset[str], float]:
        text = client.get("/metrics").get_data(as_text=True)
        return {
            frozenset((sample.name, *sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    asked = frozenset(("kg_http_requests_total", "/queries/<name>", "GET", "200"))
    client.get("/queries/city-counts")
    client.open("/nope", method="BREW")
    for path in ("/nope", "/id/place/0", "/metrics"):
        client.get(path)
    before = series()
    for number in range(50):
        client.open(f"/nope/{number}", method=f"BREW{number}")
        client.get(f"/id/place/{number}?x={number}", headers={"User-Agent": str(number)})
    client.get("/queries/city-counts?city=pl:beijing")
    after = series()
    assert after[asked] == before[asked] + 1
    assert after.keys() == before.keys()
