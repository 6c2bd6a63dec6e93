"""Points of the curve BN254 (alt_bn128): decoded as gnark writes them, added up, and paired.

The arithmetic is a library's: the Ethereum virtual machine's own precompiled contracts (EIP-196, EIP-197) where
`pyrevm` is installed, a few milliseconds a pair; otherwise `py_ecc`, in pure Python, a third of a second a pair. Both
are in the extra `liabilities`, and neither is imported before a proof is checked.

Not in here: proofs (`gnark_groth16`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Final, Protocol

from scanner.proofs.liabilities.interface import NotUnderstood, Refuted, TooLarge

PRIME: Final = 21888242871839275222246405745257275088696311157297823662689037894645226208583
"""Of the field that coordinates lie in."""
ORDER: Final = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""How many points either group has."""

G1 = tuple[int, int]
"""(x, y) on y**2 = x**3 + 3; (0, 0) is the point at infinity."""
Fp2 = tuple[int, int]
"""(a, b) is a + b*i, with i**2 = -1."""
G2 = tuple[Fp2, Fp2]
"""(x, y) on the twist y**2 = x**3 + 3/(9+i)."""
INFINITY: Final[G1] = (0, 0)

_RAW, _INFINITE, _SMALLER, _LARGER = range(4)  # by a number's two highest bits
_HALF: Final = (PRIME + 1) // 2
_FOURTH_ROOT: Final = (PRIME - 3) // 4


class Arithmetic(Protocol):
    """What a library has to offer."""

    def combine(self, terms: Iterable[tuple[int, G1]]) -> G1:
        """The sum of points, each so many times. They are on the curve."""
        ...

    def pairs_to_one(self, pairs: Sequence[tuple[G1, G2]]) -> bool:
        """Whether the product of all pairings is one. Points are on their curves; points of the twist that are not in
        the group make it False."""
        ...


@cache
def arithmetic() -> Arithmetic:
    """The fastest that is installed and works. Raises NotUnderstood where there is none."""
    if find_spec("pyrevm"):
        with suppress(ImportError):
            from scanner.proofs.liabilities.bn254_revm import Precompiled

            return Precompiled()
    if find_spec("py_ecc"):
        from scanner.proofs.liabilities.bn254_py_ecc import PurePython

        return PurePython()
    raise NotUnderstood("checking these proofs needs a library: install reserve-scanner[liabilities]")


def negative(point: G1) -> G1:
    """The same point on the other side."""
    return (point[0], -point[1] % PRIME)


class PointReader:
    """Points and numbers from bytes, one after another, in gnark's encoding: raw or compressed, as each says itself.

    Everything is checked to be on its curve and in its one spelling. Raises Refuted.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self._data, self._at, self._where = data, 0, where

    def g1(self) -> G1:
        """A point of the first group: 32 bytes compressed, 64 raw."""
        kind, x = self._first(self._take(32))
        if kind == _INFINITE:
            if x:
                raise Refuted(f"{self._where}: a point at infinity that has coordinates")
            return INFINITY
        square = (pow(x, 3, PRIME) + 3) % PRIME
        if kind == _RAW:
            y = self._coordinate(self._take(32))
            if (x, y) == INFINITY:
                return INFINITY
        else:
            y = _signed(pow(square, (PRIME + 1) // 4, PRIME), larger=kind == _LARGER)
        if y * y % PRIME != square:
            raise Refuted(f"{self._where}: a point that is not on the curve")
        return (x, y)

    def g2(self) -> G2:
        """A point of the second group: 64 bytes compressed, 128 raw. Whether it is in the group, pairing shows."""
        kind, high = self._first(self._take(32))
        x = (self._coordinate(self._take(32)), high)
        if kind == _INFINITE:
            raise Refuted(f"{self._where}: a point at infinity in the second group")
        square = _sum(_product(_product(x, x), x), _TWIST)
        if kind == _RAW:
            imaginary = self._coordinate(self._take(32))
            y = (self._coordinate(self._take(32)), imaginary)
        else:
            root = _square_root(square)
            opposite = ((-root[0]) % PRIME, (-root[1]) % PRIME)
            y = root if ((root[1], root[0]) > (opposite[1], opposite[0])) == (kind == _LARGER) else opposite
        if _product(y, y) != square:
            raise Refuted(f"{self._where}: a point that is not on the curve")
        return (x, y)

    def number(self) -> int:
        """A whole number of eight bytes, big-endian."""
        return int.from_bytes(self._take(8))

    def count(self, most: int, each: int) -> int:
        """How many things of at least `each` bytes follow, from four bytes, big-endian.

        Raises Refuted where fewer bytes are left, and TooLarge for more than `most`, which is a bound of ours.
        """
        value = int.from_bytes(self._take(4))
        if value * each > self.left:
            raise Refuted(f"{self._where}: ends too early")
        if value > most:
            raise TooLarge(self._where, f"{value:,} of one kind", most)
        return value

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self._at

    def end(self) -> None:
        """Raises Refuted where anything is left."""
        if self.left:
            raise Refuted(f"{self._where}: {self.left} bytes too many")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise Refuted(f"{self._where}: ends too early")
        self._at += size
        return taken

    def _first(self, taken: bytes) -> tuple[int, int]:
        kind = taken[0] >> 6
        return kind, self._coordinate(bytes([taken[0] & 0x3F]) + taken[1:])

    def _coordinate(self, taken: bytes) -> int:
        value = int.from_bytes(taken)
        if value >= PRIME:
            raise Refuted(f"{self._where}: a coordinate that is not below the prime")
        return value


def _signed(root: int, *, larger: bool) -> int:
    return root if (root >= _HALF) == larger else -root % PRIME


def _product(one: Fp2, other: Fp2) -> Fp2:
    (a, b), (c, d) = one, other
    return ((a * c - b * d) % PRIME, (a * d + b * c) % PRIME)


def _sum(one: Fp2, other: Fp2) -> Fp2:
    return ((one[0] + other[0]) % PRIME, (one[1] + other[1]) % PRIME)


def _power(base: Fp2, exponent: int) -> Fp2:
    result: Fp2 = (1, 0)
    for bit in bin(exponent)[2:]:
        result = _product(result, result)
        if bit == "1":
            result = _product(result, base)
    return result


def _square_root(square: Fp2) -> Fp2:
    """A root, if there is one; else anything (Adj and Rodriguez-Henriquez, 2012, algorithm 9: the prime is 3 mod 4)."""
    candidate = _power(square, _FOURTH_ROOT)
    root = _product(candidate, square)
    if _product(candidate, root) == (PRIME - 1, 0):
        return _product((0, 1), root)
    turned = _power(_sum((1, 0), _product(candidate, root)), (PRIME - 1) // 2)
    return _product(turned, root)


def _twist() -> Fp2:
    """3 / (9 + i)."""
    inverse = pow(82, -1, PRIME)  # of (9 + i)(9 - i)
    return (27 * inverse % PRIME, -3 * inverse % PRIME)


_TWIST: Final = _twist()
