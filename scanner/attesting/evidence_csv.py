"""The evidence file's text: one line per holding, in one order, and exactly one way to write each line.

Two auditors who established the same write the same text, and no byte of it can change without changing what it says:
a line is accepted only if writing out what was read from it gives that line again. Lines go by one at a time, so memory
does not grow with their number. Nothing here opens a file, and nothing here judges whether a balance may be believed.

    chain,block,asset,account,atoms,basis,operators,dissent,proof,claimed,control,owners,why,detail
    eip155:1,0x1f...,eip155:1/slip44:60,0x03ae...,1500,QUORUM,alpha+beta,,,1500,SHOWN,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x4d19...,1500,PROVEN,alpha,beta=1499,,1700@0x0e...=1700,,,,
    eip155:1,0x1f...,eip155:1/slip44:60,0x5041...,,,,alpha=7+beta=7,3,,,,DISAGREEMENT,the proof shows 3; ...
    eip155:1,0x1f...,eip155:1/slip44:60,0x7777...,,,,,,,,,UNREACHABLE,"alpha: timed out, three times"

Text is ASCII, lines end in a line feed. Only `detail` is ever quoted, and only where it holds a comma or a quotation
mark (RFC 4180). Compression is gzip (RFC 1952), one member without name or time.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from scanner.chains.accounts import account_key, account_text
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_asset
from scanner.core.amounts import MOST_ATOMS
from scanner.core.control import ContractOwners, Control
from scanner.core.evidence import MAX_OPERATORS, Balance, Basis, Elsewhere, EvidenceRow, Gap, Outcome
from scanner.core.ids import AssetId
from scanner.errors import FINDING_ONLY, Why

COLUMNS: Final = (
    "chain", "block", "asset", "account", "atoms", "basis", "operators", "dissent", "proof", "claimed",
    "control", "owners", "why", "detail",
)  # fmt: skip
HEADER: Final = ",".join(COLUMNS).encode() + b"\n"

MAX_LINE_BYTES: Final = 32 * 1024  # the longest Bitcoin script takes 20,006 characters, all other columns under 5,000

OPERATOR: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # `+` joins operators, so none may hold one

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
        dissent = _dissent(outcome)
        said = (_amount(outcome.atoms), outcome.basis.value, _operators(outcome.operators), dissent, "")
        missing = ("", "")
    else:
        if outcome.why in FINDING_ONLY:
            raise ValueError(f"{outcome.why} is a reason for a finding alone: in the evidence stands the balance")
        if outcome.shown is not None and not row.block:
            raise ValueError("a proof without a block")
        said = ("", "", "", _said(outcome.said), "" if outcome.shown is None else _amount(outcome.shown))
        missing = (outcome.why.value, _quoted(outcome.detail))
    account = account_text(row.asset.chain, row.account)
    text = ",".join((*_where(row.asset, row.block), account, *said, _claimed(row), *_control(row), *missing))
    line = text.encode("ascii") + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    return line


def _row(line: bytes) -> EvidenceRow:
    fields = line.decode("ascii").removesuffix("\n").split(",", len(COLUMNS) - 1)
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} columns, expected {len(COLUMNS)}")
    _, block, asset_text, account, *said, claimed, control, owners, why, detail = fields
    claimed, _, compared = claimed.partition("@")
    at, _, found = compared.partition("=")
    asset = _asset(asset_text)
    key, outcome = account_key(asset.chain, account), _outcome(said, why, detail)
    shown = Control(control) if control else Control.ABSENT
    named = ContractOwners.parse(owners) if owners else None
    elsewhere = Elsewhere(at.removeprefix(_NOWHERE), _whole(found) if found else None) if at else None
    row = EvidenceRow(asset, key, block, outcome, _whole(claimed) if claimed else None, shown, named, elsewhere)
    written = _line(row)
    if written != line:
        raise ValueError(_difference(fields, written))
    return row


def _outcome(said: list[str], why: str, detail: str) -> Outcome:
    atoms, basis, operators, dissent, proof = said
    if why:
        return Gap(Why(why), _unquoted(detail), _said_in(dissent), _whole(proof) if proof else None)
    return Balance(_whole(atoms), Basis(basis), tuple(operators.split("+")) if operators else (), _said_in(dissent))


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


def _amount(atoms: int) -> str:
    if not 0 <= atoms <= MOST_ATOMS:
        raise ValueError("an amount of atoms outside 0 to 2**256 - 1")
    return str(atoms)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text[:80]!a} is no amount of atoms") from None


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
    """Who said otherwise, and what: `beta=1499+gamma=0`."""
    if not balance.dissent:
        return ""
    _operators(tuple(sorted((*balance.operators, *(name for name, _ in balance.dissent)))))
    if any(atoms == balance.atoms for _, atoms in balance.dissent):
        raise ValueError("a dissent that says the same")
    return _said(balance.dissent)


def _said(said: tuple[tuple[str, int], ...]) -> str:
    """Who said what, in a gap: `alpha=7+beta=8`."""
    _operators(tuple(name for name, _ in said))
    return "+".join(f"{name}={_amount(atoms)}" for name, atoms in said)


def _said_in(field: str) -> tuple[tuple[str, int], ...]:
    parts = [part.partition("=") for part in field.split("+")] if field else []
    return tuple((name, _whole(atoms)) for name, _, atoms in parts)


def _claimed(row: EvidenceRow) -> str:
    """`1700`; or `1700@0x0e...=1699` where that is claimed at another block, with what was found there, if known."""
    claimed = "" if row.claimed is None else _amount(row.claimed)
    if row.elsewhere is None:
        return claimed
    block, found = row.elsewhere.block, row.elsewhere.found
    if not claimed or not (block or found is None):
        raise ValueError("nothing is claimed at another block, or something found where none was read")
    _where(row.asset, block)
    return f"{claimed}@{block or _NOWHERE}" + ("" if found is None else f"={_amount(found)}")


def _control(row: EvidenceRow) -> tuple[str, str]:
    """Empty where no proof of control was published, and where no contract was asked."""
    control = "" if row.control is Control.ABSENT else row.control.value
    return control, "" if row.owners is None else str(row.owners)


def _quoted(detail: str) -> str:
    return '"' + detail.replace('"', '""') + '"' if "," in detail or '"' in detail else detail


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if len(field) > 1 and field[0] == field[-1] == '"' else field


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
