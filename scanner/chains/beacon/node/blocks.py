"""Whole beacon blocks of a node: which execution block one carries, and what shows it.

Source: https://github.com/ethereum/beacon-APIs (`getBlockV2`).
"""

from __future__ import annotations

from typing import Final

from scanner.chains.beacon.bodies import block_hash_branch
from scanner.chains.beacon.header import BeaconHeader
from scanner.chains.beacon.sync_committee import SLOTS_PER_EPOCH, Network
from scanner.clients.fields import malformed
from scanner.clients.rest import NotFound, Rest
from scanner.errors import NodeError, Why

_LIMIT: Final = 16 * 2**20  # bytes: gossip carries blocks of at most 10 MiB


async def carried_block(rest: Rest, network: Network, header: BeaconHeader) -> tuple[bytes, list[bytes]]:
    """The hash of the execution block in the beacon block with this header, and its branch to that one's root. Raises
    NodeError."""
    root = f"0x{header.root.hex()}"
    try:
        block = await rest.get(f"/eth/v2/beacon/blocks/{root}", limit=_LIMIT, accept="application/octet-stream")
        found, block_hash, branch = block_hash_branch(block, network.fork(header.slot // SLOTS_PER_EPOCH))
    except NotFound:
        raise NodeError(Why.NO_STATE, f"the node does not have the beacon block {root}") from None
    except ValueError as error:
        raise malformed(f"the beacon block {root}: {error}") from None
    if found != header:
        raise NodeError(Why.FORGED, f"asked for the beacon block {root}, the node gave 0x{found.root.hex()}")
    return block_hash, branch
