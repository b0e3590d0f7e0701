"""What foreign keys and lookups refer to: a CSV file, or a SELECT query over the graph's files."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import BadFiles, Problem
from kg.namespaces import PREFIXES, expand
from kg.tables.mapping import Lookup
from kg.tables.readers import open_table, read_rows

_DATA: Final = (
    ("ontology/voc/*.ttl", "ref/voc-"),
    ("graph/ref/*.ttl", "ref/"),
    ("graph/src/*.trig", "src/"),
)
"""Files that a query sees, and the start of their graphs' names below `g:`."""

_NAMING: Final = [expand(f"skos:{role}Label") for role in ("pref", "alt", "hidden")]

Found = Mapping[str, str]


class Known:
    """What the graph says already, but for the graph that is being made."""

    def __init__(self, root: Path, without: str) -> None:
        self.root = root
        self.without = without
        self.indexes: dict[tuple[Path, tuple[str, ...]], dict[tuple[str, ...], list[Found]]] = {}

    @cached_property
    def store(self) -> ox.Store:
        """The other files, one named graph each; a second and 300 MB for half a million triples."""
        store = ox.Store()
        for pattern, start in _DATA:
            for path in sorted(self.root.glob(pattern)):
                graph = f"{PREFIXES['g']}{start}{path.stem}"
                scheme = f"{PREFIXES['g'].removesuffix('graph/')}voc/{path.stem}"
                if self.without not in (graph, scheme):
                    self._load(store, path, graph)
        return store

    def find(self, lookup: Lookup, values: Sequence[str | None]) -> list[Found]:
        """The rows whose key has these values, in order; none where a value is missing."""
        place = (lookup.resource, lookup.key)
        if place not in self.indexes:
            index: dict[tuple[str, ...], list[Found]] = {}
            for row in self._rows(lookup.resource):
                index.setdefault(tuple(row.get(name, "") for name in lookup.key), []).append(row)
            self.indexes[place] = index
        if None in values:
            return []
        return self.indexes[place].get(tuple(str(value) for value in values), [])

    def holds(self, triple: ox.Triple) -> bool:
        """Whether another file states the triple, or gives the thing that name in another role."""
        said = [triple.predicate.value]
        if triple.predicate.value in _NAMING:
            said = _NAMING
        return any(
            True
            for name in said
            for _ in self.store.quads_for_pattern(
                triple.subject, ox.NamedNode(name), triple.object, None
            )
        )

    def _load(self, store: ox.Store, path: Path, graph: str) -> None:
        try:
            if path.suffix == ".trig":
                store.bulk_load(path=str(path), format=ox.RdfFormat.TRIG)
            else:
                store.bulk_load(
                    path=str(path), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(graph)
                )
        except SyntaxError as error:
            name = path.relative_to(self.root).as_posix()
            raise BadFiles(
                [Problem(name, error.lineno or 0, f"does not parse: {error}")]
            ) from error

    def _rows(self, resource: Path) -> Iterator[Found]:
        name = resource.name
        if resource.suffix != ".rq":
            yield from (row.cells for row in read_rows(open_table(resource, name)))
            return
        try:
            solutions = self.store.query(resource.read_text("utf-8"))
        except (OSError, SyntaxError) as error:
            raise BadFiles([Problem(name, 0, f"no query to look up in: {error}")]) from error
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            bound = {key: solution[key] for key in names}
            yield {
                key: term.value
                for key, term in bound.items()
                if isinstance(term, ox.NamedNode | ox.Literal)
            }
