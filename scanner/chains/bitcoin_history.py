"""What a script holds, from its own transactions in the order of the chain: the arithmetic of history servers.

Pure: transactions in, balance out. A history that contradicts itself is refused: a transaction that neither pays to
the script nor spends from it stands there either by mistake, or because the one that paid was left out. A whole branch
left out cannot be seen from here.

Not in here: where histories come from, and whether their transactions are in the chain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from scanner.chains.bitcoin_rewind import Contradiction, Outpoint, outpoint

MOST_ATOMS = 21_000_000 * 10**8


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a transaction spends, and what it pays (script and satoshis, in the order of its outputs)."""

    txid: str
    inputs: tuple[Outpoint, ...]  # empty for a coinbase
    outputs: tuple[tuple[bytes, int], ...]


@dataclass(slots=True)
class Ledger:
    """One script's unspent outputs, as its transactions go by."""

    script: bytes
    unspent: dict[Outpoint, int] = field(default_factory=dict)

    def apply(self, transaction: Transaction) -> None:
        """Take in the next transaction of the chain. Raises Contradiction if it does not concern the script."""
        concerned = False
        for spent in transaction.inputs:
            concerned |= self.unspent.pop(spent, None) is not None
        for number, (script, atoms) in enumerate(transaction.outputs):
            if script == self.script:
                self.unspent[outpoint(transaction.txid, number)] = atoms
                concerned = True
        if not concerned:
            raise Contradiction(
                f"transaction {transaction.txid} neither pays to the script nor spends from it: its history has a hole"
            )

    @property
    def balance(self) -> int:
        """In satoshis."""
        return sum(self.unspent.values())


def parse_transaction(raw: bytes) -> Transaction:
    """A serialized transaction, its id computed from it. Raises ValueError for bytes that are none."""
    try:
        parsed = CTransaction.deserialize(raw)
    except (SerializationError, ValueError) as error:
        raise ValueError("these bytes are no transaction") from error
    outputs = tuple((bytes(each.scriptPubKey), each.nValue) for each in parsed.vout)
    if not all(0 <= atoms <= MOST_ATOMS for _, atoms in outputs):
        raise ValueError("a transaction pays an amount that cannot be")
    inputs = (
        ()
        if parsed.is_coinbase()
        else tuple(each.prevout.hash[::-1] + each.prevout.n.to_bytes(4) for each in parsed.vin)
    )
    return Transaction(parsed.GetTxid()[::-1].hex(), inputs, outputs)
