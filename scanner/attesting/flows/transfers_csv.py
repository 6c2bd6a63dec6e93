"""The transfers that flows consist of, as a gzipped file: a line for each, in one order, and one way to write each.

    asset,height,index,block,transaction,from,to,atoms
    eip155:1/erc20:0xdac1...,18600000,17,0x1f...,0x9e...,0x4d19...,0x03ae...,1500

Text is ASCII, lines end in a line feed, nothing is quoted; a side that is no one account is empty. Lines ascend
strictly by asset (its name), height and index. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import BinaryIO, Final

from scanner.attesting.evidence_csv import EvidenceError
from scanner.attesting.evidence_gzip import compress, decompress
from scanner.attesting.named import named
from scanner.chains.accounts import account_key, account_text
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_asset
from scanner.core.amounts import MOST_ATOMS
from scanner.core.ids import AssetId, Chain
from scanner.core.shape import MOST
from scanner.core.transfers import MOST_TRANSFERS, NOT_ONE, Transfer

TRANSFERS: Final = "transfers.csv.gz"
HEADER: Final = b"asset,height,index,block,transaction,from,to,atoms\n"
_LONGEST: Final = 256 * 2**20  # bytes of a file: five hundred for each transfer
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,77}", re.ASCII)


def encode(transfers: Iterable[Transfer]) -> Iterator[bytes]:
    """The file, piece by piece. Raises ValueError for transfers that `read` would not read."""
    return compress(_lines(transfers))


def read(file: BinaryIO, sha256: str, step: int) -> tuple[Transfer, ...]:
    """The transfers in a file. Nothing is kept of one that has not this digest. Raises AttestationInvalid of `step`
    where it has not, ValueError for what `encode` does not write."""
    for _ in named("file of transfers", file, sha256, _LONGEST, step):
        pass
    found: list[Transfer] = []
    for number, line in enumerate(decompress(named("file of transfers", file, sha256, _LONGEST, step)), 1):
        if number == 1:
            if line != HEADER:
                raise EvidenceError(1, "another header than that of transfers")
            continue
        if number - 1 > MOST_TRANSFERS:
            raise EvidenceError(number, f"more than {MOST_TRANSFERS:,} transfers")
        try:
            each = _transfer(line)
        except ValueError as error:
            raise EvidenceError(number, str(error)) from None
        if found and not _order(found[-1]) < _order(each):
            raise EvidenceError(number, "out of order, or twice")
        if _line(each) != line:
            raise EvidenceError(number, "not written as it would be here")
        found.append(each)
    return tuple(found)


def _lines(transfers: Iterable[Transfer]) -> Iterator[bytes]:
    yield HEADER
    previous: Transfer | None = None
    for each in transfers:
        if previous is not None and not _order(previous) < _order(each):
            raise ValueError("transfers out of order, or one twice")
        line = _line(each)
        if _transfer(line) != each:
            raise ValueError("a transfer that cannot be written")
        yield line
        previous = each


def _order(each: Transfer) -> tuple[str, int, int]:
    return str(each.asset), each.height, each.index


def _line(each: Transfer) -> bytes:
    source, target = (_side(each.asset.chain, account) for account in (each.source, each.target))
    values = each.asset, each.height, each.index, each.block, each.transaction, source, target, each.atoms
    return (",".join(map(str, values)) + "\n").encode("ascii")


def _side(chain: Chain, account: bytes) -> str:
    return "" if account == NOT_ONE else account_text(chain, account)


def _transfer(line: bytes) -> Transfer:
    """Raises ValueError."""
    columns = line.decode("ascii").removesuffix("\n").split(",")
    if len(columns) != HEADER.count(b",") + 1:
        raise ValueError("another number of columns than the header")
    named_asset, height, index, block, transaction, source, target, atoms = columns
    asset = _asset(named_asset)
    if not is_block_hash(asset.chain, block):
        raise ValueError("the block is none of the chain's")
    if not is_block_hash(asset.chain, transaction):  # its id has the same form on every chain whose transfers are read
        raise ValueError("the transaction's id is none of the chain's")
    return Transfer(
        asset=asset,
        height=_number(height, 0, MOST),
        index=_number(index, 0, MOST),
        block=block,
        transaction=transaction,
        source=account_key(asset.chain, source) if source else NOT_ONE,
        target=account_key(asset.chain, target) if target else NOT_ONE,
        atoms=_number(atoms, 1, MOST_ATOMS),
    )


def _number(text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(f"{text[:80]!a} is no number from {least} to {most}")
    return int(text)


@lru_cache(maxsize=64)
def _asset(text: str) -> AssetId:
    return parse_asset(text)
