"""What runs caged in the child: one process that evaluates foreign queries over a release.

Limits of the process: address space (an allocation beyond it ends the process, never the machine),
and no network, so that SERVICE finds no socket even where the scan missed it. The pool kills the
process at the deadline.
Run as `python -m kg.engine.worker FD SAID [open]`, with the settings in the environment; SAID is a
file for what the engine says of itself, and `open` leaves the network open, for one query that the
list of KG_SERVICE_ENDPOINTS admits.
"""

import ctypes
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from kg.current import HeldRelease
from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines, fast_bytes
from kg.engine.jail import close_network
from kg.engine.request import QueryAnswer, QueryRequest
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.engine.remote import RemoteEngine

_MAX_GROWTH = 4
"""How many times as long as its rows a result file may be."""


_IDLE_SECONDS = 2.0
"""A worker without work for so long gives back the memory that its last query has freed."""


class ReleaseReader:
    """The release that `current` points at, reopened after a swap."""

    def __init__(self, settings: Settings) -> None:
        self._current = settings.data / "current"
        self._evaluator = settings.evaluator
        self._memory_bytes = settings.query_memory_bytes
        self._held: HeldRelease | None = None
        self._engines: Engines | None = None

    @property
    def release(self) -> str:
        """Id of the release opened last."""
        return self._held.folder.name if self._held else ""

    @contextmanager
    def engines(self) -> Iterator[Engines]:
        """The engines over the current release, which stays meanwhile; opening takes 7 to 50 ms, asking again microseconds.

        The fast store is mapped, not read: its bytes are address space but no memory, so the limit
        of address space grows by them.
        """
        if self._held is None or self._engines is None or not self._held.hold():
            self._engines = None
            self._held = HeldRelease(self._current)
            folder = self._held.folder
            mapped = 0 if self._evaluator == "oxigraph" else fast_bytes(folder)
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (self._memory_bytes + mapped, most))
            self._engines = Engines.open(folder, self._evaluator)
        try:
            yield self._engines
        finally:
            self._held.let_go()


class RemoteReader:
    """A server in the place of a release; the web process knows what it holds."""

    release = ""

    def __init__(self, settings: Settings) -> None:
        # Here, for a worker over a release needs no HTTP client, whose import takes 0.1 s.
        from kg.client import SparqlServer
        from kg.engine.remote import RemoteEngine

        server = SparqlServer.at(settings.store, settings.query_timeout_seconds)
        self._engine = RemoteEngine(server)
        limit = settings.query_memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    @contextmanager
    def engines(self) -> "Iterator[RemoteEngine]":
        """The server as an engine."""
        yield self._engine


def end_with_parent(parent: int) -> None:
    """Ends this process within a second of its parent's death, even in the middle of a query.

    PR_SET_PDEATHSIG would end it with the *thread* that started it, which may be a short one.
    """
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def give_back_memory() -> None:
    """Returns what is free of the heap to the system, where the C library can; 0.1 ms for nothing."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def silence(said: int | None = None) -> None:
    """From here on standard error goes to that file, or nowhere: Rust reports every failed allocation there."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere if said is None else said, 2)
    os.close(nowhere)


def _answer(
    reader: ReleaseReader | RemoteReader, request: QueryRequest, cage: Cage
) -> tuple[QueryAnswer, bytes]:
    with ExitStack() as stack:
        try:
            opened: AbstractContextManager[Engines | RemoteEngine] = reader.engines()
            engines = stack.enter_context(opened)
        except (OSError, ValueError):
            return QueryAnswer(error="worker_failed", detail="no release can be opened"), b""
        try:
            answer, body = answer_query(engines, request, cage)
        except MemoryError:
            return QueryAnswer(error="query_memory"), b""
    return replace(answer, release=reader.release), body


def _reaches_only(request: QueryRequest, settings: Settings) -> bool:
    from kg.engine.federation import reaches_only

    return reaches_only(request.query, settings.service_endpoints.split())


def main() -> None:
    """Answers requests from the pipe until it closes."""
    pipe = Connection(int(sys.argv[1]))
    settings = Settings.from_environment()
    said = int(sys.argv[2])
    is_open = sys.argv[3:] == ["open"]
    if not settings.store and not is_open:  # what is there is asked over the network
        close_network()
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    reader = RemoteReader(settings) if settings.store else ReleaseReader(settings)
    with reader.engines():
        pass  # opened, before anybody waits for it
    cage = Cage(settings, tempfile.TemporaryFile())  # noqa: SIM115  # as long as the process
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Rows are capped before they are converted; JSON may need several times as much.
    longest = _MAX_GROWTH * settings.max_result_bytes
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    silence(said)
    pipe.send_bytes(b"{}")  # ready
    while True:
        if os.lseek(said, 0, os.SEEK_CUR):  # of the query before
            os.ftruncate(said, 0)
            os.lseek(said, 0, os.SEEK_SET)
        if not pipe.poll(_IDLE_SECONDS):
            give_back_memory()
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        request = QueryRequest.from_bytes(message)
        if is_open and not _reaches_only(request, settings):
            answer, body = QueryAnswer(error="service_forbidden"), b""
        else:
            answer, body = _answer(reader, request, cage)
        pipe.send_bytes(answer.to_bytes() + b"\n" + body)
        if answer.error == "query_memory":
            return  # what is left of the heap is not worth keeping


if __name__ == "__main__":
    main()
