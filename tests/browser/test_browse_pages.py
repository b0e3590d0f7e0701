"""Lists, chains, segments, clusters and cities in a real Chromium: readable when narrow, and no label runs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from chromium import open_page
from kg.namespaces import PREFIXES
from kg.settings import Settings
from kg.web import create_app
from kg.web.lists.listing import LISTS

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
ATTACKS = ["<img src=x onerror=PWN()>", "</script><script>PWN()</script>", "'><svg onload=PWN()>"]
HOSTILE = """
ch:x a kg:IndustryChain ; skos:prefLabel "%(a)s"@en ; kg:inCluster cl:x .
cl:x a kg:IndustryCluster ; skos:prefLabel "%(b)s"@en ; kg:ofClusterProgramme cp:x ; skos:exactMatch cl:y .
cl:y a kg:IndustryCluster ; skos:prefLabel "%(c)s"@en ; kg:ofClusterProgramme cp:x .
cp:x a kg:ClusterProgramme ; skos:prefLabel "%(a)s"@en ; dcterms:issued "%(b)s" .
seg:x a kg:ChainSegment ; skos:prefLabel "%(b)s"@en ; kg:partOfChain ch:x ; kg:stage stg:x ; kg:feeds seg:y ; kg:criticality "%(c)s" .
seg:y a kg:ChainSegment ; skos:prefLabel "%(c)s"@en ; kg:partOfChain ch:x ; kg:stage stg:x .
stg:x skos:prefLabel "%(a)s"@en .
e:x a kg:Enterprise ; skos:prefLabel "%(a)s"@en ; kg:withinArea pl:x ; kg:hasTier tier:x .
tier:x skos:prefLabel "%(b)s"@en .
pl:x a kg:City ; skos:prefLabel "%(c)s"@en .
pl:y a kg:Park ; skos:prefLabel "%(a)s"@en ; kg:locatedIn pl:x .
st:x a kg:ChainParticipation ; kg:participant e:x ; kg:inSegment seg:x ; kg:factId "%(a)s" ; kg:statementText "%(b)s"@en ; kg:modality mod:x ; kg:evidence ps:x .
st:y a kg:Observation ; kg:feature pl:x ; kg:indicator ind:stock-count ; kg:population pop:x ; kg:period per:x ; kg:value 5 ; kg:factId "%(c)s" ; kg:modality mod:x ; kg:evidence ps:x .
st:z a kg:PolicyMeasure ; kg:jurisdiction pl:x ; kg:statementText "%(a)s"@en ; kg:currency "%(b)s" ; kg:amountMax 5 ; kg:modality mod:x .
pop:x skos:prefLabel "%(b)s"@en . per:x kg:yearNumber 2025 ; skos:prefLabel "%(c)s"@en .
ps:x kg:fromDocument doc:x ; kg:startOffset 1 ; kg:length 2 . mod:x skos:prefLabel "%(a)s"@en .
doc:x a kg:SourceDocument ; skos:prefLabel "%(b)s"@en ; dcterms:creator "%(c)s" .
inv:x a kg:Investor ; skos:prefLabel "%(c)s"@en .
"""


@pytest.mark.parametrize(
    "path",
    [
        "/enterprises",
        "/clusters",
        "/chains/humanoid",
        "/id/segment/whole-machine.html",
        "/id/segment/sz-smart-sensor-1-1-1.html",
        "/voc/cluster/s1-c10.html",
        "/id/place/shenzhen.html",
    ],
)
def test_a_narrow_page_without_scripts_is_no_wider_than_the_window(
    browser: Browser, server_url: str, path: str
) -> None:
    visit = open_page(
        browser,
        server_url + path,
        viewport={"width": 390, "height": 800},
        locale="zh-TW",
        java_script_enabled=False,
    )
    box = visit.page.locator("main").bounding_box()
    assert box and box["width"] <= 390
    assert visit.page.locator("h1").inner_text().strip()
    visit.page.context.close()


def test_the_stages_of_a_chain_stand_side_by_side_and_on_a_phone_below_each_other(
    browser: Browser, server_url: str
) -> None:
    for width, wanted in ((1300, 3), (390, 1)):
        visit = open_page(
            browser, f"{server_url}/chains/humanoid", viewport={"width": width, "height": 800}
        )
        lanes = visit.page.locator(".lane").all()
        tops = {round((lane.bounding_box() or {"x": 0})["x"]) for lane in lanes}
        assert len(lanes) == 3 and len(tops) == wanted
        visit.page.context.close()


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose every label tries to break out, in a graph whose name does as well."""
    folder = tmp_path_factory.mktemp("hostile")
    store_path = folder / "releases" / "hostile" / "store"
    store_path.mkdir(parents=True)
    (folder / "current").symlink_to(folder / "releases" / "hostile")
    text = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    text += HOSTILE % dict(zip("abc", ATTACKS, strict=True))
    store = ox.Store(str(store_path))
    graph = ox.NamedNode("x:'onmouseover=PWN()//")
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        store.extend([quad, ox.Quad(quad.subject, quad.predicate, quad.object, graph)])
    store.flush()
    del store
    app = create_app(Settings(root=ROOT, data=folder, workers=1))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.extensions["kg"].pool.close()


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{name}" for name in LISTS),
        "/enterprises?city=pl:x&q=%3Cimg%20src=x%20onerror=PWN()%3E",
        "/enterprises?source=x:%3Csvg%20onload=PWN()%3E",
        "/enterprises?layer=%3Csvg%20onload=PWN()%3E",
        "/chains/x",
        "/id/segment/x.html",
        "/voc/cluster/x.html",
        "/id/place/x.html",
    ],
)
def test_no_label_and_no_address_runs(browser: Browser, hostile_url: str, path: str) -> None:
    joint = "&" if "?" in path else "?"
    visit = open_page(browser, f"{hostile_url}{path}{joint}lang=en")
    text = visit.page.locator("main").inner_text()
    assert any(attack in text for attack in ATTACKS) or "?" in path
    visit.check("400 (BAD REQUEST)")
    visit.page.context.close()
