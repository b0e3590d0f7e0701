"""More segments than a picture can show, as a table: stages down, places across, firms in the cells."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import networkx as nx

from kg.network.assemble import read_facts
from kg.network.budget import MAX_SEGMENTS
from kg.network.explore import Selection
from kg.network.stages import sort_stages
from kg.network.state import State
from kg.store import Store
from kg.web.around import address_of
from kg.web.language import language
from kg.words import words

MAX_PLACES: Final = 8
"""Places with a column of their own; the last column counts all others."""

_SHADES: Final = 5


@dataclass(frozen=True)
class Cell:
    """A number, how dark it is drawn (0 to 5), and the state that it leads to."""

    count: int
    shade: int = 0
    href: str = ""


@dataclass(frozen=True)
class Matrix:
    """Rows by stage: name, the segments of the stage, firms by place."""

    places: list[str]
    rows: list[tuple[str, Cell, list[Cell]]]
    segments: int
    firms: int


def read_matrix(selection: Selection, state: State, store: Store, root: Path) -> Matrix | None:
    """The table in place of a picture of lanes, or None where the picture can show its segments."""
    stages = selection.stages
    if selection.layout != "lanes" or stages.total() <= MAX_SEGMENTS:
        return None
    lang = language()
    seats: Counter[str] = Counter()
    for (_, seat), count in selection.cells.items():
        seats[seat] += count if seat else 0
    shown = [seat for seat, _ in sorted((+seats).items(), key=lambda row: (-row[1], row[0]))][
        :MAX_PLACES
    ]
    facts = read_facts(store, {*stages, *shown} - {""}, lang, root)
    order = sort_stages(nx.MultiDiGraph(), facts, stages.keys() - {""})
    most = max(selection.cells.values(), default=1)
    rows = []
    for stage in [*order, *([""] if "" in stages else [])]:
        cells = [
            Cell(
                (count := selection.cells[stage, seat]), -(-count * _SHADES // most),
                address_of(state, stage=(stage,), city=(seat,)) if count and stage else "",
            )
            for seat in shown
        ]  # fmt: skip
        rest = sum(
            n for (s, seat), n in selection.cells.items() if s == stage and seat not in shown
        )
        name = facts.label(stage) if stage else words(lang, "network.no_stage")
        whole = Cell(stages[stage], href=address_of(state, stage=(stage,)) if stage else "")
        rows.append((name, whole, [*cells, Cell(rest, -(-rest * _SHADES // most))]))
    return Matrix(
        [facts.label(seat) for seat in shown], rows, stages.total(), selection.cells.total()
    )
