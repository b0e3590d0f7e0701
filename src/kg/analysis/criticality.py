"""How much rests on one firm, beside its size: sole supplies, reach and betweenness, each as a range."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import networkx as nx

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.chains import Chain, read_chain
from kg.analysis.reach import Links, count_reached
from kg.analysis.reading import Reader, number
from kg.analysis.resilience import passing_on
from kg.store import Store

MAX_EXACT: Final = 2_000
"""Things up to which betweenness is computed (it costs things times links) and every firm gets its reach."""
MAX_REACHED: Final = 50
"""Firms that get their reach in a larger graph: those with the most sole supplies and customers."""

COLUMNS: Final = (
    Column("firm", "thing"),
    Column("sole_least"),
    Column("sole_most"),
    Column("reach_least"),
    Column("reach_most"),
    Column("betweenness_explicit"),
    Column("betweenness_all"),
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


def measure_reach(chain: Chain, firms: Sequence[str]) -> dict[str, Range]:
    """Things reached downstream of each firm: without the links that are not explicit, and with them.

    Fastest with a well connected firm in front, see `count_reached`.
    """
    low, high = (
        count_reached(_downstream(chain, explicit_only=explicit), firms)
        for explicit in (True, False)
    )
    return {firm: Range(low[firm], high[firm]) for firm in firms}


def _downstream(chain: Chain, *, explicit_only: bool) -> dict[str, set[str]]:
    """The links of `passing_on`, and from each firm to the segments after those it stands in."""
    links = passing_on(chain, explicit_only=explicit_only)
    later: dict[str, list[str]] = defaultdict(list)
    for segment, after in chain.feeds:
        later[segment].append(after)
    for link in chain.places:
        if link.explicit or not explicit_only:
            links.setdefault(link.tail, set()).update(later[link.head])
    return links


def measure_betweenness(chain: Chain) -> dict[str, tuple[float, float]] | None:
    """Share of shortest paths through each firm, without and with what is not explicit.

    Two readings, not bounds: betweenness may rise or fall with a link. None above MAX_EXACT
    things. https://doi.org/10.1080/0022250X.2001.9990249
    """
    firms = firms_of(chain)
    if len(firms) + len(chain.stages) > MAX_EXACT:
        return None
    graphs: list[nx.DiGraph[str]] = [
        nx.DiGraph(_edges(_downstream(chain, explicit_only=explicit))) for explicit in (True, False)
    ]
    low, high = (nx.betweenness_centrality(graph) for graph in graphs)
    return {firm: (round(low.get(firm, 0.0), 4), round(high.get(firm, 0.0), 4)) for firm in firms}


def _edges(links: Links) -> list[tuple[str, str]]:
    return [(thing, after) for thing, following in links.items() for after in following]


def rank_firms(chain: Chain, sizes: Mapping[str, float]) -> list[dict[str, Value]]:
    """All firms, those first on which most rests alone, then by reach."""
    sole = count_sole(chain)
    customers: dict[str, set[str]] = defaultdict(set)
    for link in chain.supplies:
        customers[link.tail].add(link.head)
    order = sorted(sole, key=lambda f: (-sole[f].most, -sole[f].least, -len(customers[f]), f))
    between = measure_betweenness(chain)
    reach = measure_reach(chain, order if between is not None else order[:MAX_REACHED])
    segments: dict[str, set[str]] = defaultdict(set)
    for link in chain.places:
        segments[link.tail].add(link.head)
    rows: list[dict[str, Value]] = []
    for firm in order:
        far, middle = reach.get(firm), (between or {}).get(firm)
        rows.append({
            "firm": firm,
            "sole_least": int(sole[firm].least),
            "sole_most": int(sole[firm].most),
            "reach_least": int(far.least) if far else None,
            "reach_most": int(far.most) if far else None,
            "betweenness_explicit": middle[0] if middle else None,
            "betweenness_all": middle[1] if middle else None,
            "segments_in": len(segments[firm]),
            "output": sizes.get(firm),
        })  # fmt: skip
    return sorted(rows, key=lambda r: (-_n(r["sole_most"]), -_n(r["reach_most"]), r["firm"]))


def _n(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def find_criticality(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """The firms of `chain` by what rests on them; under 0.2 s on the shipped graph."""
    reader = Reader(store, root)
    chain = read_chain(reader, values["chain"][0])
    sizes = {row["firm"]: number(row["value"]) for row in reader.rows("sizes")}
    rows = rank_firms(chain, sizes)
    large = len(rows) and rows[0]["betweenness_all"] is None
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
            *([Note("criticality_large", {"n": MAX_EXACT, "firms": MAX_REACHED})] if large else []),
            *cut,
        ),
        assumptions=(Note("criticality_assumed"),),
        sources=sources,
        queries=tuple(reader.queries),
        chart="bars x=firm y=sole_most" if rows else "",
    )
