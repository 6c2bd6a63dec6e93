"""Pages of several moments as text: marked with where it was signed, words from outside harmless, nothing let in."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import html5lib

from scanner.report.page import document as attestation
from scanner.report.page.links import Links
from scanner.report.page.moments.document import render, script, style, title
from scanner.report.page.moments.figures import MOMENT_KINDS
from tests.support.golden_series import stated
from tests.support.moment_pages import ALL, page_of
from tests.support.tables import each_of

HOSTILE = "</script><script>alert(1)</script>\u202e\r\0'\"&<img src=x onerror=alert(2)>]]>-->"


class Seen(HTMLParser):
    """The elements of a page, and the text inside each that has a mark."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.marked: dict[str, str] = {}
        self._open: list[str | None] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in ("meta", "br", "input"):
            self._open.append(attributes.get("data-is"))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - HTMLParser's signature
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and (mark := self._open[-1]) is not None:
            self.marked[mark] = self.marked.get(mark, "") + data


@each_of(("of", "name"), ALL)
def test_a_page_is_whole_lets_nothing_in_and_is_the_same_each_time(of: str, name: str) -> None:
    page = page_of(of, name)
    assert page == page_of(of, name)
    parsed = html5lib.HTMLParser(strict=True).parse(page.decode())
    assert parsed is not None
    seen = Seen(page)
    assert [tag for tag, _ in seen.elements].count("script") == 2
    for _, attributes in seen.elements:
        assert not any(each.startswith("on") for each in attributes)
        assert not {"src", "style", "action"} & attributes.keys()
    (policy,) = (attributes.get("content") for _, attributes in seen.elements if "http-equiv" in attributes)
    for text in (script(), style()):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")


def test_a_series_says_what_lasted_and_what_it_does_not_show() -> None:
    seen = Seen(page_of("series", "lent"))
    assert seen.marked["lasting /series/sustained/1"].startswith("ETH, 3 d before and after: at least 10 of the 103")
    assert seen.marked["looked /series"].endswith("7 drawn by blocks of eip155:1; 9 moments in all")
    assert seen.marked["change /series/later/0/change"] == "-10"
    assert seen.marked["sampled /series/points/0/units/0"] == "93"
    text = " ".join(re.sub(r"<[^>]*>", " ", page_of("series", "lent").decode()).split())
    for sentence in (
        "What was held between the sampled moments.",
        "Whose coins they were, or where they came from.",
        "It is no audit, and no opinion on solvency.",
        "A transient amount is a lower bound",
    ):
        assert sentence in text, sentence


def test_gaps_are_shown_as_gaps_and_lower_bounds_as_such() -> None:
    seen = Seen(page_of("series", "missing"))
    assert seen.marked["sampled /series/points/0/units/0"] == "≥50"
    assert seen.marked["lacks /series/points/0/units/0"] == "1 gap"
    assert "NOT SHOWN" in seen.marked["lasting /series/sustained/1"]
    assert "no moment" in seen.marked.values()
    unread = {"held": "0", "gaps": 2, "atLeast": 0, "apart": True}
    assert MOMENT_KINDS["sampled"](unread) == "not established"
    assert MOMENT_KINDS["lacks"](unread | {"atLeast": 1}) == "2 gaps, 1 lower bound, no one moment"


def test_claims_together_have_every_amount_alone_and_jointly() -> None:
    seen = Seen(page_of("together", "lending"))
    assert seen.marked["jointly /together/units/0"].startswith("ETH, jointly SHORT: at every moment")
    assert seen.marked["sampled /together/points/0/together/0"] == "150"
    assert seen.marked["sampled /together/points/0/alone/0/units/0"] == "50"
    assert seen.marked["owed /together/points/0/together/0/owed"] == "200"
    shared = Seen(page_of("together", "shared"))
    assert shared.marked["number /together/shared/0/accounts"] == "1"


def hostile(predicate: dict[str, Any]) -> dict[str, Any]:
    spoiled = copy.deepcopy(predicate)
    spoiled["run"]["scanner"] = HOSTILE
    if "series" in spoiled:
        series = spoiled["series"]
        series["exchange"] = HOSTILE
        for units in (*(point["units"] for point in series["points"]), series["sustained"], series["later"]):
            for each in units:
                each["unit"] = HOSTILE
        return spoiled
    together = spoiled["together"]
    for claim in together["claims"]:
        claim["exchange"] = HOSTILE
    for point in together["points"]:
        for each in (*point["together"], *(unit for alone in point["alone"] for unit in alone["units"])):
            each["unit"] = HOSTILE
    for each in together["units"]:
        each["unit"] = HOSTILE
    return spoiled


@each_of(("of", "name"), ALL)
def test_hostile_texts_become_no_elements(of: str, name: str) -> None:
    predicate = stated(of, name)
    true, spoiled = (Seen(render(each, b"{}")) for each in (predicate, hostile(predicate)))
    assert [tag for tag, _ in spoiled.elements] == [tag for tag, _ in true.elements]
    assert any("alert(1)" in text for text in spoiled.marked.values()) or "\ufffd" in "".join(spoiled.marked.values())
    assert not any(character in text for text in spoiled.marked.values() for character in "\u202e\r\0")


def test_a_statement_without_signatures_says_so_and_links_are_their_makers_word() -> None:
    page = render(stated("series", "lent"), b"{}").decode()
    assert "no key: this statement carries no signature" in page
    links = Links(key_url="https://auditor.example/keys", files={"the statement": "https://x.example/series.dsse.json"})
    page = page_of("series", "lent", links=links).decode()
    assert 'class="added" href="https://auditor.example/keys"' in page
    assert 'class="added" href="https://x.example/series.dsse.json"' in page


def test_titles_name_the_exchange_and_what_it_is() -> None:
    assert title(stated("series", "lent")) == "Example & Co: reserves before and after 2023-11-22"
    assert title(stated("together", "lending")) == "Second and 1 more: reserves together"


def test_pages_of_attestations_carry_none_of_these_scripts_and_these_no_main_of_theirs() -> None:
    assert "faultsOfSeries" not in attestation.script()
    assert "faultsOfSeries" in script()
    assert script().count("const CHECKS") == attestation.script().count("const CHECKS") == 1
    assert len(page_of("series", "lent")) < 150_000
