"""Labels that try to break out, written over HTTP by who may write: no page of the site runs them."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from attacks.requests import XSS
from chromium import open_page
from conftest import ROOT
from kg.namespaces import PREFIXES
from kg.web.lists.listing import LISTS
from serving import Served, serving

pytestmark = pytest.mark.browser
TEXTS = [text.replace("\x00", "") for text in XSS]
"""U+0000 is in no RDF text."""
UPDATED, PUT = (
    "https://w3id.org/industry-kg/graph/src/U",
    "https://w3id.org/industry-kg/graph/src/P",
)
PREFIX = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
TABLE = "SELECT ?s ?p ?o { ?s ?p ?o FILTER(ISLITERAL(?o)) }"
NUMBERS = "SELECT ?o ?n { ?s skos:prefLabel ?o ; kg:startOffset ?n }"
EDGES = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(ISIRI(?o)) }"
VIEWS = {"table": TABLE, "chart": NUMBERS, "network": EDGES, "raw": TABLE}
ANYTHING_THAT_RUNS = """() => [...document.querySelectorAll('*')].filter((element) =>
  [...element.attributes].some((a) => a.name.startsWith('on') || a.name === 'srcdoc' || a.name === 'style' && element.closest('table'))
  || /^(javascript|data|vbscript):/i.test(element.getAttribute('href') || element.getAttribute('src') || '')
  || ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'VIDEO', 'AUDIO', 'MATH'].includes(element.tagName)).map((e) => e.outerHTML.slice(0, 200))"""


def turtle(graph: str) -> str:
    """Things of every kind that a page shows, each text in every place that holds a text."""
    tail = graph[-1].lower()
    lines = [f"ch:{tail} a kg:IndustryChain ; skos:prefLabel {ox.Literal(TEXTS[0])} ."]
    for number, text in enumerate(TEXTS):
        name, words = f"{tail}{number}", f"{ox.Literal(text)}"
        tagged = f"{words}@en , {words}@zh-Hans , {words}"
        for prefix, kind in (
            ("e", "Enterprise"), ("seg", "ChainSegment"), ("pl", "City"), ("doc", "Document"),
            ("e", "Investor"), ("pol", "Policy"),
        ):  # fmt: skip
            thing = f"<{PREFIXES.get(prefix, PREFIXES['e'])}{kind.lower()}-{name}>"
            lines.append(
                f"{thing} a kg:{kind} ; skos:prefLabel {tagged} ; rdfs:label {tagged} ; dcterms:title {words} ; "
                f"skos:altLabel {tagged} ; skos:definition {tagged} ; rdfs:comment {words} ; kg:startOffset {number} ; "
                f"kg:partOfChain ch:{tail} ; rdfs:seeAlso <{PREFIXES['e']}enterprise-{tail}{number // 2}> ."
            )
        lines.append(
            f"st:{name} a kg:ChainParticipation ; kg:participant <{PREFIXES['e']}enterprise-{name}> ; "
            f"kg:inSegment <{PREFIXES['seg']}chainsegment-{name}> ; kg:factId {words} ; kg:statementText {words} ."
        )
        lines.append(f"<{graph}> rdfs:label {tagged} ; dcterms:rights {words} .")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose data came through SPARQL Update and the Graph Store."""
    folder = tmp_path_factory.mktemp("markup") / "data"
    with serving(folder, root=ROOT) as found:
        text = turtle(UPDATED)
        update = f"{PREFIX} INSERT DATA {{ {text} GRAPH <{UPDATED}> {{ {text} }} }}"
        assert found.update(update).status == 204
        body = (PREFIX + turtle(PUT)).encode()
        for path in ("/store?default", f"/store?graph={PUT}"):
            answer = found.send("POST", path, body, {"Content-Type": "text/turtle"})
            assert answer.status in (201, 204), answer.body
        graphs = found.ask("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "text/csv").body
        assert UPDATED.encode() in graphs and PUT.encode() in graphs
        yield found


def address(view: str) -> str:
    return "/sparql?" + urlencode({"query": PREFIX + VIEWS[view], "view": view, "lang": "en"})


PAGES = [
    "/", "/queries", "/export", "/ont.html", "/docs", "/network?chain=u", "/network?chain=p",
    "/network?focus=enterprise-u1", "/network?focus=enterprise-p3", "/graph/src/U.html", "/graph/src/P.html",
    "/id/ent/enterprise-u1.html", "/id/chain/u.html", "/id/ent/investor-p2.html", "/id/stmt/u3.html",
    *(f"/{name}" for name in LISTS),
    *(address(view) for view in VIEWS), "/queries/rank-path", "/queries/chain-participants?chain=ch:u",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=range(len(PAGES)))
def test_no_page_runs_what_was_written(browser: Browser, written: Served, path: str) -> None:
    found = open_page(browser, f"http://127.0.0.1:{written.port}{path}")
    page = found.page
    page.wait_for_load_state("networkidle")
    for row in page.locator("tr[data-edge]").all()[:20:4]:
        row.focus()
    if page.locator("#mynetwork canvas").count():
        page.locator("#mynetwork canvas").hover(position={"x": 200, "y": 200})
        page.wait_for_timeout(300)  # the tooltip
    assert page.evaluate(ANYTHING_THAT_RUNS) == []
    found.check("status of 404", "status of 400", "status of 503")
    assert "127.0.0.1" in page.url and "evil" not in page.url.partition("?")[0]
    page.context.close()


def test_the_pages_show_what_was_written(written: Served) -> None:
    """So that the pages above had something to run."""
    shown = 0
    for path in PAGES:
        answer = written.send("GET", path, headers={"Accept": "text/html"})
        assert answer.status in (200, 303, 404), (path, answer.body)
        shown += b"alert(1)" in answer.body and answer.status == 200
    assert shown >= len(PAGES) // 2
