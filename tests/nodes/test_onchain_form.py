"""The on-chain form in others' hands: viem checks it, and on a real EVM a contract and the bare precompile do."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import files
from localnet import fetch
from localnet.anvil import Anvil
from localnet.errors import RpcError
from scanner.attesting.onchain import ONCHAIN, digest
from tests.support.real.real_nodes import or_skip
from tests.support.real.scanner_runs import run_scanner

SECRET = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
ADDRESS = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23"
TOKEN = "0x" + "c0" * 20
ACCOUNTS = {"0x" + "a1" * 20: 7 * 10**18 + 1, "0x" + "a2" * 20: 10**24}
VERIFIER = "0x" + "ee" * 20
ECRECOVER = "0x" + "00" * 19 + "01"


@pytest.fixture(scope="module")
def node_js() -> Path:
    """The folder in which viem is installed."""
    return or_skip(fetch.viem)


@pytest.fixture(scope="module")
def node(node_programs: None) -> Iterator[Anvil]:
    with Anvil.start() as anvil:
        yield anvil


@pytest.fixture(scope="module")
def scanned(node: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `scanner scan --eth-key` writes of balances on a real node: the folder."""
    anvil, tmp_path = node, tmp_path_factory.mktemp("scanned")
    anvil.set_balances(ACCOUNTS)
    anvil.deploy_token(TOKEN, 6, "USDT")
    anvil.mint(TOKEN, dict.fromkeys(ACCOUNTS, 1_234_567))
    block = anvil.seal()
    accounts = json.dumps(list(ACCOUNTS))
    (tmp_path / "claim.yaml").write_text(
        f"""\
version: 1
exchange: "Börse « 交易所 »"
as_of: {block.moment}
snapshots: {{"eip155:1": {block.height}}}
assets:
  ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}
  USDT: {{id: "eip155:1/erc20:{TOKEN}", backs: USDT, decimals: 6}}
liabilities: {{ETH: "1000007.000000000000000001", USDT: null}}
holdings:
  - {{asset: [ETH, USDT], accounts: {accounts}}}
"""
    )
    (tmp_path / "nodes.yaml").write_text(
        f'policy: {{contracts: ["eip155:1/erc20:{TOKEN}"]}}\n'
        f'nodes:\n  - {{url: "evm+{anvil.url}", chain: "eip155:1", operator: self, own: true}}\n'
    )
    files.write_keys(tmp_path / "key.pem", tmp_path / "key.pub")
    done = scanner(tmp_path, "scan claim.yaml --out out --key key.pem --eth-key env:ETH_KEY", ETH_KEY=SECRET)
    assert (done.returncode, done.stderr) == (5, "")
    assert SECRET[:16] not in done.stdout
    return tmp_path


def scanner(folder: Path, arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_scanner(folder, arguments, environment)


def form(folder: Path) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((folder / "out" / ONCHAIN).read_text())
    return fields


def with_viem(viem: Path, path: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("check_viem.mjs")
    done = subprocess.run(
        ["node", script, viem, path, ADDRESS], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_scan_signs_the_form_and_verify_checks_it(scanned: Path, tmp_path: Path) -> None:
    scanned = shutil.copytree(scanned, tmp_path / "copy")
    check = f"verify out/attestation.dsse.json --claim claim.yaml --key key.pub --eth-signer {ADDRESS}"
    done = scanner(scanned, check)
    assert done.returncode == 0, done.stderr
    assert f"signed by  {ADDRESS}, on-chain form 0x" in done.stdout
    path = scanned / "out" / ONCHAIN
    true = path.read_text()
    path.write_text(true.replace(str(sum(ACCOUNTS.values())), str(sum(ACCOUNTS.values()) + 1)))
    assert path.read_text() != true
    done = scanner(scanned, check)
    assert done.returncode == 4
    assert "step 11" in done.stderr
    scanner(scanned, "scan claim.yaml --out out --key key.pem --again")
    assert not path.exists()  # that of the scan before would be of another statement


def test_viem_alone_checks_it(scanned: Path, node_js: Path) -> None:
    path = scanned / "out" / ONCHAIN
    told = with_viem(node_js, path)
    assert (told["recovered"], told["valid"]) == (ADDRESS, True)
    assert told["hash"] == f"0x{digest(form(scanned)['typedData']).hex()}"


@pytest.mark.parametrize("field", ["dsseDigest", "claimDigest", "exchange", "asOf", "verdict"])
def test_viem_notices_a_changed_field(scanned: Path, node_js: Path, tmp_path: Path, field: str) -> None:
    changed = form(scanned)
    value: str = changed["typedData"]["message"][field]
    changed["typedData"]["message"][field] = value[:-1] + ("1" if value[-1] != "1" else "2")
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(changed))
    told = with_viem(node_js, path)
    assert told["valid"] is False
    assert told["recovered"] != ADDRESS


def test_a_contract_and_the_precompile_recover_the_signer(
    scanned: Path, node: Anvil, node_js: Path, tmp_path: Path
) -> None:
    fields = form(scanned)
    signature = bytes.fromhex(fields["signatures"][0]["signature"][2:])
    hashed = digest(fields["typedData"])
    v = signature[64].to_bytes(32)
    told = node.rpc("eth_call", {"to": ECRECOVER, "data": f"0x{(hashed + v + signature[:64]).hex()}"}, "latest")
    assert told[-40:] == ADDRESS[2:]

    node.place(VERIFIER, "ReserveVerifier")
    call = with_viem(node_js, scanned / "out" / ONCHAIN)["call"]
    assert node.rpc("eth_call", {"to": VERIFIER, "data": call}, "latest")[-40:] == ADDRESS[2:]

    more = str(sum(ACCOUNTS.values()) + 1)
    fields["typedData"]["message"]["units"][0]["held"] = more
    (tmp_path / "changed.json").write_text(json.dumps(fields))
    call = with_viem(node_js, tmp_path / "changed.json")["call"]
    try:
        signer = node.rpc("eth_call", {"to": VERIFIER, "data": call}, "latest")[-40:]
    except RpcError as reverted:  # a changed digest may also have no signer at all behind this signature
        signer = str(reverted)
    assert signer != ADDRESS[2:]


def test_what_is_read_on_the_chain_is_what_the_contract_is_told(scanned: Path) -> None:
    message = form(scanned)["typedData"]["message"]
    units = {unit["unit"]: unit for unit in message["units"]}
    assert units["ETH"]["held"] == str(sum(ACCOUNTS.values()))
    assert units["ETH"] | {"held": "", "owed": ""} == {
        "unit": "ETH", "decimals": "18", "held": "", "owedKnown": True, "owed": "", "verdict": "COVERED"
    }  # fmt: skip
    assert (units["USDT"]["held"], units["USDT"]["owedKnown"]) == (str(2 * 1_234_567 * 10**12), False)
    assert message["exchange"] == "Börse « 交易所 »"
