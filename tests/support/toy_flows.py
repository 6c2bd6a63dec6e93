"""Flows of a toy chain, made and sealed in memory: balances follow from transfers, unless a test says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final

from scanner.attesting.attestation import UNSIGNED
from scanner.attesting.flows.statement import signed_flows
from scanner.attesting.flows.transfers_csv import TRANSFERS
from scanner.attesting.flows.verify import VerifiedFlows, verify_flows
from scanner.attesting.points import MomentsRun, PointFiles, point_folder, write_point
from scanner.attesting.statement import EVIDENCE, WITNESS
from scanner.chains.interface import Capabilities
from scanner.chains.registry import family
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.transfers import Transfer
from scanner.errors import NodeError
from scanner.scanning.flows import read_flows
from scanner.scanning.run import Scan
from scanner.weighing.claim import Claim
from scanner.weighing.flows import Flows
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, ToyChain, ToyNode
from tests.support.toy_series import ACCOUNTS, HEIGHT, MOMENT, NOW, LinkedChain, a_claim

ANNA, BERT = ACCOUNTS
CARA, DORA = b"cara", b"dora"  # accounts that no claim declares
WINDOW: Final = timedelta(minutes=10)
START, END = MOMENT - 600, MOMENT + 600  # heights of the blocks at its ends

Sent = Sequence[tuple[int, bytes, bytes, int]]
"""At which height, from whom, to whom, and how many atoms."""

LENT: Final[Sent] = (
    (MOMENT - 500, CARA, ANNA, 1_000),
    (MOMENT - 100, DORA, BERT, 300),
    (MOMENT - 50, ANNA, BERT, 40),
    (MOMENT + 1, ANNA, CARA, 995),
    (MOMENT + 300, BERT, DORA, 50),
)


def held(sent: Sent, own: Mapping[bytes, int] | None = None) -> Callable[[int], Mapping[bytes, int]]:
    """What follows from transfers, by height."""

    def at(height: int) -> Mapping[bytes, int]:
        balances = dict(own or {ANNA: 9_000, BERT: 1_000, CARA: 5_000, DORA: 5_000})
        for when, source, target, atoms in sent:
            if when <= height:
                balances[source] = balances.get(source, 0) - atoms
                balances[target] = balances.get(target, 0) + atoms
        return balances

    return at


def a_chain(sent: Sent = LENT, fork: str = "") -> LinkedChain:
    return LinkedChain(HEIGHT, held(sent), step=0, fork=fork)


@dataclass
class Lists:
    """What an operator's node lists: all that was sent, less what `omits` names by its place; or it fails, or is none
    that lists."""

    sent: Sent = LENT
    omits: frozenset[int] = frozenset()
    failure: NodeError | None = None
    able: bool = True
    spoil: Callable[[Transfer], Transfer] = lambda each: each
    asked: list[tuple[int, int, int]] = field(default_factory=list)  # how many accounts, and the first and last height


class ListingNode(ToyNode):
    """One that lists transfers."""

    def __init__(self, settings: NodeSettings, chain: ToyChain, lists: Lists) -> None:
        super().__init__(settings, chain, family(CHAIN))
        self.lists = lists
        self.capabilities = Capabilities(proofs=self.capabilities.proofs, transfers=self if lists.able else None)

    async def transfers(self, asset: AssetId, accounts: Sequence[bytes], first: int, last: int) -> tuple[Transfer, ...]:
        self.lists.asked.append((len(accounts), first, last))
        if self.lists.failure is not None:
            raise self.lists.failure
        return tuple(
            sorted(
                self.lists.spoil(replace(each, asset=asset))
                for place, each in enumerate(transfers_of(self.lists.sent, self.chain))
                if place not in self.lists.omits
                and first <= each.height <= last
                and (each.source in accounts or each.target in accounts)
            )
        )


def transfers_of(sent: Sent, chain: ToyChain) -> list[Transfer]:
    return [
        Transfer(COIN, height, place, chain.block(height).hash, f"sent{place}", source, target, atoms)
        for place, (height, source, target, atoms) in enumerate(sent)
    ]


@dataclass
class Made:
    """Flows and their files, by name."""

    flows: Flows
    document: bytes
    statement: bytes
    files: dict[str, bytes] = field(default_factory=dict)

    def verified(self, claim: Claim | None = None, policy: Policy | None = None) -> VerifiedFlows:
        transfers = BytesIO(self.files[TRANSFERS])
        return verify_flows(self.document, claim or a_claim(), [Seal(b"x")], self.opened, transfers, policy=policy)

    @contextmanager
    def opened(self, point: str) -> Iterator[PointFiles]:
        witness = self.files.get(f"{point}/{WITNESS}")
        evidence = BytesIO(self.files[f"{point}/{EVIDENCE}"])
        yield PointFiles(self.files[f"{point}/{UNSIGNED}"], evidence, None if witness is None else BytesIO(witness))


def made(
    lists: Mapping[str, Lists] | None = None,
    *,
    chain: ToyChain | None = None,
    claim: Claim | None = None,
    policy: Policy | None = None,
    window: timedelta = WINDOW,
    now: datetime = NOW + timedelta(hours=1),
    own: frozenset[str] = frozenset(),
) -> Made:
    """Read, written and sealed."""
    chain = chain or a_chain()
    lists = lists or {"alpha": Lists(), "beta": Lists()}
    settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN, own=name in own) for name in lists)
    files: dict[str, BytesIO] = {}

    def connect(settings: NodeSettings) -> ListingNode:
        return ListingNode(settings, chain, lists[settings.operator])

    def create(name: str) -> BytesIO:
        return files.setdefault(name, BytesIO())

    def keep(found: Scan) -> str:
        folder = point_folder(found.finding.claim.as_of)
        return write_point(
            found.finding,
            found.rows,
            found.operators,
            found.witness,
            own=found.own,
            create=lambda name: create(f"{folder}/{name}"),
            scanned_at=now,
            scanner="1.0.0",
        )

    instrument = Instrument(policy or Policy(), settings, 0)
    read = read_flows(claim or a_claim(), instrument, window, keep, connect=connect, clock=lambda: now)
    flows = asyncio.run(read)
    _, document, statement = signed_flows(flows, MomentsRun(now.astimezone(UTC), "1.0.0"), [Seal(b"x")], create)
    return Made(flows, document, statement, {name: file.getvalue() for name, file in files.items()})


def changed(flows: Flows, **fields: Any) -> Flows:
    """The same with other values. Raises ValueError as Flows does."""
    return replace(flows, **fields)
