"""The label index of the release that a store holds: the one in its folder, or one made now."""

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.namespaces import PREFIXES
from kg.search.index import FILE, FOLDER, VERSION, write_index
from kg.search.lookup import LabelIndex
from kg.search.things import Ask, read_things
from kg.store import Row, Store

LABELS: Final = f"{FOLDER}/{FILE}"
"""The path of the index below the folder of a release."""


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

    A release of a write, of an older version or in a remote server has none: it is made in a
    temporary folder that goes with the object, 2 s for the 45,000 names of the shipped graph.
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
    """The index of whichever release is in use; made or opened at most once for each."""

    def __init__(self) -> None:
        """Opens nothing yet."""
        self._lock = threading.Lock()
        self._of: tuple[Store, LabelIndex] | None = None

    def of(self, store: Store) -> LabelIndex:
        """The index of that store; whoever comes while it is made waits for it."""
        with self._lock:
            if self._of is None or self._of[0] is not store:
                self._of = (store, open_index(store))
            return self._of[1]


def _is_known(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)
        except sqlite3.DatabaseError:
            return False
