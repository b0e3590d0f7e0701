"""What bounds a client is published, and the same everywhere: settings, `/limits`, service, README."""

import re
from dataclasses import fields
from pathlib import Path

import rdflib
from flask.testing import FlaskClient

from kg.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SCHEMA = rdflib.Namespace("https://schema.org/")


def test_limits_settings_service_and_readme_say_the_same(
    client: FlaskClient, settings: Settings
) -> None:
    published = client.get("/limits").get_json()
    graph = rdflib.Graph().parse(data=client.get("/sparql").data, format="turtle")
    service = rdflib.URIRef("http://localhost/sparql")
    described = {
        str(graph.value(node, SCHEMA.name)): float(graph.value(node, SCHEMA.value))
        for node in graph.objects(service, SCHEMA.additionalProperty)
    }
    assert described == {name: entry["value"] for name, entry in published.items()}
    for name, entry in published.items():
        assert entry["value"] == getattr(settings, name)
        row = re.search(rf"\| `KG_{name.upper()}` \| ([^|]+) \| ([^|]+) \|", README)
        assert row and row[2] == entry["meaning"]
        assert float(row[1].replace(",", "")) == getattr(Settings(), name), name


def test_every_setting_that_bounds_is_published(client: FlaskClient) -> None:
    """By its words, so that a new one cannot be forgotten: it would have to be named otherwise."""
    bounds = re.compile(r"^(max_|budget_|query_(timeout|memory)|queue_|slow_)|_(seconds|bytes)$")
    names = {spec.name for spec in fields(Settings) if bounds.search(spec.name)}
    assert names <= set(client.get("/limits").get_json())
    assert len(names) >= 15


def test_a_limit_in_an_error_is_the_published_one(client: FlaskClient) -> None:
    published = client.get("/limits").get_json()
    for query, name in (
        ("SELECT * {" + "{" * 2000 + "}" * 2000 + "}", "max_nesting"),
        ("SELECT * {" + "?s ?p ?o ." * 200 + "}", "max_patterns"),
        ("SELECT * {" + "#" * 70_000 + "\n}", "max_query_bytes"),
        ("SELECT * { VALUES ?x {" + " 1" * 20_000 + "} }", "max_values"),
    ):
        problem = client.post("/sparql", data={"query": query}).get_json()
        assert problem["limit"] == published[name]["value"], name
