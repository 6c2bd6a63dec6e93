"""Beacon blocks as SSZ writes them, in each fork since Capella; and where the hash of their execution block stands.

Not in here: what of a block's contents is valid; a block is named by its root, and so is all that stands in it.

Sources: Ethereum consensus specs, `phase0/`, `altair/`, `capella/`, `deneb/` and `electra/beacon-chain.md`
(BeaconBlockBody, ExecutionPayload and what they contain, and the mainnet preset's limits); Fulu has Electra's.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from scanner.chains.beacon.header import BeaconHeader
from scanner.chains.beacon.ssz_types import OFFSET, Bits, Container, ListOf, Packed, Plain, SszType, VectorOf, container

CAPELLA, DENEB, ELECTRA, FULU = 3, 4, 5, 6
"""Forks by number, as their versions begin."""

NUMBER, ROOT, KEY, SIGNATURE, ADDRESS = Plain(8), Plain(32), Plain(48), Plain(96), Plain(20)

HEADER: Final = container(slot=NUMBER, proposer_index=NUMBER, parent_root=ROOT, state_root=ROOT, body_root=ROOT)
ETH1_DATA: Final = container(deposit_root=ROOT, deposit_count=NUMBER, block_hash=ROOT)
CHECKPOINT: Final = container(epoch=NUMBER, root=ROOT)

_BLOCK_FIXED: Final = 8 + 8 + 32 + 32 + OFFSET  # slot, proposer, parent's root, state's root, where the body begins
_SIGNED: Final = OFFSET + 96  # where the block begins, signature


@cache
def body(fork: int) -> Container:
    """A block's body in this fork. Raises ValueError for one that is not known here."""
    _require_known(fork)
    electra = fork >= ELECTRA
    attested = _ATTESTERS if electra else 2048
    data = container(slot=NUMBER, index=NUMBER, beacon_block_root=ROOT, source=CHECKPOINT, target=CHECKPOINT)
    signed_header = container(message=HEADER, signature=SIGNATURE)
    indexed = container(attesting_indices=Packed(8, attested), data=data, signature=SIGNATURE)
    attestation: dict[str, SszType] = {"aggregation_bits": Bits(attested), "data": data, "signature": SIGNATURE}
    if electra:
        attestation["committee_bits"] = NUMBER
    deposit = container(pubkey=KEY, withdrawal_credentials=ROOT, amount=NUMBER, signature=SIGNATURE)
    exit_ = container(message=container(epoch=NUMBER, validator_index=NUMBER), signature=SIGNATURE)
    change = container(validator_index=NUMBER, from_bls_pubkey=KEY, to_execution_address=ADDRESS)
    fields: dict[str, SszType] = {
        "randao_reveal": SIGNATURE,
        "eth1_data": ETH1_DATA,
        "graffiti": ROOT,
        "proposer_slashings": ListOf(container(first=signed_header, second=signed_header), 16),
        "attester_slashings": ListOf(container(first=indexed, second=indexed), 1 if electra else 2),
        "attestations": ListOf(container(**attestation), 8 if electra else 128),
        "deposits": ListOf(container(proof=VectorOf(ROOT, 33), data=deposit), 16),
        "voluntary_exits": ListOf(exit_, 16),
        "sync_aggregate": container(sync_committee_bits=Plain(64), sync_committee_signature=SIGNATURE),
        "execution_payload": payload(fork),
        "bls_to_execution_changes": ListOf(container(message=change, signature=SIGNATURE), 16),
    }
    if fork >= DENEB:
        fields["blob_kzg_commitments"] = ListOf(KEY, 4096)
    if electra:
        fields["execution_requests"] = container(
            deposits=ListOf(_DEPOSIT_REQUEST, 8192),
            withdrawals=ListOf(container(source_address=ADDRESS, validator_pubkey=KEY, amount=NUMBER), 16),
            consolidations=ListOf(container(source_address=ADDRESS, source_pubkey=KEY, target_pubkey=KEY), 2),
        )
    return container(**fields)


@cache
def payload(fork: int) -> Container:
    """An execution block in the body."""
    withdrawal = container(index=NUMBER, validator_index=NUMBER, address=ADDRESS, amount=NUMBER)
    lists: dict[str, SszType] = {
        "transactions": ListOf(Packed(1, 2**30), 2**20),
        "withdrawals": ListOf(withdrawal, 16),
    }
    return container(**_payload_fields(fork, lists))


@cache
def payload_header(fork: int) -> Container:
    """An execution block in a state: roots in the place of its lists. Raises ValueError for a fork that is not known
    here."""
    _require_known(fork)
    return container(**_payload_fields(fork, {"transactions_root": ROOT, "withdrawals_root": ROOT}))


def block_hash_branch(block: bytes, fork: int) -> tuple[BeaconHeader, bytes, list[bytes]]:
    """Of a signed beacon block: its header, the hash of its execution block, and that one's branch to the block's root,
    the lowest sibling first. Raises ValueError for bytes that are no block of this fork."""
    if len(block) < _SIGNED + _BLOCK_FIXED or int.from_bytes(block[:OFFSET], "little") != _SIGNED:
        raise ValueError("that is no signed beacon block")
    message = block[_SIGNED:]
    if int.from_bytes(message[_BLOCK_FIXED - OFFSET : _BLOCK_FIXED], "little") != _BLOCK_FIXED:
        raise ValueError("the body does not begin behind the block's fields")
    whole, inner = body(fork), payload(fork)
    parts = whole.parts(message[_BLOCK_FIXED:])
    within = parts[whole.place("execution_payload")]
    roots = [kind.root(part) for part, (_, kind) in zip(parts, whole.fields, strict=True)]
    header = BeaconHeader(
        int.from_bytes(message[:8], "little"),
        int.from_bytes(message[8:16], "little"),
        message[16:48],
        message[48:80],
        whole.root_of(roots),
    )
    fields = [message[:8], message[8:16], message[16:48], message[48:80]]
    roots_of_block = [
        kind.root(part) for part, (_, kind) in zip([*fields, header.body_root], HEADER.fields, strict=True)
    ]
    inside = inner.roots(within)
    branch = inner.branch(inside, "block_hash")
    branch += whole.branch(roots, "execution_payload") + HEADER.branch(roots_of_block, "body_root")
    return header, inside[inner.place("block_hash")], branch


def _require_known(fork: int) -> None:
    if not CAPELLA <= fork <= FULU:
        raise ValueError(f"the shapes of the fork number {fork} are not known here")


_ATTESTERS: Final = 2048 * 64
_DEPOSIT_REQUEST: Final = container(
    pubkey=KEY, withdrawal_credentials=ROOT, amount=NUMBER, signature=SIGNATURE, index=NUMBER
)


def _payload_fields(fork: int, lists: dict[str, SszType]) -> dict[str, SszType]:
    fields: dict[str, SszType] = {
        "parent_hash": ROOT,
        "fee_recipient": ADDRESS,
        "state_root": ROOT,
        "receipts_root": ROOT,
        "logs_bloom": Plain(256),
        "prev_randao": ROOT,
        "block_number": NUMBER,
        "gas_limit": NUMBER,
        "gas_used": NUMBER,
        "timestamp": NUMBER,
        "extra_data": Packed(1, 32),
        "base_fee_per_gas": ROOT,
        "block_hash": ROOT,
        **lists,
    }
    return fields | ({"blob_gas_used": NUMBER, "excess_blob_gas": NUMBER} if fork >= DENEB else {})
