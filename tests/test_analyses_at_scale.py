"""All analyses over thousands of generated firms: in time, with rows, and by both engines alike."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.analysis.reading import ask_fast, ask_reference
from kg.analysis.registry import ANALYSES
from kg.errors import ParameterInvalid
from kg.queries import find_part
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from analyses import generated, measure  # not a package
from records import CHAIN, write_records

FIRMS = 2_000
QUERIES = sorted(path.stem for path in (Path(__file__).parent.parent / "queries" / "analysis").glob("*.rq"))  # fmt: skip
OF_GRAPHS = {"industry-graphs", "segment-mentions"}
"""Queries that name graphs, of which the fast store knows nothing."""


@pytest.fixture(scope="module")
def wide(settings: Settings) -> Iterator[EmbeddedStore]:
    with generated(settings, FIRMS, 3 * FIRMS) as store:
        yield store


@pytest.mark.parametrize("name", ANALYSES)
def test_each_analysis_answers_from_the_generated_records_in_time(
    name: str, wide: EmbeddedStore, settings: Settings
) -> None:
    """A fiftieth of the size of `make bench`: what is quadratic there would take long here too."""
    answer, seconds = measure(wide, settings, name)
    assert answer.refusal is None
    assert answer.rows or name == "segment-gaps"  # no segment of the generated chain is thin
    assert seconds < 5
    if name in ("removal", "criticality", "anchor-network", "niches", "matching", "co-investment"):
        assert any("/bench-" in str(row) for row in answer.rows[:200])


@pytest.mark.parametrize("name", QUERIES)
def test_both_engines_give_the_same_rows_in_the_same_order(
    name: str, wide: EmbeddedStore, store: EmbeddedStore, settings: Settings
) -> None:
    query = find_part(settings.root, "analysis", name)
    texts = [query.bind({})]
    with contextlib.suppress(ParameterInvalid):  # few are of one chain
        texts.append(query.bind({"chain": [CHAIN]}))
    for text in texts:
        for one in (wide, store):
            fast, reference = ask_fast(one, text), ask_reference(one, text)
            if name in OF_GRAPHS:
                assert fast == [] and reference
            elif "ORDER BY" in text:
                assert fast == reference
            else:
                assert sorted(map(str, fast)) == sorted(map(str, reference))


def test_the_same_seed_makes_the_same_records(tmp_path: Path) -> None:
    for name in "ab":
        with (tmp_path / name).open("wb") as file:
            assert write_records(file, 100, 300) > 100 * 20
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
