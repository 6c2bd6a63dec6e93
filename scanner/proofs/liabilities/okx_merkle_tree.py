"""OKX Merkle v2, of March 2023: the whole tree of BTC, ETH and USDT in one file, and customers' records apart.

TOTAL-PROVEN, since every parent is hashed again; OKX's own tool hashes none, and passes a file without its upper half.
Each level is written from right to left, and one of odd count has a node of padding at its right end: its first line.
Source: okx/proof-of-reserves at 2962a89, and its example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from hashlib import sha256
from typing import Final

from scanner.proofs.liabilities.decimals import amount, stripped
from scanner.proofs.liabilities.interface import (
    File,
    Inclusion,
    NeedsFiles,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    TooLarge,
    Total,
)
from scanner.proofs.liabilities.levels import PARENTS, CheckedBlock, LineBlock, checked_leaves, first_wrong, walk
from scanner.proofs.liabilities.okx_merkle_path import COINS, PLACES, record
from scanner.proofs.liabilities.paths import DEEPEST_TREE, sha256_hex
from scanner.proofs.liabilities.reading import JsonFields, Lines, json_value, starts_with_object, whole
from scanner.proofs.liabilities.remarks import COMPLETE, UNSEPARATED
from scanner.proofs.liabilities.units import check_stated, compare

_LONGEST: Final = 250
_MOST_DIGITS: Final = 20
_FRACTION: Final = rf"(?:\.[0-9]{{0,{PLACES - 1}}}[1-9])?"
_AMOUNT: Final = rf"((?:0|[1-9][0-9]{{0,{_MOST_DIGITS - 1}}}){_FRACTION})"
_LONG_AMOUNT: Final = rf"((?:0|[1-9][0-9]*){_FRACTION})"
_MOST_NODES: Final = 10_000
_UNITS: Final = 10**PLACES

Row = tuple[bytes, bytes, bytes, bytes]
"""A line's hash and amounts, as they are written."""


class OkxMerkleTree:
    """See `Scheme`. The published files are one tree, and any number of customers' files."""

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`."""
        check_stated(published)
        tree, users = _parted(published.files)
        records = [_Record.read(file) for file in users]
        root, leaves = _walk(published, tree, records)
        totals = {coin: Total(root.amounts[coin], Shows.TOTAL_PROVEN, (COMPLETE,)) for coin in COINS}
        compare(published, root.hash, totals)
        return ShownTotals(root.hash, totals, leaves, (UNSEPARATED,))

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The whole tree is needed: a customer's file has no path."""
        check_stated(published)
        tree, _ = _parted(published.files)
        own = _Record.read(user_file)
        root, _ = _walk(published, tree, [own])
        return Inclusion(
            root.hash,
            own.nonce,
            own.totals,
            Shows.TOTAL_PROVEN,
            published=True,
            leaves=len(own.lines),
            remarks=(UNSEPARATED,),
            totals=root.amounts,
            assumes=(COMPLETE,),
        )


@dataclass(frozen=True, slots=True)
class _Record:
    """A customer's file that holds together: what it says is owed, and the leaves that have to be in the tree."""

    file: str
    nonce: str
    totals: Mapping[str, Fraction]
    lines: frozenset[bytes]

    @classmethod
    def read(cls, file: File) -> _Record:
        fields = JsonFields(json_value(whole(file), file.name), file.name)
        nonce, stated = fields.text("nonce", "[0-9A-Za-z-]{1,200}"), fields.text("hash", "[0-9a-f]{64}")
        texts, totals = _amounts(fields.object("totalBalances"))
        user = sha256_hex(nonce + record(texts))
        if user != stated:
            raise Refuted(f"{file.name}: the record's hash is {user}, and the file states {stated}")
        lines: set[bytes] = set()
        sums = dict.fromkeys(COINS, Fraction(0))
        nodes = fields.objects("nodes", _MOST_NODES)
        for node in nodes:
            own, values = _amounts(node.object("balances"))
            leaf = sha256_hex(user + "".join(own[coin] for coin in COINS))
            if (written := node.text("hash")) != leaf:
                raise Refuted(f"{node.where}: the leaf's hash is {leaf}, and the file states {written[:80]!a}")
            lines.add(f"{leaf},1,{record(own)}".encode())
            sums = {coin: sums[coin] + values[coin] for coin in COINS}
        if len(lines) != len(nodes) or not lines:
            raise Refuted(f"{file.name}: a leaf stands twice, or there is none")
        if sums != totals:
            raise Refuted(f"{file.name}: the leaves do not come to the record's amounts")
        return cls(file.name, nonce, totals, frozenset(lines))


@dataclass(frozen=True, slots=True)
class _Root:
    hash: str
    height: int
    amounts: Mapping[str, Fraction]


def _amounts(fields: JsonFields) -> tuple[dict[str, str], dict[str, Fraction]]:
    if fields.keys() != set(COINS):
        raise NotUnderstood(f"{fields.where}: other coins than {', '.join(COINS)}")
    texts = {coin: fields.text(coin) for coin in COINS}
    values = {coin: amount(text, f"{fields.where}.{coin}") for coin, text in texts.items()}
    for coin, value in values.items():
        if re.fullmatch(_AMOUNT, texts[coin], re.ASCII) is None or stripped(value) != texts[coin]:
            raise NotUnderstood(f"{fields.where}.{coin}: {texts[coin][:80]!a} is not as the tree writes amounts")
    return texts, values


def _parted(files: Sequence[File]) -> tuple[File, list[File]]:
    users = [file for file in files if starts_with_object(file)]
    trees = [file for file in files if file not in users]
    if not files:
        raise NeedsFiles("a root alone leads to no leaf: the published tree is needed")
    if len(trees) != 1:
        raise NotUnderstood(f"{len(trees)} files of a tree; expected one")
    return trees[0], users


def _walk(published: Published, file: File, records: Sequence[_Record]) -> tuple[_Root, int]:
    """The tree's root and the number of its leaves. Raises Refuted, where a record's leaf is missing too."""
    root = _root(file)
    if published.root is not None and published.root != root.hash:
        raise OtherRoot(published.root, root.hash)
    owners: dict[bytes, str] = {}
    for each in records:
        for line in each.lines:
            if owners.setdefault(line, each.file) != each.file:
                raise Refuted(f"{each.file}: shows a leaf of {owners[line]} as its own")
    walked = walk(
        _blocks(file, root.height), partial(_check, file.name, frozenset(owners)), published.each, published.spill
    )
    if missing := sorted(owners.keys() - set(walked.found)):
        raise Refuted(f"{owners[missing[0]]}: the leaf {missing[0][:64].decode()} is not in the tree with its amounts")
    return root, walked.leaves


def _root(file: File) -> _Root:
    lines = Lines(file, _LONGEST)
    line = lines.take(1)
    match = re.fullmatch(rb"([0-9a-f]{64}),([0-9]{1,2}),(\{.{1,200}\})\n", line)
    if match is None:
        raise NotUnderstood(f"{file.name}: line 1: {line[:100]!a} is no root of a tree")
    height = int(match[2])
    if height < 2:
        if lines.ended:
            raise NotUnderstood(f"{file.name}: line 1: a root of height {height} alone, which is no tree")
        raise Refuted(f"{file.name}: line 1: a root of height {height}, which has no children, and more lines follow")
    if height > DEEPEST_TREE:
        raise TooLarge(f"{file.name}: line 1", f"a root of height {height}", DEEPEST_TREE)
    _, values = _amounts(JsonFields(json_value(match[3], f"{file.name}: line 1"), f"{file.name}: line 1"))
    return _Root(match[1].decode(), height, values)


def _blocks(file: File, height: int) -> Iterator[LineBlock]:
    """All parents with their children. Raises Refuted where levels have not the sizes that they must have."""
    above, below = Lines(file, _LONGEST), Lines(file, _LONGEST)
    line = 1 + below.take(1).count(b"\n")
    parents = 1
    for level in range(height - 1, 0, -1):
        done, padded = 0, False
        while done < parents:
            number = min(PARENTS, parents - done)
            children = below.take(2 * number)
            if children.count(b"\n") < 2 * number:
                raise Refuted(f"{file.name}: ends within the level of height {level}")
            if done == 0:
                padded = is_padding(*children.split(b"\n", 2)[:2])
            yield LineBlock(level, line, 2 * done, above.take(number), children)
            done += number
            line += 2 * number
        parents = 2 * parents - padded
        if padded:
            above.take(1)
    if not below.ended:
        raise Refuted(f"{file.name}: line {line}: more lines than the tree has nodes")


def is_padding(right: bytes, left: bytes) -> bool:
    """Whether the first line of a level is padding: the second's hash again, and no amounts."""
    empty = record(dict.fromkeys(COINS, "0")).encode()
    return right[:64] == left[:64] and right.endswith(b"," + empty)


def _check(name: str, wanted: frozenset[bytes], block: LineBlock) -> CheckedBlock:
    rows = _rows(name, block)
    above = block.height + 1
    expected = [_parent(left, right, above) for right, left in zip(rows[::2], rows[1::2], strict=True)]
    if b"".join(expected) != block.parents:
        lines = [each.rstrip(b"\n") for each in expected]
        position, stated = first_wrong(lines, block.parents)
        raise Refuted(
            f"{name}: the children at line {block.line + 2 * position} make {lines[position].decode()}, and the file "
            f"states {stated[:_LONGEST].decode(errors='replace')!a}"
        )
    if block.height > 1:
        return CheckedBlock()
    lines = block.children.split(b"\n")[:-1]
    if block.first == 0 and is_padding(lines[0], lines[1]):
        rows, lines = rows[1:], lines[1:]
    return checked_leaves(
        [bytes.fromhex(row[0].decode()) for row in rows], wanted.intersection(lines) if wanted else ()
    )


def _rows(name: str, block: LineBlock) -> list[Row]:
    rows: list[Row] = _pattern(block.height).findall(block.children)
    fixed = len(f"{'':64},{block.height},{record(dict.fromkeys(COINS, ''))}\n")
    if len(rows) * fixed + sum(len(b) + len(e) + len(u) for _, b, e, u in rows) != len(block.children):
        for number, line in enumerate(block.children.splitlines(keepends=True), block.line):
            if _pattern(block.height).fullmatch(line) is None:
                if _pattern(block.height, _LONG_AMOUNT).fullmatch(line):
                    raise TooLarge(f"{name}: line {number}", "an amount of too many digits", _MOST_DIGITS)
                negative = " with a negative amount" if b'"-' in line else ""
                raise Refuted(f"{name}: line {number}: no node of height {block.height}{negative}: {line[:250]!a}")
    return rows


@cache
def _pattern(height: int, amount: str = _AMOUNT) -> re.Pattern[bytes]:
    amounts = ",".join(f'"{coin}":"{amount}"' for coin in COINS)
    return re.compile(rf"([0-9a-f]{{64}}),{height},\{{{amounts}\}}\n".encode(), re.ASCII)


def _parent(left: Row, right: Row, height: int) -> bytes:
    bitcoin, ether, tether = _sum(left[1], right[1]), _sum(left[2], right[2]), _sum(left[3], right[3])
    text = b"%b%b%b%b%b%d" % (left[0], right[0], bitcoin, ether, tether, height)
    digest = sha256(text).hexdigest().encode()
    return b'%b,%d,{"BTC":"%b","ETH":"%b","USDT":"%b"}\n' % (digest, height, bitcoin, ether, tether)


def _sum(left: bytes, right: bytes) -> bytes:
    if left == b"0":
        return right
    if right == b"0":
        return left
    whole_coins, units = divmod(_units(left) + _units(right), _UNITS)
    return (b"%d.%08d" % (whole_coins, units)).rstrip(b"0") if units else b"%d" % whole_coins


def _units(text: bytes) -> int:
    whole_coins, _, digits = text.partition(b".")
    return int(whole_coins) * _UNITS + int(digits.ljust(PLACES, b"0"))


SCHEME: Final = OkxMerkleTree()
