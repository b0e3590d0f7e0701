"""The fixtures: one release of the repository's own files, built once; an application; a server.

Use `release` for reading only. A test that changes anything makes its own small root in tmp_path.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.release.publish import build
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import create_app

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over a fresh release of the checkout, with deadlines short enough for tests."""
    found = Settings.from_environment(
        {}, root=ROOT, data=tmp_path_factory.mktemp("kg"), query_timeout_seconds=3.0, workers=3
    )
    build(found)
    return found


@pytest.fixture(scope="session")
def store(settings: Settings) -> EmbeddedStore:
    """The release, opened for trusted queries."""
    return EmbeddedStore(settings.data / "current")


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application over the release."""
    found = create_app(settings)
    yield found
    found.extensions["kg"].pool.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies of an earlier test."""
    return app.test_client()


def free_port() -> int:
    """A port on the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server_url(settings: Settings) -> Iterator[str]:
    """Address of a running `kg serve` over the release."""
    port = free_port()
    environment = {**os.environ, **settings.to_environment(), "KG_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "kg", "serve"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
