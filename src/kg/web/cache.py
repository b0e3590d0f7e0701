"""Answers that are made once per release: release id and request -> bytes.

A release never changes, so an answer that follows from the release and the request is right until
`current` names another release; then everything kept is dropped, and nothing ever expires. What may
be kept says the answer itself: status 200 or 303 without `no-store`. Which parts of a request an
answer can depend on is the key, see `Request.key`; anything under a token has none.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.current import read_link
from kg.web import access, compression
from kg.web.compression import IDENTITY, choose_coding, refuses_identity
from kg.web.wsgi import Answer, Environ

Headers = Sequence[tuple[str, str]]
Key = tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...], bytes]
"""Method, target, headers that count, body."""

MAX_ENTRY_PART = 16
"""The largest entry is this part of the cache."""

_OVERHEAD_BYTES = 2000
"""What an entry costs besides its bytes, roughly."""

_KEPT_STATUSES = (200, 303)
_OF_THE_BODY = frozenset(
    (
        "content-type", "content-length", "content-encoding", "content-language",
        "content-disposition", "content-range",
    )
)  # fmt: skip
"""Headers that a 304 has no use for; Content-Security-Policy is not of them."""
_KEYED = frozenset(
    (
        b"host", b"accept", b"accept-language", b"cookie", b"content-type", b"content-encoding",
        b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix", b"forwarded",
    )
)  # fmt: skip
"""Headers that an answer may depend on; Accept-Encoding chooses among the codings of one entry."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the cache needs to know of a request."""

    key: Key | None
    """None where the answer may depend on who asks."""
    coding: str | None
    """None where no coding on offer is acceptable."""
    none_match: str = ""
    only_coded: bool = False
    """Whether an answer without a coding is not acceptable, be it ever so short."""


def read_request(
    method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes
) -> Request:
    """The request of that target and body, with lower-case header names, as far as the cache goes."""
    keyed = tuple([pair for pair in headers if pair[0] in _KEYED])
    encoding: str | None = None
    none_match = ""
    key: Key | None = (method, target, keyed, body)
    for name, value in headers:
        if name == b"accept-encoding":
            encoding = (f"{encoding}, " if encoding else "") + value.decode("latin-1")
        elif name == b"if-none-match":
            none_match += ", " + value.decode("latin-1")
        elif name == b"authorization":
            key = None
    return Request(
        key, choose_coding(encoding), none_match, bool(encoding) and refuses_identity(encoding)
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """An answer in one coding."""

    body: bytes
    etag: str
    lines: bytes
    """The header lines, each ended by CR LF, without the status line and the date."""
    unchanged_lines: bytes
    """The same for 304."""

    def matches(self, none_match: str) -> bool:
        """Whether If-None-Match names this variant or any: RFC 9110, section 13.1.2."""
        return bool(none_match) and any(
            tag.strip().removeprefix("W/") in (self.etag, "*") for tag in none_match.split(",")
        )


@dataclass(slots=True)
class Entry:
    """An answer with the codings it was asked for so far."""

    status: int
    headers: Headers
    body: bytes
    route: str = ""
    """What `access.ROUTE` held when the answer was made."""
    query: str = ""
    variants: dict[str, Variant] = field(default_factory=dict)

    def coding_for(self, request: Request) -> str:
        """The coding this answer is sent in."""
        return coding_of(request, self.headers, len(self.body))

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def variant(self, coding: str) -> Variant:
        """The answer in that coding; takes the time of `compress` the first time."""
        found = self.variants.get(coding)
        if found is None:
            found = self.variants[coding] = self._make(coding)
        return found

    def _make(self, coding: str) -> Variant:
        body = compression.compress(self.body, coding) if coding else self.body
        # The digest of what is sent: the same bytes keep their tag over any number of releases.
        etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}{coding and "-" + coding}"'
        own = ("content-length", "etag", "content-encoding")
        headers = [(name, value) for name, value in self.headers if name.lower() not in own]
        headers += [("ETag", etag), ("Content-Length", str(len(body)))]
        if coding or self.header("Content-Encoding"):
            headers.append(("Content-Encoding", coding or self.header("Content-Encoding")))
        kept = [pair for pair in headers if pair[0].lower() not in _OF_THE_BODY]
        return Variant(body, etag, _lines(headers), _lines(kept))

    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + sum(
            len(variant.body) + len(variant.lines)
            for coding, variant in self.variants.items()
            if coding
        )


def coding_of(request: Request, headers: Headers, size: int | None) -> str:
    """The coding of an answer with these headers and that many bytes, None for unknown."""
    named = {name.lower(): value for name, value in headers}
    if not request.coding or size == 0 or {"content-encoding", "etag"} & named.keys():
        return IDENTITY  # a tag of the application is that of its bytes
    worth = request.only_coded or compression.is_worth(named.get("content-type", ""), size)
    return request.coding if worth else IDENTITY


def _lines(headers: Headers) -> bytes:
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers).encode("latin-1")


def may_keep(status: int, headers: Headers) -> bool:
    """Whether an answer follows from release and request alone, by what it says of itself."""
    control = ",".join(value for name, value in headers if name.lower() == "cache-control")
    return (
        status in _KEPT_STATUSES
        and bool(control)
        and not any(word in control for word in ("no-store", "private"))
        and not any(name.lower() == "set-cookie" for name, _ in headers)
    )


def make_entry(answer: Answer, request: Request, environ: Environ) -> Entry | None:
    """The answer as an entry, in the coding of the request; None where it may not be kept."""
    if answer.body is None or not request.key or not may_keep(answer.status, answer.headers):
        return None
    entry = Entry(
        answer.status,
        [pair for pair in answer.headers if pair[0].lower() != "etag"],
        answer.body,
        environ.get(access.ROUTE, access.UNKNOWN_ROUTE),
        environ.get(access.QUERY, ""),
    )
    entry.variant(entry.coding_for(request))
    return entry


class AnswerCache:
    """Entries of the release in use, the longest unused dropped first; for any thread."""

    def __init__(self, current: Path, max_bytes: int) -> None:
        """`current` is the link that names the release in use."""
        self._current = os.fspath(current)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, tuple[Entry, int]] = OrderedDict()
        self._release = ""
        self._bytes = 0

    @property
    def max_entry_bytes(self) -> int:
        """The largest answer that is kept."""
        return self._max_bytes // MAX_ENTRY_PART

    @property
    def bytes(self) -> int:
        """Bytes held now."""
        return self._bytes

    def release(self) -> str:
        """What `current` names now, for `put`; about a microsecond."""
        return read_link(self._current)

    def get(self, key: Key) -> Entry | None:
        """The answer to that request from the release in use."""
        release = self.release()
        with self._lock:
            if release != self._release:
                self._drop(release)
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Key, entry: Entry, release: str) -> None:
        """Keeps an answer, unless it is too large or `current` changed since `release` was read."""
        size = (
            entry.size()
            + len(key[1])
            + len(key[3])
            + sum(len(value) for pair in key[2] for value in pair)
        )
        size += _OVERHEAD_BYTES
        if size > self.max_entry_bytes or self.release() != release:
            return
        with self._lock:
            if release != self._release:
                self._drop(release)
            _, before = self._entries.pop(key, (entry, 0))
            self._entries[key] = (entry, size)
            self._bytes += size - before
            while self._bytes > self._max_bytes:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._bytes -= dropped

    def _drop(self, release: str) -> None:
        self._entries.clear()
        self._bytes, self._release = 0, release
