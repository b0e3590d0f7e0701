"""An answer in a format of the other kind: a table as RDF by csv2rdf, a graph as a table of its statements."""

import csv
import io
import json
from typing import Any, Final

import pyoxigraph as ox
from flask import Response

from kg.engine.child import Result
from kg.engine.limits import check_query
from kg.formats import FORM_KINDS, Format, find_format, formats_named
from kg.web.answers import evaluate
from kg.web.csv2rdf import Rows, Term, describe_tables
from kg.web.services import services
from kg.web.triples import send_triples

MAX_CONVERTED: Final = 20_000
"""Rows or statements that are converted; an answer of more is cut and says so."""
_STATEMENT: Final = ("subject", "predicate", "object")


def needs_conversion(query: str, suffix: str) -> bool:
    """Whether the query answers with a kind of answer that the format is not for."""
    kind = FORM_KINDS.get(check_query(query, services().settings).form)
    named = formats_named(suffix)
    return kind in ("table", "graph") and kind not in named and bool({"table", "graph"} & set(named))  # fmt: skip


def send_converted(
    query: str, suffix: str, address: str, *, timeout_seconds: float | None
) -> Response:
    """The answer converted, for `needs_conversion`; `address` is that of the table as CSV."""
    result = evaluate(
        query,
        {"table": "json", "graph": "ntriples"},
        timeout_seconds=timeout_seconds,
        max_rows=MAX_CONVERTED,
    )
    if result.answer.kind == "graph":
        response = _send_statements(result)
    else:
        response = _send_rows(result, address, find_format(suffix, "graph"))
    response.headers["X-KG-Release"] = result.answer.release or services().store().release
    response.headers["X-KG-Engine"] = result.answer.engine
    if result.answer.truncated:
        response.headers["X-KG-Truncated"] = result.answer.truncated
    return response


def _send_rows(result: Result, address: str, format: Format) -> Response:
    with result.file as file:
        said = json.load(file)
    columns = said["head"]["vars"]
    rows = [
        {name: [term] for name, value in row.items() if (term := _term(value)) is not None}
        for row in said["results"]["bindings"]
    ]
    return send_triples(describe_tables([Rows(address, columns, rows)]), format)


def _term(value: dict[str, Any]) -> Term | None:
    """A term of https://www.w3.org/TR/sparql11-results-json/; None for blank nodes and statements."""
    if value["type"] == "uri":
        return ox.NamedNode(value["value"])
    if value["type"] not in ("literal", "typed-literal"):
        return None
    if tag := value.get("xml:lang"):
        return ox.Literal(value["value"], language=tag)
    kind = value.get("datatype")
    return ox.Literal(value["value"], datatype=ox.NamedNode(kind) if kind else None)


def _send_statements(result: Result) -> Response:
    with result.file as file:
        text = file.read()
    if result.answer.truncated:
        text = text[: text.rfind(b"\n") + 1]  # a cut file may end within a statement
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_STATEMENT)
    for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        terms = (quad.subject, quad.predicate, quad.object)
        writer.writerow([str(getattr(term, "value", term)) for term in terms])
    return Response(output.getvalue(), content_type="text/csv; charset=utf-8")
