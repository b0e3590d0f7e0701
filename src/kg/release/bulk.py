"""Large graphs: `graph/bulk/<name>.nt` and `.nq`, each also as `.gz`, streamed into a release.

N-Triples (https://www.w3.org/TR/n-triples/) make one graph, named after the file; N-Quads
(https://www.w3.org/TR/n-quads/) name graphs of their own below BASE + graph/bulk/. Syntax, IRIs,
graph names, blank nodes and control characters are checked while the lines pass. They are in the
merged view, but no quad of them becomes a Python object, so neither rules nor shapes see them: the
manifest calls them "not validated".
"""

import hashlib
import io
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.errors import Problem
from kg.release.lines import GRAPHS, Refused, is_quads, name_graph, read_blocks, read_triples, tidy

BULK: Final = ("graph/bulk/*.nt", "graph/bulk/*.nq", "graph/bulk/*.nt.gz", "graph/bulk/*.nq.gz")
"""Where large graphs lie, below the root."""
_LINE: Final = re.compile(r"^Parser error (?:at line \d+ |between line [^:]*: )")


def find_bulk(root: Path) -> list[Path]:
    """The files of large graphs, in path order."""
    return sorted(path for pattern in BULK for path in root.glob(pattern))


def load_lines(root: Path, merged: Path, store: ox.Store, whole: Future[bool]) -> list[Problem]:
    """Loads every large graph under its name, then the merged view, after appending their lines to it.

    Gives the first problem of each file. `whole` tells, as soon as it is known, whether the merged
    view is complete and read to its end; what is left then is copying more than computing.
    All of it is one load: at the end of each the engine copies what it has sorted, and then merges
    its copies beside the next. Takes up to about 2 GB whatever the size.
    """
    problems: list[Problem] = []
    try:
        with merged.open("ab") as lines:
            stream = _Stream(root, lines, merged)
            while True:
                file = _BlocksAsFile(stream.blocks(None if problems else whole))
                try:
                    # The engine only reads.
                    store.bulk_load(cast("IO[bytes]", file), ox.RdfFormat.N_QUADS)
                    # Ours last, for they are clearer than those of the engine.
                    return problems + stream.refused
                except SyntaxError as error:  # once more, from the next file on
                    name, line = stream.place(error.lineno or 1)
                    problems.append(Problem(name, line, _said(error)))
    finally:
        if not whole.done():
            whole.set_result(False)


def _said(error: SyntaxError) -> str:
    """What the engine says, without the line: it counts those of everything it has read."""
    return f"does not parse: {_LINE.sub('', error.msg)}"


class _Stream:
    """Large graphs as N-Quads, whose lines are appended to the merged view as they pass, and then that view.

    So the engine reads at once what would take two loads, and no other thread keeps it waiting.
    """

    def __init__(self, root: Path, lines: IO[bytes], merged: Path) -> None:
        self._root, self._lines, self._merged = root, lines, merged
        self._paths = iter(find_bulk(root))
        self._appended = {"": 0}
        self._count = sum(block.count(b"\n") for block in read_blocks(merged))
        self._begins: dict[str, int] = {}
        self.refused: list[Problem] = []
        """The first thing refused of each file."""

    def blocks(self, whole: Future[bool] | None) -> Iterator[bytes]:
        """The lines of the files that are left; then, unless one was refused, the merged view."""
        count, self._begins = 0, {}
        for path in self._paths:
            name = _relative(self._root, path)
            self._appended[name] = self._count
            self._begins[name] = count
            blocks, same = itertools.tee(tidy(read_blocks(path)))
            if not is_quads(path):
                blocks = name_graph(blocks, GRAPHS + path.name.partition(".")[0])
            try:
                for block, triples in zip(blocks, read_triples(path, same), strict=True):
                    self._lines.write(triples)
                    lines = block.count(b"\n")
                    count, self._count = count + lines, self._count + lines
                    yield block
            except Refused as error:
                line = count - self._begins[name] + error.line if error.line else 0
                self.refused.append(Problem(name, line, str(error)))
        if whole and not self.refused:
            self._lines.flush()
            self._begins[""] = count
            yield from read_blocks(self._merged)
            whole.set_result(True)

    def place(self, line: int) -> tuple[str, int]:
        """The file, and the line in it, of a line that `blocks` gave."""
        name, line = _place(self._begins, line)
        # Of the merged view: a triple without an object, where the graph was taken for one.
        return (name, line) if name else _place(self._appended, line)


def _place(begins: dict[str, int], line: int) -> tuple[str, int]:
    """The file, and the line in it, of a line of all; `begins` has the lines before each, in order."""
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
