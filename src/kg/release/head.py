"""The head: a store that writes are applied to before they become a release.

    <data>/.head/store      a copy of the release in use, by hard links, opened for writing
    <data>/.head/release    id of the release it equals; absent while it may differ

Readers never see it. Whatever goes wrong here, the head is thrown away and made again from
`current`, so that a write is in a release as a whole or not at all.
"""

import gc
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.engine.explain import explain_syntax
from kg.engine.updates import Reach, add_dataset, check_update, find_reach
from kg.errors import (
    Busy,
    DefaultGraphDerived,
    EvaluationFailed,
    GraphUnknown,
    KgError,
    PreconditionFailed,
    StorageFull,
    SyntaxInvalid,
)
from kg.release.changes import Change, Snapshot, graph_of
from kg.release.history import current
from kg.release.manifest import Manifest
from kg.release.merged import View, merge_again
from kg.release.partitions import count_again
from kg.release.uploads import read_upload
from kg.release.write_request import WriteAnswer, WriteRequest
from kg.release.written import publish_write
from kg.settings import Settings

_FOLDER: Final = ".head"
_OTHER_WRITER_SECONDS: Final = 5.0
"""How long the writer of a server that was killed may take to end."""
_NOTHING_DONE: Final = (SyntaxInvalid, PreconditionFailed, GraphUnknown)
"""Errors that come before the head is touched."""


class Head:
    """The store of one writer process; one write at a time."""

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet."""
        self._settings = settings
        self._folder = settings.data / _FOLDER
        self._mark = self._folder / "release"
        self._store: ox.Store | None = None
        self._merged = settings.default_graph == "merged"
        self._seen: View | None = None
        """The view that the store asks for, once it was looked for: 0.2 s for 8,000 records."""

    def write(self, request: WriteRequest) -> WriteAnswer:
        """Applies one write and publishes it; the caller holds the lock of the data folder.

        A write that changes nothing makes no release. Raises what makes the write impossible;
        nothing is then written.
        """
        parent = current(self._settings.data)
        manifest = Manifest.read(parent)
        apply = self._prepare(request, manifest)
        try:
            store = self._open(parent)
            self._mark.unlink()
            change, created = apply(store)
            release = manifest.id
            if change:
                release = publish_write(self._settings, store, manifest, change, request).id
            self._mark.write_text(release)
        except (KgError, SyntaxError, ValueError, RuntimeError, OSError) as error:
            explained = _explain(error, request)
            if isinstance(explained, _NOTHING_DONE):
                self._mark.write_text(parent.name)
            else:
                self.close()  # the mark is gone, so the next write starts from `current`
            raise explained from error
        return WriteAnswer(release, created, len(change.added), len(change.removed))

    def close(self) -> None:
        """Closes the store; the next write opens it."""
        self._store = self._seen = None

    def _open(self, parent: Path) -> ox.Store:
        """The head, equal to the release in use: as it is, or made anew in about 0.1 s."""
        marked = self._mark.read_text() if self._mark.is_file() else ""
        if marked != parent.name:
            self.close()
            gc.collect()  # the error of the last write may keep the store open in a circle
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
            ox.Store.read_only(str(parent / "store")).backup(str(self._folder / "store"))
            self._mark.write_text(parent.name)
        deadline = time.monotonic() + _OTHER_WRITER_SECONDS
        while self._store is None:
            try:
                self._store = ox.Store(str(self._folder / "store"))
            except OSError as error:  # locked by another process
                if time.monotonic() > deadline or "lock" not in str(error).lower():
                    raise
                time.sleep(0.1)
        return self._store

    def _prepare(
        self, request: WriteRequest, manifest: Manifest
    ) -> Callable[[ox.Store], tuple[Change, bool]]:
        """What is to be done; everything that can be refused without the store is refused here."""
        if request.kind == "update":
            operations = check_update(request.update, self._settings)
            text = request.update
            if request.using or request.using_named:
                text = add_dataset(text, operations, request.using, request.using_named)
            reach = find_reach(operations, request.base_iri)
            if self._merged and reach.addresses_default:
                raise _derived()
            return lambda store: (self._update(store, text, request.base_iri, reach), False)
        if self._merged and not request.graph:
            raise _derived()
        quads = []
        if request.kind != "delete":
            body = Path(request.path).read_bytes()
            depth = self._settings.max_nesting
            base = request.graph or request.base_iri
            quads = read_upload(body, request.content_type, base, depth)
        return lambda store: self._replace(store, request, manifest, quads)

    def _update(self, store: ox.Store, text: str, base_iri: str, reach: Reach) -> Change:
        view, before = self._view(store), Snapshot.of(store, reach)
        store.update(text, base_iri=base_iri)
        change = before.until(Snapshot.of(store, reach))
        if self._merged and any(not graph_of(quad) for quad in change.added):
            raise _derived()
        return self._merge(store, view, change)

    def _replace(
        self, store: ox.Store, request: WriteRequest, manifest: Manifest, quads: list[ox.Quad]
    ) -> tuple[Change, bool]:
        """Put, post or delete of one graph, and whether the graph was not there before."""
        name = ox.NamedNode(request.graph) if request.graph else ox.DefaultGraph()
        told = [ox.Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads]
        exists = not request.graph or store.contains_named_graph(name)
        _check_preconditions(request, manifest, exists=exists)
        if request.kind == "delete" and not exists:
            raise GraphUnknown(f"no graph <{request.graph}>")
        view = self._view(store)
        reach = Reach(graphs={request.graph})
        if request.kind == "post":
            reach = Reach(told)
        before = Snapshot.of(store, reach)
        if request.kind == "delete" and request.graph:
            store.remove_graph(name)
        elif request.kind != "post":
            store.clear_graph(name)
        if request.graph and request.kind != "delete":
            store.add_graph(name)
        store.extend(told)
        return self._merge(store, view, before.until(Snapshot.of(store, reach))), not exists

    def _view(self, store: ox.Store) -> View | None:
        if self._merged and self._seen is None:
            self._seen = View.of(store)
        return self._seen

    def _merge(self, store: ox.Store, view: View | None, change: Change) -> Change:
        """The change with what follows from it in the merged view and its description."""
        if view and change:
            triples = {quad.triple for quad in (*change.added, *change.removed)}
            self._seen = view.after(store, triples)
            seen = self._seen
            followed = [
                merge_again(store, view, seen, triples),
                counted := count_again(store, view, seen, change),
                merge_again(store, seen, seen, {q.triple for quads in counted for q in quads}),
            ]
            for added, removed in followed:
                change.added.update(added)
                change.removed.update(removed)
        return change


def graph_tag(manifest: Manifest, graph: str) -> str:
    """The version of a graph: the release in which it changed last."""
    return manifest.changed.get(graph, manifest.changed.get("*", manifest.id))


def _check_preconditions(request: WriteRequest, manifest: Manifest, *, exists: bool) -> None:
    """https://www.rfc-editor.org/rfc/rfc9110#section-13; a tag is `"<version>"` or `"<version>;format"`."""
    version = graph_tag(manifest, request.graph)
    if request.if_match and not (exists and _matches(request.if_match, version)):
        raise PreconditionFailed("If-Match: the graph has changed since, or is not there")
    if request.if_none_match and exists and _matches(request.if_none_match, version):
        raise PreconditionFailed("If-None-Match: the graph is there already")


def _matches(header: str, version: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or version in [tag.partition(";")[0] for tag in tags]


def _derived() -> DefaultGraphDerived:
    return DefaultGraphDerived(
        "the default graph is the merged view of the named graphs; write to a named graph, or serve "
        "a data folder of your own with KG_DEFAULT_GRAPH=plain"
    )


def _explain(error: Exception, request: WriteRequest) -> KgError:
    """The engine's error as one of ours."""
    if isinstance(error, KgError):
        return error
    if isinstance(error, SyntaxError):
        return explain_syntax(str(error.args[0]), request.update)
    if "No space left" in str(error):
        return StorageFull("the disk is full; nothing is written")
    if isinstance(error, OSError) and "lock" in str(error).lower():
        return Busy("another process writes to this data folder", retry_after=1)
    return EvaluationFailed(f"the write could not be done: {str(error)[:300]}")
