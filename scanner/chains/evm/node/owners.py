"""The owners that a contract account names at a block: a Safe's owners and threshold, or `owner()`.

A contract that reverts, answers nothing, or answers something else than these functions return, simply has none of
them; a node that fails is a NodeError. The calls are guarded as balances are (`evm.ladder.ByBatch.call`). What follows
from the owners is `scanner.chains.evm.contract_owners`' part.

Sources: Safe's OwnerManager; ERC-173; the contract ABI specification (address[]).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from scanner.chains.evm.balance_call import ADDRESS, WORD
from scanner.chains.evm.node.errors import Reverted
from scanner.core.control import MOST_OWNERS, ContractOwners
from scanner.core.evidence import Snapshot
from scanner.core.keccak import keccak256

GET_OWNERS: Final = keccak256(b"getOwners()")[:4]
GET_THRESHOLD: Final = keccak256(b"getThreshold()")[:4]
OWNER: Final = keccak256(b"owner()")[:4]

Call = Callable[[Snapshot, bytes, bytes], Awaitable[bytes]]
"""What a contract (20 bytes) answers to call data at a snapshot. Raises NodeError; Reverted where the call reverts."""


async def contract_owners(call: Call, snapshot: Snapshot, contract: bytes) -> ContractOwners:
    """The owners that the contract names. Raises NodeError."""

    async def answer(selector: bytes) -> bytes:
        try:
            return await call(snapshot, contract, selector)
        except Reverted:
            return b""

    addresses = _addresses(await answer(GET_OWNERS))
    if not addresses:
        return ContractOwners(owner=_address(await answer(OWNER)))
    threshold = await answer(GET_THRESHOLD)
    if len(threshold) != WORD or not 1 <= int.from_bytes(threshold) <= len(addresses):
        return ContractOwners()  # several owners, and no telling how many of them it takes
    return ContractOwners(addresses, int.from_bytes(threshold))


def _address(word: bytes) -> bytes | None:
    """The address in one word; None if it is no word, no address, or zero, which is how ownership is renounced."""
    padding = WORD - ADDRESS
    if len(word) != WORD or any(word[:padding]) or not any(word):
        return None
    return word[padding:]


def _addresses(answer: bytes) -> tuple[bytes, ...]:
    """The addresses of one address[], sorted; empty where it is none, or they are not distinct."""
    if len(answer) % WORD or not 3 * WORD <= len(answer) <= (2 + MOST_OWNERS) * WORD:
        return ()
    offset, count, *found = (answer[start : start + WORD] for start in range(0, len(answer), WORD))
    if int.from_bytes(offset) != WORD or int.from_bytes(count) != len(found):
        return ()
    addresses = {address for address in map(_address, found) if address is not None}
    return tuple(sorted(addresses)) if len(addresses) == len(found) else ()
