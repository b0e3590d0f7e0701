"""Scores computed from the alternatives of their parts, where the score itself is not given."""

from fractions import Fraction

from kg.analysis.eligibility.outcome import Outcome, Result, unknown
from kg.analysis.eligibility.readings import Readings
from kg.analysis.eligibility.rules import Bound, Condition
from kg.analysis.eligibility.windows import Measure


def count_points(condition: Condition, measure: Measure, bound: Bound) -> Result:
    """What a bound on a score comes to, by the points of its parts."""
    found = sum_points(condition, measure)
    if not found.values:
        return unknown(found.problem)
    return measure.check(bound, found)


def sum_points(condition: Condition, measure: Measure) -> Readings:
    """The points of a score: as given, else the sum of its parts; of a part: its best alternative."""
    for bound in condition.bounds:
        given = measure.read(bound)
        if given.values or given.problem != "missing":
            return given
    if condition.parts:
        parts = [sum_points(part, measure) for part in condition.parts]
        gap = next((part for part in parts if not part.values), None)
        return gap or Readings((sum((part.values[0] for part in parts), Fraction(0)),))
    if all(one.weight is not None for one in condition.alternatives):
        return _best(condition, measure)
    return _chosen(condition, measure)


def _best(condition: Condition, measure: Measure) -> Readings:
    """Most points among the alternatives met; unknown while a better one is."""
    best, open_ = Fraction(0), Readings()
    results = [(one.weight or Fraction(0), _meets(one, measure)) for one in condition.alternatives]
    if not results:
        return open_
    for weight, result in results:
        if result.outcome is Outcome.MET:
            best = max(best, weight)
    for weight, result in results:
        if weight > best and result.outcome not in (Outcome.MET, Outcome.UNMET):
            return Readings(problem=result.reason or "missing")
    return Readings((best,))


def _meets(alternative: Condition, measure: Measure) -> Result:
    if alternative.bounds:
        return measure.compare(alternative.bounds[0])
    answers = {fact.answer for fact in measure.facts(alternative.notation)}
    if answers == {True}:
        return Result(Outcome.MET)
    return Result(Outcome.UNMET) if answers == {False} else unknown("missing")


def _chosen(condition: Condition, measure: Measure) -> Readings:
    """Points by one of several bases: the only one with facts, else the one the firm chose.

    Where several are given and none is chosen the better one is not taken.
    """
    found = [(one, sum_points(one, measure)) for one in condition.alternatives]
    given = [(one, points) for one, points in found if points.values]
    if len(given) > 1:
        given = [
            (one, points)
            for one, points in given
            if any(fact.answer for fact in measure.facts(one.notation))
        ]
        if len(given) != 1:
            return Readings(problem="conflict")
    return given[0][1] if given else found[0][1] if found else Readings()
