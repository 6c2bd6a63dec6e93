"""`scanner stamp`: an attestation's file stamped with the time by others, so that it can be shown to have existed."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scanner.cli import dating
from scanner.cli.command import Command, add_json, print_json, read_attestation
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.cli.dating import Checked
    from scanner.cli.stamping import Unstamped

_INCOMPLETE: Final = 3


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
    add_json(command, "what was stamped")


def run(arguments: Namespace) -> int:
    """Stamps fetched, checked and kept beside the attestation."""
    from scanner.attesting.envelope import read_envelope
    from scanner.cli.interrupt import interruptible
    from scanner.cli.sendable_url import sendable
    from scanner.cli.stamping import stamp

    document = read_attestation(arguments.attestation)
    try:
        read_envelope(document)
    except ValueError as error:
        raise InputError.at(str(arguments.attestation), f"is no attestation: {error}") from None
    if not arguments.tsa:
        raise InputError.at("--tsa", "expected at least one time-stamping authority to ask")
    urls = [
        sendable("--tsa", template, unencrypted=True, example="http://timestamp.example/tsr")
        for template in arguments.tsa
    ]
    roots = dating.roots(arguments.tsa_roots)
    note = "scanner: interrupted; stamps that were written stay"
    kept, lacking = interruptible(stamp(arguments.attestation, document, urls, roots), note)
    _report(arguments, kept, lacking)
    return _INCOMPLETE if lacking else 0


def _report(arguments: Namespace, kept: list[Checked], lacking: list[Unstamped]) -> None:
    if arguments.json:
        gaps = [
            {"option": each.option, "place": each.place, "why": each.gap.why, "detail": each.gap.detail}
            for each in lacking
        ]
        print_json({"stamps": dating.shown_as_json(kept), "lacking": gaps})
        return
    for each in kept:
        print(f"{each.path}  {dating.existed(each.shown)}")
    for none in lacking:
        print(f"no stamp of {none.option} number {none.place}: {none.gap.why}, {none.gap.detail}")


COMMAND: Final = Command(
    "stamp",
    "have others stamp an attestation, to show later that it existed by then",
    (
        "scanner stamp out/attestation.dsse.json --tsa http://timestamp.example/tsr --tsa-roots roots.pem",
        "scanner verify out/attestation.dsse.json --claim claim.yaml --key auditor.pub --tsa-roots roots.pem",
    ),
    add_arguments,
    run,
)
