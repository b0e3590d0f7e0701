"""The interface described for programs: `/openapi.json`.

Written from the routes, their docstrings, the table of `operations`, the heads of the saved queries
and the tree of errors: https://spec.openapis.org/oas/v3.1.0.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from apispec import APISpec
from flask import Blueprint, Flask, Response, current_app, jsonify
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Rule

from kg import __version__
from kg.engine.limits import read_shape
from kg.errors import KgError, list_errors
from kg.formats import FORMATS, formats_for
from kg.queries import Parameter as QueryParameter
from kg.queries import SavedQuery, find_queries
from kg.web.lists.listing import read_list
from kg.web.operations import LEFT_OUT, OPERATIONS
from kg.web.parameters import (
    HTML,
    JSON,
    TEXT,
    TYPES,
    Operation,
    Parameter,
    format_parameter,
)
from kg.web.services import services

blueprint = Blueprint("openapi", __name__)

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PROBLEM: Final = "application/problem+json"
_ALWAYS: Final = (400, 429)
_EVALUATES: Final = (403, 406, 422, 502, 503)
_BODIES: Final = (403, 413, 415)
_WRITES: Final = (401, 404, 412, 422, 502, 503, 507)
_TOKEN: Final = "token"
_SAVED: Final = "/queries/<name>"


@blueprint.route("/openapi.json")
def document() -> Response:
    """This interface as an OpenAPI 3.1 document."""
    return jsonify(describe(current_app))


def describe(app: Flask) -> dict[str, Any]:  # Any: JSON
    """The OpenAPI document of the application; made once, some 20 ms."""
    made = app.extensions.get("kg.openapi")
    if made is None:
        made = app.extensions["kg.openapi"] = _describe(app)
    assert isinstance(made, dict)
    return made


def _describe(app: Flask) -> dict[str, Any]:
    spec = APISpec(
        title="Industry knowledge graph",
        version=__version__,
        openapi_version="3.1.0",
        info={
            "description": "Query the graph with SPARQL, ask the saved questions, take it home. "
            "HEAD works wherever GET does; an error is a problem document (RFC 9457).",
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        servers=[{"url": "/"}],
        tags=[],
    )
    _add_problems(spec)
    spec.components.security_scheme(_TOKEN, {"type": "http", "scheme": "bearer"})
    queries = find_queries(services().root)
    for rule in described_rules(app):
        for path, operation, query in _paths(rule, queries):
            operations = {
                method: _operation(app, rule, method, operation, query)
                for method in _METHODS
                if method.upper() in (rule.methods or ())
            }
            spec.path(
                path, parameters=_path_parameters(rule, path, operation), operations=operations
            )
    return spec.to_dict()


def described_rules(app: Flask) -> Iterator[Rule]:
    """The application's routes but for those that `operations` leaves out, in order of rule."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not rule.rule.startswith(tuple(LEFT_OUT)):
            yield rule


def path_of(rule: str) -> str:
    """A route's rule as a path template: `/id/<path:path>` is `/id/{path}`."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _paths(
    rule: Rule, queries: dict[str, SavedQuery]
) -> Iterator[tuple[str, Operation, SavedQuery | None]]:
    """The paths of a route: one, but for the saved queries, which are described each by its head."""
    operation = OPERATIONS.get(rule.rule, Operation(evaluates=True, not_found=True, redirects=True))
    if rule.rule != _SAVED:
        yield path_of(rule.rule), operation, None
        return
    for query in queries.values():
        yield f"/queries/{query.name}", _narrowed(operation, query), query
    names, suffixes = list(queries), [format.suffix for format in FORMATS]
    path = (("name", {"enum": names}), ("suffix", {"enum": suffixes}))
    answers = tuple(media_type for media_type in operation.answers if media_type != HTML)
    yield "/queries/{name}.{suffix}", replace(operation, path=path, answers=answers), None


def _narrowed(operation: Operation, query: SavedQuery) -> Operation:
    """With the formats that can carry this query's answer."""
    is_table = read_shape(query.text).form in ("SELECT", "ASK")
    formats = formats_for("table" if is_table else "graph")
    parameters = tuple(
        format_parameter(formats) if p.name == "format" else p for p in operation.parameters
    )
    answers = (*(format.media_type for format in formats), HTML)
    return replace(operation, answers=answers, parameters=parameters)


def _operation(
    app: Flask, rule: Rule, method: str, operation: Operation, query: SavedQuery | None
) -> dict[str, Any]:
    lines = (app.view_functions[rule.endpoint].__doc__ or rule.endpoint).strip().splitlines()
    facets = read_list(services().root, operation.facets_of) if operation.facets_of else None
    head = query or facets
    summary = head.summary if head else lines[0]
    parameters = [_parameter(parameter) for parameter in operation.parameters]
    parameters = [_query_parameter(p) for p in (head.parameters if head else ())] + parameters
    name = query.name if query else re.sub(r"\W+", "-", rule.rule).strip("-") or "overview"
    if facets or (not query and name in find_queries(services().root)):
        name = f"list-{name}"  # a saved query may have the name of a list
    described: dict[str, Any] = {
        "operationId": f"{method}-{name}",
        "summary": summary,
        "tags": [rule.rule.split("/")[1].partition(".")[0].partition("<")[0] or "overview"],
        "parameters": parameters,
        "responses": _responses(operation, method),
    }
    if query and query.reading:
        described["description"] = query.reading
    if method not in ("get", "delete"):
        described["requestBody"] = _body(rule, operation)
    if method != "get" and operation.writes:
        described["security"] = [{_TOKEN: []}]
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = (
        {"type": "array", "items": parameter.schema} if parameter.repeated else parameter.schema
    )
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.summary,
        "schema": schema,
    }


def _query_parameter(parameter: QueryParameter) -> dict[str, Any]:
    """A parameter of a saved query; several values mean any of them."""
    described = _parameter(
        Parameter(parameter.name, parameter.summary, TYPES[parameter.type], repeated=True)
    )
    if parameter.default != "UNDEF":
        described["description"] += f" (default: {parameter.default})"
    return described


def _path_parameters(rule: Rule, path: str, operation: Operation) -> list[dict[str, Any]]:
    """The parameters in a path; what `path:` takes may hold slashes, which OpenAPI cannot say."""
    schemas = dict(operation.path)
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schemas.get(name, TEXT),
            **({"description": "May hold slashes."} if f"<path:{name}>" in rule.rule else {}),
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _body(rule: Rule, operation: Operation) -> dict[str, Any]:
    """Of SPARQL 1.1 Protocol operations a form, or the text itself; of the Graph Store a graph."""
    if rule.rule.startswith("/store"):
        kinds = (f.media_type for f in formats_for("graph") if "dataset" not in f.kinds)
        return {"required": True, "content": {kind: {"schema": TEXT} for kind in kinds}}
    if operation.form:
        form = {
            "type": "object",
            "properties": {p.name: _parameter(p)["schema"] for p in operation.form},
        }
        return {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    name = "update" if rule.rule.endswith("update") else "query"
    fields = {p.name: _parameter(p)["schema"] for p in operation.parameters} | {name: TEXT}
    form = {"type": "object", "required": [name], "properties": fields}
    return {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": form},
            f"application/sparql-{name}": {"schema": TEXT},
        },
    }


def _responses(operation: Operation, method: str) -> dict[str, Any]:
    success: dict[str, Any] = {
        media_type: {"schema": operation.schema if media_type == JSON and operation.schema else {}}
        for media_type in operation.answers
    }
    responses: dict[str, Any] = {"200": {"description": "The answer", "content": success}}
    writes = method != "get" and operation.writes
    if writes:
        responses = {code: {"description": "Done"} for code in ("201", "204")}
    if operation.redirects:
        responses["303"] = {"description": "The document about it, by Accept"}
    wanted = {*_ALWAYS}
    wanted |= {404} if operation.not_found else set()
    wanted |= {*_EVALUATES} if operation.evaluates else set()
    wanted |= {406} if len(operation.answers) > 1 else set()
    wanted |= {*_BODIES} if method != "get" else set()
    wanted |= {*_WRITES} if writes else set()
    known = {error.status for error in list_errors()}
    return responses | {str(status): f"Problem{status}" for status in sorted(wanted & known)}


def _add_problems(spec: APISpec) -> None:
    """One schema for problem documents, and one response for each status with its codes."""
    errors: dict[int, list[type[KgError]]] = {}
    for error in list_errors():
        errors.setdefault(error.status, []).append(error)
    strings = ("type", "title", "detail", "instance", "request_id", "excerpt")
    spec.components.schema(
        "Problem",
        {
            "type": "object",
            "description": "RFC 9457: what went wrong, for a person and for a program",
            "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
            "properties": dict.fromkeys(strings, TEXT)
            | {"status": {"type": "integer"}, "code": {"enum": _codes()}}
            | {name: {"type": "integer"} for name in ("line", "column", "retry_after")},
        },
    )
    schema = {"$ref": "#/components/schemas/Problem"}
    for status, found in sorted(errors.items()):
        meaning = "; ".join(
            f"{error.code}: {(error.__doc__ or '').splitlines()[0]}" for error in found
        )
        response: dict[str, Any] = {
            "description": f"{HTTP_STATUS_CODES.get(status, status)}. {meaning}",
            "content": {_PROBLEM: {"schema": schema}, HTML: {"schema": {}}},
        }
        if status in (429, 503):
            response["headers"] = {
                "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
            }
        spec.components.response(f"Problem{status}", response)


def _codes() -> list[str]:
    return sorted({error.code for error in list_errors()} | {"http"})
