"""A running server of our own, on a free port of the loopback address, for as long as a block."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from kg.settings import Settings

_SERVE = "from kg.settings import Settings; from kg.web.server import serve; serve(Settings.from_environment())"
"""What `kg serve` does without a build: the release in use is served, whatever the files say."""


@contextlib.contextmanager
def serving(settings: Settings, *, log: IO[bytes] | None = None) -> Iterator[str]:
    """The address of a server over the release in use, ready to answer queries."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, **replace(settings, port=port).to_environment()}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE], env=environment, stdout=log, stderr=log
    )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
