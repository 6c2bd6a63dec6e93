"""BitMEX, and River: the whole tree of satoshi in one file, each hash covering the amounts of both its sides.

TOTAL-PROVEN, since every parent is hashed again; BitMEX's tool checks the paths of one account's leaves alone. An
account finds its leaves by a secret of its own; balances are parted over several.

Sources: BitMEX/proof-of-reserves-liabilities at c0c9c71; RiverFinancial/proof-of-reserves at 1a65cb8, and the tree of
its tests. No file that River published was at hand.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from hashlib import sha256
from typing import Final

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
from scanner.proofs.liabilities.reading import JsonFields, Lines, json_value, starts_with_object, whole
from scanner.proofs.liabilities.remarks import COMPLETE
from scanner.proofs.liabilities.units import check_stated, compare

_COIN: Final = "BTC"
_SATOSHI: Final = 10**8
_LONGEST: Final = 100
_NODE: Final = re.compile(rb"([0-9a-f]{64}),(0|[1-9][0-9]{0,19})\n", re.ASCII)
_HEADER: Final = re.compile(rb"block_height:([0-9]{1,15})\n", re.ASCII)
_AMOUNTS: Final = "account,amount"
_MOST_ACCOUNTS: Final = 10_000
_UINT64: Final = 2**64


@dataclass(frozen=True, slots=True)
class BitmexCustomer:
    """One customer, by the secret with which leaves are found. `amount` is in satoshi; None if it is not stated."""

    name: str
    key: bytes
    amount: int | None


class BitmexTree:
    """See `Scheme`. The published files are one tree; accounts' amounts and secrets may stand in two more."""

    def judge(self, published: Published) -> ShownTotals:
        """See `Scheme`. Accounts are given as `account,amount` and `account,nonce` lines, as BitMEX's tool has them."""
        check_stated(published)
        tree, others = _parted(published.files)
        walked = _Walked.of(published, tree, _accounts(others, _height(tree)))
        total = Total(Fraction(walked.total, _SATOSHI), Shows.TOTAL_PROVEN, (COMPLETE,))
        compare(published, walked.root, {_COIN: total})
        return ShownTotals(walked.root, {_COIN: total}, walked.leaves)

    def includes(self, published: Published, user_file: File) -> Inclusion:
        """See `Scheme`. The whole tree is needed. The customer's file is a JSON object of the customer's own: see
        `_account`."""
        check_stated(published)
        tree, _ = _parted(published.files)
        own = _account(user_file, _height(tree))
        walked = _Walked.of(published, tree, [own])
        held, leaves = walked.held[own.name]
        if not leaves:
            raise Refuted(f"{user_file.name}: no leaf of the tree is of account {own.name}")
        amounts = {_COIN: Fraction(held, _SATOSHI)}
        return Inclusion(
            walked.root,
            own.name,
            amounts,
            Shows.TOTAL_PROVEN,
            published=True,
            leaves=leaves,
            totals={_COIN: Fraction(walked.total, _SATOSHI)},
            assumes=(COMPLETE,),
        )


@dataclass(frozen=True, slots=True)
class _Walked:
    root: str
    total: int
    leaves: int
    held: Mapping[str, tuple[int, int]]  # by account: satoshi, and in how many leaves

    @classmethod
    def of(cls, published: Published, file: File, accounts: Sequence[BitmexCustomer]) -> _Walked:
        """The tree after every node was checked. Raises Refuted, where an account's leaves miss its amount too."""
        depth = _depth(file)
        lines = Lines(file, _LONGEST)
        lines.take(1)
        match = _NODE.fullmatch(lines.take(1))
        if match is None:
            raise NotUnderstood(f"{file.name}: line 2: no root of a tree")
        root, total = match[1].decode(), int(match[2])
        if published.root is not None and published.root != root:
            raise OtherRoot(published.root, root)
        check = partial(_check, file.name, tuple(account.key for account in accounts))
        walked = walk(_blocks(file, depth), check, published.each, published.spill)
        held: dict[bytes, tuple[int, int]] = {}
        for found in walked.found:
            satoshi, leaves = held.get(found[8:], (0, 0))
            held[found[8:]] = satoshi + int.from_bytes(found[:8]), leaves + 1
        for account in accounts:
            satoshi, _ = held.setdefault(account.key, (0, 0))
            if account.amount not in (None, satoshi):
                raise Refuted(
                    f"account {account.name}: its leaves hold {satoshi} satoshi, and {account.amount} are stated"
                )
        return cls(root, total, walked.leaves, {account.name: held[account.key] for account in accounts})


def _parted(files: Sequence[File]) -> tuple[File, list[File]]:
    trees = [file for file in files if Lines(file, _LONGEST).take(1).startswith(b"block_height:")]
    if not files:
        raise NeedsFiles("a root alone leads to no leaf: the published tree is needed")
    if len(trees) != 1:
        raise NotUnderstood(f"{len(trees)} files of a tree; expected one, that begins with block_height")
    return trees[0], [file for file in files if file is not trees[0]]


def _height(file: File) -> int:
    line = Lines(file, _LONGEST).take(1)
    match = _HEADER.fullmatch(line)
    if match is None:
        raise NotUnderstood(f"{file.name}: line 1: {line[:80]!a} is no block height")
    return int(match[1])


def _depth(file: File) -> int:
    """Levels below the root. Raises Refuted unless the file has just the lines of a full tree, and NotUnderstood unless
    there are two leaves."""
    lines, last = -1, b"\n"
    for chunk in file.chunks():
        lines += chunk.count(b"\n")
        last = chunk[-1:] or last
    nodes = lines + (last != b"\n")
    depth = (nodes + 1).bit_length() - 2
    if depth < 1:
        raise NotUnderstood(f"{file.name}: {max(nodes, 0)} nodes, which is no tree")
    if nodes + 1 != 2 ** (depth + 1):
        raise Refuted(f"{file.name}: {nodes} nodes, which is no full tree")
    return depth


def _blocks(file: File, depth: int) -> Iterator[LineBlock]:
    above, below = Lines(file, _LONGEST), Lines(file, _LONGEST)
    above.take(1)
    below.take(2)
    line = 3
    for level in range(depth):
        done, parents = 0, 2**level
        while done < parents:
            number = min(PARENTS, parents - done)
            yield LineBlock(depth - level, line, 2 * done, above.take(number), below.take(2 * number))
            done += number
            line += 2 * number


def _check(name: str, keys: Sequence[bytes], block: LineBlock) -> CheckedBlock:
    rows = _rows(name, block)
    digests = [bytes.fromhex(digest.decode()) for digest, _ in rows]
    values = [int(value) for _, value in rows]
    if max(values) >= _UINT64:
        raise Refuted(f"{name}: line {block.line + values.index(max(values))}: an amount of more than 64 bits")
    encoded = [value.to_bytes(8, "little") for value in values]
    expected = [
        b"%b,%d\n" % (sha256(b"".join(pair)).hexdigest().encode(), left + right)
        for *pair, left, right in zip(
            digests[::2], encoded[::2], digests[1::2], encoded[1::2], values[::2], values[1::2], strict=True
        )
    ]
    if b"".join(expected) != block.parents:
        position, stated = first_wrong([each.rstrip(b"\n") for each in expected], block.parents)
        raise Refuted(
            f"{name}: the children at line {block.line + 2 * position} make {expected[position].decode().strip()}, and "
            f"the file states {stated[:_LONGEST].decode(errors='replace')!a}"
        )
    if block.height > 1:
        return CheckedBlock()
    return checked_leaves(digests, _found(keys, digests, encoded, block.first))


def _rows(name: str, block: LineBlock) -> list[tuple[bytes, bytes]]:
    rows: list[tuple[bytes, bytes]] = _NODE.findall(block.children)
    if 66 * len(rows) + sum(len(value) for _, value in rows) != len(block.children):
        for number, line in enumerate(block.children.splitlines(keepends=True), block.line):
            if _NODE.fullmatch(line) is None:
                raise Refuted(f"{name}: line {number}: {line[:_LONGEST]!a} is no node of a digest and a whole amount")
    return rows


def _found(keys: Sequence[bytes], digests: Sequence[bytes], encoded: Sequence[bytes], first: int) -> Iterator[bytes]:
    """Of each leaf that is one of the accounts': its amount, 8 bytes, and the account's key."""
    for key in keys:
        for index, (digest, amount) in enumerate(zip(digests, encoded, strict=True), first):
            if hmac.digest(key, amount + index.to_bytes(8, "little"), "sha256") == digest:
                yield amount[::-1] + key


def _key(nonce: str, height: int, account: int) -> bytes:
    """The secret of one report, from that of the account."""
    return sha256(bytes.fromhex(nonce) + height.to_bytes(8, "little") + account.to_bytes(8, "little")).digest()


def _account(file: File, height: int) -> BitmexCustomer:
    """BitMEX's: `account`, either `account_nonce` or this report's own `nonce` in hex. River's: `account_uid`,
    `account_key` in hex, and `email`. Of either `amount` in satoshi, which may be left out."""
    if not starts_with_object(file):
        raise NotUnderstood(f"{file.name}: expected a JSON object of account, account_nonce or nonce, and amount")
    fields = JsonFields(json_value(whole(file), file.name), file.name)
    amount = fields.number("amount", 0, _UINT64 - 1) if "amount" in fields else None
    if "account_uid" in fields:
        return _of_river(fields, height, amount)
    number = fields.number("account", 0, _UINT64 - 1)
    of_report = "nonce" in fields
    nonce = fields.text("nonce" if of_report else "account_nonce", "[0-9a-f]{64}")
    return BitmexCustomer(str(number), bytes.fromhex(nonce) if of_report else _key(nonce, height, number), amount)


def _of_river(fields: JsonFields, height: int, amount: int | None) -> BitmexCustomer:
    """An account by what River hands out: its number in base32, and a key that counts with the e-mail address."""
    uid = fields.text("account_uid", "[A-Z2-7]{1,26}")
    try:
        number = int.from_bytes(b32decode(uid + "=" * (-len(uid) % 8)))
    except ValueError:
        raise NotUnderstood(f"{fields.where}.account_uid: {uid!a} is no number in base32") from None
    if number >= _UINT64:
        raise Refuted(f"{fields.where}.account_uid: {uid!a} is a number of more than 64 bits")
    key, email = fields.text("account_key", "[0-9a-f]{64}"), fields.text("email")
    subkey = sha256(bytes.fromhex(key) + email.encode() + number.to_bytes(8, "little")).hexdigest()
    return BitmexCustomer(uid, _key(subkey, height, number), amount)


def _accounts(files: Sequence[File], height: int) -> list[BitmexCustomer]:
    """Accounts of the two files that BitMEX's tool takes; each account has to stand in both."""
    amounts: dict[int, int] = {}
    nonces: dict[int, str] = {}
    for file in files:
        lines = whole(file).decode("ascii", "replace").splitlines()
        if lines[:1] == [_AMOUNTS]:
            amounts |= {int(each[1]): int(each[2]) for each in _pairs(file.name, lines[1:], "[0-9]{1,19}")}
        else:
            nonces |= {int(each[1]): each[2] for each in _pairs(file.name, lines, "[0-9a-f]{64}")}
    if amounts.keys() != nonces.keys():
        raise Refuted("the files of accounts' amounts and of their nonces do not name the same accounts")
    return [BitmexCustomer(str(each), _key(nonces[each], height, each), amounts[each]) for each in sorted(amounts)]


def _pairs(name: str, lines: Sequence[str], second: str) -> Iterator[re.Match[str]]:
    if len(lines) > _MOST_ACCOUNTS:
        raise TooLarge(name, f"{len(lines):,} accounts", _MOST_ACCOUNTS)
    named: set[str] = set()
    for line in lines:
        match = re.fullmatch(rf"([0-9]{{1,19}}),({second})", line, re.ASCII)
        if match is None:
            raise NotUnderstood(f"{name}: {line[:80]!a} is no account with its amount or nonce")
        if match[1] in named:
            raise Refuted(f"{name}: account {match[1]} stands twice")
        named.add(match[1])
        yield match


SCHEME: Final = BitmexTree()
