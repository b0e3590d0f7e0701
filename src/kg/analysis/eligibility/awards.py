"""What a firm may be paid: claims on awards with their conditions, top-ups and ways of payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kg.analysis.eligibility.outcome import WRONG_PLACE, Outcome, Result, all_of, any_of, unknown
from kg.analysis.eligibility.profile import Profile
from kg.analysis.eligibility.rules import Bound, Rules, last_part
from kg.analysis.eligibility.titles import find_title
from kg.analysis.eligibility.windows import Measure
from kg.analysis.reading import Reader, Rows
from kg.errors import ProfileInvalid
from kg.namespaces import PREFIXES


@dataclass(frozen=True)
class Award:
    """One claim about one award; a sum is an upper bound."""

    iri: str
    fact: str
    granted_by: str
    tiers: frozenset[str]
    amount: Fraction | None
    currency: str
    mode: str
    """automatic, application or unstated."""
    start: date | None
    """Without a day the claim may be out of force."""
    instrument: str
    cumulation: str
    """cumulative, top-up, exclusive, or empty where not recorded."""
    deducts: frozenset[str]
    """Facts of the awards whose paid sums are deducted."""
    when: tuple[Bound, ...]
    modality: str
    disputed: bool


@dataclass(frozen=True)
class Claim:
    """An award as one firm may claim it."""

    award: Award
    result: Result
    """Seat, title and conditions; what was paid before does not change it."""
    payable: Fraction | None
    """At most so much, less what was paid before; None where it is not met or no sum is recorded."""
    paid: Fraction | None
    """What was paid before and is deducted; None where that is not recorded."""


def read_awards(reader: Reader, rules: Rules, place: str, day: date) -> list[Award]:
    """The claims in force in a place and those around it; one query."""
    rows = reader.rows("award-claims", place=PREFIXES["pl"] + place, day=day.isoformat())
    by_award: dict[str, Rows] = {}
    for row in rows:
        by_award.setdefault(row["award"], []).append(row)
    return [_read_award(found, rules) for found in by_award.values()]


def _read_award(rows: Rows, rules: Rules) -> Award:
    row = rows[0]
    return Award(
        row["award"], row["fact"], row["grantedBy"],
        frozenset(last_part(one["tier"]) for one in rows),
        Fraction(row["amount"]) if row["amount"] else None, row["currency"],
        last_part(row["mode"]), date.fromisoformat(row["from"]) if row["from"] else None,
        row["instrument"], last_part(row["cumulation"]),
        frozenset(one["deducts"] for one in rows) - {""},
        tuple(rules.bounds[iri] for iri in dict.fromkeys(one["when"] for one in rows) if iri),
        row["modality"], row["disputed"] == "true",
    )  # fmt: skip


def claim(rules: Rules, profile: Profile, awards: Iterable[Award], day: date) -> list[Claim]:
    """What each award comes to for a firm. Raises ProfileInvalid for a paid sum that is not in yuan."""
    measure = Measure(profile, day)
    found = []
    for award in awards:
        title = any_of(find_title(rules, profile, tier, day) for tier in sorted(award.tiers))
        seat = [] if profile.place else [unknown("missing")]
        result = all_of([*seat, title, *(measure.compare(bound) for bound in award.when)])
        if not profile.sits_in(last_part(award.granted_by)):
            result = WRONG_PLACE
        paid = _sum_paid(profile, award)
        payable = None
        if award.amount is not None and result.outcome is Outcome.MET:
            payable = max(award.amount - (paid or 0), Fraction(0))
        found.append(Claim(award, result, payable, paid))
    return found


def _sum_paid(profile: Profile, award: Award) -> Fraction | None:
    """What was paid of the award and of those that it deducts; none recorded is not the same as nothing paid."""
    facts = [fact for name in sorted(award.deducts | {award.fact}) for fact in profile.of(name)]
    for fact in facts:
        if not fact.absent and (fact.number is None or fact.unit != award.currency):
            raise ProfileInvalid(f"what was paid of {fact.item!r} needs a sum such as '20万元'")
    return sum((fact.number or Fraction(0) for fact in facts), Fraction(0)) if facts else None
