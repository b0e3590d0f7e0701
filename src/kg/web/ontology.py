"""The ontology's documentation: every term with labels, definition, relations, use, shape and version.

`/ont` answers 303 to this page or to RDF; `/ont.<suffix>` are the modules as one graph.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.errors import NotFound
from kg.formats import find_format
from kg.namespaces import BASE, PREFIXES, compact
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.diagram import draw_modules
from kg.web.frame import write_address
from kg.web.language import language
from kg.web.resources import see_other
from kg.web.services import services
from kg.web.tables import Cell, iri_cell
from kg.web.things.files import send_csv, send_json
from kg.web.things.subject import editor_address
from kg.web.triples import send_triples
from kg.words import words

blueprint = Blueprint("ontology", __name__)

COLUMNS = ("iri", "module", "kind", "label", "definition", "uses")
"""Of a term as a row of CSV or JSON."""
_KG = PREFIXES["kg"]
_PREFIXES = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("kg", "owl", "rdfs"))
_MODULES = """CONSTRUCT { ?s ?p ?o } WHERE {
  { ?s rdfs:isDefinedBy ?module FILTER(STRSTARTS(STR(?s), STR(kg:))) }
  UNION { ?s a owl:Ontology }
  ?s ?p ?o }"""
_CLASS_USE = (
    "SELECT ?term (COUNT(?s) AS ?n) (MIN(?s) AS ?example) WHERE { ?s a ?term } GROUP BY ?term"
)
_PROPERTY_USE = (
    "SELECT ?term (COUNT(*) AS ?n) (MIN(?s) AS ?example) WHERE { ?s ?term ?o } GROUP BY ?term"
)


@dataclass(frozen=True)
class Term:
    """One class or property as the page shows it."""

    name: str
    module: str
    kind: str
    labels: dict[str, str]
    """By language tag in lower case, as the store keeps it."""
    definitions: dict[str, str]
    """By language tag in lower case."""
    notes: list[str]
    status: str
    since: str
    """Version of the ontology in which the term first stood."""
    relations: list[tuple[str, list[Cell]]]
    """Super-terms, domain, range and the like by key of words, in the order of `_RELATIONS`."""
    uses: int
    example: Cell | None
    shapes: list[str] = field(default_factory=list)
    """Ids of the shapes that mention it."""


@dataclass(frozen=True)
class Module:
    """One module with what it imports."""

    name: str
    titles: dict[str, str]
    """By language tag in lower case."""
    terms: int
    imports: list[str]


# The values are keys of words/ontology.toml.
_RELATIONS = {
    "rdfs:subClassOf": "kind_of",
    "rdfs:subPropertyOf": "special_case_of",
    "rdfs:domain": "of",
    "schema:domainIncludes": "of",
    "rdfs:range": "value",
    "schema:rangeIncludes": "value",
    "owl:disjointWith": "disjoint_with",
}
_KINDS = {
    "owl:Class": "class",
    "owl:ObjectProperty": "relation",
    "owl:DatatypeProperty": "attribute",
    "owl:AnnotationProperty": "annotation",
}


@blueprint.route("/ont")
def ontology() -> Response:
    """303 to the documentation or to the ontology itself, by Accept."""
    return see_other("/ont")


@blueprint.route("/ont.<suffix>")
def document(suffix: str) -> Response | str:
    """The documentation as a page, in full for one `module`; terms as rows; or all of it as RDF."""
    store, root = services().store(), services().root
    if suffix == "html":
        terms, modules = read_ontology(store, root)
        if name := request.args.get("module"):
            return _module_page(name, terms, modules)
        drawing = draw_modules({module.name: module.imports for module in modules})
        return render_template(
            "ontology.html", terms=terms, modules=modules, drawing=drawing, **_common()
        )
    if suffix in ("csv", "json"):
        rows = list(_rows(read_ontology(store, root)[0], request.args.get("module", "")))
        return send_csv(COLUMNS, rows) if suffix == "csv" else send_json({"terms": rows})
    format = find_format(suffix, "graph")
    return send_triples(store.triples(_MODULES), format)


def _module_page(name: str, terms: list[Term], modules: list[Module]) -> str:
    """The terms of one module with everything that is known of them."""
    module = next((module for module in modules if module.name == name), None)
    if module is None:
        known = ", ".join(module.name for module in modules)
        raise NotFound(f"the ontology has no module {name!r}; it has: {known}")
    own = [term for term in terms if term.module == name]
    return render_template("ontology_module.html", module=module, terms=own, **_common())


def _common() -> dict[str, Any]:
    """The language of the page, and where its data are."""
    lang = language()
    return {
        "tag": lang.lower(),
        "files": {
            suffix.upper(): write_address(f"/ont.{suffix}")
            for suffix in ("ttl", "nt", "rdf", "jsonld", "json", "csv")
        },
        "queries": {words(lang, "ontology.query"): editor_address(_PREFIXES + _MODULES)},
    }


def _rows(terms: list[Term], module: str) -> Iterator[dict[str, str]]:
    """The terms in the language of the request, those of a module or all."""
    tag = language().lower()
    for term in terms:
        if module in ("", term.module):
            said = (_KG + term.name, term.module, term.kind, term.labels.get(tag, ""), term.definitions.get(tag, ""), str(term.uses))  # fmt: skip
            yield dict(zip(COLUMNS, said, strict=True))


@cached_by_store(2)
def read_ontology(store: Store, root: Path) -> tuple[list[Term], list[Module]]:
    """Terms in order of module and name, and modules with imports before importers.

    Counted once per release: a scan of the whole graph, about 1 s a million triples.
    """
    facts: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in set(store.triples(_MODULES)):
        facts[_iri(triple.subject)][compact(triple.predicate.value)].append(triple.object)
    uses = {
        _iri(row["term"]): row for query in (_CLASS_USE, _PROPERTY_USE) for row in store.rows(query)
    }
    shapes = dict(_read_shapes(root))
    terms = [
        _term(iri, said, uses.get(iri, {}), shapes)
        for iri, said in facts.items()
        if iri.startswith(_KG)
    ]
    order = list(_KINDS.values())
    terms.sort(key=lambda term: (term.module, order.index(term.kind), term.name))
    modules = [
        _module(iri, said, terms) for iri, said in facts.items() if iri.startswith(BASE + "ont/")
    ]
    return terms, sorted(modules, key=lambda module: (len(module.imports), module.name))


def _term(
    iri: str, said: dict[str, list[Any]], use: dict[str, Any], shapes: dict[str, str]
) -> Term:
    name = compact(iri)
    kinds = [_KINDS[compact(t.value)] for t in said["rdf:type"] if compact(t.value) in _KINDS]
    example = _iri(use["example"]) if "example" in use else ""
    return Term(
        name=iri.removeprefix(_KG),
        module=_iri(said["rdfs:isDefinedBy"][0]).rpartition("/")[2],
        kind=kinds[0],
        labels=_by_language(said["rdfs:label"]),
        definitions=_by_language(said["skos:definition"]),
        notes=sorted(note.value for note in said["skos:scopeNote"]),
        status=said["vs:term_status"][0].value if said["vs:term_status"] else "",
        since=said["owl:versionInfo"][0].value if said["owl:versionInfo"] else "",
        relations=list(_relations(said)),
        uses=int(use["n"].value) if use else 0,
        example=iri_cell(example, {}) if example else None,
        shapes=sorted(shape for shape, text in shapes.items() if re.search(rf"\b{name}\b", text)),
    )


def _relations(said: dict[str, list[Any]]) -> Iterator[tuple[str, list[Cell]]]:
    for predicate, key in _RELATIONS.items():
        iris = sorted(_iri(term) for term in said.get(predicate, []))
        if iris:
            yield key, [iri_cell(iri, {}) for iri in iris]


def _module(iri: str, said: dict[str, list[Any]], terms: list[Term]) -> Module:
    name = iri.rpartition("/")[2]
    number = sum(term.module == name for term in terms)
    imports = sorted(_iri(other).rpartition("/")[2] for other in said["owl:imports"])
    return Module(name, _by_language(said["rdfs:label"]), number, imports)


def _read_shapes(root: Path) -> Iterator[tuple[str, str]]:
    """Id and text of every shape."""
    for path in sorted((root / "ontology" / "shapes").glob("*.ttl")):
        for block in re.split(r"(?m)^(?=ksh:)", path.read_text(encoding="utf-8"))[1:]:
            yield block.split()[0], block


def _by_language(literals: list[Any]) -> dict[str, str]:
    return {literal.language.lower(): literal.value for literal in literals}


def _iri(term: Any) -> str:
    """The IRI of a node; text of anything else."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)
