"""Evaluates one query and writes its result to a file, cut at the published caps and marked.

Two steps serve every format. First the engine writes lines (TSV rows or N-Triples) into a file that
counts them and stops at a cap; then the whole lines are read back and written in the format asked
for. So a cut is always at the end of a row, whatever the format, and memory does not grow with the
result.
"""

import contextlib
import json
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.engine.request import QueryAnswer, QueryRequest
from kg.formats import Format, Kind, find_format, namespaces_in, write_triples
from kg.namespaces import PREFIXES
from kg.settings import Settings

_PREFIX_SCAN_BYTES = 4 << 20
"""How much of a result is searched for namespaces worth a prefix."""


class CapReached(Exception):
    """Raised in `LineFile.write` to stop the engine; it comes back from `serialize` unchanged."""


class LineFile:
    """A binary output that counts lines and bytes and stops the writer at a cap."""

    def __init__(self, file: IO[bytes], *, max_lines: int, max_bytes: int) -> None:
        self._file, self._max_lines, self._max_bytes = file, max_lines, max_bytes
        self.lines = 0
        self.size = 0
        self.cut = ""
        """`rows` or `bytes` once a cap was reached."""

    def write(self, block: bytes) -> int:
        """Takes a block; at a cap takes what fits and raises CapReached."""
        lines = block.count(b"\n")
        if self.lines + lines > self._max_lines:
            self.cut, block = "rows", _first_lines(block, self._max_lines - self.lines)
        if self.size + len(block) > self._max_bytes:
            self.cut, block = "bytes", block[: self._max_bytes - self.size]
        self._file.write(block)
        self.lines += block.count(b"\n")
        self.size += len(block)
        if self.cut:
            raise CapReached
        return len(block)

    def flush(self) -> None:
        """Nothing to do; the engine asks."""


def _first_lines(block: bytes, count: int) -> bytes:
    end = 0
    for _ in range(count):
        end = block.index(b"\n", end) + 1
    return block[:end]


@dataclass(frozen=True)
class Job:
    """One request with what it needs to be answered."""

    request: QueryRequest
    settings: Settings
    jail: AbstractContextManager[None]

    @property
    def lines(self) -> Path:
        """Where the lines of the first step lie."""
        return Path(self.request.spool + ".lines")

    @property
    def target(self) -> Path:
        """Where the result is wanted."""
        return Path(self.request.spool)

    def format(self, kind: Kind) -> Format | None:
        """The format wanted for this kind of answer."""
        name = self.request.formats.get(kind)
        return find_format(name, kind) if name else None


def answer_query(
    store: ox.Store, request: QueryRequest, settings: Settings, jail: AbstractContextManager[None]
) -> QueryAnswer:
    """Evaluates the query inside `jail` and leaves the result at `request.spool`.

    Every failure of the query is an answer with an error code, never an exception; MemoryError
    comes through.
    """
    job = Job(request, settings, jail)
    try:
        return _evaluate(store, job)
    except SyntaxError as error:
        return QueryAnswer(error="syntax", detail=str(error.args[0]))
    except OSError as error:
        return QueryAnswer(error="evaluation", detail=error.strerror or "input or output failed")
    except (ValueError, RuntimeError) as error:
        return QueryAnswer(error="evaluation", detail=str(error))
    finally:
        job.lines.unlink(missing_ok=True)


def _evaluate(store: ox.Store, job: Job) -> QueryAnswer:
    caps = job.settings
    with job.lines.open("w+b") as file:
        with job.jail:
            results = _query(store, job.request)
            kind = _kind(results)
            format = job.format(kind)
            if format is None:
                return QueryAnswer(error="not_acceptable", detail=kind)
            header = 1 if kind == "table" else 0
            output = LineFile(
                file, max_lines=caps.max_rows + header, max_bytes=caps.max_result_bytes
            )
            _write_lines(results, output, format)
        rows = output.lines - header
        if output.cut == "bytes":
            _drop_partial_line(file)
    _write_result(job, kind, format)
    if output.cut:
        mark_cut(job.target, format, output.cut, caps)
    size = job.target.stat().st_size
    return QueryAnswer(format=format.name, kind=kind, rows=rows, size=size, truncated=output.cut)


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
    results: ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean, output: LineFile, format: Format
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


def _drop_partial_line(file: IO[bytes]) -> None:
    """Cuts the file after its last line feed."""
    end = file.seek(0, 2)
    while end > 0:
        start = max(0, end - (1 << 16))
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            file.truncate(start + found + 1)
            return
        end = start
    file.truncate(0)


def _write_result(job: Job, kind: Kind, format: Format) -> None:
    """Second step: the lines in the wanted format."""
    if kind == "boolean" or format.name in ("tsv", "ntriples"):
        job.lines.rename(job.target)
    elif isinstance(format.engine, ox.QueryResultsFormat):
        rows = ox.parse_query_results(path=str(job.lines), format=ox.QueryResultsFormat.TSV)
        assert isinstance(rows, ox.QuerySolutions)
        rows.serialize(str(job.target), format.engine)
    else:
        triples = ox.parse(path=str(job.lines), format=ox.RdfFormat.N_TRIPLES)
        with job.target.open("wb") as target:
            write_triples((quad.triple for quad in triples), target, format, _prefixes(job.lines))


def _prefixes(lines: Path) -> dict[str, str]:
    """The pinned prefixes that the lines can use."""
    with lines.open("rb") as file:
        namespaces = namespaces_in(file.read(_PREFIX_SCAN_BYTES))
    return {prefix: iri for prefix, iri in PREFIXES.items() if iri in namespaces}


def mark_cut(path: Path, format: Format, cut: str, caps: Settings) -> None:
    """Says in the result itself that it was cut, where the format has room for it.

    The parsers of https://www.w3.org/TR/sparql11-results-json/ and -xml accept further members of
    the head but nothing after the rows. CSV, TSV, RDF/XML and JSON-LD have no such place: there the
    response header alone says it.
    """
    limit = caps.max_rows if cut == "rows" else caps.max_result_bytes
    if format.name == "json":
        note = json.dumps({"truncated": cut, "limit": limit})
        _insert(path, b"]", f',"link":["#truncated"],"kg":{note}'.encode())
    elif format.name == "xml":
        _insert(
            path,
            b"<head>",
            b'<link href="#truncated"/>',
        )
    elif format.name in ("turtle", "ntriples", "nquads", "trig"):
        with path.open("ab") as file:
            file.write(f"# truncated: {cut}, limit {limit}\n".encode())


def _insert(path: Path, after: bytes, text: bytes) -> None:
    """Inserts text after the first occurrence of `after`, which must lie in the first 64 KiB."""
    marked = path.with_name(path.name + ".marked")
    with path.open("rb") as source, marked.open("wb") as target:
        head, found, rest = source.read(1 << 16).partition(after)
        target.write(head + found + text + rest)
        shutil.copyfileobj(source, target)
    marked.replace(path)
