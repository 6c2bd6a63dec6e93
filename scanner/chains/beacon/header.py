"""Beacon block headers: five fields in, and the root that names the block.

What a root shows: that the header has exactly these fields, so that one who knows a block by its root knows the root of
the state after it. It does not show that the block is valid, final or on the best chain; for that, several operators
are asked.

Not in here: fetching headers, and whether a validator is in a state.

Sources: Ethereum consensus specs, `phase0/beacon-chain.md` (BeaconBlockHeader, the same in every fork since), and
`ssz/simple-serialize.md` (merkleization of a container).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.beacon.ssz import merkle_root, number_leaf

ROOT_BYTES: Final = 32
HEADER_BYTES: Final = 112
"""Of a header as SSZ writes it."""

_LEAVES: Final = 8  # five fields, filled up to a power of two


@dataclass(frozen=True, slots=True)
class BeaconHeader:
    """A block's header. Roots are 32 bytes, numbers are uint64. Raises ValueError for what SSZ cannot write."""

    slot: int
    proposer: int
    parent_root: bytes
    state_root: bytes  # of the state after the block
    body_root: bytes

    def __post_init__(self) -> None:
        if any(not 0 <= number < 2**64 for number in (self.slot, self.proposer)):
            raise ValueError("a slot or a proposer is no uint64")
        if any(len(root) != ROOT_BYTES for root in (self.parent_root, self.state_root, self.body_root)):
            raise ValueError(f"a root has {ROOT_BYTES} bytes")

    @property
    def root(self) -> bytes:
        """The block's root: SSZ's hash_tree_root of the header, which is that of the block as well."""
        numbers = [number_leaf(number) for number in (self.slot, self.proposer)]
        return merkle_root([*numbers, self.parent_root, self.state_root, self.body_root], _LEAVES)


def header_bytes(header: BeaconHeader) -> bytes:
    """As SSZ writes it."""
    roots = header.parent_root + header.state_root + header.body_root
    return header.slot.to_bytes(8, "little") + header.proposer.to_bytes(8, "little") + roots


def header_from_bytes(data: bytes) -> BeaconHeader:
    """The header that SSZ writes so. Raises ValueError for bytes that are cut short, or go on."""
    if len(data) != HEADER_BYTES:
        raise ValueError(f"a beacon block's header has {HEADER_BYTES} bytes, not {len(data)}")
    slot, proposer = (int.from_bytes(data[at : at + 8], "little") for at in (0, 8))
    return BeaconHeader(slot, proposer, data[16:48], data[48:80], data[80:112])
