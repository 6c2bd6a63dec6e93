"""A lite server of TON: what accounts hold after any masterchain block that it keeps, with proofs.

Every answer is a proof, and is walked from the block's root hash down to the account (`chains.ton.state`) before
anything of it is believed: so a server can be silent, and cannot lie about a balance, or that there is none. Which
block is the chain's is its word: that the validators signed it is not checked.

What counts stands in `state`, and where a known jetton's balances lie in `jettons`.
Source: docs.ton.org, "Lite servers"; ton-blockchain/ton, `lite_api.tl`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.chains.interface import Capabilities, ProofQuestion
from scanner.chains.records_by_hash import framed
from scanner.chains.ton.cells import proven_records, record_hash, tree_records
from scanner.chains.ton.facts import COIN
from scanner.chains.ton.jettons import Jetton, jetton_of, wallet_of
from scanner.chains.ton.node import tl
from scanner.chains.ton.node.ancestors import LiteServerAncestors
from scanner.chains.ton.node.lite_client import LiteClient
from scanner.chains.ton.node.network import require_network
from scanner.chains.ton.node.unread import unread_asset, unread_batch
from scanner.chains.ton.prover import balance_of
from scanner.chains.ton.state import ACCOUNT_BYTES, Block, block_of
from scanner.clients.observed import Observe, unobserved
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_FIRST: Final = 1  # the zero state is no block
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LiteServerNode:
    """One server of one network."""

    def __init__(
        self, settings: NodeSettings, client: LiteClient | None = None, *, observe: Observe = unobserved
    ) -> None:
        self.settings = settings
        self._client = client or LiteClient(settings, observe=observe)

    @property
    def capabilities(self) -> Capabilities:
        """Proofs of what accounts hold, and what leads to ancestors."""
        return Capabilities(
            proofs=self, ancestors=LiteServerAncestors(self._named, self._client_header, self._client.ask)
        )

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a server of another network, UNSUPPORTED for a network that is not known."""
        _, zero = await self._info()
        require_network(self.settings.chain, zero)

    async def block_at(self, height: int) -> Snapshot:
        """The masterchain block of this number. Raises NodeError: NOT_FINAL above the newest, NO_STATE for one gone."""
        named, block = await self._header(await self._looked_up(height))
        if block.number != height or block.parent is None:
            raise NodeError(Why.WRONG_BLOCK, f"asked for block {height}, the server gave another")
        return Snapshot(
            self.settings.chain, height, named.root.hex(), block.parent.hex(), _EPOCH + timedelta(seconds=block.time)
        )

    async def oldest_height(self) -> int:
        """Block 1. A server that let go of old blocks says so when it is asked for one."""
        return _FIRST

    async def final_height(self) -> int:
        """The newest masterchain block: two thirds of the validators have signed it."""
        return (await self._info())[0].seqno

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every block
        """Nine, by the protocol; a jetton's are a text outside of the chain, and a Gap."""
        if jetton_of(asset) is not None and asset.chain == self.settings.chain:
            return Gap(Why.UNSUPPORTED, "a jetton's decimals are not kept by its contract")
        return unread_asset(asset, self.settings.chain) or COIN.decimals

    async def read(self, batch: Batch) -> Reading:
        """Nanotons of each account, or atoms of a known jetton, in order, at the batch's block. Never raises
        NodeError."""
        jetton = jetton_of(batch.asset)
        gap = unread_batch(batch, self.settings.chain)
        if gap is None:
            try:
                named, block = await self._header(await self._named(batch.snapshot))
            except NodeError as error:
                gap = Gap(error.why, error.detail)
        if gap is not None:
            return Reading.missing(len(batch.accounts), gap)

        async def one(account: bytes) -> int | Gap:
            try:
                records = await self._records(named, account, jetton)
                return balance_of(batch.asset, block, account, records.get)
            except NodeError as error:
                return Gap(error.why, error.detail)
            except ProofError as error:
                return Gap(Why.FORGED, error.detail)

        return Reading.of(await asyncio.gather(*map(one, batch.accounts)))

    async def header(self, snapshot: Snapshot) -> bytes:
        """The bag with the proof of the block's header, for the prover."""
        return framed([await self._client_header(await self._named(snapshot))])

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Cells that lead to the accounts, or wallets, asked for, in no order. Raises NodeError where none is had."""
        named = await self._named(snapshot)
        wanted = [(account, jetton_of(each.asset)) for each in questions for account in each.accounts]
        found = await asyncio.gather(*(self._records(named, *each) for each in wanted), return_exceptions=True)
        records: dict[bytes, bytes] = {}
        for each in found:
            if isinstance(each, dict):
                records |= each
            elif not isinstance(each, NodeError | ProofError):
                raise each
        failures = [each for each in found if isinstance(each, NodeError | ProofError)]
        if failures and len(failures) == len(found):
            raise failures[0]
        return list(records.values())

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._client.close()

    async def _info(self) -> tuple[tl.BlockId, bytes]:
        last, zero = tl.info_of(await self._client.ask(tl.get_info()))
        if (last.workchain, last.shard) != (tl.MASTERCHAIN, tl.WHOLE_SHARD) or not 0 <= last.seqno < 2**31:
            raise NodeError(Why.MALFORMED, "a block of another chain than the masterchain")
        return last, zero

    async def _looked_up(self, height: int) -> tl.BlockId:
        """The block of this number by its hashes. Raises NodeError NOT_FINAL above the newest."""
        try:
            named, _ = tl.header_of(await self._client.ask(tl.look_up(height)))
        except NodeError as error:
            if error.why in (Why.REFUSED, Why.NO_STATE) and height > await self.final_height():
                raise NodeError(Why.NOT_FINAL, f"the server has no block {height} yet") from None
            raise
        if (named.workchain, named.shard, named.seqno) != (tl.MASTERCHAIN, tl.WHOLE_SHARD, height):
            raise NodeError(Why.WRONG_BLOCK, f"asked for block {height}, the server gave another")
        return named

    async def _named(self, snapshot: Snapshot) -> tl.BlockId:
        """The snapshot's block by both hashes. Raises NodeError WRONG_BLOCK where the server has another there."""
        named = await self._looked_up(snapshot.height)
        if named.root.hex() != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the server has another block than {snapshot}")
        return named

    async def _client_header(self, named: tl.BlockId) -> bytes:
        """A bag with the proof of the block's header."""
        found, proof = tl.header_of(await self._client.ask(tl.get_header(named)))
        if found != named:
            raise NodeError(Why.WRONG_BLOCK, "the header is of another block")
        return proof

    async def _header(self, named: tl.BlockId) -> tuple[tl.BlockId, Block]:
        """The block, as its proven header has it. Raises NodeError FORGED for a header of another hash."""
        proof = await self._client_header(named)
        try:
            records = {record_hash(record): record for record in proven_records(proof)}
            return named, block_of(named.root, records.get)
        except ProofError as error:
            raise NodeError(Why.FORGED, error.detail) from None

    async def _records(self, named: tl.BlockId, account: bytes, jetton: Jetton | None) -> dict[bytes, bytes]:
        """The cells of an answer about an account, or about the wallet of its jettons. Raises NodeError, ProofError."""
        if len(account) != ACCOUNT_BYTES:
            raise NodeError(Why.UNSUPPORTED, f"an account of TON has {ACCOUNT_BYTES} bytes with its workchain")
        asked = account if jetton is None else wallet_of(jetton, account)
        found = tl.account_of(await self._client.ask(tl.get_account(named, asked)))
        if found.block != named:
            raise NodeError(Why.WRONG_BLOCK, "the answer is of another block")
        records = [record for bag in (found.shard_proof, found.proof) if bag for record in proven_records(bag)]
        records += tree_records(found.state) if found.state else []
        return {record_hash(record): record for record in records}
