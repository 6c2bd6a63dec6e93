"""The main job as a user runs it: claims never seen before, against real nodes never seen before."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.block import Block
from scanner.chains.accounts import account_text
from scanner.chains.names import parse_chain
from scanner.core.amounts import exact
from tests.support.real.scanner_runs import run_scanner

REGTEST = parse_chain("bip122:0f9188f13cb7b2c71f2a335e3a4fc328")
EVM = parse_chain("eip155:31999")
TOKENS = {"USDT": ("0x" + "c0" * 20, 6), "DAI": ("0x" + "d0" * 20, 18)}
VOUCHED = json.dumps([f"{EVM}/erc20:{contract}" for contract, _ in TOKENS.values()])
SECRET = "pass-word-that-must-not-leak"


@dataclass(frozen=True)
class World:
    """Two operators' nodes over shared chains, and what is planted in them at the snapshot blocks."""

    bitcoin: tuple[Bitcoind, Bitcoind]
    evm: tuple[Anvil, Anvil]
    bitcoin_block: Block
    evm_block: Block
    planted: Mapping[str, Mapping[str, int]]  # unit -> account as the claim spells it -> atoms

    def held(self, unit: str) -> Fraction:
        decimals = {"BTC": 8, "ETH": 18, "USDT": 6, "DAI": 18}[unit]
        return Fraction(sum(self.planted[unit].values()), 10**decimals)


@pytest.fixture(scope="module")
def world(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    rng = random.Random(20231123)
    accounts = [f"0x{rng.randbytes(20).hex()}" for _ in range(40)]
    scripts = [_script(rng, number) for number in range(40)]
    planted = {
        "BTC": {account_text(REGTEST, script): rng.randrange(600, 10**8) for script in scripts[:35]},
        "ETH": {account: rng.choice([0, 1, rng.randrange(10**24)]) for account in accounts},
        "USDT": {account: rng.randrange(10**15) for account in accounts[:30]},
        "DAI": {account: rng.randrange(2**160) for account in accounts[10:]},
    }
    planted["BTC"] |= {account_text(REGTEST, script): 0 for script in scripts[35:]}
    with Bitcoind.start() as first, Bitcoind.start() as second, Anvil.start(chain_id=31999) as anvil:
        second.connect(first)
        first.pay({script.hex(): planted["BTC"][account_text(REGTEST, script)] for script in scripts[:35]})
        bitcoin_block = first.tip()
        first.pay({script.hex(): 12_345 for script in scripts})
        first.mine(5)  # a block is final under six
        anvil.set_balances(planted["ETH"])
        for unit, (contract, decimals) in TOKENS.items():
            anvil.deploy_token(contract, decimals, unit)
            anvil.mint(contract, planted[unit])
        evm_block = anvil.seal()
        anvil.set_balances(dict.fromkeys(accounts, 10**30))
        anvil.mine(3)
        state = tmp_path_factory.mktemp("world") / "state.json"
        anvil.dump_state(state)
        with Anvil.load_state(state, chain_id=31999) as twin:
            second.wait_same_tip(first)
            yield World((first, second), (anvil, twin), bitcoin_block, evm_block, planted)


def _script(rng: random.Random, number: int) -> bytes:
    """A scriptPubKey of each kind in turn, one that has no address among them."""
    kinds = [
        b"\x76\xa9\x14" + rng.randbytes(20) + b"\x88\xac",
        b"\xa9\x14" + rng.randbytes(20) + b"\x87",
        b"\x00\x14" + rng.randbytes(20),
        b"\x00\x20" + rng.randbytes(32),
        b"\x51\x20" + rng.randbytes(32),
        b"\x21\x02" + rng.randbytes(32) + b"\xac",
    ]
    return kinds[number % len(kinds)]


@dataclass
class Desk:
    """An auditor's folder: his claim, nodes and keys, and the scanner run in it as a process of its own."""

    folder: Path
    world: World

    def write_claim(
        self, owed: Mapping[str, str | None], name: str = "claim.yaml", **planted: Mapping[str, int]
    ) -> None:
        world = self.world
        ids = {"BTC": f"{REGTEST}/slip44:1", "ETH": f"{EVM}/slip44:60"}
        ids |= {unit: f"{EVM}/erc20:{contract}" for unit, (contract, _) in TOKENS.items()}
        decimals = {"BTC": 8, "ETH": 18} | {unit: places for unit, (_, places) in TOKENS.items()}
        lines = [
            "version: 1",
            "exchange: Never Seen Ltd",
            f"as_of: {world.evm_block.moment}",
            "snapshots:",
            f"  {REGTEST}: {world.bitcoin_block.height}",
            f"  {EVM}: {world.evm_block.height}",
            "assets:",
            *(f'  {unit}: {{id: "{ids[unit]}", backs: {unit}, decimals: {decimals[unit]}}}' for unit in ids),
            "liabilities:",
            *(f"  {unit}: {'null' if amount is None else json.dumps(amount)}" for unit, amount in owed.items()),
            "holdings:",
        ]
        for unit in ids:
            accounts = ", ".join(json.dumps(account) for account in planted.get(unit, world.planted[unit]))
            lines.append(f"  - {{asset: {unit}, accounts: [{accounts}]}}")
        (self.folder / name).write_text("\n".join(lines))

    def write_nodes(
        self, operators: tuple[str, str] = ("alpha", "beta"), name: str = "nodes.yaml", quorum: int = 2
    ) -> None:
        lines = [f"policy: {{quorum: {quorum}, threshold: '1', contracts: {VOUCHED}}}", "nodes:"]
        for number, operator in enumerate(operators):
            bitcoind, anvil = self.world.bitcoin[number], self.world.evm[number]
            at = f"127.0.0.1:{bitcoind.port}"
            url = f"bitcoind+http://{bitcoind.user}:${{BTC_{number}}}@{at}"
            lines.append(f'  - {{url: "{url}", chain: "{REGTEST}", operator: {operator}}}')
            lines.append(f'  - {{url: "evm+{anvil.url}", chain: "{EVM}", operator: {operator}}}')
        (self.folder / name).write_text("\n".join(lines))

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        passwords = {f"BTC_{number}": bitcoind.password for number, bitcoind in enumerate(self.world.bitcoin)}
        return run_scanner(self.folder, command, passwords | environment)

    def json(self, command: str, code: int) -> dict[str, Any]:
        done = self.run(command)
        assert done.returncode == code, done.stderr
        parsed: dict[str, Any] = json.loads(done.stdout)
        return parsed


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, world)
    desk.write_claim({unit: exact(world.held(unit)) for unit in world.planted})
    desk.write_nodes()
    key = ECC.generate(curve="Ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    return desk


def test_a_claim_never_seen_before_gives_exactly_the_planted_totals(desk: Desk) -> None:
    finding = desk.json("scan claim.yaml --json", 0)["finding"]
    assert {reserve["unit"]: reserve["held"] for reserve in finding["reserves"]} == {
        unit: exact(desk.world.held(unit)) for unit in desk.world.planted
    }
    assert {snapshot["hash"] for snapshot in finding["snapshots"]} == {
        desk.world.bitcoin_block.hash,
        desk.world.evm_block.hash,
    }
    assert finding["verdict"] == "COVERED"


def test_one_atom_less_than_owed_is_short_and_exit_code_1(desk: Desk) -> None:
    owed = {unit: exact(desk.world.held(unit)) for unit in desk.world.planted}
    owed["USDT"] = exact(desk.world.held("USDT") + Fraction(1, 10**6))
    desk.write_claim(owed)
    finding = desk.json("scan claim.yaml --json", 1)["finding"]
    assert [reserve["unit"] for reserve in finding["reserves"] if reserve["verdict"] == "SHORT"] == ["USDT"]


def test_a_liability_that_was_not_published_is_unknown_and_exit_code_5(desk: Desk) -> None:
    desk.write_claim({"BTC": exact(desk.world.held("BTC")), "ETH": "1", "USDT": "1", "DAI": None})
    assert desk.json("scan claim.yaml --json", 5)["finding"]["verdict"] == "UNKNOWN"


def test_the_finding_is_the_same_bytes_from_other_nodes_of_other_operators(desk: Desk) -> None:
    desk.write_nodes(("gamma", "delta"), "others.yaml")
    ours, theirs = desk.json("scan claim.yaml --json", 0), desk.json("scan claim.yaml --json --nodes others.yaml", 0)
    assert json.dumps(ours["finding"]) == json.dumps(theirs["finding"])
    assert ours["run"]["operators"] != theirs["run"]["operators"]


def test_what_scan_writes_verify_accepts_and_openssl_alone_accepts_the_signature(desk: Desk) -> None:
    done = desk.run("scan claim.yaml --out out --key key.pem")
    assert done.returncode == 0, done.stderr
    written = sorted(path.name for path in (desk.folder / "out").iterdir())
    assert written == ["attestation.dsse.json", "evidence.csv.gz", "witness.bin"]
    assert desk.run("verify out/attestation.dsse.json --claim claim.yaml --key pub.pem").returncode == 0
    envelope = json.loads((desk.folder / "out" / "attestation.dsse.json").read_text())
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"]
    (desk.folder / "signed").write_bytes(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    (desk.folder / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    openssl = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "pub.pem",
        "-rawin",
        "-in",
        "signed",
        "-sigfile",
        "sig",
    ]
    assert subprocess.run(openssl, cwd=desk.folder, capture_output=True, check=False).returncode == 0


def test_the_evidence_has_a_row_for_each_holding_and_is_the_file_the_statement_names(desk: Desk) -> None:
    desk.run("scan claim.yaml --out out --key key.pem")
    evidence = (desk.folder / "out" / "evidence.csv.gz").read_bytes()
    rows = gzip.decompress(evidence).decode().splitlines()[1:]
    assert len(rows) == sum(map(len, desk.world.planted.values()))
    shown = desk.json("show out/attestation.dsse.json --json", 0)
    assert shown["run"]["evidence"] == f"sha256:{hashlib.sha256(evidence).hexdigest()}"


def test_a_tampered_attestation_is_refused_with_exit_code_4(desk: Desk) -> None:
    desk.run("scan claim.yaml --out out --key key.pem")
    path = desk.folder / "out" / "attestation.dsse.json"
    envelope = json.loads(path.read_text())
    statement = base64.b64decode(envelope["payload"]).replace(b'"verdict":"COVERED"', b'"verdict":"UNKNOWN"', 1)
    envelope["payload"] = base64.b64encode(statement).decode()
    path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")) + "\n")
    done = desk.run("verify out/attestation.dsse.json --claim claim.yaml --key pub.pem")
    assert done.returncode == 4
    assert "step 2" in done.stderr


def test_without_a_key_the_statement_is_written_unsigned_and_verify_refuses_it(desk: Desk) -> None:
    assert desk.run("scan claim.yaml --out out").returncode == 0
    written = sorted(path.name for path in (desk.folder / "out").iterdir())
    assert written == ["evidence.csv.gz", "statement.json", "witness.bin"]
    assert desk.run("verify out/statement.json --claim claim.yaml --key pub.pem").returncode == 4


def test_balances_on_a_chain_with_proofs_are_proven_and_as_many_as_is_asked(desk: Desk) -> None:
    reserves = {reserve["unit"]: reserve for reserve in desk.json("scan claim.yaml --json", 0)["finding"]["reserves"]}
    for unit, reserve in reserves.items():
        assert reserve["quorum" if unit == "BTC" else "proven"] == reserve["held"]
    finding = desk.json("scan claim.yaml --json --prove 7", 0)["finding"]
    sample, world = finding["proving"]["sample"], desk.world
    assert sample["size"] == 7
    assert [(block["chain"], block["height"] > world.evm_block.height) for block in sample["blocks"]] == [
        (str(EVM), True)
    ]
    on_evm = {f"{EVM}/slip44:60", *(f"{EVM}/erc20:{contract}" for contract, _ in TOKENS.values())}
    drawn = {asset: draw["certain"] + draw["draws"] for asset, draw in sample["draws"].items()}
    assert drawn == dict.fromkeys(on_evm, 7)
    for reserve in finding["reserves"]:
        assert reserve["held"] == exact(world.held(reserve["unit"]))
        assert (reserve["proven"] == "0") == (reserve["unit"] == "BTC")
    with (desk.folder / "nodes.yaml").open("a") as nodes:
        nodes.write("\nprove: none\n")
    assert desk.json("scan claim.yaml --json", 0)["finding"]["proving"] == {
        "layouts": {},
        "sample": {"size": 0, "nonce": None, "blocks": [], "draws": {}},
        "unproven": {},
    }
    assert desk.json("scan claim.yaml --json --prove all", 0)["finding"]["proving"]["sample"] is None
    assert desk.run("scan claim.yaml --prove some").returncode == 2


def test_proofs_are_checked_from_the_witness_and_without_it_nothing_is_proven(desk: Desk) -> None:
    assert desk.run("scan claim.yaml --out out --key key.pem").returncode == 0
    verify = "verify out/attestation.dsse.json --claim claim.yaml --key pub.pem"
    witness = desk.folder / "out" / "witness.bin"
    policy = f"policy: {{quorum: 2, threshold: '1', require: {{DAI: proven}}, contracts: {VOUCHED}}}"
    (desk.folder / "policy.yaml").write_text(policy)
    done = desk.run(f"{verify} --policy policy.yaml")
    assert done.returncode == 4
    assert "DAI requires OWN, demanded PROVEN" in done.stderr
    witness.rename(desk.folder / "elsewhere")
    done = desk.run(verify)
    assert done.returncode == 4
    assert "step 5" in done.stderr
    assert desk.run(f"{verify} --witness elsewhere").returncode == 0
    (desk.folder / "elsewhere").write_bytes((desk.folder / "elsewhere").read_bytes()[:-1])
    assert desk.run(f"{verify} --witness elsewhere").returncode == 4


def test_a_policy_that_requires_proofs_is_met_where_they_are_taken_and_not_otherwise(desk: Desk) -> None:
    nodes = (desk.folder / "nodes.yaml").read_text()
    (desk.folder / "nodes.yaml").write_text(nodes.replace("threshold: '1'", "threshold: '1', require: {ETH: proven}"))
    assert desk.json("scan claim.yaml --json", 0)["finding"]["policy"]["require"] == {"ETH": "PROVEN"}
    finding = desk.json("scan claim.yaml --json --prove none", 3)["finding"]
    assert finding["gapCounts"] == {"WEAK_BASIS": len(desk.world.planted["ETH"])}
    assert {reserve["unit"] for reserve in finding["reserves"] if reserve["verdict"] == "UNKNOWN"} == {"ETH"}


def test_a_scan_without_proofs_leaves_no_witness_of_an_earlier_one(desk: Desk) -> None:
    desk.run("scan claim.yaml --out out --key key.pem")
    assert desk.run("scan claim.yaml --out out --key key.pem --prove none").returncode == 0
    assert not (desk.folder / "out" / "witness.bin").exists()
    assert desk.run("verify out/attestation.dsse.json --claim claim.yaml --key pub.pem").returncode == 0


def test_a_node_that_is_down_makes_gaps_and_exit_code_3_not_zeros(desk: Desk) -> None:
    nodes = (desk.folder / "nodes.yaml").read_text().replace(desk.world.evm[1].url, "http://127.0.0.1:9")
    (desk.folder / "nodes.yaml").write_text(nodes)
    finding = desk.json("scan claim.yaml --json", 3)["finding"]
    verdicts = {reserve["unit"]: reserve["verdict"] for reserve in finding["reserves"]}
    assert verdicts == {"BTC": "COVERED", "ETH": "UNKNOWN", "USDT": "UNKNOWN", "DAI": "UNKNOWN"}
    assert all("UNREACHABLE" in gap["detail"] for gap in finding["gaps"])


def test_a_node_of_another_chain_is_told_and_exit_code_2_whether_checking_or_scanning(desk: Desk) -> None:
    for file in ("claim.yaml", "nodes.yaml"):
        path = desk.folder / file
        path.write_text(path.read_text().replace("eip155:31999", "eip155:1"))
    for command in ("check claim.yaml", "scan claim.yaml --out out"):
        done = desk.run(command)
        assert done.returncode == 2
        assert "31999" in done.stderr
    assert not (desk.folder / "out").exists()


def test_check_reads_nothing_and_tells_what_a_scan_would_meet(desk: Desk) -> None:
    found = desk.json("check claim.yaml --json", 0)
    assert {chain["snapshot"]["hash"] for chain in found["chains"]} == {
        desk.world.bitcoin_block.hash,
        desk.world.evm_block.hash,
    }
    (desk.folder / "nodes.yaml").write_text((desk.folder / "nodes.yaml").read_text().replace("quorum: 2", "quorum: 3"))
    done = desk.run("check claim.yaml")
    assert done.returncode == 3
    assert "quorum" in done.stdout


def test_a_token_without_a_contract_is_a_gap_not_a_zero(desk: Desk) -> None:
    claim = (desk.folder / "claim.yaml").read_text().replace(TOKENS["DAI"][0], "0x" + "e0" * 20)
    (desk.folder / "claim.yaml").write_text(claim)
    finding = desk.json("scan claim.yaml --json", 3)["finding"]
    assert {gap["why"] for gap in finding["gaps"]} == {"NO_TOKEN"}
    assert finding["gapCounts"] == {"NO_TOKEN": len(desk.world.planted["DAI"])}


def test_json_events_tell_of_the_run_and_no_secret_reaches_any_output(desk: Desk) -> None:
    done = desk.run("scan claim.yaml --out out --key key.pem --log json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event["event"] for event in events} == {"node_opened", "node_learnt", "chain_pinned", "progress"}
    for event in events:
        if event["event"] == "node_opened" and event["chain"].startswith("eip155"):
            assert event["ways"][0] == "override"
            assert event["ways"][-1] == "batch"
        elif event["event"] == "node_opened":
            assert "ways" not in event
        elif event["event"] == "node_learnt":
            assert event["accounts"]["override"] >= 1
            assert event["at_once"] >= 1
            assert event["rate"] is None
    written = b"".join(path.read_bytes() for path in (desk.folder / "out").iterdir()) + done.stdout.encode()
    statement = base64.b64decode(json.loads((desk.folder / "out" / "attestation.dsse.json").read_text())["payload"])
    evidence = gzip.decompress((desk.folder / "out" / "evidence.csv.gz").read_bytes())
    # Of the port, its colon too: five digits alone come up by chance in the digests of what is written.
    for secret in (desk.world.bitcoin[0].password, "127.0.0.1", f":{desk.world.evm[0].port}"):
        assert secret not in done.stderr
        assert secret.encode() not in written + statement + evidence


def test_a_wrong_password_is_told_without_being_quoted(desk: Desk) -> None:
    done = desk.run("scan claim.yaml --json --log text", BTC_1=SECRET)
    assert done.returncode == 3
    assert "credentials" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_folder_that_cannot_be_written_is_told_and_leaves_nothing(desk: Desk) -> None:
    (desk.folder / "out").write_text("a file, not a folder")
    done = desk.run("scan claim.yaml --out out --key key.pem")
    assert done.returncode == 2
    assert done.stderr == "scanner: out: is no folder; --out takes one, or makes it\n"
    assert (desk.folder / "out").is_file()
