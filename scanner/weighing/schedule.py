"""At which moments a series looks: drawn so that neither the exchange nor the signer can choose around them.

Time is cut into stretches of one length, by the calendar of UTC: they begin at whole multiples of it since 1970,
whatever the claim's moment is. In each of them one moment is drawn, by the hash of the last block at or before the
stretch's end: before the stretch is over no one knows at which of its moments is looked. What is drawn depends on
nothing that an exchange or a signer can write: not on the claim's bytes, not on its moment, and not on which other
stretches there are.

Beside them stand moments that are not drawn: the claim's own, and a day, a week and thirty days after it, as far as the
series reaches. Stretches are numbered from the one that the claim's moment lies in.

Pure arithmetic; nothing here knows where blocks come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from itertools import pairwise
from typing import Final

from scanner.chains.history import reads_only_tip
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.weighing.claim import Claim
from scanner.weighing.moments import duration

MOST_STRETCHES: Final = 1000
AFTERWARDS: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""How long after the claim's moment is looked at anyway; and the windows that a sustained reserve is reckoned over."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_LONGEST: Final = timedelta(days=30)
_DRAWN_AROUND: Final = 15  # stretches on each side, at most, where no length is named
_DOMAIN: Final = b"reserve-scanner series\n"


def is_length(every: timedelta) -> bool:
    """Whether stretches may be so long: whole minutes that divide a day, or whole days up to thirty. There are some
    sixty such lengths, so that there is little to choose from."""
    if not _MINUTE <= every <= _LONGEST or every % _MINUTE:
        return False
    return not _DAY % every if every < _DAY else not every % _DAY


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stretches of one length: those from number `first` up to number `last`, which is not one of them. Number 0 is the
    one in which the claim's moment lies."""

    as_of: datetime  # the claim's moment
    every: timedelta
    first: int
    last: int

    def __post_init__(self) -> None:
        if not is_length(self.every):
            lengths = "whole minutes that divide a day, or whole days up to 30"
            raise ValueError(f"{duration(self.every)} is no length of a stretch; expected {lengths}")
        if not 0 < self.last - self.first <= MOST_STRETCHES:
            count = max(0, self.last - self.first)
            raise ValueError(f"{count:,} stretches of {duration(self.every)}; expected 1 to {MOST_STRETCHES:,}")
        try:
            _ = self.start, self.end, self.as_of + AFTERWARDS[-1]
        except OverflowError:
            raise ValueError("a schedule that reaches beyond the calendar") from None

    @classmethod
    def around(cls, as_of: datetime, window: timedelta, every: timedelta | None = None) -> Schedule:
        """As far before the moment as after it, and to the end of the stretches that this ends in. Raises ValueError
        for a window that is no whole number of lengths."""
        every = _length_for(window) if every is None else every
        if is_length(every) and window % every:
            raise ValueError(f"{duration(window)} are not whole stretches of {duration(every)}")
        count = -(-window // every) if is_length(every) else 0
        into = (as_of - _EPOCH) % every > timedelta(0) if count else False  # the moment lies within a stretch
        return cls(as_of, every, -count, count + into)

    @classmethod
    def between(cls, as_of: datetime, start: datetime, end: datetime, every: timedelta) -> Schedule:
        """The whole stretches between two moments. Raises ValueError where there is none, or there are too many."""
        if not is_length(every):
            return cls(as_of, every, 0, 1)  # which says what is wrong with it
        own, first, last = ((each - _EPOCH) // every for each in (as_of, start, end))
        begins_within = (start - _EPOCH) % every > timedelta(0)
        return cls(as_of, every, first + begins_within - own, last - own)

    @property
    def start(self) -> datetime:
        return self.start_of(self.first)

    @property
    def end(self) -> datetime:
        return self.start_of(self.last)

    @property
    def numbers(self) -> range:
        """Of the stretches."""
        return range(self.first, self.last)

    def start_of(self, number: int) -> datetime:
        """When a stretch begins, which is when the one before it is over."""
        return _origin(self.as_of, self.every) + number * self.every

    def end_of(self, number: int) -> datetime:
        """When a stretch is over; that moment is none of its own."""
        return self.start_of(number + 1)

    def drawn(self, number: int, block: Snapshot) -> datetime:
        """The moment that is looked at in a stretch. `block`: the last one of the claim's `seed_chain` at or before the
        stretch's end."""
        start, length = self.start_of(number), self.every // timedelta(seconds=1)
        text = f"{block.hash}\n{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n{length}".encode()
        return start + timedelta(seconds=int.from_bytes(sha512(_DOMAIN + text).digest()) % length)

    def within(self, window: timedelta) -> range:
        """The stretches that lie in a window around the claim's moment, or reach into it."""
        since = self.as_of - _EPOCH
        own = since // self.every
        return range((since - window) // self.every - own, -((-since - window) // self.every) - own)

    @property
    def fixed(self) -> tuple[datetime, ...]:
        """The moments that are looked at anyway."""
        return (self.as_of, *(self.as_of + after for after in AFTERWARDS if self.as_of + after <= self.end))

    @property
    def windows(self) -> tuple[timedelta, ...]:
        """Over which a sustained reserve can be reckoned: as much of them lies before the moment as after it."""
        most = min(self.as_of - self.start, self.end - self.as_of) // self.every * self.every
        known = {each for each in AFTERWARDS if each <= most}
        return tuple(sorted(known | {most})) if most > timedelta(0) else ()


def moments(schedule: Schedule, blocks: Mapping[int, Snapshot]) -> tuple[datetime, ...]:
    """All moments that are looked at, in order. `blocks`: by number, that of each stretch whose last one is known."""
    drawn = {schedule.drawn(number, blocks[number]) for number in schedule.numbers if number in blocks}
    return tuple(sorted({*schedule.fixed, *drawn}))


def seed_chain(claim: Claim) -> Chain | None:
    """The chain whose blocks draw the moments: the first of the claim's that can be read in its past; None where none
    can, and nothing of the claim has a series."""
    return next((chain for chain in claim.chains if not reads_only_tip(chain)), None)


def check_order(blocks: Mapping[datetime, Snapshot]) -> None:
    """That each can be the last block of one chain at or before its moment. Raises ValueError for two of which that
    cannot be: a later moment that has an earlier block, or a block that was there at an earlier moment already."""
    for (moment, block), (later, after) in pairwise(sorted(blocks.items())):
        if block.time > moment or after.time > later:
            wrong = block if block.time > moment else after
            raise ValueError(f"block {wrong.height} of {wrong.chain} is later than the moment that it is stated for")
        if after.height < block.height:
            raise ValueError(f"block {after.height} of {block.chain} is stated for a later moment than {block.height}")
        if after.height > block.height and after.time <= moment:
            raise ValueError(
                f"block {block.height} of {block.chain} is stated as the last one by {moment:%Y-%m-%dT%H:%M:%SZ}, and"
                f" block {after.height} is not later than that"
            )


def _origin(as_of: datetime, every: timedelta) -> datetime:
    """When the stretch begins that a moment lies in."""
    return as_of - (as_of - _EPOCH) % every


def _length_for(window: timedelta) -> timedelta:
    """The shortest length that cuts the window into few stretches. Raises ValueError where there is none."""
    fewest = -(-window // _DRAWN_AROUND)
    lengths = (_MINUTE * minutes for minutes in range(1, _LONGEST // _MINUTE + 1))
    found = (each for each in lengths if each >= fewest and is_length(each) and not window % each)
    every = next(found, None)
    if every is None or not window:
        raise ValueError(f"{duration(window)} cannot be cut into stretches of a length that is allowed")
    return every
