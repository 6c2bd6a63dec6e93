"""Series and claims together on a site: on their exchanges' pages, on pages of their own, and with their envelopes."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from scanner.history.entry import read_predicate
from scanner.history.log import HistoryLog, open_history
from scanner.history.summary import summary
from scanner.report.site import shell
from scanner.report.site.build import build
from scanner.report.site.shell import Site
from tests.support.attestations.attested import AUDITOR
from tests.support.golden_history import EXCHANGE, add_golden

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryLog]:
    """A report with two series around it, and two exchanges together that have no report here."""
    with open_history(str(tmp_path_factory.mktemp("site") / "history.sqlite"), create=True) as opened:
        add_golden(opened)
        yield opened


def built(history: HistoryLog, **changes: Any) -> dict[str, bytes]:
    def read(listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
        document = history.document(listed["entry"])
        return document, read_predicate(document)

    site = Site("Reserves", summary(history) | changes)
    return dict(build(site, read, lambda each: history.statement(each["entry"])))


@pytest.fixture(scope="module")
def files(history: HistoryLog) -> dict[str, bytes]:
    return built(history)


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, ElementTree.Element]:
    """Every page, parsed as a browser would; the parser takes offence at any mistake."""
    parser = html5lib.HTMLParser(strict=True)
    return {path: parser.parse(content.decode()) for path, content in files.items() if path.endswith(".html")}


def text_of(page: ElementTree.Element) -> str:
    body = page.find(f"{HTML}body")
    return " ".join("".join(body.itertext() if body is not None else ()).split())


def test_each_has_a_page_and_its_envelope(history: HistoryLog, files: dict[str, bytes]) -> None:
    statements = history.several()
    assert len(statements) == 3
    for each in statements:
        assert shell.statement_file(each.digest) in files
        assert hashlib.sha256(files[shell.statement_envelope_file(each.digest)]).hexdigest() == each.digest


def test_every_link_leads_to_a_file_of_the_site(files: dict[str, bytes], pages: dict[str, ElementTree.Element]) -> None:
    for path, page in pages.items():
        for element in page.iter():
            href = element.get("href")
            if href is None or element.text == "Look it up":  # in a public explorer, where a block is
                continue
            file, _, place = href.partition("#")
            parts: list[str] = []
            for part in (PurePosixPath(path).parent / file if file else PurePosixPath(path)).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            led_to = "/".join(parts)
            assert led_to in files, (path, href)
            assert not place or f'id="{place}"' in files[led_to].decode(), (path, href)


def test_pages_can_be_read_aloud_and_hold_no_script(pages: dict[str, ElementTree.Element]) -> None:
    for page in pages.values():
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert not [element for element in page.iter() if element.tag == f"{HTML}script"]
        for svg in page.iter(f"{SVG}svg"):
            assert svg.get("aria-hidden") == "true" or svg.find(f"{SVG}desc") is not None
        for table in page.iter(f"{HTML}table"):
            assert len({len(row) for row in table.iter(f"{HTML}tr")}) == 1


def test_an_exchange_has_its_series_in_charts_and_in_the_words_of_the_table(
    pages: dict[str, ElementTree.Element],
) -> None:
    page = pages[shell.exchange_file(EXCHANGE)]
    told = text_of(page)
    for sentence in (
        "Held before and after a report",
        "one moment in each 1 d, 7 drawn by blocks of eip155:1; 9 moments in all.",
        "ETH, 3 d before and after: at least 10 of the 103 at the moment was not there at a sampled block before it,"
        " nor at one after it. Sustained: 93, 93.00% of what is owed (3 blocks before, 5 after).",
        "ETH, 1 d before and after: NOT SHOWN: on one side no other block was sampled",
        "in a stretch no moment could be drawn, since operators did not agree on its last block",
        "Held at each of 9 moments",
        "2023-11-22 16:00 UTC *",
        "A transient amount is a lower bound, and says nothing of whose coins they were",
        "It stands beside the verdicts, and changes none.",
    ):
        assert sentence in told, sentence
    assert len([svg for svg in page.iter(f"{SVG}svg") if svg.get("class") == "chart"]) == 3
    assert not re.search(r"\b(borrowed|solvent)\b", told.partition("No audit")[0])


def test_what_did_not_last_is_said_beside_the_verdict(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    sentence = (
        "ETH: a part of what was held at 2023-11-22 16:00 UTC was not there at sampled blocks before it, nor after it."
    )
    assert sentence in text_of(pages[shell.exchange_file(EXCHANGE)])
    missing = [each for each in summary(history)["several"] if each["of"] == "series"][:1]
    assert b"a part of what was held" not in built(history, several=missing)[shell.exchange_file(EXCHANGE)]


def test_where_a_part_of_the_accounts_was_read_no_transient_amount_is_said_without_that(history: HistoryLog) -> None:
    several = summary(history)["several"]
    share = {"of": "0.999", "rows": 3, "among": 900}
    lent = next(each for each in several if each["of"] == "series" and "FOUND" in str(each["series"]["sustained"]))
    of_part = lent | {"series": lent["series"] | {"share": share}}
    earlier = of_part | {"statement": "ab" * 32, "series": of_part["series"] | {"asOf": "2023-11-21T01:05:18Z"}}
    files = built(history, several=[earlier, of_part])
    note, _, series = files[shell.exchange_file(EXCHANGE)].decode().partition('<a href="#series">')
    caveat = "Read all accounts before one is said aloud."
    assert note.count("a part of what was held") == note.count(caveat) == 1
    assert series.count(caveat) == 2  # where it is drawn, and where it is listed
    told = [item["content_text"] for item in json.loads(files["feed.json"])["items"]]
    assert [caveat in text for text in told if "was not there" in text] == [True, True]


def test_what_was_not_read_is_a_lower_bound_in_the_table_too(pages: dict[str, ElementTree.Element]) -> None:
    told = text_of(pages[shell.exchange_file(EXCHANGE)])
    assert "≥50.00%" in told


def test_a_series_of_an_earlier_moment_is_listed_with_its_words_and_a_link(history: HistoryLog) -> None:
    several = summary(history)["several"]
    earlier = several[0] | {"statement": "ab" * 32, "series": several[0]["series"] | {"asOf": "2023-11-21T01:05:18Z"}}
    page = built(history, several=[earlier, *several])[shell.exchange_file(EXCHANGE)].decode()
    assert "Other series: 1" in page
    assert f'href="../statement/{"ab" * 32}.html"' in page


def test_a_page_of_a_series_leads_up_to_its_exchange_and_says_who_signed(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    series = [each for each in history.several() if "series" in each.predicate]
    for each in series:
        page = pages[shell.statement_file(each.digest)]
        links = [link.get("href") for link in page.iter(f"{HTML}a")]
        assert f"../{shell.exchange_file(EXCHANGE)}" in links
        told = text_of(page)
        assert f"key {AUDITOR.keyid}" in told
        assert "Verified on 2026-05-01 00:00 UTC against the evidence of every moment" in told
        assert each.digest in told


def test_claims_together_have_their_joint_verdict_with_what_it_does_not_say(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    (joint,) = [each for each in history.several() if "together" in each.predicate]
    told = text_of(pages[shell.statement_file(joint.digest)])
    for sentence in (
        "First, as of 2023-11-22 16:00 UTC",
        "ETH, jointly ✗ SHORT: at every moment all of them together held less than they owe together",
        "2023-11-27 16:00 UTC, the moment of Second, in whole coins",
        "It does not say which, nor that any of them is insolvent.",
        "Who controls the accounts is not looked at here.",
    ):
        assert sentence in told, sentence


def test_an_index_leads_to_what_no_exchanges_page_does(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    told, links = text_of(pages["index.html"]), [link.get("href") for link in pages["index.html"].iter(f"{HTML}a")]
    assert "Second and First: together, ETH SHORT" in told
    assert {shell.statement_file(each.digest) for each in history.several()} <= set(links)
    many = summary(history)["several"]
    many = [many[2], *(many[0] | {"statement": f"{number:064x}"} for number in range(20))]
    page = built(history, several=many)["index.html"].decode()
    assert page.count('href="statement/') == 13  # the twelve latest, and the one of exchanges without a page
    assert "8 more stand on the exchanges' pages." in page


def test_an_exchange_that_is_together_with_others_says_so(history: HistoryLog) -> None:
    several = summary(history)["several"]
    joint = several[2] | {"exchanges": [EXCHANGE, "Second"]}
    page = built(history, several=[joint])[shell.exchange_file(EXCHANGE)].decode()
    assert "Together with other exchanges" in page
    assert f'<a href="../statement/{joint["statement"]}.html">Example &amp; Co and Second</a>' in page


def test_what_was_not_read_of_claims_together_is_no_zero(history: HistoryLog) -> None:
    several = copy.deepcopy(summary(history)["several"])
    joint = next(each for each in several if each["of"] == "together")
    first, second = (alone["units"][0] for alone in joint["together"]["points"][0]["alone"])
    first.update(held="0", gaps=2)
    second.update(held="1", gaps=2)
    page = built(history, several=[joint])[shell.statement_file(joint["statement"])].decode()
    assert page.count("not established") == 1
    assert "≥1<" in page
    assert "≥0" not in page


def test_names_that_look_the_same_leave_out_no_claim(history: HistoryLog) -> None:
    several = summary(history)["several"]
    joint = several[2] | {"exchanges": [f"{'x' * 100} one", f"{'x' * 100} two"]}
    page = built(history, several=[joint])[shell.statement_file(joint["statement"])].decode()
    assert len(joint["claims"]) == 2
    assert all(claim in page for claim in joint["claims"])


def test_without_series_and_claims_together_a_site_says_nothing_of_them(history: HistoryLog) -> None:
    told = built(history, several=[])
    assert not any(path.startswith("statement/") for path in told)
    for path in ("index.html", shell.exchange_file(EXCHANGE)):
        assert b"before and after" not in told[path].lower()
        assert b"ogether" not in told[path]


# Feeds.


def test_feeds_have_each_statement_with_its_words_and_a_link_to_each_unit_of_it(
    files: dict[str, bytes], pages: dict[str, ElementTree.Element], history: HistoryLog
) -> None:
    items = {item["id"]: item for item in json.loads(files["feed.json"])["items"]}
    assert len(items) == 3 + len(history.entries())
    for each in history.several():
        item = items[f"sha256:{each.digest}"]
        assert item["url"] == shell.statement_file(each.digest)
        assert [link.split("#")[0] for link in re.findall('href="([^"]+)"', item["content_html"])] == [item["url"]]
        (place,) = re.findall('#([^"]+)"', item["content_html"])
        assert place in {element.get("id") for element in pages[item["url"]].iter()}
    told = sorted(item["title"] for item in items.values() if "sha256" in item["id"])
    assert f"{EXCHANGE}, held before and after 2023-11-22" in told
    texts = " ".join(item["content_text"] for item in items.values())
    assert "jointly SHORT: at every moment all of them together held less than they owe together" in texts
    assert "Sustained: " in texts


def test_beside_each_may_stand_a_page_that_checks_it(history: HistoryLog) -> None:
    site = Site("Reserves", summary(history))

    def read(listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
        document = history.document(listed["entry"])
        return document, read_predicate(document)

    def checking(listed: Mapping[str, Any], document: bytes) -> bytes:
        return f"checks {listed['statement']} ".encode() + document

    files = dict(build(site, read, lambda each: history.statement(each["entry"]), None, checking))
    for each in history.several():
        path = shell.checking_file(each.digest)
        assert files[path] == f"checks {each.digest} ".encode() + history.statement(each.number)
        assert f'href="../{path}"' in files[shell.statement_file(each.digest)].decode()
