"""The SPARQL 1.1 Protocol query operation: https://www.w3.org/TR/sparql11-protocol/#query-operation.

Without a query a browser gets the form, any other client the service description:
https://www.w3.org/TR/sparql11-service-description/.
"""

from flask import Blueprint, Response, jsonify, render_template, request

from kg.engine.explain import not_acceptable
from kg.errors import (
    KgError,
    QueryAndUpdate,
    QueryMissing,
    QueryRepeated,
)
from kg.formats import FORMATS
from kg.queries import find_queries
from kg.release.manifest import Manifest
from kg.store import Dataset
from kg.web.answers import (
    evaluate,
    evaluate_for_page,
    read_timeout,
    send_result,
    wanted_formats,
)
from kg.web.description import describe_service
from kg.web.explorer import page_assets
from kg.web.forms import Pairs, check_iris, read_operation
from kg.web.language import language
from kg.web.limits import read_limits
from kg.web.negotiation import wanted_format, wants_html
from kg.web.services import services
from kg.web.spreadsheet import read_excel
from kg.web.triples import send_triples
from kg.web.views import read_views
from kg.web.vocabulary import read_vocabulary
from kg.words import read_area

blueprint = Blueprint("sparql", __name__)

_FIRST_QUERY = """PREFIX kg: <https://w3id.org/industry-kg/ont#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?firm ?name ?segment WHERE {
  ?record kg:participant ?firm ; kg:inSegment ?segment .
  ?firm skos:prefLabel ?name FILTER(LANGMATCHES(LANG(?name), "en"))
}
ORDER BY ?segment ?name
LIMIT 100"""


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response | str:
    """Answers a query, or describes the service where there is none."""
    pairs = read_operation("query")
    names = [name for name, _ in pairs]
    if "update" in names:
        raise QueryAndUpdate("'update' is not taken here; this address answers queries only")
    if names.count("query") > 1:
        raise QueryRepeated(f"{names.count('query')} values of 'query'; exactly one is taken")
    values = dict(pairs)
    query, dataset = values.get("query"), _dataset(pairs)
    timeout = read_timeout(values.get("timeout"))
    if query is None and request.method in ("GET", "HEAD"):
        return _describe()
    if not query or not query.strip():
        raise QueryMissing("no query; send it as 'query' or as a body of application/sparql-query")
    excel, format = read_excel(values.get("excel")), _format_name(pairs)
    if wants_html() and not (format or excel):
        return _page(query, dataset, timeout, values.get("view", ""))
    formats = wanted_formats("csv" if excel else format)
    result = evaluate(query, formats, dataset=dataset, timeout_seconds=timeout)
    return send_result(result, excel=excel)


def _format_name(pairs: Pairs) -> str:
    """The first `format` that means one, else the first; SPARQLWrapper 2.0 sends several."""
    given = [value for name, value in pairs if name == "format" and value]
    known = {
        name
        for format in FORMATS
        for name in (format.name, format.suffix, format.media_type, *format.aliases)
    }
    return next((name for name in given if name.strip().lower() in known), next(iter(given), ""))


def _dataset(pairs: Pairs) -> Dataset | None:
    """The protocol dataset: https://www.w3.org/TR/sparql11-protocol/#dataset."""
    default = [value for name, value in pairs if name == "default-graph-uri"]
    named = [value for name, value in pairs if name == "named-graph-uri"]
    check_iris(*default, *named)
    return Dataset(default, named) if default or named else None


def _describe() -> Response | str:
    if wants_html():
        return _form_page("")
    format = wanted_format("graph", request.args.get("format"))
    if format is None:
        raise not_acceptable("graph")
    found = services()
    triples = describe_service(
        Manifest.of(found.store()),
        request.base_url,
        limits=read_limits(found.settings),
        takes_updates=bool(found.settings.write_token),
    )
    return send_triples(list(triples), format)


def _form_page(query: str, **more: object) -> str:
    found = services()
    return render_template(
        "sparql.html",
        query=query or _FIRST_QUERY,
        examples=find_queries(found.root).values(),
        t=read_area("sparql")[language()],
        limit=f"{found.settings.query_timeout_seconds:g}",
        assets=page_assets(),
        **more,
    )


@blueprint.route("/sparql/vocabulary.json")
def vocabulary() -> Response:
    """What the editor completes, for the language of `lang`; its address names the release."""
    store = services().store()
    response = jsonify(read_vocabulary(store, language()))
    fixed = request.args.get("release") == store.release and request.args.get("lang") == language()
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if fixed else "public, no-cache"
    )
    return response


def _page(
    query: str, dataset: Dataset | None, timeout_seconds: float | None, view: str
) -> Response | str:
    """The result under the form, in one of its views; a query that fails keeps its text."""
    try:
        result = evaluate_for_page(query, dataset=dataset, timeout_seconds=timeout_seconds)
    except KgError as error:
        return Response(_form_page(query, problem=error), error.status)
    return _form_page(query, **read_views(result, query, view))
