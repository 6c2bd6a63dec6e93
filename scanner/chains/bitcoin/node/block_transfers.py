"""Transfers out of a Bitcoin block: what its transactions moved to some scripts, and from them.

A transaction spends outputs of several scripts and pays several: of each script only the difference moves. What leaves
a script goes to those that are paid, and to the fee, where all that paid are ours; of a transaction that several
scripts paid, one of them not ours, no one can say which paid which. There, for fees, for newly made coins, and for
scripts that no account is named by, the other side is `core.transfers.NOT_ONE`. So the sum of each of our scripts is
exact, and no one is named for a guess.

Pure. Not in here: which blocks are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.node.answers import output_point, prevout_of, satoshis, script_of, transactions_in
from scanner.chains.bitcoin.node.rewind import Outpoint
from scanner.clients.fields import field, malformed
from scanner.core.ids import AssetId
from scanner.core.transfers import NOT_ONE, Transfer
from scanner.errors import NodeError, Why

_LONGEST_SCRIPT: Final = 110  # bytes, as a bare multisig of three keys has; longer ones are accounts of no one's
_WITHIN: Final = 2**17  # transfers of one transaction, at most: a block of 4 million weight has fewer outputs


def transfers_in(
    answer: Any,
    block: tuple[int, BitcoinHeader],
    own: Collection[bytes],
    asset: AssetId,
    chain: BitcoinChain,
    *,
    spent: Mapping[Outpoint, tuple[bytes, int]],
) -> Iterator[Transfer]:
    """Those of a block, from `getblock` with verbosity 3. The arguments are those of `answers.add_block`, which raises
    alike."""
    height, header = block
    for number, tx in enumerate(transactions_in(answer, header)):
        net = _net(tx, number, header, chain, spent)
        if not any(net.get(script) for script in net.keys() & own):
            continue
        for place, (source, target, atoms) in enumerate(_pairs(net, own)):
            if place >= _WITHIN:
                raise malformed("a transaction of more outputs than a block has room for")
            index = number * _WITHIN + place
            yield Transfer(
                asset,
                height,
                index,
                header.hash,
                field(tx, "txid", str),
                _named(source, own),
                _named(target, own),
                atoms,
            )


def _net(
    tx: Any, number: int, header: BitcoinHeader, chain: BitcoinChain, spent: Mapping[Outpoint, tuple[bytes, int]]
) -> Counter[bytes]:
    """What each script has more after the transaction, in satoshis; NOT_ONE the fee, or less what was newly made."""
    net: Counter[bytes] = Counter()
    for entry in field(tx, "vout", list):
        net[script_of(field(entry, "scriptPubKey", dict))] += satoshis(entry.get("value"), chain)
    for entry in field(tx, "vin", list) if number else ():  # a coinbase spends nothing
        prevout = prevout_of(entry)
        if prevout is not None:
            script = script_of(field(prevout, "scriptPubKey", dict))
            net[script] -= satoshis(prevout.get("value"), chain)
        elif (known := spent.get(output_point(entry, "txid", "vout"))) is not None:
            net[known[0]] -= known[1]
        else:
            raise NodeError(Why.NO_STATE, f"the node does not say what block {header.hash} spent")
    net[NOT_ONE] -= sum(net.values())
    return net


def _pairs(net: Mapping[bytes, int], own: Collection[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """The payer, the payee and the amount of each transfer: of scripts that are ours on one side at least."""
    paying = {script: -atoms for script, atoms in sorted(net.items()) if atoms < 0}
    paid = {script: atoms for script, atoms in sorted(net.items()) if atoms > 0}
    others = [script for script in paying if script not in own]
    if not others:
        yield from _dealt(paying, paid)
        return
    payer = others[0] if len(paying) == 1 else NOT_ONE
    for script, atoms in paid.items():
        if script in own:
            yield payer, script, atoms
    for script, atoms in paying.items():
        if script in own:
            yield script, NOT_ONE, atoms


def _dealt(paying: Mapping[bytes, int], paid: Mapping[bytes, int]) -> Iterator[tuple[bytes, bytes, int]]:
    """What several that are all ours paid, dealt out to those that were paid, one after another: the sums are what they
    are, whichever of ours is on a transfer."""
    left, waiting = dict(paying), sorted(paying, reverse=True)
    for target, atoms in paid.items():
        lacking = atoms
        while lacking:
            source = waiting[-1]
            dealt = min(lacking, left[source])
            yield source, target, dealt
            lacking -= dealt
            left[source] -= dealt
            if not left[source]:
                waiting.pop()


def _named(script: bytes, own: Collection[bytes]) -> bytes:
    return script if len(script) <= _LONGEST_SCRIPT or script in own else NOT_ONE
