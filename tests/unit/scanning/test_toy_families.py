"""What a scan and a verifier do with families unlike EVM: proofs of another make, and chains read only at the tip."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

import scanner
from scanner.chains.registry import FAMILIES, family
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import AttestationInvalid, NodeError, Why
from scanner.scanning.examine import examine
from scanner.scanning.meeting import ROUNDS
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support import virtual_loop
from tests.support.attestations.attested import Seal
from tests.support.simulated.toy_family import CHAIN, COIN, FIRST, ToyChain, ToyNode, toy

ACCOUNTS = (b"anna", b"bert", b"cora", b"dora", b"emil")
HELD: Mapping[bytes, int] = {b"anna": 500, b"bert": 700, b"cora": 1, b"dora": 90}
MOMENT = FIRST + timedelta(seconds=95)
NOW = MOMENT + timedelta(minutes=5)
RECORD = Policy(dissent=Dissent.RECORD)


def held_at(height: int) -> Mapping[bytes, int]:
    """At no two blocks the same."""
    return {account: atoms + height for account, atoms in HELD.items()}


def a_chain(height: int = 100, **fields: object) -> ToyChain:
    return ToyChain(height, balances=held_at, **fields)  # type: ignore[arg-type]


def a_claim(*, as_of: datetime = MOMENT, height: int | None = None, owed: int = 1) -> Claim:
    return Claim(
        exchange="X",
        as_of=as_of,
        assets={COIN: Asset("TOY", COIN, "TOY", 2)},
        liabilities={"TOY": Liability("TOY", Fraction(owed))},
        holdings=Holdings.of(Holding(COIN, account) for account in ACCOUNTS),
        digest="00" * 32,
        snapshots={} if height is None else {CHAIN: height},
    )


class Asked:
    """Operators over these chains, and what a run makes of their nodes."""

    def __init__(self, *chains: ToyChain, own: str = "", policy: Policy = RECORD, prove: int | None = None) -> None:
        names = dict(zip(("alpha", "beta", "gamma", "delta"), chains, strict=False))
        self.chains = names
        settings = tuple(NodeSettings("toy", f"toy://{name}", name, CHAIN, name == own) for name in names)
        self.instrument = Instrument(policy, settings, prove)

    def connect(self, settings: NodeSettings) -> ToyNode:
        return ToyNode(settings, self.chains[settings.operator], family(CHAIN))

    def scan(self, claim: Claim | None = None, now: datetime = NOW) -> Scan:
        asked = scan(claim or a_claim(), self.instrument, connect=self.connect, clock=lambda: now)
        return virtual_loop.run(asked)[0]


def verified(result: Scan, *, spoil: Callable[[bytes], bytes] = bytes) -> bool:
    made = scanner.attest(result, [Seal(b"x")], scanned_at=NOW)
    witness = None if made.witness is None else io.BytesIO(spoil(made.witness))
    checked = scanner.verify(
        made.document, result.finding.claim, [Seal(b"x")], io.BytesIO(made.evidence), witness=witness
    )
    return checked.finding == result.finding


def outcomes(result: Scan) -> list[int | Why]:
    return [row.outcome.atoms if isinstance(row.outcome, Balance) else row.outcome.why for row in result.rows]


def at(height: int) -> list[int]:
    return [held_at(height).get(account, 0) for account in ACCOUNTS]


def bases(result: Scan) -> set[Basis]:
    return {row.outcome.basis for row in result.rows if isinstance(row.outcome, Balance)}


# --- proofs of a family whose records, hashes and accounts are nothing like EVM's


@pytest.fixture
def proving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(proofs=True))


@pytest.mark.usefixtures("proving")
def test_balances_are_proven_by_a_familys_own_prover_and_hold_before_a_verifier() -> None:
    liar = ToyChain(120, balances=lambda height: {**held_at(height), b"anna": 1})
    liar.header = a_chain().header  # type: ignore[method-assign]
    result = Asked(a_chain(120), a_chain(120), liar).scan()
    assert outcomes(result) == at(95)
    assert bases(result) == {Basis.PROVEN}
    assert result.finding.proving == Proving()
    assert len(result.witness) == 2  # the header and the state; the noise that came with them is left out
    assert verified(result)


@pytest.mark.usefixtures("proving")
def test_a_witness_of_such_a_family_that_was_changed_does_not_hold() -> None:
    result = Asked(a_chain(120), a_chain(120)).scan()
    with pytest.raises(AttestationInvalid):
        verified(result, spoil=lambda witness: witness.replace(b"anna 595", b"anna 999"))


@pytest.mark.usefixtures("proving")
def test_a_sample_is_drawn_on_such_chains_too() -> None:
    result = Asked(a_chain(200), a_chain(200), prove=2).scan()
    assert sum(isinstance(row.outcome, Balance) and row.outcome.basis is Basis.PROVEN for row in result.rows) == 2
    assert verified(result)


@pytest.mark.usefixtures("proving")
def test_records_that_do_not_lead_to_the_state_prove_nothing_and_the_cause_is_said() -> None:
    silent = [a_chain(120, spoil=lambda _: [b"noise"]), a_chain(120, spoil=lambda _: [])]
    result = Asked(*silent).scan()
    assert bases(result) == {Basis.QUORUM}
    assert result.finding.proving.unproven == {COIN: WithoutProof.of({Cause.INCOMPLETE})}
    assert verified(result)


# --- a chain that is read only at its tip


@pytest.fixture
def tip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))


def block_of(result: Scan) -> int:
    (snapshot,) = result.finding.snapshots.values()
    return snapshot.height


@pytest.mark.usefixtures("tip")
def test_operators_who_answer_at_one_block_are_believed_at_that_block() -> None:
    result = Asked(a_chain(step=0), a_chain(step=0)).scan()
    assert outcomes(result) == at(100)
    assert bases(result) == {Basis.QUORUM}
    assert block_of(result) == 100
    assert verified(result)


@pytest.mark.usefixtures("tip")
@pytest.mark.parametrize("behind", [1, 3, 7])
def test_an_operator_who_is_some_blocks_behind_meets_the_others_where_they_were_before(behind: int) -> None:
    """Of the chain's five accounts each question takes two: a node moves on by one block in a round."""
    slow, fast = a_chain(100 - behind, step=0), a_chain(100, step=0)
    asked = Asked(slow, fast)
    calls = _one_block_a_round(slow, fast)
    result = asked.scan()
    assert block_of(result) == 100
    assert outcomes(result) == at(100)
    assert calls() <= behind + 1
    assert verified(result)


def _one_block_a_round(*chains: ToyChain) -> Callable[[], int]:
    """Has each chain make a block after three questions; counts the rounds."""
    for chain in chains:

        def balances(height: int, chain: ToyChain = chain) -> Mapping[bytes, int]:
            chain.step = 1 if chain.asked % 3 == 0 else 0
            return held_at(height)

        chain.balances = balances
    return lambda: chains[0].asked // 3


@pytest.mark.usefixtures("tip")
def test_who_answers_at_another_block_is_missing_there_and_never_counted() -> None:
    result = Asked(a_chain(step=0), a_chain(step=0), a_chain(90, step=0)).scan()
    assert outcomes(result) == at(100)
    assert all(row.outcome.operators == ("alpha", "beta") for row in result.rows if isinstance(row.outcome, Balance))
    assert all(not row.outcome.dissent for row in result.rows if isinstance(row.outcome, Balance))
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_operators_who_never_meet_make_gaps_after_some_rounds() -> None:
    chains = a_chain(100, step=0), a_chain(50, step=0)
    result = Asked(*chains).scan()
    assert outcomes(result) == [Why.NO_QUORUM] * 5
    gap = next(iter(result.rows)).outcome
    assert isinstance(gap, Gap)
    assert "alpha at 100, beta at 50" in gap.detail
    assert [chain.asked for chain in chains] == [3 * ROUNDS] * 2
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_what_moves_on_faster_than_it_can_be_asked_is_read_twice_and_the_lower_balance_counts() -> None:
    """Each question is answered at a block of its own (`test_two_passes`): none of these balances stands still."""
    result = Asked(a_chain(step=1), a_chain(step=1)).scan()
    rows = list(result.rows)
    assert all(row.outcome.at_least for row in rows[:4] if isinstance(row.outcome, Balance))
    readings = [row.passes.first for row in rows if row.passes is not None]
    assert [held_at(each.height).get(row.account, 0) for each, row in zip(readings, rows, strict=True)] == outcomes(
        result
    )
    assert result.finding.reserves[0].verdict is not Verdict.SHORT
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_an_operator_of_another_fork_is_no_quorum_with_anyone() -> None:
    result = Asked(a_chain(step=0), a_chain(step=0, fork="b")).scan()
    assert set(outcomes(result)) <= {Why.NO_QUORUM, Why.DISAGREEMENT}
    assert verified(result)


@pytest.mark.usefixtures("tip")
@pytest.mark.parametrize("dissent", list(Dissent))
def test_a_fork_that_one_of_three_names_is_dissent_as_on_any_block(dissent: Dissent) -> None:
    chains = a_chain(step=0), a_chain(step=0), a_chain(step=0, fork="b")
    result = Asked(*chains, policy=Policy(dissent=dissent)).scan()
    assert outcomes(result) == (at(100) if dissent is Dissent.RECORD else [Why.DISAGREEMENT] * 5)
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_one_who_says_another_amount_at_the_same_block_dissents() -> None:
    liar = ToyChain(step=0, balances=lambda height: {**held_at(height), b"anna": 7})
    liar.state = a_chain().state  # type: ignore[method-assign]
    result = Asked(a_chain(step=0), a_chain(step=0), liar).scan()
    assert outcomes(result) == at(100)
    assert next(row.outcome.dissent for row in result.rows if isinstance(row.outcome, Balance)) == (("gamma", 7),)
    assert verified(result)


def _of_two_words() -> ToyChain:
    """At one block it says of anna 7, and from its second round on what is true."""
    chain = a_chain(step=0)
    told = chain.balances
    chain.balances = lambda height: {**told(height), **({b"anna": 7} if chain.asked <= 3 else {})}
    chain.state = a_chain().state  # type: ignore[method-assign]
    return chain


def _late(behind: int) -> ToyChain:
    """It comes to block 100 in its second round, and stays there."""
    chain = a_chain(100 - behind, step=0)

    def balances(height: int) -> Mapping[bytes, int]:
        chain.step = behind if chain.asked % 3 == 0 and height < 100 else 0
        return held_at(height)

    chain.balances = balances
    return chain


@pytest.mark.usefixtures("tip")
@pytest.mark.parametrize("dissent", list(Dissent))
def test_an_operator_that_changes_its_word_at_one_block_supports_neither_and_dissents(dissent: Dissent) -> None:
    result = Asked(_of_two_words(), _late(1), _late(2), policy=Policy(dissent=dissent)).scan()
    first = next(iter(result.rows)).outcome
    assert block_of(result) == 100
    if dissent is Dissent.RECORD:
        assert isinstance(first, Balance)
        assert (first.atoms, first.operators, first.dissent) == (600, ("beta", "gamma"), (("alpha", 7),))
    else:
        assert isinstance(first, Gap)
        assert (first.why, first.said) == (Why.DISAGREEMENT, (("alpha", 7), ("beta", 600), ("gamma", 600)))
    assert verified(result)


@pytest.mark.usefixtures("tip")
@pytest.mark.parametrize("own", ["", "alpha"])
def test_an_operator_that_changes_its_word_makes_no_quorum_with_one_that_says_the_same_at_last(own: str) -> None:
    result = Asked(_of_two_words(), _late(1), own=own).scan()
    assert outcomes(result) == [Why.DISAGREEMENT, *at(100)[1:]]
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_an_auditors_own_node_is_believed_where_nobody_else_answers() -> None:
    failing = a_chain(failure=None)
    failing.failure = NodeError(Why.RATE_LIMITED, "too many")
    result = Asked(a_chain(step=0), failing, own="alpha").scan()
    assert outcomes(result) == at(100)
    assert bases(result) == {Basis.OWN}
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_where_nobody_answers_the_reason_is_the_nodes_own() -> None:
    chains = a_chain(), a_chain()
    for chain in chains:
        chain.failure = NodeError(Why.RATE_LIMITED, "too many")
    assert outcomes(Asked(*chains).scan()) == [Why.RATE_LIMITED] * 5


@pytest.mark.usefixtures("tip")
def test_a_claim_of_another_moment_or_of_a_named_block_is_no_past() -> None:
    for claim, now in (
        (a_claim(height=100), NOW),
        (a_claim(), MOMENT + timedelta(hours=2, seconds=1)),
        (a_claim(as_of=MOMENT + timedelta(hours=3)), MOMENT + timedelta(hours=3)),  # the nodes are far behind
    ):
        result = Asked(a_chain(step=0), a_chain(step=0)).scan(claim, now)
        assert outcomes(result) == [Why.NO_PAST] * 5
        assert result.finding.reserves[0].verdict is Verdict.UNKNOWN
        if now == NOW:
            assert verified(result)


@pytest.mark.usefixtures("tip")
@pytest.mark.parametrize("skew", [timedelta(minutes=1), timedelta(hours=2)])
def test_how_far_the_block_may_lie_from_the_claims_moment_is_the_policys_word(skew: timedelta) -> None:
    chains = [a_chain(step=0, start=FIRST + timedelta(minutes=2)) for _ in range(2)]
    result = Asked(*chains, policy=Policy(max_skew=skew)).scan()
    if skew < timedelta(minutes=2):
        assert outcomes(result) == [Why.NO_PAST] * 5
    else:
        assert outcomes(result) == at(100)
        assert result.finding.reserves[0].verdict is Verdict.COVERED
    assert verified(result)


@pytest.mark.usefixtures("tip")
def test_no_block_is_read_that_is_of_the_future_by_the_clock() -> None:
    chains = [a_chain(step=0, start=FIRST + timedelta(minutes=30)) for _ in range(2)]
    with pytest.raises(scanner.InputError, match="clock"):
        Asked(*chains).scan()


@pytest.mark.usefixtures("tip")
def test_check_says_at_which_block_such_a_chain_stands_or_that_the_claim_is_of_another_moment() -> None:
    asked = Asked(a_chain(), a_chain(98))

    def examined(claim: Claim) -> object:
        (found,) = asyncio.run(examine(claim, asked.instrument, connect=asked.connect, clock=lambda: NOW))
        return found.pinned.why if isinstance(found.pinned, Gap) else found.pinned.value.height

    assert examined(a_claim()) == 98
    assert examined(a_claim(height=98)) is Why.NO_PAST


@pytest.mark.usefixtures("tip")
def test_no_past_is_no_reason_on_a_chain_whose_past_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    result = Asked(a_chain(step=0), a_chain(step=0)).scan(a_claim(height=100))
    monkeypatch.setitem(FAMILIES, "toy", toy())
    with pytest.raises(AttestationInvalid, match="NO_PAST"):
        verified(result)


def test_a_block_after_the_claims_moment_is_refused_where_the_past_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=True))
    result = Asked(a_chain(step=0), a_chain(step=0)).scan()
    monkeypatch.setitem(FAMILIES, "toy", toy())
    with pytest.raises(AttestationInvalid, match="later than the claim's moment"):
        verified(result)
