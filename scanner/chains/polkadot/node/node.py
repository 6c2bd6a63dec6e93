"""A node of a Substrate chain (Polkadot, its Asset Hub) over JSON-RPC: what accounts hold of the chain's own coin, and
of assets of its Assets pallet.

A height is a block's number. What counts stands in `storage` and in `assets`. The header is hashed again; the block's
time is an entry of its state, whose proof the witness keeps with the header. Balances need a quorum where they are not
proven.

An Asset Hub and its relay chain have heights of their own. Since November 2025 DOT lies on the Asset Hub, and what was
left on the relay chain on that: they are two assets that back one unit, and no balance lies on both.

Sources: polkadot-sdk, `sc-rpc-api`; docs.polkadot.com.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.chains.interface import Capabilities, ProofQuestion
from scanner.chains.polkadot import assets
from scanner.chains.polkadot.entries import Entries, entries_of
from scanner.chains.polkadot.facts import COINS
from scanner.chains.polkadot.header import SubstrateHeader
from scanner.chains.polkadot.node.ancestors import AncestorSource
from scanner.chains.polkadot.node.answers import hash_of, header_of, hex_bytes, meaning, nodes_of, values_of
from scanner.chains.polkadot.storage import ACCOUNT_BYTES, NOW, seconds
from scanner.chains.records_by_hash import framed
from scanner.clients.observed import Observe, unobserved
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_READ: Final = 250  # accounts of one question
_PROVEN: Final = 50  # accounts of one proof: some 4 kB each
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SubstrateNode:
    """One node of one chain."""

    def __init__(self, settings: NodeSettings, rpc: JsonRpc | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rpc = rpc or JsonRpc(settings, observe=observe)

    @property
    def capabilities(self) -> Capabilities:
        """Proofs of what accounts hold, and what leads to ancestors."""
        return Capabilities(proofs=self, ancestors=AncestorSource(self._header, self.block_at, self._proof))

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another chain: one with another first block."""
        await self._rpc.open()
        genesis = hash_of(await self._ask("chain_getBlockHash", 0))
        if not genesis[2:].startswith(self.settings.chain.reference):
            raise NodeError(Why.WRONG_CHAIN, f"the node's first block is {genesis}: another chain's")

    async def block_at(self, height: int) -> Snapshot:
        """The block of this number. Raises NodeError NOT_FINAL above the newest, NO_STATE without its state."""
        found = await self._ask("chain_getBlockHash", height)
        if found is None:
            raise NodeError(Why.NOT_FINAL, f"the node has no block {height} yet")
        name = hash_of(found)
        header = await self._header(name)
        if header.number != height:
            raise NodeError(Why.MALFORMED, f"asked for block {height}, the node gave block {header.number}")
        value = await self._ask("state_getStorage", f"0x{NOW.hex()}", name)
        try:
            time = _EPOCH + timedelta(seconds=seconds(None if value is None else hex_bytes(value)))
        except (ProofError, OverflowError):
            raise NodeError(Why.MALFORMED, f"the state of block {height} says no time") from None
        return Snapshot(self.settings.chain, height, name, f"0x{header.parent_hash.hex()}", time)

    async def oldest_height(self) -> int:
        """Block 1: the first one has no time. A node that let go of its blocks says so when it is asked for one."""
        return 1

    async def final_height(self) -> int:
        """The newest block that the chain's finality gadget has settled."""
        return (await self._header(hash_of(await self._ask("chain_getFinalizedHead")))).number

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        """Of the chain's coin, as the table has them: no entry of the state says it. Of an asset of the pallet, as its
        metadata has them at that block."""
        entries = self._entries(asset)
        if isinstance(entries, Gap):
            return entries
        number = assets.number_of(asset)
        if number is not None:
            return await self._stated_decimals(number, snapshot)
        coin = COINS.get(self.settings.chain.reference)
        if coin is None:
            return Gap(Why.UNSUPPORTED, f"nothing is known of the decimals of {self.settings.chain}")
        return coin.decimals

    async def read(self, batch: Batch) -> Reading:
        """What each account holds, in order, at the batch's block. Never raises NodeError."""
        entries: Entries | Gap = self._entries(batch.asset)
        if not isinstance(entries, Gap) and batch.snapshot.chain != self.settings.chain:
            entries = Gap(Why.WRONG_CHAIN, f"the node serves {self.settings.chain}")
        if isinstance(entries, Gap):
            return Reading.missing(len(batch.accounts), entries)
        outcomes: list[int | Gap] = []
        for piece in _pieces(batch.accounts, _READ):
            outcomes += await self._piece(batch.snapshot, entries, piece)
        return Reading.of(outcomes)

    async def header(self, snapshot: Snapshot) -> bytes:
        """The block's header, and the records that prove its time, for the prover."""
        header = await self._header(snapshot.hash)
        return framed([header.encoded, *await self._proof(snapshot, [NOW])])

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Trie nodes and long values that lead to the accounts asked for, in no order."""
        keys: list[bytes] = []
        for question in questions:
            entries = self._entries(question.asset)
            if isinstance(entries, Gap):
                raise NodeError(entries.why, entries.detail)
            keys += [] if entries.asset is None else [entries.asset]
            keys += map(entries.of, question.accounts)
        records: list[bytes] = []
        for piece in _pieces(keys, _PROVEN):
            records += await self._proof(snapshot, piece)
        return records

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._rpc.close()

    async def _piece(self, snapshot: Snapshot, entries: Entries, accounts: Sequence[bytes]) -> list[int | Gap]:
        """Each account's; whatever fails for the question as a whole is the same Gap at every position."""
        keys = {account: entries.of(account) for account in accounts if len(account) == ACCOUNT_BYTES}
        values: dict[bytes, bytes | None] = {}
        try:
            if keys:
                asked = [*keys.values(), *([] if entries.asset is None else [entries.asset])]
                result = await self._ask("state_queryStorageAt", [f"0x{key.hex()}" for key in asked], snapshot.hash)
                values = dict(zip(asked, values_of(result, asked, snapshot.hash), strict=True))
        except NodeError as error:
            return [Gap(error.why, error.detail)] * len(accounts)
        if entries.asset is not None and keys and values[entries.asset] is None:
            return [Gap(Why.NO_TOKEN, "the state has no asset of that number")] * len(accounts)
        strange = Gap(Why.UNSUPPORTED, f"an account of this chain has {ACCOUNT_BYTES} bytes")
        return [_amount(entries, values[keys[account]]) if account in keys else strange for account in accounts]

    async def _stated_decimals(self, number: int, snapshot: Snapshot) -> int | Gap:
        try:
            value = await self._ask("state_getStorage", f"0x{assets.metadata_entry(number).hex()}", snapshot.hash)
            decimals = assets.decimals_in(None if value is None else hex_bytes(value))
        except NodeError as error:
            return Gap(error.why, error.detail)
        except ProofError as error:
            return Gap(Why.MALFORMED, error.detail)
        return Gap(Why.NO_TOKEN, "the state has no metadata of that asset") if decimals is None else decimals

    def _entries(self, asset: AssetId) -> Entries | Gap:
        entries = entries_of(asset) if asset.chain == self.settings.chain else None
        if entries is None:
            return Gap(
                Why.UNSUPPORTED, f"of {self.settings.chain} its own coin and the Assets pallet are read, not {asset}"
            )
        return entries

    async def _proof(self, snapshot: Snapshot, keys: Sequence[bytes]) -> list[bytes]:
        result = await self._ask("state_getReadProof", [f"0x{key.hex()}" for key in keys], snapshot.hash)
        return nodes_of(result, snapshot.hash)

    async def _header(self, name: str) -> SubstrateHeader:
        return header_of(await self._ask("chain_getHeader", name), name)

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.call(method, params)
        except NodeError as error:
            raise meaning(error) from None


def _amount(entries: Entries, value: bytes | None) -> int | Gap:
    try:
        return entries.amount(value)
    except ProofError as error:
        return Gap(Why.MALFORMED, error.detail)


def _pieces(items: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))
