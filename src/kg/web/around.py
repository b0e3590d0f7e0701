"""What stands around the explorer's picture: notes, rows of the tables, the ways, addresses of other states."""

from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from kg.network.details import local_path
from kg.network.explore import Selection
from kg.network.paths import MAX_STEPS
from kg.network.picture import Picture
from kg.network.state import State, write_state
from kg.network.walk import MAX_WALKED
from kg.web.language import language
from kg.web.services import services
from kg.web.tables import find_labels
from kg.words import words, write_number


def notes_on(picture: Picture, selection: Selection, state: State) -> list[str]:
    """What keeps the picture honest: how much is shown, what is left out and why."""
    lang = picture.lang
    assert picture.placed
    drawn = len(picture.placed.points)
    notes = [_words("shown", shown=drawn, total=selection.total)]
    if drawn < selection.total:
        notes.append(_words("narrow"))
    counted = sum(picture.counts.values()) if picture.layout == "lanes" else 0
    segments = [n for n, data in picture.graph.nodes(data=True) if data["type"] == "segment"]
    if counted and not any(picture.graph.nodes[n]["place"] for n in picture.graph):
        notes.append(words(lang, "network.aggregated", n=write_number(len(segments), lang)))
    if aside := picture.shown - drawn:
        notes.append(_words("aside", n=aside))
    if selection.ways:
        notes.append(_words("way_limit" if selection.ways.total else "no_way", steps=MAX_STEPS))
    if selection.stopped:
        notes.append(_words("stopped", n=MAX_WALKED))
    if state.hide:
        notes.append(_words("hidden", n=len(state.hide)))
    if not all(data["sure"] for _, _, data in picture.graph.edges(data=True)):
        notes.append(words(lang, "network.dashed"))
    if not picture.shown:
        notes.append(_words("nothing"))
    return notes


def query_notes(picture: Picture, selection: Selection, state: State) -> list[str]:
    """Where the query behind the picture says more than the picture, or says it otherwise."""
    assert picture.placed
    notes = []
    if selection.ways and selection.ways.total > len(selection.ways.paths):
        notes.append(_words("query_ways", total=selection.ways.total))
    elif not selection.ways and len(picture.placed.points) + len(state.hide) < selection.total:
        notes.append(_words("query_whole"))
    if selection.expanded:
        notes.append(_words("query_added"))
    if selection.stopped:
        notes.append(_words("query_stopped"))
    return notes


def _words(key: str, **numbers: int) -> str:
    lang = language()
    return words(lang, f"explorer.{key}", **{k: write_number(n, lang) for k, n in numbers.items()})


def undo_links(state: State) -> list[tuple[str, str]]:
    """Words and addresses that take back what was hidden or expanded."""
    rows = [("unhide", {"hide": ()}, state.hide), ("collapse", {"expand": ()}, state.expand)]
    return [(_words(key), address_of(state, **changed)) for key, changed, there in rows if there]


def thing_rows(
    picture: Picture, selection: Selection, state: State, part: slice
) -> list[dict[str, Any]]:
    """A part of the things of the picture as rows of a table, with what can be done with each."""
    graph = picture.graph
    shown = [thing for thing in selection.nodes if thing in graph][part]
    seats = {thing: selection.attributes[thing].seat for thing in shown}
    labels = find_labels(services().store(), {seat for seat in seats.values() if seat})
    return [
        {
            "iri": thing,
            "href": local_path(thing),
            "label": graph.nodes[thing]["label"],
            "type": words(picture.lang, f"network.{graph.nodes[thing]['type']}"),
            "seat": labels.get(seats[thing], ""),
            "degree": len({*graph.successors(thing), *graph.predecessors(thing)} - {thing}),
            "beyond": picture.beyond.get(thing, 0),
            "focus": address_of(State(focus=thing)),
            "expand": address_of(state, expand=(*state.expand, thing)),
        }
        for thing in shown
    ]


def table_rows(picture: Picture) -> int:
    """Rows of the table of relations: edges, and things without any."""
    return picture.graph.number_of_edges() + sum(not degree for _, degree in picture.graph.degree())


def read_page(pages: int) -> tuple[int, list[str]]:
    """The page of the tables that the address asks for, from 1, and a notice where there is no such page."""
    asked = request.args.get("page", "").strip()
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    page = min(max(number, 1), pages)
    if asked in ("", str(page)):
        return page, []
    return page, [words(language(), "explorer.ignored", name="page", value=asked)]


def way_rows(picture: Picture, selection: Selection) -> dict[str, Any] | None:
    """The ways as rows of names with the relation between each two."""
    if not selection.ways or not selection.ways.total:
        return None
    nodes, graph = picture.graph.nodes, picture.graph
    paths = []
    for path in selection.ways.paths:
        steps = [{"label": nodes[path[0]]["label"], "href": local_path(path[0]), "relation": ""}]
        for near, far in pairwise(path):
            forwards = graph.get_edge_data(near, far)
            data = next(iter((forwards or graph.get_edge_data(far, near) or {}).values()), None)
            steps.append({
                "label": nodes[far]["label"], "href": local_path(far),
                "relation": data["label"] if data else "", "arrow": "→" if forwards else "←",
            })  # fmt: skip
        paths.append(steps)
    return {"paths": paths, "total": selection.ways.total}


def for_script(picture: Picture) -> dict[str, Any]:
    """What explorer.js needs: neighbours that are not drawn, and words with places to fill."""
    lang = language()
    keys = ("expand", "focus", "hide")
    texts = {key: words(lang, f"explorer.{key}", n="{n}") for key in keys}
    usual = {"hops": 1, "limit": 300, "min_degree": 0}
    return {"beyond": picture.beyond, "texts": texts, "usual": usual}


def address_of(state: State, **changed: Any) -> str:
    """The page at a state; the language stays as it was asked for."""
    return f"{url_for('explorer.network')}?{urlencode(parameters_of(state, **changed))}"


def file_address(suffix: str, state: State) -> str:
    """The same picture as a file, in the language of this page."""
    return f"/network.{suffix}?{urlencode([*parameters_of(state), ('lang', language())])}"


def parameters_of(state: State, **changed: Any) -> list[tuple[str, str]]:
    """The parameters of a state, and the language where the address names one."""
    lang = request.args.get("lang")
    return [*write_state(state, **changed), *([("lang", lang)] if lang else [])]
