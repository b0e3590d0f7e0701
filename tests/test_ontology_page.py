"""The ontology's documentation says of every term what it means and how it is used."""

import re
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient

from kg.store.embedded import EmbeddedStore
from kg.web.diagram import BOX_HEIGHT, BOX_WIDTH, draw_modules
from kg.web.ontology import Term, read_ontology
from kg.words import LANGUAGES, words

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def terms(store: EmbeddedStore) -> dict[str, Term]:
    return {term.name: term for term in read_ontology(store, ROOT)[0]}


def test_every_declared_term_is_shown_with_three_labels_and_a_definition(
    terms: dict[str, Term],
) -> None:
    declared = {
        str(subject).rpartition("#")[2]
        for path in (ROOT / "ontology").glob("*.ttl")
        for subject in rdflib.Graph().parse(path).subjects(rdflib.RDFS.isDefinedBy)
    }
    assert terms.keys() == declared
    for term in terms.values():
        assert set(term.labels) == set(term.definitions) == {"en", "zh-hans", "zh-hant"}


def test_a_term_tells_its_relations_use_example_and_shape(
    terms: dict[str, Term], store: EmbeddedStore
) -> None:
    term = terms["ChainParticipation"]
    assert (term.module, term.kind, term.status) == ("chain", "class", "stable")
    assert ("kind_of", ["kg:Assertion"]) in [
        (key, [c.text for c in cells]) for key, cells in term.relations
    ]
    assert term.uses == len(store.rows("SELECT ?s { ?s a kg:ChainParticipation }"))
    assert term.example and term.example.link.startswith("/id/stmt/")
    assert any("S06" in shape for shape in term.shapes)
    assert term.since == "0.1.0"
    assert terms["uscc"].uses == 0 and terms["uscc"].status == "testing"


def test_a_module_stands_right_of_everything_it_imports(store: EmbeddedStore) -> None:
    modules = read_ontology(store, ROOT)[1]
    drawing = draw_modules({module.name: module.imports for module in modules})
    places = {box.name: box for box in drawing.boxes}
    assert len(places) == len({(box.x, box.y) for box in drawing.boxes}) == 10
    for module in modules:
        assert all(places[other].x < places[module.name].x for other in module.imports)
        assert all((module.name, other) in drawing.imports for other in module.imports)
    assert len(drawing.lines) == sum(len(module.imports) for module in modules)
    assert drawing.width <= 390  # a telephone shows it at full size


@pytest.mark.parametrize(
    ("imports", "lines", "columns"),
    [
        ({}, 0, 0),
        ({"a": []}, 0, 1),
        ({"a": [], "b": ["a"], "c": ["a", "b"]}, 3, 3),
        ({"a": ["elsewhere"], "b": ["a"]}, 1, 2),
    ],
)
def test_any_imports_can_be_drawn(imports: dict[str, list[str]], lines: int, columns: int) -> None:
    drawing = draw_modules(imports)
    assert (len(drawing.lines), len({box.x for box in drawing.boxes})) == (lines, columns)
    for box in drawing.boxes:
        assert 0 <= box.x <= drawing.width - BOX_WIDTH
        assert 0 <= box.y <= drawing.height - BOX_HEIGHT


def modules_in_full(client: FlaskClient, terms: dict[str, Term], tag: str) -> str:
    """The pages of all modules, one behind the other."""
    names = sorted({term.module for term in terms.values()})
    pages = [client.get(f"/ont.html?module={name}&lang={tag}") for name in names]
    assert [page.status_code for page in pages] == [200] * len(names)
    assert all(len(page.data) < 100_000 for page in pages)
    return "".join(page.text for page in pages)


def test_an_unknown_module_is_named(client: FlaskClient) -> None:
    answer = client.get("/ont.html?module=nope")
    assert answer.status_code == 404 and "core" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("tag", "definition"),
    [
        ("en", "Relates a step to one that directly uses its output."),
        ("zh-Hans", "环节与直接使用其产出的环节之间的关系。"),
        ("zh-Hant", "環節與直接使用其產出的環節之間的關係。"),
    ],
)
def test_a_definition_is_shown_in_the_language_of_the_reader(
    client: FlaskClient, terms: dict[str, Term], tag: str, definition: str
) -> None:
    index = client.get(f"/ont.html?lang={tag}").get_data(as_text=True)
    assert f"<dd>{definition}</dd>" in index and index.count("<dd>") == len(terms)
    page = modules_in_full(client, terms, tag)
    assert f'<p lang="{tag}">{definition}</p>' in page
    assert page.count(f'<p lang="{tag}">') == len(terms)
    assert "feeds</code> feeds · " in page and ">供给<" in page and ">供給<" in page


def test_the_page_shows_since_when_a_term_stands_and_a_drawing_with_words(
    client: FlaskClient, terms: dict[str, Term]
) -> None:
    assert modules_in_full(client, terms, "en").count("since version 0.1.0") == len(terms)
    page = client.get("/ont.html?lang=en").get_data(as_text=True)
    assert '<title id="modules-title">' in page and "evidence imports core" in page


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_page_speaks_one_language_but_for_labels_and_names(
    client: FlaskClient, terms: dict[str, Term], tag: str
) -> None:
    page = modules_in_full(client, terms, tag)
    page += client.get(f"/ont.html?lang={tag}").get_data(as_text=True)
    for key in ("title", "arrow", "kind_of", "unused", "stable", "annotation"):
        assert f">{words(tag, f'ontology.{key}')}" in page
    assert page.count(words(tag, "ontology.since", version="0.1.0")) == len(terms)


def test_every_link_to_a_term_of_the_page_has_its_place(client: FlaskClient) -> None:
    page = client.get("/ont.html").get_data(as_text=True)
    places = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="/ont#([^"]+)"', page)) <= places


def test_the_ontology_answers_for_its_own_address_and_its_modules(client: FlaskClient) -> None:
    assert client.get("/ont", headers={"Accept": "text/turtle"}).headers["Location"] == "/ont.ttl"
    assert client.get("/ont", headers={"Accept": "text/html"}).headers["Location"] == "/ont.html"
    graph = rdflib.Graph().parse(data=client.get("/ont.ttl").data, format="turtle")
    assert len(set(graph.subjects(rdflib.RDF.type, rdflib.OWL.Class))) >= 51
    assert client.get("/ont/core", headers={"Accept": "text/turtle"}).status_code == 303
    assert client.get("/ont/core.ttl").status_code == 200
