"""Anchors on the command line: which blocks the reader trusts, and what is shown of an attestation's blocks."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli.named_blocks import named_blocks
from scanner.cli.named_checkpoints import add_checkpoint, deciding, named_checkpoints
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.attesting.anchored import AnchoredBlock
    from scanner.attesting.stated_blocks import StatedBlocks
    from scanner.chains.anchor import Anchor
    from scanner.chains.checkpoints import Checkpoint, OnTop
    from scanner.core.evidence import Snapshot
    from scanner.core.ids import Chain

_MANY: Final = 10_000  # headers whose work takes some seconds, on chains where each is slow to check
NOT_AS_ASKED: Final = 3
"""The exit code where a block of a chain for which one was named is not anchored: another anchor may do it."""


def add_trusted(command: argparse.ArgumentParser, where: str = "beside the attestation") -> None:
    """Which blocks are trusted, and the anchor's file."""
    command.add_argument(
        "--trust",
        metavar="CHAIN=HASH",
        action="append",
        default=[],
        help="a block of this chain that you trust, later than the attestation's, by its hash as any explorer shows it:"
        " the attestation's blocks are shown to be its ancestors; one of a chain that decides what is final there is a"
        " checkpoint; may be given several times",
    )
    add_checkpoint(command, "; may be given several times")
    command.add_argument("--anchor", metavar="FILE", type=Path, help=f"default: anchor.bin {where}")


def asked(arguments: Namespace) -> bool:
    """Whether the reader asks for the blocks to be anchored."""
    return bool(arguments.trust or arguments.checkpoint) or arguments.anchor is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Trust:
    """What the reader trusts, and what leads down from there."""

    anchor: Anchor
    blocks: Mapping[Chain, Collection[str]]
    checkpoints: Mapping[Chain, Collection[str]]
    known: Collection[Chain] = ()  # of which the blocks are trusted that this release knows


def checked(arguments: Namespace, blocks: Iterable[Snapshot], beside: Path) -> list[AnchoredBlock]:
    """What the anchor, or the one in the folder `beside`, shows of these blocks. Raises InputError."""
    blocks = list(blocks)
    return shown(trust(arguments, {block.chain for block in blocks}, beside), blocks)


def shown(trusted: Trust, blocks: Iterable[Snapshot]) -> list[AnchoredBlock]:
    """What is shown of these blocks by what the reader trusts. Says so on standard error where it may take long."""
    from scanner.attesting.anchored import anchored

    blocks = list(blocks)
    for chain, headers in _worked(trusted, blocks):
        print(f"scanner: the work of {headers:,} headers of {chain} is added up", file=sys.stderr)
    return anchored(blocks, trusted.anchor, trusted.blocks, trusted.checkpoints, known=trusted.known)


def _worked(trusted: Trust, blocks: Iterable[Snapshot]) -> list[tuple[Chain, int]]:
    """The chains of whose blocks work is added up, where there are many, and how many."""
    from scanner.chains.proving import checkpoints

    found = []
    for chain, path in sorted(trusted.anchor.paths.items()):
        heights = [block.height for block in blocks if block.chain == chain]
        headers = path[0].height - min(heights, default=path[0].height)
        if headers > _MANY and chain not in trusted.blocks and checkpoints(chain)[0] is not None:
            found.append((chain, headers))
    return found


def trust(arguments: Namespace, chains: Collection[Chain], beside: Path) -> Trust:
    """What the reader trusts of these chains, and the anchor, or the one in the folder `beside`. Raises InputError."""
    trusted: dict[Chain, set[str]] = {}
    checkpoints: dict[Chain, set[str]] = {}
    above = deciding(chains)
    for chain, block in named_blocks("--trust", arguments.trust, {*chains, *above}):
        if chain in chains:
            trusted.setdefault(chain, set()).add(str(block))
        if chain in above:
            checkpoints.setdefault(chain, set()).add(str(block))
    named = named_checkpoints(arguments, chains)
    for chain, root in named.roots:
        checkpoints.setdefault(chain, set()).add(root)
    path = anchor_path(arguments, beside)
    return Trust(read(path, needed=arguments.anchor is not None), trusted, checkpoints, named.known)


def anchor_path(arguments: Namespace, beside: Path) -> Path:
    """Where the anchor is, or comes to be: as it is named, else in the folder `beside`."""
    from scanner.attesting.anchor_file import ANCHOR

    named: Path | None = arguments.anchor
    return beside / ANCHOR if named is None else named


def stated_in(document: bytes, where: str, folder: Path) -> StatedBlocks:
    """The blocks of an envelope that may be anyone's: an anchor proves itself. `folder`: where the points lie that it
    names, if it is of several moments. Raises InputError."""
    from scanner.attesting.envelope import read_envelope
    from scanner.attesting.stated_blocks import stated_blocks
    from scanner.cli.points_folder import opened_in

    try:
        return stated_blocks(read_envelope(document).payload, opened_in(folder))
    except ValueError as error:
        raise InputError.at(where, f"is no attestation: {error}") from None


def moved_in(evidence: Path, witness: Path) -> StatedBlocks:
    """The blocks in which accounts moved what they were instructed to; none where there is no such file. Raises
    InputError."""
    from scanner.attesting.moved_blocks import moved_blocks
    from scanner.attesting.stated_blocks import StatedBlocks
    from scanner.sources.regular_file import open_if_there

    with open_if_there(evidence) as rows, open_if_there(witness) as records:
        try:
            return StatedBlocks(() if rows is None else moved_blocks(rows, records))
        except ValueError as error:
            raise InputError.at(str(evidence), f"is no evidence whose blocks can be anchored: {error}") from None


def read(path: Path, *, needed: bool) -> Anchor:
    """The anchor in a file; an empty one where there is none, unless it is needed. Raises InputError."""
    from scanner.attesting.anchor_file import NoAnchor, read_anchor
    from scanner.chains.anchor import Anchor
    from scanner.sources.regular_file import open_if_there, open_regular

    with open_regular(path) if needed else open_if_there(path) as file:
        if file is None:
            return Anchor()
        try:
            return read_anchor(file)
        except NoAnchor as error:
            raise InputError.at(str(path), f"is no anchor that can be used: {error}") from None


def require_readable(anchor: Anchor, part: Path) -> None:
    """Raises InputError where a reader would refuse the paths of an anchor that was taken up from `part`, which may be
    anyone's: what is made longer of it would be of no use."""
    import io

    from scanner.attesting.anchor_file import anchor_bytes, read_anchor
    from scanner.proofs.witness import Witness

    try:
        read_anchor(io.BytesIO(b"".join(anchor_bytes(dataclasses.replace(anchor, witness=Witness())))))
    except ValueError as error:  # NoAnchor, or NotCanonical for what cannot even be written
        raise InputError.at(str(part), f"is a part of no anchor that can be used: {error}; move it away") from None


def code(arguments: Namespace, found: Sequence[AnchoredBlock]) -> int:
    """The exit code of a reader who named blocks: 0 only where each block of their chains is anchored, or stands on a
    block that this release knows, and deep enough, where that is what the reader trusts."""
    from scanner.chains.proving import consensus

    named = {text.partition("=")[0] for text in (*arguments.trust, *arguments.checkpoint)}

    def is_asked_for(chain: Chain) -> bool:
        deciding = consensus(chain)
        return str(chain) in named or (deciding is not None and str(deciding[0]) in named)

    lacking = [each for each in found if is_asked_for(each.block.chain) and not is_as_asked(each)]
    return NOT_AS_ASKED if lacking else 0


def is_as_asked(each: AnchoredBlock) -> bool:
    """Whether a block is anchored, or stands on one that this release knows, and deep enough."""
    from scanner.attesting.anchored import Standing

    return each.standing is Standing.ANCHORED or (each.on_top is not None and not each.reason)


def lines(found: Iterable[AnchoredBlock], stated: StatedBlocks) -> list[str]:
    """What is shown of each block, for people."""
    return [f"{each.standing.lower():<12}  {_named(each.block, stated)}: {sentence(each)}" for each in found]


def stated_as_json(found: Iterable[AnchoredBlock], stated: StatedBlocks) -> list[dict[str, Any]]:
    """The same for machines, with what the statement needs each block for."""
    found = list(found)
    uses = ({"read": each.block in stated.read, "drawing": each.block in stated.drawing} for each in found)
    return [shown | use for shown, use in zip(as_json(found), uses, strict=True)]


def as_json(found: Iterable[AnchoredBlock]) -> list[dict[str, Any]]:
    """What is shown of each block, for machines."""
    return [
        {
            "chain": str(each.block.chain),
            "height": each.block.height,
            "hash": each.block.hash,
            "standing": each.standing.value,
            "from": None if each.top is None else {"height": each.top.height, "hash": each.top.hash},
            "finalized": None if each.finalized is None else dataclasses.asdict(each.finalized),
            "known": None if each.known is None else _known_as_json(each.known),
            "onTop": None if each.on_top is None else _on_top_as_json(each.on_top),
            "links": each.links,
            "ways": [way.value for way in each.ways],
            "work": None if each.work is None else str(each.work),
            "reason": each.reason or None,
        }
        for each in found
    ]


def _known_as_json(known: Checkpoint) -> dict[str, Any]:
    return {"height": known.height, "hash": known.hash, "work": str(known.work), "source": known.source}


def _on_top_as_json(on_top: OnTop) -> dict[str, Any]:
    return {"of": _known_as_json(on_top.checkpoint), "blocks": on_top.blocks, "work": str(on_top.work)}


def _why_trusted(each: AnchoredBlock) -> str:
    if each.known is not None:
        return f"which this release knows ({each.known.source})"
    if each.finalized is None:
        return "which you named"
    if each.finalized.updates == 0:
        return "which your checkpoint names"
    signed = f"{each.finalized.signers} of {each.finalized.members}, or more,"
    return f"which is final, as {signed} signed in each of {each.finalized.updates:,} headers since your checkpoint"


def _named(block: Snapshot, stated: StatedBlocks) -> str:
    draws = " (which draws what is looked at)" if block in stated.drawing else ""
    return f"{block.chain} block {block.height}{draws}"


def sentence(each: AnchoredBlock) -> str:
    """What is shown of a block, or why nothing is."""
    from scanner.attesting.anchored import Standing

    match each.standing:
        case Standing.ANCHORED if each.links == 0:
            return f"it is the block, {_why_trusted(each)}"
        case Standing.ANCHORED if each.top is not None:
            links = f"{each.links:,} link{'' if each.links == 1 else 's'}"
            return f"an ancestor of block {each.top.height}, {_why_trusted(each)}, through {links}"
        case Standing.WORK if each.work is not None and each.top is not None:
            blocks = each.top.height - each.block.height
            took = f"{blocks:,} blocks stand on top of it, which took some 2^{log2(each.work):.1f} hashes to make"
            return f"{took}{_stands_on(each)}"
        case _:
            return each.reason


def _stands_on(each: AnchoredBlock) -> str:
    """What more is known of a block on top of which work was done."""
    but = f"; {each.reason}" if each.reason else ""
    if each.on_top is None:
        return but
    known, found = each.on_top.checkpoint, each.on_top
    on = f"it stands on block {known.height}, {known.hash}, which this release knows ({known.source})"
    rules = f"by {found.blocks:,} headers up to the newest that follow the chain's rules"
    return f"; {on}, {rules}; the whole chain took {known.work + found.work:#x} hashes{but}"
