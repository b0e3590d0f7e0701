"""What changed between two states of the ontology, and in which version each term came in."""

import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg import cli
from kg.errors import BadFiles
from kg.namespaces import PREFIXES, expand
from kg.release.terms import compare_terms

ROOT = Path(__file__).parent.parent
SUPPLY = "ontology/supply.ttl"
LABEL = '  rdfs:label "market area"@en ;\n'
RANGE = "  rdfs:domain kg:MarketPosition ;\n  rdfs:isDefinedBy"


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """A copy of the ontology to change."""
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    return tmp_path


def change(root: Path, old: str, new: str) -> None:
    text = (root / SUPPLY).read_text()
    assert old in text
    (root / SUPPLY).write_text(text.replace(old, new))


def without(root: Path, term: str) -> None:
    block = re.compile(rf"\n{term}\n.*?\n  \.\n", re.DOTALL)
    text, number = block.subn("", (root / SUPPLY).read_text())
    assert number == 1
    (root / SUPPLY).write_text(text)


def test_the_same_files_differ_in_nothing(later: Path) -> None:
    found = compare_terms(ROOT, later)
    assert (found.added, found.removed, found.changed, found.level) == ([], [], {}, "none")


def test_another_label_is_a_patch_and_both_texts_are_shown(later: Path) -> None:
    change(later, LABEL, LABEL.replace("market area", "area of the market"))
    found = compare_terms(ROOT, later)
    assert found.level == "patch"
    assert found.changed == {
        "kg:marketArea": ['- rdfs:label "market area"@en', '+ rdfs:label "area of the market"@en']
    }


def test_a_new_term_is_a_minor_version_and_one_gone_a_major_one(later: Path) -> None:
    without(later, "kg:marketArea")
    assert compare_terms(later, ROOT).added == ["kg:marketArea"]
    assert compare_terms(later, ROOT).level == "minor"
    gone = compare_terms(ROOT, later)
    assert (gone.removed, gone.added, gone.level) == (["kg:marketArea"], [], "major")


def test_another_domain_is_a_major_version(later: Path) -> None:
    change(later, RANGE, RANGE.replace("MarketPosition", "Achievement"))
    found = compare_terms(ROOT, later)
    assert found.level == "major"
    assert found.changed["kg:marketArea"] == [
        "- rdfs:domain kg:MarketPosition",
        "+ rdfs:domain kg:Achievement",
    ]


def test_a_file_that_does_not_parse_is_named(later: Path) -> None:
    change(later, LABEL, "  rdfs:label 1 2 ;\n")
    with pytest.raises(BadFiles, match=SUPPLY):
        compare_terms(ROOT, later)


def test_the_command_prints_what_changed_and_the_version_it_needs(later: Path) -> None:
    without(later, "kg:marketArea")
    change(later, '"rank"@en', '"standing"@en')
    result = CliRunner().invoke(cli.main, ["terms", str(later), str(ROOT)])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "+ kg:marketArea",
        "~ kg:rank",
        '    - rdfs:label "standing"@en',
        '    + rdfs:label "rank"@en',
    ]
    assert result.stderr == "version: minor\n"


def test_every_term_names_the_version_it_came_in_and_none_a_later_one() -> None:
    since, current = {}, ""
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            if triple.predicate.value == expand("owl:versionInfo"):
                since.setdefault(triple.subject.value, []).append(triple.object.value)
    current = tuple(map(int, since[PREFIXES["kg"].rstrip("#")][0].split(".")))
    terms = {iri: found for iri, found in since.items() if iri.startswith(PREFIXES["kg"])}
    declared = set(_declared())
    assert declared and terms.keys() == declared
    assert [
        iri
        for iri, found in terms.items()
        if len(found) != 1
        or not re.fullmatch(r"\d+\.\d+\.\d+", found[0])
        or tuple(map(int, found[0].split("."))) > current
    ] == []


def _declared() -> list[str]:
    return [
        quad.subject.value
        for path in (ROOT / "ontology").glob("*.ttl")
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
        if quad.predicate.value == expand("rdfs:isDefinedBy")
    ]
