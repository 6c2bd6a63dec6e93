"""The balance that one account's own answer holds, or why it holds none. Nothing that is no balance becomes a zero.

Pure. Not in here: how an answer is asked for (`evm.ladder`), and what a node's error means (`evm.errors`).
"""

from __future__ import annotations

from scanner.chains.evm.balance_call import WORD
from scanner.chains.evm.node.values import data, quantity
from scanner.core.evidence import Gap
from scanner.errors import NodeError, Why


def native_balance(answer: object) -> int | Gap:
    """The outcome of an eth_getBalance, which may be the error that it met."""
    try:
        return quantity(_answered(answer), "the balance")
    except NodeError as error:
        return Gap(error.why, error.detail)


def token_balance(answer: object) -> int | Gap:
    """The outcome of an eth_call of balanceOf, which may be the error that it met."""
    try:
        return _word(data(_answered(answer), "the balance"))
    except NodeError as error:
        return Gap(error.why, error.detail)


def balance_in_aggregate(succeeded: bool, found: bytes) -> int | Gap:
    """The outcome of one call of balanceOf among those of an aggregate3."""
    if not succeeded:
        return Gap(Why.NO_TOKEN, "the contract's balanceOf reverted")
    try:
        return _word(found)
    except NodeError as error:
        return Gap(error.why, error.detail)


def _answered(answer: object) -> object:
    """What a node answered. `result: null` is how Besu says that it does not know the block; never a zero."""
    if isinstance(answer, NodeError):
        raise answer
    if answer is None:
        raise NodeError(Why.WRONG_BLOCK, "the node gives null for the balance, as for a block that it does not know")
    return answer


def _word(found: bytes) -> int:
    """The amount a contract answered with. Nothing, as an address without code answers, is not zero."""
    if not found:
        raise NodeError(Why.NO_TOKEN, "the contract answered nothing: no code there, or no balanceOf")
    if len(found) < WORD:
        raise NodeError(Why.NO_TOKEN, f"the contract answered {len(found)} bytes instead of 32")
    return int.from_bytes(found[:WORD])
