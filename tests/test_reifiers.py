"""The export with reifiers: written, read back, and asked which record stands behind a shortcut."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg import cli
from kg.namespaces import PREFIXES, compact, expand
from kg.release.checks import declared_terms
from kg.release.reifiers import reifying_query
from kg.release.rules import Rule, read_rules
from kg.release.sources import read_sources
from kg.settings import Settings

REIFIES = ox.NamedNode(expand("rdf:reifies"))
SHORTCUTS = {
    "R03": "kg:hasTier",
    "R05": "kg:participatesIn",
    "R07": "kg:suppliesTo",
    "R08": "kg:eligibleFor",
    "R10": "kg:portfolioCompany",
    "R18": "kg:memberOfGroup",
}
"""Rules whose shortcut rests on a record, and what they write."""


@pytest.fixture(scope="module")
def own_root(articles: Settings) -> dict[str, str]:
    """Environment of a release of the two articles."""
    return {"KG_ROOT": str(articles.root), "KG_DATA": str(articles.data)}


def exported(environment: dict[str, str], *options: str) -> str:
    result = CliRunner().invoke(cli.main, ["export", *options], env=environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def rules(root: Path) -> list[Rule]:
    return read_rules(root, declared_terms(read_sources(root).graphs))


def test_every_shortcut_that_rests_on_a_record_is_reified(own_root: dict[str, str]) -> None:
    found = {rule.number for rule in rules(Path(own_root["KG_ROOT"])) if reifying_query(rule)}
    assert found == set(SHORTCUTS)


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("turtle", ox.RdfFormat.TURTLE),
        ("ntriples", ox.RdfFormat.N_TRIPLES),
        ("trig", ox.RdfFormat.TRIG),
        ("nquads", ox.RdfFormat.N_QUADS),
    ],
)
def test_an_export_read_back_is_the_plain_one_and_a_reifier_for_each_shortcut(
    own_root: dict[str, str], name: str, engine: ox.RdfFormat
) -> None:
    plain = set(ox.parse(exported(own_root, "-f", name), engine))
    whole = set(ox.parse(exported(own_root, "-f", name, "--reified"), engine))
    added = whole - plain
    assert plain < whole and {quad.predicate for quad in added} == {REIFIES}
    shortcuts = {quad.object for quad in added}
    said = {quad.triple for quad in plain}
    assert all(isinstance(one, ox.Triple) and one in said for one in shortcuts)
    relations = set(SHORTCUTS.values())
    assert shortcuts == {one for one in said if compact(one.predicate.value) in relations}
    records = {quad.subject for quad in plain if quad.predicate.value == expand("kg:factId")}
    assert {quad.subject for quad in added} <= records


def test_annotation_syntax_finds_fact_and_modality_of_a_shortcut(own_root: dict[str, str]) -> None:
    store = ox.Store()
    store.load(exported(own_root, "--reified").encode(), format=ox.RdfFormat.TURTLE)
    query = """SELECT DISTINCT ?fact ?modality {
      e:robosense kg:participatesIn ?chain {| kg:factId ?fact ; kg:modality ?modality |} }"""
    found = {row["fact"].value for row in store.query(query, prefixes=PREFIXES)}
    direct = """SELECT DISTINCT ?fact {
      ?record kg:participant e:robosense ; kg:inSegment/kg:partOfChain ?chain ; kg:factId ?fact }"""
    assert found == {row["fact"].value for row in store.query(direct, prefixes=PREFIXES)} != set()


def test_a_record_that_was_set_aside_stands_behind_nothing(own_root: dict[str, str]) -> None:
    quads = ox.parse(exported(own_root, "--reified"), ox.RdfFormat.TURTLE)
    behind = {compact(quad.subject.value) for quad in quads if quad.predicate == REIFIES}
    assert "st:B16-3" not in behind and "st:A34-3" in behind


@pytest.mark.parametrize("name", ["rdfxml", "jsonld"])
def test_a_format_without_reifiers_is_refused_before_anything_is_written(
    own_root: dict[str, str], tmp_path: Path, name: str
) -> None:
    path = tmp_path / "out"
    options = ["export", "-f", name, "--reified", "-o", str(path)]
    result = CliRunner().invoke(cli.main, options, env=own_root)
    assert result.exit_code == 1 and "cannot carry reifiers" in result.output
    assert not path.exists()
