"""Whether a firm holds a title on a day, by the facts given."""

from datetime import date

from kg.analysis.eligibility.outcome import MET, UNMET, Result, unknown
from kg.analysis.eligibility.profile import Fact, Profile
from kg.analysis.eligibility.rules import Rules


def find_title(rules: Rules, profile: Profile, tier: str, day: date) -> Result:
    """Held, not held, or not known: a title lasts as long as the edition it was issued under says.

    The last day is the first on which it no longer holds. A title of a city counts where the graph
    says that the city grants titles of that level.
    """
    facts = [fact for fact in profile.of(tier) if not fact.observed or fact.observed <= day]
    found = {_hold(rules, fact, tier, day) for fact in facts}
    if MET in found:
        return unknown("conflict") if any(fact.absent and _is_current(fact, day) for fact in facts) else MET  # fmt: skip
    return next((result for result in found if result != UNMET), UNMET if found else unknown("missing"))  # fmt: skip


def _is_current(absence: Fact, day: date) -> bool:
    """An absence without a day speaks of the day asked about, one with a day of that day."""
    return absence.observed is None or absence.observed == day


def _hold(rules: Rules, fact: Fact, tier: str, day: date) -> Result:
    if fact.absent:
        return UNMET
    if fact.by and (fact.by, tier) not in rules.grants:
        return unknown("missing")
    if fact.days:
        return MET if fact.days[0] <= day < fact.days[1] else UNMET
    if not fact.observed:
        return unknown("invalid-period")
    years = _title_years(rules, tier, fact.observed)
    if years is None:
        return unknown("invalid-period")
    return MET if day < _later(fact.observed, years) else UNMET


def _title_years(rules: Rules, tier: str, issued: date) -> int | None:
    found = (e.title_years for e in rules.editions if e.tier == tier and e.holds(issued))
    return next(found, None)


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)
