"""Rules and awards hold where they hold: firms seated elsewhere, local editions, distances to bounds."""

import csv
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from conftest import ROOT
from kg.analysis.answer import Answer
from kg.analysis.eligibility.evaluate import assess
from kg.analysis.eligibility.profile import Profile
from kg.analysis.eligibility.rules import read_rules
from kg.analysis.reading import Reader
from kg.analysis.registry import get_analysis
from kg.errors import ProfileInvalid
from kg.store.embedded import EmbeddedStore
from kg.words import LANGUAGES

DAY = "2026-05-01"


def ask(store: EmbeddedStore, name: str, *facts: str, **values: str) -> Answer:
    profile = "\n".join(
        ["firm,item,value,period,source,observed", *(f"a,{fact}" for fact in facts)]
    )
    given = {"profile": [profile], "day": [DAY]} | {key: [value] for key, value in values.items()}
    return get_analysis(name).answer(store, ROOT, "en", given)


GIANT = "little-giant,yes,,official-register,2024-09-01"


@pytest.mark.parametrize(
    ("seat", "expected"),
    [
        ("hangzhou", {("not-applicable", "wrong-place")}),
        ("shenzhen", {("met", None), ("unknown", "missing")}),
        ("nanshan", {("met", None), ("unknown", "missing")}),
    ],
)
def test_an_award_of_shenzhen_is_not_for_a_firm_of_hangzhou(
    store: EmbeddedStore, seat: str, expected: set[tuple[str, str | None]]
) -> None:
    answer = ask(store, "awards", f"place,{seat},,,", GIANT, jurisdiction="shenzhen")
    assert answer.rows and {(row["outcome"], row["reason"]) for row in answer.rows} == expected
    assert all(row["payable"] is None for row in answer.rows if row["reason"])


def test_a_firm_without_a_seat_is_told_what_is_not_known(store: EmbeddedStore) -> None:
    answer = ask(store, "awards", GIANT, jurisdiction="shenzhen")
    assert {row["outcome"] for row in answer.rows} == {"unknown"}
    with pytest.raises(ProfileInvalid, match="needs a place"):
        ask(store, "awards", GIANT)


@pytest.mark.parametrize("tier", ["little-giant", "specialised-sme", "technology-sme"])
def test_rules_of_china_do_not_apply_to_a_firm_of_london(store: EmbeddedStore, tier: str) -> None:
    answer = ask(store, "eligibility", "place,london,,,", GIANT, tier=tier)
    assert answer.rows
    assert {(row["outcome"], row["reason"]) for row in answer.rows} == {("not-applicable", "wrong-place")}  # fmt: skip
    assert "verdict_wrong-place" in {note.key for note in answer.notes}
    home = ask(store, "eligibility", "place,hangzhou,,,", GIANT, tier=tier)
    assert "wrong-place" not in {row["reason"] for row in home.rows}


def test_a_place_that_is_not_recorded_is_refused_by_name(store: EmbeddedStore) -> None:
    with pytest.raises(ProfileInvalid, match="'atlantis' is no place"):
        ask(store, "tiers", "place,atlantis,,,")


def test_every_edition_has_the_place_of_its_table(store: EmbeddedStore) -> None:
    with (ROOT / "graph/tables/eligibility/rulesets.csv").open(encoding="utf-8") as file:
        written = {row["set"]: row["place"] for row in csv.DictReader(file)}
    rules = read_rules(Reader(store, ROOT))
    assert {edition.iri.rpartition("/")[2]: edition.place for edition in rules.editions} == written


def test_an_edition_of_the_place_comes_before_that_of_the_country(store: EmbeddedStore) -> None:
    rules = read_rules(Reader(store, ROOT))
    day = date.fromisoformat(DAY)
    national = rules.edition("specialised-sme", "new", day)
    assert national is not None
    local = replace(national, iri="local", place="shenzhen")
    rules = replace(rules, editions=(*rules.editions, local))
    shenzhen, hangzhou = ("nanshan", "shenzhen", "china"), ("hangzhou", "china")  # fmt: skip

    def edition(seat: tuple[str, ...], asked: tuple[str, ...] = ()) -> str:
        found = assess(rules, Profile("a", areas=seat), "specialised-sme", day, areas=asked)
        return (found.edition.iri if found.edition else "") if found.verdict != "not-applicable" else "away"  # fmt: skip

    assert edition(hangzhou) == national.iri
    assert edition(shenzhen) == "local"
    assert edition(hangzhou, shenzhen) == "away"


@pytest.mark.parametrize(
    ("condition", "fact", "short"),
    [  # by hand: the bound less the figure, in the unit of the bound
        ("lg26-main-share", "main-business-share,89.9%,2025,audit,", "0.1"),
        ("lg26-main-share", "main-business-share,70%,2025,audit,", "20"),
        ("lg26-debt", "debt-ratio,75.1%,2025,audit,", "0.1"),
        ("lg26-revenue", "revenue,4999万元,2025,audit,", "10000"),
        ("lg26-ip", "class-1-ip,1,2025,user,", "3"),
        ("lg26-main-share", "main-business-share,90%,2025,audit,", None),
    ],
)
def test_a_number_that_is_missing_is_given_as_a_distance(
    store: EmbeddedStore, condition: str, fact: str, short: str | None
) -> None:
    rows = ask(store, "eligibility", "place,shenzhen,,,", fact, tier="little-giant").rows
    found = [row for row in rows if str(row["condition"]).endswith("/" + condition)]
    if not found:
        pytest.fail(f"no {condition}; there are {sorted({str(r['condition']).rpartition('/')[2] for r in rows})}")  # fmt: skip
    assert {row["short"] for row in found} == {(short,) if short else None}


def test_the_next_tier_lists_what_the_conditions_of_that_tier_leave_open(
    store: EmbeddedStore,
) -> None:
    profile = ["place,shenzhen,,,", "specialised-sme,yes,,official-register,2024-03-31", "main-business-share,89.9%,2025,audit,"]  # fmt: skip
    answer = ask(store, "next-tier", *profile)
    whole = ask(store, "eligibility", *profile, tier="little-giant")
    assert {str(row["tier"]).rpartition("/")[2] for row in answer.rows} == {"little-giant"}
    open_ = {row["condition"] for row in whole.rows if row["outcome"] not in ("met", "not-applicable")}  # fmt: skip
    assert {row["condition"] for row in answer.rows} <= open_
    assert [row["short"] for row in answer.rows if row["outcome"] == "unmet"] == [("0.1",)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_names_what_a_later_one_is_compared_with(client: FlaskClient, store: EmbeddedStore, lang: str) -> None:  # fmt: skip
    page = client.get(f"/analyses/next-tier?lang={lang}&day={DAY}").text
    for part in (DAY, "lg26", store.release):
        assert part in page
    report = page[page.index('class="inputs"') :]
    assert "main-business-share,89.9%" in report
    told = client.get(f"/analyses/next-tier.json?lang={lang}&day={DAY}").get_json()
    assert told["release"] == store.release and told["parameters"]["day"] == [DAY]
    assert "main-business-share" in told["parameters"]["profile"][0]


@pytest.mark.parametrize("name", ["eligibility", "tiers", "next-tier", "awards", "award-totals"])
@pytest.mark.parametrize("place", ["hj:x", "pl:nowhere"])
def test_a_jurisdiction_that_is_no_place_is_named_and_nothing_is_assessed(
    client: FlaskClient, name: str, place: str
) -> None:
    answer = client.get(f"/analyses/{name}.json?jurisdiction={place}&lang=en")
    assert answer.status_code == 200
    found = answer.get_json()
    assert place in found["refused"] and found["rows"] == []
