"""Steps of industry chains and the firms in them, recorded or only named by a machine-made list."""

import re
from dataclasses import dataclass
from typing import Final

from kg.namespaces import EXTERNAL_PREFIXES, OWN_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact
from kg.web.things.subject import Subject

MAX_THIN: Final = 2
"""A step with so many recorded firms or fewer is marked; the page says so."""
PART: Final = EXTERNAL_PREFIXES["dcterms"] + "isPartOf"
_FIRM_COUNT: Final = OWN_PREFIXES["ind"] + "enterprise-count"


@dataclass(frozen=True)
class Firm:
    """A firm in a step by a record, or a name that a list outside of the merged view puts there."""

    name: Cell
    place: Cell | None
    """Its city, else its province."""
    tiers: list[Cell]


@dataclass(frozen=True)
class Step:
    """A step without parts of its own."""

    name: Cell
    stage: str
    group: str
    """The step that it is part of, or nothing."""
    firms: list[Firm]
    mentions: list[Firm]
    """Unverified ones."""
    feeds: list[Cell]
    risks: list[Cell]
    claimed: list[Fact]
    """How many firms it is said to have."""

    @property
    def thin(self) -> bool:
        """Whether so few firms are recorded that the step is marked."""
        return len(self.firms) <= MAX_THIN


def counts_of(own: Statements, step: str) -> list[str]:
    """The records of how many firms a step is said to have."""
    records = own.subjects(KG + "feature", step)
    return [record for record in records if own.one(record, KG + "indicator") == _FIRM_COUNT]


def natural(iri: str) -> list[tuple[int, str]]:
    """The sort key of an address: `…-2-10` after `…-2-9`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", iri)]


def read_step(subject: Subject, iri: str) -> Step:
    """A step with the firms in it, from the answer of a page's query."""
    own = subject.own
    records = own.subjects(KG + "inSegment", iri)
    there = {firm for record in records for firm in own.objects(record, KG + "participant")}
    firms = [read_firm(subject, firm) for firm in there if not own.is_a(firm, "EnterpriseMention")]
    mentions = [read_firm(subject, firm) for firm in there if own.is_a(firm, "EnterpriseMention")]
    return Step(
        subject.name(iri),
        own.one(iri, KG + "stage"),
        own.one(iri, PART),
        sorted(firms, key=lambda firm: (not firm.tiers, firm.name.text)),
        sorted(mentions, key=lambda firm: firm.name.text),
        [subject.name(other) for other in own.objects(iri, KG + "feeds")],
        [subject.name(flag) for flag in own.objects(iri, KG + "riskFlag")],
        [subject.fact(record) for record in counts_of(own, iri)],
    )


def read_firm(subject: Subject, iri: str) -> Firm:
    """A firm with its place and tiers."""
    own = subject.own
    areas = own.objects(iri, KG + "withinArea")
    places = [area for kind in ("City", "Province") for area in areas if own.is_a(area, kind)]
    tiers = [subject.name(tier) for tier in own.objects(iri, KG + "hasTier")]
    return Firm(subject.name(iri), subject.name(places[0]) if places else None, tiers)
