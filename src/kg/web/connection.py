"""One connection: uvicorn's protocol with deadlines, and the hits of the cache answered in it.

A hit goes out where the head of its request is parsed, without a task, a thread or an ASGI message,
which is what makes a repeated query cheaper than an evaluated one could be.
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from kg.settings import Settings
from kg.web import access, metrics
from kg.web.cache import Entry, Request, Variant, read_request
from kg.web.exchange import WHOLE
from kg.web.front import Front
from kg.web.messages import Messages

_MAX_KNOWN: Final = 2000
_MAX_KNOWN_BYTES: Final = 4096
_NEVER_HITS: Final = frozenset((b"content-length", b"transfer-encoding", b"expect", b"upgrade"))
"""With any of these a message may be more than its head, or want more than an answer."""


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


class Connection(Messages):
    """One connection: deadlines for its heads and for taking answers, and the hits of the cache."""

    settings: Settings
    """Set by `serve`, as is the type of `app`."""

    def connection_made(self, transport: Any) -> None:
        """Counts the connection; one too many is refused."""
        self._stuck: tuple[int, float] = (0, 0.0)
        self._begun = 0
        """Messages that began in this packet."""
        self._found: tuple[_Asked, Entry, Variant] | None = None
        """Set from the head of a hit to the end of its message, which has no body."""
        self._hit: _Asked | None = None
        """The last hit in this packet."""
        super().connection_made(transport)
        if len(self.connections) > self.settings.max_connections:
            self.refuse(503)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser; a head that is known is not parsed again."""
        at_rest = self.is_at_rest()
        if at_rest and self._answer_known(data):
            return
        self._begun, self._hit = 0, None
        super().data_received(data)
        # Only bytes that were one whole message stand for it from here on.
        is_one = at_rest and self._begun == 1 and self.is_at_rest()
        if is_one and self._hit and len(data) <= _MAX_KNOWN_BYTES:
            if len(_known_heads) >= _MAX_KNOWN:
                _known_heads.clear()
            _known_heads[data] = self._hit

    def _answer_known(self, data: bytes) -> bool:
        """Answers a request that came before with the very same bytes, if its answer is kept."""
        asked = _known_heads.get(data)
        if asked is None:
            return False
        started = time.perf_counter()
        found = self._look_up(asked)
        if found is None:
            return False
        self._unset_keepalive_if_required()
        self._answer(asked, *found, started)
        return True

    def on_message_begin(self) -> None:
        """Counts."""
        self._begun += 1
        super().on_message_begin()

    def take_head(self) -> None:
        """Looks into the cache; what is not there becomes a request of the application."""
        self._started = time.perf_counter()
        asked = self._read_head()
        found = self._look_up(asked) if asked else None
        if asked and found:
            self._found = (asked, *found)
            return
        super().take_head()
        whole: Any = partial(self._write_whole, self.cycle)  # the type knows no own extension
        self.scope["extensions"] = {WHOLE: whole}

    def on_message_complete(self) -> None:
        """Answers a hit."""
        super().on_message_complete()
        if self._found is not None:
            found, self._found = self._found, None
            self._hit = found[0]
            self._answer(*found, self._started)

    def _read_head(self) -> _Asked | None:
        """The request, where the cache may answer it at once."""
        method = self.parser.get_method()
        if method not in (b"GET", b"HEAD") or self.unanswered:
            return None  # answers keep the order of their requests
        if any(name in _NEVER_HITS for name, _ in self.headers):
            return None
        request = read_request(b"GET", self.url, self.headers, b"")
        keep = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        return _Asked(request, method.decode(), self.url, self.headers, keep)

    def _look_up(self, asked: _Asked) -> tuple[Entry, Variant] | None:
        if asked.request.key is None or asked.request.coding is None:
            return None
        if self.flow.write_paused:
            return None  # the application waits until the client takes what it got
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
        self.waits_since = time.monotonic()
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
        if self.waits_since is not None and now - self.waits_since > self.settings.header_seconds:
            if self.idle_bytes and not waiting:
                self.refuse(408)
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


_STATUS_LINES: Final = {
    200: b"HTTP/1.1 200 OK\r\n",
    303: b"HTTP/1.1 303 See Other\r\n",
    304: b"HTTP/1.1 304 Not Modified\r\n",
}
