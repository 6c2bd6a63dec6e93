"""A Tron full node over HTTP: TRX and TRC-20 tokens, as they are at the newest solidified block and at no other.

Tron's interfaces answer for no past block. What names its block is code: `triggerconstantcontract` without a contract
runs data as init code and returns what that returns, so the code that reads EVM chains (`chains.evm.node.code`) reads
many accounts in one call here too, and puts the chain's id, the block's number and its parent's id before the balances.
One who asks several operators looks for a block at which enough of them answered.

What counts of TRX is what the account has liquid, staked and unstaking (`stake`). A node whose machine does not tell
what is staked is asked for what is liquid, which is a lower bound: it may show that enough is there and never that it
is not. A token's balance is exact.

Sources: tronprotocol/documentation-en (HTTP API); java-tron, `Wallet.triggerConstantContract`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Any, Final

from scanner.chains.account_forms import AddressError
from scanner.chains.evm.balance_call import ADDRESS, WORD
from scanner.chains.evm.node.code import DECIMALS, init_code, packed
from scanner.chains.interface import Capabilities
from scanner.chains.own_coin import is_coin
from scanner.chains.tron.accounts import account_key
from scanner.chains.tron.family import COIN
from scanner.chains.tron.header import TronHeader
from scanner.chains.tron.node import stake
from scanner.chains.tron.node.answers import Column, Reverted, TooMuch, column_of, header_of, output_of
from scanner.chains.tron.node.permission import permission_of
from scanner.clients.fields import malformed
from scanner.clients.jsonrpc import decode
from scanner.clients.observed import Observe, unobserved
from scanner.clients.rest import Rest
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

_PREFIX: Final = "41"  # before the 20 bytes of an address
_CALLER: Final = _PREFIX + "00" * ADDRESS
_MOST_REFUSED: Final = 8  # accounts to which a token refuses a balance, before the call is given up
_LIMIT: Final = 256 * 2**10  # bytes of an answer: 64 hex digits an account, and the call once more
_BLOCK_LIMIT: Final = 16 * 2**20  # a block with its transactions
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LIQUID: Final = init_code(None)
_NOW: Final = Gap(Why.NO_STATE, "a node of Tron answers for its newest solidified block alone")


class TronNode:
    """One node of one network."""

    def __init__(self, settings: NodeSettings, rest: Rest | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rest = rest or Rest(settings, observe=observe)
        self._most = 2**20  # accounts of one call, as far as the node has shown

    @property
    def capabilities(self) -> Capabilities:
        """Balances, and the keys that accounts obey, as they are now."""
        return Capabilities(now=self, owners=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a node of another network, UNSUPPORTED for one that runs no code of ours."""
        await self._rest.open()
        try:
            column = await self._column(_LIQUID, ())
        except NodeError as error:
            if error.why is Why.REFUSED:
                raise NodeError(
                    Why.UNSUPPORTED, f"the node does not run code that is given to it: {error.detail}"
                ) from None
            raise
        self._require_chain(column)

    async def block_at(self, height: int) -> Snapshot:
        """The solidified block of this number. Raises NodeError NOT_FINAL above the newest."""
        header = await self._block("getblockbynum", num=height)
        if header is None:
            raise NodeError(Why.NOT_FINAL, f"the node has no solidified block {height} yet")
        if header.number != height:
            raise NodeError(Why.MALFORMED, f"asked for block {height}, the node gave block {header.number}")
        return self._snapshot(header)

    async def oldest_height(self) -> int:
        """Block 0: a node keeps all blocks, if not what accounts held at them."""
        return 0

    async def final_height(self) -> int:
        """The newest solidified block: more than two thirds of the representatives have built upon it."""
        header = await self._block("getnowblock")
        if header is None:
            raise NodeError(Why.NOT_FINAL, "the node names no solidified block")
        return header.number

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - a contract keeps them
        """Of TRX six; of a token what its contract says."""
        try:
            token = self._token(asset)
            if token is None:
                return COIN.decimals
            output = await self._call(DECIMALS, token)
        except Reverted:
            return Gap(Why.NO_TOKEN, "the token's contract says no decimals")
        except NodeError as error:
            return Gap(error.why, error.detail)
        number = int.from_bytes(output)
        if len(output) != WORD or number > 0xFF:
            return Gap(Why.NO_TOKEN, "the token's contract says no decimals")
        return number

    async def read(self, batch: Batch) -> Reading:
        """A gap for each account: balances at a block that is named beforehand are not to be had."""
        return Reading.missing(len(batch.accounts), _NOW)

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        """One outcome for each account, in order, and the block at which all of them hold. Raises NodeError."""
        token = self._token(asset)
        outcomes: dict[int, int | AtLeast | Gap] = {
            at: Gap(Why.UNSUPPORTED, f"an account of Tron has {ADDRESS} bytes")
            for at, account in enumerate(accounts)
            if len(account) != ADDRESS
        }
        asked = [at for at in range(len(accounts)) if at not in outcomes]
        column, found = await self._together(token, [accounts[at] for at in asked])
        outcomes |= dict(zip(asked, found, strict=True))
        return await self._named(column), Reading.of([outcomes[at] for at in range(len(accounts))])

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:  # noqa: ARG002 - only now
        """The keys that may do everything with an account (`owner_permission`), and the weight that it takes; its own
        key where it was never changed. Of the newest solidified block, which the answer does not name. Raises
        NodeError."""
        body = dumps({"address": _PREFIX + contract.hex(), "visible": False}).encode()
        return permission_of(decode(await self._rest.post("/walletsolidity/getaccount", body, limit=_LIMIT)), contract)

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._rest.close()

    async def _together(
        self, token: bytes | None, accounts: Sequence[bytes]
    ) -> tuple[Column, Sequence[int | AtLeast | Gap]]:
        """What all accounts hold at one block, in as few calls as the node has time for, asked side by side. Raises
        NodeError WRONG_BLOCK where they ran in several blocks: of the next ones they may run in one."""
        while True:
            size = max(1, min(self._most, len(accounts)))
            pieces = [accounts[start : start + size] for start in range(0, len(accounts) or 1, size)]
            found = await asyncio.gather(
                *(self._coins(piece) if token is None else self._tokens(token, piece) for piece in pieces),
                return_exceptions=True,
            )
            failures = [each for each in found if isinstance(each, BaseException)]
            if failures and size > 1 and all(isinstance(each, TooMuch) for each in failures):
                self._most = min(self._most, size // 2)
                continue
            if failures:
                raise failures[0]
            columns, outcomes = zip(*(each for each in found if not isinstance(each, BaseException)), strict=True)
            if len({(column.chain_id, column.number, column.parent) for column in columns}) > 1:
                raise NodeError(
                    Why.WRONG_BLOCK, f"the {len(pieces)} calls that the node has time for ran in two blocks"
                )
            return columns[0], [outcome for of_piece in outcomes for outcome in of_piece]

    async def _coins(self, accounts: Sequence[bytes]) -> tuple[Column, Sequence[int | AtLeast | Gap]]:
        """TRX of each account, with what it has staked, or what it has liquid where the node does not tell that."""
        try:
            column = await self._column(stake.CODE, accounts)
        except Reverted as refusal:
            _position(refusal, len(accounts))
        else:
            return column, [stake.parts_of(word).balance for word in column.amounts]
        column = await self._column(_LIQUID, accounts)
        return column, [AtLeast(amount) for amount in column.amounts]

    async def _tokens(self, token: bytes, accounts: Sequence[bytes]) -> tuple[Column, Sequence[int | AtLeast | Gap]]:
        """A token's balance of each account."""
        outcomes: dict[int, int | Gap] = {}
        asked = list(range(len(accounts)))
        for _ in range(_MOST_REFUSED):
            try:
                column = await self._column(init_code(token), [accounts[at] for at in asked])
            except Reverted as refusal:
                at = asked.pop(_position(refusal, len(asked)))
                outcomes[at] = Gap(Why.NO_TOKEN, "the token's contract gave no balance")
            else:
                outcomes |= dict(zip(asked, column.amounts, strict=True))
                return column, [outcomes[at] for at in range(len(accounts))]
        raise NodeError(Why.NO_TOKEN, f"the token refuses a balance to more than {_MOST_REFUSED} accounts")

    async def _named(self, column: Column) -> Snapshot:
        """The block that our code found itself in: of its number, on top of the parent that it saw."""
        self._require_chain(column)
        snapshot = await self.block_at(column.number)
        if snapshot.parent != column.parent.hex():
            raise NodeError(Why.WRONG_BLOCK, f"the balances are of another block {column.number} than the node's own")
        return snapshot

    def _require_chain(self, column: Column) -> None:
        if str(column.chain_id) != self.settings.chain.reference:
            raise NodeError(
                Why.WRONG_CHAIN, f"the node serves chain {column.chain_id}, not {self.settings.chain.reference}"
            )

    async def _column(self, code: bytes, accounts: Sequence[bytes]) -> Column:
        """What our code computes for accounts of 20 bytes. Raises Reverted where a contract that it calls gives nothing
        of one of them."""
        try:
            output = await self._call(code + packed(accounts))
        except Reverted:
            if code == _LIQUID:  # no contract is called, so none has refused anything
                raise malformed("code that cannot give up gave up") from None
            raise
        return column_of(output, len(accounts))

    async def _call(self, data: bytes, contract: bytes | None = None) -> bytes:
        """The output of a constant call: of data for a contract, or of init code."""
        call: dict[str, Any] = {"owner_address": _CALLER, "data": data.hex(), "visible": False}
        if contract is not None:
            call["contract_address"] = _PREFIX + contract.hex()
        body = dumps(call).encode()
        return output_of(decode(await self._rest.post("/walletsolidity/triggerconstantcontract", body, limit=_LIMIT)))

    async def _block(self, name: str, **parameters: int) -> TronHeader | None:
        body = dumps({**parameters, "visible": False}).encode()
        return header_of(decode(await self._rest.post(f"/walletsolidity/{name}", body, limit=_BLOCK_LIMIT)))

    def _snapshot(self, header: TronHeader) -> Snapshot:
        try:
            time = _EPOCH + timedelta(seconds=header.milliseconds // 1000)
        except OverflowError:
            raise NodeError(Why.MALFORMED, "the block's time is beyond all calendars") from None
        return Snapshot(self.settings.chain, header.number, header.id.hex(), header.parent.hex(), time)

    def _token(self, asset: AssetId) -> bytes | None:
        """The contract of a TRC-20 token; None of TRX. Raises NodeError UNSUPPORTED for any other asset."""
        if asset.chain == self.settings.chain:
            if is_coin(asset, COIN):
                return None
            if asset.kind == "trc20":
                try:
                    return account_key(asset.chain, asset.reference)
                except AddressError as error:
                    raise NodeError(Why.UNSUPPORTED, str(error)) from None
        raise NodeError(Why.UNSUPPORTED, f"of {self.settings.chain} TRX and TRC-20 tokens are read, not {asset}")


def _position(refusal: Reverted, count: int) -> int:
    """At which of so many accounts our code gave up. Raises NodeError MALFORMED where it says none of them."""
    position = int.from_bytes(refusal.output) if len(refusal.output) == WORD else count
    if position >= count:
        raise malformed("the call gave up at none of its accounts")
    return position
