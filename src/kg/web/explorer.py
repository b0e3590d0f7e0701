"""The network page: one picture of the graph, its legend, its sources, and the same data as a table.

The whole state is in the address; every form works without JavaScript.
"""

from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from kg.errors import NotFound, ThingUnknown
from kg.namespaces import resolve
from kg.network.build import build_flow, build_lanes
from kg.network.draw import VIS_VERSION, Assets, draw_file, draw_model, read_vis_file
from kg.network.layout import LAYOUTS
from kg.network.picture import Picture
from kg.network.statements import Statements, local_name, picture_query
from kg.network.texts import LANGUAGES, TEXTS, words
from kg.web.language import language
from kg.web.services import services

blueprint = Blueprint("explorer", __name__)

_FIRST_CHAIN: Final = resolve("humanoid", slug_of="ch")
"""Shown where the address names none, if the release holds it: the chain that the articles trace."""

MAX_LISTED: Final = 500
"""Enterprises in the form's list; the page says so where there are more."""

_MEDIA_TYPES: Final = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_CHAINS: Final = """
CONSTRUCT { ?thing a kg:IndustryChain ; skos:prefLabel ?label }
WHERE { ?thing a kg:IndustryChain . OPTIONAL { ?thing skos:prefLabel ?label } }
"""
_ENTERPRISES: Final = """
CONSTRUCT { ?thing a kg:Enterprise ; skos:prefLabel ?label }
WHERE {
  { SELECT DISTINCT ?thing WHERE { ?record kg:participant|kg:supplier|kg:customer|kg:enterprise ?thing } LIMIT %d }
  OPTIONAL { ?thing skos:prefLabel ?label }
}
"""


@dataclass(frozen=True)
class View:
    """What an address asks for, bad values replaced by defaults and told in `notices`."""

    lang: str
    chain: str
    focus: str
    layout: str
    notices: tuple[str, ...] = ()


@blueprint.get("/network")
def network() -> str:
    """The picture as a page. 404 where the focus is unknown."""
    chains = _list(_CHAINS, _language()[0], "IndustryChain")
    view = _read_view(chains)
    picture = _build(view)
    enterprises = _list(_ENTERPRISES % (MAX_LISTED + 1), view.lang, "Enterprise")
    if len(enterprises) > MAX_LISTED:
        enterprises = enterprises[:MAX_LISTED]
        view = replace(view, notices=(*view.notices, words(view.lang, "first_only", n=MAX_LISTED)))
    return render_template(
        "network.html",
        model=draw_model(picture) | {"site": True},
        t=TEXTS[view.lang],
        lang=view.lang,
        choices=LANGUAGES,
        notices=view.notices,
        chains=chains,
        chain=view.chain,
        enterprises=enterprises,
        focus=view.focus if view.layout == "flow" else "",
        assets=page_assets(),
        download=url_for("explorer.network_file", **_state(view)),
        sparql="/sparql?"
        + urlencode({"query": picture_query(picture.layout, picture.focus, root=services().root)}),
    )


@blueprint.get("/network.html")
def network_file() -> Response:
    """The same picture as one HTML file to keep; it opens without any server."""
    view = _read_view(_list(_CHAINS, _language()[0], "IndustryChain"))
    picture = _build(view)
    name = f"{local_name(picture.focus) or 'network'}-{view.layout}-{view.lang}.html"
    response = Response(draw_file(picture), mimetype="text/html")
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["Content-Disposition"] = f'attachment; filename="{_ascii(name)}"'
    return response


@blueprint.get(f"/vis/{VIS_VERSION}/<name>")
def vis_file(name: str) -> Response:
    """A file of vis-network from the installed pyvis; its address carries the version, so it never changes."""
    try:
        body = read_vis_file(name)
    except KeyError as error:
        raise NotFound(f"no file {name!r} of vis-network") from error
    response = Response(body, content_type=_MEDIA_TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _language() -> tuple[str, list[str]]:
    """The language of the page and a notice where the address names an unknown one."""
    lang, asked = language(), request.args.get("lang", "")
    known = not asked or lang.partition("-")[0] == asked.lower().partition("-")[0]
    return lang, [] if known else [words(lang, "bad_value", name="lang", value=asked)]


def _read_view(chains: list[tuple[str, str]]) -> View:
    """The address as a view; only an unknown focus is an error (ThingUnknown), when it is built."""
    lang, notices = _language()
    chain, focus, layout = (
        request.args.get(name, "").strip() for name in ("chain", "focus", "layout")
    )
    known = [iri for iri, _ in chains]
    wanted = resolve(chain, slug_of="ch")
    if chain and wanted not in known:
        notices.append(words(lang, "bad_value", name="chain", value=chain))
    if layout and layout not in LAYOUTS:
        notices.append(words(lang, "bad_value", name="layout", value=layout))
        layout = ""
    if layout == "flow" and not focus:
        notices.append(words(lang, "focus_needed"))
        layout = "lanes"
    first = _FIRST_CHAIN if _FIRST_CHAIN in known else next(iter(known), "")
    shown = wanted if wanted in known else first
    layout = layout or ("flow" if focus else "lanes")
    return View(lang, shown, resolve(focus, slug_of="e") if focus else "", layout, tuple(notices))


def _build(view: View) -> Picture:
    store, root = services().store(), services().root
    if view.layout == "flow":
        return build_flow(store, view.focus, lang=view.lang, root=root)
    if not view.chain:
        raise ThingUnknown("the release holds no industry chain")
    return build_lanes(store, view.chain, lang=view.lang, root=root)


def _list(query: str, lang: str, class_name: str) -> list[tuple[str, str]]:
    """IRIs and names of the things a query finds, by name."""
    found = Statements(services().store().triples(query), lang=lang)
    return sorted(
        ((iri, found.label(iri)) for iri in found.records(class_name)),
        key=lambda row: (row[1], row[0]),
    )


def _state(view: View) -> dict[str, Any]:  # Any: what url_for takes
    state = {"chain": view.chain, "focus": view.focus, "layout": view.layout, "lang": view.lang}
    return {name: value for name, value in state.items() if value}


def _ascii(name: str) -> str:
    """A file name that fits a header; other characters become hyphens."""
    return "".join(
        char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name
    )


def page_assets() -> Assets:
    """Addresses of the files that a page with a picture loads."""
    return Assets(
        vis_js=url_for("explorer.vis_file", name="vis-network.min.js"),
        vis_css=url_for("explorer.vis_file", name="vis-network.css"),
        kgnet_js=url_for("static", filename="kgnet.js"),
        kgnet_css=url_for("static", filename="kgnet.css"),
    )
