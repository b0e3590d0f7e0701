"""Finding things by any of their names, best first, and saying why."""

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.search.needle import Needle
from kg.search.things import COUNTED, FACETS, Name
from kg.search.ways import Search
from kg.words import FALLBACKS

MAX_COUNTED: Final = 10_000
"""Hits that a result counts and can show; beyond that it says so."""


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and why."""

    iri: str
    way: str
    """One of WAYS."""
    matched: str
    """The name that matched."""
    likeness: float
    """How much of it matched, 0 to 1."""
    names: tuple[Name, ...]
    facets: Mapping[str, Sequence[str]]
    statements: int

    def label(self, language: str) -> str:
        """Its name in one of the interface's languages, or the nearest there is."""
        tags = FALLBACKS[language]
        preferred = [name for name in self.names if name.role == 0]
        best = min(
            preferred,
            key=lambda n: tags.index(n.language) if n.language in tags else len(tags),
            default=None,
        )
        return best.text if best else self.iri

    def others(self, language: str) -> list[str]:
        """Its other names, without those a source got wrong."""
        texts = (name.text for name in self.names if name.role < 3)
        return [text for text in dict.fromkeys(texts) if text != self.label(language)]


@dataclass(frozen=True)
class Found:
    """One page of hits, their number, and how many there are of each value of each facet."""

    hits: list[Hit]
    total: int
    is_more: bool
    """Whether there are more than `total`, which were not counted."""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class LabelIndex:
    """A label index opened for reading; may be used from any thread."""

    def __init__(self, path: Path) -> None:
        """Opens nothing yet; a connection is kept for each search that runs at once."""
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._idle: list[sqlite3.Connection] = []
        weakref.finalize(self, _close, self._idle)
        with self._connection() as connection:
            rows = connection.execute("SELECT facet, iri, number FROM value")
            self._values = {(facet, iri): number for facet, iri, number in rows}

    def suggest(
        self, text: str, *, limit: int = 10, where: Mapping[str, str] | None = None
    ) -> list[Hit]:
        """The best hits; a guess only where nothing is sure. 1 to 10 ms at a million names."""
        needle = Needle(text)
        with self._connection() as connection:
            found = Search(connection, needle, self._tokens(where)).ranked(limit)
            return [_describe(connection, needle, *one) for one in found[:limit]]

    def find(
        self, text: str, *, where: Mapping[str, str] | None = None, start: int = 0, limit: int = 20
    ) -> Found:
        """A page of hits with facets counted over all of them; without a text, everything there is."""
        needle = Needle(text)
        with self._connection() as connection:
            found = Search(connection, needle, self._tokens(where)).ranked(MAX_COUNTED + 1)
            counted = found[:MAX_COUNTED]
            return Found(
                [_describe(connection, needle, *one) for one in counted[start : start + limit]],
                len(counted),
                len(found) > len(counted),
                _count(connection, [number for number, _ in counted]),
            )

    def get(self, iris: Iterable[str]) -> dict[str, Hit]:
        """Things by IRI, those there are."""
        needle = Needle("")
        with self._connection() as connection:
            rows = (
                connection.execute("SELECT number FROM thing WHERE iri = ?", (iri,)).fetchone()
                for iri in dict.fromkeys(iris)
            )
            hits = [_describe(connection, needle, row[0], "exact") for row in rows if row]
            return {hit.iri: hit for hit in hits}

    def _tokens(self, where: Mapping[str, str] | None) -> tuple[str, ...]:
        """Tokens of the facet values asked for; one that nothing has where a value is unknown."""
        asked = (
            ("class" if facet == "type" else facet, iri) for facet, iri in (where or {}).items()
        )
        return tuple(f"f{self._values.get(pair, 0)}" for pair in asked)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(self._address, uri=True, check_same_thread=False)
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _close(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()


def _count(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[str, dict[str, int]]:
    """How many of the things have each value, the most frequent first.

    A type counts with its narrower ones, since that is what narrowing by it leaves.
    """
    found: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    rows = connection.execute(
        "SELECT value.facet, value.iri, n FROM (SELECT value AS v, COUNT(*) AS n FROM facet "
        f"WHERE thing IN ({','.join(map(str, numbers))}) GROUP BY value) "
        "JOIN value ON value.number = v ORDER BY n DESC, value.iri"
    )
    for facet, iri, number in rows:
        found[facet][iri] = number
    types = {iri: number for iri, number in found["class"].items() if iri in found["type"]}
    return {facet: types if facet == "type" else found[facet] for facet in COUNTED}


def _describe(connection: sqlite3.Connection, needle: Needle, number: int, way: str) -> Hit:
    iri, statements = connection.execute(
        "SELECT iri, statements FROM thing WHERE number = ?", (number,)
    ).fetchone()
    rows = connection.execute(
        "SELECT role, language, text, folded, spelt, initials FROM name WHERE thing = ? ORDER BY place",
        (number,),
    ).fetchall()
    facets: dict[str, list[str]] = {facet: [] for facet in FACETS}
    for facet, value in connection.execute(
        "SELECT facet, iri FROM value WHERE number IN (SELECT value FROM facet WHERE thing = ?) "
        "ORDER BY facet, iri",
        (number,),
    ):
        facets[facet].append(value)
    likeness = [needle.likeness(way, *row[3:]) for row in rows]
    best = max(range(len(rows)), key=lambda place: (likeness[place], -place))
    names = tuple(Name(role, text, language) for role, language, text, *_ in rows)
    return Hit(iri, way, names[best].text, likeness[best], names, facets, statements)
