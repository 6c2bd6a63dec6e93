"""Where a chain keeps a storage slot under another name than the EVM's.

Source: coreth, core/state (NormalizeStateKey).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from scanner.core.ids import Chain


def c_chain_slot(slot: bytes) -> bytes:
    """The slot under which Avalanche's C-Chain keeps what the EVM calls `slot`.

    coreth clears the lowest bit of a slot's first byte, the slots with that bit set being its own (multicoin balances):
    proofs are asked for, and checked, under the cleared slot.
    """
    return bytes([slot[0] & 0xFE]) + slot[1:]


_SLOT_NAMES: Final[Mapping[Chain, Callable[[bytes], bytes]]] = {Chain("eip155", "43114"): c_chain_slot}


def slot_name(chain: Chain, slot: bytes) -> bytes:
    """The 32-byte slot as the chain's storage tries name it, and as proofs of it are asked for."""
    named = _SLOT_NAMES.get(chain)
    return named(slot) if named else slot
