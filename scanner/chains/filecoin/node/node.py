"""A Filecoin node (Lotus, Forest, or a gateway before them) over JSON-RPC: FIL held at any tipset whose state it keeps.

Nothing but objects of the chain is asked for, each by its identifier (`ChainReadObj`) and hashed again: from the
tipset's blocks to the state's root, down to the actor. So a node can be silent, and cannot lie about a balance; which
tipset is the chain's, and which one is final, is its word. What counts stands in `state`; which tipset a snapshot's
hash names, in `tipset`.

Sources: Lotus's API documentation; docs.filecoin.io, "JSON-RPC" (chain).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from scanner.chains.filecoin.cid import cid_text, digest_in, digest_of, parse_cid
from scanner.chains.filecoin.facts import COINS, GENESIS
from scanner.chains.filecoin.node.ancestors import AncestorSource
from scanner.chains.filecoin.node.answers import blocks_of, height_of, meaning, object_of
from scanner.chains.filecoin.objects import MissingObject
from scanner.chains.filecoin.state import actor_at, uncounted
from scanner.chains.filecoin.tipset import read_header, state_root, tipset_key, tipset_name
from scanner.chains.interface import Capabilities, ProofQuestion
from scanner.chains.own_coin import foreign_asset, foreign_batch
from scanner.chains.records_by_hash import Find, framed, noting
from scanner.clients.observed import Observe, unobserved
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_TOGETHER: Final = 250  # accounts that are walked side by side: many of their objects are the same
_ROUNDS: Final = 128  # of asking, far beyond the depth of both maps
_KEPT: Final = 64 * 2**20  # bytes of objects that are kept between questions
_FINALITY: Final = 900  # epochs, where the node does not say what is final
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_T = TypeVar("_T")


class LotusNode:
    """One node of one network."""

    def __init__(self, settings: NodeSettings, rpc: JsonRpc | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rpc = rpc or JsonRpc(settings, observe=observe)
        self._objects: dict[bytes, bytes] = {}  # by their BLAKE2b-256
        self._size = 0
        self._keys: dict[bytes, bytes] = {}  # of tipsets, likewise

    @property
    def capabilities(self) -> Capabilities:
        """Proofs of what addresses hold, and what leads to ancestors."""
        return Capabilities(proofs=self, ancestors=AncestorSource(self))

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another network: one with another first block."""
        await self._rpc.open()
        genesis = [cid_text(each) for each in blocks_of(await self._ask("Filecoin.ChainGetGenesis"))]
        known = GENESIS.get(self.settings.chain.reference)
        if known is None:
            raise NodeError(Why.UNSUPPORTED, f"the first block of {self.settings.chain} is not known")
        if genesis != [known]:
            raise NodeError(Why.WRONG_CHAIN, f"the node's first block is {genesis[0]}: another chain's")

    async def block_at(self, height: int) -> Snapshot:
        """What held after the tipset at this height, or after the newest one below it, under its own height. Raises
        NodeError NOT_FINAL where no tipset stands above."""
        above = await self.tipset_from(height + 1)

        def walk(find: Find) -> tuple[int, tuple[bytes, ...], int, int]:
            upper = read_header(above[0], find)
            if not upper.parents:
                raise NodeError(Why.WRONG_BLOCK, "the node gave the first block for one above another")
            lower = read_header(upper.parents[0], find)
            return upper.height, upper.parents, lower.height, lower.time

        ((upper_height, parents, lower_height, seconds),) = await self.walked([walk])
        if not lower_height <= height < upper_height:
            raise NodeError(Why.WRONG_BLOCK, f"asked for the tipset above {height}, the node gave {upper_height}")
        try:
            time = _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            raise NodeError(Why.MALFORMED, f"the tipset at {lower_height} has no time") from None
        return Snapshot(self.settings.chain, lower_height, tipset_name(above), tipset_name(parents), time)

    async def oldest_height(self) -> int:
        """0: nodes keep all headers. One that does not keep a state says so when it is asked for it."""
        return 0

    async def final_height(self) -> int:
        """The newest height of which the tipset above is final: by the node's finality gadget (F3), or 900 epochs
        below its head where it does not say."""
        try:
            newest = height_of(await self._ask("Filecoin.ChainGetFinalizedTipSet"))
        except NodeError as error:
            if error.why not in (Why.UNSUPPORTED, Why.REFUSED, Why.UNAUTHORIZED):
                raise  # a gateway may refuse the call, whatever it says of it
            newest = height_of(await self._ask("Filecoin.ChainHead")) - _FINALITY
        return max(0, newest - 1)

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every tipset
        """Eighteen, by the protocol."""
        coin = COINS.get(self.settings.chain.reference)
        if coin is None:
            return Gap(Why.UNSUPPORTED, f"nothing is known of the decimals of {self.settings.chain}")
        return foreign_asset(asset, self.settings.chain) or coin.decimals

    async def read(self, batch: Batch) -> Reading:
        """What each address holds, in order, in the batch's state. Never raises NodeError."""
        gap = foreign_batch(batch, self.settings.chain)
        if gap is not None:
            return Reading.missing(len(batch.accounts), gap)
        try:
            await self._find_tipset(batch.snapshot)
        except NodeError as error:
            return Reading.missing(len(batch.accounts), Gap(error.why, error.detail))
        outcomes: list[int | Gap] = []
        for piece in _pieces(batch.accounts, _TOGETHER):
            found = await self._walks([_reading(batch.snapshot, account) for account in piece])
            outcomes += [Gap(each.why, each.detail) if isinstance(each, NodeError) else each for each in found]
        return Reading.of(outcomes)

    async def header(self, snapshot: Snapshot) -> bytes:
        """The tipset's key, its blocks and one of those below, for the prover."""
        await self._find_tipset(snapshot)
        reached: set[bytes] = set()
        await self.walked([lambda find: state_root(snapshot, noting(find, reached))])
        return framed(self._find(digest) or b"" for digest in sorted(reached))

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Objects that lead to the addresses asked for, in no order. Raises NodeError where not one of them is had."""
        await self._find_tipset(snapshot)
        accounts = [account for question in questions for account in question.accounts]
        records: dict[bytes, bytes] = {}
        failures: list[NodeError] = []
        for piece in _pieces(accounts, _TOGETHER):
            reached: set[bytes] = set()
            found = await self._walks([_reading(snapshot, account, reached) for account in piece])
            failures += [each for each in found if isinstance(each, NodeError)]
            records.update({digest: self._find(digest) or b"" for digest in reached})
        if failures and len(failures) == len(accounts):
            raise failures[0]
        return list(records.values())

    async def tipset_from(self, height: int) -> list[bytes]:
        """The identifiers of the blocks of the first tipset at this height or above. Raises NodeError."""
        return blocks_of(await self._ask("Filecoin.ChainGetTipSetAfterHeight", height, []))

    async def walked(self, walks: Sequence[Callable[[Find], _T]]) -> list[_T]:
        """What each walk comes to, the objects that it lacks being asked for. Raises NodeError for the first that comes
        to nothing."""
        found: list[_T] = []
        for each in await self._walks(walks):
            if isinstance(each, NodeError):
                raise each
            found.append(each)
        return found

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._rpc.close()

    async def _find_tipset(self, snapshot: Snapshot) -> None:
        """Have the key of the snapshot's tipset, which is no object that nodes hand out: of the identifiers of its
        blocks. Raises NodeError WRONG_BLOCK where the node has another tipset there."""
        name = digest_in(parse_cid(snapshot.hash))
        if name in self._keys:
            return
        key = tipset_key(await self.tipset_from(snapshot.height + 1))
        if digest_of(key) != name:
            raise NodeError(Why.WRONG_BLOCK, "the node has another tipset there")
        self._keys[name] = key

    def _find(self, digest: bytes) -> bytes | None:
        return self._objects.get(digest) or self._keys.get(digest)

    async def _walks(self, walks: Sequence[Callable[[Find], _T]]) -> list[_T | NodeError]:
        """What each walk comes to. What one lacks is asked for, for all of them together, and the walk begun again."""
        if self._size > _KEPT:
            self._objects.clear()
            self._size = 0
        results: dict[int, _T | NodeError] = {}
        failed: dict[bytes, NodeError] = {}
        for _ in range(_ROUNDS):
            lacking: dict[int, bytes] = {}
            for position, walk in enumerate(walks):
                if position not in results:
                    found = self._walked(walk)
                    if isinstance(found, MissingObject):
                        lacking[position] = found.cid
                    else:
                        results[position] = found
            if not lacking:
                break
            failed |= await self._fetch(sorted(set(lacking.values())))
            results |= {position: failed[cid] for position, cid in lacking.items() if cid in failed}
        endless = NodeError(Why.MALFORMED, "the state is deeper than any is")
        return [results.get(position, endless) for position in range(len(walks))]

    def _walked(self, walk: Callable[[Find], _T]) -> _T | MissingObject | NodeError:
        try:
            return walk(self._find)
        except MissingObject as missing:
            return missing
        except ProofError as error:
            return NodeError(Why.MALFORMED, error.detail)
        except NodeError as error:
            return error

    async def _fetch(self, cids: Sequence[bytes]) -> dict[bytes, NodeError]:
        """Take these objects in; those that were not had, and why."""
        failures: dict[bytes, NodeError] = {}

        async def fetch(cid: bytes) -> None:
            try:
                data = object_of(await self._ask("Filecoin.ChainReadObj", {"/": cid_text(cid)}), digest_in(cid))
            except NodeError as error:
                failures[cid] = error
                return
            self._objects[digest_in(cid)] = data
            self._size += len(data)

        await asyncio.gather(*map(fetch, cids))
        return failures

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.call(method, params)
        except NodeError as error:
            raise meaning(error) from None


def _reading(snapshot: Snapshot, account: bytes, reached: set[bytes] | None = None) -> Callable[[Find], int]:
    """The walk to what an address holds, noting what it passes. Raises NodeError UNSUPPORTED for what is not read."""

    def walk(find: Find) -> int:
        noted = find if reached is None else noting(find, reached)
        actor = actor_at(state_root(snapshot, noted), account, noted)
        why_not = None if actor is None else uncounted(account, actor)
        if why_not is not None:
            raise NodeError(Why.UNSUPPORTED, why_not)
        return 0 if actor is None else actor.balance

    return walk


def _pieces(items: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    return (items[start : start + size] for start in range(0, len(items), size))
