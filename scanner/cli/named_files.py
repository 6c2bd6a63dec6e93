"""No output of a command is one of its inputs, or another output, however they are spelt: found out before anything is
read or written, since a mistyped name would destroy a key.

Two names are one file if the file system says so (links, hard links, letter case where it is not distinguished), or if
they come to the same place where nothing is yet. Not in here: what a command writes.
"""

from __future__ import annotations

import os
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Final

from scanner.errors import InputError, Mistake

_BESIDE_SQLITE: Final = ("", "-journal", ".lock", "-wal", "-shm")  # what may lie beside a SQLite database


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a command reads or writes. `whole`: a folder of which everything is replaced."""

    option: str  # how it was named on the command line: "--summary"
    path: Path
    whole: bool = False


def refuse_clashes(inputs: Iterable[Named], outputs: Sequence[Named]) -> None:
    """Raises InputError with every output that is an input or another output, or a folder in which one of them lies."""
    read, written = [_placed(each) for each in inputs], [_placed(each) for each in outputs]
    pairs = [*product(written, read), *((later, earlier) for earlier, later in combinations(written, 2))]
    mistakes = {Mistake(output.named.option, clash) for output, other in pairs if (clash := _clash(output, other))}
    for earlier, later in combinations(written, 2):
        if not _same(earlier, later) and (clash := _clash(earlier, later)):
            mistakes.add(Mistake(earlier.named.option, clash))
    if mistakes:
        raise InputError(sorted(mistakes, key=str))


def of_scan(arguments: Namespace, folders: Iterable[Path], journal: str, environment: Mapping[str, str]) -> None:
    """The check of `scanner scan`, whose attestations go to `folders`. Raises InputError."""
    from scanner.attesting.attestation import NAMES
    from scanner.cli.journal_keys import place
    from scanner.cli.webhooks import STATE
    from scanner.sources.lock_file import SUFFIX

    inputs = [*_claims(arguments.claims), *_each("--key", arguments.key)]
    inputs += _each("--nodes", [arguments.nodes or claim.parent / "nodes.yaml" for claim in arguments.claims])
    inputs += _each("--eth-key", [Path(key) for key in arguments.eth_key if not key.startswith("env:")])
    inputs += _each("--webhook-key", [arguments.webhook_key])
    inputs += _each("the journal's key", [place(environment)])
    outputs = [*_history(arguments.history)]
    for option in ("summary", "junit", "metrics"):
        outputs += _each(f"--{option}", [getattr(arguments, option)])
    names = (*NAMES, journal, journal + SUFFIX, STATE)
    outputs += [Named("--out", folder / name) for folder in folders for name in names]
    refuse_clashes(inputs, outputs)


def of_together(arguments: Namespace, journal: str, environment: Mapping[str, str]) -> None:
    """The check of `scanner scan --together`. Raises InputError."""
    from scanner.attesting.points import POINTS
    from scanner.attesting.together.statement import TOGETHER, UNSIGNED_TOGETHER
    from scanner.cli.journal_keys import place
    from scanner.sources.lock_file import SUFFIX

    inputs = [*_claims(arguments.claims), *_each("--key", arguments.key)]
    inputs += _each("--nodes", [arguments.nodes or claim.parent / "nodes.yaml" for claim in arguments.claims])
    inputs += _each("the journal's key", [place(environment)])
    names = (TOGETHER, UNSIGNED_TOGETHER, journal, journal + SUFFIX)
    outputs = [Named("--out", arguments.out / name) for name in names]
    refuse_clashes(inputs, [*outputs, Named("--out", arguments.out / POINTS, whole=True)])


def of_series(arguments: Namespace, journal: str, environment: Mapping[str, str]) -> None:
    """The check of `scanner series`. Raises InputError."""
    from scanner.attesting.series.statement import SERIES, UNSIGNED_SERIES

    _refuse_of_points(arguments, (SERIES, UNSIGNED_SERIES), journal, environment)


def of_flows(arguments: Namespace, journal: str, environment: Mapping[str, str]) -> None:
    """The check of `scanner flows`. Raises InputError."""
    from scanner.attesting.flows.statement import FLOWS, UNSIGNED_FLOWS
    from scanner.attesting.flows.transfers_csv import TRANSFERS

    names = FLOWS, UNSIGNED_FLOWS, TRANSFERS
    _refuse_of_points(arguments, names, journal, environment, _history(arguments.history))


def _refuse_of_points(
    arguments: Namespace,
    names: Sequence[str],
    journal: str,
    environment: Mapping[str, str],
    read: Iterable[Named] = (),
) -> None:
    """Of a command that reads one claim at several moments, and writes files of these names. Raises InputError."""
    from scanner.attesting.points import POINTS
    from scanner.cli.journal_keys import place
    from scanner.sources.lock_file import SUFFIX

    inputs = [*_claims([arguments.claim]), *_each("--key", arguments.key)]
    inputs += _each("--nodes", [arguments.nodes or arguments.claim.parent / "nodes.yaml"])
    inputs += [*_each("the journal's key", [place(environment)]), *read]
    outputs = [Named("--out", arguments.out / name) for name in (*names, journal, journal + SUFFIX)]
    refuse_clashes(inputs, [*outputs, Named("--out", arguments.out / POINTS, whole=True)])


def of_show(arguments: Namespace) -> None:
    """The check of `scanner show`. Raises InputError."""
    from scanner.attesting.attestation import NAMES

    inputs = _each("the attestation", [arguments.attestation])
    inputs += [*_each("--key", arguments.key), *_each("--evidence", [arguments.evidence])]
    inputs += [*_each("--prices", [arguments.prices]), *_each("--claim", [arguments.claim])]
    inputs += [*_each("--anchor", [arguments.anchor]), *_stamps(arguments)]
    inputs += [*_each("--auditor", arguments.auditor), *_history(arguments.history)]
    beside = [arguments.attestation.parent / name for name in NAMES]  # what the page is of, read here or not
    inputs += _each("a file of the attestation", [path for path in beside if path != arguments.attestation])
    refuse_clashes(inputs, _each("--html", [arguments.html]))


def of_report(arguments: Namespace) -> None:
    """The check of `scanner report`. Raises InputError."""
    from scanner.attesting.statement import EVIDENCE, WITNESS

    folder = arguments.attestation.parent
    inputs = [*_each("the attestation", [arguments.attestation]), *_each("--key", arguments.key)]
    inputs += [*_claims([arguments.claim, *arguments.with_claim]), *_each("--engagement", [arguments.engagement])]
    inputs += _each("--evidence", [arguments.evidence or folder / EVIDENCE])
    inputs += _each("--witness", [arguments.witness or folder / WITNESS])
    for option in ("series", "flows", "together"):
        inputs += _each(f"--{option}", [getattr(arguments, option)])
    refuse_clashes([*inputs, *_history(arguments.history)], _each("--out", [arguments.out]))


def of_log(arguments: Namespace, history: str) -> None:
    """The check of `scanner log add`. Raises InputError."""
    from scanner.attesting.statement import EVIDENCE, WITNESS

    folder = arguments.attestation.parent
    inputs = [*_each("the attestation", [arguments.attestation]), *_each("--key", arguments.key)]
    inputs += [*_claims(arguments.claim or []), *_each("--policy", [arguments.policy])]
    inputs += _each("--evidence", [arguments.evidence or folder / EVIDENCE])
    inputs += _each("--witness", [arguments.witness or folder / WITNESS])
    refuse_clashes([*inputs, *_stamps(arguments)], _history(history))


def of_site(arguments: Namespace, history: str) -> None:
    """The check of `scanner site`. Raises InputError."""
    read = [*_history(history), *_each("--auditor", arguments.auditor)]
    refuse_clashes(read, [Named("--out", arguments.out, whole=True)])


def _stamps(arguments: Namespace) -> Iterator[Named]:
    """Those that are named or lie beside the attestation, and the roots that they are checked by."""
    from scanner.cli.stamp_files import OPENTIMESTAMPS, RFC3161, beside

    yield from _each("--tsa-roots", arguments.tsa_roots)
    yield from _each("--stamp", arguments.stamp)
    for ending in (RFC3161, OPENTIMESTAMPS):
        yield from _each("a stamp of the attestation", beside(arguments.attestation, ending))


def _claims(claims: Iterable[Path]) -> Iterator[Named]:
    from scanner.sources.references import referenced_files

    for claim in claims:
        yield Named("a claim", claim)
        yield from _each(f"a file of {claim}", referenced_files(claim))


def _each(option: str, paths: Iterable[Path | None]) -> list[Named]:
    return [Named(option, path) for path in paths if path is not None]


def _history(location: str | None) -> list[Named]:
    """The files of a history, of which one on a server has none."""
    if not location or "://" in location:
        return []
    return [Named("--history", Path(location + suffix)) for suffix in _BESIDE_SQLITE]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a named file stands, looked up once: each is compared with all others."""

    named: Named
    file: os.stat_result | None  # what is there now
    parts: tuple[str, ...]


def _placed(named: Named) -> _Placed:
    try:
        file = named.path.stat()
    except (OSError, ValueError):  # it is not there, or has no name that a file can have
        file = None
    return _Placed(named, file, _spelt(named.path))


def _clash(output: _Placed, other: _Placed) -> str | None:
    """What is wrong with this output beside the other file; None if nothing is."""
    this, that = output.named, other.named
    if this.option == that.option and this.option in ("--out", "--history"):
        return None  # of one command, and made so as not to clash
    what = f"{that.option}, {that.path}" if str(that.path) != str(this.path) else that.option
    if _same(output, other):
        return f"{this.path} is the same file as {what}; nothing was read or written"
    if _within(other, output):
        place = "is replaced as a whole, and in it lies" if this.whole else "is a folder in which lies"
        return f"{this.path} {place} {what}; nothing was read or written"
    return None


def _same(one: _Placed, other: _Placed) -> bool:
    if one.file is not None and other.file is not None:
        return os.path.samestat(one.file, other.file)
    return one.parts == other.parts


def _within(path: _Placed, folder: _Placed) -> bool:
    """Whether the path lies in the folder, or where it would be."""
    return path.parts[: len(folder.parts)] == folder.parts and len(path.parts) > len(folder.parts)


def _spelt(path: Path) -> tuple[str, ...]:
    """The parts of the one way to write a path: links followed, `.` and `..` taken out, letters of one case where the
    file system does not tell cases apart."""
    try:
        whole = Path(os.path.realpath(path))
    except (OSError, ValueError):
        whole = path.absolute()
    if _folds_case(whole):
        return Path(unicodedata.normalize("NFC", str(whole)).casefold()).parts
    return whole.parts


def _folds_case(path: Path) -> bool:
    """Whether the file system takes two spellings of a name for one: seen on the nearest folder that is there."""
    for each in (path, *path.parents):
        other = each.with_name(each.name.swapcase()) if each.name else each
        if other != each and each.exists():
            try:
                return each.samefile(other)
            except OSError:
                return False
    return False
