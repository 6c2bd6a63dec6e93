"""One moment: how far apart the blocks of a unit may lie, and that a coin is never counted at two of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from scanner.attesting.formats.v1.finding import write_finding
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Basis, Gap, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import Chain
from scanner.errors import Why
from scanner.report.cells import Paint
from scanner.report.reserves import reserves
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Finding, Verdict
from scanner.weighing.holdings import ChainHeight, Holding, Holdings
from scanner.weighing.moments import Weighed, apart, dated_ahead, duration, standstill
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from scanner.weighing.withheld import Withheld

AS_OF = datetime(2023, 12, 14, 22, 30, tzinfo=UTC)
BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
MAIN, OPTIMISM, BEACON = parse_chain("eip155:1"), parse_chain("eip155:10"), parse_chain("beacon:1")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
TWO_HOURS = 2 * HOUR
ETHER = {
    chain: Asset(f"ETH-{number}", parse_asset(f"{chain}/slip44:60"), "ETH", decimals)
    for number, (chain, decimals) in enumerate([(MAIN, 18), (OPTIMISM, 18), (BEACON, 9)])
}
TOKEN = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
ACCOUNT, KEY = b"\x01" * 20, b"\x02" * 48


def block(chain: Chain, away: timedelta, height: int = 4) -> Snapshot:
    """A block so long after the claim's moment, or before it where that is negative."""
    return Snapshot(chain, height, "0x" + "1f" * 32, "0x" + "1e" * 32, AS_OF + away)


def named(chain: Chain, away: timedelta) -> Weighed:
    return Weighed(block(chain, away), named=True)


def last_before(chain: Chain, age: timedelta) -> Weighed:
    return Weighed(block(chain, -age), named=False)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_named_block_may_lie_as_far_from_the_moment_as_the_policy_allows_and_no_second_further(sign: int) -> None:
    assert apart([named(MAIN, sign * TWO_HOURS)], AS_OF, TWO_HOURS) is None
    told = apart([named(MAIN, sign * (TWO_HOURS + SECOND))], AS_OF, TWO_HOURS)
    assert told is not None
    assert "block 4 of eip155:1 is of 2023-12-1" in told
    assert "the claim as of 2023-12-14T22:30:00Z: 2 h 1 s apart, at most 2 h are allowed" in told


def test_two_named_blocks_on_either_side_of_the_moment_may_together_lie_too_far_apart() -> None:
    near, far = named(MAIN, -HOUR), named(OPTIMISM, HOUR)
    assert apart([near, far], AS_OF, TWO_HOURS) is None
    assert apart([near, named(OPTIMISM, HOUR + SECOND)], AS_OF, TWO_HOURS) == (
        "block 4 of eip155:1 is of 2023-12-14T21:30:00Z, block 4 of eip155:10 is of 2023-12-14T23:30:01Z:"
        " 2 h 1 s apart, at most 2 h are allowed"
    )


@pytest.mark.parametrize("chain", [BITCOIN, MAIN, BEACON])
def test_the_last_block_before_the_moment_is_not_too_old_for_a_chain_that_was_slow(chain: Chain) -> None:
    bound = standstill(chain)
    assert bound > TWO_HOURS
    assert apart([last_before(chain, bound), last_before(OPTIMISM, SECOND)], AS_OF, timedelta(0)) is None
    assert apart([last_before(chain, bound + SECOND)], AS_OF, 10 * bound) is not None


def test_what_lies_furthest_apart_is_told_and_the_order_of_the_blocks_says_nothing() -> None:
    blocks = [named(MAIN, timedelta(days=-1)), named(OPTIMISM, timedelta(days=30)), last_before(BITCOIN, SECOND)]
    told = apart(blocks, AS_OF, TWO_HOURS)
    assert told == apart(blocks[::-1], AS_OF, TWO_HOURS)
    assert told is not None
    assert told.startswith("block 4 of eip155:1 is of 2023-12-13T22:30:00Z, block 4 of eip155:10 is of 2024-01-13")
    assert told.endswith("31 d apart, at most 2 h are allowed")


def test_no_block_and_one_at_the_moment_are_not_apart() -> None:
    assert apart([], AS_OF, timedelta(0)) is None
    assert apart([named(MAIN, timedelta(0)), named(OPTIMISM, timedelta(0))], AS_OF, timedelta(0)) is None


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, seconds=5), "2 h"),
        (timedelta(minutes=-65), "1 h 5 min"),
        (timedelta(days=30, hours=1), "30 d 1 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_parts(length: timedelta, text: str) -> None:
    assert duration(length) == text


def test_only_a_miner_may_date_a_block_hours_ahead() -> None:
    assert dated_ahead(BITCOIN) > TWO_HOURS
    assert dated_ahead(MAIN) == dated_ahead(BEACON) == timedelta(minutes=5)


# --- a unit weighed at blocks that lie apart


def weighed(
    blocks: dict[ChainHeight, Snapshot],
    *,
    owed: str = "20",
    policy: Policy = Policy(),  # noqa: B008 - immutable
    outcomes: dict[Chain, Gap] | None = None,
) -> Finding:
    """Ten ether on each of these chains, at these blocks; and a token on the first of them."""
    assets = [asset for chain, asset in ETHER.items() if chain in {place[0] for place in blocks}]
    rows = []
    for asset in sorted([*assets, TOKEN], key=lambda asset: str(asset.id)):
        chain = asset.id.chain
        snapshot = next((each for place, each in blocks.items() if place[0] == chain), None)
        balance = Balance(10 * 10**asset.decimals, Basis.QUORUM, ("a", "b"))
        account = KEY if chain == BEACON else ACCOUNT
        lost = (outcomes or {}).get(chain) or (None if snapshot else Gap(Why.UNREACHABLE))
        rows.append(EvidenceRow(asset.id, account, snapshot.hash if snapshot else "", lost or balance, None))
    claim = Claim(
        exchange="X",
        as_of=AS_OF,
        assets={asset.id: asset for asset in [*assets, TOKEN]},
        liabilities={"ETH": Liability("ETH", Fraction(owed)), "USDT": Liability("USDT", Fraction(10))},
        holdings=Holdings.of(Holding(row.asset, row.account) for row in rows),
        digest="00" * 32,
        snapshots={chain: height for chain, height in blocks if height is not None},
    )
    return weigh(claim, blocks, rows, policy)


def test_the_same_coins_on_two_chains_a_month_apart_are_no_cover() -> None:
    finding = weighed({(MAIN, 4): block(MAIN, timedelta(days=-30)), (OPTIMISM, 4): block(OPTIMISM, -SECOND)})
    ether = finding.reserves[0]
    assert (ether.held, ether.verdict, finding.verdict) == (Fraction(20), Verdict.UNKNOWN, Verdict.UNKNOWN)
    told = ether.withheld[Withheld.MOMENTS_APART]
    assert "2023-11-14T22:30:00Z" in told
    assert "2023-12-14T22:30:00Z" in told or "2023-12-14T22:29:59Z" in told


def test_no_ratio_is_shown_beside_a_verdict_that_is_withheld() -> None:
    apart = weighed({(MAIN, 4): block(MAIN, timedelta(days=-30)), (OPTIMISM, 4): block(OPTIMISM, -SECOND)})
    near = weighed({(MAIN, 4): block(MAIN, -HOUR), (OPTIMISM, 4): block(OPTIMISM, -SECOND)})
    shown = [
        next(
            line
            for line in reserves(write_finding(finding)["reserves"], 200, Paint(colour=False), complete=True)
            if "ETH" in line
        )
        for finding in (apart, near)
    ]
    assert ["%" in line.partition("  -")[0] for line in shown] == [False, True], shown


def test_nor_do_blocks_that_lie_apart_make_a_unit_short() -> None:
    blocks: dict[ChainHeight, Snapshot] = {
        (MAIN, 4): block(MAIN, timedelta(days=-30)),
        (OPTIMISM, 4): block(OPTIMISM, -SECOND),
    }
    assert weighed(blocks, owed="2000").reserves[0].verdict is Verdict.UNKNOWN


def test_within_the_bound_the_unit_is_covered_and_says_how_far_its_blocks_lie_apart() -> None:
    finding = weighed({(MAIN, 4): block(MAIN, -HOUR), (OPTIMISM, None): block(OPTIMISM, -SECOND)})
    ether, token = finding.reserves
    assert (ether.verdict, ether.withheld) == (Verdict.COVERED, {})
    assert ether.span is not None
    assert token.span is not None
    assert (ether.span.length, token.span.length) == (HOUR - SECOND, timedelta(0))


def test_each_unit_is_judged_by_the_blocks_that_feed_it_alone() -> None:
    finding = weighed({(MAIN, None): block(MAIN, -SECOND), (OPTIMISM, 4): block(OPTIMISM, timedelta(days=-30))})
    assert {each.unit: each.verdict for each in finding.reserves} == {"ETH": Verdict.UNKNOWN, "USDT": Verdict.COVERED}


def test_a_slot_of_the_consensus_layer_is_held_against_the_block_of_the_execution_layer() -> None:
    together = {(MAIN, None): block(MAIN, -SECOND), (BEACON, 4): block(BEACON, -HOUR)}
    assert weighed(together).reserves[0].verdict is Verdict.COVERED
    later = together | {(BEACON, 4): block(BEACON, 3 * HOUR)}
    assert weighed(later).reserves[0].verdict is Verdict.UNKNOWN


def test_a_tighter_policy_takes_the_verdict_and_a_looser_one_gives_it_back() -> None:
    blocks = {(MAIN, 4): block(MAIN, -HOUR), (OPTIMISM, None): block(OPTIMISM, -SECOND)}
    assert weighed(blocks, policy=Policy(max_skew=HOUR - SECOND)).reserves[0].verdict is Verdict.UNKNOWN
    month: dict[ChainHeight, Snapshot] = {
        (MAIN, 4): block(MAIN, timedelta(days=-30)),
        (OPTIMISM, 4): block(OPTIMISM, -SECOND),
    }
    assert weighed(month, policy=Policy(max_skew=timedelta(days=30))).reserves[0].verdict is Verdict.COVERED


def test_losing_all_balances_of_a_block_that_lies_apart_brings_no_verdict() -> None:
    blocks = {(MAIN, None): block(MAIN, -SECOND), (OPTIMISM, 4): block(OPTIMISM, timedelta(days=-30))}
    lost = weighed(blocks, owed="10", outcomes={OPTIMISM: Gap(Why.UNREACHABLE)})
    assert lost.reserves[0].verdict is Verdict.UNKNOWN


def test_a_policy_that_allows_more_time_than_demanded_is_laxer() -> None:
    default, tight = Policy(), Policy(max_skew=timedelta(minutes=10))
    assert default.shortfalls(tight) == ("blocks up to 2 h apart, demanded 10 min",)
    assert tight.shortfalls(default) == ()


@pytest.mark.parametrize("skew", [timedelta(seconds=-1), timedelta(milliseconds=1)])
def test_a_skew_is_whole_seconds_and_not_below_none(skew: timedelta) -> None:
    with pytest.raises(ValueError, match="expected whole seconds"):
        Policy(max_skew=skew)
