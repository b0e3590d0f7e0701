"""Bounds compared with the facts of a firm over the window of time that the bound names.

All arithmetic is exact. A fiscal year is a calendar year; the last one is that before the day asked
about. A value is of a year, or, for a state such as a debt ratio, of the end of the last year or of a
day since its first. An event counts from the same day N years ago up to the day asked about.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Final

from kg.analysis.eligibility.outcome import Outcome, Result, agree, all_of, any_of, unknown
from kg.analysis.eligibility.profile import Fact, Profile
from kg.analysis.eligibility.quantities import write_number
from kg.analysis.eligibility.readings import Readings, combine, multiply_growth, read_values
from kg.analysis.eligibility.rules import Bound

_RATIOS: Final = {
    "rd-intensity": ("rd-spend", "revenue"),
    "main-business-share": ("main-revenue", "revenue"),
}
"""Percentages that follow from two sums of the same year where they are not given themselves."""
_GROWTH_OF: Final = {"revenue-growth": "revenue", "main-revenue-growth": "main-revenue"}
"""Yearly growth rates that follow from two sums."""
_SINCE: Final = {"years-in-segment": "founded"}
"""Years that cannot be more than those since an event."""
_COMPARE: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    name: getattr(operator, name) for name in ("ge", "gt", "le", "lt", "eq")
}
_YEARS: Final = re.compile(r"(each-of|either-of|sum-of|mean-of|mean-growth|compound-growth)-(\d+)")
_EVENTS: Final = re.compile(r"within-(\d+)-years|(this-and-last-year)")


class Measure:
    """The facts of a firm as one tier reads them on one day."""

    def __init__(self, profile: Profile, day: date, tier: str = "", source: str = "") -> None:
        self._profile, self.day, self._tier, self._source = profile, day, tier, source
        self.last = day.year - 1

    def only(self, source: str) -> "Measure":
        """The same with the facts of one kind of source."""
        return Measure(self._profile, self.day, self._tier, source)

    def facts(self, item: str) -> list[Fact]:
        """The facts on an item."""
        found = self._profile.of(item, self._tier)
        return [fact for fact in found if self._source in ("", fact.source)]

    def compare(self, bound: Bound) -> Result:
        """What a bound comes to. Raises KeyError for a window or comparator that is not known."""
        if found := _EVENTS.fullmatch(bound.window):
            return self._compare_events(bound, found[1])
        if found := _YEARS.fullmatch(bound.window):
            return self._compare_years(bound, found[1], int(found[2]))
        readings = self.read(bound)
        if not readings.values and readings.problem == "missing" and bound.indicator in _SINCE:
            return self._compare_ceiling(bound)
        return self.check(bound, readings)

    def _compare_ceiling(self, bound: Bound) -> Result:
        """Years since an event up to the end of the last year: enough to say that a floor is not reached."""
        days = [fact.observed for fact in self.facts(_SINCE[bound.indicator]) if fact.observed]
        if not days or bound.comparator not in ("ge", "gt"):
            return unknown("missing")
        years = Fraction((date(self.last + 1, 1, 1) - min(days)).days, 1) / Fraction("365.2425")
        found = _check(bound, max(years, Fraction(0)))
        if found.outcome is Outcome.UNMET:
            return Result(Outcome.UNMET, value=f"≤ {found.value}")
        return unknown("missing", f"≤ {found.value}")

    def read(self, bound: Bound) -> Readings:
        """The values that a bound on one point in time speaks of."""
        if bound.window == "at-date":
            return self._state(bound)
        if bound.window == "last-year":
            return self.year(bound.indicator, bound.unit, self.last)
        raise KeyError(f"no window {bound.window!r}")

    def year(self, indicator: str, unit: str, year: int) -> Readings:
        """The values of an indicator for one fiscal year: as given, else as they follow from sums."""
        facts = self.facts(indicator)
        own = read_values([fact for fact in facts if fact.years == (year, year)], unit)
        if own.values or own.problem == "missing-unit":
            return own
        derived = self._derive(indicator, year)
        if derived.values or not facts:
            return derived
        return Readings(problem="invalid-period")

    def _derive(self, indicator: str, year: int) -> Readings:
        if indicator in _RATIOS:
            parts = [self.year(name, "CNY", year) for name in _RATIOS[indicator]]
            return combine(parts, lambda part, whole: part / whole * 100)
        if indicator in _GROWTH_OF:
            level = _GROWTH_OF[indicator]
            parts = [self.year(level, "CNY", year), self.year(level, "CNY", year - 1)]
            return combine(parts, lambda now, before: (now / before - 1) * 100)
        return Readings()

    def _state(self, bound: Bound) -> Readings:
        """The newest values since the first day of the last year; a fiscal year counts from its end."""
        facts = self.facts(bound.indicator)
        dated = [(fact, _day_of(fact)) for fact in facts]
        known = [day for _, day in dated if day and date(self.last, 1, 1) <= day <= self.day]
        if not known:
            return Readings(problem="invalid-period" if facts else "missing")
        return read_values([fact for fact, day in dated if day == max(known)], bound.unit)

    def check(self, bound: Bound, found: Readings) -> Result:
        """What a bound comes to with these values."""
        if not found.values:
            return unknown(found.problem)
        if bound.unit == "rank" and 0 in found.values:  # recorded that it has none
            found = Readings(tuple(value for value in found.values if value))
            none = Result(Outcome.UNMET, value="–")
            return agree([none, *(_check(bound, value) for value in found.values)])
        return agree([_check(bound, value) for value in found.values])

    def _compare_years(self, bound: Bound, operation: str, count: int) -> Result:
        years = range(self.last, self.last - count, -1)
        if operation == "compound-growth":
            return self._compare_compound(bound, count)
        if operation in ("each-of", "either-of"):
            together = all_of if operation == "each-of" else any_of
            return together(
                self.check(bound, self.year(bound.indicator, bound.unit, year)) for year in years
            )
        span = (years[-1], years[0])
        whole = [fact for fact in self.facts(bound.indicator) if fact.years == span]
        if whole and count > 1:
            return self.check(bound, read_values(whole, bound.unit))
        parts = [self.year(bound.indicator, bound.unit, year) for year in years]
        divisor = 1 if operation == "sum-of" else count
        return self.check(bound, combine(parts, lambda *values: sum(values) / divisor))

    def _compare_compound(self, bound: Bound, count: int) -> Result:
        """(1 + t)ⁿ against the ratio of the levels: no root, so an edge is exact."""
        level = _GROWTH_OF.get(bound.indicator, bound.indicator)
        parts = [self.year(level, "CNY", year) for year in (self.last, self.last - count)]
        ratios = combine(parts, lambda now, before: now / before)
        if not ratios.values:
            years = range(self.last, self.last - count, -1)
            rates = [self.year(bound.indicator, bound.unit, year) for year in years]
            grown = combine(rates, multiply_growth)
            ratios = grown if grown.values else ratios
        if not ratios.values:
            return unknown(ratios.problem)
        limit = (1 + bound.threshold / 100) ** count
        compare = _COMPARE[bound.comparator]
        return agree(
            [
                Result(
                    _outcome(compare(ratio, limit)),
                    value=_write_growth(ratio, count),
                    short=None
                    if compare(ratio, limit)
                    else abs(bound.threshold - _growth(ratio, count)),
                )
                for ratio in ratios.values
            ]
        )

    def _compare_events(self, bound: Bound, years: str | None) -> Result:
        """Ranks: one that reaches the bound is enough. Counts: their sum, and only with a check inside."""
        facts = self.facts(bound.indicator)
        if not facts:
            return unknown("missing")
        first = date(self.last, 1, 1) if years is None else _years_before(self.day, int(years))
        inside = [fact for fact in facts if fact.observed and first <= fact.observed <= self.day]
        if bound.unit == "rank":
            if any(fact.observed is None and not fact.absent for fact in facts):
                return unknown("invalid-period")
            ranks = [fact.number for fact in inside if fact.number]
            value = ", ".join(write_number(rank) for rank in ranks) or "–"
            met = any(_COMPARE[bound.comparator](rank, bound.threshold) for rank in ranks)
            return Result(_outcome(met), value=value)
        if not inside:
            return unknown("invalid-period")
        total = sum((fact.number or Fraction(0) for fact in inside), Fraction(0))
        return _check(bound, total)


def _growth(ratio: Fraction, years: int) -> Fraction:
    """Yearly growth in per cent, for reading only."""
    return Fraction(float(max(ratio, Fraction(0))) ** (1 / years) * 100 - 100)


def _write_growth(ratio: Fraction, years: int) -> str:
    return write_number(_growth(ratio, years))


def _check(bound: Bound, value: Fraction) -> Result:
    met = _COMPARE[bound.comparator](value, bound.threshold)
    short = None if met else abs(bound.threshold - value)
    return Result(_outcome(met), value=write_number(value), short=short)


def _outcome(met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.UNMET


def _day_of(fact: Fact) -> date | None:
    if fact.observed:
        return fact.observed
    return date(fact.years[1], 12, 31) if fact.years else None


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
