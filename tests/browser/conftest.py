"""Pages in a real Chromium, offline and from a file. Whatever it says on its console, refuses or asks for is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium
from tests.support.real.real_nodes import or_skip

_TELLING_OF_VIOLATIONS = (
    "document.addEventListener('securitypolicyviolation',"
    " (event) => console.error('policy', event.violatedDirective, event.blockedURI));"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module: while it is there, its driver's event loop runs, and no other may."""
    program = or_skip(chromium)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass(slots=True)
class Reader:
    """Somebody who opens pages in one tab after the other, with what his browser noticed meanwhile."""

    tab: Page
    folder: Path
    noticed: list[str] = field(default_factory=list)  # console messages, errors, refusals
    asked_for: list[str] = field(default_factory=list)  # addresses, the pages' own among them

    def opens(self, page: bytes, *, settled: bool = True) -> Page:
        """A page from a file on disk; if `settled`, when all that it checks by itself is checked."""
        path = self.folder / "page.html"
        path.write_bytes(page)
        self.tab.goto(path.as_uri())
        if settled:
            self.tab.wait_for_selector("#status:not(.open)")
        return self.tab

    @contextmanager
    def watching(self) -> Iterator[Reader]:
        """Notices what goes on in the tab."""
        watched: dict[str, Callable[..., None]] = {
            "console": lambda message: self.noticed.append(message.text),
            "pageerror": lambda error: self.noticed.append(str(error)),
            "request": lambda request: self.asked_for.append(request.url),
        }
        for event, notice in watched.items():
            self.tab.on(event, notice)  # type: ignore[call-overload]  # one overload for each event
        try:
            yield self
        finally:
            for event, notice in watched.items():
                self.tab.remove_listener(event, notice)


def a_tab(context: BrowserContext, before: str = "") -> Page:
    """A new tab. `before` runs before any script of a page: what this browser has or lacks."""
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    tab.add_init_script(_TELLING_OF_VIOLATIONS + before)
    return tab


@pytest.fixture(scope="module")
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile that has no network."""
    with browser.new_context(offline=True) as context:
        yield context


@pytest.fixture(scope="module")
def tab(offline: BrowserContext) -> Page:
    """One tab for most tests of a module: a page that is opened in it finds nothing of the page before."""
    return a_tab(offline)


@pytest.fixture
def reader(tab: Page, tmp_path: Path) -> Iterator[Reader]:
    """A reader without a network, whose pages must be quiet: a test that expects noise takes it out of `noticed`."""
    with Reader(tab, tmp_path).watching() as reader:
        yield reader
    assert reader.noticed == []
    assert set(reader.asked_for) <= {(tmp_path / "page.html").as_uri()}
