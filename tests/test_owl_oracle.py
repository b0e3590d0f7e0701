"""OWL 2 RL as an oracle: what the rules derive, owlrl derives too, and nothing clashes.

The axioms that the rules mirror are in ontology/align/owl-oracle.ttl, with those of PROV-O and SKOS
that bear on the data: https://www.w3.org/TR/owl2-profiles/#OWL_2_RL.
"""

from collections.abc import Iterable
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
import rdflib
from owlrl.Namespaces import ERRNS
from rdflib import OWL, RDF, RDFS, URIRef

from kg.namespaces import PREFIXES, expand
from kg.release.checks import declared_terms
from kg.release.rules import derive, read_rules
from kg.release.sources import Sources, read_sources
from small_files import copy_files

ROOT = Path(__file__).parent.parent
MIRRORED = {
    "R01": "kg:withinArea",
    "R02": "kg:aboveTier",
    "R05": "kg:participatesIn",
    "R06": "kg:upstreamOf",
}
READ = ["basedIn", "locatedIn", "nextTier", "participant", "inSegment", "partOfChain", "feeds"]
AXIOMS = {
    str(name)
    for name in (
        *(RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDF.type),
        *(OWL.disjointWith, OWL.inverseOf, OWL.propertyChainAxiom),
    )
}
SKIPPED = ("graph/ref/divisions", "graph/meta/")
"""Places of all China, all alike: their part in R01 is in the first test, they add no clash."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Without the large reference layers: owlrl takes two minutes over them."""
    return read_sources(copy_files(tmp_path_factory.mktemp("files")))


@pytest.fixture(scope="module")
def derived(sources: Sources) -> dict[str, list[ox.Quad]]:
    return derive(read_rules(ROOT, declared_terms(sources.graphs)), sources.quads)


def things(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """The triples between things, without literals, which no axiom here is about."""
    graph = rdflib.Graph()
    for quad in quads:
        if isinstance(quad.object, ox.NamedNode):
            assert isinstance(quad.subject, ox.NamedNode)
            names = (quad.subject, quad.predicate, quad.object)
            graph.add(tuple(URIRef(name.value) for name in names))  # type: ignore[arg-type]
    return graph


def axioms(sources: Sources) -> rdflib.Graph:
    """The modules without notes, and the axioms of the oracle."""
    modules = (quad for quad in sources.quads if "graph/meta/ont-" in str(quad.graph_name))
    graph = things(quad for quad in modules if quad.predicate.value in AXIOMS)
    return graph.parse(ROOT / "ontology/align/owl-oracle.ttl")


def close(graph: rdflib.Graph) -> rdflib.Graph:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def clashes(graph: rdflib.Graph) -> list[str]:
    return [str(text) for text in graph.objects(None, ERRNS.error)]


def test_owl_rl_derives_exactly_what_the_rules_derive(
    sources: Sources, derived: dict[str, list[ox.Quad]]
) -> None:
    read = {expand(f"kg:{name}") for name in READ}
    closed = axioms(sources) + things(q for q in sources.quads if q.predicate.value in read)
    close(closed)
    for rule, name in MIRRORED.items():
        quads = derived[f"{PREFIXES['g']}derived/{rule}"]
        by_rule = {(quad.subject.value, quad.object.value) for quad in quads}  # type: ignore[union-attr]
        by_owl = {(str(s), str(o)) for s, o in closed.subject_objects(URIRef(expand(name)))}
        assert by_rule == by_owl, rule
    assert clashes(closed) == []


def test_nothing_clashes_with_the_disjointness_of_prov_and_skos(
    sources: Sources, derived: dict[str, list[ox.Quad]]
) -> None:
    graphs = {**sources.graphs, **derived}
    wanted = [name for name in graphs if not any(part in name for part in SKIPPED)]
    quads = (quad for name in wanted for quad in graphs[name])
    assert clashes(close(axioms(sources) + things(quads))) == []


@pytest.mark.parametrize(
    "clash",
    [
        "st:A01-1 a kg:Announcement , prov:Activity .",
        "e:dji a kg:Enterprise , kg:GovernmentBody .",
        "st:A01-1 a kg:Announcement ; prov:used st:A02-1 .",
        "tier:little-giant a skos:Concept , skos:ConceptScheme .",
        "cl:s1-c01 skos:exactMatch cl:s2-c01 ; skos:broadMatch cl:s2-c01 .",
    ],
)
def test_the_oracle_sees_a_clash(sources: Sources, clash: str) -> None:
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    assert clashes(close(axioms(sources).parse(data=prefixes + clash, format="turtle"))) != []
