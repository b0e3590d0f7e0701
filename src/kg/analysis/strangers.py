"""Things that are asked for but are not in the graph, and which were perhaps meant."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from kg.analysis.answer import Note
from kg.analysis.reading import Reader
from kg.errors import Busy
from kg.namespaces import compact
from kg.search.opening import open_index
from kg.store import Store

MAX_NEAR: Final = 3
"""Things that are proposed in place of one."""


def find_stranger(store: Store, root: Path, lang: str, asked: Sequence[str]) -> Note | None:
    """A note on the first of the things that the graph does not have, with those it may be a slip of.

    One look-up where it has them all.
    """
    things = list(dict.fromkeys(asked))
    known = {row["thing"] for row in Reader(store, root).rows("known", thing=things)} if things else set()  # fmt: skip
    for thing in things:
        if thing not in known:
            near = ", ".join(_propose(store, thing, lang))
            return Note("unknown_near" if near else "unknown", {"thing": compact(thing), "near": near})  # fmt: skip
    return None


def _propose(store: Store, thing: str, lang: str) -> list[str]:
    """Short form and name of what the end of an IRI may name, things of its kind first."""
    kind, _, slug = thing.rpartition("/")
    with suppress(Busy):  # the index of a remote store may still be made
        hits = open_index(store).suggest(slug.replace("-", " "))
        hits.sort(key=lambda hit: not hit.iri.startswith(f"{kind}/"))  # stable: else best first
        return [f"{compact(hit.iri)} {hit.label(lang)}" for hit in hits[:MAX_NEAR]]
    return []
