"""The label index of the release that a store holds: the one in its folder, or one made now."""

import shutil
import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import Busy, KgError
from kg.namespaces import PREFIXES
from kg.search.index import FILE, FOLDER, VERSION, write_index
from kg.search.lookup import LabelIndex
from kg.search.things import Ask, read_things
from kg.store import UNNAMED, Row, Store

LABELS: Final = f"{FOLDER}/{FILE}"
"""The path of the index below the folder of a release."""

PATIENCE_SECONDS: Final = 15.0
"""How long a search waits for an index that is being made; 45,000 names take 2."""

_UNNAMED_SECONDS: Final = 600.0
"""How old an index of a server may be that names no release."""


def make_index(ask: Ask, release: Path) -> Path:
    """Writes `search/` into the folder of a release that is being made; the path of the index.

    About 0.15 ms a name. Memory does not grow with the graph where `ask` streams.
    """
    scratch = release / ".names.sqlite"
    try:
        return write_index(read_things(ask, scratch), release / FOLDER)
    finally:
        scratch.unlink(missing_ok=True)


def streaming(store: ox.Store) -> Ask:
    """Asks an open store and hands its solutions on one by one."""

    def ask(query: str) -> Iterator[Row]:
        solutions = store.query(query, prefixes=PREFIXES)
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield {name: term for name in names if (term := solution[name]) is not None}

    return ask


def open_index(store: Store) -> LabelIndex:
    """The index of the store's release.

    A release of a write, of an older version, with large graphs or in a remote server has none: it
    is made in a temporary folder that goes with the object, 2 s for the 45,000 names of the shipped graph.
    """
    path = store.path(LABELS)
    if path is not None and _is_known(path):
        return LabelIndex(path)
    folder = Path(tempfile.mkdtemp(prefix="kg-labels-"))
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        found = LabelIndex(make_index(store.rows, folder))
        undo.pop_all()
    weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
    return found


class CurrentIndex:
    """The index of whichever release is in use; opened or made at most once for each."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Opens nothing yet."""
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._store: weakref.ref[Store] | None = None  # or its release would stay open
        self._release = ""
        self._made: Future[LabelIndex] = Future()
        self._since = 0.0

    def of(self, store: Store) -> LabelIndex:
        """The index of that store. Raises Busy where making it takes longer than the patience."""
        with self._lock:
            if not self._is_of(store):
                self._store, self._release = weakref.ref(store), store.release
                self._made, self._since = Future(), time.monotonic()
                # A daemon: nobody waits for it at the end.
                threading.Thread(target=_make, args=(self._made, store), daemon=True).start()
            made = self._made
        try:
            return made.result(self._patience_seconds)
        except TimeoutError as error:
            said = "the label index of this release is being made; try again in a moment"
            raise Busy(said, retry_after=10) from error

    def _is_of(self, store: Store) -> bool:
        if self._made.done() and self._made.exception():
            return False  # tried again
        if self._store and store is self._store():
            return True
        # A server that names no release may have changed at any time.
        are_unnamed = all(id.startswith(UNNAMED) for id in (store.release, self._release))
        return are_unnamed and time.monotonic() - self._since < _UNNAMED_SECONDS


def _make(made: Future[LabelIndex], store: Store) -> None:
    try:
        made.set_result(open_index(store))
    except (KgError, sqlite3.Error, OSError, RuntimeError, ValueError) as error:
        made.set_exception(error)


def _is_known(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)
        except sqlite3.DatabaseError:
            return False
