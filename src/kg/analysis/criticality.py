"""How much rests on one firm, beside its size: sole supplies, reach and betweenness, each as a range."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.betweenness import Betweenness, measure_betweenness
from kg.analysis.chains import Chain, read_chain
from kg.analysis.links import Network
from kg.analysis.reach import count_reached
from kg.analysis.reading import Reader, number
from kg.store import Store

DIGITS: Final = 6
"""Of a betweenness behind the point: in a large chain most shares are small."""

COLUMNS: Final = (
    Column("firm", "thing"),
    Column("sole_least"),
    Column("sole_most"),
    Column("reach_least"),
    Column("reach_most"),
    Column("betweenness_explicit"),
    Column("betweenness_all"),
    Column("betweenness_error", optional=True),
    Column("segments_in"),
    Column("output"),
)


@dataclass(frozen=True)
class Range:
    """The least and the most that a figure can be, over all readings of what is not explicit."""

    least: float
    most: float


def count_sole(chain: Chain) -> dict[str, Range]:
    """For each firm, the segments and the products of customers that it alone is recorded to supply.

    The least: its own record is explicit and no other firm is recorded at all. The most: it is
    recorded and no other firm explicitly. Linear in the records.
    """
    slots: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for link in chain.places:
        there = slots[link.head, ""]
        there[link.tail] = there.get(link.tail, False) or link.explicit
    for link in chain.supplies:
        if link.item:
            there = slots[link.head, link.item]
            there[link.tail] = there.get(link.tail, False) or link.explicit
    least: dict[str, int] = defaultdict(int)
    most: dict[str, int] = defaultdict(int)
    for there in slots.values():
        sure = {firm for firm, explicit in there.items() if explicit}
        if len(there) == 1 and sure:
            least[next(iter(sure))] += 1
        if len(sure) <= 1:
            for firm in sure or there:
                most[firm] += 1
    return {firm: Range(least[firm], most[firm]) for firm in firms_of(chain)}


def firms_of(chain: Chain) -> set[str]:
    """Every firm that a record places in the chain or in a supply of it."""
    supplied = {end for link in chain.supplies for end in (link.tail, link.head)}
    return {link.tail for link in chain.places} | supplied


def measure_reach(low: Network, high: Network) -> dict[str, Range]:
    """Things reached downstream of each thing: without the links that are not explicit, and with them."""
    least, most = count_reached(low), count_reached(high)
    return {thing: Range(least[thing], most[thing]) for thing in most}


def read_networks(chain: Chain) -> tuple[Network, Network]:
    """What follows each firm and segment: without the links that are not explicit, and with them.

    As in `passing_on`, and the segments after those in which a firm stands follow it too.
    """
    things = list(dict.fromkeys((*sorted(firms_of(chain)), *chain.stages, *(end for feed in chain.feeds for end in feed), *(link.head for link in chain.places))))  # fmt: skip
    numbers = {thing: number for number, thing in enumerate(things)}
    feeds = [(numbers[segment], numbers[later]) for segment, later in chain.feeds]
    later: dict[int, list[int]] = defaultdict(list)
    for segment, after in feeds:
        later[segment].append(after)
    sure, every = list(feeds), list(feeds)
    for link in chain.places:
        firm, segment = numbers[link.tail], numbers[link.head]
        found = [(segment, firm), *((firm, after) for after in later[segment])]
        every += found
        sure += found if link.explicit else ()
    for link in chain.supplies:
        pair = numbers[link.tail], numbers[link.head]
        every.append(pair)
        if link.explicit:
            sure.append(pair)
    return Network.of(things, sure), Network.of(things, every)


def rank_firms(chain: Chain, sizes: Mapping[str, float]) -> tuple[list[dict[str, Value]], Betweenness]:  # fmt: skip
    """All firms, those first on which most rests alone, then by reach; and how betweenness was found.

    Betweenness is given for two readings, without and with what is not explicit. They are no
    bounds: it may rise or fall with a link. Cost: that of `count_reached` and `measure_betweenness`;
    100,000 firms with 300,000 supplies take some 5 s beside reading them.
    """
    sole = count_sole(chain)
    low, high = read_networks(chain)
    reach = measure_reach(low, high)
    explicit, every = measure_betweenness(low), measure_betweenness(high)
    numbers = {thing: number for number, thing in enumerate(high.things)}  # those of `low` too
    segments: dict[str, set[str]] = defaultdict(set)
    for link in chain.places:
        segments[link.tail].add(link.head)
    rows: list[dict[str, Value]] = []
    for firm in sorted(sole, key=lambda f: (-sole[f].most, -reach[f].most, f)):
        at = numbers[firm]
        row: dict[str, Value] = {
            "firm": firm,
            "sole_least": int(sole[firm].least),
            "sole_most": int(sole[firm].most),
            "reach_least": int(reach[firm].least),
            "reach_most": int(reach[firm].most),
            "betweenness_explicit": round(float(explicit.shares[at]), DIGITS),
            "betweenness_all": round(float(every.shares[at]), DIGITS),
            "segments_in": len(segments[firm]),
            "output": sizes.get(firm),
        }
        if not (explicit.is_exact and every.is_exact):
            row["betweenness_error"] = round(float(max(explicit.errors[at], every.errors[at])), DIGITS)  # fmt: skip
        rows.append(row)
    return rows, min(explicit, every, key=lambda one: one.starts)


def find_criticality(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """The firms of `chain` by what rests on them; under 0.2 s on the shipped graph."""
    reader = Reader(store, root)
    chain = read_chain(reader, values["chain"][0])
    sizes = {row["firm"]: number(row["value"]) for row in reader.rows("sizes")}
    rows, between = rank_firms(chain, sizes)
    every = [*chain.places, *chain.supplies]
    sources, cut = cite(chain.records())
    return Answer(
        COLUMNS,
        rows,
        data_date(store),
        coverage=(
            Coverage(sum(link.explicit for link in every), len(every), "explicit"),
            Coverage(sum(row["output"] is not None for row in rows), len(rows), "output"),
        ),
        notes=(
            Note("criticality_range"),
            Note("criticality_size"),
            *([] if between.is_exact else [Note("criticality_sample", {"n": between.starts, "total": f"{len(between.shares):,}"})]),
            *cut,
        ),
        assumptions=(Note("criticality_assumed"),),
        sources=sources,
        queries=tuple(reader.queries),
        chart="bars x=firm y=sole_most" if rows else "",
    )  # fmt: skip
