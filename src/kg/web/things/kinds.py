"""Which page a thing has: one row a kind, a class before those that stand above it."""

from typing import Final

from kg.namespaces import OWN_PREFIXES
from kg.web.things import chain, enterprise
from kg.web.things.subject import Kind, ask, iris_of

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
    Kind("thing", ("Conflict", "Resolution", "CurationNote"), records="records-named"),
    Kind("thing", ("SourceDocument",), records="records-of-document"),
    Kind("thing", ("Assertion",), records=""),
    Kind(
        "chain",
        ("IndustryChain",),
        "chain",
        "records-of-chain",
        related=chain.related,
        sections=chain.sections,
    ),
)


def find_kind(iri: str) -> Kind:
    """The first row with a class of the thing, by its types and all classes above them; one query."""
    classes = iris_of(ask("classes", iri), "class")
    names = {name.removeprefix(OWN_PREFIXES["kg"]) for name in classes}
    return next((kind for kind in KINDS if names.intersection(kind.classes)), THING)
