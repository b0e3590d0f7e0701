"""Large graphs: `graph/bulk/<name>.nt` and `.nq`, each also as `.gz`, streamed into a release.

N-Triples (https://www.w3.org/TR/n-triples/) make one graph, named after the file; N-Quads
(https://www.w3.org/TR/n-quads/) name graphs of their own below BASE + graph/bulk/. Syntax, IRIs,
graph names, blank nodes and control characters are checked while the lines pass. They are in the
merged view, but no quad of them becomes a Python object, so neither rules nor shapes see them: the
manifest calls them "not validated".
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.errors import Problem
from kg.release.lines import GRAPHS, Refused, opened, read_blocks, read_triples

BULK: Final = ("graph/bulk/*.nt", "graph/bulk/*.nq", "graph/bulk/*.nt.gz", "graph/bulk/*.nq.gz")
"""Where large graphs lie, below the root."""


def find_bulk(root: Path) -> list[Path]:
    """The files of large graphs, in path order."""
    return sorted(path for pattern in BULK for path in root.glob(pattern))


def load_named(root: Path, store: ox.Store, read: Event) -> list[Problem]:
    """Loads every large graph under its name; the first thing that does not parse of each file.

    `read` is set when the last file is read; what is left then is copying more than computing. The
    engine takes more than one processor, and up to about 2 GB whatever the size of the files.
    """
    paths = find_bulk(root)
    try:
        found = (
            _load_file(root, path, store, read if path == paths[-1] else Event()) for path in paths
        )
        return [*filter(None, found)]
    finally:
        read.set()


def _load_file(root: Path, path: Path, store: ox.Store, read: Event) -> Problem | None:
    if ".nq" in path.suffixes:
        format, graph = ox.RdfFormat.N_QUADS, None
    else:
        format, graph = ox.RdfFormat.N_TRIPLES, ox.NamedNode(GRAPHS + path.name.partition(".")[0])
    try:
        with opened(path) as file:
            store.bulk_load(_noticed(file, read), format, to_graph=graph)
    except SyntaxError as error:
        return Problem(_relative(root, path), error.lineno or 0, f"does not parse: {error.msg}")
    return None


@dataclass(frozen=True)
class Appended:
    """What has been appended to the merged view."""

    merged: Path
    problems: list[Problem]
    """The first thing refused of each file."""
    begins: dict[str, int]
    """Lines before those of a file, by its path, in order."""

    def place(self, line: int) -> tuple[str, int]:
        """The file, and the line in it, of a line of the merged view."""
        path = next(path for path, begin in reversed(self.begins.items()) if begin < line)
        return path, line - self.begins[path]


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


def load_merged(appended: Appended, store: ox.Store, read: Event) -> list[Problem]:
    """Loads the lines of the merged view, whose terms the other load checks; as `load_named` does."""
    try:
        with appended.merged.open("rb") as file:
            store.bulk_load(_noticed(file, read), ox.RdfFormat.N_TRIPLES, lenient=True)
    except SyntaxError as error:
        # Of N-Quads without a graph: the other load takes the object of such a line for one.
        path, line = appended.place(error.lineno or 1)
        return [Problem(path, line, f"does not parse: {error.msg}")]
    finally:
        read.set()
    return []


class _Noticed:
    """A file that sets an event when it has been read to its end."""

    def __init__(self, file: IO[bytes], ended: Event) -> None:
        self._file, self._ended = file, ended

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        block = self._file.read(size)
        if not block:
            self._ended.set()
        return block


def _noticed(file: IO[bytes], ended: Event) -> IO[bytes]:
    """The same for the engine, which only reads."""
    return cast("IO[bytes]", _Noticed(file, ended))


def count_quads(store: ox.Store) -> dict[str, int]:
    """Quads of each large graph in the store, by its IRI; 0.3 s a million."""
    graphs = sorted(str(graph) for graph in store.named_graphs())
    return {iri[1:-1]: _count(store, iri) for iri in graphs if iri[1:].startswith(GRAPHS)}


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
