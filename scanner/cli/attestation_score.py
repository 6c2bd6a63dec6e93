"""The score of one attestation, for its page, out of a history that is named for it.

It is judged as of the report's own moment, so that the same files give the same page.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from typing import TYPE_CHECKING

from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.report.page.score import ShownScore


def attestation_score(arguments: Namespace, document: bytes) -> ShownScore | None:
    """What --history and --auditor give for the attestation in these bytes; None where no history is named.

    Raises InputError where the history has no score of it, and HistoryInvalid for one that is not sound.
    """
    if arguments.history is None:
        return None
    import scanner
    from scanner.history.log import open_history
    from scanner.history.score.summary import score_summary
    from scanner.report.page.score import shown_score

    digest = hashlib.sha256(document).hexdigest()
    keys = [scanner.load_public_key(path) for path in arguments.auditor]
    with open_history(arguments.history) as history, history.at_one_moment():
        entry = next((each for each in history.entries() if each.digest == digest), None)
        if entry is None or not entry.verified:
            raise InputError.at(
                "--history", f"{history.name} has no verified entry of this attestation; `scanner log add` adds one"
            )
        if not entry.of_report:
            raise InputError.at("--history", "this is a scan between two reports, and only reports have a score")
        found = shown_score(score_summary(history, auditors=keys, exchange=entry.said.exchange), digest)
    if found is None:
        raise InputError.at("--history", "the score of its claim is of another finding, that of another attestation")
    return found
