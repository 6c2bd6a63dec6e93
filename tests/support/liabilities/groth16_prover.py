"""Verifying keys whose secrets were kept, and proofs made with them for whatever public input: what the assumption
`setup` is about. No circuit is needed, which is the point.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from py_ecc.optimized_bn128.optimized_curve import G2 as GENERATOR_2
from py_ecc.optimized_bn128.optimized_curve import multiply, normalize

from scanner.proofs.liabilities.bn254 import G1, G2, ORDER, PRIME, arithmetic
from scanner.proofs.liabilities.gnark_groth16 import _hash_to_field

GENERATOR: G1 = (1, 2)


def times(scalar: int) -> G1:
    """The first group's generator so many times."""
    return arithmetic().combine([(scalar, GENERATOR)])


@cache
def times_2(scalar: int) -> G2:
    """The second group's generator so many times."""
    x, y = normalize(multiply(GENERATOR_2, scalar % ORDER))
    return ((int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1])))


def raw_1(point: G1) -> bytes:
    """As gnark writes a point raw."""
    return b"".join(each.to_bytes(32) for each in point)


def raw_2(point: G2) -> bytes:
    """The same of the second group."""
    return b"".join(each.to_bytes(32) for pair in point for each in reversed(pair))


def compressed_1(point: G1) -> bytes:
    """As gnark writes a point compressed."""
    x, y = point
    return _flagged(x.to_bytes(32), larger=y > PRIME - y)


def compressed_2(point: G2) -> bytes:
    """The same of the second group."""
    (x0, x1), (y0, y1) = point
    larger = y1 > PRIME - y1 if y1 else y0 > PRIME - y0
    return _flagged(x1.to_bytes(32) + x0.to_bytes(32), larger=larger)


def _flagged(data: bytes, *, larger: bool) -> bytes:
    return bytes([data[0] | (0xC0 if larger else 0x80)]) + data[1:]


@dataclass(frozen=True)
class Secrets:
    """The secrets of a key's making, which an exchange says that it destroyed."""

    seed: bytes
    inputs: int = 1
    commitment: bool = True
    committed: tuple[int, ...] = ()
    old: bool = False  # as gnark 0.7, which knew no commitments, writes keys and proofs

    def secret(self, name: str) -> int:
        """One of them."""
        return int.from_bytes(hashlib.sha512(self.seed + name.encode()).digest()) % ORDER

    def _k(self, place: int) -> int:
        return self.secret(f"k{place}")

    def key(self) -> bytes:
        """The verifying key's file."""
        one, two = times, times_2
        alpha, beta, gamma, delta = (self.secret(name) for name in ("alpha", "beta", "gamma", "delta"))
        public = self.inputs + 1 + self.commitment
        parts = [
            *(raw_1(one(alpha)), raw_1(one(beta)), raw_2(two(beta)), raw_2(two(gamma)), raw_1(one(delta))),
            *(raw_2(two(delta)), public.to_bytes(4), *(raw_1(one(self._k(place))) for place in range(public))),
        ]
        if not self.old:
            parts.append(int(self.commitment).to_bytes(4))
            if self.commitment:
                parts += [len(self.committed).to_bytes(4), *(place.to_bytes(8) for place in self.committed)]
            parts.append(int(self.commitment).to_bytes(4))
            if self.commitment:
                parts += [raw_2(two(1)), raw_2(two(-self.secret("sigma")))]
        return b"".join(parts)

    def proof(self, *inputs: int, compressed: bool = False) -> bytes:
        """A proof for these public inputs, whatever they are."""
        write, write_2 = (compressed_1, compressed_2) if compressed else (raw_1, raw_2)
        name = f"{inputs}"
        a, d = (self.secret(each + name) for each in "ad")
        b = self.secret("b")  # one for all proofs, since this group is slow
        alpha, beta, gamma, delta = (self.secret(each) for each in ("alpha", "beta", "gamma", "delta"))
        values = [1, *inputs]
        if self.commitment:
            committed = b"".join(inputs[place - 1].to_bytes(32) for place in self.committed)
            values.append(_hash_to_field(raw_1(times(d)) + committed))
        public = sum(value * self._k(place) for place, value in enumerate(values)) + (d if self.commitment else 0)
        # The commitment stands by itself in the sum that is paired with gamma.
        c = (a * b - alpha * beta - public * gamma) * pow(delta, -1, ORDER)
        parts = [write(times(a)), write_2(times_2(b)), write(times(c))]
        if not self.old:
            parts.append(int(self.commitment).to_bytes(4))
            if self.commitment:
                parts += [write(times(d)), write(times(d * self.secret("sigma")))]
            else:
                parts.append(write((0, 0)) if not compressed else bytes([0x40]) + bytes(31))
        return b"".join(parts)
