"""Totals of awards: by hand for shipped claims, and what must hold for any."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.eligibility.awards import Award, Claim
from kg.analysis.eligibility.outcome import MET, UNMET
from kg.analysis.eligibility.payouts import find_totals
from kg.analysis.eligibility.totals import Total, add_up
from kg.store.embedded import EmbeddedStore

TIERS = frozenset(("little-giant",))


def award(name: str, amount: int, place: str = "p", instrument: str = "i", cumulation: str = "",
          deducts: frozenset[str] = frozenset()) -> Claim:  # fmt: skip
    found = Award(
        name, name, place, TIERS, Fraction(amount), "CNY", "unstated", date(2025, 1, 1), instrument,
        cumulation, deducts, (), "", False,
    )  # fmt: skip
    return Claim(found, MET, Fraction(amount), None)


def ends(*claims: Claim) -> tuple[int, int]:
    total = add_up(claims)
    return int(total.low), int(total.high)


def test_rivals_count_once_and_span_the_range() -> None:
    assert ends(award("a", 5), award("b", 30), award("c", 1)) == (1, 30)


def test_awards_whose_combination_no_record_tells_add_up_in_the_upper_end_alone() -> None:
    assert ends(award("a", 5), award("b", 3, place="q")) == (5, 8)
    assert ends(award("a", 5), award("b", 3, place="q", cumulation="cumulative")) == (8, 8)


def test_awards_that_deduct_each_other_come_to_the_largest() -> None:
    lower = award("a", 2, instrument="other")
    assert ends(lower, award("b", 5, deducts=frozenset("a"))) == (5, 5)


def test_an_exclusive_award_is_taken_alone() -> None:
    one, two = award("a", 5, cumulation="exclusive"), award("b", 3, place="q")
    assert ends(one, two) == (5, 5)
    assert add_up([one, two]).counted == ("a",)
    assert ends(award("a", 2, cumulation="exclusive"), two) == (3, 3)


def test_what_is_not_met_does_not_count() -> None:
    assert ends(replace(award("a", 5), result=UNMET, payable=None)) == (0, 0)


@pytest.mark.parametrize(
    ("place", "paid", "low", "high"),
    [  # by hand from the table of claims: city 0.5 (twice) or 3 M for a little giant
        # Pingshan: 0.5 M beside it, and no record says that both are paid
        ("pingshan", "", 500_000, 3_000_000 + 500_000),
        # Nanshan: 0.2 M or 2 M beside what the city pays, which not every claim says
        ("nanshan", "", 500_000, 3_000_000 + 2_000_000),
        # Longgang: 0.5 M (tops up) or 5 M; 0.2 M paid before leaves 0.3 M of the former
        ("longgang", "", 500_000, 3_000_000 + 5_000_000),
        ("longgang", "AW10,20万元", 500_000, 3_000_000 + 5_000_000),
        # Bao'an: 0.5 M for the title and 2 M for moving there
        ("baoan", "", 2_000_000, 3_000_000 + 500_000 + 2_000_000),
    ],
)
def test_totals_of_the_shipped_claims_are_as_added_by_hand(
    place: str, paid: str, low: int, high: int, store: EmbeddedStore
) -> None:
    lines = ["firm,item,value,period,source,observed", f"a,place,{place},,,", "a,little-giant,yes,,official-register,2024-09-01"]  # fmt: skip
    if paid:
        lines.append(f"a,{paid},,user,")
    [row] = find_totals(store, ROOT, "en", {"profile": ["\n".join(lines)], "day": ["2026-05-01"]}).rows  # fmt: skip
    assert (row["total_low"], row["total_high"]) == (low, high)
    ways = [row["automatic"], row["on_application"], row["way_unstated"]]
    assert sum(int(str(way)) for way in ways) == high


claims = st.lists(
    st.builds(
        award,
        st.sampled_from("abcdefgh"),
        st.integers(0, 100),
        st.sampled_from("pq"),
        st.sampled_from("ij"),
        st.sampled_from(["", "cumulative", "top-up", "exclusive"]),
        st.frozensets(st.sampled_from("abcdefgh"), max_size=2),
    ),
    max_size=7,
    unique_by=lambda one: one.award.iri,
)


def payable(found: list[Claim], total: Total) -> Fraction:
    return sum((one.payable or Fraction(0) for one in found if one.award.iri in total.counted), Fraction(0))  # fmt: skip


@given(claims)
def test_a_total_is_a_sum_of_some_of_the_awards(found: list[Claim]) -> None:
    total = add_up(found)
    assert Fraction(0) <= total.low <= total.high <= payable(found, replace(total, counted=tuple(one.award.iri for one in found)))  # fmt: skip
    assert payable(found, total) == total.high
    assert sorted(total.counted + total.left_out) == sorted(one.award.iri for one in found)


@given(claims)
def test_no_two_awards_that_exclude_each_other_are_both_counted(found: list[Claim]) -> None:
    counted = [one.award for one in found if one.award.iri in add_up(found).counted]
    for one in counted:
        for other in counted:
            if one.iri == other.iri:
                continue
            assert one.cumulation != "exclusive"
            assert other.fact not in one.deducts
            assert (one.granted_by, one.instrument) != (other.granted_by, other.instrument)


@given(claims, st.integers(0, 6), st.integers(0, 50))
def test_a_larger_sum_never_gives_less(found: list[Claim], at: int, more: int) -> None:
    if not found:
        return
    before, index = add_up(found), at % len(found)
    raised = [*found]
    raised[index] = replace(found[index], payable=(found[index].payable or Fraction(0)) + more)
    after = add_up(raised)
    assert before.low <= after.low and before.high <= after.high


@given(claims)
def test_the_order_of_the_claims_changes_nothing(found: list[Claim]) -> None:
    assert add_up(found) == add_up(found[::-1])
