"""The saved queries: as a form with rows and chart, as REST, and as figures within other pages."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kg.engine.child import Result
from kg.errors import NotFound
from kg.formats import FORMATS
from kg.queries import SavedQuery, find_queries, get_query
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.answers import (
    evaluate,
    evaluate_for_page,
    read_for_page,
    read_timeout,
    send_result,
    wanted_formats,
)
from kg.web.charts import Chart, read_chart
from kg.web.converted import needs_conversion, send_converted
from kg.web.forms import read_address
from kg.web.frame import write_address
from kg.web.language import language
from kg.web.negotiation import wants_html
from kg.web.services import services
from kg.web.spreadsheet import read_excel
from kg.web.tables import Table, tabulate_rows

blueprint = Blueprint("questions", __name__)

_RESERVED: Final = frozenset(("excel", "format", "lang", "timeout"))
_SUFFIXES: Final = frozenset(format.suffix for format in FORMATS)
_SVG: Final = "svg"
_TEXT: Final = "rq"
_TEXT_TYPE: Final = "application/sparql-query; charset=utf-8"


@blueprint.route("/queries")
def queries() -> str:
    """The saved queries, in order of name."""
    return render_template("queries.html", queries=find_queries(services().root).values())


@blueprint.route("/queries/<name>")
def saved_query(name: str) -> Response | str:
    """A saved query as a form with its answer, or its answer alone by suffix or Accept.

    `.svg` is the chart that the query's head names, 404 where there is none; `.rq` is the query itself
    with the parameters of the address bound.
    """
    stem, _, suffix = name.rpartition(".")
    if stem and suffix == _SVG:
        return _send_chart(get_query(services().root, stem))
    if stem and suffix == _TEXT:
        return Response(_bound(get_query(services().root, stem)), content_type=_TEXT_TYPE)
    if stem and suffix in _SUFFIXES:
        return _send(get_query(services().root, stem), suffix)
    query = get_query(services().root, name)
    if not wants_html():
        return _send(query, request.args.get("format"))
    text = _bound(query)
    result = evaluate_for_page(text, timeout_seconds=read_timeout(request.args.get("timeout")))
    found = read_for_page(result)
    return render_template(
        "query.html",
        query=query,
        text=text,
        values=_values(query),
        parameters=request.query_string.decode("ascii", "replace"),
        chart=_chart(query, found.get("table")),
        **found,
    )


def _send(query: SavedQuery, format: str | None) -> Response:
    excel = read_excel(request.args.get("excel"))
    if format and not excel and needs_conversion(text := _bound(query), format):
        timeout = read_timeout(request.args.get("timeout"))
        address = write_address(f"/queries/{query.name}.csv")
        return send_converted(text, format, address, timeout_seconds=timeout)
    return send_result(_run(query, wanted_formats("csv" if excel else format)), excel=excel)


def _send_chart(query: SavedQuery) -> Response:
    timeout = read_timeout(request.args.get("timeout"))
    found = read_for_page(evaluate_for_page(_bound(query), timeout_seconds=timeout))
    chart = _chart(query, found.get("table"))
    if chart is None:
        raise NotFound(f"the rows of {query.name!r} make no chart; .csv gives them as a table")
    response = Response(
        render_template("chart.svg", chart=chart, name=query.summary_in(language())),
        content_type="image/svg+xml",
    )
    response.headers["Content-Disposition"] = f'inline; filename="{query.name}.svg"'
    return response


def _chart(query: SavedQuery, table: object) -> Chart | None:
    """The chart that the query's head asks for; numbers such as offsets are not worth one."""
    return read_chart(table, query.chart) if query.chart and isinstance(table, Table) else None


def _run(query: SavedQuery, formats: dict[str, str]) -> Result:
    timeout = read_timeout(request.args.get("timeout"))
    return evaluate(_bound(query), formats, timeout_seconds=timeout)


def _bound(query: SavedQuery) -> str:
    """The query with the parameters of the URL bound; `lang` where the query has such a parameter."""
    names = {parameter.name for parameter in query.parameters}
    given = {n: v for n, v in read_address().items() if n in names or n not in _RESERVED}
    if "lang" in names and (wants_html() or request.path.endswith((f".{_SVG}", f".{_TEXT}"))):
        given["lang"] = [language()]
    return query.bind(given)


def _values(query: SavedQuery) -> dict[str, str]:
    """What the form shows: the given values, else the defaults."""
    shown = {p.name: request.args.get(p.name) or p.default for p in query.parameters}
    return shown | ({"lang": language()} if "lang" in shown else {})


@dataclass(frozen=True)
class Figure:
    """A saved query within another page: its chart, and where its rows, its text and the file are."""

    query: SavedQuery
    chart: Chart | None
    table: Table
    parameters: str
    """The values as a query string."""

    @property
    def page(self) -> str:
        """Address of the query with its rows."""
        return self._address("")

    @property
    def svg(self) -> str:
        """Address of the chart as a file."""
        return self._address(".svg")

    def _address(self, suffix: str) -> str:
        return f"/queries/{self.query.name}{suffix}" + (
            f"?{self.parameters}" if self.parameters else ""
        )


def figure(name: str, **values: str) -> Figure:
    """The figure of a saved query for these values, in the language of the request.

    Evaluated once per release, language and values. Raises what binding the values raises.
    """
    found = services()
    return _figure(found.store(), found.root, name, language(), tuple(sorted(values.items())))


@cached_by_store(512)
def _figure(
    store: Store, root: Path, name: str, lang: str, values: tuple[tuple[str, str], ...]
) -> Figure:
    query = get_query(root, name)
    given = {name: [value] for name, value in values}
    if any(parameter.name == "lang" for parameter in query.parameters):
        given["lang"] = [lang]
    table = tabulate_rows(store.rows(query.bind(given)), store)
    return Figure(query, _chart(query, table), table, urlencode(values))
