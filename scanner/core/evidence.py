"""What was read, what is believed, and what could not be established.

A `Reading` is one node's word about a batch and is not believed by itself; `scanner.weighing.quorum` makes Balances and
Gaps of readings. Nothing here decides anything, and nothing here fetches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from scanner.core.columns import Accounts
from scanner.core.ids import AssetId, Chain
from scanner.core.lower_bound import AtLeast, Word, atoms_of, denies
from scanner.errors import Why

_WORD = 32  # bytes of one amount in a packed column: the width of an EVM word
_LARGEST = 2 ** (8 * _WORD) - 1
_LONGEST_DETAIL = 400  # characters

MAX_OPERATORS: Final = 32
"""Of one chain: so many can agree on one balance, and have room beside it."""


class Basis(StrEnum):
    """Why a balance is believed, strongest first."""

    PROVEN = "PROVEN"  # by a proof against the block's state root
    QUORUM = "QUORUM"  # by the agreement of as many independent operators as the policy demands
    OWN = "OWN"  # by a node that the auditor declares to be their own

    def satisfies(self, required: Basis) -> bool:
        """Whether this basis is as strong as the one required."""
        return _RANK[self] <= _RANK[required]


_RANK = {basis: rank for rank, basis in enumerate(Basis)}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One block of one chain. Two blocks of one height differ in their hash, so the hash is what names it."""

    chain: Chain
    height: int
    hash: str  # lower-case hex, as the chain's RPC writes it: with 0x on eip155, without on bip122
    parent: str  # the parent block's hash, in the same form
    time: datetime  # aware, UTC: the header's timestamp

    def __str__(self) -> str:
        return f"block {self.height} {self.hash}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Accounts of one asset, to be read at one snapshot."""

    snapshot: Snapshot
    asset: AssetId
    accounts: Sequence[bytes]  # packed, where there may be many: core.columns.Accounts

    def take(self, positions: Sequence[int]) -> Batch:
        """Those of the accounts alone."""
        accounts = self.accounts if isinstance(self.accounts, Accounts) else Accounts(self.accounts)
        return Batch(self.snapshot, self.asset, accounts.take(positions))


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be established, and why. Never a zero.

    `detail` may quote a node. Whatever is given, it becomes one line of printable ASCII, so that no terminal obeys it,
    no spreadsheet computes it, and there is one way to write it down. What operators said of the balance all the same,
    and what a proof shows of it, stand beside it as numbers, since other rows depend on them.
    """

    why: Why
    detail: str = ""
    said: tuple[tuple[str, Word], ...] = ()  # (operator, atoms), sorted
    shown: int | None = None  # atoms, by a proof

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", _one_line(self.detail))


def _one_line(text: str) -> str:
    """`text` as printable ASCII: single blanks for white space, escapes for the rest, cut where it is too long.

    Its first character is none with which spreadsheets begin a formula. What this returns, it returns unchanged again.
    """
    text = " ".join(text[: 4 * _LONGEST_DETAIL].split())
    if not (text.isascii() and text.isprintable()):
        text = text.encode("unicode_escape").decode("ascii")
    if text.startswith(("=", "+", "-", "@")):
        text = "'" + text
    return text if len(text) <= _LONGEST_DETAIL else text[: _LONGEST_DETAIL - 3] + "..."


@dataclass(frozen=True, slots=True)
class Balance:
    """Atoms that are believed, on which basis, which operators (sorted) said so, and what others said instead.

    Of a lower bound (`at_least`) the operators are those who said as much, or more; others may have said less, which
    contradicts it only where they left no room for more.
    """

    atoms: int
    basis: Basis
    operators: tuple[str, ...]
    dissent: tuple[tuple[str, Word], ...] = ()  # (operator, atoms), sorted
    at_least: bool = False  # there may be more

    @property
    def word(self) -> Word:
        """What is believed, as an operator says it."""
        return AtLeast(self.atoms) if self.at_least else self.atoms

    @property
    def disputed(self) -> bool:
        """Whether an operator said what cannot be true beside this."""
        return any(denies(word, self.word) for _, word in self.dissent)


Outcome = Balance | Gap


def said_of(outcome: Outcome) -> tuple[tuple[str, Word], ...]:
    """What each operator said of the balance that this became of: (operator, atoms), sorted. Those who stand behind a
    lower bound may have said more."""
    if isinstance(outcome, Gap):
        return outcome.said
    return tuple(sorted((*((name, outcome.word) for name in outcome.operators), *outcome.dissent), key=_name))


def _name(said: tuple[str, Word]) -> str:
    return said[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one node said about a batch: one outcome per account, in the batch's order.

    Amounts are kept as a packed column, since a million of them are compared and written at once. At a gap's position
    the column holds filler, so amounts are only ever taken through indexing, which answers with the Gap.
    """

    column: bytes  # 32 bytes big-endian per account
    gaps: Mapping[int, Gap]  # by position
    bounds: frozenset[int] = frozenset()  # positions at which there may be more than the column says

    @classmethod
    def of(cls, outcomes: Iterable[Word | Gap]) -> Reading:
        """A reading from single outcomes. Raises ValueError for an amount that no chain can hold."""
        words, gaps, bounds = [], {}, set()
        for position, outcome in enumerate(outcomes):
            if isinstance(outcome, Gap):
                gaps[position] = outcome
                words.append(bytes(_WORD))
                continue
            atoms = atoms_of(outcome)
            if not 0 <= atoms <= _LARGEST:
                raise ValueError(f"{atoms} is no amount of atoms; expected 0 to 2**256 - 1")
            words.append(atoms.to_bytes(_WORD))
            if isinstance(outcome, AtLeast):
                bounds.add(position)
        return cls(b"".join(words), gaps, frozenset(bounds))

    @classmethod
    def missing(cls, count: int, gap: Gap) -> Reading:
        """A reading in which all `count` outcomes are the same gap."""
        return cls(bytes(_WORD * count), dict.fromkeys(range(count), gap))

    def __len__(self) -> int:
        return len(self.column) // _WORD

    def __getitem__(self, position: int) -> Word | Gap:
        gap = self.gaps.get(position)
        if gap is not None:
            return gap
        start = position * _WORD
        if not 0 <= start < len(self.column):
            raise IndexError(position)
        atoms = int.from_bytes(self.column[start : start + _WORD])
        return AtLeast(atoms) if position in self.bounds else atoms

    def amounts(self) -> Iterator[int]:
        """All amounts in order. Raises ValueError if there is a gap among them, which has none, or a lower bound."""
        if self.gaps or self.bounds:
            raise ValueError(f"{len(self.gaps)} of {len(self)} outcomes are gaps, {len(self.bounds)} lower bounds")
        return (int.from_bytes(self.column[start : start + _WORD]) for start in range(0, len(self.column), _WORD))
