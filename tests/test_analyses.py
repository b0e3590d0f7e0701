"""The analyses answer alike as a function, a command, a page and a file, and say what they rest on."""

import csv
import gc
import io
import json
import re
from contextlib import ExitStack
from html import unescape
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kg.analysis.answer import Answer
from kg.analysis.collecting import paused_collection
from kg.analysis.reading import Reader
from kg.analysis.registry import ANALYSES
from kg.cli import main
from kg.namespaces import expand
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web.analyses import MAX_CELLS
from kg.words import LANGUAGES, read_area, words

HTML = {"Accept": "text/html"}
EMPTY = {"chain": "ch:nothing", "city": "pl:nothing"}


def run(name: str, store: EmbeddedStore, settings: Settings, **given: str) -> Answer:
    return ANALYSES[name].answer(store, settings.root, "en", {k: [v] for k, v in given.items()})


def command(settings: Settings, *arguments: str) -> Any:  # Any: click's result
    return CliRunner().invoke(main, ["analyse", *arguments], env=settings.to_environment())


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_answers_alike_all_four_ways(
    name: str, client: FlaskClient, store: EmbeddedStore, settings: Settings
) -> None:
    answer = run(name, store, settings)
    said = client.get(f"/analyses/{name}.json?lang=en").get_json()
    assert len(said["rows"]) == len(answer.rows)
    assert said["rows"] == json.loads(command(settings, name, "-f", "json", "--lang", "en").stdout)["rows"]  # fmt: skip
    for column in answer.columns:
        for row, shown in zip(answer.rows, said["rows"], strict=True):
            expected, found = row.get(column.name), shown[column.name]
            if isinstance(expected, str) and column.kind == "thing":
                assert found["iri"] == expected and found["name"]
            elif not isinstance(expected, tuple):
                assert found == expected
    table = list(csv.DictReader(io.StringIO(client.get(f"/analyses/{name}.csv?lang=en").text)))
    assert len(table) == len(answer.rows)
    page = client.get(f"/analyses/{name}?lang=en", headers=HTML).text
    body = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert (body[0].count("<tr>") if body else 0) == min(
        len(answer.rows), MAX_CELLS // len(answer.columns)
    )
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("name", ANALYSES)
def test_an_answer_says_date_coverage_sources_and_query(
    name: str, store: EmbeddedStore, settings: Settings
) -> None:
    answer = run(name, store, settings)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.as_of)
    assert answer.queries
    assert all(0 <= one.recorded <= one.of for one in answer.coverage)
    if not answer.refusal:
        assert answer.coverage
        # No single investment is on record yet.
        assert bool(answer.rows and answer.sources) == (name != "co-investment")
        for iri in answer.sources:
            assert store.ask(f"ASK {{ {{ <{iri}> ?p ?o }} UNION {{ GRAPH ?g {{ <{iri}> ?p ?o }} }} UNION {{ GRAPH <{iri}> {{ ?s ?p ?o }} }} }}")  # fmt: skip
    for text in answer.queries:
        store.rows(text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ANALYSES)
def test_a_page_is_in_the_language_asked_for(name: str, lang: str, client: FlaskClient) -> None:
    page = client.get(f"/analyses/{name}?lang={lang}", headers=HTML)
    assert page.status_code == 200
    assert f"<h1>{words(lang, f'analysis.{ANALYSES[name].key}')}</h1>" in unescape(page.text)
    assert f"/analyses/{name}" in client.get(f"/analyses?lang={lang}", headers=HTML).text


@pytest.mark.parametrize("name", ANALYSES)
def test_where_nothing_is_recorded_the_page_says_so(name: str, client: FlaskClient) -> None:
    given = "&".join(f"{p.name}={EMPTY[p.name]}" for p in ANALYSES[name].parameters if p.name in EMPTY)  # fmt: skip
    if not given:
        pytest.skip("it takes no thing that could be unknown")
    page = client.get(f"/analyses/{name}?lang=en&{given}", headers=HTML)
    assert page.status_code in (200, 404)
    said = unescape(page.text)
    assert page.status_code == 404 or words("en", "analysis.empty") in said or 'role="status"' in said  # fmt: skip


def test_wrong_names_and_values_are_refused_with_what_would_be_right(
    client: FlaskClient, settings: Settings
) -> None:
    answer = client.get("/analyses/segment-gaps.json?chian=humanoid")
    assert answer.status_code == 400 and "chain, city" in answer.get_json()["detail"]
    assert client.get("/analyses/segment-gaps?chain=ch:a&chain=ch:b").status_code == 400
    assert client.get("/analyses/segment-gaps.xls").status_code == 404
    assert client.get("/analyses/nothing").status_code == 404
    assert client.get("/analyses/segment-gaps?chain=a%20b%3Ec").status_code == 400
    assert client.get(f"/analyses/niches?year={'9' * 5000}").status_code == 400
    result = command(settings, "nothing")
    assert result.exit_code == 1 and "segment-gaps" in result.stderr
    assert command(settings, "segment-gaps", "-p", "chain").exit_code == 1


def test_the_command_lists_the_analyses(settings: Settings) -> None:
    said = command(settings, "--lang", "en").stdout
    for name, analysis in ANALYSES.items():
        assert f"{name}\t{words('en', f'analysis.{analysis.key}')}" in said


def test_every_text_of_an_answer_is_there(store: EmbeddedStore, settings: Settings) -> None:
    said = read_area("analysis")["en"]
    for name, analysis in ANALYSES.items():
        answer = run(name, store, settings)
        assert {f"param_{p.name}" for p in analysis.parameters} <= said.keys()
        assert {f"column_{column.name}" for column in answer.columns} <= said.keys()
        assert {analysis.key, f"{analysis.key}_about"} <= said.keys()


def test_a_variable_that_no_row_binds_is_the_empty_text(store: EmbeddedStore, settings: Settings) -> None:  # fmt: skip
    [row] = Reader(store, settings.root).rows("segment-firms", segment=expand("seg:lidar"))
    assert row["firm"] == expand("e:robosense") and row["nothing"] == ""


def test_a_long_answer_is_cut_on_the_page_and_says_so(client: FlaskClient) -> None:
    page = client.get("/analyses/niches?word=a&lang=en", headers=HTML)
    total = len(client.get("/analyses/niches.json?word=a&lang=en").get_json()["rows"])
    shown = page.text.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")
    assert 0 < shown < total
    assert words("en", "analysis.shown", n=shown, total=f"{total:,}") in page.text
    assert len(page.data) < 100_000


def test_the_collector_is_back_when_the_last_reader_is_done() -> None:
    with paused_collection():
        with pytest.raises(ValueError, match="inner"), paused_collection():
            raise ValueError("inner")
        assert not gc.isenabled()
    assert gc.isenabled()


def test_readers_that_never_end_together_do_not_keep_the_collector_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as first, ExitStack() as late:
        first.enter_context(paused_collection())
        monkeypatch.setattr("kg.analysis.collecting.MAX_SECONDS", 0.0)
        late.enter_context(paused_collection())
        assert not gc.isenabled()
        first.close()
        assert gc.isenabled()
    assert gc.isenabled()
