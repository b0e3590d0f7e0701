"""A chart as shapes: what the templates write as SVG, on a page and as a file of its own.

Lengths are pixels, the origin is the top left. Colours stand in attributes, so that the file needs no
style sheet; on a page the classes give them the colours of the theme.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.web.charts.columns import Columns

WIDTH: Final = 1100
FONT: Final = 14
SERIES: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6100", "#56636f")
"""Colours by series, Okabe and Ito's; the same as `--s1` to `--s6` in charts.css."""
_INK: Final = "#1c2733"
_QUIET: Final = "#566472"


@dataclass(frozen=True)
class Shape:
    """One SVG element."""

    element: str
    attributes: dict[str, str | float]
    text: str = ""
    note: str = ""
    """What a pointer held over it shows."""
    link: str = ""
    """Where it leads, a path."""


@dataclass
class Chart:
    """Shapes with what a page says about them."""

    kind: str
    label: str = ""
    value: str = ""
    """Names of the columns drawn along and up."""
    width: float = WIDTH
    height: float = 0
    shapes: list[Shape] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)
    """Names of the series, in the order of their colours."""
    shown: int = 0
    total: int = 0
    """Rows drawn, and rows that could have been."""
    has_band: bool = False
    """Whether a band stands for values that differ for the same place."""
    drawn_from: Columns | None = None
    """What it draws, for the table beside it."""

    @property
    def leads(self) -> bool:
        """Whether a mark leads anywhere."""
        return any(shape.link for shape in self.shapes)

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", quiet: bool = False
    ) -> None:
        """Writes at a base line."""
        attributes: dict[str, str | float] = {
            "x": round(x, 1), "y": round(y, 1), "text-anchor": anchor, "font-size": FONT,
            "fill": _QUIET if quiet else _INK, "class": "quiet" if quiet else "ink",
        }  # fmt: skip
        self.shapes.append(Shape("text", attributes, text))

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draws an axis."""
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        found: dict[str, str | float] = {name: round(value, 1) for name, value in ends.items()}
        self.shapes.append(Shape("line", {**found, "stroke": _QUIET, "class": "axis"}))

    def bar(
        self, x: float, y: float, width: float, height: float, *, series: int = 0, note: str = "",
        link: str = "",
    ) -> None:  # fmt: skip
        """Draws a bar, at least a pixel wide."""
        box = {"x": x, "y": y, "width": max(width, 1), "height": max(height, 1)}
        sizes = {name: round(value, 1) for name, value in box.items()}
        self._add("rect", sizes, series, note, link)

    def dot(self, x: float, y: float, *, series: int = 0, note: str = "", link: str = "") -> None:
        """Draws a point."""
        self._add("circle", {"cx": round(x, 1), "cy": round(y, 1), "r": 4}, series, note, link)

    def path(self, points: list[tuple[float, float]], *, series: int = 0) -> None:
        """Draws a line through the points."""
        found: dict[str, str | float] = {
            "points": _points(points),
            "fill": "none",
            "stroke-width": 2,
        }
        colour = SERIES[series % len(SERIES)]
        self.shapes.append(
            Shape(
                "polyline", {**found, "stroke": colour, "class": f"line-{series % len(SERIES) + 1}"}
            )
        )

    def band(self, points: list[tuple[float, float]], *, series: int = 0, note: str = "") -> None:
        """Fills an outline faintly."""
        outline: dict[str, str | float] = {"points": _points(points), "fill-opacity": 0.18}
        self._add("polygon", outline, series, note)

    def _add(
        self,
        element: str,
        attributes: Mapping[str, str | float],
        series: int,
        note: str,
        link: str = "",
    ) -> None:
        number = series % len(SERIES)
        found: dict[str, str | float] = {
            **attributes,
            "fill": SERIES[number],
            "class": f"series-{number + 1}",
        }
        self.shapes.append(Shape(element, found, note=note, link=link))


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
