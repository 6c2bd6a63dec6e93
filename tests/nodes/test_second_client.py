"""The whole road before a second real client, Hardhat's EDR: check, scan with proofs, verify; on both of its rules."""

from __future__ import annotations

import base64
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from localnet.hardhat import Hardhat
from tests.support.real.real_nodes import or_skip
from tests.support.real.scanner_runs import run_scanner

TOKEN = "0x" + "c1" * 20
ACCOUNTS = [f"0x{number:02x}{'e5' * 19}" for number in range(1, 7)]
FUNDS = {account: number * 10**18 + number for number, account in enumerate(ACCOUNTS, 1)}
ATOMS = {account: (number * 37) % 7 * 1_000_000 + 3 for number, account in enumerate(ACCOUNTS, 1)}  # nothing like funds


def run(folder: Path, *argv: str) -> str:
    """What a command prints that succeeds."""
    done = run_scanner(folder, argv)
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(("chain_type", "chain_id"), [("l1", 1), ("op", 10)])
def test_balances_at_a_past_block_are_read_proven_and_verified(
    chain_type: Literal["l1", "op"], chain_id: int, tmp_path: Path
) -> None:
    with or_skip(lambda: Hardhat.start(chain_id, chain_type)) as node:
        node.deploy_token(TOKEN, 6, "USDX")
        node.set_balances(FUNDS)
        node.mint(TOKEN, ATOMS)
        sealed = node.seal()
        node.set_balances(dict.fromkeys(FUNDS, 1))
        node.mint(TOKEN, dict.fromkeys(ATOMS, 1))
        node.mine(12)
        chain = f"eip155:{chain_id}"
        coin, token = f"{chain}/slip44:60", f"{chain}/erc20:{TOKEN}"
        claim = {
            "version": 1,
            "exchange": "Example Exchange",
            "as_of": f"{datetime.now(UTC) + timedelta(seconds=-1):%Y-%m-%dT%H:%M:%SZ}",
            "snapshots": {chain: sealed.height},
            "assets": {
                "ETH": {"id": coin, "backs": "ETH", "decimals": 18},
                "USDX": {"id": token, "backs": "USDX", "decimals": 6},
            },
            "liabilities": {"ETH": "21.000000000000000021", "USDX": "21.000018"},
            "holdings": [{"asset": asset, "account": account} for asset in ("ETH", "USDX") for account in ACCOUNTS],
        }
        nodes = {
            "policy": {"quorum": 2, "threshold": "1", "contracts": [token]},
            "nodes": [
                {"url": f"evm+{node.url}/?n={number}", "chain": chain, "operator": operator}
                for number, operator in enumerate(("alpha", "beta"))
            ],
        }
        (tmp_path / "claim.yaml").write_text(json.dumps(claim))
        (tmp_path / "nodes.yaml").write_text(json.dumps(nodes))
        for argv in (["genpkey", "-algorithm", "ed25519"], ["pkey", "-in", "key.pem", "-pubout"]):
            name = "key.pem" if argv[0] == "genpkey" else "key.pub"
            subprocess.run(["openssl", *argv, "-out", name], cwd=tmp_path, capture_output=True, check=True)
        told = run(tmp_path, "check", "claim.yaml")
        assert "given at that block by every node: one balance, one token balance, one proof" in told
        run(tmp_path, "scan", "claim.yaml", "--out", "out", "--key", "key.pem")
        run(tmp_path, "verify", "out/attestation.dsse.json", "--claim", "claim.yaml", "--key", "key.pub")
    envelope = json.loads((tmp_path / "out" / "attestation.dsse.json").read_text())
    finding = json.loads(base64.b64decode(envelope["payload"]))["predicate"]["finding"]
    assert [(each["unit"], each["verdict"], each["held"], each["provenShare"]) for each in finding["reserves"]] == [
        ("ETH", "COVERED", "21.000000000000000021", "1.000000"),
        ("USDX", "COVERED", "21.000018", "1.000000"),
    ]
    assert finding["proving"]["unproven"] == {}
