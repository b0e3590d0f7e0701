"""The modules of the ontology as a drawing: one box a module, one line an import.

Left to right, each module stands right of everything that it imports. Three columns of boxes are
360 units wide, so that a telephone shows the words at their full size.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 92, 36
_COLUMN, _ROW, _MARGIN = 134, 44, 1
"""Distance from box to box, and space around all of them, in SVG user units."""


@dataclass(frozen=True)
class Box:
    """Where a module is drawn: its upper left corner."""

    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """From the left edge of a module to the right edge of one that it imports."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Diagram:
    """Boxes and lines, and the size of the drawing."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    imports: list[tuple[str, str]]
    """Importer and imported, for the words that those read who do not see the lines."""


def draw_modules(imports: Mapping[str, Sequence[str]]) -> Diagram:
    """The drawing of the modules named; imports of others are left out.

    Raises RecursionError where modules import each other in a circle, which a check refuses.
    """

    def column(name: str) -> int:
        return 1 + max((column(other) for other in imports[name] if other in imports), default=-1)

    columns: dict[int, list[str]] = defaultdict(list)
    for name in sorted(imports):
        columns[column(name)].append(name)
    tallest = max(map(len, columns.values()), default=0)
    boxes = {
        name: Box(
            name,
            _MARGIN + _COLUMN * number,
            _MARGIN + _ROW * row + _ROW * (tallest - len(names)) // 2,
        )
        for number, names in columns.items()
        for row, name in enumerate(names)
    }
    pairs = [(name, other) for name in sorted(imports) for other in imports[name] if other in boxes]
    return Diagram(
        width=_COLUMN * max(len(columns) - 1, 0) + BOX_WIDTH + 2 * _MARGIN,
        height=_ROW * max(tallest - 1, 0) + BOX_HEIGHT + 2 * _MARGIN,
        boxes=list(boxes.values()),
        lines=[_line(boxes[name], boxes[other]) for name, other in pairs],
        imports=pairs,
    )


def _line(importer: Box, imported: Box) -> Line:
    half = BOX_HEIGHT // 2
    return Line(importer.x, importer.y + half, imported.x + BOX_WIDTH, imported.y + half)
