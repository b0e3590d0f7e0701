"""What the analyses of eligibility are given: rules, firms with the places around them, the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.analysis.answer import Note
from kg.analysis.eligibility.example import EXAMPLE
from kg.analysis.eligibility.profile import Profile, read_profiles
from kg.analysis.eligibility.rules import Rules, last_part, read_rules
from kg.analysis.reading import Reader
from kg.errors import ProfileInvalid
from kg.namespaces import PREFIXES

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Inputs:
    """Rules and firms of one question."""

    rules: Rules
    profiles: list[Profile]
    day: date
    jurisdiction: str
    """Slug of the place whose rules are asked for; empty: of the seat of each firm."""
    areas: tuple[str, ...]
    """The jurisdiction and the places around it, from itself outwards."""
    assumptions: tuple[Note, ...]


def read_inputs(reader: Reader, values: Values) -> Inputs:
    """Rules and firms. Raises ProfileInvalid for an item or a seat that the graph does not have.

    In a jurisdiction that is no place of the graph no rules hold.
    """
    rules = read_rules(reader)
    paid = {row["fact"] for row in reader.rows("award-facts")}
    profiles = read_profiles(values["profile"][0], rules.items() | paid)
    jurisdiction = last_part(next(iter(values.get("jurisdiction", ())), ""))
    seats = {profile.place for profile in profiles} - {""}
    around = _find_around(reader, seats | {jurisdiction})
    if lost := sorted(seats - around.keys()):
        raise ProfileInvalid(f"{lost[0]!r} is no place of the graph, such as longgang or hangzhou")
    invented = (Note("example_firm"),) if values["profile"][0].strip() == EXAMPLE.strip() else ()
    return Inputs(
        rules,
        [replace(p, areas=around.get(p.place, ())) for p in profiles],
        date.fromisoformat(values["day"][0]),
        jurisdiction,
        around.get(jurisdiction, (jurisdiction,) if jurisdiction else ()),
        (*invented, Note("rules_unverified")),
    )


def _find_around(reader: Reader, places: set[str]) -> dict[str, tuple[str, ...]]:
    """The places that contain each, from itself outwards; one query."""
    places = places - {""}
    if not places:
        return {}
    rows = reader.rows("places-around", place=[PREFIXES["pl"] + place for place in sorted(places)])
    around: dict[str, list[str]] = {}
    for row in rows:
        around.setdefault(last_part(row["place"]), []).append(last_part(row["around"]))
    return {place: tuple(found) for place, found in around.items()}
