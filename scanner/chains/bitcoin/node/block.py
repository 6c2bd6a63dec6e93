"""A node's word about a Bitcoin block, turned into a Snapshot once the block's own bytes bear it out.

Shared by all Bitcoin backends. Not in here: how a header is fetched; the rules themselves (`chains.bitcoin.header`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, BitcoinChain, Unread, WorkRules
from scanner.chains.bitcoin.header import HEADER_BYTES, BitcoinHeader, HeaderError, check_work, take_header
from scanner.chains.bitcoin.merge_mining import LONGEST_PROOF
from scanner.chains.bitcoin.node.serialized import Serialized
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEADER = re.compile(rf"[0-9a-f]{{{2 * HEADER_BYTES},{2 * (HEADER_BYTES + LONGEST_PROOF)}}}", re.ASCII)


def facts_of(chain: Chain) -> BitcoinChain:
    """What is known of `chain`. Raises NodeError UNSUPPORTED where nothing is."""
    known = BITCOIN_CHAINS.get(chain.reference) if chain.namespace == "bip122" else None
    if known is None:
        raise NodeError(Why.UNSUPPORTED, f"the proof of work of {chain} is not known, so its headers cannot be checked")
    return known


def work_rules(chain: Chain) -> WorkRules | None:
    """The proof-of-work rules of `chain`; None where its headers are its nodes' word.

    Raises NodeError UNSUPPORTED for a chain that is not read.
    """
    known = facts_of(chain)
    if isinstance(known.work, Unread):
        raise NodeError(Why.UNSUPPORTED, f"{known.name} cannot be read: {known.work.why}")
    return known.work if isinstance(known.work, WorkRules) else None


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


def header_from_hex(value: object, chain: Chain, name: str | None = None) -> BitcoinHeader:
    """A header in a node's answer, with the proof behind it where its chain has such. Raises NodeError MALFORMED.

    `name`: what the node calls the block, for chains whose headers cannot be hashed here; of others it is ignored.
    """
    rules = work_rules(chain)
    if not isinstance(value, str) or not _HEADER.fullmatch(value):
        raise NodeError(Why.MALFORMED, f"a header in the answer is not {HEADER_BYTES} bytes in hex")
    try:
        source = Serialized(bytes.fromhex(value))
        header = take_header(source, rules)
        source.end()
    except ValueError as error:
        raise NodeError(Why.MALFORMED, f"a header in the answer is none: {error}") from None
    if rules is None and name is not None:
        return replace(header, hash=name)
    return header


def check_genesis(chain: Chain, genesis: str) -> None:
    """Raises NodeError WRONG_CHAIN unless `genesis`, a block hash, is what `chain` is named by (CAIP-2, bip122)."""
    if genesis[:32] != chain.reference:
        raise NodeError(Why.WRONG_CHAIN, f"the node serves bip122:{genesis[:32]}, not {chain}")


def snapshot_of(chain: Chain, height: int, header: BitcoinHeader, expected: str) -> Snapshot:
    """The block as a Snapshot. Raises NodeError FORGED where its hash is not `expected` or its work was not done.

    Where neither can be seen, its time, parent and Merkle root are the node's word, as its name is.
    """
    if header.hash != expected:
        raise NodeError(Why.FORGED, f"the header given for block {expected} hashes to {header.hash}")
    rules = work_rules(chain)
    try:
        if rules is not None:
            check_work(header, rules)
    except HeaderError as error:
        raise NodeError(Why.FORGED, str(error)) from None
    return Snapshot(chain, height, header.hash, header.parent, datetime.fromtimestamp(header.time, UTC))
