"""`/analyses`: each analysis as a form with its answer, and the answer alone as JSON or CSV."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.analysis.answer import Answer, Column, Value, several
from kg.analysis.printing import beside
from kg.analysis.reading import Reader, read_names
from kg.analysis.registry import ANALYSES, get_analysis
from kg.analysis.writing import sentence, write_csv, write_json
from kg.errors import NotFound
from kg.formats import find_format, formats_for
from kg.namespaces import compact
from kg.network.draw import draw_model
from kg.network.results import build_result
from kg.network.statements import KG
from kg.network.texts import TEXTS as NETWORK_TEXTS
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.charts import KINDS, Chart
from kg.web.charts.columns import read_columns
from kg.web.csv2rdf import Rows, Term, describe_tables, term_of
from kg.web.explorer import page_assets
from kg.web.forms import read_address
from kg.web.frame import write_address
from kg.web.language import language
from kg.web.services import services
from kg.web.spreadsheet import defuse, read_excel
from kg.web.tables import Cell, Table, find_passages, iri_cell
from kg.web.triples import send_triples
from kg.words import read_area, words, write_number

blueprint = Blueprint("analyses", __name__)

SUFFIXES: Final = ("json", "csv", *(format.suffix for format in formats_for("graph")))
MAX_CELLS: Final = 500
"""Cells that a page shows, which keeps it under 100 KB; the files have all, and the page says how many rows."""
MAX_VALUES: Final = 3
"""Values of one cell that a page shows, with the number of the others."""
MAX_ADDRESS: Final = 4_000
"""Characters of an address that a page links to, which keeps it small too; a longer query stands in the JSON file."""
_RESERVED: Final = frozenset(("lang", "excel"))


@blueprint.get("/analyses")
def list_analyses() -> str:
    """The analyses, each with what it answers."""
    return render_template("analyses.html", analyses=ANALYSES.values())


def show(name: str) -> str:
    """An analysis: its form, and the answer as picture, table and notes."""
    analysis, lang = get_analysis(name), language()
    answer, given, names = _answer(name)
    rows = answer.rows[: MAX_CELLS // len(answer.columns)]
    passages = find_passages(services().store(), {str(row.get("record")) for row in answer.rows})
    choices = {p.name: _choices(p.of_class) for p in analysis.parameters if p.of_class}
    return render_template(
        "analysis.html",
        analysis=analysis,
        answer=answer,
        values={p.name: " ".join(compact(v) for v in given[p.name]) for p in analysis.parameters},
        table=[[_cells(row, column, names, passages) for column in answer.columns] for row in rows],
        choices=choices,
        sources=[iri_cell(iri, names) for iri in answer.sources],
        refusal=sentence(answer.refusal, lang) if answer.refusal else "",
        beside=beside(answer, lang),
        chart=_chart(answer, names, passages),
        network=_network(answer, words(lang, f"analysis.{analysis.key}")),
        nt=NETWORK_TEXTS[lang],
        assets=page_assets(),
        files={suffix.upper(): write_address(f"/analyses/{name}.{suffix}") for suffix in SUFFIXES},
        queries=[_editor(text) for text in dict.fromkeys(answer.queries)],
    )  # fmt: skip


def send(name: str, suffix: str) -> Response:
    """The whole answer as a file. Raises NotFound for an unknown suffix."""
    if suffix not in SUFFIXES:
        raise NotFound(f"{request.path!r} ends in none of: {', '.join(SUFFIXES)}")
    excel = read_excel(request.args.get("excel"))
    answer, given, names = _answer(name)
    if suffix == "json":
        text = write_json(name, answer, names, language(), services().store().release, given)
        return Response(text, content_type="application/json")
    if suffix != "csv":
        return send_triples(_triples(name, answer, names), find_format(suffix, "graph"))
    body = write_csv(answer, names, language()).encode()
    body = b"".join(defuse(io.BytesIO(body))) if excel else body
    return Response(body, content_type="text/csv; charset=utf-8")


def _triples(name: str, answer: Answer, names: dict[str, str]) -> list[ox.Triple]:
    """The rows as a table in RDF; a cell of things holds things, one of codes their codes."""
    rows = [
        {
            column.name: _terms(column, row[column.name])
            for column in answer.columns
            if column.name in row
        }
        for row in answer.rows
    ]
    columns = [column.name for column in answer.columns]
    address = write_address(f"/analyses/{name}.csv")
    return describe_tables([Rows(address, columns, rows, answer.sources, names, language())])


def _terms(column: Column, value: Value) -> list[Term]:
    if column.kind == "number" and isinstance(value, int | float):
        return [term_of(value)]
    return [term_of(one, thing=column.kind == "thing") for one in several(value)]


for _name in ANALYSES:
    blueprint.add_url_rule(f"/analyses/{_name}", _name, show, defaults={"name": _name})
    blueprint.add_url_rule(
        f"/analyses/{_name}.<suffix>", f"{_name}-file", send, defaults={"name": _name}
    )


def _answer(name: str) -> tuple[Answer, dict[str, list[str]], dict[str, str]]:
    """The answer of the address, the values it is for, and the names of its things."""
    store, root, lang, analysis = services().store(), services().root, language(), get_analysis(name)  # fmt: skip
    asked = {key: value for key, value in read_address().items() if key not in _RESERVED}
    given = analysis.read(asked)
    answer = analysis.run(store, root, lang, given)
    return answer, given, dict(read_names(store, root, answer.things(), lang))


def _choices(of_class: str) -> list[tuple[str, str]]:
    """Short form and name of the things of a class, by name; made once per release and language."""
    found = services()
    return _read_choices(found.store(), found.root, of_class, language())


@cached_by_store(64)
def _read_choices(store: Store, root: Path, of_class: str, lang: str) -> list[tuple[str, str]]:
    rows = Reader(store, root).rows("choices", **{"class": KG + of_class})
    names = read_names(store, root, {row["thing"] for row in rows}, lang)
    return sorted(((compact(iri), name) for iri, name in names.items()), key=lambda c: (c[1], c[0]))


def _editor(query: str) -> str:
    """The address that opens a query in the editor; empty where it would be too long."""
    address = f"/sparql?query={quote(query)}"
    return address if len(address) <= MAX_ADDRESS else ""


def _cells(
    row: dict[str, Value], column: Column, names: dict[str, str], passages: dict[str, str]
) -> list[Cell]:
    """The values of a cell; none where the column does not concern the row. Stated figures are linked."""
    if column.name not in row:
        return []
    value = row[column.name]
    values = value if isinstance(value, tuple) else (value,)
    shown = [_cell(column, one, names) for one in values[:MAX_VALUES]]
    if column.stated and value is not None:
        shown = [replace(cell, link=_passage(row, passages)) for cell in shown]
    more = len(values) - len(shown)
    return shown + ([Cell(words(language(), "analysis.more", n=more))] if more else [])


def _passage(row: dict[str, Value], passages: dict[str, str]) -> str:
    """The path of the passage that states the row's figure."""
    return passages.get(str(row.get("record")), "")


def _cell(column: Column, value: Value, names: dict[str, str]) -> Cell:
    """One value as people read it; nothing recorded says so."""
    if value in (None, "") and column.optional:
        return Cell("")
    if value in (None, ""):
        return Cell(words(language(), "site.not_recorded"), title="none")
    if column.kind == "thing":
        return iri_cell(str(value), names)
    if column.kind == "code":
        return Cell(words(language(), f"analysis.value_{value}"))
    return Cell(write_number(value, language()) if isinstance(value, int | float) else str(value))


def _chart(answer: Answer, names: dict[str, str], passages: dict[str, str]) -> Chart | None:
    """The rows as a chart; its numbers are written without groups of digits, as charts read them."""
    if not answer.chart:
        return None
    said = read_area("analysis")[language()]
    heads = {column.name: said[f"column_{column.name}"] for column in answer.columns}
    rows = [
        [
            replace(cell, link=_passage(row, passages)) if c.stated else cell
            for c in answer.columns
            for cell in [_plain(c, row.get(c.name), names)]
        ]
        for row in answer.rows
    ]
    kind, *settings = answer.chart.split()
    axes = {axis: heads[name] for axis, name in (part.split("=", 1) for part in settings)}
    columns = read_columns(Table(list(heads.values()), rows), **axes)
    return KINDS[kind](columns) if columns else None


def _plain(column: Column, value: Value, names: dict[str, str]) -> Cell:
    if column.kind == "number":
        return Cell("" if value is None else str(value))
    return Cell(", ".join(_cell(column, one, names).text for one in several(value)))


def _network(answer: Answer, title: str) -> dict[str, Any] | None:
    if not answer.network:
        return None
    picture = build_result(services().store(), answer.network, title=title, lang=language())
    model = draw_model(picture) | {"site": True}
    texts = {"no_source": read_area("sparql")[language()]["sources"]}
    return model | {"texts": model["texts"] | texts}
