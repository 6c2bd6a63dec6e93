"""The evidence file's text: one line per holding, in one order, and exactly one way to write each line.

Two auditors who established the same write the same text, and no byte of it can change without changing what it says:
a line is accepted only if writing out what was read from it gives that line again. Lines go by one at a time, so memory
does not grow with their number. Nothing here opens a file, and nothing here judges whether a balance may be believed.

    chain,block,asset,account,atoms,bound,basis,operators,dissent,proof,claimed,tolerance,height,control,owners,why,detail
    eip155:1,0x1f...,eip155:1/slip44:60,0x03ae...,1500,,QUORUM,alpha+beta,,,1500,,,SHOWN,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x4d19...,1500,,PROVEN,alpha,beta=1499,,1700@0x0e...=1700,50,18600000,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x5041...,,,,,alpha=7+beta=7,3,,,,,,DISAGREEMENT,the proof shows 3; ...
    eip155:1,0x1f...,eip155:1/slip44:60,0x6666...,1500,AT_LEAST,QUORUM,alpha+beta,gamma>=9,,,,,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x7777...,,,,,,,,,,,,UNREACHABLE,"alpha: timed out, three times"

Text is ASCII, lines end in a line feed. Only `detail` is ever quoted, and only where it holds a comma or a quotation
mark (RFC 4180). Compression is gzip (RFC 1952), one member without name or time.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from scanner.attesting.evidence_text import (
    amount_text,
    height_text,
    quoted,
    read_amount,
    read_words,
    unquoted,
    words_text,
)
from scanner.chains.accounts import account_key, account_text
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_asset
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import MAX_OPERATORS, Balance, Basis, Elsewhere, EvidenceRow, Gap, Outcome
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word, denies, implies
from scanner.errors import FINDING_ONLY, Why

COLUMNS: Final = (
    "chain", "block", "asset", "account", "atoms", "bound", "basis", "operators", "dissent", "proof", "claimed",
    "tolerance", "height", "control", "owners", "why", "detail",
)  # fmt: skip
HEADER: Final = ",".join(COLUMNS).encode() + b"\n"

MAX_LINE_BYTES: Final = 32 * 1024  # the longest Bitcoin script takes 20,006 characters, all other columns under 5,000

OPERATOR: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # `+` joins operators, so none may hold one

_AT_LEAST: Final = "AT_LEAST"  # of a balance that is a lower bound
_NOWHERE: Final = "none"  # stands for a block that could not be pinned
_BEFORE_ALL = ("", b"")  # comes before every holding, since no asset's name is empty
_PIECE = 64 * 1024  # bytes decompressed at a time
_BLOCK = 32 * 1024  # bytes compressed at a time, or one line that is longer


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
    previous = _BEFORE_ALL
    for number, row in enumerate(rows, start=2):
        try:
            line = _line(row)
            previous = _next_in_order(row, previous)
        except ValueError as error:
            raise EvidenceError(number, str(error)) from None
        yield line


def decode(lines: Iterable[bytes]) -> Iterator[EvidenceRow]:
    """The rows of evidence text, as they go by. Each of `lines` ends in its line feed.

    Raises EvidenceError at the first line that `encode` would not have written there.
    """
    numbered = enumerate(lines, start=1)
    if next(numbered, None) != (1, HEADER):
        raise EvidenceError(1, f"expected the header {HEADER.decode().rstrip()}")
    previous = _BEFORE_ALL
    for number, line in numbered:
        if len(line) > MAX_LINE_BYTES:
            raise EvidenceError(number, f"longer than {MAX_LINE_BYTES} bytes")
        try:
            row = _row(line)
            previous = _next_in_order(row, previous)
        except ValueError as error:
            raise EvidenceError(number, str(error)) from None
        yield row


def compress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines as a gzip file, piece by piece. The same lines give the same bytes with the same build of zlib."""
    zipper = zlib.compressobj(wbits=31)  # 31: a gzip header and trailer; zlib writes no name and no time into it
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= _BLOCK:
            if piece := zipper.compress(block):
                yield piece
            block.clear()
    yield zipper.compress(block) + zipper.flush()


def decompress(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a gzip file, whose bytes come in pieces of any size. Never holds more than a line and a piece.

    Raises EvidenceError for bytes that are not one whole gzip member and nothing else, for a checksum that does not
    fit, and for a line that is too long.
    """
    unzip = zlib.decompressobj(wbits=31)
    number, rest = 1, b""
    for piece in pieces:
        for text in _unzipped(unzip, piece, number):
            *lines, rest = (rest + text).split(b"\n")
            for line in lines:
                yield line + b"\n"
            number += len(lines)
            if len(rest) >= MAX_LINE_BYTES:
                raise EvidenceError(number, f"longer than {MAX_LINE_BYTES} bytes")
    if not unzip.eof:
        raise EvidenceError(number, "the gzip data end too early")
    if rest:
        raise EvidenceError(number, "the last line has no line feed")


def _unzipped(unzip: zlib._Decompress, piece: bytes, number: int) -> Iterator[bytes]:
    while True:
        try:
            text = unzip.decompress(piece, _PIECE)
        except zlib.error:
            raise EvidenceError(number, "the gzip data are damaged, or are none") from None
        if unzip.unused_data:
            raise EvidenceError(number, "something follows the end of the gzip data")
        yield text
        piece = unzip.unconsumed_tail
        if not piece and len(text) < _PIECE:
            return


def _line(row: EvidenceRow) -> bytes:
    """The one way to write `row`. Every rule about values stands here, since reading ends with writing again."""
    outcome = row.outcome
    if not (row.block or isinstance(outcome, Gap)):
        raise ValueError("a balance without a block")
    if isinstance(outcome, Balance):
        amount = amount_text(outcome.atoms), _bound(outcome), outcome.basis.value
        said = (*amount, _operators(outcome.operators), _dissent(outcome), "")
        missing = ("", "")
    else:
        if outcome.why in FINDING_ONLY:
            raise ValueError(f"{outcome.why} is a reason for a finding alone: in the evidence stands the balance")
        if outcome.shown is not None and not row.block:
            raise ValueError("a proof without a block")
        said = ("", "", "", "", _said(outcome.said), "" if outcome.shown is None else amount_text(outcome.shown))
        missing = (outcome.why.value, quoted(outcome.detail))
    account = account_text(row.asset.chain, row.account)
    text = ",".join((*_where(row.asset, row.block), account, *said, *_stated(row), *_control(row), *missing))
    line = text.encode("ascii") + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    return line


def _row(line: bytes) -> EvidenceRow:
    fields = line.decode("ascii").removesuffix("\n").split(",", len(COLUMNS) - 1)
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} columns, expected {len(COLUMNS)}")
    _, block, asset_text, account, *said, claimed, tolerance, height, control, owners, why, detail = fields
    claimed, _, compared = claimed.partition("@")
    at, _, found = compared.partition("=")
    asset = _asset(asset_text)
    key, outcome = account_key(asset.chain, account), _outcome(said, why, detail)
    shown = Control(control) if control else Control.ABSENT
    named = ContractOwners.parse(owners) if owners else None
    elsewhere = Elsewhere(at.removeprefix(_NOWHERE), read_amount(found) if found else None) if at else None
    off, at_height = read_amount(tolerance) if tolerance else 0, read_amount(height) if height else None
    amount = read_amount(claimed) if claimed else None
    row = EvidenceRow(asset, key, block, outcome, amount, shown, named, elsewhere, off, at_height)
    written = _line(row)
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
def _where(asset: AssetId, block: str) -> tuple[str, str, str]:
    """Chain, block and asset, which are the same for many rows."""
    chain = asset.chain
    if block and not is_block_hash(chain, block):
        raise ValueError(f"{block[:80]!a} is no block hash of {chain}")
    return str(chain), block, str(asset)


_asset_text = lru_cache(maxsize=1024)(str)


@lru_cache(maxsize=1024)
def _asset(text: str) -> AssetId:
    return parse_asset(text)


@lru_cache(maxsize=1024)
def _operators(names: tuple[str, ...]) -> str:
    if len(names) > MAX_OPERATORS:
        raise ValueError(f"{len(names)} operators, at most {MAX_OPERATORS} are possible")
    for name in names:
        if not OPERATOR.fullmatch(name):
            raise ValueError(f"{name[:80]!a} is no operator's name; expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if list(names) != sorted(set(names)):
        raise ValueError("operators are not sorted, or one is named twice")
    return "+".join(names)


def _dissent(balance: Balance) -> str:
    """Who said otherwise, or less, and what: `beta=1499+gamma>=0`."""
    if not balance.dissent:
        return ""
    _operators(tuple(sorted((*balance.operators, *(name for name, _ in balance.dissent)))))
    if any(implies(word, balance.word) for _, word in balance.dissent):
        raise ValueError("a dissent that says the same")
    if balance.basis is Basis.PROVEN and not all(denies(word, balance.atoms) for _, word in balance.dissent):
        raise ValueError("a dissent from a proof that does not contradict it")
    return _said(balance.dissent)


def _bound(balance: Balance) -> str:
    if balance.at_least and balance.basis is Basis.PROVEN:
        raise ValueError("a proof shows what is there, and no lower bound")
    return _AT_LEAST if balance.at_least else ""


def _said(said: tuple[tuple[str, Word], ...]) -> str:
    _operators(tuple(name for name, _ in said))
    return words_text(said)


def _stated(row: EvidenceRow) -> tuple[str, str, str]:
    """What the claim says of the holding: the amount, how far it may be off, and the height that its row names."""
    if (row.tolerance and row.claimed is None) or row.tolerance < 0:
        raise ValueError("a tolerance of no amount, or below 0")
    return _claimed(row), amount_text(row.tolerance) if row.tolerance else "", height_text(row.height)


def _claimed(row: EvidenceRow) -> str:
    """`1700`; or `1700@0x0e...=1699` where that is claimed at another block, with what was found there, if known."""
    claimed = "" if row.claimed is None else amount_text(row.claimed)
    if row.elsewhere is None:
        return claimed
    block, found = row.elsewhere.block, row.elsewhere.found
    if not claimed or not (block or found is None):
        raise ValueError("nothing is claimed at another block, or something found where none was read")
    _where(row.asset, block)
    return f"{claimed}@{block or _NOWHERE}" + ("" if found is None else f"={amount_text(found)}")


def _control(row: EvidenceRow) -> tuple[str, str]:
    """Empty where no proof of control was published, and where no contract was asked."""
    control = "" if row.control is Control.ABSENT else row.control.value
    return control, "" if row.owners is None else str(row.owners)


def _difference(fields: list[str], written: bytes) -> str:
    """Which column of a line is not written as it should be."""
    expected = written.decode("ascii").removesuffix("\n").split(",", len(COLUMNS) - 1)
    for column, found, wanted in zip(COLUMNS, fields, expected, strict=True):
        if found != wanted:
            return f"{column} is written {found[:80]!a}, expected {wanted[:80]!a}"
    return "the line does not end in a line feed"


def _next_in_order(row: EvidenceRow, previous: tuple[str, bytes]) -> tuple[str, bytes]:
    order = _asset_text(row.asset), row.account  # holding_order, of an asset whose text is known
    if order <= previous:
        account = account_text(row.asset.chain, row.account)
        fault = "stands twice" if order == previous else "does not stand in the order of holdings"
        raise ValueError(f"{row.asset} {account} {fault}")
    return order
