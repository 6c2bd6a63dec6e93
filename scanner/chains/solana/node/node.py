"""A Solana node over JSON-RPC: SOL and tokens, as they are at the newest finalized slot and at no other.

Nodes answer for no past slot. One answer holds a hundred accounts of one slot, which it names; the clock, an account in
which the chain keeps its slot, is read beside them and has to say the same. A snapshot's height is the slot; its hash
and its time, which validators estimate, are those of the slot's block, which is asked for by the number.

What counts of SOL is all lamports of an account, the rent that keeps it alive among them. A stake account, or one that
a program keeps, is an account of its own, and holds its lamports. Where an account may withdraw from stake accounts
that were not asked for with it, or the node does not list those, it may have more: its balance is a lower bound. Gaps
are programs, and accounts of the token programs, whose SOL are their token's matter.

What counts of a token are the amounts of its owner's token accounts: the associated one, and those that the node
finds. Others may be missing in that list, so a balance is a lower bound. Frozen and delegated amounts are the owner's;
withheld fees and confidential amounts are not seen. A token account that is named in place of its owner is a gap: its
coins would else count under both names. Of tokens whose amounts are shown rescaled nothing is read.

An account that is not there holds nothing, at the slot that the answer names. All of it is the node's word, for a
quorum to believe; so is that accounts stand in the order in which they were asked for, but for the first and the last.

Source: solana.com, "Solana RPC Methods".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from scanner.chains.interface import Capabilities
from scanner.chains.own_coin import is_coin
from scanner.chains.solana.family import COIN
from scanner.chains.solana.node.answers import (
    CLOCK,
    CLOCK_SIZE,
    Account,
    FoundAccounts,
    accounts_of,
    block_of,
    key_of,
    largest_of,
    number_of,
)
from scanner.chains.solana.node.stake_accounts import StakeAccounts
from scanner.chains.solana.stakes import STAKE
from scanner.chains.solana.tokens import (
    AMOUNT,
    AMOUNT_AT,
    PROGRAMS,
    Mint,
    TokenAccount,
    associated,
    mint_of,
    token_account_of,
)
from scanner.clients.fields import malformed
from scanner.clients.jsonrpc import MessageTooLarge, RpcError
from scanner.clients.observed import Observe, unobserved
from scanner.clients.transport import JsonRpc
from scanner.core import base58
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

AT_ONCE: Final = 100  # accounts that a node gives in one answer
MOST_ACCOUNTS: Final = AT_ONCE - 1  # beside the clock
MOST_OWNERS: Final = 30  # of a token: each with its associated account, which leaves room for further ones
_SIZE: Final = 1024  # bytes of an account of a token program that are asked for: its fields, and most extensions
_FINAL: Final = {"commitment": "finalized"}
_SKIPPED: Final = frozenset({-32007, -32009})
_CLEANED_UP: Final = -32001
_MOST_SKIPPED: Final = 1_000  # slots in a row: a leader has four
_OLD: Final = 150  # slots, a minute: a server so far behind the newest answer of its URL is not listened to
_KEPT: Final = 64  # blocks
_REFERENCE: Final = 32  # characters of the first block's hash, which name the network (CAIP-2)
_NOW: Final = Gap(Why.NO_STATE, "a node of Solana answers for its newest finalized slot alone")
_PROGRAM: Final = Gap(Why.UNSUPPORTED, "the account is a program")
_TOKENS: Final = Gap(Why.UNSUPPORTED, "the account is one of a token program: what it holds is read by its owner")


class SolanaNode:
    """One node of one network, or many behind one URL."""

    def __init__(self, settings: NodeSettings, rpc: JsonRpc | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rpc = rpc or JsonRpc(settings, observe=observe)
        self._newest = 0
        self._blocks: dict[int, Snapshot] = {}
        self._programs: dict[bytes, bytes] = {}  # by mint
        self._stakes = StakeAccounts(self._rpc)
        self._further: dict[tuple[bytes, bytes], Sequence[bytes]] = {}  # by mint and owner: token accounts of theirs

    @property
    def capabilities(self) -> Capabilities:
        """Balances as they are now."""
        return Capabilities(now=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node whose chain begins with another block."""
        await self._rpc.open()
        genesis = await self._rpc.call("getGenesisHash", ())
        if not isinstance(genesis, str):
            raise malformed("the hash of the first block is none")
        key_of(genesis)
        if genesis[:_REFERENCE] != self.settings.chain.reference:
            raise NodeError(Why.WRONG_CHAIN, f"the node's chain begins with block {genesis}")

    async def block_at(self, height: int) -> Snapshot:
        """The block of this slot; of a slot without one, the newest below it. Raises NodeError NOT_FINAL above the
        newest finalized slot, NO_STATE for one that the node does not keep."""
        if height > self._newest and height > await self.final_height():
            raise NodeError(Why.NOT_FINAL, f"slot {height} is not final yet")
        for slot in range(height, max(-1, height - _MOST_SKIPPED), -1):
            try:
                return await self._block(slot)
            except RpcError as error:
                if error.code == _CLEANED_UP:
                    raise NodeError(Why.NO_STATE, f"the node does not keep slot {slot}") from None
                if error.code not in _SKIPPED:
                    raise
        raise NodeError(Why.NO_STATE, f"the node has no block in the {_MOST_SKIPPED} slots up to {height}")

    async def oldest_height(self) -> int:
        """The oldest slot whose block the node keeps."""
        return number_of(await self._rpc.call("getFirstAvailableBlock", ()))

    async def final_height(self) -> int:
        """The newest finalized slot: two thirds of the stake have voted for 31 blocks on top of it."""
        self._newest = max(self._newest, slot := number_of(await self._rpc.call("getSlot", (_FINAL,))))
        return slot

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - a mint's never change
        """Of SOL nine; of a token what its mint says."""
        try:
            mint = self._mint_key(asset)
            if mint is None:
                return COIN.decimals
            return _mint((await self._accounts([mint], _SIZE)).found[0]).decimals
        except NodeError as error:
            return Gap(error.why, error.detail)

    async def read(self, batch: Batch) -> Reading:
        """A gap for each account: balances at a slot that is named beforehand are not to be had."""
        return Reading.missing(len(batch.accounts), _NOW)

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        """One outcome for each account, in order, and the block at which all of them hold. Raises NodeError."""
        mint = self._mint_key(asset)
        if len(accounts) > (MOST_ACCOUNTS if mint is None else MOST_OWNERS):
            raise NodeError(Why.UNSUPPORTED, f"{len(accounts)} accounts are more than one answer holds")
        if mint is None:
            answer = await self._accounts(accounts, CLOCK_SIZE)
            reading = Reading.of(await self._coins(accounts, answer))
        else:
            answer, reading = await self._tokens(mint, accounts)
        return await self._block(answer.slot), reading

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._rpc.close()

    async def _coins(self, accounts: Sequence[bytes], answer: FoundAccounts) -> list[Word | Gap]:
        """What each account holds of SOL, at least where it has stakes elsewhere, or may have."""
        outcomes: list[Word | Gap] = [*map(_lamports, answer.found)]
        asked_for = frozenset(accounts)
        owners = [
            at
            for at, (lamports, account) in enumerate(zip(outcomes, answer.found, strict=True))
            if isinstance(lamports, int) and (account is None or account.program != STAKE)
        ]
        for group in owners[:1], owners[1:]:  # one alone, as a node that refuses it is asked no more
            listed = await asyncio.gather(*(self._stakes.of(accounts[at], answer.slot) for at in group))
            for at, stakes in zip(group, listed, strict=True):
                lamports = outcomes[at]
                if isinstance(lamports, int) and (stakes is None or not stakes <= asked_for):
                    outcomes[at] = AtLeast(lamports)
        return outcomes

    async def _tokens(self, mint: bytes, owners: Sequence[bytes]) -> tuple[FoundAccounts, Reading]:
        program = self._programs.get(mint)
        if program is None:
            program = _mint((await self._accounts([mint], _SIZE)).found[0]).program
            self._programs[mint] = program
        usual = [associated(owner, mint, program) for owner in owners]
        further = _in_turn(await asyncio.gather(*(self._others(mint, owner) for owner in owners)))
        keys = [*dict.fromkeys([*owners, *usual, *further])][: MOST_ACCOUNTS - 1]
        answer = await self._accounts([mint, *keys], _SIZE)
        minted, *found = answer.found
        if _mint(minted).program != program:
            raise malformed("the mint has changed its program")
        held = dict.fromkeys(owners, 0)
        for account in found:
            token_account = None if account is None else _token_account(account)
            if token_account is not None and token_account.mint == mint and token_account.owner in held:
                held[token_account.owner] += token_account.amount
        outcomes = [
            _TOKENS if account is not None and account.program in PROGRAMS else AtLeast(held[owner])
            for owner, account in zip(owners, found[: len(owners)], strict=True)
        ]
        return answer, Reading.of(outcomes)

    async def _others(self, mint: bytes, owner: bytes) -> Sequence[bytes]:
        """The owner's token accounts that the node knows of, the largest first, as they were when it was first asked;
        none where it does not tell: what is left is a lower bound all the same."""
        known = self._further.get((mint, owner))
        if known is None:
            options = {**_FINAL, "encoding": "base64", "dataSlice": {"offset": AMOUNT_AT, "length": AMOUNT}}
            question = (base58.encode(owner), {"mint": base58.encode(mint)}, options)
            try:
                known = largest_of(await self._rpc.call("getTokenAccountsByOwner", question))
            except MessageTooLarge:
                known = ()
            except RpcError as error:
                if error.why not in (Why.REFUSED, Why.UNAUTHORIZED):
                    raise
                known = ()
            self._further[mint, owner] = known
        return known

    async def _accounts(self, keys: Sequence[bytes], size: int) -> FoundAccounts:
        """These accounts, with the first `size` bytes of the data of each, all of one slot."""
        options: dict[str, Any] = {**_FINAL, "encoding": "base64", "dataSlice": {"offset": 0, "length": size}}
        if self._newest > _OLD:
            options["minContextSlot"] = self._newest - _OLD
        question = ([base58.encode(key) for key in (*keys, CLOCK)], options)
        answer = accounts_of(await self._rpc.call("getMultipleAccounts", question), len(keys))
        self._newest = max(self._newest, answer.slot)
        return answer

    async def _block(self, slot: int) -> Snapshot:
        """The block of a finalized slot. Raises RpcError where there is none."""
        block = self._blocks.get(slot)
        if block is None:
            options = {
                **_FINAL,
                "transactionDetails": "none",
                "rewards": False,
                "maxSupportedTransactionVersion": 0,
            }
            block = block_of(await self._rpc.call("getBlock", (slot, options)), self.settings.chain, slot)
            while len(self._blocks) >= _KEPT:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[slot] = block
        return block

    def _mint_key(self, asset: AssetId) -> bytes | None:
        """The mint of a token; None of SOL. Raises NodeError UNSUPPORTED for any other asset."""
        if asset.chain == self.settings.chain:
            if is_coin(asset, COIN):
                return None
            if asset.kind == "token":
                return key_of(asset.reference)
        raise NodeError(Why.UNSUPPORTED, f"of {self.settings.chain} SOL and tokens are read, not {asset}")


def _in_turn(further: Sequence[Sequence[bytes]]) -> list[bytes]:
    """The first token account of each owner, then the second of each, and so on."""
    return [key for rank in zip_longest(*further) for key in rank if key is not None]


def _lamports(account: Account | None) -> int | Gap:
    if account is None:
        return 0
    if account.executable:
        return _PROGRAM
    return _TOKENS if account.program in PROGRAMS else account.lamports


def _mint(account: Account | None) -> Mint:
    """Raises NodeError NO_TOKEN where there is none, or one whose amounts are not to be read."""
    if account is None:
        raise NodeError(Why.NO_TOKEN, "there is no such mint")
    try:
        mint = mint_of(account.program, account.data)
    except ValueError as error:
        raise NodeError(Why.NO_TOKEN, f"the token's account is not a mint: {error}") from None
    if mint.rescaled is not None:
        raise NodeError(Why.NO_TOKEN, f"the token {mint.rescaled}: an amount is not the number of coins")
    return mint


def _token_account(account: Account) -> TokenAccount | None:
    """None of an account that is none."""
    try:
        return token_account_of(account.program, account.data)
    except ValueError:
        return None
