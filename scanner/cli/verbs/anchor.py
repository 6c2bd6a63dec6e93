"""`scanner anchor`: what shows an attestation's blocks to be ancestors of a later one, fetched and kept."""

from __future__ import annotations

import argparse
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.cli import anchoring, dating_by_blocks
from scanner.cli.command import Command, add_json, add_log, print_json, read_attestation
from scanner.cli.named_blocks import named_blocks, one_of_each
from scanner.cli.named_checkpoints import add_checkpoint, named_checkpoints
from scanner.errors import LASTING, InputError

if TYPE_CHECKING:
    from scanner.chains.anchor import PathBlock
    from scanner.core.evidence import Gap, Snapshot
    from scanner.core.ids import Chain
    from scanner.scanning.anchoring import Unanchored
    from scanner.scanning.growing_anchor import GrowingAnchor

_INCOMPLETE: Final = 3
_LASTING: Final = 5


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "attestations",
        metavar="ATTESTATION",
        type=Path,
        nargs="*",
        help="the attestation's file, or that of a series, flows or claims together, beside its moments; several have"
        " one anchor, which leads to the blocks of all of them",
    )
    command.add_argument(
        "--history", metavar="FILE|URL", help="all attestations of this history, a SQLite file or a postgresql:// URL"
    )
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
    add_checkpoint(command)
    command.add_argument("--anchor", metavar="FILE", type=Path, help="default: anchor.bin beside the attestation")
    add_json(command, "how far the anchor leads")
    add_log(command)


def run(arguments: Namespace) -> int:
    """An anchor made, or the one that is there made longer."""
    import os

    import scanner
    from scanner.cli.interrupt import interruptible
    from scanner.cli.progress import observer
    from scanner.scanning.anchor_journal import SUFFIX, AnchorJournal
    from scanner.scanning.anchoring import extend
    from scanner.scanning.growing_anchor import GrowingAnchor
    from scanner.scanning.stamped_blocks import stamped_blocks

    blocks = _blocks(arguments)
    beside = arguments.attestations[0].parent if arguments.attestations else Path()
    instrument = scanner.load_instrument(arguments.nodes or beside / "nodes.yaml", os.environ)
    interrupted = "scanner: interrupted; the same command goes on from here"
    watch = observer(arguments.log, sys.stderr)
    stamps = dating_by_blocks.roots(arguments.attestations)
    stamped, unstamped = interruptible(stamped_blocks(stamps, instrument, observe=watch), interrupted)
    blocks += stamped
    chains = {block.chain for block in blocks}
    up_to = one_of_each("--at", named_blocks("--at", arguments.at, chains, heights=True))
    named = named_checkpoints(arguments, chains)
    roots = one_of_each("--checkpoint", named.roots)
    path = anchoring.anchor_path(arguments, beside)
    with AnchorJournal.of(path) as journal:
        growing = GrowingAnchor(anchoring.read(path, needed=False))
        journal.resume(growing)
        if growing.changed:
            anchoring.require_readable(growing.anchor, path.with_name(path.name + SUFFIX))
        try:
            lacking = interruptible(
                extend(growing, blocks, instrument, up_to=up_to, roots=roots, known=named.known, observe=watch),
                interrupted,
            )
        finally:
            _write(path, growing)
            journal.done()
    paths = growing.anchor.paths
    _tell(arguments, path, {chain: paths[chain] for chain in sorted(chains) if chain in paths}, lacking, unstamped)
    gaps = [*(each.gap for each in lacking), *unstamped]
    if not gaps:
        return 0
    return _LASTING if all(gap.why in LASTING for gap in gaps) else _INCOMPLETE


def _write(path: Path, growing: GrowingAnchor) -> None:
    """The anchor's file, unless nothing was added. Raises InputError where it cannot be written."""
    from scanner.attesting.anchor_file import anchor_bytes
    from scanner.cli.files import written_together

    if growing.changed:
        with written_together(path.parent) as create:
            file = create(path.name)
            for piece in anchor_bytes(growing.anchor):
                file.write(piece)


def _blocks(arguments: Namespace) -> list[Snapshot]:
    """Those of all attestations that are named, and of a history's. Raises InputError."""
    from scanner.attesting.statement import EVIDENCE, WITNESS
    from scanner.history.log import open_history

    documents = [(read_attestation(path), str(path), path.parent) for path in arguments.attestations]
    if arguments.history is not None:
        with open_history(arguments.history) as history, history.at_one_moment():
            documents += [(history.document(each.number), f"entry {each.number}", Path()) for each in history.entries()]
    if not documents:
        raise InputError.at("ATTESTATION", "expected at least one, or a history of them (--history)")
    blocks = [block for each in documents for block in anchoring.stated_in(*each).all]
    for path in arguments.attestations:
        blocks += anchoring.moved_in(path.parent / EVIDENCE, path.parent / WITNESS).read
    return blocks


def _tell(
    arguments: Namespace,
    path: Path,
    leads: Mapping[Chain, Sequence[PathBlock]],
    lacking: Sequence[Unanchored],
    unstamped: Sequence[Gap],
) -> None:
    if arguments.json:
        tops = {str(chain): {"height": blocks[0].height, "hash": blocks[0].hash} for chain, blocks in leads.items()}
        gaps = {str(each.chain): {"why": each.gap.why, "detail": each.gap.detail} for each in lacking}
        stamps = [{"why": gap.why, "detail": gap.detail} for gap in unstamped]
        print_json({"anchor": str(path), "from": tops, "lacking": gaps, "unstamped": stamps})
        return
    from scanner.chains.explorers import explorer_url

    for chain, blocks in leads.items():
        top, links = blocks[0], len(blocks) - 1
        down = f"down from block {top.height}, {links:,} link{'' if links == 1 else 's'}"
        print(f"{chain}  {down}; compare its hash with any explorer's, and trust it:")
        if (url := explorer_url(chain, top.height, top.hash)) is not None:
            print(f"  {url}")
        print(f"  --trust {chain}={top.hash}")
    for each in lacking:
        print(f"{each.chain}  not as far as was asked for: {each.gap.why}, {each.gap.detail}")
    for gap in unstamped:
        print(f"a block to which a stamp leads is not on the way: {gap.why}, {gap.detail}")
    if leads:
        print(f"written to {path}")


COMMAND: Final = Command(
    "anchor",
    "fetch what shows an attestation's blocks to be ancestors of a later block",
    (
        "scanner anchor out/attestation.dsse.json --nodes nodes.yaml",
        "scanner anchor --history reserve-history.sqlite --nodes nodes.yaml",
        f"scanner verify out/attestation.dsse.json --claim claim.yaml --key auditor.pub --trust {EXAMPLE_CHAIN}=0x...",
    ),
    add_arguments,
    run,
)
