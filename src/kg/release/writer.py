"""What runs in the writer process: one write after another, each a release.

Caged like the query workers: a memory limit, no network, killed at the deadline.
Run as `python -m kg.release.writer FD`, with the settings in the environment.
"""

import fcntl
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from kg.engine.jail import close_network
from kg.engine.worker import end_with_parent, silence
from kg.errors import Busy, KgError
from kg.release.head import Head
from kg.release.write_request import WriteAnswer, WriteRequest
from kg.settings import Settings

_LOCK_SECONDS = 5.0
"""How long a write waits for a build or a rollback that is under way."""


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """The lock of the data folder. Raises Busy where another process keeps it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    with (settings.data / ".lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise Busy("another process changes the releases", retry_after=5) from error
                time.sleep(0.01)
        yield


def _answer(head: Head, settings: Settings, request: WriteRequest) -> WriteAnswer:
    try:
        with _locked(settings):
            return head.write(request)
    except KgError as error:
        return WriteAnswer.of_error(error)
    except MemoryError:
        return WriteAnswer(
            error="write_memory", detail="the write needs more memory than it may use"
        )


def main() -> None:
    """Answers requests from the pipe until it closes."""
    close_network()
    pipe = Connection(int(sys.argv[1]))
    settings = Settings.from_environment()
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    limit = settings.write_memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    head = Head(settings)
    silence()
    pipe.send_bytes(b"{}")  # ready
    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        answer = _answer(head, settings, WriteRequest.from_bytes(message))
        pipe.send_bytes(answer.to_bytes())
        if answer.error == "write_memory":
            return  # what is left of the heap is not worth keeping


if __name__ == "__main__":
    main()
