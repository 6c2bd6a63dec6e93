"""What came to a claim's accounts in the time before its moment, what left them after it, and with which counterparts.

s is the claim's moment, W a length of time. Transfers are those of an asset between one of the claim's accounts of that
asset and any other account, a counterpart: in the blocks after the last one by s - W up to the one at s (before), and
in those after that up to the last one by s + W (after). What the claim's accounts send to each other is none.

A round trip is a counterpart from which much came before and to which as much went after, within one percent. Whose it
is, and why, no transfer says: an address is all that is known of a counterpart. So nothing of this is part of a
verdict, and no word for a purpose stands here.

Transfers are what the operators' nodes list, and a list can lack some. It is held against the balances, account by
account: what came less what went is the difference of the balances at both ends, or the flow is INCOMPLETE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from scanner.core.evidence import Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.transfers import NOT_ONE, Transfer
from scanner.weighing.claim import Claim
from scanner.weighing.policy import Policy
from scanner.weighing.transfer_lists import AgreedList, FlowPoint, check_lists, check_transfers

LONGEST_WINDOW: Final = timedelta(days=30)
LARGEST: Final = 10
"""Counterparts of an asset that are named: so many of the largest, and beside them ROUND_TRIPS of the largest round
trips."""
ROUND_TRIPS: Final = 20
_PERCENT: Final = 100  # a round trip: the two amounts differ by one in so many, or less
_ROOM, _ASSET_BYTES = 14_000_000, 30_000  # bytes of a statement that are left for assets; that one takes at most


def has_room(assets: int) -> bool:
    """Whether a statement has room for the flows of so many assets."""
    return assets * _ASSET_BYTES <= _ROOM


class Completeness(StrEnum):
    """The names are part of the format."""

    COMPLETE = "COMPLETE"  # the transfers are the difference of the balances, account by account
    INCOMPLETE = "INCOMPLETE"  # they are not, or it cannot be said: there may be more, and other, transfers
    NOT_LISTED = "NOT_LISTED"  # no transfer of the asset is known


class Incomplete(StrEnum):
    """Why a flow is not complete. The names are part of the format."""

    TRANSFERS = "TRANSFERS"  # the operators did not list them, or not alike
    BALANCES = "BALANCES"  # an account's balance at one of the ends was not read, or is known from below only
    DIFFERENCE = "DIFFERENCE"  # an account's transfers are not the difference of its balances


@dataclass(slots=True)
class Moved:
    """What came to accounts and what went from them, in atoms."""

    came: int = 0
    went: int = 0


@dataclass(slots=True)
class Counterpart:
    """An account that is none of the claim's for this asset; NOT_ONE: what came from, or went to, no one account."""

    account: bytes
    before: Moved = field(default_factory=Moved)  # came: to the claim's accounts, from this one
    after: Moved = field(default_factory=Moved)

    @property
    def size(self) -> int:
        """By which the largest are known: what came from it before, and what went to it after."""
        return self.before.came + self.after.went

    @property
    def round_trip(self) -> bool:
        """Whether what came before is what went after, within one percent of the larger of the two."""
        came, went = self.before.came, self.after.went
        return self.account != NOT_ONE and bool(came and went) and _PERCENT * abs(came - went) <= max(came, went)


@dataclass(slots=True)
class Side:
    """The transfers of an asset before the moment, or after it, beside the balances at both ends."""

    moved: Moved = field(default_factory=Moved)  # with counterparts, in atoms
    among: int = 0  # atoms that the claim's accounts sent to each other
    transfers: int = 0
    change: int | None = None  # atoms by which the balances differ; None where one of them is not known
    unread: int = 0  # accounts of which a balance is not known
    differing: int = 0  # accounts whose transfers are not the difference of their balances


@dataclass(frozen=True, slots=True)
class Concentration:
    """On how few counterparts an amount rests. What came from, or went to, no one account is a part of the amount and
    of no counterpart: where there is any, both figures are lower bounds."""

    largest: Fraction  # the largest counterpart's share
    herfindahl: Fraction  # the sum of the squares of all counterparts' shares: 1 if there is one alone


def _concentration(parts: Mapping[bytes, int]) -> Concentration | None:
    """By how much each account moved. None where nothing moved."""
    whole = sum(parts.values())
    single = [atoms for account, atoms in parts.items() if account != NOT_ONE]
    if not whole:
        return None
    squares = sum(atoms * atoms for atoms in single)
    return Concentration(Fraction(max(single, default=0), whole), Fraction(squares, whole * whole))


@dataclass(frozen=True, slots=True)
class AssetFlow:
    """The flows of one asset of the claim. Amounts are in atoms."""

    asset: AssetId
    unit: str
    decimals: int
    listing: AgreedList | Gap
    held: int | None  # at the moment, by all accounts; None where one was not read
    before: Side
    after: Side
    counterparts: tuple[Counterpart, ...]  # all, the largest first

    @property
    def lacking(self) -> tuple[Incomplete, ...]:
        sides = (self.before, self.after)
        listed = isinstance(self.listing, AgreedList)
        reasons = {
            Incomplete.TRANSFERS: not listed,
            Incomplete.BALANCES: any(side.unread for side in sides),
            Incomplete.DIFFERENCE: listed and any(side.differing for side in sides),
        }
        return tuple(why for why, lacks in reasons.items() if lacks)

    @property
    def shows(self) -> Completeness:
        if isinstance(self.listing, Gap):
            return Completeness.NOT_LISTED
        return Completeness.INCOMPLETE if self.lacking else Completeness.COMPLETE

    @property
    def round_trips(self) -> int:
        """How many counterparts have one."""
        return sum(each.round_trip for each in self.counterparts)

    @property
    def came_before(self) -> Concentration | None:
        """Of what came before the moment."""
        return _concentration({each.account: each.before.came for each in self.counterparts})

    @property
    def went_after(self) -> Concentration | None:
        """Of what went after it."""
        return _concentration({each.account: each.after.went for each in self.counterparts})

    @property
    def named(self) -> tuple[Counterpart, ...]:
        """Those that a statement names: the largest, and the largest round trips."""
        largest = [each for each in self.counterparts if each.size][:LARGEST]
        trips = [each for each in self.counterparts if each.round_trip and each not in largest]
        return (*largest, *trips[:ROUND_TRIPS])

    def with_some(self, accounts: Collection[bytes]) -> tuple[tuple[Counterpart, ...], Moved, Moved]:
        """The counterparts that are among these accounts, the largest first, and what came from all of them and went to
        them, before and after."""
        found = tuple(each for each in self.counterparts if each.account in accounts)
        before, after = (
            Moved(sum(each.came for each in side), sum(each.went for each in side))
            for side in ([each.before for each in found], [each.after for each in found])
        )
        return found, before, after

    def coins(self, atoms: int) -> Fraction:
        return Fraction(atoms, 10**self.decimals)


@dataclass(frozen=True, slots=True)
class Flows:
    """What moved to a claim's accounts, and from them, around its moment."""

    claim: Claim
    window: timedelta
    points: tuple[FlowPoint, ...]  # W before the moment, at it, and W after it
    listings: Mapping[AssetId, AgreedList | Gap]  # of each asset of the claim
    transfers: tuple[Transfer, ...]  # sorted, of assets that are listed
    operators: Mapping[Chain, tuple[str, ...]]  # which operators each chain was asked of, at the claim's moment
    own: tuple[str, ...]  # which of them are the auditor

    def __post_init__(self) -> None:
        check_window(self.window)
        if tuple(point.at for point in self.points) != moments(self.claim, self.window):
            raise ValueError("points at other moments than those of the window")
        if set(self.listings) != set(self.claim.assets):
            raise ValueError("transfers of other assets than the claim's")
        check_lists(self.points, self.listings, self.operators, self.own)
        check_transfers(self.points, self.listings, self.transfers)

    @property
    def policy(self) -> Policy:
        return self.points[1].policy

    @property
    def assets(self) -> tuple[AssetFlow, ...]:
        """Of each asset of the claim, sorted by its name."""
        by_asset: dict[AssetId, list[Transfer]] = {asset: [] for asset in self.claim.assets}
        for each in self.transfers:
            by_asset[each.asset].append(each)
        return tuple(self._flow(asset, by_asset[asset]) for asset in sorted(self.claim.assets, key=str))

    def _flow(self, id_: AssetId, transfers: Sequence[Transfer]) -> AssetFlow:
        asset, listing = self.claim.assets[id_], self.listings[id_]
        balances = [point.balances.get(id_, {}) for point in self.points]
        declared = balances[1].keys()
        counterparts: dict[bytes, Counterpart] = {}
        sides = (Side(), Side())
        nets: tuple[Counter[bytes], Counter[bytes]] = (Counter(), Counter())
        moment = self.points[1].snapshots.get(id_.chain)
        for each in transfers:
            after = moment is not None and each.height > moment.height
            side, net = sides[after], nets[after]
            net[each.target] += each.atoms
            net[each.source] -= each.atoms
            side.transfers += 1
            if each.source in declared and each.target in declared:
                side.among += each.atoms
                continue
            came = each.target in declared
            account = each.source if came else each.target
            other = counterparts.setdefault(account, Counterpart(account))
            for moved in (side.moved, other.after if after else other.before):
                if came:
                    moved.came += each.atoms
                else:
                    moved.went += each.atoms
        for number, side in enumerate(sides):
            _hold_against(side, nets[number], balances[number], balances[number + 1], declared)
        held = [balances[1][account] for account in declared]
        whole = [atoms for atoms in held if atoms is not None]
        return AssetFlow(
            asset=id_,
            unit=asset.backs,
            decimals=asset.decimals,
            listing=listing,
            held=sum(whole) if len(whole) == len(held) else None,
            before=sides[0],
            after=sides[1],
            counterparts=tuple(sorted(counterparts.values(), key=lambda each: (-each.size, each.account))),
        )


def check_window(window: timedelta) -> None:
    """Raises ValueError for one that is no whole number of minutes, or too long."""
    minute = timedelta(minutes=1)
    if not minute <= window <= LONGEST_WINDOW or window % minute:
        raise ValueError(f"expected whole minutes, up to {LONGEST_WINDOW.days} days")


def moments(claim: Claim, window: timedelta) -> tuple[datetime, datetime, datetime]:
    """Of the three points. Raises ValueError for moments beyond the calendar."""
    try:
        return claim.as_of - window, claim.as_of, claim.as_of + window
    except OverflowError:
        raise ValueError("a window that reaches beyond the calendar") from None


def _hold_against(
    side: Side,
    net: Mapping[bytes, int],
    start: Mapping[bytes, int | None],
    end: Mapping[bytes, int | None],
    declared: Iterable[bytes],
) -> None:
    """The transfers beside the balances at both ends, account by account."""
    change = 0
    for account in declared:
        first, last = start.get(account), end.get(account)
        if first is None or last is None:
            side.unread += 1
            continue
        change += last - first
        side.differing += last - first != net.get(account, 0)
    side.change = None if side.unread else change
