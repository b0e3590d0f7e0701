"""How the bytes of one connection become requests: uvicorn's protocol with a state of its own.

Which part of a message is read and which requests lack their answers is said here, and everything
that may go wrong between two messages of one connection is decided by it.
"""

import time
from collections import deque
from enum import Enum, auto
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kg.web.refusals import MAX_HEAD_BYTES, make_refusal

_MAX_PARSED_BYTES: Final = (1 << 16) - 1
"""Of an address; httptools keeps the places of its parts in 16 bits."""
_MAX_UNREAD_BYTES: Final = 1 << 18
"""Of a body that goes on after its answer."""


class Reading(Enum):
    """Which part of a message the next byte belongs to."""

    NOTHING = auto()
    """The last message is whole and no byte of the next has come."""
    HEAD = auto()
    BODY = auto()


class Messages(HttpToolsProtocol):
    """One connection, as far as it reads messages and keeps their order."""

    def connection_made(self, transport: Any) -> None:
        """Begins with nothing read."""
        self.url = b""
        self.reading = Reading.NOTHING
        self.waits_since: float | None = time.monotonic()
        """When it began to wait for a whole head; None while a request has no answer yet."""
        self.idle_bytes = 0
        """Received since the last head or piece of a body."""
        self.unanswered: deque[RequestResponseCycle] = deque()
        """What the application has to answer, in order."""
        self._unread_bytes = 0
        self._fault = 400
        """The status for what the parser refuses."""
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells every request that waits; uvicorn tells the last one alone."""
        for cycle in self.unanswered:
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def is_at_rest(self) -> bool:
        """Whether the next byte begins a message whose answer is the next to be sent."""
        return self.reading is Reading.NOTHING and not self.unanswered

    def data_received(self, data: bytes) -> None:
        """Parses what came, while it is not too long."""
        self.idle_bytes += len(data)
        self._feed(data)
        if self.idle_bytes > MAX_HEAD_BYTES:
            self.refuse(414 if len(self.url) > MAX_HEAD_BYTES // 2 else 431)

    def _feed(self, data: bytes) -> None:
        """Parses what came; a request to speak another protocol is read as if it did not ask."""
        self._unset_keepalive_if_required()
        rest: bytes | memoryview = data
        try:
            while True:
                try:
                    self.parser.feed_data(rest)
                    return
                except httptools.HttpParserUpgrade as upgrade:
                    # The parser takes the body for the other protocol. RFC 9110, section 7.8, lets
                    # a server ignore the header, so the head is parsed again without it.
                    rest = memoryview(rest)[upgrade.args[0] :]
                    head = self._head_without_upgrade()
                    self.parser = httptools.HttpRequestParser(self)
                    self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                    self.parser.feed_data(head)
        except httptools.HttpParserError:
            self.refuse(self._fault)

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % pair for pair in self.headers if pair[0] != b"upgrade"]
        return b"\r\n".join((*lines, b"", b""))

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        self.reading = Reading.HEAD
        self._unread_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; what trails a body is none: RFC 9110, section 6.5.1."""
        if self.reading is Reading.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is whole."""
        if not self.parser.should_upgrade():
            self.idle_bytes = 0
            self.take_head()
        elif self.parser.get_method() == b"CONNECT":
            raise ValueError("this is no proxy")

    def take_head(self) -> None:
        """Starts the application, or lets the request wait for those before it."""
        url = self.url
        target, _, query = url.partition(b"#")[0].partition(b"?")
        if len(target) > _MAX_PARSED_BYTES or len(url) > MAX_HEAD_BYTES:
            self._fault = 414
            raise ValueError("the address is too long")
        if len(url) > _MAX_PARSED_BYTES:
            self.url = target  # uvicorn gives it to httptools
        super().on_headers_complete()
        if self.url is not url:
            self.url = url
            self.scope["query_string"] = query
        self.reading = Reading.BODY
        self.waits_since = None
        self.unanswered.append(self.cycle)

    def on_body(self, body: bytes) -> None:
        """Body of the last request; one that has its answer may not go on for long."""
        self.idle_bytes = 0
        if self.cycle.response_complete:
            self._unread_bytes += len(body)
            if self._unread_bytes > _MAX_UNREAD_BYTES:
                self.transport.close()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last request is whole, unless its head comes again without `Upgrade`."""
        if self.parser.should_upgrade():
            return
        is_request = self.reading is Reading.BODY
        self.reading = Reading.NOTHING
        self.idle_bytes = 0
        if is_request:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """From the last answer on the next head is waited for."""
        self.unanswered.popleft()
        super().on_response_complete()
        if not self.unanswered:
            self.waits_since = time.monotonic()

    def refuse(self, status: int) -> None:
        """Ends the connection, with an answer where the client takes it for that of this message."""
        if self.transport.is_closing():
            return
        if self.reading is Reading.BODY:
            is_next = self.unanswered and self.unanswered[0] is self.cycle
            is_next = is_next and not self.cycle.response_started
        else:
            is_next = not self.unanswered
        if is_next:
            self.transport.write(make_refusal(status))
        self.transport.close()
