"""The page of one record: what it says, its figure, where it stands, what contradicts it and what follows from it."""

from typing import Any, Final

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import DERIVED_FROM, KG, write_decimal
from kg.web.things.subject import Subject

_LOCATORS: Final = ("fromDocument", "startOffset", "length", "rowNumber", "sha256", "sourceDefect")
"""What is said of a passage, in order."""
_NOTE: Final = EXTERNAL_PREFIXES["dcterms"] + "description"


def related(statements: Statements, record: str) -> list[str]:
    """The other records of its passages, and what is computed from it."""
    passages = statements.objects(record, KG + "evidence")
    siblings = {s for passage in passages for s in statements.subjects(KG + "evidence", passage)}
    return sorted(siblings - {record}) + [
        node
        for node in statements.subjects(DERIVED_FROM, record)
        if not _is_check(statements, node)
    ]


def title(subject: Subject) -> str:
    """What it says in the project's own words, else its kind and who plays a part."""
    fact = subject.fact(subject.iri)
    if fact.statement:
        return fact.statement
    parts = [cell.text for _, cells in fact.parts for cell in cells]
    return f"{fact.kind.text}: {', '.join(parts)}" if parts else fact.kind.text


def sections(subject: Subject) -> dict[str, Any]:
    """What things/record.html shows."""
    statements, iri = subject.statements, subject.iri
    notes = statements.subjects(KG + "about", iri)
    return {
        "fact": subject.fact(iri),
        "bounds": [
            write_decimal(text, statements.lang) if text else ""
            for text in (statements.one(iri, KG + "lower"), statements.one(iri, KG + "upper"))
        ],
        "locators": [
            (subject.name(passage), list(_locate(subject, passage)))
            for passage in statements.objects(iri, KG + "evidence")
        ],
        "notes": [
            (subject.name(note), statements.best(note, _NOTE))
            for note in notes
            if statements.is_a(note, "CurationNote")
        ],
        "siblings": [
            subject.fact(other)
            for passage in statements.objects(iri, KG + "evidence")
            for other in statements.subjects(KG + "evidence", passage)
            if other != iri
        ],
        "derived": [
            subject.fact(node)
            for node in statements.subjects(DERIVED_FROM, iri)
            if not _is_check(statements, node)
        ],
        "checks": [
            _read_check(subject, node)
            for node in sorted({*statements.subjects(DERIVED_FROM, iri), *statements.subjects(KG + "claimed", iri)})
            if _is_check(statements, node)
        ],
    }  # fmt: skip


def _is_check(statements: Statements, node: str) -> bool:
    return statements.is_a(node, "DerivedCheck")


def _locate(subject: Subject, passage: str) -> Any:
    """Property and value of a passage, in order."""
    for name in _LOCATORS:
        value = subject.statements.best(passage, KG + name)
        if value:
            is_document = name == "fromDocument"
            yield subject.name(KG + name), subject.name(value) if is_document else Cell(value)


def _read_check(subject: Subject, check: str) -> dict[str, Any]:
    """A comparison of a claimed figure with one computed from others."""
    statements = subject.statements
    verdict, computed = (statements.one(check, KG + name) for name in ("verdict", "computed"))
    claimed = statements.one(check, KG + "claimed")
    return {
        "page": subject.name(check),
        "formula": statements.one(check, KG + "formula"),
        "computed": write_decimal(computed, statements.lang) if computed else "",
        "claimed": subject.name(claimed) if claimed else None,
        "verdict": subject.name(verdict) if verdict else None,
        "basis": [subject.name(basis) for basis in statements.objects(check, DERIVED_FROM)],
    }
