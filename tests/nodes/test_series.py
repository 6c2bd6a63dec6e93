"""Series of real nodes: coins that are lent around a snapshot, exact to the wei, Bitcoin exact at every block, and two
exchanges that lend to each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from tests.support.real.bitcoin_nodes import REGTEST
from tests.support.real.interrupted_runs import SeeingProxy

GENESIS = datetime(2025, 1, 1, tzinfo=UTC)
BLOCK = 12  # seconds
SNAPSHOT = 130  # the height of the claim's block
LENT = 20  # blocks before the snapshot, and after it
OWED = 100 * 10**18 + 9
OWN, BORROWED = 93 * 10**18 + 123_456_789, 10 * 10**18 + 7
BORROWER, GROWING = "0x" + "b0" * 20, "0x" + "c1" * 20
PARTS = 5  # accounts that have nothing to do with it


@dataclass
class Desk:
    """A folder with claim, nodes and keys, and the scanner run in it as a process of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "scanner", *command.split()],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, f"{done.stdout[-3000:]}\n{done.stderr}"
        return done.stdout

    def series(self, command: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(f"series {command} --json", code))["series"]
        return found

    def write_claim(self, name: str, moment: datetime, asset: str, decimals: int, owed: str, *accounts: str) -> None:
        listed = ", ".join(f'"{account}"' for account in accounts)
        (self.folder / name).write_text(
            f"version: 1\nexchange: Lender & Co\nas_of: {moment:%Y-%m-%dT%H:%M:%SZ}\nassets:\n"
            f'  COIN: {{id: "{asset}", backs: COIN, decimals: {decimals}}}\nliabilities: {{COIN: "{owed}"}}\n'
            f"holdings:\n  - {{asset: COIN, accounts: [{listed}]}}\n"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    key = ECC.generate(curve="Ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    return Desk(tmp_path, {"XDG_STATE_HOME": str(tmp_path / "state")})


def coins(atoms: int, decimals: int) -> Fraction:
    return Fraction(atoms, 10**decimals)


def test_coins_lent_for_forty_blocks_are_found_to_the_wei_and_growth_that_stays_is_not(
    node_programs: None, desk: Desk
) -> None:
    del node_programs
    with Anvil.start(args=["--timestamp", str(int(GENESIS.timestamp()))]) as anvil:

        def mine(blocks: int) -> None:
            anvil.rpc("anvil_mine", hex(blocks), hex(BLOCK))

        others = [f"0x{number:02x}" + "ab" * 19 for number in range(PARTS)]
        split = dict.fromkeys(others, (OWN - 5) // PARTS)
        split[others[0]] += OWN - sum(split.values())
        anvil.set_balances({**split, GROWING: OWN})
        mine(SNAPSHOT - LENT)
        anvil.set_balances({BORROWER: BORROWED, GROWING: OWN + BORROWED})
        mine(2 * LENT)
        anvil.set_balances({BORROWER: 0})
        mine(SNAPSHOT)
        snapshot = anvil.rpc("eth_getBlockByNumber", hex(SNAPSHOT), False)
        moment = datetime.fromtimestamp(int(snapshot["timestamp"], 16), UTC)
        (desk.folder / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "evm+{anvil.url}", chain: "eip155:1", operator: alpha}}\n'
        )
        owed = f"{OWED // 10**18}.{OWED % 10**18:018}".rstrip("0")
        asset = "eip155:1/slip44:60"
        desk.write_claim("lent.yaml", moment, asset, 18, owed, *others, BORROWER)
        desk.write_claim("grown.yaml", moment, asset, 18, owed, GROWING)

        lent = desk.series("lent.yaml --around 20m --every 1m --out lent --key key.pem --prove none")
        (found,) = lent["sustained"]
        assert found["shows"] == "FOUND"
        assert Fraction(found["transient"]) == coins(BORROWED, 18)
        assert Fraction(found["sustained"]) == coins(OWN, 18)
        assert Fraction(found["held"]) == coins(OWN + BORROWED, 18)
        assert found["ratio"] == "0.930000"
        assert found["before"] == 20
        assert found["after"] in (19, 20)  # the moment of one stretch may fall on the snapshot's own block
        assert len(lent["points"]) in (40, 41)
        (grown,) = desk.series("grown.yaml --around 20m --every 1m --out grown --prove none")["sustained"]
        assert (grown["shows"], grown["transient"]) == ("NONE_FOUND", "0")

        proven = desk.series("lent.yaml --around 2m --every 1m --out proven --key key.pem --prove all")
        assert {unit["gaps"] for point in proven["points"] for unit in point["units"]} == {0}
        witnesses = list((desk.folder / "proven" / "points").glob("*/witness.bin"))
        assert len(witnesses) == len(proven["points"]) >= 4
        told = desk.run("anchor proven/series.dsse.json --nodes nodes.yaml --at eip155:1=200")
        assert "eip155:1  down from block 200" in told
        trust = f"--trust eip155:1={anvil.rpc('eth_getBlockByNumber', hex(200), False)['hash']}"

    blocks = json.loads(desk.run(f"verify proven/series.dsse.json --claim lent.yaml --key pub.pem --json {trust}"))
    assert {each["standing"] for each in blocks["anchored"]} == {"ANCHORED"}
    drawing = {stretch["block"]["height"] for stretch in blocks["series"]["stretches"]}
    assert {each["height"] for each in blocks["anchored"] if each["drawing"]} == drawing
    assert {SNAPSHOT} < {each["height"] for each in blocks["anchored"] if each["read"]}
    shown = desk.run("verify lent/series.dsse.json --claim lent.yaml --key pub.pem")
    assert "at least 10 of the 103 at the moment was not there" in shown
    assert f"The series holds: Lender & Co, {len(lent['points'])} moments" in shown
    assert "The series holds" in desk.run("verify proven/series.dsse.json --claim lent.yaml --key pub.pem --brief")
    assert "neither signatures nor numbers" in desk.run("show lent/series.dsse.json")
    desk.run("verify lent/series.dsse.json --claim grown.yaml --key pub.pem", code=4)
    # It stands, so that no node is asked, of which there is none now.
    again = desk.series("lent.yaml --around 20m --every 1m --out lent --key key.pem --prove none")
    assert again == lent
    assert not (desk.folder / "lent" / "series.journal").exists()
    evidence = desk.folder / "lent" / "points" / f"{moment:%Y%m%dT%H%M%SZ}" / "evidence.csv.gz"
    evidence.write_bytes(evidence.read_bytes()[:-1] + b"\1")
    desk.run("verify lent/series.dsse.json --claim lent.yaml --key pub.pem", code=4)


def test_bitcoin_is_exact_at_every_block(node_programs: None, desk: Desk) -> None:
    """A block every ten minutes, a moment in each of them, and a payment in each block."""
    del node_programs
    every = timedelta(minutes=10)
    script = "0014" + "ab" * 20
    with Bitcoind.start() as node:
        node.rpc("setmocktime", int((GENESIS - timedelta(days=1)).timestamp()))
        node.mine(110)
        held, ledger = 0, []
        for number in range(24):
            node.rpc("setmocktime", int((GENESIS + number * every).timestamp()))
            held += 1_000_000 + number * 7
            node.pay({script: 1_000_000 + number * 7})
            ledger.append((datetime.fromtimestamp(node.tip().time, UTC), held))
        node.mine(12)
        moment = GENESIS + 10 * every
        address = node.rpc("decodescript", script)["address"]
        url = f"bitcoind+http://{node.user}:${{BTC}}@127.0.0.1:{node.port}"
        (desk.folder / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "{url}", chain: "{REGTEST}", operator: alpha}}\n'
        )
        desk.environment["BTC"] = node.password
        desk.write_claim("claim.yaml", moment, f"{REGTEST}/slip44:1", 8, "0.05", address)
        found = desk.series("claim.yaml --around 90m --every 10m --out out --key key.pem")
    for point in found["points"]:
        at = datetime.fromisoformat(point["at"])
        by_then = max(atoms for time, atoms in ledger if time <= at)
        assert [Fraction(unit["held"]) for unit in point["units"]] == [coins(by_then, 8)]
    (unit,) = found["sustained"]
    assert (unit["shows"], unit["transient"]) == ("NONE_FOUND", "0")
    assert len(found["points"]) in (18, 19)  # one drawn moment may be the claim's own
    assert "The series holds" in desk.run("verify out/series.dsse.json --claim claim.yaml --key pub.pem")


def test_two_that_lend_to_each_other_are_each_covered_and_jointly_short(node_programs: None, desk: Desk) -> None:
    """50 ETH lie with the first on its day, and with the second on its own; each owes 100 and has 50."""
    del node_programs
    first, second, half = "0x" + "d1" * 20, "0x" + "d2" * 20, 50 * 10**18
    with Anvil.start(args=["--timestamp", str(int(GENESIS.timestamp()))]) as anvil:

        def mine(blocks: int) -> datetime:
            anvil.rpc("anvil_mine", hex(blocks), hex(BLOCK))
            latest = anvil.rpc("eth_getBlockByNumber", "latest", False)
            return datetime.fromtimestamp(int(latest["timestamp"], 16), UTC)

        anvil.set_balances({first: 2 * half, second: half})
        moment = mine(20)
        mine(1)  # what is set now is of the newest block too
        anvil.set_balances({first: half, second: 2 * half})
        later = mine(20)
        mine(20)
        asset = "eip155:1/slip44:60"
        desk.write_claim("first.yaml", moment, asset, 18, "100", first)
        desk.write_claim("second.yaml", later, asset, 18, "100", second)
        (desk.folder / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "evm+{anvil.url}", chain: "eip155:1", operator: alpha}}\n'
        )
        for name in ("first", "second"):
            assert "COVERED" in desk.run(f"scan {name}.yaml --prove none")
        shown = desk.run("scan first.yaml second.yaml --together --out both --key key.pem", code=1)
    assert "COIN, jointly SHORT: at every moment" in shown
    verified = desk.run("verify both/together.dsse.json --claim second.yaml --claim first.yaml --key pub.pem --json")
    together = json.loads(verified)["together"]
    for point in together["points"]:
        (both,) = point["together"]
        assert (both["held"], both["owed"], both["verdict"], both["gaps"]) == ("150", "200", "SHORT", 0)
        alone = [unit for each in point["alone"] for unit in each["units"]]
        assert sorted((unit["held"], unit["verdict"]) for unit in alone if unit["verdict"]) == [("100", "COVERED")]
    assert together["units"] == [{"unit": "COIN", "verdict": "SHORT"}]
    desk.run("verify both/together.dsse.json --claim first.yaml --key pub.pem", code=2)


def test_a_series_that_is_killed_or_interrupted_goes_on_from_its_journal_and_leaves_nothing_behind(
    node_programs: None, desk: Desk
) -> None:
    """Each while it waits for an answer that is held back until the signal is sent."""
    del node_programs
    accounts = ["0x" + f"{number:02x}" * 20 for number in range(0x51, 0x56)]
    genesis = str(int(GENESIS.timestamp()))
    with Anvil.start(args=["--timestamp", genesis]) as anvil, SeeingProxy(anvil.port) as proxy:
        anvil.set_balances(dict.fromkeys(accounts, OWN))
        anvil.rpc("anvil_mine", hex(140), hex(BLOCK))
        (desk.folder / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "evm+{proxy.url}", chain: "eip155:1", operator: alpha}}\n'
        )
        moment = GENESIS + timedelta(minutes=13)
        desk.write_claim("claim.yaml", moment, "eip155:1/slip44:60", 18, "100", *accounts)
        command = "claim.yaml --around 10m --every 1m --prove none"

        def stopped(out: str, number: signal.Signals, at: int) -> tuple[int, str]:
            """The exit code, and the last line, of one that gets the signal when it asks for balances that often."""
            process = subprocess.Popen(
                [sys.executable, "-m", "scanner", *f"series {command} --out {out}".split()],
                cwd=desk.folder,
                env=os.environ | desk.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            proxy.requests = 0
            proxy.before = lambda count: process.send_signal(number) if count == at else None
            _, said = process.communicate(timeout=120)
            proxy.before = lambda _: None
            return process.returncode, said

        assert stopped("killed", signal.SIGKILL, 8)[0] == -signal.SIGKILL
        assert list((desk.folder / "killed").glob(".writing-points-*"))
        code, said = stopped("stopped", signal.SIGINT, 4)
        assert code == 130
        assert said.splitlines()[-1].startswith(
            "scanner: interrupted; no series was written, and the same command goes"
        )
        proxy.asked.clear()
        resumed = desk.series(f"{command} --out killed")
        asked = sum(proxy.asked.values())
        proxy.asked.clear()
        whole = desk.series(f"{command} --out whole")
    assert not list((desk.folder / "killed").glob(".writing-points-*"))
    assert [point["units"] for point in resumed["points"]] == [point["units"] for point in whole["points"]]
    assert resumed["stretches"] == whole["stretches"]
    assert sum(proxy.asked.values()) - asked == 7 * len(accounts)  # what had been settled is not asked for again
