"""The ways to ask an EVM node for many balances, best first. Each answers a chunk whole, or raises why it cannot.

    1  OVERRIDE    our code set at an unused address, the accounts as call data        thousands a call
    2  INIT_CODE   our code as init code of a call without `to`                        up to 765 a call
    3  MULTICALL   Multicall3, where deployed at that height                           some hundreds a call
    4  BATCH       eth_getBalance or eth_call for each account, in JSON-RPC batches    no code of ours needed
    5  SINGLE      the same, without batches

Every answer of 1 to 3 carries the chain id, number and parent hash of the block it was computed on, from inside that
computation, and is checked against the snapshot. 4 and 5 are weaker: each chunk of accounts also asks for the chain
id and for the block under the snapshot's hash, which shows that the node behind it knows that block at that height, on
that chain; that the balances are of that block rests on the node honouring EIP-1898, which is tried with a hash that
no block has before the node is used at all (`evm.EvmNode.open`). Where a node takes less at once than a chunk, the
guards ride on its first request alone: in each they were up to half of what a slow provider lets through. No way can
show that a node does not lie: `weighing.quorum` and `proofs` are for that.

Each way may be given another context to call from than the plain one (`evm.call_context`).

Not in here: how much to ask for at once and what to do when asking fails (`evm.reader`).

Sources: EIP-1898; EIP-3860; Geth's documentation of eth_call's state override set; Multicall3's aggregate3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Protocol

from scanner.chains.evm.balance_call import ADDRESS, BALANCE_OF, READER, WORD, balance_of
from scanner.chains.evm.facts import EvmChain
from scanner.chains.evm.node import code as evm_code
from scanner.chains.evm.node import multicall3
from scanner.chains.evm.node.balance_answers import balance_in_aggregate, native_balance, token_balance
from scanner.chains.evm.node.call_context import PLAIN, CallContext
from scanner.chains.evm.node.code import HEADER, packed
from scanner.chains.evm.node.errors import NotThisWay, TooMuch, meaning
from scanner.chains.evm.node.values import at, check_header, data, hex_data, quantity, snapshot_of
from scanner.clients.jsonrpc import Call, JsonText, RpcError, json_text
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Reading, Snapshot
from scanner.errors import NodeError, Why


class StrategyKind(IntEnum):
    """A way's place on the ladder, by which a run's log names it."""

    OVERRIDE = 1
    INIT_CODE = 2
    MULTICALL = 3
    BATCH = 4
    SINGLE = 5


class ReadStrategy(Protocol):
    """One way to ask. `first` and `most` accounts at once, and the `room` there is for now; whether rows fail alone, or
    all with the first."""

    @property
    def kind(self) -> StrategyKind: ...
    @property
    def first(self) -> int: ...
    @property
    def most(self) -> int: ...
    @property
    def room(self) -> int: ...
    @property
    def by_row(self) -> bool: ...

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether this way can be tried at that block at all."""

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        """Balances of the 20-byte accounts, native or of the 20-byte `token`, in order.

        Raises TooMuch, Reverted (only where not `by_row`), NotThisWay, or another NodeError for the chunk as a whole.
        """


class RowWay(ReadStrategy, Protocol):
    """A way that asks for each account by itself, and can look at a contract."""

    async def has_code(self, snapshot: Snapshot, address: bytes) -> bool:
        """Whether there is a contract at `address` at the snapshot. Raises NodeError."""


class _RunsCode:
    """What ways 1 and 2 share: one call whose answer is a header and a column of balances."""

    by_row = False

    def __init__(self, rpc: JsonRpc, ways: EvmChain, context: CallContext = PLAIN) -> None:
        self._rpc = rpc
        self._ways = ways
        self._context = context
        self._codes: dict[bytes | None, bytes] = {}

    def fits(self, snapshot: Snapshot) -> bool:  # noqa: ARG002 - the same at every block
        return self._ways.runs_code

    async def _column(self, snapshot: Snapshot, params: JsonText, count: int) -> Reading:
        try:
            answer = data(await self._rpc.call("eth_call", params), "the answer to our code")
        except NodeError as error:
            raise meaning(error) from None
        if not answer:
            raise NotThisWay(Why.UNSUPPORTED, "the node did not run the code it was given")
        check_header(answer[:HEADER], snapshot, self._ways)
        if len(answer) != HEADER + count * WORD:
            raise NodeError(Why.MALFORMED, f"the answer holds {len(answer) - HEADER} bytes for {count} balances")
        return Reading(answer[HEADER:], {})


class ByOverride(_RunsCode):
    kind = StrategyKind.OVERRIDE
    first, most, room = 4_000, 20_000, 20_000

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        code = self._codes.get(token) or self._codes.setdefault(
            token, evm_code.override_code(token, gas=self._context.gas, arbsys=self._ways.arbsys)
        )
        reader = hex_data(self._context.reader)
        call = {"to": reader, "data": hex_data(packed(accounts)), **self._context.fields()}
        overrides = {reader: {"code": hex_data(code)}, **self._context.overrides()}
        params = json_text([call, at(snapshot), overrides])
        return await self._column(snapshot, params, len(accounts))


class ByInitCode(_RunsCode):
    kind = StrategyKind.INIT_CODE
    first = most = room = evm_code.most_for_init_code(evm_code.init_code(READER, arbsys=True))

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        code = self._codes.get(token) or self._codes.setdefault(
            token, evm_code.init_code(token, gas=self._context.gas, arbsys=self._ways.arbsys)
        )
        call = {"data": hex_data(code + packed(accounts)), **self._context.fields()}
        params = json_text(_params(call, snapshot, self._context))
        return await self._column(snapshot, params, len(accounts))


class ByMulticall:
    """aggregate3 of Multicall3, each call allowed to fail alone; the header comes from the same aggregate."""

    kind = StrategyKind.MULTICALL
    first, most, room = 500, 2_000, 2_000
    by_row = True

    def __init__(self, rpc: JsonRpc, ways: EvmChain, context: CallContext = PLAIN) -> None:
        self._rpc = rpc
        self._ways = ways
        self._context = context

    def fits(self, snapshot: Snapshot) -> bool:
        return self._ways.multicall3 is not None and snapshot.height >= self._ways.multicall3_since

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        multicall = self._ways.multicall3 or b""
        before = (max(snapshot.height, 1) - 1).to_bytes(WORD)
        calls = [(multicall, multicall3.GET_CHAIN_ID)]
        if self._ways.arbsys:
            calls += [(evm_code.ARBSYS, evm_code.ARB_BLOCK_NUMBER), (evm_code.ARBSYS, evm_code.ARB_BLOCK_HASH + before)]
        else:
            calls += [(multicall, multicall3.GET_BLOCK_NUMBER), (multicall, multicall3.GET_BLOCK_HASH + before)]
        if token is None:
            calls += [(multicall, multicall3.GET_ETH_BALANCE + account.rjust(WORD, b"\0")) for account in accounts]
        else:
            calls += [(token, balance_of(account)) for account in accounts]
        call = {"to": hex_data(multicall), "data": hex_data(multicall3.aggregate(calls)), **self._context.fields()}
        params = _params(call, snapshot, self._context)
        try:
            answer = data(await self._rpc.call("eth_call", params), "Multicall3's answer")
        except NodeError as error:
            raise meaning(error) from None
        if not answer:
            raise NotThisWay(Why.UNSUPPORTED, "there is no Multicall3 at that block")
        results = multicall3.aggregated(answer, len(calls))
        header = results[:3]
        if not all(succeeded and len(found) == WORD for succeeded, found in header):
            raise NodeError(Why.MALFORMED, "Multicall3 did not say on which block it ran")
        check_header(b"".join(found for _, found in header), snapshot, self._ways)
        return Reading.of(balance_in_aggregate(succeeded, found) for succeeded, found in results[3:])


class ByBatch:
    """One JSON-RPC call for each account, together with the calls that guard them; in batches, or one after another."""

    by_row = True

    def __init__(self, rpc: JsonRpc, ways: EvmChain, context: CallContext = PLAIN, *, single: bool = False) -> None:
        self._rpc = rpc
        self._ways = ways
        self._context = context
        self._single = single
        self.kind = StrategyKind.SINGLE if single else StrategyKind.BATCH
        self.first, self.most = (1, 1) if single else (100, 1_000)
        self.room = self.most  # a batch of which the node takes less is sent in parts, under the guards of the first

    def fits(self, snapshot: Snapshot) -> bool:  # noqa: ARG002 - the same at every block
        return True

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        block = json_text(at(snapshot))
        if token is None:
            calls: list[Call] = [("eth_getBalance", JsonText(f'["0x{each.hex()}",{block}]')) for each in accounts]
        else:
            selector = hex_data(BALANCE_OF + bytes(WORD - ADDRESS))  # and the account's leading zeros
            head, tail = self._around(snapshot, token, selector)
            calls = [("eth_call", JsonText(f"{head}{each.hex()}{tail}")) for each in accounts]
        answers = [
            meaning(answer) if isinstance(answer, NodeError) else answer for answer in await self._ask(snapshot, calls)
        ]
        for answer in answers:
            if isinstance(answer, TooMuch) and len(accounts) > 1:
                raise answer  # the rest of a batch over the node's limit is refused row by row
        return Reading.of(map(native_balance if token is None else token_balance, answers))

    async def call(self, snapshot: Snapshot, to: bytes, call_data: bytes) -> bytes:
        """What contract `to` answers at the snapshot, guarded like a balance. Raises NodeError."""
        call = {"to": hex_data(to), "data": hex_data(call_data), **self._context.fields(gas=True)}
        params = _params(call, snapshot, self._context)
        (answer,) = await self._ask(snapshot, [("eth_call", params)])
        if isinstance(answer, NodeError):
            raise meaning(answer)
        return data(answer, "the contract's answer")

    async def has_code(self, snapshot: Snapshot, address: bytes) -> bool:
        """Whether there is a contract at `address` at the snapshot. Raises NodeError."""
        (answer,) = await self._ask(snapshot, [("eth_getCode", (hex_data(address), at(snapshot)))])
        if isinstance(answer, NodeError):
            raise meaning(answer)
        return bool(data(answer, "the contract's code"))

    def _around(self, snapshot: Snapshot, to: bytes, data_begins: str) -> tuple[str, str]:
        """The parameters of a call, as JSON, before and behind the end of its data."""
        call = {"to": hex_data(to), **self._context.fields(gas=True), "data": data_begins}
        text = json_text(_params(call, snapshot, self._context))
        head, found, tail = text.partition(f'"data":"{data_begins}')
        return head + found, tail

    async def _ask(self, snapshot: Snapshot, calls: Sequence[Call]) -> list[Any | NodeError]:
        """The outcomes of `calls`, once the guarding calls have shown the right chain and block."""
        guards: list[Call] = [("eth_chainId", ()), ("eth_getBlockByHash", (snapshot.hash, False))]
        try:
            if self._single:
                answers = [await self._one(call) for call in [*guards, *calls]]
            else:
                answers = await self._rpc.batch([*guards, *calls])
        except NodeError as error:
            raise meaning(error) from None
        for answer in answers[:2]:
            if isinstance(answer, NodeError):
                raise meaning(answer)
        check_guards(answers[0], answers[1], snapshot)
        return answers[2:]

    async def _one(self, call: Call) -> Any | NodeError:
        try:
            return await self._rpc.call(*call)
        except RpcError as error:
            return error  # as in a batch; what fails otherwise fails the whole


def _params(call: Mapping[str, str], snapshot: Snapshot, context: CallContext) -> list[Any]:
    """eth_call's parameters: overrides among them only where there are any, as not every node takes them."""
    overrides = context.overrides()
    return [call, at(snapshot), overrides] if overrides else [call, at(snapshot)]


def check_guards(chain_id: object, block: object, snapshot: Snapshot) -> None:
    """That the node serves the snapshot's chain, and knows the snapshot's block as we do. Raises NodeError."""
    found = quantity(chain_id, "the chain id")
    if found != int(snapshot.chain.reference):
        raise NodeError(Why.WRONG_CHAIN, f"the node serves chain id {found}")
    if block is None:
        raise NodeError(Why.WRONG_BLOCK, "the node does not know the block")
    if snapshot_of(block, snapshot.chain) != snapshot:
        raise NodeError(Why.WRONG_BLOCK, "the node knows another block under that hash")
