"""The processes that evaluate foreign queries: deadlines, kill, replacement.

A request thread takes an idle worker, waits for its answer with the deadline as time-out, and kills
it when the deadline comes first. A worker that died is replaced in the background while the others
stand ready. A query that is not short keeps its worker, at low priority, and the pool gets a fresh
one, so that long queries never stand in the way of short ones; there are only so many such places,
and one client gets only a share of them. Own code rather than a pool library, by measurement: see
`tests/benchmarks/results.md`, "Query workers".
"""

import os
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from kg.engine.cancel import Cancellation
from kg.engine.child import Result, Worker
from kg.engine.request import QueryRequest
from kg.engine.shares import Shares, Work
from kg.errors import (
    Busy,
    KgError,
    QueryCancelled,
    QueryCrashed,
    QueryMemory,
    QueryTimeout,
    WorkerFailed,
)
from kg.settings import Settings

_SPOOL = "kg-spool-"

_CLOSE_SECONDS = 2.0
"""How long the end of the pool waits for a worker that is just starting."""


def _make_spool() -> Path:
    """A folder for results on their way out; removes those that dead processes left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SPOOL}*"):
        process = folder.name.removeprefix(_SPOOL).partition("-")[0]
        if not (process.isdigit() and Path("/proc", process).exists()):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_SPOOL}{os.getpid()}-"))


class QueryPool:
    """Workers for short queries, and a lane for long ones; `run` may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        """Starts the workers and waits for the first one, about 0.1 s."""
        self._settings = settings
        self._spool = _make_spool()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._started = 0
        self._starting: list[threading.Thread] = []
        self._shares = Shares[Worker](settings)
        if not self._start_worker():
            raise WorkerFailed("query workers do not start; see the messages above")
        for _ in range(settings.workers - 1):
            self._replace()

    def run(
        self,
        request: QueryRequest,
        *,
        timeout_seconds: float | None = None,
        work: Work | None = None,
        cancellation: Cancellation | None = None,
    ) -> Result:
        """The answer to a query with its result, whose file the caller closes.

        `timeout_seconds` may only lower the deadline of the settings; `work` says whose query it is
        and gets the seconds that it took; another thread may end it by `cancellation`. Raises Busy
        where no worker became free in time, the lane for long queries is full or the client has its
        share already, QueryTimeout, QueryCancelled, and the errors of `Worker.read`.
        """
        deadline = min(timeout_seconds or float("inf"), self._settings.query_timeout_seconds)
        work = work or Work()
        self._shares.enter(work.client)
        try:
            if request.services:
                return self._run_open(request, deadline, work, cancellation or Cancellation())
            return self._run(request, deadline, work, cancellation or Cancellation())
        finally:
            self._shares.leave(work.client)

    def _run(
        self, request: QueryRequest, deadline: float, work: Work, cancellation: Cancellation
    ) -> Result:
        worker, slow = self._take(work.client, cancellation), False
        request = replace(request, spool=str(self._spool / f"{id(worker)}"))
        started = time.perf_counter()
        try:
            with cancellation.stopping(worker.stop):
                worker.send(request)
                short = min(self._settings.slow_seconds, deadline)
                if not worker.wait(short):
                    slow = self._enter_slow_lane(worker, work.client)
                    if not worker.wait(deadline - short):
                        raise QueryTimeout(f"no answer within {deadline:g} seconds", limit=deadline)
            return worker.read(request)
        except (QueryTimeout, QueryCancelled, QueryMemory, QueryCrashed, Busy):
            worker.kill()
            Path(request.spool).unlink(missing_ok=True)
            raise
        finally:
            work.seconds = time.perf_counter() - started
            if slow:
                self._shares.leave_slow(work.client)
            else:
                self._shares.give_ready(work.client)
            self._give_back(worker, slow=slow)

    def _run_open(
        self, request: QueryRequest, deadline: float, work: Work, cancellation: Cancellation
    ) -> Result:
        """The same for a query that may reach other servers: in the lane for long queries, in a
        process of its own, the only kind whose network is open."""
        self._shares.enter_slow(work.client)
        started = time.perf_counter()
        worker = Worker(self._settings, is_open=True)
        request = replace(request, spool=str(self._spool / f"{id(worker)}"))
        try:
            with cancellation.stopping(worker.stop):
                if not worker.wait_ready():
                    raise WorkerFailed("a query worker did not start")
                worker.send(request)
                if not worker.wait(deadline):
                    raise QueryTimeout(f"no answer within {deadline:g} seconds", limit=deadline)
            return worker.read(request)
        except KgError:
            worker.kill()
            Path(request.spool).unlink(missing_ok=True)
            raise
        finally:
            worker.kill()
            work.seconds = time.perf_counter() - started
            self._shares.leave_slow(work.client)

    def _enter_slow_lane(self, worker: Worker, client: str) -> bool:
        """Takes a worker out of the pool, which gets a fresh one; raises Busy where the lane is full."""
        self._shares.enter_slow(client)
        self._shares.give_ready(client)
        worker.lower_priority()
        self._replace()
        return True

    def count(self) -> dict[str, int]:
        """How many workers are idle, and short, long and waiting queries; workers started so far."""
        held = self._shares.count()
        return {
            "idle": self._shares.idle,
            "short": held["short"],
            "long": held["long"],
            "waiting": held["all"] - held["short"] - held["long"],
            "started": self._started,
        }

    def close(self) -> None:
        """Ends every worker and removes the spool folder."""
        self._closed.set()
        with self._lock:
            workers, self._workers = self._workers, set()
            starting = self._starting
        for worker in workers:
            worker.kill()
        for thread in starting:  # each ends the worker that it was starting
            thread.join(_CLOSE_SECONDS)
        shutil.rmtree(self._spool, ignore_errors=True)

    def _take(self, client: str, cancellation: Cancellation) -> Worker:
        """An idle worker that is alive, once the client may have one more.

        Raises QueryCancelled where the client goes away before: a worker that has not been given the
        query stays as it is, so that a flood of those who leave ends none.
        """
        until = time.monotonic() + self._settings.queue_seconds
        while True:
            worker = None
            try:
                with cancellation.stopping(self._shares.wake):
                    seconds = max(0.0, until - time.monotonic())
                    worker = self._shares.take_ready(client, seconds, cancellation)
            except QueryCancelled:
                if worker:
                    self._shares.give_ready(client)
                    self._give_back(worker, slow=False)
                raise
            if worker.alive:
                return worker
            self._shares.give_ready(client)
            self._give_back(worker, slow=False)

    def _give_back(self, worker: Worker, *, slow: bool) -> None:
        """A worker that is of further use goes back to the idle ones; another one is replaced.

        One from the slow lane was replaced when it went there.
        """
        if worker.alive and not slow:
            self._shares.put_idle(worker)
            return
        worker.kill()
        with self._lock:
            self._workers.discard(worker)
        if not (slow or self._closed.is_set()):
            self._replace()

    def _replace(self) -> None:
        thread = threading.Thread(target=self._start_until_ready, daemon=True)
        with self._lock:
            self._starting = [other for other in self._starting if other.is_alive()] + [thread]
            thread.start()

    def _start_until_ready(self) -> None:
        while not (self._closed.is_set() or self._start_worker()):
            self._closed.wait(0.5)

    def _start_worker(self) -> bool:
        """Starts one worker and puts it among the idle; False where it did not get ready."""
        worker = Worker(self._settings)
        with self._lock:
            self._workers.add(worker)
            self._started += 1
        if worker.wait_ready() and not self._closed.is_set():
            self._shares.put_idle(worker)
            return True
        worker.kill()
        with self._lock:
            self._workers.discard(worker)
        return False
