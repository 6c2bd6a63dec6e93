"""TON's state: from a masterchain block's root hash to an account, by way of the shard that holds it.

The masterchain's state says which block each shard of a workchain ended with: a shard is the accounts whose first bits
are its prefix, and the bits of the account itself lead to it, so an account cannot be looked for in another shard. A
block commits to the state after it by the update that it holds. An account that its shard's dictionary does not have
holds nothing.

What counts is an account's `balance`; what it owes for storage (`due_payment`) does not reduce it.

Source: `crypto/block/block.tlb` of ton-blockchain/ton.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.records_by_hash import Find
from scanner.chains.ton.cells import HASH_BYTES
from scanner.chains.ton.slices import Slice, any_cell, cell, entry_at
from scanner.core.evidence import Snapshot
from scanner.proofs.flaws import Flaw, ProofError

ACCOUNT_BYTES: Final = 1 + HASH_BYTES  # the workchain, and the account's hash
_MASTERCHAIN: Final = -1
_DEEPEST_SHARD: Final = 60  # bits of a prefix
_UPDATE: Final = 4  # the kind of an exotic cell that is an update of a state
_ADDRESS_BITS: Final = 256
_DESCRIPTIONS: Final = (0xA, 0xB)  # tags of a shard's description


@dataclass(frozen=True, slots=True)
class Account:
    """What of an account matters here."""

    balance: int  # nanotons
    empty: bool  # no contract was ever put there
    code: bytes | None = None  # hashes of its contract's code and data, where it has one that is not frozen
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What of a block's header matters here."""

    number: int
    time: int  # seconds since 1970
    workchain: int
    prefix: tuple[int, int]  # of its shard: how many bits, and the bits
    parent: bytes | None  # root hash of the block before; None where that may be several


@dataclass(frozen=True, slots=True)
class Block(Header):
    """A block, with what it made of the state."""

    state: bytes  # hash of the state after it


def masterchain_block(snapshot: Snapshot, find: Find) -> Block:
    """The snapshot's block, which says all that the snapshot says. Raises ProofError."""
    check_said(snapshot, find)
    return block_of(_bytes(snapshot.hash), find)


def check_said(snapshot: Snapshot, find: Find) -> None:
    """That the header of the snapshot's block says all that the snapshot says. Raises ProofError."""
    header = masterchain_header(snapshot.hash, find)
    said = (snapshot.height, int(snapshot.time.timestamp()), _bytes(snapshot.parent))
    if (header.number, header.time, header.parent) != said:
        raise ProofError(Flaw.HEADER_MISMATCH, f"{snapshot} has another number, time or parent")


def masterchain_header(name: str, find: Find) -> Header:
    """The header of the masterchain's block with this root hash, as 64 digits. Raises ProofError."""
    header = _header(_block(_bytes(name), find).reference(), find)
    if (header.workchain, header.prefix) != (_MASTERCHAIN, (0, 0)):
        raise ProofError(Flaw.HEADER_MISMATCH, f"{name} is no block of the masterchain")
    return header


def masterchain_extra(master: Block, find: Find) -> Slice:
    """What only the masterchain has, of the state after one of its blocks, behind its tag. Raises ProofError."""
    state = _state(master, find)
    state.take(32 + 32 + 64 + 32 + 1)
    has_extra = state.take(1)
    for _ in range(3):  # messages under way, accounts, totals
        state.reference()
    if not has_extra:
        raise ProofError(Flaw.MALFORMED, "a state of the masterchain without its own part")
    extra = cell(state.reference(), find)
    extra.tagged(0xCC26, 16, "the masterchain's part of a state")
    return extra


def account_at(master: Block, address: bytes, find: Find) -> Account | None:
    """The account with this address in the state that a masterchain block leads to; None where it is shown that there
    is none. Raises ProofError, and MissingCell among its kind."""
    if len(address) != ACCOUNT_BYTES:
        raise ProofError(Flaw.MALFORMED, f"an account of TON has {ACCOUNT_BYTES} bytes with its workchain")
    workchain, key = int.from_bytes(address[:1], signed=True), int.from_bytes(address[1:])
    block = master if workchain == _MASTERCHAIN else _shard_block(master, workchain, key, find)
    return account_in(block, address, find)


def account_in(block: Block, address: bytes, find: Find) -> Account | None:
    """The account in the state after this block of its shard; None where it is shown that there is none. Raises
    ProofError."""
    state = _state(block, find)
    state.reference()  # messages under way
    accounts = cell(state.reference(), find)
    if not accounts.take(1):
        return None
    found = entry_at(accounts.reference(), int.from_bytes(address[1:]), _ADDRESS_BITS, find)
    if found is None:
        return None
    found.take(5)  # the extra: a depth for splits, and what the accounts below hold
    found.coins()
    if found.take(1):
        found.reference()
    return _account(cell(found.reference(), find), address)


def block_of(digest: bytes, find: Find) -> Block:
    """The block with this root hash, of any chain. Raises ProofError."""
    block = _block(digest, find)
    header = _header(block.reference(), find)
    block.reference()  # what it moved
    update = any_cell(block.reference(), find)
    if not update.exotic or update.take(8) != _UPDATE:
        raise ProofError(Flaw.MALFORMED, "a block without an update of its state")
    update.digest()  # the state before
    return Block(header.number, header.time, header.workchain, header.prefix, header.parent, update.digest())


def _block(digest: bytes, find: Find) -> Slice:
    block = cell(digest, find)
    block.tagged(0x11EF55AA, 32, "a block")
    return block


def _header(digest: bytes, find: Find) -> Header:
    info = cell(digest, find)
    info.tagged(0x9BC7A987, 32, "a block's header")
    info.take(32)
    not_master, after_merge = info.take(1), info.take(1)
    info.take(6 + 8)
    number = info.take(32)
    info.take(32)
    workchain, prefix = _shard(info)
    time = info.take(32)
    parent = None
    if not not_master and not after_merge:
        before = cell(info.reference(), find)
        before.take(64 + 32)
        parent = before.digest()
    return Header(number, time, workchain, prefix, parent)


def _shard(of: Slice) -> tuple[int, tuple[int, int]]:
    """A workchain, and the prefix of a shard: how many bits, and the bits."""
    of.tagged(0, 2, "a shard")
    size = of.take(6)
    workchain, prefix = of.signed(32), of.take(64)
    if size > _DEEPEST_SHARD or prefix & (1 << 64 - size) - 1:
        raise ProofError(Flaw.MALFORMED, "a shard of another form")
    return workchain, (size, prefix >> 64 - size)


def _state(of: Block, find: Find) -> Slice:
    """The state after a block, behind its number. Raises ProofError for one of another shard or block."""
    state = cell(of.state, find)
    state.tagged(0x9023AFE2, 32, "a state")
    state.take(32)
    if _shard(state) != (of.workchain, of.prefix) or state.take(32) != of.number:
        raise ProofError(Flaw.HEADER_MISMATCH, "a state of another shard, or after another block")
    return state


def _shard_block(master: Block, workchain: int, key: int, find: Find) -> Block:
    """The newest block that the masterchain knows of the shard that holds this account."""
    number, digest, bits = _shard_description(master, workchain, key, find)
    block = block_of(digest, find)
    prefix = (bits, key >> _ADDRESS_BITS - bits)
    if (block.number, block.workchain, block.prefix) != (number, workchain, prefix):
        raise ProofError(Flaw.HEADER_MISMATCH, "the shard's block is of another shard, or has another number")
    return block


def _shard_description(master: Block, workchain: int, key: int, find: Find) -> tuple[int, bytes, int]:
    """Number and root hash of the shard's block, and how many bits of the account are the shard's prefix."""
    extra = masterchain_extra(master, find)
    found = entry_at(extra.reference(), workchain % 2**32, 32, find) if extra.take(1) else None
    if found is None:
        raise ProofError(Flaw.INCOMPLETE, f"the masterchain knows no workchain {workchain}")
    node, bits = cell(found.reference(), find), 0
    while node.take(1):
        children = [node.reference(), node.reference()]
        node = cell(children[key >> _ADDRESS_BITS - 1 - bits & 1], find)
        bits += 1
        if bits > _DEEPEST_SHARD:
            raise ProofError(Flaw.MALFORMED, "shards of longer prefixes than there are")
    if node.take(4) not in _DESCRIPTIONS:
        raise ProofError(Flaw.MALFORMED, "a shard's description is none")
    number = node.take(32)
    node.take(32 + 64 + 64)
    return number, node.digest(), bits


def _account(found: Slice, address: bytes) -> Account | None:
    if not found.take(1):
        return None
    found.tagged(0b10, 2, "an account's address")
    if found.take(1):
        raise ProofError(Flaw.INCOMPLETE, "an account with an anycast address, which is not understood")
    if found.take(8 * ACCOUNT_BYTES).to_bytes(ACCOUNT_BYTES) != address:
        raise ProofError(Flaw.MALFORMED, "an account under another address than its own")
    for _ in range(2):  # cells and bits that it takes
        found.take(8 * found.take(3))
    extra = found.take(3)
    if extra > 1:
        raise ProofError(Flaw.INCOMPLETE, "an account with more about its storage than is understood")
    if extra:
        found.digest()  # of the dictionary of its cells
    found.take(32)  # when it last paid
    if found.take(1):
        found.coins()  # what it owes for storage
    found.take(64)  # its last transaction
    balance = found.coins()
    if found.take(1):
        found.reference()  # other currencies
    return _contract(found, balance)


def _contract(found: Slice, balance: int) -> Account:
    """Where there is a contract: its code and data."""
    if not found.take(1):
        return Account(balance, empty=not found.take(1))  # else frozen
    if found.take(1):
        found.take(5)  # a fixed prefix's length
    if found.take(1):
        found.take(2)  # called at every block
    code = found.reference() if found.take(1) else None
    data = found.reference() if found.take(1) else None
    return Account(balance, empty=False, code=code, data=data)


def _bytes(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != HASH_BYTES:
        raise ProofError(Flaw.MALFORMED, "no hash of a block")
    return digest
