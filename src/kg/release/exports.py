"""Size and digest of every file that `/export` gives, measured once, when a release is built.

`exports.json` in the release: by graph (`all` for everything), by suffix, bytes and SHA-256.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from kg.formats import Format, formats_for
from kg.namespaces import BASE
from kg.release.manifest import Manifest
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.store.dump import dump
from kg.store.embedded import EmbeddedStore

EXPORTS: Final = "exports.json"
ALL: Final = "all"
_GRAPHS: Final = BASE + "graph/"
_MOST: Final = 250_000
"""Triples of a graph whose files are measured: all six take 40 µs a triple."""
_THREADS: Final = 2


@dataclass(frozen=True)
class ExportFile:
    """One file as `/export` sends it, uncompressed."""

    size: int
    """Bytes."""
    sha256: str


class _Digest:
    """A binary output that is counted and hashed, not kept."""

    def __init__(self) -> None:
        self.size, self._hash = 0, hashlib.sha256()

    def write(self, block: bytes) -> int:
        """Takes a block."""
        self.size += len(block)
        self._hash.update(block)
        return len(block)

    def flush(self) -> None:
        """Nothing to do; the engine asks."""

    def finish(self) -> ExportFile:
        """What was written."""
        return ExportFile(self.size, self._hash.hexdigest())


def write_exports(release: Path, manifest: Manifest) -> None:
    """Measures the export files of a finished release; large graphs are left out."""
    store = EmbeddedStore(release)
    small = [graph for graph, quads in manifest.graphs.items() if quads <= _MOST]
    names: list[str | None] = [None] * (manifest.counts["quads"] <= 2 * _MOST)
    wanted = [(graph, format) for graph in [*names, *small] for format in formats_for("graph")]
    with ThreadPoolExecutor(_THREADS) as threads:
        files = threads.map(lambda pair: _measure(store, *pair), wanted)
        found: dict[str, dict[str, object]] = {}
        for (graph, format), file in zip(wanted, files, strict=True):
            found.setdefault(export_name(graph), {})[format.suffix] = asdict(file)
    (release / EXPORTS).write_text(json.dumps(found, indent=1), encoding="utf-8")


def _measure(store: Store, graph: str | None, format: Format) -> ExportFile:
    output = _Digest()
    dump(store, output, format, graph=graph)  # type: ignore[arg-type]  # the engine only writes
    return output.finish()


def export_name(graph: str | None) -> str:
    """What the address of an export calls a graph; None for everything."""
    return ALL if graph is None else graph.removeprefix(_GRAPHS)


@cached_by_store(4)
def read_exports(store: Store) -> dict[str, dict[str, ExportFile]]:
    """The measured files by name and suffix, without those that a write may have changed since.

    Read once per release.
    """
    text = store.document(EXPORTS)
    if text is None:
        return {}
    changed = set(_changed(store))
    return {
        name: {suffix: ExportFile(**file) for suffix, file in files.items()}
        for name, files in json.loads(text).items()
        if name not in changed
    }


def _changed(store: Store) -> Iterator[str]:
    manifest = Manifest.of(store)
    if manifest.provenance:
        yield ALL
        yield from map(export_name, manifest.changed)
