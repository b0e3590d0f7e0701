"""Which of the things that a walk found pass the filters of a state, and how many each value would show."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Final

from kg.network.links import Attributes, Link
from kg.network.state import State

FACETS: Final = ("type", "stage", "city", "year", "confidence")
"""The filters whose values are counted."""

HUBS: Final = frozenset(("place", "chain", "policy"))
"""Types that very many things meet at: drawn only beside the focus or where expanded, never walked through."""


def holds(link: Link, years: Collection[str], modalities: Collection[str]) -> bool:
    """Whether a record is of a wanted year and modality; statements without a record hold for any."""
    return not link.record or (
        (not years or link.year in years) and (not modalities or link.modality in modalities)
    )


class Filters:
    """Which things pass, and how many each value of each filter would show."""

    def __init__(
        self, state: State, attributes: dict[str, Attributes], links: Collection[Link], scope: set[str]
    ) -> None:  # fmt: skip
        self._state, self._attributes, self._scope = state, attributes, scope
        self._stages: dict[str, set[str]] = defaultdict(set)
        for link in links:
            for end, other in ((link.subject, link.other), (link.other, link.subject)):
                if attributes[other].stage and attributes[other].type == "segment":
                    self._stages[end].add(attributes[other].stage)

    def passing(self) -> set[str]:
        """The things that pass every filter."""
        return {thing for thing in self._scope if self.passes(thing)}

    def passes(self, thing: str, *, but: str = "") -> bool:
        """Whether a thing passes every filter but one."""
        state, kept = self._state, self._attributes[thing]
        if thing == state.focus:
            return True
        if but != "type" and state.type and kept.type not in state.type:
            return False
        if but != "stage" and state.stage and not self.stages(thing) & set(state.stage):
            return False
        seated = kept.type == "enterprise" or bool(kept.seat)
        return but == "city" or not state.city or not seated or bool(kept.areas & set(state.city))

    def stages(self, thing: str) -> set[str]:
        """Where along a chain a thing stands: a segment by itself, all others by their segments."""
        kept = self._attributes[thing]
        return {kept.stage} if kept.type == "segment" else self._stages[thing]

    def type_of(self, thing: str) -> str:
        """Its type in a picture."""
        return self._attributes[thing].type

    def count(self, links: Iterable[Link]) -> dict[str, Counter[str]]:
        """Things, or links for year and confidence, that pass all filters but that of the value."""
        facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}  # fmt: skip
        for thing in self._scope:
            kept = self._attributes[thing]
            if self.passes(thing, but="type"):
                facets["type"][kept.type] += 1
            if self.passes(thing, but="stage"):
                facets["stage"].update(self.stages(thing) - {""})
            if kept.seat and self.passes(thing, but="city"):
                facets["city"][kept.seat] += 1
        for link in links:
            facets["year"][link.year] += bool(link.year) and holds(link, (), self._state.confidence)
            facets["confidence"][link.modality] += bool(link.modality) and holds(
                link, self._state.year, ()
            )
        return {name: +counts for name, counts in facets.items()}
