"""What one client may ask for: seconds of processing, and queries that a limit had to end.

Both come back at a steady rate and can be saved up for two minutes, as at the Wikidata Query
Service. Wall time is what counts, so that a client which waits for each answer before its next
request is never refused, however slow this machine is; only many at once can use up the budget.
Own code because a library of rate limits charges whole hits before the work, and here the cost is
known after it: the generic cell rate algorithm, one number a client.
"""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from kg.errors import RateLimited
from kg.settings import Settings
from kg.web import metrics

SAVED_SECONDS: Final = 120.0
"""How long a budget that is not used is saved up."""

_MAX_CLIENTS: Final = 10_000
"""Clients remembered per bucket, about 2 MB; the one that was longest not charged is forgotten."""

Clock = Callable[[], float]


class Bucket:
    """An allowance per minute for every client; may be used from any thread."""

    def __init__(self, per_minute: float, clock: Clock = time.monotonic) -> None:
        """`per_minute`: units that come back in a minute; 0: nothing is counted."""
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._paid_until: OrderedDict[str, float] = OrderedDict()
        """When what a client has used will have come back, by the clock."""

    def wait_seconds(self, client: str) -> int:
        """After how many whole seconds the client has something left again; 0 where it has."""
        with self._lock:
            used = self._paid_until.get(client, -math.inf) - self._clock()
        return 0 if used < SAVED_SECONDS else math.floor(used - SAVED_SECONDS) + 1

    def charge(self, client: str, amount: float) -> None:
        """Takes what the client has used; it may go below nothing, and then waits longer."""
        if not self._per_minute or amount <= 0:
            return
        with self._lock:
            now = self._clock()
            paid_until = max(now, self._paid_until.pop(client, now))
            self._paid_until[client] = paid_until + amount * 60 / self._per_minute
            if len(self._paid_until) > _MAX_CLIENTS:
                self._paid_until.popitem(last=False)

    def __len__(self) -> int:
        """Clients remembered."""
        return len(self._paid_until)


class Budget:
    """The budgets of an application's clients."""

    def __init__(self, settings: Settings, clock: Clock = time.monotonic) -> None:
        """Everyone starts with a full budget."""
        self.seconds = Bucket(settings.budget_seconds_per_minute, clock)
        self.errors = Bucket(settings.budget_errors_per_minute, clock)

    def check(self, client: str) -> None:
        """Raises RateLimited where the client has used up a budget; `client` as of `network_of`."""
        for bucket, what in (
            (self.seconds, "seconds of processing"),
            (self.errors, "queries that a limit ended"),
        ):
            wait = bucket.wait_seconds(client)
            if wait:
                metrics.count_refusal(what)
                raise RateLimited(
                    f"your budget of {what} is used up; come back in {wait:,} seconds, and wait for "
                    "each answer before the next request",
                    retry_after=wait,
                )


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 network of an IPv6 address.

    A single line to the internet gets a whole /64, so that addresses in it are free to make up.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
