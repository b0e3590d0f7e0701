"""A write as a release: hard links of the head beside the release in use, then one rename."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import __version__
from kg.errors import ReleaseUnknown
from kg.namespaces import expand
from kg.release.catalogue import CATALOGUE
from kg.release.changes import Change, graph_of, sum_dataset
from kg.release.exports import EXPORTS
from kg.release.folders import building_folder, locked, switch
from kg.release.history import current, prune
from kg.release.manifest import (
    COUNTS,
    Manifest,
    count_things,
    data_date,
    find_prefixes,
)
from kg.release.sums import seal
from kg.release.write_request import WriteRequest
from kg.settings import Settings

_COUNTED: Final = frozenset(map(expand, ("rdf:type", "rdfs:subClassOf", "kg:factId")))
"""What the counts of the manifest rest on."""
_DATES: Final = tuple(
    ox.NamedNode(expand(name)) for name in ("dcterms:modified", "prov:generatedAtTime")
)


def publish_write(
    settings: Settings, store: ox.Store, parent: Manifest, change: Change, request: WriteRequest
) -> Manifest:
    """Makes the head a release and puts it in use; costs files and the change, not the dataset.

    The caller holds the lock of the data folder. `backup` writes out what is in memory and links
    the files, which are never changed again.
    """
    time = datetime.now(UTC)
    manifest = _describe(store, parent, change, request, time)
    with building_folder(settings.data) as building:
        store.backup(str(building / "store"))
        manifest.write(building)
        for name in (CATALOGUE, EXPORTS):
            described = settings.data / "releases" / parent.id / name
            if described.exists():
                (building / name).hardlink_to(described)
        seal(building, settings.data / "releases" / parent.id)
        building.rename(building.with_name(manifest.id))
    switch(settings.data, manifest.id)
    prune(settings)
    return manifest


def start_empty(settings: Settings) -> Manifest:
    """Puts a release without any statement in use, for a data folder that has none."""
    with locked(settings.data, lambda message: None):
        try:
            return Manifest.read(current(settings.data))
        except ReleaseUnknown:
            pass
        with building_folder(settings.data) as building:
            store = ox.Store(str(building / "store"))
            manifest = _empty(store)
            store.flush()
            del store
            manifest.write(building)
            seal(building)
            building.rename(building.with_name(manifest.id))
        switch(settings.data, manifest.id)
        return manifest


def _empty(store: ox.Store) -> Manifest:
    day = data_date([])
    sha256 = hashlib.sha256().hexdigest()
    return Manifest(
        id=f"{day}-{sha256[:12]}",
        sha256=sha256,
        data_date=day,
        input_digest="",
        files={},
        versions={"kg": __version__, "pyoxigraph": ox.__version__},
        counts={"quads": 0, "triples": 0, **dict.fromkeys(COUNTS, 0)},
        graphs={},
        prefixes=[],
        warnings=[],
        notes=[],
        seconds={},
        quad_sum=f"{sum_dataset(store):064x}",
    )


def _describe(
    store: ox.Store, parent: Manifest, change: Change, request: WriteRequest, time: datetime
) -> Manifest:
    """The manifest after a change, from the one before it."""
    digest = parent.quad_sum and f"{change.add_to(int(parent.quad_sum, 16)):064x}"
    write = {
        "time": time.isoformat(timespec="milliseconds"),
        "request": request.id,
        "kind": request.kind,
        "graphs": change.graphs,
        "added": len(change.added),
        "removed": len(change.removed),
        "sha256": _digest(request),
        "parent": parent.id,
        **{name: text for name in ("agent", "comment") if (text := getattr(request, name))},
    }
    id_digest = hashlib.sha256(f"{digest} {parent.id} {request.id}".encode()).hexdigest()
    release = f"{time:%Y-%m-%d}-{id_digest[:12]}"
    graphs = _count_graphs(parent, change)
    counts = {**parent.counts, **_recount(store, change)}
    counts["quads"] = sum(graphs.values())
    counts["triples"] += _in_default(change.added) - _in_default(change.removed)
    changed = {"*": parent.changed.get("*", parent.id), **parent.changed}
    changed |= dict.fromkeys((*change.graphs, *[""] * _touches_default(change)), release)
    changed = {name: id for name, id in changed.items() if name not in change.dropped}
    return replace(
        parent,
        id=release,
        sha256="",
        data_date=_date(store, parent, change),
        versions={"kg": __version__, "pyoxigraph": ox.__version__},
        counts=counts,
        graphs=graphs,
        prefixes=sorted({*parent.prefixes, *find_prefixes(change.added)}),
        seconds={},
        quad_sum=digest,
        provenance=write,
        changed=changed,
    )


def _digest(request: WriteRequest) -> str:
    """SHA-256 of what was sent: the update text or the body."""
    if request.path:
        return hashlib.sha256(Path(request.path).read_bytes()).hexdigest()
    return hashlib.sha256(request.update.encode()).hexdigest()


def _in_default(quads: Iterable[ox.Quad]) -> int:
    return sum(not graph_of(quad) for quad in quads)


def _touches_default(change: Change) -> bool:
    return any(not graph_of(quad) for quad in (*change.added, *change.removed))


def _count_graphs(parent: Manifest, change: Change) -> dict[str, int]:
    counts = Counter(parent.graphs)
    counts.update(dict.fromkeys(change.created, 0))
    counts.update(graph_of(quad) for quad in change.added)
    counts.subtract(graph_of(quad) for quad in change.removed)
    gone = {"", *change.dropped}
    return {name: count for name, count in sorted(counts.items()) if name not in gone}


def _recount(store: ox.Store, change: Change) -> dict[str, int]:
    """Things by kind, where the change can have made a difference."""
    predicates = {quad.predicate.value for quad in (*change.added, *change.removed)}
    if not predicates & _COUNTED:
        return {}
    return {name: count_things(store, pattern) for name, pattern in COUNTS.items()}


def _date(store: ox.Store, parent: Manifest, change: Change) -> str:
    """The latest day the data name; looked for again where a date went."""
    if any(quad.predicate in _DATES for quad in change.removed):
        return data_date(
            quad for date in _DATES for quad in store.quads_for_pattern(None, date, None)
        )
    return max(parent.data_date, data_date(change.added))
