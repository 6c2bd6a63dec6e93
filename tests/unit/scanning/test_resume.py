"""A run that is cut short anywhere and begun again: what it asks for, and that nobody can see it in what it finds."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import scanner
from scanner.attesting.attestation import Attestation
from scanner.chains.evm.state_parts import BY_CODE
from scanner.core.evidence import Balance, Basis, Batch, Gap, Reading
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError, NodeError, Why
from scanner.scanning import block
from scanner.scanning.events import Event, JournalCut, JournalFound
from scanner.scanning.journal import Journal
from scanner.scanning.run import Scan, configured, plan, scan
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Proving
from tests.support.attestations.attested import Seal
from tests.support.full_disk import disk_full_at
from tests.support.proving_scans import (
    DECIMALS,
    ETH,
    EVERY,
    EVM,
    HEIGHT,
    HOLDERS,
    SLOT_2,
    STATE,
    TRUTH,
    USDT,
    PlainTwin,
    a_chain,
    a_claim,
    a_state,
    two,
    vouching,
)
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import Nodes, ProvingChain, ProvingScriptedNode, ScriptedNode

Row = tuple[AssetId, bytes]
Asked = tuple[AssetId, tuple[bytes, ...]]
AT_ONCE = 4  # batches under way
SIZE = 3  # rows a batch
ALL: list[Asked] = [  # the batches of the claim, in its order
    (asset.id, tuple(HOLDERS[start : start + SIZE])) for asset in (USDT, ETH) for start in range(0, len(HOLDERS), SIZE)
]


class PowerCut(BaseException):
    """Ends a run wherever it is."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "batch_size", lambda _: SIZE)


class Backwards(ProvingScriptedNode):
    """Answers later what is asked earlier, so that batches are settled out of their order."""

    async def read(self, batch: Batch) -> Reading:
        for _ in range(0 if len(batch.accounts) < SIZE else 40 - 6 * ALL.index((batch.asset, tuple(batch.accounts)))):
            await asyncio.sleep(0)
        return await super().read(batch)


def backwards(nodes: Nodes) -> Callable[[NodeSettings], ScriptedNode]:
    def connect(settings: NodeSettings) -> ScriptedNode:
        script = nodes.scripts[settings.url]
        assert isinstance(script, ProvingChain)
        return Backwards(settings, script)

    return connect


PACES: dict[str, Callable[[Nodes], Callable[[NodeSettings], ScriptedNode]]] = {
    "in order": lambda nodes: nodes.connect,
    "out of order": backwards,
}


def run(
    nodes: Nodes,
    path: Path | None = None,
    *,
    prove: int | None = None,
    policy: Policy = Policy(),  # noqa: B008 - immutable
    events: list[Event] | None = None,
    holdings: Sequence[Row] = tuple(TRUTH),
    pace: str = "in order",
    begun: Callable[[asyncio.Task[Scan]], object] = id,
) -> Scan:
    """A run; `begun` is handed it as a task, to be cancelled."""
    told: list[Event] = [] if events is None else events
    instrument = Instrument(vouching(policy), tuple(nodes.settings), prove)
    connect = PACES[pace](nodes)

    async def go(journal: Journal | None) -> Scan:
        work = scan(a_claim(holdings), instrument, observe=told.append, connect=connect, journal=journal)
        task = asyncio.ensure_future(work)
        begun(task)
        return await task

    if path is None:
        return asyncio.run(go(None))
    with Journal(path, [bytes(32)]) as journal:
        return asyncio.run(go(journal))


def published(result: Scan) -> Attestation:
    return scanner.attest(result, [Seal(b"x")], scanned_at=datetime(2024, 1, 1, tzinfo=UTC))


def holds(result: Scan) -> bool:
    """Whether the attestation of the run holds before somebody who only has the claim."""
    made = published(result)
    witness = None if made.witness is None else io.BytesIO(made.witness)
    verified = scanner.verify(
        made.document, result.finding.claim, [Seal(b"x")], io.BytesIO(made.evidence), witness=witness
    )
    return verified.finding == result.finding


def reads_of(nodes: Nodes, before: Callable[[int], object] = id) -> list[Asked]:
    """What the first node is asked for, from now on; `before` each it is told how many there were."""
    reads: list[Asked] = []

    def note(batch: Batch) -> None:
        before(len(reads))
        reads.append((batch.asset, tuple(batch.accounts)))

    nodes.scripts["scripted://0"].on_read = note
    return reads


def assert_goes_on(first: list[Asked], path: Path, prove: int | None, pace: str, whole: Attestation) -> None:
    """The second run asks for what the first did not settle, once, and comes to what one run alone would have."""
    nodes, events = two(), list[Event]()
    second = reads_of(nodes)
    result = run(nodes, path, prove=prove, events=events, pace=pace)
    assert published(result) == whole
    assert set(second) <= set(ALL)
    assert max(Counter(second).values(), default=1) == 1
    settled = set(ALL) - set(second)
    assert [event.batches for event in events if isinstance(event, JournalFound)] == [len(settled)] * bool(settled)
    assert settled <= set(first)
    assert len(set(first) & set(second)) <= AT_ONCE
    assert not any(isinstance(event, JournalCut) for event in events)
    third = reads_of(nodes)
    assert published(run(nodes, path, prove=prove, pace=pace)) == whole
    assert third == []


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("prove", [None, 0, 5])
def test_a_run_that_breaks_off_at_any_batch_goes_on_unseen(tmp_path: Path, prove: int | None, pace: str) -> None:
    untouched = run(two(), prove=prove)
    whole = published(untouched)
    for stop in range(len(ALL)):

        def crash(reads: int, stop: int = stop) -> None:
            if reads == stop:
                raise PowerCut

        nodes = two()
        first = reads_of(nodes, crash)
        with pytest.raises(BaseExceptionGroup):
            run(nodes, tmp_path / f"{stop}", prove=prove, pace=pace)
        assert_goes_on(first, tmp_path / f"{stop}", prove, pace, whole)
    assert holds(untouched)


@pytest.mark.parametrize("pace", PACES)
def test_a_run_that_is_cancelled_at_any_batch_goes_on_unseen(tmp_path: Path, pace: str) -> None:
    whole = published(run(two()))
    for stop in range(len(ALL)):
        tasks: list[asyncio.Task[Scan]] = []

        def cancel(reads: int, stop: int = stop, tasks: list[asyncio.Task[Scan]] = tasks) -> None:
            if reads == stop:
                tasks[0].cancel()

        nodes = two()
        first = reads_of(nodes, cancel)
        with pytest.raises(asyncio.CancelledError):
            run(nodes, tmp_path / f"{stop}", pace=pace, begun=tasks.append)
        assert_goes_on(first, tmp_path / f"{stop}", None, pace, whole)


@pytest.mark.parametrize("pace", PACES)
def test_a_run_whose_disk_is_full_says_so_and_goes_on_unseen_when_there_is_room(tmp_path: Path, pace: str) -> None:
    whole = published(run(two()))
    run(two(), tmp_path / "whole")
    size = (tmp_path / "whole").stat().st_size
    for number in range(9):
        nodes, path = two(), tmp_path / f"{number}"
        first = reads_of(nodes)
        room = disk_full_at(size * (number + 1) // 10)
        with room, pytest.raises(InputError, match=f"{path}: the scan's journal cannot be written"):
            run(nodes, path, pace=pace)
        assert_goes_on(first, path, None, pace, whole)


def test_a_run_that_is_broken_off_again_and_again_comes_to_its_end_unseen(tmp_path: Path) -> None:
    untouched, reads, attempts = published(run(two())), Counter[Asked](), 0
    result = None
    while result is None:
        nodes = two()

        def crash(count: int) -> None:
            if count == 1:
                raise PowerCut

        made = reads_of(nodes, crash)
        try:
            result = run(nodes, tmp_path / "j", pace="out of order")
        except BaseExceptionGroup:
            attempts += 1
        reads.update(made)
        assert attempts < len(ALL)
    assert published(result) == untouched
    assert attempts > 1
    assert set(reads) == set(ALL)


def test_a_journal_that_is_damaged_between_two_runs_costs_reads_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "j"
    untouched = published(run(two(), path))
    whole = path.read_bytes()
    for at in range(36, len(whole), len(whole) // 13):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        nodes, events = two(), list[Event]()
        reads = reads_of(nodes)
        assert published(run(nodes, path, events=events)) == untouched
        assert any(isinstance(event, JournalCut) for event in events)
        first = nodes.scripts["scripted://0"]
        assert isinstance(first, ProvingChain)
        assert reads or first.asked
        assert path.read_bytes() != whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]


def test_another_claim_in_the_same_folder_reads_all_of_its_own(tmp_path: Path) -> None:
    run(two(), tmp_path / "j", holdings=EVERY[:7])
    nodes = two()
    reads = reads_of(nodes)
    instrument = Instrument(Policy(), tuple(nodes.settings))
    with Journal(tmp_path / "j", [bytes(32)]) as journal:
        claim = replace(a_claim(EVERY), digest="11" * 32)
        asyncio.run(scan(claim, instrument, connect=nodes.connect, journal=journal))
    assert sorted(reads) == sorted(ALL)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Policy(quorum=1), Policy(quorum=2)),
        (Policy(quorum=2), Policy(quorum=1)),
        (Policy(quorum=2), Policy(quorum=3)),
        (Policy(dissent=Dissent.RECORD), Policy()),
    ],
)
def test_what_was_settled_under_one_policy_is_believed_under_no_other(
    tmp_path: Path, first: Policy, second: Policy
) -> None:
    """Two operators say one thing and a third another, so that what is believed depends on the policy alone."""

    def disagreeing() -> Nodes:
        return two(a_chain(), a_chain(), a_chain(balances=dict.fromkeys(TRUTH, 7)))

    untouched = run(disagreeing(), policy=second, prove=0)
    assert published(run(disagreeing(), tmp_path / "j", policy=first, prove=0)) != published(untouched)
    nodes = disagreeing()
    reads = reads_of(nodes)
    assert published(run(nodes, tmp_path / "j", policy=second, prove=0)) == published(untouched)
    assert sorted(reads) == sorted(ALL)


def test_a_layout_is_found_on_balances_of_the_run_before_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two holders a batch are too few to find one on, but it is looked for when all batches are there."""
    monkeypatch.setattr(block, "batch_size", lambda _: 2)
    holdings = [(USDT.id, holder) for holder in HOLDERS[1:]]
    untouched = run(two(), holdings=holdings)
    whole = published(untouched)
    assert Counter(basis(row.outcome) for row in untouched.rows) == {Basis.PROVEN: 7}
    for stop in range(4):

        def crash(count: int, stop: int = stop) -> None:
            if count == stop:
                raise PowerCut

        nodes = two()
        reads_of(nodes, crash)
        with pytest.raises(BaseExceptionGroup):
            run(nodes, tmp_path / f"{stop}", holdings=holdings)
        reads = reads_of(nodes)
        assert published(run(nodes, tmp_path / f"{stop}", holdings=holdings)) == whole
        assert len(reads) == 4 - stop


# --- whom it was asked of


def test_operators_who_answered_before_stand_in_the_scan_though_they_are_down_now(tmp_path: Path) -> None:
    nodes = two(a_chain(), a_chain(), a_chain())

    def crash(count: int) -> None:
        if count == len(ALL) - 1:
            raise PowerCut

    reads_of(nodes, crash)
    with pytest.raises(BaseExceptionGroup):
        run(nodes, tmp_path / "j")
    nodes.scripts["scripted://0"].on_read = id
    nodes.scripts["scripted://2"].refuses = NodeError(Why.UNREACHABLE, "connection refused")
    result = run(nodes, tmp_path / "j")
    said = {row.outcome.operators for row in result.rows if isinstance(row.outcome, Balance)}
    assert said == {("alpha", "beta", "gamma"), ("alpha", "beta")}
    assert result.operators == {EVM: ("alpha", "beta", "gamma")}
    assert holds(result)
    alone = run(two(a_chain(), a_chain(), nodes.scripts["scripted://2"]))
    assert alone.operators == {EVM: ("alpha", "beta")}


def test_operators_who_only_dissented_before_stand_in_the_scan_though_they_are_down_now(tmp_path: Path) -> None:
    liar = a_chain(balances=dict.fromkeys(TRUTH, 7))
    nodes, policy = two(a_chain(), a_chain(), liar), Policy(dissent=Dissent.RECORD)
    run(nodes, tmp_path / "j", prove=0, policy=policy)
    liar.refuses = NodeError(Why.UNREACHABLE, "connection refused")
    result = run(nodes, tmp_path / "j", prove=0, policy=policy)
    assert result.operators == {EVM: ("alpha", "beta", "gamma")}
    assert sum(reserve.dissents for reserve in result.finding.reserves) == len(TRUTH)
    assert holds(result)


def test_nodes_that_prove_nothing_any_more_take_no_proof_away(tmp_path: Path) -> None:
    nodes = two()
    scripts = [script for script in nodes.scripts.values() if isinstance(script, ProvingChain)]

    def crash(records: list[bytes]) -> list[bytes]:
        if any(script.asked and script.asked[-1][0] != USDT.id.contract for script in scripts):
            raise PowerCut
        return records

    for script in scripts:
        script.spoil_nodes = crash
    with pytest.raises(BaseExceptionGroup):
        run(nodes, tmp_path / "j")
    plain = two(
        PlainTwin(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS)),
        PlainTwin(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS)),
    )
    read = reads_of(plain)
    result = run(plain, tmp_path / "j")
    assert read == []
    assert [basis(row.outcome) for row in result.rows][:8] == [Basis.PROVEN] * 8
    assert Basis.QUORUM not in [basis(row.outcome) for row in result.rows]  # what the journal has shows some coins too
    assert result.finding.proving == Proving({USDT.id: BY_CODE})
    assert holds(result)


def test_a_sample_is_drawn_by_the_seed_of_the_run_before_though_the_chain_goes_on(tmp_path: Path) -> None:
    nodes = two()
    first = nodes.scripts["scripted://0"]
    assert isinstance(first, ProvingChain)

    def crash(_: list[bytes]) -> list[bytes]:
        raise PowerCut

    first.spoil_nodes = crash
    with pytest.raises(BaseExceptionGroup):
        run(nodes, tmp_path / "j", prove=2)
    later = two()
    for script in later.scripts.values():
        script.height = 10**6
    assert published(run(later, tmp_path / "j", prove=2)) == published(run(two(), prove=2))


def test_what_a_journal_calls_a_proof_is_walked_again(tmp_path: Path) -> None:
    untouched = run(two(), tmp_path / "j")
    proofs = [record for record in records_of_proofs(tmp_path / "j") if record[:1] == b"N"]
    assert len(proofs) > 1
    with Journal(tmp_path / "forged", [bytes(32)]) as journal:
        instrument = Instrument(Policy(), tuple(two().settings))
        journal.begin(plan(a_claim(list(TRUTH)), instrument), configured(instrument), lambda _: None)
        journal.keep_proofs(
            STATE.snapshot, [b"no node of any trie", *a_state(atoms={HOLDERS[0]: 10**30}).accounts.nodes.values()]
        )
    result = run(two(), tmp_path / "forged")
    assert published(result) == published(untouched)


def records_of_proofs(path: Path) -> list[bytes]:
    data, at, records = path.read_bytes(), 32, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        records.append(data[at + 36 : at + 36 + length])
        at += 36 + length
    return records


def basis(outcome: Balance | Gap) -> Basis | None:
    return outcome.basis if isinstance(outcome, Balance) else None


# --- rounds

GONE = Gap(Why.UNREACHABLE, "timeout")


def without(rows: Sequence[Row], state: BuiltState = STATE) -> ProvingChain:
    """A node that neither reads nor proves these rows."""
    chain = a_chain(state, TRUTH | dict.fromkeys(rows, GONE))
    leaves = {state.account_proof(account)[-1] for asset, account in rows if asset == ETH.id}
    leaves |= {
        state.storage_proof(USDT.id.contract, SLOT_2.key(account))[-1] for asset, account in rows if asset == USDT.id
    }
    chain.spoil_nodes = lambda nodes: [node for node in nodes if node not in leaves]
    return chain


LOST: dict[str, list[Row]] = {
    "one coin": [(ETH.id, HOLDERS[0])],
    "some of several batches": [
        (ETH.id, HOLDERS[0]),
        (ETH.id, HOLDERS[2]),
        (ETH.id, HOLDERS[5]),
        (USDT.id, HOLDERS[7]),
    ],
    "a whole batch": [(ETH.id, holder) for holder in HOLDERS[:3]],
    "tokens": [(USDT.id, HOLDERS[4]), (USDT.id, HOLDERS[6])],
}


@pytest.mark.parametrize("prove", [None, 0, 4, 9])
@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_the_gaps_of_a_run_that_ended_are_asked_for_again_and_nothing_else_is(
    tmp_path: Path, lost: list[Row], prove: int | None
) -> None:
    first = run(two(without(lost), without(lost)), tmp_path / "j", prove=prove)
    assert [(row.asset, row.account) for row in first.rows if isinstance(row.outcome, Gap)] == [
        row for row in EVERY if row in lost
    ]
    assert first.gaps == len(lost)
    assert holds(first)
    nodes = two()
    again = reads_of(nodes)
    result = run(nodes, tmp_path / "j", prove=prove)
    expected = {(asset, tuple(each for each in part if (asset, each) in lost)) for asset, part in ALL}
    assert Counter(again) == Counter(asked for asked in expected if asked[1])
    assert published(result) == published(run(two(), prove=prove))
    assert holds(result)


def test_what_the_first_run_could_not_prove_the_second_does(tmp_path: Path) -> None:
    unproven, lost = (ETH.id, HOLDERS[0]), (ETH.id, HOLDERS[1])
    first = without([unproven, lost])
    first.balances[unproven] = TRUTH[unproven]
    run(two(first, first), tmp_path / "j")
    nodes = two()
    again = reads_of(nodes)
    result = run(nodes, tmp_path / "j")
    assert again == [(ETH.id, (HOLDERS[1],))]
    assert [basis(row.outcome) for row in result.rows if row.asset == ETH.id] == [Basis.PROVEN] * 8
    assert holds(result)


def test_that_a_contract_told_callers_apart_is_not_asked_for_again_until_it_does_not(tmp_path: Path) -> None:
    told, lost = (USDT.id, HOLDERS[4]), (USDT.id, HOLDERS[5])
    first = without([told, lost])
    first.balances[told] = Gap(Why.CALLER_DEPENDENT, "the contract says 9 to one caller and 5 to another")
    run(two(first, first), tmp_path / "j", prove=0)
    nodes = two()
    again = reads_of(nodes)
    result = run(nodes, tmp_path / "j", prove=0)
    assert again == [(USDT.id, (HOLDERS[5],))]
    (left,) = [row for row in result.rows if isinstance(row.outcome, Gap)]
    assert (left.asset, left.account) == told
    assert isinstance(left.outcome, Gap)
    assert left.outcome.why is Why.CALLER_DEPENDENT
    again.clear()
    assert run(nodes, tmp_path / "j", prove=0).gaps == 1
    assert again == []
    assert holds(result)


def test_gaps_that_stay_are_asked_for_once_a_run(tmp_path: Path) -> None:
    lost = LOST["some of several batches"]
    nodes = two(without(lost), without(lost))
    first = run(nodes, tmp_path / "j")
    for _ in range(3):
        again = reads_of(nodes)
        result = run(nodes, tmp_path / "j")
        assert sorted(account for _, accounts in again for account in accounts) == sorted(
            account for _, account in lost
        )
        assert published(result) == published(first)


def test_a_second_round_that_breaks_off_goes_on_unseen(tmp_path: Path) -> None:
    lost = LOST["some of several batches"]
    run(two(without(lost), without(lost)), tmp_path / "whole")
    journal = (tmp_path / "whole").read_bytes()
    whole = published(run(two(), tmp_path / "whole"))
    for stop in range(3):
        path = tmp_path / f"{stop}"
        path.write_bytes(journal)
        nodes = two()

        def crash(count: int, stop: int = stop) -> None:
            if count == stop:
                raise PowerCut

        first = reads_of(nodes, crash)
        with pytest.raises(BaseExceptionGroup):
            run(nodes, path)
        second = reads_of(nodes)
        assert published(run(nodes, path)) == whole
        assert {account for _, accounts in second for account in accounts} <= {account for _, account in lost}
        assert len(set(first) & set(second)) <= AT_ONCE


def test_a_block_that_is_replaced_between_two_runs_is_read_anew_as_a_whole(tmp_path: Path) -> None:
    run(two(), tmp_path / "j", prove=0)
    nodes = two()
    for script in nodes.scripts.values():
        script.fork = "b"
    reads = reads_of(nodes)
    result = run(nodes, tmp_path / "j", prove=0)
    assert sorted(reads) == sorted(ALL)
    assert {row.block for row in result.rows} == {nodes.scripts["scripted://0"].block(HEIGHT).hash}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((Policy(), None), (Policy(quorum=1), None)),
        ((Policy(quorum=1), None), (Policy(quorum=2), None)),
        ((Policy(), None), (Policy(dissent=Dissent.RECORD), None)),
        ((Policy(), None), (Policy(), 0)),
        ((Policy(), 5), (Policy(), None)),
    ],
)
def test_a_run_goes_on_from_none_that_demanded_something_else(
    tmp_path: Path, first: tuple[Policy, int | None], then: tuple[Policy, int | None]
) -> None:
    """What one operator alone said under another quorum must not be believed because it was settled once."""
    path = tmp_path / "j"
    run(two(), path, policy=first[0], prove=first[1])
    nodes, events = two(), list[Event]()
    asked = reads_of(nodes)
    result = run(nodes, path, policy=then[0], prove=then[1], events=events)
    assert sorted(asked) == sorted(ALL)
    assert [event.why for event in events if isinstance(event, JournalCut)] == [
        "it is of another claim or another policy"
    ]
    assert published(result) == published(run(two(), policy=then[0], prove=then[1]))
