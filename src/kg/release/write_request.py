"""What goes to the writer process and what comes back: plain values, sent as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from kg.engine.request import Message
from kg.errors import KgError, list_errors

Kind = Literal["update", "put", "post", "delete"]


@dataclass(frozen=True)
class WriteRequest(Message):
    """One write: an update text, or a graph to replace, to add to, or to drop."""

    kind: Kind
    base_iri: str
    id: str
    """Made for this write; tells whether a writer that died had finished it."""
    update: str = ""
    using: list[str] = field(default_factory=list)
    """`using-graph-uri` of the request."""
    using_named: list[str] = field(default_factory=list)
    graph: str = ""
    """IRI of the graph that put, post or delete is about; empty for the default graph."""
    path: str = ""
    """File that holds the body."""
    content_type: str = ""
    if_match: str = ""
    if_none_match: str = ""
    agent: str = ""
    """Who writes, in the client's own words."""
    comment: str = ""


@dataclass(frozen=True)
class WriteAnswer(Message):
    """What a write did, or why it did nothing."""

    release: str = ""
    """Id of the release that holds it; that before where it changed nothing."""
    created: bool = False
    """Whether the graph was not there before."""
    added: int = 0
    removed: int = 0
    error: str = ""
    """Stable code of the error; empty where the write is done."""
    detail: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of_error(cls, error: KgError) -> Self:
        """The answer for an error of ours."""
        return cls(error=error.code, detail=error.detail, extra=error.extra)

    def raise_error(self) -> None:
        """Raises the error it reports, if any."""
        if self.error:
            kind = next(kind for kind in list_errors() if kind.code == self.error)
            raise kind(self.detail, **self.extra)
