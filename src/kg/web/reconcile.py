"""The Reconciliation Service API 0.2, as OpenRefine asks it: which thing does a row mean.

https://reconciliation-api.github.io/specs/0.2/
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from kg import __version__
from kg.errors import BadRequest
from kg.namespaces import BASE, expand
from kg.search.folding import fold
from kg.search.lines import describe
from kg.search.lookup import LabelIndex
from kg.search.reconcile import (
    MAX_CANDIDATES,
    PROPERTIES,
    Candidate,
    Query,
    property_of,
    reconcile,
)
from kg.web.language import language
from kg.web.services import services
from kg.words import words

blueprint = Blueprint("reconcile", __name__)

MAX_QUERIES: Final = 200
"""Rows of one batch, about a second of work; OpenRefine sends 10."""

DEFAULT_TYPES: Final = (
    "kg:Enterprise", "kg:City", "kg:Investor", "kg:ChainSegment", "kg:IndustryChain", "kg:PolicyDocument",
)  # fmt: skip
_SUGGEST: Final = {"entity": "entities", "type": "types", "property": "properties"}
_STRICT: Final = ("any", "all", "should")
_MAX_SUGGESTED: Final = 10

Json = dict[str, Any]  # Any: JSON


@blueprint.route("/reconcile", methods=["GET", "POST"])
def service() -> Response:
    """The manifest; with `queries`, the candidates of each query of the batch with explained scores."""
    text = request.values.get("queries")
    if text is None:
        return jsonify(_manifest())
    lang, index = language(), services().labels()
    batch = _read_object(text, "queries")
    if len(batch) > MAX_QUERIES:
        raise BadRequest(
            f"{len(batch)} queries in one batch; at most {MAX_QUERIES}, so send more batches"
        )
    queries = {key: _read_query(key, value) for key, value in batch.items()}
    return jsonify(
        {
            key: {"result": _results(index, reconcile(index, query), lang)}
            for key, query in queries.items()
        }
    )


@blueprint.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Things whose names match `prefix`."""
    lang, index = language(), services().labels()
    lines = describe(index, _suggested(index, None), lang)
    return jsonify(
        {
            "result": [
                {
                    "id": _identifier(line.iri),
                    "name": line.label,
                    "description": " · ".join(filter(None, (line.type, line.where))),
                }
                for line in lines
            ]
        }
    )


@blueprint.get("/reconcile/suggest/type")
def suggest_type() -> Response:
    """Classes whose names match `prefix`."""
    lang, index = language(), services().labels()
    hits = _suggested(index, {"type": expand("owl:Class")})
    return jsonify(
        {"result": [{"id": _identifier(hit.iri), "name": hit.label(lang)} for hit in hits]}
    )


@blueprint.get("/reconcile/suggest/property")
def suggest_property() -> Response:
    """Properties that can be compared beside the name, whose names match `prefix`."""
    lang, typed = language(), fold(request.args.get("prefix", ""))
    named = _properties(services().labels(), lang)
    return jsonify(
        {
            "result": [
                {"id": _identifier(expand(prop)), "name": name}
                for prop, name in named.items()
                if typed in fold(name) or typed in fold(prop)
            ]
        }
    )


def _manifest() -> Json:
    lang, root = language(), request.url_root.rstrip("/")
    named = services().labels().get(map(expand, DEFAULT_TYPES))
    return {
        "versions": ["0.2"],
        "name": words(lang, "site.brand"),
        "identifierSpace": BASE,
        "schemaSpace": BASE,
        "documentation": f"{root}/docs",
        "serviceVersion": __version__,
        "view": {"url": f"{root}/{{{{id}}}}"},
        "defaultTypes": [
            {"id": _identifier(iri), "name": hit.label(lang)} for iri, hit in named.items()
        ],
        "suggest": {
            name: {"service_url": root, "service_path": f"/reconcile/suggest/{name}"}
            for name in _SUGGEST
        },
    }


def _suggested(index: LabelIndex, where: Mapping[str, str] | None) -> list[Any]:
    text = request.args.get("prefix", "")
    return index.suggest(text, where=where, limit=_MAX_SUGGESTED) if text.strip() else []


def _properties(index: LabelIndex, lang: str) -> dict[str, str]:
    named = index.get(map(expand, PROPERTIES))
    return {
        prop: named[expand(prop)].label(lang)
        if expand(prop) in named
        else words(lang, "search.code")
        for prop in PROPERTIES
    }


def _results(index: LabelIndex, candidates: list[Candidate], lang: str) -> list[Json]:
    lines = describe(index, [one.hit for one in candidates], lang)
    named = index.get(iri for one in candidates for iri in one.hit.facets["type"])
    return [
        {
            "id": _identifier(one.hit.iri),
            "name": line.label,
            "description": " · ".join(filter(None, (line.where, line.reason))),
            "type": [
                {"id": _identifier(iri), "name": named[iri].label(lang) if iri in named else iri}
                for iri in one.hit.facets["type"]
            ],
            "score": one.score,
            "match": one.is_match,
            "features": [{"id": name, "value": value} for name, value in one.features.items()],
        }
        for one, line in zip(candidates, lines, strict=True)
    ]


def _identifier(iri: str) -> str:
    """The IRI without what all of ours begin with: `id/ent/jpt`, `ont#City`."""
    return iri.removeprefix(BASE)


def _iri(identifier: str) -> str:
    return identifier if "://" in identifier else BASE + identifier


def _read_object(text: str, name: str) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{name} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest(f'{name} is no JSON object such as {{"q0": {{"query": "JPT"}}}}')
    return found


def _read_query(key: str, given: Any) -> Query:
    """One query of a batch. Raises BadRequest that names it and what it should be."""
    if not isinstance(given, dict):
        raise BadRequest(f'query {key!r} is no object such as {{"query": "JPT"}}')
    text, types = given.get("query", ""), given.get("type", [])
    limit, strict = given.get("limit", 5), given.get("type_strict", "any")
    types = [types] if isinstance(types, str) else types
    if not isinstance(text, str):
        raise BadRequest(f"query {key!r}: 'query' is no text")
    if not isinstance(types, list) or not all(isinstance(one, str) for one in types):
        raise BadRequest(f"query {key!r}: 'type' is neither a text nor a list of texts")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit != limit or limit < 1:
        raise BadRequest(f"query {key!r}: 'limit' is no number from 1")
    if strict not in _STRICT:
        raise BadRequest(f"query {key!r}: 'type_strict' is none of {', '.join(_STRICT)}")
    return Query(
        text,
        [_iri(one) for one in types if one],
        strict,
        _read_properties(key, given.get("properties", [])),
        int(min(limit, MAX_CANDIDATES)),
    )


def _read_properties(key: str, given: Any) -> dict[str, list[str]]:
    """Values by property; those that the service does not compare are left out, as the API allows."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise BadRequest(f"query {key!r}: 'properties' is no list of objects with pid and v")
    found: dict[str, list[str]] = {}
    for one in given:
        values = one.get("v")
        prop = property_of(str(one.get("pid", "")))
        for value in values if isinstance(values, list) else [values]:
            text = str(value.get("id", "")) if isinstance(value, dict) else str(value or "")
            if prop and text:
                found.setdefault(prop, []).append(text)
    return found
