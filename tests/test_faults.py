"""What goes missing under a running pool is an error while it is missing, and forgotten afterwards;
what a visitor writes into a parameter stays a value."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kg.engine.pool import QueryPool
from kg.engine.request import QueryAnswer, QueryRequest
from kg.errors import ParameterInvalid
from kg.queries import Parameter, SavedQuery
from kg.settings import Settings

LONG = "SELECT * { ?s ?p ?o } LIMIT 5000"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of releases with one small release in use."""
    (tmp_path / "releases" / "one").mkdir(parents=True)
    store = ox.Store(str(tmp_path / "releases" / "one" / "store"))
    triples = (
        ox.Quad(ox.NamedNode(f"urn:s{n}"), ox.NamedNode("urn:p"), ox.Literal("x" * 200))
        for n in range(5000)
    )
    store.extend(triples)
    store.flush()
    (tmp_path / "current").symlink_to("releases/one")
    return tmp_path


@pytest.fixture
def pool(settings: Settings, data: Path) -> Iterator[QueryPool]:
    found = QueryPool(replace(settings, data=data, workers=1))
    yield found
    found.close()


def ask(pool: QueryPool, query: str) -> tuple[QueryAnswer, int]:
    formats = {"table": "xml", "boolean": "json"}
    result = pool.run(QueryRequest(query=query, base_iri="http://localhost/", formats=formats))
    with result.file as file:
        return result.answer, len(file.read())


def test_a_spool_folder_that_vanished_is_made_again(pool: QueryPool) -> None:
    shutil.rmtree(pool._spool)
    answer, size = ask(pool, LONG)
    assert (answer.error, answer.rows, answer.spooled) == ("", 5000, True)
    assert size == answer.size > 1_000_000
    assert pool._spool.stat().st_mode & 0o077 == 0


def test_a_current_that_leads_nowhere_is_an_error_until_it_leads_somewhere_again(
    pool: QueryPool, data: Path
) -> None:
    assert ask(pool, "ASK { ?s ?p ?o }")[0].error == ""
    (data / "next").symlink_to("releases/none")
    (data / "next").replace(data / "current")
    answer, _ = ask(pool, "ASK { ?s ?p ?o }")
    assert answer.error == "worker_failed" and str(data) not in answer.detail
    (data / "next").symlink_to("releases/one")
    (data / "next").replace(data / "current")
    assert ask(pool, "ASK { ?s ?p ?o }")[0].error == ""


QUERY = SavedQuery(
    "find", "s", "", "SELECT ?s WHERE { VALUES ?name { UNDEF } VALUES ?thing { UNDEF } ?s ?thing ?name }",
    (Parameter("name", "string", "", "UNDEF"), Parameter("thing", "iri", "", "UNDEF")),
)  # fmt: skip
HOSTILE = st.text(st.sampled_from("\"'\\}{<>#?$;.:@^`|%_ \n\r\t\x00\u0022\u2028u0022x深🏭VALUES") | st.characters(), max_size=30)  # fmt: skip


@hypothesis_settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)  # fmt: skip
@given(HOSTILE.filter(lambda text: text and not any("\ud800" <= c <= "\udfff" for c in text)))
def test_a_name_of_any_text_finds_what_bears_exactly_that_name(name: str) -> None:
    predicate = ox.NamedNode("urn:name")
    names = [name, name + '"', "x", 'x" } UNION { ?s ?p ?o } #']
    store = ox.Store()
    for n, text in enumerate(names):
        store.add(ox.Quad(ox.NamedNode(f"urn:s{n}"), predicate, ox.Literal(text)))
    found = store.query(QUERY.bind({"name": [name], "thing": ["urn:name"]}))
    expected = {f"urn:s{n}" for n, text in enumerate(names) if text == name}
    assert {row["s"].value for row in found} == expected  # type: ignore[union-attr]  # a SELECT
    try:
        text = QUERY.bind({"thing": [f"urn:{name}"]})
    except ParameterInvalid:
        return
    (row,) = ox.Store().query(text.replace("?s ?thing ?name", "BIND(?thing AS ?s)"))  # type: ignore[misc]
    assert row["s"] == ox.NamedNode(f"urn:{name}")
