"""Portfolios that count no firm twice, rankings with bands, quotients: against figures reckoned by hand."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.analysis.capital import (  # fmt: skip
    Investment,
    first_stages,
    group_firms,
    list_shared,
    list_stages,
    own_firms,
    owners,
)
from kg.analysis.cities import Claim, compare_mechanisms, read_bands
from kg.analysis.leadership import draw_leadership, list_leadership, list_partners
from kg.analysis.policies import list_events
from kg.analysis.registry import ANALYSES
from kg.analysis.specialisation import densities, list_industries, proximities, quotients
from kg.namespaces import expand
from kg.network.statements import KG
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

INVESTORS, FIRMS = ["i1", "i2", "i3", "i4"], ["f1", "f2", "f3"]
investments = st.lists(
    st.builds(Investment, st.sampled_from(INVESTORS), st.sampled_from(FIRMS), st.just("r"), st.sampled_from(["", "2020-01-01", "2021-01-01"]), st.sampled_from(["", "seed", "growth"])),
    max_size=8,
)  # fmt: skip
parents = st.dictionaries(st.sampled_from(INVESTORS), st.lists(st.sampled_from(INVESTORS), max_size=2))  # fmt: skip


@given(investments, parents)
def test_a_group_holds_each_firm_once_and_never_more_than_there_are(made, above) -> None:
    own, group = own_firms(made), group_firms(made, above)
    for investor in INVESTORS:
        below = {other for other in INVESTORS if investor in owners(other, above)} | {investor}
        assert group[investor] == set().union(*(own.get(other, set()) for other in below))
        assert len(group[investor]) <= len({one.firm for one in made})


@given(investments, parents)
def test_shared_firms_are_those_of_both(made, above) -> None:
    own = own_firms(made)
    for row in list_shared(made, above):
        both = own[row["investor"]] & own[row["other_investor"]]
        assert set(row["firms"]) == both and row["shared_firms"] == len(both) > 0
        assert 0 < row["overlap"] <= 100


def test_a_subsidiary_is_no_independent_co_investor() -> None:
    made = [Investment("parent", "f"), Investment("child", "f"), Investment("other", "f")]
    ties = {(r["investor"], r["other_investor"]): r["tie"] for r in list_shared(made, {"child": ["parent"]})}  # fmt: skip
    assert ties == {("child", "parent"): "same_group", ("child", "other"): "independent", ("other", "parent"): "independent"}  # fmt: skip


def test_the_stage_of_a_firm_is_that_of_the_first_dated_investment() -> None:
    made = [
        Investment("i", "f", "r1", "", "mature"),
        Investment("i", "f", "r2", "2021-01-01", "growth"),
        Investment("i", "f", "r3", "2019-01-01", "seed"),
        Investment("i", "g", "r4", "2019-01-01", ""),
    ]
    assert first_stages(made) == {"i": {"f": "seed", "g": ""}}
    rows = {row["growth_stage"]: row for row in list_stages(made, {"f"})}
    assert (rows["seed"]["share"], rows["seed"]["with_tier"]) == (100.0, 1)
    assert (rows[None]["share"], rows[None]["firms_recorded"]) == (None, 1)


def test_claims_that_disagree_leave_a_band_of_ranks() -> None:
    """The outside figures for 2024: Shenzhen 1,025 or 1,040, Beijing 1,035; Shanghai 858."""
    claims = [Claim("2024", "sz", n, "r") for n in (1025, 1040)]
    claims += [Claim("2024", "bj", 1035, "r"), Claim("2024", "sh", 858, "r")]
    bands = read_bands(claims)
    ranks = {city: (b.best, b.worst, b.among) for (_, city), b in bands.items()}
    assert ranks == {"sz": (1, 2, 3), "bj": (1, 2, 3), "sh": (3, 3, 3)}
    assert (bands["2024", "sz"].lowest, bands["2024", "sz"].highest) == (1025, 1040)


@given(st.lists(st.builds(Claim, st.just("y"), st.sampled_from("abc"), st.integers(0, 9).map(float), st.just("r")), min_size=1, max_size=7))  # fmt: skip
def test_a_band_of_ranks_holds_the_ranks_of_every_choice_of_claims(claims: list[Claim]) -> None:
    bands = read_bands(claims)
    by = {city: [c.value for c in claims if c.city == city] for city in {c.city for c in claims}}
    seen: dict[str, set[int]] = {city: set() for city in by}
    for choice in product(*by.values()):
        values = dict(zip(by, choice, strict=True))
        for city, value in values.items():
            seen[city].add(1 + sum(other > value for other in values.values()))
    for city, ranks in seen.items():
        assert (bands["y", city].best, bands["y", city].worst) == (min(ranks), max(ranks))


def test_quotients_and_density_by_hand() -> None:
    """a: 8 chips, 2 toys; b: 2 chips, 8 toys; c: 5 toys, 5 ships."""
    counts = {("a", "chips"): 8, ("a", "toys"): 2, ("b", "chips"): 2, ("b", "toys"): 8, ("c", "toys"): 5, ("c", "ships"): 5}  # fmt: skip
    found = quotients(counts)
    assert found["a", "chips"] == pytest.approx((8 / 10) / (10 / 30))
    assert found["c", "toys"] == pytest.approx((5 / 10) / (15 / 30))
    specialised = {"a": {"chips"}, "b": {"toys"}, "c": {"toys", "ships"}}
    assert proximities(specialised) == {("toys", "ships"): 0.5, ("ships", "toys"): 0.5}
    assert densities(specialised, "b", ["ships", "toys", "chips"]) == {"ships": 1.0, "toys": 0.0}
    assert [row["industry"] for row in list_industries(counts, "a")] == ["chips", "toys", "ships"]


@given(st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.integers(1, 50), min_size=1))  # fmt: skip
def test_quotients_weighted_by_the_size_of_places_have_mean_one(counts) -> None:
    found = quotients(counts)
    places: Counter[str] = Counter()
    for (place, _), number in counts.items():
        places[place] += number
    for industry in {industry for _, industry in counts}:
        mean = sum(places[p] * found.get((p, industry), 0) for p in places) / sum(places.values())
        assert mean == pytest.approx(1)


def test_the_quotients_of_the_release_are_those_of_its_firms(store: EmbeddedStore, settings: Settings) -> None:  # fmt: skip
    run = ANALYSES["city-specialisation"].answer
    rows = run(store, settings.root, "en", {}).rows
    [row] = [row for row in rows if row["industry"] == rows[0]["industry"]]
    counted = store.rows(
        f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ ?f <http://www.w3.org/ns/regorg#orgActivity> <{row['industry']}> ; kg:basedIn pl:shenzhen }}"
    )
    assert counted[0]["n"].value == str(row["firms_city"])  # type: ignore[union-attr]
    refused = run(store, settings.root, "en", {"level": ["city"]})
    assert refused.refusal is not None and refused.rows == [] and refused.refusal.values["n"] == 5


def test_leaders_owners_and_chains_without_one() -> None:
    leader, owner = expand("mech:chain-leader"), expand("mech:chain-owner")
    rows = list_leadership([
        {"chain": "c1"},
        {"chain": "c2", "mechanism": leader, "holder": "p", "since": "2022-01-01", "record": "r1"},
        {"chain": "c2", "mechanism": owner, "holder": "f", "record": "r2"},
    ])  # fmt: skip
    assert [row["chain"] for row in rows] == ["c2", "c1"]
    assert (rows[0]["leader"], rows[0]["owner"], rows[1]["leader"]) == (("p",), ("f",), None)
    assert set(draw_leadership(rows)) == {("p", "c2", KG + "leads"), ("f", "c2", KG + "leads")}


def test_suppliers_with_one_customer_and_rivals_of_a_product() -> None:
    supplies = [
        {"side": "supplier", "partner": "s", "item": "motor", "record": "r1"},
        {"side": "supplier", "partner": "t", "item": "chip", "record": "r2", "modality": expand("mod:hearsay")},
    ]  # fmt: skip
    deliveries = [
        {"firm": firm, "customer": customer}
        for firm, customer in (("s", "anchor"), ("t", "anchor"), ("t", "else"))
    ]
    made = [{"item": item, "maker": maker} for item, maker in (("chip", "t"), ("motor", "s"), ("motor", "u"))]  # fmt: skip
    rows = {row["partner"]: row for row in list_partners(supplies, deliveries, made)}
    assert (rows["s"]["only_customer"], rows["s"]["other_suppliers"]) == ("yes", ("u",))
    assert (rows["s"]["others"], rows["t"]["others"], rows["t"]["other_suppliers"]) == (1, 0, None)
    assert (rows["t"]["only_customer"], rows["t"]["certainty"]) == ("no", "not_explicit")


def test_a_mechanism_without_a_record_is_unknown() -> None:
    rows = compare_mechanisms(
        [{"mechanism": "m1", "city": "a", "record": "r1"}, {"mechanism": "m2", "record": "r2"}], "a", "b",
    )  # fmt: skip
    assert [(r["mechanism"], r["city_one"], r["city_two"]) for r in rows] == [("m1", "present", "unknown"), ("m2", "unknown", "unknown")]  # fmt: skip


def test_claimed_causes_stand_after_the_data_and_texts_are_in_the_language_asked_for() -> None:
    rank = expand("kg:RankChange")
    events = [
        {"record": "r2", "class": rank, "year": "2023", "statement": "rise", "tag": "en"},
        {"record": "r2", "class": rank, "year": "2023", "statement": "上升", "tag": "zh-hans"},
        {"record": "r1", "class": expand("kg:PolicyMeasure"), "from": "2022-01-01", "thing": "sz"},
    ]
    causes = [{"record": "r0", "thing": "sz", "statement": "because", "tag": "en"}]
    rows = list_events(events, causes, {"r1": (2, 3)}, "zh-Hans")
    assert [row["role"] for row in rows] == ["policy", "outcome", "claimed_cause"]
    assert (rows[0]["firms_eligible"], rows[0]["firms_possible"]) == (2, 3)
    assert rows[1]["statement"] == "上升" and "firms_eligible" not in rows[1]
    assert list_events(events, [], {}, "en")[1]["statement"] == "rise"
