"""Beacon states as SSZ writes them, in each fork since Capella.

Sources: Ethereum consensus specs, `capella/`, `electra/` and `fulu/beacon-chain.md` (BeaconState and what it contains,
and the mainnet preset's limits); Deneb's differs from Capella's in the payload's header alone.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from scanner.chains.beacon.bodies import (
    CHECKPOINT,
    ELECTRA,
    ETH1_DATA,
    FULU,
    HEADER,
    KEY,
    NUMBER,
    ROOT,
    SIGNATURE,
    payload_header,
)
from scanner.chains.beacon.ssz_types import Container, ListOf, Packed, Plain, SszType, VectorOf, container

MOST_VALIDATORS: Final = 2**40

VALIDATOR: Final = container(
    pubkey=KEY,
    withdrawal_credentials=ROOT,
    effective_balance=NUMBER,
    slashed=Plain(1),
    activation_eligibility_epoch=NUMBER,
    activation_epoch=NUMBER,
    exit_epoch=NUMBER,
    withdrawable_epoch=NUMBER,
)


@cache
def state(fork: int) -> Container:
    """The state in this fork. Raises ValueError for one that is not known here."""
    roots, flags = Plain(8192 * 32), Packed(1, MOST_VALIDATORS)
    committee = container(pubkeys=VectorOf(KEY, 512), aggregate_pubkey=KEY)
    fields: dict[str, SszType] = {
        "genesis_time": NUMBER,
        "genesis_validators_root": ROOT,
        "slot": NUMBER,
        "fork": container(previous_version=Plain(4), current_version=Plain(4), epoch=NUMBER),
        "latest_block_header": HEADER,
        "block_roots": roots,
        "state_roots": roots,
        "historical_roots": Packed(32, 2**24),
        "eth1_data": ETH1_DATA,
        "eth1_data_votes": ListOf(ETH1_DATA, 2048),
        "eth1_deposit_index": NUMBER,
        "validators": ListOf(VALIDATOR, MOST_VALIDATORS),
        "balances": Packed(8, MOST_VALIDATORS),
        "randao_mixes": Plain(65_536 * 32),
        "slashings": Plain(8192 * 8),
        "previous_epoch_participation": flags,
        "current_epoch_participation": flags,
        "justification_bits": Plain(1),
        "previous_justified_checkpoint": CHECKPOINT,
        "current_justified_checkpoint": CHECKPOINT,
        "finalized_checkpoint": CHECKPOINT,
        "inactivity_scores": Packed(8, MOST_VALIDATORS),
        "current_sync_committee": committee,
        "next_sync_committee": committee,
        "latest_execution_payload_header": payload_header(fork),
        "next_withdrawal_index": NUMBER,
        "next_withdrawal_validator_index": NUMBER,
        "historical_summaries": ListOf(container(block_summary_root=ROOT, state_summary_root=ROOT), 2**24),
    }
    if fork >= ELECTRA:
        deposit = container(pubkey=KEY, withdrawal_credentials=ROOT, amount=NUMBER, signature=SIGNATURE, slot=NUMBER)
        withdrawal = container(validator_index=NUMBER, amount=NUMBER, withdrawable_epoch=NUMBER)
        fields |= {
            "deposit_requests_start_index": NUMBER,
            "deposit_balance_to_consume": NUMBER,
            "exit_balance_to_consume": NUMBER,
            "earliest_exit_epoch": NUMBER,
            "consolidation_balance_to_consume": NUMBER,
            "earliest_consolidation_epoch": NUMBER,
            "pending_deposits": ListOf(deposit, 2**27),
            "pending_partial_withdrawals": ListOf(withdrawal, 2**27),
            "pending_consolidations": ListOf(container(source_index=NUMBER, target_index=NUMBER), 2**18),
        }
    if fork >= FULU:
        fields["proposer_lookahead"] = Plain(64 * 8)
    return container(**fields)
