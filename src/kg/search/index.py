"""The label index: one SQLite file, `search/labels.sqlite` in a release.

SQLite's FTS5 finds a token or the beginning of one in 0.1 ms and gives rows in the order of their
numbers. Things are numbered by how much is said of them, so the first rows are the best ones and a
search need not look at the others. The tokens are made here; the tokenizer of FTS5 only splits at
blanks.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.search.folding import can_slip, core, fold, grams, is_han, readings, words
from kg.search.pinyin import initials, spell
from kg.search.things import FACETS, ROLES, Thing

FOLDER: Final = "search"
FILE: Final = "labels.sqlite"
VERSION: Final = 1
"""Of the tables and tokens; an index of another version is made anew."""

_CODE: Final = list(ROLES).index("code")
_SPELT_LENGTH: Final = 12
"""Longer names are not typed by their sound."""

_SLIPPABLE_WORD: Final = 5
"""Letters from which a word of a longer name is told from another one."""

_SCHEMA: Final = f"""
PRAGMA user_version = {VERSION}; PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE thing (number INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, statements INTEGER NOT NULL);
CREATE TABLE name (
  thing INTEGER, place INTEGER, role INTEGER, language TEXT, text TEXT, folded TEXT, spelt TEXT, initials TEXT,
  PRIMARY KEY (thing, place)) WITHOUT ROWID;
CREATE TABLE value (number INTEGER PRIMARY KEY, facet TEXT, iri TEXT, UNIQUE (facet, iri));
CREATE TABLE facet (thing INTEGER, value INTEGER, PRIMARY KEY (thing, value)) WITHOUT ROWID;
CREATE TABLE slip (key INTEGER, thing INTEGER, PRIMARY KEY (key, thing)) WITHOUT ROWID;
CREATE VIRTUAL TABLE token USING fts5 (
  name, word, gram, spelt, initials, facet,
  content = '', detail = column, tokenize = 'ascii', prefix = '1 2 3 4 5 6 7 8');
CREATE VIRTUAL TABLE frequency USING fts5vocab (token, col);
"""


def write_index(things: Iterable[Thing], folder: Path) -> Path:
    """Writes the index of things in the order of their rank; the path of the file.

    About 0.2 ms a thing. The same things make the same bytes with the same SQLite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        _fill(connection, things)
        connection.execute("COMMIT")
        connection.execute("INSERT INTO token (token) VALUES ('optimize')")
    finally:
        connection.close()
    return path


def slip_keys(text: str) -> set[int]:
    """Keys that two texts share where one slip makes one of the other, and rarely otherwise: check
    sums of the text and of the text without each one of its characters."""
    shorter = (text[:at] + text[at + 1 :] for at in range(len(text)))
    return {zlib.crc32(part.encode()) for part in (text, *shorter)}


def slippable_words(name: str) -> list[str]:
    """The first words of a name in Latin letters, where firms have their brand."""
    latin = [word for word in words(name)[:3] if not is_han(word)]
    return [word for word in latin if len(word) >= _SLIPPABLE_WORD and can_slip(word)]


def _fill(connection: sqlite3.Connection, things: Iterable[Thing]) -> None:
    values: dict[tuple[str, str], int] = {}
    slips: list[tuple[int, int]] = []
    for number, thing in enumerate(things, 1):
        row = _Row(thing)
        found = [
            values.setdefault((facet, iri), len(values) + 1)
            for facet in FACETS
            for iri in dict.fromkeys(thing.facets.get(facet, ()))
        ]
        tokens = [*row.tokens(), " ".join(f"f{value}" for value in found)]
        connection.execute(
            "INSERT INTO thing VALUES (?, ?, ?)", (number, thing.iri, thing.statements)
        )
        connection.executemany(
            "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, place, *name) for place, name in enumerate(row.names)),
        )
        connection.executemany(
            "INSERT INTO facet VALUES (?, ?)", ((number, value) for value in sorted(found))
        )
        connection.execute(
            "INSERT INTO token (rowid, name, word, gram, spelt, initials, facet) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, *tokens),
        )
        slips += {(key, number) for text in row.short for key in slip_keys(text)}
    slips.sort()
    connection.executemany("INSERT INTO slip VALUES (?, ?)", slips)
    connection.executemany(
        "INSERT INTO value VALUES (?, ?, ?)",
        ((number, facet, iri) for (facet, iri), number in values.items()),
    )


class _Row:
    """The names of one thing as rows of `name`, and its tokens."""

    def __init__(self, thing: Thing) -> None:
        self.names: list[tuple[object, ...]] = []
        self.short: set[str] = set()
        self._tokens: tuple[dict[str, None], ...] = ({}, {}, {}, {}, {})
        spelt_before: dict[str, tuple[list[str], list[str]]] = {}
        for name in thing.names:
            folded = list(dict.fromkeys(_compared(name.text, is_code=name.role == _CODE)))
            spelt: list[str] = []
            first: list[str] = []
            for text in folded:
                if text not in spelt_before:
                    spelt_before[text] = _spell(text)
                    self._add(text, *spelt_before[text])
                spelt += spelt_before[text][0]
                first += spelt_before[text][1]
            joined = (" ".join(dict.fromkeys(forms)) for forms in (folded, spelt, first))
            self.names.append((name.role, name.language, name.text, *joined))
            if name.role != _CODE:
                self.short.update(slippable_words(name.text))
                self._tokens[1].update(dict.fromkeys(w for w in words(name.text) if not is_han(w)))

    def tokens(self) -> Iterator[str]:
        """The text of each column but the facets."""
        return (" ".join(column) for column in self._tokens)

    def _add(self, text: str, spelt: list[str], first: list[str]) -> None:
        self._tokens[0][text] = None
        for word in words(text):
            if is_han(word):
                self._tokens[2].update(dict.fromkeys((*grams(word), *word)))
        self._tokens[3].update(dict.fromkeys(spelt))
        self._tokens[4].update(dict.fromkeys(first))
        if can_slip(text):
            self.short.add(text)


def _compared(text: str, *, is_code: bool) -> Iterator[str]:
    """The folded texts that mean a name: itself, and without its legal form or its exchange."""
    yield from readings(text)
    if is_code:
        yield fold(text.partition(".")[0])
    else:
        yield from readings(core(text))


def _spell(text: str) -> tuple[list[str], list[str]]:
    """Pinyin and initials of a name that has any Chinese character and is not too long."""
    if text.isascii() or len(text) > _SPELT_LENGTH:
        return [], []
    syllables = spell(text)
    spelt = ["".join(one) for one in syllables]
    return [fold(one) for one in spelt], [
        first for one in syllables if len(first := fold(initials(one))) > 1
    ]
