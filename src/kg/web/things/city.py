"""The page of a city: counts and ranks by year with every claim, tiers, firms, chains, parks and policies."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from kg.namespaces import compact
from kg.network.statements import Statements, local_name
from kg.web.language import language
from kg.web.lists.listing import LISTS
from kg.web.lists.table import View, read_view
from kg.web.questions import figure
from kg.web.services import services
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact, name_cell
from kg.web.things.subject import Subject

MAX_SHOWN: Final = 12
"""Firms and policies on the page; their lists have them all."""
_COUNTS: Final = ("stock-count", "new-count", "stock-target")
_RANKS: Final = ("rank-stock-count", "rank-new-count")
"""Indicators that the page shows by year."""


@dataclass(frozen=True)
class Claim:
    """What a record says of a year."""

    year: str
    fact: Fact


@dataclass(frozen=True)
class Park:
    """A park in the city."""

    name: Cell
    operators: list[Cell]


@dataclass(frozen=True)
class Part:
    """A part of a browse list: the first things of it, how many there are, and where they all are."""

    shown: list[Cell]
    total: int
    address: str


def related(said: Statements, city: str) -> list[str]:
    """The records of its counts and ranks."""
    figures = [claim for names in (_COUNTS, _RANKS) for claim in _figures(said, city, names)]
    return [record for _, record in figures] + _moves(said, city)


def _figures(said: Statements, city: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Year, or else day, and record of the figures of some indicators, by time, those without one last."""
    found = [
        (_time(said, said.one(record, KG + "period")), indicator, record)
        for record in said.subjects(KG + "feature", city)
        if (indicator := local_name(said.one(record, KG + "indicator"))) in names
    ]
    ordered = sorted(
        found, key=lambda one: (f"{one[0] or 9999}~", *one[1:])
    )  # days before their year
    return [(year, record) for year, _, record in ordered]


def _time(said: Statements, period: str) -> str:
    return said.one(period, KG + "yearNumber") or said.one(period, KG + "begins")


def _moves(said: Statements, city: str) -> list[str]:
    found = {*said.subjects(KG + "city", city), *said.subjects(KG + "overtook", city)}
    return sorted(found, key=lambda record: (said.one(record, KG + "year"), record))


def sections(subject: Subject) -> dict[str, Any]:
    """What the page of a city shows besides its facts."""
    said, own, iri = subject.statements, subject.own, subject.iri

    def claims(names: tuple[str, ...]) -> list[Claim]:
        return [Claim(year, subject.fact(record)) for year, record in _figures(own, iri, names)]

    moves = [
        Claim(own.one(record, KG + "year"), subject.fact(record)) for record in _moves(own, iri)
    ]
    firms, everything = _view("enterprises", city=iri), _view("enterprises", city=iri, layer="any")
    chains = Counter(term for entry in firms.entries for term in entry.values.get("chain", ()))
    return {
        "within": [name_cell(said, place) for place in said.objects(iri, KG + "locatedIn")],
        "claims": claims(_COUNTS),
        "ranks": claims(_RANKS) + moves,
        "race": figure("city-race", city=iri),
        "path": figure("city-ranks", city=iri),
        "pyramid": figure("tier-pyramid", city=iri),
        "parks": [
            Park(name_cell(said, park), [name_cell(said, one) for one in said.objects(park, KG + "operatedBy")])
            for park in own.records("Park")
        ],
        "firms": _part(firms),
        "all_firms": _part(everything),
        "chains": [
            (firms.cell(chain), number, f"/enterprises?city={compact(iri)}&chain={compact(firms.cell(chain).title)}")
            for chain, number in chains.most_common()
        ],
        "policies": _part(_view("policies", place=iri)),
    }  # fmt: skip


def _view(name: str, **chosen: str) -> View:
    found = services()
    given = {facet: [value] for facet, value in chosen.items()}
    return read_view(found.store(), found.root, LISTS[name], given, language())


def _part(view: View) -> Part:
    shown = [view.cell(ox.NamedNode(entry.iri)) for entry in view.entries[:MAX_SHOWN]]
    return Part(shown, len(view.positions), view.address())
