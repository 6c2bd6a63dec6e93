"""What shows a transaction in its block, from an EVM node: the whole block's transactions and receipts, and of them the
nodes of both tries that lead to the one that is asked for.

Nothing is believed: the tries are built from what the node states, and have to have the roots of the block's header.
Transactions and receipts of types that are not known here cannot be written as the chain does, so that of a block with
one of them no trie is built.

Sources: execution-apis ("Transaction", "Receipt"); EIP-155, 2718, 2930, 1559, 4844, 7702; yellow paper, 4.4.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanner.chains.evm import rlp
from scanner.chains.evm.header import header_from_json
from scanner.chains.evm.index_trie import IndexTrie
from scanner.chains.evm.node.errors import meaning
from scanner.chains.evm.node.values import data, hex_data, quantity
from scanner.chains.evm.rlp import Item
from scanner.chains.evm.stated_header import read_stated_header, stated_header
from scanner.chains.records_by_hash import framed
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.core.keccak import keccak256
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

_MOST: Final = 100_000  # transactions of one block: more than any block has had
_NUMBER, _BYTES, _ACCESS, _BLOBS, _DELEGATIONS = "number", "bytes", "access", "blobs", "delegations"
_TAIL: Final = (("to", _BYTES), ("value", _NUMBER), ("input", _BYTES))
_FEES: Final = (("maxPriorityFeePerGas", _NUMBER), ("maxFeePerGas", _NUMBER), ("gas", _NUMBER))
_CHAIN: Final = (("chainId", _NUMBER), ("nonce", _NUMBER))
_LISTED: Final = (("accessList", _ACCESS),)
_FIELDS: Final[Mapping[int, tuple[tuple[str, str], ...]]] = {  # by type, in the order in which they are hashed
    0: (("nonce", _NUMBER), ("gasPrice", _NUMBER), ("gas", _NUMBER), *_TAIL),
    1: (*_CHAIN, ("gasPrice", _NUMBER), ("gas", _NUMBER), *_TAIL, *_LISTED),
    2: (*_CHAIN, *_FEES, *_TAIL, *_LISTED),
    3: (*_CHAIN, *_FEES, *_TAIL, *_LISTED, ("maxFeePerBlobGas", _NUMBER), ("blobVersionedHashes", _BLOBS)),
    4: (*_CHAIN, *_FEES, *_TAIL, *_LISTED, ("authorizationList", _DELEGATIONS)),
}


class MovementSource:
    """`chains.interface.ServesMovements` of one node."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc

    async def movement_record(self, block: Snapshot, transaction: str) -> bytes:
        """What `chains.evm.movement` walks. Raises NodeError, WRONG_BLOCK where the block has no such transaction."""
        stated = await self._asked("eth_getBlockByHash", block.hash, True)
        if not isinstance(stated, Mapping):
            raise NodeError(Why.WRONG_BLOCK, "the node does not know the block")
        transactions = _objects(stated.get("transactions"), "the block's transactions")
        names = [each.get("hash") for each in transactions]
        if transaction not in names:
            raise NodeError(Why.WRONG_BLOCK, f"block {block.height} has no transaction {transaction}")
        receipts = await self._receipts(block, names)
        try:
            header = header_from_json(
                read_stated_header(stated_header(stated)), bytes.fromhex(block.hash.removeprefix("0x"))
            )
            tries = [
                _trie([_transaction(each) for each in transactions], header.transactions_root, "transactions"),
                _trie([_receipt(each) for each in receipts], header.receipts_root, "receipts"),
            ]
            index = names.index(transaction)
            nodes = [node for trie in tries for node in trie.proof(index)]
        except ProofError as error:
            raise NodeError(Why.FORGED, error.detail) from None
        return framed([header.encoded, rlp.encode_int(index), *nodes])

    async def _receipts(self, block: Snapshot, names: Sequence[Any]) -> list[Mapping[str, Any]]:
        """All receipts of the block, in its order: together, or from a node that does not give them so one by one."""
        try:
            together = await self._asked("eth_getBlockReceipts", block.hash)
        except NodeError as error:
            if error.why in {Why.UNREACHABLE, Why.RATE_LIMITED, Why.UNAUTHORIZED}:
                raise
            together = None
        if together is None:
            found = await self._rpc.batch([("eth_getTransactionReceipt", (name,)) for name in names])
            failed = next((each for each in found if isinstance(each, NodeError)), None)
            if failed is not None:
                raise meaning(failed)
            together = found
        return _objects(together, "the block's receipts")

    async def _asked(self, method: str, *params: Any) -> Any:
        try:
            return await self._rpc.call(method, params)
        except NodeError as error:
            raise meaning(error) from None


def _trie(values: Sequence[bytes], root: bytes, what: str) -> IndexTrie:
    trie = IndexTrie(values)
    if trie.root != root:
        raise NodeError(Why.FORGED, f"the {what} that the node states are not those under the block's header")
    return trie


def _transaction(stated: Mapping[str, Any]) -> bytes:
    """As the block's trie has it. Raises NodeError, UNSUPPORTED for a type that is not known."""
    kind = _kind(stated)
    items: list[Item] = [_item(stated.get(name), form, name) for name, form in _FIELDS[kind]]
    parity = stated.get("yParity", stated.get("v")) if kind else stated.get("v")
    items += [rlp.encode_int(quantity(each, "a signature")) for each in (parity, stated.get("r"), stated.get("s"))]
    encoded = (bytes([kind]) if kind else b"") + rlp.encode(items)
    if hex_data(keccak256(encoded)) != stated.get("hash"):
        raise NodeError(Why.FORGED, "a transaction that the node states does not hash to its name")
    return encoded


def _receipt(stated: Mapping[str, Any]) -> bytes:
    """As the block's trie has it. Raises NodeError, UNSUPPORTED for a type that is not known."""
    kind = _kind(stated)
    outcome = stated.get("status")
    logs: list[Item] = [
        [
            data(log.get("address"), "a log's address"),
            _strings(log.get("topics")),
            data(log.get("data"), "a log's data"),
        ]
        for log in _objects(stated.get("logs"), "a receipt's logs")
    ]
    items: list[Item] = [
        data(stated.get("root"), "a receipt's root")
        if outcome is None
        else rlp.encode_int(quantity(outcome, "a receipt's status")),
        rlp.encode_int(quantity(stated.get("cumulativeGasUsed"), "a receipt's gas")),
        data(stated.get("logsBloom"), "a receipt's bloom filter"),
        logs,
    ]
    return (bytes([kind]) if kind else b"") + rlp.encode(items)


def _kind(stated: Mapping[str, Any]) -> int:
    kind = quantity(stated.get("type", "0x0"), "a transaction's type")
    if kind not in _FIELDS:
        raise NodeError(Why.UNSUPPORTED, f"the block has a transaction of type {kind:#x}, which is not known here")
    return kind


def _item(value: object, form: str, name: str) -> Item:
    if form == _NUMBER:
        return rlp.encode_int(quantity(value, name))
    if form == _BYTES:
        return b"" if value is None and name == "to" else data(value, name)
    if form == _ACCESS:
        return [
            [data(each.get("address"), "an address"), _strings(each.get("storageKeys"))]
            for each in _objects(value, "an access list")
        ]
    if form == _BLOBS:
        return _strings(value)
    return [_delegation(each) for each in _objects(value, "an authorization list")]


def _delegation(stated: Mapping[str, Any]) -> list[Item]:
    """EIP-7702."""
    signature = (stated.get("yParity", stated.get("v")), stated.get("r"), stated.get("s"))
    return [
        rlp.encode_int(quantity(stated.get("chainId"), "a delegation's chain")),
        data(stated.get("address"), "a delegation's address"),
        rlp.encode_int(quantity(stated.get("nonce"), "a delegation's nonce")),
        *(rlp.encode_int(quantity(each, "a delegation's signature")) for each in signature),
    ]


def _strings(value: object) -> list[Item]:
    if not isinstance(value, list):
        raise NodeError(Why.MALFORMED, "a list in the answer is none")
    return [data(each, "a list's item") for each in value]


def _objects(value: object, what: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or len(value) > _MOST or not all(isinstance(each, Mapping) for each in value):
        raise NodeError(Why.MALFORMED, f"{what} are no list of objects")
    return value
