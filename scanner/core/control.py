"""Who controls an account, in one word; and what the chain says of it: which owners or keys it obeys, or in which block
it moved what it was instructed to move.

Words and values for findings and evidence. Nothing here looks at a signature (`scanner.chains.control`), and nothing
here asks a chain (`scanner.chains`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ADDRESSES: Final = (20, 32, 33)  # bytes: of an account, or of a key of secp256k1
MOST_OWNERS: Final = 256  # of one account: more than any wallet in use has, and a bound on what a node may answer
_MOST_WEIGHT: Final = 2**63 - 1
_KEY: Final = "0x(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{66})"
_NUMBER: Final = "[1-9][0-9]{0,20}"
_MOVED: Final = re.compile(r"moved (0|[1-9][0-9]{0,17}) ((?:0x)?[0-9a-f]{64}) ([0-9a-f]{64})")
_TEXT: Final = re.compile(
    rf"safe ([1-9][0-9]{{0,2}})((?: {_KEY})+)|weights ({_NUMBER})((?: {_KEY}={_NUMBER})+)|owner ({_KEY})|none"
)


class Control(StrEnum):
    """What the proof published for an account shows of who controls it. Part of the attestation format.

    None of these says that the keys are the exchange's alone, that no one else has them, or that the account is free
    of other claims. All of them are about keys; none is about balances.
    """

    SHOWN = "SHOWN"
    """The keys that the account obeys signed this engagement's own message: the signer had them since it was set.

    Or the account moved the amount that follows from that message, after it was set: a signature, of a transaction.
    Where an account may obey other keys than its first, the chain named those that signed at the snapshot.
    For a contract account: owners of it, as many as it asks for, signed, and the chain named them as its owners at the
    snapshot. That the contract lets its owners move what it holds stands in its code, which is not judged."""

    REPLAYABLE = "REPLAYABLE"
    """As SHOWN, but the message is not this engagement's (or it set none). Such a signature is good for ever: the keys
    signed once; that they are still in the same hands, or that the signer meant this, it does not show."""

    UNSHOWN = "UNSHOWN"
    """A proof was published, and it does not hold. It does not show that the exchange lacks control: a mistake in the
    file looks the same."""

    UNVERIFIABLE = "UNVERIFIABLE"
    """A proof was published that cannot be judged: of no known scheme, or one that leaves a question which only the
    chain can answer, and it was not answered. It may be good; it is never counted as good."""

    ABSENT = "ABSENT"
    """No proof was published, which shows nothing in either direction."""


@dataclass(frozen=True, slots=True)
class ContractOwners:
    """The owners that an account obeys at one block, as the chain says: a Safe's owners and threshold; keys that count
    for some weight each, and the weight that it takes; one owner or key; or none.

    Raises ValueError for what no chain can say: it is the one form in which operators are compared, and kept as
    evidence (`str` and `parse`).
    """

    safe: tuple[bytes, ...] = ()  # accounts, or keys of 33 bytes, sorted, distinct; empty where there is one or none
    threshold: int = 0  # how many of `safe` must sign, or the weight that they must have together
    owner: bytes | None = None  # the one owner (`owner()` of a contract that is no Safe), or the one key
    weights: tuple[int, ...] = ()  # of `safe`, in its order; empty where each counts for one

    def __post_init__(self) -> None:
        named = (*self.safe, *(() if self.owner is None else (self.owner,)))
        if any(len(address) not in _ADDRESSES or not any(address) for address in named):
            raise ValueError("an owner is an address of 20 or 32 bytes, or a key of 33, and not zero")
        if list(self.safe) != sorted(set(self.safe)) or len(self.safe) > MOST_OWNERS:
            raise ValueError(f"a Safe's owners are distinct, sorted, and at most {MOST_OWNERS}")
        if self.weights and len(self.weights) != len(self.safe):
            raise ValueError(f"{len(self.weights)} weights for {len(self.safe)} owners")
        if not all(1 <= weight <= _MOST_WEIGHT for weight in self.weights):
            raise ValueError(f"a weight is 1 to {_MOST_WEIGHT}")
        most = sum(self.weights) if self.weights else len(self.safe)
        if not (1 <= self.threshold <= most if self.safe else self.threshold == 0):
            raise ValueError(f"a threshold of {self.threshold} for {len(self.safe)} owners")
        if self.safe and self.owner is not None:
            raise ValueError("a Safe's rule is its threshold, not an owner()")

    def __str__(self) -> str:
        """`safe 2 0x... 0x... 0x...`, `weights 3 0x...=2 0x...=1`, `owner 0x...` or `none`: one way to write each."""
        if self.weights:
            weighed = zip(self.safe, self.weights, strict=True)
            return " ".join([f"weights {self.threshold}", *(f"0x{key.hex()}={weight}" for key, weight in weighed)])
        if self.safe:
            return " ".join([f"safe {self.threshold}", *(f"0x{address.hex()}" for address in self.safe)])
        return "none" if self.owner is None else f"owner 0x{self.owner.hex()}"

    @classmethod
    def parse(cls, text: str) -> ContractOwners:
        """The reverse of `str`. Raises ValueError for any other text."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("expected `safe NUMBER 0x...`, `weights NUMBER 0x...=WEIGHT`, `owner 0x...` or `none`")
        if match[1]:
            return cls(tuple(bytes.fromhex(each[2:]) for each in match[2].split()), int(match[1]))
        if match[3]:
            pairs = [each.split("=") for each in match[4].split()]
            keys = tuple(bytes.fromhex(key[2:]) for key, _ in pairs)
            return cls(keys, int(match[3]), weights=tuple(int(weight) for _, weight in pairs))
        return cls(owner=bytes.fromhex(match[5][2:]) if match[5] else None)


@dataclass(frozen=True, slots=True)
class MovedIn:
    """That an account's transaction is in this block of its chain, as operators agree; and which record shows it there.

    Raises ValueError for what is none.
    """

    height: int
    block: str  # its hash
    record: bytes  # Keccak-256 of what leads from the block's hash to the transaction

    def __post_init__(self) -> None:
        if _MOVED.fullmatch(str(self)) is None:
            raise ValueError("a block has a height of up to 18 digits and a hash of 32 bytes, a record one too")

    def __str__(self) -> str:
        """`moved 18600000 0x... ...`: height, hash and record."""
        return f"moved {self.height} {self.block} {self.record.hex()}"

    @classmethod
    def parse(cls, text: str) -> MovedIn:
        """The reverse of `str`. Raises ValueError for any other text."""
        match = _MOVED.fullmatch(text)
        if match is None:
            raise ValueError("expected `moved HEIGHT HASH RECORD`")
        return cls(int(match[1]), match[2], bytes.fromhex(match[3]))


ChainsWord = ContractOwners | MovedIn
"""What the chain was asked of who controls an account."""


def chains_word(text: str) -> ChainsWord:
    """What either of them wrote. Raises ValueError for any other text."""
    return MovedIn.parse(text) if text.startswith("moved ") else ContractOwners.parse(text)
