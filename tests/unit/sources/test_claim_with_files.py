"""Claims that refer to published files: the file that is meant and no other, and every row of it counted or told of."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner.chains.accounts import account_key
from scanner.chains.history import reads_only_tip
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.ids import Chain
from scanner.errors import InputError, Why
from scanner.sources import files, holdings
from scanner.sources.addresses import ReadClaim, load_claim, read_claim
from scanner.sources.published import RowRefusal
from scanner.sources.published.rows import LISTED
from scanner.weighing.claim import Custody
from scanner.weighing.holdings import Holding, Ownership
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import a_signer
from tests.support.places import SHARED, VECTORS
from tests.support.strength import examples

OURS = VECTORS / "published"
OKX = SHARED / "data" / "okx"

ETHEREUM = parse_chain("eip155:1")
ETH, ARBITRUM, VALIDATORS = map(parse_asset, ("eip155:1/slip44:60", "eip155:42161/slip44:60", "beacon:1/slip44:60"))
BTC = parse_asset("bip122:000000000019d6689c085ae165831e93/slip44:0")
USDT = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
ONE, TWO, THREE = (f"0x{number:040x}" for number in (1, 2, 3))
KEY = "0x" + "ab" * 48
OKX_HEADER = "coin,Network,Snapshot Height,address,amount,message,signature1"
PLAIN = "chain,address,asset,amount,height,message,signature,script,owner1,custodian\n"

HEAD = "version: 1\nexchange: Example\nas_of: 2026-01-01T00:00:00Z\n"

Read = Callable[..., ReadClaim]
Refuse = Callable[..., list[str]]


def reference(path: Path, name: str | None = None, *, sha256: str | None = None, layout: str = "auto") -> str:
    sha256 = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    return f'  - {{file: "{name or path.name}", layout: {layout}, sha256: "{sha256}"}}\n'


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a claim that refers to files with these texts (a.csv, b.csv ...), and holds `more` besides."""

    def read(
        *texts: str, owed: str = "{ETH: null}", by_hand: str = "", more: str = "", listed: int = LISTED
    ) -> ReadClaim:
        references = ""
        for letter, text in zip("abcdef", texts, strict=False):
            path = tmp_path / f"{letter}.csv"
            path.write_text(text)
            references += reference(path)
        claim = f"{HEAD}{more}liabilities: {owed}\nholdings:\n{by_hand}{references}"
        return read_claim(tmp_path / "claim.yaml", claim.encode(), listed=listed)

    return read


@pytest.fixture
def refuse(read: Read) -> Refuse:
    def refuse(*texts: str, **rest: str) -> list[str]:
        with pytest.raises(InputError) as caught:
            read(*texts, **rest)
        return [mistake.what for mistake in caught.value.mistakes]

    return refuse


def plain(*rows: str) -> str:
    return PLAIN + "".join(f"{row}\n" for row in rows)


def key(text: str) -> bytes:
    return account_key(ETHEREUM, text)


def totals(read: ReadClaim, file: int = 0) -> dict[str, tuple[int, int, Fraction]]:
    account = read.files[file].account
    return {listed.label: (total.rows, total.unstated, total.claimed) for (listed, _), total in account.totals.items()}


# --- A file's rows


def test_a_row_becomes_a_holding_with_all_that_it_says(read: Read) -> None:
    claim = read(plain(f'ETH,{ONE},ETH,1.25,17,I am,"0xsig","0xkey",{TWO},')).claim
    assert claim.holdings == (
        Holding(
            ETH, key(ONE), 1_250_000_000_000_000_000, 10**16, 17, Ownership("", "I am", ("0xsig",), "0xkey", (TWO,))
        ),
    )
    assert [(asset.label, asset.id, asset.backs, asset.decimals) for asset in claim.assets.values()] == [
        ("ETH", ETH, "ETH", 18)
    ]
    assert claim.complete


def test_a_row_that_says_little_becomes_a_holding_that_says_no_more(read: Read) -> None:
    assert read(plain(f"ETH,{ONE},ETH,,,I am,,,,")).claim.holdings == (Holding(ETH, key(ONE)),)


@pytest.mark.parametrize(
    ("asset", "amount", "atoms", "tolerance"),
    [
        ("USDT", "5", 5_000_000, 1_000_000),
        ("USDT", "5.0", 5_000_000, 100_000),
        ("USDT", "5.000001", 5_000_001, 0),
        ("USDT", "5.00000100", 5_000_001, 0),
        ("USDT", "0", 0, 1_000_000),
        ("USDT", "5.0000001", None, 0),
    ],
)
def test_an_amount_may_be_off_by_its_last_digit_and_not_at_all_where_it_is_written_to_the_atom(
    read: Read, asset: str, amount: str, atoms: int | None, tolerance: int
) -> None:
    claimed = read(plain(f"ETH,{ONE},{asset},{amount},,,,,,"), owed="{USDT: null}")
    (holding,) = claimed.claim.holdings
    assert (holding.claimed, holding.tolerance) == (atoms, tolerance)
    stated = Fraction(0) if atoms is None else Fraction(amount)
    assert totals(claimed) == {asset: (1, int(atoms is None), stated)}


@settings(max_examples=examples(25))
@given(coefficient=st.integers(0, 10**12), digits=st.integers(0, 9))
def test_the_true_amount_of_a_rounded_one_is_within_its_tolerance(
    tmp_path_factory: pytest.TempPathFactory, coefficient: int, digits: int
) -> None:
    """Whatever the true amount was, cut to so many digits it is at most the tolerance away."""
    path = tmp_path_factory.mktemp("claim") / "a.csv"
    text = str(coefficient).rjust(digits + 1, "0")
    written = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    path.write_text(plain(f"ETH,{ONE},ETH,{written},,,,,,"))
    claim = read_claim(
        path.parent / "claim.yaml", f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path)}".encode()
    )
    (holding,) = claim.claim.holdings
    assert holding.claimed == coefficient * 10 ** (18 - digits)
    longest_cut = 10 ** (18 - digits) - 1
    assert longest_cut <= holding.tolerance <= longest_cut + 1


def test_base_units_that_a_float_rounded_may_be_off_by_what_it_rounded(tmp_path: Path) -> None:
    claim = of_sample(tmp_path, "okx_7.csv", "ETH, BTC, USDT").claim
    rounded = {holding.claimed: holding.tolerance for holding in claim.holdings if holding.asset == ETH}
    assert rounded == {5_000_000_803_935_811_584: 2**10, 249_999_196_064_188_416: 2**5}
    assert all(holding.height == 17_000_000 for holding in claim.holdings if holding.asset == ETH)


def test_validators_are_holdings_of_the_consensus_layer_in_gwei_at_no_height_of_the_other_layer(read: Read) -> None:
    header = "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key\n"
    claim = read(
        f"{header}ETH,Native ETH Staking,ETH,20914735,{KEY.upper().replace('0X', '0x')},32.000000001,m,s,,\n"
        f"ETH,Non Staking,ETH,20914735,{ONE},1,m,s,,\n"
    ).claim
    validator, account = claim.holdings
    assert (validator.asset, validator.account) == (VALIDATORS, bytes.fromhex("ab" * 48))
    assert (validator.claimed, validator.tolerance, validator.height) == (32_000_000_001, 0, None)
    assert (account.asset, account.height) == (ETH, 20914735)
    assert [(claim.assets[asset].backs, claim.assets[asset].decimals) for asset in (VALIDATORS, ETH)] == [
        ("ETH", 9),
        ("ETH", 18),
    ]
    assert claim.chains == (Chain("beacon", "1"), ETHEREUM)


STAKING = (
    "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key\n"
    f"ETH,Native ETH Staking,ETH,20914735,{KEY},32,m,s,,\n"
)


@pytest.mark.parametrize(
    ("section", "label"),
    [
        ('assets: {COIN: {id: "eip155:1/slip44:60", backs: ETHER, decimals: 18}}\n', "ETHER-VALIDATORS"),
        ('labels:\n  - {label: COIN, id: "eip155:1/slip44:60", backs: ETHER, decimals: 18}\n', "ETHER-VALIDATORS"),
        ('assets: {STAKE: {id: "beacon:1/slip44:60", backs: ETHER, decimals: 9}}\n', "STAKE"),
        ('labels:\n  - {label: STAKE, id: "beacon:1/slip44:60", backs: ETHER, decimals: 9}\n', "STAKE"),
    ],
)
def test_validators_back_what_the_claim_says_that_they_or_their_coin_back(read: Read, section: str, label: str) -> None:
    claim = read(STAKING, owed="{ETHER: null}", more=section).claim
    assert (claim.assets[VALIDATORS].label, claim.assets[VALIDATORS].backs) == (label, "ETHER")


def test_a_validator_under_two_labels_counts_once(read: Read) -> None:
    header = "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key\n"
    claim = read(
        f"{header}ETH,Native ETH Staking,ETH,1,{KEY},32,m,s,,\nBETH,,ETH,1,{KEY},32,m,s,,\n",
    )
    assert [holding.asset for holding in claim.claim.holdings] == [VALIDATORS]
    assert claim.files[0].account.refused == {RowRefusal.DUPLICATE: 1}
    assert claim.claim.complete


def test_custody_is_summed_by_unit_and_custodian_and_is_no_holding(read: Read) -> None:
    claim = read(
        plain(
            f"ETH,{ONE},ETH,1.5,,,,,,Vault",
            f"ETH,{TWO},ETH,0.25,,,,,,Vault",
            f"ARBITRUM,{ONE},ETH,2,,,,,,Vault",
            f"ETH,{ONE},USDT,7,,,,,,Vault",
            f"ETH,{THREE},ETH,,,,,,,Other",
        )
    ).claim
    assert claim.holdings == ()
    assert set(claim.custody) == {
        Custody("ETH", Fraction("3.75"), "Vault"),
        Custody("USDT", Fraction(7), "Vault"),
        Custody("ETH", Fraction(0), "Other"),
    }


def test_a_custodians_name_is_bounded_and_holds_nothing_that_cannot_be_seen(read: Read) -> None:
    claim = read(plain(f"ETH,{ONE},ETH,1,,,,,,{'V' * 300}", f"ETH,{TWO},ETH,1,,,,,,V\x1b[2Jault")).claim
    assert {entry.custodian for entry in claim.custody} == {f"'{'V' * 100}...'", r"'V\x1b[2Jault'"}


def test_a_unit_that_is_only_in_custody_may_be_owed(read: Read) -> None:
    assert set(read(plain(f"ETH,{ONE},ETH,1.5,,,,,,Vault")).claim.liabilities) == {"ETH"}


# --- Heights: one at which everything on a chain is weighed


def test_a_height_that_all_rows_of_files_on_a_chain_name_is_where_it_is_weighed(read: Read) -> None:
    by_hand = f'  - {{asset: ETH, account: "{THREE}"}}\n'
    more = f'assets: {{ETH: {{id: "{ETH}", backs: ETH, decimals: 18}}}}\n'
    one, two = plain(f"ETH,{ONE},ETH,1,17,,,,,"), plain(f"ETH,{TWO},ETH,1,17,,,,,")
    claim = read(one, two, by_hand=by_hand, more=more).claim
    assert claim.weighed_at(ETHEREUM) == (ETHEREUM, 17)
    assert {place: len(rows) for place, rows in claim.by_place().items()} == {(ETHEREUM, 17): 3}
    assert claim.compared_elsewhere() == {}


@pytest.mark.parametrize(
    "second",
    [f"ETH,{TWO},ETH,1,18,,,,,", f"ETH,{TWO},ETH,1,,,,,,", f"ETH,{ONE},ETH,1,18,,,,,"],
    ids=["another height", "no height", "another height of a row that is refused"],
)
def test_a_row_that_does_not_name_it_leaves_the_chain_at_the_claims_moment(read: Read, second: str) -> None:
    claim = read(plain(f"ETH,{ONE},ETH,1,17,,,,,"), plain(second)).claim
    assert claim.weighed_at(ETHEREUM) == (ETHEREUM, None)
    assert set(claim.by_place()) == {(ETHEREUM, None)}
    believed = {(ETHEREUM, each.height) for each in claim.holdings if each.height and each.claimed is not None}
    assert set(claim.compared_elsewhere()) == believed


def test_a_height_that_the_claim_names_goes_before_those_of_its_files(read: Read) -> None:
    more = 'snapshots: {"eip155:1": 20}\n'
    claim = read(plain(f"ETH,{ONE},ETH,1,17,,,,,", f"ETH,{TWO},ETH,,18,,,,,"), more=more).claim
    assert claim.weighed_at(ETHEREUM) == (ETHEREUM, 20)
    assert {place: len(rows) for place, rows in claim.compared_elsewhere().items()} == {(ETHEREUM, 17): 1}


# --- Assets and labels


def test_a_claim_that_no_statement_has_room_for_is_refused_before_anything_is_read(refuse: Refuse) -> None:
    rows = [f"ETH,0x{number:040x},ETH,1,{number},,,,," for number in range(1, 10_001)]
    assert refuse(plain(*rows)) == ["claim: names 10,001 blocks, and a statement has room for 10,000"]


def test_assets_that_only_a_file_names_need_back_no_liability(read: Read) -> None:
    claim = read(plain(f"ETH,{ONE},ETH,1,,,,,,", f"SOL,{'1' * 32},SOL,1,,,,,,")).claim
    assert {asset.backs for asset in claim.assets.values()} == {"ETH", "SOL"}
    assert set(claim.liabilities) == {"ETH"}


def test_an_asset_that_the_claim_declares_itself_must_back_one(refuse: Refuse) -> None:
    more = 'assets: {SOL: {id: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501", backs: SOL, decimals: 9}}\n'
    assert refuse(plain(f"ETH,{ONE},ETH,1,,,,,,"), more=more) == ["backs: SOL is no liability"]


def test_a_liability_that_no_asset_backs_is_refused_though_there_are_files(refuse: Refuse) -> None:
    assert refuse(plain(f"ETH,{ONE},ETH,1,,,,,,"), owed="{ETH: null, BTC: null}") == ["liabilities: no asset backs BTC"]


def test_without_files_a_claim_must_say_what_its_assets_are(refuse: Refuse) -> None:
    assert "claim: assets missing" in refuse(by_hand=f'  - {{asset: ETH, account: "{ONE}"}}\n')


def test_a_label_that_nobody_knows_is_kept_as_an_asset_that_names_it_and_backs_a_unit_of_its_name(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,", "NEWNET,some-account,New (coin),5.5,8,,,,,"))
    asset = parse_asset("unmapped:NEWNET/label:NEW%20%28COIN%29")
    holding = claimed.claim.holdings[1]
    assert holding == Holding(asset, b"some-account", 5_500_000_000_000_000_000, 10**17, 8)
    named = claimed.claim.assets[asset]
    assert (named.label, named.backs, named.decimals) == ("NEW_20_28COIN_29.NEWNET", "NEW_20_28COIN_29", 18)


def test_what_nobody_says_what_it_backs_keeps_every_unit_from_being_short(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,", "NEWNET,x,NEW,1,,,,,,"))
    assert not claimed.claim.complete
    assert claimed.losses == {"a.csv": ["nothing says what 'NEW' on 'NEWNET' backs"]}


def test_every_file_says_so_of_its_own_labels(read: Read) -> None:
    claimed = read(plain("NEWNET,x,NEW,1,,,,,,", f"ETH,{ONE},ETH,1,,,,,,"), plain("NEWNET,y,new,1,,,,,,"))
    assert claimed.losses == {
        "a.csv": ["nothing says what 'NEW' on 'NEWNET' backs"],
        "b.csv": ["nothing says what 'new' on 'NEWNET' backs"],
    }


def test_an_asset_without_a_real_name_may_be_declared_and_is_then_a_gap_of_one_unit(read: Read) -> None:
    more = 'assets: {NN: {id: "unmapped:NEWNET/label:NEW", backs: ETH, decimals: 8}}\n'
    claimed = read(plain("NEWNET,x,NEW,1,,,,,,", f"ETH,{ONE},ETH,1,,,,,,"), more=more)
    assert claimed.claim.complete
    assert claimed.claim.holdings[1].claimed == 10**8


def test_refused_rows_are_all_counted_and_the_first_thousand_kept(read: Read) -> None:
    rows = [f"ETH,0x{number:040x},ETH,1,,,,,," for number in range(1, 1102)]
    account = read(plain(*rows), plain(*reversed(rows))).files[1].account
    assert account.refused == {RowRefusal.DUPLICATE: 1101}
    assert len(account.listed) == 1000


def test_a_label_that_is_called_as_a_unit_is_a_gap_of_that_unit_alone(read: Read) -> None:
    claim = read(plain(f"ETH,{ONE},ETH,1,,,,,,", "NEWNET,x,NEW,1,,,,,,"), owed="{ETH: null, NEW: null}").claim
    assert claim.complete
    assert "NEW" in claim.liabilities


def test_a_token_that_no_table_names_is_kept_under_its_own_id(read: Read) -> None:
    dai = "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"
    claim = read(plain(f"eip155:1,{ONE},{dai},1,,,,,,", f"ETH,{ONE},ETH,1,,,,,,")).claim
    asset = claim.assets[parse_asset(dai)]
    assert asset.backs == asset.label == "erc20-0x6b175474e89094c44da98b954eedeac495271d0f.1"
    assert not claim.complete


def test_a_coin_that_no_table_names_is_counted_as_all_coins_of_its_kind_of_chain(read: Read) -> None:
    regtest = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
    row = f"{regtest},bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080,{regtest}/slip44:1,1,,,,,,"
    (holding, _) = read(plain(row, f"ETH,{ONE},ETH,1,,,,,,")).claim.holdings
    assert holding.claimed == 10**8


def test_the_claim_adds_labels_to_the_table(read: Read) -> None:
    labels = (
        "labels:\n"
        '  - {label: New, network: NEWNET, id: "eip155:999/slip44:60", backs: NEW, decimals: 18}\n'
        '  - {label: DAI, id: "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f", backs: USD, decimals: 18}\n'
        '  - {label: UNUSED, id: "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0e", backs: U, decimals: 1}\n'
    )
    claim = read(
        plain(f"newnet,{ONE},NEW,1,,,,,,", f"ETH,{TWO},DAI,2,,,,,,", f"ETH,{TWO},ETH,2,,,,,,"), more=labels
    ).claim
    assert {(asset.label, str(asset.id), asset.backs) for asset in claim.assets.values()} == {
        ("New", "eip155:999/slip44:60", "NEW"),
        ("DAI", "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f", "USD"),
        ("ETH", "eip155:1/slip44:60", "ETH"),
    }
    assert claim.complete


def test_what_the_claim_says_of_an_asset_goes_before_the_table(read: Read) -> None:
    more = 'assets: {ARB-ETHER: {id: "eip155:42161/slip44:60", backs: ETHER, decimals: 18}}\n'
    claim = read(plain(f"ARBITRUM,{ONE},ETH-ARBITRUM,1,,,,,,"), owed="{ETHER: null}", more=more).claim
    assert [(asset.label, asset.backs) for asset in claim.assets.values()] == [("ARB-ETHER", "ETHER")]
    assert claim.holdings[0].asset == ARBITRUM


def test_two_assets_never_have_one_label(read: Read) -> None:
    more = 'assets: {ETH: {id: "eip155:5/slip44:60", backs: ETH, decimals: 18}}\n'
    claim = read(plain(f"eip155:1,{ONE},{ETH},1,,,,,,", "FOO,x,ETH,1,,,,,,"), more=more).claim
    assert [asset.label for asset in claim.assets.values()] == ["ETH", "ETH.1", "ETH.FOO"]


LABELS = {
    "a label twice": (
        '  - {label: a, network: NET, id: "eip155:9/slip44:60", backs: A, decimals: 18}\n'
        '  - {label: A, network: net, id: "eip155:8/slip44:60", backs: A, decimals: 18}\n',
        "labels: the label 'A' stands already at line 5",
    ),
    "other decimals for one asset": (
        '  - {label: a, id: "eip155:9/erc20:0x0000000000000000000000000000000000000001", backs: A, decimals: 18}\n'
        '  - {label: b, id: "eip155:9/erc20:0x0000000000000000000000000000000000000001", backs: A, decimals: 6}\n',
        "decimals: eip155:9/erc20:0x0000000000000000000000000000000000000001 has 18 decimals under the label a",
    ),
    "another unit for one asset": (
        '  - {label: a, id: "eip155:9/slip44:60", backs: A, decimals: 18}\n'
        '  - {label: b, id: "eip155:9/slip44:60", backs: B, decimals: 18}\n',
        "backs: eip155:9/slip44:60 backs A under the label a",
    ),
    "no label": ('  - {id: "eip155:9/slip44:60", backs: A, decimals: 18}\n', "labels: label missing"),
    "an asset that is none": ("  - {label: a, id: x, backs: A, decimals: 18}\n", "id: 'x' is no CAIP-19 asset"),
    "gwei in wei": (
        '  - {label: a, id: "beacon:1/slip44:60", backs: A, decimals: 18}\n',
        "decimals: the native asset of beacon:1 has 9 decimals, not 18",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("entries", "expected"), LABELS.values(), ids=LABELS)
def test_a_mistake_in_a_label_is_told(refuse: Refuse, entries: str, expected: str) -> None:
    (told,) = refuse(plain(f"ETH,{ONE},ETH,1,,,,,,"), more=f"labels:\n{entries}")
    assert told.startswith(expected)


def test_decimals_that_contradict_the_table_are_refused_since_amounts_would_move(refuse: Refuse) -> None:
    more = f'assets: {{T: {{id: "{USDT}", backs: USDT, decimals: 18}}}}\n'
    told = refuse(plain(f"ETH,{ONE},USDT-ERC20,1,,,,,,"), owed="{USDT: null}", more=more)
    assert told == [f"holdings: {USDT} has 6 decimals in the table of labels, not 18"]


def test_a_second_native_asset_of_a_chain_is_not_counted(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,", f"OP,{ONE},OP-LEGACY,2,,,,,,"), more=(
        'labels:\n  - {label: OP-LEGACY, id: "eip155:10/erc20:0xdeaddeaddeaddeaddeaddeaddeaddeaddead0000",'
        " backs: ETH, decimals: 18}\n"
    ))  # fmt: skip
    assert [holding.asset for holding in claimed.claim.holdings] == [ETH]
    assert claimed.files[0].account.refused == {RowRefusal.BAD_LABEL: 1}
    assert "shows the native balances of eip155:10 a second time" in claimed.files[0].account.listed[0].detail
    assert not claimed.claim.complete


# --- One count per holding


def test_a_holding_by_hand_and_in_a_file_counts_once(read: Read) -> None:
    claimed = read(
        plain(f"ETH,{ONE},ETH,1.5,,,,,,", f"ETH,{TWO},ETH,2,,,,,,"),
        more=f'assets: {{E: {{id: "{ETH}", backs: ETH, decimals: 18}}}}\n',
        by_hand=f'  - {{asset: E, account: "{ONE}", amount: "1.5"}}\n',
    )
    assert [(holding.account, holding.claimed) for holding in claimed.claim.holdings] == [
        (key(ONE), 15 * 10**17),
        (key(TWO), 2 * 10**18),
    ]
    account = claimed.files[0].account
    assert (account.read, account.accepted, account.refused) == (2, 1, {RowRefusal.DUPLICATE: 1})
    assert (account.listed[0].place.line, account.listed[0].detail) == (2, "stands already in the claim itself")
    assert totals(claimed) == {"ETH": (1, 0, Fraction(2))}
    assert claimed.claim.complete


def test_a_holding_in_two_files_counts_once_and_the_later_file_says_so(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,"), plain(f"Ethereum,{ONE.upper().replace('X', 'x')},ETH,1.0,,,,,,"))
    assert len(claimed.claim.holdings) == 1
    assert [file.account.refused for file in claimed.files] == [{}, {RowRefusal.DUPLICATE: 1}]
    assert claimed.files[1].account.listed[0].detail == "stands already in a.csv"
    assert [(file.read, file.accepted, file.refused) for file in claimed.claim.files] == [
        (1, 1, {}),
        (1, 0, {"DUPLICATE": 1}),
    ]


def test_as_many_refused_rows_are_listed_as_are_asked_for_and_of_each_file_at_least_so_many(read: Read) -> None:
    again = [f"ETH,0x{number:040x},ETH,1,,,,,," for number in range(1, LISTED + 201)]
    first, second = plain(*again, *["ETH,0x,ETH,1,,,,,,"] * (LISTED + 500)), plain(*again)
    cases = {LISTED: (LISTED, LISTED), 2 * LISTED: (LISTED + 500, LISTED), 3 * LISTED: (LISTED + 500, LISTED + 200)}
    for listed, expected in cases.items():
        files = read(first, second, listed=listed).files
        assert tuple(len(file.account.listed) for file in files) == expected
        assert [sum(file.account.refused.values()) for file in files] == [LISTED + 500, LISTED + 200]


def test_a_repeat_without_an_amount_leaves_the_account_as_if_it_were_not_there(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,"), plain(f"ETH,{ONE},ETH,,,,,,,", f"ETH,{TWO},ETH,,,,,,,"))
    assert totals(claimed, 1) == {"ETH": (1, 1, Fraction(0))}
    assert claimed.claim.holdings[0].claimed == 10**18


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (f"ETH,{ONE},ETH,1,,,,,,", f"ETH,{ONE},ETH,2,,,,,,"),
        (f"ETH,{ONE},ETH,1,7,,,,,", f"ETH,{ONE},ETH,1,8,,,,,"),
        (f"ETH,{ONE},ETH,1,,,,,,", f"ETH,{ONE},ETH,1,,,,,,Vault"),
    ],
)
def test_sources_that_contradict_leave_a_holding_of_which_no_amount_is_believed(
    read: Read, first: str, later: str
) -> None:
    claimed = read(plain(first), plain(later))
    assert [(holding.account, holding.claimed, holding.tolerance) for holding in claimed.claim.holdings] == [
        (key(ONE), None, 0)
    ]
    assert claimed.files[1].account.refused == {RowRefusal.CONFLICT: 1}
    assert claimed.claim.custody == ()
    assert not claimed.claim.complete


def test_after_a_contradiction_a_further_source_cannot_bring_the_amount_back(read: Read) -> None:
    texts = [plain(f"ETH,{ONE},ETH,{amount},,,,,,") for amount in ("1", "2", "1.0", "2.0")]
    told = [{}, {RowRefusal.CONFLICT: 1}, {RowRefusal.DUPLICATE: 1}, {RowRefusal.CONFLICT: 1}]
    for count in (3, 4):
        claimed = read(*texts[:count])
        assert claimed.claim.holdings[0].claimed is None
        assert [file.account.refused for file in claimed.files] == told[:count]


def test_what_the_first_source_leaves_unsaid_the_second_says(read: Read) -> None:
    signed = f'ETH,{ONE},ETH,,,I am,"0xsig",,,'
    claim = read(plain(signed), plain(f"ETH,{ONE},ETH,1.5,9,,,,,")).claim
    assert claim.holdings == (Holding(ETH, key(ONE), 15 * 10**17, 10**17, 9, Ownership("", "I am", ("0xsig",))),)
    assert read(plain(f"ETH,{ONE},ETH,1.5,9,,,,,"), plain(signed)).claim.holdings == claim.holdings


def test_a_signature_of_the_engagements_own_message_is_kept_before_one_for_everybody(read: Read) -> None:
    public, asked = f"ETH,{ONE},ETH,1,,I am,0xa,,,", f"ETH,{ONE},ETH,1,,AUDIT 17,0xb,,,"
    for order in ((public, asked), (asked, public)):
        claim = read(*map(plain, order), more="challenge: AUDIT 17\n").claim
        assert claim.holdings[0].ownership == Ownership("", "AUDIT 17", ("0xb",))
    first, second = (f"ETH,{ONE},ETH,1,,AUDIT 17,{signature},,," for signature in ("0xc", "0xd"))
    claim = read(plain(first), plain(second), more="challenge: AUDIT 17\n").claim
    assert claim.holdings[0].ownership == Ownership("", "AUDIT 17", ("0xc",))
    assert read(plain(public), plain(asked)).claim.holdings[0].ownership == Ownership("", "I am", ("0xa",))


def test_an_account_in_custody_is_not_held_as_well(read: Read) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,Vault", f"ETH,{TWO},ETH,1,,,,,,"), plain(f"ETH,{ONE},ETH,1,,,,,,"))
    assert [holding.account for holding in claimed.claim.holdings] == [key(TWO)]
    assert claimed.files[1].account.refused == {RowRefusal.CONFLICT: 1}
    assert claimed.claim.custody == (Custody("ETH", Fraction(0), "Vault"),)
    assert not claimed.claim.complete


@pytest.mark.parametrize(
    ("again", "reason", "amount"),
    [
        (f"ETH,{ONE},ETH,1.0,,,,,,Vault", RowRefusal.DUPLICATE, 1),
        (f"ETH,{ONE},ETH,2,,,,,,Vault", RowRefusal.CONFLICT, 0),
        (f"ETH,{ONE},ETH,1,,,,,,Other", RowRefusal.CONFLICT, 0),
    ],
)
def test_custody_of_one_account_counts_once(read: Read, again: str, reason: RowRefusal, amount: int) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,Vault"), plain(again))
    assert claimed.files[1].account.refused == {reason: 1}
    assert claimed.claim.custody == (Custody("ETH", Fraction(amount), "Vault"),)


def test_custody_without_an_account_counts_once_where_two_files_say_the_same(read: Read) -> None:
    one, two = (f"ETH,,ETH,{amount},,,,,,Vault" for amount in (1, 2))
    claimed = read(plain(one), plain(one, two))
    assert claimed.files[1].account.refused == {RowRefusal.DUPLICATE: 1}
    assert claimed.claim.custody == (Custody("ETH", Fraction(3), "Vault"),)


def test_custody_by_hand_that_a_file_gives_as_well_is_refused(refuse: Refuse) -> None:
    custody = 'custody:\n  - {unit: ETH, amount: "1", custodian: Vault}\n'
    (told,) = refuse(plain(f"ETH,{ONE},ETH,1,,,,,,Vault"), more=custody)
    assert told == "custody: ETH held by 'Vault' stands in a file of this claim; leave it out here"


# --- Nothing vanishes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ETH,0x12,ETH,1,,,,,,", "BAD_ADDRESS"),
        ("ETH,Bridging in progress,ETH,1,,,,,,", "NO_ADDRESS"),
    ],
)
def test_a_refused_row_keeps_every_unit_from_being_short(read: Read, row: str, reason: str) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,", row))
    assert not claimed.claim.complete
    assert claimed.losses == {"a.csv": [f"1 row refused as {reason}"]}
    assert claimed.claim.files[0].refused == {reason: 1}


@pytest.mark.parametrize("amount", ["x", "-1", '"1,5"', "N/A", ""])
def test_an_amount_that_is_not_read_takes_no_account_away_so_that_a_unit_may_be_short(read: Read, amount: str) -> None:
    claimed = read(plain(f"ETH,{ONE},ETH,{amount},,,,,,"))
    assert claimed.claim.complete
    assert [(holding.account, holding.claimed) for holding in claimed.claim.holdings] == [(key(ONE), None)]


@pytest.mark.parametrize("amount", ["x", "-1", '"1,5"', "N/A", ""])
def test_custody_of_an_amount_that_is_not_read_keeps_every_unit_from_being_short(read: Read, amount: str) -> None:
    """What third parties hold could cover a unit, and nobody knows how much it is."""
    claimed = read(plain(f"ETH,{ONE},ETH,1,,,,,,", f"ETH,{TWO},ETH,{amount},,,,,,Vault"))
    assert not claimed.claim.complete
    assert claimed.losses == {"a.csv": ["1 row in custody without an amount"]}


def test_a_text_in_an_archive_that_is_not_understood_does_too(tmp_path: Path) -> None:
    path = tmp_path / "okx.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", plain(f"ETH,{ONE},ETH,1,,,,,,"))
        archive.writestr("more.txt", "and a validator, too\n")
    text = f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path)}"
    claimed = read_claim(tmp_path / "claim.yaml", text.encode())
    assert claimed.losses == {"okx.zip": ["1 file in the archive could not be read as a table"]}
    assert not claimed.claim.complete


def test_a_header_block_of_two_columns_for_one_thing_does_too_and_the_rows_are_read(read: Read) -> None:
    """The second of two amounts may be the total; nobody can say, and the rows need neither."""
    for header in (
        "coin,snapshot height,amount,amount",
        "coin,coin,amount",
        "coin,snapshot height,Snapshot Height,amount",
    ):
        table = f"{header}\nETH,-,4\n\n{OKX_HEADER}\nETH,ETH,7,{ONE},1.25,m,\n"
        found = read(table)
        assert [holding.claimed for holding in found.claim.holdings] == [1250000000000000000]
        assert not found.claim.complete
        assert found.losses == {"a.csv": ["line 1: two columns of the header block mean one thing"]}


def test_rows_that_the_file_itself_does_not_count_take_nothing_away(tmp_path: Path) -> None:
    claimed = of_sample(tmp_path, "bitmex.yaml", "BTC")
    assert claimed.claim.files[0].refused == {"UNSPENDABLE": 1}
    assert claimed.claim.complete


def test_an_account_that_evidence_could_not_name_is_refused(read: Read) -> None:
    claimed = read(plain("BTC,raw(51),NEWCOIN,1,,,,,,", f"ETH,{ONE},ETH,1,,,,,,"))
    assert [holding.asset for holding in claimed.claim.holdings] == [ETH]
    assert claimed.files[0].account.refused == {RowRefusal.BAD_ADDRESS: 1}


def test_a_file_without_a_row_that_counts_is_an_error(refuse: Refuse) -> None:
    (told,) = refuse(plain("ETH,0x12,ETH,1,,,,,,"))
    assert "no row is accepted (1 BAD_ADDRESS)" in told


# --- The file that is meant, and no other


def test_another_file_of_the_name_is_refused_with_both_digests_and_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a secret\n")
    meant, found = "0" * 64, hashlib.sha256(b"a secret\n").hexdigest()
    text = f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path, sha256=meant)}"
    with pytest.raises(InputError) as caught:
        read_claim(tmp_path / "claim.yaml", text.encode())
    assert [mistake.what for mistake in caught.value.mistakes] == [
        f"holdings: a.csv has the sha256 {found}, not {meant}"
    ]


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.csv", "b/../../a.csv", "..", "b\\\\a.csv"])
def test_a_claim_names_no_file_outside_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(plain(f"ETH,{ONE},ETH,1,,,,,,"))
    folder = tmp_path / "claim"
    folder.mkdir()
    text = f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path, name)}"
    with pytest.raises(InputError, match="is not in the claim's folder or below"):
        read_claim(folder / "claim.yaml", text.encode())


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "missing", "x" * 200 + "/" + "y" * 90):
        text = f'{HEAD}liabilities: {{ETH: null}}\nholdings:\n  - {{file: "{name[:199]}", sha256: "{"0" * 64}"}}\n'
        with pytest.raises(InputError, match="is no file in the claim's folder"):
            read_claim(tmp_path / "claim.yaml", text.encode())


@pytest.mark.parametrize(("rows", "expected"), [((1, 2, 3), 3), ((1, 2, 3, 3), 4)], ids=["read once", "read again"])
def test_a_file_that_is_changed_while_it_is_read_is_never_half_one_and_half_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: tuple[int, ...], expected: int
) -> None:
    """The file is exchanged just before it is opened for the nth time. One with a repeated row is opened once more."""
    path = tmp_path / "a.csv"
    was, becomes = (plain(*(f"ETH,0x{row:040x},ETH,{amount},,,,,," for row in rows)) for amount in (1, 2))
    path.write_text(was)
    text = f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path)}".encode()
    true_open, opened = Path.open, [0]

    def open_when_changed(self: Path, *given: object, **named: object) -> object:
        opened[0] += self == path
        if self == path and opened[0] == nth:
            with true_open(self, "wb") as file:
                file.write(becomes.encode())
        return true_open(self, *given, **named)  # type: ignore[call-overload]

    outcomes: list[object] = []
    for nth in range(6):
        path.write_text(was)
        os.utime(path, (nth, nth))
        with monkeypatch.context() as patched:
            opened[0] = 0
            patched.setattr(Path, "open", open_when_changed)
            try:
                outcomes.append(
                    [holding.claimed for holding in read_claim(tmp_path / "claim.yaml", text).claim.holdings]
                )
            except InputError as error:
                outcomes.append(str(error))
    untouched, exchanged, changed = [10**18] * 3, "a.csv has the sha256", f"{path}: has changed while it was read"
    assert [outcomes[0], *outcomes[expected + 1 :]] == [untouched] * (6 - expected)
    for outcome, told in zip(outcomes[1:], [exchanged, exchanged, *[changed] * (expected - 2)], strict=False):
        assert str(outcome).startswith(f"{tmp_path}/claim.yaml:6: holdings: {told}")


def test_files_of_more_rows_than_memory_could_take_are_refused(
    read: Read, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = plain(f"ETH,{ONE},ETH,1,,,,,,"), plain(f"ETH,{TWO},ETH,1,,,,,,")
    monkeypatch.setattr(files, "MAX_ROWS", 2)
    read(*texts)
    monkeypatch.setattr(files, "MAX_ROWS", 1)
    assert refuse(*texts) == ["holdings: the claim's files have more than 1 rows"]


ENTRIES = {
    "no digest": ("{file: a.csv}", "holdings: sha256 missing"),
    "no name": (f'{{sha256: "{"0" * 64}"}}', "holdings: file missing"),
    "a digest in upper case": (f'{{file: a.csv, sha256: "{"A" * 64}"}}', "sha256: expected 64 hex digits in lower"),
    "an unknown layout": (f'{{file: a.csv, layout: okex, sha256: "{"0" * 64}"}}', "layout: no layout is called 'okex'"),
    "an asset beside it": (f'{{file: a.csv, asset: ETH, sha256: "{"0" * 64}"}}', "holdings: unknown key 'asset'"),
}


@pytest.mark.parametrize(("entry", "expected"), ENTRIES.values(), ids=ENTRIES)
def test_a_mistake_in_a_reference_is_told_and_nothing_that_follows_from_it(
    refuse: Refuse, entry: str, expected: str
) -> None:
    told = refuse(by_hand=f"  - {entry}\n", more='snapshots: {"eip155:1": 1}\n')
    assert told[0].startswith(expected)
    assert not any("no asset" in mistake for mistake in told)


def test_one_file_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(plain(f"ETH,{ONE},ETH,1,,,,,,"))
    shutil.copy(path, tmp_path / "b.csv")
    text = f"{HEAD}liabilities: {{ETH: null}}\nholdings:\n{reference(path)}{reference(tmp_path / 'b.csv')}"
    with pytest.raises(InputError, match="the file with this sha256 stands already at line 6"):
        read_claim(tmp_path / "claim.yaml", text.encode())


def test_a_claim_refers_to_a_bounded_number_of_files(
    read: Read, refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = plain(f"ETH,{ONE},ETH,1,,,,,,"), plain(f"ETH,{TWO},ETH,1,,,,,,")
    monkeypatch.setattr(holdings, "_MOST_FILES", 2)
    read(*texts)
    monkeypatch.setattr(holdings, "_MOST_FILES", 1)
    assert refuse(*texts) == ["holdings: more than 1 files"]


def test_the_digest_of_a_claim_commits_to_its_files(read: Read) -> None:
    one, two = (read(plain(f"ETH,{ONE},ETH,{amount},,,,,,")).claim for amount in (1, 2))
    assert one.digest != two.digest


def test_mistakes_of_the_claim_and_of_its_files_are_told_together(refuse: Refuse) -> None:
    told = refuse("wallet\n", plain("ETH,0x12,ETH,1,,,,,,"), more="complete: no\n")
    assert [any(text in mistake for mistake in told) for text in ("complete", "no layout fits", "no row is acc")] == [
        True, True, True,
    ]  # fmt: skip


# --- Whole files: samples of our own for every layout, and the exchange's where they are at hand


def of_sample(folder: Path, name: str, units: str, source: Path = OURS) -> ReadClaim:
    """The claim that refers to a sample alone, with nothing published of what is owed."""
    shutil.copyfile(source / name, folder / name)
    owed = ", ".join(f"{unit}: null" for unit in units.split(", "))
    path = folder / "claim.yaml"
    path.write_text(f"{HEAD}liabilities: {{{owed}}}\nholdings:\n{reference(folder / name)}")
    return read_claim(path, path.read_bytes())


SAMPLES = {
    "okx_7.csv": "BTC, ETH, USDT",
    "okx_9.csv": "ETH, USDC, DOT",
    "okx_11.csv": "ETH, USDT, APT, SOL",
    "okx_12.csv": "ETH",
    "okx_staking.csv": "ETH",
    "binance_hotcold.csv": "BTC, ETH, USDT",
    "binance_deposit.csv": "SOL, USDT",
    "PR01JUN26_Deposit.csv": "ETH, USDT",
    "bitmex.yaml": "BTC",
    "auditor.csv": "USDT, DOT, EOS",
    "plain.csv": "BTC, ETH, USDT",
}


def test_every_sample_is_tried() -> None:
    assert set(SAMPLES) == {path.name for path in OURS.iterdir()}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_row_of_a_sample_is_a_holding_or_in_custody_or_refused(tmp_path: Path, name: str) -> None:
    account_for(of_sample(tmp_path, name, SAMPLES[name]))


@pytest.mark.parametrize(
    ("name", "units", "rows"),
    [
        ("okx_por_2022.csv", "BTC, ETH, USDT", 33),
        ("okx_por_example.csv", "ETH, USDT, APT", 5),
        ("okx_por_staking_example.csv", "ETH", 3),
        ("test.csv", "USDT, ETH, BTC, DOT, DOGE, ETC, TRX, EOS", 9),
        ("declared_addresses.csv", "BTC, ETH, TRX, SOL, XRP, LTC, DOT, APT, DOGE, TON, OKB", 886),
    ],
)
def test_every_row_of_okxs_own_files_is_a_holding(tmp_path: Path, name: str, units: str, rows: int) -> None:
    if not (OKX / name).exists():
        pytest.skip("the exchange's own files are not at hand")
    read = of_sample(tmp_path, name, units, OKX)
    account_for(read)
    assert len(read.claim.holdings) == rows


def account_for(read: ReadClaim) -> None:
    (file,) = read.files
    account, claim = file.account, read.claim
    assert account.read == account.accepted + sum(account.refused.values())
    in_custody = sum(total.rows for (_, kind), total in account.totals.items() if kind == "CUSTODY")
    assert len(claim.holdings) + in_custody == account.accepted == sum(total.rows for total in account.totals.values())
    by_unit: Counter[str] = Counter()
    for holding in claim.holdings:
        asset = claim.assets[holding.asset]
        by_unit[asset.backs] += Fraction(holding.claimed or 0, 10**asset.decimals)  # type: ignore[assignment]
    stated: Counter[str] = Counter()
    for (listed, kind), total in account.totals.items():
        if kind != "CUSTODY":
            stated[file.assets[listed, kind].backs] += total.claimed  # type: ignore[assignment]
    assert by_unit == stated


@pytest.mark.parametrize("name", SAMPLES)
def test_a_scan_without_nodes_has_a_gap_for_every_row_and_its_attestation_holds(tmp_path: Path, name: str) -> None:
    claim = of_sample(tmp_path, name, SAMPLES[name]).claim
    result = asyncio.run(scanner.scan(claim, Instrument(Policy(), (), None)))
    tips = {each.asset.chain for each in claim.holdings if reads_only_tip(each.asset.chain)}
    past = sum(each.asset.chain in tips for each in claim.holdings)
    whys = {Why.UNSUPPORTED: len(claim.holdings) - past, Why.NO_PAST: past}
    counted = {why: count for why, count in whys.items() if count}
    assert result.finding.gap_counts == counted
    signer = a_signer(1)
    made = scanner.attest(result, [signer], scanned_at=claim.as_of)
    shown = scanner.verify(
        made.document, load_claim(tmp_path / "claim.yaml"), [signer.public], io.BytesIO(made.evidence)
    )
    assert shown.predicate["finding"]["gapCounts"] == {why.value: count for why, count in counted.items()}


# --- A file that says itself that it is not whole


def test_a_file_that_was_cut_short_and_says_so_keeps_every_unit_from_being_short(read: Read) -> None:
    rows = "\n".join(f"ETH,ETH,4,{account},{amount},,," for account, amount in ((ONE, "1.5"), (TWO, "2")))
    text = f"coin,snapshot height,amount\nETH,4,{{}}\nUSDT-ERC20,4,{{}}\n\n{OKX_HEADER},signature2\n{rows}\n"
    whole, cut = read(text.format("3.5", "0")), read(text.format("8.5", "600"))
    assert whole.claim.complete
    assert (whole.claim.files[0].whole, whole.claim.files[0].stated, whole.claim.files[0].misfits) == (True, 2, ())
    assert not cut.claim.complete
    (file,) = cut.claim.files
    assert not file.whole
    assert [(misfit.label, misfit.stated, misfit.found) for misfit in file.misfits] == [
        ("ETH", Fraction("8.5"), Fraction("3.5")),
        ("USDT-ERC20", Fraction(600), Fraction(0)),
    ]
    assert cut.losses == {
        "a.csv": [
            "line 2: the file says a total of 8.5 ETH, and its rows come to 3.5",
            "line 3: the file says a total of 600 USDT-ERC20, and its rows come to 0",
        ]
    }


def test_okxs_own_example_is_a_file_that_is_not_whole(tmp_path: Path) -> None:
    if not (OKX / "okx_por_example.csv").exists():
        pytest.skip("the exchange's own files are not at hand")
    (file,) = of_sample(tmp_path, "okx_por_example.csv", "ETH, USDT, APT", OKX).claim.files
    assert [misfit.label for misfit in file.misfits] == [
        "ETH(ALL)", "USDT(ALL)", "USDT-TRC20", "ETH", "ETH-ARBITRUM", "ETH-OPTIMISM", "USDT-OPTIMISM", "BTC",
    ]  # fmt: skip
    for name, units in (("okx_por_2022.csv", "BTC, ETH, USDT"), ("okx_por_staking_example.csv", "ETH")):
        assert of_sample(tmp_path, name, units, OKX).claim.files[0].misfits == ()
