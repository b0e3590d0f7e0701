"""The fixtures: one release of the repository's own files, built once; an application; a server.

Use `release` for reading only. A test that changes anything makes its own small root in tmp_path.
"""

import contextlib
import gc
import hashlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from kg.release.publish import build
from kg.release.sources import hash_files
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import create_app
from serving import free_port
from small_files import copy_files

ROOT = Path(__file__).parent.parent
# Hypothesis' own 200 ms an example are wall time, which a busy machine stretches: 472 ms, then 5 ms again.
hypothesis_settings.register_profile("tests", deadline=None)
hypothesis_settings.load_profile("tests")


def pytest_collection_finish() -> None:
    """Lets the collector leave alone what the collection of 9,000 tests made, and look less often.

    It goes through all of it again and again while a test reads a large graph: reading the exports
    back took 55 s with it and 43 s without.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Settings:
    """Settings over a fresh release of the checkout, with deadlines short enough for tests."""
    data = tmp_path_factory.mktemp("kg") / "data"
    found = Settings.from_environment(
        {}, root=ROOT, data=data, query_timeout_seconds=3.0, workers=3
    )
    digest = _digest_of_inputs()
    cached = pytestconfig.cache.mkdir("release") / digest
    if cached.is_dir():
        shutil.copytree(cached, data, symlinks=True)
        return found
    build(found)
    if digest == _digest_of_inputs():  # nobody edited them meanwhile
        shutil.copytree(data, making := cached.with_name(f"making-{os.getpid()}"), symlinks=True)
        with contextlib.suppress(OSError):  # another run was faster
            making.rename(cached)
    return found


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over a release of the two articles and the small reference files, for reading only."""
    folder = tmp_path_factory.mktemp("articles")
    found = Settings.from_environment(
        {}, root=copy_files(folder / "root"), data=folder / "data", workers=2
    )
    build(found)
    return found


def _digest_of_inputs() -> str:
    """Digest of everything that decides what is in a release: the files, and the code that reads them.

    So a release is built once for the same files and the same code; a fresh clone always builds.
    """
    digest = hashlib.sha256(hash_files(ROOT)[1].encode())
    modules = ROOT / "src" / "kg"
    for pattern in (
        "namespaces.py",
        "formats.py",
        "engine/evaluators.py",
        "engine/tallies.py",
        "release/*.py",
        "search/*.py",
    ):
        for path in sorted(modules.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


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


@pytest.fixture(scope="session")
def server_url(settings: Settings) -> Iterator[str]:
    """Address of a running `kg serve` over the release."""
    with serving({**os.environ, **settings.to_environment()}) as url:
        yield url


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 5 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """Address of a `kg serve` with these settings, which runs until the block ends."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "serve"], env={**environment, "KG_PORT": str(port)}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url)
        yield url
        assert process.poll() is None, "the server ended by itself"
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
