"""Assessments and awards as answers: conditions of a tier, place on the ladder, what may be paid."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.eligibility.awards import claim, read_awards
from kg.analysis.eligibility.evaluate import Assessment, Finding, assess
from kg.analysis.eligibility.example import EXAMPLE
from kg.analysis.eligibility.outcome import Outcome
from kg.analysis.eligibility.profile import Profile, read_profiles
from kg.analysis.eligibility.quantities import write_number
from kg.analysis.eligibility.rules import Rules, last_part, read_rules
from kg.analysis.reading import Reader
from kg.errors import ProfileInvalid
from kg.namespaces import PREFIXES
from kg.store import Store

Values = Mapping[str, Sequence[str]]

_SIGNS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}

CONDITION_COLUMNS: Final = (
    Column("firm", "text"),
    Column("condition", "thing"),
    Column("part_of", "thing", optional=True),
    Column("outcome", "code"),
    Column("reason", "code", optional=True),
    Column("found", "text", optional=True),
    Column("bound", "text", optional=True),
    Column("unit", "thing", optional=True),
    Column("window", "thing", optional=True),
    Column("attestation", "thing"),
)
TIER_COLUMNS: Final = (
    Column("firm", "text"),
    Column("tier", "thing"),
    Column("held", "code"),
    Column("verdict", "code"),
    Column("score", unit="%", optional=True),
    Column("decided", unit="%"),
    Column("open_conditions"),
    Column("missing", "thing", optional=True),
    Column("edition", "thing"),
    Column("filing_open", "code", optional=True),
    Column("claim", "code", optional=True),
)
AWARD_COLUMNS: Final = (
    Column("firm", "text"),
    Column("award", "thing"),
    Column("granted_by", "thing"),
    Column("instrument", "thing"),
    Column("outcome", "code"),
    Column("amount", unit="CNY"),
    Column("paid", unit="CNY"),
    Column("payable", unit="CNY", optional=True),
    Column("mode", "thing"),
    Column("cumulation", "thing"),
    Column("since", "text"),
    Column("disputed", "code", optional=True),
)


def find_eligibility(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """Each condition of `tier` for the firms of `profile` on `day`; about 0.1 s and 1 ms a firm.

    Raises ProfileInvalid.
    """
    reader = Reader(store, root)
    rules, profiles = _read(reader, values)
    tier, day, filing = last_part(values["tier"][0]), _day(values), values["filing"][0]
    found = [assess(rules, profile, tier, day, filing) for profile in profiles]
    conditions = [finding for one in found for finding in one.findings]
    applicable = [f for f in conditions if f.result.outcome is not Outcome.NOT_APPLICABLE]
    decided = sum(f.result.outcome in (Outcome.MET, Outcome.UNMET) for f in applicable)
    edition = found[0].edition
    verdicts = [Note(f"verdict_{one.verdict}", {"firm": one.profile.firm}) for one in found[:20]]
    refusal = None if edition else Note("no_edition", {"day": day.isoformat()})
    documents = {edition.iri, edition.document} if edition else set()
    sources, cut = cite(documents | {finding.condition.iri for finding in conditions})
    return Answer(
        CONDITION_COLUMNS,
        [row for one in found for finding in one.findings for row in _rows(one, finding, "")],
        data_date(store),
        coverage=(Coverage(decided, len(applicable), "conditions"),),
        notes=(*verdicts, Note("absent_fact"), *cut),
        assumptions=_assumptions(values),
        sources=sources,
        queries=tuple(reader.queries),
        refusal=refusal,
    )


def _rows(one: Assessment, finding: Finding, above: str) -> list[dict[str, Value]]:
    """A condition, then those below it; nothing below one that does not apply."""
    condition, result = finding.condition, finding.result
    row: dict[str, Value] = {
        "firm": one.profile.firm,
        "condition": condition.iri,
        "part_of": above or None,
        "outcome": result.outcome.value,
        "reason": result.reason or ("conflict" if result.conflict else None),
        "found": result.value or None,
        "bound": tuple(f"{_SIGNS[b.comparator]} {write_number(b.threshold)}" for b in condition.bounds) or None,
        "unit": tuple(PREFIXES["u"] + b.unit for b in condition.bounds) or None,
        "window": tuple(PREFIXES["win"] + b.window for b in condition.bounds) or None,
        "attestation": PREFIXES["att"] + condition.attestation if condition.attestation else None,
    }  # fmt: skip
    if result.outcome is Outcome.NOT_APPLICABLE:
        return [row]
    return [row, *(r for part in finding.below for r in _rows(one, part, condition.iri))]


def find_tiers(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """All tiers for the firms of `profile` on `day`: held, verdict, what is missing; 7 ms a firm.

    Raises ProfileInvalid.
    """
    reader = Reader(store, root)
    rules, profiles = _read(reader, values)
    day, filing = _day(values), values["filing"][0]
    tiers = rules.tiers()
    found = [assess(rules, profile, tier, day, filing) for profile in profiles for tier in tiers]
    editions = {one.edition.iri for one in found if one.edition}
    recorded = sum(one.title.reason != "missing" for one in found)
    sources, cut = cite(editions)
    return Answer(
        TIER_COLUMNS,
        [row for profile in profiles for row in _tier_rows(rules, profile, found)],
        data_date(store),
        coverage=(Coverage(recorded, len(found), "titles"),),
        notes=(Note("absent_fact"), Note("verdict_rule"), *cut),
        assumptions=(*_assumptions(values), Note("weights_equal")),
        sources=sources,
        queries=tuple(reader.queries),
    )


def _tier_rows(
    rules: Rules, profile: Profile, found: Sequence[Assessment]
) -> list[dict[str, Value]]:
    """The tiers of a firm; what is missing is listed for the next one on the ladder."""
    own = [one for one in found if one.profile is profile]
    held = {one.tier for one in own if one.title.outcome is Outcome.MET}
    ladder = [one.tier for one in own if one.tier in rules.next_tier]
    highest = max((ladder.index(tier) for tier in held if tier in ladder), default=-1)
    following = ladder[highest + 1] if highest + 1 < len(ladder) else ""
    return [_tier_row(one, next_=one.tier == following) for one in own]


def _tier_row(one: Assessment, *, next_: bool) -> dict[str, Value]:
    gaps = one.gaps()
    return {
        "firm": one.profile.firm,
        "tier": PREFIXES["tier"] + one.tier,
        "held": one.title.outcome.value,
        "verdict": one.verdict.value,
        "score": None if one.score.score is None else round(float(one.score.score * 100), 1),
        "decided": round(float(one.score.coverage * 100), 1) if one.edition else None,
        "open_conditions": len(gaps) if one.edition else None,
        "missing": tuple(gap.condition.iri for gap in gaps) if next_ and gaps else None,
        "edition": one.edition.iri if one.edition else None,
        "filing_open": None if one.round_open is None else ("open" if one.round_open else "closed"),
        "claim": "implausible" if one.implausible else None,
    }


def find_awards(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """What the firms of `profile` may be paid where they sit, on `day`; 20 ms for each place.

    Raises ProfileInvalid for a firm without a place.
    """
    reader = Reader(store, root)
    rules, profiles = _read(reader, values)
    day = _day(values)
    rows: list[dict[str, Value]] = []
    awards = {p.place: read_awards(reader, rules, p.place, day) for p in profiles if p.place}
    for profile in profiles:
        if not profile.place:
            raise ProfileInvalid(
                f"{profile.firm!r} needs a place, such as the item place, longgang"
            )
        for one in claim(rules, profile, awards[profile.place], day):
            rows.append(
                {
                    "firm": profile.firm,
                    "award": one.award.iri,
                    "granted_by": one.award.granted_by,
                    "instrument": one.award.instrument or None,
                    "outcome": one.result.outcome.value,
                    "amount": _amount(one.award.amount),
                    "paid": _amount(one.paid),
                    "payable": _amount(one.payable),
                    "mode": PREFIXES["mode"] + one.award.mode if one.award.mode else None,
                    "cumulation": PREFIXES["cum"] + one.award.cumulation if one.award.cumulation else None,
                    "since": one.award.start.isoformat() if one.award.start else None,
                    "disputed": "disputed" if one.award.disputed else None,
                }
            )  # fmt: skip
    rows.sort(key=lambda row: (row["firm"], row["outcome"] != "met", -float(str(row["payable"] or 0))))  # fmt: skip
    sources, cut = cite({str(row["award"]) for row in rows})
    dated = sum(row["since"] is not None for row in rows)
    return Answer(
        AWARD_COLUMNS,
        rows,
        data_date(store),
        coverage=(Coverage(dated, len(rows), "award_days"),),
        notes=(Note("awards_not_summed"), *cut),
        assumptions=(*_assumptions(values), Note("awards_paid")),
        sources=sources,
        queries=tuple(reader.queries),
    )


def _amount(number: object) -> int | None:
    return None if number is None else int(str(number))


def _day(values: Values) -> date:
    return date.fromisoformat(values["day"][0])


def _read(reader: Reader, values: Values) -> tuple[Rules, list[Profile]]:
    """The rules and the firms. Raises ProfileInvalid for an item that the graph does not have."""
    rules = read_rules(reader)
    paid = {row["fact"] for row in reader.rows("award-facts")}
    return rules, read_profiles(values["profile"][0], rules.items() | paid)


def _assumptions(values: Values) -> tuple[Note, ...]:
    invented = (Note("example_firm"),) if values["profile"][0].strip() == EXAMPLE.strip() else ()
    return (*invented, Note("rules_unverified"))
