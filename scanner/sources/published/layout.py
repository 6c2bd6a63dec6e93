"""What a layout is: the data by which one exchange's way of publishing is recognised and read.

No layout stands here, and nothing here reads a row. Adding one is described in docs/adding-a-layout.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from scanner.sources.published.row import Kind

MAX_COLUMNS = 200  # of a table; OKX's have 12, and a line of thousands of cells is no header
_LONGEST_NAME = 1000  # of a column, with whatever stands between its letters: a longer cell is none


class Role(StrEnum):
    """What a column is for."""

    LABEL = "label"  # what the exchange calls the asset
    NETWORK = "network"
    HEIGHT = "height"
    ADDRESS = "address"
    AMOUNT = "amount"
    MESSAGE = "message"
    SIGNATURE_1 = "first signature"
    SIGNATURE_2 = "second signature"
    KEY = "key or script"
    OWNER_1 = "first owner"
    OWNER_2 = "second owner"
    KIND = "type"
    CUSTODIAN = "custodian"
    STATUS = "status"


class Whole(StrEnum):
    """What a value says of all rows."""

    AMOUNT = "amount"  # their sum, in coins or in base units
    ROWS = "rows"  # how many there are


Spellings = Mapping[Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a header each role stands."""

    at: Mapping[Role, int]
    width: int
    others: tuple[str, ...]  # columns of no role: not read, and reported to the user


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A delimited table. A header fits where it has every `required` role and none of the `absent` ones."""

    name: str
    what: str  # for people: whose files, and since when
    columns: Spellings
    required: frozenset[Role]
    absent: frozenset[Role] = frozenset()
    block: Spellings | None = None  # a smaller table before it: totals (and heights) by label
    base_units: bool = False  # amounts are in atoms of the asset, not in whole coins
    caip: bool = False  # networks and labels may be CAIP-2 and CAIP-19 names
    nulls: frozenset[str] = frozenset({"", "null", "\\N"})
    kinds: Mapping[str, Kind] = field(default_factory=dict)  # by the type column's text
    statuses: frozenset[str] = frozenset()  # the status column's texts whose rows are meant
    dated: re.Pattern[str] | None = None  # the day of the snapshot in a file's name: groups year, month, day
    dated_like: str = ""  # such a name, for people
    generic: bool = False  # anybody's columns: gives way to another layout that fits too
    only_named: bool = False  # anybody's columns, too: fits where a claim or the file's name says so, and nowhere else
    exchange: str = ""  # whose files have it; said of a file only where it bears one of the following marks
    named: re.Pattern[str] | None = None  # a file's name that only this exchange gives
    marked: frozenset[Role] = frozenset()  # columns that only this exchange writes
    roles: Mapping[str, Role] = field(init=False, repr=False)  # of `columns`, by what a header's cell comes to
    block_roles: Mapping[str, Role] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", _roles(self.columns))
        object.__setattr__(self, "block_roles", _roles(self.block or {}))

    def exchange_of(self, columns: Columns, *names: str) -> str | None:
        """Whose file it is, where something says so that is in no other exchange's files. Common columns do not."""
        marked = bool(self.marked & columns.at.keys()) or is_named(self.named, *names)
        return self.exchange if self.exchange and marked else None

    def fit(self, cells: Sequence[str]) -> Columns | None:
        """The columns, if `cells` is this layout's header. Raises ValueError where two columns have one role."""
        return _fit(cells, self.roles, self.required, self.absent)

    def fit_block(self, cells: Sequence[str]) -> Columns | None:
        """The columns, if `cells` is the header of this layout's header block: no cell may be left over."""
        if self.block is None:
            return None
        columns = _fit(cells, self.block_roles, frozenset({Role.LABEL, Role.AMOUNT}), frozenset())
        return columns if columns is not None and not columns.others else None


@dataclass(frozen=True, slots=True)
class DocumentLayout:
    """A YAML document: a few values for all, and one list of mappings. All keys are named here."""

    name: str
    what: str
    height: str  # key of the block height, at the top
    chain: str  # key of the chain's name, at the top
    chains: Mapping[str, str]  # the chain's name to a network as the label table knows it
    label: str  # every entry is of this asset
    entries: str  # key of the list, at the top
    address: str  # keys of an entry
    amount: str  # in atoms
    script: str
    type: str
    decimals: int
    unspendable: frozenset[str] = frozenset()  # types of entries that the exchange itself does not count
    required: frozenset[str] = frozenset()  # keys at the top by which such a file is known
    dated: re.Pattern[str] | None = None
    dated_like: str = ""
    exchange: str = ""
    named: re.Pattern[str] | None = None
    totals: Mapping[str, Whole] = field(default_factory=dict)  # keys at the top that say what the list comes to


Layout = TableLayout | DocumentLayout

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def snapshot_day(pattern: re.Pattern[str] | None, name: str) -> str | None:
    """The day that a file's name gives, as ISO 8601; None where it gives none, or no possible one."""
    match = pattern.search(name) if pattern else None
    if match is None:
        return None
    text = match["month"].upper()
    month = _MONTHS.index(text) + 1 if text in _MONTHS else text
    century = "20" if len(match["year"]) == 2 else ""
    try:
        return date(int(century + match["year"]), int(month), int(match["day"])).isoformat()
    except ValueError:
        return None


def is_named(pattern: re.Pattern[str] | None, *names: str) -> bool:
    """Whether one of these files' names has the pattern in it."""
    return pattern is not None and any(pattern.search(name) for name in names)


def header_name(cell: str) -> str:
    """A header's cell as it is compared: letters and digits alone, without case."""
    return "".join(filter(str.isalnum, cell.casefold()))


def _roles(spellings: Spellings) -> dict[str, Role]:
    return {header_name(text): role for role, texts in spellings.items() for text in texts}


def _fit(
    cells: Sequence[str], roles: Mapping[str, Role], required: frozenset[Role], absent: frozenset[Role]
) -> Columns | None:
    if len(cells) > MAX_COLUMNS:
        return None
    at: dict[Role, int] = {}
    others = []
    twice = None
    for index, cell in enumerate(cells):
        role = roles.get(header_name(cell)) if len(cell) <= _LONGEST_NAME else None
        if role is None:
            if cell.strip():
                others.append(cell.strip())
        elif role in at:
            twice = role
        else:
            at[role] = index
    if not required <= at.keys() or absent & at.keys():
        return None
    if twice is not None:
        raise ValueError(f"two columns are the {twice}")
    return Columns(at, len(cells), tuple(others))
