"""Sync committees: 512 validators who sign each block's header for 27 hours, and name those who come after them.

A committee is sampled from all validators, and no one of it loses anything by signing another past: that 2/3 of one
signed is what is shown, and no more. Signatures are checked against the committee's own sum of keys less the keys of
those who did not sign, which are few: the sum is part of what the committee's root covers.

Not in here: which committee is to be believed (`finality`).

Sources: Ethereum consensus specs, `altair/light-client/sync-protocol.md`, `altair/beacon-chain.md` (SyncCommittee,
DOMAIN_SYNC_COMMITTEE), `phase0/beacon-chain.md` (compute_domain, compute_signing_root); configurations for forks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from scanner.chains.beacon.aggregate import signed_by_all_but
from scanner.chains.beacon.ssz import merkle_root, packed_root

MEMBERS: Final = 512
KEY: Final = 48  # bytes
COMMITTEE: Final = (MEMBERS + 1) * KEY  # bytes: the members' keys, and their sum
PERIOD: Final = 8192  # slots
SLOTS_PER_EPOCH: Final = 32

_DOMAIN: Final = b"\x07\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class Network:
    """What signatures of a network, and the shapes of its states, depend on."""

    genesis_time: int  # seconds since 1970
    genesis_root: bytes  # of the validators at the genesis
    forks: tuple[tuple[int, bytes], ...]  # the first epoch of each, ascending, and its version
    electra: int  # the first epoch in which states have 64 leaves

    def fork(self, epoch: int) -> int:
        """The number of the fork in this epoch: 3 is Capella, 4 Deneb, 5 Electra, 6 Fulu."""
        return max(number for number, (first, _) in enumerate(self.forks) if first <= epoch)

    def version(self, epoch: int) -> bytes:
        """The fork's version in this epoch."""
        return next(version for first, version in reversed(self.forks) if first <= epoch)


NETWORKS: Final[Mapping[str, Network]] = MappingProxyType(
    {
        "1": Network(
            1_606_824_023,
            bytes.fromhex("4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95"),
            tuple(
                (epoch, number.to_bytes(1) + bytes(3))
                for number, epoch in enumerate((0, 74_240, 144_896, 194_048, 269_568, 364_032, 411_392))
            ),
            electra=364_032,
        )
    }
)
"""By the chain id of the execution chain."""


class NotSigned(ValueError):
    """What a committee did not sign, or too few of it did."""


def committee_root(committee: bytes) -> bytes:
    """The root of a committee's keys and their sum, `COMMITTEE` bytes."""
    leaves = [packed_root(committee[start : start + KEY]) for start in range(0, COMMITTEE, KEY)]
    return sha256(merkle_root(leaves[:MEMBERS], MEMBERS) + leaves[MEMBERS]).digest()


@dataclass(frozen=True, slots=True)
class SyncAggregate:
    """What a committee signed with."""

    bits: bytes  # 64: a bit for each member, the lowest of a byte first
    signature: bytes  # 96
    slot: int  # of the block that carries it


def check_signed(network: Network, committee: bytes, root: bytes, said: SyncAggregate) -> int:
    """How many of the committee signed the header with this root. Raises NotSigned where fewer than two thirds did, or
    the signature is not theirs."""
    absent = [at for at in range(MEMBERS) if not said.bits[at // 8] >> at % 8 & 1]
    signers = MEMBERS - len(absent)
    if 3 * signers < 2 * MEMBERS:
        raise NotSigned(f"{signers} of {MEMBERS} signed, and two thirds are needed")
    version = network.version((max(said.slot, 1) - 1) // SLOTS_PER_EPOCH)
    fork_root = sha256(version.ljust(32, b"\0") + network.genesis_root).digest()
    message = sha256(root + _DOMAIN + fork_root[:28]).digest()
    keys = [committee[at * KEY : (at + 1) * KEY] for at in absent]
    if not signed_by_all_but(committee[MEMBERS * KEY :], keys, message, said.signature):
        raise NotSigned(
            f"the signature is not that of the {signers} members of the committee that are said to have signed"
        )
    return signers
