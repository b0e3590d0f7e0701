"""The page of an industry chain: its steps in lanes by stage, the firms in each, gaps, and where they are."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import networkx as nx

from kg.namespaces import EXTERNAL_PREFIXES, OWN_PREFIXES
from kg.network.stages import sort_stages
from kg.network.statements import Statements, local_name
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact, name_cell
from kg.web.things.subject import Subject

MAX_THIN: Final = 2
"""A step with so many recorded firms or fewer is marked; the page says so."""
MAX_FIRMS: Final = 5
"""Firms on the card of a step; its page has them all."""
MAX_PLACES: Final = 10
"""Columns of the matrix; the other places share one."""
SHADES: Final = 5
_FIRM_COUNT: Final = OWN_PREFIXES["ind"] + "enterprise-count"
_PART: Final = EXTERNAL_PREFIXES["dcterms"] + "isPartOf"
_SOURCE: Final = EXTERNAL_PREFIXES["dcterms"] + "source"


@dataclass(frozen=True)
class Firm:
    """A firm in a step by a record, or a name that a list outside of the merged view puts there."""

    name: Cell
    place: Cell | None
    """Its city, else its province."""
    tiers: list[Cell]


@dataclass(frozen=True)
class Step:
    """A step without parts of its own."""

    name: Cell
    stage: str
    group: str
    """The step that it is part of, or nothing."""
    firms: list[Firm]
    mentions: list[Firm]
    """Unverified ones."""
    feeds: list[Cell]
    risks: list[Cell]
    claimed: list[Fact]
    """How many firms it is said to have."""

    @property
    def thin(self) -> bool:
        """Whether so few firms are recorded that the step is marked."""
        return len(self.firms) <= MAX_THIN


@dataclass(frozen=True)
class Group:
    """The steps of a stage that are parts of one step; `name` is None for those that are part of none."""

    name: Cell | None
    steps: list[Step]


@dataclass(frozen=True)
class Lane:
    """A stage with its steps."""

    name: Cell
    wholes: list[Cell]
    """The steps on top of the tree, which say what the stage is in this chain."""
    groups: list[Group]


@dataclass(frozen=True)
class Matrix:
    """Recorded firms by step and place; the last column holds the other places, or those not recorded."""

    places: list[Cell]
    has_others: bool
    rows: list[tuple[Cell, list[tuple[int, int]]]]
    """Step, then the number and its shade from 0 to SHADES, for each place."""


def related(said: Statements, chain: str) -> list[str]:
    """The records of how many firms the steps are said to have."""
    steps = said.subjects(KG + "partOfChain", chain)
    return [record for step in steps for record in _counts(said, step)]


def _counts(said: Statements, step: str) -> list[str]:
    records = said.subjects(KG + "feature", step)
    return [record for record in records if said.one(record, KG + "indicator") == _FIRM_COUNT]


def sections(subject: Subject) -> dict[str, Any]:
    """What the page of a chain shows besides its facts."""
    said, chain = subject.statements, subject.iri
    steps = _read_steps(subject)
    graphs = said.objects(chain, _SOURCE)
    return {
        "slug": local_name(chain),
        "lanes": _lanes(said, chain, steps),
        "steps": steps,
        "firms": len({firm.name.title for step in steps for firm in step.firms}),
        "mentions": len({firm.name.title for step in steps for firm in step.mentions}),
        "thin": sum(step.thin for step in steps),
        "single": [step for step in steps if step.risks],
        "matrix": _matrix(steps),
        "clusters": [name_cell(said, iri) for iri in said.objects(chain, KG + "inCluster")],
        "described": [
            (
                name_cell(said, graph),
                [name_cell(said, iri) for iri in said.objects(graph, KG + "trustLevel")],
            )
            for graph in graphs
        ],
        "max_thin": MAX_THIN,
        "max_firms": MAX_FIRMS,
    }


def _read_steps(subject: Subject) -> list[Step]:
    """The steps that have no parts, in the order of their addresses."""
    said = subject.statements
    found = said.subjects(KG + "partOfChain", subject.iri)
    wholes = {whole for step in found for whole in said.objects(step, _PART)}
    return [_step(subject, step) for step in sorted(found, key=_natural) if step not in wholes]


def _natural(iri: str) -> list[tuple[int, str]]:
    """`…-2-10` after `…-2-9`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", iri)]


def _step(subject: Subject, iri: str) -> Step:
    said = subject.statements
    records = said.subjects(KG + "inSegment", iri)
    there = {firm for record in records for firm in said.objects(record, KG + "participant")}
    firms = [_firm(said, firm) for firm in there if not said.is_a(firm, "EnterpriseMention")]
    mentions = [_firm(said, firm) for firm in there if said.is_a(firm, "EnterpriseMention")]
    return Step(
        name_cell(said, iri),
        said.one(iri, KG + "stage"),
        said.one(iri, _PART),
        sorted(firms, key=lambda firm: (not firm.tiers, firm.name.text)),
        sorted(mentions, key=lambda firm: firm.name.text),
        [name_cell(said, other) for other in said.objects(iri, KG + "feeds")],
        [name_cell(said, flag) for flag in said.objects(iri, KG + "riskFlag")],
        [subject.fact(record) for record in _counts(said, iri)],
    )


def _firm(said: Statements, iri: str) -> Firm:
    areas = said.objects(iri, KG + "withinArea")
    places = [area for kind in ("City", "Province") for area in areas if said.is_a(area, kind)]
    tiers = [name_cell(said, tier) for tier in said.objects(iri, KG + "hasTier")]
    return Firm(name_cell(said, iri), name_cell(said, places[0]) if places else None, tiers)


def _lanes(said: Statements, chain: str, steps: Sequence[Step]) -> list[Lane]:
    """The stages in order; steps without one stand in a last lane."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for step in steps:
        graph.add_node(step.name.title, stage=step.stage)
    graph.add_edges_from((s.name.title, fed.title) for s in steps for fed in s.feeds if fed.title in graph)  # fmt: skip
    stages = {step.stage for step in steps}
    order = [*sort_stages(graph, said, stages - {""}), *([""] if "" in stages else [])]
    tops = [iri for iri in said.subjects(KG + "partOfChain", chain) if not said.one(iri, _PART)]
    leaves = {step.name.title for step in steps}
    return [
        Lane(
            name_cell(said, stage) if stage else Cell(""),
            [
                name_cell(said, top)
                for top in tops
                if top not in leaves and said.one(top, KG + "stage") == stage
            ],
            [
                Group(name_cell(said, group) if group else None, list(found))
                for group, found in groupby(
                    (step for step in steps if step.stage == stage), lambda step: step.group
                )
            ],
        )
        for stage in order
    ]


def _matrix(steps: Sequence[Step]) -> Matrix | None:
    """None where no recorded firm has a place."""
    placed = Counter(firm.place for step in steps for firm in step.firms if firm.place)
    if not placed:
        return None
    places = [place for place, _ in placed.most_common(MAX_PLACES)]
    counts = [
        (step.name, Counter(firm.place if firm.place in places else None for firm in step.firms))
        for step in steps
        if step.firms
    ]
    has_others = any(None in count for _, count in counts)
    most = max(max(count.values()) for _, count in counts)
    columns = [*places, *([None] if has_others else [])]
    rows = [
        (name, [(count[place], -(-count[place] * SHADES // most)) for place in columns])
        for name, count in counts
    ]
    return Matrix(places, has_others, rows)
