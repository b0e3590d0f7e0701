"""Where a chain is thin: segments with no, one or two firms on record, in a city and altogether."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import networkx as nx

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.chains import Chain, read_chain
from kg.analysis.reading import Reader
from kg.store import Store

MAX_THIN: Final = 2
"""A segment with so many recorded firms or fewer, in the city or altogether, is listed."""
_STATES: Final = ("none", "one", "two")

COLUMNS: Final = (
    Column("segment", "thing"),
    Column("stage", "thing"),
    Column("local"),
    Column("national"),
    Column("state", "code"),
    Column("no_seat"),
    Column("later_segments"),
    Column("firms", "thing"),
)


def list_gaps(chain: Chain, city: str) -> list[dict[str, Value]]:
    """The thin segments: fewest firms first, then those on which most later segments depend.

    Cost is that of the descendants of each segment, so segments times feeds.
    """
    graph: nx.DiGraph[str] = nx.DiGraph(list(chain.feeds))
    graph.add_nodes_from(chain.stages)
    rows: list[dict[str, Value]] = []
    for segment, firms in chain.firms().items():
        local = {firm for firm in firms if city in chain.cities.get(firm, ())}
        if min(len(firms), len(local)) > MAX_THIN:
            continue
        later = nx.descendants(graph, segment) & chain.stages.keys()
        rows.append(
            {
                "segment": segment,
                "stage": chain.stages[segment] or None,
                "local": len(local),
                "national": len(firms),
                "state": _STATES[len(firms)] if len(firms) <= MAX_THIN else "local",
                "no_seat": sum(not chain.cities.get(firm) for firm in firms),
                "later_segments": len(later),
                "firms": tuple(sorted(firms)[:MAX_THIN + 1]) if len(firms) <= MAX_THIN else None,
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row["national"], row["local"], -int(str(row["later_segments"]))))  # fmt: skip


def find_gaps(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """The thin segments of `chain`, seen from `city`; under 0.1 s on the shipped graph."""
    reader = Reader(store, root)
    [chain], [city] = values["chain"], values["city"]
    found = read_chain(reader, chain, supplies=False)
    rows = list_gaps(found, city)
    filled = sum(bool(firms) for firms in found.firms().values())
    sources, cut = cite(found.records())
    return Answer(
        COLUMNS,
        rows,
        data_date(store),
        coverage=(Coverage(filled, len(found.stages), "segments"),),
        notes=(Note("gaps_rule", {"n": MAX_THIN}), Note("absent"), *cut),
        assumptions=(Note("gaps_seat"),),
        sources=sources,
        queries=tuple(reader.queries),
        chart="counts x=stage by=state" if rows else "",
    )
