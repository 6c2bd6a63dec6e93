"""OpenTimestamps proofs on the command line: what they show of an attestation's file by blocks that one trusts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli import anchoring, stamp_files
from scanner.cli.dating import DOES_NOT_HOLD
from scanner.cli.files import read_whole
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.attesting.dated_by_blocks import DatedByBlock
    from scanner.cli.anchoring import Trust
    from scanner.core.ids import Chain


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A proof's file, and what it shows."""

    path: Path
    shown: DatedByBlock


def chains(arguments: Namespace) -> set[Chain]:
    """The chains of which the reader trusts a block, and to whose blocks proofs of the attestation may lead."""
    from scanner.chains.names import parse_chain
    from scanner.chains.proving import merkle_root
    from scanner.core.ids import IdError

    found: set[Chain] = set()
    trusted = [*arguments.trust, *arguments.checkpoint]
    for text in trusted if stamp_files.to_check(arguments, stamp_files.OPENTIMESTAMPS) else ():
        try:
            chain = parse_chain(text.partition("=")[0])
        except IdError:
            continue  # which is refused where blocks are read
        if merkle_root(chain) is not None:
            found.add(chain)
    return found


def checked(arguments: Namespace, document: bytes, trust: Trust | None) -> list[ShownProof]:
    """What each proof shows of the attestation, whose file is `document`; none where no anchor is to be looked at.
    Raises InputError."""
    from scanner.attesting.dated_by_blocks import dated_by_block

    paths = stamp_files.to_check(arguments, stamp_files.OPENTIMESTAMPS)
    if trust is None:
        if arguments.stamp and paths:
            raise InputError.at(
                "--stamp", "is checked by a block that you trust: name one with --trust, or its chain with --checkpoint"
            )
        return []
    found = [(path, read(path)) for path in paths]
    by = trust.anchor, trust.blocks, trust.checkpoints
    return [ShownProof(path, dated_by_block(document, proof, *by, known=trust.known)) for path, proof in found]


def roots(attestations: Sequence[Path]) -> list[tuple[int, bytes]]:
    """The heights and Merkle roots of blocks to which proofs beside these attestations lead. Raises InputError."""
    from scanner.proofs.flaws import ProofError
    from scanner.proofs.stamps.opentimestamps import read_proof

    found: list[tuple[int, bytes]] = []
    for attestation in attestations:
        for path in stamp_files.beside(attestation, stamp_files.OPENTIMESTAMPS):
            try:
                ends = read_proof(read(path)).attestations
            except ProofError as error:
                raise InputError.at(str(path), f"is no OpenTimestamps proof that can be used: {error.detail}") from None
            found += [(end.height, end.message) for end in ends if end.height is not None]
    return found


def read(path: Path) -> bytes:
    """A proof's file, whatever is in it. Raises InputError."""
    from scanner.proofs.stamps.opentimestamps import MOST_BYTES

    return read_whole(path, MOST_BYTES, "; no OpenTimestamps proof is")


def code(found: Sequence[ShownProof], named: Collection[Chain], *, asked: bool) -> int:
    """The exit code: 0 unless one does not hold, or one leads to no block as far as is known where that is asked: by
    `named`, of which a block is trusted, or because a proof was named. Where one is trusted, work on top of a block is
    not enough: who made the anchor chose the chain, and on some it is done in a second."""
    if any(not each.shown.holds for each in found):
        return DOES_NOT_HOLD
    lacking = any(not _is_shown(each.shown, by_trust=bool(named)) for each in found)
    return anchoring.NOT_AS_ASKED if lacking and (named or asked) else 0


def _is_shown(shown: DatedByBlock, *, by_trust: bool) -> bool:
    from scanner.attesting.anchored import Standing

    if shown.block is None or shown.block.standing is Standing.NOT_ANCHORED:
        return False
    return anchoring.is_as_asked(shown.block) or not by_trust


def lines(arguments: Namespace, found: Sequence[ShownProof], trust: Trust | None) -> list[str]:
    """What each proof shows, for people."""
    if trust is None:
        there = stamp_files.to_check(arguments, stamp_files.OPENTIMESTAMPS)
        return [f"unchecked  {path.name}: an OpenTimestamps proof; --trust CHAIN=HASH checks it" for path in there]
    return [f"{_line(each.shown)} ({each.path.name})" for each in found]


def as_json(found: Sequence[ShownProof]) -> list[dict[str, Any]]:
    """The same for machines."""
    from scanner.attesting.times import written_time

    return [
        {
            "file": each.path.name,
            "kind": "opentimestamps",
            "block": None if (block := each.shown.block) is None else anchoring.as_json([block])[0],
            "blockTime": None if block is None else written_time(block.block.time),
            "pending": list(each.shown.pending),
            "reason": each.shown.reason or None,
        }
        for each in found
    ]


def _line(shown: DatedByBlock) -> str:
    from scanner.attesting.anchored import Standing

    if shown.block is None or shown.block.standing is Standing.NOT_ANCHORED:
        waiting = f"; {', '.join(shown.pending)} may know more (scanner stamp --upgrade)" if shown.pending else ""
        word = "pending" if shown.pending and shown.block is None and shown.holds else "not dated"
        return f"{word:<12}  {shown.reason}{waiting}"
    block = shown.block.block
    word = "dated" if shown.block.standing is Standing.ANCHORED else "work"
    before = f"existed before {block.chain} block {block.height}, which is dated {block.time:%Y-%m-%d %H:%M:%S} UTC"
    return f"{word:<12}  {before}: {anchoring.sentence(shown.block)}"
