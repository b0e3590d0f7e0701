"""The page of a source document: what it is, its records in the order of its text, its contradictions."""

from typing import Any, Final

from kg.namespaces import BASE, EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.conflict import heading
from kg.web.things.facts import KG, read_rivalry
from kg.web.things.subject import Subject

_DCTERMS: Final = EXTERNAL_PREFIXES["dcterms"]
_PROPERTIES: Final = (
    ("creator", _DCTERMS + "creator"),
    ("publisher", _DCTERMS + "publisher"),
    ("issued", _DCTERMS + "issued"),
    ("language", _DCTERMS + "language"),
    ("file", _DCTERMS + "identifier"),
    ("length", KG + "length"),
    ("digest", KG + "sha256"),
)
"""Key of the words and the property, in the order of the page."""


MAX_LISTED: Final = 20
"""Contradictions that the page of a document names; it says how many there are."""


def related(statements: Statements, _document: str) -> list[str]:
    """The records of the contradictions that the page names."""
    conflicts = statements.records("Conflict")[:MAX_LISTED]
    return [record for iri in conflicts for record in statements.objects(iri, KG + "involves")]


def sections(subject: Subject) -> dict[str, Any]:
    """What things/document.html shows besides the facts."""
    statements = subject.statements
    conflicts = subject.own.records("Conflict")
    rivalries = [read_rivalry(statements, iri) for iri in conflicts[:MAX_LISTED]]
    return {
        "about": {
            key: [_value(subject, value) for value in statements.objects(subject.iri, predicate)]
            for key, predicate in _PROPERTIES
        },
        "rivalries": [
            (Cell(heading(rivalry), rivalry.conflict.link, rivalry.iri), rivalry)
            for rivalry in rivalries
        ],
        "rivalries_total": len(conflicts),
    }


def _value(subject: Subject, value: str) -> Cell:
    return subject.name(value) if value.startswith(BASE) else Cell(value)
