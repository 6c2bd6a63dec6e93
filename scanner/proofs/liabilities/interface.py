"""The words of a proof of liabilities: what an exchange published, what it shows, and whether one customer is in it.

A scheme is one file of this folder that speaks one published format, with one line in the registry. It is given files
as streams of bytes and opens none. Nothing here verifies anything, and nothing here knows a scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

from scanner.core.shows import Shows

if TYPE_CHECKING:
    from scanner.proofs.stored_records import SpillFile

__all__ = [
    "File",
    "Inclusion",
    "Misstated",
    "NeedsFiles",
    "NotUnderstood",
    "OtherRoot",
    "Published",
    "Refuted",
    "Scheme",
    "ShownTotals",
    "Shows",
    "TooLarge",
    "Total",
]

MOST_FILES: Final = 100_000
"""Files of one proof: a directory of batches has four a batch."""


class NotUnderstood(ValueError):
    """The file is not of this scheme's format, or of a release of it that is not known. It may be good."""


class TooLarge(NotUnderstood):
    """It is beyond a bound of this program, which says nothing of the exchange: it was not judged, and may be good."""

    def __init__(self, where: str, what: str, most: int | None = None) -> None:
        super().__init__(where, what, most)  # as they are, so that it may come from another process
        self.where, self.what, self.most = where, what, most

    def __str__(self) -> str:
        limit = "" if self.most is None else f" (limit {self.most:,})"
        return f"{self.where}: {self.what}: more than this program reads{limit}, so that it was not judged"


class Misstated(NotUnderstood):
    """What stands beside the files, in the claim, cannot be: a root of another form, an option that there is not."""

    def __init__(self, key: str, fault: str) -> None:
        super().__init__(key, fault)
        self.key, self.fault = key, fault  # `key` as in the claim: root, or options.NAME

    def __str__(self) -> str:
        return f"{self.key}: {self.fault}"


class NeedsFiles(NotUnderstood):
    """The root alone leads nowhere in this format: what the exchange published is needed."""


class Refuted(ValueError):
    """The proof does not hold: something in it contradicts something else in it. Never a lower word: a finding."""


class OtherRoot(Refuted):
    """The customer's file holds together, but leads to another root than the published one: it is old, or foreign."""

    def __init__(self, published: str, leads_to: str) -> None:
        super().__init__(published, leads_to)  # as they are, so that it may come from another process
        self.published, self.leads_to = published, leads_to

    def __str__(self) -> str:
        return f"it leads to the root {self.leads_to}, not to the published root {self.published}"


@dataclass(frozen=True, slots=True)
class File:
    """One file as published. `chunks` reads it from its beginning, each time it is called."""

    name: str  # as messages name it; folders of an archive are parted by "/"
    chunks: Callable[[], Iterator[bytes]]


Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""`map`, or what does the same on several processors: results in order, a bounded number of arguments under way."""


Spill = Callable[[], "SpillFile"]
"""Opens a file that takes what is too much for memory, and is gone once it is closed."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the exchange published: none of it has been checked."""

    files: tuple[File, ...]
    options: Mapping[str, str] = field(default_factory=dict)  # as the claim has them; see docs/liabilities.md
    root: str | None = None  # the root that was published elsewhere, or that an attestation names
    totals: Mapping[str, Fraction] = field(default_factory=dict)  # what was published elsewhere, by symbol; or nothing
    each: Each = map
    spill: Spill | None = None  # None: memory takes everything


@dataclass(frozen=True, slots=True)
class Total:
    """What a proof says of one coin. Its amount is in whole coins."""

    amount: Fraction
    shows: Shows
    assumes: tuple[str, ...] = ()  # stable ids: what `shows` rests on
    otherwise: tuple[Fraction, ...] = ()  # amounts that the same number is with the point where it may stand as well


@dataclass(frozen=True, slots=True)
class ShownTotals:
    """What all files together show."""

    root: str  # as the format writes it
    totals: Mapping[str, Total]  # by symbol in upper case, as the format names its coins
    entries: (
        int | None
    )  # records that were checked: every leaf of a tree, or the customers whose paths were given; None
    # where the format proves a total and no number of records
    remarks: tuple[str, ...] = ()  # stable ids: what is known to be weak about the format, or was not given


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What one customer's file shows."""

    root: str
    account: str  # how the file names its customer, for the customer to compare; empty if it names none
    amounts: Mapping[str, Fraction]  # what the record holds, by symbol, in whole coins
    shows: Shows  # of the total, by this file together with what was published
    published: bool  # whether the root is the published one; False if it stands in customers' files alone
    leaves: int = 1  # of the tree that make up the record
    remarks: tuple[str, ...] = ()
    totals: Mapping[str, Fraction] = field(default_factory=dict)  # beside the root, by symbol, where a file says them
    assumes: tuple[str, ...] = ()  # stable ids: what `shows` rests on


class Scheme(Protocol):
    """One format. Both methods are pure, and take bounded time and memory whatever the files hold."""

    def judge(self, published: Published) -> ShownTotals:
        """What the published files show. A published root or total that they do not come to is refuted.

        Raises Refuted and NotUnderstood, with the file's name where there are several, and nothing else. Refuted is
        for what the files contradict: what is beyond a bound of the scheme's own is TooLarge. OSError comes from
        `spill` alone.
        """
        ...

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """Whether the customer of this file is in it. Where the format allows it, `published.root` is enough.

        Raises OtherRoot, Refuted and NotUnderstood, and nothing else.
        """
        ...
