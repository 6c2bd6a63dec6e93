"""Raw material for proofs from an EVM node: a block's header, trie nodes by eth_getProof, and code by eth_getCode.

Nothing is believed or checked here, not even which account a trie node or a code was sent for: `chains.evm.state` walks
from the pinned block's hash downwards, where anything false has no place. So answers need no order and no matching, and
a node that leaves something out or sends rubbish can only fail to prove.

Sources: EIP-1186 (eth_getProof); execution-apis.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.chains.evm.node.chunk_size import ChunkSize
from scanner.chains.evm.node.errors import TooMuch, meaning
from scanner.chains.evm.node.values import at, data, hex_data
from scanner.chains.evm.state_parts import ProofPath
from scanner.chains.evm.stated_header import stated_header
from scanner.clients.jsonrpc import Call
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

SLOTS_PER_CALL = 500  # Geth refuses more than 1,024 keys a call
_MOST_NODES = 70  # in one proof: a path has 64 nibbles at the most
_PATIENCE = 12  # refusals in a row before a node is taken to be unable; halving 500 down to one takes nine
_PATIENCE_IN_ALL = 400  # refusals whatever is between: where three are taken at once, growing again meets one in 24


class ProofAsker:
    """Asks one node for proofs, as many at once as it gives; `single`: each by itself, where it takes no batches."""

    def __init__(self, rpc: JsonRpc, *, single: bool = False) -> None:
        self._rpc = rpc
        self.single = single
        self._chunk_size = ChunkSize(first=50, most=500)

    async def header(self, snapshot: Snapshot) -> bytes:
        """The block's header as `stated_header` writes it. Raises NodeError."""
        try:
            block = await self._rpc.call("eth_getBlockByHash", (snapshot.hash, False))
        except NodeError as error:
            raise meaning(error) from None
        if not isinstance(block, Mapping):
            raise NodeError(Why.WRONG_BLOCK, "the node does not know the block")
        return stated_header(block)

    async def records(self, snapshot: Snapshot, paths: Sequence[ProofPath], codes: Sequence[bytes]) -> list[bytes]:
        """Trie nodes for these paths, and the code of these accounts, in no order. Raises NodeError where none came."""
        found = await self.trie_nodes(snapshot, paths) if paths else []
        if codes:
            try:
                found += await self._codes(snapshot, codes)
            except NodeError:
                if not found:
                    raise
        return found

    async def trie_nodes(self, snapshot: Snapshot, paths: Sequence[ProofPath]) -> list[bytes]:
        """Trie nodes, in no order, that may prove what was asked for. What the node answered is kept whatever it
        refuses besides, so that no one turns a proof off by refusing another. Raises NodeError where it gave none."""
        found, refused, failure = await self._pass(snapshot, list(_bounded(paths)))
        if found and refused:
            again, _, _ = await self._pass(snapshot, refused)
            found += again
        if failure is not None and not found:
            raise failure
        return found

    async def _codes(self, snapshot: Snapshot, accounts: Sequence[bytes]) -> list[bytes]:
        """What code the node says that these accounts have. Raises NodeError where it says it of none."""
        calls: list[Call] = [("eth_getCode", (hex_data(account), at(snapshot))) for account in accounts]
        try:
            answers = await (asyncio.gather(*map(self._one, calls)) if self.single else self._rpc.batch(calls))
        except NodeError as error:
            raise meaning(error) from None
        given = [answer for answer in answers if not isinstance(answer, NodeError)]
        if not given:
            raise meaning(next(answer for answer in answers if isinstance(answer, NodeError)))
        return [data(answer, "a contract's code") for answer in given]

    async def _pass(self, snapshot: Snapshot, waiting: list[ProofPath]) -> _Passed:
        """Each question asked once, until the node answers none of those that are asked together."""
        found: list[bytes] = []
        refused: list[ProofPath] = []
        failure: NodeError | None = None
        refusals = in_all = 0
        while waiting:
            size = min(self._chunk_size.size, len(waiting))
            try:
                nodes, open_questions, failed = await self._ask(snapshot, waiting[-size:])
            except TooMuch as error:
                refusals, in_all = refusals + 1, in_all + 1
                failure = error
                if refusals > _PATIENCE or in_all > _PATIENCE_IN_ALL or (size == 1 and not found):
                    break
                if size == 1:
                    refused.append(waiting.pop())
                    self._chunk_size.one_was_bad()
                else:
                    self._chunk_size.refused(size)
                continue
            except NodeError as error:
                failure = error
                break
            found += nodes
            refused += open_questions
            failure = failed or failure
            if not nodes and failed is not None:
                break
            refusals = 0
            self._chunk_size.took(size)
            del waiting[-size:]
        return found, refused, failure

    async def _ask(self, snapshot: Snapshot, questions: Sequence[ProofPath]) -> _Passed:
        """Raises NodeError where the node answers nothing, and TooMuch where it asks for less."""
        calls: list[Call] = [
            ("eth_getProof", (hex_data(address), [hex_data(slot) for slot in slots], at(snapshot)))
            for address, slots in questions
        ]
        try:
            answers = await (asyncio.gather(*map(self._one, calls)) if self.single else self._rpc.batch(calls))
        except NodeError as error:
            raise meaning(error) from None
        found: list[bytes] = []
        refused: list[ProofPath] = []
        failure: NodeError | None = None
        for question, answer in zip(questions, answers, strict=True):
            try:
                if isinstance(answer, NodeError):
                    raise meaning(answer)
                found += list(_nodes(answer))
            except TooMuch:
                raise
            except NodeError as error:
                refused.append(question)
                failure = error
        return found, refused, failure

    async def _one(self, call: Call) -> Any | NodeError:
        try:
            return await self._rpc.call(*call)
        except NodeError as error:
            return error  # as in a batch


_Passed = tuple[list[bytes], list[ProofPath], NodeError | None]
"""The trie nodes that came, the questions that were refused, and the last reason why."""


def _bounded(questions: Sequence[ProofPath]) -> Iterator[ProofPath]:
    for address, slots in questions:
        for start in range(0, max(len(slots), 1), SLOTS_PER_CALL):
            yield address, slots[start : start + SLOTS_PER_CALL]


def _nodes(answer: object) -> Iterator[bytes]:
    """The trie nodes in one answer. Raises NodeError MALFORMED for anything else than EIP-1186 describes."""
    if not isinstance(answer, Mapping):
        raise NodeError(Why.MALFORMED, "the proof is no object")
    storage = answer.get("storageProof")
    if not isinstance(storage, list) or not all(isinstance(entry, Mapping) for entry in storage):
        raise NodeError(Why.MALFORMED, "the proof has no list of storage proofs")
    lists: list[Any] = [answer.get("accountProof"), *(entry.get("proof") for entry in storage)]
    for nodes in lists:
        if not isinstance(nodes, list) or len(nodes) > _MOST_NODES:
            raise NodeError(Why.MALFORMED, f"a proof is no list of at most {_MOST_NODES} trie nodes")
        for node in nodes:
            yield data(node, "a trie node")
