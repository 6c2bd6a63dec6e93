"""The claim's file: read exactly, and every mistake in it told at once, with its line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key, account_text
from scanner.chains.evm.eip55 import checksum_address
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.natives import native_decimals
from scanner.core.amounts import exact, parse_decimal
from scanner.errors import InputError
from scanner.sources import holdings, yaml_document
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim, Custody
from scanner.weighing.holdings import Ownership
from tests.support.places import ROOT
from tests.support.strength import examples

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
ETHEREUM = parse_chain("eip155:1")
BTC = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
ETH = parse_asset("eip155:1/slip44:60")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")

CLAIM = """\
version: 1
exchange: Example
report: {title: First report, published: 2023-11-23, url: "https://exchange.example/por", sha256: null}
as_of: 2023-11-22T16:00:00Z
snapshots:
  bip122:000000000019d6689c085ae165831e93: 817900
  eip155:1: 18600000
assets:
  BTC: {id: "bip122:000000000019d6689c085ae165831e93/slip44:0", backs: BTC, decimals: 8}
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
  USDT-ERC20: {id: "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7", backs: USDT, decimals: 6}
liabilities:
  BTC: "139199.5"
  ETH: {amount: "1476215", stated_ratio: 103%}
  USDT: null
holdings:
  - {asset: BTC, account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca, amount: "12.5"}
  - asset: [ETH, USDT-ERC20]
    accounts:
      - "0x03aE1A796DFE0400439211133D065BDA774B9D3e"
      - "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A"
custody:
  - {unit: BTC, amount: "5541.37", custodian: Vault Ltd}
"""

Load = Callable[[str], Claim]
Refuse = Callable[..., list[str]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("claim") / "claim.yaml"


@pytest.fixture(scope="module")
def load(path: Path) -> Load:
    def load(text: str) -> Claim:
        path.write_bytes(text.encode())
        return load_claim(path)

    return load


@pytest.fixture(scope="module")
def refuse(load: Load, path: Path) -> Refuse:
    """The mistakes of the good claim with one text in it replaced, as "line: what"."""

    def refuse(old: str, new: str) -> list[str]:
        assert CLAIM.count(old) == 1, "the text to replace must stand in the claim once"
        with pytest.raises(InputError) as caught:
            load(CLAIM.replace(old, new))
        return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]

    return refuse


def key(text: str) -> bytes:
    return account_key(ETHEREUM if text.startswith("0x") else BITCOIN, text)


# --- A good claim


def test_a_claim_is_read_whole(load: Load) -> None:
    claim = load(CLAIM)
    assert claim.exchange == "Example"
    assert claim.as_of == datetime(2023, 11, 22, 16, tzinfo=UTC)
    assert claim.digest == hashlib.sha256(CLAIM.encode()).hexdigest()
    assert claim.snapshots == {BITCOIN: 817900, ETHEREUM: 18600000}
    assert [(asset.label, asset.backs, asset.decimals) for asset in claim.assets.values()] == [
        ("BTC", "BTC", 8),
        ("ETH", "ETH", 18),
        ("USDT-ERC20", "USDT", 6),
    ]
    assert {unit: liability.owed for unit, liability in claim.liabilities.items()} == {
        "BTC": Fraction(278399, 2),
        "ETH": Fraction(1476215),
        "USDT": None,
    }
    assert claim.liabilities["ETH"].stated_ratio is not None
    assert claim.liabilities["ETH"].stated_ratio.value == Fraction(103, 100)
    assert claim.custody == (Custody("BTC", Fraction(554137, 100), "Vault Ltd"),)
    assert (claim.report.title, claim.report.published) == ("First report", "2023-11-23")
    assert (claim.report.url, claim.report.sha256) == ("https://exchange.example/por", "")
    assert claim.complete


def test_holdings_stand_once_per_asset_and_account_in_their_one_order(load: Load) -> None:
    first, second = "0x03aE1A796DFE0400439211133D065BDA774B9D3e", "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A"
    assert [(holding.asset, holding.account, holding.claimed) for holding in load(CLAIM).holdings] == [
        (BTC, key("3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca"), 1_250_000_000),
        (USDT, key(first), None),
        (USDT, key(second), None),
        (ETH, key(first), None),
        (ETH, key(second), None),
    ]


def test_what_is_optional_may_be_left_out(load: Load) -> None:
    text = re.sub(r"(?m)^(report|snapshots|custody):.*\n( .*\n)*", "", CLAIM)
    claim = load(text)
    assert (claim.snapshots, claim.custody, claim.report.title, claim.complete) == ({}, (), "", True)


def test_a_claim_may_say_that_it_is_a_part(load: Load) -> None:
    assert not load("complete: false\n" + CLAIM).complete
    assert load("complete: true\n" + CLAIM).complete


def test_a_claim_may_say_of_how_much_of_all_that_is_owed_it_speaks(load: Load) -> None:
    share = load("share_of_all_owed: 16.5%\n" + CLAIM).share_of_all_owed
    assert share is not None
    assert (share.text, share.value) == ("16.5%", Fraction(165, 1000))
    assert load("share_of_all_owed: 100%\n" + CLAIM).share_of_all_owed is not None
    for text in (CLAIM, "share_of_all_owed: null\n" + CLAIM):
        assert load(text).share_of_all_owed is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{signatures: [a]}", Ownership("", "", ("a",))),
        ("{scheme: bip322, message: null, signatures: [a, b]}", Ownership("bip322", "", ("a", "b"))),
        (
            r'{message: "I am\nOKX", signatures: ["0x1b"], key: "02", owners: [ab, cd]}',
            Ownership("", "I am\nOKX", ("0x1b",), "02", ("ab", "cd")),
        ),
    ],
)
def test_what_was_published_to_show_control_stands_at_its_account(load: Load, written: str, read: Ownership) -> None:
    bitcoin, *others = load(CLAIM.replace('"12.5"}', f'"12.5", ownership: {written}}}')).holdings
    assert bitcoin.ownership == read
    assert all(holding.ownership is None for holding in others)


def test_the_message_that_was_asked_to_be_signed_stands_in_the_claim(load: Load) -> None:
    assert load("challenge: AUDIT 2026-17\n" + CLAIM).challenge == "AUDIT 2026-17"
    assert load(CLAIM).challenge is None


def test_an_asset_without_holdings_is_allowed(load: Load) -> None:
    text = CLAIM.replace("[ETH, USDT-ERC20]", "ETH")
    assert {holding.asset for holding in load(text).holdings} == {BTC, ETH}


def test_a_claim_of_a_part_of_okx_is_the_example() -> None:
    claim = load_claim(ROOT / "config" / "addresses.yaml")
    assert not claim.complete
    assert {unit: liability.owed for unit, liability in claim.liabilities.items()} == {
        "BTC": 139199,
        "ETH": 1476215,
        "USDT": 5244268687,
        "USDC": None,
    }
    stated = {unit: each.stated_ratio.text for unit, each in claim.liabilities.items() if each.stated_ratio}
    assert stated == {"BTC": "103%", "ETH": "103%", "USDT": "102%", "USDC": "104%"}
    by_asset = [sum(holding.asset == asset for holding in claim.holdings) for asset in claim.assets]
    assert by_asset == [12, 12, 12, 12]


# --- One mistake at a time: what is replaced by what, and what is told

MISTAKES = {
    "a version of another form": ("version: 1", "version: 2", "1: version: expected 1, not 2"),
    "a version in quotes": ("version: 1", 'version: "1"', "1: version: expected a whole number"),
    "no version": ("version: 1\n", "", "1: claim: version missing"),
    "no exchange": ("exchange: Example\n", "", "1: claim: exchange missing"),
    "an exchange that is no text": ("exchange: Example", "exchange: no", "2: exchange: 'no' without quotes is a truth"),
    "an exchange with an escape sequence": ("exchange: Example", r'exchange: "a\e[2J"', "2: exchange: "),
    "an unknown key": ("exchange: Example", "exhange: Example", "2: claim: unknown key 'exhange'; did you mean exchan"),
    "a key that stands twice": ("exchange: Example", "exchange: A\nexchange: B", "3: key 'exchange' stands already at"),
    "a truth value that is none": ("exchange: Example", "exchange: A\ncomplete: no", "3: complete: expected true or"),
    "more than all that is owed": (
        "exchange: Example",
        "exchange: A\nshare_of_all_owed: 100.1%",
        "3: share_of_all_owed: 100.1% is more than all that is owed; expected at most 100%",
    ),
    "a share of all owed that is none": (
        "exchange: Example",
        "exchange: A\nshare_of_all_owed: most",
        "3: share_of_all_owed: 'most' is no percentage",
    ),
    "a time without a zone": ("T16:00:00Z", "T16:00:00", "4: as_of: expected a time in UTC"),
    "an unknown key of the report": ("title:", "titel:", "3: report: unknown key 'titel'; did you mean title?"),
    "a report's date that never was": ("2023-11-23", "2023-11-31", "3: published: expected a date"),
    "a report's URL that is none": ("https://exchange.example/por", "javascript:x", "3: url: expected a URL"),
    "a report's digest that is none": ("sha256: null", "sha256: abc", "3: sha256: expected 64 hex digits"),
    "a chain that is no chain": ("  eip155:1: 186", "  eip155:01: 186", "7: snapshots: 'eip155:01': an eip155 chain"),
    "a snapshot of a chain without assets": (
        "  eip155:1: 186",
        "  eip155:10: 186",
        "7: snapshots: no asset is of the chain eip155:10; did you mean eip155:1?",
    ),
    "a chain that is no text": ("  eip155:1: 186", "  155: 186", "7: snapshots: '155' without quotes is a whole"),
    "a height below nought": ("18600000", "-1", "7: 'eip155:1': expected a whole number from 0"),
    "a height in quotes": ("18600000", '"18600000"', "7: 'eip155:1': expected a whole number from 0"),
    "a height that is octal to others": ("18600000", "0100", "7: 'eip155:1': expected a whole number from 0"),
    "a height with underscores": ("18600000", "18_600_000", "7: 'eip155:1': expected a whole number from 0"),
    "an asset that is none": ("eip155:1/slip44:60", "eip155:1-slip44:60", "10: id: 'eip155:1-slip44:60' is no CAIP-19"),
    "a contract with a wrong checksum": ("0xdAC17F958D", "0xdac17F958D", "11: id: '0xdac17F958D2ee523a2206206994597"),
    "a contract that is too short": ("D831ec7", "D831ec", "11: id: "),
    "another coin's number for a native asset": ("eip155:1/slip44:60", "eip155:1/slip44:61", "10: id: "),
    "an asset that backs no liability": ("backs: USDT,", "backs: USTD,", "11: backs: USTD is no liability; did you me"),
    "decimals above 36": ("decimals: 6", "decimals: 37", "11: decimals: expected a whole number from 0 to 36"),
    "decimals below nought": ("decimals: 6", "decimals: -6", "11: decimals: expected a whole number from 0 to 36"),
    "a native asset with other decimals": ("decimals: 8", "decimals: 9", "9: decimals: the native asset of bip122:000"),
    "a token that is the native coin again": (
        "erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7",
        "erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7\", backs: USDT, decimals: 6}\n"
        "  POL: {id: \"eip155:137/erc20:0x0000000000000000000000000000000000001010",
        "12: id: eip155:137/erc20:0x0000000000000000000000000000000000001010 shows the native balances of eip155:137",
    ),
    "ether with other decimals": ("decimals: 18", "decimals: 17", "10: decimals: the native asset of eip155:1 has 18"),
    "an asset without decimals": (", decimals: 6", "", "11: 'USDT-ERC20': decimals missing"),
    "an asset with an unknown key": (", decimals: 6", ", decimals: 6, symbol: T", "11: 'USDT-ERC20': unknown key 'sym"),
    "a label with a blank": ("  USDT-ERC20: {", "  USDT ERC20: {", "11: assets: 'USDT ERC20' is no name"),
    "a label that is no text": ("  USDT-ERC20: {", "  1e3: {", "11: assets: '1e3' without quotes is a number"),
    "one asset under two labels": (
        "  ETH: {id",
        '  E2: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}\n  ETH: {id',
        "11: id: eip155:1/slip44:60 stands already under the label E2",
    ),
    "one contract in two spellings": (
        "liabilities:\n",
        f'  T2: {{id: "{USDT}", backs: USDT, decimals: 6}}\nliabilities:\n',
        f"12: id: {USDT} stands already under the label USDT-ERC20",
    ),
    "two native assets on one chain": (
        "  ETH: {id",
        '  B1: {id: "eip155:56/slip44:714", backs: ETH, decimals: 18}\n'
        '  B2: {id: "eip155:56/slip44:60", backs: ETH, decimals: 18}\n  ETH: {id',
        "11: id: B1 is the native asset of eip155:56 already",
    ),
    "a liability without assets": ("  USDT: null", "  USDT: null\n  DOGE: null", "16: liabilities: no asset backs DOG"),
    "a unit that is no text": ("  USDT: null", "  no: null", "15: liabilities: 'no' without quotes is a truth value"),
    "a liability that is a number": ('"139199.5"', "139199.5", "13: BTC: '139199.5' is not in quotes, and floats lose"),
    "a liability with an exponent": ('"139199.5"', '"1e18"', "13: BTC: '1e18' is no amount"),
    "a liability with separators": ('"139199.5"', '"139,199"', "13: BTC: '139,199' is no amount"),
    "a liability below nought": ('"139199.5"', '"-1"', "13: BTC: '-1' is no amount"),
    "a liability that says nothing": ("USDT: null", "USDT:", "15: USDT: '' is not in quotes"),
    "a liability without an amount": ('amount: "1476215", ', "", "14: ETH: amount missing"),
    "a ratio without a percent sign": ("103%", '"1.03"', "14: stated_ratio: '1.03' is no percentage"),
    "an unknown scheme of proofs": (
        "103%}",
        "103%, proof: {scheme: bitmix, root: ab}}",
        "14: scheme: no scheme is called 'bitmix'; known are",
    ),
    "a proof of nothing": ("103%}", "103%, proof: {scheme: bitmex}}", "14: proof: expected a file, files, or a root"),
    "a proof without its digest": ("103%}", "103%, proof: {scheme: bitmex, file: a}}", "14: proof: sha256 missing"),
    "a proof of another unit that has none": ("103%}", "103%, proof: {of: BTC}}", "14: ETH: proof: BTC has no proof"),
    "a proof's file elsewhere": (
        "103%}",
        f"103%, proof: {{scheme: bitmex, file: ../a, sha256: {'ab' * 32}}}}}",
        "14: file: '../a' is not in the claim's folder",
    ),
    "a proof's file that is not there": (
        "103%}",
        f"103%, proof: {{scheme: bitmex, file: a, sha256: {'ab' * 32}}}}}",
        "14: ETH: proof: ",
    ),
    "an unknown asset": ("{asset: BTC", "{asset: BTV", "17: asset: 'BTV' is no asset of this claim; did you mean BTC?"),
    "an asset that is no text": ("{asset: BTC", "{asset: 1e3", "17: asset: '1e3' without quotes is a number"),
    "no asset": ("{asset: BTC, ", "{", "17: holdings: asset missing"),
    "an asset twice in one list": ("[ETH, USDT-ERC20]", "[ETH, ETH]", "18: asset: ETH stands twice in one list"),
    "an empty list of assets": ("[ETH, USDT-ERC20]", "[]", "18: asset: is empty"),
    "no account": ("account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca, ", "", "17: holdings: expected either account or"),
    "account and accounts": ("{asset: BTC, ", "{asset: BTC, accounts: [], ", "17: holdings: expected either account o"),
    "a Bitcoin address with a wrong checksum": ("LmxJsca", "LmxJscb", "17: account: '3KbDzhb8B5pUU7Wk1y26J8D4cxYLmx"),
    "an address of another chain": ("{asset: BTC,", "{asset: ETH,", "17: account: '3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca"),
    "an EVM address with a wrong checksum": ("0x03aE", "0x03AE", "20: accounts: '0x03AE1A796DFE0400439211133D065BDA77"),
    "an address without quotes": (
        '"0x5041ed759Dd4aFc3a72b8192C143F72f4724081A"',
        "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A",
        "21: accounts: '0x5041ed759Dd4aFc3a72b8192C143F72f4724081A' without quotes is a whole number",
    ),
    "an account twice in two spellings": (
        "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A",
        "0x03ae1a796dfe0400439211133d065bda774b9d3e",
        "21: accounts: '0x03ae1a796dfe0400439211133d065bda774b9d3e' of ETH stands already at line 20, spelled '0x03aE",
    ),
    "an account twice in two entries": (
        "custody:",
        "  - {asset: BTC, account: raw(a914c4685ae8cf3a0a8b6a7a3dd2ae8bbcb2e3a3ab0687)}\n"
        "  - {asset: BTC, account: raw(A914C4685AE8CF3A0A8B6A7A3DD2AE8BBCB2E3A3AB0687)}\ncustody:",
        "23: account: 'raw(A914C4685AE8CF3A0A8B6A7A3DD2AE8BBCB2E3A3AB0687)' of BTC stands already at line 22, spelled",
    ),
    "an amount without quotes": ('amount: "12.5"', "amount: 12.5", "17: amount: '12.5' is not in quotes"),
    "an amount finer than an atom": ('amount: "12.5"', 'amount: "1.000000001"', "17: amount: 1.000000001 has more tha"),
    "an amount of null": ('amount: "12.5"', "amount: null", "17: amount: 'null' is not in quotes"),
    "an amount for two assets": ("    accounts:", '    amount: "1"\n    accounts:', "19: amount: an amount belongs to"),
    "a challenge that says nothing": ("exchange: Example", 'exchange: A\nchallenge: ""', "3: challenge: is empty"),
    "an entry that is no mapping": ("  - asset: [ETH", "  - x\n  - asset: [ETH", "18: holdings: expected a mapping, n"),
    "control of many accounts": ("    accounts:", "    ownership: {signatures: [a]}\n    accounts:", "19: ownership:"),
    "control without signatures": ('"12.5"}', '"12.5", ownership: {message: a}}', "17: ownership: signatures missing"),
    "signatures that are no list": ('"12.5"}', '"12.5", ownership: {scheme: x, signatures: a}}', "17: signatures: exp"),
    "a signature that is no text": ('"12.5"}', '"12.5", ownership: {scheme: x, signatures: [0x1]}}', "17: signatures:"),
    "custody of an unknown unit": ("{unit: BTC, ", "{unit: BTX, ", "23: unit: BTX is no liability; did you mean BTC?"),
    "custody without quotes": ('"5541.37"', "5541.37", "23: amount: '5541.37' is not in quotes"),
    "custody without an amount": (', amount: "5541.37"', "", "23: custody: amount missing"),
    "custody without a unit": ("{unit: BTC, ", "{", "23: custody: unit missing"),
    "custody that stands twice": (
        "custody:\n",
        'custody:\n  - {unit: BTC, amount: "1", custodian: Vault Ltd}\n',
        "24: custody: BTC held by Vault Ltd stands twice",
    ),
    "an alias": ("custodian: Vault Ltd", "custodian: *v", "23: is an alias (*)"),
    "a syntax error": ("exchange: Example", "exchange: [Example", "3: is not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_told_alone_with_its_line(refuse: Refuse, old: str, new: str, expected: str) -> None:
    told = refuse(old, new)
    assert any(mistake.startswith(expected) for mistake in told), told
    assert len(told) <= 2, told  # at most the one that follows from it, such as a liability whose asset was renamed


def test_a_claim_may_declare_nothing_at_all(load: Load) -> None:
    claim = load(re.sub(r"(?m)^holdings:\n( .*\n)+", "holdings: []\n", CLAIM))
    assert (len(claim.holdings), claim.complete) == (0, True)


@pytest.mark.parametrize("section", ["assets", "liabilities", "holdings", "snapshots", "custody"])
@pytest.mark.parametrize("empty", ["[]", "{}", "null", "x"])
def test_a_section_that_holds_nothing_is_refused(load: Load, section: str, empty: str) -> None:
    text = re.sub(rf"(?m)^{section}:\n( .*\n)+", f"{section}: {empty}\n", CLAIM)
    if (section, empty) == ("holdings", "[]"):
        pytest.skip("that nothing at all is declared is said so")
    with pytest.raises(InputError, match=rf"{section}: (is empty|expected a (list|mapping))"):
        load(text)


@pytest.mark.parametrize("text", ["", "- a\n", "claim", "null"])
def test_a_file_that_is_no_claim_at_all_is_refused(load: Load, text: str) -> None:
    with pytest.raises(InputError):
        load(text)


def test_of_a_claim_in_another_form_nothing_else_is_told(load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(CLAIM.replace("version: 1", "version: 2").replace("as_of", "asof").replace("decimals: 8", "scale: 8"))
    assert ["expected 1, not 2" in mistake.what for mistake in caught.value.mistakes].count(True) == 1
    assert not any("decimals" in mistake.what for mistake in caught.value.mistakes)


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_lines(load: Load) -> None:
    text = (
        CLAIM.replace("exchange: Example", "exchange: no")
        .replace("18600000", "1e7")
        .replace("decimals: 8", "decimals: 9")
        .replace('"139199.5"', "139199.5")
        .replace("LmxJsca", "LmxJscb")
        .replace("0x03aE", "0x03AE")
        .replace("unit: BTC", "unit: BTX")
    )
    with pytest.raises(InputError) as caught:
        load(text)
    assert [mistake.where.rpartition(":")[2] for mistake in caught.value.mistakes] == [
        "2", "7", "9", "13", "17", "20", "23",
    ]  # fmt: skip
    assert len(str(caught.value).splitlines()) == 7


def test_a_mistake_in_an_asset_is_not_told_again_where_the_asset_is_used(refuse: Refuse) -> None:
    assert len(refuse("decimals: 18", "decimals: x")) == 1
    assert len(refuse("eip155:1/slip44:60", "eip155/slip44:60")) == 1


@pytest.mark.parametrize("given", ["root: 123", "root: [a]", "root:", "file: a", "file: a, sha256: 12"])
def test_a_proof_of_which_something_unfit_is_named_is_not_called_one_of_nothing(refuse: Refuse, given: str) -> None:
    told = refuse("103%}", f"103%, proof: {{scheme: bitmex, {given}}}}}")
    assert len(told) == 1, told


def test_nearest_names_are_suggested_within_a_budget_that_no_file_can_spend_twice(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comparison of two long names takes a quarter of a millisecond, and a file may hold tens of thousands."""
    assert yaml_document.MAX_COMPARISONS == 4000
    monkeypatch.setattr(yaml_document, "MAX_COMPARISONS", 1000)
    units = [f"U{number:060d}" for number in range(150)]
    assets = "".join(
        f'  A{number}: {{id: "eip155:{number + 1}/slip44:60", backs: {unit}, decimals: 18}}\n'
        for number, unit in enumerate(units)
    )
    owed = "".join(f'  V{unit[1:]}: "1"\n' for unit in units)
    text = re.sub(
        r"assets:\n.*liabilities:\n.*holdings:", f"assets:\n{assets}liabilities:\n{owed}holdings:", CLAIM, flags=re.S
    )
    with pytest.raises(InputError) as caught:
        load(text)
    idle = [str(mistake) for mistake in caught.value.mistakes if "is no liability" in str(mistake)]
    suggested = [mistake for mistake in idle if "did you mean" in mistake]
    assert len(idle) == 150
    assert 0 < len(suggested) <= 1000 // 150


def test_a_few_lines_cannot_stand_for_more_holdings_than_a_claim_has_room_for(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdings, "_MOST_HOLDINGS", 4)
    load(CLAIM.replace('  - {asset: BTC, account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca, amount: "12.5"}\n', ""))
    with pytest.raises(InputError, match="more than 4 holdings stand in the claim itself; put them into a file"):
        load(CLAIM)


@pytest.mark.parametrize("text", ["0." + "1" * 61, "9" * 81])
@pytest.mark.parametrize("amount", ["139199.5", "1476215", "12.5", "5541.37"])
def test_no_amount_is_taken_that_no_statement_can_say(load: Load, amount: str, text: str) -> None:
    with pytest.raises(InputError, match="has more than 80 digits before the point, or 60 behind it"):
        load(CLAIM.replace(f'"{amount}"', f'"{text}"'))


def test_thousands_of_mistakes_are_counted_rather_than_told(load: Load) -> None:
    text = CLAIM.replace("custody:", "".join(f"  - {{asset: BTZ, account: x{n}}}\n" for n in range(1500)) + "custody:")
    with pytest.raises(InputError) as caught:
        load(text)
    assert len(caught.value.mistakes) == 1001
    assert caught.value.mistakes[-1].what == "and 500 more mistakes"


@pytest.mark.parametrize("text", ["coin,address,amount\nBTC,bc1q,1\n", "- {asset: BTC}\n"])
def test_a_published_file_in_the_claims_place_is_told_how_it_becomes_one(load: Load, text: str) -> None:
    with pytest.raises(InputError) as caught:
        load(text)
    (mistake,) = caught.value.mistakes
    assert "scanner import makes a claim" in mistake.what


# --- Any claim

names = st.from_regex(r"[A-Za-z][A-Za-z0-9._+-]{0,8}", fullmatch=True)
amounts = st.fractions(min_value=0, max_value=10**12, max_denominator=1).flatmap(
    lambda whole: st.integers(0, 10**6 - 1).map(lambda part: whole + Fraction(part, 10**6))
)
evm = st.binary(min_size=20, max_size=20)
spellings = st.sampled_from([lambda key: "0x" + key.hex(), checksum_address])
scripts = st.binary(min_size=20, max_size=20).map(lambda digest: b"\x00\x14" + digest)


@st.composite
def claims(draw: st.DrawFn) -> dict[str, object]:
    """A claim as JSON, which is YAML."""
    bitcoin = draw(st.lists(st.tuples(scripts, amounts), min_size=1, max_size=3, unique_by=lambda pair: pair[0]))
    ether = draw(st.lists(evm, min_size=1, max_size=4, unique=True))
    owed = {unit: draw(st.none() | amounts.map(exact)) for unit in ("BTC", "ETH", "USDT")}
    return {
        "version": 1,
        "exchange": draw(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=20)),
        "complete": draw(st.booleans()),
        "share_of_all_owed": draw(st.none() | st.integers(0, 100).map(lambda whole: f"{whole}%")),
        "as_of": draw(st.datetimes(datetime(2009, 1, 3), datetime(2100, 1, 1))).strftime("%Y-%m-%dT%H:%M:%SZ"),  # noqa: DTZ001
        "snapshots": {str(ETHEREUM): draw(st.integers(0, 10**9))},
        "assets": {
            "BTC": {"id": str(BTC), "backs": "BTC", "decimals": 8},
            draw(names) + "-1": {"id": str(ETH), "backs": "ETH", "decimals": 18},
            "T": {"id": str(USDT), "backs": "USDT", "decimals": 6},
        },
        "liabilities": owed,
        "holdings": [
            *(
                {"asset": "BTC", "account": account_text(BITCOIN, script), "amount": exact(amount)}
                for script, amount in bitcoin
            ),
            {"asset": "T", "accounts": [draw(spellings)(key) for key in ether]},
        ],
    }


@settings(max_examples=examples(15))
@given(written=claims())
def test_any_claim_is_read_as_it_was_written(path: Path, written: dict[str, object]) -> None:
    path.write_text(json.dumps(written, ensure_ascii=False))
    claim = load_claim(path)
    again = {
        "exchange": claim.exchange,
        "complete": claim.complete,
        "share_of_all_owed": claim.share_of_all_owed and claim.share_of_all_owed.text,
        "as_of": claim.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "snapshots": {str(chain): height for chain, height in claim.snapshots.items()},
        "assets": {
            asset.label: {"id": str(asset.id), "backs": asset.backs, "decimals": asset.decimals}
            for asset in claim.assets.values()
        },
        "liabilities": {
            unit: None if liability.owed is None else exact(liability.owed)
            for unit, liability in claim.liabilities.items()
        },
    }
    assert again == {name: written[name] for name in again}
    listed = written["holdings"]
    assert isinstance(listed, list)
    expected = {(BTC, key(entry["account"])): entry["amount"] for entry in listed[:-1]}
    expected |= {(USDT, key(text)): None for text in listed[-1]["accounts"]}
    assert {
        (each.asset, each.account): None if each.claimed is None else exact(Fraction(each.claimed, 10**8))
        for each in claim.holdings
    } == expected


@settings(max_examples=examples(120))
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_no_amount_but_its_own(path: Path, data: st.DataObject) -> None:
    """Where a changed file still loads, an amount is what stands in the file, or the line that held it is gone."""
    good = CLAIM.encode()
    position = data.draw(st.integers(0, len(good) - 1), label="position")
    byte = data.draw(st.integers(0, 255) | st.sampled_from(list(b"#:,'\"[]{}&*!|>-. 0\n")), label="byte")
    changed = good[:position] + bytes([byte]) + good[position + 1 :]
    path.write_bytes(changed)
    try:
        claim = load_claim(path)
    except InputError:
        return
    shown = {parse_decimal(text) for text in re.findall(r'"([0-9]+(?:\.[0-9]+)?)"', changed.decode())}
    assert {each.owed for each in claim.liabilities.values() if each.owed is not None} <= shown
    assert [claim.liabilities[unit].owed is None for unit in ("BTC", "ETH", "USDT")] == [False, False, True]
    claimed = [Fraction(each.claimed, 10**8) for each in claim.holdings if each.claimed is not None]
    touches_amount = any(start <= position < end for start, end in _spans(CLAIM, r'"[0-9.]+"'))
    if not touches_amount:
        assert [exact(amount) for amount in claimed] in (["12.5"], [])
        assert [exact(each.amount) for each in claim.custody] in (["5541.37"], [])
        assert [exact(claim.liabilities[unit].owed or Fraction(0)) for unit in ("BTC", "ETH")] == [
            "139199.5",
            "1476215",
        ]


def _spans(text: str, pattern: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(pattern, text)]


# --- Accounts of chains that no node can be asked about yet

ELSEWHERE = {
    "tvm:-239/slip44:607": (
        "UQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWi5c",
        "EQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWnOZ",
        "UQD5vcDeRhwaLgAvralVC7sJXI-fc2aNcMUXqcx-BQ-OWx5c",
    ),
    "xrpl:0/slip44:144": (
        "r4G3oDV1FJu1TtTv5M2u1cGbMDHnZzZpdn",
        "XVeqsSFTTbHvejxFUcJFPrEHy9vMzEnUVxhci9grn8VsojA",
        "r4G3oDV1FJu1TtTv5M2u1cGbMDHnZzZxdn",
    ),
    "tron:728126428/slip44:195": (
        "TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1tG7",
        "4121115fa5957ec512c5b9221ec682549c7af19323",
        "TCz47XgC9TjCeF4UzfB6qZbM9LTF9s1xG7",
    ),
    "aptos:1/slip44:637": ("0x" + "0" * 63 + "f", "0xf", "0x" + "0" * 64 + "f"),
}


def of_elsewhere(asset: str, *accounts: str) -> str:
    listed = ", ".join(f'"{account}"' for account in accounts)
    decimals = native_decimals(parse_chain(asset.partition("/")[0])) or 9
    return (
        "version: 1\nexchange: Example\nas_of: 2023-11-22T16:00:00Z\nliabilities: {COIN: null}\n"
        f'assets: {{COIN: {{id: "{asset}", backs: COIN, decimals: {decimals}}}}}\n'
        f"holdings: [{{asset: COIN, accounts: [{listed}]}}]\n"
    )


@pytest.mark.parametrize("asset", ELSEWHERE)
def test_an_account_of_any_family_is_one_in_two_spellings_and_a_wrong_one_is_refused(load: Load, asset: str) -> None:
    right, other, wrong = ELSEWHERE[asset]
    chain = parse_chain(asset.partition("/")[0])
    (one,), (same,) = (load(of_elsewhere(asset, text)).holdings for text in (right, other))
    assert one == same
    assert account_text(chain, one.account) == right
    with pytest.raises(InputError, match="stands already at line"):
        load(of_elsewhere(asset, right, other))
    with pytest.raises(InputError, match="is not a"):
        load(of_elsewhere(asset, wrong))
