"""`scanner check` exits as the scan does: both codes from the same claim, instrument and nodes, for many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

import scanner
from scanner.attesting.statement import read_statement
from scanner.chains.registry import FAMILIES, family
from scanner.cli.expected import outlook
from scanner.cli.finding_code import COVERED, INCOMPLETE, LASTING, SHORT, finding_code
from scanner.core.evidence import Basis
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.examine import examine
from scanner.scanning.expected_finding import expected_finding
from scanner.scanning.run import scan
from scanner.sources.nodes import unreachable_quorums
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Dissent, Policy
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyChain, ToyNode, toy

MOMENT = FIRST + timedelta(seconds=95)
RECORD = Policy(dissent=Dissent.RECORD)
HELD: Mapping[bytes, int] = {b"anna": 500, b"bert": 700}
STRANGE = AssetId(Chain("strange", "main"), "slip44", "1")


def well() -> ToyChain:
    return ToyChain(120, balances=lambda _: HELD, step=0)


def down() -> ToyChain:
    return replace(well(), failure=NodeError(Why.UNREACHABLE, "no answer"))


def forked() -> ToyChain:
    return replace(well(), fork="b")


def behind() -> ToyChain:
    return replace(well(), height=50)


def otherwise() -> ToyChain:
    """It says other amounts at the same blocks."""
    chain = replace(well(), balances=lambda _: {b"anna": 1, b"bert": 1})
    chain.state = well().state  # type: ignore[method-assign]
    return chain


@dataclass(frozen=True)
class Case:
    """What differs from a claim that is covered by two operators of whom both are well."""

    nodes: Sequence[ToyChain]
    own: bool = False  # the first of them
    policy: Policy = RECORD
    owed: str | None = "10"
    claimed: Mapping[bytes, int] | None = None
    complete: bool = True
    now: datetime = MOMENT + timedelta(minutes=5)
    height: int | None = None
    decimals: int = 2
    strange: bool = False  # an account more on a chain that no kind of node serves, which backs a unit of its own
    unit_of_strange: str = "X"
    at_now: bool = False

    def claim(self) -> Claim:
        assets = {COIN: Asset("TOY", COIN, "TOY", self.decimals)}
        owed = None if self.owed is None else Fraction(self.owed)
        liabilities = {"TOY": Liability("TOY", owed)}
        holdings = [Holding(COIN, account, None if self.claimed is None else self.claimed[account]) for account in HELD]
        if self.strange:
            assets[STRANGE] = Asset("STRANGE", STRANGE, self.unit_of_strange, 2)
            liabilities.setdefault(self.unit_of_strange, Liability(self.unit_of_strange, Fraction(1)))
            holdings.append(Holding(STRANGE, b"zoe"))
        return Claim(
            exchange="X",
            as_of=MOMENT,
            assets=assets,
            liabilities=liabilities,
            holdings=Holdings.of(sorted(holdings, key=lambda each: (str(each.asset), each.account))),
            digest="00" * 32,
            complete=self.complete,
            snapshots={} if self.height is None else {CHAIN: self.height},
        )

    def codes(self) -> tuple[int, int]:
        """What a check exits with, and what a scan does."""
        chains = {f"op{number}": chain for number, chain in enumerate(self.nodes)}
        settings = tuple(NodeSettings("toy", f"toy://{n}", n, CHAIN, self.own and n == "op0") for n in chains)
        instrument, claim = Instrument(self.policy, settings), self.claim()
        claim = claim.at(self.now) if self.at_now else claim

        def connect(of: NodeSettings) -> ToyNode:
            return ToyNode(of, chains[of.operator], family(CHAIN))

        examined = asyncio.run(examine(claim, instrument, connect=connect, clock=lambda: self.now))
        lacking = unreachable_quorums(instrument, claim.chains)
        expected = outlook(claim, instrument, lacking, examined, self.now).code
        result = asyncio.run(scan(claim, instrument, connect=connect, clock=lambda: self.now))
        statement = read_statement(scanner.attest(result, scanned_at=self.now).statement)
        return expected, finding_code(statement.predicate["finding"])


CASES = {
    "covered": (Case([well(), well()]), COVERED),
    "too few operators": (Case([well()]), INCOMPLETE),
    "one's own": (Case([well()], own=True), COVERED),
    "no node": (Case([]), LASTING),
    "one is down": (Case([well(), down()]), INCOMPLETE),
    "one of three is down": (Case([well(), well(), down()]), COVERED),
    "all are down": (Case([down(), down()]), INCOMPLETE),
    "a fork": (Case([well(), forked()]), INCOMPLETE),
    "behind": (Case([well(), behind()], height=100), INCOMPLETE),
    "amounts that differ": (Case([well(), otherwise()]), INCOMPLETE),
    "one says otherwise": (Case([well(), well(), otherwise()]), COVERED),
    "nothing stated as owed": (Case([well(), well()], owed=None), LASTING),
    "nothing stated as owed, and too few": (Case([well()], owed=None), LASTING),
    "other decimals": (Case([well(), well()], decimals=8, owed="0.00001"), LASTING),
    "no kind of node": (Case([well(), well()], strange=True), LASTING),
    "no kind of node, and one is down": (Case([well(), down()], strange=True), INCOMPLETE),
    "accepted": (Case([well(), well()], strange=True, policy=Policy(accept=frozenset({"X"}))), COVERED),
    "accepted, and nothing is covered": (Case([well()], policy=Policy(accept=frozenset({"TOY"}))), INCOMPLETE),
    "as much as is claimed": (Case([well(), well()], claimed=HELD, owed="12"), COVERED),
    "less than is owed": (Case([well(), well()], claimed=HELD, owed="13"), SHORT),
    "less, and not all is listed": (Case([well(), well()], claimed=HELD, owed="13", complete=False), LASTING),
    "less, and a node is down": (Case([well(), down()], claimed=HELD, owed="13"), INCOMPLETE),
    "what is read suffices": (Case([well(), well()], claimed=HELD, strange=True, unit_of_strange="TOY"), COVERED),
    "only proofs count": (Case([well(), well()], policy=Policy(require={"TOY": Basis.PROVEN})), INCOMPLETE),
    "a far block": (Case([well(), well()], height=95, policy=Policy(max_skew=timedelta(0))), COVERED),
    "a block of another moment": (Case([well(), well()], height=20, policy=Policy(max_skew=timedelta(0))), LASTING),
    "a threshold": (Case([well(), well()], claimed=HELD, owed="12", policy=Policy(threshold=Fraction(2))), SHORT),
}
TIP = {
    "soon": (Case([well(), well()]), COVERED),
    "too late": (Case([well(), well()], now=MOMENT + timedelta(days=9)), LASTING),
    "too late, and no node": (Case([], now=MOMENT + timedelta(days=9)), LASTING),
    "a block is named": (Case([well(), well()], height=100), LASTING),
    "one is down": (Case([well(), down()]), INCOMPLETE),
}


@pytest.mark.parametrize("name", CASES)
def test_a_check_exits_as_the_scan(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case, code = CASES[name]
    monkeypatch.setitem(FAMILIES, "toy", toy())
    assert case.codes() == (code, code)


@pytest.mark.parametrize("name", TIP)
def test_a_check_of_a_chain_that_is_read_as_it_is_now_exits_as_the_scan(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, code = TIP[name]
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))
    assert case.codes() == (code, code)


# A chain of a block a second, whose newest is 120: so the claim's moment is 25 s before it
AT_NOW = {
    "now": (Case([well(), well()], at_now=True, now=MOMENT + timedelta(seconds=40)), COVERED),
    "too few operators": (Case([well()], at_now=True, now=MOMENT + timedelta(seconds=40)), INCOMPLETE),
    "one is down": (Case([well(), down()], at_now=True, now=MOMENT + timedelta(seconds=40)), INCOMPLETE),
    "a height of then": (Case([well(), well()], at_now=True, height=7, now=MOMENT + timedelta(seconds=40)), COVERED),
    "what is owed is not stated": (
        Case([well(), well()], at_now=True, owed=None, now=MOMENT + timedelta(seconds=40)),
        LASTING,
    ),
    "no kind of node, at a moment that will be another": (
        Case([well(), well()], at_now=True, strange=True, now=MOMENT + timedelta(seconds=40)),
        INCOMPLETE,
    ),
    "what was claimed then counts for nothing": (
        Case([well(), well()], at_now=True, claimed={b"anna": 1, b"bert": 1}, now=MOMENT + timedelta(seconds=40)),
        COVERED,
    ),
    "days later, of a chain that stands still": (
        Case([well(), well()], at_now=True, now=MOMENT + timedelta(days=9)),
        LASTING,
    ),
}


@pytest.mark.parametrize("tip", [False, True])
@pytest.mark.parametrize("name", AT_NOW)
def test_a_check_at_now_exits_as_the_scan_at_now(name: str, tip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    case, code = AT_NOW[name]
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=tip))
    if tip and code == LASTING and case.owed is not None:
        code = INCOMPLETE  # no balance of such a chain, where its newest block is too old for the claim's moment
    assert case.codes() == (code, code)


@pytest.mark.parametrize("tip", [False, True])
@pytest.mark.parametrize(
    ("kind", "owed", "code"),
    [
        ({"lends": True}, "12", COVERED),
        ({"lends": True}, "13", LASTING),  # what was lent might cover it
        ({"second": b"bert"}, "5", COVERED),
        ({"second": b"bert"}, "6", LASTING),
    ],
)
def test_what_a_family_does_not_read_is_foreseen(
    kind: Mapping[str, Any], owed: str, code: int, tip: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=tip, **kind))
    assert Case([well(), well()], claimed=HELD, owed=owed).codes() == (code, code)
    unasked = expected_finding(Case([], claimed=HELD, owed=owed).claim(), None, [], {})
    assert (unasked.verdict is Verdict.COVERED) == (code == COVERED)
    assert unasked.verdict is not Verdict.SHORT


def test_where_all_is_proven_too_few_operators_hold_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(proofs=True))
    for policy in (Policy(), Policy(require={"TOY": Basis.PROVEN})):
        assert Case([well(), well()], policy=policy).codes() == (COVERED, COVERED)


def test_machines_and_people_are_given_the_code_and_the_reason() -> None:
    case = Case([], owed=None)
    found = outlook(case.claim(), None, {}, [], case.now)
    assert found.as_json() == {"exitCode": LASTING, "verdicts": {"TOY": "UNKNOWN"}}
    assert found.sentence == f"A scan would end with {LASTING} whenever it is repeated (UNKNOWN: TOY)."
