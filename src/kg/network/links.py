"""What connects things, without names and sources: cheap enough to filter and count before anything is drawn."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from kg.network.edges import RELATIONS, ROLE_KINDS, STATED
from kg.network.statements import KG, TYPE, local_name
from kg.network.styles import KIND_ORDER, TYPES
from kg.queries import find_part
from kg.store import Row, Store

MAX_ROWS: Final = 200_000
"""Rows that one step around the things may have; `links.rq` has the same LIMIT."""


class Link(NamedTuple):
    """One line between two things; IRIs, but for `kind`, `year` and `modality`. A tuple: thousands are sorted and compared."""

    subject: str
    predicate: str
    other: str
    kind: str = ""
    """Class of the record by its local name; empty where a statement connects them directly."""
    record: str = ""
    year: str = ""
    modality: str = ""

    def end(self, thing: str) -> str:
        """The other end, seen from a thing."""
        return self.other if thing == self.subject else self.subject


@dataclass
class Attributes:
    """What a thing is sorted by."""

    type: str = ""
    stage: str = ""
    seat: str = ""
    areas: set[str] = field(default_factory=set)
    """Its seat and every area around it."""


def ask(store: Store, root: Path, name: str, **values: Collection[str]) -> list[Row]:
    """The rows of `queries/pictures/<name>.rq` with its parameters bound."""
    query = find_part(root, "pictures", name)
    return store.rows(query.bind({key: sorted(given) for key, given in values.items()}))


def read_links(store: Store, things: Collection[str], root: Path) -> tuple[set[Link], bool]:
    """Every link at one of the things, and whether there were too many to read them all."""
    if not things:
        return set(), False
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = ask(store, root, "links", thing=things)
    for row in rows:
        found[row["subject"].value][row["property"].value].append(row["object"].value)  # type: ignore[union-attr]  # IRIs and literals
    links = {link for subject, facts in found.items() for link in _of_record(subject, facts)}
    links |= {
        Link(subject, predicate, other)
        for subject, facts in found.items()
        for predicate in STATED
        for other in facts[predicate]
    }
    return links, len(rows) >= MAX_ROWS


def _of_record(record: str, facts: dict[str, list[str]]) -> Iterable[Link]:
    """The links of a record: one for each pair of things in the two roles of a relation."""
    kinds = {local_name(kind) for kind in facts[TYPE]}
    year, modality = (min(facts[KG + name], default="") for name in ("year", "modality"))
    for relation in RELATIONS:
        if relation.kind in kinds:
            for subject in facts[KG + relation.tail]:
                for other in facts[KG + relation.head]:
                    yield Link(
                        subject, KG + relation.predicate, other, relation.kind, record, year[:4], modality
                    )  # fmt: skip


def learn(
    store: Store, known: dict[str, Attributes], things: Collection[str], links: Iterable[Link], root: Path
) -> None:  # fmt: skip
    """Adds what things are sorted by where it is not known yet; the type from the class, else from the role in a link."""
    found = {
        thing: Attributes() for thing in things if thing not in known or known[thing].type == "other"
    }  # fmt: skip
    for row in ask(store, root, "attributes", thing=found) if found else []:
        thing, name, value = (row[part].value for part in ("thing", "property", "value"))  # type: ignore[union-attr]  # IRIs and literals
        kept, name = found[thing], local_name(name)
        if name == "type":
            kept.type = _first(kept.type, TYPES.get(value.removeprefix(KG), ""))
        elif name == "stage":
            kept.stage = min(kept.stage or value, value)
        else:
            kept.areas.add(value)
            kept.seat = min(kept.seat or value, value) if name == "basedIn" else kept.seat
    untyped = {thing for thing, kept in found.items() if not kept.type}
    roles = {(row.kind, KG + row.predicate): (row.tail, row.head) for row in RELATIONS}
    for link in links:
        tail, head = roles.get((link.kind, link.predicate), ("", ""))
        kinds = STATED.get(link.predicate) or (ROLE_KINDS[tail], ROLE_KINDS[head])
        for end, kind in zip((link.subject, link.other), kinds, strict=True):
            if end in untyped:
                found[end].type = _first(found[end].type, kind)
    for kept in found.values():
        kept.type = kept.type or "other"
    known |= found


def _first(one: str, other: str) -> str:
    """Of two types the first in their order, which holds whatever the order of the rows."""
    return min(filter(None, (one, other)), key=KIND_ORDER.index, default="")
