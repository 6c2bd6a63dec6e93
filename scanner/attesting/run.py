"""How a finding was come to, as a value: what may differ between two auditors who find the same.

How it is written is each format's part (`formats/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scanner.attesting.workers import Workers
from scanner.core.ids import Chain


@dataclass(frozen=True, slots=True)
class Run:
    """All of it is the signers' word, but for `heard`, which the evidence comes to."""

    scanned_at: datetime  # aware; written to the second
    scanner: str  # this package's version
    operators: Mapping[Chain, tuple[str, ...]]  # which operators each chain was asked of, sorted
    evidence: str  # sha256 of the evidence file, hex
    witness: str | None = None  # sha256 of the witness file, hex, where balances were proven
    notes: tuple[str, ...] = ()
    workers: Workers | None = None  # who brought the nodes' answers; None where the signing machine asked them itself
    own: tuple[str, ...] = ()  # which of the operators are the auditor, sorted
    heard: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by chain and operator: of how many holdings
