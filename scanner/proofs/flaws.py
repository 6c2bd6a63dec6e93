"""Why a proof does not hold: one kind of exception, and the reasons it gives.

No judgement is made here. What becomes of a flawed proof (a Gap, and under which name) is the caller's matter.
"""

from __future__ import annotations

from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with a proof. None of these ever means that a balance is zero."""

    INCOMPLETE = "INCOMPLETE"  # a node of the path, or a field, is missing: ask again, or elsewhere
    MALFORMED = "MALFORMED"  # bytes or fields are not what their standard prescribes
    HEADER_MISMATCH = "HEADER_MISMATCH"  # in no known layout does the header hash to the pinned block hash
    EARLIER_STATE = "EARLIER_STATE"  # the header commits to the state after an earlier block than its own
    NO_CODE = "NO_CODE"  # the token's address holds no contract at that block
    UNDETERMINED = "UNDETERMINED"  # it hangs on something that no proof shows
    NO_BALANCE = "NO_BALANCE"  # the token's own code answers with no balance
    TOO_LARGE = "TOO_LARGE"  # beyond the bounds of what is read at all


class ProofError(ValueError):
    """A proof that does not hold. `flaw` says in what way, `detail` where; neither holds a URL or a key.

    `lacks`: parts of the state that are missing, in the words of a family's prover (`chains.state_proofs`).
    """

    def __init__(self, flaw: Flaw, detail: str, lacks: tuple[bytes, ...] = ()) -> None:
        self.flaw = flaw
        self.detail = detail
        self.lacks = lacks
        super().__init__(f"{flaw}: {detail}")
