"""Every error this package raises, and the reasons for which a balance may be missing.

    ScannerError                    70  a bug of ours, where nothing below fits
    ├── InputError                   2  the command line, a claim, a setting or a key is wrong; all mistakes at once
    ├── AttestationInvalid           4  an attestation does not hold
    ├── HistoryInvalid               4  a history says what its envelopes do not bear out
    ├── StampInvalid                 4  a stamp that was to be kept does not show what it is said to
    └── NodeError                       one node failed; becomes a Gap in `chains` and `scan`, never reaches a caller

The number is the exit code of the command line; 1, 3 and 5 follow from a verdict, not from an error. This module knows
no other module of the package, and holds no logic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Why(StrEnum):
    """Why something could not be established. The names are part of the attestation format: never reuse one."""

    UNREACHABLE = "UNREACHABLE"  # no answer: refused, timed out, dropped, or failed again after every retry
    RATE_LIMITED = "RATE_LIMITED"  # the node kept asking for less until the retries were used up
    UNAUTHORIZED = "UNAUTHORIZED"  # the node, or what stands before it, asks for other credentials
    REFUSED = "REFUSED"  # the node answered with an error of its own
    MALFORMED = "MALFORMED"  # the answer is not what the RPC's documentation says it is
    WRONG_CHAIN = "WRONG_CHAIN"  # the node serves another chain than it was configured for
    WRONG_BLOCK = "WRONG_BLOCK"  # the block is unknown to the node, or the answer belongs to another one
    NOT_FINAL = "NOT_FINAL"  # the block may still be replaced, or the node has not reached it
    NO_STATE = "NO_STATE"  # the node no longer keeps, or never indexed, the state of that block
    NO_PAST = "NO_PAST"  # such a chain can be read only as it is now, and the claim is of another moment or block
    NO_TOKEN = "NO_TOKEN"  # noqa: S105 - the asset's contract gave no balance at that block
    CALLER_DEPENDENT = "CALLER_DEPENDENT"  # the asset's contract gives one caller another balance than another caller
    WRONG_DECIMALS = "WRONG_DECIMALS"  # the asset's contract counts in other decimals than the claim says
    UNCONFIRMED_DECIMALS = "UNCONFIRMED_DECIMALS"  # neither the contract nor a table says in which the asset counts
    FORGED = "FORGED"  # a proof or header does not hold
    UNSUPPORTED = "UNSUPPORTED"  # no configured node can answer this kind of question
    NO_QUORUM = "NO_QUORUM"  # fewer independent operators answered than the policy demands
    DISAGREEMENT = "DISAGREEMENT"  # operators answered, and not alike; or not as a proof shows
    CONTRADICTED = "CONTRADICTED"  # it rests on operators that a proof contradicted elsewhere
    UNPROVEN = "UNPROVEN"  # balances of the asset were drawn to be proven, and only some of them were
    NO_CONTROL = (
        "NO_CONTROL"  # the policy requires a proof of control over the account, and there is none that is enough
    )
    OWN_CONTRACT = "OWN_CONTRACT"  # the account is the contract of a claimed asset that backs the same unit
    NO_KEY = "NO_KEY"  # the account has no key: a burn address, a precompile, a deposit contract and the like
    SAME_ACCOUNT = "SAME_ACCOUNT"  # the account stands in the claim under another name of the same ledger too
    WEAK_BASIS = "WEAK_BASIS"  # the balance is believed on a weaker basis than the policy requires for its unit
    UNKNOWN_CONTRACT = "UNKNOWN_CONTRACT"  # only the claim says that the contract's coins are the unit's own
    ALIAS = "ALIAS"  # the contract shows the balances of another asset again


OF_A_NODE: Final = frozenset(
    {
        Why.UNREACHABLE,
        Why.RATE_LIMITED,
        Why.UNAUTHORIZED,
        Why.REFUSED,
        Why.MALFORMED,
        Why.WRONG_CHAIN,
        Why.WRONG_BLOCK,
        Why.NOT_FINAL,
        Why.NO_STATE,
        Why.NO_TOKEN,
        Why.CALLER_DEPENDENT,
        Why.FORGED,
        Why.UNSUPPORTED,
    }
)
"""Reasons that a node can have for not answering. All others follow from what several nodes, proofs, the claim or the
policy say, and are no node's to give."""

FINDING_ONLY: Final = frozenset({Why.ALIAS, Why.NO_CONTROL, Why.UNKNOWN_CONTRACT, Why.WEAK_BASIS})
"""Reasons that follow from balances and the policy. Only a finding has them: in the evidence stands the balance."""

CLAIM_ONLY: Final = frozenset({Why.NO_KEY, Why.OWN_CONTRACT, Why.SAME_ACCOUNT})
"""Reasons that follow from the claim alone (`weighing.uncounted`): in evidence they stand whatever any node said."""

LASTING: Final = CLAIM_ONLY | {
    Why.ALIAS,
    Why.NO_CONTROL,
    Why.NO_PAST,
    Why.UNKNOWN_CONTRACT,
    Why.UNSUPPORTED,
    Why.WRONG_DECIMALS,
}
"""Reasons that are the same again when the same nodes are asked for the same claim: no node that answers this time
makes a balance of them. Only another claim, another policy or nodes of another kind can."""


class ScannerError(Exception):
    """The root: whatever this package raises on purpose is one of these."""

    exit_code = 70


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with an input, described so that the reader can go and fix it."""

    where: str  # the file, and the line where there is one: "claim.yaml:12"
    what: str  # the value at fault, and what was expected instead

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class InputError(ScannerError):
    """Inputs that cannot be used. `mistakes` holds all that were found, never only the first."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))

    @classmethod
    def at(cls, where: str, what: str) -> InputError:
        """One mistake alone."""
        return cls([Mistake(where, what)])


class AttestationInvalid(ScannerError):
    """An attestation that does not hold. `step` is the number of the verification step that failed."""

    exit_code = 4

    def __init__(self, step: int, message: str) -> None:
        self.step = step
        super().__init__(f"step {step}: {message}")


class HistoryInvalid(ScannerError):
    """A history that says what its envelopes do not bear out, or is not as this program made it. All faults found."""

    exit_code = 4

    def __init__(self, where: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{where}: {fault}" for fault in self.faults))


class StampInvalid(ScannerError):
    """Stamps that do not hold where they were to be kept. All of them, by their files."""

    exit_code = 4

    def __init__(self, faults: Sequence[Mistake]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class NodeError(ScannerError):
    """One node could not be used, or one of its answers not believed.

    `detail` may be quoted in evidence: it never holds a URL, a key or a password.
    """

    def __init__(self, why: Why, detail: str) -> None:
        self.why = why
        self.detail = detail
        super().__init__(f"{why}: {detail}")
