"""A prover of OKX's zk-STARK v1 for tests: honest sets, and sets forged in the ways that its published verifier passes.

It is small, not fast: a batch of three accounts takes a tenth of a second, and its proof of work about a second more,
which is why nonces found once are kept (`tests/vectors/liabilities/stark_nonces.json`). Found anew by
`python -m tests.support.liabilities.stark_sets`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat
from operator import mul
from typing import Any

from scanner.core.keccak import keccak256
from scanner.proofs.liabilities.stark_field import (
    BLOW_UP,
    PRIME,
    domain_generator,
    interpolate,
    inverses,
    query_positions,
)
from tests.support.liabilities.stark_polynomials import Polynomial, domain, on_domain, through_domain
from tests.support.liabilities.stark_trees import Tree
from tests.support.places import VECTORS

NONCES = VECTORS / "liabilities" / "stark_nonces.json"
_known: dict[str, str] = json.loads(NONCES.read_text()) if NONCES.exists() else {}
_used: set[str] = set()


@dataclass(frozen=True)
class Account:
    """One account, or one batch within the trunk."""

    identity: bytes
    coins: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.coins)


@dataclass(frozen=True)
class Claim:
    """What is proven, and what is said instead by a forger."""

    accounts: tuple[Account, ...]
    uts: int
    main: int
    stated: tuple[int, ...] | None = None  # other sums, and the low-degree test forged (B)
    absorbed: bool = False  # or with `stated`: the ids take up whatever the other columns do not come to (C)
    shown: tuple[Account, ...] | None = None  # other accounts in the leaves that customers are shown (A)


class Proof:
    """One sum proof and what customers are shown of it."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        accounts = (Account(bytes(32), (0,) * len(claim.accounts[0].coins)), *claim.accounts)
        size = 1 << (len(accounts) - 1).bit_length()
        self.accounts = [*accounts, *[accounts[0]] * (size - len(accounts))]
        self.steps = size * claim.uts
        self.points = self.steps * BLOW_UP
        self.sums = claim.stated or tuple(sum(each.coins[coin] for each in accounts) for coin in range(self.coins))
        self.columns = [on_domain(column, self.points) for column in self._trace()]
        self.quotients = self._quotients()
        if claim.absorbed:
            self.nonce = keccak256(b"chosen before anything else")
            self._absorb()
        self.randoms = [keccak256(_joined(column[at] for column in self.quotients)) for at in range(self.points)]
        leaves = [self._leaf(self._values(at), self.randoms[at]) for at in range(self.points)]
        for number, account in enumerate(claim.shown or claim.accounts):  # ids are written whole, not as elements
            values = [*(value % PRIME for value in (account.total, *account.coins)), int.from_bytes(account.identity)]
            leaves[self.place(number)] = self._leaf(values, self.randoms[self.place(number)])
        self.tree = Tree(leaves)
        if claim.absorbed:  # the work is done on a leaf that no query can reach
            leaves[0] = _worked_leaf(self.tree, self.nonce)
            self.tree = Tree(leaves)
        else:
            self.nonce = _nonce(self.tree.root)

    @property
    def coins(self) -> int:
        return len(self.claim.accounts[0].coins)

    def place(self, number: int) -> int:
        """The position of the leaf of an account."""
        return (self.claim.uts * (number + 1) + self.claim.uts - 2) * BLOW_UP

    def _values(self, at: int) -> list[int]:
        return [column[at] for column in self.columns]

    @staticmethod
    def _leaf(values: Sequence[int], random: bytes) -> bytes:
        return keccak256(_joined(values[:1]) + keccak256(_joined(values[1:-1])) + _joined(values[-1:]) + random)

    def _trace(self) -> list[Polynomial]:
        uts, rows = self.claim.uts, [[0] * self.steps for _ in range(self.coins + 2)]
        running = [0] * (self.coins + 1)
        for number, account in enumerate(self.accounts):
            value_row = number * uts + uts - 2
            for column, value in enumerate([account.total, *account.coins]):
                running[column] += value
                rows[column][value_row], rows[column][value_row + 1] = value % PRIME, running[column] % PRIME
            rows[-1][value_row] = int.from_bytes(account.identity) % PRIME
            for row in range(value_row - 1, number * uts - 1, -1):
                rows[0][row] = rows[0][row + 1] // 4
        return [through_domain(row) for row in rows]

    def _quotients(self) -> list[list[int]]:
        """At every point that is no row of the trace; what no query can reach is zero."""
        uts, steps, size = self.claim.uts, self.steps, self.steps // self.claim.uts
        xs = domain(self.points)
        first, last = xs[(uts - 1) * BLOW_UP], xs[(steps - 1) * BLOW_UP]
        at_value, at_sum = (xs[row * BLOW_UP * size % self.points] for row in (uts - 2, uts - 1))
        slope = pow(last - first, -1, PRIME)
        made: list[list[int]] = [[0] * self.points for _ in range(4 + 2 * self.claim.main)]
        asked = [at for at in range(self.points) if at % BLOW_UP]
        blocks = [xs[at * size % self.points] for at in asked]  # each x to the power of `size`
        ends_of = inverses([(xs[at] - first) * (xs[at] - last) for at in asked])
        after_sums = inverses([block - at_sum for block in blocks])
        after_blocks = inverses([block - 1 for block in blocks])
        off_trace = inverses([xs[at * steps % self.points] - 1 for at in asked])
        inverted = zip(blocks, ends_of, after_sums, after_blocks, off_trace, strict=True)
        for at, (block, ends, after_sum, after_block, off) in zip(asked, inverted, strict=True):
            x = xs[at]
            before_sum = after_sum * (x - last)
            here, below, before, after = (
                self._values((at + row * BLOW_UP) % self.points) for row in (0, 1, uts - 1, uts)
            )
            digit = below[0] - 4 * here[0]
            digits = digit * (digit - 1) * (digit - 2) * (digit - 3) % PRIME
            zeros = (block - at_value) * (block - at_sum) * off
            quotients = [here[0] * after_block, digits * zeros]
            for coin, total in enumerate([sum(self.sums), *self.sums[: self.claim.main]]):
                quotients.append((after[coin] - before[coin] - here[coin]) * before_sum)
                quotients.append((here[coin] - total * (x - first) * slope) * ends)
            for column, value in zip(made, quotients, strict=True):
                column[at] = value % PRIME
        return made

    def _weights(self) -> list[list[int]]:
        """At each point what each column but q2 is multiplied with: they follow from the nonce alone."""
        factors = [
            int.from_bytes(keccak256(self.nonce + index.to_bytes(32))) % PRIME
            for index in range(2 * (self.coins + 5 + 2 * self.claim.main))
        ]
        pairs = list(zip(factors[::2], factors[1::2], strict=True))
        raised = pow(domain_generator(self.points), 3 * self.steps, PRIME)
        powers = accumulate(repeat(raised, self.points - 1), lambda one, other: one * other % PRIME, initial=1)
        return [[(first + second * power) % PRIME for first, second in pairs] for power in powers]

    def _combination(self) -> list[int]:
        linear = []
        for at, weights in enumerate(self._weights()):
            quotients = [column[at] for column in self.quotients]
            terms = [*self._values(at), quotients[0], *quotients[2:]]
            linear.append((quotients[1] + sum(map(mul, terms, weights))) % PRIME)
        return linear

    def _absorb(self) -> None:
        """Makes the combination zero everywhere, by the column of ids, which nothing constrains."""
        ids = self.columns[-1]
        for at, (value, weights) in enumerate(zip(self._combination(), self._weights(), strict=True)):
            ids[at] = (ids[at] - value * pow(weights[self.coins + 1], -1, PRIME)) % PRIME

    def written(self) -> dict[str, Any]:
        """The proof's file."""
        linear = self._combination()
        tree = Tree([value.to_bytes(32) for value in linear])
        spots = query_positions(tree.root, self.points)
        trace = Tree(self.tree.values)
        rows = [row * BLOW_UP for row in (0, 1, self.claim.uts - 1, self.claim.uts)]
        opened = [[(spot + row) % self.points for row in rows] for spot in spots]
        return {
            "steps": self.steps,
            "uts": self.claim.uts,
            "mtree_root": self.tree.root.hex(),
            "l_mtree_root": tree.root.hex(),
            "pow_nonce": self.nonce.hex(),
            "mtree_branches": [trace.opening(at) for four in opened for at in four],
            "mtree_entries_data": [entry for four in opened for entry in self._entries(four)],
            "l_mtree_branches": [tree.opening(spot) for spot in spots],
            "low_degree_proof": _fold(
                linear, tree, 4 * self.steps, forged=bool(self.claim.stated) and not self.claim.absorbed
            ),
        }

    def _entries(self, four: Sequence[int]) -> list[Any]:
        values = [self._values(at) for at in four]
        coins = [_joined(each[1:-1]) for each in values]
        return [
            _joined([*values[0], *(column[four[0]] for column in self.quotients)]).hex(),
            *(
                [
                    _joined(values[part][:1]).hex(),
                    (keccak256(coins[part]) if part == 1 else coins[part]).hex(),
                    _joined(values[part][-1:]).hex(),
                    self.randoms[four[part]].hex(),
                ]
                for part in (1, 2, 3)
            ),
        ]

    def record(self, number: int, coins: Sequence[str], account: str, root: str) -> dict[str, Any]:
        """What a customer is shown of one account."""
        shown = (self.claim.shown or self.claim.accounts)[number]
        place = self.place(number)
        return {
            root: self.tree.root.hex(),
            account: shown.identity.hex(),
            "total_value": str(shown.total),
            **{coin: str(value) for coin, value in zip(coins, shown.coins, strict=True)},
            "random_number": self.randoms[place].hex(),
            "merkle_path": self.tree.path(place),
        }


def _fold(values: list[int], tree: Tree, bound: int, *, forged: bool) -> list[Any]:
    layers: list[Any] = []
    drawn: list[int] = []
    tree = Tree(tree.values)  # whose openings here are apart from those before
    while bound > 16:
        points, quarter = len(values), len(values) // 4
        xs, special = domain(points), int.from_bytes(tree.root) % PRIME
        fours = [[(xs[at + quarter * part], values[at + quarter * part]) for part in range(4)] for at in range(quarter)]
        column = [interpolate(four, special) for four in fours]
        if forged and layers:  # any polynomial will do that has the right values at the places that are known already
            asked = {place % quarter for place in drawn}
            through = [(pow(xs[4], place, PRIME), column[place]) for place in asked]
            column = [interpolate(through, pow(xs[4], place, PRIME)) for place in range(quarter)]
        folded = Tree([value.to_bytes(32) for value in column])
        drawn = drawn or query_positions(folded.root, quarter)
        asked_for = [place % quarter for place in drawn]
        layers.append(
            [
                folded.root.hex(),
                [folded.opening(place) for place in asked_for],
                [tree.opening(place + quarter * part) for place in asked_for for part in range(4)],
            ]
        )
        values, tree, bound = column, Tree(folded.values), bound // 4
    return [*layers, [value.to_bytes(32).hex() for value in values]]


def _joined(values: Any) -> bytes:
    return b"".join(value.to_bytes(32) for value in values)


def keep_nonces() -> None:
    """Writes down all nonces that were used."""
    NONCES.write_text(json.dumps({root: _known[root] for root in sorted(_used)}, indent=1) + "\n")


def _worked_leaf(tree: Tree, nonce: bytes) -> bytes:
    """A first leaf with which the root has the proof of work."""
    key = tree.root.hex()
    _used.add(key)
    if key not in _known:
        siblings = [level[1] for level in tree.levels[:-1]]
        number = 0
        while True:
            node = leaf = number.to_bytes(32)
            for sibling in siblings:
                node = keccak256(node + sibling)
            if not int.from_bytes(keccak256(node + nonce)[:3]) >> 4:
                break
            number += 1
        _known[key] = leaf.hex()
    return bytes.fromhex(_known[key])


def _nonce(root: bytes) -> bytes:
    _used.add(root.hex())
    if root.hex() not in _known:
        number = int.from_bytes(root)
        while int.from_bytes(keccak256(root + (number % 2**256).to_bytes(32))[:3]) >> 4:
            number += 1
        _known[root.hex()] = (number % 2**256).to_bytes(32).hex()
    return bytes.fromhex(_known[root.hex()])
