"""The fixed words of a report of factual findings: what each procedure is, what was not done, who says what.

They claim no more than was done, and leave out words that stand for a conclusion. docs/findings.md says the same at
length. Not here: anything that follows from a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scanner.report.findings.exceptions import ExceptionClass, Procedure

TITLE: Final = "Report of factual findings"

NATURE: Final = (
    "This report says which procedures were carried out, what each found, and every exception. It draws no conclusion"
    " from them. Whether they suffice for a purpose is for those who agreed on them, and for its readers, to judge: the"
    " program does not.",
    "The exchange is responsible for its claim: the accounts, amounts and files in it. Other procedures might have"
    " found other matters.",
)

ENGAGEMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "addressee": "Addressee",
        "engaging_party": "Who asked for the procedures",
        "responsible_party": "Who is responsible for the subject",
        "intended_users": "For whose use",
        "purpose": "Purpose",
        "agreed": "When, and between which parties, the procedures were agreed",
        "scope": "Scope",
        "ethics": "Ethical requirements, and independence, of who carried out the procedures",
        "quality": "Quality management",
    }
)
"""By key of the engagement's file: what the field is called. Only people can say what belongs there."""

SIGNED_BY: Final[Mapping[str, str]] = MappingProxyType(
    {"practitioner": "Name of who carried out the procedures", "place": "Place"}
)

DONE: Final[Mapping[Procedure, str]] = MappingProxyType(
    {
        Procedure.FILES: "Read each published file that the claim names, by its layout; count each row as accepted, or"
        " as refused with its reason",
        Procedure.TOTALS: "Compare each total, and each number of rows, that a file states with what its rows come to",
        Procedure.ACCOUNTS: "Look for accounts that stand twice, that have no key, or that are a claimed asset's own"
        " contract; compare the number of accounts and their digest with the statement's",
        Procedure.BLOCKS: "For each chain, have operators of nodes agree on the hash of the one block at which"
        " everything on it is read",
        Procedure.BALANCES: "Read the balance of each holding at that block, and keep what an operator said otherwise",
        Procedure.PROOFS: "Walk the proofs of balances from the block's hash down to the balance",
        Procedure.CONTROL: "Judge what was published to show who controls each account",
        Procedure.AMOUNTS: "Compare each amount that the claim states for a holding with what was found",
        Procedure.CUSTODY: "List the amounts that third parties are said to hold",
        Procedure.OWED: "Judge what was published to show the amounts owed",
        Procedure.RATIO: "Add up what counts of each unit, divide it by what is owed, and compare that with the printed"
        " ratio",
        Procedure.EARLIER: "Look in a history for the exchange's reports, as they were checked when they were added:"
        " missing, late, or not at 100%",
        Procedure.SERIES: "Read the same accounts at moments before and after, drawn by blocks' hashes",
        Procedure.FLOWS: "List what came to the accounts before the moment and went from them after it, where transfers"
        " can be listed, and hold it against the balances",
        Procedure.TOGETHER: "Weigh the claims of several exchanges at one moment, each alone and all jointly",
        Procedure.SIGNATURES: "Check the signatures over the statement, and the digests of the files it names; compute"
        " the finding again from them",
    }
)

NOT_GIVEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "history": "No history was given.",
        "series": "No series was given: what was held a block earlier or later is not known.",
        "flows": "No flows were given.",
        "together": "No statement of several exchanges' claims was given.",
    }
)

CLASSES: Final[Mapping[ExceptionClass, str]] = MappingProxyType(
    {
        ExceptionClass.GAP: "Holdings of which nothing counts",
        ExceptionClass.LOWER_BOUND: "Balances of which there may be more",
        ExceptionClass.DISSENT: "Balances that count although an operator said otherwise",
        ExceptionClass.DIFFERENCE: "Amounts found that are not as claimed",
        ExceptionClass.CONTROL: "Accounts of which this engagement's message does not show who controls them",
        ExceptionClass.REFUSED_ROW: "Rows of files that are not counted",
        ExceptionClass.UNREAD_CELL: "Cells of counted rows that could not be read",
        ExceptionClass.FILE: "Files of which not all is in the claim",
        ExceptionClass.TOTAL: "Totals of files that their rows do not come to",
        ExceptionClass.INCOMPLETE: "A claim of a part, or one that does not say that it is of all",
        ExceptionClass.BLOCK: "Blocks that were not agreed on",
        ExceptionClass.UNPROVEN: "Assets whose balances went without proofs",
        ExceptionClass.CONTRADICTION: "Contradictions",
        ExceptionClass.CUSTODY: "Amounts that third parties are said to hold",
        ExceptionClass.OWED: "Remarks on the published proof of what is owed",
        ExceptionClass.WITHHELD: "Reasons for which no verdict is given",
        ExceptionClass.SHORTFALL: "Units of which less is held than is owed",
        ExceptionClass.NOT_SHOWN: "Units of which neither is shown, that they are covered or that they are short",
        ExceptionClass.PRINTED_RATIO: "Printed ratios that do not follow",
        ExceptionClass.UNCHECKED_ENTRY: "Entries of the history that were never checked",
        ExceptionClass.MISSING_REPORT: "Periods without a report",
        ExceptionClass.LATE_REPORT: "Late reports",
        ExceptionClass.BELOW: "Reports that do not show 100%",
        ExceptionClass.TRANSIENT: "Amounts that were not there before and after",
        ExceptionClass.SERIES: "Moments and windows of the series of which something is not shown",
        ExceptionClass.FLOW: "Assets of which not all transfers before and after are listed",
        ExceptionClass.ROUND_TRIP: "Amounts that came from a counterpart before and went to the same one after",
        ExceptionClass.SHARED: "Accounts that serve several claims",
        ExceptionClass.SIGNATURE: "Signatures by keys that were not asked for",
    }
)

NOT_DONE: Final = (
    "Whether all that the exchange owes was stated was not looked at: what is owed is the claim's word, as far as"
    " procedure 10 does not say otherwise.",
    "Whether the assets are borrowed, pledged, or claimed by others was not looked at.",
    "What was held before or after the blocks named here was not looked at, unless procedure 13 says so.",
    "Money in banks, and whatever else is not on a chain, was not looked at.",
    "Who owns the assets by law was not looked at. A signature shows that somebody had a key, and no more.",
    "Accounts that the claim does not name were not looked for.",
    "Where a balance rests on the words of operators, it is the signers' word that operators said so.",
)

RISK: Final = (
    "Where not every balance is proven, one that was reported too high may have gone unnoticed: it was believed, and"
    " was not among those drawn to be proven. For a single false balance worth so much of what is held of a unit, this"
    " is the part of such samples in which it goes unnoticed. 1.000000 says that no proof would have shown it."
)
NO_RISK: Final = "Of no unit is anything held, so that no balance can have gone unnoticed."

AGAIN: Final = (
    "Anyone who has the claim, the attestation with its evidence (and witness, where there is one) and the signer's"
    " public key comes to the same bytes:"
)
REFUSES: Final = "The first refuses an attestation that does not hold. The digests of the files:"

ANSWER: Final = "Answer of the exchange"
EMPTY: Final = "No exception was found by any procedure that was carried out."


def too_many(count: int) -> str:
    """In place of a list that would be too long."""
    return f"{count:,} exceptions, too many to list here: the report's other forms (csv, xlsx) have every one of them."
