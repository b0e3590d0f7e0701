"""Large graphs: `graph/bulk/<name>.nt` and `.nq`, each also as `.gz`, streamed into a release.

N-Triples (https://www.w3.org/TR/n-triples/) make one graph, named after the file; N-Quads
(https://www.w3.org/TR/n-quads/) name graphs of their own below BASE + graph/bulk/. Syntax, IRIs,
graph names, blank nodes and control characters are checked while the lines pass. They are in the
merged view, but no quad of them becomes a Python object, so neither rules nor shapes see them: the
manifest calls them "not validated".
"""

import functools
import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.errors import Problem
from kg.namespaces import PREFIXES

BULK: Final = ("graph/bulk/*.nt", "graph/bulk/*.nq", "graph/bulk/*.nt.gz", "graph/bulk/*.nq.gz")
"""Where large graphs lie, below the root."""
GRAPHS: Final = PREFIXES["g"] + "bulk/"
"""What the names of their graphs begin with."""

_BLOCK_BYTES: Final = 1 << 18
_GRAPH_NAME: Final = re.compile(rb" ?<([^<>]*)>[ \t]*\.[ \t]*\r?\n")
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:[bf]|u00(?:0[0-8bBcCeEfF]|1.))")
_DATATYPE: Final = re.compile(rb'"\^\^<[^<>]*>')
_KNOWN_GRAPHS: Final = 16
"""Names of graphs that lines are compared with before they are taken apart."""
_BLANK: Final = re.compile(rb"^(?:_:|<[^<>]*> *<[^<>]*> *_:)", re.MULTILINE)


def find_bulk(root: Path) -> list[Path]:
    """The files of large graphs, in path order."""
    return sorted(path for pattern in BULK for path in root.glob(pattern))


def load_named(root: Path, store: ox.Store, read: Event) -> list[Problem]:
    """Loads every large graph under its name; the first thing that does not parse of each file.

    `read` is set when the last file is read; what is left then is copying more than computing. The
    engine takes more than one processor, and up to about 2 GB whatever the size of the files.
    """
    problems, paths = [], find_bulk(root)
    try:
        for path in paths:
            try:
                with _opened(path) as file:
                    source = cast("IO[bytes]", Noticed(file, read)) if path == paths[-1] else file
                    if ".nq" in path.suffixes:
                        store.bulk_load(source, ox.RdfFormat.N_QUADS)
                    else:
                        graph = ox.NamedNode(GRAPHS + path.name.partition(".")[0])
                        store.bulk_load(source, ox.RdfFormat.N_TRIPLES, to_graph=graph)
            except SyntaxError as error:
                said = f"does not parse: {error.msg}"
                problems.append(Problem(_relative(root, path), error.lineno or 0, said))
    finally:
        read.set()
    return problems


class Noticed:
    """A file that sets an event when it has been read to its end."""

    def __init__(self, file: IO[bytes], ended: Event) -> None:
        self._file, self._ended = file, ended

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        block = self._file.read(size)
        if not block:
            self._ended.set()
        return block


@dataclass(frozen=True)
class Appended:
    """What has been appended to the merged view."""

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

    What does not parse is not looked for.
    """
    appended = Appended([], {})
    with merged.open("rb") as lines:
        count = sum(block.count(b"\n") for block in iter(lambda: lines.read(_BLOCK_BYTES), b""))
    with merged.open("ab") as lines:
        for path in find_bulk(root):
            appended.begins[_relative(root, path)] = count
            blocks = _checked(_blocks(path))
            if ".nq" in path.suffixes:
                blocks = _without_graphs(blocks)
            try:
                for block in _normalised(blocks):
                    lines.write(block)
                    count += block.count(b"\n")
            except _Refused as error:
                appended.problems.append(Problem(_relative(root, path), 0, str(error)))
    return appended


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


class _Refused(ValueError):
    """Something that parses but may not stand in a file."""


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _opened(path: Path) -> IO[bytes]:
    """A file to read, unpacked."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some thousand at a time."""
    with _opened(path) as file:
        rest = b""
        while block := file.read(_BLOCK_BYTES):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
        if rest:
            yield rest + b"\n"


def _without_graphs(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """N-Quads as N-Triples: each line without the name of its graph. Raises _Refused for a wrong name.

    A name met before is cut off by comparing bytes, 2 s a GB; taking lines apart takes 40 s a GB.
    """
    known: list[bytes] = []
    for block in blocks:
        bare, lines = block, block.count(b"\n")
        for ending in known:
            length = len(bare)
            bare = bare.replace(ending, b" .\n")
            lines -= (length - len(bare)) // (len(ending) - len(b" .\n"))
            if not lines:
                break
        if lines:
            met = dict.fromkeys(map(_graph_of, block.splitlines(keepends=True)))
            endings = [b" <%b> .\n" % graph for graph in met if graph]
            known = [*endings, *(ending for ending in known if ending not in endings)]
            bare, known = _GRAPH_NAME.sub(b" .\n", block), known[:_KNOWN_GRAPHS]
        yield bare


def _graph_of(line: bytes) -> bytes:
    """The name of a line's graph; empty for a comment. Raises _Refused where it may not stand there."""
    found = _GRAPH_NAME.search(line)
    if not found and line.strip() and not line.lstrip().startswith(b"#"):
        raise _Refused(f"a line without a graph: {line[:80].decode(errors='replace')}")
    graph = found[1] if found else b""
    if graph and not graph.startswith(GRAPHS.encode()):
        raise _Refused(
            f"graph <{graph.decode(errors='replace')}>; graphs of this file begin with <{GRAPHS}>"
        )
    return graph


def _normalised(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Typed literals as the engine writes them: 1.50 as 1.5. Texts stay as they are; 1 s a GB."""

    @functools.lru_cache(maxsize=1 << 16)
    def normal(literal: bytes) -> bytes:
        # A store of its own takes 4 us. One for all keeps what is removed: 500 us after 20,000.
        store = ox.Store()
        store.load(b"<urn:x> <urn:x> %b ." % literal, ox.RdfFormat.N_TRIPLES)
        return str(next(iter(store)).object).encode()

    for block in blocks:
        parts, done = [], 0
        # From the datatype back to its value: most quotes of a block are those of texts.
        for found in _DATATYPE.finditer(block):
            literal = block[block.rfind(b'"', done, found.start()) : found.end()]
            if b"\\" not in literal and (written := normal(literal)) != literal:
                parts += [block[done : found.end() - len(literal)], written]
                done = found.end()
        yield b"".join([*parts, block[done:]]) if parts else block


def _checked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks as they are. Raises _Refused for what may not stand there."""
    for block in blocks:
        # Each test first asks whether there is anything to look at: a block costs 0.3 ms.
        if len(block.translate(None, _CONTROL)) < len(block) or (
            b"\\" in block and _ESCAPED.search(block)
        ):
            raise _Refused("a text holds a control character, which XML cannot carry")
        if b"_" in block and b"_:" in block and _BLANK.search(block):
            raise _Refused("a blank node; give the thing an IRI of its own")
        yield block
