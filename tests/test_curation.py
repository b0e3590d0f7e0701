"""The curated view: what a decision sets aside leaves the merged view, and its graph keeps it."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import BASE, PREFIXES, compact, expand
from kg.release.curation import curated, find_set_aside
from kg.release.rules import derive, read_rules
from kg.store.embedded import EmbeddedStore

ROOT = Path(__file__).parent.parent
RULE = """#+ summary: Who is recorded in a step.
#+ reads: kg:participant kg:inSegment
#+ writes: kg:riskFlag
#+ stratum: 1
{view}
PREFIX kg: <https://w3id.org/industry-kg/ont#>
CONSTRUCT {{ ?segment kg:riskFlag ?firm }} WHERE {{ ?record kg:participant ?firm ; kg:inSegment ?segment }}
"""
RECORDS = """GRAPH <src/A> {
  st:A01-1 kg:participant e:dji ; kg:inSegment seg:lidar ; kg:evidence ps:A01 .
  st:A01-2 kg:participant e:byd ; kg:inSegment seg:lidar ; kg:evidence ps:A01 , ps:A02 .
  ps:A01 kg:length 1 . ps:A02 kg:length 2 .
}
GRAPH <GRAPHNAME> { res:0001 kg:deprecates st:A01-2 }"""


def read(graph: str = "curation/resolutions") -> list[ox.Quad]:
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    text = prefixes + RECORDS.replace("GRAPHNAME", graph)
    return list(ox.parse(text, ox.RdfFormat.TRIG, base_iri=BASE + "graph/"))


def subjects(quads: list[ox.Quad]) -> set[str]:
    return {compact(str(quad.subject.value)) for quad in quads}


def test_a_deprecated_record_goes_with_the_passage_that_only_it_rests_on() -> None:
    quads = read()
    kept = list(curated(quads, find_set_aside(quads)))
    assert subjects(kept) == {"st:A01-1", "ps:A01", "res:0001"}


def test_a_source_cannot_set_aside_what_another_says() -> None:
    quads = read("src/B")
    assert find_set_aside(quads) == frozenset()


@pytest.mark.parametrize(
    ("view", "firms"),
    [("", {"e:dji"}), ("#+ view: curated", {"e:dji"}), ("#+ view: all", {"e:dji", "e:byd"})],
)
def test_a_rule_sees_what_is_set_aside_only_where_its_head_says_so(
    tmp_path: Path, view: str, firms: set[str]
) -> None:
    (tmp_path / "queries/rules").mkdir(parents=True)
    (tmp_path / "queries/rules/R01_x.rq").write_text(RULE.format(view=view))
    terms = {expand(f"kg:{name}") for name in ("participant", "inSegment", "riskFlag")}
    [quads] = derive(read_rules(tmp_path, terms), read()).values()
    assert {compact(str(quad.object.value)) for quad in quads} == firms


ASIDE = ["B16-3", "B18-1", "B18-2"]


@pytest.mark.parametrize("record", ASIDE)
def test_a_record_set_aside_is_described_in_its_graph_only(
    store: EmbeddedStore, record: str
) -> None:
    said = f"<{expand('st:' + record)}> ?property ?value"
    assert store.rows(f"SELECT * {{ {said} }}") == []
    graphs = {row["graph"] for row in store.rows(f"SELECT ?graph {{ GRAPH ?graph {{ {said} }} }}")}
    assert "graph/src/B" in " ".join(map(str, graphs))


def test_a_conflict_stays_in_view_with_the_decision_on_it(store: EmbeddedStore) -> None:
    kg = PREFIXES["kg"]
    found = store.rows(
        f"SELECT DISTINCT ?record {{ ?decision <{kg}deprecates> ?record ; <{kg}resolves>/<{kg}involves> ?record }}"
    )
    assert len(found) == len(ASIDE)


def test_nothing_in_view_is_in_no_graph(store: EmbeddedStore) -> None:
    lost = store.rows("SELECT * { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } } LIMIT 5")
    assert lost == []


def test_what_is_missing_from_the_view_is_what_decisions_set_aside(store: EmbeddedStore) -> None:
    missing = store.rows(
        "SELECT DISTINCT ?s { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o }"
        " FILTER NOT EXISTS { ?g kg:inMergedView false } } ORDER BY ?s"
    )
    names = [f"st:{name}" for name in ASIDE]
    found = " ".join(str(row["s"]) for row in missing)
    assert len(missing) == 4 and all(expand(name) in found for name in [*names, "ps:B18"])


@pytest.mark.parametrize(
    ("query", "facts"),
    [
        ("conflicts", {"B16", "B18"}),
        ("resolutions", {"B16", "B18"}),
        ("evidence-of-record", {"B18"}),
        ("cq/CQ04", {"B18"}),
    ],
)
def test_questions_about_decisions_show_what_is_set_aside(
    store: EmbeddedStore, query: str, facts: set[str]
) -> None:
    found = store.rows((ROOT / f"queries/{query}.rq").read_text())
    assert facts <= {getattr(row["fact"], "value", row["fact"]) for row in found}
