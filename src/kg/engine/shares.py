"""How much of the query workers one client may hold, so that another one finds a free one.

Without shares a flood of endless queries from 12 connections took every ready worker for
`slow_seconds` at a time, and a short query of somebody else waited for up to 1.5 s.
"""

import threading
from dataclasses import dataclass

from kg.errors import Busy
from kg.settings import Settings


@dataclass
class Work:
    """Whose query it is, and how long a worker was busy with it."""

    client: str = ""
    """Empty for the program's own queries, which only the totals bound."""
    seconds: float = 0.0
    """Wall time of the worker; waiting for one is not in it."""


@dataclass
class _Held:
    """What one client has at the moment."""

    places: int = 0
    ready: int = 0
    slow: int = 0


class Shares:
    """Counts what each client holds; may be used from any thread.

    A client gets half of all places and of the lane for long queries, and every ready worker but
    one; while its share of the lane is full, one ready worker.
    """

    def __init__(self, settings: Settings) -> None:
        running = settings.workers + settings.max_slow_queries
        # Half of the threads that no running query needs stay free for everything else.
        self._all = _Held(
            places=running + max(0, settings.threads - running) // 2,
            ready=settings.workers + settings.max_slow_queries,
            slow=settings.max_slow_queries,
        )
        self._each = _Held(
            places=max(1, self._all.places // 2),
            ready=max(1, settings.workers - 1),
            slow=max(1, settings.max_slow_queries // 2),
        )
        self._total = _Held()
        self._held: dict[str, _Held] = {}
        self._changed = threading.Condition()

    def enter(self, client: str) -> None:
        """Takes a place for a query, running or waiting. Raises Busy where there is none."""
        with self._changed:
            held = self._held.get(client, _Held())
            if self._total.places >= self._all.places:
                raise Busy("too many queries at once; try again in a moment", retry_after=1)
            if client and held.places >= self._each.places:
                raise Busy(
                    f"{held.places} queries of yours are under way; wait for one", retry_after=1
                )
            held.places += 1
            self._total.places += 1
            self._held[client] = held

    def leave(self, client: str) -> None:
        """Gives the place back."""
        with self._changed:
            self._held[client].places -= 1
            self._total.places -= 1
            if not self._held[client].places:
                del self._held[client]

    def take_ready(self, client: str, seconds: float) -> None:
        """Waits until the client may have one more ready worker. Raises Busy after that time."""
        with self._changed:
            held = self._held[client]
            if not self._changed.wait_for(lambda: held.ready < self._most_ready(client), seconds):
                raise Busy("other queries of yours keep the workers; wait for one", retry_after=1)
            held.ready += 1

    def _most_ready(self, client: str) -> int:
        if not client:
            return self._all.ready
        return 1 if self._held[client].slow >= self._each.slow else self._each.ready

    def give_ready(self, client: str) -> None:
        """The client no longer has that worker."""
        with self._changed:
            self._held[client].ready -= 1
            self._changed.notify_all()

    def enter_slow(self, client: str) -> None:
        """Takes a place in the lane for long queries. Raises Busy where it or the share is full."""
        with self._changed:
            held = self._held[client]
            if self._total.slow >= self._all.slow:
                raise Busy("too many long queries at once; try again in a moment", retry_after=5)
            if client and held.slow >= self._each.slow:
                raise Busy(
                    f"{held.slow} long queries of yours are under way; wait for one", retry_after=5
                )
            held.slow += 1
            self._total.slow += 1

    def leave_slow(self, client: str) -> None:
        """Gives the place in the lane back."""
        with self._changed:
            self._held[client].slow -= 1
            self._total.slow -= 1
            self._changed.notify_all()

    def count(self) -> dict[str, int]:
        """Queries running or waiting, those with a ready worker, those in the long lane."""
        with self._changed:
            ready = sum(held.ready for held in self._held.values())
            return {"all": self._total.places, "short": ready, "long": self._total.slow}
