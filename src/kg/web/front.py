"""What stands between the HTTP server and the application: one ASGI application in an event loop.

A hit of the cache is answered right here. For a miss the body is read, within a length and a time,
and the WSGI application runs in a thread; identical requests wait for the same run. A client that
goes away ends its query. A thread is taken for making an answer, never for receiving or sending:
blocks of a long answer are fetched one by one, each when the client has taken the last.
https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
import contextlib
import io
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import IO, Any, Final

from kg.engine.cancel import Cancellation
from kg.errors import Busy, KgError, LimitHit, NotAcceptable, RequestTimeout
from kg.settings import Settings
from kg.web import access, compression
from kg.web.body import Receive, read_body
from kg.web.cache import (
    AnswerCache,
    Entry,
    Key,
    Request,
    Variant,
    coding_of,
    make_entry,
    read_request,
)
from kg.web.exchange import WHOLE, Exchange, Send
from kg.web.wsgi import CANCELLATION, REFUSAL, Answer, Environ, call, make_environ

_TAGGED: Final = b"/store"
"""Graphs have tags of their own there, which writes are compared with."""
_KEYED_BYTES: Final = 1 << 17
"""A longer body is no key of the cache; the longest query fits."""
_WHOLE_BYTES: Final = 1 << 18
"""Shorter answers are held in memory while they are sent."""
_SENDERS: Final = 16
"""Threads that fetch the next block of a long answer or compress a short one."""


@dataclass
class _Run:
    """One call of the application, with those who wait for it."""

    task: asyncio.Task[Answer | Entry]
    cancellation: Cancellation
    waiting: int = 0


class Front:
    """The ASGI application over a WSGI one."""

    def __init__(self, app: Callable[..., Iterable[bytes]], settings: Settings) -> None:
        self._app = app
        self._settings = settings
        # A store elsewhere changes without a new release here.
        kept = 0 if settings.store else settings.cache_bytes
        self.cache = AnswerCache(settings.data / "current", kept)
        self._threads = ThreadPoolExecutor(settings.threads, "request")
        self._senders = ThreadPoolExecutor(_SENDERS, "send")
        self._free = asyncio.Semaphore(settings.threads)
        self._streams = asyncio.Semaphore(settings.threads)
        self._runs: dict[tuple[str, Key], _Run] = {}

    def close(self) -> None:
        """Lets the threads end; those that run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._senders.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answers one request and notes it once."""
        started = time.perf_counter()
        try:
            body, size = await read_body(scope, receive, self._settings)
        except KgError as error:
            environ = make_environ(scope, io.BytesIO(), None)
            exchange = Exchange(
                send, environ, Request(None, compression.IDENTITY), scope["method"], started
            )
            await self._refuse(exchange, error)
            return
        except ConnectionResetError:
            return
        await self._answer(scope, receive, send, body, size, started)

    async def _answer(
        self, scope: Any, receive: Receive, send: Send, body: IO[bytes], size: int | None,
        started: float,
    ) -> None:  # fmt: skip
        environ = make_environ(scope, body, size)
        method = scope["method"]
        text = b""
        if (size or 0) <= _KEYED_BYTES:
            with body:
                text = body.read()
            environ["wsgi.input"] = io.BytesIO(text)  # a run may outlive the request it began with
        keyed = b"POST" if method == "POST" else b"GET"
        target = environ["RAW_URI"].encode("latin-1")
        request = read_request(keyed, target, scope["headers"], text)
        reads = method in ("GET", "HEAD", "POST") and not target.startswith(_TAGGED)
        if not reads or (size or 0) > _KEYED_BYTES:
            request = replace(request, key=None)
        if request.key is not None:
            environ["REQUEST_METHOD"] = keyed.decode()  # a HEAD gets the head of the GET
            for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
                environ.pop(name, None)  # compared here, with the tag of the coding
        exchange = Exchange(send, environ, request, method, started)
        if WHOLE in scope.get("extensions", {}):
            exchange.whole = scope["extensions"][WHOLE]
        if request.coding is None:
            error = NotAcceptable(
                "no content coding on offer is acceptable; offered: zstd, br, gzip"
            )
            await self._refuse(exchange, error)
            return
        watcher = asyncio.create_task(_watch(receive, exchange.gone))
        try:
            await self._serve(exchange)
        finally:
            watcher.cancel()

    async def _serve(self, exchange: Exchange) -> None:
        key = exchange.request.key
        exchange.release = (
            self.cache.release()
        )  # before the entry, so that no swap can fall between
        entry = self.cache.get(key) if key else None
        exchange.cache = "hit" if entry else "miss" if key else ""
        try:
            found = entry or await self._run(exchange)
            if isinstance(found, Entry):
                await self._send_entry(exchange, found)
            else:
                await self._send_answer(exchange, found)
        except KgError as error:
            await self._refuse(exchange, error)

    async def _run(self, exchange: Exchange) -> Answer | Entry:
        """The answer of the application; several who ask the same get the same, if it may be kept."""
        key = exchange.request.key and (exchange.release, exchange.request.key)
        run = self._runs.get(key) if key else None
        follows = run is not None
        if run is None:
            cancellation = Cancellation()
            exchange.environ[CANCELLATION] = cancellation
            run = _Run(asyncio.create_task(self._call(exchange)), cancellation)
            if key:
                self._runs[key] = run
                run.task.add_done_callback(lambda _: self._runs.pop(key, None))
        run.waiting += 1
        try:
            await asyncio.wait((run.task, exchange.gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            run.waiting -= 1
            if not run.waiting and not run.task.done():
                run.cancellation.cancel()
                run.task.add_done_callback(_discard)
        if not run.task.done():
            return Answer(499, [], body=b"")
        found = run.task.result()
        if follows and isinstance(found, Answer) and found.status != LimitHit.status:
            # Only one can have its blocks, and a refusal is for one client alone.
            return await self._run(replace(exchange, request=replace(exchange.request, key=None)))
        return found

    async def _call(self, exchange: Exchange) -> Answer | Entry:
        """One call in a thread. Raises Busy where none gets free in time."""
        loop, environ, request = asyncio.get_running_loop(), exchange.environ, exchange.request
        with environ["wsgi.input"]:
            await _acquire(self._free, self._settings.queue_seconds)
            try:
                most = max(_WHOLE_BYTES, self.cache.max_entry_bytes)
                found = await loop.run_in_executor(
                    self._threads, _make, self._app, environ, most, request
                )
            finally:
                self._free.release()
        if isinstance(found, Entry) and request.key:
            self.cache.put(request.key, found, exchange.release)
        return found

    async def _keep(self, exchange: Exchange, entry: Entry) -> Variant:
        """The entry in the coding of the request, which is kept from here on."""
        coding = entry.coding_for(exchange.request)
        if coding not in entry.variants:
            await self._fetch(lambda: entry.variant(coding))
            if exchange.request.key:
                self.cache.put(exchange.request.key, entry, exchange.release)
        return entry.variant(coding)

    async def _send_entry(self, exchange: Exchange, entry: Entry) -> None:
        variant = await self._keep(exchange, entry)
        unchanged = variant.matches(exchange.request.none_match)
        status = 304 if unchanged else entry.status
        lines = variant.unchanged_lines if unchanged else variant.lines
        await exchange.variant(status, lines, b"" if unchanged else variant.body)
        exchange.environ.setdefault(access.ROUTE, entry.route)
        exchange.environ.setdefault(access.QUERY, entry.query)
        exchange.note(status, entry.headers, self._settings.trusted_proxies)

    async def _send_answer(self, exchange: Exchange, answer: Answer) -> None:
        headers = answer.headers
        length = answer.header("content-length")
        size = len(answer.body) if answer.body is not None else int(length) if length else None
        coding = coding_of(exchange.request, headers, size)
        plain = coding == compression.IDENTITY
        if not plain:
            dropped = ("content-length", "etag", "repr-digest")  # of the bytes without the coding
            headers = [pair for pair in headers if pair[0].lower() not in dropped]
            headers.append(("Content-Encoding", coding))
        status = answer.status
        if answer.body is not None:
            body = answer.body
            if not plain:
                body = await self._fetch(lambda: compression.compress(answer.body or b"", coding))
                headers.append(("Content-Length", str(len(body))))
            await exchange.answer(answer.status, headers, body)
        else:
            try:
                await _acquire(self._streams, self._settings.queue_seconds)
            except Busy:
                await self._fetch(answer.close)
                raise
            blocks = answer.blocks if plain else compression.compress_blocks(answer.blocks, coding)
            try:
                await self._stream(exchange, answer.status, headers, blocks)
            finally:
                self._streams.release()
                await asyncio.shield(self._fetch(answer.close))
        exchange.note(status, headers, self._settings.trusted_proxies)

    async def _fetch(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._senders, work)

    async def _stream(
        self, exchange: Exchange, status: int, headers: list[tuple[str, str]],
        blocks: Iterator[bytes],
    ) -> None:  # fmt: skip
        await exchange.start(status, headers)
        if exchange.method != "HEAD":
            while not exchange.gone.done():
                block = await self._fetch(lambda: next(blocks, None))
                if block is None:
                    break
                await exchange.block(block, more=True)
        await exchange.block(b"")

    async def _refuse(self, exchange: Exchange, error: KgError) -> None:
        """Lets the application write the problem, in a thread that no query can take."""
        exchange.environ[REFUSAL] = error
        answer = await self._fetch(lambda: call(self._app, exchange.environ, 1 << 30))
        if isinstance(error, RequestTimeout):  # the rest of the body may come at any time
            answer.headers.append(("Connection", "close"))
        await exchange.answer(answer.status, answer.headers, answer.body or b"")
        exchange.note(answer.status, answer.headers, self._settings.trusted_proxies)


def _make(
    app: Callable[..., Iterable[bytes]], environ: Environ, most: int, request: Request
) -> Answer | Entry:
    """The application's answer; as an entry in the coding of the request where it may be kept."""
    answer = call(app, environ, most)
    return make_entry(answer, request, environ) or answer


def _discard(task: asyncio.Task[Answer | Entry]) -> None:
    """Closes an answer that came too late, and looks at an error so that it is not reported."""
    with contextlib.suppress(Exception, asyncio.CancelledError):
        found = task.result()
        if isinstance(found, Answer):
            found.close()


async def _watch(receive: Receive, gone: asyncio.Future[None]) -> None:
    """Resolves the future once the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set_result(None)


async def _acquire(semaphore: asyncio.Semaphore, seconds: float) -> None:
    if not semaphore.locked():
        await semaphore.acquire()  # at once, and without the time that a deadline takes to set
        return
    try:
        async with asyncio.timeout(seconds):
            await semaphore.acquire()
    except TimeoutError as error:
        raise Busy("every thread is taken; try again in a moment", retry_after=1) from error
