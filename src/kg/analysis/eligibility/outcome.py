"""The algebra of outcomes: met, unmet, unknown, for a person to judge, not applicable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Final


class Outcome(StrEnum):
    """What a condition comes to; the notations of the scheme `out:`."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    REVIEW = "manual-review"
    NOT_APPLICABLE = "not-applicable"


class Verdict(StrEnum):
    """What an assessment comes to; notations of the scheme `ver:`. None of them says "qualified"."""

    NOT_APPLICABLE = "not-applicable"
    NOT_MET = "not-met"
    NEEDS_DATA = "needs-data"
    OPPORTUNITY = "opportunity"
    PROMISING = "promising"


_ALL: Final = (Outcome.UNMET, Outcome.UNKNOWN, Outcome.REVIEW, Outcome.MET)
"""The first of these among the members wins where all are required."""
_ANY: Final = (Outcome.MET, Outcome.REVIEW, Outcome.UNKNOWN, Outcome.UNMET)
_VERDICTS: Final = {
    Outcome.NOT_APPLICABLE: Verdict.NOT_APPLICABLE,
    Outcome.UNMET: Verdict.NOT_MET,
    Outcome.UNKNOWN: Verdict.NEEDS_DATA,
    Outcome.REVIEW: Verdict.OPPORTUNITY,
    Outcome.MET: Verdict.PROMISING,
}


@dataclass(frozen=True)
class Result:
    """An outcome, why it is unknown, and whether sources disagree beneath it."""

    outcome: Outcome
    reason: str = ""
    """missing, missing-unit, invalid-period, undefined-ratio, conflict or wrong-place."""
    conflict: bool = False
    value: str = ""
    """What was compared, as people read it."""
    short: Fraction | None = None
    """How far it is from the bound that it does not meet, in the unit of the bound."""

    def reviewed(self) -> "Result":
        """The same, left to a person where it would decide."""
        decided = self.outcome in (Outcome.MET, Outcome.UNMET)
        return replace(self, outcome=Outcome.REVIEW) if decided else self


MET: Final = Result(Outcome.MET)
UNMET: Final = Result(Outcome.UNMET)
NOT_APPLICABLE: Final = Result(Outcome.NOT_APPLICABLE)
WRONG_PLACE: Final = Result(Outcome.NOT_APPLICABLE, "wrong-place")


def unknown(reason: str, value: str = "") -> Result:
    """Not known, with the reason."""
    return Result(Outcome.UNKNOWN, reason, reason == "conflict", value)


def all_of(results: Iterable[Result]) -> Result:
    """The outcome of members that must all hold; those not applicable drop out."""
    return _first(list(results), _ALL)


def any_of(results: Iterable[Result]) -> Result:
    """The outcome of members of which one is enough; those not applicable drop out."""
    return _first(list(results), _ANY)


def _first(results: Sequence[Result], order: Sequence[Outcome]) -> Result:
    for outcome in order:
        found = [result for result in results if result.outcome is outcome]
        if found:
            values = dict.fromkeys(result.value for result in found if result.value)
            conflict = any(result.conflict for result in found)
            short = max((r.short for r in found if r.short is not None), default=None)
            return Result(outcome, found[0].reason, conflict, "; ".join(values), short)
    return NOT_APPLICABLE


def agree(results: Sequence[Result]) -> Result:
    """The outcome of one comparison made with each of several values that sources give for it.

    The same outcome from all keeps it, marked; different outcomes are unknown for conflict.
    """
    if len(results) == 1:
        return results[0]
    value = " / ".join(dict.fromkeys(result.value for result in results))
    if len({result.outcome for result in results}) > 1:
        return unknown("conflict", value)
    short = max((r.short for r in results if r.short is not None), default=None)
    return replace(results[0], conflict=True, value=value, short=short)


def verdict(results: Iterable[Result]) -> Verdict:
    """What required conditions come to together."""
    return _VERDICTS[all_of(results).outcome]


MIN_COVERAGE: Final = Fraction(15, 100)
"""Below this share of decided weight no score is shown."""


@dataclass(frozen=True)
class Score:
    """Weight of what is met among what is decided, and of what is decided among what applies."""

    score: Fraction | None
    """None where too little is decided."""
    coverage: Fraction


NO_SCORE: Final = Score(None, Fraction(0))


def score(weighted: Iterable[tuple[Outcome, Fraction]]) -> Score:
    """Score and coverage of outcomes with their weights."""
    sums = dict.fromkeys(Outcome, Fraction(0))
    for outcome, weight in weighted:
        sums[outcome] += weight
    decided = sums[Outcome.MET] + sums[Outcome.UNMET]
    applicable = decided + sums[Outcome.UNKNOWN] + sums[Outcome.REVIEW]
    coverage = decided / applicable if applicable else Fraction(0)
    enough = decided and coverage >= MIN_COVERAGE
    return Score(sums[Outcome.MET] / decided if enough else None, coverage)
