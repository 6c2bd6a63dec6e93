"""What tools of this kind let pass in the files that exchanges publish, and must not pass here: from file to finding.

Each test is a fault found in such a tool. What nodes said is made up here; all else is what a scan does.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.attesting.formats.v1.finding import write_finding
from scanner.chains.accounts import account_text
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.errors import InputError, Why
from scanner.sources.addresses import ReadClaim, read_claim
from scanner.sources.published import read_published
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support import proof_signing as sign
from tests.support.places import SHARED

ONE, TWO, THREE = (sign.hexed(sign.evm_address(number)) for number in (1, 2, 3))
CHECKSUMMED = (
    "0x"
    + "".join(  # EIP-55
        digit.upper() if int(nibble, 16) > 7 else digit
        for digit, nibble in zip(ONE[2:], sign.keccak(ONE[2:].encode()).hex(), strict=False)
    )
)
SEGWIT = account_text(sign.BITCOIN, sign.p2wpkh(sign.public(1)))
TRON = sign.tron_address(1)
VALIDATOR = "0x" + "ab" * 48
ETHER, BITCOIN = "eip155:1/slip44:60", f"{sign.BITCOIN}/slip44:0"
TETHER = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
PLAIN = "chain,address,asset,amount,custodian"
TWELVE = (
    "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key,EOA1,EOA2"
)

Answers = Mapping[tuple[str, str], int]
"""By asset and account as texts in lower case: the atoms that nodes agree on. What is left out is a gap."""


def claimed(folder: Path, *texts: str, owed: str = "ETH: null", name: str = "file{}.csv") -> ReadClaim:
    """The claim that refers to files with these texts."""
    lines = ["version: 1", "exchange: X", "as_of: 2026-01-01T00:00:00Z", f"liabilities: {{{owed}}}", "holdings:"]
    for number, text in enumerate(texts):
        path = folder / name.format(number)
        path.write_text(text)
        lines.append(f"  - {{file: {path.name}, sha256: {hashlib.sha256(path.read_bytes()).hexdigest()}}}")
    return read_claim(folder / "claim.yaml", "\n".join(lines).encode())


def plain(*rows: str) -> str:
    return "\n".join([PLAIN, *rows, ""])


def table(header: str, *rows: Sequence[str]) -> str:
    text = io.StringIO()
    text.write(f"{header}\n")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def holdings(read: ReadClaim) -> set[tuple[str, str]]:
    return {
        (str(each.asset), account_text(each.asset.chain, each.account).lower().removeprefix("0x"))
        for each in read.claim.holdings
    }


def found(read: ReadClaim, answers: Answers) -> dict[str, Any]:
    """The finding, as it stands in an attestation."""

    def outcome(asset: AssetId, account: bytes) -> Outcome:
        atoms = answers.get((str(asset), account_text(asset.chain, account).lower()))
        if atoms is None:
            return Gap(Why.UNREACHABLE, "timed out")
        return Balance(atoms, Basis.QUORUM, ("alpha", "beta"))

    rows = [
        EvidenceRow(each.asset, each.account, "0xab", outcome(each.asset, each.account), each.claimed)
        for each in read.claim.holdings
    ]
    return write_finding(weigh(read.claim, {}, rows, Policy()))


def reserve(finding: dict[str, Any], unit: str = "ETH") -> dict[str, Any]:
    (only,) = (each for each in finding["reserves"] if each["unit"] == unit)
    found: dict[str, Any] = only
    return found


def coverage(finding: dict[str, Any], asset: str = ETHER) -> dict[str, Any]:
    (only,) = (each for each in finding["coverage"] if each["asset"] == asset)
    found: dict[str, Any] = only
    return found


# A file in another form than the tool knows gives silence


def okx(columns: int) -> str:
    """The same three holdings in each of OKX's layouts: short rows, nulls of all kinds, JSON, amounts after blanks."""
    block = "coin,snapshot height,amount\nETH,100,3.5\nBTC,200,0.5\n\n"
    if columns == 7:
        header = "coin,address,amount,message,signature1,signature2,redeem script"
        rows = [
            ["ETH", ONE, "1500000000000000000", "m", "0xs"],
            ["ETH", TWO, "2000000000000000000", "m", "null", "\\N", '{"keys":["a","b"]}'],
            ["BTC", SEGWIT, "50000000", "m", "", "", ""],
        ]
        return block + table(header, *rows)
    header = "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key"
    header += ", eoa1, eoa2" if columns >= 11 else ""
    rows = [
        ["ETH", "ETH", "100", ONE, " 1.5", "m", "0xs"],
        ["ETH", "ETH", "100", TWO, "2", "m", "null", "\\N", '{"keys":["a","b"]}', *["\\N", "null"][: columns - 9]],
        ["BTC", "BTC", "200", SEGWIT, "0.5", "m", "", "", "", *["", ""][: columns - 9]],
    ]
    if columns == 12:
        header, rows = TWELVE, [[row[0], "Non Staking", *row[1:]] for row in rows]
    return block + table(header, *rows)


@pytest.mark.parametrize("columns", [7, 9, 11, 12])
def test_every_layout_gives_the_same_holdings_with_every_row_accounted_for(tmp_path: Path, columns: int) -> None:
    read = claimed(tmp_path, okx(columns), owed="ETH: null, BTC: null")
    (file,) = read.claim.files
    assert (file.read, file.accepted, file.refused) == (3, 3, {})
    assert {(str(each.asset), each.claimed, each.height) for each in read.claim.holdings} == {
        (ETHER, 15 * 10**17, 100),
        (ETHER, 2 * 10**18, 100),
        (BITCOIN, 50_000_000, 200),
    }


def test_columns_are_found_by_name_in_any_order_and_capitalisation(tmp_path: Path) -> None:
    at = [11, 4, 2, 9, 0, 5, 7, 3, 1, 6, 8, 10]
    header = ",".join(TWELVE.split(",")[place].upper() for place in at)
    row = ["ETH", "Non Staking", "ETH", "100", ONE, "1.5", "m", "0xs", "", "", "", ""]
    (holding,) = claimed(tmp_path, table(header, [row[place] for place in at])).claim.holdings
    assert (str(holding.asset), holding.account, holding.claimed) == (ETHER, sign.evm_address(1), 15 * 10**17)


def test_a_column_added_by_the_exchange_loses_nothing(tmp_path: Path) -> None:
    row = ["new", "ETH", "Non Staking", "ETH", "100", ONE, "1.5", "m", "0xs"]
    read = claimed(tmp_path, table(f"added,{TWELVE}", row))
    assert [holding.claimed for holding in read.claim.holdings] == [15 * 10**17]


@pytest.mark.parametrize(
    "header",
    [TWELVE.replace("address", "wallet"), TWELVE.replace("Network", "Net"), "a,b,c,d,e,f,g,h,i,j,k,l", "", "{}"],
    ids=["no address", "no network", "strange", "nothing", "JSON"],
)
def test_a_header_that_is_not_known_is_an_error_and_not_a_file_without_rows(tmp_path: Path, header: str) -> None:
    row = ["ETH", "Non Staking", "ETH", "100", ONE, "1.5", "m", "0xs", "", "", "", ""]
    with pytest.raises(InputError):
        claimed(tmp_path, table(header, row))


@pytest.mark.parametrize("rows", [[], [f"ETH,{ONE[:-1]},ETH,1,"]])
def test_a_file_of_which_no_row_is_accepted_is_an_error_and_not_an_exchange_without_coins(
    tmp_path: Path, rows: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        claimed(tmp_path, plain(*rows))
    assert "no row" in str(caught.value)


@pytest.mark.parametrize("amount", ["many", "-1", "1e3"])
def test_an_amount_that_cannot_be_read_costs_no_account(tmp_path: Path, amount: str) -> None:
    """The account is asked for all the same, so that the unit may be SHORT, and its balance is not held back."""
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,{amount},", f"ETH,{TWO},ETH,1,"), owed='ETH: "5"')
    (file,) = read.claim.files
    assert (file.read, file.accepted, file.refused) == (2, 2, {})
    assert reserve(found(read, {(ETHER, ONE): 2 * 10**18, (ETHER, TWO): 10**18}))["verdict"] == "SHORT"
    assert reserve(found(read, {(ETHER, ONE): 4 * 10**18, (ETHER, TWO): 10**18}))["verdict"] == "COVERED"


@pytest.mark.parametrize("bad", [f"ETH,{ONE[:-1]},ETH,1,", "ETH,Bridging in progress,ETH,1,"])
def test_a_bad_row_is_counted_with_its_line_and_keeps_every_unit_from_being_short(tmp_path: Path, bad: str) -> None:
    read = claimed(tmp_path, plain(f"ETH,{TWO},ETH,1,", bad), owed='ETH: "5"')
    (file,) = read.claim.files
    assert (file.read, file.accepted, sum(file.refused.values())) == (2, 1, 1)
    assert [row.place.line for row in read.files[0].account.listed] == [3]
    assert reserve(found(read, {(ETHER, TWO): 10**18}))["verdict"] == "UNKNOWN"


def test_okxs_example_is_read_whole_of_which_its_own_checker_loads_two_rows() -> None:
    path = SHARED / "data" / "okx" / "okx_por_example.csv"
    if not path.exists():
        pytest.skip("the exchange's own files are not at hand")
    account = read_published(path).account
    assert (account.read, account.accepted, account.refused) == (5, 5, {})


# One holding counted twice


TWICE = {
    "letter case": (f"ETH,{ONE},ETH,1,", f"ETH,0x{ONE[2:].upper()},ETH,1,"),
    "checksum": (f"ETH,{ONE},ETH,1,", f"ETH,{CHECKSUMMED},ETH,1,"),
    "amounts written otherwise": (f"ETH,{ONE},ETH,1,", f"ETH,{ONE},ETH,1.000,"),
    "label": (f"ETH,{ONE},USDT,1,", f"ETH,{ONE},USDT-ERC20,1,"),
    "label and id": (f"ETH,{ONE},USDT,1,", f"eip155:1,{ONE},{TETHER},1,"),
    "network": (f"ETH,{ONE},ETH,1,", f"Ethereum,{ONE},ETH,1,"),
    "bech32 in capitals": (f"BTC,{SEGWIT},BTC,1,", f"BITCOIN,{SEGWIT.upper()},BTC,1,"),
    "Tron's two forms": (f"TRON,{TRON},USDT-TRC20,1,", f"TRX,41{ONE[2:]},USDT,1,"),
}


@pytest.mark.parametrize("rows", TWICE.values(), ids=TWICE)
@pytest.mark.parametrize("form", ["one file", "two sections", "two files"])
def test_a_holding_counts_once_in_whatever_spelling_section_or_file(
    tmp_path: Path, rows: tuple[str, str], form: str
) -> None:
    texts = {
        "one file": [plain(*rows)],
        "two sections": [plain(rows[0]) + "\n" + plain(rows[1])],
        "two files": [plain(rows[0]), plain(rows[1])],
    }[form]
    (unit,) = (each for each in ("USDT", "BTC", "ETH") if f",{each}" in rows[0])
    read = claimed(tmp_path, *texts, owed=f"{unit}: null")
    assert len(read.claim.holdings) == 1
    assert sum(file.read for file in read.claim.files) == 2
    assert [file.refused for file in read.claim.files][-1] == {"DUPLICATE": 1}


def test_a_repeat_that_says_otherwise_is_a_contradiction_that_is_told_and_neither_amount_is_believed(
    tmp_path: Path,
) -> None:
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,1,", f"ETH,{CHECKSUMMED},ETH,2,"))
    assert [holding.claimed for holding in read.claim.holdings] == [None]
    assert read.claim.files[0].refused == {"CONFLICT": 1}
    assert not read.claim.complete


def test_a_repeat_adds_nothing_to_what_is_held(tmp_path: Path) -> None:
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,1,", f"Ethereum,{CHECKSUMMED},ETH,1,"), owed='ETH: "1.5"')
    finding = found(read, {(ETHER, ONE): 10**18})
    assert (reserve(finding)["held"], reserve(finding)["claimed"]) == ("1", "1")
    assert reserve(finding)["verdict"] == "SHORT"


def test_stake_bridged_coins_and_other_chains_are_holdings_of_their_own(tmp_path: Path) -> None:
    staked = ["ETH", "Native ETH Staking", "ETH", "1", VALIDATOR, "32", "m", "s"]
    others = [
        ["ETH", "Non Staking", "ETH", "1", ONE, "1", "m", "s"],
        ["ETH-ARBITRUM", "Non Staking", "ARBITRUM", "1", ONE, "1", "m", "s"],
        ["POLY-USDC", "Non Staking", "POLYGON", "1", ONE, "1", "m", "s"],
        ["POLY-USDC-3359", "Non Staking", "POLYGON", "1", ONE, "1", "m", "s"],
    ]
    read = claimed(tmp_path, table(TWELVE, staked, *others), owed="ETH: null, USDC: null")
    assert read.claim.files[0].refused == {}
    backing = {str(each.asset): read.claim.assets[each.asset].backs for each in read.claim.holdings}
    assert len(backing) == 5
    assert sorted(backing.values()) == ["ETH", "ETH", "ETH", "USDC", "USDC"]
    assert backing["beacon:1/slip44:60"] == "ETH"


# A printed ratio is taken on trust


def test_a_printed_ratio_that_its_own_figures_do_not_give_is_found(tmp_path: Path) -> None:
    """OKX, February 2023: the report prints 104 %, its figures are those of 118.85 %."""
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,1341238,"), owed='ETH: {amount: "1128504", stated_ratio: "104%"}')
    ether = reserve(found(read, {(ETHER, ONE): 1341238 * 10**18}))
    assert (ether["ratio"], ether["statedAgrees"]) == ("1.188509", False)


def test_custody_that_lifts_a_ratio_above_one_is_shown_apart_and_covers_nothing(tmp_path: Path) -> None:
    """OKX, May 2026: 102 % with what a custodian is said to hold, 98.19 % without."""
    owed = '"1556473.0830153074947602"'
    read = claimed(
        tmp_path,
        plain(f"ETH,{ONE},ETH,1528286,", f"ETH,{TWO},ETH,66336.03,Vault"),
        owed=f'ETH: {{amount: {owed}, stated_ratio: "102%"}}',
    )
    ether = reserve(found(read, {(ETHER, ONE): 1528286 * 10**18, (ETHER, TWO): 66336 * 10**18}))
    assert (ether["ratio"], ether["ratioWithCustody"]) == ("0.981890", "1.024509")
    assert (ether["custody"], ether["held"], ether["holdings"]) == ("66336.03", "1528286", 1)
    assert ether["verdict"] == "UNKNOWN"


# A tolerance that hides

EDGES = [way * (10**digits + beyond) for digits in range(7) for way in (-1, 1) for beyond in (-1, 0, 1)]


@given(
    claims=st.lists(st.integers(0, 10**9), min_size=1, max_size=4),
    digits=st.integers(0, 6),
    off=st.lists(st.integers(-(10**8), 10**8) | st.sampled_from(EDGES), min_size=4, max_size=4),
)
def test_a_difference_is_told_wherever_the_writing_of_the_amount_does_not_explain_it_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory, claims: list[int], digits: int, off: list[int]
) -> None:
    """Too little and too much alike; and what is off in the one direction never makes up for the other."""
    step = 10 ** (6 - digits)
    rows, answers, wrong, total = [], {}, {}, 0
    for number, (coefficient, error) in enumerate(zip(claims, off, strict=False), start=1):
        account, atoms = sign.hexed(sign.evm_address(number)), coefficient * step
        text = str(coefficient).rjust(digits + 1, "0")
        rows.append(
            f"ETH,{account},USDT,{text[:-digits]}.{text[-digits:]}," if digits else f"ETH,{account},USDT,{text},"
        )
        answers[TETHER, account] = held = max(0, atoms + error)
        total += held - atoms
        if abs(held - atoms) > (step if digits < 6 else 0):
            wrong[account] = str(atoms), str(held)
    finding = found(claimed(tmp_path_factory.mktemp("claim"), plain(*rows), owed="USDT: null"), answers)
    told = {each["account"].lower(): (each["claimed"], each["found"]) for each in finding["differences"]}
    assert told == wrong
    tether = coverage(finding, TETHER)
    assert tether["disagreeing"] == len(wrong)
    assert Fraction(tether["difference"]) == Fraction(total, 10**6)


def test_differences_that_cancel_out_are_listed_all_the_same(tmp_path: Path) -> None:
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,5,", f"ETH,{TWO},ETH,7,"), owed='ETH: "12"')
    finding = found(read, {(ETHER, ONE): 8 * 10**18, (ETHER, TWO): 4 * 10**18})
    assert (coverage(finding)["difference"], coverage(finding)["disagreeing"]) == ("0", 2)
    assert len(finding["differences"]) == 2


def test_the_more_is_missing_the_worse_the_verdict_and_no_tolerance_covers_a_shortfall(tmp_path: Path) -> None:
    read = claimed(tmp_path, plain(f"ETH,{ONE},ETH,10,"), owed='ETH: "10"')
    verdicts = [
        reserve(found(read, {(ETHER, ONE): 10 * 10**18 - missing}))["verdict"]
        for missing in (0, 1, 10**17, 10**18, 10**19)
    ]
    assert verdicts == ["COVERED", "SHORT", "SHORT", "SHORT", "SHORT"]


# Coverage is not told, or a sample stands for all


def test_what_was_not_read_is_told_by_rows_and_by_amount_and_is_no_difference(tmp_path: Path) -> None:
    text = plain(f"ETH,{ONE},ETH,1,", f"ETH,{TWO},ETH,249,", f"ETH,{THREE},ETH,,")
    finding = found(claimed(tmp_path, text, owed='ETH: "100"'), {(ETHER, ONE): 10**18})
    ether = coverage(finding)
    assert (ether["holdings"], ether["read"], ether["unstated"]) == (3, 1, 1)
    assert (ether["claimed"], ether["claimedRead"], ether["difference"]) == ("250", "1", "0")
    assert finding["gapCounts"] == {"UNREACHABLE": 2}
    assert (reserve(finding)["held"], reserve(finding)["verdict"]) == ("1", "UNKNOWN")


def test_what_an_exchange_claims_is_never_taken_for_what_was_found(tmp_path: Path) -> None:
    finding = found(claimed(tmp_path, plain(f"ETH,{ONE},ETH,1000,"), owed='ETH: "1"'), {})
    assert (reserve(finding)["held"], reserve(finding)["verdict"]) == ("0", "UNKNOWN")


def test_rows_of_chains_that_nobody_can_read_stand_in_the_coverage(tmp_path: Path) -> None:
    text = plain(f"ETH,{ONE},USDT,1,", f"TRON,{TRON},USDT,30000000000,", "NEWNET,x,NEW,4,")
    finding = found(claimed(tmp_path, text, owed='USDT: "2"'), {(TETHER, ONE): 10**6})
    told = {each["asset"]: (each["holdings"], each["read"], each["claimed"]) for each in finding["coverage"]}
    assert told == {
        TETHER: (1, 1, "1"),
        "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": (1, 0, "30000000000"),
        "unmapped:NEWNET/label:NEW": (1, 0, "4"),
    }
    assert reserve(finding, "USDT")["verdict"] == "UNKNOWN"


def test_of_ten_thousand_rows_every_one_is_counted(tmp_path: Path) -> None:
    rows = [f"ETH,0x{number:040x},ETH,0.000000000000000001," for number in range(1, 10_001)]
    read = claimed(tmp_path, plain(*rows))
    finding = found(read, {(ETHER, f"0x{number:040x}"): 1 for number in range(1, 10_001)})
    assert (coverage(finding)["holdings"], coverage(finding)["read"]) == (10_000, 10_000)
    assert coverage(finding)["claimed"] == reserve(finding)["held"] == "0.00000000000001"
    assert finding["files"][0]["accepted"] == 10_000
