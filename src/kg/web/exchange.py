"""One request on its way through the front, and what went out for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from werkzeug.datastructures import Headers

from kg.web import access, metrics
from kg.web.cache import Request
from kg.web.wsgi import Environ

WHOLE: Final = "kg.whole"
"""Extension of an ASGI scope: sends status, header lines and body in one piece, where it can."""

Send = Callable[[Any], Awaitable[None]]  # Any: what ASGI takes there


@dataclass
class Exchange:
    """One request and what went out for it."""

    send: Send
    environ: Environ
    request: Request
    method: str
    started: float
    whole: Callable[[int, bytes, bytes], bool] = lambda status, lines, body: False
    gone: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Done once the client has gone away, or has its answer."""
    release: str = ""
    """What was in use when the cache was asked."""
    cache: str = ""
    size: int = 0

    async def start(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Sends the status line and the headers."""
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self.send({"type": "http.response.start", "status": status, "headers": lines})

    async def block(self, body: bytes, *, more: bool = False) -> None:
        """Sends a part of the body; waits while the client does not take what it got."""
        self.size += len(body)
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Sends a whole answer, to a HEAD without its body."""
        await self.start(status, headers)
        await self.block(b"" if self.method == "HEAD" else body)

    async def variant(self, status: int, lines: bytes, body: bytes) -> None:
        """Sends a kept answer: its header lines are bytes already."""
        body = b"" if self.method == "HEAD" else body
        if self.whole(status, lines, body):
            self.size = len(body)
        else:
            headers = [line.partition(": ") for line in lines.decode("latin-1").splitlines()]
            await self.answer(status, [(name, value) for name, _, value in headers], body)

    def note(self, status: int, headers: Iterable[tuple[str, str]], trusted_proxies: int) -> None:
        """Counts and logs the request, once."""
        if not access.is_logged():
            route = self.environ.get(access.ROUTE, access.UNKNOWN_ROUTE)
            seconds = time.perf_counter() - self.started
            metrics.observe(route, self.method, status, seconds, self.cache)
            return
        noted = access.describe(
            self.environ,
            status,
            Headers(list(headers)),
            time.perf_counter() - self.started,
            self.size,
            cache=self.cache,
            trusted_proxies=trusted_proxies,
        )
        access.note(replace(noted, method=self.method))
