"""One import: tables and a mapping in, a file for the graph and a report of dirty rows out."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatch
from pathlib import Path

import pyoxigraph as ox

from kg.errors import BadFiles, Problem
from kg.namespaces import BASE
from kg.tables.convert import Dirt, convert
from kg.tables.lookup import Known
from kg.tables.mapping import TableGroup, TableMapping, read_mapping
from kg.tables.readers import TableFile, open_table
from kg.tables.terms import describe


@dataclass(frozen=True)
class Imported:
    """What an import gives."""

    text: str
    """The graph as TriG, or as Turtle where a vocabulary is made; not yet sorted."""
    dirt: list[Dirt]
    """Every dirty row, in order of tables and rows."""
    rows: int
    """Rows read."""
    stated: int
    """Triples left out because another file states them."""
    target: str
    """Where the graph belongs, relative to the root."""

    @property
    def report(self) -> str:
        """The dirty rows as CSV, one a line under a head."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(spec.name for spec in fields(Dirt))
        writer.writerows([getattr(one, spec.name) for spec in fields(Dirt)] for one in self.dirt)
        return out.getvalue()


def import_tables(root: Path, mapping: Path, tables: Sequence[Path] = ()) -> Imported:
    """Converts the tables, or without any those beside the mapping that it names.

    Raises BadFiles where a file cannot be read or no part of the mapping is for it.
    """
    group = read_mapping(mapping, _name(root, mapping))
    known = Known(root, group.iri)
    outcome = convert(group, list(_pair(root, group, tables)), known)
    new = {triple for triple in outcome.triples if not known.holds(triple)}
    target = find_target(group.iri)
    return Imported(
        text=_write(group, describe(group) | new, target, _name(root, mapping)),
        dirt=outcome.dirt,
        rows=outcome.rows,
        stated=len(outcome.triples) - len(new),
        target=target,
    )


def find_target(iri: str) -> str:
    """Relative path of the file that holds a graph or scheme of the project."""
    kind, _, name = iri.removeprefix(BASE).partition("/")
    if kind == "voc":
        return f"ontology/voc/{name}.ttl"
    return f"graph/{name}.{'trig' if name.startswith('src/') else 'ttl'}"


def _pair(
    root: Path, group: TableGroup, tables: Sequence[Path]
) -> Iterator[tuple[TableMapping, TableFile]]:
    """Each part of the mapping with each file it is for, in the mapping's order."""
    beside = {path for table in group.tables for path in group.path.parent.glob(table.url)}
    paths = tables or sorted(beside)
    files = {path: open_table(path, _name(root, path)) for path in paths if _wanted(group, path)}
    idle = [path for path in paths if path not in files]
    if idle or not files:
        urls = ", ".join(table.url for table in group.tables)
        names = [_name(root, path) for path in idle] or [_name(root, group.path)]
        raise BadFiles([Problem(name, 0, f"no table of the mapping: {urls}") for name in names])
    for table in group.tables:
        for path, file in files.items():
            if _fits(table, path):
                yield table, file


def _wanted(group: TableGroup, path: Path) -> bool:
    return any(_fits(table, path) for table in group.tables)


def _fits(table: TableMapping, path: Path) -> bool:
    return fnmatch(path.name, table.url.rpartition("/")[2])


def _name(root: Path, path: Path) -> str:
    """The path as messages and the report name it, the same on every machine."""
    full, base = path.resolve(), root.resolve()
    return full.relative_to(base).as_posix() if full.is_relative_to(base) else path.name


def _write(group: TableGroup, triples: Iterable[ox.Triple], target: str, mapping: str) -> str:
    lines = [
        f"# {group.label}.",
        f"# Made by 'kg import --mapping {mapping}': change the tables or the mapping, not this file.",
        "",
    ]
    body = sorted(f"{one.subject} {one.predicate} {_object(one.object)} ." for one in triples)
    if target.endswith(".trig"):
        return "\n".join([*lines, f"GRAPH <{group.iri}> {{", *body, "}", ""])
    return "\n".join([*lines, *body, ""])


def _object(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """The term in N-Triples, the script of a language tag capitalised as RFC 5646 does."""
    if not isinstance(term, ox.Literal) or not term.language:
        return str(term)
    parts = term.language.split("-")
    tag = "-".join([parts[0], *(p.title() if len(p) == 4 else p for p in parts[1:])])
    return f"{str(term).removesuffix(term.language)}{tag}"
