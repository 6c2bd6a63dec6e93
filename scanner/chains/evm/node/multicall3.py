"""Multicall3's call data and answers, to the byte. Pure: where it stands and what is asked of it is others' matter.

A general ABI library takes longer over these than the node takes to answer.

Sources: Solidity's ABI specification; Multicall3's aggregate3((address,bool,bytes)[]) -> (bool,bytes)[].
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.chains.evm.balance_call import WORD
from scanner.core.keccak import keccak256
from scanner.errors import NodeError, Why

GET_CHAIN_ID = keccak256(b"getChainId()")[:4]
GET_BLOCK_NUMBER = keccak256(b"getBlockNumber()")[:4]
GET_BLOCK_HASH = keccak256(b"getBlockHash(uint256)")[:4]
GET_ETH_BALANCE = keccak256(b"getEthBalance(address)")[:4]
_AGGREGATE3 = keccak256(b"aggregate3((address,bool,bytes)[])")[:4]


def aggregate(calls: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Call data of aggregate3, each call allowed to fail. ABI: an array of offsets, then the tuples."""
    offsets, tuples, place = [], [], WORD * len(calls)
    for target, call_data in calls:
        padded = call_data.ljust(-(-len(call_data) // WORD) * WORD, b"\0")
        encoded = b"".join(
            [target.rjust(WORD, b"\0"), _number(1), _number(3 * WORD), _number(len(call_data)), padded]
        )  # target, allowFailure, where the bytes stand, their length, the bytes
        offsets.append(_number(place))
        tuples.append(encoded)
        place += len(encoded)
    return b"".join([_AGGREGATE3, _number(WORD), _number(len(calls)), *offsets, *tuples])


def aggregated(answer: bytes, count: int) -> list[tuple[bool, bytes]]:
    """aggregate3's results: of each call, its success and the first 32 bytes (or fewer) of what it returned.

    No more than a word is copied, since an answer may name one long piece of itself as every call's. Raises NodeError
    MALFORMED.
    """
    if answer[: 2 * WORD] != _number(WORD) + _number(count):
        raise NodeError(Why.MALFORMED, "Multicall3's answer is not for as many calls as were made")
    body = memoryview(answer)[2 * WORD :]
    results = []
    for position in range(count):
        place = int.from_bytes(body[position * WORD : (position + 1) * WORD])
        head = body[place : place + 3 * WORD]  # success, where the bytes stand, their length
        succeeded, where, length = (int.from_bytes(head[at : at + WORD]) for at in (0, WORD, 2 * WORD))
        start = place + 3 * WORD
        if len(head) != 3 * WORD or succeeded > 1 or where != 2 * WORD or start + length > len(body):
            raise NodeError(Why.MALFORMED, "Multicall3's answer is not encoded as its ABI says")
        results.append((bool(succeeded), bytes(body[start : start + min(length, WORD)])))
    return results


def results(words: Sequence[bytes]) -> bytes:
    """An answer of aggregate3 in which every call succeeded and returned one word: what `aggregated` reads."""
    tuples = [b"".join([_number(1), _number(2 * WORD), _number(WORD), word]) for word in words]
    offsets = [_number(WORD * len(words) + sum(map(len, tuples[:1])) * at) for at in range(len(words))]
    return b"".join([_number(WORD), _number(len(words)), *offsets, *tuples])


def _number(value: int) -> bytes:
    return value.to_bytes(WORD)
