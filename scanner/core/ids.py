"""Names of chains and assets, as CAIP-2 and CAIP-19 write them, each in one canonical spelling.

A chain or an asset is a name here and nothing more: what is known of a chain (its address forms, its native asset's
decimals) stands in `core.facts`. No network access and no registry belongs in this module.

Sources: CAIP-2, CAIP-19, CAIP-20 (slip44), namespaces eip155 and bip122. The namespace `beacon` is ours: the consensus
layer of the EVM chain with the same reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.core.facts.natives import SLIP44
from scanner.core.facts.shown_again import shows_native_again

_CHAIN = re.compile(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32})", re.ASCII)
_ASSET = re.compile(r"([-a-z0-9]{3,8}):([-.%a-zA-Z0-9]{1,128})", re.ASCII)
_HEX_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


class IdError(ValueError):
    """A name that is not written as its standard says."""


@dataclass(frozen=True, slots=True, order=True)
class Chain:
    """A chain by its CAIP-2 name, such as `eip155:1`."""

    namespace: str
    reference: str

    @classmethod
    def parse(cls, text: str) -> Chain:
        """Raises IdError unless `text` is a CAIP-2 name."""
        match = _CHAIN.fullmatch(text)
        if match is None:
            raise IdError(f"{text!r} is no CAIP-2 chain; expected namespace:reference, such as eip155:1")
        namespace, reference = match.groups()
        if namespace == "eip155" and not re.fullmatch(r"[1-9][0-9]*", reference):
            raise IdError(f"{text!r}: an eip155 chain is named by its decimal chain id, such as eip155:1")
        if namespace == "beacon" and not re.fullmatch(r"[1-9][0-9]*", reference):
            raise IdError(f"{text!r}: a consensus layer is named by the chain id of its EVM chain, such as beacon:1")
        if namespace == "bip122" and not re.fullmatch(r"[0-9a-f]{32}", reference):
            raise IdError(f"{text!r}: a bip122 chain is named by the first 32 hex digits of its genesis block's hash")
        return cls(namespace, reference)

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

    @classmethod
    def parse(cls, text: str) -> AssetId:
        """Raises IdError unless `text` is a CAIP-19 name. Contract addresses come out in lower case."""
        chain_text, slash, rest = text.partition("/")
        match = _ASSET.fullmatch(rest)
        if not slash or match is None:
            raise IdError(f"{text!r} is no CAIP-19 asset; expected chain/slip44:N or chain/erc20:0x...")
        chain = Chain.parse(chain_text)
        kind, reference = match.groups()
        if kind == "slip44":
            _check_native(chain, reference, text)
        elif kind == "erc20":
            if chain.namespace != "eip155":
                raise IdError(f"{text!r}: erc20 assets live on eip155 chains")
            if not _HEX_ADDRESS.fullmatch(reference):
                raise IdError(f"{text!r}: an erc20 asset is named by its contract, 0x and 40 hex digits")
            reference = reference.lower()
        return cls(chain, kind, reference)

    @property
    def native(self) -> bool:
        return self.kind == "slip44"

    @property
    def doubles_native(self) -> bool:
        """Whether this is a token that shows the native balances again, so that counting it counts them twice."""
        return self.kind == "erc20" and shows_native_again(str(self.chain), self.reference)

    @property
    def contract(self) -> bytes:
        """The 20-byte address of an ERC-20's contract. Raises IdError for an asset that has none."""
        if self.kind != "erc20":
            raise IdError(f"{self} is no ERC-20")
        return bytes.fromhex(self.reference[2:])

    def __str__(self) -> str:
        return f"{self.chain}/{self.kind}:{self.reference}"

    def __hash__(self) -> int:  # as a chain's
        return hash(self.reference)


def _check_native(chain: Chain, reference: str, text: str) -> None:
    if not re.fullmatch(r"0|[1-9][0-9]*", reference):
        raise IdError(f"{text!r}: slip44 takes a decimal coin type, such as slip44:60")
    known = SLIP44.get(str(chain))
    if known is not None and int(reference) != known:
        raise IdError(f"{text!r}: the native asset of {chain} is slip44:{known}")
