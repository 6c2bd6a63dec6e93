"""The words of ownership: what is given as a proof of control over an account, and what can be said of it.

A scheme is a function from a `Proof` to its `Signers`; it raises `Refuted` for a proof that does not hold and
`NotUnderstood` for one that it cannot judge. Nothing here verifies anything, and nothing here knows a scheme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scanner.core.ids import Chain

MOVEMENT: Final = "movement"
"""The scheme of accounts that moved an amount they were instructed to move, in place of a signature. It is no `Scheme`
below: which transaction it was is published, and all else is the chain's to show (`chains.movement`)."""

MAX_MESSAGE_BYTES: Final = 10_000
MAX_SIGNATURES: Final = 20  # as many as one script can check (BIP-342's predecessor, MAX_PUBKEYS_PER_MULTISIG)
MAX_TEXT: Final = 40_000  # characters of one signature, key or script as published


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of control as published: every field but `chain` and `account` is text that was not checked yet."""

    scheme: str
    chain: Chain
    account: bytes  # as scanner.core.address.account_key gives it; a validator's 48-byte key under `bls`
    message: str
    signatures: tuple[str, ...]
    public_key: str = ""  # or the redeem or witness script: the files have one column for all three
    owners: tuple[str, ...] = ()  # of a contract account, or of one whose key was rotated: one per signature


@dataclass(frozen=True, slots=True)
class NamedTransaction:
    """In which transaction an account is said to have moved what it was instructed to move: not checked yet."""

    hash: str
    height: int  # of its block


@dataclass(frozen=True, slots=True)
class Shown:
    """The keys that control the account signed the engagement's own challenge."""

    scheme: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Replayable:
    """The keys that control the account signed a message, but not the engagement's challenge.

    Such a signature is valid for ever: it shows that the keys were in somebody's hands once, not that they are now.
    """

    scheme: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Unbound:
    """The signatures hold, but only the chain can say whether their signers control the account: `question`.

    `signers` are account keys on that chain where they have one (EVM owners: 20 bytes), else public keys.
    """

    scheme: str
    signers: tuple[bytes, ...]
    question: str
    replayable: bool


@dataclass(frozen=True, slots=True)
class NotShown:
    """Control is not shown, and why."""

    reason: str


class NotVerifiable(NotShown):
    """Control is not shown because nothing here can judge this proof. It may be good; it is never counted as good."""

    __slots__ = ()


class NotPublished(NotShown):
    """Control is not shown because nothing was published that could show it."""

    __slots__ = ()


Verdict = Shown | Replayable | Unbound | NotShown


class Refuted(ValueError):
    """The proof does not hold. For use between a scheme and `verify`, which turns it into `NotShown`."""


class NotUnderstood(ValueError):
    """The scheme cannot judge this proof. For use between a scheme and `verify`: becomes `NotVerifiable`."""


@dataclass(frozen=True, slots=True)
class Signers:
    """What a scheme found: who signed. `question` is what the chain must still be asked; empty if nothing."""

    keys: tuple[bytes, ...]
    question: str = ""


Scheme = Callable[[Proof], Signers]
