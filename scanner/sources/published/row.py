"""What one row of a published file says, once it is understood. Values only.

Nothing here reads a file, knows a layout or believes a signature: ownership is kept as published, for
`scanner.chains.control` to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from scanner.core.amounts import AmountError
from scanner.core.ids import AssetId, Chain
from scanner.weighing.claim import Asset

UNMAPPED = "unmapped"  # the CAIP-2 namespace of assets that no table names


class Kind(StrEnum):
    """How the account of a row holds its asset."""

    PLAIN = "PLAIN"  # an account of the exchange, on the chain named
    STAKING = "STAKING"  # a validator, by its 48-byte public key: read from the consensus layer, not from accounts
    CUSTODY = "CUSTODY"  # a third party holds it for the exchange; the row may name no account


@dataclass(frozen=True, slots=True)
class Listed:
    """A label and a network as the file spells them, and the asset they stand for."""

    label: str
    network: str  # empty where the layout has no such column
    chain: Chain | None  # None where the network is not known
    asset: AssetId  # of the namespace `unmapped` where no table names it
    known: Asset | None  # unit and decimals; None where no table names the asset

    @property
    def mapped(self) -> bool:
        """Whether the asset is a real one. One that is not can only be a gap, which names the label."""
        return self.asset.chain.namespace != UNMAPPED


class PublishedOwnership(NamedTuple):
    """What was published to show control of the account: text that was not checked yet.

    A named tuple, as the rows are: a frozen dataclass takes four times as long to make, and millions are made.
    """

    message: str
    signatures: tuple[str, ...]
    key: str  # a public key, a redeem or witness script, or JSON that holds several: the files have one column for all
    owners: tuple[str, ...]


class PublishedRow(NamedTuple):
    """One accepted row: an asset, an account, and what is said to be there."""

    listed: Listed
    member: str  # the file within an archive; empty for a file that is none
    line: int  # counts from 1, in that file
    account_text: str  # as published; empty only for CUSTODY without an account
    account: bytes  # as scanner.core.address.account_key gives it; 48 bytes under STAKING; empty as the text is
    coefficient: int | None  # the amount claimed, times 10**digits; None where none is given, or rows contradict
    digits: int  # the decimals that the amount is written with
    float_rounded: bool  # the amount is such as a binary float makes of a longer one
    height: int | None  # the block at which it is said to be there
    kind: Kind
    custodian: str
    ownership: PublishedOwnership | None  # None where the layout has no such columns

    @property
    def label(self) -> str:
        return self.listed.label

    @property
    def network(self) -> str:
        return self.listed.network

    @property
    def asset(self) -> AssetId:
        return self.listed.asset

    @property
    def claimed(self) -> Fraction | None:
        """Whole coins."""
        return None if self.coefficient is None else Fraction(self.coefficient, 10**self.digits)

    @property
    def resolution(self) -> Fraction | None:
        """Whole coins: how far the claimed amount may be from the true one merely for the way it is written.

        One unit of its last digit; for an amount that went through a binary float (53 bits), one unit of that.
        """
        if self.coefficient is None:
            return None
        step = 1 << max(self.coefficient.bit_length() - 53, 0) if self.float_rounded else 1
        return Fraction(step, 10**self.digits)

    def atoms(self, decimals: int) -> int | None:
        """The claimed amount in atoms. Raises AmountError where it is finer than one atom."""
        if self.coefficient is None:
            return None
        scale: int = 10 ** abs(decimals - self.digits)
        if self.digits <= decimals:
            return self.coefficient * scale
        atoms, rest = divmod(self.coefficient, scale)
        if rest:
            raise AmountError(f"line {self.line}: the amount has more than the asset's {decimals} decimals")
        return atoms
