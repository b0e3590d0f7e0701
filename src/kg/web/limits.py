"""The limits in force, from the settings that enforce them; `/limits` and the service say them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from kg.settings import Settings

_NOT_LIMITS: Final = frozenset(("port", "threads", "workers", "trusted_proxies", "keep_releases"))
"""Numbers among the settings that bound nothing a client can send or get."""


@dataclass(frozen=True)
class Limit:
    """One limit; bytes, seconds or counts, as `meaning` says."""

    name: str
    value: int | float
    meaning: str


def read_limits(settings: Settings) -> Iterator[Limit]:
    """Every number among the settings that bounds what a client can send or get, in their order."""
    for spec in fields(Settings):
        value = getattr(settings, spec.name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and spec.name not in _NOT_LIMITS:
            yield Limit(spec.name, value, spec.metadata["help"])
