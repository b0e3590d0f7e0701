"""Shape and colour by type of thing: the one table under canvas, legend, SVG and style sheet.

Colours are Okabe and Ito's, told apart by colour-blind readers: https://jfly.uni-koeln.de/color/.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Style:
    """How one type is drawn; `shape` is a vis-network shape."""

    shape: str
    fill: str
    border: str


STYLES: Final = {
    "enterprise": Style("dot", "#0072B2", "#004C78"),
    "segment": Style("box", "#D9F2E9", "#009E73"),
    "chain": Style("star", "#56B4E9", "#0A6AA1"),
    "place": Style("square", "#E69F00", "#9A6A00"),
    "investor": Style("diamond", "#CC79A7", "#8F3F6B"),
    "policy": Style("triangle", "#D55E00", "#8F3F00"),
    "item": Style("hexagon", "#F0E442", "#8A8100"),
    "other": Style("triangleDown", "#9AA5B1", "#5B6672"),
}
KIND_ORDER: Final = tuple(STYLES)

TYPES: Final = {
    "Enterprise": "enterprise",
    "ChainSegment": "segment",
    "IndustryChain": "chain",
    "Place": "place",
    "Country": "place",
    "Province": "place",
    "City": "place",
    "District": "place",
    "Park": "place",
    "Investor": "investor",
    "EquityPlatform": "investor",
    "Tier": "policy",
    "PolicyMeasure": "policy",
    "PolicyDocument": "policy",
    "Offering": "item",
}
"""Type in a picture by local name of the ontology's class."""

FONT: Final = '"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif'


def glyph_path(shape: str) -> str:
    """The outline of a shape as SVG path data in a box from -10 to 10, as vis-network draws it."""
    return _GLYPHS[shape]


_GLYPHS: Final = {
    "dot": "M-8,0a8,8 0 1,0 16,0a8,8 0 1,0 -16,0Z",
    "box": "M-10,-4a2,2 0 0,1 2,-2H8a2,2 0 0,1 2,2V4a2,2 0 0,1 -2,2H-8a2,2 0 0,1 -2,-2Z",
    "square": "M-7,-7H7V7H-7Z",
    "diamond": "M0,-9L9,0L0,9L-9,0Z",
    "triangle": "M0,-8L9,7H-9Z",
    "triangleDown": "M0,8L9,-7H-9Z",
    "hexagon": "M-9,0L-4.5,-7.8H4.5L9,0L4.5,7.8H-4.5Z",
    "star": "M0,-9.5L2.6,-3L9,-2.9L4.2,1.4L5.9,7.7L0,4.2L-5.9,7.7L-4.2,1.4L-9,-2.9L-2.6,-3Z",
}
