"""Rows of files that are counted by thousands come to what they come to one by one, whatever stands beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import InputError
from scanner.sources import files as source_files
from scanner.sources.addresses import read_claim
from scanner.sources.published import archive, read_published, stretches
from tests.support.strength import examples

ACCOUNTS = ["0x" + f"{number:02x}" * 20 for number in range(1, 12)]
SIGNED = "coin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/ public key"
SIGNATURES = {'""': "0x" + "ab" * 65, "Vault": ""}
PLAIN = "coin,network,address,balance,Height,Third party custodian name"

HEAD = """version: 1
exchange: Example
as_of: 2026-01-01T00:00:00Z
assets:
  ETH: {id: eip155:1/slip44:60, backs: ETH, decimals: 18}
  USDT: {id: "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", backs: USDT, decimals: 6}
  USDC: {id: "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", backs: USDC, decimals: 6}
liabilities:
  ETH: {amount: "1"}
  USDT: {amount: "1"}
  USDC: {amount: "1"}
holdings:
"""

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ETH", "USDT", "USDC", "BETH", "NEWCOIN"]),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(["1", "1", "1", "2.5", "0.1234567", "", "1" * 38]),
        st.sampled_from(["7", "7", "7", "8", ""]),
        st.sampled_from(['""', '""', '""', '""', "Vault"]),
    ),
    max_size=24,
)


def file_of(rows: list[tuple[str, ...]]) -> str:
    lines = [f"{coin},ETH,{account},{amount},{height},{who}" for coin, account, amount, height, who in rows]
    return "\n".join([PLAIN, *lines, ""])


def signed_file_of(rows: list[tuple[str, ...]]) -> str:
    """The same in OKX's layout; who is named as custodian signs."""
    lines = [
        f"{coin},ETH,{height},{account},{amount},message,{SIGNATURES.get(who, 'null')},null,"
        for coin, account, amount, height, who in rows
    ]
    return "\n".join([SIGNED, *lines, ""])


def claim_of(folder: Path, files: list[str], by_hand: list[str]) -> Path:
    entries = []
    for number, text in enumerate(files):
        (folder / f"{number}.csv").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        entries.append(f'  - {{file: {number}.csv, layout: auto, sha256: "{digest}"}}')
    entries += [f'  - {{asset: ETH, account: "{account}", amount: "1"}}' for account in by_hand]
    path = folder / "claim.yaml"
    path.write_text(HEAD + "\n".join(entries) + "\n")
    return path


def read(path: Path) -> object:
    try:
        found = read_claim(path, path.read_bytes())
    except InputError as error:
        return [str(mistake) for mistake in error.mistakes]
    return list(found.claim.holdings), found


@settings(max_examples=examples(60), deadline=None)
@given(
    signed=st.booleans(),
    files=st.lists(ROWS, min_size=1, max_size=2),
    by_hand=st.sets(st.sampled_from(ACCOUNTS), max_size=2),
)
def test_rows_counted_together_come_to_what_they_come_to_one_by_one(
    signed: bool, files: list[list[tuple[str, ...]]], by_hand: set[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = claim_of(
        tmp_path_factory.mktemp("claim"), list(map(signed_file_of if signed else file_of, files)), sorted(by_hand)
    )
    twice = mock.patch.object(source_files, "read_published", lambda *given, **_: read_published(*given))
    with mock.patch.object(stretches, "SHORTEST", 10**9), twice:
        one_by_one = read(path)
        with mock.patch.object(archive, "PIECE", 120), mock.patch.object(stretches, "SHORTEST", 1):
            assert read(path) == one_by_one
    assert read(path) == one_by_one  # read once
    with mock.patch.object(archive, "PIECE", 120), mock.patch.object(stretches, "SHORTEST", 1):
        assert read(path) == one_by_one
