"""What Bitcoin Core's RPCs answer, read into values, every field checked before it is used.

Each function takes a result as `jsonrpc` decodes it (fractions as Decimal) and raises NodeError MALFORMED for anything
the RPC's documentation does not describe. Not in here: calling the node, and whether the values fit together, which
`bitcoin.rewind` sees.

Source: Bitcoin Core's RPC documentation of scantxoutset, scanblocks, getdescriptoractivity, getblock and
getrawtransaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.merkle import MerkleError, root_of
from scanner.chains.bitcoin.node.block import block_hash
from scanner.chains.bitcoin.node.history import Transaction, parse_transaction
from scanner.chains.bitcoin.node.rewind import Moves, Outpoint, Output, Spend, outpoint
from scanner.clients.fields import field, malformed
from scanner.errors import NodeError, Why

_SCRIPT = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OutputScan:
    """What a scan says of itself: the block it read, `block` at `height`, and the sum of what it found."""

    height: int
    block: str
    atoms: int


def height_field(answer: object, name: str = "height") -> int:
    value = field(answer, name, int)
    if not 0 <= value < 2**31:
        raise malformed(f"{name} is no block height")
    return value


def satoshis(amount: object, chain: BitcoinChain, most: int | None = None) -> int:
    """Coins as JSON writes them, to satoshis, exactly; at most `most` coins, or as many as one output may hold."""
    most = chain.most_coins if most is None else most
    if type(amount) is int:
        amount = Decimal(amount)
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount <= most:
        raise malformed(f"an amount is no number from 0 to {most:,}")
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -8:
        raise malformed("an amount has more than 8 decimals")
    return int(amount.scaleb(8))


def scan_of(answer: Any, chain: BitcoinChain) -> OutputScan:
    """The result of a `scantxoutset start` that went to its end, its outputs taken out (`bitcoin.unspent`)."""
    if field(answer, "success", bool) is not True:
        raise NodeError(Why.REFUSED, "the scan was aborted by another client of the node")
    if field(answer, "unspents", list):
        raise malformed("the answer to scantxoutset holds two lists of unspent outputs")
    height, block = height_field(answer), block_hash(field(answer, "bestblock", str))
    return OutputScan(height, block, satoshis(answer.get("total_amount"), chain, chain.most_coins_in_all))


def relevant_blocks_of(answer: Any, first: int, last: int) -> list[str]:
    """The result of `scanblocks start` over the heights `first` to `last`."""
    if height_field(answer, "from_height") != first or height_field(answer, "to_height") != last:
        raise malformed("scanblocks answers for other heights than it was asked for")
    if field(answer, "completed", bool) is not True:
        raise NodeError(Why.REFUSED, "scanblocks was aborted by another client of the node")
    return [block_hash(entry) for entry in field(answer, "relevant_blocks", list)]


def add_activity(moves: Moves, answer: Any, heights: Mapping[str, int], chain: BitcoinChain) -> None:
    """Add the result of `getdescriptoractivity` over the blocks in `heights` (height by hash) to `moves`."""
    for entry in field(answer, "activity", list):
        height = height_field(entry)
        if heights.get(field(entry, "blockhash", str)) != height:
            raise malformed("activity in a block that was not asked for")
        atoms = satoshis(entry.get("amount"), chain)
        kind = field(entry, "type", str)
        if kind == "receive":
            script = _script(field(field(entry, "output_spk", dict), "hex", str))
            moves.received.append(Output(output_point(entry, "txid", "vout"), script, atoms, height))
        elif kind == "spend":
            script = _script(field(field(entry, "prevout_spk", dict), "hex", str))
            moves.spent.append(Spend(output_point(entry, "prevout_txid", "prevout_vout"), script, atoms, height))
        else:
            raise malformed("activity that is neither a receive nor a spend")


def untold_inputs(answer: Any) -> list[Outpoint]:
    """The outputs that a block spends of which its `getblock` does not say whose they were.

    A node without undo data leaves them out without a word, and so does every one older than Bitcoin Core 23, which
    takes verbosity 3 for 2.
    """
    inputs = [entry for tx in field(answer, "tx", list)[1:] for entry in field(tx, "vin", list)]
    return [output_point(entry, "txid", "vout") for entry in inputs if prevout_of(entry) is None]


def add_block(
    moves: Moves,
    answer: Any,
    block: tuple[int, BitcoinHeader],
    asked: Collection[bytes],
    chain: BitcoinChain,
    *,
    spent: Mapping[Outpoint, tuple[bytes, int]] = MappingProxyType({}),
) -> None:
    """Add what a block, from `getblock` with verbosity 3, does to the scripts asked for.

    `spent` says whose the outputs of `untold_inputs` were, and how much they held. The list of transactions is checked
    against the header. Raises NodeError NO_STATE where neither says what an input spent.
    """
    height, header = block
    for number, tx in enumerate(transactions_in(answer, header)):
        for entry in field(tx, "vout", list):
            script = script_of(field(entry, "scriptPubKey", dict))
            if script in asked:
                point = outpoint(field(tx, "txid", str), _number(entry, "n"))
                moves.received.append(Output(point, script, satoshis(entry.get("value"), chain), height))
        if number == 0:
            continue  # the coinbase spends nothing
        for entry in field(tx, "vin", list):
            point = output_point(entry, "txid", "vout")
            prevout = prevout_of(entry)
            if prevout is not None:
                script = script_of(field(prevout, "scriptPubKey", dict))
                atoms = satoshis(prevout.get("value"), chain) if script in asked else 0
            elif point in spent:
                script, atoms = spent[point]
            else:
                raise NodeError(Why.NO_STATE, f"the node does not say what block {header.hash} spent")
            if script in asked:
                moves.spent.append(Spend(point, script, atoms, height))


def transactions_in(answer: Any, header: BitcoinHeader) -> list[Any]:
    """The transactions of a block, from `getblock`, whose ids are those that its header commits to."""
    if field(answer, "hash", str) != header.hash:
        raise malformed("getblock answers with another block")
    transactions: list[Any] = field(answer, "tx", list)
    try:
        root = root_of([bytes.fromhex(block_hash(field(tx, "txid", str)))[::-1] for tx in transactions])
    except MerkleError as error:
        raise malformed(f"getblock: {error}") from None
    if root != header.merkle_root:
        raise malformed("the transactions of a block are not those its header commits to")
    return transactions


def script_of(pays: Any) -> bytes:
    """A scriptPubKey, as answers describe it."""
    return _script(field(pays, "hex", str))


def transaction_of(answer: object, txid: str, chain: BitcoinChain) -> Transaction:
    """A raw transaction in an answer, hashed to see that it is the one. Raises NodeError."""
    if isinstance(answer, NodeError):
        raise answer
    try:
        transaction = parse_transaction(bytes.fromhex(answer if isinstance(answer, str) else "x"), chain)
    except ValueError as error:
        raise malformed(f"transaction {txid}: {error}") from None
    if transaction.txid != txid:
        raise NodeError(Why.FORGED, f"the transaction given for {txid} is {transaction.txid}")
    return transaction


def output_point(entry: object, txid: str, number: str) -> Outpoint:
    """The output that an answer names by the fields `txid` and `number`."""
    return outpoint(block_hash(field(entry, txid, str)), _number(entry, number))


def prevout_of(entry: object) -> Any:
    """What an input's answer says of the output it spends; None where it says nothing."""
    return entry.get("prevout") if isinstance(entry, dict) else None


def _number(entry: object, name: str) -> int:
    number = field(entry, name, int)
    if not 0 <= number < 2**32:
        raise malformed(f"{name} is no output number")
    return number


def _script(text: str) -> bytes:
    if not _SCRIPT.fullmatch(text):
        raise malformed("a script is not in hex")
    return bytes.fromhex(text)
