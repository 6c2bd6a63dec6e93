"""Bitcoin block headers: 80 bytes in, and whether their hash, their proof of work and their links hold.

What a header chain shows: that each header was mined at the difficulty it states, that the difficulty only moves as
the network's rules let it, and that each header names its parent. It does not show that the blocks' contents are
valid, nor that there is no other chain with more work; for that, several operators are asked. What each chain asks for
is in its row of `chains.bitcoin.facts`. Of a chain whose hash is not known here (Dash's X11) only the links are seen:
its headers' names are what a node calls them.

Not in here: fetching headers, whether transactions are in a block (`chains.bitcoin.merkle`), and how one chain's work
is shown to be done for another's block (`chains.bitcoin.merge_mining`).

Sources: Bitcoin developer reference, "Block Headers" and "Target nBits"; `pow.cpp` of Bitcoin Core and of Litecoin
Core, `dogecoin.cpp` of Dogecoin Core for what the rules are; RFC 7914 (scrypt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import scrypt, sha256
from typing import Final

from scanner.chains.bitcoin import merge_mining
from scanner.chains.bitcoin.facts import WorkHash, WorkRules

HEADER_BYTES: Final = 80


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
    proof: merge_mining.AuxPow | None = field(default=None, repr=False)  # of work that was done on another chain


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


def take_header(source: merge_mining.ByteSource, rules: WorkRules | None) -> BitcoinHeader:
    """The header that `source` begins with, and on merge-mined chains the proof behind it.

    Raises ValueError for bytes that are none.
    """
    header = parse_header(source.take(HEADER_BYTES))
    if rules is None or rules.merge_mined is None or not merge_mining.is_merge_mined(header.raw):
        return header
    return replace(header, proof=merge_mining.read_proof(source))


def check_work(header: BitcoinHeader, rules: WorkRules) -> None:
    """Raises HeaderError unless work was done for the header, as much as it states and its chain allows.

    Costs a third of a millisecond where the work is scrypt's.
    """
    target = target_of(header.bits)
    if target > rules.easiest:
        raise HeaderError(f"block {header.hash} states a target easier than the chain allows")
    if _work_of(header, rules) > target:
        raise HeaderError(f"block {header.hash} does not meet its own target: no work was done for it")


def _worked_for(header: BitcoinHeader, rules: WorkRules) -> bytes:
    """The 80 bytes whose hash is the work: the header's own, or those of a parent that commits to it."""
    if rules.merge_mined is None:
        return header.raw
    if not merge_mining.is_merge_mined(header.raw):
        if header.proof is not None:
            raise HeaderError(f"block {header.hash} is not merge-mined and comes with a proof of it")
        return header.raw
    if merge_mining.chain_of(header.raw) != rules.merge_mined:
        raise HeaderError(f"block {header.hash} is a merge-mined block of another chain")
    if header.proof is None:
        raise HeaderError(f"block {header.hash} is merge-mined and comes without the proof of it")
    try:
        merge_mining.check_proof(bytes.fromhex(header.hash)[::-1], header.proof, rules.merge_mined)
    except merge_mining.MergeMiningError as error:
        raise HeaderError(f"block {header.hash} was not merge-mined: {error}") from None
    return header.proof.parent


def _work_of(header: BitcoinHeader, rules: WorkRules) -> int:
    """The number that must not exceed the target. Raises HeaderError."""
    raw = _worked_for(header, rules)
    match rules.hash:
        case WorkHash.SHA256D:
            return int(header.hash, 16) if raw is header.raw else int.from_bytes(double_sha256(raw), "little")
        case WorkHash.SCRYPT:
            return _scrypt_of(raw)


@lru_cache(maxsize=2**16)
def _scrypt_of(raw: bytes) -> int:
    """What Litecoin's work is, a third of a millisecond each. Kept for a while, since headers on top of a block are
    gone over by who adds up their work, and by who follows them from a known block on."""
    return int.from_bytes(scrypt(raw, salt=raw, n=1024, r=1, p=1, dklen=32), "little")


def check_successor(parent: BitcoinHeader, child: BitcoinHeader, height: int, rules: WorkRules | None) -> None:
    """Raises HeaderError unless `child`, at `height`, names `parent`, has its work done, and asks for enough of it.

    Without `rules` only the name is looked at.
    """
    if child.parent != parent.hash:
        raise HeaderError(f"block {child.hash} at height {height} does not follow block {parent.hash}")
    if rules is None:
        return
    check_work(child, rules)
    if not rules.steady:
        return
    if height % rules.period:
        if child.bits != parent.bits:
            raise HeaderError(f"block {child.hash} changes the target at height {height}, where it may not change")
    elif target_of(child.bits) > rules.easing * target_of(parent.bits):
        raise HeaderError(f"block {child.hash} eases the target more than {rules.easing} times at height {height}")


def check_chain(
    first: BitcoinHeader, height: int, successors: Iterable[BitcoinHeader], rules: WorkRules | None
) -> BitcoinHeader:
    """Check every successor of `first`, which stands at `height`, and return the last one, or `first` without any.

    Raises HeaderError.
    """
    last = first
    for successor in successors:
        height += 1
        check_successor(last, successor, height, rules)
        last = successor
    return last
