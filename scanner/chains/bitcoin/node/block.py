"""A node's word about a Bitcoin block, turned into a Snapshot once the block's own bytes bear it out.

Shared by all Bitcoin backends. Not in here: how a header is fetched; the rules themselves (`chains.bitcoin.header`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, BitcoinChain, Unchecked, WorkRules
from scanner.chains.bitcoin.header import HEADER_BYTES, BitcoinHeader, HeaderError, check_work, parse_header
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEADER = re.compile(rf"[0-9a-f]{{{2 * HEADER_BYTES}}}", re.ASCII)


def facts_of(chain: Chain) -> BitcoinChain:
    """What is known of `chain`. Raises NodeError UNSUPPORTED where nothing is."""
    known = BITCOIN_CHAINS.get(chain.reference) if chain.namespace == "bip122" else None
    if known is None:
        raise NodeError(Why.UNSUPPORTED, f"the proof of work of {chain} is not known, so its headers cannot be checked")
    return known


def work_rules(chain: Chain) -> WorkRules:
    """The proof-of-work rules of `chain`. Raises NodeError UNSUPPORTED for a chain whose work cannot be checked."""
    known = facts_of(chain)
    if isinstance(known.work, Unchecked):
        raise NodeError(Why.UNSUPPORTED, f"{known.title} cannot be read: {known.work.why}")
    return known.work


def final_height_of(chain: Chain, tip: int) -> int:
    """The highest block that is final where the claim names no height. Raises NodeError NOT_FINAL where none is."""
    depth = facts_of(chain).final_depth
    if tip < depth:
        raise NodeError(Why.NOT_FINAL, f"no block has {depth} others on top of it yet")
    return tip - depth


def block_hash(value: object) -> str:
    """A block or transaction hash in a node's answer: 64 lower-case hex digits. Raises NodeError MALFORMED."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise NodeError(Why.MALFORMED, "a hash in the answer is not 64 hex digits")
    return value


def header_from_hex(value: object) -> BitcoinHeader:
    """A header in a node's answer. Raises NodeError MALFORMED."""
    if not isinstance(value, str) or not _HEADER.fullmatch(value):
        raise NodeError(Why.MALFORMED, f"a header in the answer is not {HEADER_BYTES} bytes in hex")
    return parse_header(bytes.fromhex(value))


def check_genesis(chain: Chain, genesis: str) -> None:
    """Raises NodeError WRONG_CHAIN unless `genesis`, a block hash, is what `chain` is named by (CAIP-2, bip122)."""
    if genesis[:32] != chain.reference:
        raise NodeError(Why.WRONG_CHAIN, f"the node serves bip122:{genesis[:32]}, not {chain}")


def snapshot_of(chain: Chain, height: int, header: BitcoinHeader, expected: str) -> Snapshot:
    """The block as a Snapshot. Raises NodeError FORGED where its hash is not `expected` or its work was not done."""
    if header.hash != expected:
        raise NodeError(Why.FORGED, f"the header given for block {expected} hashes to {header.hash}")
    try:
        check_work(header, work_rules(chain))
    except HeaderError as error:
        raise NodeError(Why.FORGED, str(error)) from None
    return Snapshot(chain, height, header.hash, header.parent, datetime.fromtimestamp(header.time, UTC))
