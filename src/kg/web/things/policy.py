"""The page of a policy document, a programme, a rule set or an instrument: what rests on it, its benefits, whom they reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact
from kg.web.things.steps import natural
from kg.web.things.subject import Subject

MAX_FIRMS: Final = 20
"""Firms that the page names; it says how many there are."""

_CV: Final = EXTERNAL_PREFIXES["cv"]
_DCTERMS: Final = EXTERNAL_PREFIXES["dcterms"]
_WHO: Final = ("eligibleTier", "beneficiary")
_WHERE: Final = ("jurisdiction", "place")
_NAMED: Final = ("instrument", "document")
_ACTIONS: Final = ("PolicyMeasure", "Support", "ApplicationScenario")
"""Classes of records that offer or do something; a document has others, such as of its issue."""


@dataclass(frozen=True)
class Benefit:
    """A benefit or an action: the record with its amount, for whom, where, how it is paid and when."""

    fact: Fact
    who: list[Cell]
    where: list[Cell]
    modes: list[Cell]
    instruments: list[Cell]
    valid_from: str
    valid_to: str


@dataclass(frozen=True)
class Edition:
    """A rule set or a round of filing, with the days it holds."""

    name: Cell
    tiers: list[Cell]
    """Of a rule set."""
    kinds: list[Cell]
    """Kinds of application that a rule set is for; the rule set that a round opens."""
    basis: list[Cell]
    valid_from: str
    valid_to: str
    attested: list[Cell]


@dataclass(frozen=True)
class Batch:
    """A batch of a programme."""

    name: Cell
    ordinal: str
    records: list[Cell]
    """Of recognitions and counts that name it."""


def related(statements: Statements, policy: str) -> list[str]:
    """The benefits and actions, and the records that name its batches."""
    batches = statements.subjects(KG + "ofProgramme", policy)
    named = [record for batch in batches for record in statements.subjects(KG + "batch", batch)]
    return list(dict.fromkeys([*_benefits(statements, policy), *named]))


def sections(subject: Subject) -> dict[str, Any]:
    """What things/policy.html shows besides the facts."""
    own, iri = subject.own, subject.iri
    drawn = own.subjects(_CV + "isDerivedFrom", iri)
    is_rule_set = own.is_a(iri, "RuleSet")
    records = _benefits(own, iri)
    benefits = [read_benefit(subject, record) for record in records]
    firms = _firms(own, records)
    return {
        "editions": read_editions(
            subject, [iri] if is_rule_set else [node for node in drawn if own.is_a(node, "RuleSet")]
        ),
        "rounds": read_editions(
            subject, own.subjects(KG + "opensFor", iri) if is_rule_set
            else [node for node in drawn if own.is_a(node, "FilingRound")],
        ),
        "conditions": [
            (subject.name(node), _names(subject, node, "criterionKind"), _names(subject, node, "attestation"))
            for node in own.objects(iri, _CV + "hasRequirement")
        ],
        "batches": sorted(
            (_batch(subject, batch) for batch in own.subjects(KG + "ofProgramme", iri)),
            key=lambda batch: natural(batch.ordinal),
        ),
        "versions": [
            (subject.name(node), own.one(node, _DCTERMS + "issued"))
            for node in (*own.objects(iri, _DCTERMS + "hasVersion"), *own.subjects(_DCTERMS + "hasVersion", iri))
        ],
        "industries": _industries(subject, iri),
        "benefits": benefits,
        "without": "instrument" if all([c.title for c in b.instruments] == [iri] for b in benefits) else "",
        "by_tier": {record for record in records if iri not in _named(subject.statements, record)},
        "reached": [
            (subject.name(firm), certainty, [subject.fact(one).record for one in measures])
            for firm, certainty, measures in firms[:MAX_FIRMS]
        ],
        "reached_total": len(firms),
    }  # fmt: skip


def read_editions(subject: Subject, nodes: Iterable[str]) -> list[Edition]:
    """Rule sets or rounds of filing, the earliest first; one without a day of beginning comes last."""
    own = subject.own
    found = [
        Edition(
            subject.name(node),
            _names(subject, node, "forTier"),
            _names(subject, node, "applicationType", "opensFor"),
            [subject.name(value) for value in own.objects(node, _CV + "isDerivedFrom")],
            own.one(node, KG + "validFrom"),
            own.one(node, KG + "validTo"),
            _names(subject, node, "attestation"),
        )
        for node in nodes
    ]
    return sorted(found, key=lambda one: (one.valid_from or "9999", one.name.title))


def _benefits(statements: Statements, policy: str) -> list[str]:
    """Records that employ the policy or rest on it, then those for the tiers of its rules."""
    granted = [
        record
        for name in _NAMED
        for record in statements.subjects(KG + name, policy)
        if any(statements.is_a(record, kind) for kind in _ACTIONS)
    ]
    rules = [policy, *statements.subjects(_CV + "isDerivedFrom", policy)]
    tiers = {tier for node in rules for tier in statements.objects(node, KG + "forTier")}
    for_tiers = {r for tier in tiers for r in statements.subjects(KG + "eligibleTier", tier)}
    return list(dict.fromkeys([*granted, *sorted(for_tiers, key=natural)]))


def _named(statements: Statements, record: str) -> list[str]:
    """The instruments and documents that a record names."""
    return [value for name in _NAMED for value in statements.objects(record, KG + name)]


def read_benefit(subject: Subject, record: str) -> Benefit:
    """A benefit or an action, one of the related records."""
    statements = subject.statements
    return Benefit(
        subject.fact(record),
        _names(subject, record, *_WHO),
        _names(subject, record, *_WHERE),
        _names(subject, record, "allocationMode"),
        _names(subject, record, "instrument"),
        statements.one(record, KG + "validFrom"),
        statements.one(record, KG + "validTo"),
    )


def _firms(statements: Statements, benefits: list[str]) -> list[tuple[str, str, list[str]]]:
    """Each firm once, the most certain first: how certain it is, and by which benefits."""
    found: dict[str, tuple[str, list[str]]] = {}
    for certainty in ("named", "eligible", "possible"):
        for benefit in benefits:
            for firm in _reached(statements, benefit, certainty):
                held, by = found.setdefault(firm, (certainty, []))
                if held == certainty:
                    by.append(benefit)
    return [(firm, certainty, by) for firm, (certainty, by) in found.items()]


def _reached(statements: Statements, benefit: str, certainty: str) -> list[str]:
    """Firms that the record names, or that have the tier and the seat."""
    if certainty == "named":
        return statements.objects(benefit, KG + "beneficiary")
    name = {"eligible": "eligibleFor", "possible": "possiblyEligibleFor"}[certainty]
    return statements.subjects(KG + name, benefit)


def _batch(subject: Subject, batch: str) -> Batch:
    own = subject.own
    records = [subject.fact(record).record for record in own.subjects(KG + "batch", batch)]
    return Batch(subject.name(batch), own.one(batch, KG + "batchOrdinal"), records)


def _industries(subject: Subject, plan: str) -> list[tuple[Cell, list[Cell]]]:
    """The industries of an edition of a plan, by kind."""
    own = subject.own
    kinds: dict[str, list[str]] = {}
    for node in own.subjects(KG + "ofClusterProgramme", plan):
        kinds.setdefault(own.one(node, KG + "kind"), []).append(node)
    return [
        (subject.name(kind) if kind else Cell(""), [subject.name(n) for n in sorted(nodes, key=natural)])
        for kind, nodes in sorted(kinds.items())
    ]  # fmt: skip


def _names(subject: Subject, node: str, *properties: str) -> list[Cell]:
    said = subject.statements
    return [subject.name(value) for name in properties for value in said.objects(node, KG + name)]
