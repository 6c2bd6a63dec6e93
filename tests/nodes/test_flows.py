"""Flows of real nodes: tokens that came for forty blocks around a snapshot and went back, growth, and what moves
without a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from bitcoin.core import COutPoint, CTransaction, CTxIn, CTxOut, lx
from bitcoin.core.script import CScript
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from tests.support.real.bitcoin_nodes import REGTEST
from tests.support.real.scanner_runs import run_scanner

GENESIS: Final = datetime(2025, 1, 1, tzinfo=UTC)
BLOCK: Final = 12  # seconds
LENT: Final = 20  # blocks before the snapshot, and after it
TOKEN: Final = "0x" + "70" * 20
OWN, LENDER, CUSTOMER, WRAPPED = ("0x" + pair * 20 for pair in ("a1", "b2", "c3", "d4"))
MILLION: Final = 10**6  # atoms of a coin


@dataclass
class Desk:
    """A chain with a token, and a folder in which the scanner runs."""

    anvil: Anvil
    folder: Path

    def mine(self, blocks: int) -> datetime:
        """When the last of them was made."""
        self.anvil.rpc("anvil_mine", hex(blocks), hex(BLOCK))
        latest = self.anvil.rpc("eth_getBlockByNumber", "latest", False)
        return datetime.fromtimestamp(int(latest["timestamp"], 16), UTC)

    def send(self, source: str, target: str, atoms: int) -> None:
        """In the next block."""
        data = f"0xa9059cbb{int(target, 16):064x}{atoms:064x}"
        self.anvil.rpc("eth_sendTransaction", {"from": source, "to": TOKEN, "data": data, "gas": hex(200_000)})

    def write_claim(self, moment: datetime, *accounts: str) -> None:
        listed = ", ".join(f'"{account}"' for account in accounts)
        (self.folder / "claim.yaml").write_text(
            f"version: 1\nexchange: Lender & Co\nas_of: {moment:%Y-%m-%dT%H:%M:%SZ}\nassets:\n"
            f'  COIN: {{id: "eip155:1/erc20:{TOKEN}", backs: COIN, decimals: 6}}\n'
            f'  ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}\n'
            f'liabilities: {{COIN: "100", ETH: "1"}}\n'
            f"holdings:\n  - {{asset: COIN, accounts: [{listed}]}}\n  - {{asset: ETH, accounts: [{listed}]}}\n"
        )

    def run(self, command: str, code: int = 0) -> str:
        done = run_scanner(self.folder, command, {"XDG_STATE_HOME": str(self.folder / "state")})
        assert done.returncode == code, f"{done.stdout[-3000:]}\n{done.stderr}"
        return done.stdout

    def flows(self, out: str, code: int = 0) -> dict[str, Any]:
        """Those of the token."""
        text = self.run(f"flows claim.yaml --around 10m --out {out} --key key.pem --prove none --json", code)
        (found,) = (each for each in json.loads(text)["flows"]["assets"] if each["unit"] == "COIN")
        return dict(found)


@pytest.fixture
def desk(node_programs: None, tmp_path: Path) -> Iterator[Desk]:
    del node_programs
    key = ECC.generate(curve="Ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    with Anvil.start(args=["--timestamp", str(int(GENESIS.timestamp()))]) as anvil:
        anvil.deploy_token(TOKEN, 6, "COIN")
        anvil.mint(TOKEN, {OWN: 90 * MILLION, LENDER: 50 * MILLION, CUSTOMER: 1_000 * MILLION})
        anvil.set_balances(dict.fromkeys((OWN, LENDER, CUSTOMER), 10**18))
        anvil.rpc("anvil_autoImpersonateAccount", True)
        anvil.rpc("evm_setAutomine", False)
        (tmp_path / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "evm+{anvil.url}", chain: "eip155:1", operator: alpha}}\n'
        )
        desk = Desk(anvil, tmp_path)
        desk.mine(40)
        yield desk


def test_what_came_for_forty_blocks_and_went_back_is_a_round_trip_with_the_counterpart(desk: Desk) -> None:
    desk.send(CUSTOMER, OWN, 2 * MILLION)
    desk.send(LENDER, OWN, 10 * MILLION)
    moment = desk.mine(LENT)
    desk.send(OWN, LENDER, 10 * MILLION - 1)  # a fee of one atom the other way would be within one percent too
    desk.send(OWN, CUSTOMER, 7 * MILLION)
    desk.mine(2 * LENT)
    desk.mine(100)
    desk.write_claim(moment, OWN)

    found = desk.flows("lent")

    assert (found["shows"], found["lacking"], found["roundTrips"]) == ("COMPLETE", [], 1)
    assert found["before"] == {
        "listed": {
            **{"came": "12", "went": "0", "net": "12", "among": "0", "transfers": 2},
            **{"largestShare": "0.833333", "herfindahl": "0.722222"},  # 10 and 2 of 12
        },
        "change": "12",
        "unread": 0,
        "differing": 0,
    }
    assert found["after"]["listed"]["net"] == found["after"]["change"] == "-16.999999"
    lender, customer = found["counterparts"]
    assert (lender["account"].lower(), lender["roundTrip"]) == (LENDER, True)
    assert (lender["before"]["came"], lender["after"]["went"]) == ("10", "9.999999")
    assert (customer["account"].lower(), customer["roundTrip"]) == (CUSTOMER, False)
    shown = desk.run("verify lent/flows.dsse.json --claim claim.yaml --key pub.pem")
    assert "1 round trip, as alpha listed; each account's transfers are the difference of its balances" in shown
    assert (
        "NOT LISTED: UNSUPPORTED, 1 of 1 operators" in shown or "moves without a log" in shown
    )  # the chain's own coin
    assert "The flows hold: Lender & Co, of its assets 1 COMPLETE, 1 NOT_LISTED" in shown
    transfers = desk.folder / "lent" / "transfers.csv.gz"
    transfers.write_bytes(transfers.read_bytes()[:-1] + b"\1")
    desk.run("verify lent/flows.dsse.json --claim claim.yaml --key pub.pem", code=4)


def test_counterparts_that_another_claim_of_the_history_declares_are_named(desk: Desk) -> None:
    desk.send(LENDER, OWN, 10 * MILLION)
    moment = desk.mine(LENT)
    desk.send(OWN, LENDER, 10 * MILLION)
    desk.mine(140)
    desk.write_claim(moment, LENDER)
    claim = (desk.folder / "claim.yaml").read_text().replace("Lender & Co", "The Other")
    (desk.folder / "other.yaml").write_text(claim)
    desk.run("scan other.yaml --nodes nodes.yaml --prove none --out other --key key.pem --history h.sqlite", code=1)
    desk.write_claim(moment, OWN)
    told = desk.run("flows claim.yaml --around 10m --out lent --key key.pem --prove none --history h.sqlite --json")
    (declared,) = json.loads(told)["declared"]
    assert (declared["before"]["came"], declared["after"]["went"]) == ("10", "10")
    (account,) = declared["accounts"]
    assert (account["account"].lower(), account["exchanges"], account["roundTrip"]) == (LENDER, ["The Other"], True)
    shown = desk.run("verify lent/flows.dsse.json --claim claim.yaml --key pub.pem --history h.sqlite")
    assert "10 came from them before and 10 went to them after" in " ".join(shown.split())


def test_growth_that_stays_is_no_round_trip_and_what_own_accounts_send_to_each_other_is_no_flow(desk: Desk) -> None:
    desk.send(CUSTOMER, OWN, 10 * MILLION)
    desk.send(OWN, LENDER, 5 * MILLION)
    moment = desk.mine(LENT)
    desk.send(LENDER, OWN, 5 * MILLION)
    desk.mine(140)
    desk.write_claim(moment, OWN, LENDER)
    found = desk.flows("grown")
    assert (found["shows"], found["roundTrips"]) == ("COMPLETE", 0)
    assert [found[side]["listed"]["net"] for side in ("before", "after")] == ["10", "0"]
    assert [found[side]["listed"]["among"] for side in ("before", "after")] == ["5", "5"]
    assert len(found["counterparts"]) == 1


def test_what_moves_without_a_log_makes_the_flow_incomplete(desk: Desk) -> None:
    desk.anvil.mint(TOKEN, {OWN: 95 * MILLION})
    moment = desk.mine(LENT)
    desk.mine(140)
    desk.write_claim(moment, OWN)
    found = desk.flows("unseen", code=3)
    assert (found["shows"], found["lacking"]) == ("INCOMPLETE", ["DIFFERENCE"])
    assert (found["before"]["listed"]["net"], found["before"]["change"]) == ("0", "5")
    assert (found["before"]["differing"], found["after"]["differing"]) == (1, 0)
    assert "INCOMPLETE: accounts whose transfers are not the difference" in desk.run("show unseen/flows.dsse.json")


def anyone(name: bytes) -> str:
    """A script that anyone can spend, so that nothing is signed: a push of eight bytes, OP_DROP, OP_TRUE."""
    return (b"\x08" + name.ljust(8) + b"\x75\x51").hex()


def test_bitcoins_that_one_script_sent_and_got_back_are_a_round_trip_to_the_satoshi(
    node_programs: None, tmp_path: Path
) -> None:
    del node_programs
    own, lender, customer = map(anyone, (b"own", b"lender", b"customer"))
    key = ECC.generate(curve="Ed25519")
    (tmp_path / "key.pem").write_text(key.export_key(format="PEM"))
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "pub.pem").write_text(key.public_key().export_key(format="PEM"))
    with Bitcoind.start() as node:
        node.rpc("setmocktime", int((GENESIS - timedelta(days=1)).timestamp()))
        funded = {script: (node.pay({script: 50_000_000})[0], 0, 50_000_000) for script in (own, lender, customer)}
        miner = node.rpc("decodescript", "0014" + "ab" * 20)["address"]

        def block(number: int, *sent: tuple[str, str, int]) -> datetime:
            """A block at its time, with a transaction for each payment, of a fee of 1,000; when it was made."""
            at = GENESIS + number * timedelta(minutes=10)
            node.rpc("setmocktime", int(at.timestamp()))
            made = []
            for source, target, atoms in sent:
                txid, place, held = funded[source]
                rest = held - atoms - 1_000
                paid = [(target, atoms), (source, rest)]
                outputs = [CTxOut(each, CScript(bytes.fromhex(script))) for script, each in paid]
                spent = CTransaction([CTxIn(COutPoint(lx(txid), place))], outputs)
                made.append(spent.serialize().hex())
                funded[source] = spent.GetTxid()[::-1].hex(), 1, rest
            node.rpc("generateblock", miner, made)
            return at

        block(0)
        block(1, (lender, own, 10_000_000))
        block(2, (customer, own, 2_000_000))
        moment = block(3)
        block(4, (own, lender, 9_950_000))
        block(5, (own, customer, 7_000_000))
        for number in range(6, 24):
            block(number)
        (tmp_path / "nodes.yaml").write_text(
            f'policy: {{quorum: 1}}\nnodes:\n  - {{url: "bitcoind+http://{node.user}:${{BTC}}@127.0.0.1:{node.port}",'
            f' chain: "{REGTEST}", operator: alpha}}\n'
        )
        (tmp_path / "claim.yaml").write_text(
            f"version: 1\nexchange: Lender & Co\nas_of: {moment:%Y-%m-%dT%H:%M:%SZ}\nassets:\n"
            f'  COIN: {{id: "{REGTEST}/slip44:1", backs: COIN, decimals: 8}}\nliabilities: {{COIN: "1"}}\n'
            f'holdings:\n  - {{asset: COIN, account: "raw({own})"}}\n'
        )
        environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "BTC": node.password}
        done = run_scanner(tmp_path, "flows claim.yaml --around 30m --out out --key key.pem --json", environment)
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr}"
    (found,) = json.loads(done.stdout)["flows"]["assets"]
    assert (found["shows"], found["roundTrips"]) == ("COMPLETE", 1)
    assert (found["before"]["listed"]["net"], found["before"]["change"]) == ("0.12", "0.12")
    assert (found["after"]["listed"]["went"], found["after"]["change"]) == ("0.16952", "-0.16952")
    named = [(each["account"], each["after"]["went"], each["roundTrip"]) for each in found["counterparts"]]
    assert named == [
        (f"raw({lender})", "0.0995", True),
        (f"raw({customer})", "0.07", False),
        (None, "0.00002", False),  # the fees
    ]
    shown = run_scanner(tmp_path, "verify out/flows.dsse.json --claim claim.yaml --key pub.pem", environment)
    assert shown.returncode == 0, shown.stderr
    assert "(no one account)" in shown.stdout
