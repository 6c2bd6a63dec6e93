"""Whether a node honours a block's hash: an answer for a block that does not exist would be one of any block.

Balances and calls are tried side by side, each at the hash of a known block and at one that no block has, so that a
node far away is opened in fewer round trips. Which ways of asking it answers is `node`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from scanner.chains.evm.balance_call import ADDRESS
from scanner.chains.evm.node.errors import NotThisWay, Reverted, meaning
from scanner.chains.evm.node.values import hex_data
from scanner.clients.jsonrpc import RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Gap, Snapshot
from scanner.core.keccak import keccak256
from scanner.errors import NodeError, Why

_ADDRESS: Final = hex_data(bytes(ADDRESS))
_CALL: Final = {"to": _ADDRESS}


async def asked_by_hash(rpc: JsonRpc, snapshot: Snapshot) -> Gap | None:
    """Why no contract can be called at a block's hash, None where one can: a node that refuses all calls is still good
    for native balances. Raises NodeError: UNSUPPORTED where balances cannot be asked by hash, or hashes are ignored.
    """
    of_known, of_none, calls, calls_of_none = await asyncio.gather(
        _require_answer(rpc, snapshot, "eth_getBalance", _ADDRESS),
        _require_no_answer(rpc, snapshot, "eth_getBalance", _ADDRESS),
        _why_no_calls(rpc, snapshot),
        _require_no_answer(rpc, snapshot, "eth_call", _CALL),
        return_exceptions=True,  # which failure is reported is not the quickest one's to decide
    )
    for failure in (of_none, of_known):
        if failure is not None:
            raise failure
    if isinstance(calls, BaseException):
        raise calls
    if calls is None and calls_of_none is not None:
        raise calls_of_none
    return calls


async def _why_no_calls(rpc: JsonRpc, snapshot: Snapshot) -> Gap | None:
    try:
        await _require_answer(rpc, snapshot, "eth_call", _CALL)
    except Reverted:
        return None  # which is an answer
    except NodeError as error:
        if error.why in {Why.WRONG_BLOCK, Why.UNREACHABLE, Why.RATE_LIMITED, Why.MALFORMED}:
            raise
        return Gap(error.why, f"no contract can be called: {error.detail}")
    return None


async def _require_no_answer(rpc: JsonRpc, snapshot: Snapshot, method: str, subject: object) -> None:
    """At the hash of no block. `result: null`, as Besu may say it, is no answer."""
    unknown = hex_data(keccak256(snapshot.hash.encode()))
    try:
        found = await rpc.call(method, (subject, {"blockHash": unknown, "requireCanonical": True}))
    except RpcError as error:
        if error.why in {Why.RATE_LIMITED, Why.UNREACHABLE}:
            raise
        return
    if found is not None:
        raise NodeError(Why.UNSUPPORTED, f"{method} answers for a block that does not exist: hashes are ignored")


async def _require_answer(rpc: JsonRpc, snapshot: Snapshot, method: str, subject: object) -> None:
    """At the hash of a known block. That it cannot be asked by hash is said only if by number it is answered."""
    try:
        await _asked(rpc, method, subject, {"blockHash": snapshot.hash, "requireCanonical": True})
    except NotThisWay as error:
        why = f"{method} is refused: {error.detail}"
        with contextlib.suppress(NodeError):
            await _asked(rpc, method, subject, hex(snapshot.height))
            why = f"{method} cannot be asked by block hash: {error.detail}"
        raise NodeError(Why.UNSUPPORTED, why) from None


async def _asked(rpc: JsonRpc, method: str, *params: Any) -> Any:
    try:
        return await rpc.call(method, params)
    except NodeError as error:
        raise meaning(error) from None
