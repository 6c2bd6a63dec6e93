"""The claim's `liabilities`: what is owed, unit by unit, and the published proofs of it, each judged once.

An amount that its proof does not come to stands as contradicted; so does one whose proof does not hold. A proof that is
not understood shows nothing, and contradicts nothing. Not here: what a proof shows (`proofs.liabilities`), and what
follows for the verdict (`weighing.withheld`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from scanner.core.amounts import AmountError, exact, parse_percent
from scanner.core.owed import MOST_IDS, OwedBasis
from scanner.core.shows import Shows
from scanner.errors import InputError
from scanner.proofs.liabilities import NotUnderstood, Published, Refuted, Shown, find_scheme, scheme_names
from scanner.proofs.liabilities.remarks import NO_TOTAL, NOT_UNDERSTOOD, REFUTED
from scanner.sources import claim_shape
from scanner.sources.assets import read_name
from scanner.sources.cursor import Cursor, Fields
from scanner.sources.holdings import SHA256, astray
from scanner.sources.processors import on_all_processors
from scanner.sources.proof_files import ProofFile, open_proof_files, size_of
from scanner.weighing.claim import Liability, StatedRatio

_MANY: Final = 2**25
"""Bytes from which on a proof is judged on all processors: a second's work of one."""


@dataclass(frozen=True, slots=True)
class ProofReference:
    """A published proof as the claim names it."""

    scheme: str
    files: tuple[ProofFile, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    root: str | None = None  # as published elsewhere


@dataclass(frozen=True, slots=True)
class JudgedProof:
    """What came of it: `shown`, or the reason why nothing is."""

    units: tuple[str, ...]  # whose amounts it is a proof of
    reference: ProofReference
    shown: Shown | None
    reason: str = ""  # for people
    refuted: bool = False


@dataclass(frozen=True, slots=True)
class _Stated:
    """One entry as it stands: its liability, and the proof it names."""

    place: Cursor
    liability: Liability
    proof: ProofReference | None = None  # its own
    of: str = ""  # or the unit whose proof is this one's too
    symbol: str = ""  # what the proof calls the unit


@dataclass(slots=True)
class Liabilities:
    """What stands under `liabilities`."""

    by_unit: dict[str, Liability | None] = field(default_factory=dict)  # None: one that could not be read
    proofs: list[JudgedProof] = field(default_factory=list)


def read_liabilities(place: Cursor, folder: Path, backed: set[str] | None) -> Liabilities:
    """All entries, with their proofs judged from the files in the claim's `folder`. Mistakes are noted.

    `backed` are the units that assets back; None where not all assets could be read.
    """
    read = Liabilities()
    stated: dict[str, _Stated] = {}
    for key, value in place.entries():
        unit = read_name(key)
        if unit is None:
            continue
        if backed is not None and unit not in backed:
            key.refuse(f"no asset backs {unit}")
        entry = _entry(unit, value)
        read.by_unit[unit] = entry.liability
        stated[unit] = entry
    users: dict[str, list[str]] = {unit: [unit] for unit, entry in stated.items() if entry.proof is not None}
    for unit, entry in stated.items():
        if not entry.of:
            continue
        if entry.of not in users:
            entry.place.refuse(f"proof: {entry.of} has no proof of its own{place.nearest(entry.of, users)}")
        else:
            users[entry.of].append(unit)
    for owner, units in users.items():
        proof = stated[owner].proof
        if proof is not None and not place.notes:
            judged = _judged(proof, tuple(units), stated[owner].place, folder)
            if judged is not None:
                read.proofs.append(judged)
                for unit in units:
                    read.by_unit[unit] = _with_basis(stated[unit], judged)
    return read


def judge_proof(reference: ProofReference, units: tuple[str, ...], folder: Path) -> JudgedProof:
    """What a published proof shows. Raises InputError for a file that is not the one that is meant."""
    files = open_proof_files(folder, reference.files)
    scheme = find_scheme(reference.scheme)
    try:
        with on_all_processors(None if size_of(folder, reference.files) > _MANY else 1) as each:
            published = Published(files, reference.options, reference.root, each=each)
            return JudgedProof(units, reference, scheme.judge(published))
    except Refuted as refuted:
        return JudgedProof(units, reference, None, str(refuted), refuted=True)
    except NotUnderstood as unknown:
        return JudgedProof(units, reference, None, str(unknown))


def _judged(proof: ProofReference, units: tuple[str, ...], place: Cursor, folder: Path) -> JudgedProof | None:
    try:
        return judge_proof(proof, units, folder)
    except InputError as error:
        for mistake in error.mistakes:
            place.refuse(f"proof: {mistake}")
        return None


def _with_basis(entry: _Stated, judged: JudgedProof) -> Liability:
    liability, scheme, shown = entry.liability, judged.reference.scheme, judged.shown
    if shown is None:
        remark = REFUTED if judged.refuted else NOT_UNDERSTOOD
        contradicted = f"the published proof of what is owed ({scheme}) does not hold" if judged.refuted else ""
        basis = OwedBasis(Shows.STATED, scheme, remarks=(remark,))
        return replace(liability, basis=basis, contradicted=contradicted)
    symbol = entry.symbol or liability.unit
    totals = {name.upper(): total for name, total in shown.totals.items()}
    total = totals.get(symbol.upper())
    remarks = tuple(sorted(shown.remarks))[:MOST_IDS]
    if total is None:
        if totals:
            entry.place.refuse(f"proof: it says nothing of {symbol}{entry.place.nearest(symbol.upper(), totals)}")
        remarks = tuple(sorted({*shown.remarks, NO_TOTAL}))[:MOST_IDS]
        return replace(
            liability, basis=OwedBasis(Shows.STATED, scheme, root=shown.root, entries=shown.entries, remarks=remarks)
        )
    basis = OwedBasis(
        total.shows,
        scheme,
        total=max(total.amount, Fraction(0)),
        root=shown.root,
        entries=shown.entries,
        assumes=tuple(sorted(total.assumes))[:MOST_IDS],
        remarks=remarks,
    )
    contradicted = ""
    if liability.owed is not None and total.amount != liability.owed:
        basis = replace(basis, shows=Shows.STATED, assumes=())
        contradicted = f"the claim states {exact(liability.owed)} owed, the published proof {exact(total.amount)}"
    return replace(liability, basis=basis, contradicted=contradicted)


def _entry(unit: str, place: Cursor) -> _Stated:
    if not place.is_mapping:
        return _Stated(place, Liability(unit, None if place.null else place.decimal()))
    fields = place.fields(*claim_shape.LIABILITY.keys)
    amount, ratio = fields["amount"], fields["stated_ratio"]
    owed = None if amount.null else amount.decimal()
    liability = Liability(unit, owed, None if ratio.null else _stated_ratio(ratio))
    proof = fields["proof"]
    if not proof.present or proof.null:
        return _Stated(place, liability)
    if proof.holds("of"):
        reference = proof.fields(*claim_shape.PROOF_OF.keys)
        return _Stated(place, liability, of=reference["of"].text() or "", symbol=_symbol(reference))
    own = proof.fields(*claim_shape.PROOF.keys)
    return _Stated(place, liability, _reference(proof, own), symbol=_symbol(own))


def _symbol(fields: Fields) -> str:
    return (fields["symbol"].text() if "symbol" in fields else None) or ""


def _reference(place: Cursor, fields: Fields) -> ProofReference | None:
    if not place.is_mapping:
        return None
    scheme = fields["scheme"].text()
    if scheme is not None and scheme not in (known := scheme_names()):
        near = place.nearest(scheme, known)
        fields["scheme"].refuse(f"no scheme is called {place.notes.shown(scheme)}; known are {', '.join(known)}{near}")
    files = tuple(_files(place, fields))
    options = {}
    for key, value in fields["options"].entries():
        name, text = key.text(), value.text(claim_shape.LONGEST_OPTION)
        if name is not None and text is not None:
            options[name] = text
    root = fields["root"].text() if "root" in fields else None
    if root is not None and not re.fullmatch(claim_shape.ROOT, root, re.ASCII):
        fields["root"].refuse("expected a root as the exchange publishes it, without blanks")
    if not files and root is None:
        place.refuse("expected a file, files, or a root")
    return None if scheme is None else ProofReference(scheme, files, options, root)


def _files(place: Cursor, fields: Fields) -> Iterable[ProofFile]:
    if "file" in fields and "files" in fields:
        place.refuse("expected either file or files")
    elif "file" in fields:
        yield from _file(place, fields["file"], fields["sha256"])
    elif "sha256" in fields:
        fields["sha256"].refuse("belongs to a file; of several, each has its own")
    for entry in fields["files"].items() if "files" in fields else ():
        one = entry.fields(*claim_shape.PROOF_FILE.keys)
        yield from _file(entry, one["file"], one["sha256"])


def _file(place: Cursor, name: Cursor, sha256: Cursor) -> Iterable[ProofFile]:
    path, digest = name.text(), sha256.text()
    if not sha256.present:
        place.refuse("sha256 missing")
    if path is not None and (fault := astray(path)):
        name.refuse(f"{place.notes.shown(path)} {fault}")
        path = None
    if digest is not None and not SHA256.fullmatch(digest):
        sha256.refuse(f"expected 64 hex digits in lower case, not {place.notes.shown(digest)}")
        digest = None
    if path is not None and digest is not None:
        yield ProofFile(path, digest)


def _stated_ratio(place: Cursor) -> StatedRatio | None:
    text = place.text()
    if text is None:
        return None
    try:
        value, resolution = parse_percent(text)
    except AmountError as error:
        place.refuse(str(error))
        return None
    return StatedRatio(text, value, resolution)
