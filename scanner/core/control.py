"""Who controls an account, in one word; and which owners a contract account names.

Words and values for findings and evidence. Nothing here looks at a signature (`scanner.chains.control`), and nothing
here asks a chain (`scanner.chains`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ADDRESS: Final = 20  # bytes
MOST_OWNERS: Final = 256  # of one contract: more than any wallet in use has, and a bound on what a node may answer
_TEXT: Final = re.compile(r"safe ([1-9][0-9]{0,2})((?: 0x[0-9a-f]{40})+)|owner (0x[0-9a-f]{40})|none")


class Control(StrEnum):
    """What the proof published for an account shows of who controls it. Part of the attestation format.

    None of these says that the keys are the exchange's alone, that no one else has them, or that the account is free
    of other claims. All of them are about keys; none is about balances.
    """

    SHOWN = "SHOWN"
    """The keys that the account obeys signed this engagement's own message: the signer had them since it was set.

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
    """The owners that a contract names at one block: a Safe's owners and threshold, one `owner()`, or none.

    Raises ValueError for what no contract can say: it is the one form in which operators are compared, and kept as
    evidence (`str` and `parse`).
    """

    safe: tuple[bytes, ...] = ()  # 20 bytes each, sorted, distinct; empty for a contract that is no Safe
    threshold: int = 0  # how many of `safe` must sign
    owner: bytes | None = None  # what owner() answers, where the contract is no Safe

    def __post_init__(self) -> None:
        named = (*self.safe, *(() if self.owner is None else (self.owner,)))
        if any(len(address) != _ADDRESS or not any(address) for address in named):
            raise ValueError("an owner is an address of 20 bytes, and not zero")
        if list(self.safe) != sorted(set(self.safe)) or len(self.safe) > MOST_OWNERS:
            raise ValueError(f"a Safe's owners are distinct, sorted, and at most {MOST_OWNERS}")
        if not (1 <= self.threshold <= len(self.safe) if self.safe else self.threshold == 0):
            raise ValueError(f"a threshold of {self.threshold} for {len(self.safe)} owners")
        if self.safe and self.owner is not None:
            raise ValueError("a Safe's rule is its threshold, not an owner()")

    def __str__(self) -> str:
        """`safe 2 0x... 0x... 0x...`, `owner 0x...` or `none`: one way to write each."""
        if self.safe:
            return " ".join([f"safe {self.threshold}", *(f"0x{address.hex()}" for address in self.safe)])
        return "none" if self.owner is None else f"owner 0x{self.owner.hex()}"

    @classmethod
    def parse(cls, text: str) -> ContractOwners:
        """The reverse of `str`. Raises ValueError for any other text."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("expected `safe THRESHOLD 0x... 0x...`, `owner 0x...` or `none`")
        if match[1]:
            return cls(tuple(bytes.fromhex(each[2:]) for each in match[2].split()), int(match[1]))
        return cls(owner=bytes.fromhex(match[3][2:]) if match[3] else None)
