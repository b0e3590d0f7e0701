"""Assessments as answers: conditions of a tier, place on the ladder, what is missing for the next."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.eligibility.evaluate import Assessment, Finding, assess
from kg.analysis.eligibility.inputs import Inputs, Values, read_inputs
from kg.analysis.eligibility.outcome import Outcome
from kg.analysis.eligibility.profile import Profile
from kg.analysis.eligibility.quantities import write_number
from kg.analysis.eligibility.rules import Rules, last_part
from kg.analysis.reading import Reader
from kg.namespaces import PREFIXES
from kg.store import Store

_SIGNS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "eq": "="}

CONDITION_COLUMNS: Final = (
    Column("firm", "text"),
    Column("condition", "thing"),
    Column("part_of", "thing", optional=True),
    Column("outcome", "code"),
    Column("reason", "code", optional=True),
    Column("found", "text", optional=True),
    Column("bound", "text", optional=True),
    Column("short", "text", optional=True),
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
NEXT_COLUMNS: Final = (
    Column("firm", "text"),
    Column("tier", "thing"),
    *(c for c in CONDITION_COLUMNS if c.name not in ("firm", "part_of")),
    Column("decided_by", "thing", optional=True),
)


def find_eligibility(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """Each condition of `tier` for the firms of `profile` on `day`; about 0.1 s and 1 ms a firm.

    Raises ProfileInvalid.
    """
    reader = Reader(store, root)
    given = read_inputs(reader, values)
    tier, day, filing = last_part(values["tier"][0]), given.day, values["filing"][0]
    found = [assess(given.rules, one, tier, day, filing, given.areas) for one in given.profiles]
    conditions = [finding for one in found for finding in one.findings]
    applicable = [f for f in conditions if f.result.outcome is not Outcome.NOT_APPLICABLE]
    decided = sum(f.result.outcome in (Outcome.MET, Outcome.UNMET) for f in applicable)
    edition = found[0].edition
    verdicts = [_say_verdict(one) for one in found[:20]]
    refusal = None if edition else Note("no_edition", {"day": day.isoformat()})
    documents = {edition.iri, edition.document} if edition else set()
    sources, cut = cite(documents | {finding.condition.iri for finding in conditions})
    return Answer(
        CONDITION_COLUMNS,
        [row for one in found for finding in one.findings for row in _rows(one, finding, "")],
        data_date(store),
        chart="counts x=firm by=outcome",
        coverage=(Coverage(decided, len(applicable), "conditions"),),
        notes=(*verdicts, _snapshot(store, found), Note("absent_fact"), *cut),
        assumptions=given.assumptions,
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
        "short": tuple(write_number(short) for _, short in finding.shorts) or None,
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
    given = read_inputs(reader, values)
    found = _assess_all(given, values["filing"][0])
    editions = {one.edition.iri for one in found if one.edition}
    recorded = sum(one.title.reason != "missing" for one in found)
    sources, cut = cite(editions)
    return Answer(
        TIER_COLUMNS,
        [row for profile in given.profiles for row in _tier_rows(given.rules, profile, found)],
        data_date(store),
        chart="counts x=tier by=verdict",
        coverage=(Coverage(recorded, len(found), "titles"),),
        notes=(_snapshot(store, found), Note("absent_fact"), Note("verdict_rule"), *cut),
        assumptions=(*given.assumptions, Note("weights_equal")),
        sources=sources,
        queries=tuple(reader.queries),
    )


def _tier_rows(
    rules: Rules, profile: Profile, found: Sequence[Assessment]
) -> list[dict[str, Value]]:
    """The tiers of a firm; what is missing is listed for the next one on the ladder."""
    own = [one for one in found if one.profile is profile]
    following = _find_next(rules, own)
    return [_tier_row(one, next_=one is following) for one in own]


def _find_next(rules: Rules, own: Sequence[Assessment]) -> Assessment | None:
    """The tier after the highest that a firm holds on the ladder; None at its end."""
    held = {one.tier for one in own if one.title.outcome is Outcome.MET}
    ladder = [one for one in own if one.tier in rules.next_tier]
    highest = max((n for n, one in enumerate(ladder) if one.tier in held), default=-1)
    return ladder[highest + 1] if highest + 1 < len(ladder) else None


def _assess_all(given: Inputs, filing: str) -> list[Assessment]:
    tiers = given.rules.tiers()
    return [
        assess(given.rules, profile, tier, given.day, filing, given.areas)
        for profile in given.profiles
        for tier in tiers
    ]


def find_next(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """What each firm of `profile` lacks for its next tier, with the distance to each number; 7 ms a firm.

    Raises ProfileInvalid.
    """
    reader = Reader(store, root)
    given = read_inputs(reader, values)
    found = _assess_all(given, values["filing"][0])
    own = [[one for one in found if one.profile is profile] for profile in given.profiles]
    following = [one for one in (_find_next(given.rules, several) for several in own) if one]
    rows = [
        {"firm": one.profile.firm, "tier": PREFIXES["tier"] + one.tier} | row | {"decided_by": _decided_by(gap)}
        for one in following
        for gap in one.gaps()
        for row in _rows(one, replace(gap, below=()), "")
    ]  # fmt: skip
    editions = {one.edition.iri for one in following if one.edition}
    sources, cut = cite(editions | {str(row["condition"]) for row in rows})
    return Answer(
        NEXT_COLUMNS,
        rows,
        data_date(store),
        chart="counts x=tier by=outcome",
        coverage=(Coverage(sum(row["outcome"] == "unmet" for row in rows), len(rows), "gaps"),),
        notes=(*map(_say_verdict, following[:20]), _snapshot(store, following), Note("absent_fact"), *cut),
        assumptions=given.assumptions,
        sources=sources,
        queries=tuple(reader.queries),
    )  # fmt: skip


def _decided_by(gap: Finding) -> str | None:
    """The kind of source that alone decides the condition."""
    return PREFIXES["srct"] + gap.condition.source if gap.condition.source else None


def _say_verdict(one: Assessment) -> Note:
    away = one.edition and not one.profile.sits_in(one.edition.place)
    return Note("verdict_wrong-place" if away else f"verdict_{one.verdict}", {"firm": one.profile.firm})  # fmt: skip


def _snapshot(store: Store, found: Sequence[Assessment]) -> Note:
    """Day, editions and release: what an assessment must name so that a later one can be compared."""
    editions = sorted({last_part(one.edition.iri) for one in found if one.edition})
    day = found[0].day.isoformat() if found else ""
    return Note("snapshot", {"day": day, "editions": ", ".join(editions) or "–", "release": store.release})  # fmt: skip


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
