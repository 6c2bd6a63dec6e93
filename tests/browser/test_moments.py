"""Pages of series and of claims together in a real Chromium: true ones hold, and whatever is spoiled is found."""

from __future__ import annotations

import base64
import copy
import json
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scanner.attesting import canonical
from scanner.core.amounts import rounded_down
from tests.browser.conftest import Reader
from tests.support.attestations.attested import STRANGER, public_pem
from tests.support.moment_pages import ALL, page_of, page_of_statement, statement_of
from tests.support.places import VECTORS
from tests.support.tables import each_of, try_each

Change = Callable[[dict[str, Any]], object]
CARRIED = re.compile(rb'(<script type="application/json" id="carried">)(.*?)(</script>)', re.DOTALL)


def states(tab: Page) -> dict[str, str]:
    return {
        (line.get_attribute("id") or "").removeprefix("check-"): line.get_attribute("class") or ""
        for line in tab.locator("#checks li").all()
    }


def chosen(tab: Page, folder: Path) -> None:
    tab.locator("#points").set_input_files(str(folder))
    tab.wait_for_function(
        "() => !document.querySelector('#check-evidence .result').textContent.startsWith('Not checked: what each')"
        " && document.querySelector('#check-evidence .result').textContent !== 'Being read.'"
    )


def points(of: str, name: str) -> Path:
    return VECTORS / of / "v1" / name / "points"


@pytest.mark.parametrize(("of", "name"), ALL)
def test_a_true_page_checks_itself_and_says_what_it_did_not_check(reader: Reader, of: str, name: str) -> None:
    tab = reader.opens(page_of(of, name))
    assert states(tab) == dict.fromkeys(("signature", "statement", "sums", "display"), "holds") | {"evidence": "open"}
    expect(tab.locator("#status")).to_contain_text("Checked in your browser.")
    expect(tab.locator("#check-evidence")).to_contain_text(
        "Not checked: what each moment had rests on its own statement"
    )
    if of == "series":
        expect(tab.locator("#check-display")).to_contain_text("The charts' drawing was not worked out again.")


@pytest.mark.parametrize(("of", "name"), ALL)
def test_with_the_folder_of_its_moments_each_is_checked_row_by_row(reader: Reader, of: str, name: str) -> None:
    tab = reader.opens(page_of(of, name))
    chosen(tab, points(of, name))
    assert states(tab)["evidence"] == "holds", tab.locator("#check-evidence").inner_text()
    expect(tab.locator("#check-evidence")).to_contain_text(
        "its evidence gives every sum of it. Not here: that no holding"
    )


def test_of_a_folder_that_lacks_moments_it_says_which_and_that_it_is_not_whole(reader: Reader, tmp_path: Path) -> None:
    shutil.copytree(points("series", "lent"), tmp_path / "points")
    shutil.rmtree(tmp_path / "points" / "20231122T160000Z")
    tab = reader.opens(page_of("series", "lent"))
    chosen(tab, tmp_path / "points")
    assert states(tab)["evidence"] == "open"
    expect(tab.locator("#check-evidence")).to_contain_text("8 of 9 moments")
    expect(tab.locator("#check-evidence")).to_contain_text("The files of 2023-11-22 16:00 UTC are not there.")


def test_a_moments_other_statement_or_evidence_is_found(reader: Reader, tmp_path: Path) -> None:
    one, other = "20231119T224800Z", "20231120T144405Z"

    def spoiled(name: str) -> None:
        folder = tmp_path / name / "points"
        shutil.copytree(points("series", "lent"), folder)
        (folder / one / name).write_bytes((folder / other / name).read_bytes())
        tab = reader.opens(page_of("series", "lent"))
        chosen(tab, folder)
        assert states(tab)["evidence"] == "fails"
        expect(tab.locator("#status")).to_contain_text("Something does not hold.")

    try_each([(name, name) for name in ("statement.json", "evidence.csv.gz")], spoiled)


def first(series: dict[str, Any]) -> dict[str, Any]:
    unit: dict[str, Any] = series["points"][0]["units"][0]
    return unit


# What a signer states that does not follow from the rest. Each is signed, and the page shows it as it was signed.
SERIES: dict[str, Change] = {
    "a sustained amount": lambda series: series["sustained"][1].update(sustained="94"),
    "a ratio": lambda series: series["sustained"][1].update(ratio="0.940000"),
    "a transient amount": lambda series: series["sustained"][1].update(transient="9"),
    "what it shows": lambda series: series["sustained"][1].update(shows="NONE_FOUND"),
    "what was held at the moment": lambda series: series["sustained"][1].update(held="104"),
    "what was held at least": lambda series: series["sustained"][1].update(leastBefore="94"),
    "a gap that is not lacking": lambda series: first(series).update(gaps=1),
    "a lower bound that is not lacking": lambda series: first(series).update(atLeast=1),
    "blocks apart that are not lacking": lambda series: first(series).update(apart=True),
    "an amount at a moment": lambda series: first(series).update(held="92"),
    "no blocks on a side": lambda series: series["sustained"][1].update(before=0),
    "more blocks than moments": lambda series: series["sustained"][1].update(after=50),
    "a window left out": lambda series: series["sustained"].pop(),
    "what was held later": lambda series: series["later"][0].update(held="94"),
    "a change": lambda series: series["later"][0].update(change="10"),
    "a moment left out afterwards": lambda series: series["later"].pop(),
    "a block that draws another moment": lambda series: series["stretches"][0]["block"].update(hash="0x" + "1" * 64),
    "a moment that is not drawn": lambda series: series["stretches"][0].update(moment="2023-11-19T22:48:01Z"),
    "a stretch that is none": lambda series: series["stretches"][1].update(start="2023-11-20T00:00:01Z"),
    "a stretch left out": lambda series: series["stretches"].pop(),
}
TOGETHER: dict[str, Change] = {
    "what is owed": lambda joint: joint["points"][0]["together"][0].update(owed="150"),
    "what is owed to no one": lambda joint: joint["points"][0]["together"][0].update(owed=None),
    "custody": lambda joint: joint["points"][0]["together"][0].update(custody="1"),
    "what is counted twice": lambda joint: joint["points"][0]["together"][0].update(countedTwice="1"),
    "what a claim holds alone": lambda joint: joint["points"][0]["alone"][0]["units"][0].update(held="51"),
    "a joint verdict": lambda joint: joint["points"][0]["together"][0].update(verdict="COVERED"),
    "a shortfall with a gap": lambda joint: joint["points"][0]["together"][0].update(gaps=1),
    "a verdict of all moments": lambda joint: joint["units"][0].update(verdict="UNKNOWN"),
    "a verdict alone": lambda joint: joint["points"][0]["alone"][1]["units"][0].update(verdict="SHORT"),
    "a verdict at another's moment": lambda joint: joint["points"][0]["alone"][0]["units"][0].update(verdict="SHORT"),
    "an incomplete claim": lambda joint: joint["claims"][0].update(complete=False),
    "a claim of another moment": lambda joint: joint["claims"][0].update(asOf="2023-11-28T16:00:00Z"),
    "a moment of other claims": lambda joint: joint["points"][0]["alone"].reverse(),
}


@pytest.mark.parametrize(("of", "name", "changes"), [("series", "lent", SERIES), ("together", "lending", TOGETHER)])
def test_what_does_not_follow_is_found_though_it_is_signed(
    reader: Reader, of: str, name: str, changes: dict[str, Change]
) -> None:
    def spoiled(change: Change) -> None:
        statement = copy.deepcopy(statement_of(of, name))
        change(statement["predicate"][of])
        tab = reader.opens(page_of_statement(statement))
        found = states(tab)
        assert found["sums"] == "fails"
        assert found["signature"] == "holds"
        expect(tab.locator("#status")).to_have_class("status fails")

    try_each(changes.items(), spoiled)


def owing_half(of: dict[str, Any]) -> None:
    """Of a series: everything follows from that, and the statement of no moment says it."""
    for each in of["sustained"]:
        each.update(owed="50", ratio=each["ratio"] and rounded_down(2 * Fraction(each["ratio"]), 6))


def owing_less_together(joint: dict[str, Any]) -> None:
    """Of two claims with 150 together: each stated to owe 75, jointly covered."""
    for point in joint["points"]:
        point["together"][0].update(owed="150", verdict="COVERED")
        for alone in point["alone"]:
            unit = alone["units"][0]
            unit.update(owed="75", verdict=unit["verdict"] and "UNKNOWN")
    joint["units"][0].update(verdict="COVERED")


def held_by_third_parties(joint: dict[str, Any]) -> None:
    for point in joint["points"]:
        point["together"][0].update(custody="100", verdict="UNKNOWN")
        point["alone"][0]["units"][0].update(custody="100")
        for alone in point["alone"]:
            unit = alone["units"][0]
            unit.update(verdict=unit["verdict"] and "UNKNOWN")
    joint["units"][0].update(verdict="UNKNOWN")


def not_short_together(joint: dict[str, Any]) -> None:
    for point in joint["points"]:
        point["together"][0].update(verdict="UNKNOWN")
    joint["units"][0].update(verdict="UNKNOWN")


@each_of(
    ("of", "name", "change"),
    [
        ("series", "lent", owing_half),
        ("together", "lending", owing_less_together),
        ("together", "lending", held_by_third_parties),
        ("together", "shared", not_short_together),
    ],
)
def test_what_is_owed_and_judged_is_held_against_each_moments_own_statement(
    reader: Reader, of: str, name: str, change: Change
) -> None:
    statement = copy.deepcopy(statement_of(of, name))
    change(statement["predicate"][of])
    tab = reader.opens(page_of_statement(statement))
    assert states(tab) == dict.fromkeys(("signature", "statement", "sums", "display"), "holds") | {"evidence": "open"}
    chosen(tab, points(of, name))
    assert states(tab)["evidence"] == "fails"
    expect(tab.locator("#status")).to_have_class("status fails")


def carrying(change: Change, page: bytes) -> bytes:
    """The page with something else inside it; what it displays is as before."""
    match = CARRIED.search(page)
    assert match is not None
    carried = json.loads(match[2])
    change(carried)
    return page[: match.start(2)] + json.dumps(carried).encode() + page[match.end(2) :]


def with_payload(old: bytes, new: bytes) -> Change:
    def changed(carried: dict[str, Any]) -> None:
        envelope = json.loads(carried["document"])
        payload = base64.b64decode(envelope["payload"])
        assert old in payload
        envelope["payload"] = base64.b64encode(payload.replace(old, new, 1)).decode()
        carried["document"] = canonical.encode(envelope).decode() + "\n"

    return changed


def test_a_page_that_carries_or_displays_something_else_says_so_in_red(reader: Reader) -> None:
    page = page_of("series", "lent")
    digest = (
        statement_of("series", "lent")["predicate"]["series"]["points"][0]["statement"].removeprefix("sha256:").encode()
    )
    stranger = base64.b64encode(STRANGER.public.spki).decode()
    other = json.loads((CARRIED.search(page_of("series", "grown")) or [b""] * 3)[2])["document"]
    cases = {
        "an amount of the payload": (carrying(with_payload(b'"held":"93.0', b'"held":"83.0'), page), "signature"),
        "another kind of statement": (carrying(with_payload(b"series/v1", b"series/v2"), page), "statement"),
        "another digest of a moment": (carrying(with_payload(digest, b"0" * 64), page), "statement"),
        "another statement": (carrying(lambda carried: carried.update(document=other), page), "display"),
        "a stranger's key": (carrying(lambda carried: carried.update(keys=[stranger]), page), "signature"),
        "another digest of itself": (carrying(lambda carried: carried.update(page="00" * 32), page), "display"),
        "an amount displayed": (page.replace(b"at least 10 of the 103", b"at least 1 of the 103", 1), "display"),
        "what lasted left out": (re.sub(rb'<p class="lasting found">.*?</p>', b"", page, count=1), "display"),
        "a title": (page.replace(b"<title>Example", b"<title>Another", 1), "display"),
        "a chart": (page.replace(b'class="mark below"', b'class="mark above"', 1), "display"),
    }

    def red(case: tuple[bytes, str]) -> None:
        spoiled, check = case
        assert spoiled != page
        tab = reader.opens(spoiled)
        assert states(tab)[check] == "fails"
        expect(tab.locator("#status")).to_have_class("status fails")

    try_each(cases.items(), red)


def test_the_key_can_be_pasted_and_a_strangers_is_refused(reader: Reader) -> None:
    tab = reader.opens(page_of("together", "shared", keys=()))
    assert states(tab)["signature"] == "open"
    tab.get_by_label("Public key").fill(public_pem(STRANGER))
    tab.get_by_role("button", name="Check the signature").click()
    expect(tab.locator("#check-signature")).to_have_class("fails")
    tab.get_by_label("Public key").fill((VECTORS / "together" / "v1" / "shared" / "auditor.pub.pem").read_text())
    tab.get_by_role("button", name="Check the signature").click()
    expect(tab.locator("#check-signature")).to_have_class("holds")


def test_what_was_signed_can_be_saved_as_it_is(reader: Reader) -> None:
    tab = reader.opens(page_of("series", "lent"))
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the statement").click()
    assert saved.value.suggested_filename == "series.dsse.json"
    assert (
        Path(saved.value.path()).read_bytes() == (VECTORS / "series" / "v1" / "lent" / "series.dsse.json").read_bytes()
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_out_of_sight_and_a_shortfall_is_red_on_every_width(reader: Reader, theme: Any) -> None:
    reader.tab.emulate_media(color_scheme=theme)
    red = {"light": "rgb(168, 32, 26)", "dark": "rgb(255, 145, 136)"}[theme]
    for of, name in (("series", "lent"), ("series", "missing"), ("together", "lending")):
        reader.opens(page_of(of, name))
        for width in (390, 800, 1280):
            reader.tab.set_viewport_size({"width": width, "height": 900})
            assert reader.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
        fills = reader.tab.locator(".mark.below").evaluate_all(
            "(all) => all.map((each) => getComputedStyle(each).fill)"
        )
        assert set(fills) == ({red} if name == "lent" else set())
    reader.tab.emulate_media(color_scheme="light")
    reader.tab.set_viewport_size({"width": 1280, "height": 900})
