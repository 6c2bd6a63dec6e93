"""What a Lotus node answers, read into values, every field checked before it is used, and what its errors mean.

Each function takes a result of JSON-RPC and raises NodeError: MALFORMED for what is not documented, and what else
stands with each. Not in here: asking.

Sources: Lotus, `api` (ChainGetTipSetAfterHeight, ChainReadObj), `gateway`, `chain/store`.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from scanner.chains.filecoin.cid import digest_of, parse_cid
from scanner.chains.filecoin.tipset import MOST_BLOCKS
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import RpcError
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import MAX_RECORD

_METHOD_NOT_FOUND: Final = -32601
_LOST: Final = ("could not find", "block not found", "lookbacks of more than", "no such object")
_AHEAD: Final = ("greater than start point", "not yet")


def meaning(error: NodeError) -> NodeError:
    """The same failure, in the words of this program where the node's own text is known."""
    if not isinstance(error, RpcError):
        return error
    text = error.detail.lower()
    if any(each in text for each in _AHEAD):
        return NodeError(Why.NOT_FINAL, "the node has no tipset above that height yet")
    if any(each in text for each in _LOST):
        return NodeError(Why.NO_STATE, "the node does not keep, or does not hand out, that block's state")
    if error.code == _METHOD_NOT_FOUND:
        return NodeError(Why.UNSUPPORTED, "the node does not serve this call")
    return error


def height_of(result: object) -> int:
    """The height of a tipset."""
    height = field(result, "Height", int)
    if height < 0:
        raise malformed("a tipset's height is none")
    return height


def blocks_of(result: object) -> list[bytes]:
    """The identifiers of a tipset's blocks, in the order of its key."""
    cids = field(result, "Cids", list)
    if not 0 < len(cids) <= MOST_BLOCKS:
        raise malformed("a tipset without blocks, or with too many")
    try:
        return [parse_cid(field(cid, "/", str)) for cid in cids]
    except ProofError as error:
        raise malformed(error.detail) from None


def object_of(result: object, digest: bytes) -> bytes:
    """An object's bytes. Raises NodeError FORGED for those of another object than `digest` names."""
    if not isinstance(result, str) or len(result) > 2 * MAX_RECORD:
        raise malformed("no bytes in base64, or too many")
    try:
        data = base64.b64decode(result, validate=True)
    except (binascii.Error, ValueError):
        raise malformed("no bytes in base64") from None
    if digest_of(data) != digest:
        raise NodeError(Why.FORGED, "the node gave other bytes than the identifier names")
    return data
