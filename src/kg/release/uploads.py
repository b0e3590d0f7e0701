"""A graph that a client sends, read with care: what can kill or fill a process is refused first.

Seen to kill or stop the parsers of pyoxigraph 0.5.13: JSON-LD 4,000 deep, Turtle 1,000,000 deep,
RDF/XML 50,000 deep, an entity that expands to 30 MB. So the nesting is counted and a DOCTYPE refused
before the engine reads anything.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

import pyoxigraph as ox
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from kg.errors import BadRequest, EncodingInvalid, MediaTypeUnsupported, SyntaxInvalid, TooDeep
from kg.formats import formats_for

_TAKEN: Final = {
    format.media_type: format.engine
    for format in formats_for("graph")
    if "dataset" not in format.kinds
}
"""Media types that a graph is taken in; none that a form of another site can send."""
_MAX_PARTS: Final = 100

_TURTLE: Final = re.compile(
    rb"""\"{3}[^"\\]*+(?:(?:\\.|\"{1,2}(?!\"))[^"\\]*+)*+\"{3}
       |'{3}[^'\\]*+(?:(?:\\.|'{1,2}(?!'))[^'\\]*+)*+'{3}
       |"[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+"|'[^'\\\n\r]*+(?:\\.[^'\\\n\r]*+)*+'
       |<[^<>"{}|^`\x00-\x20]*+>|\\.|\#[^\n\r]*+
       |(?P<open><<|[\[({])|(?P<close>>>|[\])}])""",
    re.VERBOSE | re.DOTALL,
)
_JSON: Final = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL
)


def read_upload(body: bytes, content_type: str, base_iri: str, max_depth: int) -> list[ox.Quad]:
    """The triples of a body in the default graph, blank nodes apart from all others.

    A `multipart/form-data` body is read part by part, each by its own type. About 1 KB of memory a
    triple. Raises MediaTypeUnsupported, EncodingInvalid, TooDeep, SyntaxInvalid with line and
    column, and BadRequest for named graphs, which
    https://www.w3.org/TR/sparql11-http-rdf-update/ has no place for.
    """
    media_type, options = parse_options_header(content_type)
    if media_type == "multipart/form-data":
        parts = _read_parts(body, options.get("boundary", ""))
        return [
            quad
            for part, part_type in parts
            for quad in read_upload(part, part_type, base_iri, max_depth)
        ]
    if media_type not in _TAKEN:
        taken = ", ".join(_TAKEN)
        raise MediaTypeUnsupported(f"Content-Type {media_type!r}; a graph is taken as {taken}")
    if options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise MediaTypeUnsupported(f"charset {options['charset']!r}; only UTF-8 is taken")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in body[:4]:
        raise EncodingInvalid("the body is not UTF-8")
    _check_depth(body, media_type, max_depth)
    return _parse(body, media_type, base_iri)


def _parse(body: bytes, media_type: str, base_iri: str) -> list[ox.Quad]:
    engine = _TAKEN[media_type]
    assert isinstance(engine, ox.RdfFormat)
    try:
        quads = list(ox.parse(body, engine, base_iri=base_iri, rename_blank_nodes=True))
    except SyntaxError as error:
        at = {"line": error.lineno, "column": error.offset} if error.lineno else {}
        raise SyntaxInvalid(f"the body does not parse: {str(error.args[0])[:300]}", **at) from error
    if any(not isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads):
        raise BadRequest("the body holds named graphs; send one graph at a time")
    return quads


def _check_depth(body: bytes, media_type: str, max_depth: int) -> None:
    if media_type == "application/rdf+xml":
        _check_xml(body, max_depth)
        return
    depth = 0
    for match in (_JSON if media_type == "application/ld+json" else _TURTLE).finditer(body):
        if match.lastgroup == "open":
            depth += 1
            if depth > max_depth:
                raise _too_deep(max_depth)
        elif match.lastgroup == "close" and depth:
            depth -= 1


def _check_xml(body: bytes, max_depth: int) -> None:
    """One pass of expat, which stops at the first thing refused."""
    parser, depth = expat.ParserCreate(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > max_depth:
            raise _too_deep(max_depth)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise BadRequest("a DOCTYPE is not taken: its entities can grow without end")

    def declaration(version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise EncodingInvalid(f"the body says it is in {encoding!r}; only UTF-8 is taken")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler, parser.XmlDeclHandler = doctype, declaration
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise SyntaxInvalid(
            f"the body does not parse: {said}", line=error.lineno, column=error.offset + 1
        ) from error


def _too_deep(max_depth: int) -> TooDeep:
    return TooDeep(f"the body nests deeper than {max_depth}", limit=max_depth)


def _read_parts(body: bytes, boundary: str) -> Iterator[tuple[bytes, str]]:
    """Content and Content-Type of each part, https://www.rfc-editor.org/rfc/rfc7578."""
    if not boundary:
        raise BadRequest("multipart/form-data without a boundary")
    decoder = MultipartDecoder(boundary.encode(), max_parts=_MAX_PARTS)
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        content, content_type = b"", ""
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                content, content_type = b"", event.headers.get("Content-Type", "")
            elif isinstance(event, Data):
                content += event.data
                if not event.more_data:
                    yield content, content_type
    except ValueError as error:
        raise BadRequest("the multipart body is not complete") from error
