"""Lists, chains, segments, clusters and cities in a real Chromium: no fault, nothing from elsewhere, readable when narrow."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from chromium import open_page, start_chromium
from kg.web.lists.listing import LISTS

pytestmark = pytest.mark.browser
THINGS = [
    "/chains/humanoid",
    "/chains/sz-synthetic-bio",
    "/id/segment/whole-machine.html",
    "/id/segment/sz-smart-sensor-1-1-1.html",
    "/voc/cluster/s1-c10.html",
    "/id/place/shenzhen.html",
    "/id/place/aba.html",
]
PAGES = [*(f"/{name}" for name in LISTS), "/enterprises?layer=any&city=pl:shenzhen&page=2", "/cities?province=pl:nowhere", *THINGS]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the module."""
    with start_chromium() as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("scheme", "lang"), [("light", "zh-Hans"), ("dark", "en")])
def test_a_page_has_no_fault_and_asks_nothing_of_others(
    browser: Browser, server_url: str, path: str, scheme: str, lang: str
) -> None:
    visit = open_page(browser, server_url + path, color_scheme=scheme, locale=lang)
    found = Axe().run(visit.page)
    assert found.violations_count == 0, found.generate_report()
    visit.check()
    visit.page.context.close()


@pytest.mark.parametrize("path", ["/enterprises", "/clusters", *THINGS[:1], *THINGS[2:6]])
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
