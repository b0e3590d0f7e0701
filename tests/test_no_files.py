"""No text makes an engine open a file: watched by the kernel, not by what comes back."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engine.evaluators import Engines
from kg.release.history import current
from kg.release.publish import build
from test_release import small_root

_OPENED = 0x20
FORMS = (
    "SELECT * FROM {} {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED {} {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * {{ GRAPH {} {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE {} {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT {} {{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND({} AS ?g) SERVICE SILENT ?g {{ ?s ?p ?o }} }}",
    "SELECT ({}('a') AS ?x) {{}}",
    "BASE {} SELECT * FROM <> {{ ?s ?p ?o }}",
    "PREFIX f: {} SELECT * FROM f: {{ GRAPH f: {{ ?s ?p ?o }} }}",
    "ASK FROM {} {{ ?s ?p ?o }}",
    "CONSTRUCT {{ ?s ?p ?o }} FROM {} WHERE {{ ?s ?p ?o }}",
    "DESCRIBE {}",
    "LOAD {}",
    "LOAD SILENT {} INTO GRAPH <x:g>",
    "INSERT {{ ?s ?p ?o }} USING {} WHERE {{ ?s ?p ?o }}",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT {} {{ ?s ?p ?o }} }}",
)
STARTS = ("file://", "file:", "file://localhost", "FILE://", "", "jar:file://", "../../../../..")


@dataclass
class Watch:
    """What the kernel tells of a folder: https://man7.org/linux/man-pages/man7/inotify.7.html."""

    handle: int

    def opened(self) -> bool:
        """Whether a file of it was opened since the last call."""
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self.handle, 1 << 16))
        return False


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A watch over a folder with files in the formats that an engine may know by their names."""
    folder = tmp_path / "canary"
    folder.mkdir()
    for suffix in (".nt", ".ttl", ""):
        (folder / f"c{suffix}").write_text('<x:canary> <x:p> "canary" .\n')
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(handle, str(folder).encode(), _OPENED) > 0
    yield Watch(handle)
    os.close(handle)


def test_no_query_or_update_makes_either_engine_open_a_file(tmp_path: Path, watch: Watch) -> None:
    settings = small_root(tmp_path)
    build(settings)
    engines, written = Engines.open(current(settings.data), "sparq"), ox.Store()
    assert engines.fast
    (tmp_path / "canary" / "c.nt").read_bytes()
    assert watch.opened()  # it would be seen
    base, asked = f"file://{tmp_path}/canary/", 0
    for form in FORMS:
        for start in STARTS:
            for suffix in (".nt", ".ttl", ""):
                text = form.format(f"<{start}{tmp_path}/canary/c{suffix}>")
                for evaluate in (
                    lambda text: list(engines.store.query(text, base_iri=base)),
                    lambda text: list(engines.fast.query_json(f"BASE <{base}> {text}")),
                    lambda text: written.update(text, base_iri=base),
                ):
                    with contextlib.suppress(
                        SyntaxError, ValueError, RuntimeError, OSError, TypeError
                    ):
                        evaluate(text)
                    assert not watch.opened(), text
                    asked += 1
    assert asked > 1000 and not len(written)
