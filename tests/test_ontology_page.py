"""The ontology's documentation says of every term what it means and how it is used."""

import re
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient

from kg.store.embedded import EmbeddedStore
from kg.web.ontology import Term, read_ontology, stack

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
        assert set(term.labels) == {"en", "zh-hans", "zh-hant"} and term.definition


def test_a_term_tells_its_relations_use_example_and_shape(
    terms: dict[str, Term], store: EmbeddedStore
) -> None:
    term = terms["ChainParticipation"]
    assert (term.module, term.kind, term.status) == ("chain", "class", "stable")
    assert ("kind of", ["kg:Assertion"]) in [
        (words, [c.text for c in cells]) for words, cells in term.relations
    ]
    assert term.uses == len(store.rows("SELECT ?s { ?s a kg:ChainParticipation }"))
    assert term.example and term.example.link.startswith("/id/stmt/")
    assert any("S06" in shape for shape in term.shapes)
    assert terms["uscc"].uses == 0 and terms["uscc"].status == "testing"


def test_a_module_stands_above_everything_it_imports(store: EmbeddedStore) -> None:
    layers = [[module.name for module in layer] for layer in stack(read_ontology(store, ROOT)[1])]
    assert layers[-1] == ["core"] and layers[-2] == ["evidence"]
    assert sum(map(len, layers)) == 10


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
