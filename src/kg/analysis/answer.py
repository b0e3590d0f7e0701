"""What an analysis answers with: rows and, always beside them, coverage, sources, date, assumptions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from kg.network.results import Edge
from kg.store import Store

Value = str | int | float | bool | tuple[str, ...] | None
"""One cell; None reads "not recorded", a tuple holds several values."""

Kind = Literal["thing", "text", "code", "number"]


@dataclass(frozen=True)
class Column:
    """One column; its heading is the text `analysis.column_<name>`."""

    name: str
    kind: Kind = "number"
    """`thing`: IRIs. `text`: as it stands. `code`: the text `analysis.value_<value>`. `number`."""
    unit: str = ""
    """Empty for a count; else the unit as it is written behind the heading."""
    optional: bool = False
    """Whether an empty cell only says that it does not apply, not that it is not recorded."""
    stated: bool = False
    """Whether the number is that of the row's `record`, not counted or computed."""


@dataclass(frozen=True)
class Note:
    """A sentence: the text `analysis.<key>` with its places filled."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Coverage:
    """How much of what it speaks of is recorded; `what` is the text `analysis.covered_<what>`."""

    recorded: int
    of: int
    what: str


@dataclass(frozen=True)
class Answer:
    """The answer of one analysis.

    Without rows and without a refusal, nothing is recorded that would answer.
    """

    columns: tuple[Column, ...]
    rows: list[dict[str, Value]]
    """A column that does not concern a row is left out of it."""
    as_of: str
    """Day of the data, from the release."""
    coverage: tuple[Coverage, ...] = ()
    notes: tuple[Note, ...] = ()
    assumptions: tuple[Note, ...] = ()
    """What it supposes beyond the records, and how its figures are computed."""
    sources: tuple[str, ...] = ()
    """IRIs of the records or graphs that it rests on."""
    queries: tuple[str, ...] = ()
    """The queries that it reads, ready for any SPARQL engine."""
    refusal: Note | None = None
    """Why there is no answer although records exist, such as too few cities."""
    chart: str = ""
    """How a page draws the rows, as the head of a saved query says it: `bars x=… y=… by=…`."""
    network: tuple[Edge, ...] = ()
    """The same as a picture of things: subject, object, relation."""

    def things(self) -> set[str]:
        """The IRIs in its rows and sources, which a page names."""
        names = [column.name for column in self.columns if column.kind == "thing"]
        cells = [row.get(name) for row in self.rows for name in names]
        found = {iri for cell in cells for iri in several(cell)}
        return found | set(self.sources)


def several(cell: Value) -> tuple[str, ...]:
    """The texts in a cell, none or one or more."""
    if isinstance(cell, tuple):
        return cell
    return (str(cell),) if cell not in (None, "") else ()


MAX_SOURCES: Final = 200
"""Sources that an answer lists; it says how many there are."""


def cite(records: Sequence[str] | set[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The first of the sources in order, and a note where there are more."""
    found = sorted(set(records) - {""})
    if len(found) <= MAX_SOURCES:
        return tuple(found), ()
    note = Note("sources_cut", {"shown": MAX_SOURCES, "total": len(found)})
    return tuple(found[:MAX_SOURCES]), (note,)


def data_date(store: Store) -> str:
    """Day of the data as the manifest of the release says; empty where the store has none."""
    text = store.document("manifest.json")
    return str(json.loads(text).get("data_date", "")) if text else ""
