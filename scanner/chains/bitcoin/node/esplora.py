"""An Esplora server (Blockstream's electrs and its kin): balances at a past block, from all transactions of a script.

A script's transactions are paged through to the end, however many; that none was left out is checked against the count
that the server keeps itself, and by every spend naming an output that was seen. What the transactions say is the
server's word, so a balance needs a quorum.

Source: https://github.com/Blockstream/esplora/blob/master/API.md
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.node.ancestors import AncestorSource
from scanner.chains.bitcoin.node.answers import height_field, output_point
from scanner.chains.bitcoin.node.block import (
    block_hash,
    check_genesis,
    facts_of,
    final_height_of,
    header_from_hex,
    snapshot_of,
    work_rules,
)
from scanner.chains.bitcoin.node.esplora_headers import EsploraHeaders
from scanner.chains.bitcoin.node.esplora_transactions import EsploraTransactions
from scanner.chains.bitcoin.node.movements import MovementSource
from scanner.chains.bitcoin.node.rewind import Contradiction, Outpoint, is_unspendable, outpoint
from scanner.chains.interface import Capabilities
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import decode
from scanner.clients.observed import Observe, unobserved
from scanner.clients.rest import NotFound, Rest
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

LONGEST_HISTORY = 100_000  # transactions of one script; a page holds 25
PAGE = 25  # transactions, as documented
PAGE_LIMIT = 32 * 2**20  # bytes: each may be as large as a block has room for, but not many are
ATTEMPTS = 3  # readings of one script's history, while new transactions keep arriving
_HEIGHT = re.compile(rb"[0-9]{1,9}")


class EsploraNode:
    """One server. Accounts are scriptPubKeys."""

    def __init__(self, settings: NodeSettings, rest: Rest | None = None, *, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._rest = rest or Rest(settings, observe=observe)
        headers = EsploraHeaders(settings.chain, self._rest, settings.max_in_flight)
        self._ancestors = AncestorSource(settings.chain, headers.at, headers.height_of)
        self._movements = MovementSource(headers.at, EsploraTransactions(self._rest))

    async def open(self) -> None:
        work_rules(self.settings.chain)
        await self._rest.open()
        check_genesis(self.settings.chain, await self._hash_at(0))

    async def block_at(self, height: int) -> Snapshot:
        found = await self._hash_at(height)
        header = header_from_hex(await self._text(f"/block/{found}/header"), self.settings.chain, found)
        return snapshot_of(self.settings.chain, height, header, found)

    @property
    def capabilities(self) -> Capabilities:
        """That it gives the headers that lead to ancestors, and what leads to transactions."""
        return Capabilities(ancestors=self._ancestors, movements=self._movements)

    async def oldest_height(self) -> int:
        """The genesis block: headers are kept by every node, whatever it lets go of."""
        return 0

    async def final_height(self) -> int:
        tip = await self._rest.get("/blocks/tip/height")
        if not _HEIGHT.fullmatch(tip):
            raise malformed("the height of the tip is no number")
        return final_height_of(self.settings.chain, int(tip))

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - of no asset here
        return Gap(Why.UNSUPPORTED, "only a contract says how many decimals it has")

    async def read(self, batch: Batch) -> Reading:
        if batch.snapshot.chain != self.settings.chain or not batch.asset.native:
            gap = Gap(Why.UNSUPPORTED, f"an Esplora server holds no balances of {batch.asset}")
            return Reading.missing(len(batch.accounts), gap)
        try:
            await self._check_on_chain(batch.snapshot)
            scripts = list(dict.fromkeys(batch.accounts))
            balances = dict(zip(scripts, await self._balances(batch.snapshot.height, scripts), strict=True))
            await self._check_on_chain(batch.snapshot)
        except NodeError as error:
            return Reading.missing(len(batch.accounts), Gap(error.why, error.detail))
        return Reading.of(balances[script] for script in batch.accounts)

    async def close(self) -> None:
        await self._rest.close()

    async def _balances(self, height: int, scripts: Sequence[bytes]) -> list[int | Gap]:
        """As many scripts side by side as requests may be under way."""
        outcomes: list[int | Gap] = [Gap(Why.UNREACHABLE)] * len(scripts)
        waiting = iter(range(len(scripts)))

        async def work() -> None:
            for position in waiting:
                outcomes[position] = await self._balance(height, scripts[position])

        async with asyncio.TaskGroup() as group:
            for _ in range(self.settings.max_in_flight):
                group.create_task(work())
        return outcomes

    async def _balance(self, height: int, script: bytes) -> int | Gap:
        if is_unspendable(script):
            return 0
        try:
            for _ in range(ATTEMPTS):
                history = await self._history(script)
                if history is not None:
                    return balance_at(height, history)
        except NodeError as error:
            return Gap(error.why, error.detail)
        except Contradiction as error:
            return Gap(Why.MALFORMED, str(error))
        return Gap(Why.MALFORMED, "the transactions of a script are not as many as the server says there are")

    async def _history(self, script: bytes) -> list[ScriptTransaction] | None:
        """All confirmed transactions of a script, in no order; None where they are not as many as the server counts."""
        facts = facts_of(self.settings.chain)
        name = sha256(script).hexdigest()
        base = f"/scripthash/{name}"
        count = await self._count(base, name)
        entries: dict[str, ScriptTransaction] = {}
        path = f"{base}/txs/chain"
        while count:
            page = decode(await self._rest.get(path, limit=PAGE_LIMIT))
            if not isinstance(page, list):
                raise malformed("a page of transactions that is no list")
            for entry in (entry_of(each, script, facts) for each in page):
                if entry.txid in entries:
                    raise malformed("a transaction stands in a script's history twice")
                entries[entry.txid] = entry
                path = f"{base}/txs/chain/{entry.txid}"
            if not page or (len(page) < PAGE and len(entries) >= count):
                break
            if len(entries) > LONGEST_HISTORY:
                raise NodeError(Why.UNSUPPORTED, f"a history of more than {LONGEST_HISTORY} transactions is not read")
        return list(entries.values()) if len(entries) == count else None

    async def _count(self, base: str, name: str) -> int:
        """How many confirmed transactions the server has of a script."""
        answer = decode(await self._rest.get(base))
        if field(answer, "scripthash", str).lower() != name:
            raise malformed("the server counts the transactions of another script than the one asked for")
        stats = field(answer, "chain_stats", dict)
        count = field(stats, "tx_count", int)
        if count > LONGEST_HISTORY:
            raise NodeError(Why.UNSUPPORTED, f"a history of more than {LONGEST_HISTORY} transactions is not read")
        return count

    async def _check_on_chain(self, snapshot: Snapshot) -> None:
        if await self._hash_at(snapshot.height) != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the server has another block at height {snapshot.height}")

    async def _hash_at(self, height: int) -> str:
        try:
            return block_hash(await self._text(f"/block-height/{height}"))
        except NotFound:
            raise NodeError(Why.NOT_FINAL, f"the server has no block at height {height} yet") from None

    async def _text(self, path: str) -> str:
        return (await self._rest.get(path)).decode("ascii", "replace").strip()


@dataclass(frozen=True, slots=True)
class ScriptTransaction:
    """A confirmed transaction as far as it concerns one script: what it pays to it, and what it spends of it."""

    txid: str
    height: int
    paid: dict[Outpoint, int]  # satoshis
    spent: dict[Outpoint, int]


def entry_of(answer: object, script: bytes, chain: BitcoinChain) -> ScriptTransaction:
    """A transaction in the answer, for the history of `script`. Raises NodeError MALFORMED."""
    status, txid = field(answer, "status", dict), block_hash(field(answer, "txid", str))
    if field(status, "confirmed", bool) is not True:
        raise malformed("an unconfirmed transaction among the confirmed")
    wanted = script.hex()
    paid = {
        outpoint(txid, number): _atoms(each, chain)
        for number, each in enumerate(field(answer, "vout", list))
        if field(each, "scriptpubkey", str) == wanted
    }
    inputs = [each for each in field(answer, "vin", list) if not field(each, "is_coinbase", bool)]
    spent = {
        output_point(each, "txid", "vout"): _atoms(field(each, "prevout", dict), chain)
        for each in inputs
        if field(field(each, "prevout", dict), "scriptpubkey", str) == wanted
    }
    return ScriptTransaction(txid, height_field(status, "block_height"), paid, spent)


def balance_at(height: int, history: Sequence[ScriptTransaction]) -> int:
    """What a script holds after the block at `height`, of its whole history. Raises Contradiction."""
    paid = {point: (atoms, entry.height) for entry in history for point, atoms in entry.paid.items()}
    balance = sum(atoms for atoms, at in paid.values() if 0 < at <= height)  # the genesis block's cannot be spent
    seen: set[Outpoint] = set()
    for entry in history:
        if not entry.paid and not entry.spent:
            raise Contradiction(f"transaction {entry.txid} neither pays to the script nor spends from it")
        for point, atoms in entry.spent.items():
            value, at = paid.get(point, (None, 0))
            if value != atoms or at > entry.height or point in seen:
                raise Contradiction(f"transaction {entry.txid} spends what the script did not have")
            seen.add(point)
            if entry.height <= height:
                balance -= atoms
    return balance


def _atoms(answer: object, chain: BitcoinChain) -> int:
    atoms = field(answer, "value", int)
    if not 0 <= atoms <= chain.most_atoms:
        raise malformed("an amount is no number of satoshis")
    return atoms
