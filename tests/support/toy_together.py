"""Claims of two exchanges on a toy chain, read, written and sealed in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

from scanner.attesting.attestation import UNSIGNED
from scanner.attesting.points import MomentsRun, PointFiles, point_folder, write_point
from scanner.attesting.statement import EVIDENCE
from scanner.attesting.together.statement import signed_together
from scanner.attesting.together.verify import VerifiedJoint, verify_together
from scanner.chains.registry import family
from scanner.core.node_settings import NodeSettings
from scanner.scanning.run import Scan
from scanner.scanning.together import read_together
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.together import Claims, Joint
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyNode
from tests.support.toy_series import HEIGHT, NOW, Held, LinkedChain, a_claim

FIRST_DAY, SECOND_DAY = 300, 900  # the heights of the two claims' blocks
LENT: Final = 5_000  # atoms, which lie where they are looked at


def lending(height: int) -> Mapping[bytes, int]:
    """Each has half of what it owes, and for its own day the other's half."""
    first = height < (FIRST_DAY + SECOND_DAY) // 2
    return {b"anna": 5_000 + LENT * first, b"bert": 5_000 + LENT * (not first), b"both": 1_000}


def claim_of(name: str, height: int, *accounts: bytes, owed: int = 100, **changes: Any) -> Claim:
    base = a_claim()
    return a_claim(
        exchange=name,
        as_of=FIRST + timedelta(seconds=height),
        holdings=Holdings.of(Holding(COIN, account) for account in sorted(accounts)),
        liabilities={"TOY": type(base.liabilities["TOY"])("TOY", Fraction(owed))},
        digest=f"{sum(map(ord, name)):064x}",
        **changes,
    )


def first_and_second() -> tuple[Claim, Claim]:
    return claim_of("First", FIRST_DAY, b"anna"), claim_of("Second", SECOND_DAY, b"bert")


@dataclass
class Made:
    """What is stated of the claims together, and its files, by name."""

    joint: Joint
    document: bytes
    statement: bytes
    files: dict[str, bytes]

    def verified(self, claims: Sequence[Claim] | None = None, policy: Policy | None = None) -> VerifiedJoint:
        given = self.joint.claims if claims is None else Claims(tuple(claims))
        return verify_together(self.document, given, [Seal(b"x")], self.opened, policy=policy)

    @contextmanager
    def opened(self, point: str) -> Iterator[PointFiles]:
        yield PointFiles(self.files[f"{point}/{UNSIGNED}"], BytesIO(self.files[f"{point}/{EVIDENCE}"]))


def made(
    *claims: Claim,
    held: Held = lending,
    policy: Policy | None = None,
    chains: Mapping[str, LinkedChain] | None = None,
    now: datetime = NOW,
) -> Made:
    """Read, written and sealed."""
    chains = chains or {name: LinkedChain(HEIGHT, held, step=0) for name in ("alpha", "beta")}
    settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN) for name in chains)
    files: dict[str, BytesIO] = {}

    def connect(settings: NodeSettings) -> ToyNode:
        return ToyNode(settings, chains[settings.operator], family(CHAIN))

    def keep(found: Scan) -> str:
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

    given = Claims(claims or first_and_second())
    instrument = Instrument(policy or Policy(), settings, 0)
    joint = asyncio.run(read_together(given, instrument, keep, connect=connect, clock=lambda: now))
    _, document, statement = signed_together(joint, MomentsRun(now, "1.0.0"), [Seal(b"x")])
    return Made(joint, document, statement, {name: file.getvalue() for name, file in files.items()})
