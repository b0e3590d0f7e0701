"""The answer of a query as the views that suit it: table, chart, network, raw text.

A page holds table and chart at once; network and raw are made when they are asked for.
"""

from typing import Any, Final

import pyoxigraph as ox
from flask import request

from kg.engine.child import Result
from kg.formats import Kind, formats_for
from kg.network.draw import draw_model
from kg.network.island import write_island
from kg.network.results import Edge, build_result, edges_of_rows, edges_of_triples
from kg.network.texts import TEXTS as NETWORK_TEXTS
from kg.web.charts import read_chart
from kg.web.language import language
from kg.web.services import services
from kg.web.snippets import write_snippets
from kg.web.tables import Table, read_table, tabulate
from kg.words import read_area

VIEWS: Final = ("table", "chart", "network", "raw")
"""What `view` may name, in the order of the tabs."""
_KINDS: Final[dict[str, Kind]] = {"table": "table", "boolean": "boolean", "graph": "graph"}


def read_views(result: Result, query: str, view: str) -> dict[str, Any]:
    """What the template shows of a result; an unknown or unsuitable view is the first that suits."""
    with result.file as file:
        if result.answer.kind == "graph":
            raw = file.read().decode(errors="replace")
            table, edges = _read_graph(raw)
        else:
            table = read_table(file, services().store())
            file.seek(0)
            raw = file.read().decode(errors="replace") if view == "raw" else ""
            edges = _edges(table)
    chart = read_chart(table) if result.answer.kind == "table" else None
    suits = {"table": bool(table.rows), "chart": chart is not None, "network": bool(edges)}
    views = [name for name, good in suits.items() if good]
    views += ["raw"] if views or raw else []
    view = view if view in views else next(iter(views), "")
    kind = result.answer.kind
    rows = result.answer.rows if kind == "table" else 0  # a graph may repeat a statement
    return {
        "answer": result.answer,
        "table": table,
        "cut": bool(result.answer.truncated) or len(table.rows) < rows,
        "chart": chart,
        "network": _draw(edges) if view == "network" else None,
        "nt": NETWORK_TEXTS[language()],
        "raw": raw if view == "raw" else "",
        "views": views,
        "view": view,
        "formats": formats_for(_KINDS[kind]),
        "snippets": write_snippets(query, request.base_url, kind=kind),
    }


def _read_graph(text: str) -> tuple[Table, list[Edge]]:
    """Statements of a graph as rows and as edges; none where the text was cut within a statement."""
    try:
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    except SyntaxError:
        return Table([], []), []
    return tabulate(triples, services().store()), edges_of_triples(triples)


def _edges(table: Table) -> list[Edge]:
    """Edges between the IRIs of a table."""
    iris = [[cell.title if cell.short else "" for cell in row] for row in table.rows]
    return edges_of_rows(table.columns, iris)


def _draw(edges: list[Edge]) -> dict[str, Any]:
    lang = language()
    words = read_area("sparql")[lang]
    picture = build_result(services().store(), edges, title=words["title"], lang=lang)
    model = draw_model(picture, site=True)
    model |= {"texts": model["texts"] | {"no_source": words["sources"]}}
    return model | {"island": write_island(model)}
