"""The browser of each module of these tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from chromium import start_chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for the module: a loop that ran on would be in the way of the tests that follow."""
    with start_chromium() as found:
        yield found


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The same for one test, whose pages are closed after it: an open one goes on drawing and asking."""
    before = chromium.contexts
    yield chromium
    for context in chromium.contexts:
        if context not in before:
            context.close()
