"""The claim's `liabilities` as they stand: what is owed, unit by unit, and which published proofs are named.

No file is opened here, and nothing is judged (`liabilities`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from scanner.core.amounts import AmountError, parse_percent
from scanner.core.owed import SYMBOL
from scanner.proofs.liabilities import is_scheme, scheme_names
from scanner.sources import claim_shape
from scanner.sources.assets import read_name
from scanner.sources.cursor import Cursor, Fields
from scanner.sources.holdings import SHA256, astray
from scanner.sources.proof_files import ProofFile
from scanner.sources.yaml_document import Notes, parse, read_bytes
from scanner.weighing.claim import Liability, StatedRatio


@dataclass(frozen=True, slots=True)
class ProofReference:
    """A published proof as the claim names it."""

    scheme: str
    files: tuple[ProofFile, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    root: str | None = None  # as published elsewhere

    @property
    def published(self) -> tuple[str, ...]:
        """What tells it from other proofs: its files' digests, or its root where there is no file."""
        return tuple(sorted(each.sha256 for each in self.files)) or (self.root or "",)


@dataclass(frozen=True, slots=True)
class StatedLiability:
    """One entry as it stands: its liability, and the proof it names."""

    place: Cursor
    liability: Liability
    proof: ProofReference | None = None  # its own
    of: str = ""  # or the unit whose proof is this one's too
    symbol: str = ""  # what the proof calls the unit; empty if as the claim does

    @property
    def called(self) -> str:
        """What the proof calls the unit."""
        return self.symbol or self.liability.unit


@dataclass(frozen=True, slots=True)
class NamedProof:
    """A published proof, and all units that are stated to rest on it; the first one names it."""

    reference: ProofReference
    stated: tuple[StatedLiability, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Whose amounts it is a proof of."""
        return tuple(each.liability.unit for each in self.stated)


@dataclass(frozen=True, slots=True)
class OwedClaim:
    """Of a claim's file what is owed, and nothing of what is held: all that a customer's question needs."""

    exchange: str | None
    as_of: datetime | None
    proofs: tuple[NamedProof, ...]


def load_owed(path: Path) -> OwedClaim:
    """What the claim at `path` states as owed. Raises InputError with all mistakes in that part of it."""
    notes = Notes(str(path))
    root = Cursor(parse(read_bytes(path), notes), "claim", notes)
    fields = root.fields(*claim_shape.CLAIM.keys)
    stated = read_stated(fields["liabilities"], None)
    exchange, as_of = fields["exchange"].text(), fields["as_of"].moment()
    proofs = tuple(named_proofs(fields["liabilities"], stated))
    if notes:
        raise notes.error()
    return OwedClaim(exchange, as_of, proofs)


def read_stated(place: Cursor, backed: set[str] | None) -> dict[str, StatedLiability]:
    """All entries by unit. Mistakes are noted.

    `backed` are the units that assets back; None where not all assets could be read.
    """
    stated: dict[str, StatedLiability] = {}
    for key, value in place.entries():
        unit = read_name(key)
        if unit is None:
            continue
        if backed is not None and unit not in backed:
            key.refuse(f"no asset backs {unit}")
        stated[unit] = _entry(unit, value)
    return stated


def named_proofs(place: Cursor, stated: Mapping[str, StatedLiability]) -> Iterator[NamedProof]:
    """Each proof once, with the units that refer to it. Mistakes are noted."""
    users = {unit: [entry] for unit, entry in stated.items() if entry.proof is not None}
    for entry in stated.values():
        if entry.of in users:
            users[entry.of].append(entry)
        elif entry.of:
            entry.place.refuse(f"proof: {entry.of} has no proof of its own{place.nearest(entry.of, users)}")
    owners: dict[tuple[str, ...], str] = {}
    for owner, entries in users.items():
        proof = stated[owner].proof
        _refuse_shared(entries)
        first = owner if proof is None else owners.setdefault(proof.published, owner)
        if first != owner:
            entries[0].place.refuse(
                f"proof: names what is published as the proof of {first} again; expected {{of: {first}}}"
            )
        if proof is not None:
            yield NamedProof(proof, tuple(entries))


def _refuse_shared(entries: Iterable[StatedLiability]) -> None:
    """One total of a proof is not owed in two units."""
    units: dict[str, str] = {}
    for entry in entries:
        unit = units.setdefault(entry.called.upper(), entry.liability.unit)
        if unit != entry.liability.unit:
            entry.place.refuse(
                f"proof: what it calls {entry.place.notes.shown(entry.called)} is owed in {unit} already"
            )


def _entry(unit: str, place: Cursor) -> StatedLiability:
    if not place.is_mapping:
        return StatedLiability(place, Liability(unit, None if place.null else place.decimal()))
    fields = place.fields(*claim_shape.LIABILITY.keys)
    amount, ratio = fields["amount"], fields["stated_ratio"]
    owed = None if amount.null else amount.decimal()
    liability = Liability(unit, owed, None if ratio.null else read_percent(ratio))
    proof = fields["proof"]
    if not proof.present or proof.null:
        return StatedLiability(place, liability)
    if proof.holds("of"):
        reference = proof.fields(*claim_shape.PROOF_OF.keys)
        return StatedLiability(place, liability, of=reference["of"].text() or "", symbol=_symbol(reference))
    own = proof.fields(*claim_shape.PROOF.keys)
    return StatedLiability(place, liability, _reference(proof, own), symbol=_symbol(own))


def _symbol(fields: Fields) -> str:
    symbol = fields["symbol"].text() if "symbol" in fields else None
    if symbol is not None and not re.fullmatch(SYMBOL, symbol, re.ASCII):
        fields["symbol"].refuse("expected a name of up to 40 ASCII characters, without blanks")
    return symbol or ""


def _reference(place: Cursor, fields: Fields) -> ProofReference | None:
    if not place.is_mapping:
        return None
    scheme = fields["scheme"].text()
    if scheme is not None and not is_scheme(scheme):
        known = scheme_names()
        near = place.nearest(scheme, known)
        fields["scheme"].refuse(f"no scheme is called {place.notes.shown(scheme)}; known are {', '.join(known)}{near}")
    files = tuple(_files(place, fields))
    if len({each.sha256 for each in files}) < len(files):
        place.refuse("one file is named twice")
    options = {}
    for key, value in fields["options"].entries():
        name, text = key.text(), value.text(claim_shape.LONGEST_OPTION)
        if name is not None and text is not None:
            options[name] = text
    root = fields["root"].text() if "root" in fields else None
    if root is not None and not re.fullmatch(claim_shape.ROOT, root, re.ASCII):
        fields["root"].refuse("expected a root as the exchange publishes it, without blanks")
    if not files and not ("file" in fields or "root" in fields):  # one that is there and unfit was refused by itself
        place.refuse("expected a file, files, or a root")
    if root is not None and re.fullmatch("(?:0[xX])?[0-9A-Fa-f]+", root, re.ASCII):
        root = root.lower().removeprefix("0x")  # as formats write hashes, however an exchange's page prints them
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


def read_percent(place: Cursor) -> StatedRatio | None:
    """A percentage as it was printed. What is none is noted."""
    text = place.text()
    if text is None:
        return None
    try:
        value, resolution = parse_percent(text)
    except AmountError as error:
        place.refuse(str(error))
        return None
    return StatedRatio(text, value, resolution)
