"""Lines over time: values, and ranks with the first on top. Where sources differ, a band spans them."""

from collections import defaultdict
from typing import Final, Protocol

from kg.network.geometry import shorten, text_width
from kg.web.charts.columns import Columns, Point
from kg.web.charts.drawing import FONT, WIDTH, Chart

MAX_SERIES: Final = 6
_PLOT: Final = 320
_TOP: Final = 14
_NAME_EMS: Final = 12


class Level(Protocol):
    """Where a value stands, pixels from the top."""

    def __call__(self, value: float) -> float:
        """The height of a value."""
        ...


def draw_lines(columns: Columns) -> Chart | None:
    """One line a series from zero up; None where there are fewer than two times."""
    return _draw(columns, ranks=False)


def draw_ranks(columns: Columns) -> Chart | None:
    """One line a series, the first rank on top; None where there are fewer than two times."""
    return _draw(columns, ranks=True)


def _end(time: str) -> str:
    """Sorts a year after the days that it holds."""
    return f"{time}~"


def _draw(columns: Columns, *, ranks: bool) -> Chart | None:
    groups: dict[str, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for point in columns.points:
        groups[point.by][point.x].append(point)
    # The longest lines, in the order in which the rows name them.
    longest = sorted(groups, key=lambda name: (-len(groups[name]), name))[:MAX_SERIES]
    chosen = [(name, by_time) for name, by_time in groups.items() if name in longest]
    times = sorted({time for _, by_time in chosen for time in by_time}, key=_end)
    if len(times) < 2:
        return None
    values = [p.value for _, by_time in chosen for points in by_time.values() for p in points]
    low, high = (min(values), max(values)) if ranks else (min(0.0, *values), max(0.0, *values))
    left = max(text_width(f"{number:g}", FONT) for number in (low, high)) + 16
    right = max(text_width(shorten(name, _NAME_EMS), FONT) for name, _ in chosen) + 16
    step = (WIDTH - left - max(right, 40)) / (len(times) - 1)
    at = {time: left + index * step for index, time in enumerate(times)}

    def level(value: float) -> float:
        part = (value - low) / ((high - low) or 1)
        return _TOP + (part if ranks else 1 - part) * _PLOT

    chart = Chart("ranks" if ranks else "lines", columns.x, columns.y, height=_PLOT + 52)
    _draw_axes(chart, at, step, left, level(high if ranks else 0), ranks=ranks)
    for number in sorted({int(v) for v in values}) if ranks else (low, high):
        chart.text(left - 10, level(number) + 5, f"{number:g}", anchor="end")
    taken: list[float] = []
    for index, (name, by_time) in enumerate(chosen):
        _draw_series(chart, name, by_time, index, at, level)
        last = max(by_time, key=_end)
        y = level(_middle(by_time[last]))
        if name and all(abs(y - other) >= FONT for other in taken):  # else the legend names it
            chart.text(at[last] + 10, y + 5, shorten(name, _NAME_EMS))
            taken.append(y)
    chart.legend = [name for name, _ in chosen] if len(chosen) > 1 else []
    chart.shown = sum(len(points) for _, by_time in chosen for points in by_time.values())
    chart.total = len(columns.points)
    return chart


def _draw_axes(
    chart: Chart, at: dict[str, float], step: float, left: float, base: float, *, ranks: bool
) -> None:
    bottom = _TOP + _PLOT + (14 if ranks else 0) if ranks else base
    chart.line(left, bottom, max(at.values()) + 6, bottom)
    every = max(1, round(90 / step + 0.5))
    for time in list(at)[::every]:
        chart.text(at[time], _TOP + _PLOT + 32, time, anchor="middle", quiet=True)


def _draw_series(
    chart: Chart, name: str, by_time: dict[str, list[Point]], index: int,
    at: dict[str, float], level: Level,
) -> None:  # fmt: skip
    """The band between lowest and highest, the line through the middles, and every value as a dot."""
    times = sorted(by_time, key=_end)
    spans = [(t, [level(point.value) for point in by_time[t]]) for t in times]
    if any(max(ys) - min(ys) > 1 for _, ys in spans):
        chart.has_band = True
        upper = [(at[t], min(ys) - 2) for t, ys in spans]
        chart.band(upper + [(at[t], max(ys) + 2) for t, ys in reversed(spans)], series=index)
    if len(times) > 1:
        chart.path([(at[t], level(_middle(by_time[t]))) for t in times], series=index)
    for time in times:
        for point in by_time[time]:
            note = f"{name} {time}: {point.written}".strip()
            chart.dot(at[time], level(point.value), series=index, note=note, link=point.link)


def _middle(points: list[Point]) -> float:
    values = [point.value for point in points]
    return (min(values) + max(values)) / 2
