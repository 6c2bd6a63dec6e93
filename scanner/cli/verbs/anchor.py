"""`scanner anchor`: what shows an attestation's blocks to be ancestors of a later one, fetched and kept."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.cli import anchoring
from scanner.cli.command import Command, add_json, add_log, print_json, read_attestation
from scanner.cli.named_blocks import named_blocks
from scanner.errors import LASTING, InputError

if TYPE_CHECKING:
    from scanner.core.evidence import Snapshot
    from scanner.scanning.anchoring import GrowingAnchor, Unanchored

_KEPT: Final = 2**20  # bytes of records after which what there is is written, so that a run that is killed has it
_INCOMPLETE: Final = 3
_LASTING: Final = 5


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's file")
    command.add_argument(
        "--nodes", metavar="FILE", type=Path, help="the nodes to ask (default: nodes.yaml beside the attestation)"
    )
    command.add_argument(
        "--at",
        metavar="CHAIN=BLOCK",
        action="append",
        default=[],
        help="a block of this chain, by its height or hash, down from which the anchor leads (default: the newest that"
        " a node calls final); may be given for several chains",
    )
    command.add_argument("--anchor", metavar="FILE", type=Path, help="default: anchor.bin beside the attestation")
    add_json(command, "how far the anchor leads")
    add_log(command)


def run(arguments: Namespace) -> int:
    """An anchor made, or the one that is there made longer."""
    import os

    import scanner
    from scanner.cli.interrupt import interruptible
    from scanner.cli.progress import observer
    from scanner.scanning.anchoring import GrowingAnchor, extend

    blocks = _blocks(read_attestation(arguments.attestation), arguments.attestation)
    up_to = dict(named_blocks("--at", arguments.at, {block.chain for block in blocks}, heights=True))
    instrument = scanner.load_instrument(arguments.nodes or arguments.attestation.parent / "nodes.yaml", os.environ)
    path = anchoring.anchor_path(arguments)
    growing = GrowingAnchor(anchoring.read(path, needed=False))
    kept = _Kept(path, growing)
    watch = observer(arguments.log, sys.stderr)

    def observe(event: Any) -> None:
        watch(event)
        kept.now_and_then()

    try:
        lacking = interruptible(
            extend(growing, blocks, instrument, up_to=up_to, observe=observe),
            "scanner: interrupted; the same command goes on from here",
        )
    finally:
        kept.whole()
    _tell(arguments, path, growing, blocks, lacking)
    if not lacking:
        return 0
    return _LASTING if all(each.gap.why in LASTING for each in lacking) else _INCOMPLETE


class _Kept:
    """The anchor's file: what there is, from time to time, and at the end."""

    def __init__(self, path: Path, growing: GrowingAnchor) -> None:
        self._path = path
        self._growing = growing
        self._written = 0

    def now_and_then(self) -> None:
        """As the anchor grows, ever less often: what is written in all stays a few times its size."""
        if self._growing.size - self._written > max(_KEPT, self._written // 2):
            self.whole()

    def whole(self) -> None:
        """All of it, unless nothing was added. Raises InputError where it cannot be written."""
        from scanner.attesting.anchor_file import anchor_bytes
        from scanner.cli.files import written_together

        if self._growing.size == self._written:
            return
        with written_together(self._path.parent) as create:
            file = create(self._path.name)
            for piece in anchor_bytes(self._growing.anchor):
                file.write(piece)
        self._written = self._growing.size


def _blocks(document: bytes, path: Path) -> list[Snapshot]:
    """The blocks of an attestation that may be anyone's: an anchor proves itself. Raises InputError."""
    from scanner.attesting.envelope import read_envelope
    from scanner.attesting.statement import read_statement

    try:
        return [*read_statement(read_envelope(document).payload).stated.snapshots.values()]
    except ValueError as error:
        raise InputError.at(str(path), f"is no attestation: {error}") from None


def _tell(
    arguments: Namespace,
    path: Path,
    growing: GrowingAnchor,
    blocks: Iterable[Snapshot],
    lacking: Sequence[Unanchored],
) -> None:
    anchor = growing.anchor
    tops = {
        chain: anchor.paths[chain][0] for chain in sorted({block.chain for block in blocks}) if chain in anchor.paths
    }
    if arguments.json:
        leads = {str(chain): {"height": top.height, "hash": top.hash} for chain, top in tops.items()}
        gaps = {str(each.chain): {"why": each.gap.why, "detail": each.gap.detail} for each in lacking}
        print_json({"anchor": str(path), "from": leads, "lacking": gaps})
        return
    for chain, top in tops.items():
        links = len(anchor.paths[chain]) - 1
        down = f"down from block {top.height}, {links:,} link{'' if links == 1 else 's'}"
        print(f"{chain}  {down}; compare its hash with any explorer's, and trust it:")
        print(f"  --trust {chain}={top.hash}")
    for each in lacking:
        print(f"{each.chain}  not as far as was asked for: {each.gap.why}, {each.gap.detail}")
    if tops:
        print(f"written to {path}")


COMMAND: Final = Command(
    "anchor",
    "fetch what shows an attestation's blocks to be ancestors of a later block",
    (
        "scanner anchor out/attestation.dsse.json --nodes nodes.yaml",
        f"scanner verify out/attestation.dsse.json --claim claim.yaml --key auditor.pub --trust {EXAMPLE_CHAIN}=0x...",
    ),
    add_arguments,
    run,
)
