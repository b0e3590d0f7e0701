"""Editions interpreted against the facts of a firm: a finding for each condition, then a verdict."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kg.analysis.eligibility.outcome import (
    MET,
    NO_SCORE,
    NOT_APPLICABLE,
    UNMET,
    WRONG_PLACE,
    Outcome,
    Result,
    Score,
    Verdict,
    all_of,
    any_of,
    score,
    unknown,
    verdict,
)
from kg.analysis.eligibility.points import count_points
from kg.analysis.eligibility.profile import OFFICIAL, Fact, Profile
from kg.analysis.eligibility.rules import Bound, Condition, Edition, Rules
from kg.analysis.eligibility.titles import find_title
from kg.analysis.eligibility.windows import Measure


@dataclass(frozen=True)
class Finding:
    """One condition with its result, and the findings below it."""

    condition: Condition
    result: Result
    below: tuple["Finding", ...] = ()
    shorts: tuple[tuple[Bound, Fraction], ...] = ()
    """Its own bounds that are not met, and how far it is from each."""

    def find(self, notation: str) -> "Finding | None":
        """The finding on a condition, here or below."""
        if self.condition.notation == notation:
            return self
        return next((found for part in self.below if (found := part.find(notation))), None)

    def gaps(self) -> list["Finding"]:
        """What keeps it from being met: the lowest findings that are not met in what is not met."""
        if self.result.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
            return []
        below = [gap for part in self.below for gap in part.gaps()]
        return below or [self]


@dataclass(frozen=True)
class Assessment:
    """One firm, one tier, one day: a snapshot of outcomes under the edition in force."""

    profile: Profile
    tier: str
    day: date
    filing: str
    edition: Edition | None
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    score: Score = NO_SCORE
    round_open: bool | None = None
    """None where no round is recorded."""
    title: Result = NOT_APPLICABLE
    """Whether the firm holds the title by the facts given."""

    @property
    def implausible(self) -> bool:
        """Whether a title is claimed that the conditions speak against; the claim is kept."""
        return self.verdict is Verdict.NOT_MET and self.title.outcome is Outcome.MET

    def find(self, notation: str) -> Finding | None:
        """The finding on a condition."""
        return next((found for part in self.findings if (found := part.find(notation))), None)

    def outcome(self, notation: str) -> Result:
        """The result of a condition. Raises KeyError where the edition does not have it."""
        found = self.find(notation)
        if found is None:
            raise KeyError(f"no condition {notation!r} in {self.edition and self.edition.iri}")
        return found.result

    def gaps(self) -> list[Finding]:
        """What is missing: each unmet, unknown or open condition once."""
        found = (gap for finding in self.findings for gap in finding.gaps())
        return list({gap.condition.iri: gap for gap in found}.values())


def assess(
    rules: Rules, profile: Profile, tier: str, day: date, filing: str = "new",
    areas: tuple[str, ...] = (),
) -> Assessment:  # fmt: skip
    """What the firm comes to for a tier on a day under the rules of `areas`, else of where it sits.

    Cost is that of the conditions of one edition.
    """
    title = find_title(rules, profile, tier, day)
    edition = rules.edition(tier, filing, day, areas or profile.areas)
    if edition is None:
        return Assessment(profile, tier, day, filing, None, Verdict.NOT_APPLICABLE, title=title)
    if not profile.sits_in(edition.place):
        none = tuple(Finding(condition, WRONG_PLACE) for condition in edition.conditions)
        return Assessment(
            profile, tier, day, filing, edition, Verdict.NOT_APPLICABLE, none, title=title
        )
    judge = _Judge(rules, profile, tier, day, filing)
    findings = tuple(judge.judge(condition) for condition in edition.conditions)
    weighted = ((f.result.outcome, f.condition.weight or Fraction(1)) for f in findings)
    rounds = [found for found in rules.rounds if found.edition == edition.iri]
    is_open = any((found.start or day) <= day < found.end for found in rounds)
    return Assessment(
        profile, tier, day, filing, edition, verdict(finding.result for finding in findings),
        findings, score(weighted), is_open if rounds else None, title,
    )  # fmt: skip


class _Judge:
    """Interprets conditions for one firm, tier and day."""

    def __init__(self, rules: Rules, profile: Profile, tier: str, day: date, filing: str) -> None:
        self._rules, self._profile, self._day, self._filing = rules, profile, day, filing
        self._measure = Measure(profile, day, tier)

    def judge(self, condition: Condition) -> Finding:
        """The finding on a condition; waivers lift it only where they are shown."""
        if condition.filings and self._filing not in condition.filings:
            return Finding(condition, NOT_APPLICABLE)
        applies = all_of(self._measure.compare(bound) for bound in condition.when)
        if applies.outcome is Outcome.UNMET:
            return Finding(condition, NOT_APPLICABLE)
        if applies.outcome is Outcome.UNKNOWN:
            return Finding(condition, applies)
        required = [self.judge(below) for below in condition.requires]
        alternatives = [self.judge(below) for below in condition.alternatives]
        waivers = [self.judge(below) for below in condition.waivers]
        own = [self._bound(condition, bound) for bound in condition.bounds]
        shorts = tuple((b, r.short) for b, r in zip(condition.bounds, own, strict=True) if r.short is not None)  # fmt: skip
        if condition.requires_tier or condition.excludes_tier:
            own.append(self._hold(condition))
        if condition.answered:
            own.append(self._answer(condition))
        if alternatives:
            own.append(any_of(finding.result for finding in alternatives))
        result = all_of([*own, *(finding.result for finding in required)])
        if waivers and result.outcome is not Outcome.MET:
            shown = [w.result for w in waivers if w.result.outcome is not Outcome.UNKNOWN]
            result = any_of([result, *shown])
        shorts = () if result.outcome is Outcome.MET else shorts
        return Finding(condition, result, (*required, *alternatives, *waivers), shorts)

    def _bound(self, condition: Condition, bound: Bound) -> Result:
        if not condition.source:
            found = self._measure.compare(bound)
            if found.reason == "missing" and condition.parts:
                return count_points(condition, self._measure, bound)
            return found
        official = self._measure.only(condition.source).compare(bound)
        if official.outcome is not Outcome.UNKNOWN:
            return official
        other = self._measure.compare(bound).reviewed()
        return official if other.outcome is Outcome.UNKNOWN else other

    def _answer(self, condition: Condition) -> Result:
        """A yes or no. What a person must judge is decided by an official finding alone."""
        facts = [f for f in self._measure.facts(condition.notation) if self._in_time(f)]
        deciding = frozenset((condition.source,)) if condition.source else OFFICIAL
        official = [fact for fact in facts if fact.source in deciding]
        if not (condition.source or condition.kind == "judgement"):
            official = facts
        if official:
            answers = {fact.answer for fact in official}
            if len(answers) > 1 or None in answers:
                return unknown("conflict" if len(answers) > 1 else "missing-unit")
            return MET if answers == {True} else UNMET
        if facts or (condition.kind == "judgement" and condition.when):
            return Result(Outcome.REVIEW)
        return unknown("missing")

    def _in_time(self, fact: Fact) -> bool:
        return fact.observed is None or fact.observed <= self._day

    def _hold(self, condition: Condition) -> Result:
        wanted = condition.requires_tier or condition.excludes_tier
        found = find_title(self._rules, self._profile, wanted, self._day)
        if condition.excludes_tier:
            flipped = {Outcome.MET: UNMET, Outcome.UNMET: MET}
            return flipped.get(found.outcome, found)
        edition = self._rules.edition(wanted, self._filing, self._day, self._profile.areas)
        if found.reason == "missing" and edition and edition.title_years is None:
            # a status that follows from others, as that of the base tier does
            below = _Judge(self._rules, self._profile, wanted, self._day, self._filing)
            return all_of(below.judge(part).result for part in edition.conditions)
        return found
