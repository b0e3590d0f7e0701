"""The network page in a real Chromium: drawn, readable, offline, and safe against its own data."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from chromium import INKED, Visit, open_page, wait_until_drawn
from kg.namespaces import PREFIXES
from kg.settings import Settings
from kg.web import create_app

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent
SHOTS = Path(__file__).parent / "screenshots"
LABELS = """() => kgNetwork.body.nodeIndices.map((id) => kgNetwork.body.nodes[id])
  .filter((node) => node.options.label && node.options.label.trim())
  .map((node) => ({ label: node.options.label, size: node.options.font.size * kgNetwork.getScale(), box: kgNetwork.getBoundingBox(node.id) }))"""
PICTURES = [
    "/network?lang=zh-Hans",
    "/network?lang=zh-Hans&focus=e:inovance",
    "/network?lang=en&focus=e:guangyue",
]
XSS = ["<img src=x onerror=PWN()>", "</script><script>PWN()</script>", "href <img src=x onerror=PWN()>", "'><svg onload=PWN()>"]  # fmt: skip


def visit(browser: Browser, url: str, **context: Any) -> Visit:
    """Opens an address and waits until the picture stands."""
    found = open_page(browser, url, **context)
    found.page.wait_for_function("window.kgNetwork && document.fonts.status === 'loaded'")
    wait_until_drawn(found.page, 0)
    return found


def check_readable(page: Page) -> None:
    """Names are 12 pixels high or more and none lies on another."""
    labels = page.evaluate(LABELS)
    assert labels
    for label in labels:
        assert label["size"] >= 11.99, label
    for index, one in enumerate(labels):
        for other in labels[index + 1 :]:
            a, b = one["box"], other["box"]
            apart = (
                a["right"] <= b["left"] + 1
                or b["right"] <= a["left"] + 1
                or a["bottom"] <= b["top"] + 1
                or b["bottom"] <= a["top"] + 1
            )
            assert apart, (one, other)


def keep(page: Page, name: str) -> None:
    """A screenshot for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PICTURES)
def test_a_picture_is_drawn_readable_and_stays_at_home(
    browser: Browser, server_url: str, path: str, scheme: str
) -> None:
    found = visit(browser, server_url + path, color_scheme=scheme)
    assert found.page.evaluate(INKED) > 2000
    check_readable(found.page)
    keep(found.page, f"{PICTURES.index(path)}-{scheme}")
    found.check()


def test_names_stay_readable_on_a_telephone(browser: Browser, server_url: str) -> None:
    found = visit(browser, server_url + PICTURES[0], viewport={"width": 390, "height": 844})
    check_readable(found.page)
    assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    keep(found.page, "telephone")
    found.check()


def test_dark_letters_follow_the_scheme_when_it_changes(browser: Browser, server_url: str) -> None:
    page = visit(browser, server_url + PICTURES[0]).page
    colour = (
        "() => kgNetwork.body.data.nodes.get().find((node) => node.shape === 'text').font.color"
    )
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => ({colour})() === '#e8edf2'")
    assert light != "#e8edf2"


def click_at(page: Page, place: str) -> None:
    """Clicks the canvas at a place of the picture, given as a JavaScript expression."""
    point = page.evaluate(f"() => kgNetwork.canvasToDOM({place})")
    page.locator("#mynetwork canvas").click(position=point)


def test_a_click_on_a_node_or_a_line_shows_its_source(browser: Browser, server_url: str) -> None:
    found = visit(browser, server_url + PICTURES[0])
    firm = "https://w3id.org/industry-kg/id/ent/robosense"
    click_at(found.page, f"kgNetwork.getPosition('{firm}')")
    details = found.page.locator("#kg-details")
    expect(details).to_contain_text("A17")
    assert "580" in details.inner_text()
    assert details.locator("a[href='/id/ent/robosense']").count() == 1
    ends = "kgNetwork.getPosition('https://w3id.org/industry-kg/id/segment/{}')"
    servo, whole = ends.format("servo"), ends.format("whole-machine")
    click_at(found.page, f"{{ x: ({servo}.x + {whole}.x) / 2, y: ({servo}.y + {whole}.y) / 2 }}")
    expect(details).to_contain_text("graph/ref/chains")
    found.check()


def test_the_table_leads_to_the_same_sources_by_keyboard(browser: Browser, server_url: str) -> None:
    found = visit(browser, server_url + PICTURES[0])
    rows = found.page.locator("tr[data-edge]")
    rows.first.focus()
    first = found.page.locator("#kg-details").inner_text()
    found.page.keyboard.press("ArrowDown")
    assert found.page.locator("#kg-details").inner_text() != first
    assert found.page.evaluate("kgNetwork.getSelectedEdges().length") == 1


def test_the_legend_hides_a_type(browser: Browser, server_url: str) -> None:
    page = visit(browser, server_url + PICTURES[0]).page
    shown = "() => kgNetwork.body.nodeIndices.filter((id) => !kgNetwork.body.nodes[id].options.hidden).length"
    before = page.evaluate(shown)
    page.locator(".kg-legend input").first.uncheck()
    page.wait_for_function(f"(before) => ({shown})() !== before", arg=before)
    assert page.evaluate(shown) == before - 20  # ten enterprises and their names


def test_without_scripts_the_table_and_the_form_are_there(
    browser: Browser, server_url: str
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(server_url + PICTURES[0])
    assert page.locator("tr[data-edge]").count() > 5
    page.select_option("select[name=focus]", label="汇川技术")
    page.click(".kg-form button")
    assert page.locator("h1").inner_text().startswith("汇川技术")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_single_file_opens_from_a_disk(
    browser: Browser, server_url: str, tmp_path: Path, scheme: str
) -> None:
    page = browser.new_page()
    html = page.request.get(server_url + "/network.html?lang=zh-Hans&focus=e:inovance").body()
    file = tmp_path / "产业 <img src=x onerror=PWN()>.html"
    file = file.with_name(file.name.replace("/", "_"))
    file.write_bytes(html)
    found = visit(browser, file.as_uri(), color_scheme=scheme)
    assert found.page.evaluate(INKED) > 2000
    check_readable(found.page)
    assert [url for url in found.requests if not url.startswith("data:")] == [file.as_uri()]
    found.check()


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose every label tries to break out."""
    folder = tmp_path_factory.mktemp("hostile")
    store_path = folder / "releases" / "hostile" / "store"
    store_path.mkdir(parents=True)
    (folder / "current").symlink_to(folder / "releases" / "hostile")
    text = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    text += f'ch:x a kg:IndustryChain ; skos:prefLabel "{XSS[1]}"@zh-Hans . stg:upstream skos:prefLabel "{XSS[0]}"@zh-Hans .\n'
    text += f'doc:x dcterms:title "{XSS[2]}" . ps:x kg:fromDocument doc:x ; kg:startOffset 1 ; kg:length 2 . mod:explicit skos:prefLabel "{XSS[3]}" .\n'
    for index, attack in enumerate(XSS):
        text += f'seg:s{index} a kg:ChainSegment ; skos:prefLabel "{attack}"@zh-Hans ; kg:partOfChain ch:x ; kg:stage stg:upstream .\n'
        text += f'e:f{index} a kg:Enterprise ; skos:prefLabel "{attack}"@zh-Hans .\n'
        text += f'st:r{index} a kg:ChainParticipation ; kg:participant e:f{index} ; kg:inSegment seg:s{index} ; kg:factId "{attack}" ; kg:statementText "{attack}" ; kg:evidence ps:x ; kg:modality mod:explicit .\n'
    store = ox.Store(str(store_path))
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        store.add(quad)
        store.add(
            ox.Quad(
                quad.subject,
                quad.predicate,
                quad.object,
                ox.NamedNode("x:<y>".replace("<", "").replace(">", "")),
            )
        )
    store.flush()
    del store
    app = create_app(Settings(root=ROOT, data=folder, workers=1))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["kg"].pool.close()


@pytest.mark.parametrize(
    "path",
    [
        "/network?lang=zh-Hans",
        "/network?lang=zh-Hans&focus=e:f0",
        "/network?chain=%3Cimg%20src=x%20onerror=PWN()%3E",
        "/network?chain=all&layout=force&expand=e:f0",
        "/network?focus=e:f0&hops=3&layout=radial",
        "/network?from=e:f0&to=seg:s0",
    ],
)
def test_no_label_runs(browser: Browser, hostile_url: str, path: str) -> None:
    found = visit(browser, hostile_url + path)
    for row in found.page.locator("tr[data-edge]").all():
        row.focus()
    place = "kgNetwork.getPosition(kgNetwork.body.nodeIndices.find((id) => id.startsWith('http')))"
    point = found.page.evaluate(f"() => kgNetwork.canvasToDOM({place})")
    found.page.locator("#mynetwork canvas").hover(position=point)
    found.page.wait_for_selector(".vis-tooltip", state="visible")
    click_at(found.page, place)
    found.page.wait_for_timeout(500)  # vis waits for a second click
    assert found.page.locator("img").count() == 0
    found.check()


def test_no_label_runs_in_the_drawing(browser: Browser, hostile_url: str, tmp_path: Path) -> None:
    """As a file from a disk, where no policy of the server holds."""
    file = tmp_path / "x.svg"
    file.write_bytes(browser.new_page().request.get(hostile_url + "/network.svg").body())
    found = open_page(browser, file.as_uri())
    assert found.page.evaluate("document.documentElement.tagName") == "svg"
    assert (
        found.page.evaluate("document.querySelectorAll('script, img, a, foreignObject').length")
        == 0
    )
    found.check()


def test_no_label_runs_in_the_single_file(
    browser: Browser, hostile_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.html"
    file.write_bytes(
        browser.new_page().request.get(hostile_url + "/network.html?lang=zh-Hans").body()
    )
    visit(browser, file.as_uri()).check()
