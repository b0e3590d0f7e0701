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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
    root: Path, store: ox.Store, merged: IO[bytes], then: Callable[[], None]
) -> tuple[dict[str, int], list[Problem]]:
    """Loads every large graph: quads by graph, counted in the store, and the first problem of each file.

    Each file goes into its named graphs and into the merged view, which is appended to `merged` as
    well. Both copies are loaded at once, each by one pass over the files; `then` is called when the
    merged one is whole and the other perhaps not. Memory is the engine's, up to about 2 GB a copy,
    and does not grow with the files. Where there is a problem, the store is of no use.
    """
    paths = find_bulk(root)
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(_load_merged, root, paths, store, merged, then)
        found = [*filter(None, (_load_named(root, path, store) for path in paths))]
        try:
            found += other.result()
        except ValueError:  # of `then`, about lines that are no triples
            if not found:
                raise
    if found:
        first = {
            problem.path: problem for problem in sorted(found, key=_is_of_syntax, reverse=True)
        }
        return {}, sorted(first.values())
    graphs = sorted(str(graph) for graph in store.named_graphs())
    return {iri[1:-1]: _count(store, iri) for iri in graphs if iri[1:].startswith(GRAPHS)}, []


def _is_of_syntax(problem: Problem) -> bool:
    """Whether the engine found it, in whose words it is less clear than in ours."""
    return "does not parse" in problem.message


def _count(store: ox.Store, graph: str) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    assert isinstance(found, ox.QuerySolutions)
    number = next(found)["n"]
    assert isinstance(number, ox.Literal)
    return int(number.value)


def _load_named(root: Path, path: Path, store: ox.Store) -> Problem | None:
    """Loads a file into its named graphs, and checks it; what ended that."""
    if ".nq" in path.suffixes:
        format, graph = ox.RdfFormat.N_QUADS, None
    else:
        format, graph = ox.RdfFormat.N_TRIPLES, ox.NamedNode(GRAPHS + path.name.partition(".")[0])
    return _problem_of(
        root, path, _checked, lambda text: store.bulk_load(text, format, to_graph=graph)
    )


def _load_merged(
    root: Path, paths: list[Path], store: ox.Store, merged: IO[bytes], then: Callable[[], None]
) -> list[Problem]:
    """Loads the files into the merged view; what ended that, where something did."""
    for path in paths:

        def bare(blocks: Iterator[bytes], quads: bool = ".nq" in path.suffixes) -> Iterator[bytes]:
            return _tee(_normalised(_without_graphs(blocks) if quads else blocks), merged)

        # Lenient, since the other pass checks every term.
        problem = _problem_of(
            root, path, bare, lambda text: store.bulk_load(text, ox.RdfFormat.N_TRIPLES, lenient=True)
        )  # fmt: skip
        if problem:
            return [problem]
    merged.flush()
    then()
    return []


def _problem_of(
    root: Path,
    path: Path,
    passing: Callable[[Iterator[bytes]], Iterator[bytes]],
    load: Callable[[IO[bytes]], None],
) -> Problem | None:
    """Loads what passes of a file's lines; what ended that."""
    relative = path.relative_to(root).as_posix()
    try:
        with io.BufferedReader(_Lines(passing(_blocks(path))), _BLOCK_BYTES) as text:
            load(text)
    except SyntaxError as error:
        return Problem(relative, error.lineno or 0, f"does not parse: {error.msg}")
    except _Refused as error:
        return Problem(relative, 0, str(error))
    return None


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
