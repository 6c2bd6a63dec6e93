"""What a script holds, from its own transactions in the order of the chain: the arithmetic of history servers.

Pure: transactions in, balance out. A history that contradicts itself is refused: a transaction that neither pays to
the script nor spends from it stands there either by mistake, or because the one that paid was left out. A whole branch
left out cannot be seen from here.

Not in here: where histories come from, and whether their transactions are in the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bitcoin.core import CTransaction
from bitcoin.core.serialize import SerializationError

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.node.rewind import Contradiction, Outpoint, outpoint
from scanner.chains.bitcoin.node.serialized import with_payload


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

    def apply(self, block: Sequence[Transaction]) -> None:
        """Take in the script's transactions of the next block, in any order.

        Raises Contradiction if one of them does not concern the script.
        """
        paid = {
            outpoint(transaction.txid, number): atoms
            for transaction in block
            for number, (script, atoms) in enumerate(transaction.outputs)
            if script == self.script
        }
        self.unspent |= paid
        payers = {point[:32].hex() for point in paid}
        for transaction in block:
            spends = [self.unspent.pop(spent, None) is not None for spent in transaction.inputs]
            if not any(spends) and transaction.txid not in payers:
                raise Contradiction(
                    f"transaction {transaction.txid} neither pays to the script nor spends from it:"
                    " something before it was left out"
                )

    @property
    def balance(self) -> int:
        """In satoshis."""
        return sum(self.unspent.values())


def parse_transaction(raw: bytes, chain: BitcoinChain) -> Transaction:
    """A serialized transaction, its id computed from it. Raises ValueError for bytes that are none."""
    if chain.payloads:
        txid, spent, paid = with_payload(raw)
    else:
        try:
            parsed = CTransaction.deserialize(_without_mweb_flag(raw) if chain.mweb_hrp else raw)
        except (SerializationError, ValueError) as error:
            raise ValueError("these bytes are no transaction") from error
        txid, spent, paid = parsed.GetTxid(), parsed.vin, parsed.vout
    outputs = tuple((bytes(each.scriptPubKey), each.nValue) for each in paid)
    if not all(0 <= atoms <= chain.most_atoms for _, atoms in outputs):
        raise ValueError("a transaction pays an amount that cannot be")
    coinbase = len(spent) == 1 and spent[0].prevout.is_null()
    inputs = () if coinbase else tuple(each.prevout.hash[::-1] + each.prevout.n.to_bytes(4) for each in spent)
    return Transaction(txid[::-1].hex(), inputs, outputs)


def _without_mweb_flag(raw: bytes) -> bytes:
    """As Bitcoin would write a block's integrating transaction (LIP-0002), which moves coins in and out of MWEB.

    It has no witness, a flag of 8, and an empty place where other transactions keep what is to go into the extension
    block; none of that is part of its id. A transaction with anything in that place is in no block, and none here.
    """
    if raw[4:6] != b"\0\x08":
        return raw
    if raw[-5:-4] != b"\0":
        raise ValueError("these bytes are no transaction of a block")
    return raw[:4] + raw[6:-5] + raw[-4:]
