"""One process that evaluates foreign queries, as its parent sees it: start, send, wait, kill."""

import contextlib
import io
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from kg.engine.request import QueryAnswer, QueryRequest
from kg.errors import QueryCrashed, QueryMemory
from kg.settings import Settings

_SLOW_NICENESS = 10
"""A process of niceness 0 gets about nine times the share of one of 10."""

_START_SECONDS = 20.0
"""A worker that has not opened the release by then counts as dead; usual are 0.1 s."""

_SAID_BYTES = 1 << 16
_PANIC = (
    "the engine gave up on this query; ORDER BY over values of different types can make it: "
    "order by STR() of them"
)


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

    def __init__(self, settings: Settings, *, is_open: bool = False) -> None:
        """Starts the process; `wait_ready` says when it can answer.

        One that `is_open` may reach the servers of KG_SERVICE_ENDPOINTS.
        """
        ours, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "kg.engine.worker",
                    str(theirs.fileno()),
                    str(self._said.fileno()),
                    *(["open"] * is_open),
                ],
                pass_fds=[theirs.fileno(), self._said.fileno()],
                stdin=subprocess.DEVNULL,
                env=settings.worker_environment(),
            )
        self._pipe = Connection(ours.detach())
        self._poll = select.poll()  # that of `Connection` makes a selector for every wait
        self._poll.register(self._pipe.fileno(), select.POLLIN)

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
        return bool(self._poll.poll(seconds * 1000))

    def read(self, request: QueryRequest) -> Result:
        """The answer that has come.

        Raises QueryMemory where the process aborted, which is what an allocation beyond its limit
        does, and QueryCrashed where it panicked or died otherwise (a stack overflow is a segmentation
        fault).
        """
        try:
            message, _, body = self._pipe.recv_bytes().partition(b"\n")
            answer = QueryAnswer.from_bytes(message)
        except (EOFError, OSError) as error:
            if self._process.wait() == -signal.SIGABRT:
                if self._has_panicked():
                    raise QueryCrashed(_PANIC) from error
                raise QueryMemory("the query needs more memory than one query may use") from error
            raise QueryCrashed("the process that evaluated this query died over it") from error
        if answer.error == "query_memory":  # the process is about to end
            raise QueryMemory("the query needs more memory than one query may use")
        if answer.error:
            Path(request.spool).unlink(missing_ok=True)
        return Result(answer, _take_file(request.spool) if answer.spooled else io.BytesIO(body))

    def _has_panicked(self) -> bool:
        """Whether the engine has met a state that it holds to be impossible, and no lack of memory."""
        self._said.seek(0)
        said = self._said.read(_SAID_BYTES)
        return b"panicked at" in said and b"memory allocation" not in said

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
        self._said.close()
