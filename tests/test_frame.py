"""The frame of every page: languages, themes, addresses of files, and the words themselves."""

import re

import pytest
from flask.testing import FlaskClient

from kg.web.frame import NAVIGATION
from kg.words import LANGUAGES, areas, read_area, words, write_number


@pytest.mark.parametrize("area", areas())
def test_every_text_stands_in_every_language_with_the_same_places(area: str) -> None:
    texts = read_area(area)
    assert set(texts) == set(LANGUAGES)
    for key, text in texts["en"].items():
        places = sorted(re.findall(r"{\w+}", text))
        for tag in LANGUAGES:
            assert texts[tag][key].strip(), key
            assert sorted(re.findall(r"{\w+}", texts[tag][key])) == places, key
        assert not re.search("[\u4e00-\u9fff]", text), key


def test_numbers_stand_in_groups_of_three() -> None:
    assert write_number(1846, "en") == "1,846"
    assert write_number(1846, "zh-Hans") == "1\u202f846"
    assert write_number(999, "zh-Hant") == "999"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_is_chosen_once_and_remembered(client: FlaskClient, tag: str) -> None:
    chosen = client.get(f"/preferences?lang={tag}&next=/queries?x=1")
    assert chosen.status_code == 303 and chosen.headers["Location"] == "/queries?x=1"
    assert chosen.headers["Cache-Control"] == "no-store"
    page = client.get("/queries", headers={"Accept": "text/html"}).text
    assert f'<html lang="{tag}">' in page
    assert words(tag, "site.skip") in page


def test_a_theme_is_remembered_and_auto_leaves_it_to_the_system(client: FlaskClient) -> None:
    client.get("/preferences?theme=dark")
    assert 'data-theme="dark"' in client.get("/").text
    client.get("/preferences?theme=auto")
    page = client.get("/")
    assert "data-theme" not in page.text
    assert {"cookie", "accept-language"} <= {name.lower() for name in page.vary}


@pytest.mark.parametrize(
    "query",
    [
        "next=//evil.example/",
        "next=/%5Cevil.example",
        "next=https://evil.example/",
        "next=javascript:PWN()",
        "next=evil",
        "lang=fr",
        "theme=blue",
    ],
)
def test_a_preference_leads_nowhere_else_and_knows_its_values(
    client: FlaskClient, query: str
) -> None:
    answer = client.get(f"/preferences?{query}")
    assert answer.status_code == 400 and "Set-Cookie" not in answer.headers


def test_the_way_back_is_this_page_without_its_language(client: FlaskClient) -> None:
    page = client.get("/queries?lang=en&a=1", headers={"Accept": "text/html"}).text
    assert "/preferences?lang=zh-Hant&amp;next=%2Fqueries%3Fa%3D1" in page


def test_a_static_file_is_named_by_its_content_and_kept_for_ever(client: FlaskClient) -> None:
    page = client.get("/").text
    [address] = re.findall(r'href="(/static/site\.css\?v=[0-9a-f]{12})"', page)
    for path, kept in (
        (address, True),
        ("/static/site.css?v=0", False),
        ("/static/site.css", False),
    ):
        with client.get(path) as answer:  # closes the file
            assert ("immutable" in answer.headers["Cache-Control"]) is kept, path


@pytest.mark.parametrize("path", NAVIGATION)
def test_an_entry_of_the_header_is_a_page_that_marks_itself(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert f'<a href="{path}" aria-current="page">' in page.text
