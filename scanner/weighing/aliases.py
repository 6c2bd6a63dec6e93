"""Tokens that show the balances of another asset of their chain again, found out by what they show.

Anyone can deploy a contract whose `balanceOf` gives the native balance, or passes the call on to another token, and a
chain may have such a token that no table knows yet. Two assets whose balances are alike at so many accounts that chance
is excluded are taken for one: the one that is less certain to be an asset in its own right does not count, unless the
policy says of exactly this pair that they are two (`Policy.distinct`). All of it follows from the evidence, so who
verifies comes to the same; docs/predicate.md states the rule for verifiers of other make.

What this does not find: a token that shows the sum of two others, a multiple, or a balance and a constant; one that
shows the balances of another chain; and a repetition at one or two accounts with round amounts.

Memory: a column of amounts and one of accounts for each asset of a chain with tokens, of the rows that are not zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, pairwise
from typing import Final, NamedTuple

from scanner.core.columns import abreast
from scanner.core.evidence import Gap
from scanner.core.evidence_part import EvidencePart
from scanner.core.ids import AssetId, Chain
from scanner.errors import Why
from scanner.weighing.balance_columns import BalanceColumn
from scanner.weighing.claim import Asset
from scanner.weighing.contracts import Known
from scanner.weighing.policy import Policy

_DIFFERENT: Final = 3  # so many different amounts, all alike, are no chance
_DIGITS: Final = 10  # nor are amounts with so many significant digits between them
_NEAR: Final = 100_000  # amounts of coins are near where they differ by one part in so many
_NEAR_DIGITS: Final = 5  # that are alike in amounts that are only near
_ROWS_AT_A_TIME: Final = 10_000  # of the longest column
_GROUPS_AT_A_TIME: Final = 20_000  # accounts, between two chances to do something else


@dataclass(frozen=True, slots=True)
class Alias:
    """Why `token` is taken to show the balances of `of` again."""

    token: AssetId
    of: AssetId
    alike: int  # accounts at which both have a balance above zero, and show the same coins
    unlike: int  # accounts at which both have one, and do not
    unread: int  # accounts at which one of them is a gap, so that they might be alike

    @property
    def gap(self) -> Gap:
        """What becomes of each of the token's balances."""
        unread = f", and not known at {self.unread:,}" if self.unread else ""
        where = f"at {self.alike:,} of {self.alike + self.unlike:,} accounts{unread}"
        return Gap(Why.ALIAS, f"the same coins as {self.of} {where}")


class Aliases:
    """The evidence while it goes by, and the aliases that it shows."""

    def __init__(self, known: Mapping[AssetId, Known | None], assets: Mapping[AssetId, Asset], policy: Policy) -> None:
        """`known` is how each asset of the claim is known to be its unit's own."""
        self._known = known
        self._assets = assets
        self._distinct = policy.distinct
        with_tokens = {asset.chain for asset in known if not asset.native}
        self._columns = {asset: BalanceColumn() for asset in known if asset.chain in with_tokens}

    def add(self, part: EvidencePart) -> None:
        """Rows of the evidence."""
        column = self._columns.get(part.asset)
        if column is not None:
            column.add(part.accounts, part.outcomes)

    def search(self) -> Iterator[Alias | None]:
        """Every alias, in no order, each token once; None now and then, for those who have something else to do."""
        by_chain: dict[Chain, list[AssetId]] = defaultdict(list)
        for asset, column in self._columns.items():
            if len(column):
                by_chain[asset.chain].append(asset)
        for on_chain in by_chain.values():
            if len(on_chain) > 1:
                yield from self._search(sorted(on_chain, key=self._certainty))

    def _certainty(self, asset: AssetId) -> tuple[int, str]:
        """The assets of a chain, from the one that is most certainly an asset in its own right to the one least so."""
        known = self._known[asset]
        return len(Known) if known is None else list(Known).index(known), str(asset)

    def _search(self, on_chain: list[AssetId]) -> Iterator[Alias | None]:
        """Of assets in the order of their certainty."""
        repeated = yield from self._repeated(on_chain)
        on_chain = [asset for asset in on_chain if asset not in repeated]
        columns = [self._columns[asset] for asset in on_chain]
        compare = _Comparison([self._assets[asset].decimals for asset in on_chain])
        for number, found in enumerate(_by_account(columns)):
            compare.add(found)
            if number % _GROUPS_AT_A_TIME == 0:
                yield None
        aliases: dict[AssetId, Alias] = {}
        for (first, second), pair in sorted(compare.pairs.items()):
            unlike, unread = compare.unlike_and_unread(first, second, pair)
            one, other = on_chain[first], on_chain[second]
            if other not in aliases and not self._named(one, other) and pair.no_chance(unlike, unread):
                aliases[other] = Alias(other, one, pair.alike, unlike, unread)
        yield from aliases.values()
        for token, alias in repeated.items():
            of = aliases.get(alias.of)
            yield alias if of is None else replace(of, token=token)

    def _repeated(self, on_chain: list[AssetId]) -> Generator[None, None, dict[AssetId, Alias]]:
        """Those whose balances are all those of a more certain asset with as many decimals, and for each why it is an
        alias of the first of these. What that one is an alias of, so are they: to any further asset all are alike.

        Thousands of them would else be compared in pairs. Not among these are assets that the policy names, since it
        tells two from each other that are alike, and what may be chance.
        """
        named = frozenset().union(*self._distinct)
        alike: dict[tuple[int, int], list[AssetId]] = defaultdict(list)
        for asset in on_chain:
            if asset not in named:
                alike[self._assets[asset].decimals, len(self._columns[asset])].append(asset)
        repeated: dict[AssetId, Alias] = {}
        for group in alike.values():
            firsts: dict[bytes, AssetId] = {}
            with_itself: dict[AssetId, tuple[_Pair, int]] = {}
            for asset in group if len(group) > 1 else ():
                yield None
                first = firsts.setdefault(self._columns[asset].digest(), asset)
                if asset != first:
                    if first not in with_itself:
                        with_itself[first] = yield from _with_itself(self._columns[first])
                    pair, unread = with_itself[first]
                    if pair.alike and pair.no_chance(0, unread):
                        repeated[asset] = Alias(asset, first, pair.alike, 0, unread)
        return repeated

    def _named(self, one: AssetId, other: AssetId) -> bool:
        """Whether the policy says that these are two."""
        return frozenset({one, other}) in self._distinct


_Stands = tuple[int, int | None, bool]
"""The number of a column, what stands there, and whether that is a lower bound."""


def _by_account(columns: list[BalanceColumn]) -> Iterator[list[_Stands]]:
    """For each account that stands in several columns, in their order: what stands in each."""
    ordered = [column.in_order() for column in columns]
    for rows in abreast([accounts for accounts, _ in ordered], _ROWS_AT_A_TIME):
        taken = [list(accounts.take(some)) for (accounts, _), some in zip(ordered, rows, strict=True)]
        if len(set().union(*taken)) == sum(map(len, taken)):  # as of most: no account has two of the assets
            continue
        times = Counter(chain.from_iterable(taken))
        found: dict[bytes, list[_Stands]] = {account: [] for account in sorted(times) if times[account] > 1}
        for number, (accounts, some) in enumerate(zip(taken, rows, strict=True)):
            bounds, amounts = columns[number].bounds, ordered[number][1].take(some)
            for account, atoms in zip(accounts, amounts, strict=True):
                if account in found:
                    found[account].append((number, atoms, account in bounds))
        yield from found.values()


class _Held(NamedTuple):
    """What an account holds of one asset."""

    coins: int  # in the finest atoms of all assets of the chain
    atoms: int
    number: int
    bound: bool


@dataclass(slots=True)
class _Pair:
    """Two assets that were alike somewhere."""

    alike: int = 0
    bounded: int = 0  # of these, at how many one of the two is a lower bound
    amounts: dict[int, int] = field(default_factory=dict)  # some of the amounts at which they were: significant digits
    long_amounts: set[int] = field(default_factory=set)  # some of those that have many

    def add(self, amount: int, digits: int, *, bound: bool) -> None:
        self.alike += 1
        self.bounded += bound
        if len(self.amounts) < _DIFFERENT:
            self.amounts.setdefault(amount, digits)
        if digits >= _DIGITS and len(self.long_amounts) < _DIFFERENT:
            self.long_amounts.add(amount)

    def no_chance(self, unlike: int, unread: int) -> bool:
        """Whether the two are one. Where one of them was not read it might have been alike, at a different amount with
        as many digits as it takes: if it counted for less, losing evidence would help."""
        if self.long_amounts and len(self.long_amounts) + unread >= _DIFFERENT:
            return True
        mostly = self.alike + unread > unlike
        digits = sum(self.amounts.values()) + unread * _DIGITS
        return mostly and (len(self.amounts) + unread >= _DIFFERENT or digits >= _DIGITS)


class _Comparison:
    """Assets of one chain, by number, compared account by account."""

    def __init__(self, decimals: list[int]) -> None:
        self.pairs: dict[tuple[int, int], _Pair] = {}
        self._decimals = decimals
        finest = max(decimals)
        self._scales = [10 ** (finest - each) for each in decimals]  # to the finest atoms of all: whole coins compare
        self._coarsest = max(self._scales)
        self._shapes: Counter[tuple[int, int]] = Counter()  # which have a balance, and which a gap, as bits

    def add(self, found: list[_Stands]) -> None:
        """What stands at one account. A lower bound may be alike; where it is not, the balance might be."""
        held, have, gaps = [], 0, 0
        for number, atoms, bound in found:
            if atoms is None or bound:
                gaps |= 1 << number
            else:
                have |= 1 << number
            if atoms is not None:
                held.append(_Held(atoms * self._scales[number], atoms, number, bound))
        self._shapes[have, gaps] += 1
        if len(held) > 1:
            held.sort()
            if self._any_near(held):
                self._compare(held)

    def unlike_and_unread(self, first: int, second: int, pair: _Pair) -> tuple[int, int]:
        """At how many accounts both have a balance and are not alike, and at how many one is a gap and none is zero, or
        one is a lower bound and they are not alike."""
        both, unread, one, other = 0, 0, 1 << first, 1 << second
        for (have, gaps), count in self._shapes.items():
            if have & one and have & other:
                both += count
            elif (have | gaps) & one and (have | gaps) & other:
                unread += count
        return both - (pair.alike - pair.bounded), unread - pair.bounded

    def _any_near(self, held: list[_Held]) -> bool:
        """Whether any two may be alike: a quick look at neighbours, since it is hardly ever so. If any two are near,
        two neighbours between them are."""
        if self._coarsest > 1 and len({each.atoms for each in held}) < len(held):
            return True
        return any(
            high.coins - low.coins < self._coarsest or (high.coins - low.coins) * _NEAR <= high.coins
            for low, high in pairwise(held)
        )

    def _compare(self, held: list[_Held]) -> None:
        for one, other in combinations(held, 2):
            same = self._same(one, other)
            if same is not None and one.number != other.number:
                numbers = min(one.number, other.number), max(one.number, other.number)
                self.pairs.setdefault(numbers, _Pair()).add(*same, bound=one.bound or other.bound)

    def _same(self, one: _Held, other: _Held) -> tuple[int, int] | None:
        """Where two balances show the same coins: the amount, and how many of its digits say so."""
        coarse, fine = (one, other) if self._is_coarser(one.number, other.number) else (other, one)
        apart = abs(coarse.coins - fine.coins)
        if apart < self._scales[coarse.number] or coarse.atoms == fine.atoms:
            return coarse.atoms, _significant(coarse.atoms)
        if apart * _NEAR <= max(coarse.coins, fine.coins):
            return coarse.atoms, min(_NEAR_DIGITS, _significant(coarse.atoms))
        return None

    def _is_coarser(self, one: int, other: int) -> bool:
        """Whether the first has fewer decimals; of two with equal decimals, whether it is the more certain."""
        return (self._decimals[one], one) < (self._decimals[other], other)


def _with_itself(column: BalanceColumn) -> Generator[None, None, tuple[_Pair, int]]:
    """A column against one of the same balances, and at how many accounts both are gaps."""
    pair, unread = _Pair(), 0
    for number, (account, atoms) in enumerate(zip(*column.in_order(), strict=True)):
        if number % _GROUPS_AT_A_TIME == 0:
            yield None
        if atoms is None:
            unread += 1
        else:
            pair.add(atoms, _significant(atoms), bound=account in column.bounds)
    return pair, unread


def _significant(amount: int) -> int:
    """Digits of a number without the zeros at its end."""
    return len(str(amount).rstrip("0"))
