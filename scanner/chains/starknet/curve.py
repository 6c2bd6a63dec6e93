"""The Stark curve: Pedersen hashes and ECDSA verification, in plain integers. No message format is known here.

No light library does these; Starknet accounts are few enough that 0.1 s each is borne. Nothing here handles a secret,
so nothing need run in constant time.

Source: StarkWare's published curve, shift point and Pedersen constants (starknet documentation, "STARK curve" and
"Pedersen hash"); hash_on_elements from the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

PRIME: Final = 2**251 + 17 * 2**192 + 1
ORDER: Final = 0x0800000000000010FFFFFFFFFFFFFFFFB781126DCAE7B2321E66A241ADC64D2F
_ALPHA: Final = 1
_BETA: Final = 0x06F21413EFBE40DE150E596D72F7A8C5609AD26C15C915C1F4CDFCB99CEE9E89

Point = tuple[int, int] | None  # None is the point at infinity

_GENERATOR: Final[Point] = (
    0x1EF15C18599971B7BECED415A40F0C7DEACFD9B0D1819E03D723D8BC943CFCA,
    0x5668060AA49730B7BE4801DF46EC62DE53ECD11ABE43A32873000C36E8DC1F,
)
_SHIFT: Final[Point] = (
    0x49EE3EBA8C1600700EE1B87EB599F16716B0B1022947733551FDE4050CA6804,
    0x3CA0CFE4B3BC6DDF346D49D06EA0ED34E621062C0E056C1D0405D266E10268A,
)
# Each argument is split into its low 248 and high 4 bits, and each part has a point.
_LOW_BITS: Final = 248
_PARTS: Final[tuple[tuple[Point, Point], tuple[Point, Point]]] = (
    (
        (
            0x234287DCBAFFE7F969C748655FCA9E58FA8120B6D56EB0C1080D17957EBE47B,
            0x3B056F100F96FB21E889527D41F4E39940135DD7A6C94CC6ED0268EE89E5615,
        ),
        (
            0x4FA56F376C83DB33F9DAB2656558F3399099EC1DE5E3018B7A6932DBA8AA378,
            0x3FA0984C931C9E38113E0C0E47E4401562761F92A7A23B45168F4E80FF5B54D,
        ),
    ),
    (
        (
            0x4BA4CC166BE8DEC764910F75B45F74B40C690C74709E90F3AA372F0BD2D6997,
            0x40301CF5C1751F4B971E46C4EDE85FCAC5C59A5CE5AE7C48151F27B24B219C,
        ),
        (
            0x54302DCB0E6CC1C6E44CCA8F61A63BB2CA65048D53FB325D36FF12C49A58202,
            0x1B77B3E37D13504B348046268D8AE25CE98AD783C25561A879DCC77E99C2426,
        ),
    ),
)


def pedersen(left: int, right: int) -> int:
    """The Pedersen hash of two field elements. Raises ValueError for a number outside the field."""
    total = _SHIFT
    for argument, (low, high) in zip((left, right), _PARTS, strict=True):
        if not 0 <= argument < PRIME:
            raise ValueError("an argument of the Pedersen hash is outside the field")
        total = _add(total, _sum_of_doublings(argument & ((1 << _LOW_BITS) - 1), low))
        total = _add(total, _sum_of_doublings(argument >> _LOW_BITS, high))
    return _x(total)


def hash_on_elements(elements: Sequence[int]) -> int:
    """The Pedersen chain hash of `elements` and their number."""
    state = 0
    for element in elements:
        state = pedersen(state, element)
    return pedersen(state, len(elements))


def verify(key: int, digest: int, r: int, s: int) -> bool:
    """Whether r, s is an ECDSA signature of `digest` by the public key with x-coordinate `key`, of either sign."""
    limit = 1 << 251
    if not (0 < r < limit and 0 < s < ORDER and 0 <= digest < limit):
        return False
    point = _lift(key)
    if point is None:
        return False
    inverse = pow(s, -1, ORDER)
    from_digest = _multiply(digest * inverse % ORDER, _GENERATOR)
    from_key = _multiply(r * inverse % ORDER, point)
    sums = (_add(from_digest, from_key), _add(from_digest, _negate(from_key)))
    return any(total is not None and total[0] == r for total in sums)


def _lift(x: int) -> Point:
    """A point with that x-coordinate; None if the curve has none."""
    if not 0 <= x < PRIME:
        return None
    y = _square_root((x * x * x + _ALPHA * x + _BETA) % PRIME)
    return None if y is None else (x, y)


def _square_root(number: int) -> int | None:
    """A square root modulo PRIME, by Tonelli and Shanks; None if there is none."""
    if number == 0:
        return 0
    if pow(number, (PRIME - 1) // 2, PRIME) != 1:
        return None
    odd, twos = PRIME - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    # 3 is the least number that is not a square modulo PRIME, and generates the group.
    root_of_unity, root, rest = pow(3, odd, PRIME), pow(number, (odd + 1) // 2, PRIME), pow(number, odd, PRIME)
    while rest != 1:
        order, power = 0, rest
        while power != 1:
            power, order = power * power % PRIME, order + 1
        factor = pow(root_of_unity, 1 << (twos - order - 1), PRIME)
        root_of_unity, twos = factor * factor % PRIME, order
        root, rest = root * factor % PRIME, rest * root_of_unity % PRIME
    return root


def _add(left: Point, right: Point) -> Point:
    if left is None:
        return right
    if right is None:
        return left
    if left[0] == right[0]:
        if (left[1] + right[1]) % PRIME == 0:
            return None
        slope = (3 * left[0] * left[0] + _ALPHA) * pow(2 * left[1], -1, PRIME) % PRIME
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, PRIME) % PRIME
    x = (slope * slope - left[0] - right[0]) % PRIME
    return x, (slope * (left[0] - x) - left[1]) % PRIME


def _negate(point: Point) -> Point:
    return None if point is None else (point[0], -point[1] % PRIME)


def _multiply(factor: int, point: Point) -> Point:
    return _sum(_doublings_without_cache(point, factor.bit_length()), factor)


def _sum_of_doublings(factor: int, constant: Point) -> Point:
    return _sum(_doublings(constant), factor)


def _sum(doublings: Iterable[Point], factor: int) -> Point:
    total: Point = None
    for bit, point in enumerate(doublings):
        if factor >> bit & 1:
            total = _add(total, point)
    return total


def _doublings_without_cache(point: Point, count: int) -> list[Point]:
    doubled = []
    for _ in range(count):
        doubled.append(point)
        point = _add(point, point)
    return doubled


@lru_cache(maxsize=4)
def _doublings(constant: Point) -> list[Point]:
    return _doublings_without_cache(constant, _LOW_BITS)


def _x(point: Point) -> int:
    if point is None:
        raise ValueError("the Pedersen hash of these arguments is not defined")
    return point[0]
