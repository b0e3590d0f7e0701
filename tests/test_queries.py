"""Parameters of saved queries are bound as terms; no text of a visitor reaches a query."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import BadFiles, ParameterInvalid, QueryUnknown
from kg.queries import SavedQuery, find_queries, get_query, read_query

HEAD = "#+ summary: Things by name\n#+ reading: One row a thing.\n"
TEXT = (
    HEAD
    + """#+ param name: string: Name looked for
#+ param kind: iri: Class of the thing
#+ param year: integer: Year
SELECT ?thing ?name ?kind ?year WHERE {
  VALUES ?name { "a" }
  VALUES ?kind { UNDEF }
  VALUES ?year { 2024 2025 }
  ?thing <http://x/name> ?name ; a ?kind ; <http://x/year> ?year
}
"""
)


@pytest.fixture
def query(tmp_path: Path) -> SavedQuery:
    path = tmp_path / "things.rq"
    path.write_text(TEXT, encoding="utf-8")
    return read_query(path)


def rows(text: str, *names: str) -> list[list[str]]:
    """The rows over a store with one thing of each name."""
    store = ox.Store()
    for number, name in enumerate(names):
        thing = ox.NamedNode(f"http://x/{number}")
        store.add(ox.Quad(thing, ox.NamedNode("http://x/name"), ox.Literal(name)))
        store.add(
            ox.Quad(
                thing,
                ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
                ox.NamedNode("http://x/K"),
            )
        )
        store.add(ox.Quad(thing, ox.NamedNode("http://x/year"), ox.Literal(2025)))
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return [[str(row["name"].value)] for row in solutions]  # type: ignore[union-attr]


def test_the_head_gives_summary_reading_and_typed_parameters(query: SavedQuery) -> None:
    assert (query.name, query.summary, query.reading) == (
        "things",
        "Things by name",
        "One row a thing.",
    )
    assert [(p.name, p.type, p.default) for p in query.parameters] == [
        ("name", "string", '"a"'),
        ("kind", "iri", "UNDEF"),
        ("year", "integer", "2024 2025"),
    ]


def test_without_values_the_defaults_hold(query: SavedQuery) -> None:
    assert query.bind({}) == query.text
    assert query.bind({"name": [""]}) == query.text
    assert rows(query.bind({}), "a", "b") == [["a"]]


def test_several_values_mean_any_of_them(query: SavedQuery) -> None:
    assert sorted(rows(query.bind({"name": ["b", "c"]}), "a", "b", "c")) == [["b"], ["c"]]


def test_a_prefixed_name_means_its_iri(query: SavedQuery) -> None:
    assert "<https://w3id.org/industry-kg/id/place/shenzhen>" in query.bind(
        {"kind": ["pl:shenzhen"]}
    )
    assert "<https://x/y>" in query.bind({"kind": ["https://x/y"]})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": ["red"]}, "query 'things' has no parameter 'colour'; it has: name, kind, year"),
        ({"year": ["two"]}, "parameter 'year': 'two' is not a valid xsd:integer"),
        ({"year": ["1 2"]}, "parameter 'year': '1 2' is not a valid xsd:integer"),
        ({"kind": ["no iri"]}, "parameter 'kind': 'no iri' is neither an IRI nor a prefixed name"),
        ({"kind": ["x> } DROP ALL #"]}, "parameter 'kind'"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(
    query: SavedQuery, values: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ParameterInvalid, match=message.replace("(", r"\(")):
        query.bind(values)


@given(st.text(alphabet="ab\"'\\\n\r\t{}#?$<>.@^ \u2028深🏭", min_size=1, max_size=40))
def test_a_hostile_string_finds_the_thing_of_exactly_that_name(text: str) -> None:
    query = _from_text()
    assert rows(query.bind({"name": [text]}), text, text + "x", "other") == [[text]]


def _from_text() -> SavedQuery:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "things.rq")
        path.write_text(TEXT, encoding="utf-8")
        return read_query(path)


def test_a_value_that_looks_like_another_parameter_stays_a_value(query: SavedQuery) -> None:
    name = "VALUES ?year { 1 }"
    text = query.bind({"name": [name], "year": ["2025"]})
    assert rows(text, name, "other") == [[name]]
    assert text == query.bind({"year": ["2025"], "name": [name]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {}", "things.rq:1: no '#\\+ summary:' line"),
        (
            "#+ summary: x\n#+ colour: y\n",
            "things.rq:2: unknown head line '#\\+ colour: y'; known: summary",
        ),
        (
            "#+ summary: x\n#+ param a: text: A\n",
            "things.rq:2: unknown type 'text'; known: iri, string",
        ),
        ("#+ summary: x\n#+ param a: iri: A\n", "things.rq:2: no 'VALUES \\?a"),
    ],
)
def test_a_broken_head_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "things.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFiles, match=message):
        read_query(path)


def test_an_unknown_query_is_named(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    with pytest.raises(QueryUnknown, match="no saved query 'nope'"):
        get_query(tmp_path, "nope")
    assert find_queries(tmp_path) == {}
