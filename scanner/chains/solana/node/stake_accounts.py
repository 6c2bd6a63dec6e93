"""Which stake accounts an owner of Solana may withdraw from, as a node lists them. Not in here: what follows from it.

A node has to look through all stake accounts for that, and many refuse: one that failed to is not asked again.

Source: solana.com, "getProgramAccounts"; agave, `rpc/src/rpc.rs` (accounts that are left out of an index).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.solana.node.answers import stakes_of
from scanner.chains.solana.stakes import SIZE, STAKE, WITHDRAWER, WITHDRAWER_AT
from scanner.clients.jsonrpc import MessageTooLarge
from scanner.clients.transport import JsonRpc
from scanner.core import base58
from scanner.errors import NodeError, Why

_PROGRAM: Final = base58.encode(STAKE)


class StakeAccounts:
    """Those of one node, each owner's as they were when it was first asked for."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc
        self._known: dict[bytes, frozenset[bytes] | None] = {}  # by owner
        self._listed = True  # whether the node lists them

    async def of(self, owner: bytes, slot: int) -> frozenset[bytes] | None:
        """The owner's at this slot or a later one; None where the node does not list them, or more than are taken.

        Raises NodeError MALFORMED for a list that is none.
        """
        if owner not in self._known and self._listed:
            same = {"memcmp": {"offset": WITHDRAWER_AT, "bytes": base58.encode(owner)}}
            options = {
                "commitment": "finalized",
                "encoding": "base64",
                "dataSlice": {"offset": WITHDRAWER_AT, "length": WITHDRAWER},
                "filters": [{"dataSize": SIZE}, same],
                "withContext": True,
                "minContextSlot": slot,
            }
            try:
                answer = await self._rpc.call("getProgramAccounts", (_PROGRAM, options))
                self._known[owner] = stakes_of(answer, owner)
            except MessageTooLarge:
                self._known[owner] = None
            except NodeError as error:
                if error.why is Why.MALFORMED:
                    raise
                self._listed = False
        return self._known.setdefault(owner, None)
