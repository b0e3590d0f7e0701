"""Matching: monotone in evidence, objections with reasons, what is not recorded is none."""

from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.matching import Candidate, Need, rank, weigh
from kg.analysis.registry import ANALYSES
from kg.store.embedded import EmbeddedStore

NEED = Need("shenzhen", "giant", "byd")


def test_grounds_and_objections_are_named() -> None:
    good = Candidate("a", {"r": "same-item"}, {"shenzhen"}, {"giant"})
    assert weigh(good, NEED) == (11, ["same-item", "same-place", "tier-held"], [], [])
    bad = Candidate("b", {"r": "same-segment"}, {"hefei"}, {"special"}, {"byd"})
    assert weigh(bad, NEED) == (
        4,
        ["same-segment"],
        ["other-place", "tier-missing", "already-supplier"],
        [],
    )
    unknown = Candidate("c", {"r": "same-segment"})
    assert weigh(unknown, NEED) == (4, ["same-segment"], [], ["seat_unknown", "tier_unknown"])
    assert [row["firm"] for row in rank([bad, unknown, good], NEED)] == ["a", "c", "b"]
    assert [row["rank"] for row in rank([bad, unknown, good], NEED)] == [1, 2, None]


_RECORDS = st.dictionaries(st.text("rst", min_size=1, max_size=3), st.sampled_from(["same-item", "same-segment"]), min_size=1)  # fmt: skip
_NAMES = st.sets(st.sampled_from(["shenzhen", "hefei", "giant", "special"]))


@given(_RECORDS, _NAMES, _NAMES, st.sampled_from(["same-item", "same-segment"]))
def test_more_on_record_never_takes_points_or_rank_away(
    records: dict[str, str], areas: set[str], tiers: set[str], ground: str
) -> None:
    before = Candidate("firm", records, areas, tiers)
    after = Candidate("firm", records | {"new": ground}, areas | {"shenzhen"}, tiers | {"giant"})
    rival = Candidate("rival", {"r": "same-item"}, {"shenzhen"})
    assert weigh(after, NEED)[0] >= weigh(before, NEED)[0]
    assert set(weigh(after, NEED)[2]) <= set(weigh(before, NEED)[2])
    places = [
        [row["firm"] for row in rank([one, rival], NEED)].index("firm") for one in (before, after)
    ]
    assert places[1] <= places[0]


def test_a_need_of_the_graph_is_matched_by_the_records_of_its_supply(store: EmbeddedStore) -> None:
    answer = ANALYSES["matching"].answer(store, ROOT, "en", {})
    items = ANALYSES["matching"].read({})["item"]
    ask = "PREFIX kg: <https://w3id.org/industry-kg/ont#> SELECT DISTINCT ?firm WHERE {{ ?r kg:item <{}> ; kg:supplier|kg:participant ?firm }}"
    firms = {str(row["firm"]).strip("<>") for item in items for row in store.rows(ask.format(item))}
    assert firms and firms <= {row["firm"] for row in answer.rows}
