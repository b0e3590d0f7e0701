"""The lines of large graphs, block by block, as they pass: read, checked, with or without graphs, normalised."""

import functools
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from kg.namespaces import PREFIXES

GRAPHS: Final = PREFIXES["g"] + "bulk/"
"""What the names of large graphs begin with."""

_BLOCK_BYTES: Final = 1 << 18
_KNOWN_GRAPHS: Final = 16
"""Names of graphs that lines are compared with before they are taken apart."""
_PLAIN_END: Final = b" .\n"
_CUT_END: Final = b" .\0"
"""The end of a line that has lost the name of its graph: none is taken for another, and so loses two."""

# One byte first, and what stands around it only there: 20 times as fast as searching for a class.
_COMMENT_SIGN: Final = re.compile(rb"#(?<![^\s.]#)")
_NO_CHARACTER: Final = re.compile(rb"\xef(?=\xbf[\xbe\xbf])")
_ESCAPED: Final = re.compile(
    rb"\\(?=[bf]|(?:u|U0000)(?:00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F])|[fF]{3}[eEfF]))"
)
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_CONTROLS: Final = re.compile(b"[%b]" % re.escape(_CONTROL))

# Each byte begins one alternative and nothing is given back, nor read twice after an open quote:
# linear whatever the line.
_QUOTED: Final = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?+|<[^<>\n]*+>'
_TERM: Final = re.compile(_QUOTED)
_COMMENT: Final = re.compile(rb"^[ \t]*+\#.*+", re.MULTILINE)
_STATEMENT: Final = re.compile(
    rb'^((?:%b|<<(?!<)|[^"<#.\n]++|\.(?![ \t]*+(?:\#|$)))++)\.[ \t]*+(?:\#.*+)?+$' % _QUOTED,
    re.MULTILINE,
)
_GRAPH_NAME: Final = re.compile(rb"<([^<>\0\n]*+)>[ \t]*+\.[ \t]*+\n")
_DATATYPE: Final = re.compile(rb'"\^\^<[^<>\n]*+>')
_DOTS: Final = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:[/?#]|$)", re.IGNORECASE)


class Refused(ValueError):
    """Something that may not stand in a file, with its line in the block; 0 for the file as a whole."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def is_quads(path: Path) -> bool:
    """Whether a file holds N-Quads, by the last suffix that says what it holds."""
    return path.name.removesuffix(".gz").endswith(".nq")


def opened(path: Path) -> IO[bytes]:
    """A file to read, unpacked."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def read_blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some thousand at a time. Raises Refused where a file is not what gzip wrote."""
    try:
        with opened(path) as file:
            rest = b""
            while block := file.read(_BLOCK_BYTES):
                # A CR at the end may have its line feed in the next block.
                end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
                if end:
                    yield rest + block[:end]
                    rest = block[end:]
                else:
                    rest += block
            if rest:
                yield rest + b"\n"
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Refused(f"is no whole gzip file: {error}", 0) from None


def tidy(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same lines, each ended by a line feed, without comments; a line that is no statement as it is.

    Asking whether there is anything to do takes 0.5 s a GB; a block with a comment behind a statement 10 s a GB.
    """
    for block in blocks:
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if _COMMENT_SIGN.search(block):
            block = _COMMENT.sub(b"", block)
            if _COMMENT_SIGN.search(block):
                block = _STATEMENT.sub(rb"\1 .", block)
        yield block


def read_triples(path: Path, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The tidy blocks of a file as N-Triples, one for one, line for line, as the engine writes values.

    Raises Refused for what may not stand there; what does not parse is not looked for. 4 s a GB.
    """
    blocks = _checked(blocks)
    return _normalised(_without_graphs(blocks) if is_quads(path) else blocks)


def name_graph(blocks: Iterator[bytes], graph: str) -> Iterator[bytes]:
    """Tidy N-Triples as N-Quads: each triple with the name of a graph; a line that is none as it is.

    A line of two terms becomes one of three, which the same line in the merged view gives away.
    By comparing bytes, 2 s a GB; where a block has lines of another shape they are taken apart,
    8 s a GB. Raises Refused where the graph can have no such name.
    """
    if not _may_name(graph):
        raise Refused(f"the name of the file makes no IRI for its graph: <{graph}>", 0)
    ending = b" <%b> .\n" % graph.encode()
    for block in blocks:
        if block.count(_PLAIN_END) == block.count(b"\n"):
            yield block.replace(_PLAIN_END, ending)
        else:
            yield _STATEMENT.sub(rb"\1" + ending.rstrip(), block)


def _without_graphs(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """N-Quads as N-Triples: each line without the name of its graph. Raises Refused for a wrong name.

    A name met before is cut off by comparing bytes, 2 s a GB; taking lines apart takes 40 s a GB.
    """
    known: list[bytes] = []
    for block in blocks:
        bare = block
        for ending in known:
            bare = bare.replace(ending, _CUT_END)
            if b"\n" not in bare:  # the next block mostly ends as this one does
                known = [ending, *(other for other in known if other != ending)]
                break
        else:
            met = dict.fromkeys(_GRAPH_NAME.findall(bare))
            for graph in met:
                _check_graph(graph, bare)
            endings = [b" <%b> .\n" % graph for graph in met]
            known = [*endings, *(ending for ending in known if ending not in endings)]
            bare, known = _GRAPH_NAME.sub(_CUT_END, bare), known[:_KNOWN_GRAPHS]
            _check_rest(bare)
        yield bare.replace(b"\0", b"\n")


def _may_name(graph: str) -> bool:
    """Whether an IRI can name a large graph: below the others, and there wherever it is resolved."""
    rest = graph.removeprefix(GRAPHS)
    if rest in ("", graph) or _DOTS.search(rest):
        return False
    try:
        return bool(ox.NamedNode(graph))
    except ValueError:
        return False


def _check_graph(name: bytes, block: bytes) -> None:
    """Raises Refused where a name of a graph may not stand."""
    graph = name.decode(errors="replace")
    if b"\\" in name:  # an escaped dot is a dot
        try:
            quad = next(ox.parse(b"<x:x> <x:x> <x:x> <%b> ." % name, ox.RdfFormat.N_QUADS))
            graph = str(quad.graph_name)[1:-1]
        except SyntaxError:
            return  # which the engine says better
    if not _may_name(graph):
        start = next(found.start() for found in _GRAPH_NAME.finditer(block) if found[1] == name)
        message = (
            f"graph <{graph}>; graphs of this file begin with <{GRAPHS}>, and then have a name"
        )
        raise Refused(message, _line(block, start))


def _check_rest(bare: bytes) -> None:
    """Raises Refused where a line has not lost the name of its graph and is not empty."""
    if b"\n" not in bare:
        return
    for number, line in enumerate(bare.replace(b"\0", b"\0\n").split(b"\n"), 1):
        if line.strip() and not line.endswith(b"\0"):
            raise Refused(f"a line without a graph: {line[:80].decode(errors='replace')}", number)


def _line(block: bytes, start: int) -> int:
    """The number of the line in a block where something starts, of those cut and not."""
    return block.count(b"\n", 0, start) + block.count(b"\0", 0, start) + 1


def _normalised(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Typed literals as the engine writes them: 1.50 as 1.5. Texts stay as they are; 1 s a GB."""

    @functools.lru_cache(maxsize=1 << 16)
    def normal(literal: bytes) -> bytes:
        # A store of its own takes 4 us. One for all keeps what is removed: 500 us after 20,000.
        store = ox.Store()
        try:
            store.load(b"<urn:x> <urn:x> %b ." % literal, ox.RdfFormat.N_TRIPLES)
        except SyntaxError:  # of which the engine says more, where it is a literal at all
            return literal
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
        # Each test first asks whether there is anything to look at: a block costs 0.1 ms.
        found = None
        if len(block.translate(None, _CONTROL)) < len(block):
            found = _CONTROLS.search(block)
        elif b"\\" in block:
            found = _ESCAPED.search(block.replace(b"\\\\", b"  "))
        if not found and b"\xef" in block:
            found = _NO_CHARACTER.search(block)
        if found:
            message = "a text holds a control character, U+FFFE or U+FFFF, which XML cannot carry"
            raise Refused(message, _line(block, found.start()))
        if b"_" in block and b"_:" in block:
            terms = _TERM.sub(b" ", block)
            if (start := terms.find(b"_:")) >= 0:
                raise Refused("a blank node; give the thing an IRI of its own", _line(terms, start))
        yield block
