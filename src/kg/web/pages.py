"""Overview, saved queries, published limits and liveness."""

import json
import os

from flask import Blueprint, Response, jsonify, render_template, request

from kg.engine.child import Result
from kg.formats import FORMATS
from kg.queries import SavedQuery, find_queries, get_query
from kg.release.manifest import Manifest
from kg.web import metrics
from kg.web.answers import (
    evaluate,
    evaluate_for_page,
    read_for_page,
    read_timeout,
    send_result,
    wanted_formats,
)
from kg.web.forms import read_address
from kg.web.language import language
from kg.web.limits import read_limits
from kg.web.negotiation import wants_html
from kg.web.services import services
from kg.web.spreadsheet import read_excel
from kg.web.tables import term_cell

blueprint = Blueprint("pages", __name__)

_RESERVED = frozenset(("excel", "format", "lang", "timeout"))
_SUFFIXES = frozenset(format.suffix for format in FORMATS)
_CHAINS = """SELECT ?chain ?label (COUNT(DISTINCT ?segment) AS ?segments) (COUNT(DISTINCT ?firm) AS ?firms)
WHERE { ?chain a kg:IndustryChain ; skos:prefLabel ?label FILTER(LANGMATCHES(LANG(?label), "%s"))
  ?segment kg:partOfChain ?chain
  OPTIONAL { ?record kg:inSegment ?segment ; kg:participant ?firm } }
GROUP BY ?chain ?label ORDER BY ?label"""


@blueprint.route("/")
def overview() -> str:
    """Counts, chains, where to start, date and sources."""
    store = services().store()
    chains = [
        {name: term_cell(value, {}) for name, value in row.items()}
        | {"slug": row["chain"].value.rpartition("/")[2]}  # type: ignore[union-attr]  # an IRI by the pattern
        for row in store.rows(_CHAINS % language())
    ]
    return render_template(
        "overview.html",
        manifest=Manifest.of(store),
        chains=chains,
        queries=find_queries(services().root).values(),
    )


@blueprint.route("/queries")
def queries() -> str:
    """The saved queries, in order of name."""
    return render_template("queries.html", queries=find_queries(services().root).values())


@blueprint.route("/queries/<name>")
def saved_query(name: str) -> Response | str:
    """A saved query as a form with its answer, or its answer alone by suffix or Accept."""
    stem, _, suffix = name.rpartition(".")
    if stem and suffix in _SUFFIXES:
        return _send(get_query(services().root, stem), suffix)
    query = get_query(services().root, name)
    if not wants_html():
        return _send(query, request.args.get("format"))
    text = _bound(query)
    result = evaluate_for_page(text, timeout_seconds=read_timeout(request.args.get("timeout")))
    parameters = request.query_string.decode("ascii", "replace")
    return render_template(
        "query.html",
        query=query,
        text=text,
        values=_values(query),
        parameters=parameters,
        **read_for_page(result),
    )


def _send(query: SavedQuery, format: str | None) -> Response:
    excel = read_excel(request.args.get("excel"))
    return send_result(_run(query, wanted_formats("csv" if excel else format)), excel=excel)


def _run(query: SavedQuery, formats: dict[str, str]) -> Result:
    timeout = read_timeout(request.args.get("timeout"))
    return evaluate(_bound(query), formats, timeout_seconds=timeout)


def _bound(query: SavedQuery) -> str:
    """The query with the parameters of the URL bound; `lang` where the query has such a parameter."""
    names = {parameter.name for parameter in query.parameters}
    given = {n: v for n, v in read_address().items() if n in names or n not in _RESERVED}
    if "lang" in names and wants_html():
        given["lang"] = [language()]
    return query.bind(given)


def _values(query: SavedQuery) -> dict[str, str]:
    """What the form shows: the given values, else the defaults."""
    shown = {p.name: request.args.get(p.name) or p.default for p in query.parameters}
    return shown | ({"lang": language()} if "lang" in shown else {})


@blueprint.route("/limits")
def limits() -> Response:
    """The limits in force, from the settings that enforce them."""
    found = read_limits(services().settings)
    return jsonify(
        {limit.name: {"value": limit.value, "meaning": limit.meaning} for limit in found}
    )


@blueprint.route("/healthz")
def healthz() -> Response:
    """Alive: this process answers."""
    return jsonify({"status": "ok", "process": os.getpid()})


@blueprint.route("/metrics")
def measured() -> Response:
    """Everything measured so far, in the format of Prometheus."""
    found = services()
    text = metrics.exposition(found.pool.count(), found.store().release, len(found.budget.seconds))
    response = Response(text, content_type=metrics.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/readyz")
def readyz() -> Response:
    """Ready: a query worker answers from the release."""
    with evaluate("ASK { ?s ?p ?o }", {"boolean": "json"}).file as file:
        ready = json.load(file)["boolean"]
    return jsonify({"status": "ready" if ready else "empty", "release": services().store().release})
