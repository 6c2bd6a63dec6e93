"""Groth16 over BN254 as gnark writes and checks it, with at most one commitment ("bsb22") in a proof.

What a proof shows: that its maker knew the circuit's secret inputs, for these public ones, **or** kept the randomness
of the key's making. Which circuit it is, only the verifying key says; so a key counts for nothing unless it is known.

Many proofs of one key are checked at once, by a random combination whose factors follow from all that is checked.

Source: consensys/gnark, backend/groth16/bn254 (0.7 without commitments, 0.8 and later with them).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scanner.proofs.liabilities.bn254 import G1, G2, INFINITY, ORDER, PointReader, arithmetic, negative
from scanner.proofs.liabilities.interface import NotUnderstood, Refuted

MOST_KEY_BYTES: Final = 1 << 16
MOST_PUBLIC: Final = 64
MOST_COMMITMENTS: Final = 16
_LEAST_G1: Final = 32  # bytes of a point, compressed
_COMMITMENT_TAG: Final = b"bsb22-commitment"
_FACTOR_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A verifying key."""

    digest: bytes  # SHA-256 of the file
    alpha: G1
    beta: G2
    gamma: G2
    delta: G2
    public: tuple[G1, ...]  # one more than there are public inputs, the commitment's among them
    committed: tuple[int, ...] | None  # the public inputs that the commitment is over, from 1; None without one
    commitment: tuple[G2, G2] | None  # G and G to the negative secret

    @property
    def inputs(self) -> int:
        """How many public inputs a proof has to be given."""
        return len(self.public) - 1 - (self.committed is not None)


@dataclass(frozen=True, slots=True)
class Groth16Proof:
    """One proof."""

    a: G1
    b: G2
    c: G1
    commitments: tuple[G1, ...]
    knowledge: G1  # of the commitment's opening


def read_key(data: bytes, where: str) -> VerifyingKey:
    """A verifying key's file. Raises Refuted, NotUnderstood for more than one commitment, and TooLarge."""
    reader = PointReader(data, where)
    alpha, _, beta, gamma, _, delta = (
        reader.g1(),
        reader.g1(),
        reader.g2(),
        reader.g2(),
        reader.g1(),
        reader.g2(),
    )
    public = tuple(reader.g1() for _ in range(reader.count(MOST_PUBLIC + 1, _LEAST_G1)))
    committed: tuple[int, ...] | None = None
    keys: list[tuple[G2, G2]] = []
    if reader.left:  # gnark 0.7 ends here
        lists = [
            tuple(reader.number() for _ in range(reader.count(MOST_PUBLIC, 8)))
            for _ in range(reader.count(MOST_COMMITMENTS, 4))
        ]
        keys = [(reader.g2(), reader.g2()) for _ in range(reader.count(MOST_COMMITMENTS, 4 * _LEAST_G1))]
        if len(lists) != len(keys) or len(keys) > 1:
            raise NotUnderstood(f"{where}: a key with {len(keys)} commitments over {len(lists)} lists")
        committed = lists[0] if lists else None
    reader.end()
    key = VerifyingKey(
        hashlib.sha256(data).digest(), alpha, beta, gamma, delta, public, committed, keys[0] if keys else None
    )
    if key.inputs < 0 or not all(1 <= each <= key.inputs for each in committed or ()):
        raise Refuted(f"{where}: its public inputs do not fit")
    return key


def read_proof(data: bytes, where: str) -> Groth16Proof:
    """A proof, raw or compressed. Raises Refuted, and TooLarge."""
    reader = PointReader(data, where)
    a, b, c = reader.g1(), reader.g2(), reader.g1()
    commitments: tuple[G1, ...] = ()
    knowledge = INFINITY
    if reader.left:
        commitments = tuple(reader.g1() for _ in range(reader.count(MOST_COMMITMENTS, _LEAST_G1)))
        knowledge = reader.g1()
    reader.end()
    if INFINITY in (a, c):
        raise Refuted(f"{where}: a point at infinity")
    return Groth16Proof(a, b, c, commitments, knowledge)


def all_hold(key: VerifyingKey, proofs: Sequence[tuple[Groth16Proof, tuple[int, ...]]]) -> bool:
    """Whether every one of the proofs holds for its public inputs. Raises ValueError for none at all.

    To have one pass that does not hold, about 2**128 sets of proofs would have to be tried.
    """
    if not proofs:
        raise ValueError("no proof is given")
    if any(not _fits(key, proof, inputs) for proof, inputs in proofs):
        return False
    library = arithmetic()
    factors = _factors(key, proofs)
    left: list[tuple[G1, G2]] = []
    weights = [0] * len(key.public)
    alone: list[tuple[int, G1]] = []  # commitments are added to the public inputs' sum as they are
    c_terms: list[tuple[int, G1]] = []
    opened: list[tuple[int, G1]] = []
    known: list[tuple[int, G1]] = []
    for proof, inputs in proofs:
        factor, second = next(factors), next(factors)
        left.append((library.combine([(factor, negative(proof.a))]), proof.b))
        c_terms.append((factor, proof.c))
        for place, value in enumerate((1, *inputs, *_committed(key, proof, inputs))):
            weights[place] = (weights[place] + factor * value) % ORDER
        alone += ((factor, each) for each in proof.commitments)
        opened += ((second, each) for each in proof.commitments)
        known.append((second, proof.knowledge))
    public = library.combine([*zip(weights, key.public, strict=True), *alone])
    pairs = [
        *left,
        (library.combine([(weights[0], key.alpha)]), key.beta),
        (public, key.gamma),
        (library.combine(c_terms), key.delta),
    ]
    if key.commitment is not None:
        pairs += [(library.combine(opened), key.commitment[1]), (library.combine(known), key.commitment[0])]
    return library.pairs_to_one(pairs)


def _fits(key: VerifyingKey, proof: Groth16Proof, inputs: tuple[int, ...]) -> bool:
    commitments = 0 if key.committed is None else 1
    return (
        len(inputs) == key.inputs
        and all(0 <= value < ORDER for value in inputs)
        and len(proof.commitments) == commitments
        and (commitments == 1 or proof.knowledge == INFINITY)
    )


def _committed(key: VerifyingKey, proof: Groth16Proof, inputs: tuple[int, ...]) -> list[int]:
    """The further public inputs that follow from commitments."""
    return [
        _hash_to_field(_raw(point) + b"".join(inputs[place - 1].to_bytes(32) for place in key.committed or ()))
        for point in proof.commitments
    ]


def _factors(key: VerifyingKey, proofs: Sequence[tuple[Groth16Proof, tuple[int, ...]]]) -> Iterator[int]:
    seen = hashlib.sha256(key.digest)
    for proof, inputs in proofs:
        for point in (proof.a, proof.c, *proof.commitments, proof.knowledge, *proof.b):
            seen.update(_raw(point))
        for value in inputs:
            seen.update(value.to_bytes(32))
    seed = seen.digest()
    for index in range(2 * len(proofs)):
        yield int.from_bytes(hashlib.sha256(seed + index.to_bytes(8)).digest()[:_FACTOR_BYTES])


def _raw(point: G1) -> bytes:
    return point[0].to_bytes(32) + point[1].to_bytes(32)


def _hash_to_field(message: bytes) -> int:
    """One element (RFC 9380, 5.2 and 5.3.1, with SHA-256): 48 bytes, reduced."""
    tag = _COMMITMENT_TAG + bytes([len(_COMMITMENT_TAG)])
    first = hashlib.sha256(bytes(64) + message + (48).to_bytes(2) + b"\0" + tag).digest()
    blocks = [hashlib.sha256(first + b"\1" + tag).digest()]
    mixed = bytes(a ^ b for a, b in zip(first, blocks[0], strict=True))
    blocks.append(hashlib.sha256(mixed + b"\2" + tag).digest())
    return int.from_bytes(b"".join(blocks)[:48]) % ORDER
