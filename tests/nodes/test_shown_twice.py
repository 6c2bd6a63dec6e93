"""A contract that gives the native balance as its own, on a real node: scanned, verified, and counted once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo import files
from localnet.anvil import Anvil
from localnet.block import Block
from tests.support.real.scanner_runs import run_scanner

CHAIN = "eip155:31998"  # of which no table knows a token
COIN = f"{CHAIN}/slip44:60"
FACE = "0x" + "fa" * 20
TOKEN = f"{CHAIN}/erc20:{FACE}"
HELD = {"0x" + f"{number:02x}" * 20: number * 10**18 for number in (1, 2, 3)}

# By the selector of decimals() 18, for every other call BALANCE of the first argument, each as one word:
# selector = calldata >> 224; if it is 0x313ce567 jump to the end; return balance(calldata[4:]).
_CODE = (
    "60003560e01c63313ce56714601b57"  # 15 bytes
    "600435316000526020"
    "6000f3"  # to 0x1b
    "5b60126000526020"
    "6000f3"
)


@pytest.fixture(scope="module")
def node(node_programs: None) -> Iterator[tuple[Anvil, Block]]:
    with Anvil.start(31998) as anvil:
        anvil.set_balances(HELD)
        anvil.rpc("anvil_setCode", FACE, "0x" + _CODE)
        yield anvil, anvil.seal()


@pytest.fixture
def folder(node: tuple[Anvil, Block], tmp_path: Path) -> Path:
    _, block = node
    (tmp_path / "claim.yaml").write_text(
        f"""\
version: 1
exchange: Twice Ltd
as_of: {datetime.fromtimestamp(block.time, UTC):%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"{CHAIN}": {block.height}}}
assets:
  COIN: {{id: "{COIN}", backs: COIN, decimals: 18}}
  FACE: {{id: "{TOKEN}", backs: COIN, decimals: 18}}
liabilities: {{COIN: "10"}}
holdings:
  - {{asset: [COIN, FACE], accounts: {json.dumps(list(HELD))}}}
"""
    )
    files.write_keys(tmp_path / "key.pem", tmp_path / "key.pub")
    return tmp_path


def scanned(folder: Path, anvil: Anvil, policy: str) -> dict[str, Any]:
    """The finding, once its attestation was verified."""
    asked = f'{{url: "evm+{anvil.url}", chain: "{CHAIN}", operator: self, own: true}}'
    (folder / "nodes.yaml").write_text(f"policy: {policy}\nnodes: [{asked}]\n")
    done = run(folder, "scan claim.yaml --out out --key key.pem --json")
    assert done.stderr == ""
    verify = run(folder, "verify out/attestation.dsse.json --claim claim.yaml --key key.pub")
    assert verify.returncode == 0, verify.stderr
    return dict(json.loads(done.stdout)["finding"])


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return run_scanner(folder, command)


def test_without_anybodys_word_nothing_of_the_contract_counts(node: tuple[Anvil, Block], folder: Path) -> None:
    found = scanned(folder, node[0], "{quorum: 1}")
    assert found["gapCounts"] == {"UNKNOWN_CONTRACT": 3}
    assert (found["reserves"][0]["held"], found["verdict"]) == ("6", "UNKNOWN")


def test_vouched_for_it_is_found_out(node: tuple[Anvil, Block], folder: Path) -> None:
    found = scanned(folder, node[0], f'{{quorum: 1, contracts: ["{TOKEN}"]}}')
    assert found["gapCounts"] == {"ALIAS": 3}
    assert [each["alias"] for each in found["coverage"]] == [COIN, None]
    assert (found["reserves"][0]["held"], found["verdict"]) == ("6", "UNKNOWN")


def test_the_auditors_word_overrules_exactly_this_pair(node: tuple[Anvil, Block], folder: Path) -> None:
    policy = f'{{quorum: 1, contracts: ["{TOKEN}"], distinct: [["{COIN}", "{TOKEN}"]]}}'
    found = scanned(folder, node[0], policy)
    assert found["gapCounts"] == {}
    assert (found["reserves"][0]["held"], found["verdict"]) == ("12", "COVERED")
    assert found["policy"]["distinct"] == [[TOKEN, COIN]]
