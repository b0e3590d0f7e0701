"""Boxes, texts and their sizes: what a layout is made of, and how large it comes out on a screen.

Lengths are world pixels; at scale 1 one is one pixel on the screen. vis-network never enlarges when
it fits a picture, so on-screen sizes follow from `screen_scale`.
"""

from dataclasses import dataclass, field
from typing import Final

FONT: Final = 16
SMALL_FONT: Final = 13
HEADING_FONT: Final = 22
MIN_LABEL_PX: Final = 12
SCREEN: Final = (1400, 857)
RADIUS: Final = 8
FOCUS_RADIUS: Final = 20
_GAP: Final = 8
_MARGIN: Final = 1.1


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share area."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width - 0.5
            and abs(self.y - other.y) * 2 < self.height + other.height - 0.5
        )


@dataclass(frozen=True)
class Text:
    """A piece of text on the canvas; `align` names the side of the box that stays put."""

    text: str
    box: Box
    size: int
    align: str
    of: str = ""
    """IRI of the node it names; empty for headings and notes."""
    inside: bool = False
    """Whether it stands in the node's own box."""


@dataclass
class Layout:
    """Where everything is: centres by IRI, sizes of boxes, and all texts."""

    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    radii: dict[str, int] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    bands: list[Box] = field(default_factory=list)
    """Lanes to shade behind everything."""

    def put(
        self,
        iri: str,
        x: float,
        y: float,
        label: str,
        *,
        align: str,
        radius: int = RADIUS,
        size: int = FONT,
    ) -> None:
        """Places a glyph with its name beside it (`left`: the name ends left of it), under it (`center`) or over it (`above`)."""
        self.points[iri] = (x, y)
        self.radii[iri] = radius
        self.boxes[iri] = Box(x, y, 2 * radius, 2 * radius)
        width, height = text_width(label, size), line_height(size)
        shift = {"left": -1, "right": 1}.get(align, 0) * (radius + _GAP + width / 2)
        drop = {"center": 1, "above": -1}.get(align, 0) * (radius + _GAP + height / 2 - 2)
        side = align if shift else "center"
        self.texts.append(Text(label, Box(x + shift, y + drop, width, height), size, side, iri))

    def put_box(
        self, iri: str, x: float, y: float, label: str, *, width: float, height: float
    ) -> None:
        """Places a box with its name inside."""
        self.points[iri] = (x, y)
        self.boxes[iri] = Box(x, y, width, height)
        self.texts.append(
            Text(
                label,
                Box(x, y, text_width(label, FONT), line_height(FONT)),
                FONT,
                "center",
                iri,
                inside=True,
            )
        )

    def note(self, text: str, x: float, y: float, *, size: int, align: str = "center") -> None:
        """Places a heading or a note."""
        width = text_width(text, size)
        shift = {"left": -1, "right": 1, "center": 0}[align] * width / 2
        self.texts.append(Text(text, Box(x + shift, y, width, line_height(size)), size, align))

    def world(self) -> Box:
        """The rectangle around everything."""
        boxes = [*self.boxes.values(), *self.bands, *(text.box for text in self.texts)] or [
            Box(0, 0, 1, 1)
        ]
        left, right = min(b.x - b.width / 2 for b in boxes), max(b.x + b.width / 2 for b in boxes)
        top, bottom = min(b.y - b.height / 2 for b in boxes), max(b.y + b.height / 2 for b in boxes)
        return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)

    def screen_scale(self, *, width: int = SCREEN[0], height: int = SCREEN[1]) -> float:
        """How far the picture shrinks to fit a canvas; agrees with vis-network within 4 per cent."""
        world = self.world()
        return min(1.0, width / (_MARGIN * world.width), height / (_MARGIN * world.height))

    def screen_px(self, size: int, *, width: int = SCREEN[0], height: int = SCREEN[1]) -> float:
        """Height in pixels on the screen of text of a world size."""
        return size * self.screen_scale(width=width, height=height)


def text_width(text: str, size: float) -> float:
    """Width of a line: an em for a wide character, 0.58 of one for others (Noto Sans, rounded up)."""
    return sum(size if ord(char) > 0x2E7F else 0.58 * size for char in text)


def line_height(size: float) -> float:
    """Height of the box that a line of text takes."""
    return size * 1.25


def shorten(text: str, ems: float) -> str:
    """The text, or as much of it as fits a width in ems with an ellipsis."""
    text = " ".join(text.split())
    if text_width(text, 1) <= ems:
        return text
    while text and text_width(text, 1) > ems - 1:
        text = text[:-1]
    return text.rstrip() + "…"
