"""Which format a request gets."""

import pytest
from flask import Flask

from kg.errors import AcceptMalformed, NotAcceptable
from kg.formats import Kind, find_format, formats_for, formats_named
from kg.web.negotiation import wanted_format, wants_html

CASES: list[tuple[Kind, str | None, str | None]] = [
    ("table", None, "json"),
    ("table", "*/*", "json"),
    ("table", "text/csv", "csv"),
    ("table", "text/*", "csv"),
    ("table", "application/xml", "xml"),
    ("table", "application/json", "json"),
    ("table", "text/csv;q=0.5, text/tab-separated-values;q=0.6", "tsv"),
    ("table", "application/sparql-results+json;q=0, */*;q=0.1", "xml"),
    ("table", "text/csv; charset=utf-8", "csv"),
    ("table", "TEXT/CSV", "csv"),
    ("table", "text/turtle", None),
    ("table", "image/png, */*;q=0", None),
    ("boolean", "text/html, application/xml;q=0.9, */*;q=0.8", "xml"),
    ("graph", None, "turtle"),
    ("graph", "*/*", "turtle"),
    ("graph", "text/turtle; charset=utf-8", "turtle"),
    ("graph", "application/rdf+xml", "rdfxml"),
    ("graph", "application/n-triples;q=0.9, text/turtle;q=0.1", "ntriples"),
    ("graph", "application/*", "ntriples"),
    ("graph", "application/ld+json, text/turtle;q=0.999", "jsonld"),
    ("graph", "application/sparql-results+json", None),
]


@pytest.mark.parametrize(("kind", "accept", "name"), CASES)
def test_the_accept_header_decides_the_format(
    app: Flask, kind: Kind, accept: str | None, name: str | None
) -> None:
    headers = {"Accept": accept} if accept else {}
    with app.test_request_context("/sparql", headers=headers):
        found = wanted_format(kind)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    "accept", ["text/csv;q=2", "text/csv;q=x", "*/*;q=-1", "text/csv;q=0.12345"]
)
def test_a_quality_that_is_no_number_from_0_to_1_is_refused(app: Flask, accept: str) -> None:
    with (
        app.test_request_context("/sparql", headers={"Accept": accept}),
        pytest.raises(AcceptMalformed),
    ):
        wanted_format("table")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("*/*", False),
        ("text/html;q=0.1, text/csv", False),
        ("", False),
    ],
)
def test_only_a_client_that_prefers_html_gets_a_page(app: Flask, accept: str, page: bool) -> None:
    with app.test_request_context("/sparql", headers={"Accept": accept}):
        assert wants_html() is page


@pytest.mark.parametrize("kind", ["table", "boolean", "graph", "dataset"])
def test_every_format_is_found_by_name_suffix_and_media_type(kind: Kind) -> None:
    for format in formats_for(kind):
        assert {
            find_format(word, kind) for word in (format.name, format.suffix, format.media_type)
        } == {format}


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotAcceptable, match="no format 'ttl2'; known: json, xml, csv, tsv, turtle"):
        formats_named("ttl2")
