"""What one envelope says, as the columns that a history is searched by.

All of it follows from the envelope's bytes, so that it can be thrown away and made anew. Nothing here is believed:
whether the envelope was verified stands beside it, in `Entry.verifications`. Amounts and ratios are the texts that were
signed. Nothing here knows a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.attesting import canonical
from scanner.attesting.digests import hex_of
from scanner.attesting.envelope import read_envelope
from scanner.attesting.statement import Statement, read_statement
from scanner.errors import AttestationInvalid
from scanner.history.stamps import KeptStamp
from scanner.weighing.declared import DeclaredAccounts


@dataclass(frozen=True, slots=True)
class OwedSummary:
    """What the amount owed of one unit rests on, as it was signed."""

    shows: str
    scheme: str | None
    total: str | None
    root: str | None
    entries: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of an attestation."""

    unit: str
    held: str
    owed: str | None  # None where it was not published
    ratio: str | None
    verdict: str
    stated: str | None  # the ratio that the exchange printed
    holdings: int
    gaps: int
    custody: str
    ratio_with_custody: str | None
    withheld: bool = False  # no verdict is given on the unit, whatever is held of it
    at_least: int = 0  # balances that count, and are lower bounds
    owed_basis: OwedSummary | None = field(default=None, compare=False)  # None in what columns say: none has it


@dataclass(frozen=True, slots=True)
class EnvelopeSummary:
    """What an envelope says."""

    exchange: str
    as_of: str  # RFC 3339 in UTC, as are all moments here; they compare as text
    owed_as_of: str  # of which moment what is owed was stated
    scanned_at: str  # the signers' word
    claim: str  # sha256 of the claim's file, hex
    subject: str  # sha256 of claim and snapshots: what makes two envelopes attestations of the same, hex
    finding: str  # sha256 of the finding's canonical bytes, hex
    verdict: str
    complete: bool
    threshold: str
    gaps: int
    lines: tuple[Line, ...]  # sorted by unit
    accounts: DeclaredAccounts | None = field(default=None, compare=False)  # None in what columns say: none has it


@dataclass(frozen=True, slots=True)
class Verification:
    """That the ten steps were passed: when, and which keys had been demanded."""

    at: str
    keyids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope of a history."""

    number: int  # in the order of being added, from 1
    digest: str  # sha256 of the envelope's file, hex
    added_at: str
    said: EnvelopeSummary
    verifications: tuple[Verification, ...]  # in their order; empty: nothing of it is believed
    stamps: tuple[KeptStamp, ...] = ()  # in the order of being added

    @property
    def verified(self) -> bool:
        return bool(self.verifications)

    @property
    def of_report(self) -> bool:
        """Whether it judges a report at the report's own moment; else it is a scan between two reports."""
        return self.said.as_of == self.said.owed_as_of


def read_predicate(envelope: bytes) -> Mapping[str, Any]:
    """The predicate in an envelope's bytes, in the keys of the newest version. Raises AttestationInvalid for bytes that
    are none of ours."""
    return _read(envelope).predicate


def _read(envelope: bytes) -> Statement:
    try:
        opened = read_envelope(envelope)
    except ValueError as error:
        raise AttestationInvalid(1, str(error)) from None
    try:
        return read_statement(opened.payload)
    except ValueError as error:
        raise AttestationInvalid(3, str(error)) from None


def read_summary(envelope: bytes) -> EnvelopeSummary:
    """What the envelope says, none of which is checked. Raises AttestationInvalid for bytes that are none of ours."""
    statement = _read(envelope)
    finding, run = statement.predicate["finding"], statement.predicate["run"]
    names = [finding["exchange"], *(reserve["unit"] for reserve in finding["reserves"])]
    if any("\0" in name for name in names):
        raise AttestationInvalid(3, "the name of the exchange or a unit holds a NUL character, as no name does")
    if len(set(names[1:])) != len(names) - 1:
        raise AttestationInvalid(3, "a unit stands twice")
    weighed = [snapshot for snapshot in finding["snapshots"] if snapshot["weighed"]]
    subject = {"claim": finding["claim"], "snapshots": weighed}
    return EnvelopeSummary(
        exchange=finding["exchange"],
        as_of=finding["asOf"],
        owed_as_of=finding["owedAsOf"],
        scanned_at=run["scannedAt"],
        claim=finding["claim"].removeprefix("sha256:"),
        subject=hashlib.sha256(canonical.encode(subject)).hexdigest(),
        finding=hashlib.sha256(canonical.encode(statement.written["finding"])).hexdigest(),
        verdict=finding["verdict"],
        complete=finding["complete"],
        threshold=finding["policy"]["threshold"],
        gaps=sum(finding["gapCounts"].values()),
        accounts=DeclaredAccounts(finding["accounts"]["count"], hex_of(finding["accounts"]["digest"])),
        lines=tuple(sorted(map(_line, finding["reserves"]), key=lambda line: line.unit)),
    )


def _line(reserve: Mapping[str, Any]) -> Line:
    return Line(
        unit=reserve["unit"],
        held=reserve["held"],
        owed=reserve["owed"],
        ratio=reserve["ratio"],
        verdict=reserve["verdict"],
        stated=reserve["statedRatio"],
        holdings=reserve["holdings"],
        gaps=reserve["gaps"],
        custody=reserve["custody"],
        ratio_with_custody=reserve["ratioWithCustody"],
        withheld=bool(reserve["withheld"]),
        at_least=reserve["atLeast"],
        owed_basis=_owed_basis(reserve["owedBasis"]),
    )


def _owed_basis(basis: Mapping[str, Any] | None) -> OwedSummary | None:
    if basis is None:
        return None
    return OwedSummary(basis["shows"], basis["scheme"], basis["total"], basis["root"], basis["entries"])
