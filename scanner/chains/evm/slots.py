"""Where a token contract keeps its holders' balances: the storage layouts that `known_layouts` may name.

The EVM does not say which storage slot a balance comes from. Of a token whose source is known it is written down; of
any other its own code says it (`execution`), and no layout is ever guessed.

Not in here: reading storage. A proxy needs nothing special: its storage lies in the proxy, no matter who wrote the
code.

Sources: Solidity documentation, "Layout of State Variables in Storage" (keccak(key . slot)); Vyper, whose compiler
writes keccak(slot . key); ERC-7201 (namespaced storage); OpenZeppelin ERC20Upgradeable 5; Solady ERC20; Circle
FiatTokenV2_2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from scanner.core.keccak import keccak256

WHOLE_WORD = (1 << 256) - 1
LOW_255_BITS = (1 << 255) - 1


class Order(Enum):
    """What is hashed to find a holder's slot."""

    SOLIDITY = "holder . base"
    VYPER = "base . holder"
    SOLADY = "holder . seed"


@dataclass(frozen=True, slots=True)
class StorageLayout:
    """One way to keep balances: a mapping at `base` (32 bytes), its words cut to `mask`."""

    name: str
    order: Order
    base: bytes
    mask: int = WHOLE_WORD

    def key(self, holder: bytes) -> bytes:
        """The 32-byte storage slot of a holder's balance. `holder` is a 20-byte address."""
        if len(holder) != 20:
            raise ValueError(f"a holder of {len(holder)} bytes; an address has 20")
        if self.order is Order.SOLADY:
            return keccak256(holder + self.base[20:])
        padded = bytes(12) + holder
        return keccak256(padded + self.base if self.order is Order.SOLIDITY else self.base + padded)

    def balance(self, word: int) -> int:
        """The balance in atoms that a storage word holds."""
        return word & self.mask


def erc7201(namespace: str) -> bytes:
    """The root slot of a storage namespace: keccak256(keccak256(namespace) - 1) with its last byte cleared."""
    inner = int.from_bytes(keccak256(namespace.encode()), "big") - 1
    return keccak256(inner.to_bytes(32, "big"))[:31] + b"\0"


# FiatTokenV2_2 (USDC, EURC and their bridged kin) keeps balances in slot 9, and in the word's highest bit whether the
# holder is blacklisted: `balanceOf` is the low 255 bits.
_FIAT_TOKEN = StorageLayout(
    "Solidity mapping at slot 9, low 255 bits", Order.SOLIDITY, (9).to_bytes(32, "big"), LOW_255_BITS
)

# OpenZeppelin's upgradeable contracts before version 5 pad every base contract to 50 slots, with one slot in front:
# balances then stand at 51, or further on if other contracts come first.
_GAPPED_SLOTS = range(101, 402, 50)
_PLAIN_SLOTS = range(64)
_VYPER_SLOTS = range(32)

# keccak256 over the holder and 12 bytes that end in this seed: ERC20 of Solady, and what is built on it.
_SOLADY_SEED = (0x87A211A2).to_bytes(32, "big")

# Namespaces whose struct starts with the balances.
_NAMESPACES = ("openzeppelin.storage.ERC20",)


def layouts() -> Iterator[StorageLayout]:
    """Every layout that can be named."""
    yield _FIAT_TOKEN
    for slot in _PLAIN_SLOTS:
        yield StorageLayout(f"Solidity mapping at slot {slot}", Order.SOLIDITY, slot.to_bytes(32, "big"))
    for namespace in _NAMESPACES:
        yield StorageLayout(f"ERC-7201 {namespace}", Order.SOLIDITY, erc7201(namespace))
    for slot in _VYPER_SLOTS:
        yield StorageLayout(f"Vyper mapping at slot {slot}", Order.VYPER, slot.to_bytes(32, "big"))
    yield StorageLayout("Solady ERC20", Order.SOLADY, _SOLADY_SEED)
    for slot in _GAPPED_SLOTS:
        yield StorageLayout(f"Solidity mapping at slot {slot}", Order.SOLIDITY, slot.to_bytes(32, "big"))


LAYOUTS: Final = {layout.name: layout for layout in layouts()}
"""The same by name, which is how the finding states the one that is a token's."""
