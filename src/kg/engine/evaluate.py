"""Evaluates one query and writes its result, cut at the published caps and marked.

Two steps serve every format. First the engine writes lines (TSV rows or N-Triples) into a buffer
that counts them and stops at a cap; then the whole lines are read back and written in the format
asked for. So a cut is always at the end of a row, whatever the format. A result beyond 256 KiB of
lines goes through files, so memory does not grow with it.
"""

import contextlib
import errno
import io
import json
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self
from xml.parsers import expat
from xml.parsers.expat import ExpatError

import pyoxigraph as ox

from kg.engine.lines import CapReached, HeadWriter, LineBuffer
from kg.engine.request import QueryAnswer, QueryRequest
from kg.formats import Format, Kind, find_format, namespaces_in, write_triples
from kg.namespaces import PREFIXES
from kg.settings import Settings

_PREFIX_SCAN_BYTES = 4 << 20
"""How much of a result is searched for namespaces worth a prefix."""


@dataclass(frozen=True)
class Cage:
    """What a process evaluates queries in."""

    limits: Settings
    jail: AbstractContextManager[None]
    """Entered while the engine works."""
    overflow: IO[bytes]
    """A file for long results, open before the jail closes; used again for every query."""


def answer_query(store: ox.Store, request: QueryRequest, cage: Cage) -> tuple[QueryAnswer, bytes]:
    """Evaluates the query; a short result is returned, a long one left at `request.spool`.

    Every failure of the query is an answer with an error code, never an exception; MemoryError
    comes through.
    """
    caps = _Caps.of(request, cage.limits)
    try:
        with cage.jail:
            kind, format, lines = _first_step(store, request, cage.overflow, caps)
    except SyntaxError as error:
        return QueryAnswer(error="syntax", detail=str(error.args[0])), b""
    except OSError as error:
        # The engine's own errors carry no number; one with a number is a failure of this machine.
        if error.errno is None:
            return QueryAnswer(error="evaluation", detail="it could not be read or written"), b""
        return QueryAnswer(error="worker_failed", detail=error.strerror), b""
    except (ValueError, RuntimeError) as error:
        return QueryAnswer(error="evaluation", detail=str(error)), b""
    if format is None:
        return QueryAnswer(error="not_acceptable", kind=kind), b""
    try:
        return _second_step(request, kind, format, lines, caps)
    except OSError as error:
        code = "result_too_large" if error.errno == errno.EFBIG else "worker_failed"
        return QueryAnswer(error=code, detail=error.strerror), b""
    except (ValueError, RuntimeError, SyntaxError, ExpatError) as error:
        return QueryAnswer(error="unwritable", detail=f"{format.name}: {error}"), b""


@dataclass(frozen=True)
class _Caps:
    """Where a result is cut."""

    rows: int
    size: int

    @classmethod
    def of(cls, request: QueryRequest, limits: Settings) -> Self:
        """The lower of what is in force and what is wanted."""
        return cls(
            min(limits.max_rows, request.max_rows or limits.max_rows),
            min(limits.max_result_bytes, request.max_result_bytes or limits.max_result_bytes),
        )

    def named(self, cut: str) -> int:
        """The cap that cut a result."""
        return self.rows if cut == "rows" else self.size


def _first_step(
    store: ox.Store, request: QueryRequest, overflow: IO[bytes], caps: _Caps
) -> tuple[Kind, Format | None, LineBuffer]:
    """What the query answers, the format wanted for that, and its lines."""
    results = _query(store, request)
    kind = _kind(results)
    name = request.formats.get(kind)
    format = find_format(name, kind) if name else None
    # The line with the names of the variables is no row, and is never cut.
    lines = LineBuffer(overflow, caps.rows, caps.size, header=kind == "table")
    if format is not None:
        _write_lines(results, lines, format)
    return kind, format, lines


def _second_step(
    request: QueryRequest, kind: Kind, format: Format, lines: LineBuffer, caps: _Caps
) -> tuple[QueryAnswer, bytes]:
    """The lines in the wanted format, and what they are."""
    with _open_target(lines, request) as target:
        writer = HeadWriter(target, *_head_mark(format, lines.cut, caps))
        _write_result(lines.read_whole(), writer, kind, format)
        writer.finish(_tail_mark(format, lines.cut, caps))
        size = target.tell()
        if format.name in ("xml", "rdfxml"):
            _check_xml(target)
        body = target.getvalue() if isinstance(target, io.BytesIO) else b""
    answer = QueryAnswer(
        format=format.name,
        kind=kind,
        rows=lines.lines,
        size=size,
        truncated=lines.cut,
        spooled=not lines.in_memory,
    )
    return answer, body


def _check_xml(file: IO[bytes]) -> None:
    """Raises ExpatError where the text is not well-formed: a control character, a property without
    an XML name. The engine writes both without a word."""
    file.seek(0)
    expat.ParserCreate(namespace_separator=" ").ParseFile(file)


def _open_target(lines: LineBuffer, request: QueryRequest) -> IO[bytes]:
    if lines.in_memory:
        return io.BytesIO()
    return Path(request.spool).open("w+b")  # XML is read again; the caller closes it


def _query(
    store: ox.Store, request: QueryRequest
) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
    """The engine's answer over the protocol dataset: both lists are passed or neither.

    One list alone would leave the other part of the stored dataset visible, which
    https://www.w3.org/TR/sparql11-protocol/#dataset does not allow.
    """
    if request.default_graphs is None and request.named_graphs is None:
        return store.query(request.query, base_iri=request.base_iri)
    return store.query(
        request.query,
        base_iri=request.base_iri,
        default_graph=[ox.NamedNode(iri) for iri in request.default_graphs or ()],
        named_graphs=[ox.NamedNode(iri) for iri in request.named_graphs or ()],
    )


def _kind(results: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean) -> Kind:
    if isinstance(results, ox.QueryBoolean):
        return "boolean"
    return "table" if isinstance(results, ox.QuerySolutions) else "graph"


def _write_lines(
    results: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean,
    output: LineBuffer,
    format: Format,
) -> None:
    """First step; a boolean is written in its own format at once, it has no rows to cut."""
    with contextlib.suppress(CapReached):
        if isinstance(results, ox.QueryBoolean):
            assert isinstance(format.engine, ox.QueryResultsFormat)
            output.write(results.serialize(format=format.engine) or b"")
        elif isinstance(results, ox.QuerySolutions):
            results.serialize(output, ox.QueryResultsFormat.TSV)  # type: ignore[arg-type]  # only writes
        else:
            results.serialize(output, ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]  # only writes


def _write_result(lines: IO[bytes], target: HeadWriter, kind: Kind, format: Format) -> None:
    """Second step: the lines in the wanted format."""
    if kind == "boolean" or format.name in ("tsv", "ntriples"):
        shutil.copyfileobj(lines, target)
    elif isinstance(format.engine, ox.QueryResultsFormat):
        rows = ox.parse_query_results(lines, ox.QueryResultsFormat.TSV)
        assert isinstance(rows, ox.QuerySolutions)
        rows.serialize(target, format.engine)  # type: ignore[arg-type]  # only writes
    else:
        prefixes = _prefixes(lines)
        triples = ox.parse(lines, ox.RdfFormat.N_TRIPLES)
        output: IO[bytes] = target  # type: ignore[assignment]  # the engine only writes
        write_triples((quad.triple for quad in triples), output, format, prefixes)


def _prefixes(lines: IO[bytes]) -> dict[str, str]:
    """The pinned prefixes that the lines can use; leaves the lines at their start."""
    namespaces = namespaces_in(lines.read(_PREFIX_SCAN_BYTES))
    lines.seek(0)
    return {prefix: iri for prefix, iri in PREFIXES.items() if iri in namespaces}


def _head_mark(format: Format, cut: str, caps: _Caps) -> tuple[bytes, bytes]:
    """What to insert into the head of a cut result, and after what.

    The parsers of https://www.w3.org/TR/sparql11-results-json/ and -xml accept further members of
    the head but nothing after the rows.
    """
    if cut and format.name == "json":
        note = json.dumps({"truncated": cut, "limit": caps.named(cut)})
        return b"]", f',"link":["#truncated"],"kg":{note}'.encode()
    if cut and format.name == "xml":
        return b"<head>", b'<link href="#truncated"/>'
    return b"", b""


def _tail_mark(format: Format, cut: str, caps: _Caps) -> bytes:
    """A last comment line for the formats that have comments.

    CSV, TSV, RDF/XML and JSON-LD have no place for a mark: there the response header alone says it.
    """
    if cut and format.name in ("turtle", "ntriples", "nquads", "trig"):
        return f"# truncated: {cut}, limit {caps.named(cut)}\n".encode()
    return b""
