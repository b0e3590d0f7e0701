"""How long the analyses take over a generated chain of 100,000 enterprises and 300,000 supply links."""

import random
import time
from collections.abc import Callable, Iterator

from kg.analysis.chains import Chain, Link
from kg.analysis.criticality import rank_firms
from kg.analysis.gaps import list_gaps
from kg.analysis.resilience import list_reached

FIRMS, LINKS, SEGMENTS = 100_000, 300_000, 1_000
_BOUND = "10 s"


def generate_chain(seed: int = 1) -> Chain:
    """Firms in one or two segments, a third of the records not explicit; few suppliers have most customers."""
    chance = random.Random(seed)
    segments = [f"s{number}" for number in range(SEGMENTS)]
    firms = [f"f{number}" for number in range(FIRMS)]
    feeds = [(segments[a], segments[min(SEGMENTS - 1, a + chance.randint(1, 40))]) for a in range(SEGMENTS) for _ in range(2)]  # fmt: skip
    places = [
        Link(firm, chance.choice(segments), "r", chance.random() < 0.67)
        for firm in firms
        for _ in range(chance.randint(1, 2))
    ]
    supplies = [
        Link(firms[int(FIRMS * chance.random() ** 3)], chance.choice(firms), "r", chance.random() < 0.67, f"i{chance.randrange(5000)}")
        for _ in range(LINKS)
    ]  # fmt: skip
    cities = {firm: frozenset({f"c{chance.randrange(300)}"}) for firm in firms}
    return Chain(dict.fromkeys(segments, "u"), feeds, places, supplies, cities)


def analyses() -> Iterator[tuple[str, str, str]]:
    """Processor seconds of one call each, over records already read; one thread, so idle machines need as long."""
    chain = generate_chain()
    calls: dict[str, Callable[[], object]] = {
        "chain gaps": lambda: list_gaps(chain, "c1"),
        "removal of 10 firms": lambda: list_reached(chain, [f"f{number}" for number in range(10)]),
        "critical firms": lambda: rank_firms(chain, {}),
    }
    for what, call in calls.items():
        started = time.process_time()
        call()
        yield f"{what}, {FIRMS:,} firms, {LINKS:,} links", f"{time.process_time() - started:.1f} s", _BOUND  # fmt: skip
