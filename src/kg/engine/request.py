"""What goes to a query worker and what comes back: plain values, sent as JSON.

JSON rather than pickle, so that nothing a worker sends can run code in the web process.
"""

import errno
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from kg.errors import FULL_DISK


@dataclass(frozen=True)
class Message:
    """What goes over the pipe to a child process or back."""

    def to_bytes(self) -> bytes:
        """The message as it goes over the pipe; one line."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> Self:
        """The message that was sent."""
        return cls(**json.loads(message))


@dataclass(frozen=True)
class QueryRequest(Message):
    """One foreign query, checked by `limits.check_query` before it comes here."""

    query: str
    base_iri: str
    formats: dict[str, str]
    """Name of the format to write for each kind of answer; a kind that is absent is not acceptable."""
    default_graphs: Sequence[str] | None = None
    """Protocol dataset; None where the request names none, and then the text's FROM counts."""
    named_graphs: Sequence[str] | None = None
    max_rows: int | None = None
    """Rows wanted at most; the limit in force where it is lower."""
    max_result_bytes: int | None = None
    """Bytes of rows wanted at most; the limit in force where it is lower."""
    services: list[str] | None = None
    """The servers that its SERVICE clauses name, all of them allowed; None where it has none."""
    spool: str = ""
    """Path for a long result, set by the pool."""


@dataclass(frozen=True)
class QueryAnswer(Message):
    """What a result is, or why there is none."""

    format: str = ""
    rows: int = 0
    """Rows or triples written."""
    size: int = 0
    """Bytes of the result."""
    truncated: str = ""
    """`rows` or `bytes` where a limit cut the result."""
    kind: str = ""
    """What it answers: table, boolean or graph."""
    spooled: bool = False
    """Whether the result lies in the file that the request named; else it follows on the pipe."""
    engine: str = ""
    """Which engine answered, or counted when the release was made: oxigraph or sparq."""
    release: str = ""
    """Id of the release that answered."""
    error: str = ""
    """Stable code of the error; empty where there is a result."""
    detail: str = ""

    @classmethod
    def of_os_error(cls, error: OSError) -> Self:
        """The answer for an error of the engine, which has no number, or of this machine, which has."""
        codes = {None: "evaluation", errno.EFBIG: "result_too_large"}
        codes |= dict.fromkeys(FULL_DISK, "storage_full")
        detail = error.strerror or "it could not be read or written"
        return cls(error=codes.get(error.errno, "worker_failed"), detail=detail)
