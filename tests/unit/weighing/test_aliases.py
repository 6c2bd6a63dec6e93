"""One balance shown by two assets is found out by what they show, and counts once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import combinations
from typing import Any
from unittest import mock

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanner.chains.names import parse_asset
from scanner.core.columns import Accounts
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.outcomes import Outcomes
from scanner.errors import Why
from scanner.weighing import aliases
from scanner.weighing.aliases import Alias, Aliases
from scanner.weighing.balance_columns import BalanceColumn
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Finding, Verdict
from scanner.weighing.holdings import Holding, Holdings, holding_order
from scanner.weighing.policy import Policy
from scanner.weighing.ratio import weigh
from tests.support.strength import examples
from tests.support.tables import each_of

CHAIN = "eip155:5000"
NATIVE = Asset("MNT", parse_asset(f"{CHAIN}/slip44:60"), "COIN", 18)
TWIN = Asset("TWIN", parse_asset(f"{CHAIN}/erc20:0x" + "11" * 20), "COIN", 18)
OTHER = Asset("OTHER", parse_asset(f"{CHAIN}/erc20:0x" + "22" * 20), "OTHER", 18)
SIX = Asset("SIX", parse_asset(f"{CHAIN}/erc20:0x" + "33" * 20), "COIN", 6)
TETHER = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
USDC = Asset("USDC", parse_asset("eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"), "USDC", 6)
UNREAD = Gap(Why.UNREACHABLE, "timed out")
ONE = 10**18

Held = Mapping[Asset, Sequence[int | Gap]]  # account by account


def finding(held: Held, *, owed: str = "10", distinct: Sequence[tuple[Asset, Asset]] = ()) -> Finding:
    """What follows where every token is vouched for."""
    rows = [
        EvidenceRow(
            asset.id,
            number.to_bytes(20),
            "0xab",
            Balance(outcome, Basis.QUORUM, ("a", "b")) if isinstance(outcome, int) else outcome,
            None,
        )
        for asset, outcomes in held.items()
        for number, outcome in enumerate(outcomes)
    ]
    rows.sort(key=lambda row: holding_order(row.asset, row.account))
    claim = Claim(
        exchange="X",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        assets={asset.id: asset for asset in held},
        liabilities={asset.backs: Liability(asset.backs, Fraction(owed)) for asset in held},
        holdings=Holdings.of(Holding(row.asset, row.account) for row in rows),
        digest="00" * 32,
    )
    policy = Policy(
        contracts=frozenset(asset.id for asset in held if not asset.id.native),
        distinct=frozenset(frozenset({one.id, other.id}) for one, other in distinct),
    )
    return weigh(claim, {}, rows, policy)


def dropped(held: Held) -> dict[str, str]:
    """By label of what does not count: of what it is an alias."""
    found = finding(held)
    labels = {asset.id: asset.label for asset in held}
    return {labels[asset]: labels[each.alias] for asset, each in found.backing.items() if each.alias is not None}


# --- What is found out


def test_a_token_that_shows_the_coins_of_its_chain_again_does_not_count() -> None:
    found = finding({NATIVE: [ONE, 2 * ONE, 3 * ONE], TWIN: [ONE, 2 * ONE, 3 * ONE]})
    (reserve,) = found.reserves
    assert reserve.held == 6
    assert (reserve.gaps, reserve.verdict) == (3, Verdict.UNKNOWN)
    assert found.gap_counts == {Why.ALIAS: 3}
    assert found.backing[TWIN.id].held == 0
    gap = found.gaps[0].outcome
    assert isinstance(gap, Gap)
    assert gap.detail == f"the same coins as {NATIVE.id} at 3 of 3 accounts"


@each_of(
    "held",
    [
        {NATIVE: [ONE, 2 * ONE, 3 * ONE, 4 * ONE], TWIN: [ONE, 2 * ONE, 3 * ONE, 4 * ONE + 1]},  # an atom off
        {NATIVE: [ONE, 2 * ONE, 3 * ONE, 4 * ONE], TWIN: [ONE, 2 * ONE, 3 * ONE, 9 * ONE]},  # another amount
        {NATIVE: [ONE, 2 * ONE, 3 * ONE], TWIN: [ONE - 1, 2 * ONE + 1, 3 * ONE - 7]},  # an atom off everywhere
        {NATIVE: [ONE, 2 * ONE, 3 * ONE, 0], TWIN: [ONE, 2 * ONE, 3 * ONE, 100 * ONE]},  # one of its own besides
        {NATIVE: [ONE, 2 * ONE, 3 * ONE], SIX: [10**6, 2 * 10**6, 3 * 10**6]},  # the same coins in other decimals
        {NATIVE: [ONE + 1, 2 * ONE + 5, 123], SIX: [10**6, 2 * 10**6, 0]} | {TWIN: [ONE + 1, 2 * ONE + 5, 123]},
        {NATIVE: [1_234_567_891_234_567_891], SIX: [1_234_567]} | {TWIN: [1_234_567_891_234_567_891]},  # one account
        {NATIVE: [1, 2, 3], SIX: [1, 2, 3]},  # the same atoms in other decimals
    ],
)
def test_it_is_found_out_whatever_the_spelling_of_the_amounts(held: Held) -> None:
    assert set(dropped(held).values()) == {"MNT"}


def test_a_token_cut_to_six_decimals_shows_the_same_coins() -> None:
    coins = [1_234_567_891_234_567_891, 987_654_321_987_654_321, 5_000_000_999_999_999_999]
    assert dropped({NATIVE: coins, SIX: [each // 10**12 for each in coins]}) == {"SIX": "MNT"}


def test_two_tokens_that_show_one_balance_count_once_whichever_units_they_back() -> None:
    amounts = [5 * ONE, 6 * ONE, 7 * ONE]
    assert dropped({TWIN: amounts, OTHER: amounts}) == {"OTHER": "TWIN"}
    assert dropped({NATIVE: [1, 1, 1], TWIN: amounts, OTHER: amounts}) == {"OTHER": "TWIN"}


def test_the_one_that_counts_is_the_most_certain_and_not_the_first() -> None:
    """The coin before a token of the table, that before one that is vouched for, and then by their names."""
    made_up = Asset("LOW", parse_asset("eip155:1/erc20:0x" + "00" * 20), "USDT", 6)
    amounts = [5, 6, 7]
    assert dropped({made_up: amounts, TETHER: amounts}) == {"LOW": "USDT"}
    assert dropped({TETHER: amounts, USDC: amounts}) == {"USDT": "USDC"}
    ether = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
    assert dropped({TETHER: [5 * 10**6, 6 * 10**6, 7 * 10**6], ether: [5 * ONE, 6 * ONE, 7 * ONE]}) == {"USDT": "ETH"}


def test_many_faces_of_one_balance_are_all_found_out() -> None:
    tokens = [
        Asset(f"T{at}", parse_asset(f"{CHAIN}/erc20:0x{at:040x}"), "COIN", 18 if at % 2 else 6) for at in range(1, 9)
    ]
    coins = [number * 10**6 + 1 for number in range(1, 30)]  # in millionths
    held = {NATIVE: [each * 10**12 for each in coins]}
    held |= {token: [each * 10 ** (token.decimals - 6) for each in coins] for token in tokens}
    assert dropped(held) == {token.label: "MNT" for token in tokens}
    assert finding(held).reserves[0].held == Fraction(sum(coins), 10**6)


def test_the_auditor_can_say_that_exactly_this_pair_is_two() -> None:
    amounts = [ONE, 2 * ONE, 3 * ONE]
    held = {NATIVE: amounts, TWIN: amounts, OTHER: amounts}
    assert finding(held, distinct=[(TWIN, NATIVE)]).backing[TWIN.id].alias is None
    both = finding(held, distinct=[(TWIN, NATIVE), (OTHER, NATIVE)])
    assert both.backing[TWIN.id].alias is None
    assert both.backing[OTHER.id].alias == TWIN.id  # of which nothing was said


# --- What is none


@each_of(
    "held",
    [
        {NATIVE: [ONE, 2 * ONE], TWIN: [ONE, 2 * ONE]},  # two round amounts may be chance
        {NATIVE: [ONE] * 9, TWIN: [ONE] * 9},  # one amount everywhere: dust, or a fee's reserve
        {NATIVE: [0] * 9, TWIN: [0] * 9},
        {NATIVE: [ONE, 0, 0, 5], TWIN: [0, ONE, 5, 0]},
        {NATIVE: [1, 2, 3, 40, 50, 60, 70], TWIN: [1, 2, 3, 41, 52, 63, 74]},  # alike at three of seven, all short
        {NATIVE: [ONE, 2 * ONE, 3 * ONE], TWIN: [2 * ONE, 4 * ONE, 6 * ONE]},  # a multiple
        {NATIVE: [ONE, 2 * ONE, 3 * ONE], TWIN: [UNREAD, UNREAD, UNREAD]},
        {NATIVE: [UNREAD, UNREAD, UNREAD], TWIN: [ONE, 2 * ONE, 3 * ONE]},
    ],
)
def test_what_may_be_chance_is_no_alias(held: Held) -> None:
    assert dropped(held) == {}


def test_long_amounts_that_are_alike_are_no_chance_however_many_accounts_differ() -> None:
    """So an alias cannot be hidden among accounts at which its contract shows something else."""
    whales = [1_234_567_891_234 * 10**9, 2_234_567_891_234 * 10**9, 3_234_567_891_234 * 10**9]
    held = {NATIVE: [*whales, *range(1, 100)], TWIN: [*whales, *range(1001, 1100)]}
    assert dropped(held) == {"TWIN": "MNT"}
    assert dropped({NATIVE: [*whales[:2], *range(1, 100)], TWIN: [*whales[:2], *range(1001, 1100)]}) == {}


def test_assets_of_two_chains_are_never_compared() -> None:
    amounts = [5 * ONE, 6 * ONE, 7 * ONE]
    ether = Asset("ETH", parse_asset("eip155:1/slip44:60"), "COIN", 18)
    assert dropped({ether: amounts, TWIN: amounts}) == {}


def test_an_unknown_contract_gets_no_other_asset_dropped() -> None:
    """Whoever lists one that mirrors a token must not take the token's balances away."""
    made_up = Asset("A", parse_asset("eip155:1/erc20:0x" + "00" * 20), "USDT", 6)
    rows = [
        EvidenceRow(asset.id, bytes([at]) * 20, "0xab", Balance(at, Basis.QUORUM, ("a", "b")), None)
        for asset in (made_up, TETHER)
        for at in (5, 6, 7)
    ]
    claim = Claim(
        exchange="X",
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        assets={made_up.id: made_up, TETHER.id: TETHER},
        liabilities={"USDT": Liability("USDT", Fraction(1))},
        holdings=Holdings.of(Holding(row.asset, row.account) for row in rows),
        digest="00" * 32,
    )
    found = weigh(claim, {}, rows, Policy())
    assert found.gap_counts == {Why.UNKNOWN_CONTRACT: 3}
    assert found.backing[TETHER.id].held == 18


# --- Losing evidence


def test_no_lost_balance_makes_an_alias_count() -> None:
    """Whichever of its rows, or of the coin's, are not read: what is held never rises above what there is."""
    amounts = [ONE, 2 * ONE, 3 * ONE]
    for lost in range(7):
        for which in combinations(range(6), lost):
            shown: list[list[int | Gap]] = [list(amounts), list(amounts)]
            for at in which:
                shown[at // 3][at % 3] = UNREAD
            (reserve,) = finding({NATIVE: shown[0], TWIN: shown[1]}, owed="6.5").reserves
            assert reserve.held <= 6
            assert reserve.verdict is Verdict.UNKNOWN


atoms = st.one_of(st.integers(0, 4), st.integers(0, 10**24), st.just(ONE))


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(atoms, atoms), min_size=1, max_size=8), st.data())
def test_a_balance_that_is_lost_beside_others_raises_nothing(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    """One unit, backed by a coin and a token: a lost balance of either never raises what is held."""
    coins: list[int | Gap] = [coin for coin, _ in pairs]
    tokens: list[int | Gap] = [token for _, token in pairs]
    before = finding({NATIVE: coins, TWIN: tokens})
    # With the only account at which they were alike the suspicion goes, and the doubled coins with it.
    assume(sum(coin == token != 0 for coin, token in pairs) != 1)
    lost, at = data.draw(st.sampled_from([coins, tokens])), data.draw(st.integers(0, len(pairs) - 1))
    lost[at] = UNREAD
    after = finding({NATIVE: coins, TWIN: tokens})
    assert after.reserves[0].held <= before.reserves[0].held


@settings(max_examples=examples(200))
@given(st.lists(st.tuples(atoms, atoms), min_size=3, max_size=12))
def test_further_assets_at_an_account_change_nothing_between_two(pairs: list[tuple[int, int]]) -> None:
    """Only where neighbours are near is any pair looked at; nothing is missed by it."""
    extra = {
        Asset(f"E{at}", parse_asset(f"{CHAIN}/erc20:0x{at:040x}"), "COIN", 18): [
            3**40 * (at + 1) + number for number in range(len(pairs))
        ]
        for at in range(1, 6)
    }
    few = finding({TWIN: [one for one, _ in pairs], OTHER: [other for _, other in pairs]}).backing[OTHER.id].alias
    many = (
        finding({TWIN: [one for one, _ in pairs], OTHER: [other for _, other in pairs]} | extra).backing[OTHER.id].alias
    )
    assert many == few or (few is None and many not in (TWIN.id, None))


def test_a_long_search_gives_way_now_and_then() -> None:
    aliases = Aliases({NATIVE.id: None, TWIN.id: None}, {NATIVE.id: NATIVE, TWIN.id: TWIN}, Policy())
    for asset, count in ((TWIN.id, 30_001), (NATIVE.id, 30_000)):
        balances = ((number.to_bytes(20), Balance(number, Basis.QUORUM, ("a",))) for number in range(count))
        for part in parts_of(EvidenceRow(asset, account, "0xab", balance, None) for account, balance in balances):
            aliases.add(part)
    found = list(aliases.search())
    assert found.count(None) == 2
    assert len(found) == 3


MANY = [NATIVE, *(Asset(f"E{at}", parse_asset(f"{CHAIN}/erc20:0x{at:040x}"), f"E{at}", 18) for at in range(1, 6)), SIX]
ELSEWHERE = parse_asset("eip155:1/slip44:60")
words = st.one_of(st.integers(0, 2), st.sampled_from([ONE, 1234567, 1234568, 9876543210123]), st.none(), st.just("low"))
shown = st.lists(words, min_size=4, max_size=4)


def searched(columns: Sequence[Sequence[Any]], distinct: set[frozenset[AssetId]]) -> set[Alias]:
    """What is found among assets that show these, account by account: a number, None for a gap, "low" for a bound."""
    aliases = Aliases(
        {each.id: None for each in MANY}, {each.id: each for each in MANY}, Policy(distinct=frozenset(distinct))
    )
    for asset, column in zip(MANY, columns, strict=True):
        outcomes: list[Balance | Gap] = []
        for word in column:
            if word is None:
                outcomes.append(UNREAD)
            else:
                atoms = 5 * ONE + 7 if word == "low" else word
                outcomes.append(Balance(atoms, Basis.QUORUM, ("a", "b"), at_least=word == "low"))
        rows = (EvidenceRow(asset.id, at.to_bytes(20), "0xab", each, None) for at, each in enumerate(outcomes))
        for part in parts_of(rows):
            aliases.add(part)
    return {each for each in aliases.search() if each is not None}


@settings(max_examples=examples(400))
@given(st.lists(shown, min_size=1, max_size=3), st.data())
def test_assets_that_show_all_the_same_are_aliases_of_what_they_would_be_compared_in_pairs(
    pool: list[list[Any]], data: st.DataObject
) -> None:
    """Those that the policy names are compared in pairs: here each of them, beside an asset of another chain."""
    columns = [data.draw(st.sampled_from(pool)) for _ in MANY]
    distinct = data.draw(st.sets(st.sampled_from([frozenset({one.id, two.id}) for one, two in combinations(MANY, 2)])))
    one_by_one = {frozenset({each.id, ELSEWHERE}) for each in MANY}
    assert searched(columns, distinct) == searched(columns, distinct | one_by_one)


def test_thousands_of_assets_that_show_all_the_same_are_not_compared_in_pairs() -> None:
    """Two thousand have two million pairs, which take minutes."""
    tokens = [Asset(f"E{at}", parse_asset(f"{CHAIN}/erc20:0x{at:040x}"), "COIN", 18) for at in range(1, 2001)]
    aliases = Aliases({each.id: None for each in tokens}, {each.id: each for each in tokens}, Policy())
    for token in tokens:
        balances = ((at.to_bytes(20), Balance(10**12 + at, Basis.QUORUM, ("a",))) for at in range(5))
        for part in parts_of(EvidenceRow(token.id, account, "0xab", each, None) for account, each in balances):
            aliases.add(part)
    found = [each for each in aliases.search() if each is not None]
    assert {each.token for each in found} == {each.id for each in tokens[1:]}
    assert {(each.of, each.alike, each.unlike, each.unread) for each in found} == {(tokens[0].id, 5, 0, 0)}


@given(
    st.lists(
        st.dictionaries(st.binary(min_size=1, max_size=1), st.integers(0, 3), max_size=12), min_size=1, max_size=4
    ),
    st.integers(1, 4),
)
def test_accounts_of_several_assets_are_found_in_whatever_stretches_the_columns_are_gone_through(
    held: list[dict[bytes, int]], at_a_time: int
) -> None:
    columns = []
    for balances in held:
        column = BalanceColumn()
        accounts = sorted(balances)
        column.add(Accounts(accounts), Outcomes(Balance(balances[each], Basis.OWN, ("a",)) for each in accounts))
        columns.append(column)
    with mock.patch.object(aliases, "_ROWS_AT_A_TIME", at_a_time):
        found = list(aliases._by_account(columns))
    everybody = sorted(set().union(*held))
    stands = [[(at, each[one], False) for at, each in enumerate(held) if each.get(one)] for one in everybody]
    assert found == [each for each in stands if len(each) > 1]
