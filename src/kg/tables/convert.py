"""Rows and a mapping become triples: https://www.w3.org/TR/csv2rdf/ in minimal mode.

A row with an error gives no triple.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pyoxigraph as ox

from kg.errors import BadFiles, Problem
from kg.tables.lookup import Known
from kg.tables.mapping import Column, Lookup, TableGroup, TableMapping
from kg.tables.readers import Row, TableFile, read_rows
from kg.tables.terms import Values, apply_step, emit, fill


@dataclass(frozen=True, order=True)
class Dirt:
    """One thing wrong with one row."""

    table: str
    rows: str
    """Path of the rows within the file, empty for a plain table."""
    row: int
    outcome: str
    """`rejected`: the row gives no triple; `kept`: only the cell gives none."""
    column: str
    reason: str


@dataclass
class Outcome:
    """What the rows gave."""

    triples: set[ox.Triple] = field(default_factory=set)
    dirt: list[Dirt] = field(default_factory=list)
    """In order of tables and rows."""
    rows: int = 0
    """Rows read."""


class _RowError(Exception):
    """One cell is wrong: `args` are column and reason."""


def convert(
    group: TableGroup, files: Sequence[tuple[TableMapping, TableFile]], known: Known
) -> Outcome:
    """Every row of every file through its mapping. Memory grows with the triples."""
    outcome = Outcome()
    for mapping, file in files:
        seen: set[tuple[Any, ...]] = set()
        for row in read_rows(file, mapping.rows):
            outcome.rows += 1
            _Conversion(group, mapping, file, known, seen, outcome).run(row)
    return outcome


@dataclass(frozen=True)
class _Conversion:
    """One row on its way."""

    group: TableGroup
    mapping: TableMapping
    file: TableFile
    known: Known
    seen: set[tuple[Any, ...]]
    """Primary keys met in this file."""
    outcome: Outcome

    def run(self, row: Row) -> None:
        """Adds what the row gives: triples, or dirt."""
        notes: list[Dirt] = []
        triples: set[ox.Triple] = set()
        try:
            values = _place(self.file, row)
            for column in self.mapping.columns:
                if not column.virtual:
                    self._read(column, row, values, notes)
            self._check_key(values)
            for variant in self._joined(values):
                for column in self.mapping.columns:
                    if column.virtual:
                        self._read(column, row, variant, notes)
                triples |= {t for column in self.mapping.columns for t in emit(column, variant)}
        except _RowError as error:
            column_name, reason = error.args
            self.outcome.dirt.append(self._dirt(row, "rejected", column_name, reason))
            return
        self.outcome.triples |= triples
        self.outcome.dirt += dict.fromkeys(notes)  # once, however many rows were joined

    def _read(self, column: Column, row: Row, values: Values, notes: list[Dirt]) -> None:
        """The value of a cell, or of a virtual column that has a template, under its name."""
        if column.virtual and column.template is None:
            return
        text = fill(column.template, values) if column.template else self._cell(column, row, values)
        try:
            for step in column.steps:
                text = apply_step(step, text) if text else text
            values[column.name] = column.described.read(text or "")
        except ValueError as error:
            raise _RowError(column.title, _reason(column, text, error)) from error
        if column.expected and values[column.name] in (None, "", []):
            cell = row.cells.get(column.title)
            said = f"{cell!r} is not {column.meaning}" if cell and column.meaning else "no value"
            notes.append(self._dirt(row, "kept", column.title, said))

    def _cell(self, column: Column, row: Row, values: Values) -> str:
        if column.title in values:  # a variable of the place, such as `_file_stem`
            return str(values[column.title])
        if column.title not in row.cells and self.file.path.suffix in (".csv", ".xlsx"):
            known = ", ".join(row.cells)
            said = f"no column {column.title!r}; known: {known}"
            raise BadFiles([Problem(self.file.name, 1, said)])
        return row.cells.get(column.title, "")

    def _check_key(self, values: Values) -> None:
        key = tuple(values[name] for name in self.mapping.primary_key)
        if key and key in self.seen:
            raise _RowError(", ".join(self.mapping.primary_key), f"a second row with the key {key}")
        self.seen.add(key)

    def _joined(self, values: Values) -> Iterator[Values]:
        """The values with those of the rows that lookups find, once for each combination."""
        found = [self._find(lookup, values) for lookup in self.mapping.lookups]
        for combination in product(*found):
            joined = dict(values)
            for lookup, row in zip(self.mapping.lookups, combination, strict=True):
                joined |= {f"{lookup.name}.{key}": value for key, value in row.items()}
            yield joined

    def _find(self, lookup: Lookup, values: Values) -> Sequence[Mapping[str, Any]]:
        wanted = [values.get(name) for name in lookup.columns]
        found = self.known.find(lookup, wanted)
        if found:
            return found
        if lookup.otherwise is not None:
            return [{key: fill(text, values) for key, text in lookup.otherwise.items()}]
        if None in wanted:
            return [{}]  # an empty cell refers to nothing: section 6.6 of the metadata standard
        said = ", ".join(f"{n}={v}" for n, v in zip(lookup.columns, wanted, strict=True))
        raise _RowError(lookup.columns[0], f"no row with {said} in {lookup.resource.name}")

    def _dirt(self, row: Row, outcome: str, column: str, reason: str) -> Dirt:
        return Dirt(self.file.name, self.mapping.rows, row.number, outcome, column, reason)


def _reason(column: Column, text: str | None, error: ValueError) -> str:
    """What is wrong with a cell; the library does not say which form it should have."""
    datatype = column.described.inherit("datatype")
    if not text or datatype is None:
        return str(error)
    form = f" of the form {datatype.format}" if datatype.format else ""
    return f"{text!r} is not {column.meaning or f'a valid {datatype.base}{form}'}"


def _place(file: TableFile, row: Row) -> Values:
    """The variables that say where a row stands; `_row` is the standard's own."""
    return {
        "_row": str(row.number),
        "_row_padded": f"{row.number:04}",
        "_file": file.path.name,
        "_file_stem": file.path.stem,
        "_file_sha256": file.sha256,
        "_file_length": None if file.length is None else str(file.length),
        "_start": None if row.start is None else str(row.start),
        "_length": None if row.start is None else str(len(row.text)),
        "_sha256": row.sha256,
    }
