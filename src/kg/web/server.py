"""The HTTP server: uvicorn, one process, with the query workers beside it.

Chosen by measurement, see `tests/benchmarks/results.md`, "Front": processor time that a cached
request costs in the bare server, µs: granian ASGI 52, granian RSGI 47, uvicorn ASGI 52, granian
WSGI 30, uvicorn answering in its protocol 17, `oxigraph serve` 56. WSGI tells neither that a client
has gone away nor the undecoded path, and a slow client holds a thread there.
"""

import asyncio
import logging
import os
import resource
import signal
import socket
import threading
import time
from dataclasses import replace
from typing import Any, Final

import uvicorn

from kg.errors import BadSetting
from kg.settings import Settings
from kg.web import create_app
from kg.web.connection import Connection
from kg.web.front import Front

_BACKLOG: Final = 1024
_FEWEST_CONNECTIONS: Final = 16


class Server(uvicorn.Server):
    """uvicorn's, which also looks after the deadlines of its connections."""

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.check(now)
        return await super().on_tick(counter)


def serve(settings: Settings) -> None:
    """Serves until the process is told to end.

    Raises BadSetting where the address is taken or the process may open too few files.
    SIGTERM and SIGINT let running requests go on for `stop_seconds`.
    """
    settings, backlog = _fit_descriptors(settings)
    listening = _listen(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again after its own end; the end here is an ordinary one.
        signal.signal(number, lambda *_: None)
    app = create_app(settings)
    asyncio.run(_serve(app, settings, listening, backlog))
    # A thread that does not come to an end may not hold up that of the process.
    last = threading.Timer(settings.stop_seconds, os._exit, (0,))
    last.daemon = True
    last.start()


async def _serve(app: Any, settings: Settings, listening: socket.socket, backlog: int) -> None:
    front = Front(app, settings)
    Connection.settings = settings
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    config = uvicorn.Config(
        front,
        http=Connection,
        ws="none",
        loop="asyncio",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=backlog,
        timeout_keep_alive=max(1, round(settings.header_seconds)),
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds)),
    )
    try:
        await Server(config).serve([listening])
    finally:
        app.extensions["kg"].pool.close()
        front.close()


def _fit_descriptors(settings: Settings) -> tuple[Settings, int]:
    """The settings with no more connections than this process may open files, and the backlog.

    Otherwise a flood takes the last descriptor, and then no result and no worker gets one. asyncio
    accepts as many as the backlog has before the first of them is turned away.
    """
    # A thread holds a result or a body, a worker the pipe to it; the store counts on 96 by itself.
    needed = 96 + 2 * (settings.threads + settings.workers + settings.max_slow_queries)
    wanted = needed + settings.max_connections + _BACKLOG
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    left = (wanted if soft == resource.RLIM_INFINITY else soft) - needed
    if left < 2 * _FEWEST_CONNECTIONS:
        raise BadSetting(
            f"{soft} open files are too few; {needed + 2 * _FEWEST_CONNECTIONS} are needed: "
            "raise the limit (ulimit -n) or lower KG_THREADS"
        )
    most = min(settings.max_connections, left // 2)
    return replace(settings, max_connections=most), min(_BACKLOG, left - most)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=_BACKLOG
        )
    except OSError as error:
        raise BadSetting(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "choose another with --port or --host"
        ) from error
    # What it accepts takes this over. asyncio sets it itself only where a socket's protocol number
    # is given, and without it the body of an answer waited 40 ms for the client's word on its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
