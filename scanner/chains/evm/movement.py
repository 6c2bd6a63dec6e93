"""Movements on EVM chains: a transaction and its receipt, walked from the block's hash down through its two tries.

The record has, each after its length: the block's header in RLP; the transaction's index; the nodes of the trie of
transactions from its root down, then those of the trie of receipts.

What is asked for holds if the account itself made the transaction, which succeeded, and moved exactly the amount: of
the chain's own coin by the transaction's value, or of the account's token by one transfer that the token's contract
tells of. What a contract moves by a call within a transaction leaves no such trace, and is not taken for it.

Sources: Ethereum yellow paper, 4.4.1; EIP-2718.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from scanner.chains.evm import rlp
from scanner.chains.evm.header import ExecutionHeader, header_from_rlp
from scanner.chains.evm.index_trie import value_at
from scanner.chains.evm.transaction import EvmTransaction, TokenTransfer, read_receipt, read_transaction
from scanner.chains.movement import Instruction, Movement
from scanner.chains.records_by_hash import unframed
from scanner.core.control import MovedIn
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError

_BEFORE_NODES: Final = 2
_LATEST: Final = 253_402_300_800  # 10000-01-01


@dataclass(frozen=True, slots=True)
class EvmMovements:
    """`chains.movement.MovementProver`."""

    least: int = 1

    def block(self, chain: Chain, moved: MovedIn, record: bytes) -> Snapshot:
        """The block, by the record's header. Raises ProofError."""
        return _block(chain, moved, _header(moved, _parts(record)))

    def walk(self, asked: Instruction, moved: MovedIn, record: bytes) -> Movement:
        """What the record shows of the transaction. Raises ProofError."""
        chain, parts = asked.asset.chain, _parts(record)
        header = _header(moved, parts)
        index, nodes = rlp.decode_int(parts[1], 32), iter(parts[_BEFORE_NODES:])
        transaction = read_transaction(value_at(header.transactions_root, index, nodes))
        succeeded, transfers = read_receipt(value_at(_receipts_root(header), index, nodes))
        if next(nodes, None) is not None:
            raise ProofError(Flaw.MALFORMED, "more nodes than lead to the transaction and its receipt")
        if transaction.hash != asked.transaction:
            raise ProofError(Flaw.MALFORMED, f"the transaction {transaction.hash} is there, another than the claim's")
        if transaction.chain_id not in (None, int(chain.reference)):
            raise ProofError(Flaw.MALFORMED, f"a transaction that is signed for the chain {transaction.chain_id}")
        return Movement(_block(chain, moved, header), _fault(asked, transaction, transfers, succeeded=succeeded))


def _parts(record: bytes) -> list[bytes]:
    parts = list(unframed(record))
    if len(parts) < _BEFORE_NODES:
        raise ProofError(Flaw.INCOMPLETE, "no header and index of a transaction")
    return parts


def _header(moved: MovedIn, parts: list[bytes]) -> ExecutionHeader:
    return header_from_rlp(parts[0], bytes.fromhex(moved.block.removeprefix("0x")))


def _receipts_root(header: ExecutionHeader) -> bytes:
    if header.settles_earlier:
        raise ProofError(Flaw.EARLIER_STATE, "the header commits to the receipts of earlier blocks")
    return header.receipts_root


def _block(chain: Chain, moved: MovedIn, header: ExecutionHeader) -> Snapshot:
    if header.number != moved.height:
        raise ProofError(Flaw.HEADER_MISMATCH, f"block {moved.block} has the height {header.number}")
    if header.timestamp >= _LATEST:
        raise ProofError(Flaw.MALFORMED, f"block {moved.block} is dated beyond the year 9999")
    time = datetime.fromtimestamp(header.timestamp, UTC)
    return Snapshot(chain, header.number, moved.block, f"0x{header.parent_hash.hex()}", time)


def _fault(asked: Instruction, transaction: EvmTransaction, transfers: list[TokenTransfer], *, succeeded: bool) -> str:
    """Why it is not the movement that was asked for; empty if it is."""
    account = asked.account
    if not succeeded:
        return "the transaction failed"
    if transaction.sender != account:
        return f"the transaction was made by 0x{transaction.sender.hex()}, and not by the account itself"
    if transaction.value == asked.atoms and transaction.to not in (None, account):
        return ""
    # The token itself is called: any other contract could move what the account allowed it to move, by its own reasons.
    is_called = asked.asset.kind == "erc20" and transaction.to == asked.asset.contract
    of_token = [each for each in transfers if is_called and each.contract == asked.asset.contract]
    if any(each.sender == account and each.to != account and each.atoms == asked.atoms for each in of_token):
        return ""
    token = f", nor {asked.atoms} of the token" if asked.asset.kind == "erc20" else ""
    return f"the transaction does not move exactly {asked.atoms} atoms of the chain's coin to another account{token}"
