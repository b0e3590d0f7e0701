"""The values that facts give for one period, and figures computed from several of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Final

from kg.analysis.eligibility.profile import Fact

_NEEDS_UNIT: Final = frozenset(("CNY", "percent"))
"""Units without which a number says nothing; a count or a rank needs none."""
_MAX_COMBINATIONS: Final = 256
"""Of values that sources give for several years; beyond it they are taken to disagree."""


@dataclass(frozen=True)
class Readings:
    """The values recorded for one year, or why there is none."""

    values: tuple[Fraction, ...] = ()
    problem: str = "missing"


def read_values(facts: Iterable[Fact], unit: str) -> Readings:
    """The different numbers of facts in a unit; zero where it is recorded that there is none."""
    found: dict[Fraction, None] = {}
    problem = "missing"
    for fact in facts:
        if fact.absent:
            found[Fraction(0)] = None
        elif fact.number is None:
            continue
        elif fact.unit == unit or (not fact.unit and unit not in _NEEDS_UNIT):
            found[fact.number] = None
        else:
            problem = "missing-unit"
    return Readings(tuple(found), problem)


def combine(parts: list[Readings], compute: Callable[..., Fraction]) -> Readings:
    """A figure from one value of each part, for every combination that sources give."""
    for part in parts:
        if not part.values:
            return Readings(problem=part.problem if part.problem != "missing" else _gap(parts))
    found: dict[Fraction, None] = {}
    combinations = product(*(part.values for part in parts))
    for values in islice(combinations, _MAX_COMBINATIONS):
        try:
            found[compute(*values)] = None
        except ZeroDivisionError:
            return Readings(problem="undefined-ratio")
    if next(combinations, None) is not None:
        return Readings(problem="conflict")
    return Readings(tuple(found))


def _gap(parts: list[Readings]) -> str:
    """Some years recorded and others not is a matter of periods; none recorded is missing."""
    return "missing" if not any(part.values for part in parts) else "invalid-period"


def multiply_growth(*rates: Fraction) -> Fraction:
    """How often the first level the last one is after these yearly rates, in per cent."""
    grown = Fraction(1)
    for rate in rates:
        grown *= 1 + rate / 100
    return grown
