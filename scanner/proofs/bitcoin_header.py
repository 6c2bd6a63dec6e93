"""Bitcoin block headers: 80 bytes in, and whether their hash, their proof of work and their links hold.

What a header chain shows: that each header was mined at the difficulty it states, that the difficulty only moves as
the network's rules let it, and that each header names its parent. It does not show that the blocks' contents are
valid, nor that there is no other chain with more work; for that, several operators are asked.

Not in here: fetching headers, and whether transactions are in a block (`bitcoin_merkle`).

Sources: Bitcoin developer reference, "Block Headers" and "Target nBits"; `pow.cpp` and `chainparams.cpp` of Bitcoin
Core for what the rules are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

HEADER_BYTES: Final = 80
RETARGET_PERIOD: Final = 2016  # blocks between two changes of difficulty
LARGEST_EASING: Final = 4  # a target may grow at most fourfold at one change


class HeaderError(ValueError):
    """A header, or a chain of headers, that does not hold. The message says which rule is broken, and where."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. Hashes are lower-case hex in the order that RPCs print them (reversed bytes)."""

    hash: str
    parent: str
    merkle_root: bytes  # 32 bytes in hashing order, not reversed
    time: int  # seconds since 1970
    bits: int  # the target, in compact form


@dataclass(frozen=True, slots=True)
class WorkRules:
    """How much work a chain asks for. `steady` chains change the target at every 2016th block only."""

    easiest: int  # the largest target allowed at all
    steady: bool  # False on test networks that let a block be easy when none was found for a while


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


# By CAIP-2 reference: the first 32 hex digits of the genesis block's hash.
WORK_RULES: Final[dict[str, WorkRules]] = {
    "000000000019d6689c085ae165831e93": WorkRules(target_of(0x1D00FFFF), steady=True),  # mainnet
    "000000000933ea01ad0ee984209779ba": WorkRules(target_of(0x1D00FFFF), steady=False),  # testnet3
    "00000000da84f2bafbbc53dee25a72ae": WorkRules(target_of(0x1D00FFFF), steady=False),  # testnet4
    "00000008819873e925422c1ff0f99f7c": WorkRules(target_of(0x1E0377AE), steady=True),  # signet
    "0f9188f13cb7b2c71f2a335e3a4fc328": WorkRules(target_of(0x207FFFFF), steady=True),  # regtest: never changes
}


def double_sha256(data: bytes) -> bytes:
    """Bitcoin's hash, in hashing order."""
    return sha256(sha256(data).digest()).digest()


def parse_header(raw: bytes) -> Header:
    """The header in exactly 80 bytes, its hash computed from them. Nothing is judged: see `check_work`."""
    if len(raw) != HEADER_BYTES:
        raise HeaderError(f"a header has {HEADER_BYTES} bytes, not {len(raw)}")
    return Header(
        hash=double_sha256(raw)[::-1].hex(),
        parent=raw[35:3:-1].hex(),
        merkle_root=raw[36:68],
        time=int.from_bytes(raw[68:72], "little"),
        bits=int.from_bytes(raw[72:76], "little"),
    )


def check_work(header: Header, rules: WorkRules) -> None:
    """Raises HeaderError unless the header's hash meets the target it states, and the chain allows that target."""
    target = target_of(header.bits)
    if target > rules.easiest:
        raise HeaderError(f"block {header.hash} states a target easier than the chain allows")
    if int(header.hash, 16) > target:
        raise HeaderError(f"block {header.hash} does not meet its own target: no work was done for it")


def check_successor(parent: Header, child: Header, height: int, rules: WorkRules) -> None:
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


def check_chain(first: Header, height: int, successors: Iterable[Header], rules: WorkRules) -> Header:
    """Check every successor of `first`, which stands at `height`, and return the last one, or `first` without any."""
    last = first
    for successor in successors:
        height += 1
        check_successor(last, successor, height, rules)
        last = successor
    return last
