"""Matching: monotone in evidence, objections with reasons, what is not recorded is none, slips are told."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.answer import Answer
from kg.analysis.matching import PAGE, Candidate, Need, rank, read_conditions, says, weigh
from kg.analysis.registry import ANALYSES
from kg.namespaces import PREFIXES, expand
from kg.store.embedded import EmbeddedStore

NEED = Need("shenzhen", "giant", "byd", "robots", ("10 kW", "光缆"))
GROUNDS = ["same-item", "same-segment"]


def ask(store: EmbeddedStore, **given: str | list[str]) -> Answer:
    values = {name: [one] if isinstance(one, str) else one for name, one in given.items()}
    return ANALYSES["matching"].answer(store, ROOT, "en", values)


def test_grounds_and_objections_are_named() -> None:
    good = Candidate("a", {"r": "same-item"}, {"shenzhen"}, {"giant"}, clusters={"robots"}, texts=["a 10kW 传能光缆", "10 KW"])  # fmt: skip
    every = ["same-item", "specification-said", "same-cluster", "same-place", "tier-held"]
    assert weigh(good, NEED) == (47, every, [], [])
    bad = Candidate("b", {"r": "same-segment"}, {"hefei"}, {"special"}, {"byd"})
    against = ["other-place", "tier-missing", "already-supplier"]
    open_ = ["specification_unknown", "cluster_unknown"]
    assert weigh(bad, NEED) == (16, ["same-segment"], against, open_)
    unknown = Candidate("c", {"r": "same-segment"})
    assert weigh(unknown, NEED) == (16, ["same-segment"], [], [*open_, "seat_unknown", "tier_unknown"])  # fmt: skip
    silent = Candidate("d", areas={"shenzhen"}, tiers={"giant"})
    assert weigh(silent, NEED)[2] == ["nothing-recorded"]
    found = rank([bad, silent, unknown, good], NEED)
    assert [(row["firm"], row["rank"]) for row in found] == [("a", 1), ("c", 2), ("b", None), ("d", None)]  # fmt: skip


_RECORDS = st.dictionaries(st.sampled_from("rst"), st.sampled_from(GROUNDS))
_PLACES = st.sets(st.sampled_from(["shenzhen", "hefei"]), max_size=1)
_TIERS = st.sets(st.sampled_from(["giant", "special"]))
_CLUSTERS = st.sets(st.sampled_from(["robots", "drones"]))
_TEXTS = st.lists(st.sampled_from(["10 kW", "光缆", "100 kW", "传能光缆 10KW"]))
candidates = st.builds(
    Candidate, st.just("firm"), _RECORDS, _PLACES, _TIERS, st.sets(st.just("byd")), _CLUSTERS, _TEXTS
)  # fmt: skip


@given(
    candidates,
    st.lists(candidates, max_size=3),
    st.sampled_from(GROUNDS),
    _CLUSTERS,
    _TEXTS,
    st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_more_on_record_never_takes_points_or_rank_away(
    before: Candidate, others: list[Candidate], ground: str, clusters: set[str], texts: list[str], sure: bool
) -> None:  # fmt: skip
    """Whatever a further record of the item says, and where a seat and tier asked for become known."""
    after = replace(
        before,
        records=before.records | {"new": ground},
        clusters=before.clusters | clusters,
        texts=before.texts + texts,
        areas=before.areas | ({"shenzhen"} if sure else set()),
        tiers=before.tiers | ({"giant"} if sure else set()),
    )
    assert weigh(after, NEED)[0] >= weigh(before, NEED)[0]
    assert set(weigh(after, NEED)[2]) <= set(weigh(before, NEED)[2])
    assert set(weigh(after, NEED)[3]) <= set(weigh(before, NEED)[3])
    rivals = [
        replace(other, firm=f"firm{number}") for number, other in enumerate([before, *others])
    ]
    places = [
        [row["firm"] for row in rank([one, *rivals], NEED)].index("firm") for one in (before, after)
    ]
    assert places[1] <= places[0]


@pytest.mark.parametrize(
    ("text", "condition", "holds"),
    [
        ("A 10KW energy cable", "10 kw", True),
        ("A 5 kW energy cable", "5KW", True),
        ("2.5 kW", "5 kW", False),
        ("12.5 kW", "2.5 kW", False),
        ("A 10 kW energy cable", "10 kW", True),
        ("100 kW", "10 kW", False),
        ("kW 10", "10 kW", False),
        ("萬瓦級傳能光纜", "传能光缆", True),
        ("ＡＲ光学方案", "ar光学", True),
        ("anything", "", False),
    ],
)
def test_a_condition_is_said_word_by_word(text: str, condition: str, holds: bool) -> None:
    assert says(text, condition) is holds


def test_a_need_of_the_graph_is_matched_by_the_records_of_its_supply(store: EmbeddedStore) -> None:
    answer = ask(store)
    items = ANALYSES["matching"].read({})["item"]
    query = "PREFIX kg: <https://w3id.org/industry-kg/ont#> SELECT DISTINCT ?firm WHERE {{ ?r kg:item <{}> ; kg:supplier|kg:participant ?firm }}"
    firms = {str(row["firm"]).strip("<>") for item in items for row in store.rows(query.format(item))}  # fmt: skip
    assert firms and firms <= {row["firm"] for row in answer.rows if row["rank"]}
    drawn = {(subject, thing) for subject, thing, _ in answer.network}
    for row in answer.rows:
        if row["rank"]:
            assert row["via"] and {(row["firm"], thing) for thing in row["via"]} <= drawn  # type: ignore[union-attr]


def test_specification_and_cluster_are_compared_with_what_is_on_record(store: EmbeddedStore) -> None:  # fmt: skip
    item = "energy-optical-cable"
    [first, *_] = ask(store, item=item, specification="10 kW, 光纜").rows
    assert f"{PREFIXES['mr']}specification-said" in first["grounds"]  # type: ignore[operator]
    [first, *_] = ask(store, item=item, specification="10 kW, 20 kW").rows
    assert first["not_known"] == ("specification_unknown",)
    # s1-c10 names its chain; s2-f03 is related to it, which is less than the same
    for cluster, is_there in ("s1-c10", True), ("s2-f03", False), ("s1-c18", False):
        [first, *_] = ask(store, item="seg:lidar", cluster=cluster).rows
        assert (f"{PREFIXES['mr']}same-cluster" in first["grounds"]) is is_there  # type: ignore[operator]
        assert (first["not_known"] == ("cluster_unknown",)) is not is_there
    assert read_conditions("10 kW，光缆、;\n ,x") == ("10 kW", "光缆", "x")


def test_firms_without_a_record_are_set_aside_counted_and_paged(store: EmbeddedStore) -> None:
    all_firms = {row["f"].value for row in store.rows("SELECT DISTINCT ?f { ?f a kg:Enterprise }")}  # type: ignore[union-attr]
    near = {row["f"].value for row in store.rows("SELECT ?f { ?f a kg:Enterprise ; kg:withinArea pl:shenzhen }")}  # type: ignore[union-attr]  # fmt: skip

    def rest(page: int) -> list[dict[str, Any]]:
        rows = ask(store, place="shenzhen", page=str(page)).rows
        reason = (f"{PREFIXES['rr']}nothing-recorded",)
        return [row for row in rows if row["objections"] and row["objections"][:1] == reason]  # type: ignore[index]

    answer = ask(store)
    with_record = answer.coverage[0].recorded
    assert answer.coverage[0].of == len(all_firms)
    first, second = ([row["firm"] for row in rest(page)] for page in (1, 2))
    assert len(first) == len(second) == PAGE and not set(first) & set(second)
    assert {*first, *second} <= near
    last = -(-(len(all_firms) - with_record) // PAGE)
    assert len(rest(last)) == (len(all_firms) - with_record - 1) % PAGE + 1
    assert rest(last + 1) == rest(0) == rest(-1) == []


def test_what_is_not_in_the_graph_is_told_with_what_was_perhaps_meant(
    store: EmbeddedStore, client: FlaskClient
) -> None:
    for asked, near in ({"customer": "bydd"}, "e:byd"), ({"item": "激光雷达"}, "it:lidar"), ({"customer": "比亚迪"}, "e:byd"):  # fmt: skip
        answer = ask(store, **asked)
        assert answer.rows == [] and not answer.network
        assert answer.refusal and answer.refusal.key == "unknown_near"
        assert near in str(answer.refusal.values["near"]).split()
    stranger = ask(store, customer="qqxxyyzz")
    assert stranger.refusal and stranger.refusal.key == "unknown"
    assert ask(store, customer=expand("e:byd")).refusal is None
    page = client.get("/analyses/criticality?chain=humanoids&lang=en")
    assert "ch:humanoid Humanoid robots" in page.text
