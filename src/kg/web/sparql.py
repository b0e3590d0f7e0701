"""The SPARQL 1.1 Protocol query operation: https://www.w3.org/TR/sparql11-protocol/#query-operation.

Without a query a browser gets the form, any other client the service description:
https://www.w3.org/TR/sparql11-service-description/.
"""

import io
from urllib.parse import parse_qsl

from flask import Blueprint, Response, render_template, request

from kg.engine.explain import not_acceptable
from kg.engine.limits import read_shape
from kg.errors import (
    DatasetConflict,
    EncodingInvalid,
    KgError,
    MediaTypeUnsupported,
    QueryAndUpdate,
    QueryMissing,
    QueryRepeated,
    UpdatesOff,
)
from kg.formats import write_triples
from kg.namespaces import PREFIXES
from kg.queries import find_queries
from kg.web.answers import Dataset, evaluate, send_result, wanted_formats
from kg.web.description import describe_service
from kg.web.negotiation import wanted_format, wants_html
from kg.web.services import services
from kg.web.tables import read_table

blueprint = Blueprint("sparql", __name__)

_FIRST_QUERY = """PREFIX kg: <https://w3id.org/industry-kg/ont#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?firm ?name ?segment WHERE {
  ?record kg:participant ?firm ; kg:inSegment ?segment .
  ?firm skos:prefLabel ?name FILTER(LANGMATCHES(LANG(?name), "en"))
}
ORDER BY ?segment ?name
LIMIT 100"""
_SHOWN_BYTES = 1 << 20
"""How much Turtle a page shows; the download has it all."""

Pairs = list[tuple[str, str]]


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response | str:
    """Answers a query, or describes the service where there is none."""
    pairs = _read_pairs()
    names = [name for name, _ in pairs]
    if "update" in names:
        raise QueryAndUpdate("'update' is not taken here; this address answers queries only")
    if names.count("query") > 1:
        raise QueryRepeated(f"{names.count('query')} values of 'query'; exactly one is taken")
    query = dict(pairs).get("query")
    if query is None and request.method == "GET":
        return _describe()
    if not query or not query.strip():
        raise QueryMissing("no query; send it as 'query' or as a body of application/sparql-query")
    values = dict(pairs)
    if wants_html() and not values.get("format"):
        return _page(query, _dataset(pairs))
    return send_result(evaluate(query, wanted_formats(values.get("format")), _dataset(pairs)))


@blueprint.route("/sparql/update", methods=["POST"])
def update() -> Response:
    """SPARQL Update is off: releases are made of files."""
    raise UpdatesOff("updates are off; this graph changes with its files")


def _read_pairs() -> Pairs:
    """The parameters of the request, in order: those of the URL and of a form, or the direct query.

    Decoded strictly and once: Werkzeug would turn an undecodable form into an empty one.
    """
    pairs = _decode_form(request.query_string)
    if request.method != "POST":
        return pairs
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise MediaTypeUnsupported(f"charset {charset!r}; only UTF-8 is taken")
    body = request.get_data(cache=False)
    if request.mimetype == "application/x-www-form-urlencoded":
        return pairs + _decode_form(body)
    if request.mimetype == "application/sparql-query":
        return [*pairs, ("query", _decode(body))]
    raise MediaTypeUnsupported(
        f"Content-Type {request.mimetype!r}; taken: application/x-www-form-urlencoded, "
        "application/sparql-query"
    )


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise EncodingInvalid("the request is not valid UTF-8") from error


def _decode_form(text: bytes) -> Pairs:
    try:
        return parse_qsl(
            _decode(text), keep_blank_values=True, errors="strict", max_num_fields=1000
        )
    except UnicodeDecodeError as error:
        raise EncodingInvalid("the request is not valid UTF-8 after percent-decoding") from error
    except ValueError as error:
        raise DatasetConflict("more than 1,000 parameters") from error


def _dataset(pairs: Pairs) -> Dataset:
    """The protocol dataset: https://www.w3.org/TR/sparql11-protocol/#dataset."""
    default = [value for name, value in pairs if name == "default-graph-uri"]
    named = [value for name, value in pairs if name == "named-graph-uri"]
    return Dataset(default, named) if default or named else Dataset()


def _describe() -> Response | str:
    if wants_html("graph"):
        return _form_page("")
    format = wanted_format("graph", request.args.get("format"))
    if format is None:
        raise not_acceptable("graph")
    output = io.BytesIO()
    triples = describe_service(services().store(), request.base_url)
    write_triples(
        triples, output, format, {name: PREFIXES[name] for name in ("sd", "void", "dcterms")}
    )
    return Response(output.getvalue(), content_type=format.content_type)


def _form_page(query: str, **more: object) -> str:
    examples = find_queries(services().root).values()
    return render_template("sparql.html", query=query or _FIRST_QUERY, examples=examples, **more)


def _page(query: str, dataset: Dataset) -> Response | str:
    """The result under the form: a table, or text for a graph; a query that fails keeps its text."""
    form = read_shape(query).form
    is_graph = form in ("CONSTRUCT", "DESCRIBE")
    formats = {"graph": "turtle"} if is_graph else {"table": "json", "boolean": "json"}
    try:
        result = evaluate(query, formats, dataset)
    except KgError as error:
        return Response(_form_page(query, problem=error), error.status)
    with result.file as file:
        if is_graph:
            turtle = file.read(_SHOWN_BYTES).decode(errors="replace")
            shortened = result.answer.size > _SHOWN_BYTES
            return _form_page(query, turtle=turtle, shortened=shortened, answer=result.answer)
        return _form_page(query, table=read_table(file, services().store()), answer=result.answer)
