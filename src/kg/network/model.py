"""A picture with positions as vis-network options."""

from collections.abc import Iterator
from typing import Any, Final  # Any: JSON values

from kg.network.flow import MIN_PITCH
from kg.network.geometry import FONT as NAME_FONT
from kg.network.geometry import Layout, Text, shorten, text_width
from kg.network.picture import Picture, sorted_edges
from kg.network.styles import FONT, STYLES

INK: Final = "#1d2733"
BOX_INK: Final = "#06382A"
LINE: Final = "#66788A"
MAX_EDGE_LABELS: Final = 30
_EDGE_FONT: Final = 12
_EDGE_EMS: Final = 12
_WAY_EMS: Final = 8
"""Between two things of a way that stands alone; with several ways side by side the list says the relations."""


def vis_options() -> dict[str, Any]:
    """The base options; they never hold data."""
    return {
        "autoResize": True,
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "nodes": {"labelHighlightBold": False, "scaling": {"label": {"drawThreshold": 9}}},
        "edges": {
            "smooth": False,
            "color": {"inherit": False, "color": LINE, "highlight": "#D55E00", "hover": "#D55E00"},
            "arrows": {"to": {"enabled": True, "scaleFactor": 0.7}},
            "hoverWidth": 1,
            "selectionWidth": 1.5,
            "selfReference": {"size": 26, "angle": 0.8},
        },
        "interaction": {
            "hover": True,
            "hideEdgesOnDrag": True,
            "dragNodes": False,
            "multiselect": False,
            "tooltipDelay": 150,
            "keyboard": {"enabled": True, "bindToWindow": False},
        },
    }


def node_options(iri: str, data: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """A node at its place, in the style of its type; the name is inside boxes and a text of its own elsewhere."""
    style = STYLES[data["type"]]
    x, y = layout.points[iri]
    options: dict[str, Any] = {
        "x": x,
        "y": y,
        "shape": style.shape,
        "color": {"background": style.fill, "border": style.border, "highlight": {"background": style.fill, "border": "#D55E00"},
                  "hover": {"background": style.fill, "border": "#D55E00"}},
        "borderWidth": 1.5,
        "title": data["label"],
        "label": " ",
        "type": data["type"],
    }  # fmt: skip
    inside = next((text for text in layout.texts if text.inside and text.of == iri), None)
    if style.shape == "box" and not inside:  # vis makes a box as large as its label
        size = layout.radii.get(iri, 8)
        options |= {"font": {"size": 1, "face": FONT}, "margin": dict.fromkeys(("top", "right", "bottom", "left"), 0)}  # fmt: skip
        options |= {"widthConstraint": {"minimum": 2 * size}, "heightConstraint": {"minimum": 1.2 * size}}  # fmt: skip
        return options
    if style.shape == "box" and inside:
        box = layout.boxes[iri]
        font = {"size": inside.size, "face": FONT, "color": BOX_INK}
        options |= {
            "label": inside.text,
            "font": font,
            "margin": {"top": 5, "bottom": 5, "left": 10, "right": 10},
        }
        options |= {
            "widthConstraint": {"minimum": box.width - 20},
            "heightConstraint": {"minimum": box.height - 10},
        }
        return options
    return options | {"size": layout.radii.get(iri, 8)}


def text_options(text: Text) -> dict[str, Any]:
    """A piece of text as a node without a shape; kgnet.js measures it and keeps its aligned edge in place."""
    edge = {"left": text.box.width / 2, "right": -text.box.width / 2, "center": 0.0}[text.align]
    font = _font(text.size, halo=(3 if text.size == NAME_FONT else 6) if text.of else 0)
    options: dict[str, Any] = {
        "shape": "text",
        "label": text.text,
        "font": font,
        "x": text.box.x,
        "y": text.box.y,
    }
    options["margin"] = {"top": 0, "right": 0, "bottom": 0, "left": 0}
    options |= {"align": text.align, "edge": text.box.x + edge, "of": text.of}
    return options if text.of else options | {"chosen": False}


def edge_options(picture: Picture, layout: Layout) -> Iterator[dict[str, Any]]:
    """Edges in a fixed order; parallel ones bend apart, unsure ones are dashed."""
    seen: dict[frozenset[str], int] = {}
    single = picture.layout == "path" and len({*picture.steps.values()}) == len(picture.steps)
    labelled = single or (picture.layout == "flow" and picture.graph.number_of_edges() <= MAX_EDGE_LABELS)  # fmt: skip
    for index, (subject, other, _, data) in enumerate(sorted_edges(picture)):
        if subject not in layout.points or other not in layout.points:
            continue
        if picture.layout == "lanes" and data["predicate"].endswith("isPartOf"):
            continue  # it would run through the boxes between both; the table has it
        pair = frozenset((subject, other))
        nth = seen[pair] = seen.get(pair, -1) + 1
        main = data["predicate"].endswith(("#feeds", "#suppliesTo"))
        straight = not main or picture.layout in ("radial", "force", "path")
        straight = straight or layout.points[subject][0] == layout.points[other][0]
        options: dict[str, Any] = {
            "id": f"edge:{index}",
            "from": subject,
            "to": other,
            "width": min(1.5 + data.get("count", 1) ** 0.5, 9) if main else 1.4,
        }
        options |= {
            "dashes": [7, 5] if not data["sure"] else False,
            "smooth": _bend(nth, straight=straight),
        }
        if not main:
            options["arrows"] = {"to": {"enabled": True, "scaleFactor": 0.5}}
        text = shorten(", ".join(data["items"]) or data["label"], _WAY_EMS if single else _EDGE_EMS)
        fixed = subject not in picture.added and other not in picture.added
        if labelled and fixed and (not nth if single else not _crowded(picture, data, text)):
            options |= {"label": text, "font": _font(_EDGE_FONT, halo=4)}
        options["title"] = data["label"]
        yield options


def _bend(nth: int, *, straight: bool) -> dict[str, Any] | bool:
    if nth:
        side = "curvedCW" if nth % 2 else "curvedCCW"
        return {"enabled": True, "type": side, "roundness": 0.14 * ((nth + 1) // 2)}
    if straight:
        return False
    return {
        "enabled": True,
        "type": "cubicBezier",
        "forceDirection": "horizontal",
        "roundness": 0.5,
    }


def _crowded(picture: Picture, data: dict[str, Any], text: str) -> bool:
    """Whether labels of such edges would lie on each other half way to the focus."""
    if data["predicate"].endswith("#suppliesTo"):
        return max(picture.counts.get("supplier", 0), picture.counts.get("customer", 0)) > 6
    return text_width(text, _EDGE_FONT) > MIN_PITCH / 2


def _font(size: int, *, halo: int) -> dict[str, Any]:
    return {"size": size, "face": FONT, "color": INK, "strokeWidth": halo, "strokeColor": "#ffffff"}
