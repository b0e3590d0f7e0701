"""The page of a tier: its place in the ladder, the editions of its rules, its benefits, the firms that hold it."""

from typing import Any, Final

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import KG
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 30
"""Firms that the page names; it says how many there are."""

_INSTRUMENT: Final = EXTERNAL_PREFIXES["cv"] + "isDerivedFrom"
_NEXT: Final = KG + "nextTier"


def related(statements: Statements, tier: str) -> list[str]:
    """The benefits for its holders."""
    return statements.subjects(KG + "eligibleTier", tier)


def sections(subject: Subject) -> dict[str, Any]:
    """What things/tier.html shows besides the facts."""
    statements, iri = subject.statements, subject.iri
    firms = sorted(
        (subject.name(firm) for firm in statements.subjects(KG + "hasTier", iri)),
        key=lambda cell: cell.text,
    )
    measures = [subject.fact(measure) for measure in subject.own.subjects(KG + "eligibleTier", iri)]
    return {
        "ladder": [subject.name(step) for step in _ladder(subject.own, iri)],
        "editions": [
            {
                "edition": subject.name(edition),
                "from": statements.one(edition, KG + "validFrom"),
                "to": statements.one(edition, KG + "validTo"),
                "basis": [subject.name(i) for i in statements.objects(edition, _INSTRUMENT)],
                "attested": [
                    subject.name(i) for i in statements.objects(edition, KG + "attestation")
                ],
            }
            for edition in statements.subjects(KG + "forTier", iri)
        ],
        "measures": [
            (measure, _cells(subject, measure.iri, "jurisdiction"), _cells(subject, measure.iri, "allocationMode"))
            for measure in measures
        ],
        "firms": firms[:MAX_FIRMS],
        "firms_total": len(firms),
    }  # fmt: skip


def _cells(subject: Subject, iri: str, name: str) -> list[Cell]:
    return [subject.name(value) for value in subject.statements.objects(iri, KG + name)]


def _ladder(statements: Statements, tier: str) -> list[str]:
    """The tiers from the lowest to the highest, where they are a line; a circle ends where it closes."""
    steps = [tier]
    while (below := next(iter(statements.subjects(_NEXT, steps[0])), "")) and below not in steps:
        steps.insert(0, below)
    while (above := statements.one(steps[-1], _NEXT)) and above not in steps:
        steps.append(above)
    return steps
