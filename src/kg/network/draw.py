"""The one module that imports pyvis: a picture as a page of the site or as a single file.

pyvis gives the model of nodes and edges and the vis-network files it bundles. Its template, writer,
menus, `set_options` and `from_nx` are not used: offline they show nothing, and they do not escape
(WestHealth/pyvis#222, #228, #229; the whole list is in tests/test_network.py).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from kg.network.details import frame_data, picture_data
from kg.network.island import write_island
from kg.network.layout import compute_layout
from kg.network.model import edge_options, node_options, text_options, vis_options
from kg.network.picture import Picture
from kg.network.texts import TEXTS

if TYPE_CHECKING:
    from pyvis.network import Network

VIS_VERSION: Final = "9.1.2"
VIS_FILES: Final = ("vis-network.min.js", "vis-network.css")
TEMPLATES: Final = Path(__file__).parent.parent / "web" / "templates"
STATIC: Final = Path(__file__).parent.parent / "web" / "static"


@dataclass(frozen=True)
class Assets:
    """Addresses of the four files that a page loads."""

    vis_js: str
    vis_css: str
    kgnet_js: str
    kgnet_css: str


def read_vis_file(name: str) -> bytes:
    """One of VIS_FILES from the installed pyvis package. Raises KeyError for any other name."""
    if name not in VIS_FILES:
        raise KeyError(name)
    return (files("pyvis") / "templates" / "lib" / f"vis-{VIS_VERSION}" / name).read_bytes()


@cache
def _network_class() -> "type[Network]":
    """The subclass of pyvis' Network, made on first use: the import takes 0.3 s."""
    from pyvis.network import Edge, Network, Node

    class PictureNetwork(Network):  # type: ignore[misc]  # pyvis ships no annotations
        """pyvis' model with safe identifiers, merged duplicates and our own template."""

        def __init__(self, **given: Any) -> None:
            super().__init__(directed=True, cdn_resources="in_line", **given)
            self.set_template_dir(str(TEMPLATES), "kgnet.html")
            self.options: dict[str, Any] = {}

        def set_template_dir(
            self, template_directory: str, template_file: str = "kgnet.html"
        ) -> None:
            """As pyvis', with autoescape on."""
            self.path, self.template_dir = template_file, template_directory
            self.templateEnv = Environment(
                loader=FileSystemLoader(template_directory), autoescape=True
            )

        def add_node(
            self,
            n_id: object,
            label: object = None,
            shape: str = "dot",
            color: Any = None,
            **options: Any,
        ) -> None:
            """Adds a node, or further attributes to the node of that id."""
            key = str(n_id)
            given = {name: plain(value) for name, value in options.items()}
            if color is not None:
                given["color"] = plain(color)
            if key in self.node_map:
                self.node_map[key].update(given)
                return
            node = Node(key, shape, label=" " if label is None else str(label), **given).options
            self.nodes.append(node)
            self.node_ids.append(key)
            self.node_map[key] = node

        def add_edge(self, source: object, to: object, **options: Any) -> None:
            """Adds an edge between known nodes; parallel ones stay. Raises KeyError for an unknown node."""
            for end in (str(source), str(to)):
                self.node_map[end]
            given = {name: plain(value) for name, value in options.items()}
            self.edges.append(Edge(str(source), str(to), self.directed, **given).options)

        def generate_html(
            self, name: str = "", local: bool = True, notebook: bool = False, **context: Any
        ) -> str:
            """The page of `kgnet.html`; the file names that pyvis takes here mean nothing."""
            data = {
                "nodes": self.nodes,
                "edges": self.edges,
                "options": self.options,
                **context.pop("data", {}),
            }
            data["island"] = write_island(data)
            self.html = self.templateEnv.get_template(self.path).render(model=data, **context)
            return str(self.html)

    return PictureNetwork


def plain(value: object) -> Any:  # Any: what JSON can hold
    """A value as JSON holds it: containers by parts, numbers as int or float, all else as text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "__index__"):
        return int(value.__index__())
    return float(value) if hasattr(value, "__float__") else str(value)


def build_network(picture: Picture) -> "Network":
    """pyvis' model of a picture with positions; physics is off and nothing is in its options but options."""
    layout = compute_layout(picture)
    network = _network_class()(heading=picture.title)
    for iri, data in picture.graph.nodes(data=True):
        if iri in layout.points:
            network.add_node(iri, **node_options(iri, data, layout))
    for index, text in enumerate(text for text in layout.texts if not text.inside):
        network.add_node(f"text:{index}", **text_options(text))
    for options in edge_options(picture, layout):
        network.add_edge(options.pop("from"), options.pop("to"), **options)
    network.options = vis_options()
    return network


def draw_model(picture: Picture, *, site: bool = False) -> dict[str, Any]:  # Any: JSON
    """Everything that kgnet.js and the templates need, as JSON values: nodes, edges, options, details, legend, table.

    `site` links to pages of this server in place of whole addresses.
    """
    network = build_network(picture)
    model = {
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        **picture_data(picture),
        "site": site,
    }
    return model | {"island": write_island(model)}


def draw_island(picture: Picture, *, details: str) -> dict[str, Any]:  # Any: JSON
    """What kgnet.js draws on a page of this server that reads names and sources from an address when asked for them.

    1,000 things take 170 KB.
    """
    network = build_network(picture)
    drawn = {"nodes": network.nodes, "edges": network.edges, "options": network.options}
    return write_island(drawn | frame_data(picture) | {"site": True}, details=details)


def draw_page(picture: Picture, *, assets: Assets) -> str:
    """A whole page that loads its scripts and styles by address, for a strict Content-Security-Policy."""
    return _generate(picture, assets=assets, inline=None)


def draw_file(picture: Picture, *, notes: Sequence[str] = ()) -> str:
    """A single HTML file, with `notes` in place of the picture's own if given, that opens from a disk without any request, with a policy of its own.

    vis-network's licence banner stays inside. Write it with encoding="utf-8"; about 0.7 MB.
    """
    texts = {
        "vis_js": read_vis_file("vis-network.min.js").decode(),
        "vis_css": read_vis_file("vis-network.css").decode(),
        "kgnet_js": (STATIC / "kgnet.js").read_text(encoding="utf-8"),
        "kgnet_css": (STATIC / "kgnet.css").read_text(encoding="utf-8"),
    }
    texts = {name: _normal(text) for name, text in texts.items()}
    for name, text in texts.items():
        closing = "</script" if name.endswith("js") else "</style"
        if closing in text.lower():
            raise ValueError(f"{name} holds {closing!r} and cannot be written into a page")
    return _generate(
        picture,
        assets=None,
        inline={name: Markup(text) for name, text in texts.items()},
        policy=_policy(texts),
        notes=notes,
    )


def _generate(picture: Picture, *, notes: Sequence[str] = (), **context: Any) -> str:
    network = build_network(picture)
    data = picture_data(picture)
    return str(
        network.generate_html(
            data=data | {"notes": list(notes) or data["notes"]},
            lang=picture.lang,
            t=TEXTS[picture.lang],
            **context,
        )
    )


def _normal(text: str) -> str:
    """Text with the line ends that an HTML parser makes of any, so that digests agree with what a browser reads."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _policy(texts: dict[str, str]) -> str:
    """A policy that allows exactly these scripts and styles: https://www.w3.org/TR/CSP3/#source-list-syntax."""
    digests = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in texts.items()
    }
    scripts, styles = (
        " ".join(f"'sha256-{digests[name]}'" for name in texts if name.endswith(kind))
        for kind in ("js", "css")
    )
    return f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
