"""The site: valid pages without scripts, links that lead somewhere, feeds that parse, hostile names that stay text."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from fractions import Fraction
from functools import cache
from pathlib import PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.explorers import explorer_url
from scanner.chains.names import parse_chain
from scanner.history.cadence import Cadence
from scanner.history.entry import read_predicate
from scanner.history.log import HistoryLog, append, keep_unverified, open_history
from scanner.history.score.summary import score_summary
from scanner.history.summary import Expected, summary
from scanner.report.element import el, escaped
from scanner.report.site import chart, shell
from scanner.report.site.build import build
from scanner.report.site.exchange import exchange as exchange_page
from scanner.report.site.permanent import unit_id
from scanner.report.site.shell import Site
from tests.support.attestations.attested import ETH, TIMED_OUT, agreed, attest, held
from tests.support.history_behaviour import DECEMBER, FEBRUARY, JANUARY, SEAL, a_report, of_accounts
from tests.support.strength import cases

HOSTILE = (
    "<script>alert(1)</script>\"' onload=x &amp; <!--",
    "]]> <b>bold</b> \x00 \x1b[31m \u202egnp".replace("\x00", "\x01"),
    "../../etc/passwd",
    "Ünïcode 交易所 \U0001f4b0",
    "x" * 2000,
    "",
)
Files = dict[str, bytes]
HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryLog]:
    """Everything that a history can hold: hostile names, a short month, gaps, one not verified, one contradicted."""
    at = DECEMBER + timedelta(days=2)
    with open_history(str(tmp_path_factory.mktemp("site") / "history.sqlite"), create=True) as opened:

        def add(attested: Any) -> None:
            evidence = io.BytesIO(attested.evidence)
            append(opened, attested.envelope, attested.claim, attested.keys, evidence, at=at)

        add(a_report())
        add(a_report(JANUARY, eth_bob=agreed(1)))
        add(a_report(FEBRUARY, eth_bob=TIMED_OUT))
        keep_unverified(opened, a_report(JANUARY, text="nobody checked it").envelope, at=at)
        keep_unverified(opened, a_report(exchange="Only unverified").envelope, at=at)
        for name in HOSTILE:
            add(a_report(exchange=name))
        add(a_report(exchange="Contradicted"))
        lower = held(eth_bob=agreed(1))
        add(attest(lower, claim=a_report(exchange="Contradicted").claim, signers=(SEAL,)))
        names = [bytes([number]) * 20 for number in range(1, 20)]
        add(of_accounts({ETH.id: names[:15]}, exchange="Shares"))
        add(of_accounts({ETH.id: names[1:]}, exchange="Shares", as_of=JANUARY))
        add(of_accounts({ETH.id: names[5:]}, exchange="Shares too"))
        yield opened


EXPECTED = Expected(Cadence.MONTHLY, datetime(2024, 5, 20, tzinfo=UTC))


def built(history: HistoryLog, **changes: Any) -> Files:
    told = summary(history, expected=EXPECTED)
    scores = score_summary(history, auditors=[SEAL], now=EXPECTED.now, listed=told)
    site = Site(**({"title": "Reserves & <more>", "summary": told, "scores": scores} | changes))
    return dict(build(site, lambda listed: read(history, listed), lambda each: history.statement(each["entry"])))


def read(history: HistoryLog, listed: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
    document = history.document(listed["entry"])
    return document, read_predicate(document)


@pytest.fixture(scope="module")
def files(history: HistoryLog) -> Files:
    return built(history)


@pytest.fixture(scope="module")
def pages(files: Files) -> dict[str, ElementTree.Element]:
    """Every page, parsed as a browser would; the parser takes offence at any mistake."""
    parser = html5lib.HTMLParser(strict=True)
    return {path: parser.parse(content.decode()) for path, content in files.items() if path.endswith(".html")}


def text_of(page: ElementTree.Element) -> str:
    body = page.find(f"{HTML}body")
    return " ".join("".join(body.itertext() if body is not None else ()).split())


def outward(element: ElementTree.Element) -> bool:
    """Whether this leads to a public explorer: of its own accord a site leads to no other place outside."""
    return element.get("href") is not None and element.text == "Look it up"


def page_of(pages: Mapping[str, ElementTree.Element], exchange: str) -> ElementTree.Element:
    return pages[shell.exchange_file(exchange)]


# All pages.


def test_every_exchange_and_attestation_has_a_page_and_its_envelope(history: HistoryLog, files: Files) -> None:
    entries = history.entries()
    assert {path for path in files if path.startswith("exchange/")} == {
        shell.exchange_file(entry.said.exchange) for entry in entries
    }
    for entry in entries:
        assert f"attestation/{entry.digest}.html" in files
        assert hashlib.sha256(files[f"attestation/{entry.digest}.dsse.json"]).hexdigest() == entry.digest


def test_pages_hold_no_script_no_handler_and_nothing_from_elsewhere(pages: dict[str, ElementTree.Element]) -> None:
    for page in pages.values():
        for element in page.iter():
            name = element.tag.rpartition("}")[2]
            assert name not in {"script", "img", "iframe", "object", "embed", "form", "base", "b"}
            for attribute, value in element.attrib.items():
                assert not attribute.startswith("on")
                assert attribute not in {"style", "src", "srcset", "action"}
                if attribute == "href" and not outward(element):
                    assert not re.match(r"[a-z]+:|//", value)


def test_the_policy_lets_in_the_one_style_sheet_and_nothing_else(pages: dict[str, ElementTree.Element]) -> None:
    for page in pages.values():
        (style,) = page.iter(f"{HTML}style")
        digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
        (policy,) = (meta.get("content") for meta in page.iter(f"{HTML}meta") if meta.get("http-equiv"))
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_each_block_can_be_looked_up_where_its_chains_explorer_is_known(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    led = 0
    for entry in history.entries():
        shown = pages[f"attestation/{entry.digest}.html"]
        blocks = read_predicate(history.document(entry.number))["finding"]["snapshots"]
        urls = [explorer_url(parse_chain(each["chain"]), each["height"], each["hash"]) for each in blocks]
        links = [element for element in shown.iter() if outward(element)]
        assert [link.get("href") for link in links] == [url for url in urls if url is not None]
        assert {(link.get("rel"), link.get("target")) for link in links} <= {("noopener noreferrer", "_blank")}
        led += len(links)
    assert led


def test_every_link_leads_to_a_file_of_the_site_and_to_a_place_in_it(
    files: Files, pages: dict[str, ElementTree.Element]
) -> None:
    ids = {path: {element.get("id") for element in page.iter()} for path, page in pages.items()}
    for path, page in pages.items():
        for element in page.iter():
            href = element.get("href")
            if href is None or outward(element):
                continue
            file, _, place = href.partition("#")
            parts: list[str] = []
            for part in (PurePosixPath(path).parent / file).parts if file else PurePosixPath(path).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in files, (path, href)
            assert not place or place in ids["/".join(parts)], (path, href)


def test_pages_can_be_read_aloud(pages: dict[str, ElementTree.Element]) -> None:
    for page in pages.values():
        assert page.get("lang") == "en"
        assert len(list(page.iter(f"{HTML}h1"))) == len(list(page.iter(f"{HTML}main"))) == 1
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        for element in page.iter():
            for named in (element.get("aria-labelledby") or "").split():
                assert named in ids
        for table in page.iter(f"{HTML}table"):
            assert table.find(f"{HTML}caption") is not None
            assert all(cell.get("scope") for cell in table.iter(f"{HTML}th"))
            widths = {len(row) for row in table.iter(f"{HTML}tr")}
            assert len(widths) == 1
        for svg in page.iter(f"{SVG}svg"):
            assert svg.get("aria-hidden") == "true" or (svg.get("role") == "img" and svg.find(f"{SVG}desc") is not None)


def test_the_same_history_gives_the_same_bytes(history: HistoryLog, files: Files) -> None:
    assert built(history) == files


def test_what_is_signed_is_cut_and_never_rounded_up(pages: dict[str, ElementTree.Element]) -> None:
    told = text_of(page_of(pages, "Example Exchange"))
    assert "103.12%" in told  # 1.03123456...
    assert "103.06%" in told  # 1.0306666...
    assert "103.13%" not in told


# Hostile names.


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(
    files: Files, pages: dict[str, ElementTree.Element], name: str
) -> None:
    path = shell.exchange_file(name)
    assert re.fullmatch(r"exchange/[a-z0-9-]{32,73}\.html", path)
    heading = next(pages[path].iter(f"{HTML}h1")).text or ""
    assert heading == shell.name(name)
    assert heading.isprintable()
    like = {element.tag for element in page_of(pages, "Contradicted").iter()}
    assert {element.tag for element in pages[path].iter()} <= like | {f"{HTML}section"}


def test_look_alikes_have_pages_of_their_own() -> None:
    names = ["OKX", "okx", "OKX ", "ОКХ", "O.K.X", "交易所", ""]
    assert len({shell.exchange_file(name) for name in names}) == len(names)
    assert shell.exchange_file("OKX").startswith("exchange/okx-")


def test_who_finds_a_name_that_begins_with_the_same_digits_of_a_digest_takes_no_page_of_anothers() -> None:
    """Both digests of 256 bits begin with the same 32, which were found in half a second."""
    one, other = "okx 107854", "okx 111059"
    assert hashlib.sha256(one.encode()).hexdigest()[:8] == hashlib.sha256(other.encode()).hexdigest()[:8]
    assert shell.exchange_file(one) != shell.exchange_file(other)
    assert unit_id(one) != unit_id(other)


@given(st.text())
def test_text_comes_back_out_of_a_document_as_it_went_in(text: str) -> None:
    """All of it that a document may hold; line ends and blanks of attributes are for the parser to normalise."""
    parsed = ElementTree.fromstring(str(el("p", text, title=text)))
    held = "".join(character if escaped(character) != "\ufffd" else "\ufffd" for character in text)
    assert (parsed.text or "") == held
    assert (parsed.get("title") or "") == held.replace("\n", " ").replace("\t", " ")


def test_a_script_is_never_written_as_an_element() -> None:
    with pytest.raises(ValueError, match="script"):
        el("script", "alert(1)")


# What is said.


def test_what_was_not_verified_says_so_wherever_it_stands(
    history: HistoryLog, files: Files, pages: dict[str, ElementTree.Element]
) -> None:
    unverified, alone = [entry for entry in history.entries() if not entry.verified]
    for entry in history.entries():
        told = text_of(pages[f"attestation/{entry.digest}.html"])
        assert ("Not verified." in told) == (not entry.verified)
        assert (f"key {SEAL.keyid}" in told) == entry.verified
    feed = json.loads(files["feed.json"])
    (item,) = [item for item in feed["items"] if item["id"] == f"sha256:{unverified.digest}"]
    assert item["title"] == "Example Exchange as of 2024-01-28: not verified, stated: COVERED"
    assert item["tags"] == ["Example Exchange", "not verified"]
    assert "%" not in item["content_html"]
    assert sum("%" in each["content_html"] for each in feed["items"]) == len(feed["items"]) - 2
    assert "not verified" in text_of(page_of(pages, "Example Exchange"))
    assert "None of its reports was verified yet." in text_of(pages["index.html"])
    assert alone.said.exchange == "Only unverified"
    told = text_of(page_of(pages, "Only unverified"))
    assert ("103.12%" in told, "in a row" in told, "Ratios over time" in told) == (False, False, False)
    assert ("stated: COVERED" in told, "✓ COVERED" in told) == (True, False)


def test_an_exchange_tells_of_its_short_month_its_gaps_and_what_is_missing(
    pages: dict[str, ElementTree.Element],
) -> None:
    told = text_of(page_of(pages, "Example Exchange"))
    assert "First below 100% on 2024-01-28." in told
    assert "Monthly reports: 2 missing (2024-03, 2024-04)" in told
    assert "UNKNOWN ETH; 1 gap" in told
    assert "≥0.00%" not in told  # a balance that was not read is no zero


def test_a_contradiction_is_told_on_both_pages(history: HistoryLog, pages: dict[str, ElementTree.Element]) -> None:
    both = [entry for entry in history.entries() if entry.said.exchange == "Contradicted"]
    for entry in both:
        assert "Contradicted by another attestation" in text_of(pages[f"attestation/{entry.digest}.html"])
    assert "Does not count" in text_of(pages[f"attestation/{both[0].digest}.html"])


def test_accounts_that_came_and_went_and_are_anothers_too_are_named(pages: dict[str, ElementTree.Element]) -> None:
    told = text_of(page_of(pages, "Shares"))
    for sentence in ("4 added", "1 removed", "14 also in a claim of Shares too", "and 4 more"):
        assert sentence in told
    assert f"eip155:1:0x{'06' * 20}" in told


def test_chains_are_called_as_people_call_them(files: Files) -> None:
    attestations = [content.decode() for path, content in files.items() if re.fullmatch(r"attestation/.*\.html", path)]
    assert any("<li>Ethereum <code>eip155:1</code>, block" in page for page in attestations)


def test_a_notice_stands_on_every_page(history: HistoryLog) -> None:
    for path, content in built(history, notice="All of it is <made> up").items():
        assert not path.endswith(".html") or b'role="note">All of it is &lt;made&gt; up</p>' in content


def test_a_history_without_entries_is_a_site_too() -> None:
    files = dict(build(Site("Empty", {"exchanges": [], "several": []}), lambda _: (b"", {}), lambda _: b""))
    assert set(files) == {"index.html", "compare.html", "feed.json", "feed.xml"}
    for page in ("index.html", "compare.html"):
        html5lib.HTMLParser(strict=True).parse(files[page].decode())


def test_beside_each_verified_attestation_may_stand_a_page_that_checks_it(history: HistoryLog) -> None:
    site = Site("Reserves", summary(history))
    files = dict(build(site, lambda listed: read(history, listed), lambda _: b"", lambda of: b"checks " + of.document))
    for entry in history.entries():
        page, checking = files[f"attestation/{entry.digest}.html"], f"check/{entry.digest}.html"
        assert (checking in files) == entry.verified
        assert (f"../{checking}".encode() in page) == entry.verified
        if entry.verified:
            assert files[checking] == b"checks " + history.document(entry.number)


def test_where_the_signers_publish_their_keys_is_said_of_what_was_verified_and_as_the_makers_word(
    history: HistoryLog,
) -> None:
    told = built(history, key_url="https://auditor.example/keys")
    for entry in history.entries():
        page = told[f"attestation/{entry.digest}.html"].decode()
        assert ('href="https://auditor.example/keys"' in page) == entry.verified
        assert ("are said to publish their keys at" in page) == entry.verified


# Scores.


def test_an_exchange_has_the_score_of_its_last_report_with_what_would_raise_it(
    pages: dict[str, ElementTree.Element],
) -> None:
    told = text_of(page_of(pages, "Example Exchange"))
    for sentence in (
        "How much was shown of the last report",
        "1/2 of 6 as of 2024-02-28 00:00 UTC",
        "6 auditors' signatures",
        "Listed keys that signed this finding: 1, 2 needed.",
        "Earlier reports: 3",
        "S1-9 shown",
        f"Keys that the maker of this site takes for auditors':{SEAL.keyid}",
        "A sum is no grade",
    ):
        assert sentence in told, sentence
    beside = [text_of(page) for path, page in pages.items() if path == "index.html" or path.startswith("compare")]
    assert len(beside) == 4
    assert not any(" of 6" in page for page in beside)  # where exchanges stand beside each other


def test_each_attestation_has_its_own_score_if_the_score_is_of_what_it_states(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    scored = {entry.digest: "of 6" in text_of(pages[f"attestation/{entry.digest}.html"]) for entry in history.entries()}
    higher, lower = [entry for entry in history.entries() if entry.said.exchange == "Contradicted"]
    assert [scored[each.digest] for each in (higher, lower)].count(True) == 1
    assert [scored[entry.digest] for entry in history.entries() if not entry.verified] == [False, False]
    first = next(entry for entry in history.entries() if entry.said.exchange == "Example Exchange")
    told = text_of(pages[f"attestation/{first.digest}.html"])
    assert "How much was shown of it" in told
    assert "1/2 of 6 as of 2023-12-28 00:00 UTC" in told
    assert "Beside other exchanges at that moment." in told


def test_a_score_of_another_finding_than_the_one_on_top_of_the_page_says_so(
    history: HistoryLog, pages: dict[str, ElementTree.Element]
) -> None:
    said = "This score is of another finding on its claim than the one whose verdict stands on top."
    assert not any(said in text_of(page) for page in pages.values())
    told = summary(history, expected=EXPECTED)
    scores = score_summary(history, auditors=[SEAL], now=EXPECTED.now, listed=told)
    for exchange in scores["exchanges"]:
        if exchange["exchange"] == "Contradicted":
            exchange["scores"][-1]["attestations"] = ["ab" * 32]
    site = Site("Reserves", told, scores=scores)
    shown = {each["exchange"]: exchange_page(site, each).decode() for each in told["exchanges"]}
    assert [name for name, page in shown.items() if said in page] == ["Contradicted"]


def test_of_an_exchange_of_which_nothing_was_verified_nothing_is_shown(pages: dict[str, ElementTree.Element]) -> None:
    told = text_of(page_of(pages, "Only unverified"))
    assert "0 of 6" in told
    assert "No attestation of this claim was verified: nothing of it is shown." in told


def test_a_site_without_scores_says_nothing_of_them(history: HistoryLog) -> None:
    pages = built(history, scores=None)
    assert not any(b'id="score' in page for page in pages.values())


# Feeds.


def test_both_feeds_list_the_same_with_the_latest_first(history: HistoryLog, files: Files) -> None:
    feed = json.loads(files["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Reserves & <more>"
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids) == len(history.entries())
    moments = [re.search(r"As of ([-0-9]+)", item["content_text"])[1] for item in feed["items"]]  # type: ignore[index]
    assert moments == sorted(moments, reverse=True)
    channel = ElementTree.fromstring(files["feed.xml"]).find("channel")
    assert channel is not None
    assert [channel.findtext(name) for name in ("title", "link")] == ["Reserves & <more>", "index.html"]
    assert channel.findtext("description")
    items = channel.findall("item")
    assert [item.findtext("guid") for item in items] == ids
    for item, same in zip(items, feed["items"], strict=True):
        assert item.findtext("title") == same["title"]
        assert item.findtext("link") == same["url"]
        published = parsedate_to_datetime(item.findtext("pubDate") or "")
        assert published == datetime.fromisoformat(same["date_published"])


def test_feeds_lead_to_each_unit_of_a_report_and_to_its_score(
    files: Files, pages: dict[str, ElementTree.Element]
) -> None:
    feed = json.loads(files["feed.json"])
    channel = ElementTree.fromstring(files["feed.xml"]).find("channel")
    assert channel is not None
    assert [item.findtext("description") for item in channel.iter("item")] == [
        item["content_html"] for item in feed["items"]
    ]
    scored = 0
    for item in feed["items"]:
        parsed = ElementTree.fromstring(item["content_html"])
        assert parsed.findtext("p") == item["content_text"]
        links = [(link.text or "", link.get("href") or "") for link in parsed.iter("a")]
        assert [text.split()[0] for text, _ in links[:3]] == ["BTC", "ETH", "USDT"] or len(links) < 3
        for _, href in links:
            file, _, place = href.partition("#")
            assert place in {element.get("id") for element in pages[file].iter()}
        scored += links[-1][0] == "how much was shown"
    assert scored == sum("Shown of it:" in item["content_text"] for item in feed["items"]) > 5
    told = [item["content_text"] for item in feed["items"] if item["title"].startswith("Example Exchange")]
    assert [text.partition("Shown of it: ")[2] for text in told] == [
        "1/2 of 6; of the report before: 1/2 of 6.",
        "",
        "1/2 of 6; of the report before: 1/2 of 6.",
        "1/2 of 6.",
    ]


def test_a_hostile_name_is_text_in_the_markup_of_feeds_too(files: Files) -> None:
    for item in json.loads(files["feed.json"])["items"]:
        assert {each.tag for each in ElementTree.fromstring(item["content_html"]).iter()} <= {
            "div",
            "p",
            "ul",
            "li",
            "a",
        }


def test_feeds_lead_to_the_sites_address_where_it_is_known(history: HistoryLog) -> None:
    files = built(history, url="https://reserves.example/por/")
    feed = json.loads(files["feed.json"])
    assert feed["home_page_url"] == "https://reserves.example/por/index.html"
    assert feed["feed_url"] == "https://reserves.example/por/feed.json"
    for item in feed["items"]:
        assert item["url"].removeprefix("https://reserves.example/por/") in files
    assert b"<link>https://reserves.example/por/index.html</link>" in files["feed.xml"]


# Charts.

NUMBER = re.compile(r"-?[0-9]+")


def a_series(ratios: list[str | None], standings: str | None = None) -> list[dict[str, Any]]:
    letters = {"A": "ABOVE", "B": "BELOW", "N": "NOT_SHOWN"}
    told = standings or "".join("N" if not r else "A" if Fraction(r) >= 1 else "B" for r in ratios)
    return [
        {
            "asOf": f"2024-{month:02}-28T00:00:00Z",
            "standing": letters[letter],
            "ratio": ratio and f"{ratio:0<8}",  # with six decimals
            "atLeast": False,
            "withheld": False,
            "attestation": f"{month:064x}",
        }
        for month, (ratio, letter) in enumerate(zip(ratios, told, strict=True), 1)
    ]


def drawn(
    series: list[dict[str, Any]], missing: tuple[str, ...] = (), streak: dict[str, Any] | None = None
) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart.chart("BTC", {"series": series, "streak": streak}, missing, "c", {})))


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in svg.iter() if name in (element.get("class") or "").split()]


ratios = st.lists(
    st.one_of(st.none(), st.integers(0, 6_000_000).map(lambda n: f"{n // 10**6}.{n % 10**6:06}")),
    min_size=1,
    max_size=12,
)


@given(ratios)
def test_everything_is_drawn_within_the_chart_and_higher_where_it_is_more(found: list[str | None]) -> None:
    series = a_series(found)
    svg = drawn(series)
    for element in svg.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= int(element.get(name, "0")) <= 3600
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= int(element.get(name, "0")) <= 1720
    (full,) = [line for line in of_class(svg, "full") if line.tag == "line"]
    assert full.get("y1") == full.get("y2")
    level = int(full.get("y1", ""))
    circles = [int(mark.get("cy", "")) for mark in of_class(svg, "above")]
    squares = [int(mark.get("y", "")) + 42 for mark in of_class(svg, "below")]
    assert len(of_class(svg, "mark")) == len(found)
    assert all(y <= level for y in circles)
    assert all(y >= level for y in squares)
    above = [min(Fraction(ratio), Fraction(5)) for ratio in found if ratio and Fraction(ratio) >= 1]
    assert [y for _, y in sorted(zip(above, circles, strict=True))] == sorted(circles, reverse=True)
    steps = [text for text in of_class(svg, "step") if text.tag == "text" and (text.text or "").endswith("%")]
    assert 1 <= len(steps) <= 8


def test_shapes_tell_how_a_unit_stands() -> None:
    svg = drawn(a_series(["1.02", "0.98", None, "0.5"], "ABNN"))
    assert [mark.tag for mark in of_class(svg, "mark")] == ["circle", "rect", "path", "path"]
    assert [(mark.findtext("title") or "").partition(": ")[2] for mark in of_class(svg, "mark")] == [
        "102.00%, at or above 100%",
        "98.00%, below 100%",
        "no ratio, not shown",
        "50.00%, not shown",
    ]


@pytest.mark.parametrize(
    ("standings", "missing", "runs"),
    [
        ("AAAA", (), [4]),
        ("AANA", (), [2]),
        ("ABAA", (), [4]),
        ("AAAA", ("2024-03-01T00:00:00Z",), [2, 2]),
        ("NNNN", (), []),
    ],
)
def test_what_is_missing_or_not_shown_parts_the_line(standings: str, missing: tuple[str, ...], runs: list[int]) -> None:
    svg = drawn(a_series(["1.01", "1.02", "1.03", "1.04"], standings), missing)
    assert [len((run.get("points") or "").split()) for run in of_class(svg, "run")] == runs
    assert len(of_class(svg, "absent")[0]) == len(missing)


@pytest.mark.parametrize(
    ("standings", "missing", "marks", "runs"),
    [
        ("AAAA", (), ["above"], [4]),
        ("ABAA", (), ["below", "above"], [4]),
        ("BNAB", (), ["below", "not-shown", "below"], [2]),
        ("AAAA", ("2024-03-01T00:00:00Z",), ["above"], [2, 2]),
    ],
)
def test_a_small_chart_marks_every_shortfall_and_the_last_report_and_breaks_where_one_is_missing(
    standings: str, missing: tuple[str, ...], marks: list[str], runs: list[int]
) -> None:
    svg = ElementTree.fromstring(str(chart.spark(a_series(["1.01", "0.98", "1.03", "1.04"], standings), missing)))
    assert [(mark.get("class") or "").removeprefix("mark ") for mark in of_class(svg, "mark")] == marks
    assert [len((run.get("points") or "").split()) for run in of_class(svg, "run")] == runs


def test_a_shortfall_has_the_colour_of_one_in_small_charts_too() -> None:
    assert ".mark.below { fill: var(--short); }" in shell.style()
    assert ".spark .mark" not in shell.style()


def test_the_run_that_nothing_has_ended_is_a_band_from_its_first_report_to_its_last() -> None:
    series = a_series(["0.98", "1.02", "1.03", "1.04"])
    streak = {"reports": 3, "first": series[1]["asOf"], "last": series[3]["asOf"]}
    svg = drawn(series, streak=streak)
    (band,) = of_class(svg, "streak")
    second, last = (of_class(svg, "mark")[at].get("cx") for at in (1, 3))
    assert (band.get("x1"), band.get("x2")) == (second, last)
    assert band.findtext("title") == "3 reports at or above 100%, 2024-02-28 to 2024-04-28"
    assert of_class(drawn(series), "streak") == []


def test_a_chart_in_words() -> None:
    series = a_series(["1.029999", "0.98", None, "1.01"])
    assert chart.described(series, ["2024-05-31T00:00:00Z"]) == (
        "4 reports, 2024-01-28 to 2024-04-28; lowest 98.00% on 2024-02-28; highest 102.99% on 2024-01-28;"
        " last known 101.00% on 2024-04-28; below 100% on 2024-02-28; not shown on 2024-03-28; 1 missing."
    )
    assert chart.described(a_series(["1.01"]), []).endswith("each at or above 100%.")


def lasting(files: Files) -> tuple[set[str], dict[str, tuple[str, list[str]]]]:
    """What links may lead to: files, and places in them; and by the id of each item of a feed where it leads."""
    places = {
        f"{path}#{place}"
        for path, content in files.items()
        for place in re.findall(r' id="((?:unit|report|score)-[^"]+)"', content.decode())
        if path.endswith(".html")
    }
    items = {
        item["id"]: (item["url"], re.findall('href="([^"]+#unit-[^"]+)"', item["content_html"]))
        for item in json.loads(files["feed.json"])["items"]
    }
    return places | files.keys(), items


@cache
def many_reports() -> list[Any]:
    """Of two exchanges: a month with a shortfall, one with a gap, a second claim of one moment, another's accounts."""
    return [
        a_report(),
        a_report(JANUARY, eth_bob=agreed(1)),
        a_report(FEBRUARY, eth_bob=TIMED_OUT),
        a_report(JANUARY, text="issued again"),
        a_report(exchange="Another Exchange"),
        attest(held(eth_bob=agreed(1)), claim=a_report(exchange="Another Exchange").claim, signers=(SEAL,)),
    ]


@settings(max_examples=cases(10, part=5), deadline=None)
@given(st.permutations(range(6)))
def test_adding_a_report_changes_no_link_and_no_id_of_a_feeds_item(order: list[int]) -> None:
    """In whatever order they are added: a report of last year too, or a second attestation of one."""
    reports = many_reports()
    with TemporaryDirectory() as folder, open_history(f"{folder}/history.sqlite", create=True) as opened:
        known: tuple[set[str], dict[str, Any]] = (set(), {})
        for number in order:
            it = reports[number]
            append(opened, it.envelope, it.claim, it.keys, io.BytesIO(it.evidence), at=DECEMBER + timedelta(days=2))
            places, items = lasting(built(opened))
            assert known[0] <= places
            for id_, (url, links) in known[1].items():
                assert items[id_][0] == url
                assert links == items[id_][1][: len(links)]
            known = (places, items)


def test_marks_lead_to_the_pages_of_their_attestations(pages: dict[str, ElementTree.Element]) -> None:
    links = [link.get("href") for link in page_of(pages, "Example Exchange").iter(f"{SVG}a")]
    assert len(links) == 3 * 3
    assert all(
        re.fullmatch(r"\.\./attestation/[0-9a-f]{64}\.html#unit-[a-z]+-[0-9a-f]{32}", link or "") for link in links
    )
