"""A node of aelf over its Web API: what accounts hold of ELF as they are now, and at no other block.

A balance is what the chain's token contract says (`GetBalance`), called in a transaction that is run and not mined,
at the node's best block. Its answer names the coin and the account, so that a zero is one of that account, but no
block. It counts only if the best block was the same before and after. That block may still be replaced: it is waited
for until it is irreversible, as long as one request may take, and until then nothing is believed. One who asks
several operators looks for a block at which enough of them answered. Balances and block hashes are the node's word:
they need a quorum.

The main chain (AELF) and the side chain (tDVV) keep balances of their own, which do not overlap. What counts: the
account's balance, exactly. What is locked in votes and in elections lies in accounts of its own and does not.

Source: aelf's documentation (Web API reference; MultiToken contract).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from scanner.chains.aelf.accounts import account_key
from scanner.chains.aelf.family import COIN
from scanner.chains.aelf.node.answers import Block, Status, balance_in, block_of, status_of
from scanner.chains.aelf.node.client import Refusal, WebApi
from scanner.chains.aelf.view_call import balance_of, view_call
from scanner.chains.interface import Capabilities
from scanner.chains.one_head import read_at_one_head
from scanner.chains.own_coin import foreign_asset
from scanner.clients.observed import Observe, unobserved
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

ACCOUNT_BYTES: Final = 32
TOKENS: Final = {
    "AELF": "JRmBduh4nXWi1aXgdUsj5gJrzeZb2LxmrAbf7W99faZSvoAaE",
    "tDVV": "7RzVGiuVWkvL4VfVHdZfQF2Tri3sgLe9U991bohHFfSRZXuGX",
}
"""Token contracts, by chain. Source: aelf's documentation (contracts of the main network)."""

_SYMBOL: Final = "ELF"
_FIRST: Final = 1
_PAUSE: Final = 1.0  # seconds: two blocks
_NOW: Final = Gap(Why.NO_STATE, "a node of aelf answers for its best block alone")

Sleep = Callable[[float], Awaitable[object]]


class AelfNode:
    """One node of one chain."""

    def __init__(
        self,
        settings: NodeSettings,
        node: WebApi | None = None,
        *,
        sleep: Sleep = asyncio.sleep,
        observe: Observe = unobserved,
    ) -> None:
        self.settings = settings
        self._node = node or WebApi(settings, observe=observe)
        self._sleep = sleep

    @property
    def capabilities(self) -> Capabilities:
        """Balances as they are now."""
        return Capabilities(now=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another chain, UNSUPPORTED where no token contract is known."""
        if self.settings.chain.reference not in TOKENS:
            raise NodeError(Why.UNSUPPORTED, f"the token contract of {self.settings.chain} is not known")
        await self._node.open()
        await self._status()

    async def block_at(self, height: int) -> Snapshot:
        """The irreversible block at this height. Raises NodeError NOT_FINAL above it."""
        if height > (await self._status()).final:
            raise NodeError(Why.NOT_FINAL, f"the node has no irreversible block {height} yet")
        return self._snapshot(await self._block(height))

    async def oldest_height(self) -> int:
        """Block 1: nodes keep all blocks, if not what accounts held at them."""
        return _FIRST

    async def final_height(self) -> int:
        """The last irreversible block."""
        return (await self._status()).final

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every block
        """Eight, as the coin was issued."""
        return foreign_asset(asset, self.settings.chain, COIN) or COIN.decimals

    async def read(self, batch: Batch) -> Reading:
        """A gap for each account: balances at a block that is named beforehand are not to be had."""
        return Reading.missing(len(batch.accounts), _NOW)

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        """One outcome for each account, in order, and the block at which all of them hold. Raises NodeError."""
        gap = foreign_asset(asset, self.settings.chain, COIN)
        if gap is not None:
            raise NodeError(gap.why, gap.detail)
        best, reading = await read_at_one_head(
            self._status,
            lambda status: status.hash,
            lambda status: asyncio.gather(*(self._outcome(account, status) for account in accounts)),
            "the node's best block changed each time its accounts were read",
        )
        return self._snapshot(await self._final(best)), reading

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._node.close()

    async def _status(self) -> Status:
        status = status_of(await self._node.get("chainStatus"))
        if status.chain != self.settings.chain.reference:
            raise NodeError(Why.WRONG_CHAIN, f"the node serves aelf:{status.chain[:16]}")
        return status

    async def _block(self, height: int) -> Block:
        try:
            answer = await self._node.get("blockByHeight", blockHeight=str(height), includeTransactions="false")
        except Refusal as refusal:
            raise NodeError(Why.NO_STATE, f"the node does not have block {height}: {refusal.detail}") from None
        return block_of(answer, height, self.settings.chain.reference)

    async def _final(self, read: Status) -> Block:
        """The block that was read, once it will not be replaced any more. Raises NodeError."""
        final, waited = read.final, 0.0
        while final < read.height:
            if waited >= self.settings.timeout:
                raise NodeError(Why.NOT_FINAL, f"block {read.height} was not irreversible after {waited:.0f} seconds")
            await self._sleep(_PAUSE)
            waited += _PAUSE
            final = (await self._status()).final
        block = await self._block(read.height)
        if block.hash != read.hash:
            raise NodeError(Why.WRONG_BLOCK, "the block that was read was replaced by another")
        return block

    async def _outcome(self, account: bytes, status: Status) -> int | Gap:
        if len(account) != ACCOUNT_BYTES:
            return Gap(Why.UNSUPPORTED, f"an account of aelf has {ACCOUNT_BYTES} bytes")
        chain = self.settings.chain
        contract = account_key(chain, TOKENS[chain.reference])
        asked = balance_of(_SYMBOL, account)
        call = view_call(contract, "GetBalance", asked, status.height, bytes.fromhex(status.hash))
        try:
            return balance_in(await self._node.post("executeTransaction", RawTransaction=call.hex()), _SYMBOL, account)
        except NodeError as error:
            return Gap(error.why, error.detail)

    def _snapshot(self, block: Block) -> Snapshot:
        return Snapshot(self.settings.chain, block.height, block.hash, block.parent, block.time)
