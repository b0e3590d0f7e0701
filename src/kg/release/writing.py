"""The one process that writes: started with the first write, killed at the deadline, replaced.

One write at a time, in the order in which they get their turn; so every write sees the one before.
"""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

from kg.errors import Busy, ReleaseUnknown, WorkerFailed, WriteCrashed, WriteMemory, WriteTimeout
from kg.release.history import current
from kg.release.manifest import Manifest
from kg.release.write_request import WriteAnswer, WriteRequest
from kg.settings import Settings

_START_SECONDS = 20.0


class Writer:
    """The writer process of one server; `write` may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        """Starts nothing yet."""
        self._settings = settings
        self._turn = threading.Lock()
        # As many threads stay free for reading.
        self._places = threading.BoundedSemaphore(max(1, settings.threads // 2))
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def write(self, request: WriteRequest) -> WriteAnswer:
        """What a write did; about 0.1 s with the release it makes, a start of the process included
        0.5 s.

        Raises Busy where too many writes wait, WriteTimeout, WriteMemory, WriteCrashed, and the
        error that makes the write impossible. Then nothing is written.
        """
        if not self._places.acquire(blocking=False):
            raise Busy("too many writes at once; try again in a moment", retry_after=1)
        try:
            if not self._turn.acquire(timeout=self._settings.write_timeout_seconds):
                raise Busy("the writes before this one take long; try again", retry_after=5)
            try:
                answer = self._write(request)
            finally:
                self._turn.release()
        finally:
            self._places.release()
        answer.raise_error()
        return answer

    def close(self) -> None:
        """Ends the process; a write under way is in its release or not at all."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process:
            process.kill()
            process.wait()
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()

    def _write(self, request: WriteRequest) -> WriteAnswer:
        pipe = self._ready()
        try:
            pipe.send_bytes(request.to_bytes())
            seconds = self._settings.write_timeout_seconds
            if pipe.poll(seconds):
                return WriteAnswer.from_bytes(pipe.recv_bytes())
            error: Exception = WriteTimeout(f"not done within {seconds:g} seconds", limit=seconds)
        except (EOFError, OSError):
            error = self._find_cause()
        self.close()
        if done := self._find_done(request):
            return done
        raise error

    def _find_cause(self) -> Exception:
        process = self._process
        if process and process.wait() == -signal.SIGABRT:  # what a failed allocation does
            return WriteMemory("the write needs more memory than it may use")
        return WriteCrashed("the process that writes died over this write")

    def _find_done(self, request: WriteRequest) -> WriteAnswer | None:
        """The answer for a write whose process died after it was published."""
        with contextlib.suppress(ReleaseUnknown):
            manifest = Manifest.read(current(self._settings.data))
            if manifest.provenance.get("request") == request.id:
                return WriteAnswer(manifest.id)
        return None

    def _ready(self) -> Connection:
        """The pipe to a process that can write; starts it where there is none."""
        if self._pipe and self._process and self._process.poll() is None:
            return self._pipe
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "kg.release.writer", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=self._settings.worker_environment(),
            )
        self._pipe = Connection(ours.detach())
        with contextlib.suppress(EOFError, OSError):
            if self._pipe.poll(_START_SECONDS) and self._pipe.recv_bytes():
                return self._pipe
        self.close()
        raise WorkerFailed("the writer does not start; see the messages above")
