"""What a toncenter server answers, read into values, every field checked before it is used.

Each function takes the result of a call and raises NodeError: MALFORMED for what is not documented, and what else
stands with each. Not in here: asking.

Source: toncenter.com/api/v2 (its answers are tonlib's objects: `tonlib_api.tl`).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanner.chains.ton.cells import read_bag, record_hash
from scanner.chains.ton.jettons import Jetton, balance_in
from scanner.chains.ton.slices import Slice
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError

HASH_BYTES: Final = 32
MOST_NANOTON: Final = 10**20  # a hundred thousand million coins: there are some five thousand million
_MASTERCHAIN: Final = -1
_WHOLE_SHARD: Final = "-9223372036854775808"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,38}", re.ASCII)
_MOST_STEPS: Final = 16  # of a way to a block; one leads back however far
_NO_TRANSACTION: Final = {"lt": "0", "hash": base64.b64encode(bytes(HASH_BYTES)).decode()}


@dataclass(frozen=True, slots=True)
class MasterBlockId:
    """A masterchain block, by its number and its hashes of 32 bytes."""

    seqno: int
    root: bytes
    file: bytes


def block_of(value: object) -> MasterBlockId:
    """The masterchain block that a `ton.blockIdExt` names."""
    if field(value, "workchain", int) != _MASTERCHAIN or field(value, "shard", str) != _WHOLE_SHARD:
        raise malformed("a block of another chain than the masterchain")
    return MasterBlockId(_seqno(value), _hash(value, "root_hash"), _hash(value, "file_hash"))


def first_block_of(result: Mapping[str, Any]) -> bytes:
    """The root hash of the network's zero state, in a `getMasterchainInfo` answer."""
    return _hash(field(result, "init", dict), "root_hash")


def header_of(result: Mapping[str, Any]) -> tuple[MasterBlockId, MasterBlockId, int]:
    """The block, its parent, and its time in seconds since 1970, of a `getBlockHeader` answer."""
    parents = field(result, "prev_blocks", list)
    if len(parents) != 1:
        raise malformed("a masterchain block that does not have one parent")
    time = field(result, "gen_utime", int)
    if not 0 <= time < 2**32:
        raise malformed("a block's time is none")
    return block_of(field(result, "id", dict)), block_of(parents[0]), time


def way_back_of(result: Mapping[str, Any], seqno: int) -> list[bytes]:
    """The bags of cells in a `getShardBlockProof` answer about the masterchain's block of this number: of each step its
    older block's header, its newer one's, and what of the state after that leads to the older one. Raises NodeError
    WRONG_BLOCK for an answer about another block."""
    if block_of(field(result, "mc_id", dict)).seqno != seqno:
        raise NodeError(Why.WRONG_BLOCK, "the answer is about another block")
    steps = field(result, "mc_proof", list)
    if len(steps) > _MOST_STEPS:
        raise malformed("a proof of more steps than one leads back by")
    return [_bytes(step, name) for step in steps for name in ("dest_proof", "proof", "state_proof")]


def balance_of(result: Mapping[str, Any], block: MasterBlockId) -> int:
    """Nanotons in a `getAddressInformation` answer. Raises NodeError WRONG_BLOCK for one that is of another block.

    A balance of a number is an account's that does not exist, and all else has to say so too: elsewhere it is a text.
    """
    if block_of(field(result, "block_id", dict)) != block:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of another block")
    balance, state = result.get("balance"), field(result, "state", str)
    if state not in ("active", "uninitialized", "frozen"):
        raise malformed("an account in a state that is none")
    if type(balance) is int:
        last = field(result, "last_transaction_id", dict)
        absent = state == "uninitialized" and all(last.get(name) == value for name, value in _NO_TRANSACTION.items())
        if balance or not absent:
            raise malformed("a balance is a number, and the account is not said to be missing")
        return 0
    if not isinstance(balance, str) or not _NUMBER.fullmatch(balance) or int(balance) > MOST_NANOTON:
        raise malformed("a balance is no number of nanotons")
    return int(balance)


def jettons_of(result: Mapping[str, Any], block: MasterBlockId, jetton: Jetton, owner: bytes) -> int:
    """Atoms in the `getAddressInformation` answer of an owner's jetton wallet; none where there is no such contract.

    Raises NodeError WRONG_BLOCK for an answer of another block, UNSUPPORTED for a wallet of code that is not known.
    """
    balance_of(result, block)
    state = field(result, "state", str)
    if state == "uninitialized":
        return 0
    if state != "active":
        raise NodeError(Why.UNSUPPORTED, "the jetton wallet is frozen: what it holds is not reported")
    try:
        if record_hash(_root(result, "code")) != jetton.code:
            raise NodeError(Why.UNSUPPORTED, "the jetton wallet's code is not the known one")
        return balance_in(Slice(_root(result, "data")), jetton, owner)
    except ProofError as error:
        raise malformed(error.detail) from None


def _root(result: Mapping[str, Any], name: str) -> bytes:
    """The root of a bag of cells in base64, as a record."""
    try:
        (root,) = read_bag(base64.b64decode(field(result, name, str), validate=True))
    except (binascii.Error, ValueError):
        raise malformed(f"{name} is no bag of cells with one root") from None
    return root.representation


def _seqno(value: object) -> int:
    seqno = field(value, "seqno", int)
    if not 0 <= seqno < 2**31:
        raise malformed("a block's number is none")
    return seqno


def _bytes(value: object, name: str) -> bytes:
    try:
        return base64.b64decode(field(value, name, str), validate=True)
    except (binascii.Error, ValueError):
        raise malformed(f"{name} is no base64") from None


def _hash(value: object, name: str) -> bytes:
    try:
        data = base64.b64decode(field(value, name, str), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != HASH_BYTES:
        raise malformed(f"{name} is no hash of {HASH_BYTES} bytes in base64")
    return data
