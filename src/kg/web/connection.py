"""One connection: uvicorn's protocol with deadlines, and the hits of the cache answered in it.

A hit goes out where the head of its request is parsed, without a task, a thread or an ASGI message,
which is what makes a repeated query cheaper than an evaluated one could be.
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kg.settings import Settings
from kg.web import access, metrics
from kg.web.cache import Entry, Request, Variant, read_request
from kg.web.exchange import WHOLE
from kg.web.front import Front

_MAX_HEAD_BYTES: Final = 1 << 18
"""A query of the longest length fits, percent-encoded."""
_MAX_KNOWN: Final = 2000
_MAX_KNOWN_BYTES: Final = 4096
_REFUSALS: Final = {
    400: ("Bad Request", "http", "this is not an HTTP request"),
    408: ("Request Timeout", "request_timeout", "the head of the request did not come in time"),
    431: ("Request Header Fields Too Large", "http", f"the head is over {_MAX_HEAD_BYTES:,} bytes"),
    503: ("Service Unavailable", "busy", "too many connections; try again in a moment"),
}


def _refusal(status: int) -> bytes:
    """A whole response with a problem document, for what never becomes a request."""
    reason, code, detail = _REFUSALS[status]
    body = (
        f'{{"type": "/problems/{code}", "title": "{reason}", "status": {status}, '
        f'"detail": "{detail}", "code": "{code}"}}'
    )
    retry = "Retry-After: 1\r\n" if status == 503 else ""
    return (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n{retry}Connection: close\r\n"
        f"\r\n{body}"
    ).encode()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the head of a request says."""

    request: Request
    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    keep: bool
    """Whether the connection stays open after the answer."""


_known_heads: Final[dict[bytes, _Asked]] = {}
"""Heads that were hits, by their bytes: parsing one takes a third of the time of a hit."""


class Connection(HttpToolsProtocol):
    """One connection: deadlines for its heads and for taking answers, and the hits of the cache."""

    settings: Settings
    """Set by `serve`, as is the type of `app`."""

    def connection_made(self, transport: Any) -> None:
        """Counts the connection; one too many is refused."""
        self._since: float | None = time.monotonic()
        """When it began to wait for a whole head; None while a request is under way."""
        self._head_bytes = 0
        self._stuck: tuple[int, float] = (0, 0.0)
        self._whole = b""
        self._asked: _Asked | None = None
        self._found: tuple[Entry, Variant] | None = None
        super().connection_made(transport)
        if len(self.connections) > self.settings.max_connections:
            self._refuse(503)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser, while the head is not too long; a known head is not parsed again."""
        if self._since is not None:
            if not self._head_bytes and self._answer_known(data):
                return
            self._head_bytes += len(data)
            if self._head_bytes > _MAX_HEAD_BYTES + (1 << 16):
                self._refuse(431)
                return
        super().data_received(data)

    def _answer_known(self, data: bytes) -> bool:
        """Answers a request that came before with the very same bytes, if its answer is kept."""
        self._whole = b""
        asked = _known_heads.get(data)
        if asked is None:
            if len(data) <= _MAX_KNOWN_BYTES and data.find(b"\r\n\r\n") == len(data) - 4:
                self._whole = data  # one head and nothing else
            return False
        started = time.perf_counter()
        found = self._look_up(asked)
        if found is None:
            return False
        self._unset_keepalive_if_required()
        self._answer(asked, *found, started)
        return True

    def send_400_response(self, msg: str) -> None:
        """A problem document instead of plain text."""
        self._refuse(400)

    def on_headers_complete(self) -> None:
        """Looks into the cache; what is not there becomes a request of the application."""
        self._head_bytes = 0
        self._started = time.perf_counter()
        self._asked = self._read_head()
        self._found = self._look_up(self._asked) if self._asked else None
        if self._found is None:
            self._since = None
            super().on_headers_complete()
            whole: Any = partial(self._write_whole, self.cycle)  # the type knows no own extension
            self.scope["extensions"] = {WHOLE: whole}

    def on_body(self, body: bytes) -> None:
        """A GET has no use for a body."""
        if self._found is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answers a hit; the deadline for its whole message was that of the head."""
        if self._found is None or self._asked is None:
            super().on_message_complete()
            return
        if self._whole:
            if len(_known_heads) >= _MAX_KNOWN:
                _known_heads.clear()
            _known_heads[self._whole] = self._asked
        found, self._found = self._found, None
        self._answer(self._asked, *found, self._started)

    def on_response_complete(self) -> None:
        """From here on the next head is waited for."""
        self._since = time.monotonic()
        super().on_response_complete()

    def _read_head(self) -> _Asked | None:
        """The request, where the cache may answer it at once."""
        method = self.parser.get_method()
        if method not in (b"GET", b"HEAD") or self.parser.should_upgrade():
            return None
        if self.cycle is not None and not self.cycle.response_complete:
            return None  # answers keep the order of their requests
        request = read_request(b"GET", self.url, self.headers, b"")
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        return _Asked(request, method.decode(), self.url, self.headers, keep)

    def _look_up(self, asked: _Asked) -> tuple[Entry, Variant] | None:
        if asked.request.key is None or asked.request.coding is None:
            return None
        front: Front = self.app
        entry = front.cache.get(asked.request.key)
        variant = entry and entry.variants.get(entry.coding_for(asked.request))
        return (entry, variant) if entry and variant else None

    def _answer(self, asked: _Asked, entry: Entry, variant: Variant, started: float) -> None:
        if variant.matches(asked.request.none_match):
            status, lines, body = 304, variant.unchanged_lines, b""
        else:
            status, lines, body = entry.status, variant.lines, variant.body
        if asked.method == "HEAD":
            body = b""
        self._write(status, lines, body, keep=asked.keep)
        self._since = time.monotonic()
        seconds = time.perf_counter() - started
        if access.is_logged():
            access.note(self._describe(asked, entry, status, seconds, len(body)))
        else:
            metrics.observe(entry.route, asked.method, status, seconds, "hit")

    def _describe(
        self, asked: _Asked, entry: Entry, status: int, seconds: float, size: int
    ) -> access.Access:
        named = dict(asked.headers)
        return access.Access(
            method=asked.method,
            target=asked.target.decode("latin-1"),
            status=status,
            seconds=seconds,
            size=size,
            route=entry.route,
            cache="hit",
            client=access.client_address(
                self.client[0] if self.client else "",
                named.get(b"x-forwarded-for", b"").decode("latin-1"),
                self.settings.trusted_proxies,
            ),
            agent=named.get(b"user-agent", b"").decode("latin-1"),
            request_id=access.request_id_of({}),
            release=entry.header("X-KG-Release"),
            engine=entry.header("X-KG-Engine"),
            query=entry.query,
        )

    def check(self, now: float) -> None:
        """Ends the connection where its client has let a deadline pass; called once a second."""
        waiting = self.transport.get_write_buffer_size()
        if not waiting or waiting != self._stuck[0]:
            self._stuck = (waiting, now)
        elif now - self._stuck[1] > self.settings.send_seconds:
            self.transport.abort()
            return
        if self._since is not None and now - self._since > self.settings.header_seconds:
            if self._head_bytes and not waiting:
                self._refuse(408)
            else:
                self.transport.close()

    def _write_whole(
        self, cycle: RequestResponseCycle, status: int, lines: bytes, body: bytes
    ) -> bool:
        """Sends an answer in one piece, as two calls of `cycle.send` would in two.

        False where the client has yet to take an earlier answer, and then nothing is sent.
        """
        if cycle.flow.write_paused:
            return False
        if cycle.disconnected:
            return True
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        self._write(status, lines, body, keep=cycle.keep_alive)
        cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _write(self, status: int, lines: bytes, body: bytes, *, keep: bool) -> None:
        date = b"".join([b"%s: %s\r\n" % pair for pair in self.server_state.default_headers])
        end = b"\r\n" if keep else b"connection: close\r\n\r\n"
        self.transport.write(b"".join((_STATUS_LINES[status], date, lines, end, body)))
        if not keep:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        self.transport.write(_refusal(status))
        self.transport.close()


_STATUS_LINES: Final = {
    200: b"HTTP/1.1 200 OK\r\n",
    303: b"HTTP/1.1 303 See Other\r\n",
    304: b"HTTP/1.1 304 Not Modified\r\n",
}
