"""The golden series, and the golden claims together, of tests/vectors/series and tests/vectors/together.

`python -m tests.support.golden_attestations` writes them anew beside the attestations, by the library, from what stands
here; no node is asked. Every run of the tests verifies what lies there.

    claim.yaml  series.dsse.json  auditor.pub.pem  points/TIME/...            of claims together, a file for each claim
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from scanner.attesting.envelope import read_envelope
from scanner.attesting.points import MomentsRun, point_folder, write_point
from scanner.attesting.series.attestation import signed_series
from scanner.attesting.series.statement import SERIES as NAME
from scanner.attesting.series.verify import VerifiedSeries, verify_series
from scanner.attesting.signers import load_public_key
from scanner.attesting.together.statement import TOGETHER as TOGETHER_NAME
from scanner.attesting.together.statement import signed_together
from scanner.attesting.together.verify import VerifiedJoint, verify_together
from scanner.chains.facts_revision import REVISION
from scanner.cli.points_folder import opened_in
from scanner.cli.several_moments import claims_of
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.sampling import Sample
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from scanner.weighing.schedule import Schedule, moments
from scanner.weighing.series import Point, Series
from scanner.weighing.together import Claims, Joint, JointPoint
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.attestations.golden_cases import ETHEREUM
from tests.support.places import VECTORS

SERIES_FOLDER: Final = VECTORS / "series"
TOGETHER_FOLDER: Final = VECTORS / "together"
KEY: Final = "auditor.pub.pem"
_FIRST: Final = datetime(2023, 11, 1, tzinfo=UTC)  # of block 0 of a chain that has one every twelve seconds
_AS_OF: Final = datetime(2023, 11, 22, 16, tzinfo=UTC)
_RUN: Final = MomentsRun(datetime(2024, 1, 2, 9, 30, 1, tzinfo=UTC), "1.0.0")
_OPERATORS: Final = ("alpha", "beta")
_POLICY: Final = Policy(quorum=2)
_PROVING: Final = Proving(sample=Sample(0))

Held = Callable[[datetime, bytes], int | None]
"""From a moment and an account to wei; None for a gap."""


def _claim(exchange: str, as_of: datetime, owed: str, *accounts: int) -> str:
    listed = ", ".join(f'"0x{number:040x}"' for number in accounts)
    return (
        f"version: 1\nexchange: {exchange}\nas_of: {as_of:%Y-%m-%dT%H:%M:%SZ}\nassets:\n"
        f'  ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}\nliabilities: {{ETH: "{owed}"}}\n'
        f"holdings:\n  - {{asset: ETH, accounts: [{listed}]}}\n"
    )


ANNA, BERT = 0xA11CE << 100, 0xB0B << 100
COIN = 10**18


@dataclass(frozen=True, slots=True)
class GoldenSeries:
    """One series: what was held when, and the stretches of which no operator agreed on the last block."""

    held: Held
    every: timedelta = timedelta(days=1)
    stretches: tuple[int, int] = (-3, 4)
    undrawn: frozenset[int] = frozenset()


def _lent(moment: datetime, account: bytes) -> int:
    """Ten coins more for two days, and an odd wei."""
    return 93 * COIN + 1 if account == _key(ANNA) else (10 * COIN if abs(moment - _AS_OF) < timedelta(days=1) else 0)


def _grown(moment: datetime, account: bytes) -> int:
    return 93 * COIN if account == _key(ANNA) else (10 * COIN if moment >= _AS_OF - timedelta(days=1) else 0)


def _missing(moment: datetime, account: bytes) -> int | None:
    return None if moment < _AS_OF - timedelta(days=2) and account == _key(BERT) else 50 * COIN


SERIES: Final[Mapping[str, GoldenSeries]] = {
    "lent": GoldenSeries(_lent),
    "grown": GoldenSeries(_grown, timedelta(hours=12), (-4, 16)),
    "missing": GoldenSeries(_missing, undrawn=frozenset({2})),
}
_LATER: Final = _AS_OF + timedelta(days=5)
TOGETHER: Final[Mapping[str, tuple[Held, Sequence[str]]]] = {
    "lending": (
        lambda moment, account: (100 if (moment == _AS_OF) == (account == _key(ANNA)) else 50) * COIN,
        (_claim("First", _AS_OF, "100", ANNA), _claim("Second", _LATER, "100", BERT)),
    ),
    "shared": (
        lambda _, account: (70 if account == _key(ANNA) else 40) * COIN,
        (_claim("First", _AS_OF, "100", ANNA, BERT), _claim("Second", _AS_OF, "30.5", BERT)),
    ),
}


def series_files(golden: GoldenSeries, revision: int = REVISION) -> dict[str, bytes]:
    """Everything that belongs into its folder, by file name, made by a revision of the tables."""
    text = _claim("Example & Co", _AS_OF, "100", ANNA, BERT)
    claim = _loaded(text, revision)
    schedule = Schedule(claim.as_of, golden.every, *golden.stretches)
    drawn = [number for number in schedule.numbers if number not in golden.undrawn]
    blocks = {number: _block(schedule.end_of(number)) for number in drawn}
    files: dict[str, BytesIO] = {}
    points = []
    for moment in moments(schedule, blocks):
        finding, rows = _found(claim.sampled_at(moment), golden.held)
        points.append(Point.of(finding, _written(finding, rows, files)))
    name, document, _ = signed_series(Series(claim, schedule, blocks, tuple(points)), _RUN, [AUDITOR])
    return {**_beside({"claim.yaml": text}), name: document, **_contents(files)}


def together_files(held: Held, texts: Sequence[str], revision: int = REVISION) -> dict[str, bytes]:
    """Everything that belongs into its folder, by file name, made by a revision of the tables."""
    claims = Claims(tuple(_loaded(text, revision) for text in texts))
    files: dict[str, BytesIO] = {}
    points = []
    for moment in claims.moments:
        finding, rows = _found(claims.at(moment), held)
        points.append(JointPoint.of(claims, finding, parts_of(rows), _written(finding, rows, files)))
    name, document, _ = signed_together(Joint(claims, tuple(points)), _RUN, [AUDITOR])
    beside = {f"claim-{number}.yaml": text for number, text in enumerate(texts, 1)}
    return {**_beside(beside), name: document, **_contents(files)}


def _key(number: int) -> bytes:
    return number.to_bytes(20)


def _loaded(text: str, revision: int) -> Claim:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claim.yaml"
        path.write_text(text)
        return load_claim(path, revision=revision)


def _block(moment: datetime) -> Snapshot:
    """The last one at or before a moment."""
    height = (moment - _FIRST) // timedelta(seconds=12)
    time = _FIRST + height * timedelta(seconds=12)
    return Snapshot(ETHEREUM, height, _hash(height), _hash(height - 1), time)


def _hash(height: int) -> str:
    return f"0x{sha256(str(height).encode()).hexdigest()}"


def _found(claim: Claim, held: Held) -> tuple[Finding, list[EvidenceRow]]:
    block = _block(claim.as_of)
    rows = [
        EvidenceRow(each.asset, each.account, block.hash, _outcome(held(claim.as_of, each.account)), each.claimed)
        for each in claim.holdings
    ]
    return weigh(claim, {claim.weighed_at(ETHEREUM): block}, rows, _POLICY, _PROVING), rows


def _outcome(atoms: int | None) -> Outcome:
    if atoms is None:
        return Gap(Why.NO_QUORUM, "1 of 2 operators answered; beta: NO_STATE", (("alpha", 0),))
    return Balance(atoms, Basis.QUORUM, _OPERATORS)


def _written(finding: Finding, rows: Sequence[EvidenceRow], files: dict[str, BytesIO]) -> str:
    folder = point_folder(finding.claim.as_of)
    return write_point(
        finding,
        rows,
        {ETHEREUM: _OPERATORS},
        Witness(),
        create=lambda name: files.setdefault(f"{folder}/{name}", BytesIO()),
        scanned_at=_RUN.scanned_at,
        scanner=_RUN.scanner,
    )


def _beside(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {**{name: text.encode() for name, text in texts.items()}, KEY: public_pem(AUDITOR).encode()}


def _contents(files: Mapping[str, BytesIO]) -> dict[str, bytes]:
    return {name: file.getvalue() for name, file in files.items()}


def verified_series(folder: Path) -> VerifiedSeries:
    """The series in a folder, by the claim and the key beside it. Raises AttestationInvalid."""
    document, key = (folder / NAME).read_bytes(), load_public_key(folder / KEY)
    (claim,) = claims_of(document, folder, [folder / "claim.yaml"])
    return verify_series(document, claim, [key], opened_in(folder))


def verified_together(folder: Path) -> VerifiedJoint:
    """The claims together in a folder, by their files and the key beside them. Raises AttestationInvalid."""
    document, key = (folder / TOGETHER_NAME).read_bytes(), load_public_key(folder / KEY)
    claims = claims_of(document, folder, sorted(folder.glob("claim-*.yaml")))
    return verify_together(document, Claims(tuple(claims)), [key], opened_in(folder))


def write_all(write: Callable[[Path, Mapping[str, bytes]], None]) -> None:
    """Hands all of them to what writes a folder."""
    for name, golden in SERIES.items():
        write(SERIES_FOLDER / "v1" / name, series_files(golden))
    for name, (held, texts) in TOGETHER.items():
        write(TOGETHER_FOLDER / "v1" / name, together_files(held, texts))


def stated(of: str, name: str) -> dict[str, Any]:
    """The predicate of a golden series (`of`: series), or of claims together (`of`: together)."""
    document = (VECTORS / of / "v1" / name / f"{of}.dsse.json").read_bytes()
    predicate: dict[str, Any] = json.loads(read_envelope(document).payload)["predicate"]
    return predicate
