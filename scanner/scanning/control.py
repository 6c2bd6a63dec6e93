"""Who controls the accounts: published signatures checked on all processors, contracts asked for their owners.

Signatures need no node, so `check_proofs` may run beside the reading of balances; `ask_owners` belongs between a
chain's pinning and the check that it is still pinned. What follows from both is `weighing.control.controls`' part, and
can be worked out again without any of this.
"""

from __future__ import annotations

import asyncio
import os
import time
from array import array
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from scanner.chains.facts_revision import REVISION
from scanner.chains.interface import Node
from scanner.core.columns import Coded
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.errors import Why
from scanner.proofs.control import NamedTransaction, Verdict
from scanner.scanning.events import Observer, ProofsChecked, ignore
from scanner.scanning.node_group import NodeGroup
from scanner.scanning.pool import in_order
from scanner.weighing.claim import Claim
from scanner.weighing.control.controls import Controls
from scanner.weighing.control.recognise import NOTHING_PUBLISHED, verdicts_of
from scanner.weighing.holdings import ChainHeight, Holding, Holdings, Ownership
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement, agree

_CHUNK = 128  # proofs handed over at once: 15 ms of work, as most schemes go
_BETWEEN_TURNS = 5_000  # proofs looked for
_FEW = 10_000  # proofs: starting processes takes as long as checking so many
_CHUNKS_WAITING = 2  # for each process, so that none is ever idle
_CONTRACTS_AT_ONCE = 8


async def check_proofs(
    holdings: Holdings,
    challenge: str | None,
    revision: int = REVISION,
    *,
    observe: Observer = ignore,
    clock: Callable[[], float] = time.monotonic,
    processes: int | None = None,
) -> Coded[Verdict]:
    """What was published shows of who controls each holding's account, in the holdings' order. `revision`: of the
    tables by which schemes are known.

    One account under several assets with one proof is checked once. Many proofs are checked in `processes` processes
    (as many as there are processors, if None; none but this one, if 1), which are started afresh: as with all uses of
    multiprocessing, a program that is a script must keep its own start under `if __name__ == "__main__"`. If they
    cannot be had, or one dies, the work is done here; the result is the same.
    """
    first: dict[Chain, dict[bytes, int]] = {}
    others: dict[tuple[Chain, bytes, Ownership], int] = {}  # of accounts that have several proofs
    distinct, again = array("Q"), dict[int, int]()  # positions of holdings; of those that repeat one, and which
    for number, (position, asset, account, ownership) in enumerate(holdings.published()):
        if number % _BETWEEN_TURNS == 0:
            await asyncio.sleep(0)  # an interruption has its turn
        earlier = first.setdefault(asset.chain, {}).setdefault(account, position)
        if earlier != position and holdings.published_at(earlier)[2] != ownership:
            earlier = others.setdefault((asset.chain, account, ownership), position)
        if earlier == position:
            distinct.append(position)
        else:
            again[position] = earlier
    del first, others
    started = clock()

    async def gather(judge: Callable[[list[_Packed]], Awaitable[list[Verdict]]], at_once: int) -> Coded[Verdict]:
        verdicts: Coded[Verdict] = Coded()
        verdicts.extend(NOTHING_PUBLISHED, len(holdings))
        chunks = (distinct[start : start + _CHUNK] for start in range(0, len(distinct), _CHUNK))
        done = 0
        rows = ([_packed(*holdings.published_at(at)) for at in chunk] for chunk in chunks)
        async for judged in in_order(rows, judge, at_once):
            for position, verdict in zip(distinct[done : done + len(judged)], judged, strict=True):
                verdicts[position] = verdict
            done += len(judged)
            observe(ProofsChecked(done, len(distinct), clock() - started))
        for position, earlier in again.items():
            verdicts[position] = verdicts[earlier]
        return verdicts

    if processes is None:
        processes = (os.cpu_count() or 1) if len(distinct) >= _FEW else 1
    if processes > 1:
        loop = asyncio.get_running_loop()
        try:
            # Forking would copy whatever locks other threads hold; a fresh start copies nothing.
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                return await gather(
                    lambda rows: loop.run_in_executor(pool, _judge, rows, challenge, revision),
                    _CHUNKS_WAITING * processes,
                )
        except (BrokenProcessPool, OSError, NotImplementedError):
            pass  # there are no processes to be had here, or one was killed
    return await gather(lambda rows: asyncio.to_thread(_judge, rows, challenge, revision), 1)


def judged_together(claim: Claim) -> Controls:
    """What was published for all of a claim's holdings shows, on all processors where it is much; not to be called
    where an event loop runs."""
    return Controls.of(claim.holdings, asyncio.run(check_proofs(claim.holdings, claim.challenge, claim.revision)))


def asked_contracts(claim: Claim, controls: Controls) -> dict[ChainHeight, set[bytes]]:
    """The accounts of which only the chain can say who controls them, by where it is to be asked."""
    contracts: dict[ChainHeight, set[bytes]] = {}
    for position in controls.waiting:
        holding = claim.holdings[position]
        contracts.setdefault(claim.place_of(holding), set()).add(holding.account)
    return contracts


async def ask_owners(
    group: NodeGroup, snapshot: Snapshot, contracts: Collection[bytes], policy: Policy
) -> dict[bytes, Agreement[ContractOwners] | Gap]:
    """The owners that each contract names at the snapshot, as the operators agree on it, or why that is not known.

    `contracts` are 20-byte addresses on the group's chain.
    """

    async def ask(contract: bytes) -> tuple[bytes, Agreement[ContractOwners] | Gap]:
        async def question(node: Node) -> ContractOwners | Gap:
            owners = node.capabilities.owners
            if owners is None:
                return Gap(Why.UNSUPPORTED, "nodes of this kind cannot be asked for a contract's owners")
            return await owners.contract_owners(snapshot, contract)

        return contract, agree(await group.ask(question), policy)

    return {contract: answer async for contract, answer in in_order(sorted(contracts), ask, _CONTRACTS_AT_ONCE)}


async def ask_withdrawal_addresses(group: NodeGroup, batch: Batch, policy: Policy) -> dict[bytes, ContractOwners | Gap]:
    """The account that each validator of the batch pays out to, as its one owner, as the operators agree on it."""
    unasked = Gap(Why.UNSUPPORTED, "nodes of this kind cannot be asked which account a validator pays out to")

    async def question(node: Node) -> list[bytes | Gap]:
        withdrawals = node.capabilities.withdrawals
        return [unasked] * len(batch.accounts) if withdrawals is None else await withdrawals.withdrawal_addresses(batch)

    said = await group.ask(question)
    payees: dict[bytes, ContractOwners | Gap] = {}
    for position, account in enumerate(batch.accounts):
        agreed = agree(
            [(operator, word if isinstance(word, Gap) else word[position]) for operator, word in said], policy
        )
        if isinstance(agreed, Gap):
            payees[account] = agreed
        elif any(agreed.value):
            payees[account] = ContractOwners(owner=agreed.value)
    return payees


_Packed = tuple[AssetId, bytes, tuple[str, str, tuple[str, ...], str, tuple[str, ...], NamedTransaction | None] | None]


def _packed(asset: AssetId, account: bytes, own: Ownership | None) -> _Packed:
    """What of a holding its proof rests on, as plain values: these go to another process five times as fast."""
    published = None if own is None else (own.scheme, own.message, own.signatures, own.key, own.owners, own.moved)
    return asset, account, published


def _judge(rows: Sequence[_Packed], challenge: str | None, revision: int) -> list[Verdict]:
    """The work of another process, or of another thread."""
    holdings = (
        Holding(asset, account, ownership=None if published is None else Ownership(*published))
        for asset, account, published in rows
    )
    return verdicts_of(holdings, challenge, revision)
