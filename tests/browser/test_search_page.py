"""The search box in a real Chromium: input methods, keyboard, late answers, accessibility."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from chromium import Visit, open_page

pytestmark = pytest.mark.browser
OPTIONS = "[role=option]"


@pytest.fixture
def visit(browser: Browser, server_url: str) -> Iterator[Any]:
    """Opens an address of the site; closes what it opened."""
    opened: list[Visit] = []

    def visit(path: str = "/search?lang=en", **context: Any) -> Visit:
        opened.append(open_page(browser, f"{server_url}{path}", **context))
        return opened[-1]

    yield visit
    for found in opened:
        found.page.context.close()


def asked(found: Visit) -> list[str]:
    """What was asked of the suggestions so far."""
    return [url for url in found.requests if "/suggest?" in url]


def test_typing_suggests_and_the_keyboard_chooses(visit: Any) -> None:
    found = visit()
    page: Page = found.page
    box = page.locator("#search")
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # however long four letters take here
    box.press_sequentially("zwjd")
    page.clock.run_for(149)
    assert asked(found) == []
    page.clock.run_for(1)
    expect(page.locator(OPTIONS).first).to_contain_text("兆威机电")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert len(asked(found)) == 1  # one for four letters typed in one go
    box.press("ArrowDown")
    chosen = page.locator(f"{OPTIONS}[aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    box.press("ArrowUp")
    expect(chosen).to_have_count(0)
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/id/ent/zhaowei.html")
    found.check()


def test_enter_without_a_choice_searches_and_escape_closes(visit: Any) -> None:
    found = visit("/?lang=en")
    page: Page = found.page
    box = page.locator("#search")
    box.press_sequentially("兆威")
    expect(page.locator(OPTIONS).first).to_be_visible()
    box.press("Escape")
    expect(page.locator(OPTIONS).first).to_be_hidden()
    expect(box).to_have_value("兆威")
    box.press("Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.locator(".hits a").first).to_have_attribute("href", "/id/ent/zhaowei")
    found.check()


def test_an_input_method_asks_nothing_before_the_text_is_there(visit: Any) -> None:
    """Chromium's own composition: raw pinyin is no text, and its Enter does not submit."""
    found = visit()
    page: Page = found.page
    box = page.locator("#search")
    box.focus()
    client = page.context.new_cdp_session(page)
    for text in ("z", "zh", "zhao", "zhao'wei"):
        client.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
        page.wait_for_timeout(80)
    page.wait_for_timeout(400)  # more than the delay
    assert asked(found) == []
    # The key that ends the composition, as an input method sends it.
    client.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 229},
    )
    client.send("Input.insertText", {"text": "兆威"})
    expect(page.locator(OPTIONS).first).to_contain_text("兆威机电")
    assert len(asked(found)) == 1 and "%E5%85%86%E5%A8%81" in asked(found)[0]
    assert page.url.endswith("/search?lang=en")
    found.check()


def test_enter_that_ends_a_composition_does_not_submit(visit: Any) -> None:
    """Safari ends the composition first and then sends Enter with the code 229."""
    found = visit()
    page: Page = found.page
    box = page.locator("#search")
    prevented = box.evaluate(
        """(input) => { input.value = "zhao";
        const enter = (code) => !input.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", keyCode: code, bubbles: true, cancelable: true }));
        input.dispatchEvent(new CompositionEvent("compositionstart"));
        const during = enter(13);
        input.dispatchEvent(new CompositionEvent("compositionend"));
        return [during, enter(229), enter(13)]; }"""
    )
    assert prevented == [True, True, False]


def test_a_late_answer_is_dropped(visit: Any) -> None:
    found = visit()
    page: Page = found.page

    held: list[Route] = []
    page.route("**/suggest?*q=%E6%B7%B1", lambda route: held.append(route))  # 深
    box = page.locator("#search")
    with page.expect_request("**/suggest?*q=%E6%B7%B1"):
        box.fill("深")
    box.fill("兆威")
    expect(page.locator(OPTIONS).first).to_contain_text("Zhaowei")
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator(OPTIONS).first).to_contain_text("Zhaowei")


def test_names_of_things_are_text_and_never_markup(visit: Any) -> None:
    found = visit()
    page: Page = found.page
    evil = "<img src=x onerror=PWN()>"
    hit = dict.fromkeys(("iri", "label", "type", "where", "matched", "how", "reason"), evil)
    page.route(
        "**/suggest?*",
        lambda route: route.fulfill(
            json={"query": "x", "hits": [hit | {"path": "javascript:PWN()"}]}
        ),
    )
    page.locator("#search").fill("x")
    option = page.locator(OPTIONS).first
    expect(option).to_contain_text(evil)
    option.click()
    page.wait_for_timeout(200)
    assert page.url.endswith("/search?lang=en")
    found.check()


def test_axe_finds_nothing_in_the_open_list(visit: Any) -> None:
    found = visit()
    found.page.locator("#search").fill("兆")
    expect(found.page.locator(OPTIONS).first).to_be_visible()
    found.page.locator("#search").press("ArrowDown")
    results = Axe().run(found.page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", ["/search?lang=en&q=激光", "/?lang=en"])
def test_a_narrow_screen_holds_page_and_list(visit: Any, path: str) -> None:
    found = visit(path, viewport={"width": 390, "height": 800})
    page: Page = found.page
    page.locator("#search").fill("深圳市")
    expect(page.locator(OPTIONS).first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    box = page.locator("[role=listbox]").bounding_box()
    assert wide <= 390
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    found.check()


def test_everything_works_without_a_script(visit: Any) -> None:
    found = visit(java_script_enabled=False)
    page: Page = found.page
    page.get_by_label("Search").first.fill("激光")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hits li")).to_have_count(20)
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".hits")).to_have_attribute("start", "21")
    page.locator("aside a").first.click()
    expect(page.locator(".conditions li")).to_have_count(1)
