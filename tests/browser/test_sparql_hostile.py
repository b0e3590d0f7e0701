"""The query page over data and queries that try to break out: every view shows them as they are."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, expect

from attacks.requests import XSS
from chromium import Visit, open_page
from kg.namespaces import PREFIXES, expand
from kg.settings import Settings
from running import serving

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
IRIS = ["javascript:alert(1)", "data:text/html,alert(1)", "urn:x'onmouseover='alert(1)", "//evil.example/x", "urn:x&quot;onload=alert(1)"]  # fmt: skip
TEXTS = [text.replace("\x00", "") for text in XSS]
"""No graph holds U+0000: what reads files refuses it."""
LIST = "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"
NUMBERS = "SELECT ?o ?n { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o ; <urn:n> ?n }"
GRAPH = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
COMMENTS = "\n".join(f"# {text.splitlines()[0]}" for text in TEXTS) + "\nSELECT (1 AS ?x) {}"
CASES = [(LIST, "table"), (LIST, "raw"), (NUMBERS, "chart"), (LIST, "network"), (GRAPH, "table"), (GRAPH, "network"), (GRAPH, "raw"), (COMMENTS, "table"), (COMMENTS + "}", "")]  # fmt: skip


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server whose every label, literal, IRI and graph name tries to break out."""
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "releases" / "hostile" / "store"
    path.mkdir(parents=True)
    (folder / "current").symlink_to(folder / "releases" / "hostile")
    store = ox.Store(str(path))
    label, named, a = (
        ox.NamedNode(expand(n)) for n in ("skos:prefLabel", "rdfs:label", "rdf:type")
    )
    things = [ox.NamedNode(f"{PREFIXES['e']}x{index}") for index in range(len(TEXTS))]
    iris = [ox.NamedNode(iri) if ":" in iri.partition("/")[0] else ox.NamedNode("http:" + iri) for iri in IRIS]  # fmt: skip
    for index, (thing, text) in enumerate(zip(things, TEXTS, strict=True)):
        term = ox.NamedNode(f"{PREFIXES['kg']}term{index}")
        iri = iris[index % len(iris)]
        facts = [
            (thing, label, ox.Literal(text, language="en")), (thing, ox.NamedNode("urn:n"), ox.Literal(index)),
            (thing, a, ox.NamedNode(expand("kg:Enterprise"))), (thing, iri, things[index - 1]), (thing, iri, iri),
            (term, a, ox.NamedNode(expand("owl:ObjectProperty"))), (term, named, ox.Literal(text, language="en")),
            (term, ox.NamedNode(expand("skos:definition")), ox.Literal(text, language="en")),
        ]  # fmt: skip
        for fact in facts:
            store.add(ox.Quad(*fact))
            store.add(ox.Quad(*fact, iri))
    store.flush()
    del store
    with serving(Settings(root=ROOT, data=folder, workers=2)) as url:
        yield url


def check(found: Visit) -> None:
    """Nothing ran, and no element or handler came from the data."""
    page = found.page
    assert page.evaluate("[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'srcdoc')).length") == 0  # fmt: skip
    assert page.locator("main :is(img, iframe, script:not(#kg-data), style, base, meta, object, embed, video, link)").count() == 0  # fmt: skip
    addresses = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    found.check("status of 400")


@pytest.mark.parametrize(("query", "view"), CASES, ids=range(len(CASES)))
def test_a_view_shows_hostile_data_as_it_is(
    browser: Browser, hostile_url: str, query: str, view: str
) -> None:
    address = urlencode({"query": query, "view": view, "lang": "en"})
    found = open_page(browser, f"{hostile_url}/sparql?{address}")
    page = found.page
    if view == "network":
        page.wait_for_selector("#mynetwork canvas")
        for row in page.locator("tr[data-edge]").all()[:50:5]:
            row.focus()
        page.locator("#mynetwork canvas").hover(position={"x": 200, "y": 200})
    elif view:
        assert page.locator(f"[data-shown={view}]").is_visible()
    if view == "table" and "?g" in query:
        page.get_by_role("button", name="Show IRIs").click()
    for button in page.locator("th button:visible").all():
        button.click()
    page.click("#run")  # the same by the script, which takes the page apart
    expect(page.locator("#clock")).to_contain_text("took")
    page.wait_for_timeout(100)
    check(found)
    page.context.close()


def test_completion_shows_hostile_labels_as_they_are(browser: Browser, hostile_url: str) -> None:
    found = open_page(browser, f"{hostile_url}/sparql?lang=en")
    page = found.page
    page.wait_for_load_state("networkidle")
    page.click(".yasqe .CodeMirror")
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT * { ?s kg:ter")
    page.wait_for_selector(".CodeMirror-hint")
    shown = page.locator(".CodeMirror-hints").inner_text()
    assert "<img src=x onerror=alert(1)>" in shown and "<svg onload=alert(1)>" in shown
    check(found)
    page.context.close()


class Tags(HTMLParser):
    """What a page is made of: tags and the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        """Notes one tag."""
        self.found.append((tag, tuple(name for name, _ in attrs)))


def page_of(url: str, query: str) -> str:
    """The page as a browser gets it."""
    request = Request(f"{url}/sparql?" + urlencode({"query": query, "lang": "en"}), headers={"Accept": "text/html"})  # fmt: skip
    return str(urlopen(request).read().decode())


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_text_in_a_query_makes_the_same_page_as_a_plain_one(hostile_url: str, text: str) -> None:
    """As comment, literal and name of a graph: tag by tag and attribute by attribute."""
    literal = str(ox.Literal(text))
    query = f"# {text}\nSELECT ({literal} AS ?x) {{}}"
    plain = page_of(hostile_url, '# plain\nSELECT ("plain" AS ?x) {}')
    assert Tags(page_of(hostile_url, query)).found == Tags(plain).found
