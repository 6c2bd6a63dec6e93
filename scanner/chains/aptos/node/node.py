"""A full node of Aptos: what accounts hold of APT and of fungible assets at any version that it keeps.

A height is a block's; what an account holds after it is the state at the block's last version. Answers do not name the
version they are of, so what is demanded of each: the chain's number beside it, and that the node has the version. Once
a batch, two view functions say at which height and time they ran, which has to be the block's. Balances are the node's
word, so they need a quorum; no call hands out a proof.

What counts is what view functions of the chain itself say: `coin::balance` for APT (the account's coins and its primary
store of the same asset), `primary_fungible_store::balance` for fungible assets. An account may have further stores that
no call lists, so every balance is a lower bound. Stake, and delegations to pools, are not in it. A zero counts only
where the stores themselves, at addresses computed here, are missing or empty at that version.

Source: aptos.dev, Aptos Node API; aptos-core, `coin.move`, `primary_fungible_store.move`, `block.move`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from scanner.chains.aptos.accounts import FORMS
from scanner.chains.aptos.family import COIN
from scanner.chains.aptos.node.answers import (
    Block,
    amount_of,
    assets_in,
    authentication_key_of,
    block_of,
    check_follows,
    check_ran_at,
    coins_in,
    concurrent_in,
    decimals_of,
    newest_of,
)
from scanner.chains.aptos.node.client import ABSENT, FullNode, Refusal
from scanner.chains.aptos.stores import APT, primary_store
from scanner.chains.interface import Capabilities
from scanner.chains.own_coin import is_coin
from scanner.clients.fields import malformed
from scanner.clients.observed import Observe, unobserved
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

ACCOUNT_BYTES: Final = 32
_COIN: Final = "0x1::aptos_coin::AptosCoin"
_ACCOUNT: Final = "0x1::account::Account"
_METADATA: Final = "0x1::fungible_asset::Metadata"
_UNDER_WAY: Final = 32
_NO_PARENT: Final = "0x" + "00" * 32


class AptosNode:
    """One node of one network."""

    def __init__(self, settings: NodeSettings, node: FullNode | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._node = node or FullNode(settings, observe=observe)

    @property
    def capabilities(self) -> Capabilities:
        """The keys that accounts obey."""
        return Capabilities(owners=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another network."""
        await self._node.open()
        newest_of(await self._node.get(""))

    async def block_at(self, height: int) -> Snapshot:
        """The block at this height. Raises NodeError: NOT_FINAL above the newest, NO_STATE for one that is gone."""
        block = await self._block(height)
        parent = _NO_PARENT
        if height:
            before = await self._block(height - 1)
            check_follows(before, block)
            parent = before.hash
        return Snapshot(self.settings.chain, height, block.hash, parent, block.time)

    async def oldest_height(self) -> int:
        """The oldest block whose parent the node has, too. States may begin later, and are then NO_STATE."""
        oldest, newest = newest_of(await self._node.get(""))
        return min(oldest + 1, newest) if oldest else 0

    async def final_height(self) -> int:
        """The newest block but one: every block that the ledger has is final, and of the last one all is there then."""
        oldest, newest = newest_of(await self._node.get(""))
        if newest == oldest:
            raise NodeError(Why.NOT_FINAL, "the node has one block alone")
        return newest - 1

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:
        """Eight of APT, by the protocol; of an asset what its metadata says."""
        gap = self._foreign(asset)
        if gap is not None or asset.native:
            return gap or COIN.decimals
        try:
            block = await self._pinned(snapshot)
            return decimals_of(
                await self._node.view("0x1::fungible_asset::decimals", block.last, [_METADATA], [asset.reference])
            )
        except NodeError as error:
            return _token_gap(error)

    async def read(self, batch: Batch) -> Reading:
        """Atoms of each account at least, in order, at the batch's block. Never raises NodeError."""
        gap = self._foreign(batch.asset)
        if gap is None:
            try:
                block = await self._pinned(batch.snapshot)
                await self._check_runs_at(block)
                return Reading.of(await self._balances(batch.asset, block.last, batch.accounts))
            except NodeError as error:
                gap = Gap(error.why, error.detail)
        return Reading.missing(len(batch.accounts), gap)

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        """The account's authentication key. Raises NodeError, also for an account that the chain has no record of."""
        block = await self._pinned(snapshot)
        await self._check_runs_at(block)
        path = f"/accounts/{FORMS.text(self.settings.chain, contract)}/resource/{quote(_ACCOUNT, safe='')}"
        return ContractOwners(owner=authentication_key_of(await self._node.get(path, version=block.last)))

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._node.close()

    def _foreign(self, asset: AssetId) -> Gap | None:
        known = is_coin(asset, COIN) if asset.native else asset.kind == "token"
        if asset.chain == self.settings.chain and known:
            return None
        return Gap(Why.UNSUPPORTED, f"of {self.settings.chain} APT and fungible assets are read, not {asset}")

    async def _block(self, height: int) -> Block:
        return block_of(await self._node.get(f"/blocks/by_height/{height}", with_transactions="false"), height)

    async def _pinned(self, snapshot: Snapshot) -> Block:
        """The snapshot's block with its versions. Raises NodeError WRONG_BLOCK where the node has another there."""
        if snapshot.chain != self.settings.chain:
            raise NodeError(Why.WRONG_CHAIN, f"the node serves {self.settings.chain}")
        block = await self._block(snapshot.height)
        if (block.hash, block.time) != (snapshot.hash, snapshot.time):
            raise NodeError(Why.WRONG_BLOCK, f"the node has another block than {snapshot}")
        return block

    async def _check_runs_at(self, block: Block) -> None:
        height = await self._node.view("0x1::block::get_current_block_height", block.last)
        check_ran_at(block, height, await self._node.view("0x1::timestamp::now_microseconds", block.last))

    async def _balances(self, asset: AssetId, version: int, accounts: Sequence[bytes]) -> list[AtLeast | Gap]:
        """Each account's, a bounded number of requests under way."""
        room = asyncio.Semaphore(_UNDER_WAY)

        async def one(account: bytes) -> AtLeast | Gap:
            if len(account) != ACCOUNT_BYTES:
                return Gap(Why.UNSUPPORTED, f"an account of Aptos has {ACCOUNT_BYTES} bytes")
            async with room:
                try:
                    return AtLeast(await self._balance(asset, version, account))
                except NodeError as error:
                    return Gap(error.why, error.detail) if asset.native else _token_gap(error)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(account)) for account in accounts]
        return [task.result() for task in tasks]

    async def _balance(self, asset: AssetId, version: int, account: bytes) -> int:
        owner = FORMS.text(self.settings.chain, account)
        if asset.native:
            found = await self._node.view("0x1::coin::balance", version, [_COIN], [owner])
        else:
            function = "0x1::primary_fungible_store::balance"
            found = await self._node.view(function, version, [_METADATA], [owner, asset.reference])
        atoms = amount_of(found)
        if not atoms and await self._in_stores(asset, version, account):
            raise malformed("a view function says zero, and the account's stores say otherwise")
        return atoms

    async def _in_stores(self, asset: AssetId, version: int, account: bytes) -> int:
        """Atoms in the stores themselves, as resources: missing ones hold nothing."""
        metadata = APT if asset.native else bytes.fromhex(asset.reference[2:])
        store = primary_store(account, metadata)
        asked: list[tuple[bytes, str, Callable[[Any], int]]] = [
            (store, "0x1::fungible_asset::FungibleStore", lambda answer: assets_in(answer, metadata)),
            (store, "0x1::fungible_asset::ConcurrentFungibleBalance", concurrent_in),
        ]
        if asset.native:
            asked.append((account, f"0x1::coin::CoinStore<{_COIN}>", coins_in))
        return sum([await self._resource(version, *each) for each in asked])

    async def _resource(self, version: int, owner: bytes, kind: str, read: Callable[[Any], int]) -> int:
        path = f"/accounts/{FORMS.text(self.settings.chain, owner)}/resource/{quote(kind, safe='')}"
        try:
            return read(await self._node.get(path, version=version))
        except Refusal as refusal:
            if refusal.code in ABSENT:
                return 0
            raise


def _token_gap(error: NodeError) -> Gap:
    """A view function that gives up on an asset: there is none at that address, or it has no balance to give."""
    if isinstance(error, Refusal) and error.code in {"invalid_input", "vm_error"}:
        return Gap(Why.NO_TOKEN, "the asset's metadata gave no answer")
    return Gap(error.why, error.detail)
