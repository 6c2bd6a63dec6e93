"""A claim of validators and accounts from the claim's file to verification: stake counted in ether, and whose it is.

No beacon node can be installed from a package registry: `tests.support.simulated.beacon` stands in, with mainnet's
genesis put into its answers, since the backend takes no other chain for `beacon:1`.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scanner.attesting.attestation import attestation_of
from scanner.attesting.verify import Verified, verify
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import Balance, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import AttestationInvalid, Why
from scanner.scanning.run import Scan, scan
from scanner.sources.addresses import load_claim
from scanner.weighing.claim import Claim
from scanner.weighing.finding import Finding, Reserve, Verdict
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support import proof_signing as sign
from tests.support.attestations.attested import EXCHANGE
from tests.support.simulated.beacon import BeaconChain, Entry, SimBeacon, Spoiler, entry, key_of
from tests.support.simulated.evm import SimEvm
from tests.support.simulated.server import SimServer

BEACON, ETHEREUM = Chain("beacon", "1"), Chain("eip155", "1")
GENESIS = {
    "genesis_time": "1606824023",
    "genesis_validators_root": "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
}
SLOT, HEIGHT = 30, 3
GWEI = 10**9
ALICE, BOB, STRANGER = (sign.evm_address(number) for number in (1, 2, 3))  # Alice has signed, Bob is only declared
ETHER = {ALICE: 5 * 10**18 + 1, BOB: 7}

PAYING_ALICE, COMPOUNDING_FOR_BOB = b"\x01" + bytes(11) + ALICE, b"\x02" + bytes(11) + BOB
PAYING_A_STRANGER, NAMING_NOBODY = b"\x01" + bytes(11) + STRANGER, b"\x00" + b"\x77" * 31
TO_ALICE, TO_BOB, TO_STRANGER, TO_NOBODY, WITHDRAWN, UNKNOWN = map(key_of, (0, 1, 2, 3, 4, 99))
STAKE = {TO_ALICE: 32 * GWEI + SLOT, TO_BOB: 2_048 * GWEI, TO_STRANGER: 31_999_999_999, TO_NOBODY: 32 * GWEI}
HELD = Fraction(sum(STAKE.values()), 10**9) + Fraction(sum(ETHER.values()), 10**18)


def registry(slot: int) -> list[Entry]:
    return [
        entry(0, 32 * GWEI + slot, PAYING_ALICE),
        entry(1, STAKE[TO_BOB], COMPOUNDING_FOR_BOB),
        entry(2, STAKE[TO_STRANGER], PAYING_A_STRANGER, "active_exiting"),
        entry(3, STAKE[TO_NOBODY], NAMING_NOBODY, "pending_queued"),
        entry(4, 0, PAYING_ALICE, "withdrawal_done"),
    ]


def beacon_chain() -> BeaconChain:
    made = BeaconChain()
    for slot in range(40):
        made.add(slot, registry(slot))
    return made


def evm_chain() -> SimEvm:
    made = SimEvm(chain_id=1, blocks=HEIGHT)
    made.balances.update(ETHER)
    made.mine()
    made.balances.update(dict.fromkeys(ETHER, 10**30))
    for _ in range(3):
        made.mine()
    return made


def as_mainnet(spoil: Spoiler) -> Spoiler:
    def told(path: str, answer: Any) -> Any:
        if path.endswith("/beacon/genesis"):
            return {"data": GENESIS}
        if path.endswith("/config/spec"):
            return {"data": {**answer["data"], "DEPOSIT_CHAIN_ID": "1"}}
        return spoil(path, answer)

    return told


def honest(_path: str, answer: Any) -> Any:
    return answer


def validators_told_as(change: Callable[[Entry], object]) -> Spoiler:
    """What a node says of its validators, each of them changed."""

    def told(path: str, answer: Any) -> Any:
        if path.endswith("/validators"):
            for each in answer["data"]:
                change(each)
        return answer

    return told


def write_claim(folder: Path, *, owed: str, declared: tuple[bytes, ...] = (ALICE, BOB), more: str = "") -> Claim:
    signature, message = sign.okx_evm().signatures[0], json.dumps(sign.MESSAGE)
    proofs = {ALICE: f", ownership: {{message: {message}, signatures: ['{signature}']}}"}
    validators = ", ".join(f'"{sign.hexed(key)}"' for key in (*STAKE, WITHDRAWN))
    lines = [
        "version: 1",
        "exchange: Staking Ltd",
        "as_of: 2026-01-01T00:00:00Z",
        f"challenge: {message}",
        f"snapshots: {{'{BEACON}': {SLOT}, '{ETHEREUM}': {HEIGHT}}}",
        "assets:",
        f'  STAKED: {{id: "{BEACON}/slip44:60", backs: ETH, decimals: 9}}',
        f'  ETH: {{id: "{ETHEREUM}/slip44:60", backs: ETH, decimals: 18}}',
        f'liabilities: {{ETH: "{owed}"}}',
        "holdings:",
        f"  - {{asset: STAKED, accounts: [{validators}]}}",
        *(f'  - {{asset: ETH, account: "{sign.hexed(each)}"{proofs.get(each, "")}}}' for each in declared),
    ]
    path = folder / "claim.yaml"
    path.write_text("\n".join(lines) + "\n" + more)
    return load_claim(path)


def scanned(claim: Claim, *spoilers: Spoiler, policy: Policy = Policy()) -> Scan:  # noqa: B008
    """The claim's scan over two nodes of the EVM chain and one of the beacon chain for each of `spoilers`."""
    evm, beacon = evm_chain(), beacon_chain()

    async def run() -> Scan:
        async with AsyncExitStack() as stack:
            settings = []
            for number in range(2):
                server = await stack.enter_async_context(SimServer(evm.answer))
                settings.append(NodeSettings("evm", server.url, f"o{number}", ETHEREUM))
            for number, spoil in enumerate(spoilers):
                node = await stack.enter_async_context(SimBeacon(beacon))
                node.finalized_epoch = 4
                node.spoil = as_mainnet(spoil)
                settings.append(NodeSettings("beacon", node.url, f"o{number}", BEACON))
            # The simulated layers have times of their own, decades apart at the most.
            apart = replace(policy, max_skew=timedelta(days=11_000))
            return await scan(claim, Instrument(apart, tuple(settings), prove=0))

    return asyncio.run(run())


@dataclass(frozen=True)
class Told:
    """A scan, looked at by account."""

    scan: Scan

    @property
    def controls(self) -> dict[bytes, Control]:
        return {row.account: row.control for row in self.scan.rows}

    @property
    def atoms(self) -> dict[bytes, int]:
        return {row.account: row.outcome.atoms for row in self.scan.rows if isinstance(row.outcome, Balance)}

    @property
    def gaps(self) -> dict[bytes, Why]:
        return {row.account: row.outcome.why for row in self.scan.rows if isinstance(row.outcome, Gap)}

    @property
    def reserve(self) -> Reserve:
        (reserve,) = self.scan.finding.reserves
        return reserve


def verified(claim: Claim, found: Scan, finding: Finding | None = None, *rows: EvidenceRow) -> Verified:
    written = attestation_of(
        finding or found.finding,
        rows or found.rows,
        found.operators,
        found.witness,
        [EXCHANGE],
        scanned_at=datetime(2026, 1, 2, tzinfo=UTC),
        scanner="1.0.0",
    )
    return verify(written.document, claim, [EXCHANGE.public], io.BytesIO(written.evidence))


OWED = "2148.999999999"


def test_stake_counts_in_ether_beside_the_accounts_each_at_the_claims_block(tmp_path: Path) -> None:
    told = Told(scanned(write_claim(tmp_path, owed=OWED), honest, honest))
    assert told.gaps == {}
    assert told.atoms == {**STAKE, WITHDRAWN: 0, **ETHER}
    assert told.reserve.held == HELD
    assert told.reserve.verdict is Verdict.COVERED
    assert {place: each.height for place, each in told.scan.finding.snapshots.items()} == {
        (BEACON, SLOT): SLOT,
        (ETHEREUM, HEIGHT): HEIGHT,
    }


def test_a_stake_is_controlled_as_the_account_is_that_it_pays_out_to(tmp_path: Path) -> None:
    told = Told(scanned(write_claim(tmp_path, owed=OWED), honest, honest))
    assert told.controls == {
        TO_ALICE: Control.SHOWN,
        WITHDRAWN: Control.SHOWN,
        TO_BOB: Control.ABSENT,
        TO_STRANGER: Control.UNSHOWN,
        TO_NOBODY: Control.UNVERIFIABLE,
        ALICE: Control.SHOWN,
        BOB: Control.ABSENT,
    }
    shown = Fraction(STAKE[TO_ALICE], 10**9) + Fraction(ETHER[ALICE], 10**18)
    assert told.reserve.by_control[Control.SHOWN] == shown
    owners = {row.account: row.owners for row in told.scan.rows}
    assert owners[TO_STRANGER] == ContractOwners(owner=STRANGER)
    assert owners[TO_NOBODY] is None


def test_a_payee_that_the_claim_no_longer_declares_leaves_the_stake_unshown(tmp_path: Path) -> None:
    told = Told(scanned(write_claim(tmp_path, owed=OWED, declared=(BOB,)), honest, honest))
    assert told.controls[TO_ALICE] is Control.UNSHOWN


def test_under_a_policy_that_requires_control_only_what_is_shown_counts(tmp_path: Path) -> None:
    claim = write_claim(tmp_path, owed=OWED)
    told = Told(scanned(claim, honest, honest, policy=Policy(require_ownership=Control.SHOWN)))
    assert told.reserve.held == Fraction(STAKE[TO_ALICE], 10**9) + Fraction(ETHER[ALICE], 10**18)
    assert told.scan.finding.gap_counts == {Why.NO_CONTROL: 4}
    assert told.reserve.verdict is Verdict.UNKNOWN
    assert verified(claim, told.scan).finding == told.scan.finding


def test_without_a_beacon_node_stake_is_a_gap_and_never_a_zero(tmp_path: Path) -> None:
    claim = write_claim(tmp_path, owed=OWED)
    told = Told(scanned(claim))
    assert told.gaps == dict.fromkeys((*STAKE, WITHDRAWN), Why.UNSUPPORTED)
    assert {told.controls[key] for key in STAKE} == {Control.UNVERIFIABLE}
    assert told.reserve.held == Fraction(sum(ETHER.values()), 10**18)
    assert told.reserve.verdict is Verdict.UNKNOWN
    assert verified(claim, told.scan).finding == told.scan.finding


def test_one_beacon_node_is_no_quorum_of_two(tmp_path: Path) -> None:
    told = Told(scanned(write_claim(tmp_path, owed=OWED), honest))
    assert set(told.gaps) == {*STAKE, WITHDRAWN}
    assert {told.controls[key] for key in STAKE} == {Control.UNVERIFIABLE}


def test_nodes_that_disagree_on_a_balance_make_a_gap_of_it(tmp_path: Path) -> None:
    def one_more(each: Entry) -> None:
        if each["index"] == "1":
            each["balance"] = str(int(each["balance"]) + 1)

    told = Told(scanned(write_claim(tmp_path, owed=OWED), honest, validators_told_as(one_more)))
    assert set(told.gaps) == {TO_BOB}
    assert told.reserve.held == HELD - Fraction(STAKE[TO_BOB], 10**9)


def test_nodes_that_disagree_on_the_payee_leave_the_balance_and_show_nothing_of_control(tmp_path: Path) -> None:
    def to_bob(each: Entry) -> None:
        if each["index"] == "0":
            each["validator"]["withdrawal_credentials"] = sign.hexed(COMPOUNDING_FOR_BOB)

    told = Told(scanned(write_claim(tmp_path, owed=OWED), honest, validators_told_as(to_bob)))
    assert told.gaps == {}
    assert told.reserve.held == HELD
    assert told.controls[TO_ALICE] is Control.UNVERIFIABLE
    assert told.controls[WITHDRAWN] is Control.SHOWN


def test_a_validator_that_the_state_does_not_know_is_a_gap(tmp_path: Path) -> None:
    unknown = f'  - {{asset: STAKED, account: "{sign.hexed(UNKNOWN)}"}}\n'
    told = Told(scanned(write_claim(tmp_path, owed=OWED, more=unknown), honest, honest))
    assert told.gaps == {UNKNOWN: Why.NO_TOKEN}
    assert told.controls[UNKNOWN] is Control.UNVERIFIABLE
    assert told.reserve.held == HELD


def test_one_gwei_less_than_owed_is_short(tmp_path: Path) -> None:
    held = HELD + Fraction(1, 10**9)
    whole, rest = divmod(held * 10**18, 10**18)
    told = Told(scanned(write_claim(tmp_path, owed=f"{whole}.{int(rest):018}"), honest, honest))
    assert told.reserve.verdict is Verdict.SHORT


def test_what_was_found_of_stake_is_attested_and_verified(tmp_path: Path) -> None:
    claim = write_claim(tmp_path, owed=OWED)
    found = scanned(claim, honest, honest)
    assert verified(claim, found).finding == found.finding


@pytest.mark.parametrize("account", [TO_BOB, TO_STRANGER, TO_NOBODY])
def test_control_of_a_stake_that_is_only_stated_is_refused(tmp_path: Path, account: bytes) -> None:
    claim = write_claim(tmp_path, owed=OWED)
    found = scanned(claim, honest, honest)
    rows = [replace(row, control=Control.SHOWN) if row.account == account else row for row in found.rows]
    finding = weigh(claim, found.finding.snapshots, rows, Policy(), found.finding.proving)
    with pytest.raises(AttestationInvalid) as caught:
        verified(claim, found, finding, *rows)
    assert caught.value.step == 8
