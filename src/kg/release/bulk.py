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
import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

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


def load_all(
    root: Path, store: ox.Store, merged: IO[bytes]
) -> tuple[dict[str, int], list[Problem]]:
    """Loads every large graph: quads by graph, counted in the store, and the first problem of each file.

    Where there is a problem, the store is of no use. None is raised here: a traceback would keep
    the store open, and its files could not be removed.
    """
    problems = []
    for path in find_bulk(root):
        problems += load_bulk(path, path.relative_to(root).as_posix(), store, merged)[:1]
    if problems:
        return {}, problems
    graphs = sorted(str(graph) for graph in store.named_graphs())
    return {iri[1:-1]: _count(store, iri) for iri in graphs if iri[1:].startswith(GRAPHS)}, []


def _count(store: ox.Store, graph: str) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    assert isinstance(found, ox.QuerySolutions)
    number = next(found)["n"]
    assert isinstance(number, ox.Literal)
    return int(number.value)


def load_bulk(path: Path, relative: str, store: ox.Store, merged: IO[bytes]) -> list[Problem]:
    """Loads a file into its named graphs and into the merged view, and appends that to `merged`.

    Both copies are loaded at once, each by one pass over the file, in about the time of the longer.
    Memory is the engine's, up to about 2 GB, and does not grow with the file.
    The problems that ended the passes, the clearest first.
    """
    name = GRAPHS + path.name.partition(".")[0]
    quads = ".nq" in path.suffixes
    problems: list[Problem] = []

    def load(lines: Iterator[bytes], format: ox.RdfFormat, graph: ox.NamedNode | None) -> None:
        try:
            with io.BufferedReader(_Lines(lines), _BLOCK_BYTES) as text:
                store.bulk_load(text, format, to_graph=graph)
        except SyntaxError as error:
            problems.append(Problem(relative, error.lineno or 0, f"does not parse: {error.msg}"))
        except _Refused as error:
            problems.append(Problem(relative, 0, str(error)))

    lines = _without_graphs(_blocks(path)) if quads else _blocks(path)
    triples = _tee(_normalised(lines), merged)
    other = threading.Thread(target=load, args=(triples, ox.RdfFormat.N_TRIPLES, None))
    other.start()
    checked = _checked(_blocks(path))
    load(checked, ox.RdfFormat.N_QUADS if quads else ox.RdfFormat.N_TRIPLES, None if quads else ox.NamedNode(name))  # fmt: skip
    other.join()
    return sorted(problems, key=lambda problem: "does not parse" in problem.message)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Refused(ValueError):
    """Something that parses but may not stand in a file."""


class _Lines(io.RawIOBase):
    """Blocks of bytes as a file to read; `BufferedReader` gives the engine the sizes it asks for."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks, self._block = blocks, memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io passes
        """Fills the buffer with what is there; 0 at the end."""
        while not self._block:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._block = memoryview(block)
        size = min(len(buffer), len(self._block))
        buffer[:size], self._block = self._block[:size], self._block[size:]
        return size


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some thousand at a time."""
    opened: Callable[[Path, str], IO[bytes]] = gzip.open if path.suffix == ".gz" else open  # type: ignore[assignment]
    with opened(path, "rb") as file:
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
    store = ox.Store()

    @functools.lru_cache(maxsize=1 << 16)
    def normal(literal: bytes) -> bytes:
        for quad in ox.parse(b"<urn:x> <urn:x> %b ." % literal, ox.RdfFormat.N_TRIPLES):
            store.add(quad)
        quads = list(store)
        store.remove(quads[0])
        return str(quads[0].object).encode()

    for block in blocks:
        parts, done = [], 0
        # From the datatype back to its value: most quotes of a block are those of texts.
        for found in _DATATYPE.finditer(block):
            literal = block[block.rfind(b'"', done, found.start()) : found.end()]
            if b"\\" not in literal and (written := normal(literal)) != literal:
                parts += [block[done : found.end() - len(literal)], written]
                done = found.end()
        yield b"".join([*parts, block[done:]]) if parts else block


def _tee(blocks: Iterator[bytes], copy: IO[bytes]) -> Iterator[bytes]:
    for block in blocks:
        copy.write(block)
        yield block


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
