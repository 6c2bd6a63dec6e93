"""A server of the XRP Ledger (rippled or Clio) over JSON-RPC: XRP held at any validated ledger that it keeps.

What counts is an account's `Balance` in drops (6 decimals), the reserve that the protocol locks included, and what it
has in escrow for itself (`escrows`). What does not: XRP in other escrows and in payment channels, which has left the
balance and may be another's; shares of pools; credit in issued currencies. An account that the ledger does not have
holds nothing, and only an answer that names the ledger says so.

Escrows are asked for where an account has entries of its own in the ledger at all, page by page, each of the same
ledger. Where a server refuses the list, or it is longer than is read, the balance is a lower bound.

A height is a ledger's index. A validated ledger is final. Its header is hashed again, so the time and the parent are
the ledger's own; balances are the server's word, so they need a quorum.

Source: https://xrpl.org/docs/references/http-websocket-apis
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scanner.chains.account_forms import AddressError
from scanner.chains.interface import Capabilities
from scanner.chains.own_coin import foreign_asset, foreign_batch
from scanner.chains.xrpl.accounts import account_text
from scanner.chains.xrpl.family import COIN
from scanner.chains.xrpl.header import LedgerHeader
from scanner.chains.xrpl.node.answers import (
    FIRST_LEDGER,
    MOST_DROPS,
    balance_of,
    header_of,
    network_of,
    oldest_of,
    owns_entries,
    repeats,
    require_ledger,
)
from scanner.chains.xrpl.node.client import Commands, Refusal
from scanner.chains.xrpl.node.escrows import page_of
from scanner.chains.xrpl.node.signers import signers_of
from scanner.clients.observed import Observe, unobserved
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import AtLeast, Word
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why

_MAIN: Final = "0"
_UNDER_WAY: Final = 64  # commands: more than a server takes at once wait at the limiter in any case
_ENTRIES: Final = 400  # of the ledger, that a server looks through for a page
_PAGES: Final = 100  # of one account's list of escrows
_PAGE_LIMIT: Final = 2**20  # bytes
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


class RippledNode:
    """One server of one network."""

    def __init__(
        self, settings: NodeSettings, commands: Commands | None = None, *, observe: Observe = unobserved
    ) -> None:
        self.settings = settings
        self._commands = commands or Commands(settings, observe=observe)

    @property
    def capabilities(self) -> Capabilities:
        """The keys that accounts obey."""
        return Capabilities(owners=self)

    async def open(self) -> None:
        """Raises NodeError WRONG_CHAIN for a server that says it is of another network, or that does not say of which
        where not the main network is asked for: servers of that one alone run without a number for it."""
        await self._commands.open()
        network, asked_for = network_of(await self._commands.ask("server_info")), self.settings.chain.reference
        if network is None and asked_for != _MAIN:
            raise NodeError(Why.WRONG_CHAIN, f"the server names no network, which one of network {asked_for} would")
        if network is not None and str(network) != asked_for:
            raise NodeError(Why.WRONG_CHAIN, f"the server is of network {network}, not of {asked_for}")

    async def block_at(self, height: int) -> Snapshot:
        """The validated ledger of this index. Raises NodeError NOT_FINAL above the newest, NO_STATE for one let go."""
        try:
            header = header_of(await self._commands.ask("ledger", ledger_index=height))
        except Refusal as refusal:
            if refusal.name != "lgrNotFound":
                raise
            if height > await self.final_height():
                raise NodeError(Why.NOT_FINAL, f"the server has no ledger {height} yet") from None
            raise NodeError(Why.NO_STATE, f"the server does not keep ledger {height}") from None
        if header.sequence != height:
            raise NodeError(Why.MALFORMED, f"asked for ledger {height}, the server gave {header.sequence}")
        return self._snapshot(header)

    async def oldest_height(self) -> int:
        """The first of the ledgers that the server has without a gap up to the newest."""
        oldest = oldest_of(await self._commands.ask("server_info"))
        return max(oldest, FIRST_LEDGER) if self.settings.chain.reference == _MAIN else oldest

    async def final_height(self) -> int:
        """The newest validated ledger's index."""
        return header_of(await self._commands.ask("ledger", ledger_index="validated")).sequence

    async def decimals(self, asset: AssetId, snapshot: Snapshot) -> int | Gap:  # noqa: ARG002 - at every ledger
        """Six, by the protocol."""
        return foreign_asset(asset, self.settings.chain, COIN) or COIN.decimals

    async def read(self, batch: Batch) -> Reading:
        """Drops of each account, in order, at the batch's ledger. Never raises NodeError."""
        gap = foreign_batch(batch, self.settings.chain, COIN)
        if gap is not None:
            return Reading.missing(len(batch.accounts), gap)
        return Reading.of(await self._balances(batch.snapshot, batch.accounts))

    async def contract_owners(self, snapshot: Snapshot, contract: bytes) -> ContractOwners:
        """The account itself while its master key may sign; else its regular key, or its list of signers; else none.
        Raises NodeError."""
        account = account_text(snapshot.chain, contract)
        result = await self._commands.ask(
            "account_info", account=account, ledger_hash=snapshot.hash, strict=True, signer_lists=True
        )
        require_ledger(result, snapshot.height, snapshot.hash)
        return signers_of(result, account, contract)

    async def close(self) -> None:
        """Let go of connections. May be called twice."""
        await self._commands.close()

    async def _balances(self, snapshot: Snapshot, accounts: Sequence[bytes]) -> list[Word | Gap]:
        """Each account's, a bounded number of commands under way."""
        room = asyncio.Semaphore(_UNDER_WAY)

        async def one(account: bytes) -> Word | Gap:
            async with room:
                try:
                    return await self._balance(snapshot, account_text(snapshot.chain, account))
                except NodeError as error:
                    return Gap(error.why, error.detail)
                except AddressError as error:
                    return Gap(Why.UNSUPPORTED, str(error))

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(account)) for account in accounts]
        return [task.result() for task in tasks]

    async def _balance(self, snapshot: Snapshot, account: str) -> Word:
        try:
            result = await self._commands.ask("account_info", account=account, ledger_hash=snapshot.hash, strict=True)
        except Refusal as refusal:
            if refusal.name == "lgrNotFound":
                raise NodeError(Why.NO_STATE, f"the server does not keep {snapshot}") from None
            if refusal.name != "actNotFound":
                raise
            missing = refusal.result
        else:
            require_ledger(result, snapshot.height, snapshot.hash)
            balance = balance_of(result, account)
            return await self._with_escrows(snapshot, account, balance) if owns_entries(result, account) else balance
        await self._check_missing(snapshot, account, missing)
        return 0

    async def _with_escrows(self, snapshot: Snapshot, account: str, balance: int) -> Word:
        """The balance and what is in escrow for the account itself; at least that, where not all escrows are listed."""
        own: dict[str, int] = {}
        following: dict[str, object] = {}
        for _ in range(_PAGES):
            try:
                result = await self._commands.ask(
                    "account_objects",
                    size_limit=_PAGE_LIMIT,
                    account=account,
                    ledger_hash=snapshot.hash,
                    type="escrow",
                    limit=_ENTRIES,
                    **following,
                )
            except Refusal:
                break
            require_ledger(result, snapshot.height, snapshot.hash)
            page = page_of(result, account)
            if not own.keys().isdisjoint(page.own):
                raise NodeError(Why.MALFORMED, "the server gives an escrow on two pages")
            own |= page.own
            if balance + sum(own.values()) > MOST_DROPS:
                raise NodeError(Why.MALFORMED, "balance and escrows are above all XRP that there ever were")
            if page.marker is None:
                return balance + sum(own.values())
            following = {"marker": page.marker}
        return AtLeast(balance + sum(own.values()))

    async def _check_missing(self, snapshot: Snapshot, account: str, said: Mapping[str, Any]) -> None:
        """Raises NodeError unless `said`, an `actNotFound`, is of this account in this ledger. Clio repeats the
        question and names no ledger, so it is asked whether it has that one."""
        if repeats(said, account, snapshot.hash):
            ledger = await self._commands.ask("ledger", ledger_hash=snapshot.hash)
            require_ledger(ledger, snapshot.height, snapshot.hash)
            header_of(ledger)  # which hashes to that name
            return
        require_ledger(said, snapshot.height, snapshot.hash)
        if said.get("account") != account:
            raise NodeError(Why.MALFORMED, "the server says of another account that it does not exist")

    def _snapshot(self, header: LedgerHeader) -> Snapshot:
        time = _EPOCH + timedelta(seconds=header.close_time)
        return Snapshot(self.settings.chain, header.sequence, _name(header.hash), _name(header.parent_hash), time)


def _name(digest: bytes) -> str:
    """A hash as the ledger's servers write it."""
    return digest.hex().upper()
