"""The processes that evaluate foreign queries: deadlines, kill, replacement.

A request thread takes an idle worker, waits for its answer with the deadline as time-out, and kills
it when the deadline comes first. A worker that died is replaced in the background while the others
stand ready. A query that is not short keeps its worker, at low priority, and the pool gets a fresh
one, so that long queries never stand in the way of short ones; there are only so many such places,
and one client gets only a share of them. Own code rather than a pool library, by measurement: see
`tests/benchmarks/results.md`, "Query workers".
"""

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from kg.engine.cancel import Cancellation
from kg.engine.request import QueryAnswer, QueryRequest
from kg.engine.shares import Shares, Work
from kg.errors import (
    Busy,
    QueryCancelled,
    QueryCrashed,
    QueryMemory,
    QueryTimeout,
    WorkerFailed,
)
from kg.settings import Settings

_SLOW_NICENESS = 10
"""A process of niceness 0 gets about nine times the share of one of 10."""

_SPOOL = "kg-spool-"

_START_SECONDS = 20.0
"""A worker that has not opened the release by then counts as dead; usual are 0.1 s."""


@dataclass(frozen=True)
class Result:
    """An answer and its result; a long result is an open file that has no name any more."""

    answer: QueryAnswer
    file: IO[bytes]


def _take_file(path: str) -> IO[bytes]:
    file = Path(path).open("rb")  # noqa: SIM115  # whoever gets the result closes it
    Path(path).unlink()
    return file


class Worker:
    """One child process and the pipe to it; used by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """Starts the process; `wait_ready` says when it can answer."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kg.engine.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=settings.worker_environment(),
            )
        self._pipe = Connection(ours.detach())

    def wait_ready(self) -> bool:
        """Whether the worker has opened the release."""
        try:
            return self._pipe.poll(_START_SECONDS) and bool(self._pipe.recv_bytes())
        except (EOFError, OSError):
            return False

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, request: QueryRequest) -> None:
        """Gives the worker a query. Raises QueryCrashed where the process is gone."""
        try:
            self._pipe.send_bytes(request.to_bytes())
        except OSError as error:
            raise QueryCrashed("the process that evaluates queries is gone") from error

    def wait(self, seconds: float) -> bool:
        """Whether the answer is there, or the process dead, before that time."""
        return self._pipe.poll(seconds)

    def read(self, request: QueryRequest) -> Result:
        """The answer that has come.

        Raises QueryMemory where the process aborted, which is what an allocation beyond its limit
        does, and QueryCrashed where it died otherwise (a stack overflow is a segmentation fault).
        """
        try:
            answer = QueryAnswer.from_bytes(self._pipe.recv_bytes())
            body = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            if self._process.wait() == -signal.SIGABRT:
                raise QueryMemory("the query needs more memory than one query may use") from error
            raise QueryCrashed("the process that evaluated this query died over it") from error
        if answer.error == "query_memory":  # the process is about to end
            raise QueryMemory("the query needs more memory than one query may use")
        if answer.error:
            Path(request.spool).unlink(missing_ok=True)
        return Result(answer, _take_file(request.spool) if answer.spooled else io.BytesIO(body))

    def lower_priority(self) -> None:
        """Lets every other process go first from now on; only root could take that back."""
        with contextlib.suppress(OSError):  # it may have died in this moment
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _SLOW_NICENESS)

    def stop(self) -> None:
        """Ends the process at once, from any thread; who waits for its answer reads an end."""
        self._process.kill()

    def kill(self) -> None:
        """Ends the process at once and closes the pipe."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # the pool may end while another thread starts a worker
            self._pipe.close()


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
            return self._run(request, deadline, work, cancellation or Cancellation())
        finally:
            self._shares.leave(work.client)

    def _run(
        self, request: QueryRequest, deadline: float, work: Work, cancellation: Cancellation
    ) -> Result:
        worker, slow = self._take(work.client), False
        self._spool.mkdir(mode=0o700, exist_ok=True)  # what tidies up temporary folders may take it
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
        for worker in workers:
            worker.kill()
        shutil.rmtree(self._spool, ignore_errors=True)

    def _take(self, client: str) -> Worker:
        """An idle worker that is alive, once the client may have one more."""
        until = time.monotonic() + self._settings.queue_seconds
        while True:
            worker = self._shares.take_ready(client, max(0.0, until - time.monotonic()))
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
        threading.Thread(target=self._start_until_ready, daemon=True).start()

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
