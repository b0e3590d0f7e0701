"""The pages of things: which page a thing has, what it shows of records, and the same as files."""

import csv
import html
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.namespaces import BASE, PREFIXES, expand
from kg.queries import read_query
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import create_app
from kg.web.things.kinds import KINDS
from kg.words import LANGUAGES, words

PAGES = Path(__file__).parent.parent / "queries" / "pages"
GRAPHS = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD}  # fmt: skip
KG = PREFIXES["kg"]


def page_of(client: FlaskClient, name: str, lang: str = "en", **parameters: str) -> str:
    """The page of a thing, by its prefixed name."""
    path = expand(name).removeprefix(BASE)
    answer = client.get(f"/{path}.html", query_string={"lang": lang, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.text


def file_of(client: FlaskClient, name: str, suffix: str, lang: str = "en") -> str:
    """What the page of a thing shows, as a file."""
    path = expand(name).removeprefix(BASE)
    answer = client.get(f"/facts/{path}.{suffix}?lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_row_of_kinds_stands_before_the_rows_above_it(store: EmbeddedStore) -> None:
    rows = store.rows("SELECT ?below ?above { ?below rdfs:subClassOf+ ?above }")
    above = {(row["below"].value, row["above"].value) for row in rows}  # type: ignore[union-attr]
    order = [KG + name for kind in KINDS for name in kind.classes]
    assert len(order) == len(set(order))
    for index, first in enumerate(order):
        for second in order[index + 1 :]:
            assert (second, first) not in above, f"{second} is hidden by {first}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind.classes))
def test_a_kind_names_classes_of_the_ontology_and_its_queries_have_words(
    store: EmbeddedStore, kind: object
) -> None:
    for name in kind.classes:  # type: ignore[attr-defined]
        assert store.ask(f"ASK {{ kg:{name} a owl:Class }}"), name
    for lang in LANGUAGES:
        assert words(lang, f"thing.query_{kind.query}")  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.rq")), ids=lambda path: path.stem)
def test_a_query_of_a_page_runs_without_prefixes_of_the_store(
    store: EmbeddedStore, path: Path
) -> None:
    query = read_query(path)
    nobody = {p.name: [BASE + "id/ent/nobody"] for p in query.parameters if p.type == "iri"}
    store._store.query(query.bind(nobody))
    found = store._store.query(query.text)
    assert any(True for _ in found), "the thing it stands with is not in the graph"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fact_shows_its_figure_its_passage_and_who_contradicts_it(
    client: FlaskClient, lang: str
) -> None:
    page = page_of(client, "ps:B18", lang)
    assert 'href="/id/passage/B18"' in page
    assert words(lang, "facts.place", offset=4630, length=214) in page
    for rival in ("A02-1", "B08-2"):
        assert f'href="/id/stmt/{rival}"' in page
    assert 'href="/id/conflict/c38e967dd1635c9158cd43c603a1e528"' in page
    assert words(lang, "facts.set_aside") in page and 'href="/id/resolution/0001"' in page
    assert "310" in page and 'href="/voc/population/lg-batch-7"' in page
    assert 'href="/id/period/2023"' in page


def test_the_facts_of_a_thing_are_all_its_records_whatever_graph_holds_them(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    rows = store.rows(
        "SELECT DISTINCT ?r { GRAPH ?g { ?r ?role e:dji . ?r kg:modality ?m } } ORDER BY ?r"
    )
    expected = {row["r"].value for row in rows}  # type: ignore[union-attr]
    assert expand("st:B16-3") in expected  # a decision sets it aside
    found = csv.DictReader(io.StringIO(file_of(client, "e:dji", "csv").removeprefix("\ufeff")))
    assert {row["record"] for row in found if row["part"] == "fact"} == expected


@pytest.mark.parametrize("suffix", GRAPHS)
def test_the_graph_of_a_page_says_what_its_queries_say_and_the_names(
    client: FlaskClient, store: EmbeddedStore, suffix: str
) -> None:
    text = file_of(client, "e:inovance", suffix)
    found = {quad.triple for quad in ox.parse(text, format=GRAPHS[suffix])}
    said = store.triples("CONSTRUCT { e:inovance ?p ?o } { GRAPH ?g { e:inovance ?p ?o } }")
    records = store.triples(
        "CONSTRUCT { ?r ?p ?o } { GRAPH ?g { ?r ?role e:inovance ; kg:modality ?m ; ?p ?o } }"
    )
    assert set(said) <= found and set(records) <= found
    assert any("汇川技术" in str(triple.object) for triple in found)


@pytest.mark.parametrize("name", ["e:mention-5d17853acd", "doc:SZC04", "e:dji", "e:inovance"])
def test_a_fact_tells_kind_manner_and_graph_whatever_graph_holds_it(
    client: FlaskClient, name: str
) -> None:
    found = list(csv.DictReader(io.StringIO(file_of(client, name, "csv").removeprefix("\ufeff"))))
    assert found
    for row in found:
        assert row["class"] and row["modality"] and row["graph"], row
        assert (row["document"] and row["passage"]) or row["modality"] == "derived", row


@pytest.mark.parametrize(
    "name", ["pl:shenzhen", "tier:little-giant", "doc:B", "st:B79-1", "inv:sihc"]
)
def test_the_queries_that_a_page_leads_to_give_its_graph_to_anybody(
    client: FlaskClient, name: str
) -> None:
    shown = {
        str(quad.triple) for quad in ox.parse(file_of(client, name, "nt"), format=GRAPHS["nt"])
    }
    addresses = re.findall(r'href="(/sparql\?query=[^"]+)"', page_of(client, name))
    assert addresses
    for address in addresses:
        answer = client.get(html.unescape(address), headers={"Accept": "application/n-triples"})
        assert answer.status_code == 200, answer.text
        found = {
            str(quad.triple)
            for quad in ox.parse(answer.text, format=GRAPHS["nt"])
            if not isinstance(quad.subject, ox.BlankNode)
        }
        assert found and found <= shown


def test_a_page_of_many_facts_says_which_part_it_shows_and_leads_to_the_rest(
    client: FlaskClient,
) -> None:
    first = page_of(client, "pl:shenzhen")
    second = page_of(client, "pl:shenzhen", page="2")
    assert 'rel="next"' in first and 'rel="prev"' in second and 'rel="prev"' not in first
    assert len(first) < 100_000 and len(second) < 100_000
    answer = client.get("/id/place/shenzhen.html?page=999")
    assert answer.status_code == 404 and "page 999" in answer.text


def test_a_thing_without_records_says_so_and_what_to_do(client: FlaskClient) -> None:
    page = page_of(client, "e:cn-001316")
    assert words("en", "facts.none") in page and words("en", "facts.none_hint") in page


@pytest.mark.parametrize("path", ["/id/ent/nobody.html", "/facts/id/ent/nobody.csv", "/facts/id/ent/byd.exe", "/facts/id/ent/byd"])  # fmt: skip
def test_nothing_is_a_problem_with_a_code(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json is not None and answer.json["code"] in ("thing_unknown", "not_found")


@pytest.mark.parametrize(
    "name", ["e:inovance", "e:cn-001316", "inv:szcg", "st:B79-1", "st:B18-2", "tier:little-giant", "doc:A", "doc:B", "pl:china", "res:0001"]
)  # fmt: skip
def test_a_page_takes_a_fixed_number_of_queries_however_much_it_shows(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[str] = []
    for method in ("rows", "triples"):
        plain = getattr(EmbeddedStore, method)
        monkeypatch.setattr(
            EmbeddedStore,
            method,
            lambda self, query, plain=plain: asked.append(query) or plain(self, query),
        )
    page_of(client, name)
    drawn = name == "e:inovance"
    assert 6 <= len(asked) <= (11 if drawn else 10), [query[:80] for query in asked]


def test_a_decision_tells_why_who_and_when(client: FlaskClient, store: EmbeddedStore) -> None:
    page = page_of(client, "res:0001")
    [row] = store.rows("SELECT ?d { res:0001 dcterms:description ?d FILTER(LANG(?d) = 'en') }")
    assert row["d"].value in page and "2026-11-22" in page  # type: ignore[union-attr]
    assert 'href="/id/person/curator"' in page
    for slug in ("B18-1", "B18-2", "A01-1"):
        assert f'id="{slug}"' in page


def test_own_data_of_the_default_graph_alone_have_a_page(tmp_path: Path) -> None:
    folder = tmp_path / "releases" / "own"
    (folder / "store").mkdir(parents=True)
    (tmp_path / "current").symlink_to(folder)
    own = ox.Store(str(folder / "store"))
    name = ox.Literal("My own firm", language="en")
    own.add(ox.Quad(ox.NamedNode(expand("e:own")), ox.NamedNode(expand("skos:prefLabel")), name))
    own.flush()
    del own
    app = create_app(Settings(root=PAGES.parent.parent, data=tmp_path, workers=1))
    page = app.test_client().get("/id/ent/own.html?lang=en")
    app.extensions["kg"].pool.close()
    assert page.status_code == 200
    assert "<h1>My own firm</h1>" in page.text and "skos:prefLabel" in page.text
    assert words("en", "facts.shown", shown=1, total=1) in page.text


def test_a_term_tells_what_it_means(client: FlaskClient, store: EmbeddedStore) -> None:
    [row] = store.rows("SELECT ?d { pop:lg-valid skos:definition ?d FILTER(LANG(?d) = 'en') }")
    assert row["d"].value in page_of(client, "pop:lg-valid")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("ps:B18", "Article B: Zhengjieju on the little giants of Shenzhen, 214 characters from offset 4630"),
        ("drv:ae60fb42e21c89ac611eb12eaee95510", "derived check: 7100000000 * 1333"),
        ("st:B18-2", "The list of batch 7 is dated 2023 here, with 310 Shenzhen firms passing review."),
        ("cf:dba9e6ade40e920cb68f51cbaa74f0e1", "conflicting classification: DJI"),
    ],
)  # fmt: skip
def test_what_has_no_name_is_called_by_what_it_is(
    client: FlaskClient, name: str, title: str
) -> None:
    assert f"<h1>{title}</h1>" in page_of(client, name)


def test_a_check_shows_the_claim_and_the_figures_it_is_held_against(client: FlaskClient) -> None:
    page = page_of(client, "drv:ae60fb42e21c89ac611eb12eaee95510")
    for slug in ("A09-1", "A04-1", "A08-1", "B04-1"):
        assert f'<li id="{slug}">' in page
