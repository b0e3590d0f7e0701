"""The page of a tier: its place in the ladder, the editions of its rules, its benefits, the firms that hold it."""

from typing import Any, Final

from kg.network.statements import Statements
from kg.web.things.facts import KG
from kg.web.things.policy import read_benefit, read_editions
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 30
"""Firms that the page names; it says how many there are."""

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
    return {
        "ladder": [subject.name(step) for step in _ladder(subject.own, iri)],
        "editions": read_editions(subject, statements.subjects(KG + "forTier", iri)),
        "benefits": [
            read_benefit(subject, record)
            for record in subject.own.subjects(KG + "eligibleTier", iri)
        ],
        "firms": firms[:MAX_FIRMS],
        "firms_total": len(firms),
    }


def _ladder(statements: Statements, tier: str) -> list[str]:
    """The tiers from the lowest to the highest, where they are a line; a circle ends where it closes."""
    steps = [tier]
    while (below := next(iter(statements.subjects(_NEXT, steps[0])), "")) and below not in steps:
        steps.insert(0, below)
    while (above := statements.one(steps[-1], _NEXT)) and above not in steps:
        steps.append(above)
    return steps
