"""A table as bars or a line: which columns suit, and where everything stands in the SVG."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.network.geometry import shorten, text_width
from kg.web.tables import Cell, Table

MAX_BARS: Final = 40
MAX_SERIES: Final = 6
WIDTH: Final = 900
"""Width of the drawing, pixels; it shrinks with the page."""
_NUMBERS: Final = frozenset(
    f"xsd:{name}" for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)  # fmt: skip
_TIMES: Final = frozenset(("xsd:gYear", "xsd:date", "xsd:dateTime", "xsd:gYearMonth"))
_FONT: Final = 14
_ROW: Final = 26
_PLOT: Final = 320
_LABEL_EMS: Final = 18


@dataclass(frozen=True)
class Mark:
    """One bar, or one point of a line: its place in pixels, its label and its value as written."""

    x: float
    y: float
    width: float
    label: str
    value: str


@dataclass(frozen=True)
class Series:
    """Points in order of time."""

    name: str
    marks: list[Mark]

    @property
    def path(self) -> str:
        """The line as `points` of an SVG polyline."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


@dataclass(frozen=True)
class Chart:
    """What the template draws; lengths in pixels, the origin at the top left."""

    kind: str
    """`bar` or `line`."""
    label: str
    value: str
    """Names of the two columns."""
    series: list[Series]
    height: float
    left: float
    base: float
    """Where zero stands: an x for bars, a y for lines."""
    total: int
    """Rows that could have been drawn."""
    ticks: list[Mark]

    @property
    def shown(self) -> int:
        """How many rows are drawn."""
        return sum(len(series.marks) for series in self.series)


def read_chart(table: Table) -> Chart | None:
    """A line where a column of times meets a number, bars where names do, None where nothing suits."""
    if len(table.rows) < 2:
        return None
    columns = [[row[index] for row in table.rows] for index in range(len(table.columns))]
    times = [i for i, cells in enumerate(columns) if _is_time(table.columns[i], cells)]
    numbers = [i for i, cells in enumerate(columns) if _is_number(cells) and i not in times]
    names = [i for i, cells in enumerate(columns) if i not in times and i not in numbers and _is_named(cells)]  # fmt: skip
    if not numbers:
        return None
    value = numbers[0]
    if times and len({cell.text for cell in columns[times[0]]}) > 1:
        return _line(table, times[0], value, names)
    if names:
        return _bars(table, names[0], value)
    return None


def _is_number(cells: Sequence[Cell]) -> bool:
    return any(c.text for c in cells) and all(c.title in _NUMBERS or not c.text for c in cells)


def _is_time(name: str, cells: Sequence[Cell]) -> bool:
    """Dates and years by type, and whole numbers in a column called year."""
    if all(cell.title in _TIMES for cell in cells):
        return True
    return "year" in name.lower() and all(cell.text.isdigit() and len(cell.text) == 4 for cell in cells)  # fmt: skip


def _is_named(cells: Sequence[Cell]) -> bool:
    return all(cell.text for cell in cells) and len({cell.text for cell in cells}) > 1


def _rows(table: Table, label: int, value: int) -> list[tuple[list[Cell], str, float]]:
    """Row, label and value of the rows that have both."""
    rows = [(row, row[label].text, row[value].text) for row in table.rows]
    return [(row, name, float(text)) for row, name, text in rows if name and _finite(text)]


def _finite(text: str) -> bool:
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False


def _bars(table: Table, label: int, value: int) -> Chart | None:
    rows = _rows(table, label, value)
    if not rows:
        return None
    shown = rows[:MAX_BARS]
    names = [shorten(name, _LABEL_EMS) for _, name, _ in shown]
    left = max(text_width(name, _FONT) for name in names) + 12
    low, high = min(0.0, *(n for *_, n in shown)), max(0.0, *(n for *_, n in shown))
    scale = (WIDTH - left - 90) / ((high - low) or 1)
    base = left - low * scale
    marks = [
        Mark(min(base, base + n * scale), 8 + index * _ROW, abs(n) * scale, name, row[value].text)
        for index, ((row, _, n), name) in enumerate(zip(shown, names, strict=True))
    ]
    height = 16 + len(shown) * _ROW
    found = [Series("", marks)]
    return Chart("bar", table.columns[label], table.columns[value], found, height, left, base, len(rows), [])  # fmt: skip


def _line(table: Table, time: int, value: int, names: Sequence[int]) -> Chart | None:
    rows = sorted(_rows(table, time, value), key=lambda row: row[1])
    groups: dict[str, list[tuple[str, float, str]]] = defaultdict(list)
    for row, when, number in rows:
        groups[row[names[0]].text if names else ""].append((when, number, row[value].text))
    chosen = dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:MAX_SERIES])
    numbers = [number for points in chosen.values() for _, number, _ in points]
    whens = sorted({when for points in chosen.values() for when, *_ in points})
    if len(whens) < 2:
        return None
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    left = max(text_width(f"{number:g}", _FONT) for number in (low, high)) + 16
    step = (WIDTH - left - 40) / (len(whens) - 1)
    at = {when: left + index * step for index, when in enumerate(whens)}

    def level(number: float) -> float:
        return 12 + _PLOT - (number - low) / ((high - low) or 1) * _PLOT

    series = [
        Series(
            name, [Mark(at[when], level(number), 0, when, text) for when, number, text in points]
        )
        for name, points in chosen.items()
    ]
    every = max(1, round(90 / step + 0.5))
    ticks = [Mark(at[when], _PLOT + 34, 0, when, "") for when in whens[::every]]
    ticks += [Mark(left - 8, level(number), 0, "", f"{number:g}") for number in (low, high)]
    return Chart("line", table.columns[time], table.columns[value], series, _PLOT + 48, left, level(0), len(rows), ticks)  # fmt: skip
