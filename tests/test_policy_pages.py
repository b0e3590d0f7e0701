"""Pages of policy documents, programmes, rule sets and instruments, against the graph; names of foreign classes."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from kg.namespaces import compact
from kg.store.embedded import EmbeddedStore
from kg.words import LANGUAGES, read_area, type_name, words
from test_benefit_pages import iris, linked
from test_enterprise_page import part
from test_things import page_of

INSTRUMENTS = "?x skos:inScheme <https://w3id.org/industry-kg/voc/instrument>"
POLICIES = "VALUES ?kind { kg:PolicyDocument kg:RuleSet kg:CultivationProgramme kg:ClusterProgramme } ?x a ?kind"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_instrument_tells_every_benefit_with_amount_whom_where_and_how_it_is_paid(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    page = page_of(client, "ins:recognition-award", lang)
    measures = part(page, "measures")
    employing = iris(store, "SELECT ?m { ?m kg:instrument ins:recognition-award }")
    assert len(employing) > 10 and linked(measures, "st") == employing
    rows = measures.split("<tr>")[2:]
    [row] = [row for row in rows if 'href="/id/stmt/AW03-1"' in row]
    for found in ("000", "/voc/tier/little-giant", "/id/place/shenzhen", "/voc/mode/unstated", "/id/passage/AW03", "/id/conflict/"):  # fmt: skip
        assert found in row
    [dated] = [row for row in rows if 'href="/id/stmt/AW01-1"' in row]
    assert words(lang, "benefit.since", first="2022-11-01") in dated


def test_an_instrument_reaches_those_named_and_those_with_tier_and_seat(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    for instrument in ("charging-piles", "recognition-award", "rd-bonus"):
        found = iris(
            store,
            f"SELECT ?f {{ ?m kg:instrument ins:{instrument} ."
            " { ?f kg:eligibleFor|kg:possiblyEligibleFor ?m } UNION { ?m kg:beneficiary ?f } }",
        )
        reached = part(page_of(client, f"ins:{instrument}"), "reached")
        assert linked(reached, "e") == found, instrument
        assert (words("en", "benefit.no_reached") in reached) == (not found)
    named = part(page_of(client, "ins:charging-piles"), "reached")
    assert words("en", "enterprise.named") in named and "/id/ent/byd" in named


def test_a_document_tells_its_editions_its_rounds_and_benefits_only_by_tier(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = page_of(client, "pd:sme-measures-2022")
    drawn = iris(store, "SELECT ?r { ?r cv:isDerivedFrom pd:sme-measures-2022 ; a kg:RuleSet }")
    editions = part(page, "editions")
    assert len(drawn) == 4 and linked(editions, "rs") == drawn
    assert "2022-08-01" in editions and "2026-04-01" in editions and "/voc/tier/little-giant" in editions  # fmt: skip
    measures = part(page, "measures")
    tiers = "pd:sme-measures-2022 ^cv:isDerivedFrom/kg:forTier/^kg:eligibleTier ?m"
    assert linked(measures, "st") == iris(store, f"SELECT ?m {{ {tiers} }}")
    rows = measures.count("<tr>") - 1
    assert measures.count(f"({words('en', 'benefit.by_tier')})") == rows
    assert words("en", "benefit.by_tier_reading") in measures
    assert 'href="/id/ruleset/round-lg26-2026"' in part(page_of(client, "pd:lg-round-2026"), "rounds")  # fmt: skip


def test_the_record_of_an_issue_is_a_fact_and_no_benefit(client: FlaskClient) -> None:
    page = page_of(client, "pd:doc18-1987")
    assert words("en", "benefit.no_offered") in part(page, "measures")
    assert "/id/stmt/B11-1" in part(page, "facts") and 'id="reached"' not in page


def test_a_rule_set_tells_its_days_and_conditions(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = page_of(client, "rs:lg22")
    conditions = iris(store, "SELECT ?c { rs:lg22 cv:hasRequirement ?c }")
    assert len(conditions) > 10 and linked(part(page, "conditions"), "cr") == conditions
    assert "2026-04-01" in part(page, "editions")
    assert 'href="/id/ruleset/round-lg26-2026"' in part(page_of(client, "rs:lg26"), "rounds")


def test_a_programme_tells_batches_with_their_records_and_a_plan_its_editions_and_industries(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    batches = part(page_of(client, "prog:lg"), "batches")
    assert re.findall(r'href="/id/batch/([\w-]+)"', batches) == ["lg-6", "lg-7"]
    assert linked(batches, "st") == iris(store, "SELECT ?r { ?r kg:batch/kg:ofProgramme prog:lg }")
    assert linked(part(page_of(client, "cp:20-8"), "versions"), "cp") == iris(
        store, "SELECT ?v { cp:20-8 dcterms:hasVersion ?v }"
    )
    industries = part(page_of(client, "cp:20-8-s1"), "industries")
    assert linked(industries, "cl") == iris(store, "SELECT ?c { ?c kg:ofClusterProgramme cp:20-8-s1 }")  # fmt: skip


def test_every_policy_has_the_page_and_each_stays_under_its_limit(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    found = iris(store, f"SELECT ?x {{ {POLICIES} }}") | iris(store, f"SELECT ?x {{ {INSTRUMENTS} }}")  # fmt: skip
    assert len(found) > 30
    for iri in found:
        page = page_of(client, compact(iri), "zh-Hant")
        assert 'id="measures"' in page, iri
        assert len(page.encode()) <= 100_000, iri


@pytest.mark.parametrize("lang", LANGUAGES)
def test_classes_of_other_vocabularies_have_readable_names(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    named = "?x skos:prefLabel|rdfs:label|dcterms:title ?name ; a ?class"
    foreign = 'FILTER(!STRSTARTS(STR(?class), "https://w3id.org/industry-kg/"))'
    found = {compact(iri) for iri in iris(store, f"SELECT DISTINCT ?class {{ {named} {foreign} }}")}
    assert found == read_area("types")[lang].keys()
    page = client.get(f"/search?lang={lang}").text
    assert type_name(lang, "skos:Concept") in page and "skos:Concept<" not in page
    assert ">policy instruments</a>" in page_of(client, "ins:rd-bonus", "en")


def test_the_files_of_a_policy_hold_the_benefits_that_its_page_shows(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    path = "pd:sme-measures-2022 ^cv:isDerivedFrom/kg:forTier/^kg:eligibleTier ?m"
    expected = iris(store, f"SELECT ?m {{ {path} }}")
    said = client.get("/facts/id/policydoc/sme-measures-2022.json").get_json()
    assert said["facts"] == [] and {row["record"] for row in said["related"]} == expected
    text = client.get("/facts/id/policydoc/sme-measures-2022.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["record"] for row in rows if row["part"] == "related"} == expected
    assert len(rows) == len(expected)
