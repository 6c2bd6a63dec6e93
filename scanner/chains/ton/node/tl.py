"""What lite servers are asked and answer, as TL writes it: numbers little-endian, byte strings with their length, and
before each object four bytes that name its kind. Not in here: sending it (`adnl`).

Sources: ton-blockchain/ton, `tl/generate/scheme/lite_api.tl` and `ton_api.tl`; core.telegram.org/mtproto/serialize. A
kind's name is the CRC-32 of its line there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zlib import crc32

from scanner.clients.fields import malformed
from scanner.errors import NodeError, Why

HASH: Final = 32
WHOLE_SHARD: Final = -(2**63)
MASTERCHAIN: Final = -1
_NOT_THERE: Final = 651  # of an error: the server does not have the block
_TIMED_OUT: Final = 652
_RATE: Final = 228


def _kind(line: str) -> bytes:
    return crc32(line.encode()).to_bytes(4, "little")


_QUERY: Final = _kind("adnl.message.query query_id:int256 query:bytes = adnl.Message")
_ANSWER: Final = _kind("adnl.message.answer query_id:int256 answer:bytes = adnl.Message")
_LITE_QUERY: Final = _kind("liteServer.query data:bytes = Object")
_ERROR: Final = _kind("liteServer.error code:int message:string = liteServer.Error")
_GET_INFO: Final = _kind("liteServer.getMasterchainInfo = liteServer.MasterchainInfo")
_INFO: Final = _kind(
    "liteServer.masterchainInfo last:tonNode.blockIdExt state_root_hash:int256 init:tonNode.zeroStateIdExt"
    " = liteServer.MasterchainInfo"
)
_LOOK_UP: Final = _kind(
    "liteServer.lookupBlock mode:# id:tonNode.blockId lt:mode.1?long utime:mode.2?int = liteServer.BlockHeader"
)
_GET_HEADER: Final = _kind("liteServer.getBlockHeader id:tonNode.blockIdExt mode:# = liteServer.BlockHeader")
_HEADER: Final = _kind(
    "liteServer.blockHeader id:tonNode.blockIdExt mode:# header_proof:bytes = liteServer.BlockHeader"
)
_GET_ACCOUNT: Final = _kind(
    "liteServer.getAccountState id:tonNode.blockIdExt account:liteServer.accountId = liteServer.AccountState"
)
_ACCOUNT: Final = _kind(
    "liteServer.accountState id:tonNode.blockIdExt shardblk:tonNode.blockIdExt shard_proof:bytes proof:bytes"
    " state:bytes = liteServer.AccountState"
)
_GET_PROOF: Final = _kind(
    "liteServer.getBlockProof mode:# known_block:tonNode.blockIdExt target_block:mode.0?tonNode.blockIdExt"
    " = liteServer.PartialBlockProof"
)
_PROOF: Final = _kind(
    "liteServer.partialBlockProof complete:Bool from:tonNode.blockIdExt to:tonNode.blockIdExt"
    " steps:vector liteServer.BlockLink = liteServer.PartialBlockProof"
)
_LINK_BACK: Final = _kind(
    "liteServer.blockLinkBack to_key_block:Bool from:tonNode.blockIdExt to:tonNode.blockIdExt dest_proof:bytes"
    " proof:bytes state_proof:bytes = liteServer.BlockLink"
)


@dataclass(frozen=True, slots=True)
class BlockId:
    """A block of any chain (`tonNode.blockIdExt`)."""

    workchain: int
    shard: int
    seqno: int
    root: bytes
    file: bytes

    def encoded(self) -> bytes:
        place = self.workchain.to_bytes(4, "little", signed=True) + self.shard.to_bytes(8, "little", signed=True)
        return place + self.seqno.to_bytes(4, "little", signed=True) + self.root + self.file


@dataclass(frozen=True, slots=True)
class AccountState:
    """Bags of cells that lead from a masterchain block to an account; empty where there is nothing to say."""

    block: BlockId
    shard_proof: bytes
    proof: bytes
    state: bytes


def query(number: bytes, question: bytes) -> bytes:
    """A question to a lite server in a message of the stream; `number` of 32 bytes is the answer's, too."""
    return _QUERY + number + _string(_LITE_QUERY + _string(question))


def answer(message: bytes) -> tuple[bytes, bytes] | None:
    """The number and the object of a message that answers; None for one of another kind. Raises NodeError MALFORMED."""
    if not message.startswith(_ANSWER):
        return None
    reader = Reader(message[4:])
    number, found = reader.take(HASH), reader.string()
    reader.end()
    return number, found


def get_info() -> bytes:
    return _GET_INFO


def look_up(seqno: int) -> bytes:
    """The masterchain's block of this number."""
    place = MASTERCHAIN.to_bytes(4, "little", signed=True) + WHOLE_SHARD.to_bytes(8, "little", signed=True)
    return _LOOK_UP + (1).to_bytes(4, "little") + place + seqno.to_bytes(4, "little", signed=True)


def get_header(block: BlockId) -> bytes:
    """A block's header, with the update of the state."""
    return _GET_HEADER + block.encoded() + (1).to_bytes(4, "little")


def get_account(block: BlockId, account: bytes) -> bytes:
    """An account, as its workchain in one byte and 32 more, after a masterchain block."""
    workchain = int.from_bytes(account[:1], signed=True)
    return _GET_ACCOUNT + block.encoded() + workchain.to_bytes(4, "little", signed=True) + account[1:]


def get_way_back(newer: BlockId, older: BlockId) -> bytes:
    """What leads from a masterchain block to an older one."""
    return _GET_PROOF + (1).to_bytes(4, "little") + newer.encoded() + older.encoded()


def info_of(found: bytes) -> tuple[BlockId, bytes]:
    """The newest masterchain block, and the root hash of the network's zero state."""
    reader = _object(found, _INFO)
    last = reader.block()
    reader.take(HASH + 4)
    zero = reader.take(HASH)
    reader.take(HASH)
    reader.end()
    return last, zero


def header_of(found: bytes) -> tuple[BlockId, bytes]:
    """The block, and the proof of its header, a bag of cells."""
    reader = _object(found, _HEADER)
    block = reader.block()
    reader.take(4)
    proof = reader.string()
    reader.end()
    return block, proof


def account_of(found: bytes) -> AccountState:
    """The answer to `get_account`."""
    reader = _object(found, _ACCOUNT)
    block = reader.block()
    reader.block()
    state = AccountState(block, reader.string(), reader.string(), reader.string())
    reader.end()
    return state


def way_back_of(found: bytes, newer: BlockId, older: BlockId) -> bytes:
    """Of the answer to `get_way_back` the proof, a bag of cells, that the state after the newer block has the older
    one. Raises NodeError WRONG_BLOCK for an answer of other blocks, or by more steps than the one that leads back."""
    reader = _object(found, _PROOF)
    reader.take(4)  # whether it is complete
    blocks = [reader.block(), reader.block()]
    steps, kind = reader.take(4), reader.take(4)
    if steps != (1).to_bytes(4, "little") or kind != _LINK_BACK:
        raise NodeError(Why.WRONG_BLOCK, "the answer does not lead back to the block in one step")
    reader.take(4)  # whether to a key block
    blocks += [reader.block(), reader.block()]
    reader.string()  # the older block's header
    reader.string()  # the newer one's
    proof = reader.string()
    reader.end()
    if blocks != [newer, older, newer, older]:
        raise NodeError(Why.WRONG_BLOCK, "the answer is of other blocks")
    return proof


def _object(found: bytes, kind: bytes) -> Reader:
    """What follows an object's kind. Raises NodeError MALFORMED for another kind, and what an error of the server's
    means."""
    reader = Reader(found)
    stated = reader.take(4)
    if stated == _ERROR:
        code = int.from_bytes(reader.take(4), "little", signed=True)
        words = ascii(reader.string()[:80].decode("utf-8", "replace"))
        if code == _NOT_THERE or "not in db" in words or "block is not applied" in words:
            raise NodeError(Why.NO_STATE, "the server does not keep that block")
        why = {_RATE: Why.RATE_LIMITED, _TIMED_OUT: Why.UNREACHABLE}.get(code, Why.REFUSED)
        raise NodeError(why, f"the server's error {code}: {words}")
    if stated != kind:
        raise malformed("an answer to another question")
    return reader


class Reader:
    """Bytes of TL, from the front. Raises NodeError MALFORMED where there are too few, or some are left."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise malformed("an answer that is cut short")
        self._at += size
        return taken

    def string(self) -> bytes:
        size, start = self.take(1)[0], 1
        if size == 255:
            raise malformed("a length that is none")
        if size == 254:
            size, start = int.from_bytes(self.take(3), "little"), 4
        found = self.take(size)
        self.take(-(start + size) % 4)
        return found

    def block(self) -> BlockId:
        workchain, shard = self._signed(4), self._signed(8)
        return BlockId(workchain, shard, self._signed(4), self.take(HASH), self.take(HASH))

    def end(self) -> None:
        if self._at != len(self._data):
            raise malformed("bytes after the end of an answer")

    def _signed(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little", signed=True)


def _string(data: bytes) -> bytes:
    size = len(data)
    start = bytes([size]) if size < 254 else b"\xfe" + size.to_bytes(3, "little")
    return start + data + bytes(-(len(start) + size) % 4)
