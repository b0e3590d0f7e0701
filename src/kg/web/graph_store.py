"""The Graph Store: https://www.w3.org/TR/sparql11-http-rdf-update/.

A graph is named by `?graph=`, by `?default`, or is the one whose IRI the request address is.
"""

import os
import tempfile
import uuid
from typing import IO
from urllib.parse import urljoin

import pyoxigraph as ox
from flask import Blueprint, Response, request

from kg.engine.explain import not_acceptable
from kg.errors import (
    BodyTooLarge,
    GraphParameterInvalid,
    GraphUnknown,
    MediaTypeUnsupported,
)
from kg.formats import Format, formats_for
from kg.release.head import graph_tag
from kg.release.manifest import Manifest
from kg.release.write_request import Kind, WriteAnswer
from kg.web.body import full_disk_named
from kg.web.export import stream
from kg.web.forms import read_address, refuse_encoded
from kg.web.negotiation import wanted_format
from kg.web.services import services
from kg.web.writes import answer_write, check_writer, make_request

blueprint = Blueprint("graph_store", __name__)

_READS = ("GET", "HEAD")
_BLOCK_BYTES = 1 << 16
_METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"]


@blueprint.route("/store", methods=_METHODS)
def indirect() -> Response:
    """The graph that `?graph=` or `?default` names; without either, all of them or a new one."""
    if request.method not in _READS:
        check_writer()
    graph = _named_graph()
    if graph is None and request.method == "POST":
        return _create()
    if graph is None and request.method not in _READS:
        raise GraphParameterInvalid("no graph; name one by ?graph=IRI or ?default")
    return _operate(graph)


@blueprint.route("/store/<path:path>", methods=_METHODS)
def direct(path: str) -> Response:
    """The graph whose IRI is the address of the request, with its percent-encoding as it was sent."""
    if request.method not in _READS:
        check_writer()
    if {"graph", "default"} & read_address().keys():
        raise GraphParameterInvalid(
            "the address itself names a graph; leave out ?graph and ?default"
        )
    return _operate(_address())


def _address() -> str:
    """The address as sent: Werkzeug decodes the path, and `%31` and `1` are two IRIs."""
    sent = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    path = sent.partition("?")[0]
    return path if "://" in path else request.host_url.rstrip("/") + path


def _named_graph() -> str | None:
    """The graph that the query string names, empty for the default graph; None where it names none."""
    address = read_address()
    graphs, default = address.get("graph", []), address.get("default", [])
    if len(graphs) + len(default) > 1:
        raise GraphParameterInvalid("more than one graph; give ?graph=IRI once, or ?default")
    if default:
        return ""
    if not graphs:
        return None
    graph = urljoin(_address(), graphs[0])
    try:
        return ox.NamedNode(graph).value
    except ValueError as error:
        raise GraphParameterInvalid(f"graph {graph[:200]!r} is not an IRI") from error


def _operate(graph: str | None) -> Response:
    if request.method in _READS:
        return _read(graph)
    assert graph is not None
    if request.method == "DELETE":
        answer = services().writer.write(make_request("delete", graph=graph, **_conditions()))
        return answer_write(answer, 204)
    answer = _write("put" if request.method == "PUT" else "post", graph)
    return answer_write(answer, 201 if answer.created else 204)


def _create() -> Response:
    """A graph of a new name, which can stand in an address as it is."""
    graph = f"{request.host_url}store/{uuid.uuid4().hex}"
    response = answer_write(_write("post", graph), 201)
    response.headers["Location"] = graph
    return response


def _write(kind: Kind, graph: str) -> WriteAnswer:
    _refuse_body()
    # A file without a name, so that nothing is left of it whatever ends this process.
    with tempfile.TemporaryFile() as file:
        with full_disk_named():
            _copy_body(file)
        path = f"/proc/{os.getpid()}/fd/{file.fileno()}"
        wanted = make_request(kind, graph=graph, path=path, **_conditions())
        return services().writer.write(wanted)


def _refuse_body() -> None:
    """Raises MediaTypeUnsupported for a compressed body and for one without a type."""
    refuse_encoded()
    if not request.content_type:
        raise MediaTypeUnsupported("no Content-Type; a graph is taken as text/turtle, for one")


def _copy_body(file: IO[bytes]) -> None:
    """The body on disk, so that memory does not grow with it. Raises BodyTooLarge."""
    most = services().settings.max_upload_bytes
    request.max_content_length = most + 1
    if (request.content_length or 0) > most:
        raise BodyTooLarge(f"the body is over {most:,} bytes")
    size = 0
    while block := request.stream.read(_BLOCK_BYTES):
        size += len(block)
        if size > most:
            raise BodyTooLarge(f"the body is over {most:,} bytes")
        file.write(block)
    file.flush()


def _conditions() -> dict[str, str]:
    """Conditions of a write: https://www.rfc-editor.org/rfc/rfc9110#section-13.1."""
    headers = request.headers
    return {
        "if_match": headers.get("If-Match", ""),
        "if_none_match": headers.get("If-None-Match", ""),
    }


def _read(graph: str | None) -> Response:
    """One graph, or for None the dataset; 404 for a named graph that is not there."""
    store = services().store()
    if graph and graph not in store.graphs():
        raise GraphUnknown(f"no graph <{graph}> here")
    format = _wanted("graph" if graph is not None else "dataset")
    manifest = Manifest.of(store)
    version = graph_tag(manifest, graph) if manifest and graph is not None else store.release
    tag = f'"{version};{format.name}"'
    if request.if_none_match.contains(tag.strip('"')):
        response = Response(status=304)
    elif request.method == "HEAD":
        response = Response(content_type=format.content_type)
    else:
        plain = services().settings.default_graph == "plain"
        body = stream(store, format, graph, zipped=False, with_default=plain)
        response = Response(body, content_type=format.content_type)
    response.headers["ETag"] = tag
    response.headers["X-KG-Release"] = store.release
    response.headers["Cache-Control"] = "public, no-cache"
    return response


def _wanted(kind: str) -> Format:
    name = request.args.get("format")
    if kind == "dataset" and not name:
        asked = [media_type for media_type, _ in request.accept_mimetypes]
        if not {f.media_type for f in formats_for("dataset")} & set(asked):
            raise GraphParameterInvalid(
                "no graph; name one by ?graph=IRI or ?default. The whole dataset is sent to who asks "
                "for it by ?format=nquads, or accepts application/n-quads or application/trig"
            )
    format = wanted_format(kind, name)  # type: ignore[arg-type]  # graph or dataset
    if format is None:
        raise not_acceptable(kind)
    return format
