"""The checks of figures come out as worked by hand, and stay within the intervals of their inputs."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.batches import check_batches
from kg.analysis.checks import RULES, Figure, Rule, make_checks
from kg.analysis.consistency import find_consistency
from kg.store.embedded import EmbeddedStore

BY_NAME = {rule.name: rule for rule in RULES}


def figure(indicator: str, value: int | Fraction, population: str = "lg-valid", year: int | None = 2025,
           spread: Fraction = Fraction(0), record: str = "") -> Figure:  # fmt: skip
    value = Fraction(value)
    return Figure(
        record or f"{indicator}-{value}", indicator, "place", f"pop/{population}", f"period/{year}",
        year, value, value - spread, value + spread,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "computed", "claimed", "verdict"),
    [  # worked by hand from the articles
        ("mean_times_count", 7_100_000_000 * 1333, 10_000_000_000_000, "ok-populations"),
        ("ratio_of_means", 437_639_580.6, None, "no-claim"),
        ("stock_and_flow", 1025 + 347, 1333, "lapses"),
        ("count_by_density", 2083.33, None, "no-claim"),
        ("shares", 100, 100, "ok"),
        # and from the figures of other pages
        ("stock_and_flow", 1027 + 347, 1333, "lapses"),
        ("stock_and_flow", 752 + 298, 1025, "lapses"),
        ("stock_and_flow", 170 + 275, 445, "ok"),
        ("stock_and_flow", 263 + 333, 596, "ok"),
        ("stock_and_flow", 260 + 245, 505, "ok"),
        ("batches_sum", 15_970, 14_600, "ok"),
        ("batches_less_lapses", 14_695, 14_600, "ok"),
        ("recheck_lapses", 106, None, "no-claim"),
        ("recheck_lapses", 669, None, "no-claim"),
        ("recheck_lapses", 500, None, "no-claim"),
        ("rechecked", 4499.08, None, "no-claim"),
        ("share_of_nation", 9.97, None, "no-claim"),
        ("share_of_nation", 9.89, None, "no-claim"),
        ("investor_share", 2.13, None, "no-claim"),
        ("investor_share_of_city", 44.49, None, "other-population"),
    ],
)
def test_a_check_of_the_articles_is_as_worked_by_hand(
    name: str, computed: float, claimed: float | None, verdict: str, store: EmbeddedStore
) -> None:
    rows = find_consistency(store, ROOT, "en", {}).rows
    found = [
        (row["computed"], row["claimed"], row["verdict"]) for row in rows if row["check"] == name
    ]
    assert (computed, claimed, verdict) in found


def test_the_lapsed_titles_are_the_residual_of_stock_and_flow(store: EmbeddedStore) -> None:
    rows = find_consistency(store, ROOT, "en", {}).rows
    assert {row["residual"] for row in rows if row["check"] == "stock_and_flow"} == {
        0,
        10,
        23,
        25,
        39,
        41,
        54,
    }


def stock_and_flow(before: int, new: int, after: int, population: str = "lg-cumulative") -> str:
    figures = [
        figure("stock-count", before, population, 2024),
        figure("new-count", new, population, 2025),
        figure("stock-count", after, population, 2025),
    ]
    [check] = make_checks(figures, [BY_NAME["stock_and_flow"]])
    assert check.residual == before + new - after
    return check.verdict


def test_a_verdict_names_why_figures_differ() -> None:
    assert stock_and_flow(10, 5, 15) == "ok"
    assert stock_and_flow(10, 5, 14) == "lapses"
    assert stock_and_flow(10, 5, 16) == "off"
    assert stock_and_flow(10, 5, 16, "lg-unspecified") == "unstated-population"


def test_figures_of_other_years_or_kinds_are_not_put_together() -> None:
    rule = BY_NAME["stock_and_flow"]
    assert not make_checks([figure("stock-count", 1, year=2022), figure("new-count", 1), figure("stock-count", 2)], [rule])  # fmt: skip
    assert not make_checks([figure("stock-count", 1, "innovative-sme", 2024), figure("new-count", 1), figure("stock-count", 2)], [rule])  # fmt: skip
    rule = BY_NAME["ratio_of_means"]
    assert not make_checks([figure("avg-rd-spend", 1), figure("avg-rd-intensity", 1, "lg-batch-6")], [rule])  # fmt: skip
    assert not make_checks([figure("avg-rd-spend", 1), figure("avg-rd-intensity", 0)], [rule])


def batch(ordinal: int, value: int, indicator: str = "new-count") -> Figure:
    return replace(
        figure(indicator, value, f"lg-batch-{ordinal}", 2018 + ordinal), feature="place/china"
    )


def test_batches_are_summed_only_where_none_is_missing_and_only_up_to_the_year_of_the_stock() -> (
    None
):
    stock = replace(figure("stock-count", 25, year=2020), feature="place/china")
    sums = [c for c in check_batches([batch(1, 10), batch(2, 20), batch(3, 40), stock]) if c.claim]
    assert [(check.computed, check.residual, check.verdict) for check in sums] == [
        (30, 5, "lapses")
    ]
    assert not check_batches([batch(1, 10), batch(3, 40), replace(stock, year=2021)])
    nothing = replace(batch(1, 0), feature="place/sz")
    assert not [c for c in check_batches([batch(1, 0), nothing]) if c.rule.operation == "ratio"]
    passed = batch(1, 6, "recheck-passed-count")
    less = [
        c.computed
        for c in check_batches([batch(1, 10), batch(2, 20), passed, stock])
        if c.rule.name == "batches_less_lapses"
    ]
    assert less == [26]


@pytest.mark.parametrize(
    ("mean", "total", "verdict"),
    [  # worked by hand: 71亿 is 7.05 to 7.15 bn, and of 1,333 firms 9.398 to 9.531 tn
        (7_100_000_000, 10_000_000_000_000, "ok"),  # about 10 tn is 9.5 to 10.5
        (7_100_000_000, 10_050_000_000_000, "different-populations"),  # from 9.5475 on
        (7_110_000_000, 10_000_000_000_000, "different-populations"),  # at most 9.484
        (Fraction(1, 3), 10_000_000_000_000, "different-populations"),
    ],
)
def test_a_mean_stands_for_all_that_rounds_to_it(
    mean: int | Fraction, total: int, verdict: str
) -> None:
    claim = figure("total-market-cap", total, "lg-cumulative", spread=Fraction(total, 20))
    figures = [figure("avg-market-cap", mean), figure("stock-count", 1333), claim]
    assert [check.verdict for check in make_checks(figures)] == [verdict]


_NUMBERS = st.integers(min_value=1, max_value=10**6)


@given(_NUMBERS, _NUMBERS, st.sampled_from(["product", "ratio", "sum"]), st.fractions(min_value=0, max_value=Fraction(1, 2)))  # fmt: skip
def test_a_result_lies_within_its_ends_and_agrees_with_itself(
    one: int, other: int, operation: str, spread: Fraction
) -> None:
    rule = Rule("r", operation, ("a", "b"), "c")  # type: ignore[arg-type]
    inputs = [figure("a", one, spread=spread), figure("b", other, spread=spread)]
    result = {"product": Fraction(one * other), "ratio": Fraction(one, other), "sum": Fraction(one + other)}[operation]  # fmt: skip
    [check] = make_checks([*inputs, figure("c", result)], [rule])
    assert check.lower is not None and check.upper is not None
    assert check.lower <= check.computed <= check.upper
    assert (check.residual, check.verdict) == (0, "ok")
