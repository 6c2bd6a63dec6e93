"""One sum proof of OKX's zk-STARK v1: that a trace of accounts, none of it shown, adds up to the sums beside it.

The trace has a block of `uts` rows for each account (the first is all zero). Columns: t, the account's total value,
which at the last rows of a block is taken apart digit by digit of base 4, and summed up; one for each coin; an id. Only
coins named as main ones are constrained at all.

The check is the published one, with its own gaps closed where that is possible (`docs/liabilities.md`). What remains
open (the sums are NOT proven) is for `okx_stark` to say.

Source: okx/proof-of-reserves, zk_STARK/ (2023 to 2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.interface import NotUnderstood, Refuted, TooLarge
from scanner.proofs.liabilities.stark_field import BLOW_UP, PRIME, QUERIES, domain_generator, element, query_positions
from scanner.proofs.liabilities.stark_fri import Folding, check_low_degree
from scanner.proofs.liabilities.stark_tree import Opening, open_positions

WORK_BITS: Final = 20
MOST_POINTS: Final = 1 << 24
SUM_END: Final = 1 << 128
"""A sum of a coin at or above it is a negative one in disguise: the field does not know the difference."""
_OPENED: Final = 4  # x, the next row, and the same two rows of the next account's running sums


@dataclass(frozen=True, slots=True)
class StarkConfiguration:
    """The coins in the order of their columns; the first `main` of them are constrained by the proof."""

    coins: tuple[str, ...]
    main: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What one batch, or the whole book, is said to come to, in the file's own whole numbers."""

    coins: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class SumProof:
    """One proof file, as it is written: the texts of hashes turned into bytes, and nothing checked."""

    steps: int
    uts: int
    root: bytes  # of the tree over the trace
    linear_root: bytes  # of the tree over the linear combination of all columns
    nonce: bytes
    openings: Sequence[Opening]
    entries: Sequence[tuple[bytes, ...]]  # by fours: (all columns and quotients), then (t, coins, id, random) thrice
    linear_openings: Sequence[Opening]
    folding: Folding


@dataclass(frozen=True, slots=True)
class _Shape:
    """A trace's sizes, and the places on its domain that the constraints name."""

    coins: int
    main: int
    uts: int
    steps: int
    points: int
    generator: int
    first: int  # where the running sums begin
    last: int  # and where they end
    slope: int  # of the line that is 0 at `first` and 1 at `last`


def check_sum_proof(proof: SumProof, uts: int, configuration: StarkConfiguration, sums: Sums, where: str) -> None:
    """Raises Refuted unless the proof holds by the published rules, for these sums and this `uts`; NotUnderstood."""
    coins, main = configuration.coins, configuration.main
    _check_version(proof, coins, main, where)
    shape = _shape(proof, uts, configuration, where)
    _check_sums(coins, sums, where)
    if int.from_bytes(keccak256(proof.root + proof.nonce)) >> 256 - WORK_BITS:
        raise Refuted(f"{where}: the proof of work is less than {WORK_BITS} bits")
    spots = query_positions(proof.linear_root, shape.points)
    rows = [0, 1, uts - 1, uts]
    opened = [(spot + row * BLOW_UP) % shape.points for spot in spots for row in rows]
    leaves = open_positions(proof.root, shape.points, opened, proof.openings, f"{where}: trace")
    linear = open_positions(proof.linear_root, shape.points, spots, proof.linear_openings, f"{where}: combination")
    if len(proof.entries) != _OPENED * QUERIES:
        raise Refuted(f"{where}: {len(proof.entries)} entries where there have to be {_OPENED * QUERIES}")
    factors = _factors(proof.nonce, 2 * (shape.coins + 5 + 2 * main))
    named = [sums.coins[coin] for coin in coins[:main]]
    for number, spot in enumerate(spots):
        four = proof.entries[_OPENED * number : _OPENED * (number + 1)]
        place = f"{where}: spot {number}"
        columns = _columns(four, leaves[_OPENED * number :], shape, place)
        x = pow(shape.generator, spot, PRIME)
        _check_value(columns, x, shape, sums.total, place)
        _check_coins(columns, x, shape, named, place)
        if element(linear[number], place) != _combination(columns[0], x, factors, shape):
            raise Refuted(f"{place}: the columns are not those of the linear combination")
    check_low_degree(proof.linear_root, shape.points, 4 * shape.steps, proof.folding, f"{where}: degree")


def _check_version(proof: SumProof, coins: Sequence[str], main: int, where: str) -> None:
    """Raises NotUnderstood for a proof with a fifth quotient, which ties each account's total to its coins: OKX's
    repository has versions of such a prover, and no file of theirs is known."""
    first = proof.entries[0] if proof.entries else ()
    if len(first) == 1 and len(first[0]) == 32 * (len(coins) + 7 + 2 * main):
        raise NotUnderstood(
            f"{where}: made by another version of the prover, with a fifth quotient, of which no published file is"
            " known: its sums are not verified here; customers' files are of one form in all versions"
        )


def _shape(proof: SumProof, uts: int, configuration: StarkConfiguration, where: str) -> _Shape:
    if proof.uts != uts:
        raise Refuted(f"{where}: {proof.uts} rows an account where there have to be {uts}; more would let debts pass")
    points = proof.steps * BLOW_UP
    if proof.steps < 2 * uts or proof.steps & (proof.steps - 1):
        raise Refuted(f"{where}: {proof.steps} steps are no power of two from {2 * uts} on")
    if points > MOST_POINTS:
        raise TooLarge(where, f"{proof.steps:,} steps", MOST_POINTS // BLOW_UP)
    generator = domain_generator(points)
    first, last = (pow(generator, row * BLOW_UP, PRIME) for row in (uts - 1, proof.steps - 1))
    slope = pow(last - first, -1, PRIME)
    coins = len(configuration.coins)
    return _Shape(coins, configuration.main, uts, proof.steps, points, generator, first, last, slope)


def _check_sums(coins: Sequence[str], sums: Sums, where: str) -> None:
    if set(sums.coins) != set(coins):
        raise Refuted(f"{where}: the sums are not those of the configuration's coins")
    if odd := next((coin for coin in coins if not 0 <= sums.coins[coin] < SUM_END), None):
        raise Refuted(f"{where}: the sum of {odd[:40]!a} is negative, or too large to be one")
    if sum(sums.coins.values()) != sums.total:
        raise Refuted(f"{where}: the coins' sums do not add up to total_value")


def _factors(nonce: bytes, count: int) -> list[int]:
    return [int.from_bytes(keccak256(nonce + index.to_bytes(32))) % PRIME for index in range(count)]


def _columns(
    four: Sequence[tuple[bytes, ...]], leaves: Sequence[bytes], shape: _Shape, where: str
) -> tuple[list[int], list[list[int]]]:
    """All elements of the first entry, and (t, coins..) of all four where they are written; each hashes to its leaf."""
    width = shape.coins + 6 + 2 * shape.main
    if len(four[0]) != 1 or len(four[0][0]) != 32 * width or any(len(each) != 4 for each in four[1:]):
        raise Refuted(f"{where}: an entry that has not {width} elements, or not four parts")
    blob = four[0][0]
    coins_end = 32 * (1 + shape.coins)
    at_x = [element(blob[at : at + 32], where) for at in range(0, len(blob), 32)]
    hashed = blob[:32] + keccak256(blob[32:coins_end]) + blob[coins_end : coins_end + 32]
    if keccak256(hashed + keccak256(blob[coins_end + 32 :])) != leaves[0]:
        raise Refuted(f"{where}: an entry does not hash to its leaf")
    values = [at_x[: 1 + shape.coins]]
    for number, (value, coins, account, random) in enumerate(four[1:], start=1):
        hash_given = number == 1
        if len(value) != 32 or len(coins) != (32 if hash_given else 32 * shape.coins):
            raise Refuted(f"{where}: a part of an entry has another length")
        if len(account) != 32 or len(random) != 32:
            raise Refuted(f"{where}: a part of an entry has another length")
        inner = coins if hash_given else keccak256(coins)
        if keccak256(value + inner + account + random) != leaves[number]:
            raise Refuted(f"{where}: an entry does not hash to its leaf")
        below = [] if hash_given else [element(coins[at : at + 32], where) for at in range(0, len(coins), 32)]
        values.append([element(value, where), *below])
    return at_x, values


def _check_value(columns: tuple[list[int], list[list[int]]], x: int, shape: _Shape, total: int, where: str) -> None:
    """The constraints on t: its digits, each account's zero, the running sum, and its two ends."""
    at_x, (here, below, before, after) = columns
    q1, q2, q3, q4 = at_x[2 + shape.coins : 6 + shape.coins]
    accounts = shape.steps // shape.uts
    block = pow(x, accounts, PRIME)
    at_value = block - pow(shape.generator, (shape.uts - 2) * BLOW_UP * accounts, PRIME)
    at_sum = block - pow(shape.generator, (shape.uts - 1) * BLOW_UP * accounts, PRIME)
    value = here[0]
    digit = below[0] - 4 * value
    digits = digit * (digit - 1) * (digit - 2) * (digit - 3)
    holds = (
        (value - q1 * (block - 1)) % PRIME == 0
        and (digits * at_value * at_sum - q2 * (pow(x, shape.steps, PRIME) - 1)) % PRIME == 0
        and _is_running_sum((here[0], before[0], after[0]), q3, at_sum, x, shape)
        and _has_ends(value, total, q4, x, shape)
    )
    if not holds:
        raise Refuted(f"{where}: a constraint on the total value does not hold")


def _check_coins(
    columns: tuple[list[int], list[list[int]]], x: int, shape: _Shape, sums: Sequence[int], where: str
) -> None:
    """The constraints on a main coin: its running sum, and that sum's two ends."""
    at_x, (here, _, before, after) = columns
    quotients = at_x[6 + shape.coins :]
    accounts = shape.steps // shape.uts
    at_sum = pow(x, accounts, PRIME) - pow(shape.generator, (shape.uts - 1) * BLOW_UP * accounts, PRIME)
    for coin, total in enumerate(sums, start=1):
        rising, ends = quotients[2 * coin - 2 : 2 * coin]
        if not _is_running_sum((here[coin], before[coin], after[coin]), rising, at_sum, x, shape) or not _has_ends(
            here[coin], total, ends, x, shape
        ):
            raise Refuted(f"{where}: a constraint on coin {coin} does not hold")


def _is_running_sum(rows: tuple[int, int, int], quotient: int, at_sum: int, x: int, shape: _Shape) -> bool:
    """At the last row of each block but the last one: the next block's running sum is this one's and its value's."""
    here, before, after = rows
    return ((after - before - here) * (x - shape.last) - quotient * at_sum) % PRIME == 0


def _has_ends(here: int, total: int, quotient: int, x: int, shape: _Shape) -> bool:
    """The running sum is zero at its first row and `total` at its last one."""
    line = total * (x - shape.first) * shape.slope
    return (here - line - quotient * (x - shape.first) * (x - shape.last)) % PRIME == 0


def _combination(at_x: Sequence[int], x: int, factors: Sequence[int], shape: _Shape) -> int:
    """All columns but q2, each twice, once of a degree raised to the bound, and q2, whose degree is the bound."""
    second = 3 + shape.coins
    power = pow(x, 3 * shape.steps, PRIME)
    others = [*at_x[:second], *at_x[second + 1 :]]
    terms = (value * (factors[2 * index] + factors[2 * index + 1] * power) for index, value in enumerate(others))
    return (at_x[second] + sum(terms)) % PRIME
