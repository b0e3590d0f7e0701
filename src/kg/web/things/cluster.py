"""The page of an industry of a cluster plan: what became of it in other editions, and the chains that describe it."""

from dataclasses import dataclass
from typing import Any, Final

from kg.namespaces import EXTERNAL_PREFIXES
from kg.web.tables import Cell
from kg.web.things.facts import KG
from kg.web.things.steps import PART, natural
from kg.web.things.subject import Subject

_SKOS: Final = EXTERNAL_PREFIXES["skos"]
_ISSUED: Final = EXTERNAL_PREFIXES["dcterms"] + "issued"
MATCHES: Final = {
    "exactMatch": "exactMatch",
    "broadMatch": "narrowMatch",
    "narrowMatch": "broadMatch",
    "relatedMatch": "relatedMatch",
}
"""How an industry corresponds to another one, and how that one does to it."""


@dataclass(frozen=True)
class Counterpart:
    """An industry of another edition."""

    relation: str
    """Key of MATCHES, seen from the industry of the page."""
    name: Cell
    editions: list[Cell]
    chains: list[Cell]


@dataclass(frozen=True)
class Described:
    """A chain that describes the industry."""

    name: Cell
    groups: list[Cell]
    """Its steps of the second level, else those of the first."""
    segments: int
    """Steps without parts."""
    filled: int
    """Of these with at least one recorded firm."""
    firms: int


def sections(subject: Subject) -> dict[str, Any]:
    """What the page of an industry shows besides its facts."""
    own, iri = subject.own, subject.iri
    return {
        "kinds": [subject.name(kind) for kind in own.objects(iri, KG + "kind")],
        "editions": [
            (subject.name(edition), own.one(edition, _ISSUED))
            for edition in own.objects(iri, KG + "ofClusterProgramme")
        ],
        "ended": [subject.name(scheme) for scheme in own.objects(iri, KG + "endedBy")],
        "counterparts": _counterparts(subject, iri),
        "described": [_described(subject, chain) for chain in own.subjects(KG + "inCluster", iri)],
    }


def _counterparts(subject: Subject, iri: str) -> list[Counterpart]:
    own = subject.own
    found = {
        (relation, other)
        for relation, inverse in MATCHES.items()
        for other in (
            *own.objects(iri, _SKOS + relation),
            *own.subjects(_SKOS + inverse, iri),
        )
    }
    order = list(MATCHES)
    return [
        Counterpart(
            relation,
            subject.name(other),
            [subject.name(edition) for edition in own.objects(other, KG + "ofClusterProgramme")],
            [subject.name(chain) for chain in own.subjects(KG + "inCluster", other)],
        )
        for relation, other in sorted(found, key=lambda one: (order.index(one[0]), one[1]))
    ]  # fmt: skip


def _described(subject: Subject, chain: str) -> Described:
    own = subject.own
    steps = own.subjects(KG + "partOfChain", chain)
    wholes = {step: own.one(step, PART) for step in steps}
    tops = [step for step in steps if not wholes[step]]
    groups = [step for step in steps if wholes[step] in tops] or tops
    leaves = [step for step in steps if step not in wholes.values()]
    firms = {
        step: {
            firm
            for record in own.subjects(KG + "inSegment", step)
            for firm in own.objects(record, KG + "participant")
        }
        for step in leaves
    }
    return Described(
        subject.name(chain),
        [subject.name(step) for step in sorted(groups, key=natural)],
        len(leaves),
        sum(1 for found in firms.values() if found),
        len(set().union(*firms.values())),
    )
