"""An Ethereum beacon node over its standard REST API: what validators hold in the state after a block.

Chains are named `beacon:<chain id of the execution chain>`, the asset is that chain's `slip44:60` in gwei (9 decimals),
an account is a validator's 48-byte public key, and a height is a slot.

What counts is the validator's `balance` in the state, whatever its status: deposited and waiting, active, slashed
(what is left), exited and not yet withdrawn. A withdrawn validator is in the state with nothing, which is a zero. What
does not count is what is not a validator's: deposits still queued, and withdrawals paid out, which are on the
execution chain.

A slot may have no block: it was missed. Its place in time is taken by the newest block before it, under that block's
own slot, so that a search by time meets no holes. A state is asked for by the root that the pinned block's header
commits to; since some nodes find only recent states so (Prysm: the last 8,192 slots), also by slot, with that root
compared before and after. The states' contents are the node's word, so a balance needs a quorum, or a proof out of the
whole state (`states`).

Source: https://github.com/ethereum/beacon-APIs
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Final, TypeVar

from scanner.chains.beacon.header import BeaconHeader
from scanner.chains.beacon.node.answers import (
    KEY_BYTES,
    Genesis,
    Spec,
    Validator,
    check_synced,
    finalized_epoch_of,
    genesis_of,
    header_of,
    spec_of,
    state_root_of,
    validators_of,
)
from scanner.chains.beacon.node.light_client import FinalitySource
from scanner.chains.beacon.node.past import PastSource
from scanner.chains.beacon.node.states import StateSource
from scanner.chains.beacon.sync_committee import NETWORKS
from scanner.chains.beacon.withdrawal import NoWithdrawalAddress, withdrawal_address
from scanner.chains.interface import Capabilities
from scanner.clients.answer_limits import SMALL
from scanner.clients.fields import malformed
from scanner.clients.jsonrpc import MessageTooLarge, TimedOut
from scanner.clients.observed import Observe, unobserved
from scanner.clients.rest import NotFound, Rest
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.shape import MOST
from scanner.errors import NodeError, Why

DECIMALS: Final = 9  # the API and the protocol count in gwei
COIN_TYPE: Final = "60"  # SLIP-44: ether
MOST_MISSED: Final = 64  # slots in a row without a block before a node is said not to keep its blocks: two epochs
_POSTED: Final = 1_000  # keys in the body of one request
_SPEC_LIMIT: Final = 2**20  # bytes: a name and a value for each of some hundred settings
_VALIDATOR_LIMIT: Final = 2048  # bytes of one validator; 500 as nodes write it
_IN_QUERY: Final = 30  # keys in one URL: what the API's first version allowed, and 4 kB

# Genesis by chain id, from the networks' published configurations: a copy with the same chain id is another chain.
_GENESIS: Final = {
    "1": Genesis(NETWORKS["1"].genesis_time, f"0x{NETWORKS['1'].genesis_root.hex()}"),
    "17000": Genesis(1695902400, "0x9143aa7c615a7f7115e2b6aac319c03529df8242ae705fba9df39b79c59fa8b1"),
    "560048": Genesis(1742213400, "0x212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f"),
    "11155111": Genesis(1655733600, "0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078"),
}

_EPOCH_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


class BeaconNode:
    """One beacon node. Accounts are validators' public keys."""

    def __init__(self, settings: NodeSettings, rest: Rest | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rest = rest or Rest(settings, observe=observe)
        self._finality = FinalitySource(settings.chain, self._rest)
        network = NETWORKS.get(settings.chain.reference)
        self._states = None if network is None else StateSource(network, self._rest)
        self._past = PastSource(settings.chain, self._rest, self._states)
        self._spec: Spec | None = None
        self._genesis_time = 0
        self._takes_posts = True  # until the node turns out to be older than they are

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for another execution chain or another genesis, NOT_FINAL while syncing."""
        await self._rest.open()
        spec = spec_of(await self._rest.get("/eth/v1/config/spec", limit=_SPEC_LIMIT))
        reference = self.settings.chain.reference
        if str(spec.chain_id) != reference:
            raise NodeError(Why.WRONG_CHAIN, f"the node's deposits are on chain id {spec.chain_id}, not {reference}")
        genesis = genesis_of(await self._rest.get("/eth/v1/beacon/genesis"))
        if _GENESIS.get(reference, genesis) != genesis:
            raise NodeError(Why.WRONG_CHAIN, f"the node's chain has another genesis than that of chain id {reference}")
        check_synced(await self._rest.get("/eth/v1/node/syncing"))
        self._spec, self._genesis_time = spec, genesis.time

    async def block_at(self, height: int) -> Snapshot:
        """The block at the slot `height`; where that was missed, the newest one before it, under its own slot.

        Raises NodeError NOT_FINAL above the node's head, NO_STATE where too many slots in a row have no block.
        """
        for slot in range(height, max(-1, height - MOST_MISSED), -1):
            try:
                header = await self._header(str(slot))
            except NotFound:
                if slot == height and height > (await self._header("head")).slot:
                    raise NodeError(Why.NOT_FINAL, f"the node has no block at slot {height} yet") from None
                continue
            if header.slot != slot:
                raise malformed(f"asked for the block at slot {slot}, the node gave the one at {header.slot}")
            return self._snapshot(header)
        raise NodeError(Why.NO_STATE, f"the node has no block in the {MOST_MISSED} slots up to {height}")

    @property
    def capabilities(self) -> Capabilities:
        """Where validators pay out to, what proves their balances, what leads to a block that is final, and what leads
        into the past."""
        return Capabilities(withdrawals=self, proofs=self._states, finality=self._finality, past=self._past)

    async def oldest_height(self) -> int:
        """Slot 0: no question of the Beacon API is for the oldest slot that a node has."""
        return 0

    async def final_height(self) -> int:
        """The finalized checkpoint's slot, the first of its epoch."""
        body = await self._rest.get("/eth/v1/beacon/states/head/finality_checkpoints")
        return finalized_epoch_of(body) * self._opened().slots_per_epoch

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every block
        """Nine, by the protocol: a claim in wei would make every validator a speck of dust."""
        return self._foreign(asset) or DECIMALS

    async def read(self, batch: Batch) -> Reading:
        """The validators' balances in gwei, in order. A key that the state does not know is a Gap."""
        return Reading.of(await self._of_each(batch, lambda validator: validator.balance))

    async def withdrawal_addresses(self, batch: Batch) -> list[bytes | Gap]:
        """The 20-byte account of the execution chain that each validator pays out to, in order.

        A Gap where there is none, as with BLS credentials (0x00). Never raises NodeError.
        """
        return await self._of_each(batch, _withdrawal_address)

    async def close(self) -> None:
        """Let go of connections, and of a state. May be called twice."""
        if self._states is not None:
            self._states.close()
        await self._rest.close()

    async def _of_each(self, batch: Batch, take: Callable[[Validator], _T | Gap]) -> list[_T | Gap]:
        """What `take` takes of each of the batch's validators, in order; Gaps for those that could not be read."""
        try:
            found = await self._validators(batch)
        except NodeError as error:
            return [Gap(error.why, error.detail)] * len(batch.accounts)
        outcomes = (found[key] for key in batch.accounts)
        return [each if isinstance(each, Gap) else take(each) for each in outcomes]

    async def _validators(self, batch: Batch) -> dict[bytes, Validator | Gap]:
        """Each of the batch's accounts, by key."""
        foreign = self._foreign(batch.asset)
        if foreign is not None:
            raise NodeError(foreign.why, foreign.detail)
        if batch.snapshot.chain != self.settings.chain:
            raise NodeError(Why.WRONG_CHAIN, f"the node serves {self.settings.chain}")
        found: dict[bytes, Validator | Gap] = {
            key: Gap(Why.UNSUPPORTED, f"a validator's public key has {KEY_BYTES} bytes, not {len(key)}")
            for key in batch.accounts
            if len(key) != KEY_BYTES
        }
        keys = [key for key in dict.fromkeys(batch.accounts) if key not in found]
        if not keys:
            return found  # the API takes an empty list for the wish to see all validators
        header = await self._pinned(batch.snapshot)
        state = await self._state_id(header)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._piece(state, piece)) for piece in _pieces(keys, _POSTED)]
        for task in tasks:
            found |= task.result()
        await self._check_state(state, header)
        return found

    async def _pinned(self, snapshot: Snapshot) -> BeaconHeader:
        """The snapshot's header, asked for by its root."""
        try:
            header = await self._header(snapshot.hash)
        except NotFound:
            raise NodeError(Why.WRONG_BLOCK, f"the node does not know {snapshot}") from None
        if self._snapshot(header) != snapshot:
            raise NodeError(Why.WRONG_BLOCK, f"the node answers with another block than {snapshot}")
        return header

    async def _state_id(self, header: BeaconHeader) -> str:
        """By which name the node finds the state after the block: its root, or else its slot. Raises NO_STATE."""
        for state in (_hex(header.state_root), str(header.slot)):
            try:
                await self._check_state(state, header)
            except NotFound:
                continue
            return state
        raise NodeError(Why.NO_STATE, f"the node does not keep the state of slot {header.slot}")

    async def _check_state(self, state: str, header: BeaconHeader) -> None:
        """That what the node calls `state` is what the header commits to."""
        if state_root_of(await self._rest.get(f"/eth/v1/beacon/states/{state}/root")) != header.state_root:
            raise NodeError(Why.WRONG_BLOCK, f"the node's state {state} is not the one after block {_hex(header.root)}")

    async def _piece(self, state: str, keys: Sequence[bytes]) -> dict[bytes, Validator | Gap]:
        """Each of `keys`; in halves, where they are too many for the node."""
        try:
            found = await self._known(state, keys)
        except (MessageTooLarge, TimedOut) as error:
            if len(keys) == 1:
                return {keys[0]: Gap(error.why, error.detail)}
            middle = len(keys) // 2
            return await self._piece(state, keys[:middle]) | await self._piece(state, keys[middle:])
        except NotFound:
            return dict.fromkeys(keys, Gap(Why.NO_STATE, "the node does not have the state's validators"))
        except NodeError as error:
            return dict.fromkeys(keys, Gap(error.why, error.detail))
        unknown = Gap(Why.NO_TOKEN, "there is no validator with this key in the state of this slot")
        return {key: found.get(key, unknown) for key in keys}

    async def _known(self, state: str, keys: Sequence[bytes]) -> dict[bytes, Validator]:
        """Those of `keys` that the state has."""
        path = f"/eth/v1/beacon/states/{state}/validators"
        if self._takes_posts:
            body = dumps({"ids": [_hex(key) for key in keys]}).encode()
            try:
                return validators_of(await self._rest.post(path, body, limit=_limit(keys)), keys)
            except NotFound:
                pass  # as a node of before 2023 answers
        found: dict[bytes, Validator] = {}
        for piece in _pieces(keys, _IN_QUERY):
            query = "&".join(f"id={_hex(key)}" for key in piece)
            found |= validators_of(await self._rest.get(path, query, limit=_limit(piece)), piece)
            self._takes_posts = False
        return found

    async def _header(self, block: str) -> BeaconHeader:
        return header_of(await self._rest.get(f"/eth/v1/beacon/headers/{block}"))

    def _snapshot(self, header: BeaconHeader) -> Snapshot:
        if header.slot > MOST:
            raise malformed("the block's slot is beyond all that a statement can name")
        seconds = self._genesis_time + header.slot * self._opened().slot_seconds
        try:
            time = _EPOCH_OF_TIME + timedelta(seconds=seconds)
        except OverflowError:
            raise malformed("the block's time is beyond all calendars") from None
        return Snapshot(self.settings.chain, header.slot, _hex(header.root), _hex(header.parent_root), time)

    def _foreign(self, asset: AssetId) -> Gap | None:
        """A Gap for an asset that validators of this chain do not hold."""
        if asset.chain == self.settings.chain and asset.native and asset.reference == COIN_TYPE:
            return None
        return Gap(Why.UNSUPPORTED, f"validators of {self.settings.chain} hold slip44:{COIN_TYPE}, not {asset}")

    def _opened(self) -> Spec:
        if self._spec is None:
            raise NodeError(Why.UNREACHABLE, "the node was not opened")
        return self._spec


def _withdrawal_address(validator: Validator) -> bytes | Gap:
    try:
        return withdrawal_address(validator.credentials)
    except NoWithdrawalAddress as error:
        return Gap(Why.UNSUPPORTED, str(error))


def _limit(keys: Sequence[bytes]) -> int:
    return SMALL + _VALIDATOR_LIMIT * len(keys)


def _pieces(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
