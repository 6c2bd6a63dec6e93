"""A scan against a made-up provider in virtual time: how long it takes beside what the provider's limit allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from hashlib import blake2b

from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance
from scanner.core.node_settings import NodeSettings
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from tests.support import virtual_loop
from tests.support.simulated.provider import Counts, Provider, ProviderRpc

CHAIN = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
HEIGHT = 2
IN_FLIGHT = 16
KNOWN, FOUND = 2.0, 4.0  # seconds within which a limit is known by and large, and met once more with care
FEWEST = 60  # requests since then, of fewer of which a share says little
_NONE = 10**9  # a limit that no run comes near
_SHORT = 4.0  # seconds: a floor at which round trips are no trifle any more


@dataclass(frozen=True)
class Paced:
    """How a scan went."""

    scan: Scan
    seconds: float
    floor: float  # seconds that the limit asks for at least, or the round trips, where those are longer
    asked: int  # requests of the second half, and since FOUND; where these are few, since KNOWN
    met: int  # of those, how many were refused, wholly or in part

    @property
    def refused(self) -> float:
        """The share of its requests that the provider refused once the pace was found."""
        return self.met / max(1, self.asked)

    @property
    def times_the_floor(self) -> float:
        return self.seconds / self.floor


def paced(provider: Provider, rows: int, *, in_flight: int = IN_FLIGHT, batch: int = 100) -> Paced:
    """Reads `rows` native balances by JSON-RPC batches alone, each of which is the right one."""
    limit = provider.limit / 20 if provider.counts is Counts.UNITS else provider.limit
    floor = (rows / batch if provider.counts is Counts.REQUESTS else rows) / limit
    if floor < _SHORT and provider.limit != _NONE:  # then even a provider without a limit takes about as long
        floor = max(floor, _unlimited(rows, provider.round_trip, in_flight))
    result, seconds = _read(provider, rows, in_flight)
    return Paced(result, seconds, floor, *_once_found(provider, seconds))


def _once_found(provider: Provider, seconds: float) -> tuple[int, int]:
    """The requests that came once the pace was found, and those of them that were refused."""
    for found in (FOUND, KNOWN):
        since = max(found, seconds / 2)
        asked, refused = (sum(at >= since for at in moments) for moments in (provider.asked, provider.refused))
        if asked >= FEWEST:
            break
    return asked, refused


@cache
def _unlimited(rows: int, round_trip: tuple[float, float], in_flight: int) -> float:
    """The seconds that a provider without a limit takes; the same each time, since chance is drawn from a seed."""
    return _read(Provider(_NONE, round_trip=round_trip), rows, in_flight)[1]


def _read(provider: Provider, rows: int, in_flight: int) -> tuple[Scan, float]:
    """The scan, with the right balances, and its seconds."""
    claim = a_claim(rows)
    for number, holding in enumerate(claim.holdings):
        provider.sim.balances[holding.account] = number
    provider.sim.blocks.clear()
    for _ in range(5):
        provider.sim.mine()
    result, seconds = virtual_loop.run(scanned(claim, [provider], in_flight=in_flight))
    atoms = [row.outcome.atoms for row in result.rows if isinstance(row.outcome, Balance)]
    assert atoms == list(range(rows)), "not every balance is the right one"
    return result, seconds


@cache
def a_claim(rows: int) -> Claim:
    """So many accounts of ether. Built once for each number of them: nothing of a claim can be changed."""
    accounts = sorted(blake2b(number.to_bytes(8), digest_size=20).digest() for number in range(rows))
    return Claim(
        exchange="X",
        as_of=datetime(2023, 11, 14, 22, 30, tzinfo=UTC),
        assets={ETH.id: ETH},
        liabilities={"ETH": Liability("ETH", Fraction(1))},
        holdings=Holdings.of(Holding(ETH.id, account) for account in accounts),
        digest="00" * 32,
        snapshots={CHAIN: HEIGHT},
    )


async def scanned(
    claim: Claim,
    providers: Sequence[Provider],
    *,
    quorum: int = 1,
    in_flight: int = IN_FLIGHT,
    timeout: float = 60,  # noqa: ASYNC109 - of each request, which the product keeps
    patience: float = 60,
) -> Scan:
    """The scan, each provider an operator of its own; the auditor's own where there is one alone.

    `timeout`: seconds that one request may take; `patience`: those that others are waited for where enough answered.
    """
    by_url = {f"http://{number}.example": provider for number, provider in enumerate(providers)}
    settings = tuple(
        NodeSettings(
            "evm", url, f"op{number}", CHAIN, own=len(providers) == 1, max_in_flight=in_flight, timeout=timeout
        )
        for number, url in enumerate(by_url)
    )

    def connect(of: NodeSettings) -> EvmNode:
        return EvmNode(of, ProviderRpc(of, by_url[of.url]), allowed=(StrategyKind.BATCH,))

    return await scan(claim, Instrument(Policy(quorum), settings, prove=0, patience=patience), connect=connect)
