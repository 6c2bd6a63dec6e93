"""No coin counts twice: whatever moves between declared accounts, and whatever heights a file's rows name, what is held
never exceeds what exists at one block of each chain."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Basis, Snapshot
from scanner.core.evidence_row import Elsewhere, EvidenceRow
from scanner.core.ids import Chain
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support.strength import cases, examples

START, BLOCKS, ACCOUNTS = datetime(2023, 11, 14, tzinfo=UTC), 12, 4
CHAINS = (parse_chain("eip155:1"), parse_chain("eip155:10"))
ASSETS = {chain: Asset(f"E{chain.reference}", parse_asset(f"{chain}/slip44:60"), "ETH", 0) for chain in CHAINS}
State = dict[tuple[Chain, int], int]  # coins by chain and account


def histories(rng: random.Random) -> list[State]:
    """The state after each block: coins move within a chain at once, and cross to the other some blocks later."""
    state: State = {(chain, account): rng.randrange(100) for chain in CHAINS for account in range(ACCOUNTS)}
    crossing: list[tuple[int, tuple[Chain, int], int]] = []
    states = []
    for height in range(BLOCKS):
        for _ in range(rng.randrange(4)):
            source, target = rng.choice(list(state)), rng.choice(list(state))
            moved = rng.randint(0, state[source])
            state[source] -= moved
            if source[0] == target[0]:
                state[target] += moved
            else:
                crossing.append((height + rng.randrange(3), target, moved))
        for arrival in [each for each in crossing if each[0] <= height]:
            crossing.remove(arrival)
            state[arrival[1]] += arrival[2]
        states.append(dict(state))
    return states


def block(chain: Chain, height: int, pace: timedelta) -> Snapshot:
    name = f"0x{CHAINS.index(chain):032x}{height:032x}"
    return Snapshot(chain, height, name, "0x" + "ee" * 32, START + height * pace)


def check(rng: random.Random) -> None:
    states, pace = histories(rng), rng.choice([timedelta(minutes=1), timedelta(hours=1), timedelta(days=9)])
    as_of = START + rng.randrange(BLOCKS) * pace + timedelta(seconds=1)
    heights = named_heights(rng)
    rows = [
        Holding(ASSETS[chain].id, bytes([account]) * 20, rng.choice([None, 5]), 0, rng.choice(heights))
        for chain in CHAINS
        for account in range(ACCOUNTS)
        if rng.random() < 0.9
    ]
    named = {chain: {row.height for row in rows if row.asset.chain == chain} for chain in CHAINS}
    claim = Claim(
        exchange="X",
        as_of=as_of,
        assets={asset.id: asset for asset in ASSETS.values()},
        liabilities={"ETH": Liability("ETH", Fraction(rng.randrange(1, 400)))},
        holdings=Holdings.of(rows),
        digest="00" * 32,
        snapshots={chain: rng.randrange(BLOCKS) for chain in CHAINS if rng.random() < 0.2},
        heights={chain: next(iter(of)) for chain, of in named.items() if len(of) == 1 and None not in of},  # type: ignore[misc]
    )
    last = max(height for height in range(BLOCKS) if START + height * pace <= as_of)
    places = [*claim.by_place(), *claim.compared_elsewhere()]
    pinned = {place: block(place[0], last if place[1] is None else place[1], pace) for place in places}

    def there(row: Holding, at: Snapshot) -> int:
        return states[at.height][at.chain, row.account[0]]

    evidence = []
    for row in rows:
        at, compared = pinned[claim.place_of(row)], claim.compared_at(row)
        elsewhere = compared and Elsewhere(pinned[compared].hash, there(row, pinned[compared]))
        balance = Balance(there(row, at), Basis.QUORUM, ("a", "b"))
        evidence.append(EvidenceRow(row.asset, row.account, at.hash, balance, row.claimed, elsewhere=elsewhere))
    (reserve,) = weigh(claim, pinned, evidence, Policy()).reserves
    exists = sum(
        states[at.height][chain, account]
        for (chain, _), at in ((place, pinned[place]) for place in claim.by_place())
        for account in range(ACCOUNTS)
    )
    assert reserve.held <= exists
    if reserve.verdict is not Verdict.UNKNOWN and reserve.span is not None:
        assert reserve.span.length <= 2 * Policy().max_skew or not any(place[1] for place in claim.by_place())
    # Nothing that is found for comparison bears on what is held.
    silent = [replace(row, elsewhere=row.elsewhere and replace(row.elsewhere, found=None)) for row in evidence]
    if silent != evidence:
        assert weigh(claim, pinned, silent, Policy()).reserves == (reserve,)


def named_heights(rng: random.Random) -> list[int | None]:
    """The heights that rows name: one, several, or none at some."""
    several: list[int | None] = [rng.randrange(BLOCKS) for _ in range(rng.choice([1, 1, 2, 3]))]
    return [*several, None] if rng.random() < 0.3 else several


@settings(max_examples=examples(100), deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_coin_counts_twice(rng: random.Random) -> None:
    check(rng)


def test_no_coin_counts_twice_in_many_histories() -> None:
    rng = random.Random(10)
    for _ in range(cases(10_000, 40)):
        check(rng)
