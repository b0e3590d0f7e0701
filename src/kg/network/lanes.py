"""The layout `lanes`: a column for each stage, boxes for segments, their enterprises in a row below each."""

from typing import Final

from kg.network.geometry import (
    FONT,
    HEADING_FONT,
    RADIUS,
    SCREEN,
    SMALL_FONT,
    Box,
    Layout,
    shorten,
    text_width,
)
from kg.network.picture import Picture
from kg.network.texts import words

_BORDER: Final = 42
MAX_HEIGHT: Final = SCREEN[1] / 1.1 * FONT / 12 - _BORDER
MAX_WIDTH: Final = SCREEN[0] / 1.1 * FONT / 12 - _BORDER
"""World size inside the bands at which names still come out 12 pixels high; see ui.md, 2.3."""

HEAD: Final = 62
BOX_HEIGHT: Final = 36
ROW: Final = 28
SEGMENT_GAP: Final = 22
_BOX_PADDING: Final = 28
_LEAST_BOX: Final = 96
_NAME_EMS: Final = 12
_GOOD_WIDTH: Final = 1120
_MAX_GAP: Final = 240


def segment_height(rows: int) -> float:
    """Height of a segment with that many names or notes below its box."""
    return BOX_HEIGHT + (6 + rows * ROW if rows else 0)


def split_column(heights: list[float]) -> list[int]:
    """How many segments go into each column of a stage so that none is higher than MAX_HEIGHT."""
    columns, used = [0], 0.0
    for height in heights:
        if columns[-1] and used + height > MAX_HEIGHT - HEAD:
            columns.append(0)
            used = 0.0
        columns[-1] += 1
        used += height + SEGMENT_GAP
    return columns


def compute_lanes(picture: Picture) -> Layout:
    """Columns in the order of the stages, shorter ones centred; headings on top.

    Cost is linear in nodes and edges. Segments stand in the order of their position, or else near
    what feeds them.
    """
    layout = Layout()
    columns = _columns(picture)
    ems = _name_ems(len(columns))
    reaches = [_reach(picture, segments, ems) for _, segments in columns]
    gap = _gap(sum(left + right for left, right in reaches), len(columns))
    tallest = max((_column_height(picture, segments) for _, segments in columns), default=0.0)
    tops = _tops(picture, [segments for _, segments in columns], tallest)
    x = 0.0
    for (stage, segments), (left, right), top in zip(columns, reaches, tops, strict=True):
        x += left
        _put_column(layout, picture, segments, x, HEAD + top, 2 * left, ems)
        if stage is not None:
            layout.note(stage, x, 0, size=HEADING_FONT)
        x += right + gap
    _add_bands(layout, columns, reaches, gap, HEAD + tallest)
    return layout


def _columns(picture: Picture) -> list[tuple[str | None, list[str]]]:
    """Heading and segments of each column; a further column of the same stage has no heading."""
    found: list[tuple[str | None, list[str]]] = []
    for stage, segments in sorted_segments(picture):
        heights = [segment_height(_rows(picture, segment)) for segment in segments]
        start = 0
        for size in split_column(heights):
            found.append((stage if start == 0 else None, segments[start : start + size]))
            start += size
    return found


def sorted_segments(picture: Picture) -> list[tuple[str, list[str]]]:
    """Segments by stage label, each stage's in drawing order."""
    graph = picture.graph
    places: dict[str, float] = {}
    found = []
    for stage, label in picture.stages:
        segments = sorted(
            n
            for n, data in graph.nodes(data=True)
            if data["type"] == "segment" and data["stage"] == stage
        )
        own = {segment: index / max(1, len(segments) - 1) for index, segment in enumerate(segments)}
        for segment in segments:
            before = [places[other] for other in graph.predecessors(segment) if other in places]
            own[segment] = sum(before) / len(before) if before else own[segment]
        if all(graph.nodes[segment]["position"] is not None for segment in segments):
            own = {segment: graph.nodes[segment]["position"] for segment in segments}
        segments.sort(key=lambda segment: (own[segment], segment))
        places.update(
            {segment: index / max(1, len(segments) - 1) for index, segment in enumerate(segments)}
        )
        if segments:
            found.append((label, segments))
    return found


def enterprises_at(picture: Picture, segment: str) -> list[str]:
    """Enterprises drawn at a segment, most sources first."""
    nodes = [(n, data) for n, data in picture.graph.nodes(data=True) if data["place"] == segment]
    return [
        n for n, data in sorted(nodes, key=lambda row: (-row[1]["weight"], row[1]["label"], row[0]))
    ]


def _rows(picture: Picture, segment: str) -> int:
    drawn = len(enterprises_at(picture, segment))
    return drawn + (1 if drawn and picture.counts.get(segment, drawn) > drawn else 0)


def _column_height(picture: Picture, segments: list[str]) -> float:
    return (
        sum(segment_height(_rows(picture, segment)) + SEGMENT_GAP for segment in segments)
        - SEGMENT_GAP
    )


def _tops(picture: Picture, columns: list[list[str]], tallest: float) -> list[float]:
    """Where each column begins, so that the boxes of all are centred on those of the tallest."""
    heights = [_column_height(picture, segments) for segments in columns]
    centres = [_box_centre(picture, segments) for segments in columns]
    middle = next(
        (centre for centre, height in zip(centres, heights, strict=True) if height == tallest), 0.0
    )
    return [
        max(0.0, min(middle - centre, tallest - height))
        for centre, height in zip(centres, heights, strict=True)
    ]


def _box_centre(picture: Picture, segments: list[str]) -> float:
    """Mean height of the boxes of a column, from its top."""
    places, top = [], 0.0
    for segment in segments:
        places.append(top + BOX_HEIGHT / 2)
        top += segment_height(_rows(picture, segment)) + SEGMENT_GAP
    return sum(places) / len(places)


def _name_ems(columns: int) -> float:
    """Width of the longest name, in ems, at which that many columns still fit.

    A column reaches half a box to the left of its dots and a whole name to the right.
    """
    free = (MAX_WIDTH - (columns - 1) * _least_gap(columns)) / max(columns, 1)
    return max(3.0, min(_NAME_EMS, (free / 1.5 - _BOX_PADDING) / FONT))


def _least_gap(columns: int) -> int:
    return 70 if columns <= 8 else 46


def _gap(used: float, columns: int) -> float:
    """Room between columns: wide enough to follow a line, no wider than a screen allows."""
    return max(_least_gap(columns), min(_MAX_GAP, (_GOOD_WIDTH - used) / max(1, columns - 1)))


def box_text(picture: Picture, segment: str, ems: float) -> str:
    """Name of a segment, with the number of its enterprises where none of them is drawn."""
    name = shorten(picture.graph.nodes[segment]["short"], ems)
    count = picture.counts.get(segment, 0)
    return f"{name}  {count}" if count and not enterprises_at(picture, segment) else name


def _reach(picture: Picture, segments: list[str], ems: float) -> tuple[float, float]:
    """How far a column reaches to the left and right of the line its dots stand on."""
    boxes = [
        text_width(box_text(picture, segment, ems), FONT) + _BOX_PADDING for segment in segments
    ]
    half = max([float(_LEAST_BOX), *boxes]) / 2
    names = [
        text_width(shorten(picture.graph.nodes[name]["short"], ems), FONT)
        for segment in segments
        for name in enterprises_at(picture, segment)
    ]
    return half, max([half, *(name + 2 * RADIUS + 12 for name in names)])


def _put_column(
    layout: Layout,
    picture: Picture,
    segments: list[str],
    x: float,
    top: float,
    width: float,
    ems: float,
) -> None:
    for segment in segments:
        label = box_text(picture, segment, ems)
        layout.put_box(segment, x, top + BOX_HEIGHT / 2, label, width=width, height=BOX_HEIGHT)
        y = top + BOX_HEIGHT + 6 + ROW / 2
        drawn = enterprises_at(picture, segment)
        for name in drawn:
            layout.put(name, x, y, shorten(picture.graph.nodes[name]["short"], ems), align="right")
            y += ROW
        if drawn and picture.counts.get(segment, 0) > len(drawn):
            text = words(picture.lang, "more", n=picture.counts[segment] - len(drawn))
            layout.note(text, x + 2 * RADIUS, y, size=SMALL_FONT, align="right")
        top += segment_height(_rows(picture, segment)) + SEGMENT_GAP


def _add_bands(
    layout: Layout,
    columns: list[tuple[str | None, list[str]]],
    reaches: list[tuple[float, float]],
    gap: float,
    bottom: float,
) -> None:
    """A shaded band for each stage, over all of its columns."""
    x, spans = 0.0, []
    for (stage, _), (left, right) in zip(columns, reaches, strict=True):
        if stage is not None:
            spans.append([x, x])
        x += left + right
        spans[-1][1] = x
        x += gap
    pad = min(24.0, gap / 4)
    top, low = -HEADING_FONT, bottom + 18
    layout.bands = [Box((a + b) / 2, (top + low) / 2, b - a + 2 * pad, low - top) for a, b in spans]
