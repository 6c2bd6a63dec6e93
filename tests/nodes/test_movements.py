"""Control by movement on real nodes: accounts move what `scanner check --movements` says, a scan finds the transactions
in their blocks, and the attestation is verified without any node."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from Crypto.PublicKey import ECC

from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.rpc import JsonRpc
from tests.support import proof_signing as sign
from tests.support.real.scanner_runs import run_scanner
from tests.support.simulated.moved_evm import Sent

ETHEREUM: Final = "eip155:1"
TOKEN: Final = b"\xd0" * 20
CHALLENGE: Final = "reserve-scanner 2026-12 9f86d081884c7d65"
_TRANSFER: Final = bytes.fromhex("a9059cbb")


@dataclass(frozen=True, slots=True)
class Case:
    """An account, by its key's number, and how it moves the amount."""

    key: int
    kind: int = 2
    legacy: bool = False  # without a chain id
    token: bool = False
    more: int = 0  # than it was instructed to
    word: str = "SHOWN"

    @property
    def account(self) -> str:
        return sign.hexed(sign.evm_address(self.key))

    def sent(self, atoms: int) -> Sent:
        of = Sent(kind=self.kind, key=self.key, nonce=0, chain_id=None if self.legacy else 1)
        if not self.token:
            return replace(of, value=atoms + self.more)
        data = _TRANSFER + sign.evm_address(99).rjust(32, b"\0") + (atoms + self.more).to_bytes(32)
        return replace(of, to=TOKEN, data=data)


CASES: Final = (
    *(Case(20 + kind, kind=kind) for kind in (0, 1, 2, 4)),
    Case(30, kind=0, legacy=True),
    Case(31, token=True),
    Case(32, more=1, word="UNSHOWN"),
    Case(33, more=-1, word="UNSHOWN"),
    Case(34, token=True, more=1, word="UNSHOWN"),
    Case(35, token=True, more=10**9, word="UNSHOWN"),  # more than it has: the transfer fails
)


@dataclass(frozen=True, slots=True)
class Engagement:
    """A folder with the claim and the nodes, and what became of it."""

    folder: Path

    def run(self, *argv: str, code: int = 0) -> str:
        """What a command printed, which exits with `code`."""
        done = run_scanner(self.folder, argv)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def rows(self) -> dict[str, dict[str, str]]:
        """The evidence's, by asset's kind and account."""
        text = gzip.decompress((self.folder / "out" / "evidence.csv.gz").read_bytes()).decode()
        rows = csv.DictReader(text.splitlines())
        return {f"{row['asset'].split('/')[1].split(':')[0]} {row['account']}": row for row in rows}


def write_claim(folder: Path, asked_on: datetime, holdings: list[dict[str, Any]], **other: Any) -> None:
    claim: dict[str, Any] = {
        "version": 1,
        "exchange": "Example Exchange",
        "as_of": f"{asked_on:%Y-%m-%dT%H:%M:%SZ}",
        "challenge": CHALLENGE,
        "movements": {
            "issued": f"{asked_on:%Y-%m-%dT%H:%M:%SZ}",
            "deadline": f"{asked_on.replace(year=asked_on.year + 1, day=1):%Y-%m-%dT%H:%M:%SZ}",
        },
        "snapshots": {ETHEREUM: 1},
        "assets": {
            "ETH": {"id": f"{ETHEREUM}/slip44:60", "backs": "ETH", "decimals": 18},
            "USDT": {"id": f"{ETHEREUM}/erc20:0x{TOKEN.hex()}", "backs": "USDT", "decimals": 6},
        },
        "liabilities": {"ETH": "1", "USDT": "1"},
        "holdings": holdings,
        **other,
    }
    (folder / "claim.yaml").write_text(json.dumps(claim))


def write_instrument(folder: Path, node: dict[str, Any], contracts: list[str]) -> None:
    """The node, and the keys to sign with."""
    key = ECC.generate(curve="ed25519")
    (folder / "key.pem").write_text(key.export_key(format="PEM"))
    (folder / "key.pem").chmod(0o600)
    (folder / "key.pub").write_text(key.public_key().export_key(format="PEM"))
    policy = {"quorum": 1, "threshold": "1", "max_skew": 10**9, "contracts": contracts}
    policy = {name: value for name, value in policy.items() if value != []}
    (folder / "nodes.yaml").write_text(json.dumps({"policy": policy, "nodes": [node]}))


@pytest.fixture(scope="module")
def engagement(node_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Engagement:
    """Every account has moved, and what was read was attested."""
    folder = tmp_path_factory.mktemp("engagement")
    made = Engagement(folder)
    with Anvil.start(args=["--hardfork", "prague", "--no-mining", "--block-base-fee-per-gas", "0"]) as anvil:
        anvil.set_balances({case.account: 10**18 for case in CASES})
        anvil.deploy_token(sign.hexed(TOKEN), 6, "USDT")
        anvil.mint(sign.hexed(TOKEN), {case.account: 10**8 for case in CASES})
        anvil.mine()
        asked_on = datetime.fromtimestamp(anvil.block(1).time, UTC)
        holdings: list[dict[str, Any]] = [
            {"asset": ["ETH", "USDT"] if case.token else "ETH", "account": case.account} for case in CASES
        ]
        write_claim(folder, asked_on, holdings)
        listed = json.loads(made.run("check", "claim.yaml", "--offline", "--movements", "--json", code=5))["movements"]
        atoms = {each["account"]: int(each["atoms"]) for each in listed}
        assert atoms.keys() == {case.account for case in CASES}
        sent = [case.sent(atoms[case.account]) for case in CASES]
        anvil.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")
        assert [anvil.rpc("eth_sendRawTransaction", sign.hexed(each.raw)) for each in sent] == [e.hash for e in sent]
        anvil.mine(5)
        for holding, each in zip(holdings, sent, strict=True):
            holding["ownership"] = {"scheme": "movement", "transaction": each.hash, "height": 2}
        write_claim(folder, asked_on, holdings)
        token = f"{ETHEREUM}/erc20:0x{TOKEN.hex()}"
        node = {"url": f"evm+{anvil.url}", "chain": ETHEREUM, "operator": "us", "own": True}
        write_instrument(folder, node, [token])
        made.run("scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem", "--log", "json")
        anvil.mine(10)
        later = anvil.block(12)
        made.run("anchor", "out/attestation.dsse.json", "--nodes", "nodes.yaml", "--at", f"{ETHEREUM}={later.height}")
        (folder / "trusted").write_text(later.hash)
    return made


def test_accounts_that_moved_what_was_asked_are_shown_and_others_are_not(engagement: Engagement) -> None:
    rows = engagement.rows()
    for case in CASES:
        for kind in ("slip44", "erc20") if case.token else ("slip44",):
            row = rows[f"{kind} {case.account}"]
            word = "UNSHOWN" if kind == "slip44" and case.token else case.word  # of ether it moved nothing
            assert (row["control"], row["owners"].split()[:2]) == (word, ["moved", "2"]), case


def test_the_attestation_holds_without_a_node(engagement: Engagement) -> None:
    engagement.run("verify", "out/attestation.dsse.json", "--claim", "claim.yaml", "--key", "key.pub")


def test_the_movements_block_is_anchored_beside_the_snapshots(engagement: Engagement) -> None:
    trust = f"{ETHEREUM}={(engagement.folder / 'trusted').read_text()}"
    verify = ("verify", "out/attestation.dsse.json", "--claim", "claim.yaml", "--key", "key.pub", "--json")
    anchored = json.loads(engagement.run(*verify, "--trust", trust))["anchored"]
    assert [(each["height"], each["standing"]) for each in anchored] == [(1, "ANCHORED"), (2, "ANCHORED")]


REGTEST: Final = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
KINDS: Final = ("legacy", "p2sh-segwit", "bech32", "bech32m")  # P2PKH, P2SH, P2WPKH, P2TR
FAULTS: Final = ("one atom more", "another's input", "to itself")


def moved(wallet: JsonRpc, account: str, spends: str, atoms: int, fault: str) -> str:
    """The name of a transaction in which the account moves so much, if there is no fault in it."""
    (unspent,) = wallet.call("listunspent", 1, 9_999_999, [spends])
    atoms += fault == "one atom more"
    to = account if fault == "to itself" else wallet.call("getnewaddress")
    outputs = [{to: f"{atoms / 10**8:.8f}"}, {wallet.call("getnewaddress"): "0.4"}]
    raw = wallet.call("createrawtransaction", [{"txid": unspent["txid"], "vout": unspent["vout"]}], outputs)
    signed = wallet.call("signrawtransactionwithwallet", raw)["hex"]
    return str(wallet.call("sendrawtransaction", signed, 0))


@pytest.mark.parametrize("txindex", [True, False])
def test_accounts_of_every_kind_of_script_move_on_bitcoin(node_programs: None, tmp_path: Path, txindex: bool) -> None:
    made = Engagement(tmp_path)
    asked_on = datetime.now(UTC) - timedelta(days=1)
    of_chain = {
        "snapshots": {REGTEST: 101},
        "assets": {"BTC": {"id": f"{REGTEST}/slip44:1", "backs": "BTC", "decimals": 8}},
        "liabilities": {"BTC": "0"},
    }
    with Bitcoind.start(["-fallbackfee=0.0001"], txindex=txindex) as bitcoind:
        bitcoind.mine(150)
        wallet = bitcoind._wallet_rpc
        words = {wallet.call("getnewaddress", "", kind): "" for kind in KINDS}
        words |= {wallet.call("getnewaddress"): fault for fault in FAULTS}
        other = wallet.call("getnewaddress")
        wallet.call("sendmany", "", dict.fromkeys([*words, other], "0.5"))
        bitcoind.mine()
        holdings: list[dict[str, Any]] = [{"asset": "BTC", "account": account} for account in words]
        write_claim(tmp_path, asked_on, holdings, **of_chain)
        listed = json.loads(made.run("check", "claim.yaml", "--offline", "--movements", "--json"))["movements"]
        atoms = {each["account"]: int(each["atoms"]) for each in listed}
        assert atoms.keys() == words.keys()
        names = {
            account: moved(wallet, account, other if fault == "another's input" else account, atoms[account], fault)
            for account, fault in words.items()
        }
        bitcoind.mine()
        height = bitcoind.tip().height
        bitcoind.mine(7)
        for each in holdings:
            each["ownership"] = {"scheme": "movement", "transaction": names[each["account"]], "height": height}
        write_claim(tmp_path, asked_on, holdings, **of_chain)
        url = f"bitcoind+http://{bitcoind.user}:{bitcoind.password}@127.0.0.1:{bitcoind.port}"
        write_instrument(tmp_path, {"url": url, "chain": REGTEST, "operator": "us", "own": True}, [])
        made.run("scan", "claim.yaml", "--nodes", "nodes.yaml", "--out", "out", "--key", "key.pem")
    rows = made.rows()
    for account, fault in words.items():
        expected = "UNSHOWN" if fault else "SHOWN"
        assert rows[f"slip44 {account}"]["control"] == expected, fault
    made.run("verify", "out/attestation.dsse.json", "--claim", "claim.yaml", "--key", "key.pub")
