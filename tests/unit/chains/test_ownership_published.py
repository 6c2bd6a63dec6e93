"""Every signature in OKX's own sample files holds. The files lie beside the repository, and are not part of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key
from scanner.chains.control import verify
from scanner.chains.names import parse_chain
from scanner.proofs.control import NotShown, Proof, Replayable, Shown, Unbound
from tests.support.places import SHARED

SAMPLES = SHARED / "data" / "okx"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="OKX's sample files are not beside the repository")

EVM, BITCOIN = "eip155:1", "bip122:000000000019d6689c085ae165831e93"
# By network, or by coin in the first layout, which names no network.
NETWORKS = {
    "BTC": ("bip137", BITCOIN),
    "DOGE": ("bip137", "bip122:1a91e3dace36e2be3bf030a65679fe82"),
    "ETH": ("okx-evm", EVM),
    "ETH-ARBITRUM": ("okx-evm", "eip155:42161"),
    "ETH-OPTIMISM": ("okx-evm", "eip155:10"),
    "USDT-OPTIMISM": ("okx-evm", "eip155:10"),
    "OKC": ("okx-ecdsa", "eip155:66"),
    "USDT-TRC20": ("tron", "tron:728126428"),
    "TRON": ("tron", "tron:728126428"),
    "TON": ("okx-ed25519", "tvm:-239"),
    "APTOS": ("okx-ed25519", "aptos:1"),
    "DOT": ("okx-ed25519", "polkadot:91b171bb158e2d3848fa23a9f1c25182"),
    "ADA": ("okx-ed25519", "cip34:1-764824073"),
    "STARKNET": ("okx-stark", "starknet:SN_MAIN"),
    "Vaulta": ("okx-eos", "antelope:aca376f206b8fc25a6ed44dbdc66547c"),
}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The detail rows, keys stripped and in lower case; what the files write for nothing is left out."""
    lines = (SAMPLES / name).read_text(encoding="utf-8-sig").splitlines()
    start = next(number for number, line in enumerate(lines) if "address" in line)
    for row in csv.DictReader(lines[start:]):
        yield {key.strip().lower(): value for key, value in row.items() if key and value not in (None, "", "null")}


def proof(row: dict[str, str]) -> Proof:
    scheme, chain_text = NETWORKS[row.get("network") or row["coin"]]
    chain = parse_chain(chain_text)
    try:
        account = account_key(chain, row["address"])
    except AddressError:  # a staking row's validator key
        account = bytes.fromhex(row["address"][2:])
    signatures = [row.get(column) for column in ("signature1", "signature2", "signedmessage", "signedmessage2")]
    key = row.get("redeem script/ public key") or row.get("redeem script/public key") or row.get("publickey") or ""
    owners = [row.get(column) for column in ("eoa1", "eoa2")]
    return Proof(
        scheme, chain, account, row["message"], tuple(filter(None, signatures)), key, tuple(filter(None, owners))
    )


@pytest.mark.parametrize(
    ("name", "count", "left_to_the_chain"),
    [
        ("okx_por_2022.csv", 33, set()),
        ("okx_por_example.csv", 5, {"0x57e2dcd253527a0f70c6a3de3556f6e6e163f19c", "0xdeadbeef" + "deadbeef" * 7}),
        ("okx_por_staking_example.csv", 3, {"0x" + "ab" * 48, "0x" + "cd" * 48}),
        ("test.csv", 9, {"okbwallet1tr", "0x03b7f0b02b63683eca1639fb2d5dfa1021628d4ee728b03bc0ac2be66edc32f1"}),
    ],
)
def test_every_row_of_a_sample_file_verifies(name: str, count: int, left_to_the_chain: set[str]) -> None:
    read = list(rows(name))
    assert len(read) == count
    for row in read:
        verdict = verify(proof(row), row["message"])
        assert isinstance(verdict, Unbound if row["address"] in left_to_the_chain else Shown), (row["address"], verdict)
        assert isinstance(verify(proof(row), "a challenge of 2026"), (Replayable, Unbound))
        if name != "okx_por_2022.csv":
            continue
        for other in read:
            if other["address"] != row["address"]:
                swapped = proof({**row, "address": other["address"], "coin": other["coin"]})
                assert isinstance(verify(swapped, None), NotShown), (row["address"], other["address"])
