"""A golden attestation of validators, proven from a beacon block's root, and of a file in anybody's columns."""

from __future__ import annotations

import hashlib
import io
from typing import Final

from scanner.chains.beacon.node.hashed_state import HashedState
from scanner.chains.beacon.prover import BeaconStateProofs
from scanner.chains.beacon.state_types import state
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Snapshot
from scanner.proofs.witness import Witness
from scanner.weighing.proving import Proving
from tests.support.attestations.golden_cases import BITCOIN, Golden, agreed, proven
from tests.support.simulated import beacon_types
from tests.support.simulated.beacon import key_of
from tests.support.simulated.beacon_states import BEACON, BuiltBeacon

_FORK: Final = 3
_HELD: Final = {key_of(number): 32 * 10**9 + 1_000_003 * number for number in range(3)}
_FILE: Final = "Chain,Asset,Address,Balance\nBTC,BTC,3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd,43.1234\n"


def validators() -> Golden:
    """Two of three validators of a state that is built here, which takes a second; and a Bitcoin address of a file."""
    built = BuiltBeacon(_FORK, _HELD)
    declared = sorted(_HELD)[:2]
    block, written = built.snapshot, built.written
    witness = Witness(HashedState(io.BytesIO(written), len(written), state(_FORK)).records(declared))
    for record in BeaconStateProofs().header(block, beacon_types.HEADER.write(built.header)):
        witness.add(record)
    bitcoin = Snapshot(BITCOIN, 785_000, "00" * 8 + "5c" * 24, "00" * 8 + "5b" * 24, block.time)
    return Golden(
        f"""\
version: 1
exchange: Example Exchange
as_of: {block.time:%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"{BEACON}": {block.height}, "{BITCOIN}": {bitcoin.height}}}
assets:
  STAKED: {{id: "{BEACON}/slip44:60", backs: ETH, decimals: 9}}
liabilities: {{ETH: "60", BTC: "40"}}
holdings:
  - {{asset: STAKED, accounts: [{", ".join(f'"0x{key.hex()}"' for key in declared)}]}}
  - {{file: accounts.csv, layout: plain, sha256: "{hashlib.sha256(_FILE.encode()).hexdigest()}"}}
""",
        [*(proven(_HELD[key], "alpha", "beta") for key in declared), agreed(4_312_340_000)],
        [block, bitcoin],
        files={"accounts.csv": _FILE.encode()},
        proving=Proving(),
        controls={0: Control.UNSHOWN, 1: Control.UNVERIFIABLE},
        owners={0: ContractOwners(owner=b"\x0a" * 20)},
        witness=witness,
    )
