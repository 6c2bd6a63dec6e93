"""Pages in a real Chromium, offline and from a file. Whatever it says on its console, refuses or asks for is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium
from tests.real_nodes import or_skip

_TELLING_OF_VIOLATIONS = (
    "document.addEventListener('securitypolicyviolation',"
    " (event) => console.error('policy', event.violatedDirective, event.blockedURI));"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    program = or_skip(chromium)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass(slots=True)
class Reader:
    """Somebody who opens pages, with what his browser noticed meanwhile."""

    context: BrowserContext
    folder: Path
    noticed: list[str] = field(default_factory=list)  # console messages, errors, refusals
    asked_for: list[str] = field(default_factory=list)  # addresses, the pages' own among them

    def opens(self, page: bytes, *, before: str = "", settled: bool = True) -> Page:
        """A page from a file on disk; if `settled`, when all that it checks by itself is checked.

        `before` is a script that runs before any of the page's own: what this browser has or lacks.
        """
        path = self.folder / "page.html"
        path.write_bytes(page)
        tab = self.context.new_page()
        tab.set_default_timeout(15_000)
        tab.add_init_script(_TELLING_OF_VIOLATIONS + before)
        tab.on("console", lambda message: self.noticed.append(message.text))
        tab.on("pageerror", lambda error: self.noticed.append(str(error)))
        tab.on("request", lambda request: self.asked_for.append(request.url))
        tab.goto(path.as_uri())
        if settled:
            tab.wait_for_selector("#status:not(.open)")
        return tab


@pytest.fixture(scope="session")
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile that has no network."""
    with browser.new_context(offline=True) as context:
        yield context


@pytest.fixture
def reader(offline: BrowserContext, tmp_path: Path) -> Iterator[Reader]:
    """A reader without a network, whose pages must be quiet: a test that expects noise takes it out of `noticed`."""
    reader = Reader(offline, tmp_path)
    yield reader
    for tab in offline.pages:
        tab.close()
    assert reader.noticed == []
    assert set(reader.asked_for) <= {(tmp_path / "page.html").as_uri()}
