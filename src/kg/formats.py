"""RDF and result formats: which exist, which one an Accept header means, and how triples are written.

One row a format; web, command line and export offer what stands here. Media types:
https://www.w3.org/TR/sparql11-protocol/#query-success and https://www.w3.org/TR/sparql11-results-json/.
"""

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final, Literal

import pyoxigraph as ox

from kg.errors import NotAcceptable

Kind = Literal["table", "boolean", "graph", "dataset"]
"""What an answer is: SELECT, ASK, CONSTRUCT or DESCRIBE, and dumps that keep named graphs."""


ANSWER_KINDS: Final[tuple[Kind, ...]] = ("table", "boolean", "graph")
"""What the answer of a query can be."""


FORM_KINDS: Final[dict[str, Kind]] = {
    "SELECT": "table",
    "ASK": "boolean",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}
"""What each form of a query answers."""


@dataclass(frozen=True)
class Format:
    """One way to write an answer."""

    name: str
    media_type: str
    suffix: str
    kinds: frozenset[Kind]
    engine: ox.RdfFormat | ox.QueryResultsFormat
    aliases: tuple[str, ...] = ()
    """Further media types and names that mean this format."""

    @property
    def content_type(self) -> str:
        """The Content-Type header: text types carry the charset they would otherwise default."""
        return (
            f"{self.media_type}; charset=utf-8"
            if self.media_type.startswith("text/")
            else self.media_type
        )


_TABLES: Final[frozenset[Kind]] = frozenset(("table", "boolean"))
_GRAPHS: Final[frozenset[Kind]] = frozenset(("graph",))
_DATASETS: Final[frozenset[Kind]] = frozenset(("graph", "dataset"))
_R, _Q = ox.RdfFormat, ox.QueryResultsFormat

FORMATS: Final = (
    Format(
        "json",
        "application/sparql-results+json",
        "json",
        _TABLES,
        _Q.JSON,
        ("application/json", "srj"),
    ),
    Format(
        "xml",
        "application/sparql-results+xml",
        "xml",
        _TABLES,
        _Q.XML,
        ("application/xml", "text/xml", "srx"),
    ),
    Format("csv", "text/csv", "csv", _TABLES, _Q.CSV),
    Format("tsv", "text/tab-separated-values", "tsv", _TABLES, _Q.TSV),
    Format(
        "turtle",
        "text/turtle",
        "ttl",
        _GRAPHS,
        _R.TURTLE,
        (
            "application/turtle",
            "application/x-turtle",
            "text/n3",
            "text/rdf+n3",
            "application/n3",
            "n3",
        ),
    ),
    Format("ntriples", "application/n-triples", "nt", _GRAPHS, _R.N_TRIPLES, ("text/plain",)),
    Format(
        "rdfxml",
        "application/rdf+xml",
        "rdf",
        _GRAPHS,
        _R.RDF_XML,
        ("application/xml", "text/xml", "xml"),
    ),
    Format(
        "jsonld",
        "application/ld+json",
        "jsonld",
        _GRAPHS,
        _R.JSON_LD,
        ("application/json", "application/x-json+ld", "json", "json-ld"),
    ),
    Format("trig", "application/trig", "trig", _DATASETS, _R.TRIG, ("application/x-trig",)),
    Format("nquads", "application/n-quads", "nq", _DATASETS, _R.N_QUADS, ("text/x-nquads",)),
)
"""Every format, the preferred one of each kind first."""


def formats_for(kind: Kind) -> list[Format]:
    """The formats that can carry an answer of this kind, preferred first."""
    return [format for format in FORMATS if kind in format.kinds]


def find_format(name: str, kind: Kind) -> Format:
    """The format with this name, suffix or media type. Raises NotAcceptable listing the known ones."""
    wanted = name.strip().lower()
    for format in formats_for(kind):
        if wanted in (format.name, format.suffix, format.media_type, *format.aliases):
            return format
    known = ", ".join(format.name for format in formats_for(kind))
    raise NotAcceptable(f"no format {name!r} for a {kind}; known: {known}")


def formats_named(name: str) -> dict[Kind, Format]:
    """The format of this name for each kind of query answer it can carry.

    `json` and `xml` mean results of a SELECT and RDF of a CONSTRUCT. Raises NotAcceptable listing
    the known names where it means nothing.
    """
    found: dict[Kind, Format] = {}
    for kind in ANSWER_KINDS:
        with contextlib.suppress(NotAcceptable):
            found[kind] = find_format(name, kind)
    if not found:
        known = ", ".join(format.name for format in FORMATS)
        raise NotAcceptable(f"no format {name!r}; known: {known}")
    return found


def negotiate(ranges: Sequence[tuple[str, float]], kind: Kind) -> Format | None:
    """The format that an Accept header asks for, None where none is acceptable.

    `ranges` are media ranges with their quality, parameters other than q ignored, since
    `text/turtle; charset=utf-8` must still mean Turtle; empty means anything. The most specific
    range decides a format's quality, and at equal quality the order of `FORMATS` decides:
    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1.
    """
    offered = formats_for(kind)
    if not ranges:
        return offered[0]
    rated = [(_quality(dict(ranges), format), format) for format in offered]
    best = max(quality for quality, _ in rated)
    return next((format for quality, format in rated if quality == best > 0), None)


def _quality(ranges: Mapping[str, float], format: Format) -> float:
    """The quality that the most specific range gives a format; 0 without a match.

    A wildcard means the format's own media type only: `text/*` must not mean XML because an old
    client may call that `text/xml`.
    """
    group = format.media_type.partition("/")[0]
    names = (format.media_type, *format.aliases, f"{group}/*", "*/*")
    return next((ranges[name] for name in names if name in ranges), 0.0)


def write_triples(
    triples: Iterable[ox.Triple] | Iterable[ox.Quad],
    output: IO[bytes],
    format: Format,
    prefixes: Mapping[str, str],
) -> None:
    """Writes triples, or quads for a dataset format, as they come; memory does not grow with them."""
    assert isinstance(format.engine, ox.RdfFormat)
    ox.serialize(triples, exact(output, format), format.engine, prefixes=dict(prefixes))


def exact(output: IO[bytes], format: Format) -> IO[bytes]:
    """The output as the engine may write to it and lose nothing.

    It leaves a carriage return in XML as it is (0.5.13), which every reader takes for a line feed:
    https://www.w3.org/TR/xml/#sec-line-ends.
    """
    if format.engine in (ox.RdfFormat.RDF_XML, ox.QueryResultsFormat.XML):
        return _CarriageReturns(output)  # type: ignore[return-value]  # the engine only writes
    return output


class _CarriageReturns:
    """Passes blocks of XML on with every carriage return as a reference."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output

    def write(self, block: bytes) -> int:
        """Takes a block."""
        self._output.write(bytes(block).replace(b"\r", b"&#13;"))
        return len(block)

    def flush(self) -> None:
        """Passes on that all is written."""
        self._output.flush()


_NAMESPACE = re.compile(rb"<([^<>\s]*[#/])[^<>\s#/]*>")


def namespaces_in(lines: bytes) -> set[str]:
    """Namespaces of the IRIs in N-Triples or N-Quads text: up to the last `#` or `/`."""
    return {found.decode() for found in set(_NAMESPACE.findall(lines))}
