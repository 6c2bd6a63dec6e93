"""A consensus layer that signs: committees, headers and states that are no real ones, with real signatures over them.

Knows nothing of what checks them: roots are hashed here. A committee's members share two keys, so that 512 of them cost
no more than two.

Source: Ethereum consensus specs, `altair/light-client/sync-protocol.md`, `ssz/simple-serialize.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

from py_ecc.bls.ciphersuites import G2ProofOfPossession
from py_ecc.optimized_bls12_381.optimized_curve import curve_order

PERIOD = 8192
GENESIS_ROOT = bytes.fromhex("4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95")
FORKS = ((0, 0), (74_240, 1), (144_896, 2), (194_048, 3), (269_568, 4), (364_032, 5), (411_392, 6))
CAPELLA, DENEB, ELECTRA = 194_048, 269_568, 364_032


def digest(left: bytes, right: bytes) -> bytes:
    return sha256(left + right).digest()


def number(value: int) -> bytes:
    return value.to_bytes(32, "little")


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"


def merkle(leaves: list[bytes], width: int) -> bytes:
    """The root over so many leaves, those that are missing being zeros."""
    layer = leaves + [bytes(32)] * (width - len(leaves))
    while len(layer) > 1:
        layer = [digest(layer[at], layer[at + 1]) for at in range(0, len(layer), 2)]
    return layer[0]


class Tree:
    """A Merkle tree of which some nodes are known, by generalized index; all else in it is zeros, inner nodes too."""

    def __init__(self, leaves: Mapping[int, bytes]) -> None:
        self._nodes = dict(leaves)
        for index in sorted(leaves, reverse=True):
            at = index
            while at > 1:
                at //= 2
                self._nodes[at] = digest(self._node(2 * at), self._node(2 * at + 1))

    def _node(self, index: int) -> bytes:
        return self._nodes.get(index, bytes(32))

    @property
    def root(self) -> bytes:
        return self._nodes[1]

    def branch(self, index: int) -> list[bytes]:
        found = []
        while index > 1:
            found.append(self._node(index ^ 1))
            index //= 2
        return found


@cache
def public(secret: int) -> bytes:
    return bytes(G2ProofOfPossession.SkToPk(secret))


@dataclass(frozen=True)
class Committee:
    """That of a period."""

    period: int

    @property
    def secrets(self) -> list[int]:
        return [self.period + 2 + at % 2 for at in range(512)]

    @cached_property
    def json(self) -> dict[str, Any]:
        total = sum(self.secrets) % curve_order
        return {
            "pubkeys": [hexed(public(secret)) for secret in self.secrets],
            "aggregate_pubkey": hexed(public(total)),
        }

    @cached_property
    def root(self) -> bytes:
        keys = [
            bytes.fromhex(key[2:]).ljust(64, b"\0") for key in (*self.json["pubkeys"], self.json["aggregate_pubkey"])
        ]
        leaves = [sha256(key).digest() for key in keys]
        layer = leaves[:512]
        while len(layer) > 1:
            layer = [digest(layer[at], layer[at + 1]) for at in range(0, len(layer), 2)]
        return digest(layer[0], leaves[512])

    def sign(self, root: bytes, slot: int, absent: int = 0) -> dict[str, str]:
        """Over a header, in the block of `slot`; the first so many members do not."""
        signers = self.secrets[absent:]
        bits = sum(1 << at for at in range(absent, 512)).to_bytes(64, "little")
        version = next(number for first, number in reversed(FORKS) if first <= (slot - 1) // 32)
        fork = digest((version.to_bytes(1) + bytes(3)).ljust(32, b"\0"), GENESIS_ROOT)
        message = digest(root, b"\x07\x00\x00\x00" + fork[:28])
        signature = G2ProofOfPossession.Sign(sum(signers) % curve_order, message)
        return {"sync_committee_bits": hexed(bits), "sync_committee_signature": hexed(bytes(signature))}


@dataclass(frozen=True)
class Beacon:
    """A block of the consensus layer, with an execution block in it, and a state that names what it has to."""

    slot: int
    execution_hash: bytes = b"\xee" * 32
    finalized: Beacon | None = None

    @property
    def epoch(self) -> int:
        return self.slot // 32

    @property
    def period(self) -> int:
        return self.slot // PERIOD

    @property
    def places(self) -> tuple[int, int, int]:
        """Of the committee, the next one, and the finalized root, in the state."""
        return (86, 87, 169) if self.epoch >= ELECTRA else (54, 55, 105)

    @cached_property
    def state(self) -> Tree:
        here, following, final = self.places
        root = bytes(32) if self.finalized is None else self.finalized.root
        committees = (Committee(self.period).root, Committee(self.period + 1).root)
        return Tree({here: committees[0], following: committees[1], final: root})

    @property
    def payload(self) -> dict[str, Any]:
        """As the Beacon API has it."""
        found = {
            "parent_hash": hexed(b"\x01" * 32),
            "fee_recipient": hexed(b"\x02" * 20),
            "state_root": hexed(b"\x03" * 32),
            "receipts_root": hexed(b"\x04" * 32),
            "logs_bloom": hexed(bytes(range(256))),
            "prev_randao": hexed(b"\x05" * 32),
            "block_number": "7",
            "gas_limit": "30000000",
            "gas_used": "21000",
            "timestamp": "1700000000",
            "extra_data": hexed(b"extra"),
            "base_fee_per_gas": str(10**20),
            "block_hash": hexed(self.execution_hash),
            "transactions_root": hexed(b"\x06" * 32),
            "withdrawals_root": hexed(b"\x07" * 32),
        }
        return found | ({"blob_gas_used": "131072", "excess_blob_gas": "0"} if self.epoch >= DENEB else {})

    @cached_property
    def payload_root(self) -> bytes:
        return merkle([_leaf(*field) for field in self.payload.items()], 32 if self.epoch >= DENEB else 16)

    @cached_property
    def body(self) -> Tree:
        return Tree({25: self.payload_root, 20: b"\x11" * 32})

    @property
    def message(self) -> dict[str, str]:
        return {
            "slot": str(self.slot),
            "proposer_index": str(self.slot % 7),
            "parent_root": hexed(b"\x08" * 32),
            "state_root": hexed(self.state.root),
            "body_root": hexed(self.body.root),
        }

    @cached_property
    def root(self) -> bytes:
        leaves = [number(self.slot), number(self.slot % 7), b"\x08" * 32, self.state.root, self.body.root]
        return merkle(leaves, 8)

    @property
    def header(self) -> dict[str, Any]:
        """A LightClientHeader."""
        branch = [hexed(each) for each in self.body.branch(25)]
        return {"beacon": self.message, "execution": self.payload, "execution_branch": branch}

    def _branch(self, index: int) -> list[str]:
        return [hexed(each) for each in self.state.branch(index)]

    @property
    def bootstrap(self) -> dict[str, Any]:
        return {
            "header": self.header,
            "current_sync_committee": Committee(self.period).json,
            "current_sync_committee_branch": self._branch(self.places[0]),
        }

    def finality_update(self, *, absent: int = 0, signed_at: int | None = None) -> dict[str, Any]:
        """Of this header, signed by the committee of the slot after it, or of another slot."""
        assert self.finalized is not None
        slot = self.slot + 1 if signed_at is None else signed_at
        return {
            "attested_header": self.header,
            "finalized_header": self.finalized.header,
            "finality_branch": self._branch(self.places[2]),
            "sync_aggregate": Committee(slot // PERIOD).sign(self.root, slot, absent),
            "signature_slot": str(slot),
        }

    def update(self, *, absent: int = 0) -> dict[str, Any]:
        """The same with the next committee."""
        return self.finality_update(absent=absent) | {
            "next_sync_committee": Committee(self.period + 1).json,
            "next_sync_committee_branch": self._branch(self.places[1]),
        }


def _leaf(name: str, value: str) -> bytes:
    if not value.startswith("0x"):
        return number(int(value))
    data = bytes.fromhex(value[2:])
    if name == "extra_data":
        return digest(data.ljust(32, b"\0"), number(len(data)))
    if name == "logs_bloom":
        return merkle([data[32 * at : 32 * at + 32] for at in range(8)], 8)
    return data.ljust(32, b"\0")
