"""The page of an industry chain: its steps in lanes by stage, the firms in each, gaps, and where they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import networkx as nx

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.stages import sort_stages
from kg.network.statements import Statements, local_name
from kg.web.tables import Cell
from kg.web.things.facts import KG
from kg.web.things.steps import MAX_THIN, PART, Step, counts_of, natural, read_step
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 5
"""Firms on the card of a step; its page has them all."""
MAX_PLACES: Final = 10
"""Columns of the matrix; the other places share one."""
SHADES: Final = 5
_SOURCE: Final = EXTERNAL_PREFIXES["dcterms"] + "source"


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


def related(own: Statements, chain: str) -> list[str]:
    """The records of how many firms the steps are said to have."""
    steps = own.subjects(KG + "partOfChain", chain)
    return [record for step in steps for record in counts_of(own, step)]


def sections(subject: Subject) -> dict[str, Any]:
    """What the page of a chain shows besides its facts."""
    own, chain = subject.own, subject.iri
    steps = _read_steps(subject)
    graphs = own.objects(chain, _SOURCE)
    return {
        "slug": local_name(chain),
        "lanes": _lanes(subject, chain, steps),
        "steps": steps,
        "firms": len({firm.name.title for step in steps for firm in step.firms}),
        "mentions": len({firm.name.title for step in steps for firm in step.mentions}),
        "thin": sum(step.thin for step in steps),
        "single": [step for step in steps if step.risks],
        "matrix": _matrix(steps),
        "clusters": [subject.name(iri) for iri in own.objects(chain, KG + "inCluster")],
        "described": [
            (
                subject.name(graph),
                [subject.name(iri) for iri in own.objects(graph, KG + "trustLevel")],
            )
            for graph in graphs
        ],
        "max_thin": MAX_THIN,
        "max_firms": MAX_FIRMS,
    }


def _read_steps(subject: Subject) -> list[Step]:
    """The steps that have no parts, in the order of their addresses."""
    own = subject.own
    found = own.subjects(KG + "partOfChain", subject.iri)
    wholes = {whole for step in found for whole in own.objects(step, PART)}
    return [read_step(subject, step) for step in sorted(found, key=natural) if step not in wholes]


def _lanes(subject: Subject, chain: str, steps: Sequence[Step]) -> list[Lane]:
    """The stages in order; steps without one stand in a last lane."""
    own = subject.own
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for step in steps:
        graph.add_node(step.name.title, stage=step.stage)
    graph.add_edges_from((s.name.title, fed.title) for s in steps for fed in s.feeds if fed.title in graph)  # fmt: skip
    stages = {step.stage for step in steps}
    order = [*sort_stages(graph, own, stages - {""}), *([""] if "" in stages else [])]
    tops = [iri for iri in own.subjects(KG + "partOfChain", chain) if not own.one(iri, PART)]
    leaves = {step.name.title for step in steps}
    return [
        Lane(
            subject.name(stage) if stage else Cell(""),
            [
                subject.name(top)
                for top in tops
                if top not in leaves and own.one(top, KG + "stage") == stage
            ],
            [
                Group(subject.name(group) if group else None, list(found))
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
