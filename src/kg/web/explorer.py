"""The explorer: one picture of the graph, its filters and legend, its sources, and the same data as tables.

The whole state is in the address (`kg.network.state`); every form and link works without JavaScript.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final  # Any: JSON
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from kg.engine.limits import check_query
from kg.errors import NotFound, TooComplex, TooDeep
from kg.namespaces import compact, resolve
from kg.network.assemble import assemble
from kg.network.budget import MAX_SEGMENTS
from kg.network.details import page_data
from kg.network.draw import VIS_VERSION, Assets, draw_island, draw_model, read_vis_file
from kg.network.explore import Selection, select
from kg.network.layout import place
from kg.network.picture import Picture
from kg.network.query import write_query
from kg.network.state import (
    ALL_CHAINS,
    LAYOUTS,
    MAX_HOPS,
    MAX_LIMIT,
    State,
    read_state,
)
from kg.network.statements import Statements
from kg.network.texts import TEXTS
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.around import (
    address_of,
    file_address,
    for_script,
    notes_on,
    parameters_of,
    query_notes,
    read_page,
    table_rows,
    thing_rows,
    undo_links,
    way_rows,
)
from kg.web.facets import read_facets
from kg.web.language import language
from kg.web.matrix import read_matrix
from kg.web.services import services
from kg.words import words, write_number

blueprint = Blueprint("explorer", __name__)

_FIRST_CHAIN: Final = resolve("humanoid", slug_of="ch")
"""Shown where the address names none, if the release holds it: the chain that the articles trace."""

MAX_LISTED: Final = 500
"""Enterprises in the form's list; the page says so where there are more."""

SUFFIXES: Final = ("html", "svg", "png", "gexf", "graphml", "csv", "json", "ttl", "jsonld")
"""The files of a picture, see network_files.py."""

MAX_ROWS: Final = 60
"""Rows of each table on one page of them; the files have them all."""

_CARRIED: Final = frozenset(("expand", "hide", "lang"))
"""Parameters that the form has no field for and passes on."""

_DETAILED: Final = 80
"""Things up to which the page itself brings what is drawn, with names and sources for the panel."""

_MAX_ISLAND_BYTES: Final = 40_000
"""The most of that in the page; more comes from an address of its own, and names and sources when asked for."""

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


@blueprint.get("/network")
def network() -> str:
    """The picture as a page. 404 where the focus is unknown."""
    store, root = services().store(), services().root
    state, notices, lang = read_request()
    chains = _list(store, _CHAINS, lang, "IndustryChain")
    picture, selection = picture_of(store, state, lang, root)
    if state.layout == "flow" and selection.layout not in ("flow", "path"):
        notices.append(words(lang, "network.focus_needed"))
    enterprises = _list(store, _ENTERPRISES % (MAX_LISTED + 1), lang, "Enterprise")
    if len(enterprises) > MAX_LISTED:
        enterprises = enterprises[:MAX_LISTED]
        notices.append(words(lang, "network.first_only", n=MAX_LISTED))
    if state.focus and state.focus not in dict(enterprises):
        enterprises.insert(0, (state.focus, picture.graph.nodes[state.focus]["label"]))
    matrix = read_matrix(selection, state, store, root)
    notes = notes_on(picture, selection, state)
    if matrix:
        notes = [
            words(
                lang, "explorer.matrix", total=write_number(selection.total, lang), n=MAX_SEGMENTS
            )
        ]
    pages = max(1, -(-max(picture.shown, table_rows(picture)) // MAX_ROWS))
    page, ignored = read_page(pages)
    notices += ignored
    part = slice((page - 1) * MAX_ROWS, page * MAX_ROWS)
    model = page_data(picture, part) | {"notes": notes, "site": True}
    model |= {"island": None if matrix else _island(picture, state)}
    return render_template(
        "network.html",
        model=model,
        page=page,
        pages=pages,
        t=TEXTS[lang],
        state=state,
        notices=notices,
        chains=chains,
        chain=next(iter(state.chain), ""),
        enterprises=enterprises,
        facets=read_facets(selection, state, store, root),
        layouts=LAYOUTS,
        most={"hops": MAX_HOPS, "limit": MAX_LIMIT},
        carried=[row for row in parameters_of(state) if row[0] in _CARRIED],
        undo=undo_links(state),
        matrix=matrix,
        ways=way_rows(picture, selection),
        max_names=MAX_LISTED if picture.shown <= _DETAILED else 0,
        things=thing_rows(picture, selection, state, part),
        things_total=picture.shown,
        exports=[(suffix.upper(), file_address(suffix, state)) for suffix in SUFFIXES],
        link=address_of(state),
        client=for_script(picture),
        compact=compact,
        query_notes=query_notes(picture, selection, state),
        assets=page_assets(),
        sparql=_editor_address(write_query(state, selection, picture.title)),
    )


def _island(picture: Picture, state: State) -> dict[str, Any]:
    """What the script draws, or the address that it reads it from."""
    if picture.shown <= _DETAILED:
        island: dict[str, Any] = draw_model(picture, site=True)["island"]
        if len(json.dumps(island)) <= _MAX_ISLAND_BYTES:
            return island
    asked = urlencode([*parameters_of(state), ("lang", language())])
    address = f"{url_for('explorer.drawing')}?{asked}"
    return {"drawing": address, "failed": words(language(), "explorer.no_drawing")}


@blueprint.get("/network/drawing")
def drawing() -> Response:
    """What the script of a large picture's page draws: positions and options, as JSON. 404 where the focus is unknown."""
    state, _, lang = read_request()
    picture, _ = picture_of(services().store(), state, lang, services().root)
    island = draw_island(picture, details=file_address("json", state))
    text = json.dumps(island, ensure_ascii=False, separators=(",", ":"))
    return Response(text, content_type="application/json")


@cached_by_store(16)
def picture_of(store: Store, state: State, lang: str, root: Path) -> tuple[Picture, Selection]:
    """The picture of a state with its positions, kept for the last few: a page, its files, its details.

    Raises ThingUnknown where nothing is said of the focus.
    """
    selection = select(store, state, root)
    picture = assemble(store, state, selection, lang=lang, root=root)
    return place(picture, state.hide), selection


def read_request() -> tuple[State, list[str], str]:
    """The state of this address, a notice for everything in it that means nothing, and the language."""
    lang = language()
    chains = _list(services().store(), _CHAINS, lang, "IndustryChain")
    given = request.args.to_dict(flat=False)
    # A form without scripts sends every ticked type: all that it listed means no filter.
    if set(" ".join(given.pop("listed", [])).split()) == set(given.get("type", ())):
        given.pop("type", None)
    state, ignored = read_state(given)
    known = {ALL_CHAINS, *(iri for iri, _ in chains)}
    notices = [words(lang, "explorer.ignored", name=row.name, value=row.value) for row in ignored]
    notices += [
        words(lang, "explorer.ignored", name="chain", value=compact(chain))
        for chain in state.chain
        if chain not in known
    ]
    state = replace(state, chain=tuple(chain for chain in state.chain if chain in known))
    asked = request.args.get("lang", "")
    if asked and lang.partition("-")[0] != asked.lower().partition("-")[0]:
        notices.append(words(lang, "explorer.ignored", name="lang", value=asked))
    if not state.chain and not state.focus:
        first = (
            _FIRST_CHAIN if _FIRST_CHAIN in known else next((iri for iri, _ in chains), ALL_CHAINS)
        )
        state = replace(state, chain=(first,))
    return state, notices, lang


def _editor_address(query: str) -> str:
    """The editor with a query in it; nothing where the endpoint would refuse to answer it."""
    try:
        check_query(query, services().settings)
    except (TooComplex, TooDeep):
        return ""
    return "/sparql?" + urlencode({"query": query})


def _list(store: Store, query: str, lang: str, class_name: str) -> list[tuple[str, str]]:
    """IRIs and names of the things a query finds, by name."""
    found = Statements(store.triples(query), lang=lang)
    return sorted(
        ((iri, found.label(iri)) for iri in found.records(class_name)),
        key=lambda row: (row[1], row[0]),
    )


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


def page_assets() -> Assets:
    """Addresses of the files that a page with a picture loads."""
    return Assets(
        vis_js=url_for("explorer.vis_file", name="vis-network.min.js"),
        vis_css=url_for("explorer.vis_file", name="vis-network.css"),
        kgnet_js=url_for("static", filename="kgnet.js"),
        kgnet_css=url_for("static", filename="kgnet.css"),
    )
