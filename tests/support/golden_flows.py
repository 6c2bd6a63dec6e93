"""The golden flows of tests/vectors/flows, written anew beside the attestations by `python -m
tests.support.golden_attestations`, by the library, from what stands here; no node is asked. Every run of the tests
verifies what lies there.

    claim.yaml  flows.dsse.json  transfers.csv.gz  auditor.pub.pem  points/TIME/...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from scanner.attesting.flows.statement import FLOWS as NAME
from scanner.attesting.flows.statement import signed_flows
from scanner.attesting.flows.transfers_csv import TRANSFERS
from scanner.attesting.flows.verify import VerifiedFlows, verify_flows
from scanner.attesting.points import MomentsRun, point_folder, write_point
from scanner.attesting.signers import load_public_key
from scanner.chains.facts_revision import REVISION
from scanner.chains.names import parse_asset
from scanner.cli.points_folder import opened_in
from scanner.cli.several_moments import claims_of
from scanner.core.evidence import Balance, Basis, Gap, Outcome, Snapshot
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.sampling import Sample
from scanner.core.transfers import Transfer
from scanner.errors import Why
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding
from scanner.weighing.flows import Flows, moments
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from scanner.weighing.transfer_lists import AgreedList, FlowPoint
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.attestations.golden_cases import ETHEREUM
from tests.support.places import VECTORS

FLOWS_FOLDER: Final = VECTORS / "flows"
KEY: Final = "auditor.pub.pem"
COIN: Final = parse_asset("eip155:1/slip44:60")
TETHER: Final = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
WINDOW: Final = timedelta(days=7)
_FIRST: Final = datetime(2023, 11, 1, tzinfo=UTC)  # of block 0 of a chain that has one every twelve seconds
_AS_OF: Final = datetime(2023, 11, 22, 16, tzinfo=UTC)
_RUN: Final = MomentsRun(datetime(2024, 1, 2, 9, 30, 1, tzinfo=UTC), "1.0.0")
_OPERATORS: Final = ("alpha", "beta")
_POLICY: Final = Policy(quorum=2)
_PROVING: Final = Proving(sample=Sample(0))
ANNA, BERT, CARA, DORA, EMIL = ((0xA11CE + number << 100).to_bytes(20) for number in range(5))
OWN: Final = (ANNA, BERT)
_CLAIM: Final = f"""\
version: 1
exchange: Example & Co
as_of: {_AS_OF:%Y-%m-%dT%H:%M:%SZ}
assets:
  ETH: {{id: "{COIN}", backs: ETH, decimals: 18}}
  USDT: {{id: "{TETHER}", backs: USDT, decimals: 6}}
liabilities: {{ETH: "1", USDT: "100"}}
holdings:
  - {{asset: [ETH, USDT], accounts: ["0x{ANNA.hex()}", "0x{BERT.hex()}"]}}
"""

Sent = tuple[timedelta, bytes, bytes, int]
"""When, from the claim's moment on; from whom, to whom, and how many atoms."""

_DAY, _BLOCK = timedelta(days=1), timedelta(seconds=12)
_LENT: Final[tuple[Sent, ...]] = (
    (-7 * _DAY + _BLOCK, CARA, ANNA, 10_000_000),
    (-_DAY, EMIL, BERT, 3_000_001),
    (-_DAY, DORA, ANNA, 500_000),
    (-_BLOCK, ANNA, BERT, 4_000_000),
    (timedelta(0), BERT, EMIL, 1_000_000),
    (_BLOCK, BERT, CARA, 9_900_000),
    (_DAY, ANNA, DORA, 494_999),
    (7 * _DAY, EMIL, ANNA, 7),
)


_BOTH: Final = AgreedList(_OPERATORS)


@dataclass(frozen=True, slots=True)
class GoldenFlows:
    """One of them: what was sent, which of it is listed, and what is said of the list."""

    sent: tuple[Sent, ...] = _LENT
    omitted: frozenset[int] = frozenset()
    listing: AgreedList | Gap = _BOTH
    unread: frozenset[tuple[int, bytes]] = frozenset()  # by point: accounts whose balance of the token is a gap


FLOWS: Final[Mapping[str, GoldenFlows]] = {
    "lent": GoldenFlows(),
    "short-list": GoldenFlows(omitted=frozenset({1}), unread=frozenset({(2, BERT)})),
    "not-listed": GoldenFlows(listing=Gap(Why.DISAGREEMENT, "alpha and beta list other transfers")),
}


def flows_files(golden: GoldenFlows, revision: int = REVISION) -> dict[str, bytes]:
    """Everything that belongs into its folder, by file name, made by a revision of the tables."""
    files: dict[str, BytesIO] = {}
    claim = _loaded(revision)
    points = []
    for number, moment in enumerate(moments(claim, WINDOW)):
        moved, block = claim.sampled_at(moment), _block(moment)
        rows = [
            EvidenceRow(each.asset, each.account, block.hash, _outcome(golden, number, each.asset, each.account), None)
            for each in moved.holdings
        ]
        finding = weigh(moved, {moved.weighed_at(ETHEREUM): block}, rows, _POLICY, _PROVING)
        points.append(FlowPoint.of(finding, parts_of(rows), _written(finding, rows, files)))
    transfers = () if isinstance(golden.listing, Gap) else tuple(sorted(_transfers(golden)))
    listings = {COIN: Gap(Why.UNSUPPORTED, "the chain's own coin moves without a log"), TETHER: golden.listing}
    flows = Flows(claim, WINDOW, tuple(points), listings, transfers, {ETHEREUM: _OPERATORS}, ())
    name, document, _ = signed_flows(flows, _RUN, [AUDITOR], lambda name: files.setdefault(name, BytesIO()))
    beside = {"claim.yaml": _CLAIM.encode(), KEY: public_pem(AUDITOR).encode(), name: document}
    return {**beside, **{name: file.getvalue() for name, file in files.items()}}


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


def verified_flows(folder: Path) -> VerifiedFlows:
    """The flows in a folder, by the claim and the key beside them. Raises AttestationInvalid."""
    document, key = (folder / NAME).read_bytes(), load_public_key(folder / KEY)
    (claim,) = claims_of(document, folder, [folder / "claim.yaml"])
    with (folder / TRANSFERS).open("rb") as transfers:
        return verify_flows(document, claim, [key], opened_in(folder), transfers)


def write_all(write: Callable[[Path, Mapping[str, bytes]], None]) -> None:
    """Hands all of them to what writes a folder."""
    for name, golden in FLOWS.items():
        write(FLOWS_FOLDER / "v1" / name, flows_files(golden))


def _loaded(revision: int) -> Claim:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "claim.yaml"
        path.write_text(_CLAIM)
        return load_claim(path, revision=revision)


def _block(moment: datetime) -> Snapshot:
    """The last one at or before a moment."""
    height = (moment - _FIRST) // _BLOCK
    return Snapshot(ETHEREUM, height, _hash(height), _hash(height - 1), _FIRST + height * _BLOCK)


def _hash(height: int) -> str:
    return f"0x{sha256(str(height).encode()).hexdigest()}"


def _transfers(golden: GoldenFlows) -> list[Transfer]:
    found = []
    for number, (after, source, target, atoms) in enumerate(golden.sent):
        block = _block(_AS_OF + after)
        if number not in golden.omitted:
            transaction = _hash(10**9 + number)
            found.append(Transfer(TETHER, block.height, number, block.hash, transaction, source, target, atoms))
    return found


def _outcome(golden: GoldenFlows, point: int, asset: AssetId, account: bytes) -> Outcome:
    if asset == COIN:
        return Balance(10**18 - point, Basis.QUORUM, _OPERATORS)
    if (point, account) in golden.unread:
        return Gap(Why.NO_QUORUM, "1 of 2 operators answered; beta: NO_STATE", (("alpha", 0),))
    at = _AS_OF + (point - 1) * WINDOW
    moved = [each for each in golden.sent if _AS_OF + each[0] <= at]
    held = 90_000_000 + sum(atoms * ((target == account) - (source == account)) for _, source, target, atoms in moved)
    return Balance(held, Basis.QUORUM, _OPERATORS)
