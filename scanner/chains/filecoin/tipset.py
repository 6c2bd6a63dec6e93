"""Tipsets and the headers of their blocks: which state a tipset commits to, and what it is built upon.

A tipset is the blocks of one height that have the same parents; its key is their identifiers, in order, and the key as
an object of its own has an identifier, by which a tipset is named here (as Filecoin's own Ethereum interface does).

**The state of a height.** A block's header commits to the state *before* its messages: the one after those of its
parents. So what held after the tipset at a height stands in the first tipset above it. A snapshot says so: its height
and time are those of the tipset that was executed, which is its `parent`; its `hash` names the tipset above, whose
blocks commit to the state. Heights without blocks are no matter: the tipset above names what it stands on.

Sources: Filecoin's specification, "Block", "Tipset"; Lotus, `chain/types` (BlockHeader, TipSetKey).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.chains.filecoin.cid import CID_BYTES, cid_of, cid_text, digest_in, parse_cid
from scanner.chains.filecoin.dag_cbor import encode_bytes
from scanner.chains.filecoin.objects import fields, link, load, typed
from scanner.chains.records_by_hash import Find
from scanner.core.evidence import Snapshot
from scanner.proofs.flaws import Flaw, ProofError

MOST_BLOCKS: Final = 64
"""Of a tipset; five is what the chain aims at."""

_FIELDS: Final = 16  # of a block's header
_PARENTS, _HEIGHT, _STATE_ROOT, _TIME = 5, 7, 8, 12


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """What of a block's header matters here."""

    parents: tuple[bytes, ...]  # identifiers of the blocks of the tipset below
    height: int
    state_root: bytes  # identifier of the state after the parents' messages
    time: int  # seconds since 1970


def tipset_key(blocks: Sequence[bytes]) -> bytes:
    """A tipset's key as an object, from its blocks' identifiers."""
    return encode_bytes(b"".join(blocks))


def tipset_name(blocks: Sequence[bytes]) -> str:
    """The identifier of that object, as text."""
    return cid_text(cid_of(tipset_key(blocks)))


def read_header(cid: bytes, find: Find) -> BlockHeader:
    """The header of the block that `cid` names. Raises ProofError."""
    header = fields(load(cid, find), _FIELDS, "a block's header")
    parents = typed(header[_PARENTS], tuple, "a block's parents")
    if len(parents) > MOST_BLOCKS:
        raise ProofError(Flaw.MALFORMED, "a block with more parents than a tipset has blocks")
    return BlockHeader(
        tuple(link(parent, "a block's parent") for parent in parents),
        typed(header[_HEIGHT], int, "a block's height"),
        link(header[_STATE_ROOT], "a block's state"),
        typed(header[_TIME], int, "a block's time"),
    )


def header_below(header: BlockHeader, find: Find) -> BlockHeader:
    """The header of a block of the tipset on which this one stands. Raises ProofError."""
    if not header.parents:
        raise ProofError(Flaw.MALFORMED, "a block that stands on nothing")
    below = read_header(header.parents[0], find)
    if below.height >= header.height:
        raise ProofError(Flaw.HEADER_MISMATCH, f"a block at height {header.height} stands on one at {below.height}")
    return below


def block_in(name: str, find: Find) -> bytes:
    """The identifier of a block that `name` stands for, as text: itself, or the first block of the tipset whose key it
    names. Raises ProofError."""
    cid = parse_cid(name)
    return cid if isinstance(load(cid, find), tuple) else _blocks(name, find)[0]


def state_root(snapshot: Snapshot, find: Find) -> bytes:
    """The identifier of the snapshot's state, to which every block of its tipset commits, and of which the tipset
    below has all that the snapshot says. Raises ProofError."""
    blocks = _blocks(snapshot.hash, find)
    headers = [read_header(block, find) for block in blocks]
    first = headers[0]
    if any(
        (each.parents, each.height, each.state_root) != (first.parents, first.height, first.state_root)
        for each in headers
    ):
        raise ProofError(Flaw.HEADER_MISMATCH, f"the blocks of {snapshot} are of no one tipset")
    if not first.parents or tipset_name(first.parents) != snapshot.parent:
        raise ProofError(Flaw.HEADER_MISMATCH, f"{snapshot} stands on another tipset")
    below = read_header(first.parents[0], find)
    if (below.height, below.time) != (snapshot.height, int(snapshot.time.timestamp())) or below.height >= first.height:
        raise ProofError(Flaw.HEADER_MISMATCH, f"the tipset below {snapshot} has another height or time")
    return first.state_root


def _blocks(name: str, find: Find) -> list[bytes]:
    """The identifiers in the key of the tipset with this name, each once."""
    key = typed(load(parse_cid(name), find), bytes, "a tipset's key")
    blocks = [key[at : at + CID_BYTES] for at in range(0, len(key), CID_BYTES)]
    for block in blocks:
        digest_in(block)
    if not blocks or len(set(blocks)) != len(blocks):
        raise ProofError(Flaw.MALFORMED, "a tipset without blocks, or with one twice")
    return blocks
