"""Which columns of a table a chart takes: named by the query's head, or found by what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.web.tables import NUMBERS, Cell, Table

_TIMES: Final = frozenset(("xsd:gYear", "xsd:date", "xsd:dateTime", "xsd:gYearMonth"))


@dataclass(frozen=True)
class Point:
    """One row as a chart sees it."""

    x: str
    value: float
    written: str
    """The value as the table writes it."""
    by: str = ""
    """The series it belongs to."""
    link: str = ""
    """Path of the passage that states the value."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns along, up and of the series, and the rows that have the first two, in order."""

    x: str
    y: str
    points: list[Point]
    by: str = ""


def read_columns(table: Table, x: str, y: str = "", by: str = "") -> Columns | None:
    """The rows with a text in `x` and a number in `y`; None where a column is missing or none fits.

    Without `y` each row counts as one.
    """
    names = table.columns
    if not {x, *filter(None, [y, by])} <= set(names):
        return None
    along, series = names.index(x), names.index(by) if by else -1
    if not y:
        ones = [Point(row[along].text, 1.0, "1", row[series].text if by else "") for row in table.rows if row[along].text]  # fmt: skip
        return Columns(x, "", ones, by) if ones else None
    up = names.index(y)
    points = [
        Point(
            row[along].text,
            float(row[up].text),
            row[up].text,
            row[series].text if by else "",
            row[up].link,
        )
        for row in table.rows
        if row[along].text and is_finite(row[up].text)
    ]
    return Columns(x, y, points, by) if points else None


def guess(table: Table) -> tuple[str, dict[str, str]] | None:
    """Lines where a column of times meets a number, bars where names do, None where nothing suits."""
    if len(table.rows) < 2:
        return None
    columns = [[row[index] for row in table.rows] for index in range(len(table.columns))]
    times = [i for i, cells in enumerate(columns) if _is_time(table.columns[i], cells)]
    numbers = [i for i, cells in enumerate(columns) if _is_number(cells) and i not in times]
    names = [
        i for i, cells in enumerate(columns) if i not in {*times, *numbers} and _is_named(cells)
    ]
    if not numbers:
        return None
    y = table.columns[numbers[0]]
    if times and len({cell.text for cell in columns[times[0]]}) > 1:
        by = {"by": table.columns[names[0]]} if names else {}
        return "lines", {"x": table.columns[times[0]], "y": y, **by}
    if names:
        return "bars", {"x": table.columns[names[0]], "y": y}
    return None


def is_finite(text: str) -> bool:
    """Whether it is a number that can be drawn."""
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False


def _is_number(cells: Sequence[Cell]) -> bool:
    return any(c.text for c in cells) and all(c.title in NUMBERS or not c.text for c in cells)


def _is_time(name: str, cells: Sequence[Cell]) -> bool:
    """Dates and years by type, and whole numbers in a column called year."""
    if all(cell.title in _TIMES for cell in cells):
        return True
    years = all(cell.text.isdigit() and len(cell.text) == 4 for cell in cells)
    return "year" in name.lower() and years


def _is_named(cells: Sequence[Cell]) -> bool:
    return all(cell.text for cell in cells) and len({cell.text for cell in cells}) > 1
