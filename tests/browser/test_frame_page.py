"""The frame of every page in a real Chromium: a header of one line, filters folded on a telephone."""

import pytest
from playwright.sync_api import Browser

from chromium import open_page
from kg.web.lists.listing import LISTS
from kg.words import LANGUAGES

pytestmark = pytest.mark.browser
TOPS = """() => [...document.querySelectorAll("header.site nav a, header.site input[type=search], .choices a")]
  .map((part) => part.getBoundingClientRect()).map((box) => box.top + box.height / 2)"""
"""Where the middles of the entries of the header stand."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 1400])
def test_the_header_is_one_line(browser: Browser, server_url: str, width: int, lang: str) -> None:
    size = {"width": width, "height": 900}
    page = open_page(browser, f"{server_url}/queries?lang={lang}", viewport=size).page
    middles = page.evaluate(TOPS)
    assert len(middles) > 15 and max(middles) - min(middles) < 10


@pytest.mark.parametrize("name", LISTS)
def test_filters_are_folded_on_a_telephone_and_stand_open_beside_the_rows_otherwise(
    browser: Browser, server_url: str, name: str
) -> None:
    page = open_page(browser, f"{server_url}/{name}?lang=en").page
    choice, fold = page.locator(".facets li a").first, page.locator(".fold > summary")
    assert choice.is_visible() and not fold.is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert fold.is_visible() and not choice.is_visible()
    rows = page.locator("table.list").bounding_box()
    assert rows is not None and rows["y"] < 844  # the rows begin on the first screen
    fold.click()
    assert choice.is_visible()
