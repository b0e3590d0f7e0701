"""A picture as a file for other programs: GEXF, GraphML, CSV, PNG; SVG is in svg.py, HTML in draw.py."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, Final  # Any: attributes of networkx
from xml.etree import ElementTree

import networkx as nx

from kg.network.captions import Caption, xml_text
from kg.network.geometry import Layout
from kg.network.picture import Picture, Source, sorted_edges
from kg.network.styles import STYLES

_LONGEST_SIDE: Final = 2400
"""Pixels of the longer side of a PNG, twice the usual screen for print."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A spreadsheet takes such a cell for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""

_COLUMNS: Final = (
    "subject", "relation", "object", "items", "firmly stated", "sources",
    "subject IRI", "relation IRI", "object IRI", "picture", "release",
)  # fmt: skip


def write_gexf(picture: Picture, layout: Layout, caption: Caption) -> bytes:
    """GEXF 1.2 with positions, colours and sizes: https://gexf.net."""
    writer = nx.readwrite.gexf.GEXFWriter(encoding="utf-8", prettyprint=False, version="1.2draft")
    writer.add_graph(_flat(picture, layout, viz=True))
    root = writer.xml
    root.attrib.pop("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", None)
    meta = next((part for part in root if part.tag.endswith("meta")), None)
    if meta is None:
        meta = ElementTree.Element("meta")
        root.insert(0, meta)
    # networkx writes the day of writing; the file is of the release, and the same every time
    meta.attrib.clear()
    if day := re.match(r"\d{4}-\d\d-\d\d", picture.release):
        meta.set("lastmodifieddate", day[0])
    for part in list(meta):
        meta.remove(part)
    ElementTree.SubElement(meta, "creator").text = "industry-kg"
    description = [caption.title, *caption.lines]
    ElementTree.SubElement(meta, "description").text = xml_text(" · ".join(description))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def write_graphml(picture: Picture, layout: Layout, caption: Caption) -> bytes:
    """GraphML with x and y of every thing; the caption is data of the graph: http://graphml.graphdrawing.org."""
    flat = _flat(picture, layout)
    flat.graph.update(title=xml_text(caption.title), about=xml_text(" · ".join(caption.lines)))
    text = "\n".join(nx.generate_graphml(flat, prettyprint=False))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode()


def write_csv(picture: Picture, caption: Caption) -> bytes:
    """One row an edge, one for a thing without any; with the mark by which a spreadsheet knows UTF-8."""
    output = io.StringIO()
    writer = csv.writer(output)
    output.write("\ufeff")
    writer.writerow(_COLUMNS)
    about = " · ".join([caption.title, *caption.lines])
    for row in _rows(picture):
        cells = ["'" + cell if cell.startswith(_FORMULA) else cell for cell in row]
        writer.writerow([*cells, about, picture.release])
    return output.getvalue().encode()


def write_png(svg: str) -> bytes:
    """The SVG as pixels, white behind; 0.1 s for a chain, 0.5 s for 300 things.

    Names need a font of the server that has their characters, such as Noto Sans CJK.
    """
    from resvg_py import svg_to_bytes  # 3 MB that only this file needs

    root = ElementTree.fromstring(svg)
    longest = max(float(root.get("width", "1")), float(root.get("height", "1")))
    return bytes(
        svg_to_bytes(svg_string=svg, zoom=min(2.0, _LONGEST_SIDE / longest), background="#ffffff")
    )


def _rows(picture: Picture) -> Iterator[list[str]]:
    graph = picture.graph
    for subject, other, _, data in sorted_edges(picture):
        yield [
            graph.nodes[subject]["label"], data["label"], graph.nodes[other]["label"], "; ".join(data["items"]),
            "yes" if data["sure"] else "no", "; ".join(_say(source) for source in data["sources"]),
            subject, data["predicate"], other,
        ]  # fmt: skip
    for thing in sorted(nx.isolates(graph)):
        yield [graph.nodes[thing]["label"], "", "", "", "", "", thing, "", ""]


def _say(source: Source) -> str:
    """A source in one cell: the graph, or fact, document and span."""
    if source.graph:
        return source.graph
    span = f"{source.offset}+{source.length}" if source.length >= 0 else ""
    return " ".join(part for part in (source.fact, source.document, span, source.modality) if part)


def _flat(picture: Picture, layout: Layout, *, viz: bool = False) -> "nx.MultiDiGraph[str]":
    """The graph with plain attributes only, as these formats take them."""
    flat: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for iri, data in picture.graph.nodes(data=True):
        x, y = layout.points.get(iri, (0.0, 0.0))
        plain: dict[str, Any] = {
            "label": xml_text(data["label"]), "type": data["type"], "stage": data["stage"],
            "sources": data["weight"], "drawn": iri in layout.points, "x": float(x), "y": float(y),
        }  # fmt: skip
        if viz:
            red, green, blue = bytes.fromhex(STYLES[data["type"]].fill[1:])
            plain["viz"] = {
                "position": {"x": float(x), "y": -float(y), "z": 0.0},  # Gephi's y grows upwards
                "size": float(layout.radii.get(iri, 8)),
                "color": {"r": red, "g": green, "b": blue, "a": 1.0},
            }
        flat.add_node(xml_text(iri), **plain)
    for subject, other, _, data in sorted_edges(picture):
        flat.add_edge(
            xml_text(subject), xml_text(other), label=xml_text(data["label"]), predicate=xml_text(data["predicate"]),
            items=xml_text("; ".join(data["items"])), sure=data["sure"],
            sources=xml_text("; ".join(_say(source) for source in data["sources"])),
        )  # fmt: skip
    return flat
