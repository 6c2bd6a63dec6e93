"""An ERC-20's transfers from the logs of its contract, by `eth_getLogs`: those to some accounts, and those from them.

A question names the contract, a range of blocks, and accounts in the place of the one topic or the other. It is made
smaller where a node refuses it, in whatever words: half the blocks, then half the accounts. Every log is held against
the question. What no one can see here: a log that the node leaves out, and what the contract moved without a log.

Sources: EIP-20 (the event Transfer); execution-apis (`eth_getLogs`, the schemas Filter and Log).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanner.chains.evm.balance_call import ADDRESS, WORD
from scanner.chains.evm.node import code as evm_code
from scanner.chains.evm.node.chunk_size import ChunkSize
from scanner.chains.evm.node.errors import METHOD_NOT_FOUND, NotThisWay, TooMuch, meaning
from scanner.chains.evm.node.values import data, hex_data, quantity
from scanner.clients.jsonrpc import RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.ids import AssetId
from scanner.core.keccak import keccak256
from scanner.core.transfers import MOST_TRANSFERS, Transfer
from scanner.errors import NodeError, Why

TRANSFER: Final = keccak256(b"Transfer(address,address,uint256)")
MOST_TOPICS: Final = 500  # accounts in a question; Geth refuses more than 1,000
_FIRST_BLOCKS, _MOST_BLOCKS = 1_000, 10_000  # in a question: what most providers take, and what few take more of
_PATIENCE: Final = 40  # refusals in a row: halving 10,000 blocks and then 500 accounts down to one takes 23
_SENDERS, _RECEIVERS = 1, 2  # the topics' places
_MOST_INDEX: Final = 2**32  # of a log in its block
_PADDING: Final = bytes(WORD - ADDRESS)


@dataclass(frozen=True, slots=True)
class _Question:
    """Logs of a contract in a range of blocks, with one of the accounts in this place."""

    place: int
    accounts: Sequence[bytes]
    first: int
    last: int

    @property
    def blocks(self) -> int:
        return self.last - self.first + 1

    def cut(self, blocks: int) -> Iterator[_Question]:
        """The part with the first so many blocks, and the rest where there is one."""
        middle = min(self.last, self.first + blocks - 1)
        yield _Question(self.place, self.accounts, self.first, middle)
        if middle < self.last:
            yield _Question(self.place, self.accounts, middle + 1, self.last)

    def halves(self) -> Iterator[_Question]:
        """The same with half of the accounts each."""
        half = len(self.accounts) // 2
        for accounts in (self.accounts[:half], self.accounts[half:]):
            yield _Question(self.place, accounts, self.first, self.last)


class TransferLogs:
    """`chains.interface.ListsTransfers` of one node."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc
        self._span = ChunkSize(first=_FIRST_BLOCKS, most=_MOST_BLOCKS)

    async def transfers(self, asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> tuple[Transfer, ...]:
        """As the interface says. Raises NodeError: UNSUPPORTED for a chain's own coin, which moves without logs."""
        if asset.kind != "erc20":
            raise NodeError(Why.UNSUPPORTED, "the chain's own coin moves without a log")
        if not evm_code.are_addresses(accounts):
            raise NodeError(Why.UNSUPPORTED, "an account of an EVM chain has 20 bytes")
        found: dict[tuple[int, int], Transfer] = {}
        blocks: dict[int, str] = {}
        waiting = [
            _Question(place, accounts[start : start + MOST_TOPICS], first, last)
            for place in (_SENDERS, _RECEIVERS)
            for start in range(0, len(accounts), MOST_TOPICS)
        ]
        refusals = 0
        while waiting:
            question, *rest = waiting.pop().cut(self._span.size)
            waiting += rest
            try:
                logs = await self._asked(asset, question)
            except TooMuch as error:
                refusals += 1
                smallest = question.blocks == 1 and len(question.accounts) == 1
                if refusals > _PATIENCE or smallest:
                    raise NodeError(error.why, error.detail) from None
                waiting += self._smaller(question)
                continue
            refusals = 0
            self._span.took(question.blocks)
            for each in _read(logs, asset, question):
                if found.setdefault((each.height, each.index), each) != each:
                    raise _malformed(f"two logs are number {each.index} of block {each.height}")
                if blocks.setdefault(each.height, each.block) != each.block:
                    raise NodeError(Why.WRONG_BLOCK, f"logs of two blocks at height {each.height}")
            if len(found) > MOST_TRANSFERS:
                raise NodeError(Why.REFUSED, f"more than {MOST_TRANSFERS:,} transfers")
        return tuple(sorted(each for each in found.values() if each.atoms))

    def _smaller(self, question: _Question) -> list[_Question]:
        if question.blocks > 1:
            self._span.refused(question.blocks)
            return [question]
        return [*question.halves()]

    async def _asked(self, asset: AssetId, question: _Question) -> list[Any]:
        """Raises NodeError, TooMuch where less may be answered."""
        topics: list[Any] = [hex_data(TRANSFER), None, None]
        topics[question.place] = [hex_data(_PADDING + account) for account in question.accounts]
        asked = {
            "address": hex_data(asset.contract),
            "fromBlock": hex(question.first),
            "toBlock": hex(question.last),
            "topics": topics[: question.place + 1],
        }
        try:
            logs = await self._rpc.call("eth_getLogs", (asked,))
        except NodeError as error:
            raise _refusal(error) from None
        if not isinstance(logs, list):
            raise _malformed("the logs are no list")
        return logs


def _refusal(error: NodeError) -> NodeError:
    """What an error of `eth_getLogs` means: what refuses the question, and not the method, may be of its size."""
    found = meaning(error)
    if isinstance(error, RpcError) and error.code == METHOD_NOT_FOUND:
        return found
    if isinstance(found, NotThisWay) or found.why in {Why.REFUSED, Why.NO_STATE, Why.WRONG_BLOCK}:
        return TooMuch(found.why, found.detail)
    return found


def _read(logs: Sequence[object], asset: AssetId, question: _Question) -> Iterator[Transfer]:
    """The transfers in an answer. Raises NodeError for a log that was not asked for, or is none of a transfer."""
    named = frozenset(question.accounts)
    for log in logs:
        if not isinstance(log, Mapping):
            raise _malformed("a log is no object")
        if data(log.get("address"), "a log's address") != asset.contract:
            raise _malformed("a log of another contract")
        if log.get("removed", False) is not False:
            raise NodeError(Why.WRONG_BLOCK, "a log of a block that was replaced")
        height, index = (quantity(log.get(name), f"a log's {name}") for name in ("blockNumber", "logIndex"))
        if not question.first <= height <= question.last:
            raise NodeError(Why.WRONG_BLOCK, f"a log of block {height}, which was not asked for")
        if index >= _MOST_INDEX:
            raise _malformed("a log's number in its block is beyond all blocks")
        block, transaction = (_word(log.get(name), f"a log's {name}") for name in ("blockHash", "transactionHash"))
        topics = log.get("topics")
        if not isinstance(topics, list) or not topics or _word(topics[0], "a topic") != TRANSFER:
            raise _malformed("a log of another event")
        amount = data(log.get("data"), "a log's data")
        if len(topics) != 3 or len(amount) != WORD:
            raise NodeError(Why.NO_TOKEN, "the contract's logs of transfers are not those of an ERC-20")
        source, target = (_account(topic) for topic in topics[1:])
        if (source if question.place == _SENDERS else target) not in named:
            raise _malformed("a log of accounts that were not asked for")
        yield Transfer(
            asset, height, index, hex_data(block), hex_data(transaction), source, target, int.from_bytes(amount)
        )


def _account(topic: object) -> bytes:
    word = _word(topic, "a topic")
    if word[: len(_PADDING)] != _PADDING:
        raise NodeError(Why.NO_TOKEN, "the contract's logs of transfers name no accounts")
    return word[len(_PADDING) :]


def _word(value: object, what: str) -> bytes:
    found = data(value, what)
    if len(found) != WORD:
        raise _malformed(f"{what} has {len(found)} bytes, not {WORD}")
    return found


def _malformed(what: str) -> NodeError:
    return NodeError(Why.MALFORMED, what)
