"""Where a result is cut, and how a cut one says so."""

import json
from dataclasses import dataclass
from typing import Self

from kg.engine.request import QueryRequest
from kg.formats import Format
from kg.settings import Settings


@dataclass(frozen=True)
class Caps:
    """Where a result is cut."""

    rows: int
    size: int

    @classmethod
    def of(cls, request: QueryRequest, limits: Settings) -> Self:
        """The lower of what is in force and what is wanted."""
        return cls(
            min(limits.max_rows, request.max_rows or limits.max_rows),
            min(limits.max_result_bytes, request.max_result_bytes or limits.max_result_bytes),
        )

    def named(self, cut: str) -> int:
        """The cap that cut a result."""
        return self.rows if cut == "rows" else self.size


def mark_head(head: bytes, format: Format, cut: str, caps: Caps) -> bytes:
    """The head, with a mark where the result is cut.

    The parsers of https://www.w3.org/TR/sparql11-results-json/ and -xml accept further members of
    the head but nothing after the rows.
    """
    if cut and format.name == "json":
        note = json.dumps({"truncated": cut, "limit": caps.named(cut)})
        return head.replace(b"]", f'],"link":["#truncated"],"kg":{note}'.encode(), 1)
    if cut and format.name == "xml":
        return head.replace(b"<head>", b'<head><link href="#truncated"/>', 1)
    return head


def mark_tail(format: Format, cut: str, caps: Caps) -> bytes:
    """A last comment line for the formats that have comments.

    CSV, TSV, RDF/XML and JSON-LD have no place for a mark: there the response header alone says it.
    """
    if cut and format.name in ("turtle", "ntriples", "nquads", "trig"):
        return f"# truncated: {cut}, limit {caps.named(cut)}\n".encode()
    return b""
