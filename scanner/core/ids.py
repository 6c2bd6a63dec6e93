"""Names of chains and assets, as CAIP-2 and CAIP-19 write them, each in one canonical spelling.

A chain or an asset is a name here and nothing more. Reading one from text, where its family says what is canonical, is
`scanner.chains.names`; what else is known of a chain stands in its family's folder.

Sources: CAIP-2, CAIP-19, CAIP-20 (slip44).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NATIVE: Final = "slip44"
"""The kind of a chain's own coin."""


class IdError(ValueError):
    """A name that is not written as its standard says."""


@dataclass(frozen=True, slots=True, order=True)
class Chain:
    """A chain by its CAIP-2 name, such as `eip155:1`."""

    namespace: str
    reference: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.reference}"

    def __hash__(self) -> int:  # looked up for every row; a text remembers its hash, a tuple of texts does not
        return hash(self.reference)


@dataclass(frozen=True, slots=True, order=True)
class AssetId:
    """An asset by its CAIP-19 name. `native` assets are the chain's own coin, others live in a contract."""

    chain: Chain
    kind: str  # CAIP-19's asset namespace: slip44, erc20, ...
    reference: str

    @property
    def native(self) -> bool:
        return self.kind == NATIVE

    @property
    def contract(self) -> bytes:
        """The 20-byte address of an ERC-20's contract. Raises IdError for an asset that has none."""
        if self.kind != "erc20":
            raise IdError(f"{self} is no ERC-20")
        return bytes.fromhex(self.reference[2:])

    def __str__(self) -> str:
        return f"{self.chain}/{self.kind}:{self.reference}"

    def __hash__(self) -> int:  # as a chain's; coins of thousands of chains have one reference
        return hash(self.reference) ^ hash(self.chain.reference)
