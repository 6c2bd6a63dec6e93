"""Bitcoin block headers: 80 bytes in, and whether their hash, their proof of work and their links hold.

What a header chain shows: that each header was mined at the difficulty it states, that the difficulty only moves as
the network's rules let it, and that each header names its parent. It does not show that the blocks' contents are
valid, nor that there is no other chain with more work; for that, several operators are asked. What each chain asks for
is in its row of `chains.bitcoin.facts`.

Not in here: fetching headers, and whether transactions are in a block (`bitcoin_merkle`).

Sources: Bitcoin developer reference, "Block Headers" and "Target nBits"; `pow.cpp` of Bitcoin Core and of Litecoin
Core for what the rules are; RFC 7914 (scrypt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import scrypt, sha256
from typing import Final

from scanner.chains.bitcoin.facts import WorkHash, WorkRules

HEADER_BYTES: Final = 80
RETARGET_PERIOD: Final = 2016  # blocks between two changes of difficulty
LARGEST_EASING: Final = 4  # a target may grow at most fourfold at one change


class HeaderError(ValueError):
    """A header, or a chain of headers, that does not hold. The message says which rule is broken, and where."""


@dataclass(frozen=True, slots=True)
class BitcoinHeader:
    """What a header says. Hashes are lower-case hex in the order that RPCs print them (reversed bytes)."""

    hash: str
    parent: str
    merkle_root: bytes  # 32 bytes in hashing order, not reversed
    time: int  # seconds since 1970
    bits: int  # the target, in compact form
    raw: bytes = field(repr=False)  # the 80 bytes themselves


def target_of(bits: int) -> int:
    """The number a block's hash must not exceed, from its compact form. Raises HeaderError for a form never allowed."""
    exponent, mantissa = bits >> 24, bits & 0x007FFFFF
    if bits & 0x00800000:
        raise HeaderError(f"target {bits:#010x} is negative")
    if exponent > 32:
        raise HeaderError(f"target {bits:#010x} does not fit 256 bits")
    target = mantissa << 8 * (exponent - 3) if exponent >= 3 else mantissa >> 8 * (3 - exponent)
    if target == 0:
        raise HeaderError(f"target {bits:#010x} is zero")
    return target


def double_sha256(data: bytes) -> bytes:
    """Bitcoin's hash, in hashing order."""
    return sha256(sha256(data).digest()).digest()


def parse_header(raw: bytes) -> BitcoinHeader:
    """The header in exactly 80 bytes, its hash computed from them. Nothing is judged: see `check_work`."""
    if len(raw) != HEADER_BYTES:
        raise HeaderError(f"a header has {HEADER_BYTES} bytes, not {len(raw)}")
    return BitcoinHeader(
        hash=double_sha256(raw)[::-1].hex(),
        parent=raw[35:3:-1].hex(),
        merkle_root=raw[36:68],
        time=int.from_bytes(raw[68:72], "little"),
        bits=int.from_bytes(raw[72:76], "little"),
        raw=raw,
    )


def check_work(header: BitcoinHeader, rules: WorkRules) -> None:
    """Raises HeaderError unless work was done for the header, as much as it states and its chain allows.

    Costs a third of a millisecond where the work is scrypt's.
    """
    target = target_of(header.bits)
    if target > rules.easiest:
        raise HeaderError(f"block {header.hash} states a target easier than the chain allows")
    if _worked(header, rules.hash) > target:
        raise HeaderError(f"block {header.hash} does not meet its own target: no work was done for it")


def _worked(header: BitcoinHeader, work: WorkHash) -> int:
    """The number that must not exceed the target."""
    match work:
        case WorkHash.SHA256D:
            return int(header.hash, 16)
        case WorkHash.SCRYPT:
            return int.from_bytes(scrypt(header.raw, salt=header.raw, n=1024, r=1, p=1, dklen=32), "little")


def check_successor(parent: BitcoinHeader, child: BitcoinHeader, height: int, rules: WorkRules) -> None:
    """Raises HeaderError unless `child`, at `height`, names `parent`, has its work done, and asks for enough of it."""
    if child.parent != parent.hash:
        raise HeaderError(f"block {child.hash} at height {height} does not follow block {parent.hash}")
    check_work(child, rules)
    if not rules.steady:
        return
    if height % RETARGET_PERIOD:
        if child.bits != parent.bits:
            raise HeaderError(f"block {child.hash} changes the target at height {height}, where it may not change")
    elif target_of(child.bits) > LARGEST_EASING * target_of(parent.bits):
        raise HeaderError(f"block {child.hash} eases the target more than {LARGEST_EASING} times at height {height}")


def check_chain(
    first: BitcoinHeader, height: int, successors: Iterable[BitcoinHeader], rules: WorkRules
) -> BitcoinHeader:
    """Check every successor of `first`, which stands at `height`, and return the last one, or `first` without any."""
    last = first
    for successor in successors:
        height += 1
        check_successor(last, successor, height, rules)
        last = successor
    return last
