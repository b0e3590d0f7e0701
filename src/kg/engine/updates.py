"""An update text read off its tokens: what is refused, its dataset, and what it may change.

SPARQL 1.1 Update, https://www.w3.org/TR/sparql11-update/. The engine alone decides whether a text
is an update and what it does; what is read here only refuses, adds USING clauses, and narrows where
a change has to be looked for. A text that is not understood may change anything.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyoxigraph as ox

from kg.engine.limits import Token, check_shape, read_shape, read_tokens
from kg.errors import DatasetConflict, LoadForbidden, SyntaxInvalid, TooComplex
from kg.settings import Settings

_DATA: Final = frozenset(("INSERT DATA", "DELETE DATA"))
_ONE_WORD: Final = frozenset(("CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"))
_LOAD: Final = re.compile(r"LOAD", re.IGNORECASE)
_GRAPH_NAMES: Final = frozenset(("iri", "name"))


@dataclass(frozen=True)
class Operation:
    """One operation of an update request, without its prologue."""

    tokens: Sequence[Token]
    prologue: str
    """The PREFIX and BASE declarations that hold for it."""

    @property
    def kind(self) -> str:
        """`INSERT DATA`, `DELETE DATA`, `DELETE WHERE`, `MODIFY`, or the first word."""
        words = [token.word for token in self.tokens[:2]]
        if " ".join(words) in (*_DATA, "DELETE WHERE"):
            return " ".join(words)
        return "MODIFY" if words[0] in ("INSERT", "DELETE", "WITH") else words[0]

    @property
    def clauses(self) -> set[str]:
        """The keywords outside brackets."""
        return {token.word for token in self.tokens if token.depth == 0 and token.word}

    def blocks(self) -> Iterator[tuple[str, Sequence[Token]]]:
        """Each outermost block in braces, without these, and the keyword before it."""
        before, start = "", 0
        for at, token in enumerate(self.tokens):
            if token.depth == 0 and token.text == "{":
                start = at + 1
            elif token.depth == 0 and token.text == "}":
                yield before, self.tokens[start:at]
            elif token.depth == 0 and token.word:
                before = token.word


def read_operations(text: str) -> list[Operation]:
    """The operations of an update request in order; linear in the text. Never raises."""
    found: list[Operation] = []
    current: list[Token] = []
    prologue = ""
    tokens = iter(read_tokens(text))
    for token in tokens:
        if token.depth == 0 and token.text == ";":
            found += [Operation(current, prologue)] if current else []
            current = []
        elif not current and token.word in ("PREFIX", "BASE", "VERSION"):
            parts = [next(tokens, token) for _ in range(2 if token.word == "PREFIX" else 1)]
            if token.word != "VERSION":
                prologue += f"{token.word} {' '.join(part.text for part in parts)}\n"
        else:
            current.append(token)
    return [*found, Operation(current, prologue)] if current else found


def check_update(text: str, limits: Settings) -> list[Operation]:
    """The operations of an update that may be evaluated.

    The limits are those of a query; the ground triples of INSERT DATA and DELETE DATA count for
    the nesting only. Raises LoadForbidden, ServiceForbidden, TooComplex and TooDeep naming the
    limit, and SyntaxInvalid; does not check syntax otherwise.
    """
    operations = read_operations(text)
    _refuse_load(text)
    rest, at = [], 0
    for operation in operations:
        if operation.kind in _DATA and len(operation.tokens) > 3:
            rest.append(text[at : operation.tokens[2].end])
            at = operation.tokens[-1].start
    patterns = "".join([*rest, text[at:]])
    size = len(patterns.encode("utf-8", "surrogatepass"))
    if size > limits.max_query_bytes:
        raise TooComplex(
            f"{size:,} bytes beside ground triples; the limit is {limits.max_query_bytes:,}",
            limit=limits.max_query_bytes,
            found=size,
        )
    whole, shape = read_shape(text), read_shape(patterns)
    shape.depth, shape.unclosed = whole.depth, whole.unclosed
    shape.service = shape.service or whole.service
    check_shape(shape, replace(limits, service_endpoints=""))  # the writer reaches nobody
    return operations


def _refuse_load(text: str) -> None:
    """LOAD begins an operation; the grammar needs no blank after it: `LOADx:y`, `LOADSILENT<x:>`."""
    before = ";"
    for token in read_tokens(text):
        starts = token.kind == "name" and token.depth == 0 and before in (";", "iri", "string")
        if (token.kind == "word" or starts) and _LOAD.match(token.text):
            raise LoadForbidden("LOAD is off: send the triples to /store, or as INSERT DATA")
        before = ";" if token.text == ";" else token.kind


def add_dataset(
    text: str, operations: Sequence[Operation], default: Sequence[str], named: Sequence[str]
) -> str:
    """The text with a USING clause for each graph that the request names.

    https://www.w3.org/TR/sparql11-protocol/#update-dataset. Raises DatasetConflict where the text
    names a dataset itself.
    """
    clauses = "".join(f" USING <{iri}>" for iri in default)
    clauses += "".join(f" USING NAMED <{iri}>" for iri in named)
    parts, at = [], 0
    for operation in operations:
        if {"WITH", "USING"} & operation.clauses:
            raise DatasetConflict(
                "the update names a graph by WITH or USING; using-graph-uri cannot be given as well"
            )
        if operation.kind not in (*_DATA, *_ONE_WORD, "DELETE WHERE", "MODIFY"):
            raise SyntaxInvalid(f"no update operation begins with {operation.kind!r}")
        for number, token in enumerate(operation.tokens):
            if token.depth or token.word != "WHERE":
                continue
            parts.append(text[at : token.start])
            if number == 1 and operation.kind == "DELETE WHERE":  # the short form takes no USING
                parts.append(text[token.end : operation.tokens[-1].end])
            parts.append(f"{clauses} ")
            at = token.start
    return "".join([*parts, text[at:]])


@dataclass
class Reach:
    """What an update may change."""

    quads: list[ox.Quad] = field(default_factory=list)
    """Ground quads it names."""
    graphs: set[str] = field(default_factory=set)
    """Graphs that may change as a whole, by IRI; the empty text is the default graph."""
    any_graph: bool = False
    """Whether every named graph may change."""
    everything: bool = False
    """Whether the default graph may change along with the named ones: ALL, or a text not understood."""

    @property
    def addresses_default(self) -> bool:
        """Whether the default graph itself is written to."""
        ground = (quad.graph_name for quad in self.quads)
        return "" in self.graphs or any(isinstance(name, ox.DefaultGraph) for name in ground)


def find_reach(operations: Sequence[Operation], base_iri: str) -> Reach:
    """What the operations may change, at most. Never raises."""
    reach = Reach()
    for operation in operations:
        try:
            _add_reach(reach, operation, base_iri)
        except (SyntaxError, ValueError):
            reach.any_graph = reach.everything = True
    return reach


def _add_reach(reach: Reach, operation: Operation, base_iri: str) -> None:
    kind = operation.kind
    if kind in _DATA or kind in ("DELETE WHERE", "MODIFY"):
        if kind not in _DATA or not _add_ground(reach, operation, base_iri):
            _add_templates(reach, operation, base_iri)
    elif kind in _ONE_WORD:
        _add_management(reach, operation, base_iri)
    else:
        raise ValueError(f"no operation {kind!r} is known")


def _add_ground(reach: Reach, operation: Operation, base_iri: str) -> bool:
    """Adds the quads of a DATA block, which is TriG but for its labels; False where it is not."""
    [(_, block)] = list(operation.blocks())
    if any(token.text in ("[", "(", "~") or token.text.startswith("_:") for token in block):
        return False
    text = operation.prologue + " ".join(token.text for token in block)
    try:
        quads = list(ox.parse(text, ox.RdfFormat.TRIG, base_iri=base_iri))
    except SyntaxError:
        return False
    reach.quads += quads
    return True


def _add_templates(reach: Reach, operation: Operation, base_iri: str) -> None:
    """Adds the graphs that the templates name."""
    names = [
        operation.tokens[at + 1]
        for at, token in enumerate(operation.tokens[:-1])
        if token.depth == 0 and token.word == "WITH"
    ]
    plain = False
    for before, block in operation.blocks():
        if before == "WHERE" and operation.kind != "DELETE WHERE":
            continue
        graph_next = inside_graph = False
        for token in block:
            if token.depth == 1 and token.word == "GRAPH":
                graph_next = True
            elif graph_next:
                names.append(token)
                graph_next, inside_graph = False, True
            elif token.depth == 1 and inside_graph:
                inside_graph = token.text != "}"
            elif token.depth == 1 and token.text != ".":
                plain = True
    if plain and "WITH" not in operation.clauses:
        reach.graphs.add("")
    _add_names(reach, operation, names, base_iri)


def _add_management(reach: Reach, operation: Operation, base_iri: str) -> None:
    """Adds the graphs that CLEAR, DROP, CREATE, ADD, MOVE or COPY changes; ALL is what is named."""
    sides: list[list[Token]] = [[]]
    for token in operation.tokens[1:]:
        if token.word == "TO":
            sides.append([])
        elif token.word not in ("SILENT", "GRAPH"):
            sides[-1].append(token)
    changed = sides if operation.kind == "MOVE" else sides[-1:]
    names = [token for side in changed for token in side]
    words = {token.word for token in names}
    reach.graphs |= {""} if "DEFAULT" in words else set()
    reach.any_graph = reach.any_graph or bool({"ALL", "NAMED"} & words)
    reach.everything = reach.everything or "ALL" in words
    _add_names(reach, operation, [token for token in names if not token.word], base_iri)


def _add_names(reach: Reach, operation: Operation, names: Sequence[Token], base_iri: str) -> None:
    """Adds graphs by IRI or prefixed name; a variable may be any named graph."""
    if any(token.kind == "variable" for token in names):
        reach.any_graph = True
    listed = [token.text for token in names if token.kind in _GRAPH_NAMES]
    if listed:
        text = f"{operation.prologue}<x:s> <x:p> {', '.join(listed)} ."
        for quad in ox.parse(text, ox.RdfFormat.TURTLE, base_iri=base_iri):
            assert isinstance(quad.object, ox.NamedNode)
            reach.graphs.add(quad.object.value)
