"""Which page a thing has: one row a kind, a class before those that stand above it."""

from typing import Final

from kg.namespaces import BASE, OWN_PREFIXES
from kg.web.things import (
    chain,
    city,
    cluster,
    conflict,
    document,
    enterprise,
    investor,
    measure,
    passage,
    policy,
    record,
    segment,
    tier,
)
from kg.web.things.subject import Kind, ask, iris_of

_SCHEMES: Final = f"{BASE}voc/"
THING: Final = Kind("thing")
"""The page of whatever has no page of its own."""

KINDS: Final = (
    Kind(
        "enterprise",
        ("Enterprise",),
        "enterprise",
        related=enterprise.related,
        sections=enterprise.sections,
    ),
    Kind(
        "chain",
        ("IndustryChain",),
        "chain",
        "records-of-chain",
        related=chain.related,
        sections=chain.sections,
    ),
    Kind(
        "conflict",
        ("Conflict",),
        "conflict",
        records="records-named",
        sections=conflict.sections,
        title=conflict.title,
    ),
    Kind("thing", ("Resolution", "CurationNote"), records="records-named"),
    Kind("thing", ("DerivedCheck",), records="records-named", title=passage.check_title),
    Kind("thing", ("Passage",), title=passage.title),
    Kind(
        "document",
        ("SourceDocument",),
        "document",
        records="records-of-document",
        related=document.related,
        sections=document.sections,
    ),
    Kind(
        "investor", ("Investor",), "investor", related=investor.related, sections=investor.sections
    ),
    Kind("tier", ("Tier",), "tier", related=tier.related, sections=tier.sections),
    Kind(
        "measure",
        ("PolicyMeasure",),
        "record",
        records="",
        related=measure.related,
        sections=measure.sections,
        title=record.title,
    ),
    Kind(
        "policy",
        ("PolicyDocument", "RuleSet", "CultivationProgramme", "ClusterProgramme"),
        "policy",
        related=policy.related,
        sections=policy.sections,
        schemes=("instrument",),
        size=15,
    ),
    Kind(
        "record",
        ("Assertion",),
        "record",
        records="",
        related=record.related,
        sections=record.sections,
        title=record.title,
    ),
    Kind(
        "segment",
        ("ChainSegment",),
        "segment",
        related=segment.related,
        sections=segment.sections,
    ),
    Kind("cluster", ("IndustryCluster",), "cluster", sections=cluster.sections),
    Kind("city", ("City",), "city", related=city.related, sections=city.sections, size=10),
)


def find_kind(iri: str) -> Kind:
    """The first row with a class of the thing or a scheme that it stands in; one query.

    Its classes are its types and all classes above them.
    """
    found = iris_of(ask("classes", iri), "class")
    names = {name.removeprefix(OWN_PREFIXES["kg"]).removeprefix(_SCHEMES) for name in found}
    return next((kind for kind in KINDS if names.intersection(kind.classes + kind.schemes)), THING)
