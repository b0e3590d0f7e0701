"""A table as a chart, written as SVG by the server.

The head of a saved query names the kind and the columns, `#+ chart: lines x=year y=value by=cityName`;
a query without is drawn as its columns suggest. One row in `KINDS` is one kind.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from kg.web.charts.bars import draw_bars, draw_columns, draw_pyramid, draw_shares
from kg.web.charts.columns import Columns, guess, read_columns
from kg.web.charts.comparing import draw_counts, draw_pairs
from kg.web.charts.drawing import SERIES, Chart
from kg.web.charts.lines import draw_lines, draw_ranks
from kg.web.tables import Table

__all__ = ["KINDS", "SERIES", "Chart", "read_chart"]

KINDS: Final[Mapping[str, Callable[[Columns], Chart | None]]] = MappingProxyType(
    {
        "bars": draw_bars,
        "columns": draw_columns,
        "shares": draw_shares,
        "pyramid": draw_pyramid,
        "pairs": draw_pairs,
        "counts": draw_counts,
        "lines": draw_lines,
        "ranks": draw_ranks,
    }
)
"""Kinds of charts by the name that a query's head uses."""


def read_chart(table: Table, chart: str = "") -> Chart | None:
    """The chart of a table, as `chart` says or its columns suggest; None where nothing suits.

    `chart` is the head line of a saved query: a kind, then `x=`, `y=` and `by=` with names of columns.
    """
    kind, *settings = chart.split()[:4] or [""]
    columns = dict(part.split("=", 1) for part in settings)
    if not kind:
        guessed = guess(table)
        if guessed is None:
            return None
        kind, columns = guessed
    found = read_columns(table, columns["x"], columns["y"], columns.get("by", ""))
    drawn = KINDS[kind](found) if found else None
    if drawn:
        drawn.drawn_from = found
    return drawn
