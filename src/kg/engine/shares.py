"""How much of the query workers one client may hold, so that another one finds a free one.

Without shares a flood of endless queries from 12 connections took every ready worker for
`slow_seconds` at a time, and a short query of somebody else waited for up to 1.5 s.
"""

import threading
import time
from dataclasses import dataclass
from typing import Generic, TypeVar

from kg.engine.cancel import Cancellation
from kg.errors import Busy
from kg.settings import Settings

T = TypeVar("T")
"""A worker."""

_PAUSE_SECONDS = 5
"""After how long a client whose long query was turned away may try again."""


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


class Shares(Generic[T]):
    """The idle workers, and what each client holds; may be used from any thread.

    A client gets half of all places and of the lane for long queries, and every ready worker but
    one. A query that finds the lane or the share full is ended after `slow_seconds`, and a worker
    with it; until the time it was told to come back, or a place is free, further queries of that
    client get no worker and wait, so that a flood costs one worker per pause instead of two a second.
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
        self._idle: list[T] = []
        self._paused_until: dict[str, float] = {}
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

    def take_ready(self, client: str, seconds: float, cancellation: Cancellation) -> T:
        """A ready worker, as soon as there is one that the client may have.

        Raises Busy after that time, QueryCancelled where `wake` finds it cancelled.
        """
        with self._changed:
            found = self._changed.wait_for(
                lambda: cancellation.cancelled or self._may_take(client), seconds
            )
            cancellation.check()
            if not found:
                reason = "every query worker is taken" if not self._idle else "you hold the others"
                raise Busy(f"no query worker became free: {reason}; wait for one", retry_after=1)
            self._held[client].ready += 1
            return self._idle.pop()  # the one that was used last: its memory is warm

    def wake(self) -> None:
        """Lets those who wait look whether they are cancelled."""
        with self._changed:
            self._changed.notify_all()

    def _may_take(self, client: str) -> bool:
        """Whether a worker is idle, and is not the last one while the client holds another already.

        A worker in the long lane is replaced, but that takes a moment, in which a flood would take
        all those that are left.
        """
        held = self._held[client]
        left = 1 if client and held.ready + held.slow else 0
        return len(self._idle) > left and held.ready < self._most_ready(client)

    def put_idle(self, worker: T) -> None:
        """A worker that can take a query."""
        with self._changed:
            self._idle.append(worker)
            self._changed.notify_all()

    @property
    def idle(self) -> int:
        """Workers that can take a query."""
        return len(self._idle)

    def _most_ready(self, client: str) -> int:
        if not client:
            return self._all.ready
        paused = self._paused_until.get(client, 0.0) > time.monotonic()
        return 0 if paused and self._is_lane_full(client) else self._each.ready

    def _is_lane_full(self, client: str) -> bool:
        held = self._held[client].slow >= self._each.slow if client else False
        return held or self._total.slow >= self._all.slow

    def give_ready(self, client: str) -> None:
        """The client no longer has that worker."""
        with self._changed:
            self._held[client].ready -= 1
            self._changed.notify_all()

    def enter_slow(self, client: str) -> None:
        """Takes a place in the lane for long queries. Raises Busy where it or the share is full."""
        with self._changed:
            if self._is_lane_full(client):
                self._pause(client)
                raise Busy(
                    "too many long queries at once, of yours or altogether; wait for one",
                    retry_after=_PAUSE_SECONDS,
                )
            held = self._held[client]
            held.slow += 1
            self._total.slow += 1

    def _pause(self, client: str) -> None:
        now = time.monotonic()
        self._paused_until = {name: end for name, end in self._paused_until.items() if end > now}
        self._paused_until[client] = now + _PAUSE_SECONDS

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
