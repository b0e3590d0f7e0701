"""No term without a use: what is stable is used, and what has no use yet says so."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import PREFIXES, expand
from kg.release.checks import declared_terms
from kg.release.rules import derive, read_rules
from kg.release.sources import Sources, read_sources

ROOT = Path(__file__).parent.parent
KG = PREFIXES["kg"]
MODULE = PREFIXES["g"] + "meta/ont-"


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources(ROOT)


def modules(sources: Sources) -> list[ox.Quad]:
    return [
        quad
        for graph, quads in sources.graphs.items()
        if graph.startswith(MODULE)
        for quad in quads
    ]


def named(graphs: Mapping[str, Iterable[ox.Quad]]) -> set[str]:
    """Terms that the triples of the graphs mention, modules left out."""
    quads = (
        quad for graph, group in graphs.items() if not graph.startswith(MODULE) for quad in group
    )
    values = {getattr(term, "value", "") for quad in quads for term in quad.triple}
    return {value for value in values if value.startswith(KG)}


def mentioned() -> set[str]:
    """Terms that a rule, a question, a picture or a shape mentions."""
    paths = [*(ROOT / "queries").rglob("*.rq"), *(ROOT / "ontology/shapes").glob("*.ttl")]
    found = (re.findall(r"(?<![\w:-])kg:([A-Za-z]\w*)", path.read_text()) for path in paths)
    return {KG + name for names in found for name in names}


def marked(sources: Sources, status: str) -> set[str]:
    wanted = ox.NamedNode(expand("vs:term_status")), ox.Literal(status)
    return {q.subject.value for q in modules(sources) if (q.predicate, q.object) == wanted}  # type: ignore[union-attr]


def test_every_stable_term_is_used_by_a_record_a_rule_a_shape_or_a_question(
    sources: Sources,
) -> None:
    used = named(sources.graphs) | mentioned()
    above = {expand("rdfs:subClassOf"), expand("rdfs:subPropertyOf")}
    steps = {
        (q.subject.value, q.object.value)  # type: ignore[union-attr]
        for q in modules(sources)
        if q.predicate.value in above
    }
    for _ in range(5):  # a term is used through those below it
        used |= {upper for lower, upper in steps if lower in used}
    stable = marked(sources, "stable")
    assert stable and stable - used == set()


def test_a_term_marked_as_testing_has_no_instance_yet(sources: Sources) -> None:
    derived = derive(read_rules(ROOT, declared_terms(sources.graphs)), sources.quads)
    testing = marked(sources, "testing")
    assert testing and testing & named({**sources.graphs, **derived}) == set()


def test_every_term_is_stable_or_testing(sources: Sources) -> None:
    both = marked(sources, "stable") | marked(sources, "testing")
    assert both == declared_terms(sources.graphs)


def test_every_term_that_data_or_queries_name_is_declared(sources: Sources) -> None:
    assert (named(sources.graphs) | mentioned()) - declared_terms(sources.graphs) == set()
