"""Linked data: the server answers for the IRIs of the graph, whatever host it runs on.

A thing's IRI answers 303 to its page or to RDF, by Accept; `.html .ttl .nt .rdf .jsonld` name one
directly: https://www.w3.org/TR/cooluris/#r303gendocument.
"""

import pyoxigraph as ox
from flask import Blueprint, Response, redirect, request

from kg.engine.explain import not_acceptable
from kg.errors import ThingUnknown
from kg.formats import Format, formats_for
from kg.namespaces import BASE
from kg.store import Store
from kg.web.negotiation import wanted_format, wants_html
from kg.web.services import services
from kg.web.tables import HOMES, page_path
from kg.web.things.page import render_page
from kg.web.triples import send_triples

blueprint = Blueprint("resources", __name__)

_SUFFIXES = {format.suffix: format for format in formats_for("graph")}


@blueprint.route("/chains/<slug>")
def chain(slug: str) -> str:
    """The page of an industry chain. Raises ThingUnknown where nothing is said of it."""
    return render_page(f"{BASE}{HOMES['/chains/']}{slug}")


@blueprint.route("/id/<path:path>", defaults={"kind": "id"})
@blueprint.route("/voc/<path:path>", defaults={"kind": "voc"})
@blueprint.route("/graph/<path:path>", defaults={"kind": "graph"})
@blueprint.route("/ont/<path:path>", defaults={"kind": "ont"})
def thing(kind: str, path: str) -> Response | str:
    """The thing's page or its RDF. Raises ThingUnknown where nothing is said of it."""
    stem, _, suffix = path.rpartition(".")
    if stem and suffix == "html":
        if (home := page_path(f"/{kind}/{stem}")) != f"/{kind}/{stem}":
            return _redirect(home)
        return render_page(f"{BASE}{kind}/{stem}")
    if stem and suffix in _SUFFIXES:
        return _rdf(f"{BASE}{kind}/{stem}", _SUFFIXES[suffix])
    _describe(services().store(), f"{BASE}{kind}/{path}")
    return see_other(f"/{kind}/{path}")


def see_other(path: str) -> Response:
    """303 to the page or to the RDF document. `Vary` is set for every response."""
    if wants_html():
        home = page_path(path)
        return _redirect(f"{path}.html" if home == path else home)
    format = wanted_format("graph", request.args.get("format"))
    if format is None:
        raise not_acceptable("graph")
    return _redirect(f"{path}.{format.suffix}")


def _redirect(target: str) -> Response:
    query = request.query_string.decode("ascii", "replace")
    response = redirect(f"{target}?{query}" if query else target, 303)
    assert isinstance(response, Response)
    return response


def _describe(store: Store, iri: str) -> list[ox.Triple]:
    """Every triple with the thing as subject or object; raises ThingUnknown where there is none.

    Of a thing that the merged view does not know, what the graphs outside it say.
    """
    term = _term(iri)
    said = f"{{ {term} ?p ?o }} UNION {{ ?s ?q {term} }}"
    template = f"CONSTRUCT {{ {term} ?p ?o . ?s ?q {term} }}"
    triples = store.triples(f"{template} WHERE {{ {said} }}")
    triples = triples or store.triples(f"{template} WHERE {{ GRAPH ?g {{ {said} }} }}")
    if not triples:
        raise ThingUnknown(f"nothing is recorded about <{iri}>")
    return triples


def _term(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise ThingUnknown(f"{iri!r} is not an IRI") from error


def _rdf(iri: str, format: Format) -> Response:
    return send_triples(_describe(services().store(), iri), format)
