"""Bars that compare: a number before and after, and how many rows of each sort there are in each class."""

from collections import Counter
from typing import Final

from kg.network.geometry import shorten, text_width
from kg.web.charts.columns import Columns, is_finite
from kg.web.charts.drawing import FONT, WIDTH, Chart

MAX_ROWS: Final = 25
_LABEL_EMS: Final = 18
_BAR: Final = 14
_ROW: Final = 42
_STACK: Final = 34


def draw_pairs(columns: Columns) -> Chart | None:
    """Two bars a row, lying: the value, and below it the number in the series, in the order of the rows."""
    points = [point for point in columns.points if is_finite(point.by)]
    if not points:
        return None
    rows = points[:MAX_ROWS]
    names = [shorten(row.x, _LABEL_EMS) for row in rows]
    left = max(text_width(name, FONT) for name in names) + 12
    high = max(max(row.value, float(row.by)) for row in rows) or 1
    chart = Chart("pairs", columns.x, columns.y, height=16 + len(rows) * _ROW)
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = 8 + index * _ROW
        chart.text(left - 8, y + _BAR + 5, name, anchor="end")
        for series, (head, written) in enumerate(((columns.y, row.written), (columns.by, row.by))):
            wide = float(written) / high * (WIDTH - left - 90)
            top = y + series * (_BAR + 2)
            chart.bar(left, top, wide, _BAR, series=series, note=f"{row.x}, {head}: {written}")
            chart.text(left + max(wide, 1) + 6, top + _BAR - 2, written)
    chart.line(left, 2, left, chart.height - 6)
    chart.legend = [columns.y, columns.by]
    chart.shown, chart.total = len(rows), len(points)
    return chart


def draw_counts(columns: Columns) -> Chart:
    """One bar a class, lying, of as many parts as there are sorts in it, each as long as rows have it."""
    counts = Counter((point.x, point.by) for point in columns.points)
    classes = list(dict.fromkeys(point.x for point in columns.points))[:MAX_ROWS]
    sorts = list(dict.fromkeys(point.by for point in columns.points))
    names = [shorten(name, _LABEL_EMS) for name in classes]
    left = max(text_width(name, FONT) for name in names) + 12
    longest = max(Counter(point.x for point in columns.points).values())
    chart = Chart("counts", columns.x, columns.by, height=16 + len(classes) * _STACK)
    for index, (one, name) in enumerate(zip(classes, names, strict=True)):
        x, y = left, 8 + index * _STACK
        chart.text(left - 8, y + 18, name, anchor="end")
        for series, sort in enumerate(sorts):
            number = counts[one, sort]
            wide = number / longest * (WIDTH - left - 60)
            if number:
                chart.bar(
                    x, y, max(wide - 2, 1), 24, series=series, note=f"{one}, {sort}: {number}"
                )
            x += wide
        chart.text(x + 6, y + 18, str(sum(counts[one, sort] for sort in sorts)))
    chart.line(left, 2, left, chart.height - 6)
    chart.legend = [f"{sort}: {sum(counts[one, sort] for one in classes)}" for sort in sorts]
    chart.shown, chart.total = len(classes), len({point.x for point in columns.points})
    return chart
