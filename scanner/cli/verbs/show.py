"""`scanner show`: what an attestation or a statement says, on the terminal or as a page (`showing`)."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import Final

from scanner.cli import dating, named_files
from scanner.cli import several_moments as several
from scanner.cli.command import Command, add_json, present, print_json, read_attestation
from scanner.cli.log_arguments import add_auditors
from scanner.cli.targets import beside
from scanner.errors import InputError

_UNCHECKED: Final = "\nShown as it stands: neither signatures nor numbers were checked. `scanner verify` checks them."


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("attestation", metavar="ATTESTATION", type=Path, help="the attestation's or statement's file")
    command.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help="write a page that checks itself in its reader's browser, without any network: of an attestation, a series"
        " or claims together",
    )
    command.add_argument(
        "--key",
        metavar="PUB",
        type=Path,
        action="append",
        default=[],
        help="build this Ed25519 public key (PEM), which must have signed, into the page; may be given several times",
    )
    command.add_argument(
        "--evidence", metavar="FILE", type=Path, help="put the evidence into the page too, so that it can be searched"
    )
    command.add_argument(
        "--anchor",
        metavar="FILE",
        type=Path,
        help="put the anchor into the page too, so that a reader who pastes the hash of a later block sees whether the"
        " attestation's blocks are its ancestors",
    )
    command.add_argument(
        "--claim",
        metavar="FILE",
        type=Path,
        help="link the page to the report that this claim names; it must be the one that was signed for",
    )
    command.add_argument(
        "--files-url",
        metavar="URL",
        help="link the page to the files of the attestation, and to the claim of --claim, under this URL",
    )
    dating.add_stamps(command)
    command.add_argument("--key-url", metavar="URL", help="say on the page where the auditor publishes the key")
    command.add_argument(
        "--prices",
        metavar="FILE",
        type=Path,
        help="add what is held and owed at the prices in this file, marked as no part of what was signed",
    )
    command.add_argument(
        "--history",
        metavar="FILE|URL",
        help="add how much of it was shown, scored with the exchange's reports in this history: a SQLite file or a"
        " postgresql:// URL",
    )
    add_auditors(command)
    add_json(command, "the predicate")


def run(arguments: Namespace) -> int:
    """What an attestation or a statement says; nothing of it is checked but what a page is to carry beside it."""
    from scanner.cli import showing

    paged = showing.asks_for_a_page(arguments)
    named_files.of_show(arguments)
    document = read_attestation(arguments.attestation)
    if several.is_one(document):
        return _several(arguments, document, paged=paged)
    shown = showing.opened(arguments.attestation, document)
    if paged:
        print("\n".join(showing.write_page(arguments, shown)), file=beside(arguments.html))
        return 0
    values = showing.values_of(arguments, shown)
    present(shown.predicate, as_json=arguments.json)
    if values is not None:
        print()
        print(showing.table_of(values), end="")
    if not arguments.json:
        print(_UNCHECKED)
    return 0


def _several(arguments: Namespace, document: bytes, *, paged: bool) -> int:
    """The same of a series, of claims together, and of flows, which have no page."""
    from scanner.cli import showing

    showing.refuse_options_of_one_moment(arguments)
    if paged and several.is_flows(document):
        raise InputError.at("--html", "makes a page of an attestation, a series or claims together; these are flows")
    predicate = several.predicate_of(document)
    if paged:
        print("\n".join(showing.write_moments_page(arguments, document, predicate)), file=beside(arguments.html))
    elif arguments.json:
        print_json(predicate)
    else:
        several.present(predicate)
        print(_UNCHECKED)
    return 0


COMMAND: Final = Command(
    "show",
    "tell what an attestation says, on the terminal or as a web page",
    ("scanner show out/attestation.dsse.json --html page.html --key auditor.pub",),
    add_arguments,
    run,
)
