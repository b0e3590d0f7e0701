"""The curated view, rule R90: the data without what curators have set aside.

A decision in graph/curation names the records it does not follow (`kg:deprecates`). They stay in
the graphs of their documents, whoever asks there finds them; rules and the merged view leave out
what they say, what only they rest on, and so whatever would follow from them alone. The decision
and the conflict it answers stay in view: they say why.
"""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.namespaces import PREFIXES, expand
from kg.release.sources import Sources

_DECISIONS = PREFIXES["g"] + "curation/"
_DEPRECATES = ox.NamedNode(expand("kg:deprecates"))
_EVIDENCE = ox.NamedNode(expand("kg:evidence"))

SetAside = frozenset[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]


def find_set_aside(quads: Iterable[ox.Quad]) -> SetAside:
    """Records that a decision deprecates, and the passages that no other record rests on.

    Only decisions in a curation graph count: a source cannot set aside what another says.
    """
    found = list(quads)
    records = frozenset(
        quad.object
        for quad in found
        if quad.predicate == _DEPRECATES and _in_curation(quad.graph_name)
    )
    evidence = [quad for quad in found if quad.predicate == _EVIDENCE]
    used = {quad.object for quad in evidence if quad.subject not in records}
    return records | {quad.object for quad in evidence if quad.object not in used}


def curated(quads: Iterable[ox.Quad], set_aside: SetAside) -> Iterator[ox.Quad]:
    """The quads that do not describe what is set aside."""
    return (quad for quad in quads if quad.subject not in set_aside)


def _in_curation(graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> bool:
    return isinstance(graph, ox.NamedNode) and graph.value.startswith(_DECISIONS)


def merge(sources: Sources, graphs: Mapping[str, list[ox.Quad]]) -> set[ox.Triple]:
    """The merged view of all graphs, asserted and derived: without what a decision sets aside."""
    quads = [quad for group in graphs.values() for quad in group]
    told = filter(sources.is_merged, quads)
    return {quad.triple for quad in curated(told, find_set_aside(quads))}
