"""The ways in which a name can match what is typed, the surest first: one method each."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from kg.search.folding import is_han, one_slip_apart, readings
from kg.search.index import slip_keys, slippable_words
from kg.search.needle import Needle

WAYS: Final = ("exact", "prefix", "word", "pinyin", "initials", "sound", "slip", "similar")
"""How a name can match; the last three are guesses at what was meant."""
GUESSES: Final = frozenset(WAYS[5:])

_ENOUGH: Final = 5
"""With so many hits, or one of the very name, nothing is guessed."""
_MAX_COMPARED: Final = 100
"""Candidates whose likeness is worked out."""
_RAREST: Final = 4
"""Pairs of characters that a similar name is looked for by: a slip leaves at least two of them."""
_LIKENESS: Final = 0.5
"""Least share of common pairs, as Dice's coefficient."""


class Search:
    """One search: numbers of things, best first, each with the way it was found."""

    def __init__(
        self, connection: sqlite3.Connection, needle: Needle, narrowed: Sequence[str]
    ) -> None:
        self._connection = connection
        self._needle = needle
        self._narrowed = "".join(f' AND facet : "{token}"' for token in narrowed)

    def ranked(self, limit: int) -> list[tuple[int, str]]:
        """At least as many as asked for, where there are."""
        found: dict[int, str] = {}
        if self._needle.is_empty:
            return [(number, "exact") for number in self._all(limit)]
        for way, numbers_by in self._steps():
            sure = found and found[next(iter(found))] == "exact"
            if len(found) >= limit or (way in GUESSES and (sure or len(found) >= _ENOUGH)):
                break
            for number in numbers_by(limit):
                found.setdefault(number, way)
        return list(found.items())

    def _steps(self) -> Iterator[tuple[str, Callable[[int], list[int]]]]:
        """Ways and what finds by them, the surest first; a whole name goes before a beginning."""
        yield "exact", self._by_exact
        yield "pinyin", self._by_pinyin
        yield "prefix", self._by_prefix
        yield "word", self._by_word
        yield "pinyin", self._by_beginning_of_pinyin
        yield "initials", self._by_initials
        yield "sound", self._by_sound
        yield "slip", self._by_slip
        yield "word", self._by_parts
        yield "similar", self._by_similar

    def _match(self, expression: str, limit: int) -> list[int]:
        rows = self._connection.execute(
            "SELECT rowid FROM token WHERE token MATCH ? ORDER BY rowid LIMIT ?",
            (f"({expression}){self._narrowed}", limit),
        )
        return [row[0] for row in rows]

    def _all(self, limit: int) -> list[int]:
        if self._narrowed:
            expression = self._narrowed.removeprefix(" AND ")
            return self._match(expression, limit)
        rows = self._connection.execute(
            "SELECT number FROM thing ORDER BY number LIMIT ?", (limit,)
        )
        return [row[0] for row in rows]

    def _any(
        self, column: str, texts: Iterable[str], limit: int, *, open_end: bool = False
    ) -> list[int]:
        """Things with a token, or the beginning of one, in a column."""
        parts = [f'{column} : "{text}"{"*" if open_end else ""}' for text in texts if text]
        return self._match(" OR ".join(parts), limit) if parts else []

    def _by_exact(self, limit: int) -> list[int]:
        """A whole name before one without its legal form, the preferred name before another."""
        found = self._any("name", self._needle.texts, limit)
        if not 1 < len(found) <= _MAX_COMPARED:
            return found
        return sorted(found, key=lambda number: (self._worth(number), number))

    def _worth(self, number: int) -> tuple[bool, int]:
        texts = set(self._needle.texts)
        rows = self._connection.execute(
            "SELECT role, text, folded FROM name WHERE thing = ? ORDER BY place", (number,)
        )
        return min(
            (texts.isdisjoint(readings(text)), role)
            for role, text, folded in rows
            if not texts.isdisjoint(folded.split())
        )

    def _by_prefix(self, limit: int) -> list[int]:
        return self._any("name", self._needle.texts, limit, open_end=True)

    def _by_word(self, limit: int) -> list[int]:
        """Things in whose names all words of the query occur."""
        found: dict[int, None] = {}
        for expression in self._needle.word_expressions():
            found.update(dict.fromkeys(self._match(expression, limit)))
        return list(found)

    def _by_parts(self, limit: int) -> list[int]:
        """Things in whose names both parts of the only word occur."""
        expression = self._needle.part_expression()
        return self._match(expression, limit) if expression else []

    def _by_pinyin(self, limit: int) -> list[int]:
        return self._any("spelt", self._needle.typed_sounds, limit)

    def _by_beginning_of_pinyin(self, limit: int) -> list[int]:
        return self._any("spelt", self._needle.typed_sounds, limit, open_end=True)

    def _by_initials(self, limit: int) -> list[int]:
        typed = [text for text in self._needle.typed_sounds if 1 < len(text) < 13]
        exact = self._any("initials", typed, limit)
        return list(dict.fromkeys([*exact, *self._any("initials", typed, limit, open_end=True)]))

    def _by_sound(self, limit: int) -> list[int]:
        """Another character of the same sound: what an input method makes of a slip."""
        return self._any("spelt", self._needle.sounds, limit)

    def _by_slip(self, limit: int) -> list[int]:
        keys = sorted({key for text in self._needle.slippable for key in slip_keys(text)})
        rows = self._connection.execute(
            f"SELECT thing, COUNT(*) AS n FROM slip WHERE key IN ({','.join('?' * len(keys))}) "
            "GROUP BY thing ORDER BY n DESC, thing LIMIT ?",
            (*keys, _MAX_COMPARED),
        )
        found = [number for number, _ in rows]
        return [n for n in self._kept(found) if self._is_slip(n)][:limit]

    def _is_slip(self, number: int) -> bool:
        return any(
            one_slip_apart(text, other)
            for other in self._forms(number)
            for text in self._needle.slippable
        )

    def _by_similar(self, limit: int) -> list[int]:
        """Names with half of the pairs of characters, found by two of their rarest pairs."""
        frequencies = {}
        for gram in filter(is_han, self._needle.pairs):
            row = self._connection.execute(
                "SELECT doc FROM frequency WHERE term = ? AND col = 'gram'", (gram,)
            ).fetchone()
            if row:
                frequencies[gram] = row[0]
        rarest = sorted(frequencies, key=lambda gram: (frequencies[gram], gram))[:_RAREST]
        tokens = [f'gram : "{gram}"' for gram in rarest]
        both = [f"({one} AND {other})" for one, other in combinations(tokens, 2)]
        found = self._match(" OR ".join(both), _MAX_COMPARED) if both else []
        found = found or (self._match(tokens[0], _MAX_COMPARED) if tokens else [])
        likeness = {
            number: max(map(self._needle.common_pairs, self._folded(number)), default=0.0)
            for number in found
        }
        likely = [number for number in found if likeness[number] >= _LIKENESS]
        return sorted(likely, key=lambda number: (-likeness[number], number))[:limit]

    def _kept(self, numbers: list[int]) -> list[int]:
        """Those of the things that the facets asked for leave."""
        if not self._narrowed or not numbers:
            return numbers
        rows = self._connection.execute(
            f"SELECT rowid FROM token WHERE token MATCH ? AND rowid IN ({','.join(map(str, numbers))})",
            (self._narrowed.removeprefix(" AND "),),
        )
        kept = {row[0] for row in rows}
        return [number for number in numbers if number in kept]

    def _folded(self, number: int) -> list[str]:
        rows = self._connection.execute("SELECT folded FROM name WHERE thing = ?", (number,))
        return list({text for row in rows for text in row[0].split()})

    def _forms(self, number: int) -> Iterator[str]:
        """What a slip is looked for in: the names, and their words in Latin letters."""
        yield from self._folded(number)
        for (text,) in self._connection.execute("SELECT text FROM name WHERE thing = ?", (number,)):
            yield from slippable_words(text)
