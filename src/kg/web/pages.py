"""Overview, saved queries, published limits and liveness."""

import os
from dataclasses import fields
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request

from kg.engine.pool import Result
from kg.formats import FORMATS
from kg.queries import SavedQuery, find_queries, get_query
from kg.release.manifest import Manifest
from kg.settings import Settings
from kg.web.answers import evaluate, send_result, wanted_formats
from kg.web.language import LANGUAGES, language
from kg.web.negotiation import wants_html
from kg.web.services import services
from kg.web.tables import read_table, term_cell

blueprint = Blueprint("pages", __name__)

_RESERVED = frozenset(("format", "lang", "timeout"))
_SUFFIXES = frozenset(format.suffix for format in FORMATS)
_PUBLISHED = (
    "query_timeout_seconds",
    "slow_seconds",
    "max_slow_queries", "query_memory_bytes", "max_query_bytes", "max_body_bytes", "max_rows",
    "max_result_bytes", "max_nesting", "max_operators", "max_patterns", "max_branches", "max_values",
)  # fmt: skip
_CHAINS = """SELECT ?chain ?label (COUNT(DISTINCT ?segment) AS ?segments) (COUNT(DISTINCT ?firm) AS ?firms)
WHERE { ?chain a kg:IndustryChain ; skos:prefLabel ?label FILTER(LANGMATCHES(LANG(?label), "%s"))
  ?segment kg:partOfChain ?chain
  OPTIONAL { ?record kg:inSegment ?segment ; kg:participant ?firm } }
GROUP BY ?chain ?label ORDER BY ?label"""


@blueprint.app_context_processor
def _common() -> dict[str, object]:
    """What every template may use."""
    return {
        "language": language(),
        "languages": LANGUAGES,
        "release": services().store().release,
        "address": _address,
    }


def _address(**changed: str) -> str:
    """This page's address with some parameters replaced."""
    return (
        f"{request.path}?{urlencode({**request.args.to_dict(flat=False), **changed}, doseq=True)}"
    )


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
        manifest=Manifest.read(store.folder),
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
        return send_result(_run(get_query(services().root, stem), wanted_formats(suffix)))
    query = get_query(services().root, name)
    if not wants_html("table"):
        return send_result(_run(query, wanted_formats(request.args.get("format"))))
    result = _run(query, {"table": "json", "boolean": "json", "graph": "turtle"})
    with result.file as file:
        is_graph = result.answer.kind == "graph"
        turtle = file.read(1 << 20).decode(errors="replace") if is_graph else ""
        table = None if is_graph else read_table(file, services().store())
    return render_template(
        "query.html", query=query, text=_bound(query), values=_values(query), table=table,
        turtle=turtle, answer=result.answer, parameters=request.query_string.decode("ascii", "replace"),
    )  # fmt: skip


def _run(query: SavedQuery, formats: dict[str, str]) -> Result:
    return evaluate(_bound(query), formats)


def _bound(query: SavedQuery) -> str:
    """The query with the parameters of the URL bound; `lang` where the query has such a parameter."""
    names = {parameter.name for parameter in query.parameters}
    given = {n: request.args.getlist(n) for n in request.args if n in names or n not in _RESERVED}
    if "lang" in names and wants_html("table"):
        given["lang"] = [language()]
    return query.bind(given)


def _values(query: SavedQuery) -> dict[str, str]:
    """What the form shows: the given values, else the defaults."""
    shown = {p.name: request.args.get(p.name) or p.default for p in query.parameters}
    return shown | ({"lang": language()} if "lang" in shown else {})


@blueprint.route("/limits")
def limits() -> Response:
    """The limits in force, from the settings that enforce them."""
    settings = services().settings
    helps = {spec.name: spec.metadata["help"] for spec in fields(Settings)}
    return jsonify(
        {name: {"value": getattr(settings, name), "meaning": helps[name]} for name in _PUBLISHED}
    )


@blueprint.route("/healthz")
def healthz() -> Response:
    """Alive: this process answers."""
    return jsonify({"status": "ok", "process": os.getpid()})


@blueprint.route("/readyz")
def readyz() -> Response:
    """Ready: the release answers."""
    store = services().store()
    return jsonify(
        {"status": "ready" if store.ask("ASK { ?s ?p ?o }") else "empty", "release": store.release}
    )
