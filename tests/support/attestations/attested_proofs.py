"""A true attestation whose ether and token balances are proven, for tests to spoil."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from scanner.chains.evm.slots import Order, StorageLayout
from scanner.core.evidence import Balance, Basis, Outcome, Snapshot
from scanner.proofs.witness import Witness
from scanner.weighing.policy import Policy
from scanner.weighing.proving import Proving
from tests.support.attestations.attested import (
    ALICE,
    BOB,
    CAROL,
    ETHEREUM,
    SNAPSHOTS,
    USDT,
    Attested,
    Seal,
    a_claim,
    agreed,
    attest,
)
from tests.support.simulated.built_state import BuiltState

LAYOUT = StorageLayout("Solidity mapping at slot 2", Order.SOLIDITY, (2).to_bytes(32))
TOKENS = {ALICE: 1_020_000_000_000, CAROL: 123_456}  # nothing is written down for Bob
COINS = {ALICE: 1, BOB: 7_730_000_000_000_000_000}
OTHERS = {bytes([number]) * 20: 10**18 + number for number in range(0x20, 0x60)}
STATE = BuiltState(
    ETHEREUM,
    COINS | OTHERS,
    {USDT.id.contract: {LAYOUT.key(holder): held for holder, held in (TOKENS | OTHERS).items()}},
)
PROVING = Proving({USDT.id: LAYOUT.name})


def proven(atoms: int, *operators: str, **dissent: int) -> Balance:
    return Balance(atoms, Basis.PROVEN, operators, tuple(sorted(dissent.items())))


def held_and_proven(**changes: Outcome) -> dict[Any, Outcome]:
    """What was established of each holding of `a_claim`: bitcoin by a quorum, the rest by proofs of several kinds."""
    holdings = a_claim().holdings
    outcomes: dict[str, Outcome] = {
        "btc": agreed(60_00000000),
        "btc_other": agreed(43_12345678),
        "usdt_alice": proven(TOKENS[ALICE], "alpha", "beta"),
        "usdt_bob": proven(0, "alpha"),
        "usdt_carol": proven(TOKENS[CAROL], "alpha", "beta", "gamma"),
        "eth_alice": proven(COINS[ALICE]),  # nobody answered, the proof did
        "eth_bob": proven(COINS[BOB], "beta", delta=3, gamma=10**30),
    }
    changed = (outcomes | changes).values()
    return {(each.asset, each.account): outcome for each, outcome in zip(holdings, changed, strict=True)}


def records(state: BuiltState = STATE) -> list[bytes]:
    """What the proofs of all holdings are made of: the header first."""
    nodes = [node for account in (ALICE, BOB, USDT.id.contract) for node in state.account_proof(account)]
    nodes += [
        node for holder in (ALICE, BOB, CAROL) for node in state.storage_proof(USDT.id.contract, LAYOUT.key(holder))
    ]
    return [state.header, *dict.fromkeys(nodes)]


def needed(outcomes: Mapping[Any, Outcome], state: BuiltState = STATE) -> Witness | None:
    """The witness of those of the outcomes that are called proven, and of no other; None where none is."""
    proven = [place for place, each in outcomes.items() if isinstance(each, Balance) and each.basis is Basis.PROVEN]
    nodes = [state.header] if proven else []
    for asset, account in proven:
        nodes += state.account_proof(account if asset.native else asset.contract)
        if not asset.native:
            nodes += state.storage_proof(asset.contract, LAYOUT.key(account))
    return Witness(nodes) if proven else None


def witness_of(names: Collection[str]) -> Witness | None:
    """What the proofs of these rows of `held_and_proven` are made of; None for none."""
    holders = {"alice": ALICE, "bob": BOB, "carol": CAROL}
    nodes = [STATE.header] if names else []
    for name in names:
        kind, _, holder = name.partition("_")
        nodes += STATE.account_proof(USDT.id.contract if kind == "usdt" else holders[holder])
        nodes += STATE.storage_proof(USDT.id.contract, LAYOUT.key(holders[holder])) if kind == "usdt" else []
    return Witness(nodes) if names else None


def attest_proven(
    outcomes: dict[Any, Outcome] | None = None,
    *,
    proving: Proving = PROVING,
    witness: Witness | None = None,
    snapshot: Snapshot | None = None,
    policy: Policy | None = None,
    signers: tuple[Any, ...] = (Seal(b"secret"),),
    **more: Any,
) -> Attested:
    outcomes = held_and_proven() if outcomes is None else outcomes
    more.setdefault("operators", dict.fromkeys(a_claim().chains, ("alpha", "beta", "delta", "gamma")))
    return attest(
        outcomes,
        snapshots=(SNAPSHOTS[0], snapshot or STATE.snapshot),
        proving=proving,
        witness=witness or needed(outcomes),
        policy=policy,
        signers=signers,
        **more,
    )
