"""The lines of large graphs, block by block, as they pass: read, checked, with or without graphs, normalised."""

import functools
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.namespaces import PREFIXES

GRAPHS: Final = PREFIXES["g"] + "bulk/"
"""What the names of large graphs begin with."""

_BLOCK_BYTES: Final = 1 << 18
_GRAPH_NAME: Final = re.compile(rb" ?<([^<>]*)>[ \t]*\.[ \t]*\r?\n")
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\(?:[bf]|u00(?:0[0-8bBcCeEfF]|1.))")
_DATATYPE: Final = re.compile(rb'"\^\^<[^<>]*>')
_KNOWN_GRAPHS: Final = 16
"""Names of graphs that lines are compared with before they are taken apart."""
_PLAIN_END: Final = b" .\n"
_UNUSUAL: Final = (b" #", b"\t#", b".#", b"\r")
"""Without these there is neither a comment behind a triple nor another line end than a line feed."""
_TRIPLE: Final = re.compile(
    rb"""(?<![^\r\n])((?:"(?:[^"\\\r\n]|\\.)*"|<[^<>\r\n]*>|<(?=[<(\s])|[^"<#.\r\n])+)\.(?=[ \t]*(?:\#|[\r\n]))"""
)
_BLANK: Final = re.compile(rb"^(?:_:|<[^<>]*> *<[^<>]*> *_:)", re.MULTILINE)


class Refused(ValueError):
    """Something that parses but may not stand in a file."""


def opened(path: Path) -> IO[bytes]:
    """A file to read, unpacked."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def read_blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some thousand at a time."""
    with opened(path) as file:
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


def read_triples(path: Path, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks of a file as N-Triples, one for one, line for line, as the engine writes values.

    Raises Refused for what may not stand there; what does not parse is not looked for. 4 s a GB.
    """
    blocks = _checked(blocks)
    return _normalised(_without_graphs(blocks) if ".nq" in path.suffixes else blocks)


def name_graph(blocks: Iterator[bytes], graph: str) -> Iterator[bytes]:
    """N-Triples as N-Quads: each triple with the name of a graph; a line that is none as it is.

    A line of two terms becomes one of three, which the same line in the merged view gives away.
    By comparing bytes, 4 s a GB; where a block has comments or other line ends its lines are taken
    apart, 11 s a GB.
    """
    ending = b" <%b> .\n" % graph.encode()
    for block in blocks:
        usual = not any(unusual in block for unusual in _UNUSUAL)
        if usual and block.count(_PLAIN_END) == block.count(b"\n"):
            yield block.replace(_PLAIN_END, ending)
        else:
            yield _TRIPLE.sub(rb"\1 " + ending.strip(), block)


def _without_graphs(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """N-Quads as N-Triples: each line without the name of its graph. Raises Refused for a wrong name.

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
    """The name of a line's graph; empty for a comment. Raises Refused where it may not stand there."""
    found = _GRAPH_NAME.search(line)
    if not found and line.strip() and not line.lstrip().startswith(b"#"):
        raise Refused(f"a line without a graph: {line[:80].decode(errors='replace')}")
    graph = found[1] if found else b""
    if graph and not graph.startswith(GRAPHS.encode()):
        raise Refused(
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
    """The blocks as they are. Raises Refused for what may not stand there."""
    for block in blocks:
        # Each test first asks whether there is anything to look at: a block costs 0.3 ms.
        if len(block.translate(None, _CONTROL)) < len(block) or (
            b"\\" in block and _ESCAPED.search(block)
        ):
            raise Refused("a text holds a control character, which XML cannot carry")
        if b"_" in block and b"_:" in block and _BLANK.search(block):
            raise Refused("a blank node; give the thing an IRI of its own")
        yield block
