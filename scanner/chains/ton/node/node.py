"""A toncenter server (HTTP API, version 2): what accounts of TON hold at any masterchain block that it keeps.

A height is a masterchain block's number (seqno); its hash is the block's root hash. A block is final once it is there:
two thirds of the validators have signed it. Each answer names its block by both hashes. Balances are the server's word,
so they need a quorum: this interface hands out no proofs. Lite servers do (`lite_node`).

What counts is an account's `balance` in nanotons (9 decimals). An account that does not exist holds nothing, and the
server says so in several fields, all of which have to. Jettons that are known (USDT) lie in a wallet of each owner's:
its address follows from the owner's, and its code, owner and jetton have to be the right ones. Nominator pools and
liquid stakes are other contracts.

Source: toncenter.com/api/v2.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.chains.interface import Capabilities
from scanner.chains.ton.facts import COIN
from scanner.chains.ton.jettons import Jetton, jetton_of, wallet_of
from scanner.chains.ton.node.ancestors import ToncenterAncestors
from scanner.chains.ton.node.answers import (
    MasterBlockId,
    balance_of,
    block_of,
    first_block_of,
    header_of,
    jettons_of,
    way_back_of,
)
from scanner.chains.ton.node.client import Toncenter
from scanner.chains.ton.node.network import require_network
from scanner.chains.ton.node.unread import unread_asset, unread_batch
from scanner.clients.observed import Observe, unobserved
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

ACCOUNT_BYTES: Final = 33  # the workchain, and 32 bytes
_FIRST: Final = 1  # the zero state is no block
_UNDER_WAY: Final = 32
_MASTERCHAIN: Final = {"workchain": "-1", "shard": "-9223372036854775808"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ToncenterNode:
    """One server of one network."""

    def __init__(
        self, settings: NodeSettings, server: Toncenter | None = None, *, observe: Observe = unobserved
    ) -> None:
        self.settings = settings
        self._server = server or Toncenter(settings, observe=observe)

    @property
    def capabilities(self) -> Capabilities:
        """What leads to ancestors."""
        return Capabilities(ancestors=ToncenterAncestors(self._way_back))

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a server of another network, UNSUPPORTED for a network that is not known."""
        await self._server.open()
        require_network(self.settings.chain, first_block_of(await self._server.call("getMasterchainInfo")))

    async def block_at(self, height: int) -> Snapshot:
        """The masterchain block of this number. Raises NodeError: NOT_FINAL above the newest, NO_STATE for one gone."""
        block, parent, time = await self._header(height)
        if block.seqno != height:
            raise NodeError(Why.MALFORMED, f"asked for block {height}, the server gave block {block.seqno}")
        if parent.seqno != height - 1:
            raise NodeError(Why.MALFORMED, f"block {height} has a parent of number {parent.seqno}")
        return Snapshot(
            self.settings.chain, height, block.root.hex(), parent.root.hex(), _EPOCH + timedelta(seconds=time)
        )

    async def oldest_height(self) -> int:
        """Block 1. A server that let go of old blocks says so when it is asked for one."""
        return _FIRST

    async def final_height(self) -> int:
        """The newest masterchain block."""
        return block_of((await self._server.call("getMasterchainInfo")).get("last")).seqno

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
                return Reading.of(await self._balances(await self._pinned(batch.snapshot), jetton, batch.accounts))
            except NodeError as error:
                gap = Gap(error.why, error.detail)
        return Reading.missing(len(batch.accounts), gap)

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._server.close()

    async def _pinned(self, snapshot: Snapshot) -> MasterBlockId:
        """The snapshot's block by both hashes. Raises NodeError WRONG_BLOCK where the server has another there."""
        block = await self._lookup(snapshot.height)
        if block.root.hex() != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the server has another block than {snapshot}")
        return block

    async def _balances(
        self, block: MasterBlockId, jetton: Jetton | None, accounts: Sequence[bytes]
    ) -> list[int | Gap]:
        """Each account's, a bounded number of requests under way."""
        room = asyncio.Semaphore(_UNDER_WAY)

        async def one(account: bytes) -> int | Gap:
            if len(account) != ACCOUNT_BYTES:
                return Gap(Why.UNSUPPORTED, f"an account of TON has {ACCOUNT_BYTES} bytes with its workchain")
            asked = account if jetton is None else wallet_of(jetton, account)
            async with room:
                try:
                    answer = await self._server.call(
                        "getAddressInformation", address=_raw(asked), seqno=str(block.seqno)
                    )
                    return balance_of(answer, block) if jetton is None else jettons_of(answer, block, jetton, account)
                except NodeError as error:
                    return Gap(error.why, error.detail)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(account)) for account in accounts]
        return [task.result() for task in tasks]

    async def _header(self, height: int) -> tuple[MasterBlockId, MasterBlockId, int]:
        block = await self._lookup(height)
        asked = {"root_hash": _text(block.root), "file_hash": _text(block.file), "seqno": str(block.seqno)}
        header, parent, time = header_of(await self._server.call("getBlockHeader", **_MASTERCHAIN, **asked))
        if header != block:
            raise NodeError(Why.WRONG_BLOCK, "the header is of another block")
        return header, parent, time

    async def _way_back(self, older: int, newer: int | None) -> list[bytes]:
        asked = {"seqno": str(older)} if newer is None else {"seqno": str(older), "from_seqno": str(newer)}
        return way_back_of(await self._server.call("getShardBlockProof", **_MASTERCHAIN, **asked), older)

    async def _lookup(self, height: int) -> MasterBlockId:
        """The block of this number. Raises NodeError NOT_FINAL above the newest, NO_STATE for one that is gone."""
        try:
            return block_of(await self._server.call("lookupBlock", **_MASTERCHAIN, seqno=str(height)))
        except NodeError as error:
            # A server may say anything of a block that is not there yet.
            if error.why in (Why.REFUSED, Why.NO_STATE, Why.UNREACHABLE) and height > await self.final_height():
                raise NodeError(Why.NOT_FINAL, f"the server has no block {height} yet") from None
            raise


def _raw(account: bytes) -> str:
    """An account as the API takes it: the workchain, and its 32 bytes in hex."""
    return f"{int.from_bytes(account[:1], signed=True)}:{account[1:].hex()}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
