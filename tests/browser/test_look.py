"""What a page is like to read: on every width, in both themes, on paper, by keyboard and read aloud."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page

from scanner.report.lists import SHOWN
from scanner.report.page.links import Links
from scanner.sources.prices import Prices
from tests.browser.conftest import Reader
from tests.browser.pages import EXAMPLE, page_of
from tests.support.attestations.attested import TIMED_OUT, a_claim, agreed, attest, held

# Relative luminance and contrast as WCAG 2.2 defines them, of each text against the nearest background that is opaque.
CONTRASTS = """() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = ([red, green, blue]) => {
        const linear = [red, green, blue].map((value) => value / 255)
            .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = channels(getComputedStyle(each).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
        const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(luminance);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        found.push([contrast, walker.currentNode.data.slice(0, 40)]);
    }
    return found.sort((one, other) => one[0] - other[0]);
}"""

SHORT_EXAMPLE = attest(held(btc=agreed(1)))
MANY_GAPS = attest(
    dict.fromkeys(held(), TIMED_OUT),
    claim=a_claim(),
)


def _extreme(statement: dict[str, Any]) -> None:
    """The longest of everything that a statement may hold. Nothing of it adds up."""
    finding = statement["predicate"]["finding"]
    for reserve in finding["reserves"]:
        reserve.update(
            unit="W" * 2000, held="9" * 100, owed="1", ratio="9" * 200 + ".999999", statedRatio="9" * 9 + "%"
        )
    for gap in finding["gaps"]:
        gap.update(account="W" * 20_000, asset="W" * 200, detail="W" * 2000)
    for coverage in finding["coverage"]:
        coverage.update(label="W" * 2000, claimed="9" * 100, difference="-" + "9" * 100)
    finding["challenge"] = "W" * 10_000
    statement["predicate"]["run"]["notes"] = ["W" * 2000] * 100


EXTREME = page_of(EXAMPLE.with_statement(_extreme, sign=True))


def look(reader: Reader, page: bytes, theme: Literal["light", "dark"], width: int) -> Page:
    reader.tab.emulate_media(color_scheme=theme)
    reader.tab.set_viewport_size({"width": width, "height": 900})
    return reader.opens(page)


@pytest.fixture
def opened(reader: Reader) -> Page:
    return look(reader, page_of(evidence=True), "light", 1280)


ADDED = page_of(
    prices=Prices(
        "Example Index", datetime(2023, 11, 1, tzinfo=UTC), "USD", {"BTC": Fraction(36_585)}, "p.yaml", "0" * 64
    ),
    links=Links("https://example.com/report", "A report", "https://auditor.example/keys", {"the claim": "https://a/b"}),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_pages_maker_adds_is_no_part_of_what_is_checked_and_fits(
    reader: Reader, theme: Literal["light", "dark"], width: int
) -> None:
    with reader.watching():
        tab = look(reader, ADDED, theme, width)
    assert tab.locator("#status").inner_text().startswith("Checked in your browser.")
    assert reader.noticed == []
    assert all(url.startswith("file:") for url in reader.asked_for)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate(CONTRASTS)[0][0] >= 4.5
    assert tab.get_by_role("link", name="A report").is_visible()
    assert tab.locator("#check-display .result").inner_text() == (
        "Shows all that was attested as it stands there; what its maker added is no part of that."
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(reader: Reader, theme: Literal["light", "dark"]) -> None:
    """At least 4.5 to 1: WCAG 2.2, 1.4.3, level AA."""
    for page in (page_of(evidence=True), page_of(SHORT_EXAMPLE), page_of(MANY_GAPS, keys=())):
        tab = look(reader, page, theme, 1200)
        contrasts = tab.evaluate(CONTRASTS)
        assert len(contrasts) > 100
        assert [each for each in contrasts if each[0] < 4.5] == []


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_the_page_is_never_wider_than_the_screen(reader: Reader, width: int) -> None:
    for page in (page_of(evidence=True), page_of(attest(claim=a_claim(exchange="Exchange" * 9))), EXTREME):
        tab = look(reader, page, "light", width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [320, 390])
def test_what_a_wide_table_is_about_can_be_read_without_scrolling(reader: Reader, width: int) -> None:
    tab = look(reader, page_of(evidence=True), "light", width)
    captions = tab.locator(".wide caption span").all()
    places = [each.bounding_box() for each in captions]
    assert any(
        each["x"] + each["width"] > width
        for each in map(Locator.bounding_box, tab.locator(".wide table").all())
        if each
    )
    for place in places:
        assert place is not None
        assert 0 <= place["x"] < place["x"] + place["width"] <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_screen_has_the_verdict_and_the_first_units(reader: Reader, width: int) -> None:
    tab = look(reader, page_of(), "light", width)
    last = tab.locator(".units tbody tr").nth(2 if width == 1280 else 1).bounding_box()
    assert last is not None
    assert last["y"] + (last["height"] if width == 1280 else 0) < 900


def test_it_prints_on_at_most_two_pages_of_a4(opened: Page) -> None:
    paper = opened.pdf(prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") in (1, 2)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in paper or b"/MediaBox [0 0 595" in paper


def test_headings_have_an_order_and_sections_their_names(opened: Page) -> None:
    levels = [
        int(heading[1])
        for heading in opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => h.localName)")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = "[...document.querySelectorAll('section')].map((section) => section.getAttribute('aria-labelledby'))"
    for name in opened.evaluate(names):
        assert opened.locator(f"h2#{name}").count() == 1
    identifiers = opened.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(set(identifiers)) == len(identifiers)


def test_tables_have_captions_and_headers_for_rows_and_columns(opened: Page) -> None:
    tables = opened.locator("table")
    assert tables.count() >= 6
    for table in tables.all():
        assert (table.locator("caption").text_content() or "").strip()
        columns = table.locator("thead th[scope=col]").count()
        assert columns >= 3
        for row in table.locator("tbody tr").all():
            assert row.locator("th, td").count() == columns
    assert opened.locator("main table:not(#resummed table) tbody tr:not(:has(th[scope=row]))").count() == 0


def test_every_bar_has_its_ratio_in_figures_beside_it(opened: Page) -> None:
    bars = opened.locator("svg")
    assert bars.count() == 3
    for bar in bars.all():
        assert bar.get_attribute("aria-hidden") == "true"
        assert bar.locator("xpath=..").locator("[data-is^=ratio]").inner_text().endswith("%")


def test_everything_that_can_be_used_has_a_name_and_can_be_reached_by_keyboard(opened: Page) -> None:
    names = opened.evaluate(
        "[...document.querySelectorAll('input, textarea')].map((e) => e.labels[0]?.textContent ?? '')"
    )
    assert len(names) == 3
    assert all(names)
    reached = []
    opened.locator("body").press("Tab")
    for _ in range(40):
        focused = opened.evaluate("document.activeElement.id || document.activeElement.localName")
        if focused == "body":
            break
        reached.append(focused)
        opened.keyboard.press("Tab")
    assert {"key", "use-key", "save", "evidence", "address", "search", "summary", "a"} <= set(reached)


def test_what_is_focused_can_be_seen(opened: Page) -> None:
    opened.locator("#use-key").focus()
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Tab")
    assert opened.locator("#use-key").evaluate("(button) => getComputedStyle(button).outlineStyle") == "solid"


def test_what_changes_is_announced(opened: Page) -> None:
    for name in ("status", "progress", "found"):
        assert opened.locator(f"#{name}").get_attribute("role") == "status"


def test_the_units_stay_a_table_when_they_are_drawn_as_cards(reader: Reader) -> None:
    tab = look(reader, page_of(), "light", 390)
    table = tab.get_by_role("table", name="Each coin that the exchange owes")
    assert table.get_by_role("rowheader").all_inner_texts() == ["BTC", "ETH", "USDT"]
    assert table.get_by_role("row").count() == 4


def test_the_first_gaps_are_in_sight_and_the_rest_folded_away(reader: Reader) -> None:
    tab = reader.opens(page_of(MANY_GAPS))
    section = tab.locator("section[aria-labelledby=gaps]")
    assert len(MANY_GAPS.statement["predicate"]["finding"]["gaps"]) == 7
    assert section.locator("li:visible").count() == SHOWN
    section.locator("summary").click()
    assert section.locator("li:visible").count() == 7
