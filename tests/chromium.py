"""A real Chromium that can reach this machine only, and what a page did wrong in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
VIOLATIONS = """window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
window.PWN = () => { window.pwned = true; };"""

INKED = """() => { const canvas = document.querySelector("#mynetwork canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0; for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) count++; return count; }"""
"""How many pixels of the network picture are drawn."""


def wait_until_drawn(page: Page, pixels: int = 2000) -> None:
    """Waits until more pixels of the network picture than that are drawn: a frame later than it stands."""
    page.wait_for_selector("#mynetwork canvas")
    page.wait_for_function(f"(least) => ({INKED})() > least", arg=pixels, polling=50)


@contextmanager
def start_chromium() -> Iterator[Browser]:
    """Debian's Chromium; missing it is a failure where CI is set and a skip elsewhere."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: apt-get install chromium fonts-noto-cjk")
        pytest.skip("no chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@dataclass
class Visit:
    """A page and what it did wrong."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def check(self, *expected: str) -> None:
        """Nothing was asked of another host, logged as an error but the expected, blocked, or injected."""
        hosts = {
            urlsplit(url).hostname
            for url in self.requests
            if not url.startswith(("data:", "file:"))
        }
        assert hosts <= {"127.0.0.1"}
        assert [e for e in self.errors if not any(part in e for part in expected)] == []
        assert self.page.evaluate("window.violations") == []
        assert self.page.evaluate("window.pwned === undefined")


def open_page(browser: Browser, url: str, **context: Any) -> Visit:
    """Opens an address in a context of its own, 1400 by 900 unless told otherwise."""
    options = {"viewport": {"width": 1400, "height": 900}, **context}
    page = browser.new_context(**options).new_page()
    found = Visit(page)
    page.on("request", lambda request: found.requests.append(request.url))
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on(
        "console",
        lambda message: found.errors.append(message.text) if message.type == "error" else None,
    )
    page.on("dialog", lambda dialog: found.errors.append(f"dialog {dialog.message}"))
    page.add_init_script(VIOLATIONS)
    page.goto(url)
    return found
