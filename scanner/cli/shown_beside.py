"""What files beside a statement show of it once it was verified: that its blocks are ancestors of ones that the reader
trusts, and that its own file existed before a time. None of it changes what was verified.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli import anchoring, dating, dating_by_blocks

if TYPE_CHECKING:
    from scanner.attesting.stated_blocks import StatedBlocks
    from scanner.cli.dating import Checked


@dataclass(frozen=True, slots=True)
class ShownBeside:
    """What was shown, as the command tells it."""

    code: int  # the exit code that follows
    lines: list[str]  # for people
    values: dict[str, Any]  # for machines


def shown_beside(
    arguments: Namespace,
    document: bytes,
    statement: bytes,
    stamps: Sequence[Checked] | None,
    scanned_at: datetime | None = None,
) -> ShownBeside:
    """What the anchor and the stamps show of the envelope `document` and the `statement` in it.

    `stamps`: what time stamps show, which is known before; `scanned_at`: when the statement says that it was made.
    Raises InputError.
    """
    from scanner.attesting.stated_blocks import StatedBlocks, stated_blocks
    from scanner.cli.points_folder import opened_in

    asked, folder = anchoring.asked(arguments), arguments.attestation.parent
    blocks = StatedBlocks(())
    if asked:
        blocks = stated_blocks(statement, opened_in(folder)) + _moved(arguments, folder)
    stamped_on = dating_by_blocks.chains(arguments)
    trust = anchoring.trust(arguments, {block.chain for block in blocks.all} | stamped_on, folder) if asked else None
    anchored = [] if trust is None else anchoring.shown(trust, blocks.all)
    by_blocks = dating_by_blocks.checked(arguments, document, trust)
    by_block = dating_by_blocks.code(by_blocks, stamped_on, asked=bool(arguments.stamp))
    return ShownBeside(
        max(anchoring.code(arguments, anchored), dating.code(stamps), by_block),
        [
            *anchoring.lines(anchored, blocks),
            *dating.lines(arguments, stamps, scanned_at),
            *dating_by_blocks.lines(arguments, by_blocks, trust),
        ],
        ({"anchored": anchoring.stated_as_json(anchored, blocks)} if asked else {})
        | dating.as_json(stamps, dating_by_blocks.as_json(by_blocks)),
    )


def _moved(arguments: Namespace, folder: Path) -> StatedBlocks:
    """The blocks in which accounts moved what they were instructed to, of an attestation of one moment."""
    from scanner.attesting.statement import EVIDENCE, WITNESS

    return anchoring.moved_in(arguments.evidence or folder / EVIDENCE, arguments.witness or folder / WITNESS)
