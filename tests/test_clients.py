"""Clients that people use, as they come, against a running `kg serve`."""

import hashlib
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas
import pytest
import rdflib
import SPARQLWrapper
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.web.snippets import write_snippets

PINNED = Path(__file__).parent / "clients"
KG = "https://w3id.org/industry-kg/ont#"
CHAIN = "https://w3id.org/industry-kg/id/chain/humanoid"
NAMES = f"""SELECT ?name WHERE {{ <{CHAIN}> <http://www.w3.org/2004/02/skos/core#prefLabel> ?name }} ORDER BY ?name"""
EXPECTED = {"Humanoid robots", "人形机器人产业链", "人形機器人產業鏈"}
CONSTRUCT = f"CONSTRUCT WHERE {{ <{CHAIN}> ?p ?o }}"


@pytest.fixture
def store(server_url: str) -> SPARQLStore:
    """rdflib's client of an endpoint."""
    return SPARQLStore(f"{server_url}/sparql")


def test_rdflib_selects_asks_and_constructs(store: SPARQLStore) -> None:
    graph = rdflib.Graph(store)
    assert {str(row.name) for row in graph.query(NAMES)} == EXPECTED  # type: ignore[union-attr]
    assert graph.query(f"ASK {{ <{CHAIN}> a <{KG}IndustryChain> }}").askAnswer is True
    assert graph.query("ASK { <urn:x> <urn:y> <urn:z> }").askAnswer is False
    built = graph.query(CONSTRUCT).graph
    assert built is not None and len(built) >= 7


def test_rdflib_binds_values_and_reads_patterns(store: SPARQLStore) -> None:
    graph, chain = rdflib.Graph(store), rdflib.URIRef(CHAIN)
    query = "SELECT ?kind WHERE { ?thing a ?kind }"
    rows = graph.query(query, initBindings={"thing": chain})
    assert rdflib.URIRef(KG + "IndustryChain") in {row.kind for row in rows}  # type: ignore[union-attr]
    query = "SELECT ?thing WHERE { ?thing <http://www.w3.org/2004/02/skos/core#prefLabel> ?name }"
    rows = graph.query(
        query, initBindings={"name": rdflib.Literal("人形机器人产业链", lang="zh-hans")}
    )
    assert chain in {row.thing for row in rows}  # type: ignore[union-attr]
    assert (chain, rdflib.RDF.type, rdflib.URIRef(KG + "IndustryChain")) in graph
    assert len(list(graph.triples((chain, None, None)))) >= 7


def test_rdflib_reads_a_named_graph(server_url: str) -> None:
    name = rdflib.URIRef("https://w3id.org/industry-kg/graph/ref/chains")
    graph = rdflib.Graph(SPARQLStore(f"{server_url}/sparql"), identifier=name)
    assert len(list(graph.triples((None, rdflib.URIRef(KG + "feeds"), None)))) > 3


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("how", ["urlencoded", "postdirectly"])
@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper_reads_tables(server_url: str, method: str, how: str, format: str) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{server_url}/sparql")
    client.setQuery(NAMES)
    client.setMethod(method)
    client.setRequestMethod(how)
    client.setReturnFormat(format)
    answer = client.queryAndConvert()
    if format == "json":
        assert {row["name"]["value"] for row in answer["results"]["bindings"]} == EXPECTED
    else:
        text = answer.toxml() if format == "xml" else answer.decode()
        assert all(name in text for name in EXPECTED)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper's own
@pytest.mark.parametrize("format", ["turtle", "rdf+xml", "json-ld", "xml", "n3"])
def test_sparqlwrapper_reads_graphs(server_url: str, format: str) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{server_url}/sparql")
    client.setQuery(CONSTRUCT)
    client.setReturnFormat(format)
    answer = client.queryAndConvert()
    if isinstance(answer, bytes):
        answer = rdflib.Graph().parse(data=answer, format="turtle")
    assert len(answer) >= 7


def test_sparqlwrapper_asks_and_names_what_is_wrong(server_url: str) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{server_url}/sparql")
    client.setQuery("ASK { ?s ?p ?o }")
    client.setReturnFormat(SPARQLWrapper.JSON)
    assert client.queryAndConvert()["boolean"] is True
    client.setQuery("SELECT * WHERE { ?s ?p")
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed, match="line 1, column"):
        client.query()


def test_pandas_reads_an_address(server_url: str) -> None:
    query = f"SELECT ?firm ?segment {{ ?r <{KG}participant> ?firm ; <{KG}inSegment> ?segment }}"
    table = pandas.read_csv(f"{server_url}/sparql?" + urlencode({"query": query, "format": "csv"}))
    assert list(table.columns) == ["firm", "segment"] and len(table) > 50
    # Without a format pandas names none in Accept either, and gets what a program gets.
    saved = pandas.read_csv(f"{server_url}/queries/rank-path.csv")
    assert "rank" in saved.columns


@pytest.fixture(scope="session")
def comunica(pytestconfig: pytest.Config) -> Callable[..., str]:
    """Comunica's command, installed once as tests/clients/package-lock.json pins it."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("no npm and node on this machine")
    lock = (PINNED / "package-lock.json").read_bytes()
    folder = pytestconfig.cache.mkdir("clients") / hashlib.sha256(lock).hexdigest()[:16]
    command = folder / "node_modules" / ".bin" / "comunica-sparql"
    if not command.exists():
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PINNED / name, folder)
        arguments = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        made = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"npm could not install Comunica: {made.stderr.strip()[-200:]}")

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            [str(command), *arguments], capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ask


@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", ["{url}/sparql", "sparql@{url}/sparql"], ids=["found", "named"])
def test_comunica_finds_the_endpoint_by_its_description_and_asks_it(
    comunica: Callable[..., str], server_url: str, source: str
) -> None:
    answer = comunica(source.format(url=server_url), NAMES, "-t", "application/sparql-results+json")
    rows = json.loads(answer)["results"]["bindings"]
    assert {row["name"]["value"] for row in rows} == EXPECTED


@pytest.mark.timeout(600)
def test_comunica_constructs_and_asks(comunica: Callable[..., str], server_url: str) -> None:
    endpoint = f"{server_url}/sparql"
    built = rdflib.Graph().parse(data=comunica(endpoint, CONSTRUCT, "-t", "application/n-triples"), format="nt")  # fmt: skip
    assert len(built) >= 7
    query = f"ASK {{ <{CHAIN}> a <{KG}IndustryChain> }}"
    assert "true" in comunica(endpoint, query, "-t", "application/sparql-results+json")


HOSTILE = 'SELECT ("it\'s \\"5\\" 元 \\\\ `x` $HOME %41 & ; + )--" AS ?text) (?x+1 AS ?y) { VALUES ?x { 1 } }'
QUERIES = {
    "table": NAMES,
    "hostile": HOSTILE,
    "boolean": "ASK { ?s ?p ?o }",
    "graph": CONSTRUCT,
    "lines": "# 'one'\nSELECT (1 AS ?x)\r\n{}",
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_code_that_the_page_offers_runs(server_url: str, name: str) -> None:
    """As a reader copies it from the page."""
    query = QUERIES[name]
    request = Request(f"{server_url}/sparql?" + urlencode({"query": query, "lang": "en"}), headers={"Accept": "text/html"})  # fmt: skip
    page = urlopen(request).read().decode()
    blocks = re.findall(r'<pre tabindex="0" data-language="([^"]+)">(.*?)</pre>', page, re.DOTALL)
    codes = {language: unescape(code) for language, code in blocks}
    expected = {"curl", "Python: SPARQLWrapper", "R"}
    assert set(codes) == expected | ({"Python: pandas"} if name not in ("boolean", "graph") else set())  # fmt: skip
    wanted = {"table": "人形机器人", "hostile": "元", "boolean": "rue", "graph": "IndustryChain", "lines": "1"}[name]  # fmt: skip
    for language, code in codes.items():
        if language != "R":
            said = run_code(language, code)
            assert wanted in said, (language, said)
            if name == "hostile" and language == "curl":
                [row] = pandas.read_csv(io.StringIO(said)).to_dict("records")
                assert row == {"text": 'it\'s "5" 元 \\ `x` $HOME %41 & ; + )--', "y": 2}


def run_code(language: str, code: str) -> str:
    """What a piece of code prints."""
    command: list[Any] = ["bash", "-c", code] if language == "curl" else [sys.executable, "-c", code]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("Rscript"), reason="no R on this machine")
@pytest.mark.parametrize("name", ["table", "hostile"])
def test_the_r_code_runs(server_url: str, name: str, tmp_path: Path) -> None:
    snippets = write_snippets(QUERIES[name], f"{server_url}/sparql", kind="table")
    file = tmp_path / "ask.R"
    file.write_text(next(s.code for s in snippets if s.name == "R"), encoding="utf-8")
    done = subprocess.run(["Rscript", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_shell_code_holds_any_text_as_one_word() -> None:
    query = "a'b\"c`d`$(e)\\\n;f"
    [curl] = [s.code for s in write_snippets(query, "http://h/sparql", kind="table") if s.name == "curl"]  # fmt: skip
    assert f"query={query}" in shlex.split(curl)
