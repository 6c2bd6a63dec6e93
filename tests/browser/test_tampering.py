"""Pages that somebody spoiled: each says so in red, and says why. What a page cannot find out by itself is told too."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scanner.attesting import canonical
from tests.browser.conftest import Reader
from tests.browser.pages import EXAMPLE, page_of
from tests.support.attestations.attested import EXCHANGE, STRANGER, Attested, attest

PAGE = page_of()
_CARRIED = re.compile(rb'(<script type="application/json" id="carried">)(.*?)(</script>)', re.DOTALL)


def carrying(change: Callable[[dict[str, Any]], object], page: bytes = PAGE) -> bytes:
    """The page with something else inside it; what it displays is as before."""
    match = _CARRIED.search(page)
    assert match is not None
    carried = json.loads(match[2])
    change(carried)
    return page[: match.start(2)] + json.dumps(carried).encode() + page[match.end(2) :]


def with_envelope(change: Callable[[dict[str, Any]], object]) -> bytes:
    def changed(carried: dict[str, Any]) -> None:
        envelope = json.loads(carried["document"])
        change(envelope)
        carried["document"] = canonical.encode(envelope).decode() + "\n"

    return carrying(changed)


def with_payload(old: bytes, new: bytes) -> bytes:
    def changed(envelope: dict[str, Any]) -> None:
        payload = base64.b64decode(envelope["payload"])
        assert old in payload
        envelope["payload"] = base64.b64encode(payload.replace(old, new, 1)).decode()

    return with_envelope(changed)


def flipped(envelope: dict[str, Any]) -> None:
    signature = next(each for each in envelope["signatures"] if each["keyid"] == EXCHANGE.keyid)
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[17] ^= 1
    signature["sig"] = base64.b64encode(raw).decode()


def renamed(envelope: dict[str, Any]) -> None:
    """Each signature in the name of the other key."""
    first, second = envelope["signatures"]
    first["sig"], second["sig"] = second["sig"], first["sig"]


def displaying(old: str, new: str) -> bytes:
    """The page with other HTML, and all that it carries as before."""
    assert PAGE.count(old.encode()) >= 1, old
    return PAGE.replace(old.encode(), new.encode(), 1)


def assert_red(tab: Page, *checks: str) -> None:
    expect(tab.locator("#status")).to_have_class("status fails")
    expect(tab.locator("#status")).to_contain_text("Something does not hold.")
    failing = [line.get_attribute("id") for line in tab.locator("#checks li.fails").all()]
    assert set(failing) >= {f"check-{check}" for check in checks}, failing


CARRIED = {
    "a bit of the signature": (with_envelope(flipped), ["signature"]),
    "signatures swapped": (with_envelope(renamed), ["signature"]),
    "a number of the payload": (
        with_payload(b'"held":"103.12345678"', b'"held":"203.12345678"'),
        ["signature", "sums", "display"],
    ),
    "a verdict of the payload": (with_payload(b'"verdict":"COVERED"}', b'"verdict":"SHORT"}'), ["signature"]),
    "a time of the payload": (with_payload(b"2023-11-23T09:30:01Z", b"2023-11-24T09:30:01Z"), ["signature", "display"]),
    "a blank in the payload": (with_payload(b'{"_type"', b'{ "_type"'), ["statement"]),
    "a key twice in the payload": (with_payload(b'"complete":true', b'"complete":0,"complete":true'), ["statement"]),
    "a fraction in the payload": (with_payload(b'"gaps":0', b'"gaps":0.0'), ["statement"]),
    "an integer that doubles round": (with_payload(b'"gaps":0', b'"gaps":9007199254740993'), ["statement"]),
    "another kind of statement": (with_payload(b"reserve-attestation/v1", b"reserve-attestation/v2"), ["statement"]),
    "a subject": (with_payload(b'"name":"claim"', b'"name":"clain"'), ["statement"]),
    "the payload's type": (with_envelope(lambda envelope: envelope.update(payloadType="text/plain")), ["statement"]),
    "no base64": (with_envelope(lambda envelope: envelope.update(payload="%%")), ["statement"]),
    "no signature": (with_envelope(lambda envelope: envelope["signatures"].clear()), ["display"]),
    "no envelope": (carrying(lambda carried: carried.update(document="{}")), ["statement"]),
    "nothing": (carrying(lambda carried: carried.clear()), ["statement"]),
    "another attestation": (carrying(lambda carried: carried.update(document=attest().envelope.decode())), ["display"]),
    "a stranger's key": (
        carrying(lambda carried: carried.update(keys=[base64.b64encode(STRANGER.public.spki).decode()])),
        ["signature"],
    ),
    "another digest of itself": (carrying(lambda carried: carried.update(page="00" * 32)), ["display"]),
}  # fmt: skip


@pytest.mark.parametrize(("page", "checks"), CARRIED.values(), ids=CARRIED)
def test_a_page_that_carries_something_else_says_so_in_red(reader: Reader, page: bytes, checks: list[str]) -> None:
    assert_red(reader.opens(page), *checks)


DISPLAYED = {
    "an amount": displaying(">103.1234<", ">203.1234<"),
    "a ratio": displaying(">103.12%<", ">113.12%<"),
    "a verdict": displaying(">COVERED<", ">SHORT<"),
    "a verdict's sign": displaying(">✓<", ">✗<"),
    "the exchange": displaying(">Example Exchange</bdi>", ">Another Exchange</bdi>"),
    "the title": displaying("<title>Example", "<title>Another"),
    "a block's hash": displaying(">0xf27b5565", ">0xf27b5566"),
    "a sentence that no mark covers": displaying("It is no audit", "It is an audit"),
    "an added sentence": displaying("</header>", "<p>Audited.</p></header>"),
    "a mark that leads elsewhere": displaying("held /finding/reserves/0", "held /finding/reserves/1"),
    "a mark that leads nowhere": displaying("held /finding/reserves/0", "held /finding/reserves/9"),
    "a mark of an unknown kind": displaying("held /finding/reserves/0", "constructor /finding/reserves/0"),
    "a mark taken off": displaying(' data-is="held /finding/reserves/0"', ""),
    "a bar's length": displaying('class="held" height="16" width="550"', 'class="held" height="16" width="500"'),
    "something hidden": displaying('<section aria-labelledby="gaps">', '<section aria-labelledby="gaps" hidden="">'),
    "something beside the page": displaying("<main ", "<p>All is well.</p><main "),
    "no page at all": re.sub(rb"<main .*</main>", b"<p>All is well.</p>", PAGE, flags=re.DOTALL),
}


@pytest.mark.parametrize("page", DISPLAYED.values(), ids=DISPLAYED)
def test_a_page_that_displays_something_else_says_so_in_red(reader: Reader, page: bytes) -> None:
    if b"<main " not in page:
        tab = reader.opens(page, settled=False)
        expect(tab.locator("#status")).to_have_count(0)
        reader.noticed.clear()  # a script that has nowhere to tell of anything
        return
    assert_red(reader.opens(page), "display")


def redigested(page: bytes) -> bytes:
    """A page that was changed together with the digest it carries of itself."""
    main = re.search(rb"<main .*</main>", page, re.DOTALL)
    assert main is not None
    return carrying(lambda carried: carried.update(page=hashlib.sha256(main[0]).hexdigest()), page)


REDIGESTED = {
    "an amount": (
        displaying(">103.1234<", ">203.1234<"),
        "The page says “203.1234” where “103.1234” was signed.",
    ),
    "a bar": (
        displaying('class="held" height="16" width="550"', 'class="held" height="16" width="500"'),
        "The bar of /finding/reserves/0 is drawn otherwise.",
    ),
    "a row taken out": (
        re.sub(rb'<tr class="covered" role="row">.*?</tr>', b"", PAGE, count=1, flags=re.DOTALL),
        "The page leaves out /finding/reserves/0/verdict, held /finding/reserves/0",
    ),
}


@pytest.mark.parametrize(("page", "fault"), REDIGESTED.values(), ids=REDIGESTED)
def test_a_page_whose_digest_was_changed_with_it_is_still_held_against_what_was_signed(
    reader: Reader, page: bytes, fault: str
) -> None:
    """The digest covers words that nobody signed; figures do not need it."""
    tab = reader.opens(redigested(page))
    assert_red(tab, "display")
    expect(tab.locator("#status")).to_contain_text(fault)


@pytest.mark.parametrize("part", ["script", "style"])
def test_a_script_or_style_that_was_changed_is_not_run_and_the_page_claims_nothing(reader: Reader, part: str) -> None:
    old, new = {"script": (b'return "COVERED";', b'return "COVERED ";'), "style": (b"margin: 0;", b"margin: 1;")}[part]
    assert old in PAGE
    tab = reader.opens(PAGE.replace(old, new, 1), settled=False)
    if part == "script":
        expect(tab.locator("#status")).to_contain_text("Not checked. Nothing on this page was checked.")
    assert any("Content Security Policy" in each for each in reader.noticed)
    reader.noticed.clear()


@pytest.mark.parametrize(
    "smuggled",
    [
        '<script>document.getElementById("status-text").textContent = "fine"</script>',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<iframe src="http://127.0.0.1:9/"></iframe>',
        '<p style="color: red">x</p>',
        '<p onclick="alert(1)">x</p>',
    ],
)
def test_what_is_smuggled_into_the_page_is_stopped_by_its_policy(reader: Reader, smuggled: str) -> None:
    tab = reader.opens(displaying("</header>", f"{smuggled}</header>"))
    if "onclick" in smuggled:
        tab.locator("p[onclick]").click()
    tab.wait_for_timeout(50)
    assert any("policy " in each for each in reader.noticed)
    assert_red(tab, "display")
    reader.noticed.clear()
    reader.asked_for[:] = [url for url in reader.asked_for if not url.startswith("http://127.0.0.1:9/")]


# Signed, and false all the same: what follows from the signed numbers is worked out again.


def falsified(change: Callable[[dict[str, Any]], object]) -> Attested:
    """An attestation that its signer, who lies, has made false in one point."""
    return EXAMPLE.with_statement(lambda statement: change(statement["predicate"]["finding"]), sign=True)


def test_a_false_verdict_that_its_signer_stands_by_is_red_all_the_same(reader: Reader) -> None:
    tab = reader.opens(page_of(falsified(lambda finding: finding["reserves"][0].update(owed="200"))))
    assert_red(tab, "sums")
    assert tab.locator("#check-signature").get_attribute("class") == "holds"
    assert tab.locator("#check-display").get_attribute("class") == "holds"


def test_evidence_of_another_attestation_is_refused_in_red(reader: Reader) -> None:
    tab = reader.opens(PAGE)
    for content in (attest().evidence, EXAMPLE.evidence + b"\0", EXAMPLE.evidence[:-1], b"", b"chain,block"):
        tab.get_by_label("evidence.csv.gz").set_input_files(
            {"name": "evidence.csv.gz", "mimeType": "", "buffer": content}
        )
        expect(tab.locator("#check-evidence .result")).to_contain_text("this is another file")
        assert_red(tab, "evidence")
        tab.get_by_label("evidence.csv.gz").set_input_files(
            {"name": "evidence.csv.gz", "mimeType": "", "buffer": EXAMPLE.evidence}
        )
        expect(tab.locator("#status")).to_have_class("status holds")


def test_evidence_that_does_not_add_up_is_red_though_its_signer_stands_by_it(reader: Reader) -> None:
    lines = [line.replace(b",6000000000,,QUORUM,", b",6000000001,,QUORUM,") for line in EXAMPLE.lines]
    tab = reader.opens(page_of(EXAMPLE.with_lines(lines, sign=True), evidence=True))
    assert_red(tab, "evidence")
    expect(tab.locator("#status")).to_contain_text("BTC: difference is stated as 0, and the rows give something else")
