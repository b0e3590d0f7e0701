"""SERVICE reaches the servers that a setting names, and no other, whatever the spelling."""

import dataclasses
from collections.abc import Iterator

import pytest
import requests
from flask.testing import FlaskClient

from kg.engine.federation import reaches_only
from kg.engine.limits import check_query
from kg.errors import ServiceForbidden
from kg.settings import Settings
from kg.web import create_app
from remote_servers import RemoteServer, oxigraph

ALLOWED = "http://127.0.0.1:1/sparql"
LIMITS = dataclasses.replace(Settings(), service_endpoints=f"{ALLOWED} http://other.example/q")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemoteServer]:
    """A server of somebody else with one triple."""
    with oxigraph(tmp_path_factory.mktemp("other") / "store") as running:
        requests.post(
            running.graph_store_url,
            params={"default": ""},
            data="<https://w3id.org/industry-kg/id/place/shenzhen> <urn:knows> 'x' .",
            headers={"Content-Type": "text/turtle"},
            timeout=10,
        ).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def client(settings: Settings, other: RemoteServer) -> Iterator[FlaskClient]:
    """The application, which may reach that server."""
    allowed = dataclasses.replace(settings, service_endpoints=other.query_url, workers=1)
    app = create_app(allowed)
    yield app.test_client()
    app.extensions["kg"].pool.close()


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_a_server_of_the_list_answers_beside_the_graph(
    client: FlaskClient, other: RemoteServer, silent: str
) -> None:
    query = f"""PREFIX pl: <https://w3id.org/industry-kg/id/place/>
        SELECT ?what ?area {{ pl:shenzhen <https://w3id.org/industry-kg/ont#locatedIn> ?area
          SERVICE {silent}<{other.query_url}> {{ pl:shenzhen <urn:knows> ?what }} }}"""
    answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert answer.status_code == 200, answer.text
    assert {line.partition(",")[0] for line in answer.text.splitlines()[1:]} == {"x"}


def test_the_worker_of_an_ordinary_query_has_no_network_all_the_same(
    client: FlaskClient, other: RemoteServer
) -> None:
    for query in (
        f"SELECT * {{ SERVICE <{other.query_url}#> {{ ?s ?p ?o }} }}",
        f"PREFIX o: <{other.query_url}> SELECT * {{ SERVICE o: {{ ?s ?p ?o }} }}",
    ):
        answer = client.get("/sparql", query_string={"query": query})
        assert (answer.status_code, answer.json and answer.json["code"]) == (
            403,
            "service_forbidden",
        )


def test_a_query_that_waits_for_a_server_ends_at_its_deadline(
    client: FlaskClient, other: RemoteServer
) -> None:
    join = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9))
    query = f"SELECT (COUNT(*) AS ?n) {{ SERVICE <{other.query_url}> {{ ?s ?p ?o }} {join} }}"
    answer = client.get("/sparql", query_string={"query": query, "timeout": "0.2"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "query_timeout")


@pytest.mark.parametrize(
    "text",
    [
        f"SERVICE <{ALLOWED}> {{}}",
        f"service silent <{ALLOWED}> {{}}",
        f"SERVICE # a note\n<{ALLOWED}> {{}}",
        f"SERVICE <{ALLOWED}> {{}} SERVICE <http://other.example/q> {{}}",
    ],
)
def test_a_server_of_the_list_passes_both_looks(text: str) -> None:
    query = f"SELECT * {{ {text} }}"
    assert check_query(query, LIMITS).services
    assert reaches_only(query, LIMITS.service_endpoints.split())


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE <http://evil.example/> {}",
        "SERVICE ?where {}",
        "SERVICE s: {}",
        "SERVICE <sparql> {}",
        f"SERVICE <{ALLOWED}> {{}} SERVICE <http://evil.example/> {{}}",
        f"SERVICE <{ALLOWED}> {{ SERVICE ?where {{}} }}",
        f"SERVICE <{ALLOWED}x> {{}}",
        f"SERVICE <{ALLOWED}\\u0078> {{}}",
        "SERVICE <HTTP://127.0.0.1:1/sparql> {}",
        f"FILTER(1<2)SERVICE<http://evil.example/> {{}} SERVICE <{ALLOWED}> {{}}",
        f"FILTER(true)SERVICE<{ALLOWED}>{{}} BIND(1 AS ?x) FILTER(?x<2)SERVICE ?v {{}} #>",
        "SERVICE SILENT SILENT <http://evil.example/> {}",
    ],
)
def test_no_other_server_passes_both_looks(text: str) -> None:
    query = f"PREFIX s: <{ALLOWED}> BASE <http://127.0.0.1:1/> SELECT * {{ {text} }}"
    try:
        check_query(query, LIMITS)
    except ServiceForbidden:
        return
    assert not reaches_only(query, LIMITS.service_endpoints.split())


def test_the_second_look_alone_refuses_what_the_first_might_miss() -> None:
    servers = LIMITS.service_endpoints.split()
    assert not reaches_only("SELECT * { SERVICE <http://evil.example/> {} }", servers)
    assert not reaches_only("SELECT * { SERVICE ?where {} }", servers)
    assert not reaches_only("SELECT * { not a query", servers)
    assert reaches_only("SELECT * { ?s ?p ?o }", servers)


def test_an_update_reaches_nobody_even_so() -> None:
    from kg.engine.updates import check_update

    text = (
        f"INSERT {{ GRAPH <urn:g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <{ALLOWED}> {{ ?s ?p ?o }} }}"
    )
    with pytest.raises(ServiceForbidden):
        check_update(text, LIMITS)
