"""How long a chain takes whose rows name heights of their own, read a few at once, and rows that come in out of order.

    python -m bench.heights

In virtual time, exact and the same on every machine: 4,000 native balances in JSON-RPC batches from a made-up provider
without a limit (tests/support/simulated/provider.py), 50 ms a round trip. One height at a time is how it was; rows of
two assets in turn are two assets to `Holdings.of`, and were a batch each.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

from scanner.chains.names import parse_asset
from scanner.scanning import run
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import HeldAsset, Holding, Holdings
from tests.support import virtual_loop
from tests.support.simulated import paced
from tests.support.simulated.evm import SimToken
from tests.support.simulated.provider import Provider

ROWS: Final = 4_000
ROUND_TRIP: Final = 0.05  # seconds
FIRST: Final = paced.HEIGHT + 1  # of the heights that rows name
TOKEN: Final = Asset("T", parse_asset(f"{paced.CHAIN}/erc20:0x{'a1' * 20}"), "T", 18)


def main() -> None:
    print(f"{'heights':>8}{'one at a time, s':>18}{'a few at once, s':>18}{'times':>8}")
    for heights in (0, 1, 10, 100, 400):
        claim = _at_heights(heights)
        before, now = (_seconds(claim, heights, at_once)[0] for at_once in (1, run._HEIGHTS_AT_ONCE))
        print(f"{heights:>8,}{before:>18.1f}{now:>18.1f}{before / now:>8.1f}", flush=True)
    accounts = [each.account for each in paced.a_claim(ROWS // 4).holdings]
    in_turn = [Holding(asset.id, account) for account in accounts for asset in (paced.ETH, TOKEN)]
    for name, holdings in {
        "rows in turn, a part each": Holdings(HeldAsset(each.asset, [each]) for each in in_turn),
        "rows in turn, by asset": Holdings.of(in_turn),
    }.items():
        seconds, requests = _seconds(_of_two(holdings), 0, run._HEIGHTS_AT_ONCE)
        print(f"{name:<28}{requests:>8,} requests{seconds:>8.1f} s", flush=True)


def _at_heights(heights: int) -> Claim:
    claim = paced.a_claim(ROWS)
    named = [
        replace(each, claimed=1, height=FIRST + number % heights) if heights else each
        for number, each in enumerate(claim.holdings)
    ]
    return replace(claim, holdings=Holdings.of(named))


def _of_two(holdings: Holdings) -> Claim:
    liabilities = {unit: Liability(unit, Fraction(1)) for unit in ("ETH", "T")}
    assets = {paced.ETH.id: paced.ETH, TOKEN.id: TOKEN}
    return replace(paced.a_claim(0), holdings=holdings, assets=assets, liabilities=liabilities)


def _seconds(claim: Claim, heights: int, at_once: int) -> tuple[float, int]:
    """Virtual seconds, and requests."""
    provider = Provider(float("inf"), round_trip=(ROUND_TRIP, ROUND_TRIP))
    provider.sim.balances = {each.account: 1 for each in claim.holdings}
    provider.sim.tokens[TOKEN.id.contract] = SimToken(dict(provider.sim.balances), 18)
    provider.sim.blocks.clear()
    for _ in range(FIRST + heights + 5):
        provider.sim.mine()
    usual, run._HEIGHTS_AT_ONCE = run._HEIGHTS_AT_ONCE, at_once  # type: ignore[misc]
    try:
        _, seconds = virtual_loop.run(paced.scanned(claim, [provider]))
    finally:
        run._HEIGHTS_AT_ONCE = usual  # type: ignore[misc]
    return seconds, provider.requests


if __name__ == "__main__":
    main()
