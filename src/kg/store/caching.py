"""What follows from a store, kept as long as the store: a release that is over takes it along."""

import threading
from collections.abc import Callable
from functools import lru_cache, partial, update_wrapper
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary, ref

from kg.store import Store

P = ParamSpec("P")
R = TypeVar("R")


class _CachedByStore(Generic[P, R]):
    """A function of a store and more, whose last results for each store are kept."""

    def __init__(self, function: Callable[Concatenate[Store, P], R], maxsize: int) -> None:
        self._function, self._maxsize = function, maxsize
        self._lock = threading.Lock()
        self._caches: WeakKeyDictionary[Store, Callable[P, R]] = WeakKeyDictionary()
        update_wrapper(self, function)

    def __call__(self, store: Store, *arguments: P.args, **named: P.kwargs) -> R:
        with self._lock:
            if (cache := self._caches.get(store)) is None:
                call = lru_cache(self._maxsize)(partial(self._call, ref(store)))
                cache = self._caches[store] = cast("Callable[P, R]", call)
        return cache(*arguments, **named)

    def _call(self, store: "ref[Store]", *arguments: P.args, **named: P.kwargs) -> R:
        found = store()
        assert found is not None  # who calls has it
        return self._function(found, *arguments, **named)

    def cache_clear(self) -> None:
        """Forgets the results for every store."""
        with self._lock:
            self._caches.clear()


def cached_by_store(
    maxsize: int,
) -> Callable[[Callable[Concatenate[Store, P], R]], _CachedByStore[P, R]]:
    """Keeps the last `maxsize` results of a function for each store that is in use; results may not hold it.

    Kept by all arguments alike, as `lru_cache` does, results would keep the stores of earlier
    releases open, and so their files on the disk.
    """
    return partial(_CachedByStore, maxsize=maxsize)
