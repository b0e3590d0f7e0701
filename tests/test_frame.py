"""The frame of every page: languages, themes, addresses of files, and the words themselves."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.errors import list_errors
from kg.queries import find_queries
from kg.web.frame import NAVIGATION
from kg.words import LANGUAGES, areas, column_head, read_area, words, write_number

ROOT = Path(__file__).parent.parent
TEMPLATES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "src" / "kg" / "web" / "templates").rglob("*.html"))
}
NAMES = {"SPARQL", "VoID", "OpenAPI", "IRI", "JSON", "BibTeX", "GB", "MB", "kB", "kg"}
"""What is called the same in every language."""
SILENT = ("script", "style", "pre", "code")
CHOICES = {"简", "繁", "EN", "auto", "light", "dark"}
"""Signs of the switches of language and theme, each beside its name in the language itself."""


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
        "next=/%0a/x",
        "next=/x%0d%0aSet-Cookie:a=b",
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


class Texts(HTMLParser):
    """The words of a template outside of scripts and code, in texts and in attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        spoken = ("title", "alt", "placeholder", "aria-label", "aria-description", "label")
        self.found += [value for name, value in attrs if value and name in spoken]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def bare_words(template: str) -> set[str]:
    """Words of a language that a template itself writes, in its markup or in what Jinja prints."""
    source = re.sub(r"{#.*?#}", " ", template, flags=re.DOTALL)
    printed = " ".join(re.findall(r"{{(.*?)}}", source, re.DOTALL))
    sentences = [
        text
        for pair in re.findall(r'"([^"]*)"|\'([^\']*)\'', printed)
        for text in pair
        if re.search("[\u4e00-\u9fff]", text) or re.search(r"[A-Za-z]{2,} +[A-Za-z]", text)
    ]
    parser = Texts()
    # A mark of a filled place keeps `{{ n }}px` from reading as a word of its own.
    parser.feed(
        re.sub(r"{%.*?%}", " ", re.sub(r"{{.*?}}", "0", source, flags=re.DOTALL), flags=re.DOTALL)
    )
    texts = " ".join([*sentences, *parser.found])
    texts = re.sub(r"(?<!\w)[/.]\w[\w./]*", " ", texts)  # addresses and suffixes of files
    return set(re.findall(r"(?<![0-9&])\b[A-Za-z]{2,}|[\u4e00-\u9fff]+", texts)) - NAMES - CHOICES


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_writes_no_words_of_its_own(name: str) -> None:
    assert bare_words(TEMPLATES[name]) == set()


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<h1>Ontology</h1>", {"Ontology"}),
        ("<p title='Kind of'>{{ x }}</p>", {"Kind", "of"}),
        ("<p>{{ n }} terms</p>", {"terms"}),
        ("<p>{{ 'none directly' if x }}</p>", {"none", "directly"}),
        ('<p>{{ "没有" }}</p>', {"没有"}),
        ("<p>{{ words('a.b') }} <code>{{ x }}</code> SPARQL</p><script>let words</script>", set()),
        ("{# a note #}<p class='quiet'>{% if x %}{{ number(n) }}{% endif %}&nbsp;·</p>", set()),
    ],
)
def test_bare_words_are_found(template: str, found: set[str]) -> None:
    assert bare_words(template) == found


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_column_of_a_saved_query_has_a_head(tag: str) -> None:
    columns = set()
    for query in find_queries(ROOT).values():
        result = ox.Store().query(query.text)
        if isinstance(result, ox.QuerySolutions):
            columns |= {variable.value for variable in result.variables}
    assert len(columns) > 100
    unnamed = {name for name in columns if column_head(tag, name) == name}
    assert not unnamed
    assert column_head("zh-Hans", "cityName") == "城市（名称）"
    assert column_head(tag, "anyOther") == "anyOther"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_saved_query_is_shown_in_the_language_of_the_reader(
    client: FlaskClient, tag: str
) -> None:
    query = find_queries(ROOT)["city-counts"]
    page = client.get(f"/queries/city-counts?lang={tag}", headers={"Accept": "text/html"}).text
    assert f"<h1>{query.summary_in(tag)}</h1>" in page and query.reading_in(tag) in page
    assert query.parameters[0].summary_in(tag) in page
    assert f'<th scope="col" title="?year">{column_head(tag, "year")}</th>' in page
    assert f"<td>{words(tag, 'query.yes')}</td>" in page and ">true<" not in page
    editor = client.get(f"/sparql?lang={tag}", headers={"Accept": "text/html"}).text
    assert f">{query.summary_in(tag)}</a>" in editor


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/id/ent/nobody", 404),
        ("/queries/figures-about?year=x", 400),
        ("/sparql?query=SELECT", 400),
    ],
)
def test_an_error_is_explained_in_the_language_of_the_reader(
    client: FlaskClient, tag: str, path: str, status: int
) -> None:
    address = f"{path}{'&' if '?' in path else '?'}lang={tag}"
    page = client.get(address, headers={"Accept": "text/html"})
    assert page.status_code == status
    for key in (f"title_{status}", f"do_{status}"):
        assert words(tag, f"problem.{key}") in page.text


def test_every_status_of_an_error_has_its_words() -> None:
    known = {key for key in read_area("problem")["en"] if key[-3:].isdigit()}
    ours = {error.status for error in list_errors()} - {
        499,
        500,
    }  # nobody is left to read the first
    assert known == {f"{part}_{status}" for status in ours for part in ("title", "do")}


def test_a_saved_query_is_given_as_text_with_its_values_and_the_language(
    client: FlaskClient,
) -> None:
    answer = client.get("/queries/city-counts.rq?city=pl:beijing&lang=zh-Hant")
    assert answer.mimetype == "application/sparql-query"
    query = find_queries(ROOT)["city-counts"]
    assert answer.text == query.bind({"city": ["pl:beijing"], "lang": ["zh-Hant"]})
    assert client.get("/queries/city-counts.rq?city=%3C").status_code == 400
    assert client.get("/queries/nope.rq").status_code == 404
