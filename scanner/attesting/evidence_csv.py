"""The evidence file's text: one line per holding, in one order, and exactly one way to write each line.

Two auditors who established the same write the same text, and no byte of it can change without changing what it says:
a line is accepted only if writing out what was read from it gives that line again. Lines go by one at a time, so memory
does not grow with their number. Nothing here opens a file, and nothing here judges whether a balance may be believed.

    chain,block,asset,account,atoms,bound,basis,operators,dissent,proof,claimed,tolerance,height,control,owners,passes,why,detail
    eip155:1,0x1f...,eip155:1/slip44:60,0x03ae...,1500,,QUORUM,alpha+beta,,,1500,,,SHOWN,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x4d19...,1500,,PROVEN,alpha,beta=1499,,1700@0x0e...=1700,50,18600000,,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x5041...,,,,,alpha=7+beta=7,3,,,,,,,DISAGREEMENT,the proof shows 3; ...
    eip155:1,0x1f...,eip155:1/slip44:60,0x6666...,1500,AT_LEAST,QUORUM,alpha+beta,gamma>=9,,,,,,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x7777...,,,,,,,,,,,,,UNREACHABLE,"alpha: timed out, three times"

Text is ASCII, lines end in a line feed. Only `detail` is ever quoted, and only where it holds a comma or a quotation
mark (RFC 4180). Compression is `evidence_gzip`'s part; `evidence_columns` reads and writes many lines together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from scanner.attesting.evidence_passes import passes_text, read_passes
from scanner.attesting.evidence_text import (
    amount_text,
    dissent_text,
    height_text,
    operators_text,
    quoted,
    read_amount,
    read_words,
    said_text,
    unquoted,
)
from scanner.chains.accounts import account_key, account_text
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_asset
from scanner.core.control import Control, chains_word
from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import AssetId
from scanner.errors import FINDING_ONLY, Why

COLUMNS: Final = (
    "chain", "block", "asset", "account", "atoms", "bound", "basis", "operators", "dissent", "proof", "claimed",
    "tolerance", "height", "control", "owners", "passes", "why", "detail",
)  # fmt: skip
HEADER: Final = ",".join(COLUMNS).encode() + b"\n"

MAX_LINE_BYTES: Final = 32 * 1024  # the longest Bitcoin script takes 20,006 characters, all other columns under 5,000

_AT_LEAST: Final = "AT_LEAST"  # of a balance that is a lower bound
_NOWHERE: Final = "none"  # stands for a block that could not be pinned
Order = tuple[str, bytes]  # as `holding_order` has it
BEFORE_ALL: Final[Order] = "", b""  # comes before every holding, since no asset's name is empty


class EvidenceError(ValueError):
    """Evidence that is not written as this module's text says. `line` counts from 1, the header being line 1."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {what}")


def encode(rows: Iterable[EvidenceRow]) -> Iterator[bytes]:
    """The header, and a line for each row.

    Raises EvidenceError for rows that do not ascend strictly in `holding_order` (so none can stand twice), and for a
    row whose values no evidence can have.
    """
    yield HEADER
    yield from lines_of(rows)


def lines_of(rows: Iterable[EvidenceRow], first: int = 2, previous: Order = BEFORE_ALL) -> Iterator[bytes]:
    """The lines of rows that go on after `previous`, the first of which has the number `first`."""
    for number, row in enumerate(rows, start=first):
        try:
            line = line_of(row)
            previous = next_in_order(row, previous)
        except ValueError as error:
            raise EvidenceError(number, str(error)) from None
        yield line


def decode(lines: Iterable[bytes]) -> Iterator[EvidenceRow]:
    """The rows of evidence text, as they go by. Each of `lines` ends in its line feed.

    Raises EvidenceError at the first line that `encode` would not have written there.
    """
    lines = iter(lines)
    if next(lines, None) != HEADER:
        raise EvidenceError(1, f"expected the header {HEADER.decode().rstrip()}")
    yield from rows_in(lines)


def rows_in(lines: Iterable[bytes], first: int = 2, previous: Order = BEFORE_ALL) -> Iterator[EvidenceRow]:
    """The rows of lines that go on after `previous`, the first of which has the number `first`."""
    for number, line in enumerate(lines, start=first):
        if len(line) > MAX_LINE_BYTES:
            raise EvidenceError(number, f"longer than {MAX_LINE_BYTES} bytes")
        try:
            row = row_in(line)
            previous = next_in_order(row, previous)
        except ValueError as error:
            raise EvidenceError(number, str(error)) from None
        yield row


def line_of(row: EvidenceRow) -> bytes:
    """The one way to write `row`. Every rule about values stands here, since reading ends with writing again.

    Raises ValueError for values that no evidence can have.
    """
    outcome = row.outcome
    if not (row.block or isinstance(outcome, Gap)):
        raise ValueError("a balance without a block")
    if isinstance(outcome, Gap) and outcome.shown is not None and not row.block:
        raise ValueError("a proof without a block")
    if row.tolerance and row.claimed is None:
        raise ValueError("a tolerance of no amount")
    account = account_text(row.asset.chain, row.account)
    atoms = amount_text(outcome.atoms) if isinstance(outcome, Balance) else ""
    claimed, end = claimed_text(row.asset, row.claimed, row.elsewhere), end_of(row)
    text = ",".join((*where(row.asset, row.block), account, atoms, middle_of(outcome), claimed, end))
    line = text.encode("ascii") + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    return line


def middle_of(outcome: Outcome) -> str:
    """The columns between the atoms and what is claimed."""
    if isinstance(outcome, Balance):
        said = outcome.basis.value, operators_text(outcome.operators), dissent_text(outcome), ""
        return ",".join((_bound(outcome), *said))
    shown = "" if outcome.shown is None else amount_text(outcome.shown)
    return ",".join(("", "", "", said_text(outcome.said), shown))


def end_of(row: EvidenceRow) -> str:
    """The columns after what is claimed: how far it may be off, and the height that the claim's row names; control,
    empty where no proof of it was published; owners, where a contract was asked; both readings, where a balance was
    read in two passes; and why there is no balance."""
    if row.tolerance < 0:
        raise ValueError("a tolerance below 0")
    tolerance = amount_text(row.tolerance) if row.tolerance else ""
    control = "" if row.control is Control.ABSENT else row.control.value
    owners, passes = "" if row.owners is None else str(row.owners), passes_text(row.asset.chain, row.passes)
    stated = tolerance, height_text(row.height), control, owners, passes
    outcome = row.outcome
    if passes and isinstance(outcome, Gap):
        raise ValueError("a gap that was read in two passes")
    if isinstance(outcome, Balance):
        return ",".join((*stated, "", ""))
    if outcome.why in FINDING_ONLY:
        raise ValueError(f"{outcome.why} is a reason for a finding alone: in the evidence stands the balance")
    return ",".join((*stated, outcome.why.value, quoted(outcome.detail)))


def row_in(line: bytes) -> EvidenceRow:
    """What `line_of` wrote. Raises ValueError for any other line."""
    fields = line.decode("ascii").removesuffix("\n").split(",", len(COLUMNS) - 1)
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} columns, expected {len(COLUMNS)}")
    _, block, asset_text, account, *said, claimed, tolerance, height, control, owners, passes, why, detail = fields
    asset = asset_of(asset_text)
    key, outcome = account_key(asset.chain, account), _outcome(said, why, detail)
    shown = Control(control) if control else Control.ABSENT
    named = chains_word(owners) if owners else None
    amount, elsewhere = claim_in(claimed)
    off, at_height = read_amount(tolerance) if tolerance else 0, read_amount(height) if height else None
    both = read_passes(passes)
    row = EvidenceRow(asset, key, block, outcome, amount, shown, named, elsewhere, off, at_height, both)
    written = line_of(row)
    if written != line:
        raise ValueError(_difference(fields, written))
    return row


def _outcome(said: list[str], why: str, detail: str) -> Outcome:
    atoms, bound, basis, operators, dissent, proof = said
    if why:
        return Gap(Why(why), unquoted(detail), read_words(dissent), read_amount(proof) if proof else None)
    names = tuple(operators.split("+")) if operators else ()
    return Balance(read_amount(atoms), Basis(basis), names, read_words(dissent), at_least=bound == _AT_LEAST)


@lru_cache(maxsize=1024)
def where(asset: AssetId, block: str) -> tuple[str, str, str]:
    """Chain, block and asset, which are the same for many rows."""
    chain = asset.chain
    if block and not is_block_hash(chain, block):
        raise ValueError(f"{block[:80]!a} is no block hash of {chain}")
    return str(chain), block, str(asset)


_asset_text = lru_cache(maxsize=1024)(str)


@lru_cache(maxsize=1024)
def asset_of(text: str) -> AssetId:
    return parse_asset(text)


def _bound(balance: Balance) -> str:
    if balance.at_least and balance.basis is Basis.PROVEN:
        raise ValueError("a proof shows what is there, and no lower bound")
    return _AT_LEAST if balance.at_least else ""


def claimed_text(asset: AssetId, claimed: int | None, elsewhere: Elsewhere | None) -> str:
    """`1700`; or `1700@0x0e...=1699` where that is claimed at another block, with what was found there, if known."""
    text = "" if claimed is None else amount_text(claimed)
    if elsewhere is None:
        return text
    block, found = elsewhere.block, elsewhere.found
    if not text or not (block or found is None):
        raise ValueError("nothing is claimed at another block, or something found where none was read")
    where(asset, block)
    return f"{text}@{block or _NOWHERE}" + ("" if found is None else f"={amount_text(found)}")


def claim_in(text: str) -> tuple[int | None, Elsewhere | None]:
    """What `claimed_text` wrote, or what it would have written otherwise. Raises ValueError."""
    claimed, _, compared = text.partition("@")
    at, _, found = compared.partition("=")
    elsewhere = Elsewhere(at.removeprefix(_NOWHERE), read_amount(found) if found else None) if at else None
    return read_amount(claimed) if claimed else None, elsewhere


def _difference(fields: list[str], written: bytes) -> str:
    """Which column of a line is not written as it should be."""
    expected = written.decode("ascii").removesuffix("\n").split(",", len(COLUMNS) - 1)
    for column, found, wanted in zip(COLUMNS, fields, expected, strict=True):
        if found != wanted:
            return f"{column} is written {found[:80]!a}, expected {wanted[:80]!a}"
    return "the line does not end in a line feed"


def next_in_order(row: EvidenceRow, previous: Order) -> Order:
    """Where the row stands. Raises ValueError where that is not after `previous`."""
    order = _asset_text(row.asset), row.account  # holding_order, of an asset whose text is known
    if order <= previous:
        account = account_text(row.asset.chain, row.account)
        fault = "stands twice" if order == previous else "does not stand in the order of holdings"
        raise ValueError(f"{row.asset} {account} {fault}")
    return order
