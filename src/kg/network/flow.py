"""The layout `flow`: suppliers left, the enterprise in the middle, customers right, the rest above and below."""

from typing import Final

from kg.network.geometry import FOCUS_RADIUS, FONT, SMALL_FONT, Layout, shorten, text_width
from kg.network.picture import Picture
from kg.network.texts import words

CAPS: Final = {"supplier": 14, "customer": 14, "above": 8, "top": 4, "below": 10}
"""How many things are drawn on each side; the picture says how many more there are."""

_COLUMN: Final = (310, 410)
_PITCH: Final = 34
_NAME_EMS: Final = 13
_ROW_EMS: Final = 12
MIN_PITCH: Final = 116
_PER_ROW: Final = {"above": 4, "top": 4, "below": 5}
_ROW_HEIGHT: Final = 82
_NEAREST: Final = 150


def compute_flow(picture: Picture) -> Layout:
    """Names stand beside the dots of suppliers and customers, and under everything else."""
    layout = Layout()
    layout.put(
        picture.focus,
        0,
        0,
        _name(picture, picture.focus, _NAME_EMS),
        align="center",
        radius=FOCUS_RADIUS,
        size=FONT + 2,
    )
    half = max(
        _put_side(layout, picture, side, sign) for side, sign in (("supplier", -1), ("customer", 1))
    )
    nearest = max(_NEAREST, half + 24)
    above = _put_rows(layout, picture, "above", -nearest, -_ROW_HEIGHT)
    _put_rows(layout, picture, "top", above, -_ROW_HEIGHT)
    _put_rows(layout, picture, "below", nearest, _ROW_HEIGHT)
    return layout


def things_at(picture: Picture, side: str) -> list[str]:
    """Things drawn on a side, most sources first, like with like above and below."""
    nodes = [(n, data) for n, data in picture.graph.nodes(data=True) if data["place"] == side]
    if side in ("supplier", "customer"):
        return [
            n
            for n, data in sorted(
                nodes, key=lambda row: (-row[1]["weight"], row[1]["label"], row[0])
            )
        ]
    return [
        n
        for n, data in sorted(
            nodes, key=lambda row: (row[1]["type"], -row[1]["weight"], row[1]["label"], row[0])
        )
    ]


def _distance(picture: Picture) -> float:
    """How far the columns stand from the enterprise: the longer they are, the farther."""
    longest = max(len(things_at(picture, side)) for side in ("supplier", "customer"))
    return min(_COLUMN[1], _COLUMN[0] + 8 * longest)


def _put_side(layout: Layout, picture: Picture, side: str, sign: int) -> float:
    """One column with its heading; half of its height."""
    names = things_at(picture, side)
    column = _distance(picture)
    align = "left" if sign < 0 else "right"
    half = len(names) * _PITCH / 2
    for index, name in enumerate(names):
        layout.put(
            name,
            sign * column,
            (index + 0.5) * _PITCH - half,
            _name(picture, name, _NAME_EMS),
            align=align,
        )
    total = picture.counts.get(side, 0)
    heading = (
        words(picture.lang, f"{side}s", n=total) if total else words(picture.lang, f"no_{side}s")
    )
    layout.note(
        heading,
        sign * (column - 8),
        -half - (28 if total else 0),
        size=FONT + 2 if total else FONT,
        align=align,
    )
    _note_more(layout, picture, side, sign * (column - 8), half + 12, align)
    return half + 30


def _put_rows(layout: Layout, picture: Picture, side: str, y: float, step: int) -> float:
    """Rows of glyphs with names under them, every other row shifted; where the next row would stand."""
    names = things_at(picture, side)
    rows = -(-len(names) // _PER_ROW[side])
    size = -(-len(names) // max(rows, 1))
    labels = {name: _name(picture, name, _ROW_EMS) for name in names}
    pitch = max([float(MIN_PITCH), *(text_width(label, FONT) + 26 for label in labels.values())])
    for index, name in enumerate(names):
        row, column = divmod(index, size)
        in_row = min(size, len(names) - row * size)
        x = (column - (in_row - 1) / 2 + (0.5 if row % 2 and in_row % 2 == size % 2 else 0)) * pitch
        _put_thing(
            layout,
            picture,
            name,
            x,
            y + row * step,
            labels[name],
            align="center" if step > 0 else "above",
        )
    if names:
        edge = y + (rows - 1) * step + (-52 if step < 0 else 52)
        _note_more(layout, picture, side, 0, edge, "center")
    return y + rows * step


def _put_thing(
    layout: Layout, picture: Picture, name: str, x: float, y: float, label: str, *, align: str
) -> None:
    if picture.graph.nodes[name]["type"] == "segment":
        layout.put_box(name, x, y, label, width=text_width(label, FONT) + 24, height=34)
    else:
        layout.put(name, x, y, label, align=align, radius=10)


def _note_more(layout: Layout, picture: Picture, side: str, x: float, y: float, align: str) -> None:
    left = next((more.count for more in picture.more if more.where == side), 0)
    if left:
        key = "more" if side in ("supplier", "customer") else "more_things"
        layout.note(words(picture.lang, key, n=left), x, y, size=SMALL_FONT, align=align)


def _name(picture: Picture, iri: str, ems: float) -> str:
    return shorten(picture.graph.nodes[iri]["short"], ems)
