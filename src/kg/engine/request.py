"""What goes to a query worker and what comes back: plain values, sent as JSON.

JSON rather than pickle, so that nothing a worker sends can run code in the web process.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class QueryRequest:
    """One foreign query, checked by `limits.check_query` before it comes here."""

    query: str
    base_iri: str
    formats: dict[str, str]
    """Name of the format to write for each kind of answer; a kind that is absent is not acceptable."""
    default_graphs: list[str] | None = None
    """Protocol dataset; None where the request names none, and then the text's FROM counts."""
    named_graphs: list[str] | None = None
    spool: str = ""
    """Path of the result file, set by the pool."""

    def to_bytes(self) -> bytes:
        """The request as it goes over the pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> Self:
        """The request that was sent."""
        return cls(**json.loads(message))


@dataclass(frozen=True)
class QueryAnswer:
    """Where a result lies, or why there is none."""

    format: str = ""
    rows: int = 0
    """Rows or triples written."""
    size: int = 0
    """Bytes of the file."""
    truncated: str = ""
    """`rows` or `bytes` where a limit cut the result."""
    kind: str = ""
    error: str = ""
    """Stable code of the error; empty where there is a result."""
    detail: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The answer as it goes over the pipe."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> Self:
        """The answer that was sent."""
        return cls(**json.loads(message))
