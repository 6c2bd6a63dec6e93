"""A node of EOS (Vaulta) over nodeos' chain API: what accounts hold as they are now, and at no other block.

nodeos answers for its head alone. `get_account` names the head's number and `get_currency_balance` nothing, so what is
read counts only if the head was one and the same block before and after. A head may still be replaced: it is waited for
until the chain made it irreversible, and until then nothing is believed. One who asks several operators looks for a
block at which enough of them answered. Balances are the node's word, so they need a quorum.

What counts of EOS (4 decimals): EOS of `eosio.token`, and A of `core.vaulta`, which are swapped one to one; what an
account staked for itself; and what comes back from a stake. What it delegated to others, and what it lent to REX, is
its own too and is not seen here: so every balance is a lower bound, which may show that enough is there and never that
it is not. Block ids are the node's word, too: the calls that are asked leave out parts of the header.

Source: Antelope's documentation (chain_api_plugin); Vaulta's documentation of `core.vaulta`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.antelope.accounts import account_text
from scanner.chains.antelope.family import COIN
from scanner.chains.antelope.node.answers import Header, Info, balance_in, header_of, held_in, info_of
from scanner.chains.antelope.node.client import Nodeos, Refusal
from scanner.chains.antelope.node.permission import active_permission_of
from scanner.chains.interface import Capabilities
from scanner.chains.one_head import read_at_one_head
from scanner.chains.own_coin import foreign_asset
from scanner.clients.observed import Observe, unobserved
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

_EOS: Final = "EOS"  # of eosio.token, in which the system counts
_VAULTA: Final = ("core.vaulta", "A")
_WAITS: Final = 20  # until a block is irreversible
_PAUSE: Final = 0.5  # seconds: a block
_NOW: Final = Gap(Why.NO_STATE, "a node of EOS answers for its head block alone")
_UNKNOWN: Final = "unknown key"

Sleep = Callable[[float], Awaitable[object]]


class AntelopeNode:
    """One node of one chain."""

    def __init__(
        self,
        settings: NodeSettings,
        node: Nodeos | None = None,
        *,
        sleep: Sleep = asyncio.sleep,
        observe: Observe = unobserved,
    ) -> None:
        self.settings = settings
        self._node = node or Nodeos(settings, observe=observe)
        self._sleep = sleep

    @property
    def capabilities(self) -> Capabilities:
        """Balances, and the keys that accounts obey, as they are now."""
        return Capabilities(now=self, owners=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another chain."""
        await self._node.open()
        await self._info()

    async def block_at(self, height: int) -> Snapshot:
        """The irreversible block of this number. Raises NodeError NOT_FINAL above it, NO_STATE for one that is gone."""
        info = await self._info()
        if height > info.final:
            raise NodeError(Why.NOT_FINAL, f"the node has no irreversible block {height} yet")
        return self._snapshot(await self._header(height))

    async def oldest_height(self) -> int:
        """The oldest block that the node has; 1 if it does not say."""
        return (await self._info()).oldest

    async def final_height(self) -> int:
        """The last irreversible block."""
        return (await self._info()).final

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every block
        """Four, by the system's contract."""
        return foreign_asset(asset, self.settings.chain, COIN) or COIN.decimals

    async def read(self, batch: Batch) -> Reading:
        """A gap for each account: balances at a block that is named beforehand are not to be had."""
        return Reading.missing(len(batch.accounts), _NOW)

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        """One outcome for each account, in order, and the block at which all of them hold. Raises NodeError."""
        gap = foreign_asset(asset, self.settings.chain, COIN)
        if gap is not None:
            raise NodeError(gap.why, gap.detail)
        read, reading = await read_at_one_head(
            self._info,
            lambda info: info.head_id,
            lambda info: asyncio.gather(*(self._outcome(account, info.head) for account in accounts)),
            "the node's head moved on each time its accounts were read",
        )
        return self._snapshot(await self._final(read)), reading

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:  # noqa: ARG002 - only now
        """The keys that may move the account's coins (its active permission), and the weight that it takes, at the
        node's head. Raises NodeError."""
        name = account_text(self.settings.chain, contract)
        return active_permission_of(await self._node.ask("get_account", account_name=name), name)

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._node.close()

    async def _info(self) -> Info:
        info = info_of(await self._node.ask("get_info"))
        if info.chain[:32] != self.settings.chain.reference:
            raise NodeError(Why.WRONG_CHAIN, f"the node serves antelope:{info.chain[:32]}")
        return info

    async def _header(self, number: int) -> Header:
        try:
            return header_of(await self._node.ask("get_block_info", block_num=number), number)
        except Refusal as refusal:
            raise NodeError(Why.NO_STATE, f"the node does not have block {number}: {refusal.detail}") from None

    async def _final(self, read: Info) -> Header:
        """The block that was read, once it will not be replaced any more. Raises NodeError."""
        for waited in range(_WAITS):
            if read.final >= read.head or (await self._info()).final >= read.head:
                header = await self._header(read.head)
                if header.id != read.head_id:
                    raise NodeError(Why.WRONG_BLOCK, "the block that was read was replaced by another")
                return header
            if waited + 1 < _WAITS:
                await self._sleep(_PAUSE)
        raise NodeError(Why.NOT_FINAL, f"block {read.head} was not irreversible after {_WAITS * _PAUSE:.0f} seconds")

    async def _outcome(self, account: bytes, head: int) -> AtLeast | Gap:
        try:
            return AtLeast(await self._held(account_text(self.settings.chain, account), head))
        except AddressError as error:
            return Gap(Why.UNSUPPORTED, str(error))
        except NodeError as error:
            return Gap(error.why, error.detail)

    async def _held(self, name: str, head: int) -> int:
        """Atoms at the head. An account that does not exist holds nothing, if the node says so of this very name."""
        try:
            answer = await self._node.ask("get_account", account_name=name)
        except Refusal as refusal:
            if any(_UNKNOWN in each and each.rstrip().endswith(f" {name}") for each in refusal.details):
                return 0
            raise
        atoms = held_in(answer, name, head, _EOS)
        code, symbol = _VAULTA
        rows = await self._node.ask("get_currency_balance", code=code, account=name, symbol=symbol)
        return atoms + balance_in(rows, symbol)

    def _snapshot(self, header: Header) -> Snapshot:
        return Snapshot(self.settings.chain, header.number, header.id, header.previous, header.time)
