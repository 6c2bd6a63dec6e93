"""`scanner stamp --calendar` and `--upgrade`: calendars of OpenTimestamps asked, and their answers kept in one proof.

A calendar gathers digests and puts the root of all of them into a Bitcoin transaction, some hours later as often as
not. It is sent the SHA-256 of the attestation's file and 16 random bytes, so that it learns nothing of the file. At
first it promises alone; `--upgrade` asks for the rest of the way. Not in here: what a proof shows.

Source: opentimestamps/python-opentimestamps, `calendar.py` (paths, kinds of bodies, the public calendars).
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.cli import stamp_files
from scanner.cli.files import write_whole
from scanner.cli.stamping import Unstamped
from scanner.core.evidence import Gap
from scanner.errors import InputError, NodeError, Why

if TYPE_CHECKING:
    from scanner.proofs.stamps.opentimestamps import OtsAttestation, OtsOperation, OtsProof

_ACCEPT: Final = "application/vnd.opentimestamps.v1"
_BODY: Final = "application/x-www-form-urlencoded"
_PUBLIC: Final = re.compile(
    r"https://(?:[a-z0-9-]+\.){1,4}calendar\.(?:opentimestamps\.org|eternitywall\.com|catallaxy\.com)/?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A proof's file, and what it has now."""

    path: Path
    proof: OtsProof
    lacking: tuple[tuple[str, Gap], ...]  # calendars that gave nothing more, and why


def is_public(calendar: str) -> bool:
    """Whether a calendar is asked for what it promised though no option names it. Of others only those are that one
    names: who made a proof's file may have written any address into it."""
    return _PUBLIC.fullmatch(calendar) is not None


async def begin(
    attestation: Path, document: bytes, urls: Sequence[str]
) -> tuple[tuple[Path, OtsProof] | None, list[Unstamped]]:
    """A proof of what these calendars promised, kept beside the attestation's file, if any did; and which did not.
    Raises InputError where it cannot be written."""
    from scanner.attesting.dated import digest
    from scanner.proofs.stamps.opentimestamps import OtsProof, append, hashed, write_proof

    begun = (append(secrets.token_bytes(16)), hashed())
    proof = OtsProof(digest(document), ())
    message = proof.digest
    for operation in begun:
        message = operation.of(message)
    answers = await asyncio.gather(*(_asked(f"{url.rstrip('/')}/digest", message, begun, message) for url in urls))
    lacking = []
    for place, answer in enumerate(answers, 1):
        if isinstance(answer, Gap):
            lacking.append(Unstamped("--calendar", place, answer))
        else:
            proof = proof.with_(answer)
    if not proof.attestations:
        return None, lacking
    path = stamp_files.next_name(attestation, stamp_files.OPENTIMESTAMPS)
    write_whole(path, write_proof(proof))
    return (path, proof), lacking


async def upgrade(attestation: Path, document: bytes, urls: Sequence[str]) -> list[Upgraded]:
    """The proofs beside the attestation's file, with what their calendars know more by now: the public ones, and those
    at these URLs. Raises InputError for a proof that is none of this file, or where one cannot be written."""
    from scanner.attesting.dated_by_blocks import proof_of
    from scanner.cli.dating_by_blocks import read
    from scanner.proofs.flaws import ProofError
    from scanner.proofs.stamps.opentimestamps import write_proof

    found = []
    for path in stamp_files.beside(attestation, stamp_files.OPENTIMESTAMPS):
        try:
            found.append((path, proof_of(document, read(path))))
        except ProofError as error:
            raise InputError.at(str(path), f"is no proof that can be upgraded: {error.detail}") from None
    upgraded = []
    for path, proof in found:
        more, lacking = await _more(proof.pending, {url.rstrip("/") for url in urls})
        new = proof.with_(more)
        if new != proof:
            write_whole(path, write_proof(new))
        upgraded.append(Upgraded(path, new, lacking))
    return upgraded


async def _more(
    pending: Iterable[OtsAttestation], named: Collection[str]
) -> tuple[list[OtsAttestation], tuple[tuple[str, Gap], ...]]:
    more: list[OtsAttestation] = []
    lacking: list[tuple[str, Gap]] = []
    for each in pending:
        calendar = each.calendar or ""
        if calendar.rstrip("/") not in named and not is_public(calendar):
            lacking.append((calendar, Gap(Why.UNSUPPORTED, "no public calendar: --calendar URL has it asked")))
            continue
        url = f"{calendar.rstrip('/')}/timestamp/{each.message.hex()}"
        answer = await _asked(url, None, each.operations, each.message)
        if isinstance(answer, Gap):
            lacking.append((calendar, answer))
        else:
            more += answer
    return more, tuple(lacking)


async def _asked(
    url: str, body: bytes | None, begun: tuple[OtsOperation, ...], message: bytes
) -> tuple[OtsAttestation, ...] | Gap:
    """What a calendar attests of a message, from the file's digest on; why nothing."""
    from scanner.clients.stamp_server import StampRequest, ask
    from scanner.proofs.flaws import ProofError
    from scanner.proofs.stamps.opentimestamps import MOST_ANSWER_BYTES, read_answer

    try:
        answer = await ask(url, StampRequest(body, _BODY, _ACCEPT, MOST_ANSWER_BYTES))
        return read_answer(answer, begun, message)
    except NodeError as error:
        return Gap(error.why, error.detail)
    except ProofError as error:
        return Gap(Why.MALFORMED, error.detail)
