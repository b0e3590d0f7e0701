"""The page of a benefit: how much, for whom, where, how it is paid, on which conditions, and whom it reaches."""

from dataclasses import dataclass
from typing import Any, Final

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things import record
from kg.web.things.facts import KG, Fact, write_decimal
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 20
"""Firms that the page names; it says how many there are."""

_CONSTRAINS: Final = EXTERNAL_PREFIXES["cv"] + "constrains"
_CITATION: Final = EXTERNAL_PREFIXES["dcterms"] + "bibliographicCitation"
_TERMS: Final = (
    ("tier", "eligibleTier"),
    ("place", "jurisdiction"),
    ("mode", "allocationMode"),
    ("instrument", "instrument"),
    ("cumulation", "cumulation"),
    ("deducts", "topsUp"),
    ("basis", "document"),
    ("attested", "attestation"),
)
_DAYS: Final = (("from", "validFrom"), ("to", "validTo"))


@dataclass(frozen=True)
class Reached:
    """A firm that a benefit reaches, and the records that give it the tier."""

    firm: Cell
    certainty: str
    records: list[Fact]


def related(statements: Statements, measure: str) -> list[str]:
    """Its neighbours as a record, and the records by which the named firms have the tier."""
    firms = {firm for firm, _ in _firms(statements, measure)[:MAX_FIRMS]}
    given = {r for firm in firms for r in statements.subjects(KG + "recognises", firm)}
    return [*record.related(statements, measure), *sorted(given)]


def sections(subject: Subject) -> dict[str, Any]:
    """What things/measure.html shows."""
    statements, iri = subject.statements, subject.iri
    firms = _firms(statements, iri)
    tiers = set(statements.objects(iri, KG + "eligibleTier"))
    return record.sections(subject) | {
        "amount": subject.fact(iri).figure,
        "terms": [
            (key, [subject.name(value) for value in statements.objects(iri, KG + name)])
            for key, name in _TERMS
        ],
        "cited": statements.best(iri, _CITATION),
        "days": [(key, statements.one(iri, KG + name)) for key, name in _DAYS],
        "conditions": [
            _condition(subject, bound) for bound in statements.objects(iri, KG + "appliesWhen")
        ],
        "reached": [
            Reached(
                subject.name(firm),
                certainty,
                [
                    subject.fact(given)
                    for given in statements.subjects(KG + "recognises", firm)
                    if tiers.intersection(statements.objects(given, KG + "tier"))
                ],
            )
            for firm, certainty in firms[:MAX_FIRMS]
        ],
        "reached_total": len(firms),
    }


def _firms(statements: Statements, measure: str) -> list[tuple[str, str]]:
    """Firms with how certain it is, the certain ones first."""
    return [
        (firm, certainty)
        for certainty, name in (("eligible", "eligibleFor"), ("possible", "possiblyEligibleFor"))
        for firm in statements.subjects(KG + name, measure)
    ]


def _condition(subject: Subject, bound: str) -> tuple[list[Cell], str]:
    """Indicator, comparator and window of a bound, and its threshold with the unit."""
    statements = subject.statements
    cells = [
        subject.name(value)
        for predicate in (_CONSTRAINS, KG + "window", KG + "comparator")
        for value in statements.objects(bound, predicate)
    ]
    unit = statements.one(bound, KG + "unit")
    threshold = write_decimal(statements.one(bound, KG + "threshold") or "0", statements.lang)
    return cells, f"{threshold} {statements.label(unit) if unit else ''}".strip()
