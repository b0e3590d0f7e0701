"""The page of an investor: what is claimed of its portfolio beside what is recorded, by name and by stage."""

from dataclasses import dataclass
from typing import Any, Final

from kg.namespaces import OWN_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 50
"""Investments that the page names; it says how many there are."""

_COUNT: Final = OWN_PREFIXES["ind"] + "invested-count"
_SHARE: Final = OWN_PREFIXES["ind"] + "portfolio-share"
_PARENT: Final = KG + "partOfOrganization"


@dataclass(frozen=True)
class Portfolio:
    """Of one organisation alone: firms claimed and firms recorded by name."""

    organisation: Cell
    claims: list[Fact]
    recorded: int


@dataclass(frozen=True)
class Share:
    """Part of the portfolio at one stage."""

    fact: Fact
    percent: float
    """From 0 to 100, for the bar."""


def related(statements: Statements, _investor: str) -> list[str]:
    """The figures claimed of it and of its subsidiaries, and the investments by name."""
    figures = [
        record
        for indicator in (_COUNT, _SHARE)
        for record in statements.subjects(KG + "indicator", indicator)
    ]
    investors = dict.fromkeys(statements.values(KG + "investor"))
    made = [r for investor in investors for r in statements.subjects(KG + "investor", investor)]
    return [*figures, *made[:MAX_FIRMS]]


def sections(subject: Subject) -> dict[str, Any]:
    """What things/investor.html shows besides the facts."""
    own, iri = subject.own, subject.iri
    children = sorted({child for child, parent, _ in own.stated(_PARENT) if parent == iri})
    parents = sorted({parent for child, parent, _ in own.stated(_PARENT) if child == iri})
    made = own.subjects(KG + "investor", iri)
    return {
        "portfolios": [_portfolio(subject, organisation) for organisation in (iri, *children)],
        "parents": [subject.name(parent) for parent in parents],
        "children": [subject.name(child) for child in children],
        "shares": [
            Share(fact, _percent(fact.figure.value))
            for record in _figures(own, iri, _SHARE)
            if (fact := subject.fact(record)).figure
        ],
        "investments": [subject.fact(record) for record in made[:MAX_FIRMS]],
        "investments_total": len(made),
    }


def _figures(own: Statements, organisation: str, indicator: str) -> list[str]:
    found = own.subjects(KG + "feature", organisation)
    return [record for record in found if indicator in own.objects(record, KG + "indicator")]


def _percent(text: str) -> float:
    """From 0 to 100, whatever a graph holds as a share."""
    try:
        return min(100.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _portfolio(subject: Subject, organisation: str) -> Portfolio:
    own = subject.own
    made = own.subjects(KG + "investor", organisation)
    return Portfolio(
        subject.name(organisation),
        [subject.fact(record) for record in _figures(own, organisation, _COUNT)],
        len({firm for record in made for firm in own.objects(record, KG + "investee")}),
    )
