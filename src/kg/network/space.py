"""Room in a picture: what is taken, where a name still fits, and a place near another thing."""

from collections import defaultdict
from collections.abc import Iterable
from math import atan2, ceil, cos, pi, sin, tau
from typing import Final

from kg.network.geometry import (
    FONT,
    MIN_LABEL_PX,
    RADIUS,
    Box,
    Layout,
    Text,
    line_height,
    shorten,
    text_width,
)
from kg.network.picture import Picture

_CANVAS: Final = (840, 690)
"""What is left of a screen of 1400 by 900 beside filters and details."""

_ROUNDS: Final = 4
_CELL: Final = 64.0
_NAME_EMS: Final = 12
_FIRST_RING: Final = 90.0
_RING_STEP: Final = 44.0
_RINGS: Final = 60
_GAP: Final = 6
_ROW: Final = 28


class Space:
    """Boxes that are taken; asking costs the boxes near by, not all."""

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._cells: dict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in boxes:
            self.take(box)

    def take(self, box: Box) -> None:
        """Marks a box as taken."""
        for cell in self._over(box):
            self._cells[cell].append(box)

    def is_free(self, box: Box) -> bool:
        """Whether no taken box overlaps it."""
        return not any(box.overlaps(other) for cell in self._over(box) for other in self._cells.get(cell, ()))  # fmt: skip

    def _over(self, box: Box) -> Iterable[tuple[int, int]]:
        for x in range(
            int((box.x - box.width / 2) // _CELL), int((box.x + box.width / 2) // _CELL) + 1
        ):
            for y in range(
                int((box.y - box.height / 2) // _CELL), int((box.y + box.height / 2) // _CELL) + 1
            ):
                yield x, y


def put_names(layout: Layout, picture: Picture, order: Iterable[str], *, most: int) -> None:
    """Names beside the glyphs of the first things that have room for one, up to `most`; the rest on hover.

    The font is as large as 12 pixels on the screen take. No name lies on another, nor on a glyph.
    """
    order = list(order)
    width, height = _CANVAS
    for _ in range(_ROUNDS):  # names make the picture wider, which makes all of it smaller
        size = max(
            FONT, ceil((MIN_LABEL_PX + 0.1) / layout.screen_scale(width=width, height=height))
        )
        layout.texts = _names_that_fit(layout, picture, order, size, most)
        if layout.screen_px(size, width=width, height=height) >= MIN_LABEL_PX:
            return


def _names_that_fit(
    layout: Layout, picture: Picture, order: list[str], size: int, most: int
) -> list[Text]:
    space = Space(layout.boxes.values())
    names: list[Text] = []
    for iri in order:
        text = shorten(picture.graph.nodes[iri]["short"], _NAME_EMS)
        sides = list(_sides(text, iri, layout.boxes[iri], size))
        if (
            iri == picture.focus
        ):  # lines leave the middle to both sides more often than straight down
            sides = sides[2:] + sides[:2]
        for name in sides:
            if len(names) < most and space.is_free(name.box):
                space.take(name.box)
                names.append(name)
                break
    return names


def _sides(text: str, iri: str, box: Box, size: int) -> Iterable[Text]:
    """A name on the outer side of its glyph, the inner side, below and above."""
    width, height = text_width(text, size), line_height(size)
    sign = 1 if box.x >= 0 else -1
    for side in (sign, -sign):
        x = box.x + side * (box.width / 2 + _GAP + width / 2)
        yield Text(text, Box(x, box.y, width, height), size, "right" if side > 0 else "left", iri)
    for side in (1, -1):
        y = box.y + side * (box.height / 2 + height / 2)
        yield Text(text, Box(box.x, y, width, height), size, "center", iri)


def put_aside(layout: Layout, picture: Picture, things: Iterable[str]) -> None:
    """Things in columns at the right of the picture, as high as it is, names behind them."""
    world = layout.world()
    rows = max(1, int(world.height // _ROW))
    x, widest = world.x + world.width / 2 + 4 * _GAP * RADIUS / 2, 0.0
    for place, iri in enumerate(things):
        if place % rows == 0 and place:
            x, widest = x + widest + 4 * _ROW, 0.0
        text = shorten(picture.graph.nodes[iri]["short"], _NAME_EMS)
        y = world.y - world.height / 2 + (place % rows + 1) * _ROW
        layout.put(iri, x, y, text, align="right")
        widest = max(widest, text_width(text, FONT))


def put_near(layout: Layout, picture: Picture, added: dict[str, str]) -> None:
    """Places things near others, where room is, and moves nothing else. Things near nothing are left out."""
    space = Space([*layout.boxes.values(), *(text.box for text in layout.texts)])
    sizes = [text.size for text in layout.texts if text.of]
    size = min(sizes, default=FONT)
    middle = layout.world()
    for iri, parent in added.items():
        if parent not in layout.boxes or iri in layout.boxes:
            continue
        text = shorten(picture.graph.nodes[iri]["short"], _NAME_EMS)
        width, height = text_width(text, size), line_height(size)
        start = layout.boxes[parent]
        away = _angle(start.x - middle.x, start.y - middle.y)
        for x, y in _around(start.x, start.y, away, size / FONT):
            glyph = Box(x, y, 2 * RADIUS, 2 * RADIUS)
            name = Box(x + RADIUS + _GAP + width / 2, y, width, height)
            whole = Box((x - RADIUS + name.x + width / 2) / 2, y, width + 2 * RADIUS + _GAP, max(height, glyph.height))  # fmt: skip
            if space.is_free(whole):
                space.take(whole)
                layout.points[iri], layout.radii[iri], layout.boxes[iri] = (x, y), RADIUS, glyph
                layout.texts.append(Text(text, name, size, "right", iri))
                break


def _around(x: float, y: float, away: float, scale: float) -> Iterable[tuple[float, float]]:
    """Places on rings around a point, first those away from the middle of the picture."""
    for ring in range(_RINGS):
        radius = (_FIRST_RING + ring * _RING_STEP) * scale
        steps = max(8, int(tau * radius / (40 * scale)))
        for step in range(steps):
            turn = (step + 1) // 2 * (1 if step % 2 else -1) * tau / steps
            yield round(x + radius * cos(away + turn), 1), round(y + radius * sin(away + turn), 1)


def _angle(x: float, y: float) -> float:
    return atan2(y, x) if x or y else -pi / 2
