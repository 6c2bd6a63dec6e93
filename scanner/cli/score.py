"""`scanner score`: what the reader names (a history, auditors' keys, trusted blocks), and the scores that follow."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli import anchoring
from scanner.cli.log import location, refuse_unknown_exchange, verified_blocks

if TYPE_CHECKING:
    from scanner.core.evidence import Snapshot
    from scanner.history.log import HistoryLog
    from scanner.history.score.evidence import Block


def scored(arguments: Namespace) -> dict[str, Any]:
    """The scores as JSON values. Raises InputError, and HistoryInvalid for a history that is not sound."""
    import scanner
    from scanner.history.log import open_history
    from scanner.history.score.summary import score_summary

    keys = [scanner.load_public_key(path) for path in arguments.auditor]
    with open_history(location(arguments)) as history, history.at_one_moment():
        found = score_summary(
            history,
            auditors=keys,
            exchange=arguments.exchange,
            now=arguments.at or datetime.now(UTC),
            anchored=_anchored(arguments, history) if anchoring.asked(arguments) else None,
        )
        if arguments.exchange is not None and not found["exchanges"]:
            refuse_unknown_exchange(arguments, history)
    return found


def _anchored(arguments: Namespace, history: HistoryLog) -> dict[Block, bool]:
    """Which blocks of verified entries are anchored. Raises InputError."""
    from scanner.attesting.anchored import Standing
    from scanner.attesting.times import written_time

    def named(block: Snapshot) -> Block:
        return str(block.chain), block.height, block.hash, block.parent, written_time(block.time)

    shown = anchoring.checked(arguments, verified_blocks(history).all, Path())
    return {named(each.block): each.standing is Standing.ANCHORED for each in shown}
