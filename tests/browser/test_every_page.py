"""Every kind of page in a real Chromium, in Chinese and English, light and dark, wide and on a telephone.

Every route has a row here: examples of its pages, or a place among those that give files.
"""

import re
from html import unescape
from typing import Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from chromium import Visit, open_page
from kg.analysis.registry import ANALYSES
from kg.web.lists.listing import LISTS

pytestmark = pytest.mark.browser
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
A_QUERY = "SELECT+*+%7B+%3Fs+a+%3Fclass+%7D+LIMIT+5"
FILTERED: Final = {
    "enterprises": ("/enterprises?layer=any&city=pl:shenzhen&page=2",),
    "cities": ("/cities?province=pl:nowhere",),
}
PAGES: Final[dict[str, tuple[str, ...]]] = {
    "/": ("/",),
    **{f"/{name}": (f"/{name}", *FILTERED.get(name, ())) for name in LISTS},
    "/analyses": ("/analyses",),
    **{f"/analyses/{name}": (f"/analyses/{name}",) for name in ANALYSES},
    "/chains/<slug>": ("/chains/humanoid", "/chains/sz-smart-sensor", "/chains/sz-synthetic-bio"),
    "/conflicts": ("/conflicts", "/conflicts?kind=nope"),
    "/docs": ("/docs", "/docs?path=/sparql"),
    "/export": ("/export", "/export?graph=src/A"),
    "/graph/<path:path>": ("/graph/src/A.html",),
    "/help": ("/help",),
    "/id/<path:path>": (
        "/id/ent/inovance.html",
        "/id/ent/cn-001316.html",
        "/id/inv/szcg.html",
        "/id/place/shenzhen.html",
        "/id/place/shenzhen.html?page=2",
        "/id/place/aba.html",
        "/id/segment/servo.html",
        "/id/segment/whole-machine.html",
        "/id/segment/sz-smart-sensor-1-1-1.html",
        "/id/stmt/A04-1.html",
        "/id/stmt/B18-2.html",
        "/id/stmt/B79-1.html",
        "/id/conflict/90713143eb4f662a3c32b93312de2e98.html",
        "/id/doc/B.html",
        "/id/item/action-camera.html",
        "/id/policydoc/sme-measures-2022.html",
        "/id/ruleset/lg22.html",
        "/id/programme/lg.html",
        "/id/clusterprog/20-8-s1.html",
        "/id/ent/nobody.html",
    ),
    "/network": ("/network", "/network?focus=e:inovance"),
    "/ont.<suffix>": ("/ont.html", "/ont.html?module=core"),
    "/ont/<path:path>": ("/ont/core.html",),
    "/problems/<code>": ("/problems/busy",),
    "/queries": ("/queries",),
    "/queries/<name>": (
        "/queries/city-race",
        "/queries/conflicts",
        "/queries/chain-neighbourhood",
        "/queries/figures-about?year=x",
    ),
    "/search": ("/search", "/search?q=robot", "/search?q=激光", "/search?q=qqqqqq&city=shenzhen"),
    "/sparql": ("/sparql", f"/sparql?query={A_QUERY}", "/sparql?query=SELECT"),
    "/voc/<path:path>": (
        "/voc/tier/little-giant.html",
        "/voc/tier.html",
        "/voc/cluster/s1-c10.html",
        "/voc/instrument/rd-bonus.html",
    ),
}
FILES: Final = {
    *(f"/{name}.<suffix>" for name in LISTS),
    *(f"/analyses/{name}.<suffix>" for name in ANALYSES),
    "/.well-known/void", "/conflicts.<suffix>", "/export/<path:name>", "/export/SHA256SUMS", "/facts/<path:path>",
    "/healthz", "/limits", "/metrics", "/network.<suffix>", "/network/drawing", "/ont", "/openapi.json", "/preferences", "/readyz",
    "/overview.<suffix>", "/reconcile", "/reconcile/suggest/entity", "/reconcile/suggest/property", "/reconcile/suggest/type",
    "/sparql/update", "/sparql/vocabulary.json", "/static/<path:filename>", "/store", "/store/<path:path>",
    "/search.<suffix>", "/suggest", "/vis/9.1.2/<name>",
}  # fmt: skip
"""Routes that give data, files or another address; `/network.html` is a file to keep, tested with the pictures."""
LIMIT: Final = 100_000
"""Bytes of a page before compression, apart from the files that pages share."""
ADDRESSES: Final = [address for found in PAGES.values() for address in found]
FAULTS: Final = "status of 40"
"""What Chromium logs of a page that is itself an error."""


def test_every_route_has_its_examples_or_gives_files(app: Flask) -> None:
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert routes == PAGES.keys() | FILES and not PAGES.keys() & FILES


@pytest.mark.parametrize("route", sorted(rule for rule in FILES if "<" not in rule))
def test_a_route_that_gives_files_has_no_page(client: FlaskClient, route: str) -> None:
    with client.get(route, headers=BROWSER) as answer:
        assert answer.mimetype != "text/html" or answer.status_code >= 300


@pytest.fixture(
    scope="module", params=[("light", "zh-Hans"), ("dark", "en")], ids=["light", "dark"]
)
def visit(chromium: Browser, server_url: str, request: pytest.FixtureRequest) -> tuple[Visit, str]:
    """One page in light and Chinese, one in dark and English; each goes from address to address."""
    scheme, tag = request.param
    return open_page(chromium, f"{server_url}/limits", color_scheme=scheme), tag


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_shuts_nobody_out_and_stays_at_home(
    visit: tuple[Visit, str], server_url: str, address: str
) -> None:
    found, tag = visit
    page = found.page
    found.requests.clear()
    found.errors.clear()
    answer = page.goto(f"{server_url}{address}{'&' if '?' in address else '?'}lang={tag}")
    assert answer is not None and answer.status < 500
    assert len(answer.body()) <= LIMIT
    assert page.locator("html").get_attribute("lang") == tag
    assert page.locator("h1").count() == 1
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"][:3]]) for fault in faults] == []
    found.check(*[FAULTS] * (answer.status >= 400))
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1400, "height": 900})


WITHOUT_DATA: Final = {
    "/analyses": "a list of pages",
    "/docs": "what /openapi.json says",
    "/export": "nothing but the addresses of all data",
    "/help": "words alone",
    "/problems/<code>": "words alone",
    "/queries": "a list of pages",
    "/sparql": "offers a result in every format of its kind",
}
"""Kinds of pages that show no data of their own, each with the reason."""
TYPES_OF_FILES: Final = {
    "ttl": ("text/turtle",),
    "jsonld": ("application/ld+json",),
    "json": ("application/json", "application/sparql-results+json", "application/ld+json"),
    "csv": ("text/csv",),
}
OF_DATA: Final = [
    (rule, address) for rule, found in PAGES.items() if rule not in WITHOUT_DATA for address in found
]  # fmt: skip


@pytest.mark.parametrize(("rule", "address"), OF_DATA)
def test_a_page_has_its_data_in_four_formats_and_its_query_in_the_editor(
    client: FlaskClient, rule: str, address: str
) -> None:
    page = client.get(address, headers=BROWSER)
    if page.status_code >= 400:
        return
    [content] = re.findall(r"<main.*?</main>", page.text, re.DOTALL)
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', content)]
    for suffix, media_types in TYPES_OF_FILES.items():
        own = [link for link in links if urlsplit(link).path.endswith(f".{suffix}")]
        assert own, f"{address} has no {suffix}"
        with client.get(own[0]) as answer:
            assert answer.status_code == 200 and answer.mimetype in media_types, own[0]
    queries = [link for link in links if link.startswith("/sparql?query=")]
    assert queries, f"{address} has no query"
    for link in queries:
        editor = client.get(link, headers=BROWSER)
        assert editor.status_code == 200 and 'class="problem"' not in editor.text, link
