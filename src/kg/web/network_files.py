"""The explorer's picture as a file: `/network.<suffix>`, the same state and the same positions."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response

from kg.errors import NotFound
from kg.formats import find_format, write_triples
from kg.network.assemble import read_triples
from kg.network.captions import Caption
from kg.network.details import detail_data
from kg.network.draw import draw_file
from kg.network.explore import Selection
from kg.network.export import write_csv, write_gexf, write_graphml, write_png
from kg.network.geometry import Layout
from kg.network.picture import Picture
from kg.network.state import State, write_state
from kg.network.statements import local_name
from kg.network.svg import draw_svg
from kg.web.around import notes_on
from kg.web.explorer import picture_of, read_request
from kg.web.services import services
from kg.words import words

blueprint = Blueprint("network_files", __name__)


@dataclass(frozen=True)
class Drawn:
    """A picture with all that its files say."""

    state: State
    picture: Picture
    selection: Selection
    caption: Caption

    @property
    def layout(self) -> Layout:
        """Its positions."""
        assert self.picture.placed
        return self.picture.placed


def _json(drawn: Drawn) -> bytes:
    """Everything the page knows: things with positions, relations, sources."""
    data = detail_data(drawn.picture)
    layout, caption = drawn.layout, drawn.caption
    for iri, thing in data["things"].items():
        x, y = layout.points.get(iri, (None, None))
        thing |= {"x": x, "y": y, "undrawn": drawn.picture.beyond.get(iri, 0)}
    picture = drawn.picture
    about = {
        "title": caption.title, "about": caption.lines, "total": drawn.selection.total, "shown": len(layout.points),
        "lang": picture.lang, "release": picture.release,
    }  # fmt: skip
    return json.dumps(about | data, ensure_ascii=False).encode()


def _rdf(suffix: str) -> Callable[[Drawn], bytes]:
    """The records and statements behind the lines, with names and passages; Turtle says the caption in comments."""

    def write(drawn: Drawn) -> bytes:
        output, format = io.BytesIO(), find_format(suffix, "graph")
        store = services().store()
        if suffix == "ttl":
            lines = [drawn.caption.title, *drawn.caption.lines]
            output.write("".join(f"# {' '.join(line.split())}\n" for line in lines).encode())
        triples = read_triples(store, drawn.selection, services().root)
        write_triples(triples, output, format, store.prefixes)
        return output.getvalue()

    return write


WRITERS: Final[dict[str, tuple[str, Callable[[Drawn], bytes | str]]]] = {
    "html": ("text/html", lambda d: draw_file(d.picture, notes=d.caption.lines)),
    "svg": ("image/svg+xml", lambda d: draw_svg(d.picture, d.layout, d.caption)),
    "png": ("image/png", lambda d: write_png(draw_svg(d.picture, d.layout, d.caption))),
    "gexf": ("application/gexf+xml", lambda d: write_gexf(d.picture, d.layout, d.caption)),
    "graphml": ("application/graphml+xml", lambda d: write_graphml(d.picture, d.layout, d.caption)),
    "csv": ("text/csv", lambda d: write_csv(d.picture, d.caption)),
    "json": ("application/json", _json),
    "ttl": ("text/turtle", _rdf("ttl")),
    "jsonld": ("application/ld+json", _rdf("jsonld")),
}
"""Media type and writer by suffix."""


@blueprint.get("/network.<suffix>")
def network_file(suffix: str) -> Response:
    """The picture of the page with the same parameters, as a file to keep. 404 where the focus is unknown."""
    if suffix not in WRITERS:
        raise NotFound(f"no file /network.{suffix}; known: {', '.join(WRITERS)}")
    state, _, lang = read_request()
    picture, selection = picture_of(services().store(), state, lang, services().root)
    notes = notes_on(picture, selection, state)
    drawn = Drawn(state, picture, selection, _caption(picture, state, notes))
    media_type, write = WRITERS[suffix]
    response = Response(write(drawn), mimetype=media_type)
    if suffix == "html":
        response.headers["Content-Security-Policy"] = "sandbox"
    if suffix != "json":
        name = f"{local_name(state.focus or next(iter(state.chain), 'network'))}-{picture.layout}-{lang}.{suffix}"
        response.headers["Content-Disposition"] = f'attachment; filename="{_ascii(name)}"'
    response.headers["X-KG-Release"] = picture.release
    return response


def _caption(picture: Picture, state: State, notes: list[str]) -> Caption:
    """Title, filter, how much of how much, release, licence."""
    lang = picture.lang
    return Caption(
        picture.title,
        (
            " · ".join(notes),
            f"{words(lang, 'explorer.filter')} /network?{urlencode(write_state(state), safe=':')}",
            f"{words(lang, 'site.release', id=picture.release)} · {words(lang, 'explorer.licence')}",
        ),
    )


def _ascii(name: str) -> str:
    """A file name that fits a header; other characters become hyphens."""
    return "".join(
        char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name
    )
