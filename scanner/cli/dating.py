"""Stamps on the command line: which authorities the reader trusts, and what their stamps show of a file."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scanner.cli import stamp_files
from scanner.cli.files import read_whole
from scanner.errors import InputError, Mistake, StampInvalid

if TYPE_CHECKING:
    from scanner.attesting.dated import Dated
    from scanner.proofs.stamps.authority import Roots

NONE_THERE: Final = 3
"""The exit code where stamps were to be checked and none is there: one may be fetched, or named."""

DOES_NOT_HOLD: Final = 4
"""The exit code where a stamp that was to be checked does not hold."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A stamp's file, and what it shows."""

    path: Path
    answer: bytes  # the file's
    shown: Dated


def add_roots(command: argparse.ArgumentParser) -> None:
    """Which authorities are trusted."""
    command.add_argument(
        "--tsa-roots",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="certificates (PEM) of time-stamping authorities' roots that you trust, and no others are: time stamps are"
        " checked by them; may be given several times",
    )


def add_stamps(command: argparse.ArgumentParser) -> None:
    """Which authorities are trusted, and where the stamps are."""
    add_roots(command)
    command.add_argument(
        "--stamp",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a time stamp over the attestation's file (.tsr), or an OpenTimestamps proof of it (.ots; default: those"
        " beside it); may be given several times",
    )


def checked(arguments: Namespace, document: bytes) -> list[Checked] | None:
    """What each stamp shows of the attestation, whose file is `document`; None where none is to be checked. Raises
    InputError."""
    from scanner.attesting.dated import dated
    from scanner.proofs.stamps.rfc3161 import MOST_BYTES

    trusted = roots(arguments.tsa_roots)
    paths = stamp_files.to_check(arguments, stamp_files.RFC3161)
    if trusted is None:
        if arguments.stamp and paths:
            raise InputError.at("--stamp", "is checked by roots that you trust: name them with --tsa-roots")
        return None
    answers = [(path, read_whole(path, MOST_BYTES, "; no time stamp is")) for path in paths]
    return [Checked(path, answer, dated(document, answer, trusted)) for path, answer in answers]


def held(arguments: Namespace, document: bytes, so: str) -> list[Checked]:
    """The stamps to be kept of the attestation, whose file is `document`, which all hold; none where no root was named.
    Raises InputError where there is no stamp, StampInvalid where one does not hold; `so`: what follows."""
    found = checked(arguments, document)
    if found is None:
        return []
    if refused := [each for each in found if each.shown.before is None]:
        raise StampInvalid([Mistake(str(each.path), f"{each.shown.reason}; {so}") for each in refused])
    if not found:
        raise InputError.at("--tsa-roots", f"no time stamp lies beside the attestation; {so}")
    return found


def roots(paths: Sequence[Path]) -> Roots | None:
    """The roots in these files; None where none was named. Raises InputError with all that cannot be used."""
    from scanner.proofs.stamps.authority import MOST_ROOTS_BYTES, NotInstalled, Roots

    mistakes: list[Mistake] = []
    pems: list[bytes] = []
    for path in paths:
        pem = read_whole(path, MOST_ROOTS_BYTES, "; no file of roots is")
        try:
            Roots(pem)
        except NotInstalled:
            raise lacking_library("--tsa-roots") from None
        except ValueError:
            mistakes.append(Mistake(str(path), "expected certificates in PEM (-----BEGIN CERTIFICATE-----)"))
        pems.append(pem)
    if mistakes:
        raise InputError(mistakes)
    return Roots(b"\n".join(pems)) if pems else None


def lacking_library(option: str) -> InputError:
    """That certificates cannot be judged by what is installed."""
    return InputError.at(option, "needs the extra stamp: pip install 'reserve-scanner[stamp]'")


def code(found: Sequence[Checked] | None) -> int:
    """The exit code: 0 where no stamps were to be checked, or where there is one, and each holds."""
    if found is None:
        return 0
    if not found:
        return NONE_THERE
    return 0 if all(each.shown.before is not None for each in found) else DOES_NOT_HOLD


def lines(arguments: Namespace, found: Sequence[Checked] | None, scanned_at: datetime | None = None) -> list[str]:
    """What each stamp shows, for people; `scanned_at`: when the attestation says that its scan was."""
    if found is None:
        there = stamp_files.to_check(arguments, stamp_files.RFC3161)
        return [f"unchecked  {path.name}: a time stamp; --tsa-roots FILE checks it" for path in there]
    return [_line(each, scanned_at) for each in found] or ["not dated     no time stamp lies beside it"]


def as_json(found: Sequence[Checked] | None, by_blocks: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The same for machines, as `dated`, with what is shown by blocks; empty where no stamps were to be checked."""
    return {} if found is None and not by_blocks else {"dated": [*shown_as_json(found or ()), *by_blocks]}


def shown_as_json(found: Iterable[Checked]) -> list[dict[str, Any]]:
    """What each stamp shows, for machines."""
    from scanner.attesting.times import written_time

    return [
        {
            "file": each.path.name,
            "kind": "rfc3161",
            "before": None if each.shown.before is None else written_time(each.shown.before),
            "time": None if (info := each.shown.info) is None else info.time.isoformat().replace("+00:00", "Z"),
            "accuracy": None if info is None or info.accuracy is None else f"{info.accuracy.total_seconds():f}",
            "policy": None if info is None else info.policy,
            "serial": None if info is None else str(info.serial),
            "authority": None if (by := each.shown.authority) is None else by.name,
            "root": None if by is None else {"name": by.root, "sha256": by.root_digest},
            "reason": each.shown.reason or None,
        }
        for each in found
    ]


def existed(shown: Dated) -> str:
    """Such as: existed before 2026-12-01 10:50:44 UTC: by the authority ..., under the root ..."""
    from scanner.report.cells import plain

    if shown.before is None or shown.info is None or shown.authority is None:
        return shown.reason
    by, root = (plain(name, 120) for name in (shown.authority.name, shown.authority.root))
    inexact = "" if shown.info.accuracy is not None else "; how exact its clock is, it does not say"
    return f"existed before {_written(shown.before)}: by the authority {by}, under the root {root}{inexact}"


def _line(each: Checked, scanned_at: datetime | None) -> str:
    before = each.shown.before
    word = "dated" if before is not None else "not dated"
    earlier = ""
    if before is not None and scanned_at is not None and before < scanned_at:
        earlier = f"; that is before the scan, which it dates {_written(scanned_at)}: one of the two clocks is wrong"
    return f"{word:<12}  {existed(each.shown)}{earlier} ({each.path.name})"


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
