"""Who could meet a need: firms ranked by what records show, with the records and reasons for and against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader
from kg.namespaces import PREFIXES
from kg.store import Store

_POINTS: Final = {"same-item": 8, "same-segment": 4, "same-place": 2, "tier-held": 1}
"""So weighed that no lower grounds together outweigh a higher one."""

COLUMNS: Final = (
    Column("rank", optional=True),
    Column("firm", "thing"),
    Column("points"),
    Column("grounds", "thing"),
    Column("objections", "thing", optional=True),
    Column("not_known", "code", optional=True),
    Column("records", "thing"),
)


@dataclass(frozen=True)
class Need:
    """What is looked for; place, tier and customer are optional."""

    place: str = ""
    tier: str = ""
    customer: str = ""
    """Who looks: a firm that supplies it already is no new one."""


@dataclass
class Candidate:
    """A firm with what is on record of it."""

    firm: str
    records: dict[str, str] = field(default_factory=dict)
    """The ground that each record gives."""
    areas: set[str] = field(default_factory=set)
    tiers: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)


def weigh(candidate: Candidate, need: Need) -> tuple[int, list[str], list[str], list[str]]:
    """Points, grounds, objections and what is not known.

    More on record never takes points away. A seat or tier that is not recorded is no objection.
    """
    grounds = [name for name in _POINTS if name in candidate.records.values()]
    objections: list[str] = []
    not_known: list[str] = []
    asked = (
        (need.place, candidate.areas, "same-place", "other-place", "seat_unknown"),
        (need.tier, candidate.tiers, "tier-held", "tier-missing", "tier_unknown"),
    )
    for wanted, recorded, ground, objection, gap in asked:
        if wanted and wanted in recorded:
            grounds.append(ground)
        elif wanted and recorded:
            objections.append(objection)
        elif wanted:
            not_known.append(gap)
    if need.customer and need.customer in candidate.customers:
        objections.append("already-supplier")
    return sum(_POINTS[name] for name in grounds), grounds, objections, not_known


def rank(candidates: Iterable[Candidate], need: Need) -> list[dict[str, Value]]:
    """The firms without objection first, most points then most records first; then the rejected ones."""
    weighed = [(one, *weigh(one, need)) for one in candidates]
    weighed.sort(key=lambda w: (bool(w[3]), -w[1], -len(w[0].records), w[0].firm))
    return [
        {
            "rank": None if objections else position,
            "firm": one.firm,
            "points": points,
            "grounds": tuple(PREFIXES["mr"] + name for name in grounds),
            "objections": tuple(PREFIXES["rr"] + name for name in objections) or None,
            "not_known": tuple(not_known) or None,
            "records": tuple(sorted(one.records)),
        }
        for position, (one, points, grounds, objections, not_known) in enumerate(weighed, 1)
    ]


def find_matches(
    store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]
) -> Answer:
    """Firms for a need of `item`, optionally in `place`, of `tier`, new to `customer`; one query."""
    reader = Reader(store, root)
    found: dict[str, Candidate] = {}
    for row in reader.rows("offers", item=values["item"]):
        one = found.setdefault(row["firm"], Candidate(row["firm"]))
        if one.records.get(row["record"]) != "same-item":
            one.records[row["record"]] = row["ground"]
        one.areas |= {row["area"]} - {""}
        one.tiers |= {row["tier"]} - {""}
        if row["ground"] == "same-item":
            one.customers |= {row["customer"]} - {""}
    need = Need(*(next(iter(values[name]), "") for name in ("place", "tier_needed", "customer")))
    sources, cut = cite({record for one in found.values() for record in one.records})
    return Answer(
        COLUMNS,
        rank(found.values(), need),
        data_date(store),
        coverage=(Coverage(sum(bool(one.areas) for one in found.values()), len(found), "seats"),),
        notes=(Note("match_rule", _POINTS_SAID), Note("match_absent"), *cut),
        assumptions=(Note("match_specification"),),
        sources=sources,
        queries=tuple(reader.queries),
    )


_POINTS_SAID: Final = {name.replace("-", "_"): points for name, points in _POINTS.items()}
