"""The rules as the graph has them: editions, conditions, bounds, rounds, tiers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from kg.analysis.reading import Reader, Rows

DATES: Final = frozenset(("founded",))
"""Items that give only a day."""


@dataclass(frozen=True)
class Bound:
    """A number that an indicator is compared with over a window of time."""

    iri: str
    indicator: str
    comparator: str
    """ge, gt, le, lt or eq."""
    threshold: Fraction
    unit: str
    window: str


@dataclass(frozen=True)
class Condition:
    """One condition: all it requires, one of its alternatives, unless waived."""

    iri: str
    notation: str
    kind: str
    """threshold, judgement, gate, veto, prerequisite or score."""
    attestation: str = ""
    filings: frozenset[str] = frozenset()
    """Kinds of filing for which it is examined; empty: all."""
    requires_tier: str = ""
    excludes_tier: str = ""
    source: str = ""
    """The only source that decides it."""
    weight: Fraction | None = None
    bounds: tuple[Bound, ...] = ()
    when: tuple[Bound, ...] = ()
    """Bounds under which it applies."""
    requires: tuple["Condition", ...] = ()
    alternatives: tuple["Condition", ...] = ()
    waivers: tuple["Condition", ...] = ()
    parts: tuple["Condition", ...] = ()
    """What its points are the sum of."""
    other: tuple["Condition", ...] = ()
    """Other readings of it, which are shown and not followed."""

    @property
    def answered(self) -> bool:
        """Whether a yes or no answers it: nothing else of it can be computed."""
        return not (
            self.bounds
            or self.requires
            or self.alternatives
            or self.requires_tier
            or self.excludes_tier
        )


@dataclass(frozen=True)
class Edition:
    """The conditions of one tier for some kinds of filing, in the days they hold."""

    iri: str
    tier: str
    filings: frozenset[str]
    start: date
    end: date | None
    """The first day on which it no longer holds."""
    title_years: int | None
    """How long a title lasts; None where the tier is a status that follows from others."""
    document: str
    conditions: tuple[Condition, ...] = ()
    place: str = ""
    """Slug of the territory in which a firm must be seated."""

    def holds(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Round:
    """Days in which firms could file."""

    iri: str
    edition: str
    start: date | None
    end: date


@dataclass(frozen=True)
class Rules:
    """Everything an assessment interprets. Tiers, places and kinds of filing are last parts of IRIs."""

    editions: tuple[Edition, ...]
    bounds: Mapping[str, Bound]
    rounds: tuple[Round, ...] = ()
    next_tier: Mapping[str, str] = field(default_factory=dict)
    grants: frozenset[tuple[str, str]] = frozenset()
    """Place and tier: where the title of a city is of that level."""
    notations: frozenset[str] = frozenset()
    """Of all conditions."""

    def edition(
        self, tier: str, filing: str, day: date, areas: tuple[str, ...] = ()
    ) -> Edition | None:
        """The edition in force, if any: of the first of `areas` that has one. Rules are never applied backwards."""
        found = [
            e for e in self.editions if e.tier == tier and filing in e.filings and e.holds(day)
        ]
        return next(
            (e for place in areas for e in found if e.place == place), found[0] if found else None
        )

    def tiers(self) -> list[str]:
        """The tiers with rules: along the ladder, then beside it."""
        own = {edition.tier for edition in self.editions}
        ladder = [tier for tier in self.next_tier if tier not in self.next_tier.values()]
        while ladder and ladder[-1] in self.next_tier:
            ladder.append(self.next_tier[ladder[-1]])
        return [tier for tier in ladder if tier in own] + sorted(own - set(ladder))

    def items(self) -> frozenset[str]:
        """What a fact of a firm may speak of, awards apart."""
        indicators = {bound.indicator for bound in self.bounds.values()}
        tiers = {edition.tier for edition in self.editions}
        return frozenset(indicators | self.notations | tiers | DATES)


def last_part(iri: str) -> str:
    """`https://…/tier/little-giant` -> `little-giant`."""
    return iri.rpartition("/")[2]


def read_rules(reader: Reader) -> Rules:
    """The rules of a store: six queries, about 1,300 rows on the shipped graph."""
    bounds = {row["bound"]: _read_bound(row) for row in reader.rows("rule-bounds")}
    links: dict[tuple[str, str], list[str]] = {}
    for row in reader.rows("rule-links"):
        links.setdefault((row["parent"], row["link"]), []).append(row["child"])
    nodes = _merge(reader.rows("rule-conditions"), "condition", "filing")
    made: dict[str, Condition] = {}

    def conditions(parent: str, link: str) -> tuple[Condition, ...]:
        return tuple(make(iri) for iri in links.get((parent, link), ()) if iri in nodes)

    def make(iri: str) -> Condition:
        if iri not in made:
            row, filings = nodes[iri]
            made[iri] = Condition(
                iri, row["notation"], row["sort"], row["witness"],
                frozenset(map(last_part, filings)),
                last_part(row["requires"]), last_part(row["excludes"]), row["source"],
                Fraction(row["weight"]) if row["weight"] else None,
                tuple(bounds[b] for b in links.get((iri, "requires"), ()) if b in bounds),
                tuple(bounds[b] for b in links.get((iri, "when"), ()) if b in bounds),
                *(conditions(iri, link) for link in ("requires", "any", "waived", "parts", "other")),
            )  # fmt: skip
        return made[iri]

    editions = tuple(
        Edition(
            iri, last_part(row["tier"]), frozenset(map(last_part, filings)),
            date.fromisoformat(row["from"]),
            date.fromisoformat(row["to"]) if row["to"] else None,
            int(row["years"]) if row["years"] else None, row["document"],
            conditions(iri, "requires"), last_part(row["place"]),
        )
        for iri, (row, filings) in _merge(reader.rows("rule-editions"), "edition", "kind").items()
    )  # fmt: skip
    rounds = tuple(
        Round(
            row["round"], row["edition"],
            date.fromisoformat(row["from"]) if row["from"] else None, date.fromisoformat(row["to"]),
        )
        for row in reader.rows("rule-rounds")
    )  # fmt: skip
    tiers = [(row["link"], *map(last_part, (row["subject"], row["tier"]))) for row in reader.rows("rule-tiers")]  # fmt: skip
    return Rules(
        editions,
        bounds,
        rounds,
        {subject: tier for link, subject, tier in tiers if link == "next"},
        frozenset((subject, tier) for link, subject, tier in tiers if link == "grants"),
        frozenset(row["notation"] for row, _ in nodes.values()),
    )


def _read_bound(row: Mapping[str, str]) -> Bound:
    return Bound(
        row["bound"], row["indicator"], row["comparator"], Fraction(row["threshold"]), row["unit"],
        row["window"],
    )  # fmt: skip


def _merge(rows: Rows, key: str, several: str) -> dict[str, tuple[dict[str, str], set[str]]]:
    """The first row of each thing with all the values of one column."""
    found: dict[str, tuple[dict[str, str], set[str]]] = {}
    for row in rows:
        found.setdefault(row[key], (row, set()))[1].update({row[several]} - {""})
    return found
