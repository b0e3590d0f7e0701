"""A picture as SVG: the same positions, shapes and lines as on the canvas, and what a copy must say.

Only presentation attributes, so that it shows under any Content-Security-Policy; no script, no link.
"""

from math import hypot
from typing import Any, Final  # Any: options of vis-network
from xml.etree import ElementTree

from kg.network.captions import Caption, xml_text
from kg.network.geometry import SMALL_FONT, Box, Layout, Text, line_height, text_width
from kg.network.model import BOX_INK, INK, LINE, edge_options, node_options
from kg.network.picture import Picture
from kg.network.styles import FONT, glyph_path

_BAND: Final = "#F1F4F7"
_QUIET: Final = "#556270"
_PADDING: Final = 24
_TITLE: Final = 22
_LEAST_WIDTH: Final = 640
_GLYPH: Final = 8
"""Radius at which the glyph paths are drawn at their own size."""


def draw_svg(picture: Picture, layout: Layout, caption: Caption) -> str:
    """The picture under its title, over its notes and sources; light, 1 unit is 1 pixel.

    Linear in nodes and edges. The text is well-formed XML whatever the labels hold.
    """
    world = layout.world()
    lines = [_TITLE, *(SMALL_FONT for _ in caption.lines)]
    head = sum(line_height(size) + 4 for size in lines) + _PADDING
    widest = max(text_width(line, SMALL_FONT) for line in [caption.title, *caption.lines])
    width = max(world.width, min(widest, 1400.0), _LEAST_WIDTH) + 2 * _PADDING
    left, top = world.x - width / 2, world.y - world.height / 2 - _PADDING
    height = world.height + 2 * _PADDING + head
    root = _element(
        None, "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}",
        width=round(width), height=round(height), role="img", font_family=FONT.replace('"', "'"),
    )  # fmt: skip
    root.set("{http://www.w3.org/XML/1998/namespace}lang", picture.lang)
    _element(root, "title").text = xml_text(caption.title)
    _element(root, "desc").text = xml_text(" · ".join(caption.lines))
    _add_markers(root)
    _element(root, "rect", x=left, y=top, width=width, height=height, fill="#ffffff")
    for band in layout.bands:
        _add_box(root, band, fill=_BAND)
    options = {iri: node_options(iri, data, layout) for iri, data in picture.graph.nodes(data=True) if iri in layout.points}  # fmt: skip
    for edge in edge_options(picture, layout):
        ends = [options[edge[end]]["title"] for end in ("from", "to")]
        _add_edge(root, edge | {"title": f"{ends[0]} → {edge['title']} → {ends[1]}"}, layout)
    for iri, node in options.items():
        _add_node(root, node, layout.boxes[iri])
    for text in layout.texts:
        _add_text(root, text)
    y = top + height - head + _TITLE
    for size, line in zip(lines, [caption.title, *caption.lines], strict=True):
        element = _element(
            root, "text", x=left + _PADDING, y=y, font_size=size, fill=INK if size == _TITLE else _QUIET
        )  # fmt: skip
        element.text = xml_text(line)
        y += line_height(size) + 4
    return ElementTree.tostring(root, encoding="unicode")


def _add_markers(root: ElementTree.Element) -> None:
    marker = _element(
        _element(root, "defs"), "marker", id="arrow", viewBox="0 0 10 10", refX=10, refY=5,
        markerWidth=9, markerHeight=9, markerUnits="userSpaceOnUse", orient="auto",
    )  # fmt: skip
    _element(marker, "path", d="M0,0L10,5L0,10L2.5,5Z", fill=LINE)


def _add_node(root: ElementTree.Element, node: dict[str, Any], box: Box) -> None:
    group = _element(root, "g")
    _element(group, "title").text = xml_text(node["title"])
    paint = {"fill": node["color"]["background"], "stroke": node["color"]["border"]}
    if node["shape"] == "box" and node["label"].strip():
        _add_box(group, box, rx=4, stroke_width=1.5, **paint)
        return
    scale = box.width / 2 / _GLYPH
    _element(
        group, "path", d=glyph_path(node["shape"]), stroke_width=1.5 / scale,
        transform=f"translate({box.x:.1f} {box.y:.1f}) scale({scale:.3f})", **paint,
    )  # fmt: skip


def _add_edge(root: ElementTree.Element, edge: dict[str, Any], layout: Layout) -> None:
    start, end = layout.boxes[edge["from"]], layout.boxes[edge["to"]]
    path, middle = _path(edge, start, end)
    group = _element(root, "g")
    _element(group, "title").text = xml_text(edge["title"])
    line = _element(
        group, "path", d=path, fill="none", stroke=LINE, stroke_width=edge["width"],
        marker_end="url(#arrow)",
    )  # fmt: skip
    if edge["dashes"]:
        line.set("stroke-dasharray", "7 5")
    if edge.get("label"):
        size = edge["font"]["size"]
        _add_text(group, Text(edge["label"], Box(*middle, 0, line_height(size)), size, "center", "#"))  # fmt: skip


def _path(edge: dict[str, Any], start: Box, end: Box) -> tuple[str, tuple[float, float]]:
    """Path data from rim to rim, and the middle of the line, where its label stands."""
    if edge["from"] == edge["to"]:
        x, y, r = start.x, start.y - start.height / 2, 16
        return f"M{x - 4:.1f},{y:.1f}C{x - 3 * r:.1f},{y - 3 * r:.1f} {x + 3 * r:.1f},{y - 3 * r:.1f} {x + 4:.1f},{y:.1f}", (x, y - 2 * r)  # fmt: skip
    smooth = edge["smooth"] or {}
    dx, dy = end.x - start.x, end.y - start.y
    if smooth.get("type") == "cubicBezier":
        side = 1 if dx >= 0 else -1
        a = (start.x + side * start.width / 2, start.y)
        b = (end.x - side * end.width / 2, end.y)
        bend = (b[0] - a[0]) * smooth["roundness"]
        return f"M{a[0]:.1f},{a[1]:.1f}C{a[0] + bend:.1f},{a[1]:.1f} {b[0] - bend:.1f},{b[1]:.1f} {b[0]:.1f},{b[1]:.1f}", ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)  # fmt: skip
    turn = {"curvedCW": 1, "curvedCCW": -1}.get(smooth.get("type", ""), 0)
    push = 2 * turn * smooth.get("roundness", 0.0)
    control = ((start.x + end.x) / 2 + dy * push, (start.y + end.y) / 2 - dx * push)
    a, b = _rim(start, *control), _rim(end, *control)
    middle = ((a[0] + 2 * control[0] + b[0]) / 4, (a[1] + 2 * control[1] + b[1]) / 4)
    return f"M{a[0]:.1f},{a[1]:.1f}Q{control[0]:.1f},{control[1]:.1f} {b[0]:.1f},{b[1]:.1f}", middle


def _rim(box: Box, x: float, y: float) -> tuple[float, float]:
    """Where the line from a box's centre to a point leaves it."""
    dx, dy = x - box.x, y - box.y
    if box.width == box.height:
        share = box.width / 2 / (hypot(dx, dy) or 1.0)
    else:
        share = min(box.width / 2 / (abs(dx) or 1e-9), box.height / 2 / (abs(dy) or 1e-9))
    share = min(share, 1.0)
    return box.x + dx * share, box.y + dy * share


def _add_text(root: ElementTree.Element, text: Text) -> None:
    edge = {"left": text.box.width / 2, "right": -text.box.width / 2}.get(text.align, 0.0)
    anchor = {"left": "end", "right": "start"}.get(text.align, "middle")
    element = _element(
        root, "text", x=text.box.x + edge, y=text.box.y + text.size * 0.36, font_size=text.size,
        text_anchor=anchor, fill=BOX_INK if text.inside else INK,
    )  # fmt: skip
    if text.of and not text.inside:  # a halo keeps names readable over lines
        element.set("stroke", "#ffffff")
        element.set("stroke-width", "3")
        element.set("paint-order", "stroke")
    element.text = xml_text(text.text)


def _add_box(root: ElementTree.Element, box: Box, **attributes: object) -> None:
    place = {"x": box.x - box.width / 2, "y": box.y - box.height / 2}
    _element(root, "rect", **place, width=box.width, height=box.height, **attributes)


def _element(parent: ElementTree.Element | None, tag: str, **attributes: object) -> ElementTree.Element:  # fmt: skip
    """An element; attribute names get hyphens for underscores, numbers one decimal."""
    given = {
        name.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }
    if parent is None:
        return ElementTree.Element(tag, given)
    return ElementTree.SubElement(parent, tag, given)
