"""Eligibility: every boundary case, the algebra, and that stricter bounds never let more firms in."""

import json
import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from conftest import ROOT
from kg.analysis.eligibility.awards import claim, read_awards
from kg.analysis.eligibility.evaluate import Assessment, assess
from kg.analysis.eligibility.outcome import Outcome, Result, agree, all_of, any_of, score
from kg.analysis.eligibility.points import sum_points
from kg.analysis.eligibility.profile import Fact, Profile, read_fact, read_profiles
from kg.analysis.eligibility.quantities import read_quantity
from kg.analysis.eligibility.rules import Bound, Condition, Rules, read_rules
from kg.analysis.eligibility.windows import Measure
from kg.analysis.reading import Reader
from kg.cli import main
from kg.errors import ProfileInvalid
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

VECTORS = tomllib.loads((Path(__file__).parent / "data/boundary-vectors.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def rules(store: EmbeddedStore) -> Rules:
    return read_rules(Reader(store, ROOT))


def _fact(line: str) -> Fact:
    names = ("item", "value", "period", "source", "observed", "tier", "by")
    return read_fact(dict(zip(names, (part.strip() for part in line.split(",")), strict=False)))


def _facts(case: dict[str, Any]) -> list[Fact]:
    dropped = case.get("drop", [])
    found = (
        [] if "*" in dropped else [_fact(line) for line in VECTORS["base"][case["base"]]["facts"]]
    )
    found = [fact for fact in found if fact.item not in dropped]
    for new in map(_fact, case.get("set", [])):
        found = [
            old for old in found if old.item != new.item or (new.years and old.years != new.years)
        ]
        found.append(new)
    return found + [_fact(line) for line in case.get("add", [])]


def _conditions(parts: tuple[Condition, ...]) -> dict[str, Condition]:
    found: dict[str, Condition] = {}
    for one in parts:
        found[one.notation] = one
        found |= _conditions((*one.requires, *one.alternatives, *one.waivers, *one.parts))
    return found


def _names(cases: list[dict[str, Any]]) -> list[str]:
    return [f"{case['id']}-{number}" for number, case in enumerate(cases)]


@pytest.mark.parametrize("case", VECTORS["case"], ids=_names(VECTORS["case"]))
def test_a_boundary_case_comes_out_as_expected(case: dict[str, Any], rules: Rules) -> None:
    base = VECTORS["base"][case["base"]]
    day = date.fromisoformat(case.get("day", base["day"]))
    profile = Profile("firm", "shenzhen", tuple(_facts(case)))
    found = assess(rules, profile, base["tier"], day, case.get("filing", "new"))
    for key, expected in case.get("expect", {}).items():
        _check(found, key, expected)
    if "points" in case:
        assert found.edition
        known = _conditions(found.edition.conditions)
        measure = Measure(profile, day, base["tier"])
        got = {name: sum_points(known[name], measure).values for name in case["points"]}
        assert got == {name: (points,) for name, points in case["points"].items()}


def _check(found: Assessment, key: str, expected: Any) -> None:
    if key == "edition":
        assert (found.edition.iri.rpartition("/")[2] if found.edition else "") == expected
    elif key == "title":
        assert found.title.outcome == expected
    elif key == "coverage":
        assert (found.score.coverage, found.score.score) == (expected, None)
    elif key == "nothing_decided":
        outcomes = {finding.result.outcome for finding in found.findings}
        assert outcomes <= {Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}
    elif key in ("verdict", "round_open", "implausible"):
        assert getattr(found, key) == expected
    else:
        outcome, _, more = str(expected).partition(" ")
        got = found.outcome(key)
        assert got.outcome == outcome, (key, got)
        if more == "flagged":
            assert got.conflict
        elif more == "other-reading":
            finding = found.find(key)
            assert finding and finding.condition.other
        elif more:
            assert more in (got.reason, got.value)


@pytest.mark.parametrize("case", VECTORS["score"], ids=_names(VECTORS["score"]))
def test_score_and_coverage_follow_from_the_weights(case: dict[str, Any]) -> None:
    found = score((Outcome(name), Fraction(weight)) for name, weight in case["weights"].items())
    assert found.coverage * 100 == Fraction(case["coverage"])
    assert found.score == (Fraction(case["score"]) / 100 if case["score"] else None)


@pytest.mark.parametrize("case", VECTORS["award"], ids=_names(VECTORS["award"]))
def test_an_award_is_what_the_claim_says_less_what_was_paid(
    case: dict[str, Any], rules: Rules, store: EmbeddedStore
) -> None:
    day = date(2025, 11, 4)
    profile = Profile("firm", "longgang", tuple(map(_fact, case["facts"])))
    awards = read_awards(Reader(store, ROOT), rules, "longgang", day)
    [found] = [one for one in claim(rules, profile, awards, day) if one.award.fact == case["award"]]
    assert found.payable == case["payable"]


def test_every_boundary_vector_is_there() -> None:
    ids = {case["id"] for part in ("case", "score", "award") for case in VECTORS[part]}
    assert ids == {"baseline", *(f"V{number:02}" for number in range(1, 34))}


def test_no_threshold_stands_in_the_code(rules: Rules) -> None:
    """Other thresholds in the graph give other answers: the evaluator has none of its own."""
    case = next(c for c in VECTORS["case"] if c["id"] == "baseline" and c["base"] == "L26")
    profile = Profile("firm", facts=tuple(_facts(case)))
    day = date(2026, 5, 1)

    def move(condition: Condition) -> Condition:
        bounds = tuple(
            replace(bound, threshold=bound.threshold * 100) for bound in condition.bounds
        )
        return replace(condition, bounds=bounds, requires=tuple(map(move, condition.requires)))

    edition = rules.edition("little-giant", "new", day)
    assert edition
    for condition in edition.conditions:
        if condition.bounds and condition.bounds[0].comparator in ("ge", "gt"):
            moved = replace(edition, conditions=(move(condition),))
            found = assess(replace(rules, editions=(moved,)), profile, "little-giant", day)
            assert found.outcome(condition.notation).outcome is Outcome.UNMET, condition.notation


def _series(bound: Bound, value: Fraction, day: date) -> Profile:
    """A firm with one value of an indicator in every year of the window."""
    years = range(day.year - 6, day.year)
    return Profile("firm", facts=tuple(Fact(bound.indicator, number=value, unit=bound.unit, years=(y, y)) for y in years))  # fmt: skip


@given(data=st.data())
@examples(max_examples=200, deadline=None)
def test_outcomes_are_monotone_in_value_and_threshold(data: st.DataObject, rules: Rules) -> None:
    usable = [
        b for b in rules.bounds.values() if "within" not in b.window and "this-and" not in b.window
    ]
    bound = data.draw(st.sampled_from(usable))
    day = date(2026, 5, 1)
    numbers = st.fractions(min_value=1, max_value=2 * bound.threshold + 10, max_denominator=10)
    low, high = sorted((data.draw(numbers), data.draw(numbers)))
    first, second = (
        Measure(_series(bound, value, day), day).compare(bound) for value in (low, high)
    )
    loose, strict = (low, high) if bound.comparator in ("ge", "gt") else (high, low)
    value = data.draw(numbers)
    at = [
        Measure(_series(bound, value, day), day).compare(replace(bound, threshold=threshold))
        for threshold in (loose, strict)
    ]
    if bound.comparator in ("ge", "gt"):
        assert not (first.outcome is Outcome.MET and second.outcome is Outcome.UNMET)
    elif bound.comparator in ("le", "lt"):
        assert not (first.outcome is Outcome.UNMET and second.outcome is Outcome.MET)
    if bound.comparator != "eq":
        assert not (at[0].outcome is Outcome.UNMET and at[1].outcome is Outcome.MET)
        assert first.outcome in (Outcome.MET, Outcome.UNMET)


_RESULTS = st.sampled_from([Result(outcome) for outcome in Outcome])


@given(st.lists(_RESULTS), st.randoms())
def test_the_algebra_knows_no_order_and_drops_what_does_not_apply(
    results: list[Result], random: Any
) -> None:
    shuffled = results.copy()
    random.shuffle(shuffled)
    for together, absorbing in ((all_of, Outcome.UNMET), (any_of, Outcome.MET)):
        found = together(results).outcome
        assert found is together(shuffled).outcome
        assert found is together([*results, Result(Outcome.NOT_APPLICABLE)]).outcome
        assert together([*results, Result(absorbing)]).outcome is absorbing
        assert (found is Outcome.NOT_APPLICABLE) == all(
            r.outcome is Outcome.NOT_APPLICABLE for r in results
        )


def test_values_that_disagree_decide_nothing() -> None:
    met, unmet = Result(Outcome.MET, value="52"), Result(Outcome.UNMET, value="48")
    assert agree([met, unmet]).reason == "conflict"
    assert agree([met, met]).outcome is Outcome.MET


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.sampled_from([("万元", 4), ("億", 8), ("亿元", 8), (" million yuan", 6), ("billion CNY", 9), ("万亿元", 12), ("元", 0)]))  # fmt: skip
def test_a_quantity_is_read_exactly(number: Any, scale: tuple[str, int]) -> None:
    found = read_quantity(f"{number}{scale[0]}")
    assert (found.number, found.unit) == (Fraction(number) * 10 ** scale[1], "CNY")


@pytest.mark.parametrize("text", ["近1亿元", "over 5 million", "兆威", "20+8", "1.2.3", "10兆", ""])
def test_a_bound_or_a_name_is_no_quantity(text: str) -> None:
    with pytest.raises(ProfileInvalid):
        read_quantity(text)


def test_profiles_come_from_csv_and_json_alike() -> None:
    table = "firm,item,value,period\nA,revenue,5000万元,2025\nA,place,longgang,\nB,debt-ratio,60%,2025\n"
    rows = '[{"firm":"A","item":"revenue","value":"5000万元","period":"2025"},{"firm":"A","item":"place","value":"longgang"},{"firm":"B","item":"debt-ratio","value":"60%","period":2025}]'
    assert read_profiles(table) == read_profiles(rows)
    assert [(p.firm, p.place) for p in read_profiles(table)] == [("A", "longgang"), ("B", "")]
    assert read_profiles(table.replace("\n", "\r")) == read_profiles(table)


@pytest.mark.parametrize(
    "text",
    ["", "a,b\n1,2", "item,value\nrevenue,many", "item,value,period\nrevenue,1,soon",
     "item,value,source\nrevenue,1,hearsay", '[{"item":"revenue","valeu":"1"}]', "[1]", "item,value\n../x,1", "a\rb", "item,value\n" + "x" * 200_000],
)  # fmt: skip
def test_a_profile_that_does_not_read_says_why(text: str) -> None:
    with pytest.raises(ProfileInvalid):
        if not read_profiles(text, {"revenue"}):
            raise AssertionError


def test_a_batch_of_firms_is_answered_from_a_file(tmp_path: Path, settings: Settings) -> None:
    table = tmp_path / "firms.csv"
    table.write_text(
        "firm,item,value,period,source\nA,revenue,4999万元,2025,audit\nB,revenue,5000万元,2025,audit\n",
        encoding="utf-8-sig",
    )
    arguments = ["analyse", "eligibility", "-f", "json", "-p", f"profile=@{table}"]
    said = CliRunner().invoke(main, arguments, env=settings.to_environment())
    rows = [
        r for r in json.loads(said.stdout)["rows"] if r["condition"]["iri"].endswith("lg26-revenue")
    ]
    assert [(row["firm"], row["outcome"]) for row in rows] == [("A", "unmet"), ("B", "met")]


def test_a_file_is_read_by_the_command_alone(client: FlaskClient) -> None:
    assert client.get("/analyses/tiers?profile=@/etc/hostname").status_code == 400


def test_without_rules_for_the_day_the_answer_is_a_refusal(client: FlaskClient) -> None:
    said = client.get("/analyses/eligibility.json?day=2021-07-19&lang=en").get_json()
    assert "2021-07-19" in said["refused"] and not said["rows"]


@pytest.mark.parametrize("name", ["awards", "tiers", "eligibility"])
@pytest.mark.parametrize("day", ["0001-01-01", "2000-01-01", "2026-05-01", "9999-12-31"])
def test_any_day_has_an_answer(client: FlaskClient, name: str, day: str) -> None:
    said = client.get(f"/analyses/{name}.json?day={day}&lang=en")
    assert said.status_code == 200 and {"rows", "refused"} & said.get_json().keys()


def test_an_item_that_the_graph_does_not_have_is_named(client: FlaskClient) -> None:
    said = client.get("/analyses/tiers.json?profile=item,value%0Arevenu,1")
    assert said.status_code == 400 and "revenu" in said.get_json()["detail"]


def test_what_a_visitor_gives_is_text(client: FlaskClient) -> None:
    page = client.get("/analyses/tiers?profile=firm,item,value%0A<script>x</script>,revenue,1")
    assert "<script>x" not in page.text and "&lt;script&gt;x" in page.text


def test_what_is_missing_is_listed_for_the_next_tier(client: FlaskClient) -> None:
    rows = client.get("/analyses/tiers.json?lang=en").get_json()["rows"]
    found = {row["tier"]["iri"].rpartition("/")[2]: row for row in rows}
    assert [name for name, row in found.items() if row["missing"]] == ["little-giant"]
    missing = {one["iri"].rpartition("/")[2] for one in found["little-giant"]["missing"]}
    assert {"lg26-main-share", "lg26-field", "lg26-score"} <= missing
    assert "lg26-revenue" not in missing and found["specialised-sme"]["held"] == "met"
