"""The golden attestations of tests/vectors/attestations: each a folder with all that a verifier needs.

    .venv/bin/python -m tests.support.golden_attestations

writes them anew, by the library, from claims and outcomes that stand here; no node is asked. Every run of the tests
verifies what lies there, and never what was just written: an attestation that held once holds for ever. Those of a
version of the predicate that was released are never written again.

    claim.yaml  attestation.dsse.json  evidence.csv.gz  auditor.pub.pem     and witness.bin, and a published file, as
                                                                            the claim and the statement name them
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from scanner.attesting.attestation import attestation_of
from scanner.attesting.signers import Ed25519Signer
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Basis, Elsewhere, EvidenceRow, Outcome, Snapshot
from scanner.core.sampling import Sample
from scanner.proofs.witness import Witness
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.holdings import ChainHeight, Holding
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from scanner.weighing.ratio import weigh
from tests.built_state import BuiltState
from tests.unit.attested import EXCHANGE, public_pem
from tests.unit.attested_proofs import LAYOUT

FOLDER: Final = Path(__file__).parents[1] / "vectors" / "attestations"
CLAIM: Final = "claim.yaml"
KEY: Final = "auditor.pub.pem"

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
ETHEREUM = parse_chain("eip155:1")
SCANNED_AT = datetime(2023, 11, 23, 9, 30, 1, tzinfo=UTC)
BITCOIN_BLOCK = Snapshot(
    BITCOIN, 817_900, "00" * 8 + "5a" * 24, "00" * 8 + "59" * 24, datetime(2023, 11, 22, 15, 50, tzinfo=UTC)
)
ETHEREUM_BLOCK = Snapshot(
    ETHEREUM, 18_600_000, "0x" + "1f" * 32, "0x" + "1e" * 32, datetime(2023, 11, 22, 15, 59, 59, tzinfo=UTC)
)


@dataclass(frozen=True, slots=True)
class Golden:
    """One attestation: a claim's file, and what was established of each of its holdings, in their order."""

    claim: str
    outcomes: Sequence[Outcome]
    snapshots: Sequence[Snapshot]
    files: Mapping[str, bytes] = field(default_factory=dict)  # beside the claim
    policy: Policy = field(default_factory=Policy)
    proving: Proving = field(default_factory=lambda: Proving(sample=Sample(0)))  # nothing was to be proven
    witness: Witness = field(default_factory=Witness)
    operators: tuple[str, ...] = ("alpha", "beta")
    own: tuple[str, ...] = ()
    controls: Mapping[int, Control] = field(default_factory=dict)  # by number of the holding
    owners: Mapping[int, ContractOwners] = field(default_factory=dict)
    found: Mapping[int, int] = field(default_factory=dict)  # atoms where amounts of other heights are claimed
    signers: tuple[Ed25519Signer, ...] = (EXCHANGE,)


def agreed(atoms: int, *operators: str, **dissent: int) -> Balance:
    """What a quorum said."""
    return Balance(atoms, Basis.QUORUM, operators or ("alpha", "beta"), tuple(sorted(dissent.items())))


def proven(atoms: int, *operators: str) -> Balance:
    return Balance(atoms, Basis.PROVEN, operators)


PLAIN = Golden(
    claim="""\
version: 1
exchange: Example Exchange
as_of: 2023-11-22T16:00:00Z
snapshots: {"bip122:000000000019d6689c085ae165831e93": 817900}
assets:
  BTC: {id: "bip122:000000000019d6689c085ae165831e93/slip44:0", backs: BTC, decimals: 8}
liabilities:
  BTC: {amount: "100", stated_ratio: 103%}
holdings:
  - {asset: BTC, account: 3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd, amount: "43.1234"}
  - {asset: BTC, account: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca}
""",
    outcomes=[agreed(43_12345678), agreed(60_00000000)],
    snapshots=[BITCOIN_BLOCK],
)

_ALICE, _BOB = (bytes([digit]) * 20 for digit in (0x0A, 0x0B))
_USDT = bytes.fromhex("dac17f958d2ee523a2206206994597c13d831ec7")
_STATE = BuiltState(
    ETHEREUM,
    {_ALICE: 1, _BOB: 7_730_000_000_000_000_000},
    {_USDT: {LAYOUT.key(_ALICE): 1_020_000_000_000}},  # nothing is written down for Bob
)
_PROOFS = [
    _STATE.header,
    *(node for account in (_ALICE, _BOB, _USDT) for node in _STATE.account_proof(account)),
    *(node for holder in (_ALICE, _BOB) for node in _STATE.storage_proof(_USDT, LAYOUT.key(holder))),
]

PROVEN = Golden(
    claim="""\
version: 1
exchange: Example Exchange
as_of: 2023-11-22T16:00:00Z
assets:
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
  USDT-ERC20: {id: "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7", backs: USDT, decimals: 6}
liabilities: {ETH: "7.5", USDT: "1000000"}
holdings:
  - asset: [ETH, USDT-ERC20]
    accounts: ["0x0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "0x0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"]
""",
    outcomes=[  # tokens before the coin
        proven(1_020_000_000_000, "alpha", "beta"),
        proven(0, "alpha"),
        proven(1, "alpha", "beta"),
        proven(7_730_000_000_000_000_000, "beta"),
    ],
    snapshots=[_STATE.snapshot],
    proving=Proving({parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"): LAYOUT.name}),
    witness=Witness(dict.fromkeys(_PROOFS)),
)

GOLDEN: Final = {"v1": {"plain": PLAIN, "proven": PROVEN}}


def files_of(golden: Golden) -> dict[str, bytes]:
    """Everything that belongs into its folder, by file name."""
    beside = {CLAIM: golden.claim.encode(), **golden.files}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in beside.items():
            (Path(folder) / name).write_bytes(data)
        claim = load_claim(Path(folder) / CLAIM)
    pinned = _placed(claim, golden.snapshots)
    blocks = {place: snapshot.hash for place, snapshot in pinned.items()}
    rows = [_row(golden, claim, blocks, *numbered) for numbered in enumerate(claim.holdings)]
    attestation = attestation_of(
        weigh(claim, pinned, rows, golden.policy, golden.proving),
        rows,
        dict.fromkeys(claim.chains, golden.operators),
        golden.witness,
        golden.signers,
        own=golden.own,
        scanned_at=SCANNED_AT,
        scanner="1.0.0",
    )
    return {**beside, **attestation.files, KEY: public_pem(golden.signers[0]).encode()}


def _placed(claim: Claim, snapshots: Sequence[Snapshot]) -> dict[ChainHeight, Snapshot]:
    elsewhere = claim.compared_elsewhere()
    return {
        place if (place := (block.chain, block.height)) in elsewhere else claim.weighed_at(block.chain): block
        for block in snapshots
    }


def _row(golden: Golden, claim: Claim, blocks: Mapping[ChainHeight, str], number: int, holding: Holding) -> EvidenceRow:
    compared = claim.compared_at(holding)
    there = None if compared is None else blocks.get(compared, "")
    return EvidenceRow(
        holding.asset,
        holding.account,
        blocks.get(claim.place_of(holding), ""),
        golden.outcomes[number],
        holding.claimed,
        golden.controls.get(number, Control.ABSENT),
        golden.owners.get(number),
        None if there is None else Elsewhere(there, golden.found.get(number) if there else None),
        holding.tolerance,
        holding.height,
    )


def main() -> None:
    for version, all_of_it in GOLDEN.items():
        for name, golden in all_of_it.items():
            folder = FOLDER / version / name
            folder.mkdir(parents=True, exist_ok=True)
            for old in folder.iterdir():
                old.unlink()
            for file, data in files_of(golden).items():
                (folder / file).write_bytes(data)


if __name__ == "__main__":
    main()
