"""What a page checks when it is opened and when its reader brings a key, the evidence or an address; on true ones."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scanner.attesting.attestation import ATTESTATION
from scanner.attesting.envelope import read_envelope
from scanner.attesting.signers import load_public_key
from scanner.attesting.statement import EVIDENCE, read_statement
from scanner.report.page.document import render
from scanner.weighing.holdings import Holding, holding_order
from tests.browser.conftest import Reader, a_tab
from tests.browser.pages import EXAMPLE, page_of
from tests.support.attestations.attested import (
    ALICE,
    AUDITOR,
    BTC,
    CAROL,
    ETH,
    EXCHANGE,
    STRANGER,
    a_claim,
    agreed,
    attest,
    public_pem,
)
from tests.support.golden_attestations import FOLDER, KEY

NO_ED25519 = """
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, kind, ...rest) =>
  kind === "Ed25519" ? Promise.reject(new DOMException("none", "NotSupportedError")) : known(form, key, kind, ...rest);
"""


def state_of(tab: Page, check: str) -> str:
    return str(tab.locator(f"#check-{check}").get_attribute("class"))


def told(tab: Page, check: str) -> str:
    return tab.locator(f"#check-{check} .result").inner_text()


def paste(tab: Page, key: str) -> None:
    tab.get_by_label("Public key").fill(key)
    tab.get_by_role("button", name="Check the signature").click()


def choose(tab: Page, name: str, content: bytes) -> None:
    tab.get_by_label("evidence.csv.gz").set_input_files({"name": name, "mimeType": "", "buffer": content})


def test_a_true_page_checks_itself_offline_from_a_file(reader: Reader) -> None:
    tab = reader.opens(page_of())
    for check in ("signature", "statement", "sums", "display"):
        assert state_of(tab, check) == "holds", told(tab, check)
    assert state_of(tab, "evidence") == "open"
    assert EXCHANGE.keyid in told(tab, "signature")
    expect(tab.locator("#status")).to_contain_text("Checked in your browser.")


def test_of_a_built_in_key_it_says_that_it_shows_nothing_of_whose_it_is(reader: Reader) -> None:
    tab = reader.opens(page_of())
    assert "not whose key it is" in told(tab, "signature")
    expect(tab.locator("#status")).to_contain_text("built into this page: compare with what the auditor publishes")


def test_all_of_several_built_in_keys_must_have_signed(reader: Reader) -> None:
    tab = reader.opens(page_of(keys=(EXCHANGE, AUDITOR)))
    assert EXCHANGE.keyid in told(tab, "signature")
    assert AUDITOR.keyid in told(tab, "signature")
    tab = reader.opens(page_of(keys=(EXCHANGE, STRANGER)))
    assert state_of(tab, "signature") == "fails"


def test_signatures_that_no_key_was_given_for_are_said_not_to_be_checked(reader: Reader) -> None:
    tab = reader.opens(page_of(keys=(EXCHANGE,)))
    assert f"Not checked: what is signed in the name of {AUDITOR.keyid}." in told(tab, "signature")


def test_without_a_key_it_does_not_say_that_anybody_signed(reader: Reader) -> None:
    tab = reader.opens(page_of(keys=()))
    assert (state_of(tab, "signature"), state_of(tab, "sums")) == ("open", "holds")
    expect(tab.locator("#status")).to_have_class("status partly")
    expect(tab.locator("#status")).to_contain_text("Who signed it was not checked")


def test_a_key_that_its_reader_pastes_is_the_one_that_counts(reader: Reader) -> None:
    tab = reader.opens(page_of(keys=()))
    paste(tab, public_pem(AUDITOR))
    expect(tab.locator("#check-signature")).to_have_class("holds")
    assert AUDITOR.keyid in told(tab, "signature")
    expect(tab.locator("#status")).to_contain_text("which you pasted")


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (public_pem(STRANGER), f"{STRANGER.keyid} has not signed"),
        ("", "no public key in PEM"),
        ("-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----", "no public key in PEM"),
        (public_pem(EXCHANGE) * 2, "no public key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----", "must stay private"),
        (f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(bytes(44)).decode()}\n-----END PUBLIC KEY-----", "no Ed25519"),
    ],
)
def test_a_key_that_is_wrong_is_refused_in_red_and_the_right_one_mends_it(reader: Reader, key: str, fault: str) -> None:
    tab = reader.opens(page_of())
    paste(tab, key)
    expect(tab.locator("#status")).to_have_class("status fails")
    assert fault in told(tab, "signature")
    paste(tab, public_pem(EXCHANGE))
    expect(tab.locator("#status")).to_have_class("status holds")


def test_a_statement_that_nobody_signed_is_said_to_be_one(reader: Reader) -> None:
    payload = read_envelope(EXAMPLE.envelope).payload
    tab = reader.opens(render(read_statement(payload).predicate, payload))
    assert (state_of(tab, "signature"), told(tab, "signature")) == ("open", "This statement carries no signature.")
    assert state_of(tab, "display") == "holds"


# The evidence.


def test_evidence_that_is_chosen_gives_every_sum_again(reader: Reader) -> None:
    tab = reader.opens(page_of())
    choose(tab, "evidence.csv.gz", EXAMPLE.evidence)
    expect(tab.locator("#check-evidence")).to_have_class("holds")
    expect(tab.locator("#status")).to_contain_text("as do the rows of the evidence")
    rows = tab.locator("#resummed tbody tr").all_inner_texts()
    assert rows == ["BTC\t2\t103.12345678", "USDT-ERC20\t1\t1,020,000", "ETH\t2\t7.730000000000000001"]


def test_evidence_that_the_page_carries_is_read_at_once(reader: Reader) -> None:
    tab = reader.opens(page_of(evidence=True))
    assert state_of(tab, "evidence") == "holds"


def test_evidence_or_a_key_may_be_dropped_anywhere(reader: Reader) -> None:
    tab = reader.opens(page_of(keys=()))
    for content, check in ((EXAMPLE.evidence, "evidence"), (public_pem(EXCHANGE).encode(), "signature")):
        tab.evaluate(
            """(bytes) => {
                const dropped = new DataTransfer();
                dropped.items.add(new File([Uint8Array.from(bytes)], "file"));
                document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true}));
            }""",
            list(content),
        )
        expect(tab.locator(f"#check-{check}")).to_have_class("holds")


def test_an_address_is_found_however_it_is_spelt_with_all_that_it_holds(reader: Reader) -> None:
    tab = reader.opens(page_of(evidence=True))
    for spelling in (f"0x{ALICE.hex()}", f" 0x{ALICE.hex().upper()} "):
        tab.get_by_label("Address").fill(spelling)
        tab.get_by_label("Address").press("Enter")
        expect(tab.locator("#found tbody tr")).to_have_count(2)
        assert tab.locator("#found tbody tr").all_inner_texts() == [
            "USDT-ERC20\t1,020,000\tproven\tshown",
            "ETH\t0.000000000000000001\tquorum\tshown",
        ]
    tab.get_by_label("Address").fill(f"0x{CAROL.hex()}")
    tab.get_by_role("button", name="Search").click()
    expect(tab.locator("#found tbody tr")).to_have_count(1)
    expect(tab.locator("#found tbody tr")).to_have_text("USDT-ERC20not establishednot counted: DISAGREEMENTunshown")


def test_an_address_that_is_not_in_it_is_said_not_to_be(reader: Reader) -> None:
    tab = reader.opens(page_of(evidence=True))
    tab.get_by_label("Address").fill("<b>bc1qnobody</b>")
    tab.get_by_label("Address").press("Enter")
    expect(tab.locator("#found")).to_have_text("<b>bc1qnobody</b> is not in the evidence: the claim does not list it.")


def test_there_is_no_search_before_there_is_evidence_that_holds(reader: Reader) -> None:
    tab = reader.opens(page_of())
    expect(tab.get_by_label("Address")).to_be_hidden()
    choose(tab, "evidence.csv.gz", gzip.compress(b"chain"))
    expect(tab.locator("#status")).to_have_class("status fails")
    expect(tab.get_by_label("Address")).to_be_hidden()


def test_thousands_of_rows_are_summed_and_searched(reader: Reader) -> None:
    """More than one piece of a stream, with amounts that no floating-point number holds."""
    accounts = [number.to_bytes(20) for number in range(1, 20_001)]
    holdings = [Holding(ETH.id, account, 10**18 + 1) for account in accounts] + [
        Holding(BTC.id, b"\x51\x20" + bytes(32))
    ]
    claim = a_claim(holdings=tuple(sorted(holdings, key=lambda each: holding_order(each.asset, each.account))))
    claim = replace(
        claim,
        assets={asset.id: asset for asset in (BTC, ETH)},
        liabilities={unit: liability for unit, liability in claim.liabilities.items() if unit != "USDT"},
    )
    found = {(each.asset, each.account): agreed(10**18 + 1) for each in holdings}
    tab = reader.opens(page_of(attest(found, claim=claim), evidence=True))
    assert state_of(tab, "evidence") == "holds", told(tab, "evidence")
    assert "20,000.00000000000002" in tab.locator("#resummed").inner_text()
    tab.get_by_label("Address").fill(f"0x{accounts[12_345].hex()}")
    tab.get_by_label("Address").press("Enter")
    expect(tab.locator("#found tbody tr")).to_contain_text("1.000000000000000001")


def test_the_attestation_can_be_taken_out_of_the_page(reader: Reader, tmp_path: Path) -> None:
    tab = reader.opens(page_of())
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save the attestation").click()
    assert download.value.suggested_filename == "attestation.dsse.json"
    download.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == EXAMPLE.envelope
    reader.asked_for[:] = [url for url in reader.asked_for if not url.startswith("blob:")]


# What a browser lacks.


def test_without_javascript_the_page_is_readable_and_says_that_nothing_was_checked(
    browser: Browser, tmp_path: Path
) -> None:
    with browser.new_context(java_script_enabled=False, offline=True) as context:
        tab = Reader(context.new_page(), tmp_path).opens(page_of(evidence=True), settled=False)
        expect(tab.locator("#status")).to_contain_text("Not checked. Nothing on this page was checked.")
        expect(tab.locator(".units tbody tr")).to_have_count(3)
        expect(tab.locator(".units tbody tr").first).to_contain_text("103.12%")
        expect(tab.get_by_label("Public key")).to_be_hidden()


def test_a_browser_without_ed25519_is_told_that_the_signature_was_not_checked(
    offline: BrowserContext, tmp_path: Path
) -> None:
    with Reader(a_tab(offline, before=NO_ED25519), tmp_path).watching() as reader:
        tab = reader.opens(page_of())
    assert state_of(tab, "signature") == "open"
    assert "this browser knows no Ed25519" in told(tab, "signature")
    expect(tab.locator("#status")).to_have_class("status partly")
    expect(tab.locator("#status")).to_contain_text("The signature was not checked")
    assert reader.noticed == []
    tab.close()


def test_a_browser_without_cryptography_is_told_that_nothing_was_checked(
    offline: BrowserContext, tmp_path: Path
) -> None:
    lacking = "Object.defineProperty(crypto, 'subtle', {value: undefined});"
    with Reader(a_tab(offline, before=lacking), tmp_path).watching() as reader:
        tab = reader.opens(page_of())
    expect(tab.locator("#status")).to_contain_text("Not checked. Nothing on this page was checked: this browser has")
    assert reader.noticed == []
    tab.close()


@pytest.mark.parametrize("folder", sorted((FOLDER / "v1").iterdir()), ids=lambda folder: folder.name)
def test_the_page_of_every_golden_attestation_is_green(reader: Reader, folder: Path) -> None:
    document = (folder / ATTESTATION).read_bytes()
    envelope = read_envelope(document)
    page = render(
        read_statement(envelope.payload).predicate,
        document,
        keyids=envelope.keyids,
        keys=[load_public_key(folder / KEY).spki],
        evidence=(folder / EVIDENCE).read_bytes(),
    )
    tab = reader.opens(page)
    expect(tab.locator("#status")).to_have_class("status holds")
    assert [state_of(tab, check) for check in ("signature", "sums", "display", "evidence")] == ["holds"] * 4
