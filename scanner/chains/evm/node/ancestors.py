"""What shows ancestors on an EVM chain, from a node: headers, and proofs of the hashes that a block's state keeps.

Nothing is believed here but that a header hashes to the block: `chains.evm.ancestry` walks the rest.
"""

from __future__ import annotations

from scanner.chains.evm.ancestry import HISTORY, history_slot
from scanner.chains.evm.header import header_from_json
from scanner.chains.evm.node.errors import meaning
from scanner.chains.evm.node.proofs import ProofAsker
from scanner.chains.evm.node.values import snapshot_of
from scanner.chains.evm.stated_header import read_stated_header
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError


class AncestorSource:
    """`chains.interface.ServesAncestors` of one node, which hands out proofs."""

    def __init__(self, chain: Chain, rpc: JsonRpc, proofs: ProofAsker) -> None:
        self._chain = chain
        self._rpc = rpc
        self._proofs = proofs

    async def block_named(self, name: str) -> Snapshot:
        """The block with this hash. Raises NodeError WRONG_BLOCK for one that the node does not know."""
        try:
            block = await self._rpc.call("eth_getBlockByHash", (name, False))
        except NodeError as error:
            raise meaning(error) from None
        if block is None:
            raise NodeError(Why.WRONG_BLOCK, f"the node knows no block {name}")
        found = snapshot_of(block, self._chain)
        if found.hash != name:
            raise NodeError(Why.WRONG_BLOCK, f"asked for block {name}, the node gave block {found.hash}")
        return found

    async def block_records(self, block: Snapshot) -> list[bytes]:
        """The block's header in RLP. Raises NodeError, FORGED for one that does not hash to the block."""
        stated = await self._proofs.header(block)
        try:
            header = header_from_json(read_stated_header(stated), bytes.fromhex(block.hash.removeprefix("0x")))
        except ProofError as error:
            raise NodeError(Why.FORGED, error.detail) from None
        return [header.encoded]

    async def link_records(self, newer: Snapshot, older: Snapshot) -> list[bytes]:
        """The newer block's header; and, where it names another parent, the proof of the hash that its state keeps of
        the older one. Raises NodeError."""
        records = await self.block_records(newer)
        if newer.parent != older.hash:
            records += await self._proofs.records(newer, [(HISTORY, (history_slot(newer.chain, older.height),))], ())
        return records
