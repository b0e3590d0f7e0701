"""Pages of benefits, tiers and investors, against the graph."""

import re

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.namespaces import PREFIXES, expand
from kg.network.statements import Statements
from kg.store.embedded import EmbeddedStore
from kg.web.things.facts import write_decimal
from kg.web.things.investor import sections
from kg.web.things.subject import Subject
from kg.words import LANGUAGES, words
from test_enterprise_page import part
from test_things import page_of


def iris(store: EmbeddedStore, query: str) -> set[str]:
    """The values of a query's one variable."""
    return {term.value for row in store.rows(query) for term in row.values()}  # type: ignore[union-attr]


def linked(text: str, kind: str) -> set[str]:
    """Our things of a kind that a text links to."""
    return {expand(f"{kind}:{slug}") for slug in re.findall(rf'href="{PREFIXES[kind].partition("industry-kg")[2]}([\w-]+)"', text)}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_benefit_tells_amount_whom_where_how_and_whom_it_reaches(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    page = page_of(client, "st:B79-1", lang)
    terms, reached = part(page, "terms"), part(page, "reached")
    for path in ("/voc/tier/little-giant", "/id/place/shenzhen", "/voc/mode/automatic"):
        assert f'href="{path}"' in terms
    assert words(lang, "benefit.not_recorded") in terms  # no days are given
    eligible = iris(store, "SELECT ?f { ?f kg:eligibleFor st:B79-1 }")
    possible = iris(store, "SELECT ?f { ?f kg:possiblyEligibleFor st:B79-1 }")
    assert linked(reached, "e") == eligible | possible
    certain, _, rest = reached.partition(words(lang, "enterprise.possible"))
    assert certain.count(f">{words(lang, 'enterprise.eligible')}</td>") == len(eligible)
    assert rest.count(words(lang, "enterprise.possible")) == len(possible) - 1


def test_a_claim_shows_its_conditions_and_that_it_reaches_nobody(client: FlaskClient) -> None:
    page = page_of(client, "st:AW21-1")
    terms = part(page, "terms")
    assert "60,000,000" in terms and "100,000,000" in terms and "2025-06-01" in terms
    assert "/voc/indicator/rd-spend" in terms and "/voc/comparator/lt" in terms
    assert words("en", "benefit.no_reached") in part(page, "reached")


def test_a_tier_shows_ladder_editions_benefits_and_holders(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = page_of(client, "tier:little-giant")
    ladder = re.findall(r'href="/voc/tier/([\w-]+)"', part(page, "ladder"))
    assert ladder == ["innovative-sme", "specialised-sme", "little-giant", "single-champion", "chain-owner", "world-class"]  # fmt: skip
    for section, kind, pattern in (
        ("holders", "e", "?x kg:hasTier tier:little-giant"),
        ("measures", "st", "?x kg:eligibleTier tier:little-giant"),
        ("editions", "rs", "?x kg:forTier tier:little-giant"),
    ):
        assert linked(part(page, section), kind) == iris(store, f"SELECT ?x {{ {pattern} }}"), (
            section
        )
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_claimed_and_recorded_stand_apart_and_subsidiaries_alone(
    client: FlaskClient, lang: str
) -> None:
    page = page_of(client, "inv:sihc", lang)
    rows = part(page, "portfolio").split("<tr>")[2:]
    assert [re.findall(r'scope="row"><a href="([^"]+)"', row)[0] for row in rows] == ["/id/inv/sihc", "/id/inv/szht"]  # fmt: skip
    assert "/voc/modality/derived" in rows[0] and "/voc/modality/explicit" not in rows[0]
    assert "/id/stmt/A50-1" in rows[1] and "/id/stmt/B68-1" in rows[1]
    assert "92" not in re.sub(
        r"<[^>]*>", "", "".join(rows)
    )  # 46 and 46 of two documents are one count
    for row in rows:
        assert words(lang, "capital.not_recorded") in row  # no firm by name
    assert words(lang, "capital.no_firms") in page


def test_the_mix_of_stages_is_that_of_the_speaker(client: FlaskClient) -> None:
    stages = part(page_of(client, "inv:szcg"), "stages")
    assert re.findall(r'<rect width="([\d.]+)"', stages) == ["26.0", "57.0", "17.0"]
    assert stages.count('"/id/person/ni-zewang"') == 3 and "/id/passage/B69" in stages


def test_firms_by_name_are_counted_each_once_and_not_those_of_a_subsidiary() -> None:
    text = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    for number, (investor, firm) in enumerate([("a", "x"), ("a", "x"), ("a", "y"), ("b", "z")]):
        text += f"st:i{number} kg:investor inv:{investor} ; kg:investee e:{firm} ; kg:modality mod:explicit .\n"
    text += "[] rdf:subject inv:b ; rdf:predicate kg:partOfOrganization ; rdf:object inv:a ; dcterms:source g:x .\n"
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    own = Statements(triples, lang="en")
    found = sections(Subject(expand("inv:a"), own, own, [], 0, 1, triples, {}))
    assert [(p.organisation.title, p.recorded) for p in found["portfolios"]] == [(expand("inv:a"), 2), (expand("inv:b"), 1)]  # fmt: skip
    assert found["investments_total"] == 3 and len(found["investments"]) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [("310.0", "310"), ("33391900", "33,391,900"), ("-0.50", "-0.5"), ("1234.560", "1,234.56"), ("-12000.5", "-12,000.5"),
     ("1e999999999", "1e999999999"), ("many", "many"), ("NaN", "NaN"), ("", "")],
)  # fmt: skip
def test_a_decimal_is_written_for_people_and_anything_else_as_it_is(text: str, shown: str) -> None:
    assert write_decimal(text, "en") == shown
