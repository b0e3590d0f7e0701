"""What a running application holds: settings, the current release, the query workers."""

import atexit
import threading
from pathlib import Path

from flask import current_app

from kg.engine.pool import QueryPool
from kg.release.writing import Writer
from kg.search.lookup import LabelIndex
from kg.search.opening import CurrentIndex
from kg.settings import Settings
from kg.store import Store
from kg.store.opening import open_store
from kg.web.budget import Budget


class Services:
    """One per application."""

    def __init__(self, settings: Settings) -> None:
        """Opens the current release and starts the query workers. Raises ReleaseUnknown."""
        self.settings = settings
        self._lock = threading.Lock()
        self._store = open_store(settings)
        self._labels = CurrentIndex()
        self.pool = QueryPool(settings)
        self.budget = Budget(settings)
        self.writer = Writer(settings)
        atexit.register(self.pool.close)
        atexit.register(self.writer.close)

    def store(self) -> Store:
        """The current release; after a swap the new one, while requests in flight keep the old."""
        if not self._store.is_current():
            with self._lock:
                self._store = open_store(self.settings)
        return self._store

    def labels(self) -> LabelIndex:
        """The label index of the current release; the first call makes it where there is none."""
        return self._labels.of(self.store())

    @property
    def root(self) -> Path:
        """Folder of ontology/, graph/ and queries/."""
        return self.settings.root


def services() -> Services:
    """The services of the application that answers this request."""
    found = current_app.extensions["kg"]
    assert isinstance(found, Services)
    return found
