"""What a running application holds: settings, the current release, the query workers."""

import atexit
import threading
from pathlib import Path

from flask import current_app

from kg.engine.pool import QueryPool
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web.budget import Budget


class Services:
    """One per application."""

    def __init__(self, settings: Settings) -> None:
        """Opens the current release and starts the query workers. Raises ReleaseUnknown."""
        self.settings = settings
        self._lock = threading.Lock()
        self._store = EmbeddedStore(settings.data / "current")
        self.pool = QueryPool(settings)
        self.budget = Budget(settings)
        atexit.register(self.pool.close)

    def store(self) -> EmbeddedStore:
        """The current release; after a swap the new one, while requests in flight keep the old."""
        folder = (self.settings.data / "current").resolve()
        if folder != self._store.folder:
            with self._lock:
                if folder != self._store.folder:
                    self._store = EmbeddedStore(folder)
        return self._store

    @property
    def root(self) -> Path:
        """Folder of ontology/, graph/ and queries/."""
        return self.settings.root


def services() -> Services:
    """The services of the application that answers this request."""
    found = current_app.extensions["kg"]
    assert isinstance(found, Services)
    return found
