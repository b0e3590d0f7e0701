"""A mapping: CSV on the Web metadata that says what each cell of a table means.

https://www.w3.org/TR/tabular-metadata/ , read by the `csvw` library; a mapping is a table group whose
`@id` is the graph or scheme it makes. The standard stops at one table at a time, so five annotations
of our own go further, each ignored by other readers:

    kg:rows      of a table: path to the rows in JSON and YAML (`segments/key_companies`), `.` the file
    kg:lookups   of a table: joins that may find nothing, where a foreign key must find a row
    kg:template  of a virtual column: its text, made from other columns as `{name}`
    kg:derive    of a column: steps its text goes through, `replace`, `digest` (MD5), `script` (s2tw:
                 traditional characters) and `plain` (a number in scientific notation written out)
    kg:expected  of a column: an empty cell is reported, and the row kept

A foreign key or a lookup brings the columns of the row it finds as `{column.other}`; where several
rows match, each gives its statements. What it refers to is a CSV file beside the mapping, or a
SELECT query (`.rq`) over the graph.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import csvw

from kg.errors import BadFiles, Problem

_OWN: Final = "kg:"
_TABLE_KEYS: Final = {"kg:rows", "kg:lookups"}
_COLUMN_KEYS: Final = {"kg:template", "kg:derive", "kg:expected"}
_STEPS: Final = {"replace", "digest", "script", "plain"}
_CSVW_GROUP: Final = {"@context", "@id", "tables"}


@dataclass(frozen=True)
class Lookup:
    """A join of the table with another."""

    name: str
    """What the columns of the row found are called by: `{name.column}`."""
    columns: tuple[str, ...]
    resource: Path
    key: tuple[str, ...]
    otherwise: Mapping[str, str] | None
    """Templates of the columns where no row matches; None where that is an error of the row."""


@dataclass(frozen=True)
class Column:
    """One column: the library's description and our annotations."""

    described: Any = field(repr=False)
    """A csvw.Column, which has no annotations of use."""
    name: str
    title: str
    virtual: bool
    template: str | None
    steps: tuple[Mapping[str, Any], ...]
    expected: bool
    meaning: str | None
    """What a value of the column is, in words: the rdfs:comment."""


@dataclass(frozen=True)
class TableMapping:
    """How the rows of one kind of table become statements."""

    url: str
    """Name of the file, or a pattern of names."""
    rows: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    lookups: tuple[Lookup, ...]


@dataclass(frozen=True)
class TableGroup:
    """A mapping file as read."""

    path: Path
    iri: str
    """The graph that is made, or the concept scheme where the output is a vocabulary."""
    annotations: Mapping[str, Any]
    """Prefixed property to JSON-LD value: what is said of `iri`."""
    tables: tuple[TableMapping, ...]

    @property
    def label(self) -> str:
        """English name of what is made."""
        names = self.annotations.get("rdfs:label") or self.annotations.get("skos:prefLabel", [])
        return next((name["@value"] for name in names if name.get("@language") == "en"), self.iri)


def read_mapping(path: Path, name: str) -> TableGroup:
    """The mapping; raises BadFiles that names every unknown key and every fault of the metadata."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadFiles(
            [Problem(name, getattr(error, "lineno", 0), f"not JSON: {error}")]
        ) from error
    problems = [Problem(name, 0, said) for said in _find_unknown(data)]
    if problems:
        raise BadFiles(problems)
    tables = tuple(_read_table(path, name, table) for table in data["tables"])
    annotations = {key: value for key, value in data.items() if key not in _CSVW_GROUP}
    return TableGroup(path, data["@id"], annotations, tables)


def _find_unknown(data: Any) -> list[str]:
    """What is missing, or begins with our prefix and is not one of our annotations."""
    if not isinstance(data, dict) or not {"@id", "tables"} <= set(data):
        return ["a mapping is a table group with '@id' and 'tables'"]
    found = []
    for table in data["tables"]:
        found += _strangers(table, _TABLE_KEYS)
        for column in table.get("tableSchema", {}).get("columns", []):
            found += _strangers(column, _COLUMN_KEYS)
            for step in column.get("kg:derive", []):
                unknown = set(step) - _STEPS
                found += [f"no step {key!r}; known: {', '.join(sorted(_STEPS))}" for key in unknown]
                if step.get("script", "s2tw") != "s2tw":
                    found.append(f"no script {step['script']!r}; known: s2tw")
    return found


def _strangers(described: Mapping[str, Any], known: set[str]) -> list[str]:
    own = [key for key in described if key.startswith(_OWN) and key not in known]
    return [f"no annotation {key!r}; known: {', '.join(sorted(known))}" for key in sorted(own)]


def _read_table(path: Path, name: str, data: Mapping[str, Any]) -> TableMapping:
    schema = data.get("tableSchema", {})
    plain = {key: value for key, value in data.items() if not key.startswith(_OWN)}
    plain["tableSchema"] = schema | {"columns": [_plain(column) for column in schema["columns"]]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the library warns where the standard says "ignore"
        try:
            table = csvw.Table.fromvalue(plain)
        except (ValueError, TypeError, UserWarning) as error:
            raise BadFiles([Problem(name, 0, f"table {data.get('url')!r}: {error}")]) from error
    described = table.tableSchema
    return TableMapping(
        url=data["url"],
        rows=data.get("kg:rows", ""),
        columns=tuple(
            _column(one, given)
            for one, given in zip(described.columns, schema["columns"], strict=True)
        ),
        primary_key=tuple(described.primaryKey or ()),
        lookups=(
            *(_foreign_key(path, key) for key in described.foreignKeys),
            *(_lookup(path, given) for given in data.get("kg:lookups", [])),
        ),
    )


def _plain(column: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in column.items() if not key.startswith(_OWN)}


def _column(described: Any, given: Mapping[str, Any]) -> Column:  # Any: see Column.described
    titles = given.get("titles", given["name"])
    return Column(
        described=described,
        name=given["name"],
        title=titles,
        virtual=described.virtual,
        template=given.get("kg:template"),
        steps=tuple(given.get("kg:derive", ())),
        expected=given.get("kg:expected", False),
        meaning=given.get("rdfs:comment"),
    )


def _foreign_key(path: Path, key: Any) -> Lookup:  # Any: csvw.ForeignKey
    columns = tuple(key.columnReference)
    reference = key.reference
    resource = path.parent / reference.resource.string
    return Lookup(columns[0], columns, resource, tuple(reference.columnReference), None)


def _lookup(path: Path, given: Mapping[str, Any]) -> Lookup:
    return Lookup(
        given["name"],
        tuple(given["columns"]),
        path.parent / given["resource"],
        tuple(given["key"]),
        given.get("otherwise", {}),
    )
