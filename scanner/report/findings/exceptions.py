"""What an exception is: one thing that a procedure found to be otherwise than it should be, with its place.

Its id stays the same on every run over the same files: it is made of its class and of its place, never of an order in
which things were found. Not here: how exceptions are found, and whether one matters, which no program can say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Procedure(IntEnum):
    """The procedures, by the number that they have in the report. What each is: `procedures`."""

    FILES = 1
    TOTALS = 2
    ACCOUNTS = 3
    BLOCKS = 4
    BALANCES = 5
    PROOFS = 6
    CONTROL = 7
    AMOUNTS = 8
    CUSTODY = 9
    OWED = 10
    RATIO = 11
    EARLIER = 12
    SERIES = 13
    FLOWS = 14
    TOGETHER = 15
    SIGNATURES = 16


class ExceptionClass(StrEnum):
    """What an exception is called. The values begin its id: never reuse one."""

    GAP = "GAP"  # a holding of which nothing counts: not read, or read and not counted under the policy
    LOWER_BOUND = "LOWER-BOUND"  # a balance of which there may be more
    DISSENT = "DISSENT"  # a balance that counts although an operator said otherwise
    DIFFERENCE = "DIFFERENCE"  # another amount was found than is claimed
    CONTROL = "CONTROL"  # it is not shown, by this engagement's message, who controls the account
    REFUSED_ROW = "REFUSED-ROW"  # a row of a published file that is not counted
    UNREAD_CELL = "UNREAD-CELL"  # a cell of a counted row that could not be read
    FILE = "FILE"  # a published file of which not all is in the claim
    TOTAL = "TOTAL"  # a total of a file that its rows do not come to
    INCOMPLETE = "INCOMPLETE"  # the claim is of a part of what is declared or owed, or does not say that it is of all
    BLOCK = "BLOCK"  # a chain of which no block was agreed on
    UNPROVEN = "UNPROVEN"  # an asset whose balances were to be proven, and were not
    CONTRADICTION = "CONTRADICTION"  # a proof shows otherwise than an operator said
    CUSTODY = "CUSTODY"  # an amount that third parties are said to hold
    OWED = "OWED"  # a remark on the published proof of what is owed
    WITHHELD = "WITHHELD"  # a reason for which no verdict is given on a unit
    SHORTFALL = "SHORTFALL"  # less is held than is owed
    NOT_SHOWN = "NOT-SHOWN"  # a unit of which neither is shown, that it is covered or that it is short
    PRINTED_RATIO = "PRINTED-RATIO"  # the printed ratio is not the one that follows
    UNCHECKED_ENTRY = "UNCHECKED-ENTRY"  # an entry of the history that was kept without being checked
    MISSING_REPORT = "MISSING-REPORT"  # a period without a report
    LATE_REPORT = "LATE-REPORT"  # a report after the days of grace
    BELOW = "BELOW"  # an earlier report that does not show 100 %
    TRANSIENT = "TRANSIENT"  # an amount that was not there before the moment, nor after it
    SERIES = "SERIES"  # a window of the series of which nothing is shown
    FLOW = "FLOW"  # an asset of which not all transfers before and after are listed
    ROUND_TRIP = "ROUND-TRIP"  # what came from a counterpart before the moment went to the same one after it
    SHARED = "SHARED"  # an account or coin that serves several claims
    SIGNATURE = "SIGNATURE"  # a signature by a key that was not asked for, so that nothing is known of it


@dataclass(frozen=True, slots=True)
class ReportedException:
    """One exception. Amounts are in the smallest unit of an asset, or in whole coins of a unit, as `subject` says."""

    of: ExceptionClass
    key: str  # by which it differs from others of its class: a number of the evidence's row, or of the file's
    procedure: Procedure
    subject: str  # of which asset, unit, file or chain
    what: str  # in words
    place: str  # where it stands
    account: str = ""
    stated: str = ""  # what is claimed, printed or owed
    found: str = ""

    @property
    def id(self) -> str:
        return f"{self.of}-{self.key}"
