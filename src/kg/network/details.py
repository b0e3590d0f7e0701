"""What a page says around the canvas: legend, notes, the table, and the sources of each node and edge."""

from bisect import bisect_left
from dataclasses import asdict
from typing import Any  # JSON values

from kg.namespaces import BASE, compact
from kg.network.lanes import enterprises_at
from kg.network.layout import compute_layout
from kg.network.picture import Picture, Source, attribute, sorted_edges, sources_of_edges
from kg.network.styles import STYLES, glyph_path
from kg.network.texts import TEXTS, words


def picture_data(picture: Picture) -> dict[str, Any]:
    """Everything that is said around the canvas, in one."""
    return page_data(picture) | frame_data(picture) | detail_data(picture)


def page_data(picture: Picture, part: slice = slice(None)) -> dict[str, Any]:
    """What a page says in words: title, legend, notes, and a part of the table: first edges, then what has none."""
    edges = sorted_edges(picture)
    isolated = [n for n in sorted(picture.graph) if picture.graph.degree(n) == 0]
    total = len(edges) + len(isolated)
    shown = range(total)[part]
    return {
        "title": picture.title,
        "lang": picture.lang,
        "release": picture.release,
        "site": False,
        "legend": _legend(picture),
        "notes": _notes(picture),
        "rows": [_row(picture, n, edges[n]) for n in shown if n < len(edges)],
        "isolated": [_thing(picture, isolated[n - len(edges)]) for n in shown if n >= len(edges)],
        "rows_total": total,
    }


def frame_data(picture: Picture) -> dict[str, Any]:
    """What the canvas needs beside nodes and edges."""
    t = TEXTS[picture.lang]
    layout = compute_layout(picture)
    bands = [[b.x - b.width / 2, b.y - b.height / 2, b.width, b.height] for b in layout.bands]
    world = layout.world()
    return {
        "focus": picture.focus if picture.layout == "flow" else "",
        "bands": bands,
        "world": [world.x - world.width / 2, world.y - world.height / 2, world.width, world.height],
        "texts": {
            key: t[key]
            for key in ("details", "hint", "source", "no_source", "fit", "zoom_in", "zoom_out")
        },
    }


def detail_data(picture: Picture) -> dict[str, Any]:
    """Names and sources of every thing and relation."""
    known = sorted({source for n in picture.graph for source in _node_sources(picture, n)})
    return {
        "cites": _cite(picture, known),
        "things": {
            n: _thing(picture, n) | {"sources": _numbers(known, _node_sources(picture, n))}
            for n in sorted(picture.graph)
        },
        "relations": {
            f"edge:{index}": {
                "subject": s,
                "label": data["label"],
                "object": o,
                "sources": _numbers(known, data["sources"]),
            }
            for index, (s, o, _, data) in enumerate(sorted_edges(picture))
        },
    }


def _legend(picture: Picture) -> list[dict[str, Any]]:
    return [
        {
            "type": kind,
            "text": words(picture.lang, kind),
            "count": count,
            "path": glyph_path(STYLES[kind].shape),
        }
        | asdict(STYLES[kind])
        for kind, count in picture.kinds().items()
    ]


def _notes(picture: Picture) -> list[str]:
    """Sentences that keep the picture honest: how much is shown, what is left out, what dashes mean."""
    notes = [words(picture.lang, "shown", shown=picture.shown, total=picture.total)]
    segments = [n for n, kind in attribute(picture.graph, "type").items() if kind == "segment"]
    if (
        picture.layout == "lanes"
        and picture.more
        and not any(enterprises_at(picture, s) for s in segments)
    ):
        notes.append(words(picture.lang, "aggregated", n=len(segments)))
    notes += [
        words(picture.lang, "more_segments", n=more.count)
        for more in picture.more
        if not more.where
    ]
    if not all(data["sure"] for _, _, data in picture.graph.edges(data=True)):
        notes.append(words(picture.lang, "dashed"))
    if not picture.shown:
        notes.append(words(picture.lang, "empty"))
    return notes


def _row(picture: Picture, index: int, edge: tuple[str, str, str, dict[str, Any]]) -> dict[str, Any]:  # fmt: skip
    """An edge as a row of the table; `index` is its place among all, as in its id."""
    subject, other, _, data = edge
    return {
        "edge": f"edge:{index}",
        "subject": _thing(picture, subject),
        "relation": data["label"],
        "object": _thing(picture, other),
        "sources": _cite(picture, data["sources"]),
    }


def _thing(picture: Picture, iri: str) -> dict[str, Any]:
    data = picture.graph.nodes[iri]
    return {
        "iri": iri,
        "href": local_path(iri),
        "label": data["label"],
        "type": words(picture.lang, data["type"]),
    }


def _node_sources(picture: Picture, iri: str) -> list[Source]:
    """Sources of a node: its own and those of its edges, each once."""
    return sorted({*sources_of_edges(picture.graph, iri), *picture.graph.nodes[iri]["sources"]})


def _numbers(known: list[Source], sources: list[Source]) -> list[int]:
    """Places of sources in a sorted list that holds them all."""
    return [bisect_left(known, source) for source in sources]


def _cite(picture: Picture, sources: list[Source]) -> list[dict[str, str]]:
    """Sources in words, with addresses of what they name."""
    t = TEXTS[picture.lang]
    found = []
    for source in sources:
        if source.graph:
            found.append(
                {
                    "text": f"{t['graph']} {compact(source.graph).removeprefix(BASE)}",
                    "href": local_path(source.graph),
                }
            )
            continue
        passage = (
            words(picture.lang, "passage", offset=source.offset, length=source.length)
            if source.length >= 0
            else ""
        )
        parts = [f"{t['fact']} {source.fact}", source.document, passage, source.modality]
        cite = {
            "text": " · ".join(part for part in parts if part),
            "href": local_path(source.record),
        }
        found.append(cite | {"detail": source.detail, "statement": source.statement})
    return found


def local_path(iri: str) -> str:
    """The path at which this server answers for an IRI of ours; other IRIs stay whole if they are web addresses."""
    if iri.startswith(BASE):
        return "/" + iri.removeprefix(BASE)
    return iri if iri.startswith(("https://", "http://")) else ""
