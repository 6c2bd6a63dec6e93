"""What is owed and what was shown of it: the published proofs that a claim names, each judged once, from its files.

An amount that its proof does not come to stands as contradicted; so does one whose proof does not hold. A proof that is
not understood, or larger than this program reads, shows nothing, and contradicts nothing; a root or an option that the
scheme cannot have is a mistake of the claim. Not here: what a proof shows (`proofs.liabilities`), and what
follows for the verdict (`weighing.withheld`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from scanner.core.amounts import exact
from scanner.core.owed import MOST_IDS, OwedBasis
from scanner.core.shows import Shows
from scanner.errors import InputError
from scanner.proofs.liabilities import Misstated, NotUnderstood, Published, Refuted, ShownTotals, TooLarge, find_scheme
from scanner.proofs.liabilities.remarks import NO_TOTAL, NOT_UNDERSTOOD, REFUTED, TOO_LARGE
from scanner.sources.cursor import Cursor
from scanner.sources.processors import on_all_processors
from scanner.sources.proof_files import open_proof_files, size_of
from scanner.sources.stated_liabilities import (
    NamedProof,
    ProofReference,
    StatedLiability,
    named_proofs,
    read_stated,
)
from scanner.weighing.claim import Liability

_MANY: Final = 2**25
"""Bytes from which on a proof is judged on all processors: a second's work of one."""


@dataclass(frozen=True, slots=True)
class JudgedProof:
    """What came of it: `shown`, or the reason why nothing is."""

    units: tuple[str, ...]  # whose amounts it is a proof of
    reference: ProofReference
    shown: ShownTotals | None
    reason: str = ""  # for people
    fault: str = ""  # the remark that says of what kind the reason is

    @property
    def refuted(self) -> bool:
        """Whether what was published contradicts itself, or what the claim names beside it."""
        return self.fault == REFUTED


@dataclass(slots=True)
class Liabilities:
    """What stands under `liabilities`."""

    by_unit: dict[str, Liability | None] = field(default_factory=dict)  # None: one that could not be read
    proofs: list[JudgedProof] = field(default_factory=list)


def read_liabilities(place: Cursor, folder: Path, backed: set[str] | None) -> Liabilities:
    """All entries, with their proofs judged from the files in the claim's `folder`. Mistakes are noted.

    `backed` are the units that assets back; None where not all assets could be read.
    """
    stated = read_stated(place, backed)
    read = Liabilities({unit: entry.liability for unit, entry in stated.items()})
    owed: dict[tuple[str, str], str] = {}
    for named in named_proofs(place, stated):
        judged = None if place.notes else _judged(named, folder)
        if judged is not None:
            read.proofs.append(judged)
            for entry in named.stated:
                _refuse_again(entry, judged, owed)
                read.by_unit[entry.liability.unit] = _with_basis(entry, judged)
    return read


def _refuse_again(entry: StatedLiability, judged: JudgedProof, owed: dict[tuple[str, str], str]) -> None:
    """One total is not owed in two units, by whatever files the two show that it stands under one root."""
    unit, symbol = entry.liability.unit, entry.called.upper()
    first = unit if judged.shown is None else owed.setdefault((judged.shown.root, symbol), unit)
    if first != unit:
        entry.place.refuse(f"proof: it leads to the root of the proof of {first}, and to the same total of {symbol}")


@contextmanager
def published(reference: ProofReference, folder: Path) -> Iterator[Published]:
    """What the exchange published, with all processors to judge it where it is much. Raises InputError."""
    files = open_proof_files(folder, reference.files)
    with on_all_processors(None if size_of(folder, reference.files) > _MANY else 1) as each:
        try:
            yield Published(files, reference.options, reference.root, each=each, spill=TemporaryFile)
        except OSError as error:  # reading what was published raises InputError itself
            raise InputError.at(
                "the folder for temporary files", f"cannot be written: {error.strerror or error}"
            ) from None


def judge_proof(named: NamedProof, folder: Path) -> JudgedProof:
    """What a published proof shows. Raises InputError for a file that is not the one that is meant, and Misstated."""
    scheme, reference, units = find_scheme(named.reference.scheme), named.reference, named.units
    try:
        with published(reference, folder) as files:
            return JudgedProof(units, reference, _distinguished(scheme.judge(files)))
    except Refuted as refuted:
        return JudgedProof(units, reference, None, str(refuted), REFUTED)
    except TooLarge as large:
        return JudgedProof(units, reference, None, str(large), TOO_LARGE)
    except Misstated:
        raise
    except NotUnderstood as unknown:
        return JudgedProof(units, reference, None, str(unknown), NOT_UNDERSTOOD)


def _distinguished(shown: ShownTotals) -> ShownTotals:
    """What is shown. Raises NotUnderstood where two coins have one name, so that a unit has no one total."""
    if len({symbol.upper() for symbol in shown.totals}) != len(shown.totals):
        raise NotUnderstood("two coins of the proof have names that differ in capital letters alone")
    return shown


def _judged(named: NamedProof, folder: Path) -> JudgedProof | None:
    try:
        return judge_proof(named, folder)
    except InputError as error:
        for mistake in error.mistakes:
            named.stated[0].place.refuse(f"proof: {mistake}")
        return None
    except Misstated as error:
        named.stated[0].place.down("proof", *error.key.split(".", 1)).refuse(error.fault)
        return None


def _with_basis(entry: StatedLiability, judged: JudgedProof) -> Liability:
    liability, scheme, shown = entry.liability, judged.reference.scheme, judged.shown
    symbol = entry.called
    otherwise = symbol if symbol.upper() != liability.unit.upper() else None
    if shown is None:
        contradicted = f"the published proof of what is owed ({scheme}) does not hold" if judged.refuted else ""
        basis = OwedBasis(Shows.STATED, scheme, remarks=(judged.fault,), symbol=otherwise)
        return replace(liability, basis=basis, contradicted=contradicted)
    totals = {name.upper(): total for name, total in shown.totals.items()}
    total = totals.get(symbol.upper())
    remarks = tuple(sorted(shown.remarks))[:MOST_IDS]
    if total is None:
        if totals:
            entry.place.refuse(f"proof: it says nothing of {symbol}{entry.place.nearest(symbol.upper(), totals)}")
        remarks = tuple(sorted({*shown.remarks, NO_TOTAL}))[:MOST_IDS]
        basis = OwedBasis(
            Shows.STATED, scheme, root=shown.root, entries=shown.entries, remarks=remarks, symbol=otherwise
        )
        return replace(liability, basis=basis)
    basis = OwedBasis(
        total.shows,
        scheme,
        total=max(total.amount, Fraction(0)),
        root=shown.root,
        entries=shown.entries,
        assumes=tuple(sorted(total.assumes))[:MOST_IDS],
        remarks=remarks,
        symbol=otherwise,
    )
    contradicted = ""
    if liability.owed is not None and liability.owed in total.otherwise:
        entry.place.refuse(
            f"proof: {exact(total.amount)} {symbol} in the proof are {exact(liability.owed)} with the point elsewhere,"
            " and no file says where it stands; expected the option decimals, as in '8, SHIB=2'"
        )
    if liability.owed is not None and total.amount != liability.owed:
        basis = replace(basis, shows=Shows.STATED, assumes=())
        contradicted = f"the claim states {exact(liability.owed)} owed, the published proof {exact(total.amount)}"
    return replace(liability, basis=basis, contradicted=contradicted)
