"""Series of a toy chain, made and sealed in memory: a block a second, and what is held is said by the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

from scanner.attesting.attestation import UNSIGNED
from scanner.attesting.points import MomentsRun, PointFiles, point_folder, write_point
from scanner.attesting.series.attestation import signed_series
from scanner.attesting.series.verify import VerifiedSeries, verify_series
from scanner.attesting.statement import EVIDENCE, WITNESS
from scanner.chains.registry import family
from scanner.core.node_settings import NodeSettings
from scanner.scanning.journal import Journal
from scanner.scanning.run import Scan
from scanner.scanning.series import read_series
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.schedule import Schedule
from scanner.weighing.series import Series
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyChain, ToyNode

MOMENT: Final = 960  # the height of the claim's block: sixteen minutes after the chain begins
HEIGHT: Final = 1760
AS_OF: Final = FIRST + timedelta(seconds=MOMENT)
NOW: Final = FIRST + timedelta(seconds=HEIGHT + 100)
ACCOUNTS: Final = (b"anna", b"bert")
OWED: Final = 100  # whole coins

Held = Callable[[int], Mapping[bytes, int]]
"""From a height to the atoms of each account."""


@dataclass
class LinkedChain(ToyChain):
    """One whose blocks name the ones before them, as a chain's do that is looked at in more than one place."""

    made: list[bytes] = field(default_factory=list)

    def header(self, height: int) -> bytes:
        while len(self.made) <= height:
            number = len(self.made)
            time = (self.start + timedelta(seconds=number)).isoformat()
            parent = sha256(self.made[-1] if number else self.fork.encode()).hexdigest()
            self.made.append(json.dumps([number, parent, time, sha256(self.state(number)).hexdigest()]).encode())
        return self.made[height]


def steady(_: int) -> Mapping[bytes, int]:
    return {b"anna": 10_000, b"bert": 300}


def a_claim(**changes: Any) -> Claim:
    claim = Claim(
        exchange="X",
        as_of=AS_OF,
        assets={COIN: Asset("TOY", COIN, "TOY", 2)},
        liabilities={"TOY": Liability("TOY", Fraction(OWED))},
        holdings=Holdings.of(Holding(COIN, account) for account in ACCOUNTS),
        digest="00" * 32,
    )
    return replace(claim, **changes)


def around(minutes: int, every: int = 1) -> Schedule:
    return Schedule.around(AS_OF, timedelta(minutes=minutes), timedelta(minutes=every))


@dataclass
class Made:
    """A series and its files, by name."""

    series: Series
    document: bytes
    statement: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    scans: list[Scan] = field(default_factory=list)

    def verified(self, claim: Claim | None = None, policy: Policy | None = None) -> VerifiedSeries:
        return verify_series(self.document, claim or a_claim(), [Seal(b"x")], self.opened, policy=policy)

    @contextmanager
    def opened(self, point: str) -> Iterator[PointFiles]:
        witness = self.files.get(f"{point}/{WITNESS}")
        evidence = BytesIO(self.files[f"{point}/{EVIDENCE}"])
        yield PointFiles(self.files[f"{point}/{UNSIGNED}"], evidence, None if witness is None else BytesIO(witness))


def made(
    held: Held = steady,
    schedule: Schedule | None = None,
    *,
    claim: Claim | None = None,
    policy: Policy | None = None,
    chains: Mapping[str, ToyChain] | None = None,
    journal: Journal | None = None,
    now: datetime = NOW,
    prove: int | None = 0,
    share: Fraction | None = None,
) -> Made:
    """Read, written and sealed."""
    chains = chains or {name: LinkedChain(HEIGHT, held, step=0) for name in ("alpha", "beta")}
    settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN) for name in chains)
    files: dict[str, BytesIO] = {}
    scans: list[Scan] = []

    def connect(settings: NodeSettings) -> ToyNode:
        return ToyNode(settings, chains[settings.operator], family(CHAIN))

    def keep(found: Scan) -> str:
        scans.append(found)
        folder = point_folder(found.finding.claim.as_of)
        return write_point(
            found.finding,
            found.rows,
            found.operators,
            found.witness,
            own=found.own,
            create=lambda name: files.setdefault(f"{folder}/{name}", BytesIO()),
            scanned_at=now,
            scanner="1.0.0",
        )

    instrument = Instrument(policy or Policy(), settings, prove)
    read = read_series(
        claim or a_claim(),
        instrument,
        schedule or around(6),
        keep,
        connect=connect,
        clock=lambda: now,
        journal=journal,
        share=share,
    )
    series = asyncio.run(read)
    _, document, statement = signed_series(series, MomentsRun(now.astimezone(UTC), "1.0.0"), [Seal(b"x")])
    return Made(series, document, statement, {name: file.getvalue() for name, file in files.items()}, scans)
