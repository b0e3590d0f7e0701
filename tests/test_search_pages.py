"""The search page, the suggestions and `kg search`: they work without a script and say what they do."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg import cli
from kg.client import SparqlServer
from kg.namespaces import BASE, expand
from kg.release.publish import build
from kg.search.opening import LABELS, open_index
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.store.remote import RemoteStore
from kg.web.search import PAGE_SIZE
from kg.words import LANGUAGES, words
from remote_servers import oxigraph
from serving import Served, serving
from test_release import small_root

LINK = re.compile(r'<li>\s*<a href="(/(?:id|voc|ont|graph)[^"]+)">(.+?)</a>')


def page(client: FlaskClient, **parameters: str) -> str:
    answer = client.get("/search", query_string={"lang": "en", **parameters})
    assert answer.status_code == 200
    return unescape(answer.text)


def hits(text: str) -> list[tuple[str, str]]:
    """Address and label of each hit."""
    return LINK.findall(text)


def test_a_hit_leads_to_the_page_of_the_thing(client: FlaskClient) -> None:
    text = page(client, q="兆威")
    [(path, label), *_] = hits(text)
    assert path == "/id/ent/zhaowei" and "Zhaowei" in label
    assert (
        client.get(path, headers={"Accept": "text/html"}, follow_redirects=True).status_code == 200
    )
    assert "enterprise" in text and "Shenzhen" in text
    assert "matches “兆威机电” (beginning)" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_speaks_one_language(client: FlaskClient, lang: str) -> None:
    text = page(client, q="shenzhen", lang=lang)
    shown = {"zh-Hans": "深圳市", "zh-Hant": "深圳市", "en": "Shenzhen"}[lang]
    assert hits(text)[0] == ("/id/place/shenzhen", shown)
    assert words(lang, "search.facet_type") in text
    assert f"{words(lang, 'search.others')}: " in text


def test_counts_and_links_of_facets_hold_what_they_say(client: FlaskClient) -> None:
    text = page(client, q="激光")
    facets = re.findall(
        r'<li><a href="(/search[^"]+)">([^<]+)</a> <span class="quiet">([\d,]+)<', text
    )
    assert len(facets) > 5
    of_type = [(address, int(count)) for address, _, count in facets if "type=" in address]
    assert len(of_type) > 1
    for address, count in of_type:
        narrowed = unescape(client.get(address).text)
        assert _total(narrowed) == count, address
        assert 'class="conditions"' in narrowed


def test_pages_hold_twenty_and_say_of_how_many(client: FlaskClient) -> None:
    first, second = page(client, q="激光"), page(client, q="激光", page="2")
    assert len(hits(first)) == len(hits(second)) == PAGE_SIZE
    assert not set(hits(first)) & set(hits(second))
    total = _total(first)
    assert f"1–20 of {total}" in first and f"21–40 of {total}" in second
    assert 'rel="next"' in first and 'rel="prev"' in second and 'rel="prev"' not in first
    last = page(client, q="激光", page="99999")
    assert f"of {total}" in last and hits(last) and 'rel="next"' not in last
    everything = page(client)
    assert f"of more than {10_000:,}" in everything


def _total(text: str) -> int:
    found = re.search(r"of ([\d,]+)</p>", text)
    assert found
    return int(found[1].replace(",", ""))


def test_nothing_found_says_what_to_change_and_not_that_there_is_none(client: FlaskClient) -> None:
    text = page(client, q="没有这样一个名称的事物", city="shenzhen", type="Enterprise")
    assert "Nothing is found" in text and "Not recorded is not the same as absent." in text
    assert "Without Shenzhen" in text and "Without enterprise" in text
    assert "city=shenzhen" in text and not hits(text)


def test_values_that_mean_nothing_are_told_and_left_out(client: FlaskClient) -> None:
    text = page(client, q="兆威", type="a:b", page="-1", nonsense="x")
    assert "means nothing here: type" in text and "means nothing here: page" in text
    assert hits(text)[0][0] == "/id/ent/zhaowei"
    assert "200 characters" in page(client, q="兆" * 300)
    assert "these are similar" in page(client, q="兆微机店")


def test_a_suggestion_says_why(client: FlaskClient) -> None:
    answer = client.get("/suggest?q=zwjd&lang=zh-Hans")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    found = answer.get_json()
    assert found["query"] == "zwjd"
    [first, *_] = found["hits"]
    assert first["iri"] == expand("e:zhaowei") and first["path"] == "/id/ent/zhaowei"
    assert first["how"] == "initials" and first["reason"] == "匹配“兆威机电” (拼音首字母)"
    assert len(client.get("/suggest?q=a&limit=999").get_json()["hits"]) <= 10
    assert len(client.get("/suggest?q=a&limit=2").get_json()["hits"]) == 2
    assert client.get("/suggest").get_json()["hits"] == []


@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=6))
def test_whatever_is_asked_is_answered(app: Flask, text: str, kind: str, number: str) -> None:
    client = app.test_client()
    asked = {"q": text, "type": kind, "city": kind, "page": number, "limit": number, "lang": kind}
    for path in ("/search", "/suggest"):
        answer = client.get(path, query_string=asked)
        assert answer.status_code == 200
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "raw", [b"%FF%FE", b"%00", b"%ED%A0%80", b"\"'><script>PWN()</script>".hex().encode()]
)
def test_any_bytes_are_answered(client: FlaskClient, raw: bytes) -> None:
    for path in ("/search", "/suggest"):
        assert client.get(f"{path}?q={raw.decode()}").status_code == 200


def test_every_page_has_a_search_box_that_needs_no_script(client: FlaskClient) -> None:
    for path in ("/", "/queries", "/search"):
        text = client.get(path, headers={"Accept": "text/html"}).text
        [form] = re.findall(
            r'<form class="search" action="/search" role="search">(.*?)</form>', text, re.S
        )
        assert 'name="q"' in form and "<button>" in form and '<label for="search"' in form


def test_the_command_finds_and_says_when_it_does_not(settings: Settings) -> None:
    def run(*arguments: str) -> tuple[list[list[str]], str]:
        result = CliRunner().invoke(cli.main, ["search", *arguments], env=settings.to_environment())
        assert result.exit_code == 0, result.output
        return [line.split("\t") for line in result.stdout.splitlines()], result.stderr

    [first, *_], _ = run("zwjd")
    assert first[:3] == ["e:zhaowei", "兆威机电", "企业"]
    assert run("深圳", "--type", "City", "--lang", "en")[0][0][:2] == ["pl:shenzhen", "Shenzhen"]
    assert run("没有这样一个名称的事物") == (
        [],
        "nothing is found for '没有这样一个名称的事物'; not recorded is not the same as absent\n",
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over a small release that can be written to."""
    settings = small_root(tmp_path_factory.mktemp("search"))
    build(settings)
    with serving(settings.data, root=settings.root, default_graph="merged") as found:
        yield found


def test_a_write_is_found_at_once(written: Served) -> None:
    graph = f"{BASE}graph/ref/new"
    label = '"新写入的企业"@zh-Hans'
    update = (
        f"INSERT DATA {{ GRAPH <{graph}> {{ <{BASE}id/ent/new> a <{expand('kg:Enterprise')}> ; "
        f"<{expand('skos:prefLabel')}> {label} }} }}"
    )
    path = "/suggest?q=xinxierudeqiye&lang=zh-Hans"
    assert b'"hits":[]' in written.send("GET", path, authorised=False).body.replace(b" ", b"")
    sent = written.send(
        "POST", "/sparql/update", update.encode(), {"Content-Type": "application/sparql-update"}
    )
    assert sent.status in (200, 204), sent.body
    assert "新写入的企业" in written.send("GET", path, authorised=False).body.decode()
    assert not (written.data / "current" / LABELS).exists()


def test_a_server_of_others_is_searched_through_an_index_of_its_labels(tmp_path: Path) -> None:
    with oxigraph(tmp_path / "store") as running:
        turtle = f'<urn:x:zhaowei> <{expand("skos:prefLabel")}> "兆威機電"@zh-Hant .'
        answer = requests.put(
            f"{running.graph_store_url}?default",
            data=turtle.encode(),
            headers={"Content-Type": "text/turtle"},
            timeout=60,
        )
        assert answer.ok
        index = open_index(RemoteStore(SparqlServer.at(running.query_url, 60)))
        assert [hit.iri for hit in index.suggest("zhaowei")] == ["urn:x:zhaowei"]


def test_the_index_of_the_release_is_the_one_that_serves(app: Flask, settings: Settings) -> None:
    store = EmbeddedStore(settings.data / "current")
    labels = app.extensions["kg"].labels()
    assert labels is app.extensions["kg"].labels()
    assert str(store.path(LABELS)) in labels._address
