"""Flows up the ladder: a cohort worked by hand, and that no firm is lost or counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.ladder import Step, count_flows, find_ladder
from kg.store.embedded import EmbeddedStore

BELOW = {"giant": "special", "special": "innovative"}


def test_a_cohort_is_as_worked_by_hand() -> None:
    steps = [
        Step("a", "special", 2020, 2010), Step("a", "giant", 2023, 2010),
        Step("b", "giant", 2023, 2015), Step("b", "special", 2024, 2015),  # later: no flow
        Step("c", "giant", 2023), Step("c", "special", None),
        Step("d", "giant", None, 2000), Step("a", "giant", 2026, 2010),
    ]  # fmt: skip
    rows = {(row["tier"], row["year"]): row for row in count_flows(steps, BELOW)}
    found = rows["giant", "2023"]
    assert (found["firms_new"], found["from_below"], found["from_nowhere"]) == (3, 1, 2)
    assert (found["years_known"], found["years_median"]) == (2, 10.5)
    undated = rows["giant", None]
    assert (undated["firms_new"], undated["from_below"], undated["years_known"]) == (1, None, 0)
    assert ("giant", "2026") not in rows


_STEPS = st.builds(
    Step, st.sampled_from("abcdef"), st.sampled_from(["giant", "special", "innovative"]),
    st.none() | st.integers(2015, 2026), st.none() | st.integers(1990, 2014),
)  # fmt: skip


@given(st.lists(_STEPS))
def test_every_firm_counts_once_for_a_tier(steps: list[Step]) -> None:
    rows = count_flows(steps, BELOW)
    assert sum(int(str(row["firms_new"])) for row in rows) == len({(s.firm, s.tier) for s in steps})
    for row in rows:
        if row["year"] is not None:
            assert int(str(row["from_below"])) + int(str(row["from_nowhere"])) == row["firms_new"]
        assert int(str(row["years_known"])) <= int(str(row["firms_new"]))


def test_the_records_of_the_articles_have_no_year_and_the_answer_says_so(
    store: EmbeddedStore,
) -> None:
    answer = find_ladder(store, ROOT, "en", {})
    years, ages = answer.coverage
    assert years.of == ages.of == len(answer.sources) > 0
    assert (sum(row["year"] is not None for row in answer.rows) == 0) == (years.recorded == 0)
