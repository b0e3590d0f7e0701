"""Contradictions, records and documents: what the pages put side by side, against the graph itself."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from kg.namespaces import PREFIXES
from kg.store.embedded import EmbeddedStore
from kg.web.things.subject import MAX_FACTS
from kg.words import LANGUAGES, words
from test_things import page_of


def iris(store: EmbeddedStore, query: str) -> list[str]:
    """The values of a query's one variable, in order."""
    return [term.value for row in store.rows(query) for term in row.values()]  # type: ignore[union-attr]


def pages(client: FlaskClient) -> range:
    """The pages of the list."""
    answer = client.get("/conflicts.json").json
    assert answer is not None
    return range(1, answer["pages"] + 1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_contradiction_stands_with_all_its_records_and_its_state(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    page = "".join(client.get(f"/conflicts?lang={lang}&page={n}").text for n in pages(client))
    sections = {re.search(r"/id/conflict/(\w+)", s)[1]: s for s in page.split('<div class="compared"')[1:] if "/id/conflict/" in s}  # type: ignore[index]  # fmt: skip
    conflicts = iris(store, "SELECT ?c { ?c a kg:Conflict }")
    assert set(sections) == {iri.rpartition("/")[2] for iri in conflicts}
    for iri in conflicts:
        section = sections[iri.rpartition("/")[2]]
        for record in iris(store, f"SELECT ?r {{ <{iri}> kg:involves ?r }}"):
            assert f'href="/id/stmt/{record.rpartition("/")[2]}"' in section
        decided = store.ask(f"ASK {{ ?d kg:resolves <{iri}> }}")
        assert (words(lang, "facts.open_about") in section) is not decided
        assert ("/id/resolution/" in section.rpartition("notice")[2]) is decided


@pytest.mark.parametrize("kind", ["value", "scope", "arithmetic", "classification", "anachronism"])
def test_a_kind_and_a_state_leave_those_of_that_kind_and_state(
    client: FlaskClient, store: EmbeddedStore, kind: str
) -> None:
    answer = client.get(f"/conflicts.json?kind={kind}&state=open&lang=en").json
    assert answer is not None and answer["pages"] == 1
    expected = iris(store, f"SELECT DISTINCT ?c {{ ?c kg:conflictKind conflict:{kind} FILTER NOT EXISTS {{ ?d kg:resolves ?c }} }}")  # fmt: skip
    assert answer["total"] == len(expected)
    assert {row["conflict"] for row in answer["conflicts"]} == set(expected)


def test_the_files_of_the_list_say_the_same(client: FlaskClient, store: EmbeddedStore) -> None:
    rows = set()
    for page in pages(client):
        text = client.get(f"/conflicts.csv?lang=en&page={page}").text.removeprefix("\ufeff")
        rows |= {(row["conflict"], row["record"]) for row in csv.DictReader(io.StringIO(text))}
    found = store.rows("SELECT ?c ?r { ?c kg:involves ?r }")
    assert rows == {(row["c"].value, row["r"].value) for row in found}  # type: ignore[union-attr]
    turtle = "".join(client.get(f"/conflicts.ttl?page={page}").text for page in pages(client))
    assert turtle.count("kg:Conflict") >= len({c for c, _ in rows})


@pytest.mark.parametrize("query", ["kind=nothing", "state=maybe", "page=0", "page=x"])
def test_an_unknown_choice_is_refused_by_name(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/conflicts?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize("page", ["99", "099", "9" * 5000])
def test_there_is_nothing_beyond_the_last_page(client: FlaskClient, page: str) -> None:
    answer = client.get(f"/conflicts?page={page}", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json["code"] == "page_unknown"  # type: ignore[index]
    assert "the last is" in answer.json["detail"]  # type: ignore[index]


def test_a_choice_that_leaves_nothing_says_what_to_change(client: FlaskClient) -> None:
    page = client.get("/conflicts?kind=scope&state=decided&lang=en").text
    assert words("en", "conflicts.none") in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_record_tells_figure_locator_checks_and_its_neighbours(
    client: FlaskClient, store: EmbeddedStore, lang: str
) -> None:
    page = page_of(client, "st:A09-1", lang)
    [digest] = iris(store, "SELECT ?d { st:A09-1 kg:evidence/kg:sha256 ?d }")
    assert digest in page
    assert "7100000000 * 1333" in page  # the check of its claim
    assert words(lang, "record.no_rivals") in page
    siblings = page_of(client, "st:B18-2", lang)
    assert 'href="/id/stmt/B18-1"' in siblings[siblings.index('id="siblings"') :]


def test_the_records_of_a_document_stand_in_the_order_of_its_text(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    starts = {}
    for row in store.rows("SELECT ?r (MIN(?o) AS ?start) { GRAPH ?g { ?r kg:evidence ?p . ?p kg:fromDocument doc:A ; kg:startOffset ?o } } GROUP BY ?r"):  # fmt: skip
        starts[row["r"].value] = int(row["start"].value)  # type: ignore[union-attr]
    found = []
    for number in range(1, -(-len(starts) // MAX_FACTS) + 1):
        page = page_of(client, "doc:A", page=str(number))
        facts = page[page.index('id="facts"') :]
        found += [PREFIXES["st"] + slug for slug in re.findall(r'<li id="([\w-]+)"', facts)]
    assert sorted(found) == sorted(starts)
    offsets = [starts[iri] for iri in found]
    assert offsets == sorted(offsets)


def test_a_document_names_every_contradiction_of_its_records(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = page_of(client, "doc:B")
    part = page[page.index('id="conflicts"') :].partition("</section>")[0]
    expected = iris(store, "SELECT DISTINCT ?c { GRAPH ?g { ?r kg:evidence/kg:fromDocument doc:B } ?c kg:involves ?r }")  # fmt: skip
    assert set(re.findall(r'href="/id/conflict/(\w+)"', part)) == {iri.rpartition("/")[2] for iri in expected}  # fmt: skip
