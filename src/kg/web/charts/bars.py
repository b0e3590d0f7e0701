"""Bars: one a row, their sum as one bar of shares, counts by class, and steps of a pyramid."""

from typing import Final

from kg.network.geometry import shorten, text_width
from kg.web.charts.columns import Columns, Point
from kg.web.charts.drawing import FONT, WIDTH, Chart

MAX_BARS: Final = 40
_ROW: Final = 26
_BAR: Final = 18
_LABEL_EMS: Final = 18
_PLOT: Final = 260
_STEP: Final = 46
_LEAST_STEP: Final = 40


def draw_bars(columns: Columns) -> Chart:
    """One bar a row, lying, in the order of the rows."""
    rows = columns.points[:MAX_BARS]
    names = [shorten(row.x, _LABEL_EMS) for row in rows]
    left = max(text_width(name, FONT) for name in names) + 12
    low, high = min(0.0, *(row.value for row in rows)), max(0.0, *(row.value for row in rows))
    scale = (WIDTH - left - 90) / ((high - low) or 1)
    base = left - low * scale
    chart = Chart("bars", columns.x, columns.y, height=16 + len(rows) * _ROW)
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        y, end = 8 + index * _ROW, base + row.value * scale
        chart.text(left - 8, y + 14, name, anchor="end")
        chart.bar(
            min(base, end), y, abs(end - base), _BAR, note=f"{row.x}: {row.written}", link=row.link
        )
        chart.text(max(base, end) + 6, y + 14, row.written)
    chart.line(base, 2, base, chart.height - 6)
    chart.shown, chart.total = len(rows), len(columns.points)
    return chart


def draw_columns(columns: Columns) -> Chart:
    """One bar a row, standing, in the order of the rows: a distribution over classes."""
    rows = columns.points
    high = max(0.0, *(row.value for row in rows)) or 1
    chart = Chart("columns", columns.x, columns.y, height=_PLOT + 44)
    slot = WIDTH / len(rows)
    every = max(1, round(max(text_width(row.x, FONT) for row in rows) / slot + 0.5))
    for index, row in enumerate(rows):
        tall = max(0.0, row.value) / high * (_PLOT - 24)
        x = index * slot
        chart.bar(
            x + slot * 0.1,
            _PLOT - tall,
            slot * 0.8,
            tall,
            note=f"{row.x}: {row.written}",
            link=row.link,
        )
        if text_width(row.written, FONT) < slot:
            chart.text(x + slot / 2, _PLOT - tall - 6, row.written, anchor="middle")
        if index % every == 0:
            chart.text(x + slot / 2, _PLOT + 22, row.x, anchor="middle")
    chart.line(0, _PLOT, WIDTH, _PLOT)
    chart.shown = chart.total = len(rows)
    return chart


def draw_shares(columns: Columns) -> Chart:
    """Parts of a whole as one bar; what is missing to 100 per cent is left white and named by no one."""
    rows = [row for row in columns.points if row.value > 0]
    total = max(100.0, sum(row.value for row in rows))
    chart = Chart("shares", columns.x, columns.y, height=64)
    x = 0.0
    for index, row in enumerate(rows):
        wide = row.value / total * WIDTH
        chart.bar(
            x,
            30,
            max(0.0, wide - 2),
            28,
            series=index,
            note=f"{row.x}: {row.written}",
            link=row.link,
        )
        if text_width(row.written, FONT) + 4 < wide:
            chart.text(x + 2, 22, row.written)
        x += wide
    chart.legend = [f"{row.x}: {row.written}" for row in rows]
    chart.shown = chart.total = len(rows)
    return chart


def draw_pyramid(columns: Columns) -> Chart:
    """Steps from the broad base up, each as wide as its number; the rows come from the base."""
    rows: list[Point] = columns.points[::-1]
    high = max(row.value for row in rows) or 1
    names = [shorten(row.x, _LABEL_EMS) for row in rows]
    left = max(text_width(name, FONT) for name in names) + 16
    right = max(text_width(row.written, FONT) for row in rows) + 16
    middle, wide = left + (WIDTH - left - right) / 2, WIDTH - left - right
    chart = Chart("pyramid", columns.x, columns.y, height=8 + len(rows) * _STEP)
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        y, width = 4 + index * _STEP, max(row.value / high * wide, 2)
        chart.text(left - 10, y + 25, name, anchor="end")
        chart.bar(
            middle - width / 2, y, width, _LEAST_STEP, note=f"{row.x}: {row.written}", link=row.link
        )
        chart.text(middle + width / 2 + 10, y + 25, row.written)
    chart.shown = chart.total = len(rows)
    return chart
