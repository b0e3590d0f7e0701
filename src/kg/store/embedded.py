"""A release on this machine's disk, opened read-only."""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.current import HeldRelease
from kg.errors import GraphUnknown, ReleaseUnknown
from kg.namespaces import PREFIXES
from kg.store import Dataset, Row, read_rows


class EmbeddedStore:
    """One release; a frozen snapshot, so a later release is another object. Nobody removes it meanwhile.

    The engine's handle may be shared between threads, its results may not: every method reads its
    result to the end before it returns, except `quads`.
    """

    def __init__(self, folder: Path) -> None:
        """Opens `<release>/store`; 7 to 40 ms. Raises ReleaseUnknown where there is none."""
        if not (folder / "store").is_dir():
            raise ReleaseUnknown(f"no release in {folder.name!r}; 'kg build' makes one")
        self._held = HeldRelease(folder)
        self.folder = self._held.folder
        self._store = ox.Store.read_only(str(self.folder / "store"))

    @property
    def release(self) -> str:
        """Id of the release."""
        return self.folder.name

    def is_current(self) -> bool:
        """Whether the path it was opened at still leads to this release; 2 µs."""
        return self._held.is_current()

    def document(self, name: str) -> str | None:
        """The text of a file of the release beside the store; None where there is none."""
        path = self.path(name)
        return path.read_text(encoding="utf-8") if path else None

    def path(self, name: str) -> Path | None:
        """The path of such a file; None where there is none."""
        path = self.folder / name
        return path if path.is_file() else None

    def default_dataset(self, query: str) -> Dataset:
        """The release's own: its default graph is the merged view."""
        return Dataset()

    def rows(self, query: str) -> list[Row]:
        """Solutions of a SELECT; the pinned prefixes need no declaration."""
        solutions = self._store.query(query, prefixes=PREFIXES)
        assert isinstance(solutions, ox.QuerySolutions)
        return read_rows(solutions)

    def triples(self, query: str) -> list[ox.Triple]:
        """Triples of a CONSTRUCT or DESCRIBE; the pinned prefixes need no declaration."""
        triples = self._store.query(query, prefixes=PREFIXES)
        assert isinstance(triples, ox.QueryTriples)
        return list(triples)

    def ask(self, query: str) -> bool:
        """The answer of an ASK; the pinned prefixes need no declaration."""
        return bool(self._store.query(query, prefixes=PREFIXES))

    def graphs(self) -> list[str]:
        """IRIs of the named graphs, sorted."""
        return sorted(
            graph.value for graph in self._store.named_graphs() if isinstance(graph, ox.NamedNode)
        )

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The pinned prefixes that the release uses, as its manifest lists them; else all."""
        manifest = self.document("manifest.json")
        names = json.loads(manifest)["prefixes"] if manifest else PREFIXES
        return {name: PREFIXES[name] for name in names}

    def quads(self, graph: str | None) -> Iterator[ox.Quad]:
        """Quads of one named graph, or of the merged view for None."""
        if graph is None:
            return iter(self._store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        name = ox.NamedNode(graph)
        if not self._store.contains_named_graph(name):
            raise GraphUnknown(f"no graph <{graph}> in release {self.release}")
        return iter(self._store.quads_for_pattern(None, None, None, name))
