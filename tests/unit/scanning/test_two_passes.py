"""Chains that are read over many blocks are read twice: a coin that moves meanwhile counts at most once.

The reading code is the product's own; the chain is the toy family's, which makes a block at each question.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.chains.registry import FAMILIES, family
from scanner.core.evidence import Balance, Basis, Gap, Reading, Snapshot
from scanner.core.evidence_row import EvidenceRow
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.two_passes import TwoPasses
from scanner.errors import AttestationInvalid, NodeError, Why
from scanner.report.page import document
from scanner.report.table import render
from scanner.scanning.journal import Journal
from scanner.scanning.meeting import ROUNDS
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.lasting import is_lasting
from scanner.weighing.policy import Policy
from scanner.weighing.withheld import Withheld
from tests.support import virtual_loop
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyChain, ToyNode, toy
from tests.support.strength import places

ACCOUNTS = tuple(sorted(bytes([letter]) * 4 for letter in b"abcdefgh"))  # four questions of two accounts
QUESTIONS = len(ACCOUNTS) // 2
START = 100
HELD = {account: 100 * number for number, account in enumerate(ACCOUNTS, 1)}
MOMENT = FIRST + timedelta(seconds=START)
NOW = MOMENT + timedelta(minutes=5)
COINS = 7
TOTAL = sum(HELD.values()) + COINS


@pytest.fixture(autouse=True)
def tip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))


Balances = Callable[[int], Mapping[bytes, int]]


def still(_height: int) -> Mapping[bytes, int]:
    return {**HELD, ACCOUNTS[0]: HELD[ACCOUNTS[0]] + COINS}


def moving(source: bytes, target: bytes, height: int) -> Balances:
    """Some coins that lie at `source` before the block at `height`, and at `target` from there on."""

    def balances(at: int) -> Mapping[bytes, int]:
        where = source if at < height else target
        return {**HELD, where: HELD[where] + COINS}

    return balances


def a_claim(owed: int = TOTAL, accounts: tuple[bytes, ...] = ACCOUNTS) -> Claim:
    return Claim(
        exchange="X",
        as_of=MOMENT,
        assets={COIN: Asset("TOY", COIN, "TOY", 2)},
        liabilities={"TOY": Liability("TOY", Fraction(owed, 100))},
        holdings=Holdings.of(Holding(COIN, account) for account in accounts),
        digest="00" * 32,
    )


def scanned(
    balances: Balances = still,
    claim: Claim | None = None,
    policy: Policy | None = None,
    *,
    chains: Mapping[str, ToyChain] | None = None,
    node: type[ToyNode] = ToyNode,
    now: datetime = NOW,
    journal: Journal | None = None,
) -> Scan:
    """Two operators, on whose chain a block is made after each question."""
    made = chains or {name: ToyChain(START, balances) for name in ("alpha", "beta")}
    settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN) for name in made)
    instrument = Instrument(policy or Policy(), settings, None)

    def connect(settings: NodeSettings) -> ToyNode:
        return node(settings, made[settings.operator], family(CHAIN))

    asked = scan(claim or a_claim(), instrument, connect=connect, clock=lambda: now, journal=journal)
    return virtual_loop.run(asked)[0]


def verified(result: Scan) -> bool:
    made = scanner.attest(result, [Seal(b"x")], scanned_at=NOW)
    checked = scanner.verify(made.document, result.finding.claim, [Seal(b"x")], io.BytesIO(made.evidence))
    return checked.finding == result.finding


def passes_of(row: EvidenceRow) -> TwoPasses:
    assert row.passes is not None
    return row.passes


def test_where_nothing_moves_each_balance_is_exact_and_all_of_the_second_pass_is_later() -> None:
    result = scanned()
    (reserve,) = result.finding.reserves
    (turn,) = result.finding.snapshots.values()
    (twice,) = result.finding.passes
    assert (reserve.verdict, reserve.held, reserve.at_least) == (Verdict.COVERED, Fraction(TOTAL, 100), 0)
    assert scanned(claim=a_claim(TOTAL + 1)).finding.reserves[0].verdict is Verdict.SHORT
    firsts, seconds = zip(*((passes_of(row).first, passes_of(row).second) for row in result.rows), strict=True)
    assert max(each.height for each in firsts) == turn.height < min(each.height for each in seconds)
    assert {row.block for row in result.rows} == {turn.hash}
    assert (twice.chain, twice.balances, twice.moved) == (CHAIN, len(ACCOUNTS), 0)
    heights = [each.height for each in (*firsts, *seconds)]
    assert (twice.earliest.height, twice.latest.height) == (min(heights), max(heights))
    assert len({*heights}) > 2
    assert reserve.span is not None
    assert (reserve.span.first, reserve.span.last) == (twice.earliest.time, twice.latest.time)
    assert verified(result)


def _ends() -> tuple[int, int]:
    (twice,) = scanned().finding.passes
    return twice.earliest.height, twice.latest.height


@pytest.mark.parametrize(
    ("source", "target"),
    [(0, 7), (7, 0), (2, 3), (3, 2), (6, 1), (1, 6)],
    ids=lambda number: ACCOUNTS[number].decode()[0],
)
def test_a_coin_that_moves_once_at_any_point_of_both_passes_counts_at_most_once(source: int, target: int) -> None:
    """What is missed is a lower bound, for which no one is accused."""
    earliest, latest = _ends()
    differing = 0
    for step in places(latest - earliest + 5):
        balances = moving(ACCOUNTS[source], ACCOUNTS[target], earliest - 2 + step)
        result = scanned(balances, a_claim(TOTAL + 1))
        (reserve,) = result.finding.reserves
        (twice,) = result.finding.passes
        assert reserve.held * 100 in (TOTAL - COINS, TOTAL)
        for row in result.rows:
            assert isinstance(row.outcome, Balance)
            assert row.outcome.at_least == passes_of(row).moved
        lost = reserve.held * 100 != TOTAL
        differing += twice.moved
        assert twice.moved == reserve.at_least
        assert reserve.verdict is (Verdict.UNKNOWN if reserve.at_least else Verdict.SHORT)
        assert reserve.at_least or not lost
        assert not is_lasting(reserve)  # it may stand still next time
        assert verified(result)
        if not lost and not reserve.at_least:
            assert scanned(balances).finding.reserves[0].verdict is Verdict.COVERED
    assert differing  # it was moved while the chain was read


def test_what_is_answered_at_one_block_needs_no_second_pass() -> None:
    chains = {name: ToyChain(START, still, step=0) for name in ("alpha", "beta")}
    result = scanned(chains=chains)
    assert result.finding.passes == ()
    assert all(row.passes is None for row in result.rows)
    assert {chain.asked for chain in chains.values()} == {QUESTIONS}


class Slow(ToyNode):
    """Makes no block any more once the first pass is over, until it was asked ten times for the newest one."""

    wakes = True
    waits = 10

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        answer = await super().read_now(asset, accounts)
        if self.chain.asked >= QUESTIONS * (ROUNDS + 1):  # those that look for one block, and the first pass
            self.chain.step = 0
        return answer

    async def final_height(self) -> int:
        if self.chain.step == 0:
            self.waits -= 1
            if self.wakes and self.waits == 0:
                self.chain.height, self.chain.step = self.chain.height + 1, 1
        return self.chain.height - (self.chain.step == 0)


class Asleep(Slow):
    """The same, and never again."""

    wakes = False


def test_the_second_pass_waits_for_blocks_after_the_first() -> None:
    result = scanned(node=Slow)
    assert [type(row.outcome) for row in result.rows] == [Balance] * len(ACCOUNTS)
    assert verified(result)


def test_where_no_block_comes_after_the_first_pass_nothing_is_believed() -> None:
    result = scanned(node=Asleep)
    assert {row.outcome.why for row in result.rows if isinstance(row.outcome, Gap)} == {Why.NOT_FINAL}
    assert result.finding.passes == ()
    assert verified(result)


def test_more_questions_than_operators_answer_at_one_block_are_asked_in_passes_at_once() -> None:
    accounts = tuple(sorted(bytes([97 + one, 97 + two, 97, 97]) for one in range(6) for two in range(6)))
    chains = {name: ToyChain(START, still) for name in ("alpha", "beta")}
    result = scanned(claim=a_claim(1, accounts), chains=chains)
    assert len(result.finding.passes) == 1
    assert {chain.asked for chain in chains.values()} == {len(accounts)}  # two accounts a question, twice
    assert verified(result)


def test_what_an_operator_refuses_is_a_gap_and_all_else_is_read_in_both_passes() -> None:
    class Refusing(ToyNode):
        async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
            if ACCOUNTS[2] in accounts:
                raise NodeError(Why.REFUSED, "not these")
            return await super().read_now(asset, accounts)

    result = scanned(node=Refusing)
    whys = [row.outcome.why if isinstance(row.outcome, Gap) else None for row in result.rows]
    assert whys[2:4] != [None, None]
    assert [why for why in whys if why is not None] == whys[2:4]
    assert all((row.passes is None) == isinstance(row.outcome, Gap) for row in result.rows)
    assert result.finding.reserves[0].verdict is not Verdict.SHORT
    assert verified(result)


def test_operators_who_differ_in_one_pass_make_a_gap() -> None:
    (turn,) = scanned().finding.snapshots.values()

    def lying(height: int) -> Mapping[bytes, int]:
        return {**still(height), ACCOUNTS[5]: 1} if height > turn.height else still(height)

    class Same(ToyChain):
        def state(self, height: int) -> bytes:
            return b"%d" % height

    chains = {"alpha": Same(START, still), "beta": Same(START, lying)}
    result = scanned(chains=chains)
    whys = [row.outcome.why if isinstance(row.outcome, Gap) else None for row in result.rows]
    assert whys == [None] * 5 + [Why.DISAGREEMENT] + [None] * 2
    assert verified(result)


def test_passes_longer_apart_than_the_policy_allows_give_no_verdict_or_are_not_read() -> None:
    result = scanned(policy=Policy(max_skew=timedelta(seconds=3)))
    assert {row.outcome.why for row in result.rows if isinstance(row.outcome, Gap)} == {Why.NO_PAST}
    (twice,) = scanned().finding.passes
    skew = twice.latest.time - twice.earliest.time - timedelta(seconds=1)
    early = replace(a_claim(), as_of=twice.earliest.time + skew / 2 + timedelta(seconds=0.5))
    (reserve,) = scanned(claim=early, policy=Policy(max_skew=skew), now=twice.latest.time).finding.reserves
    assert reserve.withheld.keys() == {Withheld.MOMENTS_APART}


# --- what a verifier refuses

Change = Callable[[TwoPasses], TwoPasses]


def first(**changes: Any) -> Change:
    return lambda passes: replace(passes, first=replace(passes.first, **changes))


def second(**changes: Any) -> Change:
    return lambda passes: replace(passes, second=replace(passes.second, **changes))


def words(**changes: Any) -> Change:
    return lambda passes: replace(
        passes, second=replace(passes.second, balance=replace(passes.second.balance, **changes))
    )


CHANGES: dict[str, tuple[Change, str]] = {
    "a first reading after the turn": (lambda each: replace(each, first=each.second), "not in its chain's passes"),
    "a second reading before the turn": (lambda each: replace(each, second=each.first), "not in its chain's passes"),
    "a reading before the earliest": (first(height=START - 50), "not in its chain's passes"),
    "a reading after the latest": (second(height=START + 500), "not in its chain's passes"),
    "another block of a height": (first(block="ab" * 32), "another block"),
    "another amount, lower": (words(atoms=1), "both passes bear out"),
    "a lower bound": (words(at_least=True), "both passes bear out"),
    "one operator alone": (words(operators=("alpha",)), "no quorum"),
    "an operator that was not asked": (words(operators=("alpha", "beta", "omega")), "not among the operators"),
    "a basis that is none here": (words(basis=Basis.OWN), "OWN"),
}  # fmt: skip


def with_rows(result: Scan, change: Callable[[EvidenceRow], EvidenceRow], at: int = 3) -> Scan:
    rows = list(result.rows)
    rows[at] = change(rows[at])
    return replace(result, rows=rows)


@pytest.mark.parametrize("name", CHANGES)
def test_a_reading_that_was_changed_is_refused(name: str) -> None:
    change, what = CHANGES[name]
    changed = with_rows(scanned(), lambda row: replace(row, passes=change(passes_of(row))))
    with pytest.raises(AttestationInvalid, match=what):
        verified(changed)


def test_a_higher_amount_in_both_columns_is_refused_with_the_finding_that_does_not_have_it() -> None:
    def more(row: EvidenceRow) -> EvidenceRow:
        passes = passes_of(row)
        both = [replace(each, balance=replace(each.balance, atoms=9)) for each in (passes.first, passes.second)]
        return replace(row, passes=TwoPasses(*both), outcome=TwoPasses(*both).balance)

    with pytest.raises(AttestationInvalid, match="step 9"):
        verified(with_rows(scanned(), more))


def test_a_balance_of_such_a_chain_without_its_readings_is_refused_and_so_are_readings_on_another() -> None:
    with pytest.raises(AttestationInvalid, match="was not read in two passes"):
        verified(with_rows(scanned(), lambda row: replace(row, passes=None)))
    chains = {name: ToyChain(START, still, step=0) for name in ("alpha", "beta")}
    row = next(iter(scanned().rows))
    with pytest.raises(AttestationInvalid, match="its chain was not"):
        verified(
            with_rows(scanned(chains=chains), lambda other: replace(other, passes=row.passes, outcome=row.outcome), 0)
        )


def with_ends(result: Scan, **changes: Any) -> Scan:
    (twice,) = result.finding.passes
    return replace(result, finding=replace(result.finding, passes=(replace(twice, **changes),)))


def test_ends_that_do_not_hold_what_was_read_are_refused() -> None:
    result = scanned()
    (twice,) = result.finding.passes
    (turn,) = result.finding.snapshots.values()
    for changes, what in (
        ({"earliest": turn}, "not in its chain's passes"),
        ({"earliest": twice.latest}, "one after the other"),
        ({"latest": turn}, "one after the other"),
        ({"latest": replace(twice.latest, time=NOW + timedelta(hours=1))}, "later than the scan"),
        ({"latest": replace(twice.latest, hash=turn.hash)}, "another block"),
        ({"balances": 1}, "step 9"),
        ({"moved": 1}, "step 9"),
    ):
        with pytest.raises(AttestationInvalid, match=what):
            verified(with_ends(result, **changes))


def test_passes_over_a_chain_whose_past_can_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    result = scanned()
    monkeypatch.setitem(FAMILIES, "toy", toy())
    with pytest.raises(AttestationInvalid, match=r"two passes|later than the claim's moment"):
        verified(result)


def test_a_run_that_goes_on_from_a_journal_reads_such_a_chain_anew(tmp_path: Path) -> None:
    """One pass of then and one of now would not be one after the other of the same reading."""
    first_run, again = ({name: ToyChain(START, still) for name in ("alpha", "beta")} for _ in range(2))
    asked = []
    for chains in (first_run, again):
        with Journal(tmp_path / "journal", (bytes(16),)) as journal:
            result = scanned(chains=chains, journal=journal)
        asked.append([chain.asked for chain in chains.values()])
        assert verified(result)
    assert asked[0] == asked[1]


def test_the_table_and_the_page_say_what_was_read_twice_and_how_much_of_it_changed() -> None:
    result = scanned(moving(ACCOUNTS[0], ACCOUNTS[7], _ends()[0] + 5))
    (twice,) = result.finding.passes
    assert twice.moved
    made = scanner.attest(result, [Seal(b"x")], scanned_at=NOW)
    predicate = json.loads(made.statement)["predicate"]
    told = " ".join(render(predicate).split())
    assert f"of {len(ACCOUNTS)} balances {twice.moved} changed in between" in told
    assert "Read in two passes" in document.render(predicate, made.document, keyids=[]).decode()


class Timed(ToyNode):
    """Of a chain that makes a block every 0.4 s, and of which it is some blocks behind; answers take 50 ms."""

    behind = 0

    async def read_now(self, asset: AssetId, accounts: Sequence[bytes]) -> tuple[Snapshot, Reading]:
        await asyncio.sleep(0.05)
        self.chain.height, self.chain.step = START + int(asyncio.get_running_loop().time() / 0.4) - self.behind, 0
        return await super().read_now(asset, accounts)

    async def final_height(self) -> int:
        return START + int(asyncio.get_running_loop().time() / 0.4) - self.behind


@pytest.mark.parametrize("behind", [0, 1, 2, 3, 5])
def test_operators_some_blocks_apart_meet_while_blocks_go_by(behind: int) -> None:
    class Late(Timed):
        def __init__(self, settings: NodeSettings, *rest: Any) -> None:
            super().__init__(settings, *rest)
            self.behind = behind if settings.operator == "beta" else 0

    result = scanned(node=Late)
    assert [type(row.outcome) for row in result.rows] == [Balance] * len(ACCOUNTS)
    assert verified(result)
