"""What of a verified entry is looked at for a score: the figures of each unit, as they were signed. Nothing is judged.

A unit of which nothing is owed is left out, as if the claim did not name it: there is nothing to be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from scanner.attesting.envelope import Key, read_envelope
from scanner.core.amounts import parse_decimal, parse_percent
from scanner.core.control import Control
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.history.entry import Entry, read_predicate
from scanner.weighing.withheld import Withheld

Block = tuple[str, int, str, str, str]
"""Chain, height, hash, parent and time, as a statement has them: of one hash another may say another time."""


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """One unit of a finding. Amounts are whole coins."""

    unit: str
    held: Fraction
    owed: Fraction | None  # None where it was not published
    custody: Fraction
    holdings: int
    gaps: int
    at_least: int
    proven: Fraction  # of what is held, by its basis
    quorum: Fraction
    own: Fraction
    control: Mapping[Control, Fraction]  # of what is held
    owed_basis: OwedBasis | None
    apart: bool = False  # its blocks are of no one moment
    skew: int | None = None  # seconds between the first of its blocks and the last; None where it has none


@dataclass(frozen=True, slots=True)
class FindingEvidence:
    """One finding: what is the same in all envelopes that state it."""

    digest: str  # sha256 of its canonical bytes, hex
    claim: str  # sha256 of the claim's file, hex
    as_of: datetime
    complete: bool
    operators: int  # that had to agree on a balance
    share_of_all_owed: Fraction | None  # by value: what the claim speaks of, as the exchange states it
    units: tuple[UnitEvidence, ...]  # of which something is owed, or may be
    blocks: frozenset[Block] = frozenset()  # at which it was weighed


@dataclass(frozen=True, slots=True)
class AttestedFinding:
    """A verified entry: its finding, when it was scanned, and which of the auditors that the reader names signed it."""

    attestation: str  # sha256 of the envelope's file, hex
    scanned_at: datetime  # the signers' word
    finding: FindingEvidence
    auditors: frozenset[str] = frozenset()  # their keys' ids; a key is one auditor, however often it is named


def read_attested(entry: Entry, document: bytes, auditors: Collection[Key] = ()) -> AttestedFinding:
    """What a score looks at of an entry, from its envelope's bytes. Raises AttestationInvalid for bytes that are none
    of ours."""
    finding = read_predicate(document)["finding"]
    envelope = read_envelope(document)
    signed = frozenset(key.keyid for key in auditors if envelope.is_signed_by(key))
    return AttestedFinding(entry.digest, _time(entry.said.scanned_at), _finding(entry, finding), signed)


def _finding(entry: Entry, finding: Mapping[str, Any]) -> FindingEvidence:
    units = (_unit(reserve) for reserve in finding["reserves"])
    weighed = (each for each in finding["snapshots"] if each["weighed"])
    return FindingEvidence(
        digest=entry.said.finding,
        claim=entry.said.claim,
        as_of=_time(entry.said.as_of),
        complete=finding["complete"],
        operators=finding["policy"]["quorum"],
        share_of_all_owed=None if finding["shareOfAllOwed"] is None else parse_percent(finding["shareOfAllOwed"])[0],
        units=tuple(unit for unit in units if unit.owed != 0),
        blocks=frozenset(
            (each["chain"], each["height"], each["hash"], each["parent"], each["time"]) for each in weighed
        ),
    )


def _unit(reserve: Mapping[str, Any]) -> UnitEvidence:
    blocks = reserve["blocks"]
    return UnitEvidence(
        unit=reserve["unit"],
        held=parse_decimal(reserve["held"]),
        owed=None if reserve["owed"] is None else parse_decimal(reserve["owed"]),
        custody=parse_decimal(reserve["custody"]),
        holdings=reserve["holdings"],
        gaps=reserve["gaps"],
        at_least=reserve["atLeast"],
        proven=parse_decimal(reserve["proven"]),
        quorum=parse_decimal(reserve["quorum"]),
        own=parse_decimal(reserve["own"]),
        control={Control(word): parse_decimal(amount) for word, amount in reserve["control"].items()},
        owed_basis=None if reserve["owedBasis"] is None else _owed_basis(reserve["owedBasis"]),
        apart=any(each["why"] == Withheld.MOMENTS_APART for each in reserve["withheld"]),
        skew=None if blocks is None else int((_time(blocks["last"]) - _time(blocks["first"])).total_seconds()),
    )


def _owed_basis(basis: Mapping[str, Any]) -> OwedBasis:
    return OwedBasis(
        Shows(basis["shows"]),
        scheme=basis["scheme"],
        total=None if basis["total"] is None else parse_decimal(basis["total"]),
        root=basis["root"],
        entries=basis["entries"],
        assumes=tuple(basis["assumes"]),
        remarks=tuple(basis["remarks"]),
        symbol=basis["symbol"],
    )


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
