"""Large graphs: `graph/bulk/<name>.nt` and `.nq`, each also as `.gz`, streamed into a release.

N-Triples (https://www.w3.org/TR/n-triples/) make one graph, named after the file; N-Quads
(https://www.w3.org/TR/n-quads/) name graphs of their own below BASE + graph/bulk/. Syntax, IRIs,
graph names, blank nodes and control characters are checked while the lines pass. They are in the
merged view, but no quad of them becomes a Python object, so neither rules nor shapes see them: the
manifest calls them "not validated".
"""

import hashlib
import io
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.errors import Problem
from kg.release.lines import GRAPHS, Refused, opened, read_blocks, read_triples

BULK: Final = ("graph/bulk/*.nt", "graph/bulk/*.nq", "graph/bulk/*.nt.gz", "graph/bulk/*.nq.gz")
"""Where large graphs lie, below the root."""
_MERGED: Final = "the merged view"
_LINE: Final = re.compile(r"^Parser error (?:at line \d+ |between line [^:]*: )")


def find_bulk(root: Path) -> list[Path]:
    """The files of large graphs, in path order."""
    return sorted(path for pattern in BULK for path in root.glob(pattern))


def load_lines(
    root: Path, store: ox.Store, appended: Future["Appended"], read: Event
) -> list[Problem]:
    """Loads every large graph under its name, then the merged view; the first problem of each file.

    N-Quads and the merged view in one load, the second when its lines are appended: at the end of
    each the engine copies what it has sorted, and then merges its copies beside the next. Of 10
    million quads 70 s instead of 81 s in two. `read` is set when the last line is read, or none will
    be; what is left then is copying more than computing. Takes up to about 2 GB whatever the size.
    """
    paths = find_bulk(root)
    quads = [path for path in paths if ".nq" in path.suffixes]
    try:
        triples = (_load_triples(root, path, store) for path in paths if path not in quads)
        problems = [*filter(None, triples)]
        while True:
            begins: dict[str, int] = {}
            blocks = _chain(root, quads, None if problems else appended, begins, read)
            try:
                store.bulk_load(_read_as_file(blocks), ox.RdfFormat.N_QUADS)
                return problems
            except SyntaxError as error:
                name, line = _place(begins, error.lineno or 1)
                if name == _MERGED:
                    # Of N-Quads without a graph: the object of such a line was taken for one.
                    name, line = _place(appended.result().begins, line)
                    return [Problem(name, line, _said(error))]
                problems.append(Problem(name, line, _said(error)))
                quads = quads[quads.index(root / name) + 1 :]
    finally:
        read.set()


def _load_triples(root: Path, path: Path, store: ox.Store) -> Problem | None:
    """Loads a file of N-Triples into its graph."""
    graph = ox.NamedNode(GRAPHS + path.name.partition(".")[0])
    try:
        with opened(path) as file:
            store.bulk_load(file, ox.RdfFormat.N_TRIPLES, to_graph=graph)
    except SyntaxError as error:
        return Problem(_relative(root, path), error.lineno or 0, _said(error))
    return None


def _said(error: SyntaxError) -> str:
    """What the engine says, without the line: it counts those of everything it has read."""
    return f"does not parse: {_LINE.sub('', error.msg)}"


def _chain(
    root: Path,
    paths: list[Path],
    appended: Future["Appended"] | None,
    begins: dict[str, int],
    read: Event,
) -> Iterator[bytes]:
    """The blocks of the files, then of the merged view where all its lines may stand there.

    Notes how many lines come before each, and when all are read.
    """
    count = 0
    for path in paths:
        begins[_relative(root, path)] = count
        for block in read_blocks(path):
            yield block
            count += block.count(b"\n")
    if appended and not appended.result().problems:
        begins[_MERGED] = count
        yield from read_blocks(appended.result().merged)
    read.set()


def _place(begins: dict[str, int], line: int) -> tuple[str, int]:
    """The file, and the line in it, of a line of many files; `begins` has the lines before each, in order."""
    name = next(name for name, begin in reversed(begins.items()) if begin < line)
    return name, line - begins[name]


class _BlocksAsFile:
    """Blocks of bytes, to read as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._block = blocks, io.BytesIO()

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        if not (read := self._block.read(size)):
            self._block = io.BytesIO(next(self._blocks, b""))
            read = self._block.read(size)
        return read


def _read_as_file(blocks: Iterator[bytes]) -> IO[bytes]:
    """The same for the engine, which only reads."""
    return cast("IO[bytes]", _BlocksAsFile(blocks))


@dataclass(frozen=True)
class Appended:
    """What has been appended to the merged view."""

    merged: Path
    problems: list[Problem]
    """The first thing refused of each file."""
    begins: dict[str, int]
    """Lines before those of a file, by its path, in order."""


def append_lines(root: Path, merged: Path) -> Appended:
    """Appends every large graph to the merged view, as N-Triples, line for line; 4 s a GB.

    What may not stand there is refused; what does not parse is not looked for.
    """
    appended = Appended(merged, [], {})
    count = sum(block.count(b"\n") for block in read_blocks(merged))
    with merged.open("ab") as lines:
        for path in find_bulk(root):
            appended.begins[_relative(root, path)] = count
            try:
                for block in read_triples(path):
                    lines.write(block)
                    count += block.count(b"\n")
            except Refused as error:
                appended.problems.append(Problem(_relative(root, path), 0, str(error)))
    return appended


def count_quads(store: ox.Store) -> dict[str, int]:
    """Quads of each large graph in the store, by its IRI; 0.2 s a million."""
    graphs = sorted(str(graph) for graph in store.named_graphs())
    large = [iri for iri in graphs if iri[1:].startswith(GRAPHS)]
    with ThreadPoolExecutor() as pool:
        numbers = pool.map(lambda iri: _count(store, iri), large)
    return {iri[1:-1]: number for iri, number in zip(large, numbers, strict=True)}


def _count(store: ox.Store, graph: str) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    assert isinstance(found, ox.QuerySolutions)
    number = next(found)["n"]
    assert isinstance(number, ox.Literal)
    return int(number.value)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
