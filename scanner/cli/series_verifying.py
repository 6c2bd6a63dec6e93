"""`scanner verify` and `scanner show` of a series: which documents are one, and what is reported of it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scanner.cli import terminal
from scanner.cli.command import print_json
from scanner.errors import AttestationInvalid, InputError

if TYPE_CHECKING:
    from scanner.attesting.verify import Judge


def is_of_series(document: bytes) -> bool:
    """Whether the document, an envelope or a bare statement, is meant to be a series."""
    payload = _payload(document)
    if payload is None:
        return False
    from scanner.attesting.series.statement import is_series

    try:
        return is_series(payload)
    except ValueError:
        return False


def verify(arguments: Namespace, document: bytes, judge: Judge) -> int:
    """Every moment checked again, from the files beside the series. Raises AttestationInvalid, InputError."""
    import scanner
    from scanner.attesting.series.verify import verify_series
    from scanner.cli.series_folder import opened_in

    for name in ("evidence", "witness", "onchain", "eth_address"):
        if getattr(arguments, name, None):
            raise InputError.at(f"--{name.replace('_', '-')}", "is of an attestation; a series' files lie beside it")
    claim = scanner.load_claim(arguments.claim)
    keys = [scanner.load_public_key(path) for path in arguments.key]
    policy = scanner.load_policy(arguments.policy) if arguments.policy else None
    opened = opened_in(arguments.attestation.parent)
    try:
        shown = verify_series(document, claim, keys, opened, policy=policy, judge=judge)
    except AttestationInvalid as error:
        if arguments.json:
            print_json({"holds": False, "step": error.step, "reason": str(error)})
        raise
    if arguments.json:
        print_json(
            {"holds": True, "keyids": list(shown.keyids), "unchecked": list(shown.unchecked)} | dict(shown.predicate)
        )
        return 0
    if not arguments.brief:
        present(shown.predicate)
        print()
    print(
        f"The series holds: {shown.predicate['series']['exchange']}, {len(shown.series.points)} moments, drawn and"
        " recomputed from the evidence."
    )
    for keyid in shown.keyids:
        print(f"signed by  {keyid}")
    for keyid in shown.unchecked:
        print(f"unchecked  {keyid or 'a signature without a name'}: made by a key that --key did not ask for")
    return 0


def predicate_of(document: bytes) -> Mapping[str, Any]:
    """What a series says, as it stands. Raises AttestationInvalid where it is not well-formed."""
    from scanner.attesting.series.statement import read_series

    try:
        return read_series(_payload(document) or b"").predicate
    except ValueError as error:
        raise AttestationInvalid(3, str(error)) from None


def present(predicate: Mapping[str, Any]) -> None:
    """The predicate as a table, on stdout."""
    from scanner.report.series_table import render

    print(render(predicate, width=terminal.width(), colour=terminal.colours()), end="")


def _payload(document: bytes) -> bytes | None:
    """The statement's bytes; None where this is neither an envelope nor a statement."""
    from scanner.attesting.envelope import read_envelope

    if document.startswith(b'{"_type"'):
        return document.removesuffix(b"\n")
    try:
        return read_envelope(document).payload
    except ValueError:
        return None
