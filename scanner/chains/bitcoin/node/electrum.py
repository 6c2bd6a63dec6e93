"""An Electrum server: balances at a past block, from the histories of scripts.

A history is a list of transactions with their heights. Every transaction that counts is fetched whole, hashed, and
shown by its Merkle branch to be in a block that the pinned one descends from; what it pays and spends is then fact.
What stays the server's word is that a history is complete, so a balance still needs a quorum. On a chain whose headers
cannot be hashed here (Dash) it is also the server's word which block a transaction is in.

Source: https://electrumx.readthedocs.io/en/latest/protocol-methods.html
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from scanner.chains.bitcoin.facts import BitcoinChain
from scanner.chains.bitcoin.header import BitcoinHeader
from scanner.chains.bitcoin.merkle import MerkleError, check_branch
from scanner.chains.bitcoin.node.ancestors import AncestorSource
from scanner.chains.bitcoin.node.answers import height_field, transaction_of
from scanner.chains.bitcoin.node.block import (
    block_hash,
    check_genesis,
    facts_of,
    final_height_of,
    header_from_hex,
    snapshot_of,
    work_rules,
)
from scanner.chains.bitcoin.node.branch import branch_in
from scanner.chains.bitcoin.node.electrum_client import ElectrumClient, Sleep
from scanner.chains.bitcoin.node.electrum_headers import HeaderAncestry, headers_at_once, headers_call, headers_in
from scanner.chains.bitcoin.node.electrum_transactions import ElectrumTransactions
from scanner.chains.bitcoin.node.history import Ledger, Transaction
from scanner.chains.bitcoin.node.movements import MovementSource
from scanner.chains.bitcoin.node.rewind import Contradiction, is_unspendable
from scanner.chains.interface import Capabilities
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import Call
from scanner.clients.observed import Observe, unobserved
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

SCRIPTS_AT_ONCE = 500
TRANSACTIONS_AT_ONCE = 100
_TIP: Call = ("blockchain.headers.subscribe", ())
LONGEST_HISTORY = 200_000  # transactions of one script


async def _height_of(name: str) -> int:
    raise NodeError(Why.UNSUPPORTED, f"an Electrum server finds no block by its hash, {name}: name its height")


@dataclass(frozen=True, slots=True, order=True)
class HistoryEntry:
    """A confirmed transaction as a history lists it."""

    height: int
    txid: str


class ElectrumNode:
    """One server. Accounts are scriptPubKeys."""

    def __init__(self, settings: NodeSettings, *, sleep: Sleep = asyncio.sleep, observe: Observe = unobserved) -> None:
        self.settings = settings
        self._client = ElectrumClient(settings, sleep=sleep, observe=observe)
        self._ancestries: dict[str, HeaderAncestry] = {}  # by the pinned block's hash
        self._ancestors = AncestorSource(settings.chain, self._headers_at, _height_of)
        self._movements = MovementSource(self._headers_at, ElectrumTransactions(self._client))

    async def open(self) -> None:
        work_rules(self.settings.chain)
        check_genesis(self.settings.chain, (await self._header(0)).hash)

    async def block_at(self, height: int) -> Snapshot:
        calls = self._header_calls(height)
        tip, *found = await self._client.ask([_TIP, *calls])
        _check_reached(tip, height + len(calls) - 1)
        header = self._header_of(found)
        return snapshot_of(self.settings.chain, height, header, header.hash)

    @property
    def capabilities(self) -> Capabilities:
        """That it gives the headers that lead to ancestors, and what leads to transactions."""
        return Capabilities(ancestors=self._ancestors, movements=self._movements)

    async def oldest_height(self) -> int:
        """The genesis block: headers are kept by every node, whatever it lets go of."""
        return 0

    async def final_height(self) -> int:
        return final_height_of(self.settings.chain, height_field(await self._client.ask_one(_TIP)))

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - of no asset here
        return Gap(Why.UNSUPPORTED, "only a contract says how many decimals it has")

    async def read(self, batch: Batch) -> Reading:
        if batch.snapshot.chain != self.settings.chain or not batch.asset.native:
            gap = Gap(Why.UNSUPPORTED, f"an Electrum server holds no balances of {batch.asset}")
            return Reading.missing(len(batch.accounts), gap)
        balances: dict[bytes, int | Gap] = {}
        try:
            ancestry = self._ancestries.setdefault(batch.snapshot.hash, HeaderAncestry(self._client, batch.snapshot))
            tip, _ = await asyncio.gather(self._client.ask_one(_TIP), ancestry.reach(batch.snapshot.height))
            _check_reached(tip, batch.snapshot.height)
            scripts = list(dict.fromkeys(batch.accounts))
            for start in range(0, len(scripts), SCRIPTS_AT_ONCE):
                group = scripts[start : start + SCRIPTS_AT_ONCE]
                balances |= await self._group(batch.snapshot, ancestry, group)
        except NodeError as error:  # what was read before stays
            gap = Gap(error.why, error.detail)
            return Reading.of(balances.get(script, gap) for script in batch.accounts)
        return Reading.of(balances[script] for script in batch.accounts)

    async def close(self) -> None:
        await self._client.close()

    def _header_calls(self, height: int) -> list[Call]:
        """The header, and where its name cannot be computed the next one, which names it."""
        heights = [height] if work_rules(self.settings.chain) else [height, height + 1]
        return [("blockchain.block.header", (each,)) for each in heights]

    def _header_of(self, answers: Sequence[object]) -> BitcoinHeader:
        for answer in answers:
            if isinstance(answer, NodeError):
                raise answer
        name = header_from_hex(answers[1], self.settings.chain).parent if answers[1:] else None
        return header_from_hex(answers[0], self.settings.chain, name)

    async def _header(self, height: int) -> BitcoinHeader:
        return self._header_of(await self._client.ask(self._header_calls(height)))

    async def _headers_at(self, heights: range) -> list[BitcoinHeader]:
        """Those of the server's best chain, none of which is shown to follow another. Raises NodeError."""
        rules = work_rules(self.settings.chain)
        size = headers_at_once(rules)
        headers: list[BitcoinHeader] = []
        for start in range(0, len(heights), size):
            span = heights[start : start + size]
            headers += headers_in(await self._client.ask_one(headers_call(span, rules, heights[-1])), span, rules)
        return headers

    async def _group(
        self, snapshot: Snapshot, ancestry: HeaderAncestry, scripts: list[bytes]
    ) -> dict[bytes, int | Gap]:
        """The balances of some scripts, each transaction of theirs being fetched once."""
        gaps: dict[bytes, Gap] = {}
        asked = [script for script in scripts if not is_unspendable(script)]
        answers = await self._client.ask([("blockchain.scripthash.get_history", (scripthash(s),)) for s in asked])
        concerned: dict[HistoryEntry, list[bytes]] = defaultdict(list)
        for script, answer in zip(asked, answers, strict=True):
            try:
                for entry in history_of(answer, snapshot.height):
                    concerned[entry].append(script)
            except NodeError as error:
                gaps[script] = Gap(error.why, error.detail)
        ledgers = {script: Ledger(script) for script in scripts}
        entries = sorted(concerned)
        if entries:
            await ancestry.reach(entries[0].height)
        for run in _by_blocks(entries, TRANSACTIONS_AT_ONCE):
            found = await self._transactions(ancestry, run)
            for _, block in groupby(run, key=lambda entry: entry.height):
                of_script: dict[bytes, list[Transaction | NodeError]] = defaultdict(list)
                for entry in block:
                    for script in concerned[entry]:
                        of_script[script].append(found[entry])
                for script, transactions in of_script.items():
                    gap = _applied(ledgers[script], transactions)
                    if gap is not None:
                        gaps.setdefault(script, gap)
        return {script: gaps.get(script, ledgers[script].balance) for script in scripts}

    async def _transactions(
        self, ancestry: HeaderAncestry, entries: Sequence[HistoryEntry]
    ) -> dict[HistoryEntry, Transaction | NodeError]:
        """The transactions, each shown to be in the block that the history says."""
        raw: list[Call] = [("blockchain.transaction.get", (entry.txid,)) for entry in entries]
        branches: list[Call] = [("blockchain.transaction.get_merkle", (entry.txid, entry.height)) for entry in entries]
        answers = await self._client.ask([*raw, *branches])
        facts = facts_of(self.settings.chain)
        return {
            entry: _shown(entry, given, branch, ancestry.root(entry.height), facts)
            for entry, given, branch in zip(entries, answers, answers[len(entries) :], strict=False)
        }


def _check_reached(tip: object, height: int) -> None:
    """Raises NodeError NOT_FINAL unless the server has the block at `height`, and so has indexed all up to it."""
    if isinstance(tip, NodeError):
        raise tip
    reached = height_field(tip)
    if reached < height:
        raise NodeError(Why.NOT_FINAL, f"the server's chain ends at height {reached}")


def scripthash(script: bytes) -> str:
    """What Electrum servers index a script by: its SHA-256, printed in reverse."""
    return sha256(script).digest()[::-1].hex()


def history_of(answer: object, height: int) -> list[HistoryEntry]:
    """The confirmed transactions up to `height` in the answer of `get_history`. Raises NodeError."""
    if isinstance(answer, NodeError):
        raise answer
    if not isinstance(answer, list):
        raise malformed("a history that is no list")
    if len(answer) > LONGEST_HISTORY:
        raise NodeError(Why.UNSUPPORTED, f"a history of more than {LONGEST_HISTORY} transactions is not read")
    entries: list[HistoryEntry] = []
    for each in answer:
        at = field(each, "height", int)
        txid = block_hash(field(each, "tx_hash", str))
        if (
            0 < at <= height
        ):  # 0 and -1 are the mempool's; the genesis block's output cannot be spent and does not count
            entries.append(HistoryEntry(at, txid))
    if len({entry.txid for entry in entries}) != len(entries):
        raise malformed("a history with a transaction in two places")
    return entries


def check_in_block(answer: object, entry: HistoryEntry, root: bytes) -> None:
    """Raises NodeError unless the answer of `get_merkle` shows that the transaction is in the block with this root."""
    position, branch = branch_in(answer, entry.height)
    try:
        check_branch(bytes.fromhex(entry.txid)[::-1], branch, position, root)
    except MerkleError as error:
        raise NodeError(Why.FORGED, f"transaction {entry.txid} at height {entry.height}: {error}") from None


def _shown(
    entry: HistoryEntry, given: object, branch: object, root: bytes, chain: BitcoinChain
) -> Transaction | NodeError:
    try:
        check_in_block(branch, entry, root)
        return transaction_of(given, entry.txid, chain)
    except NodeError as error:
        return error


def _applied(ledger: Ledger, block: Sequence[Transaction | NodeError]) -> Gap | None:
    """Take a block's transactions into the script's ledger, or say why they cannot be."""
    for each in block:
        if isinstance(each, NodeError):
            return Gap(each.why, each.detail)
    try:
        ledger.apply([each for each in block if isinstance(each, Transaction)])
    except Contradiction as error:
        return Gap(Why.MALFORMED, str(error))
    return None


def _by_blocks(entries: Sequence[HistoryEntry], size: int) -> list[list[HistoryEntry]]:
    """Sorted entries in runs of about `size`, a block's entries being kept together."""
    runs: list[list[HistoryEntry]] = []
    for entry in entries:
        if not runs or (len(runs[-1]) >= size and runs[-1][-1].height != entry.height):
            runs.append([])
        runs[-1].append(entry)
    return runs
