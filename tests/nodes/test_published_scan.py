"""A published file from import to verification: of our own making, against real nodes, every row of it accounted for.

The file is of OKX's present layout. Its rows name blocks of their own, two on each chain, between which everything
changes; after the later one everything changes again. All are weighed at the later one: no row that is weighed at its
own block, or at the head, comes out right.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import ECC

from localnet import contracts
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.block import Block
from scanner.attesting.attestation import attestation_of
from scanner.attesting.verify import verify
from scanner.chains.accounts import account_text
from scanner.chains.names import parse_asset
from scanner.core.evidence import Basis
from scanner.core.node_settings import NodeSettings
from scanner.scanning.run import scan
from scanner.sources.addresses import read_claim
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.nodes.safe_contracts import FIRST_ENTRY
from tests.support import proof_signing as sign
from tests.support.attestations.attested import EXCHANGE
from tests.support.real.scanner_runs import run_scanner

CHALLENGE, OLD = sign.MESSAGE, "we signed this in 2023"
FILE, VAULT = "okx_por_20260101.csv", "vault.csv"
HEADER = (
    "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key,EOA1,EOA2"
)
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
ETHER, TETHER, BITCOIN = "eip155:1/slip44:60", f"eip155:1/erc20:{USDT}", f"{sign.REGTEST}/slip44:1"
TRON_TETHER = "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
ONE, TWO, SILENT, FORGED = (sign.hexed(sign.evm_address(number)) for number in (1, 2, 3, 4))
SAFE, FORMER_SAFE = "0x" + "5a" * 20, "0x" + "5b" * 20
OWNERS, LATER_OWNERS = (tuple(sign.evm_address(number) for number in numbers) for numbers in ((11, 12, 13), (7, 8, 9)))
VALIDATOR = "0x" + "ab" * 48
ETH = 10**18

SCRIPT = sign.multisig(2, [sign.public(number) for number in (21, 22, 23)])
OTHER_SCRIPT = sign.multisig(2, [sign.public(number) for number in (24, 25, 26)])
SINGLE, TWO_OF_THREE, ONE_OF_THREE = (
    account_text(sign.REGTEST, script)
    for script in (sign.p2wpkh(sign.public(20)), sign.p2wsh(SCRIPT), sign.p2wsh(OTHER_SCRIPT))
)

# What is held at the earlier and at the later block of each chain, where it is weighed. Rows marked > name the later.
HELD = {
    ONE: (ETH + 5, 77),
    TWO: (1, 2_599_999_999_999_999_999),  # >
    SILENT: (3 * ETH, 2 * ETH),
    FORGED: (0, 4 * ETH),  # >
    SAFE: (6 * ETH, 8 * ETH),
    FORMER_SAFE: (7 * ETH, ETH),
}
TOKENS = {ONE: (1_000_001, 5), TWO: (5, 5_260_001)}  # > for TWO
SATOSHI = {SINGLE: (150_000_000, 7_000), TWO_OF_THREE: (9_000, 20_000_001), ONE_OF_THREE: (50_000, 60_000)}
BTC_LATER = {address: sum(paid) for address, paid in SATOSHI.items()}  # payments add up
# Who owns the two Safes at the earlier and at the later block. The file's signatures are of the first of them.
SAFE_OWNERS = {SAFE: (LATER_OWNERS, OWNERS), FORMER_SAFE: (OWNERS, LATER_OWNERS)}


def evm_signature(number: int, message: str = CHALLENGE) -> str:
    return sign.hexed(sign.rsv(number, sign.okx_evm_digest(message)))


def bitcoin_signature(number: int, header: int = 31) -> str:
    return sign.header_first(number, sign.bitcoin_digest(CHALLENGE, sign.REGTEST), header)


@dataclass(frozen=True)
class World:
    """Two operators' nodes over shared chains, and the blocks that the file's rows name."""

    bitcoin: tuple[Bitcoind, Bitcoind]
    evm: tuple[Anvil, Anvil]
    bitcoin_blocks: tuple[Block, Block]
    evm_blocks: tuple[Block, Block]

    def rows(self) -> list[list[str]]:
        """The file's detail rows."""
        early, late = (str(block.height) for block in self.evm_blocks)
        soon, then = (str(block.height) for block in self.bitcoin_blocks)
        plain, null = "Non Staking", "null"
        eth, usdt = ["ETH", plain, "ETH"], ["USDT-ERC20", plain, "ETH"]
        tron = sign.hexed(sign.rsv(4, sign.keccak(b"\x19TRON Signed Message:\n32" + sign.keccak(CHALLENGE.encode()))))
        owners = [sign.hexed(owner) for owner in OWNERS[:2]]
        return [
            [*eth, early, ONE, "1.000000000000000005", CHALLENGE, evm_signature(1), null, null, null, null],
            [*eth, late, TWO, " 2.5", OLD, evm_signature(2, OLD), "\\N", "\\N", "", ""],
            [*eth, early, SILENT, "3", CHALLENGE, null, null, null],
            [*eth, late, FORGED, "4", CHALLENGE, evm_signature(9), "", '{"keys":["a","b"],"m":1}', "", ""],
            [*eth, early, SAFE, "6", CHALLENGE, evm_signature(11), evm_signature(12), "", *owners],
            [*eth, early, FORMER_SAFE, "7", CHALLENGE, evm_signature(11), evm_signature(12), "", *owners],
            ["ETH", "Native ETH Staking", "ETH", early, VALIDATOR, "32", CHALLENGE, evm_signature(1), "", "", ONE, ""],
            [*usdt, early, ONE, "1.000001", CHALLENGE, evm_signature(1), "", "", "", ""],
            ["USDT", plain, "Ethereum", early, ONE.upper().replace("0X", "0x"), "1.000001", CHALLENGE,
             evm_signature(1), "", "", "", ""],
            [*usdt, late, TWO, "5.25", CHALLENGE, evm_signature(2), "", "", "", ""],
            ["USDT-TRC20", plain, "TRON", "61000000", sign.tron_address(4), "12.5", CHALLENGE, tron, "",
             '{"keys":["a"]}', "", ""],
            ["BTC", plain, "REGTEST", soon, SINGLE, "1.5", CHALLENGE, bitcoin_signature(20, 39), "", "", "", ""],
            ["BTC", plain, "REGTEST", then, TWO_OF_THREE, "0.20009001", CHALLENGE, bitcoin_signature(21),
             bitcoin_signature(23), SCRIPT.hex(), "", ""],
            ["BTC", plain, "REGTEST", soon, ONE_OF_THREE, "0.0005", CHALLENGE, bitcoin_signature(24),
             bitcoin_signature(24, 35), OTHER_SCRIPT.hex(), "", ""],
            ["NEWCOIN", plain, "NEWNET", "12", "whatever-1", "5", CHALLENGE, evm_signature(1), "", "", "", ""],
            [*eth, early, "0x1234", "1", CHALLENGE, evm_signature(1), "", "", "", ""],
        ]  # fmt: skip


READ, ACCEPTED, REFUSED = 16, 14, {"BAD_ADDRESS": 1, "DUPLICATE": 1}


def plant(anvil: Anvil, when: int) -> None:
    anvil.set_balances({account: amounts[when] for account, amounts in HELD.items()})
    anvil.mint(USDT, {account: amounts[when] for account, amounts in TOKENS.items()})
    for safe in SAFE_OWNERS:
        owners = SAFE_OWNERS[safe][when]
        entries = {FIRST_ENTRY + place: int.from_bytes(owner) for place, owner in enumerate(owners)}
        anvil.set_storage(safe, {0: len(owners), 1: 2, **entries})


def pay(bitcoind: Bitcoind, when: int) -> Block:
    bitcoind.pay({address: amounts[when] for address, amounts in SATOSHI.items()})
    return bitcoind.tip()


@pytest.fixture(scope="module")
def world(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Bitcoind.start() as first, Bitcoind.start() as second, Anvil.start(chain_id=1) as anvil:
        second.connect(first)
        bitcoin_blocks = pay(first, 0), pay(first, 1)
        pay(first, 0)
        first.mine(5)  # a block is final under six
        anvil.deploy_token(USDT, 6, "USDT")
        for safe in SAFE_OWNERS:
            anvil.place(safe, "SafeLike")
        plant(anvil, 0)
        early = anvil.seal()
        plant(anvil, 1)
        late = anvil.seal()
        anvil.set_balances(dict.fromkeys(HELD, 10**30))
        anvil.mint(USDT, dict.fromkeys(TOKENS, 10**12))
        anvil.mine(3)
        state = tmp_path_factory.mktemp("world") / "state.json"
        anvil.dump_state(state)
        with Anvil.load_state(state, chain_id=1) as twin:
            second.wait_same_tip(first)
            yield World((first, second), (anvil, twin), bitcoin_blocks, (early, late))


@dataclass
class Desk:
    """An auditor's folder, and the scanner run in it as a process of its own."""

    folder: Path
    world: World

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        passwords = {f"BTC_{number}": node.password for number, node in enumerate(self.world.bitcoin)}
        return run_scanner(self.folder, command, passwords, timeout=300)

    def json(self, command: str, code: int) -> dict[str, Any]:
        done = self.run(command)
        assert done.returncode == code, done.stdout + done.stderr
        parsed: dict[str, Any] = json.loads(done.stdout)
        return parsed

    def write_nodes(self, policy: str = "", name: str = "nodes.yaml") -> None:
        lines = [f"policy: {{quorum: 2, threshold: '1'{policy}}}", "nodes:"]
        for number, operator in enumerate(("alpha", "beta")):
            bitcoind, anvil = self.world.bitcoin[number], self.world.evm[number]
            url = f"bitcoind+http://{bitcoind.user}:${{BTC_{number}}}@127.0.0.1:{bitcoind.port}"
            lines.append(f'  - {{url: "{url}", chain: "{sign.REGTEST}", operator: {operator}}}')
            lines.append(f'  - {{url: "evm+{anvil.url}", chain: "eip155:1", operator: {operator}}}')
        (self.folder / name).write_text("\n".join(lines))

    def complete(self, challenge: str | None = CHALLENGE, name: str = "claim.yaml") -> None:
        """The claim that `scanner import` wrote, with what only the auditor knows filled in."""
        text = (self.folder / "imported.yaml").read_text()
        for unit, owed in (("ETH", "17.6"), ("USDT", "5.260006")):
            assert f"  {unit}: null\n" in text
            text = text.replace(f"  {unit}: null\n", f'  {unit}: "{owed}"\n')
        text = text.replace("liabilities:\n", 'liabilities:\n  BTC: {amount: "1.7", stated_ratio: "100%"}\n')
        vault = hashlib.sha256((self.folder / VAULT).read_bytes()).hexdigest()
        text += f"  - {{file: {VAULT}, layout: plain, sha256: {vault}}}\n"
        text += f'labels:\n  - {{label: BTC, network: REGTEST, id: "{BITCOIN}", backs: BTC, decimals: 8}}\n'
        (_, then), (_, late) = self.world.bitcoin_blocks, self.world.evm_blocks
        text += f'snapshots: {{"{sign.REGTEST}": {then.height}, "{sign.ETHEREUM}": {late.height}}}\n'
        if challenge is not None:
            text += f"challenge: {json.dumps(challenge)}\n"
        (self.folder / name).write_text(text)

    def evidence(self, out: str = "out") -> dict[tuple[str, str], dict[str, str]]:
        """The evidence's rows by asset and account."""
        with gzip.open(self.folder / out / "evidence.csv.gz", "rt") as file:
            return {(row["asset"], row["account"].lower()): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def desk(world: World, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    with (folder / FILE).open("w", newline="") as file:
        file.write("coin,snapshot height,amount\nETH,-,55.5\nUSDT,-,18.75\nBTC,-,1.7\n\n")
        file.write(f"{HEADER}\n")
        csv.writer(file).writerows(world.rows())
    (folder / VAULT).write_text(
        f"chain,address,asset,amount,custodian\nETH,0x{'cc' * 20},ETH,2.25,Vault\nETH,0x{'cd' * 20},ETH,0.5,Vault\n"
    )
    key = ECC.generate(curve="Ed25519")
    (folder / "key.pem").write_text(key.export_key(format="PEM"))
    (folder / "key.pem").chmod(0o600)
    (folder / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    desk = Desk(folder, world)
    desk.write_nodes()
    desk.write_nodes(", require_ownership: shown", "strict.yaml")
    return desk


@pytest.fixture(scope="module")
def imported(desk: Desk) -> dict[str, Any]:
    moment = desk.world.evm_blocks[1].moment
    told = desk.json(f"import {FILE} --layout okx --as-of {moment} --out imported.yaml --json", 0)
    desk.complete()
    desk.complete(None, "unasked.yaml")
    return told


@pytest.fixture(scope="module")
def finding(desk: Desk, imported: dict[str, Any]) -> dict[str, Any]:
    done = desk.run("scan claim.yaml --out out --key key.pem")
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = desk.json("show out/attestation.dsse.json --json", 0)["finding"]
    return found


def by(key: str, entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entry[key]: entry for entry in entries}


def controls(desk: Desk, out: str) -> dict[tuple[str, str], str]:
    return {holding: row["control"] or "ABSENT" for holding, row in desk.evidence(out).items()}


def test_import_accounts_for_every_row_and_names_what_it_cannot_place(desk: Desk, imported: dict[str, Any]) -> None:
    (file,) = imported["files"]
    assert (file["read"], file["accepted"], file["refused"]) == (READ, ACCEPTED, REFUSED)
    assert imported["units"] == ["ETH", "USDT"]
    assert not imported["complete"]
    vague = {(total["label"], total["network"]) for total in file["totals"] if not total["mapped"]}
    assert vague == {("BTC", "REGTEST"), ("NEWCOIN", "NEWNET")}
    assert imported["noBackend"] == {"unmapped:NEWNET": 1, "unmapped:REGTEST": 3}
    assert hashlib.sha256((desk.folder / FILE).read_bytes()).hexdigest() in (desk.folder / "imported.yaml").read_text()


def test_check_tells_the_same_of_the_completed_claim(desk: Desk, imported: dict[str, Any]) -> None:
    done = desk.run("check claim.yaml")
    told = done.stdout + done.stderr
    assert f"rows: {READ} read = {ACCEPTED} accepted + 2 refused" in told
    assert "tron:728126428" in told
    assert "NEWCOIN" in told
    for chain, (first, last) in (
        (sign.REGTEST, desk.world.bitcoin_blocks),
        (sign.ETHEREUM, desk.world.evm_blocks),
    ):
        named = f"2 blocks, from {first.height} to {last.height} of {chain}"
        assert f"its rows name {named}, where all holdings are weighed at block {last.height}" in " ".join(told.split())


def test_each_row_is_weighed_at_the_one_block_of_its_chain_and_the_totals_are_exact(
    desk: Desk, finding: dict[str, Any]
) -> None:
    reserves = by("unit", finding["reserves"])
    assert {unit: reserve["held"] for unit, reserve in reserves.items()} == {
        "BTC": "1.70126001",
        "ETH": "17.600000000000000076",
        "USDT": "5.260006",
    }
    assert {unit: reserve["verdict"] for unit, reserve in reserves.items()} == dict.fromkeys(reserves, "COVERED")
    (soon, then), (early, late) = desk.world.bitcoin_blocks, desk.world.evm_blocks
    assert [(each["height"], each["hash"], each["weighed"]) for each in finding["snapshots"]] == [
        (then.height, then.hash, True),
        (soon.height, soon.hash, False),
        (late.height, late.hash, True),
        (early.height, early.hash, False),
    ]
    assert all(each["named"] for each in finding["snapshots"])
    evidence = desk.evidence()
    expected = {
        **{(ETHER, account): (late, amounts[1]) for account, amounts in HELD.items()},
        **{(TETHER, account): (late, amounts[1]) for account, amounts in TOKENS.items()},
        **{(BITCOIN, address): (then, atoms) for address, atoms in BTC_LATER.items()},
    }
    read = {holding: (row["block"], row["atoms"]) for holding, row in evidence.items() if row["atoms"]}
    assert read == {holding: (block.hash, str(atoms)) for holding, (block, atoms) in expected.items()}


def test_the_finding_accounts_for_every_row_of_every_file(finding: dict[str, Any]) -> None:
    files = {file["name"]: (file["read"], file["accepted"], file["refused"]) for file in finding["files"]}
    assert files == {FILE: (READ, ACCEPTED, REFUSED), VAULT: (2, 2, {})}
    assert sum(coverage["holdings"] for coverage in finding["coverage"]) == ACCEPTED
    assert finding["complete"] is False


def test_rows_that_no_node_can_read_are_gaps_that_name_them(finding: dict[str, Any]) -> None:
    assert finding["gapCounts"] == {"NO_PAST": 1, "UNSUPPORTED": 2}
    assert {(gap["asset"], gap["account"], gap["why"]) for gap in finding["gaps"]} == {
        (TRON_TETHER, sign.tron_address(4), "NO_PAST"),
        ("beacon:1/slip44:60", VALIDATOR, "UNSUPPORTED"),
        ("unmapped:NEWNET/label:NEWCOIN", "whatever-1", "UNSUPPORTED"),
    }


def test_coverage_is_exact_asset_by_asset(finding: dict[str, Any]) -> None:
    told = {
        asset: (each["holdings"], each["read"], each["claimed"], each["claimedRead"], each["difference"])
        for asset, each in by("asset", finding["coverage"]).items()
    }
    assert told == {
        ETHER: (6, 6, "23.500000000000000005", "23.500000000000000005", "0.099999999999999999"),
        TETHER: (2, 2, "6.250001", "6.250001", "0.010001"),
        BITCOIN: (3, 3, "1.70059001", "1.70059001", "0"),
        TRON_TETHER: (1, 0, "12.5", "0", "0"),
        "beacon:1/slip44:60": (1, 0, "32", "0", "0"),
        "unmapped:NEWNET/label:NEWCOIN": (1, 0, "5", "0", "0"),
    }


def test_one_atom_beyond_what_the_writing_explains_is_a_difference_and_one_within_is_none(
    finding: dict[str, Any],
) -> None:
    assert [{**each, "account": each["account"].lower()} for each in finding["differences"]] == [
        {"asset": TETHER, "account": TWO, "claimed": "5250000", "found": "5260001"}
    ]
    assert {each["asset"] for each in finding["coverage"] if each["disagreeing"]} == {TETHER}


def test_custody_stands_apart_and_counts_for_nothing_that_is_held(finding: dict[str, Any]) -> None:
    ether = by("unit", finding["reserves"])["ETH"]
    assert (ether["custody"], ether["ratio"], ether["ratioWithCustody"]) == ("2.75", "1.000000", "1.156250")


def test_control_is_shown_by_the_challenge_signed_and_by_nothing_less(desk: Desk, finding: dict[str, Any]) -> None:
    assert finding["challenge"] == CHALLENGE
    assert controls(desk, "out") == {
        (ETHER, ONE): "SHOWN",
        (ETHER, TWO): "REPLAYABLE",
        (ETHER, SILENT): "ABSENT",
        (ETHER, FORGED): "UNVERIFIABLE",
        (ETHER, SAFE): "SHOWN",
        (ETHER, FORMER_SAFE): "UNSHOWN",
        (TETHER, ONE): "SHOWN",
        (TETHER, TWO): "SHOWN",
        (BITCOIN, SINGLE): "SHOWN",
        (BITCOIN, TWO_OF_THREE): "SHOWN",
        (BITCOIN, ONE_OF_THREE): "UNSHOWN",
        (TRON_TETHER, sign.tron_address(4).lower()): "UNVERIFIABLE",  # no node says which keys it obeys
        ("beacon:1/slip44:60", VALIDATOR): "UNVERIFIABLE",
        ("unmapped:NEWNET/label:NEWCOIN", "whatever-1"): "UNVERIFIABLE",
    }
    ether = by("unit", finding["reserves"])["ETH"]["control"]
    assert ether == {
        "SHOWN": "8.000000000000000077",
        "REPLAYABLE": "2.599999999999999999",
        "ABSENT": "2",
        "UNVERIFIABLE": "4",
        "UNSHOWN": "1",
    }


def test_a_safes_owners_are_those_of_the_block_at_which_it_is_weighed(desk: Desk, finding: dict[str, Any]) -> None:
    evidence = desk.evidence()
    for safe, (_, owners) in SAFE_OWNERS.items():
        named = " ".join(sorted(sign.hexed(owner) for owner in owners))
        assert evidence[ETHER, safe]["owners"] == f"safe 2 {named}"


def test_the_attestation_holds_against_the_claim_and_its_file_and_no_others(
    desk: Desk, finding: dict[str, Any]
) -> None:
    verify = "verify out/attestation.dsse.json --key pub.pem --claim"
    done = desk.run(f"{verify} claim.yaml")
    assert done.returncode == 0, done.stderr
    assert desk.run(f"{verify} unasked.yaml").returncode == 4
    path = desk.folder / FILE
    published = path.read_bytes()
    try:
        path.write_bytes(published.replace(b"NEWCOIN", b"OLDCOIN"))
        assert desk.run(f"{verify} claim.yaml").returncode == 2
    finally:
        path.write_bytes(published)


def test_without_a_challenge_every_signature_is_one_that_anybody_may_repeat(
    desk: Desk, finding: dict[str, Any]
) -> None:
    done = desk.run("scan unasked.yaml --out unasked --key key.pem")
    assert done.returncode == 0, done.stderr
    without = {holding: "REPLAYABLE" if word == "SHOWN" else word for holding, word in controls(desk, "out").items()}
    assert controls(desk, "unasked") == without
    assert desk.run("verify unasked/attestation.dsse.json --key pub.pem --claim unasked.yaml").returncode == 0


def test_a_policy_that_requires_control_counts_nothing_without_it(desk: Desk, finding: dict[str, Any]) -> None:
    done = desk.run("scan claim.yaml --nodes strict.yaml --out strict --key key.pem")
    assert done.returncode == 3, done.stderr
    found = desk.json("show strict/attestation.dsse.json --json", 0)["finding"]
    assert found["policy"]["requireOwnership"] == "SHOWN"
    assert found["gapCounts"] == {"NO_CONTROL": 5, "NO_PAST": 1, "UNSUPPORTED": 2}
    accounts = {gap["account"].lower() for gap in found["gaps"] if gap["why"] == "NO_CONTROL"}
    assert accounts == {TWO, SILENT, FORGED, FORMER_SAFE, ONE_OF_THREE}
    reserves = by("unit", found["reserves"])
    assert {unit: (each["held"], each["verdict"]) for unit, each in reserves.items()} == {
        "BTC": ("1.70016001", "COVERED"),
        "ETH": ("8.000000000000000077", "UNKNOWN"),
        "USDT": ("5.260006", "COVERED"),
    }
    verify = "verify strict/attestation.dsse.json --key pub.pem --claim claim.yaml"
    assert desk.run(verify).returncode == 0
    (desk.folder / "demanded.yaml").write_text("policy: {quorum: 2, threshold: '1', require_ownership: shown}")
    assert desk.run(f"{verify} --policy demanded.yaml").returncode == 0
    lax = desk.run("verify out/attestation.dsse.json --key pub.pem --claim claim.yaml --policy demanded.yaml")
    assert lax.returncode == 4
    assert "ownership" in lax.stderr


def test_a_token_that_keeps_its_balances_elsewhere_at_an_earlier_block_is_proven_where_it_is_weighed_and_verifies(
    anvil: Anvil, tmp_path: Path
) -> None:
    """What rows of the earlier block claim is not there at the later one: the contract keeps balances elsewhere."""
    token = "0x" + "7e" * 20
    rows: list[str] = []
    blocks: list[Block] = []
    for kind in (contracts.PLAIN, contracts.SLOT_FIRST):
        holders = [f"0xaa{len(rows) + number:038x}" for number in range(1, 5)]
        anvil.deploy_token(token, 6, "USDT", kind)
        anvil.mint(token, {holder: 10**6 + number for number, holder in enumerate(holders)})
        blocks.append(anvil.seal())
        rows += [f"ETH,{holder},USDT,1.00000{number},{blocks[-1].height}" for number, holder in enumerate(holders)]
    anvil.mine(3)
    _, late = blocks
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["chain,address,asset,amount,height", *rows, ""]))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = f"""\
version: 1
exchange: X
as_of: {late.moment}
snapshots: {{"eip155:1": {late.height}}}
liabilities: {{USDT: '8'}}
labels: [{{label: USDT, network: ETH, id: "eip155:1/erc20:{token}", backs: USDT, decimals: 6}}]
holdings: [{{file: rows.csv, sha256: {digest}}}]
"""
    claim = read_claim(tmp_path / "claim.yaml", text.encode()).claim
    node = NodeSettings("evm", anvil.url, "alpha", sign.ETHEREUM)
    vouched = Policy(quorum=1, contracts=frozenset({parse_asset(f"eip155:1/erc20:{token}")}))
    found = asyncio.run(scan(claim, Instrument(vouched, (node,))))
    (reserve,) = found.finding.reserves
    half = Fraction(4_000_006, 10**6)
    assert (reserve.held, reserve.by_basis[Basis.PROVEN], reserve.by_basis[Basis.QUORUM]) == (half, half, Fraction(0))
    assert found.finding.proving.layouts
    assert not found.finding.proving.unproven
    assert {row.block for row in found.rows} == {late.hash}
    assert not found.finding.differences
    written = attestation_of(
        found.finding,
        found.rows,
        found.operators,
        found.witness,
        [EXCHANGE],
        scanned_at=claim.as_of + timedelta(hours=1),
        scanner="1.0.0",
    )
    assert written.witness is not None
    evidence, witness = io.BytesIO(written.evidence), io.BytesIO(written.witness)
    assert verify(written.document, claim, [EXCHANGE.public], evidence, witness=witness).finding == found.finding
