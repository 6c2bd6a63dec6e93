"""`scanner import --owed`: what was published of what is owed, judged, and written into the claim with its totals.

Each amount that the proof comes to is filled in, and refers to it. Which scheme a file is of is found by trying all.
Not here: the rest of the claim (`importing`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.sources.liabilities import JudgedProof
    from scanner.sources.owed_table import StatedAmount
    from scanner.sources.proof_files import ProofFile


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What can be typed behind `scanner import` about what is owed."""
    command.add_argument(
        "--owed",
        metavar="UNIT=AMOUNT|FILE",
        action="append",
        default=[],
        help="what is owed of a unit, such as BTC=139199.5; or what was published of it, such as a Merkle tree, in"
        " CLAIM's folder or below; may be given several times, for several units and for files of one proof",
    )
    command.add_argument(
        "--liabilities",
        metavar="CSV",
        type=Path,
        help="a table of what is owed, with the columns unit and amount, and stated_ratio where one is printed",
    )
    command.add_argument("--owed-scheme", metavar="NAME", help="the format of these files (default: whichever fits)")


def named_files(arguments: Namespace) -> list[Path]:
    """What `--owed` names of files, the other values being amounts."""
    from scanner.cli.import_amounts import is_amount

    return [Path(text) for text in arguments.owed if not is_amount(text)]


def judged(arguments: Namespace, names: Sequence[str]) -> JudgedProof | None:
    """What the files show; None where none is given. `names` are theirs from the claim's folder. Raises InputError."""
    from scanner.proofs.liabilities import scheme_names
    from scanner.sources.proof_files import ProofFile

    paths = named_files(arguments)
    if not paths:
        if arguments.owed_scheme:
            raise InputError.at("--owed-scheme", "is the format of files that --owed names; name them too")
        return None
    known = scheme_names()
    if arguments.owed_scheme not in (None, *known):
        raise InputError.at("--owed-scheme", f"no scheme is called so; known are {', '.join(known)}")
    files = tuple(ProofFile(name, _sha256(path)) for name, path in zip(names, paths, strict=True))
    return _fitting(files, arguments.out.parent, [arguments.owed_scheme] if arguments.owed_scheme else known)


def lines(units: Collection[str], proof: JudgedProof | None, stated: Mapping[str, StatedAmount]) -> Iterator[str]:
    """The claim's entries of these units, and of those of which an amount is `stated`; null where none was published.

    Raises InputError for a proof of others, and for an amount that stands in the proof too.
    """
    from scanner.cli import import_amounts
    from scanner.core.amounts import exact
    from scanner.report.cells import plain

    totals = {} if proof is None or proof.shown is None else proof.shown.totals
    amounts = {unit: totals[unit] for unit in sorted(units) if unit in totals}
    if proof is not None and not amounts:
        owed = ", ".join(plain(symbol) for symbol in totals) or "no coin"
        raise InputError.at("--owed", f"says what is owed of {owed}, and no asset of the imported file backs it")
    import_amounts.overlapping(stated, amounts)
    first = next(iter(amounts), None)
    for unit in sorted({*units, *stated}):
        if proof is None or unit not in amounts:
            yield import_amounts.line(stated[unit]) if unit in stated else f"  {unit}: null"
            continue
        refers = _reference(proof) if unit == first else f"{{of: {first}}}"
        yield f'  {unit}: {{amount: "{exact(amounts[unit].amount)}", proof: {refers}}}'


def described(proof: JudgedProof, units: Collection[str]) -> Iterator[str]:
    """What was found, for people."""
    from scanner.report.cells import plain

    if proof.shown is None:
        return
    words = sorted({f"{total.shows}" for total in proof.shown.totals.values()})
    entries = proof.shown.entries
    records = "no count of records" if entries is None else "1 record" if entries == 1 else f"{entries:,} records"
    yield f"owed: {proof.reference.scheme}, {records}, {', '.join(words) or 'no total'}"
    if others := sorted(set(proof.shown.totals) - set(units)):
        more = f" and {len(others) - 20:,} more" if len(others) > 20 else ""
        yield f"owed too, and no asset of the file backs it: {', '.join(map(plain, others[:20]))}{more}"


def _reference(proof: JudgedProof) -> str:
    files = [f"{{file: {json.dumps(each.name)}, sha256: {each.sha256}}}" for each in proof.reference.files]
    named = files[0][1:-1] if len(files) == 1 else f"files: [{', '.join(files)}]"
    return f"{{scheme: {proof.reference.scheme}, {named}}}"


def _fitting(files: tuple[ProofFile, ...], folder: Path, schemes: Sequence[str]) -> JudgedProof:
    """The one scheme that these files are of. Raises InputError where there is none, or several."""
    from scanner.proofs.liabilities import find_scheme
    from scanner.sources.liabilities import judge_proof
    from scanner.sources.stated_liabilities import NamedProof, ProofReference

    shown: dict[int, JudgedProof] = {}  # by scheme, of which one may have several names
    why: list[str] = []
    for name in schemes:
        if id(find_scheme(name)) in shown:
            continue
        proof = judge_proof(NamedProof(ProofReference(name, files), ()), folder)
        if proof.shown is not None:
            shown[id(find_scheme(name))] = proof
        elif proof.refuted or len(schemes) == 1:
            why.append(f"{name}: {proof.reason}")
    if len(shown) == 1:
        return next(iter(shown.values()))
    if shown:
        names = ", ".join(each.reference.scheme for each in shown.values())
        raise InputError.at("--owed", f"fits several schemes, {names}; say which with --owed-scheme")
    raise InputError.at("--owed", f"is of no known scheme, or does not hold: {'; '.join(why)[:2000] or 'none fits'}")


def _sha256(path: Path) -> str:
    from scanner.sources.regular_file import open_regular

    digest = hashlib.sha256()
    with open_regular(path) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
