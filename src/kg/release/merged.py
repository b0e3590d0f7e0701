"""The merged view kept up with writes: only what a change can have touched is looked at again.

The rule is that of the build (`sources.Sources.is_merged`, `curation`): a triple is in the default
graph where a named graph that is not hidden says it, or a hidden graph says it of itself, and its
subject is not set aside.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import pyoxigraph as ox

from kg.namespaces import expand
from kg.release.curation import SetAside, find_set_aside
from kg.release.files import value_of

_HIDES = ox.NamedNode(expand("kg:inMergedView"))
_CURATES = (ox.NamedNode(expand("kg:deprecates")), ox.NamedNode(expand("kg:evidence")))

_DECIDES = frozenset((_HIDES, *_CURATES))


@dataclass(frozen=True)
class View:
    """What decides whether a triple is in the merged view."""

    hidden: frozenset[str]
    """IRIs of the graphs that say `kg:inMergedView false` of themselves."""
    set_aside: SetAside

    @classmethod
    def of(cls, store: ox.Store) -> Self:
        """The view that the named graphs of a store ask for; costs the records, not the dataset."""
        hidden = frozenset(
            value_of(quad.subject)
            for quad in _named(store.quads_for_pattern(None, _HIDES, None))
            if value_of(quad.object) in ("false", "0") and quad.subject == quad.graph_name
        )
        quads = (quad for term in _CURATES for quad in store.quads_for_pattern(None, term, None))
        return cls(hidden, find_set_aside(_named(quads)))

    def after(self, store: ox.Store, changed: Iterable[ox.Triple]) -> Self:
        """The view after a change: looked for again where the change can have touched it."""
        touched = any(triple.predicate in _DECIDES for triple in changed)
        return type(self).of(store) if touched else self

    def shows(self, quad: ox.Quad) -> bool:
        """Whether this quad of a named graph brings its triple into the view."""
        visible = value_of(quad.graph_name) not in self.hidden or quad.subject == quad.graph_name
        return visible and quad.subject not in self.set_aside

    def differs_from(self, other: "View", store: ox.Store) -> Iterator[ox.Triple]:
        """Triples that one view may show and the other may not, whatever was written."""
        for graph in self.hidden ^ other.hidden:
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
                yield quad.triple
        for subject in self.set_aside ^ other.set_aside:
            if isinstance(subject, (ox.NamedNode, ox.BlankNode)):
                for quad in store.quads_for_pattern(subject, None, None):
                    yield quad.triple


def merge_again(
    store: ox.Store, before: View, view: View, changed: Iterable[ox.Triple]
) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Brings the default graph up to date after a change of named graphs.

    `before` and `view` are the views before and after it, `changed` the triples added or removed. Answers what
    the default graph got and what it lost; costs the change, not the dataset.
    """
    added, removed = [], []
    for triple in {*changed, *view.differs_from(before, store)}:
        held = list(store.quads_for_pattern(*triple))
        wanted = any(view.shows(quad) for quad in _named(held))
        present = any(isinstance(quad.graph_name, ox.DefaultGraph) for quad in held)
        if wanted and not present:
            added.append(ox.Quad(*triple))
        elif present and not wanted:
            removed.append(ox.Quad(*triple))
    store.extend(added)
    remove_quads(store, removed)
    return added, removed


def remove_quads(store: ox.Store, quads: Iterable[ox.Quad]) -> None:
    """Removes quads one by one, about 50 µs each."""
    for quad in quads:
        store.remove(quad)


def _named(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    return (quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode))
