"""Pages of things in a real Chromium: whole without a script, and no text of the graph runs."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser

from attacks.requests import XSS
from chromium import open_page
from kg.namespaces import BASE, PREFIXES, expand
from kg.settings import Settings
from running import serving

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
TEXTS = [text.replace("\x00", "") for text in XSS]
"""No graph holds U+0000: what reads files refuses it."""


def test_without_a_script_everything_but_the_picture_is_there(
    browser: Browser, server_url: str
) -> None:
    found = open_page(
        browser, f"{server_url}/id/ent/inovance.html?lang=en", java_script_enabled=False
    )
    text = found.page.inner_text("main")
    for part in ("At a glance", "Facts", "Benefits it can use", "Peers", "Data of this page"):
        assert part in text
    found.page.get_by_text("The same data as a table").first.click()
    assert found.page.get_by_role("link", name="Xiaomi").first.is_visible()
    found.page.context.close()


HOSTILE = ["id/ent/x", "id/inv/x", "id/doc/x", "id/stmt/x", "id/stmt/m", "id/conflict/x", "id/resolution/x", "voc/tier/x", "id/place/x"]  # fmt: skip


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server whose every name, text, value and graph name tries to break out."""
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "releases" / "hostile" / "store"
    path.mkdir(parents=True)
    (folder / "current").symlink_to(folder / "releases" / "hostile")
    text = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text += """
kg:PolicyMeasure rdfs:subClassOf kg:Assertion . kg:Recognition rdfs:subClassOf kg:Assertion . kg:Observation rdfs:subClassOf kg:Assertion .
e:x a kg:Enterprise ; kg:basedIn pl:x ; kg:withinArea pl:x ; kg:hasTier tier:x ; kg:possiblyEligibleFor st:m ; adms:identifier idn:x .
idn:x a adms:Identifier . inv:x a kg:Investor ; kg:portfolioCompany e:x . inv:y a kg:Investor ; kg:partOfOrganization inv:x .
pl:x a kg:Place . tier:x a kg:Tier ; kg:nextTier tier:x . doc:x a kg:SourceDocument . ps:x a kg:Passage ; kg:fromDocument doc:x .
st:x a kg:Recognition ; kg:recognises e:x ; kg:tier tier:x ; kg:evidence ps:x ; kg:modality mod:x .
st:m a kg:PolicyMeasure ; kg:eligibleTier tier:x ; kg:jurisdiction pl:x ; kg:evidence ps:x ; kg:modality mod:x ; kg:appliesWhen cr:x .
st:o a kg:Observation ; kg:feature inv:x ; kg:indicator ind:portfolio-share ; kg:evidence ps:x ; kg:modality mod:x .
st:i a kg:Investment ; kg:investor inv:x ; kg:investee e:x ; kg:evidence ps:x ; kg:modality mod:x . rs:x kg:forTier tier:x .
cf:x a kg:Conflict ; kg:conflictKind conflict:x ; kg:slotKey "k" ; kg:involves st:x , st:m , st:o . note:x a kg:CurationNote ; kg:about st:x .
res:x a kg:Resolution ; kg:resolves cf:x ; kg:deprecates st:x ; kg:prefers st:m ; prov:wasAttributedTo pn:x .
"""
    quads = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    named = sorted({str(t.value) for triple in quads for t in (triple.subject, triple.object) if isinstance(t, ox.NamedNode) and t.value.startswith(BASE)})  # fmt: skip
    texts = {
        "skos:prefLabel", "skos:altLabel", "skos:hiddenLabel", "dcterms:description", "dcterms:bibliographicCitation", "skos:notation",
        "kg:statementText", "kg:factId", "kg:rawText", "kg:value", "kg:amountMax", "kg:currency", "kg:startOffset", "kg:length",
        "kg:sha256", "kg:residual", "kg:validFrom", "kg:year", "kg:threshold", "prov:generatedAtTime", "dcterms:issued",
        "adms:schemaAgency", "dcterms:identifier", "dcterms:title",
    }  # fmt: skip
    store = ox.Store(str(path))
    graphs = [ox.NamedNode("urn:x'onmouseover='PWN()"), ox.NamedNode("javascript:PWN()")]
    for number, iri in enumerate(named):
        for offset, name in enumerate(sorted(texts)):
            attack = TEXTS[(number + offset) % len(TEXTS)]
            quads.append(ox.Triple(ox.NamedNode(iri), ox.NamedNode(expand(name)), ox.Literal(attack)))  # fmt: skip
    for index, triple in enumerate(quads):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()))
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graphs[0]))
        if index % 3 == 0:
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graphs[1]))
    store.flush()
    del store
    with serving(Settings(root=ROOT, data=folder, workers=1)) as url:
        yield url


@pytest.mark.parametrize("path", [*(f"{path}.html" for path in HOSTILE), "conflicts"])
def test_no_text_of_the_graph_runs_or_becomes_an_element(
    browser: Browser, hostile_url: str, path: str
) -> None:
    found = open_page(browser, f"{hostile_url}/{path}?lang=en")
    page = found.page
    page.wait_for_timeout(300)
    assert page.locator("h1").count() == 1 and page.locator("#data").count() == 1, page.inner_text(
        "body"
    )[:300]
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'srcdoc')).length") == 0  # fmt: skip
    assert page.locator("main :is(img, iframe, script:not(#kg-data), style, base, meta, object, embed, video, link)").count() == 0  # fmt: skip
    protocols = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.protocol)")
    assert set(protocols) <= {"http:", "https:"}
    found.check()
    page.context.close()
