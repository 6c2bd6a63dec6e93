"""A batch is read whole whatever a node does: each account's right balance or a gap, in a bounded number of calls."""
# ruff: noqa: ARG002 - a fake takes what its interface is given

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm.node.errors import NotThisWay, Reverted, TooMuch
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.evm.node.reader import BatchReader
from scanner.chains.names import parse_asset, parse_chain
from scanner.clients.jsonrpc import RpcError
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.lower_bound import Word
from scanner.errors import NodeError, Why
from tests.support.strength import examples
from tests.support.tables import each_of

CHAIN = parse_chain("eip155:1")
TOKEN = parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7")
NATIVE = parse_asset("eip155:1/slip44:60")
SNAPSHOT = Snapshot(CHAIN, 100, "0x" + "aa" * 32, "0x" + "bb" * 32, datetime(2023, 11, 22, tzinfo=UTC))


def account(number: int) -> bytes:
    return number.to_bytes(20)


def balance(of: bytes) -> int:
    return int.from_bytes(of) + 10**18


@dataclass
class FakeWay:
    """A way of asking with weaknesses. `script`: what the next questions meet, before any other weakness."""

    kind: StrategyKind
    by_row: bool
    first: int = 64
    most: int = 256
    limit: int = 10**9  # accounts at once
    bad: frozenset[bytes] = frozenset()  # accounts that cannot be read
    tells_position: bool = True
    works: bool = True
    slow: bool = False  # its refusals are timeouts
    script: list[NodeError] = field(default_factory=list)
    contract: bool = True
    questions: int = 0
    room: int = 10**9  # for accounts at once, as far as the node's rate goes

    def fits(self, snapshot: Snapshot) -> bool:
        return True

    async def has_code(self, snapshot: Snapshot, address: bytes) -> bool:
        self.questions += 1
        return self.contract

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        self.questions += 1
        await asyncio.sleep(0)
        if self.script:
            raise self.script.pop()
        if not self.works:
            raise NotThisWay(Why.UNSUPPORTED, "not this way")
        if len(accounts) > self.limit:
            raise TooMuch(Why.UNREACHABLE if self.slow else Why.REFUSED, "too much")
        bad = [position for position, each in enumerate(accounts) if each in self.bad]
        if bad and not self.by_row:
            raise Reverted(Why.NO_TOKEN, "reverted", bad[0] if self.tells_position else None)
        return Reading.of(Gap(Why.NO_TOKEN, "bad") if each in self.bad else balance(each) for each in accounts)


def ask(
    count: int,
    code: FakeWay,
    rows: FakeWay,
    at_once: int = 3,
    *,
    asset: AssetId = TOKEN,
    rows_refused: bool = False,
) -> list[Word | Gap]:
    batch = Batch(SNAPSHOT, asset, accounts(count))
    reader = BatchReader(batch, (code, rows), rows, {}, at_once, rows_refused=rows_refused)
    reading = asyncio.run(reader.read())
    assert len(reading) == count
    return [reading[position] for position in range(count)]


def ways(**weaknesses: object) -> tuple[FakeWay, FakeWay]:
    code = FakeWay(StrategyKind.OVERRIDE, by_row=False, **weaknesses)  # type: ignore[arg-type]
    return code, FakeWay(StrategyKind.BATCH, by_row=True, first=10, most=100, bad=code.bad)


@cache
def accounts(count: int) -> tuple[bytes, ...]:
    return tuple(map(account, range(count)))


@cache
def balances(count: int) -> tuple[int, ...]:
    return tuple(map(balance, accounts(count)))


def truth(count: int) -> list[int]:
    return list(balances(count))


def test_a_batch_of_nothing_asks_nothing() -> None:
    code, rows = ways()
    assert ask(0, code, rows) == []
    assert code.questions == rows.questions == 0


def test_a_node_s_limit_is_found_and_nothing_is_lost() -> None:
    code, rows = ways(limit=5)
    assert ask(1_000, code, rows) == truth(1_000)
    assert rows.questions == 0


def test_one_bad_account_costs_two_questions_where_its_position_is_told() -> None:
    code, rows = ways(bad=frozenset([account(40)]), most=64)
    found = ask(64, code, rows)
    assert [position for position, outcome in enumerate(found) if isinstance(outcome, Gap)] == [40]
    assert (code.questions, rows.questions) == (3, 2)  # whole, before, behind; the contract's code, the account alone


def test_one_bad_account_is_found_by_halving_where_its_position_is_not_told() -> None:
    code, rows = ways(bad=frozenset([account(40)]), tells_position=False)
    found = ask(64, code, rows)
    assert [position for position, outcome in enumerate(found) if isinstance(outcome, Gap)] == [40]
    assert code.questions <= 14


def test_a_token_that_refuses_everybody_is_asked_account_by_account() -> None:
    everybody = frozenset(map(account, range(3_000)))
    code, rows = ways(bad=everybody)
    assert {outcome.why for outcome in ask(3_000, code, rows) if isinstance(outcome, Gap)} == {Why.NO_TOKEN}
    assert code.questions <= 200
    assert rows.questions <= 400


def test_a_token_without_a_contract_is_asked_for_once() -> None:
    everybody = frozenset(map(account, range(3_000)))
    code, rows = ways(bad=everybody)
    rows.contract = False
    found = ask(3_000, code, rows, at_once=1)
    assert {outcome.detail for outcome in found if isinstance(outcome, Gap)} == {
        "there is no contract at the asset's address at this block"
    }
    assert rows.questions == 1


def test_a_revert_that_the_account_alone_does_not_show_is_a_matter_of_size() -> None:
    """A token that ran out of gas: it fails where there are many, and each account alone is read."""

    class Exhausting(FakeWay):
        async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
            if len(accounts) > 7:
                self.questions += 1
                raise Reverted(Why.NO_TOKEN, "reverted", 7)
            return await super().read(snapshot, token, accounts)

    code = Exhausting(StrategyKind.OVERRIDE, by_row=False)
    _, rows = ways()
    assert ask(500, code, rows, at_once=1) == truth(500)
    assert code.questions < 200
    assert rows.questions <= 12  # each time the first account too many, alone


def test_one_account_that_eats_all_gas_does_not_make_the_questions_small_for_good() -> None:
    class Eaten(FakeWay):
        async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
            if account(700) in accounts:
                self.questions += 1
                raise TooMuch(Why.REFUSED, "out of gas")
            return await super().read(snapshot, token, accounts)

    code = Eaten(StrategyKind.OVERRIDE, by_row=False)
    _, rows = ways()
    assert ask(8_000, code, rows, at_once=1) == truth(8_000)
    assert rows.questions == 1  # the account alone, in another way
    assert code.questions < 70


@dataclass
class Poisoned(FakeWay):
    """A way in which one account makes every question fail that holds it. `failure`: how."""

    poison: int = 0
    failure: NodeError = field(default_factory=lambda: RpcError(Why.REFUSED, "Internal error", -32603))

    async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
        if account(self.poison) in accounts:
            self.questions += 1
            await asyncio.sleep(0)
            raise self.failure
        return await super().read(snapshot, token, accounts)


@each_of("at_once", [1, 4])
@each_of("poison", [0, 1, 1_023, 1_024, 2_500, 4_999])
@each_of(
    "failure",
    [
        RpcError(Why.REFUSED, "Internal error", -32603),
        NodeError(Why.REFUSED, "HTTP 403"),
        NodeError(Why.MALFORMED, "the answer is HTML"),
        NodeError(Why.UNREACHABLE, "HTTP 502: the node failed"),
        TooMuch(Why.UNREACHABLE, "no whole answer within 60 s"),
        TooMuch(Why.MALFORMED, "the answer is longer than 67108864 bytes"),
    ],
    ids=lambda error: error.detail,
)
def test_one_account_at_fault_alone_is_a_gap_among_thousands(failure: NodeError, poison: int, at_once: int) -> None:
    code = Poisoned(StrategyKind.OVERRIDE, by_row=False, first=1_000, most=5_000, poison=poison, failure=failure)
    rows = Poisoned(StrategyKind.BATCH, by_row=True, first=25, most=250, poison=poison, failure=failure)
    found = ask(5_000, code, rows, at_once)
    gap = found.pop(poison)
    assert isinstance(gap, Gap)
    assert gap.why is failure.why
    right = truth(5_000)
    del right[poison]
    assert found == right
    assert code.questions + rows.questions <= 80


@pytest.mark.parametrize(
    "why", [Why.WRONG_BLOCK, Why.WRONG_CHAIN, Why.NO_STATE, Why.NOT_FINAL, Why.RATE_LIMITED, Why.UNSUPPORTED]
)
def test_what_holds_for_the_block_or_the_node_is_not_asked_again_in_parts(why: Why) -> None:
    code, rows = ways(first=1_000, most=1_000)
    code.script = [NodeError(why, "so it is")] * 1_000
    found = ask(20_000, code, rows, at_once=1)
    assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {why}
    assert (code.questions, rows.questions) == (3, 0)


REFUSALS = [
    RpcError(Why.REFUSED, "a text that is not known", -1),
    NodeError(Why.REFUSED, "HTTP 400"),
    NodeError(Why.UNAUTHORIZED, "HTTP 403"),
]


@each_of("asset", [TOKEN, NATIVE], ids=["token", "native"])
@each_of("failure", [*REFUSALS, NodeError(Why.NO_STATE, "pruned")], ids=lambda error: error.detail)
def test_a_node_that_refuses_everything_costs_no_more_than_one_without_the_state(
    failure: NodeError, asset: AssetId
) -> None:
    code, rows = ways(first=1_000, most=1_000)
    code.script, rows.script = [failure] * 1_000, [failure] * 1_000
    found = ask(900, code, rows, asset=asset)
    assert {(outcome.why, outcome.detail) for outcome in found if isinstance(outcome, Gap)} == {
        (failure.why, failure.detail)
    }
    assert len(found) == 900
    without_state = asset is TOKEN and failure.why is Why.NO_STATE
    assert (code.questions, rows.questions) == (1, 0 if without_state else 1)


@pytest.mark.parametrize("failure", REFUSALS, ids=lambda error: error.detail)
def test_a_call_that_was_refused_before_at_this_block_is_not_asked_about_once_more(failure: NodeError) -> None:
    code, rows = ways(first=1_000, most=1_000)
    code.script = [failure] * 1_000
    found = ask(900, code, rows, rows_refused=True)
    assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {failure.why}
    assert (len(found), code.questions, rows.questions) == (900, 1, 0)


@pytest.mark.parametrize("failure", [*REFUSALS, NodeError(Why.NO_STATE, "pruned")], ids=lambda error: error.detail)
def test_native_balances_are_read_one_by_one_where_calls_alone_are_refused(failure: NodeError) -> None:
    code, rows = ways(first=4_000, most=20_000)
    code.script = [failure] * 1_000
    assert ask(20_000, code, rows, at_once=1, asset=NATIVE) == truth(20_000)
    assert code.questions <= 2


def test_a_node_that_answered_before_is_not_given_up_for_the_first_refusal() -> None:
    code, rows = ways(first=1_000, most=1_000)
    code.script = [RpcError(Why.REFUSED, "for once", -1)]
    rows.script = [RpcError(Why.REFUSED, "for once", -1)]

    class Late(FakeWay):
        async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
            if account(19_999) not in accounts:
                self.questions += 1
                return Reading.of(map(balance, accounts))
            return await super().read(snapshot, token, accounts)

    late = Late(StrategyKind.OVERRIDE, by_row=False, first=1_000, most=1_000, script=code.script)
    assert ask(20_000, late, rows, at_once=1) == truth(20_000)


def test_a_fault_that_waiting_did_not_mend_costs_as_much_as_a_timeout() -> None:
    code, rows = ways(first=1_000, most=1_000)
    code.script = [RpcError(Why.UNREACHABLE, "backend offline", -32010)] * 1_000
    rows.script = list(code.script)
    found = ask(20_000, code, rows, at_once=1)
    assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {Why.UNREACHABLE}
    assert (code.questions, rows.questions) == (3, 0)


def test_no_more_accounts_are_asked_for_than_there_is_room_for() -> None:
    code, rows = ways(works=False)
    sizes: list[int] = []

    class Cramped(FakeWay):
        async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
            sizes.append(len(accounts))
            return await super().read(snapshot, token, accounts)

    rows = Cramped(StrategyKind.BATCH, by_row=True, first=100, most=1_000, room=7)
    assert ask(300, code, rows, at_once=1) == truth(300)
    assert max(sizes) == 7


def test_rows_that_revert_as_a_whole_are_gaps_at_once() -> None:
    code, rows = ways(works=False)
    rows.script = [Reverted(Why.NO_TOKEN, "reverted", 0)] * 1_000
    found = ask(100, code, rows, at_once=1)
    assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {Why.NO_TOKEN}
    assert rows.questions <= 12


def test_a_way_that_stops_working_is_followed_by_the_next() -> None:
    code, rows = ways(works=False)
    assert ask(300, code, rows) == truth(300)


def test_a_node_that_never_answers_is_given_up_after_a_few_timeouts() -> None:
    code, rows = ways(limit=0, slow=True)
    rows.limit = 0
    found = ask(20_000, code, rows)
    assert {outcome.why for outcome in found if isinstance(outcome, Gap)} == {Why.UNREACHABLE}
    assert len([outcome for outcome in found if isinstance(outcome, Gap)]) == 20_000
    assert code.questions + rows.questions <= 10


def test_a_node_that_fails_now_and_then_for_ever_is_given_up_too() -> None:
    class Teasing(FakeWay):
        async def read(self, snapshot: Snapshot, token: bytes | None, accounts: Sequence[bytes]) -> Reading:
            if len(accounts) > 1:
                self.questions += 1
                raise TooMuch(Why.UNREACHABLE, "timed out")
            return await super().read(snapshot, token, accounts)

    code = Teasing(StrategyKind.OVERRIDE, by_row=False, first=2, most=2)
    _, rows = ways(limit=1)
    rows.limit = 1
    found = ask(3_000, code, rows)
    assert all(isinstance(outcome, Gap) or outcome == right for outcome, right in zip(found, truth(3_000), strict=True))
    assert code.questions + rows.questions <= 3_100


errors = st.sampled_from(
    [
        TooMuch(Why.REFUSED, "too much"),
        TooMuch(Why.UNREACHABLE, "timed out"),
        Reverted(Why.NO_TOKEN, "reverted", None),
        Reverted(Why.NO_TOKEN, "reverted", 0),
        Reverted(Why.NO_TOKEN, "reverted", 3),
        Reverted(Why.NO_TOKEN, "reverted", 10**6),
        NotThisWay(Why.UNSUPPORTED, "not this way"),
        NodeError(Why.NO_STATE, "pruned"),
        NodeError(Why.RATE_LIMITED, "busy"),
        NodeError(Why.MALFORMED, "no JSON"),
    ]
)


@settings(max_examples=examples(60), deadline=None)
@given(
    count=st.integers(0, 300),
    limit=st.integers(1, 300),
    bad=st.frozensets(st.integers(0, 299).map(account), max_size=20),
    tells=st.booleans(),
    first=st.lists(errors, max_size=12),
    second=st.lists(errors, max_size=12),
    at_once=st.integers(1, 5),
)
def test_whatever_happens_each_outcome_is_right_or_a_gap(
    *,
    count: int,
    limit: int,
    bad: frozenset[bytes],
    tells: bool,
    first: list[NodeError],
    second: list[NodeError],
    at_once: int,
) -> None:
    code, rows = ways(limit=limit, bad=bad, tells_position=tells, script=first)
    rows.script, rows.limit = second, max(1, limit // 2)
    calm = not first and not second
    for number, outcome in enumerate(ask(count, code, rows, at_once)):
        if account(number) in bad:
            assert isinstance(outcome, Gap)
        elif calm:
            assert outcome == balance(account(number))
        else:
            assert isinstance(outcome, Gap) or outcome == balance(account(number))
    assert code.questions + rows.questions < 60 + 12 * count
