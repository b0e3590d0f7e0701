"""Evaluates one query and writes its result, cut at the published caps and marked.

The engine writes the format asked for once. A table is cut where its text shows the end of a row, a
graph where its triples pass. A result beyond 256 KiB goes through files, so memory does not grow
with it; only the fast engine holds its result, and what it may answer is bounded.
"""

import contextlib
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.parsers import expat
from xml.parsers.expat import ExpatError

import pyoxigraph as ox

from kg.engine.caps import Caps, mark_head, mark_tail
from kg.engine.difference import answer_difference
from kg.engine.evaluators import (
    Engines,
    Results,
    choose,
    construct_fast,
    query_fast,
    query_reference,
)
from kg.engine.request import QueryAnswer, QueryRequest
from kg.engine.rows import ROWS, CapReached, RowBuffer, Spool, count_json_rows, empty
from kg.engine.subselect import answer_subselect
from kg.errors import StoreFailed
from kg.formats import Format, Kind, exact, find_format, namespaces_in, write_triples
from kg.namespaces import PREFIXES
from kg.settings import Settings

if TYPE_CHECKING:  # a worker over a release needs no HTTP client, whose import takes 0.1 s
    from kg.engine.remote import RemoteEngine

_PREFIX_SCAN_TRIPLES = 10_000
"""How many triples of a result are searched for namespaces worth a prefix."""
_BLOCK_BYTES = 64 << 10
_PREFIXED = frozenset(("turtle", "trig", "rdfxml", "jsonld"))
"""Formats that have prefixes."""


@dataclass(frozen=True)
class Cage:
    """What a process evaluates queries in."""

    limits: Settings
    overflow: IO[bytes]
    """A file for long results, used again for every query."""


def answer_query(
    engines: "Engines | RemoteEngine", request: QueryRequest, cage: Cage
) -> tuple[QueryAnswer, bytes]:
    """Evaluates the query; a short result is returned, a long one left at `request.spool`.

    Every failure of the query is an answer with an error code, never an exception; MemoryError
    comes through. What the fast engine refuses, fails at or finds too long the reference answers.
    """
    caps = Caps.of(request, cage.limits)
    try:
        if isinstance(engines, Engines):
            written = _write_local(engines, request, cage.overflow, caps)
        else:
            written = _write_remote(engines, request, cage.overflow, caps)
        if written.format is None:
            return QueryAnswer(error="not_acceptable", kind=written.kind), b""
        return _assemble(written, written.format, request)
    except SyntaxError as error:
        return QueryAnswer(error="syntax", detail=str(error.args[0])), b""
    except StoreFailed as error:
        return QueryAnswer(error="store_failed", detail=error.detail), b""
    except OSError as error:
        return QueryAnswer.of_os_error(error), b""
    except _Unwritable as error:
        return QueryAnswer(error="unwritable", detail=str(error)), b""
    except (ValueError, RuntimeError) as error:
        return QueryAnswer(error="evaluation", detail=str(error)), b""
    finally:
        if cage.overflow.tell():  # else an idle worker keeps up to `max_result_bytes` of the disk
            empty(cage.overflow)


class _Unwritable(Exception):
    """The result cannot be written in the format; the text names the format."""


@dataclass(frozen=True)
class _Written:
    """A result in its format: head, body and tail are one after another what the client gets."""

    kind: Kind
    format: Format | None
    """None where none that can carry the kind is acceptable; then nothing is written."""
    body: Spool
    head: bytes = b""
    tail: bytes = b""
    rows: int = 0
    cut: str = ""
    engine: str = "oxigraph"


def _write_local(
    engines: Engines, request: QueryRequest, overflow: IO[bytes], caps: Caps
) -> _Written:
    """The result of one engine or the other, a part of the query answered first where that helps."""
    asked = answer_difference(engines, answer_subselect(engines, request))
    try:
        written = _write_fast(engines, asked, overflow, caps)
        return written or _write_reference(engines, asked, overflow, caps)
    except SyntaxError:
        if asked is request:
            raise
        return _write_reference(engines, request, overflow, caps)  # which names the place in it


def _write_fast(
    engines: Engines, request: QueryRequest, overflow: IO[bytes], caps: Caps
) -> _Written | None:
    """The result of the fast engine; None where the reference has to answer."""
    query = choose(engines, request, caps.rows)
    text = query_fast(engines, query) if query else None
    if query is None or text is None:
        return None
    if query.template:
        triples = construct_fast(engines, query, text, request.base_iri)
        if triples is None:
            return None
        kind, format = _wanted(triples, request)
        return replace(_write(triples, kind, format, overflow, caps), engine="sparq")
    results = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    kind, format = _wanted(results, request)
    if kind == "table" and format is not None and format.name == "json":
        names = [name.value for name in results.variables]  # type: ignore[union-attr]  # a table
        whole = names[:1] and names[0] in query.bound
        rows = count_json_rows(text, names[0]) if whole else -1
        if 0 <= rows <= caps.rows and len(text) <= caps.size:
            written = _Written("table", format, Spool(overflow, text), rows=rows)
        else:
            written = _write_table(text, format, overflow, caps)
    else:
        written = _write(results, kind, format, overflow, caps)
    if written.rows > query.max_rows:  # more than it may hold
        return None
    return replace(written, engine="sparq")


def _write_reference(
    engines: Engines, request: QueryRequest, overflow: IO[bytes], caps: Caps
) -> _Written:
    results = query_reference(engines, request)
    kind, format = _wanted(results, request)
    return _write(results, kind, format, overflow, caps)


def _write_remote(
    engine: "RemoteEngine", request: QueryRequest, overflow: IO[bytes], caps: Caps
) -> _Written:
    """The result of a server, marked where either it or we cut it."""
    results, is_cut = engine.query(request)
    kind, format = _wanted(results, request)
    written = replace(_write(results, kind, format, overflow, caps), engine="remote")
    if not is_cut or written.cut or format is None:
        return written
    caps = replace(caps, rows=written.rows)
    head, tail = mark_head(written.head, format, "rows", caps), mark_tail(format, "rows", caps)
    return replace(written, head=head, tail=written.tail + tail, cut="rows")


def _wanted(results: Results, request: QueryRequest) -> tuple[Kind, Format | None]:
    """What the results are, and the format wanted for that."""
    kind: Kind = "table" if isinstance(results, ox.QuerySolutions) else "graph"
    kind = "boolean" if isinstance(results, ox.QueryBoolean) else kind
    name = request.formats.get(kind)
    return kind, find_format(name, kind) if name else None


def _write(
    results: Results, kind: Kind, format: Format | None, overflow: IO[bytes], caps: Caps
) -> _Written:
    if format is None:
        return _Written(kind, None, Spool(overflow))
    if isinstance(results, ox.QuerySolutions):
        return _write_table(results, format, overflow, caps)
    if not isinstance(results, ox.QueryBoolean):
        return _write_graph(results, format, overflow, caps)
    assert isinstance(format.engine, ox.QueryResultsFormat)
    body = Spool(overflow)
    body.write(results.serialize(format=format.engine) or b"")
    return _Written(kind, format, body)


def _write_table(
    results: ox.QuerySolutions | bytes, format: Format, overflow: IO[bytes], caps: Caps
) -> _Written:
    """A table, written by its engine or already text, cut at the end of a row."""
    rows, body = ROWS[format.name], Spool(overflow)
    buffer = RowBuffer(rows, body, caps.rows, caps.size)
    with contextlib.suppress(CapReached):
        if isinstance(results, bytes):
            for start in range(0, len(results), _BLOCK_BYTES):
                buffer.write(results[start : start + _BLOCK_BYTES])
        else:
            assert isinstance(format.engine, ox.QueryResultsFormat)
            output = exact(buffer, format)  # type: ignore[arg-type]  # the engine only writes
            results.serialize(output, format.engine)
        buffer.finish()
    cut = buffer.cut
    head, tail = mark_head(buffer.head, format, cut, caps), rows.foot if cut else b""
    return _Written("table", format, body, head, tail, buffer.count, cut)


def _write_graph(
    results: Iterator[ox.Triple], format: Format, overflow: IO[bytes], caps: Caps
) -> _Written:
    """A graph, cut between two triples; the cap of bytes holds to the block that the engine writes."""
    body, count, cut = Spool(overflow), 0, ""

    def passing() -> Iterator[ox.Triple]:
        nonlocal count, cut
        for triple in results:
            cut = "rows" if count == caps.rows else "bytes" if body.size >= caps.size else ""
            if cut:
                return
            count += 1
            yield triple

    triples = passing()
    first: list[ox.Triple] = []
    if format.name in _PREFIXED:
        first = list(itertools.islice(triples, _PREFIX_SCAN_TRIPLES))
    output: IO[bytes] = body  # type: ignore[assignment]  # the engine only writes
    try:
        write_triples(itertools.chain(first, triples), output, format, _prefixes(first))
    except (ValueError, OSError) as error:
        # The engine says so of JSON-LD and a triple term, and by the same class that a disk failed.
        if isinstance(error, OSError) and "JSON-LD" not in str(error):
            raise
        raise _Unwritable(f"{format.name}: {error}") from error
    return _Written("graph", format, body, b"", mark_tail(format, cut, caps), count, cut)


def _prefixes(triples: list[ox.Triple]) -> dict[str, str]:
    """The pinned prefixes that the triples can use."""
    namespaces = namespaces_in("\n".join(map(str, triples)).encode())
    return {prefix: iri for prefix, iri in PREFIXES.items() if iri in namespaces}


def _assemble(
    written: _Written, format: Format, request: QueryRequest
) -> tuple[QueryAnswer, bytes]:
    """The answer, and its result where that is short."""
    short = written.body.in_memory
    if not short:  # what tidies up temporary folders may have taken it
        Path(request.spool).parent.mkdir(mode=0o700, exist_ok=True)
    with io.BytesIO() if short else Path(request.spool).open("w+b") as target:
        target.write(written.head)
        written.body.copy_to(target)
        target.write(written.tail)
        size = target.tell()
        if format.name in ("xml", "rdfxml"):
            _check_xml(target, format)
        body = target.getvalue() if isinstance(target, io.BytesIO) else b""
    answer = QueryAnswer(
        format=format.name,
        kind=written.kind,
        rows=written.rows,
        size=size,
        truncated=written.cut,
        spooled=not short,
        engine=written.engine,
    )
    return answer, body


def _check_xml(file: IO[bytes], format: Format) -> None:
    """Raises _Unwritable where the text is not well-formed: a control character, a property without
    an XML name. The engine writes both without a word."""
    file.seek(0)
    try:
        expat.ParserCreate(namespace_separator=" ").ParseFile(file)
    except ExpatError as error:
        raise _Unwritable(f"{format.name}: {error}") from error
