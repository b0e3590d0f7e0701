"""Ending a query from outside the thread that waits for it: its client has gone away."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from kg.errors import QueryCancelled


class Cancellation:
    """Called once by whoever learns that an answer is not wanted any more; good for one request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Stops what runs now, and whatever would start; does not wait for its end."""
        with self._lock:
            self._cancelled = True
            if self._stop:
                self._stop()

    @contextlib.contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """While inside, `cancel` calls `stop`, which must be short.

        Raises QueryCancelled where it was called before or meanwhile, whatever else happened.
        """
        with self._lock:
            self.check()
            self._stop = stop
        try:
            yield
        finally:
            with self._lock:
                self._stop = None
                self.check()

    def check(self) -> None:
        """Raises QueryCancelled where `cancel` was called."""
        if self._cancelled:
            raise QueryCancelled("the client went away")
