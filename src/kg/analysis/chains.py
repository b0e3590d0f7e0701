"""An industry chain as the analyses see it: segments, what feeds what, and the records of firms."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.analysis.reading import Reader
from kg.namespaces import OWN_PREFIXES

EXPLICIT: Final = OWN_PREFIXES["mod"] + "explicit"


@dataclass(frozen=True, slots=True)
class Link:
    """One record that connects two things: a firm with a segment, or a supplier with a customer."""

    tail: str
    head: str
    record: str = ""
    explicit: bool = True
    """Whether the source says it in so many words; else it is implied, hearsay or the like."""
    item: str = ""


@dataclass(frozen=True)
class Chain:
    """What is recorded of one chain; IRIs are plain text."""

    stages: Mapping[str, str]
    """Stage by segment, in the order of the chain; only segments without parts of their own."""
    feeds: Sequence[tuple[str, str]] = ()
    """Segment and later segment."""
    places: Sequence[Link] = ()
    """Firm and the segment in which a record puts it."""
    supplies: Sequence[Link] = ()
    """Supplier and customer, at least one of them in the chain."""
    cities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The cities of a firm, where its seat is recorded."""

    def firms(self, *, explicit_only: bool = False) -> dict[str, set[str]]:
        """The firms of each segment, all segments included."""
        found: dict[str, set[str]] = {segment: set() for segment in self.stages}
        for link in self.places:
            if link.head in found and (link.explicit or not explicit_only):
                found[link.head].add(link.tail)
        return found

    def records(self) -> set[str]:
        """The records that the chain rests on."""
        return {link.record for link in (*self.places, *self.supplies)} - {""}


def read_chain(reader: Reader, chain: str, *, supplies: bool = True) -> Chain:
    """The chain from four queries, or three without `supplies`; some 20 ms as shipped.

    Linear in the records, supplies of other chains included: 300,000 take 5 s. Empty where nothing
    is recorded of such a chain.
    """
    segments = reader.rows("chain-segments", chain=chain)
    wholes = {row["whole"] for row in segments if row.get("whole")}
    stages = {row["segment"]: row.get("stage", "") for row in segments if row["segment"] not in wholes}  # fmt: skip
    feeds = [(row["segment"], row["later"]) for row in reader.rows("chain-feeds", chain=chain)]
    participations = reader.rows("chain-participations", chain=chain)
    cities: dict[str, set[str]] = defaultdict(set)
    for row in participations:
        cities[row["firm"]] |= {row.get("city", "")} - {""}
    firms = set(cities)
    found = reader.rows("supplies") if supplies else []
    return Chain(
        stages,
        sorted(feeds),
        list(dict.fromkeys(_link(row, "firm", "segment") for row in participations)),
        list(
            dict.fromkeys(
                _link(row, "supplier", "customer")
                for row in found
                if row["supplier"] in firms or row["customer"] in firms
            )
        ),
        {firm: frozenset(there) for firm, there in cities.items()},
    )


def _link(row: Mapping[str, str], tail: str, head: str) -> Link:
    # A record without a modality stands in a reference layer, which states what its source lists.
    explicit = row.get("modality", "") in ("", EXPLICIT)
    return Link(row[tail], row[head], row["record"], explicit, row.get("item", ""))
