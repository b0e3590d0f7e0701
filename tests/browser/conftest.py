"""The browser of each module of these tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from chromium import start_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the module: a loop that ran on would be in the way of the tests that follow."""
    with start_chromium() as found:
        yield found
