"""A Merkle branch as Electrum servers and Esplora state it, and transactions in hex: read strictly, and not judged."""

from __future__ import annotations

from scanner.chains.bitcoin.node.answers import height_field
from scanner.chains.bitcoin.node.block import block_hash
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError


def branch_in(answer: object, height: int) -> tuple[int, list[bytes]]:
    """The position in the block at this height, and the branch from the bottom up. Raises NodeError."""
    if isinstance(answer, NodeError):
        raise answer
    if height_field(answer, "block_height") != height:
        raise malformed("a Merkle branch in another block than the one asked for")
    branch = [bytes.fromhex(block_hash(each))[::-1] for each in field(answer, "merkle", list)]
    return field(answer, "pos", int), branch


def raw_in(answer: object) -> bytes:
    """A transaction in an answer. Raises NodeError."""
    if isinstance(answer, NodeError):
        raise answer
    try:
        return bytes.fromhex(answer) if isinstance(answer, str) else b""
    except ValueError:
        raise malformed("a transaction in the answer is no hex") from None
