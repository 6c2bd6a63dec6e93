"""`anchor.bin`: an anchor as a file, beside the attestation that it leads to. It is hostile until it was walked.

    16 bytes   "reserve-anchors" and the format's version, 1
     4 bytes   how long the paths are, big-endian
    the paths  canonical JSON: {"finality": {"beacon:1": ["9f...", ...]}, "paths": {"eip155:1": [{"hash": "0x...",
               "height": 1}, ...]}}; the newest block first, and in each that hangs under another than the
               one before it, that one's hash as "under"; of finality its records' names, Keccak-256, in order
    the rest   their records, as a witness's file has them (`proofs.witness`)

Equal anchors are equal bytes. Nothing here walks: that is `anchored`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from scanner.attesting import canonical
from scanner.chains.anchor import MOST_BLOCKS, MOST_BYTES, MOST_RECORDS, Anchor, PathBlock
from scanner.chains.block_hash import is_block_hash
from scanner.chains.names import parse_chain
from scanner.chains.proving import consensus
from scanner.core.ids import Chain, IdError
from scanner.core.shape import array, optional, record, table, text, whole
from scanner.proofs.flaws import ProofError
from scanner.proofs.stored_records import Readable, exactly
from scanner.proofs.witness import dump, load

ANCHOR: Final = "anchor.bin"
"""Its name in the folder of an attestation."""

MAX_PATHS: Final = 8 * 1024**2  # bytes
_MAGIC: Final = b"reserve-anchors\x01"
_MOST_CHAINS: Final = 100
_MOST_RECORDS: Final = 2_000  # of one chain's finality

_HASH = text(most=128, least=1)
_BLOCK = record(hash=_HASH, height=whole(), under=optional(_HASH))
_CHAIN = text(most=80, least=1)
_NAME = text(r"[0-9a-f]{64}", "64 hex digits")
_PATHS = record(
    finality=table(_CHAIN, array(_NAME, _MOST_RECORDS, least=1)),
    paths=table(_CHAIN, array(_BLOCK, MOST_BLOCKS, least=1)),
)


class NoAnchor(ValueError):
    """A file that is no anchor, or one that `anchor_bytes` would not have written."""


def anchor_bytes(anchor: Anchor) -> Iterator[bytes]:
    """The anchor as a file, piece by piece."""
    paths = {str(chain): [_json(block) for block in blocks] for chain, blocks in anchor.paths.items()}
    finality = {str(chain): [name.hex() for name in names] for chain, names in anchor.finality.items()}
    encoded = canonical.encode({"finality": finality, "paths": paths})
    yield _MAGIC
    yield len(encoded).to_bytes(4)
    yield encoded
    yield from dump(anchor.witness)


def read_anchor(source: Readable) -> Anchor:
    """The anchor in a file. Raises NoAnchor."""
    try:
        if exactly(source, len(_MAGIC)) != _MAGIC:
            raise NoAnchor("no anchor of version 1: scanner anchor makes one")
        length = int.from_bytes(exactly(source, 4))
        if length > MAX_PATHS:
            raise NoAnchor(f"paths of {length} bytes, at most {MAX_PATHS} are taken")
        written = canonical.decode(exactly(source, length), MAX_PATHS)
        _PATHS(written, "anchor")
        if (chains := len(written["paths"]) + len(written["finality"])) > _MOST_CHAINS:
            raise NoAnchor(f"paths of {chains} chains, at most {_MOST_CHAINS} are taken")
        paths = dict(_path(_chain(name), blocks) for name, blocks in written["paths"].items())
        finality = {_chain(name): tuple(map(bytes.fromhex, names)) for name, names in written["finality"].items()}
        return Anchor(paths, finality, load(source, MOST_BYTES, MOST_RECORDS))
    except (ProofError, IdError, ValueError) as error:
        raise error if isinstance(error, NoAnchor) else NoAnchor(str(error)) from None


def _chain(name: str) -> Chain:
    chain = parse_chain(name)
    if str(chain) != name:
        raise NoAnchor(f"the chain {name!a} is not written as {chain}")
    return chain


def _path(chain: Chain, blocks: list[dict[str, Any]]) -> tuple[Chain, tuple[PathBlock, ...]]:
    path = tuple(PathBlock(block["height"], block["hash"], block.get("under")) for block in blocks)
    above: set[str] = set()
    # Where no other chain keeps the past, none is made so, and all headers would be walked once for each such block.
    may_hang = consensus(chain) is not None
    for block in path:
        if not is_block_hash(chain, block.hash):
            raise NoAnchor(f"{block.hash[:80]!a} is no hash of a block of {chain}")
        if block.under is not None and not may_hang:
            raise NoAnchor(f"block {block.height} hangs under another, and no other chain keeps the past of {chain}")
        if block.under is not None and block.under not in above:
            raise NoAnchor(f"block {block.height} of {chain} hangs under a block that is not above it")
        if block.hash in above:  # or each time all records that lead there would be tried again
            raise NoAnchor(f"the block {block.hash} of {chain} stands on its path twice")
        above.add(block.hash)
    if any(newer.height <= older.height for newer, older in pairwise(path)):
        raise NoAnchor(f"the blocks of {chain} do not stand with the newest first")
    return chain, path


def _json(block: PathBlock) -> dict[str, Any]:
    said: dict[str, Any] = {"hash": block.hash, "height": block.height}
    return said if block.under is None else {**said, "under": block.under}
