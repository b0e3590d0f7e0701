"""The vocabulary's promises, held over every term, every concept and every file that uses them."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef

from kg.namespaces import ALIGNMENT_PREFIXES, BASE, OWN_PREFIXES, PREFIXES
from kg.release.formatting import format_text
from kg.traditional import to_traditional

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
KG = Namespace(PREFIXES["kg"])
CL = Namespace(PREFIXES["cl"])
VS = Namespace(PREFIXES["vs"])
LANGUAGES = ["en", "zh-Hans", "zh-Hant"]

TERMS = {
    "capital": 10,
    "chain": 27,
    "core": 22,
    "cultivation": 25,
    "eligibility": 29,
    "evidence": 38,
    "matching": 11,
    "policy": 22,
    "stats": 25,
    "supply": 16,
}
"""Terms of each module: 225 in all."""

CONCEPTS = {
    "act": 3,
    "application-type": 2,
    "aspect": 26,
    "attestation": 7,
    "cluster-kind": 2,
    "cluster-s1": 28,
    "cluster-s2": 28,
    "comparator": 5,
    "conflict": 5,
    "criterion-kind": 6,
    "cumulation": 3,
    "direction": 3,
    "domain": 3,
    "flow-type": 6,
    "growth-stage": 3,
    "indicator": 99,
    "instrument": 16,
    "match-reason": 7,
    "mechanism": 2,
    "modality": 8,
    "mode": 3,
    "outcome": 5,
    "outcome-reason": 6,
    "population": 38,
    "qualifier": 5,
    "reject-reason": 5,
    "responsible": 2,
    "risk": 3,
    "round": 7,
    "source-type": 5,
    "stage": 3,
    "tier": 9,
    "trust": 6,
    "unit": 16,
    "verdict": 8,
    "window": 13,
}
"""Concepts of each scheme whose notations records and rules name; a scheme may be added freely."""

DEFINED = {"conflict", "indicator", "modality", "population", "qualifier"}
"""Schemes whose labels alone do not say enough, so that each concept has a definition."""

TERM_KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
LITERAL_NAMESPACES = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "xsd"))
MAPPINGS = {SKOS.exactMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch, SKOS.closeMatch}

SCHEME_OF_PREFIX = {
    prefix: iri.removeprefix(BASE + "voc/").strip("/")
    for prefix, iri in OWN_PREFIXES.items()
    if iri.startswith(BASE + "voc/")
}


def find_files(
    *suffixes: str, below: tuple[str, ...] = ("ontology", "graph", "queries")
) -> list[Path]:
    """Files of the checkout with one of the suffixes, below the named top folders."""
    return sorted(p for top in below for p in (ROOT / top).rglob("*") if p.suffix in suffixes)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def read_graph(path: Path) -> Graph:
    return Graph().parse(path, format="turtle")


@cache
def read_all(folder: Path) -> Graph:
    graph = Graph()
    for path in sorted(folder.glob("*.ttl")):
        graph += read_graph(path)
    return graph


def find_terms(graph: Graph) -> list[URIRef]:
    """Classes and properties of our namespace that the graph declares, in order."""
    return sorted({s for kind in TERM_KINDS for s in graph.subjects(RDF.type, kind) if s in KG})


def find_concepts(graph: Graph) -> list[URIRef]:
    return sorted(set(graph.subjects(RDF.type, SKOS.Concept)))


def languages(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    return sorted(label.language for label in graph.objects(subject, predicate))


def repeated(graph: Graph, subjects: list[URIRef], predicate: URIRef) -> list[Literal]:
    """Labels that two of the subjects share within one language, letter case aside."""
    labels = ((str(o).lower(), o.language) for s in subjects for o in graph.objects(s, predicate))
    return [label for label, count in Counter(labels).items() if count > 1]


def in_a_cycle(graph: Graph, predicate: URIRef) -> list[URIRef]:
    """Subjects that the predicate leads back to themselves."""
    return [
        subject
        for subject, parent in graph.subject_objects(predicate)
        if subject in graph.transitive_objects(parent, predicate)
    ]


MODULE_FILES = [ONTOLOGY / f"{name}.ttl" for name in TERMS]
MAP_FILES = [
    p for p in sorted((ONTOLOGY / "voc").glob("*.ttl")) if not find_concepts(read_graph(p))
]
SCHEME_FILES = [p for p in sorted((ONTOLOGY / "voc").glob("*.ttl")) if p not in MAP_FILES]
TEXT_FILES = find_files(".ttl", ".trig", ".rq")
SORTED_FILES = [
    path
    for path in find_files(".ttl", ".trig", below=("ontology", "graph"))
    if ONTOLOGY / "shapes" not in path.parents  # shapes need blank nodes
]

each_module = pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
each_scheme = pytest.mark.parametrize("path", SCHEME_FILES, ids=name_of)
each_text = pytest.mark.parametrize("path", TEXT_FILES, ids=name_of)


def test_the_umbrella_imports_every_module():
    imports = read_graph(ONTOLOGY / "kg.ttl").objects(URIRef(BASE + "ont"), OWL.imports)
    assert sorted(imports) == [URIRef(f"{BASE}ont/{name}") for name in sorted(TERMS)]


def test_every_file_beside_the_umbrella_is_a_known_module():
    assert sorted(
        p.stem for p in ONTOLOGY.glob("*.ttl") if p.stem not in ("kg", "deprecations")
    ) == sorted(TERMS)


@each_module
def test_a_domain_module_imports_evidence_alone(path):
    expected = {"core": [], "evidence": ["core"]}.get(path.stem, ["evidence"])
    imports = read_graph(path).objects(URIRef(f"{BASE}ont/{path.stem}"), OWL.imports)
    assert list(imports) == [URIRef(f"{BASE}ont/{name}") for name in expected]


@each_module
def test_a_module_states_version_licence_and_a_title_per_language(path):
    graph, module = read_graph(path), URIRef(f"{BASE}ont/{path.stem}")
    version = graph.value(module, OWL.versionInfo)
    assert graph.value(module, OWL.versionIRI) == URIRef(f"{module}/{version}")
    assert graph.value(module, DCTERMS.license)
    assert languages(graph, module, DCTERMS.title) == LANGUAGES


@each_module
def test_a_module_has_the_expected_number_of_terms(path):
    assert len(find_terms(read_graph(path))) == TERMS[path.stem]


@each_module
def test_a_term_has_one_label_per_language(path):
    graph = read_graph(path)
    assert [t for t in find_terms(graph) if languages(graph, t, RDFS.label) != LANGUAGES] == []


def test_no_two_terms_share_a_label():
    graph = read_all(ONTOLOGY)
    assert repeated(graph, find_terms(graph), RDFS.label) == []


@each_module
def test_a_term_has_one_definition_per_language(path):
    graph = read_graph(path)
    wrong = [t for t in find_terms(graph) if languages(graph, t, SKOS.definition) != LANGUAGES]
    assert wrong == []


@each_module
def test_a_definition_does_not_repeat_the_label_it_explains(path):
    """A circular definition explains nothing: ISO 704."""
    graph = read_graph(path)
    circular = [
        term
        for term in find_terms(graph)
        for label in graph.objects(term, RDFS.label)
        for definition in graph.objects(term, SKOS.definition)
        if label.language == definition.language
        if re.search(
            rf"\b{re.escape(label)}\b" if label.language == "en" else re.escape(label),
            definition,
            re.IGNORECASE,
        )
    ]
    assert circular == []


@each_module
def test_a_term_is_defined_by_the_module_it_stands_in(path):
    graph, module = read_graph(path), URIRef(f"{BASE}ont/{path.stem}")
    assert [
        t for t in find_terms(graph) if list(graph.objects(t, RDFS.isDefinedBy)) != [module]
    ] == []


@each_module
def test_a_term_has_a_status(path):
    graph = read_graph(path)
    status = {t: str(graph.value(t, VS.term_status)) for t in find_terms(graph)}
    assert {t for t, word in status.items() if word not in ("stable", "testing")} == set()


@each_module
def test_a_module_describes_nothing_but_itself_and_its_terms(path):
    graph = read_graph(path)
    assert set(graph.subjects()) == {URIRef(f"{BASE}ont/{path.stem}"), *find_terms(graph)}


@each_module
def test_a_property_points_to_literals_or_to_things_as_its_kind_says(path):
    graph = read_graph(path)
    wrong = [
        prop
        for kind, literal in ((OWL.ObjectProperty, False), (OWL.DatatypeProperty, True))
        for prop in graph.subjects(RDF.type, kind)
        for range_ in graph.objects(prop, RDFS.range)
        if str(range_).startswith(LITERAL_NAMESPACES) != literal
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "predicate", [RDFS.subClassOf, RDFS.subPropertyOf], ids=["class", "property"]
)
def test_no_term_is_its_own_ancestor(predicate):
    assert in_a_cycle(read_all(ONTOLOGY), predicate) == []


def test_a_term_marked_as_derived_is_a_term():
    graph = read_all(ONTOLOGY)
    marked = set(graph.subject_objects(KG.derivedOnly))
    assert marked
    assert {term for term, _ in marked} <= set(find_terms(graph))
    assert {value.value for _, value in marked} == {True}


def test_a_record_class_is_not_derived():
    graph = read_all(ONTOLOGY)
    records = set(graph.subjects(RDFS.subClassOf, KG.Assertion))
    assert records
    assert records.isdisjoint(graph.subjects(KG.derivedOnly))


def test_no_scheme_is_lost():
    assert set(CONCEPTS) <= {path.stem for path in SCHEME_FILES}


@pytest.mark.parametrize(("scheme", "count"), CONCEPTS.items())
def test_a_scheme_has_the_expected_number_of_concepts(scheme, count):
    assert len(find_concepts(read_graph(ONTOLOGY / "voc" / f"{scheme}.ttl"))) == count


@each_scheme
def test_a_scheme_file_holds_the_scheme_of_its_name_alone(path):
    graph, scheme = read_graph(path), URIRef(f"{BASE}voc/{path.stem}")
    assert list(graph.subjects(RDF.type, SKOS.ConceptScheme)) == [scheme]
    assert [
        c for c in find_concepts(graph) if list(graph.objects(c, SKOS.inScheme)) != [scheme]
    ] == []


@each_scheme
def test_a_scheme_states_licence_definition_and_a_label_per_language(path):
    graph, scheme = read_graph(path), URIRef(f"{BASE}voc/{path.stem}")
    assert graph.value(scheme, DCTERMS.license)
    assert languages(graph, scheme, SKOS.definition) == LANGUAGES
    assert languages(graph, scheme, SKOS.prefLabel) == LANGUAGES


@each_scheme
def test_a_notation_is_the_last_segment_of_the_concepts_address(path):
    graph = read_graph(path)
    named = {c: [str(n) for n in graph.objects(c, SKOS.notation)] for c in find_concepts(graph)}
    assert {
        c: notations for c, notations in named.items() if notations != [c.rpartition("/")[2]]
    } == {}


@each_scheme
def test_a_concept_has_one_preferred_label_per_language(path):
    """In all three, or at least in those that the scheme names: a standard has its own."""
    graph, scheme = read_graph(path), URIRef(f"{BASE}voc/{path.stem}")
    needed = {str(language) for language in graph.objects(scheme, DCTERMS.language)}
    found = {c: languages(graph, c, SKOS.prefLabel) for c in find_concepts(graph)}
    assert {c: names for c, names in found.items() if len(set(names)) < len(names)} == {}
    assert {
        c: names for c, names in found.items() if not (needed or set(LANGUAGES)) <= set(names)
    } == {}


@pytest.mark.parametrize("scheme", CONCEPTS)
def test_no_two_concepts_of_a_scheme_share_a_preferred_label(scheme):
    graph = read_graph(ONTOLOGY / "voc" / f"{scheme}.ttl")
    assert repeated(graph, find_concepts(graph), SKOS.prefLabel) == []


@pytest.mark.parametrize("scheme", sorted(DEFINED))
def test_a_concept_of_a_scheme_that_needs_them_has_a_definition(scheme):
    graph = read_graph(ONTOLOGY / "voc" / f"{scheme}.ttl")
    wrong = [c for c in find_concepts(graph) if languages(graph, c, SKOS.definition) != LANGUAGES]
    assert wrong == []


@each_scheme
def test_a_concept_stands_at_the_top_or_below_a_concept_of_its_scheme(path):
    graph, scheme = read_graph(path), URIRef(f"{BASE}voc/{path.stem}")
    concepts = find_concepts(graph)
    assert set(graph.objects(None, SKOS.broader)) <= set(concepts)
    assert [
        c
        for c in concepts
        if ((c, SKOS.topConceptOf, scheme) in graph) == ((c, SKOS.broader, None) in graph)
    ] == []


@each_scheme
def test_no_concept_is_broader_than_itself(path):
    assert in_a_cycle(read_graph(path), SKOS.broader) == []


def test_the_ladder_of_tiers_is_one_line():
    graph = read_graph(ONTOLOGY / "voc" / "tier.ttl")
    tiers, steps = set(graph.subjects(RDF.type, KG.Tier)), dict(graph.subject_objects(KG.nextTier))
    bottom = tiers - set(steps.values())
    assert len(bottom) == 1
    line = [*bottom]
    while line[-1] in steps and len(line) <= len(tiers):
        line.append(steps[line[-1]])
    assert sorted(line) == sorted(tiers)


@pytest.mark.parametrize("scheme", ["stage", "growth-stage", "round"])
def test_an_ordered_scheme_counts_its_concepts_from_one(scheme):
    graph = read_graph(ONTOLOGY / "voc" / f"{scheme}.ttl")
    places = sorted(o.value for o in graph.objects(None, URIRef(PREFIXES["schema"] + "position")))
    assert places == list(range(1, len(places) + 1)) != []


def cluster_map() -> Graph:
    return read_graph(ONTOLOGY / "voc" / "cluster-map.ttl")


@pytest.mark.parametrize("path", MAP_FILES, ids=name_of)
def test_a_mapping_file_only_maps(path):
    graph, itself = read_graph(path), URIRef(f"{BASE}graph/ref/voc-{path.stem}")
    assert {p for s, p, _ in graph if s != itself} <= MAPPINGS


def test_a_mapping_leads_from_the_first_edition_to_the_second():
    first = set(find_concepts(read_graph(ONTOLOGY / "voc" / "cluster-s1.ttl")))
    second = set(find_concepts(read_graph(ONTOLOGY / "voc" / "cluster-s2.ttl")))
    assert first - set(cluster_map().subjects()) == {CL["s1-f02"]}
    assert second - set(cluster_map().objects()) == {CL["s2-c02"]}
    ends = {
        end for kind in MAPPINGS for pair in cluster_map().subject_objects(kind) for end in pair
    }
    assert ends <= first | second


def test_exact_matches_share_the_name_and_the_part_of_the_plan():
    graph = read_all(ONTOLOGY / "voc")
    pairs = list(cluster_map().subject_objects(SKOS.exactMatch))
    assert len(pairs) == 19
    for predicate in (KG.kind, SKOS.prefLabel):
        assert [
            p for p in pairs if len({frozenset(graph.objects(c, predicate)) for c in p}) > 1
        ] == []


def test_one_name_means_a_cluster_in_one_edition_and_a_future_industry_in_the_other():
    graph = read_all(ONTOLOGY / "voc")
    robots = set(graph.subjects(SKOS.prefLabel, Literal("智能机器人", lang="zh-Hans")))
    assert robots == {CL["s1-c10"], CL["s2-f03"]}
    assert len({graph.value(cluster, KG.kind) for cluster in robots}) == 2
    assert cluster_map().value(CL["s1-c10"], SKOS.exactMatch) is None


@each_text
def test_every_term_a_file_mentions_is_declared(path):
    text = path.read_text(encoding="utf-8")
    mentioned = set(re.findall(rf"(?:(?<![\w-])kg:|<{re.escape(str(KG))})([A-Za-z]\w*)", text))
    assert mentioned - {t.removeprefix(str(KG)) for t in find_terms(read_all(ONTOLOGY))} == set()


@each_text
def test_every_concept_a_file_mentions_exists(path):
    """Of the schemes that the checkout holds."""
    graph = read_all(ONTOLOGY / "voc")
    concepts = set(find_concepts(graph))
    present = {c.rpartition("/")[0].removeprefix(BASE + "voc/") for c in concepts}
    prefixes = "|".join(p for p, scheme in SCHEME_OF_PREFIX.items() if scheme in present)
    text = path.read_text(encoding="utf-8")
    named = re.findall(rf"(?<![\w:/.-])({prefixes}):([A-Za-z0-9][\w-]*)", text)
    assert {f"{p}:{n}" for p, n in named if URIRef(PREFIXES[p] + n) not in concepts} == set()


@pytest.mark.parametrize(
    "path",
    find_files(".ttl", ".trig", ".rq", below=("ontology", "graph", "queries", "tests")),
    ids=name_of,
)
def test_a_prefix_means_the_same_everywhere(path):
    allowed = PREFIXES | (ALIGNMENT_PREFIXES if ONTOLOGY / "align" in path.parents else {})
    text = path.read_text(encoding="utf-8")
    declared = re.findall(
        r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", text, re.IGNORECASE | re.MULTILINE
    )
    assert {prefix: iri for prefix, iri in declared if allowed.get(prefix) != iri} == {}


@pytest.mark.parametrize(
    "path", [ONTOLOGY / "kg.ttl", *MODULE_FILES, *SCHEME_FILES, *MAP_FILES], ids=name_of
)
def test_the_traditional_text_is_that_of_the_simplified_one(path):
    """Nobody changes one and forgets the other; `kg format --traditional` writes it."""
    graph = read_graph(path)
    texts = {
        (s, p): [str(o) for o in graph.objects(s, p) if getattr(o, "language", "") == "zh-Hans"]
        for s, p in set(graph.subject_predicates())
    }
    stale = [
        (subject, predicate, text)
        for (subject, predicate), found in texts.items()
        for text in found
        if (subject, predicate, Literal(to_traditional(text), lang="zh-Hant")) not in graph
    ]
    assert texts and stale == []


# rdflib 7.6's TriG parser calls what rdflib 7.6 deprecates.
@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")
@pytest.mark.parametrize("path", SORTED_FILES, ids=name_of)
def test_a_file_is_written_as_kg_format_writes_it(path):
    text = path.read_text(encoding="utf-8")
    assert format_text(text, path=str(path)) == text
