"""Blocks that lead down to others: EVM blocks whose states keep hashes of past ones, and headers as Bitcoin's.

Source: EIP-2935 (the contract's code).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from scanner.chains.bitcoin.header import BitcoinHeader, parse_header, target_of
from scanner.chains.evm.ancestry import HISTORY, history_slot
from scanner.core.ids import Chain
from tests.support.simulated.built_state import BuiltState

ETHEREUM = Chain("eip155", "1")
CODE = bytes.fromhex(
    "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257"
    "611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"
)
"""Of the contract, as EIP-2935 has it."""


def block(
    height: int,
    parent: bytes = b"\x1e" * 32,
    words: Mapping[bytes, int] | None = None,
    *,
    code: bytes | None = CODE,
    settled: int | None = None,
    time: datetime = datetime(2025, 6, 1, tzinfo=UTC),
) -> BuiltState:
    """A block, whose state has these words in the contract of past hashes; no contract where they are None."""
    storages = {} if words is None else {HISTORY: {**words, b"\xff" * 32: 1}}
    codes = {HISTORY: code} if words is not None and code is not None else {}
    return BuiltState(
        ETHEREUM, {b"\x01" * 20: 1}, storages, height=height, parent=parent, codes=codes, settled=settled, time=time
    )


def records_of(*blocks: BuiltState) -> list[bytes]:
    """Their headers, and all nodes of their states."""
    found: list[bytes] = []
    for each in blocks:
        tries = [each.accounts, *each.storage.values()]
        found += [each.header, *(node for trie in tries for node in trie.nodes.values())]
    return found


def kept(older: BuiltState, height: int | None = None) -> dict[bytes, int]:
    """The word that says so of a block, at its own height or another."""
    at = older.height if height is None else height
    return {history_slot(ETHEREUM, at): int(older.snapshot.hash, 16)}


def mined(count: int, first: str = "00" * 32, roots: Mapping[int, bytes] = MappingProxyType({})) -> list[BitcoinHeader]:
    """So many headers on a block, each with the little work that regtest asks for, the oldest first. `roots`: the
    Merkle roots of some, by their place."""
    headers: list[BitcoinHeader] = []
    parent, nonce = first, 0
    while len(headers) < count:
        fields = (
            bytes.fromhex(parent)[::-1] + roots.get(len(headers), bytes(32)) + (1_600_000_000).to_bytes(4, "little")
        )
        header = parse_header(bytes(4) + fields + (0x207FFFFF).to_bytes(4, "little") + nonce.to_bytes(4, "little"))
        nonce += 1
        if int(header.hash, 16) <= target_of(0x207FFFFF):
            headers.append(header)
            parent = header.hash
    return headers
