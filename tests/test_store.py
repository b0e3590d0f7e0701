"""A release as a store for trusted queries, and as an rdflib Dataset."""

from pathlib import Path

import pytest
import rdflib

import kg
from kg.errors import GraphUnknown, ReleaseUnknown
from kg.namespaces import compact
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

GRAPH_A = "https://w3id.org/industry-kg/graph/src/A"


def test_a_folder_without_a_release_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseUnknown, match="no release in 'current'; 'kg build' makes one"):
        EmbeddedStore(tmp_path / "current")


def test_rows_hold_the_bound_variables_only(store: EmbeddedStore) -> None:
    rows = store.rows("SELECT ?c ?nothing { seg:lidar kg:partOfChain ?c }")
    assert [(list(row), row["c"].value) for row in rows] == [  # type: ignore[union-attr]
        (["c"], "https://w3id.org/industry-kg/id/chain/humanoid")
    ]


def test_triples_and_ask_take_the_pinned_prefixes_too(store: EmbeddedStore) -> None:
    assert store.ask("ASK { ch:humanoid a kg:IndustryChain }")
    assert len(store.triples("CONSTRUCT WHERE { ch:humanoid a ?type }")) == 1


def test_the_merged_view_holds_each_triple_once_and_leaves_out_what_is_set_aside(
    store: EmbeddedStore,
) -> None:
    merged = [quad.triple for quad in store.quads(None)]
    hidden = {row["g"].value for row in store.rows("SELECT ?g { ?g kg:inMergedView false }")}  # type: ignore[union-attr]
    shown = set(store.graphs()) - hidden
    assert len(hidden) == 1 and not hidden & {GRAPH_A}
    named = {quad.triple for graph in shown for quad in store.quads(graph)}
    assert len(merged) == len(set(merged)) and len(set(merged) - named) < 20
    left_out = {compact(triple.subject.value) for triple in named - set(merged)}  # type: ignore[union-attr]
    assert left_out == {"st:B16-3", "st:B18-1", "st:B18-2", "ps:B18"}


def test_an_unknown_graph_is_named(store: EmbeddedStore) -> None:
    with pytest.raises(GraphUnknown, match="http://nowhere/"):
        store.quads("http://nowhere/")


def test_the_prefixes_of_an_export_are_those_the_release_uses(store: EmbeddedStore) -> None:
    assert {"kg", "st", "skos", "gbt"} <= store.prefixes.keys()
    assert not {"nace", "isic"} & store.prefixes.keys()


def test_the_python_interface_gives_named_graphs_and_their_union(
    settings: Settings, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    dataset = kg.open()
    assert isinstance(dataset, rdflib.Dataset)
    assert len(dataset.graph(rdflib.URIRef(GRAPH_A))) == len(list(store.quads(GRAPH_A)))
    rows = dataset.query("SELECT ?name { ch:humanoid skos:prefLabel ?name }")
    assert {str(row[0]) for row in rows} >= {"Humanoid robots", "人形机器人产业链"}  # type: ignore[index]
