"""`scanner stamp`: an attestation's file stamped with the time by others, so that it can be shown to have existed."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import dating
from scanner.cli.command import Command, add_json, print_json, read_attestation
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.cli.calendars import Upgraded
    from scanner.cli.dating import Checked
    from scanner.cli.stamping import Unstamped
    from scanner.proofs.stamps.opentimestamps import OtsProof

_INCOMPLETE: Final = 3
_NOTE: Final = "scanner: interrupted; stamps that were written stay"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "attestation", metavar="ATTESTATION", type=Path, help="the attestation's file, or a series' or statement's"
    )
    command.add_argument(
        "--tsa",
        metavar="URL",
        action="append",
        default=[],
        help="a time-stamping authority (RFC 3161) that is asked for a stamp; may be given several times. ${NAME} in it"
        " is filled from the environment",
    )
    dating.add_roots(command)
    command.add_argument(
        "--calendar",
        metavar="URL",
        action="append",
        default=[],
        help="a calendar of OpenTimestamps, which puts the digest into a Bitcoin block; may be given several times",
    )
    command.add_argument(
        "--upgrade",
        action="store_true",
        help="ask for the rest of what calendars promised before: the public ones, and those named by --calendar",
    )
    add_json(command, "what was stamped")


def run(arguments: Namespace) -> int:
    """Stamps fetched, checked and kept beside the attestation."""
    from scanner.cli.calendars import begin, upgrade
    from scanner.cli.interrupt import interruptible
    from scanner.cli.stamping import stamp

    path = arguments.attestation
    document = _attestation(arguments)
    authorities, calendars = _urls("--tsa", arguments.tsa), _urls("--calendar", arguments.calendar)
    if not (authorities or calendars or arguments.upgrade):
        raise InputError.at("--tsa", "expected an authority to ask, a --calendar, or --upgrade")
    roots = dating.roots(arguments.tsa_roots)
    stamps, lacking = interruptible(stamp(path, document, authorities, roots), _NOTE)
    begun: tuple[Path, OtsProof] | None = None
    upgraded: list[Upgraded] = []
    if arguments.upgrade:
        upgraded = interruptible(upgrade(path, document, calendars), _NOTE)
    elif calendars:
        begun, refused = interruptible(begin(path, document, calendars), _NOTE)
        lacking += refused
    if arguments.json:
        print_json(_as_json(stamps, begun, upgraded, lacking))
    else:
        print("\n".join(_lines(stamps, begun, upgraded, lacking)))
    return _INCOMPLETE if lacking or any(each.lacking for each in upgraded) else 0


def _attestation(arguments: Namespace) -> bytes:
    """The file's bytes. Raises InputError for what is no attestation."""
    from scanner.attesting.envelope import read_envelope

    document = read_attestation(arguments.attestation)
    try:
        read_envelope(document)
    except ValueError as error:
        raise InputError.at(str(arguments.attestation), f"is no attestation: {error}") from None
    return document


def _urls(option: str, templates: Sequence[str]) -> list[str]:
    from scanner.cli.sendable_url import sendable

    example = "http://timestamp.example/tsr" if option == "--tsa" else "https://calendar.example"
    return [sendable(option, template, unencrypted=option == "--tsa", example=example) for template in templates]


def _lines(
    stamps: Sequence[Checked],
    begun: tuple[Path, OtsProof] | None,
    upgraded: Sequence[Upgraded],
    lacking: Sequence[Unstamped],
) -> list[str]:
    lines = [f"{each.path}  {dating.existed(each.shown)}" for each in stamps]
    if begun is not None:
        path, proof = begun
        calendars = ", ".join(each.calendar or "another kind of attestation" for each in proof.attestations)
        lines.append(f"{path}  promised by {calendars}; scanner stamp --upgrade asks for the rest, some hours from now")
    for each in upgraded:
        lines += [f"{each.path}  {_reached(each.proof)}", *(_waiting(name, gap.detail) for name, gap in each.lacking)]
    lines += [f"no stamp of {each.option} number {each.place}: {each.gap.why}, {each.gap.detail}" for each in lacking]
    return lines or ["no proof lies beside it: scanner stamp --calendar URL begins one"]


def _reached(proof: OtsProof) -> str:
    heights = sorted({each.height for each in proof.attestations if each.height is not None})
    if not heights:
        return "in no block yet"
    return f"leads to block {heights[0]}; scanner anchor puts it on the way, and verify --trust checks it"


def _waiting(calendar: str, detail: str) -> str:
    return f"  {calendar} has no more yet: {detail}"


def _as_json(
    stamps: Sequence[Checked],
    begun: tuple[Path, OtsProof] | None,
    upgraded: Sequence[Upgraded],
    lacking: Sequence[Unstamped],
) -> dict[str, Any]:
    found = [] if begun is None else [begun]
    return {
        "stamps": dating.shown_as_json(stamps),
        "proofs": [
            {
                "file": path.name,
                "blocks": sorted({each.height for each in proof.attestations if each.height is not None}),
                "pending": sorted({each.calendar for each in proof.pending if each.calendar is not None}),
            }
            for path, proof in [*found, *((each.path, each.proof) for each in upgraded)]
        ],
        "lacking": [
            {"option": each.option, "place": each.place, "why": each.gap.why, "detail": each.gap.detail}
            for each in lacking
        ],
        "waiting": [
            {"file": each.path.name, "calendar": calendar, "why": gap.why, "detail": gap.detail}
            for each in upgraded
            for calendar, gap in each.lacking
        ],
    }


COMMAND: Final = Command(
    "stamp",
    "have others stamp an attestation, to show later that it existed by then",
    (
        "scanner stamp out/attestation.dsse.json --tsa http://timestamp.example/tsr --tsa-roots roots.pem",
        "scanner stamp out/attestation.dsse.json --calendar https://a.pool.opentimestamps.org",
        "scanner stamp out/attestation.dsse.json --upgrade",
        "scanner verify out/attestation.dsse.json --claim claim.yaml --key auditor.pub --tsa-roots roots.pem",
    ),
    add_arguments,
    run,
)
