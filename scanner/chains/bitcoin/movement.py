"""Movements on Bitcoin and its kin: a transaction that spends an output of the account, walked from the block's hash.

The record has, each after its length: the block's header; the transaction's position in the block; the branch of the
Merkle tree from the bottom up, its hashes joined; the transaction without its witness; and, likewise, each of the
transactions from which it spends. These need no block: they are named by the inputs.

What is asked for holds if every input spends an output whose script is the account's, and one output has exactly the
amount and another script. In a transaction with inputs of several owners each signs the outputs of all, and who pays
for which is not said: any of them could add an output that shows the others' accounts. That the signatures held
is shown by the block: no other block would have been built upon.

Sources: Bitcoin developer reference, "Merkle Trees" and "Raw transaction format"; CVE-2017-12842.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from scanner.chains.bitcoin.header import HeaderError, double_sha256, parse_header
from scanner.chains.bitcoin.merkle import MerkleError, check_branch
from scanner.chains.bitcoin.spending import Spending, read_spending
from scanner.chains.movement import Instruction, Movement
from scanner.chains.records_by_hash import unframed
from scanner.core.control import MovedIn
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError

_BEFORE_OTHERS: Final = 4  # parts
_HASH: Final = 32
_LONGEST_POSITION: Final = 4  # bytes


@dataclass(frozen=True, slots=True)
class BitcoinMovements:
    """`chains.movement.MovementProver`."""

    least: int

    def block(self, chain: Chain, moved: MovedIn, record: bytes) -> Snapshot:
        """The block, by the record's header. Raises ProofError."""
        return _block(chain, moved, _parts(record)[0])[0]

    def walk(self, asked: Instruction, moved: MovedIn, record: bytes) -> Movement:
        """What the record shows of the transaction. Raises ProofError."""
        raw_header, position, branch, raw, *others = _parts(record)
        block, root = _block(asked.asset.chain, moved, raw_header)
        transaction, before = read_spending(raw), [read_spending(each) for each in others]
        try:
            check_branch(transaction.name, _hashes(branch), _position(position), root)
        except MerkleError as error:
            raise ProofError(Flaw.MALFORMED, str(error)) from None
        name = transaction.name[::-1].hex()
        if name != asked.transaction:
            raise ProofError(Flaw.MALFORMED, f"the transaction {name} is there, another than the claim's")
        spent, known = {of for of, _ in transaction.spent}, [each.name for each in before]
        if not spent.issuperset(known) or len(set(known)) != len(known):
            raise ProofError(Flaw.MALFORMED, "a transaction that is spent from twice, or not at all")
        return Movement(block, _fault(asked, transaction, before))


def _parts(record: bytes) -> list[bytes]:
    parts = list(unframed(record))
    if len(parts) <= _BEFORE_OTHERS:
        raise ProofError(Flaw.INCOMPLETE, f"a record of {len(parts)} parts, expected more than {_BEFORE_OTHERS}")
    return parts


def _block(chain: Chain, moved: MovedIn, raw: bytes) -> tuple[Snapshot, bytes]:
    """The block, and the root of its transactions."""
    try:
        header = parse_header(raw)
    except HeaderError as error:
        raise ProofError(Flaw.MALFORMED, str(error)) from None
    if double_sha256(raw)[::-1].hex() != moved.block:
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header's hash is not {moved.block}")
    time = datetime.fromtimestamp(header.time, UTC)
    return Snapshot(chain, moved.height, moved.block, header.parent, time), header.merkle_root


def _position(part: bytes) -> int:
    if len(part) > _LONGEST_POSITION or part[:1] == b"\0":
        raise ProofError(Flaw.MALFORMED, "a position that is not written in the shortest way")
    return int.from_bytes(part)


def _hashes(branch: bytes) -> list[bytes]:
    if len(branch) % _HASH:
        raise ProofError(Flaw.MALFORMED, "a branch that is no row of hashes")
    return [branch[at : at + _HASH] for at in range(0, len(branch), _HASH)]


def _fault(asked: Instruction, transaction: Spending, before: Sequence[Spending]) -> str:
    """Why it is not the movement that was asked for; empty if it is. Raises ProofError where that is not shown."""
    scripts = {(each.name, number): script for each in before for number, (_, script) in enumerate(each.outputs)}
    if any(outpoint not in scripts for outpoint in transaction.spent):
        raise ProofError(Flaw.INCOMPLETE, "an output that the transaction spends is not there")
    paying = {scripts[outpoint] for outpoint in transaction.spent}
    if asked.account not in paying:
        return "the transaction spends no output of the account"
    if len(paying) > 1:
        return "the transaction spends outputs of others too, and who moved what is not shown"
    if any(atoms == asked.atoms and script != asked.account for atoms, script in transaction.outputs):
        return ""
    return f"no output of the transaction has exactly {asked.atoms} atoms and another script than the account's"
