"""A site on a narrow screen: nothing of it is out of sight, in a real Chromium."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from scanner.history.cadence import Cadence
from scanner.history.entry import read_predicate
from scanner.history.log import append, open_history
from scanner.history.score.summary import score_summary
from scanner.history.summary import Expected, summary
from scanner.report.site.build import build
from scanner.report.site.shell import Site
from tests.browser.conftest import Reader
from tests.support.attestations.attested import agreed
from tests.support.golden_history import add_golden
from tests.support.history_behaviour import DECEMBER, FEBRUARY, JANUARY, SEAL, a_report

# What stands in a table and is not within the window, or within a box that would have to be scrolled to see it.
HIDDEN = """() => [...document.querySelectorAll("th, td")]
    .filter((each) => each.closest("thead") === null)
    .filter((each) => {
        const [box, around] = [each, each.closest(".wide")].map((one) => one.getBoundingClientRect());
        return box.left < around.left - 1 || box.right > Math.min(around.right, innerWidth) + 1;
    }).map((each) => each.textContent)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of an exchange, of which one is short, and one of another; series and claims together; scored."""
    folder = tmp_path_factory.mktemp("site")
    with open_history(str(folder / "history.sqlite"), create=True) as history:
        other = a_report(DECEMBER + timedelta(days=3), exchange="Another Exchange")
        for report in (a_report(), a_report(JANUARY, eth_bob=agreed(1)), a_report(FEBRUARY), other):
            at = DECEMBER + timedelta(days=2)
            append(history, report.envelope, report.claim, report.keys, io.BytesIO(report.evidence), at=at)
        add_golden(history)

        def read(listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
            document = history.document(listed["entry"])
            return document, read_predicate(document)

        told = summary(history, expected=Expected(Cadence.MONTHLY, datetime(2024, 5, 20, tzinfo=UTC)))
        scored = Site("Reserves", told, scores=score_summary(history, auditors=[SEAL], listed=told))
        for name, content in build(scored, read, lambda listed: history.statement(listed["entry"])):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_cell_of_a_table_is_out_of_sight(
    reader: Reader, site: Path, theme: Literal["light", "dark"], width: int
) -> None:
    reader.tab.emulate_media(color_scheme=theme)
    reader.tab.set_viewport_size({"width": width, "height": 900})
    pages = [*site.glob("*.html"), *site.glob("*/*.html")]
    assert len(pages) == 2 + 3 + 5 + 2 + 3  # index and list of moments, exchanges, attestations, moments, statements
    for page in pages:
        reader.opens(page.read_bytes(), settled=False)
        assert reader.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        assert reader.tab.evaluate(HIDDEN) == [], page


def test_on_a_narrow_screen_each_cell_says_what_it_is(reader: Reader, site: Path) -> None:
    (page,) = site.glob("exchange/example-exchange-*.html")
    for width, shown in ((390, True), (1280, False)):
        reader.tab.set_viewport_size({"width": width, "height": 900})
        reader.opens(page.read_bytes(), settled=False)
        labels = reader.tab.locator("table.rows .label:not(details *)")  # what is folded away is not seen
        assert labels.count() > 3
        assert all(label.is_visible() == shown for label in labels.all())


def test_a_shortfall_is_red_in_the_small_chart(reader: Reader, site: Path) -> None:
    reader.tab.emulate_media(color_scheme="light")
    reader.opens((site / "index.html").read_bytes(), settled=False)
    colours = reader.tab.locator(".spark .mark.below").evaluate_all(
        "(marks) => marks.map((mark) => getComputedStyle(mark).fill)"
    )
    assert set(colours) == {"rgb(168, 32, 26)"}


@pytest.mark.parametrize(
    ("theme", "below", "lasting"),
    [
        ("light", "rgb(168, 32, 26)", "rgb(45, 90, 134)"),
        ("dark", "rgb(255, 145, 136)", "rgb(134, 179, 221)"),
    ],
)
def test_a_series_is_drawn_in_the_colours_of_its_theme_and_what_did_not_last_is_said_on_the_first_screen(
    reader: Reader, site: Path, theme: Literal["light", "dark"], below: str, lasting: str
) -> None:
    reader.tab.emulate_media(color_scheme=theme)
    reader.tab.set_viewport_size({"width": 390, "height": 900})
    (page,) = site.glob("exchange/example-co-*.html")
    tab = reader.opens(page.read_bytes(), settled=False)
    for mark, style, colour in (("rect.mark.below", "fill", below), (".chart .sustained", "stroke", lasting)):
        found = tab.locator(mark).evaluate_all(f"(all) => all.map((each) => getComputedStyle(each).{style})")
        assert set(found) == {colour}, mark
    notice = tab.get_by_text("a part of what was held at 2023-11-22 16:00 UTC was not there")
    box = notice.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
