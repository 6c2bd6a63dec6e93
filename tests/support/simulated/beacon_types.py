"""What a beacon block and a beacon state are in each fork since Capella, for states and blocks that a test builds.

Source: Ethereum consensus specs, `phase0/` to `fulu/beacon-chain.md`, with the mainnet preset.
"""

from __future__ import annotations

from functools import cache

from tests.support.simulated.ssz import BitList, ByteList, Bytes, List, Struct, Type, Uint, Vector

CAPELLA, DENEB, ELECTRA, FULU = 3, 4, 5, 6
U, ROOT, KEY, SIGNATURE, ADDRESS = Uint(), Bytes(32), Bytes(48), Bytes(96), Bytes(20)

HEADER = Struct(slot=U, proposer_index=U, parent_root=ROOT, state_root=ROOT, body_root=ROOT)
ETH1 = Struct(deposit_root=ROOT, deposit_count=U, block_hash=ROOT)
CHECKPOINT = Struct(epoch=U, root=ROOT)
SIGNED_HEADER = Struct(message=HEADER, signature=SIGNATURE)
DATA = Struct(slot=U, index=U, beacon_block_root=ROOT, source=CHECKPOINT, target=CHECKPOINT)
WITHDRAWAL = Struct(index=U, validator_index=U, address=ADDRESS, amount=U)
VALIDATOR = Struct(
    pubkey=KEY,
    withdrawal_credentials=ROOT,
    effective_balance=U,
    slashed=Uint(1),
    activation_eligibility_epoch=U,
    activation_epoch=U,
    exit_epoch=U,
    withdrawable_epoch=U,
)
COMMITTEE = Struct(pubkeys=Vector(KEY, 512), aggregate_pubkey=KEY)


def payload(fork: int, *, header: bool = False) -> Struct:
    lists: dict[str, Type] = {
        "transactions": List(ByteList(2**30), 2**20),
        "withdrawals": List(WITHDRAWAL, 16),
    }
    if header:
        lists = {"transactions_root": ROOT, "withdrawals_root": ROOT}
    blobs = {"blob_gas_used": U, "excess_blob_gas": U} if fork >= DENEB else {}
    return Struct(
        parent_hash=ROOT,
        fee_recipient=ADDRESS,
        state_root=ROOT,
        receipts_root=ROOT,
        logs_bloom=Bytes(256),
        prev_randao=ROOT,
        block_number=U,
        gas_limit=U,
        gas_used=U,
        timestamp=U,
        extra_data=ByteList(32),
        base_fee_per_gas=Uint(32),
        block_hash=ROOT,
        **lists,
        **blobs,
    )


@cache
def body(fork: int) -> Struct:
    electra = fork >= ELECTRA
    seats = 131_072 if electra else 2048
    indexed = Struct(attesting_indices=List(U, seats), data=DATA, signature=SIGNATURE)
    committees = {"committee_bits": Bytes(8)} if electra else {}
    attestation = Struct(aggregation_bits=BitList(seats), data=DATA, signature=SIGNATURE, **committees)
    deposit = Struct(pubkey=KEY, withdrawal_credentials=ROOT, amount=U, signature=SIGNATURE)
    leaving = Struct(message=Struct(epoch=U, validator_index=U), signature=SIGNATURE)
    change = Struct(validator_index=U, from_bls_pubkey=KEY, to_execution_address=ADDRESS)
    requests = Struct(
        deposits=List(Struct(pubkey=KEY, withdrawal_credentials=ROOT, amount=U, signature=SIGNATURE, index=U), 8192),
        withdrawals=List(Struct(source_address=ADDRESS, validator_pubkey=KEY, amount=U), 16),
        consolidations=List(Struct(source_address=ADDRESS, source_pubkey=KEY, target_pubkey=KEY), 2),
    )
    later: dict[str, Type] = {"blob_kzg_commitments": List(KEY, 4096)} if fork >= DENEB else {}
    return Struct(
        randao_reveal=SIGNATURE,
        eth1_data=ETH1,
        graffiti=ROOT,
        proposer_slashings=List(Struct(signed_header_1=SIGNED_HEADER, signed_header_2=SIGNED_HEADER), 16),
        attester_slashings=List(Struct(attestation_1=indexed, attestation_2=indexed), 1 if electra else 2),
        attestations=List(attestation, 8 if electra else 128),
        deposits=List(Struct(proof=Vector(ROOT, 33), data=deposit), 16),
        voluntary_exits=List(leaving, 16),
        sync_aggregate=Struct(sync_committee_bits=Bytes(64), sync_committee_signature=SIGNATURE),
        execution_payload=payload(fork),
        bls_to_execution_changes=List(Struct(message=change, signature=SIGNATURE), 16),
        **later,
        **({"execution_requests": requests} if electra else {}),
    )


@cache
def block(fork: int) -> Struct:
    """A signed one."""
    message = Struct(slot=U, proposer_index=U, parent_root=ROOT, state_root=ROOT, body=body(fork))
    return Struct(message=message, signature=SIGNATURE)


@cache
def state(fork: int) -> Struct:
    electra: dict[str, Type] = {
        "deposit_requests_start_index": U,
        "deposit_balance_to_consume": U,
        "exit_balance_to_consume": U,
        "earliest_exit_epoch": U,
        "consolidation_balance_to_consume": U,
        "earliest_consolidation_epoch": U,
        "pending_deposits": List(
            Struct(pubkey=KEY, withdrawal_credentials=ROOT, amount=U, signature=SIGNATURE, slot=U), 2**27
        ),
        "pending_partial_withdrawals": List(Struct(validator_index=U, amount=U, withdrawable_epoch=U), 2**27),
        "pending_consolidations": List(Struct(source_index=U, target_index=U), 2**18),
    }
    return Struct(
        genesis_time=U,
        genesis_validators_root=ROOT,
        slot=U,
        fork=Struct(previous_version=Bytes(4), current_version=Bytes(4), epoch=U),
        latest_block_header=HEADER,
        block_roots=Vector(ROOT, 8192),
        state_roots=Vector(ROOT, 8192),
        historical_roots=List(ROOT, 2**24),
        eth1_data=ETH1,
        eth1_data_votes=List(ETH1, 2048),
        eth1_deposit_index=U,
        validators=List(VALIDATOR, 2**40),
        balances=List(U, 2**40),
        randao_mixes=Vector(ROOT, 65_536),
        slashings=Vector(U, 8192),
        previous_epoch_participation=List(Uint(1), 2**40),
        current_epoch_participation=List(Uint(1), 2**40),
        justification_bits=Bytes(1),
        previous_justified_checkpoint=CHECKPOINT,
        current_justified_checkpoint=CHECKPOINT,
        finalized_checkpoint=CHECKPOINT,
        inactivity_scores=List(U, 2**40),
        current_sync_committee=COMMITTEE,
        next_sync_committee=COMMITTEE,
        latest_execution_payload_header=payload(fork, header=True),
        next_withdrawal_index=U,
        next_withdrawal_validator_index=U,
        historical_summaries=List(Struct(block_summary_root=ROOT, state_summary_root=ROOT), 2**24),
        **(electra if fork >= ELECTRA else {}),
        **({"proposer_lookahead": Vector(U, 64)} if fork >= FULU else {}),
    )
