"""The competency questions: each is a query with a frozen answer, and two engines agree on it.

The answers are those of the two articles, the reference data and the first decisions of the curator;
a further source may rightly change an answer, so the release of this test leaves it out.
"""

import json
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.namespaces import expand
from kg.settings import Settings

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "queries" / "cq"
NAMES = sorted(path.stem for path in FOLDER.glob("*.rq"))
SOURCES = {"A.trig", "B.trig"}
SETS = {"facts", "items", "projects", "benchmarks", "parties", "disputedFacts"}
NUMBERS = {expand("xsd:integer"), expand("xsd:decimal")}

Cell = None | str | Decimal | frozenset[str] | tuple[str, str | None]


@pytest.fixture(scope="module")
def release(articles: Settings) -> ox.Store:
    """A release of the two articles alone."""
    return ox.Store.read_only(str(articles.data / "current" / "store"))


@pytest.fixture(scope="module")
def dataset(release: ox.Store) -> rdflib.Dataset:
    """The same quads in rdflib; its default graph is the merged view, too."""
    found = rdflib.Dataset()
    found.parse(data=ox.serialize(release, format=ox.RdfFormat.N_QUADS), format="nquads")
    return found


def read(name: str) -> str:
    return (FOLDER / f"{name}.rq").read_text(encoding="utf-8")


def table(results: str | bytes) -> list[list[Cell]]:
    """SPARQL JSON results as comparable rows, in their order; the first row holds the columns."""
    document = json.loads(results)
    columns = document["head"]["vars"]
    bindings = document["results"]["bindings"]
    return [columns, *([cell(name, row.get(name)) for name in columns] for row in bindings)]


def cell(column: str, term: dict[str, str] | None) -> Cell:
    """Numbers compare as numbers, collected columns as sets, wording in a language not at all."""
    if column in SETS:
        return frozenset(term["value"].split() if term else ())
    if term is None or term["type"] == "uri":
        return term and term["value"]
    if "xml:lang" in term:
        return "wording"
    if term.get("datatype") in NUMBERS:
        return Decimal(term["value"])
    datatype = term.get("datatype")
    return term["value"], None if datatype == expand("xsd:string") else datatype


def frozen(name: str) -> list[list[Cell]]:
    return table((FOLDER / f"{name}.expected.json").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_its_frozen_answer(release, name):
    solutions = release.query(read(name))
    assert table(solutions.serialize(format=ox.QueryResultsFormat.JSON)) == frozen(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_engine_gives_the_same_answer(dataset, name):
    assert table(dataset.query(read(name)).serialize(format="json")) == frozen(name)


def test_every_question_has_a_query_and_a_frozen_answer():
    assert sorted(p.name.partition(".")[0] for p in FOLDER.glob("*.expected.json")) == NAMES
    assert {path.suffix for path in FOLDER.iterdir()} == {".rq", ".json"}


@pytest.mark.parametrize("name", NAMES)
def test_no_two_rows_of_a_frozen_answer_are_the_same(name):
    _, *rows = frozen(name)
    assert rows
    assert all(row not in rows[:position] for position, row in enumerate(rows))


@pytest.mark.parametrize("name", NAMES)
def test_a_question_that_gives_figures_gives_population_and_modality(name):
    columns, *_ = frozen(name)
    if "value" in columns:
        assert {"population", "modality"} <= set(columns)
    if "modality" not in columns:
        assert name in {"CQ10", "CQ12", "CQ40"}, "counts and orders of the project, no statement"
