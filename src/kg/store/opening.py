"""The store that the settings name: the release in use on this disk, or a server that holds one."""

from kg.settings import Settings
from kg.store import Store
from kg.store.embedded import EmbeddedStore


def open_store(settings: Settings) -> Store:
    """Opens it: 7 to 40 ms on disk, one query to a server.

    Raises ReleaseUnknown where there is no release yet, StoreFailed where a server does not answer.
    """
    if settings.store:
        # Here, for the HTTP client's import takes 0.1 s.
        from kg.client import SparqlServer
        from kg.store.remote import RemoteStore

        return RemoteStore(SparqlServer.at(settings.store, settings.query_timeout_seconds))
    return EmbeddedStore(settings.data / "current")
