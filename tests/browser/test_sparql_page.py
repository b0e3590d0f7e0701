"""The query page in a real Chromium: runs, stops, completes, draws, and stays usable by keyboard."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from chromium import Visit, open_page, wait_until_drawn

pytestmark = pytest.mark.browser
KG = "PREFIX kg: <https://w3id.org/industry-kg/ont#>\n"
FIRMS = KG + "SELECT ?firm ?segment WHERE { ?record kg:participant ?firm ; kg:inSegment ?segment }"
COUNTS = (
    "SELECT ?type (COUNT(*) AS ?n) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?n) LIMIT 12"
)
YEARS = "SELECT ?year ?n { VALUES (?year ?n) { (2021 4) (2022 9) (2023 6) (2024 11) } }"
GRAPH = KG + "CONSTRUCT { ?s kg:feeds ?o } WHERE { ?s kg:feeds ?o }"
MANY = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
WRONG = "SELECT *\nWHERE { ?s ?p ?o LIMIT 3 }"
REFUSED = "the server responded with a status of 400"


@pytest.fixture
def visit(browser: Browser, server_url: str) -> Iterator[Any]:
    """Opens the query page with a query, a view and a language; closes what it opened."""
    opened: list[Visit] = []

    def visit(query: str = "", *, view: str = "", lang: str = "en", **context: Any) -> Visit:
        given = {"lang": lang, "query": query, "view": view}
        address = urlencode({name: value for name, value in given.items() if value})
        opened.append(open_page(browser, f"{server_url}/sparql?{address}", **context))
        return opened[-1]

    yield visit
    for found in opened:
        found.page.context.close()


def write(page: Page, text: str) -> None:
    """Types over whatever the editor holds."""
    page.click(".yasqe .CodeMirror")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def set_query(page: Page, text: str) -> None:
    """Puts a text into the editor at once."""
    page.evaluate("(text) => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", text)


def query_of(page: Page) -> str:
    """What the editor holds."""
    return str(page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()"))


def test_control_and_enter_run_the_query_and_the_address_holds_it(visit: Any) -> None:
    found = visit()
    page = found.page
    write(page, "SELECT (1 AS ?one) {}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#rows-table")
    assert page.locator("#rows-table td").all_inner_texts() == ["1"]
    assert "query=SELECT+" in page.url
    page.reload()
    assert query_of(page) == "SELECT (1 AS ?one) {}"
    assert page.locator("#rows-table td").count() == 1
    found.check()


def test_a_long_query_has_a_short_link_that_leads_back_to_it(visit: Any) -> None:
    found = visit()
    page = found.page
    query = "".join(f"# {number} 深圳 the same words again\n" for number in range(200)) + "ASK {}"
    set_query(page, query)
    page.click("#run")
    page.wait_for_selector(".boolean")
    assert "#q=" in page.url and len(page.url) < 2000 < len(query)
    page.reload()
    page.wait_for_selector(".boolean")
    assert query_of(page) == query
    found.check()


def test_a_running_query_is_timed_and_can_be_stopped(visit: Any) -> None:
    found = visit()
    page = found.page
    set_query(page, ENDLESS)
    with page.expect_event("requestfailed") as failed:
        page.click("#run")
        expect(page.locator("#clock")).to_contain_text("running")
        page.click("#stop")
    assert "ABORTED" in str(failed.value.failure)
    expect(page.locator("#clock")).to_contain_text("stopped")
    assert page.evaluate("document.activeElement.id") == "run"
    set_query(page, "ASK {}")
    page.click("#run")
    page.wait_for_selector(".boolean")
    found.check("ERR_ABORTED")


def test_a_mistake_is_marked_where_it_stands(visit: Any) -> None:
    found = visit()
    page = found.page
    set_query(page, WRONG)
    page.click("#run")
    page.wait_for_selector("[role=alert]")
    problem = page.locator(".problem")
    line, column = (int(problem.get_attribute(f"data-{name}") or 0) for name in ("line", "column"))
    assert line == 2 and problem.locator("pre").inner_text().endswith("^")
    marked = page.locator(".kg-wrong").inner_text()
    assert marked == WRONG.split("\n")[1][column - 1]
    assert page.locator(".kg-wrong-line").count() == 1
    page.locator(".parseErrorIcon").hover()  # the component's own message would break the policy
    write(page, "ASK {}")
    assert page.locator(".kg-wrong").count() == 0
    found.check(REFUSED)


@pytest.mark.parametrize(
    ("lang", "typed", "about"),
    [("en", "partici", "Relates such a record to the firm."), ("zh-Hans", "企业", "kg:Enterprise")],
)
def test_terms_are_completed_by_name_or_label_and_bring_their_prefix(
    visit: Any, lang: str, typed: str, about: str
) -> None:
    found = visit(lang=lang)
    page = found.page
    page.wait_for_load_state("networkidle")
    write(page, "SELECT * WHERE { ?record a " if lang == "zh-Hans" else "SELECT * WHERE { ?record ")
    page.keyboard.type(typed)
    page.wait_for_selector(".CodeMirror-hint")
    first = page.locator(".CodeMirror-hint").first.inner_text()
    assert about in first and any(char.isdigit() for char in first)
    page.keyboard.press("Enter")
    expect(page.locator(".CodeMirror-hint")).to_have_count(0)
    text = query_of(page)
    assert text.startswith(KG)
    assert text.endswith("kg:participant" if lang == "en" else "kg:Enterprise")
    found.check()


def test_a_prefix_that_is_typed_or_named_is_declared_once(visit: Any) -> None:
    found = visit()
    page = found.page
    page.wait_for_load_state("networkidle")
    write(page, "ASK { ?s skos:prefLabel ?x ; skos:altLabel ?y }")
    text = query_of(page)
    assert text.count("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>") == 1
    page.keyboard.press("Escape")
    write(page, "PREFIX pl")
    page.wait_for_selector(".CodeMirror-hint")
    page.keyboard.press("Enter")
    assert query_of(page) == "PREFIX pl: <https://w3id.org/industry-kg/id/place/>"
    found.check()


def test_a_table_shows_labels_sorts_turns_pages_and_says_where_it_is_cut(visit: Any) -> None:
    found = visit(MANY)
    page = found.page
    rows, status = page.locator("#rows-table tbody tr"), page.locator(".bar [aria-live]")
    assert rows.count() == 100
    assert "There is more" in page.locator(".notice").inner_text()
    assert status.all_inner_texts() == ["1000 rows", "rows 1–100"]
    page.get_by_role("button", name="Next").click()
    assert status.all_inner_texts()[1] == "rows 101–200"
    for direction in ("ascending", "descending"):
        page.get_by_role("button", name="p", exact=True).click()
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == direction
    page.get_by_role("button", name="Show IRIs").click()
    assert all(":" in text for text in page.locator("tbody td:nth-child(2)").all_inner_texts())
    page.get_by_role("button", name="Show labels").click()
    found.check()


def test_numbers_are_sorted_as_numbers_and_names_lead_to_pages(visit: Any) -> None:
    found = visit(COUNTS)
    page = found.page
    page.get_by_role("button", name="n", exact=True).click()
    numbers = [int(text) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert numbers == sorted(numbers) and len(numbers) == 12
    page.locator("tbody a").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text()


@pytest.mark.parametrize(("query", "marks"), [(COUNTS, "rect"), (YEARS, "circle")])
def test_a_chart_has_a_mark_for_every_row(visit: Any, query: str, marks: str) -> None:
    found = visit(query)
    page = found.page
    page.get_by_role("link", name="Chart").click()
    assert page.locator(f".chart {marks}").count() == page.locator("#rows-table tbody tr").count()
    assert page.locator("#rows-table").is_hidden()
    assert "view=chart" in page.url
    widths = [float(r.get_attribute("width") or 0) for r in page.locator(".chart rect").all()]
    assert widths == sorted(widths, reverse=True)
    page.get_by_role("link", name="Table").click()
    assert page.locator("#rows-table").is_visible()
    found.check()


@pytest.mark.parametrize("query", [FIRMS, GRAPH], ids=["rows", "graph"])
def test_a_network_is_drawn_when_it_is_asked_for(visit: Any, query: str) -> None:
    found = visit(query)
    page = found.page
    assert not any("vis-network" in url for url in found.requests)
    page.get_by_role("link", name="Network", exact=True).last.click()
    wait_until_drawn(page)
    row = page.locator("tr[data-edge]").first
    row.focus()
    assert row.locator("td").first.inner_text() in page.locator("#kg-details").inner_text()
    assert "Sources stand on the pages" in page.locator("#kg-details").inner_text()
    page.reload()
    page.wait_for_selector("#mynetwork canvas")
    assert page.evaluate("document.querySelectorAll('#mynetwork canvas').length") == 1
    found.check()


def test_the_raw_answer_and_the_downloads_are_the_endpoints_own(visit: Any) -> None:
    found = visit(YEARS, view="raw")
    page = found.page
    raw = json.loads(page.locator("[data-shown=raw] pre").inner_text())
    assert len(raw["results"]["bindings"]) == 4
    for link in page.locator(".downloads a").all():
        with page.expect_download() as download:
            link.click()
        assert download.value.path().read_bytes()
    assert page.locator(".downloads a").count() == 4
    found.check()


def test_back_leads_to_the_query_before(visit: Any) -> None:
    found = visit(YEARS)
    page = found.page
    set_query(page, COUNTS)
    page.click("#run")
    page.wait_for_selector("th:has-text('type')")
    page.go_back()
    page.wait_for_selector("th:has-text('year')")
    assert query_of(page) == YEARS


def test_examples_are_found_and_run(visit: Any) -> None:
    found = visit()
    page = found.page
    page.fill("#find", "rank of a city")
    assert page.locator("#examples li:visible").count() == 1
    page.locator("#examples li:visible a").click()
    page.wait_for_selector("#rows-table")
    assert "RankChange" in query_of(page)
    page.fill("#find", "xyzzy")
    assert page.locator("#no-example").is_visible()
    found.check()


def test_every_control_is_reached_and_left_by_keyboard(visit: Any) -> None:
    found = visit(COUNTS)
    page = found.page
    page.locator(".yasqe textarea").focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "run"
    page.locator(".yasqe textarea").focus()
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.textContent || document.activeElement.tagName")
        )
    for name in ("Run", "Copy link", "Table", "Chart", "Raw", "Show IRIs", "type", "n"):
        assert name in [text.strip() for text in seen], (name, seen)
    page.locator("th button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort]").count() == 1
    found.check()


def test_without_scripts_form_table_chart_and_downloads_are_there(
    browser: Browser, server_url: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server_url}/sparql?lang=en")
    page.fill("textarea", COUNTS)
    page.click("#run")
    assert page.locator("#rows-table tbody tr").count() == 12
    page.get_by_role("link", name="Chart").click()
    assert page.locator(".chart rect").count() == 12
    assert page.locator("textarea").input_value() == COUNTS
    page.get_by_role("link", name="Raw").click()
    assert page.locator("[data-shown=raw] pre").inner_text().startswith("{")
    page.fill("textarea", WRONG)
    page.click("#run")
    assert "line 2" in page.locator("[role=alert]").inner_text()
    context.close()


STATES = {
    "form": ("", ""),
    "table": (FIRMS, "table"),
    "chart": (YEARS, "chart"),
    "network": (GRAPH, "network"),
    "raw": (GRAPH, "raw"),
    "wrong": (WRONG, ""),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_no_barrier_is_found(visit: Any, state: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core here")
    query, view = STATES[state]
    found = visit(query, view=view, color_scheme=scheme, lang="zh-Hans" if state == "table" else "en")  # fmt: skip
    if state == "network":
        found.page.wait_for_selector("#mynetwork canvas")
    for box in found.page.locator("details").all():
        box.locator("summary").click()
    results = axe.Axe().run(found.page)
    assert results.violations_count == 0, results.generate_report()
    found.check(REFUSED)


@pytest.mark.parametrize("state", STATES)
def test_a_narrow_screen_holds_it_all(visit: Any, state: str) -> None:
    query, view = STATES[state]
    found = visit(query, view=view, viewport={"width": 390, "height": 844})
    assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found.check(REFUSED)
