"""Validators' balances proven out of a node's whole state, from the claim's file to verification.

No real beacon node was asked: the state is built, and a simulated node serves it.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting.attestation import attestation_of
from scanner.attesting.verify import verify
from scanner.core.evidence import Balance, Basis
from scanner.core.node_settings import NodeSettings
from scanner.errors import AttestationInvalid
from scanner.proofs.witness import dump
from scanner.scanning.run import Scan, scan
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Verdict
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Cause
from tests.support.attestations.attested import EXCHANGE
from tests.support.simulated.beacon import BeaconChain, SimBeacon, Spoiler, entry, key_of
from tests.support.simulated.beacon_states import BEACON, BuiltBeacon
from tests.support.simulated.light_client import GENESIS_ROOT

GWEI = 10**9
NUMBERS = range(5)
CREDENTIALS = b"\x01" + bytes(11) + b"\xa1" * 20


@cache
def built() -> BuiltBeacon:
    return BuiltBeacon(6, {key_of(number): (32 + number) * GWEI + number for number in NUMBERS})


def chain(change: Callable[[int], int] = lambda gwei: gwei) -> BeaconChain:
    made = BeaconChain()
    header = {
        name: f"0x{value.hex()}" if isinstance(value, bytes) else str(value) for name, value in built().header.items()
    }
    amounts = enumerate(built().balances.values())
    made.put(header, [entry(number, change(gwei), CREDENTIALS) for number, gwei in amounts])
    return made


def write_claim(folder: Path) -> Claim:
    block = built().snapshot
    keys = ", ".join(f'"0x{key_of(number).hex()}"' for number in NUMBERS)
    path = folder / "claim.yaml"
    path.write_text(
        f"""\
version: 1
exchange: Staking Ltd
as_of: {block.time:%Y-%m-%dT%H:%M:%SZ}
snapshots: {{"{BEACON}": {block.height}}}
assets:
  STAKED: {{id: "{BEACON}/slip44:60", backs: ETH, decimals: 9}}
liabilities: {{ETH: "150"}}
holdings:
  - {{asset: STAKED, accounts: [{keys}]}}
"""
    )
    return load_claim(path)


@dataclass
class Node:
    """How one of the nodes behaves."""

    states: bool = True
    spoil: Spoiler = lambda _path, answer: answer
    change: Callable[[int], int] = lambda gwei: gwei  # of what it says that validators hold


def scanned(claim: Claim, *nodes: Node) -> tuple[Scan, list[str]]:
    asked: list[str] = []

    async def run() -> Scan:
        async with AsyncExitStack() as stack:
            settings = []
            for number, node in enumerate(nodes):
                server = await stack.enter_async_context(SimBeacon(chain(node.change)))
                server.chain_id, server.genesis = 1, (1_606_824_023, GENESIS_ROOT)
                server.finalized_epoch = built().snapshot.height // 8 + 1
                server.spoil, server.paths = node.spoil, asked
                if node.states:
                    server.whole[f"0x{built().header['state_root'].hex()}"] = built().written
                settings.append(NodeSettings("beacon", server.url, f"o{number}", BEACON))
            policy = replace(Policy(), max_skew=timedelta(days=11_000))
            return await scan(claim, Instrument(policy, tuple(settings)))

    return asyncio.run(run()), [path for path in asked if "/debug/" in path]


def verified(claim: Claim, found: Scan, witness: bytes | None = None) -> None:
    written = attestation_of(
        found.finding,
        found.rows,
        found.operators,
        found.witness,
        [EXCHANGE],
        scanned_at=datetime(2026, 1, 2, tzinfo=UTC),
        scanner="1.0.0",
    )
    whole = b"".join(dump(found.witness)) if witness is None else witness
    verify(written.document, claim, [EXCHANGE.public], io.BytesIO(written.evidence), witness=io.BytesIO(whole))


def bases(found: Scan) -> set[Basis]:
    return {row.outcome.basis for row in found.rows if isinstance(row.outcome, Balance)}


def test_validators_balances_are_proven_and_verified_offline(tmp_path: Path) -> None:
    claim = write_claim(tmp_path)
    found, states = scanned(claim, Node(), Node())
    assert bases(found) == {Basis.PROVEN}
    assert found.finding.reserves[0].verdict is Verdict.COVERED
    assert len(states) == 1  # one node's state is enough, and is fetched once
    verified(claim, found)


def test_a_changed_witness_does_not_hold(tmp_path: Path) -> None:
    claim = write_claim(tmp_path)
    found, _ = scanned(claim, Node(), Node())
    whole = b"".join(dump(found.witness))
    for at in range(24, len(whole), len(whole) // 9):
        with pytest.raises(AttestationInvalid):
            verified(claim, found, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def test_without_a_state_balances_are_the_operators_word_and_why_is_stated(tmp_path: Path) -> None:
    found, _ = scanned(write_claim(tmp_path), Node(states=False), Node(states=False))
    assert bases(found) == {Basis.QUORUM}
    assert [reason.causes for reason in found.finding.proving.unproven.values()] == [(Cause.NO_STATE,)]


def spoilt(change: Callable[[bytes], Any]) -> Spoiler:
    return lambda path, answer: change(answer) if "/debug/" in path else answer


SPOILT: dict[str, tuple[Spoiler, Cause]] = {
    "another state": (spoilt(lambda state: state[:-1] + bytes([state[-1] ^ 1])), Cause.REFUSED),
    "JSON": (spoilt(lambda _: b'{"data": {}}'), Cause.MALFORMED),
    "a state that is cut short": (spoilt(lambda state: state[:-121]), Cause.MALFORMED),
    "nothing": (spoilt(lambda _: b""), Cause.MALFORMED),
    "a refusal": (spoilt(lambda _: 403), Cause.UNAUTHORIZED),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_state_that_is_no_sound_one_proves_nothing_and_another_nodes_does(what: str, tmp_path: Path) -> None:
    spoil, cause = SPOILT[what]
    claim = write_claim(tmp_path)
    found, _ = scanned(claim, Node(spoil=spoil), Node())
    assert bases(found) == {Basis.PROVEN}
    found, _ = scanned(claim, Node(spoil=spoil), Node(states=False))
    assert bases(found) == {Basis.QUORUM}
    assert [cause in reason.causes for reason in found.finding.proving.unproven.values()] == [True]


def test_an_operator_whose_word_a_proof_contradicts_is_outvoted_by_it(tmp_path: Path) -> None:
    claim = write_claim(tmp_path)
    found, _ = scanned(claim, Node(change=lambda gwei: 2 * gwei), Node())
    assert bases(found) == {Basis.PROVEN}
    assert {row.outcome.atoms for row in found.rows if isinstance(row.outcome, Balance)} == {*built().balances.values()}
    verified(claim, found)
