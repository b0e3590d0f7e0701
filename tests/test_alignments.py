"""Alignments with other vocabularies: files beside the ontology that map its terms and say no more."""

from pathlib import Path

import pytest
from rdflib import OWL, RDFS, SKOS, Graph, URIRef

from kg.namespaces import ALIGNMENT_PREFIXES, BASE, EXTERNAL_PREFIXES, PREFIXES

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "ontology" / "align"
FILES = sorted(FOLDER.glob("align-*.ttl"))
MAPPINGS = {SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch}
PINNED = {*EXTERNAL_PREFIXES.values(), *ALIGNMENT_PREFIXES.values()}
NAMED = {"schema", "org-rov", "oa", "m8g", "fibo", "iof", "coypu", "gs1", "geosparql", "wikidata"}

each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def read_modules() -> Graph:
    graph = Graph()
    for path in (ROOT / "ontology").glob("*.ttl"):
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def modules() -> Graph:
    return read_modules()


def test_every_vocabulary_that_is_worth_an_alignment_has_a_file() -> None:
    assert {path.stem.removeprefix("align-") for path in FILES} >= NAMED


@each
def test_an_alignment_maps_declared_terms_to_terms_of_pinned_namespaces(
    path: Path, modules: Graph
) -> None:
    graph = Graph().parse(path)
    declared = set(modules.subjects(RDFS.isDefinedBy))
    assert len(graph) > 0
    assert set(graph.predicates()) <= MAPPINGS
    assert set(graph.subjects()) - declared == set()
    for value in graph.objects():
        assert isinstance(value, URIRef)
        assert str(value)[: max(str(value).rfind("/"), str(value).rfind("#")) + 1] in PINNED
        assert not value.startswith(BASE)


@each
def test_a_mapping_does_not_repeat_what_the_module_says(path: Path, modules: Graph) -> None:
    """A super-term is more than a match."""
    supers = {
        (s, o) for p in (RDFS.subClassOf, RDFS.subPropertyOf) for s, o in modules.subject_objects(p)
    }
    mapped = {(s, o) for s, _, o in Graph().parse(path)}
    assert mapped & supers == set()


def test_no_module_imports_an_alignment(modules: Graph) -> None:
    imports = set(modules.objects(None, OWL.imports))
    assert imports and all(str(iri).startswith(PREFIXES["kg"].rstrip("#")) for iri in imports)
    assert not [iri for iri in imports if "align" in str(iri)]
