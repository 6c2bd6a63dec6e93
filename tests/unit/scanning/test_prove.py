"""Balances proven while they are read: by nodes that can, cannot, will not, or lie."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner.chains.evm.slots import StorageLayout
from scanner.chains.evm.state_parts import BY_CODE
from scanner.chains.interface import ProofQuestion
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Balance, Basis, Batch, Gap, Reading, Snapshot
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.core.sampling import Sample, draw
from scanner.errors import InputError, NodeError, Why
from scanner.scanning import block, prove
from scanner.scanning.events import Event, Observer, ProofMissing, ignore
from scanner.scanning.run import Scan, scan
from scanner.weighing.claim import Asset, Liability
from scanner.weighing.finding import Verdict
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Dissent, Policy
from scanner.weighing.proving import Cause, Proving, WithoutProof
from tests.support.attestations.attested import Seal
from tests.support.proving_scans import (
    ATOMS,
    COINS,
    DECIMALS,
    ETH,
    EVM,
    HEIGHT,
    HOLDERS,
    SLOT_2,
    STATE,
    TRUTH,
    USDT,
    Balances,
    PlainTwin,
    a_chain,
    a_claim,
    a_state,
    held,
    holds,
    two,
    vouching,
)
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import (
    GENESIS_TIME,
    Nodes,
    ProvingChain,
    ProvingScriptedNode,
    ScriptedChain,
    ScriptedNode,
)
from tests.support.simulated.trie_builder import keccak256
from tests.support.strength import examples
from tests.support.tables import each_of


def test_no_balance_is_proven_by_a_header_that_commits_to_an_earlier_state() -> None:
    """Alpha hands over true proofs, of the state after block 49; beta and gamma say what is held after block 50."""
    avalanche = parse_chain("eip155:43114")
    avax = Asset("AVAX", parse_asset(f"{avalanche}/slip44:9005"), "AVAX", 18)
    time = GENESIS_TIME + timedelta(minutes=HEIGHT)
    for settled in (None, HEIGHT - 1):
        state = BuiltState(avalanche, COINS, height=HEIGHT, time=time, settled=settled)
        earlier = ProvingChain(avalanche, state=state, balances={(avax.id, HOLDERS[0]): 10**18})
        now = [ProvingChain(avalanche, state=state, balances={(avax.id, HOLDERS[0]): 1}) for _ in range(2)]
        claim = replace(
            a_claim([]),
            assets={avax.id: avax},
            liabilities={"AVAX": Liability("AVAX", Fraction(1))},
            holdings=Holdings.of([Holding(avax.id, HOLDERS[0])]),
            snapshots={avalanche: HEIGHT},
        )
        nodes = two(earlier, *now)
        policy = Policy(dissent=Dissent.RECORD)
        scanned = asyncio.run(scan(claim, Instrument(policy, tuple(nodes.settings)), connect=nodes.connect))
        (row,) = scanned.rows
        assert isinstance(row.outcome, Balance)
        if settled is None:
            assert (row.outcome.atoms, row.outcome.basis) == (10**18, Basis.PROVEN)
        else:
            assert (row.outcome.atoms, row.outcome.basis) == (1, Basis.QUORUM)
            assert not scanned.witness
            assert scanned.finding.proving.unproven == {avax.id: WithoutProof.of([Cause.EARLIER_STATE])}


def run_scan(
    nodes: Nodes,
    holdings: Sequence[tuple[AssetId, bytes]] = tuple(TRUTH),
    *,
    prove: int | None = None,
    nonce: str | None = None,
    policy: Policy = Policy(),  # noqa: B008 - immutable
    connect: Callable[[NodeSettings], ScriptedNode] | None = None,
    observe: Observer = ignore,
) -> Scan:
    instrument = Instrument(vouching(policy), tuple(nodes.settings), prove, nonce)
    return asyncio.run(scan(a_claim(holdings), instrument, observe=observe, connect=connect or nodes.connect))


def bases(result: Scan, asset: Asset) -> list[Basis | Why]:
    """The bases of an asset's balances, or the reasons of its gaps, in their order."""
    outcomes = [row.outcome for row in result.rows if row.asset == asset.id]
    return [outcome.basis if isinstance(outcome, Balance) else outcome.why for outcome in outcomes]


def unproven(result: Scan) -> Mapping[AssetId, WithoutProof]:
    return result.finding.proving.unproven


# --- all is well


def test_coins_and_tokens_are_proven_the_empty_ones_too() -> None:
    result = run_scan(two())
    assert held(result) == TRUTH
    assert {0, COINS[HOLDERS[0]]} <= set(held(result).values())
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.PROVEN}
    assert result.finding.proving == Proving({USDT.id: BY_CODE})
    assert all(row.outcome.operators == ("alpha", "beta") for row in result.rows if isinstance(row.outcome, Balance))


def test_one_node_that_proves_is_enough() -> None:
    result = run_scan(two(PlainTwin(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS)), a_chain()))
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.PROVEN}


def expected_records(
    state: BuiltState, holdings: Sequence[tuple[AssetId, bytes]], layout: StorageLayout = SLOT_2
) -> set[bytes]:
    """What proofs of these holdings are made of, found without the code that is tested."""
    nodes = [state.header]
    for asset, account in holdings:
        nodes += state.account_proof(account if asset.native else asset.contract)
        nodes += [] if asset.native else [state.codes[asset.contract]]
        if not asset.native:
            nodes += state.storage_proof(asset.contract, layout.key(account))
    return {keccak256(node) for node in nodes}


def test_the_witness_holds_exactly_the_nodes_that_proofs_reached_whatever_else_was_sent() -> None:
    noisy = a_chain()
    noisy.spoil_nodes = lambda nodes: [b"noise" * 10, *STATE.account_proof(b"\x66" * 20), *nodes, *nodes]
    for holdings in (
        list(TRUTH),
        [(ETH.id, HOLDERS[0])],
        [(ETH.id, HOLDERS[7])],
        [(USDT.id, each) for each in HOLDERS],
    ):
        result = run_scan(two(noisy, a_chain()), holdings)
        assert set(result.witness) == expected_records(STATE, holdings)


def test_a_proof_that_breaks_off_leaves_nothing_in_the_witness() -> None:
    def without_leaf(nodes: list[bytes]) -> list[bytes]:
        leaf = STATE.account_proof(HOLDERS[0])[-1]
        return [node for node in nodes if node != leaf]

    broken = a_chain()
    broken.spoil_nodes = without_leaf
    holdings = [(ETH.id, HOLDERS[0]), (ETH.id, HOLDERS[1])]
    result = run_scan(two(broken, broken), holdings)
    assert bases(result, ETH) == [Why.UNPROVEN, Basis.PROVEN]
    assert unproven(result) == {}  # no balance is believed without one
    assert set(result.witness) == expected_records(STATE, holdings[1:])


def test_records_beyond_what_is_kept_in_memory_wait_in_a_file_and_make_the_same_attestation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noisy = a_chain()
    noisy.spoil_nodes = lambda nodes: [*nodes, b"noise" * 10, *STATE.account_proof(b"\x66" * 20)]
    in_memory = run_scan(two(noisy, a_chain()))
    monkeypatch.setattr(prove, "_IN_MEMORY", 200)
    monkeypatch.setattr(prove, "_PIECE", 2)
    in_a_file = run_scan(two(noisy, a_chain()))
    assert in_a_file.witness.places > in_memory.witness.places == 0
    assert set(in_a_file.witness) == set(in_memory.witness) == expected_records(STATE, list(TRUTH))
    made = [scanner.attest(each, [Seal(b"x")], scanned_at=each.finding.claim.as_of) for each in (in_memory, in_a_file)]
    assert made[0] == made[1]
    assert holds(in_a_file)


def test_where_no_file_can_be_had_for_what_proofs_are_made_of_the_scan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "_IN_MEMORY", 200)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(InputError, match="the folder for temporary files: cannot be written: No such file"):
        run_scan(two())


def test_what_is_proven_and_stated_holds_before_a_verifier() -> None:
    assert holds(run_scan(two()))


# --- nodes that do not prove


def saying(why: Why, text: str) -> Callable[[object], Any]:
    def raises(_: object) -> Any:
        raise NodeError(why, text)

    return raises


def flipped(nodes: list[bytes]) -> list[bytes]:
    return [bytes([*node[:-1], node[-1] ^ 1]) for node in nodes]


SPOILT_NODES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], Cause]] = {
    "has no such method": (saying(Why.UNSUPPORTED, "the method eth_getProof does not exist"), Cause.UNSUPPORTED),
    "keeps no such state": (saying(Why.NO_STATE, "distance to target block exceeds ..."), Cause.NO_STATE),
    "refuses": (saying(Why.REFUSED, "the oracle does not speak of this"), Cause.REFUSED),
    "wants a key": (saying(Why.UNAUTHORIZED, "HTTP 401"), Cause.UNAUTHORIZED),
    "is silent": (saying(Why.UNREACHABLE, "no whole answer within 60 s"), Cause.UNREACHABLE),
    "reverts, of all things": (saying(Why.NO_TOKEN, "execution reverted"), Cause.REFUSED),
    "sends nothing": (lambda _: [], Cause.INCOMPLETE),
    "sends forged nodes": (flipped, Cause.INCOMPLETE),
    "leaves out the root": (
        lambda nodes: [node for node in nodes if keccak256(node) != STATE.accounts.root],
        Cause.INCOMPLETE,
    ),
    "sends rubbish": (lambda nodes: [b"", b"\x00", b"x" * 600, *(node[:-1] for node in nodes)], Cause.INCOMPLETE),
    "sends too much": (lambda nodes: [bytes(200_000), *nodes], Cause.TOO_LARGE),
    "sends proofs of another state": (
        lambda _: list(a_state(atoms={HOLDERS[0]: 10**30}).accounts.nodes.values()),
        Cause.INCOMPLETE,
    ),
}


@each_of(("spoil", "cause"), SPOILT_NODES.values(), ids=SPOILT_NODES)
def test_a_node_without_proofs_that_hold_leaves_the_quorum_and_the_finding_keeps_the_node_s_reason(
    spoil: Callable[[list[bytes]], list[bytes]], cause: Cause
) -> None:
    nodes, events = two(), list[Event]()
    for script in nodes.scripts.values():
        assert isinstance(script, ProvingChain)
        script.spoil_nodes = spoil
    result = run_scan(nodes, observe=events.append)
    assert held(result) == TRUTH
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.QUORUM}
    assert result.finding.proving == Proving({}, dict.fromkeys((ETH.id, USDT.id), WithoutProof.of([cause])))
    assert len(result.witness) == 0
    missing = [event for event in events if isinstance(event, ProofMissing)]
    assert {(event.operator, event.cause) for event in missing} == {("alpha", cause), ("beta", cause)}
    assert len(missing) == 2  # not for each piece again
    assert all(event.detail for event in missing)


def test_each_node_s_own_reason_is_kept_beside_the_others() -> None:
    nodes = two()
    one, other = nodes.scripts.values()
    assert isinstance(one, ProvingChain)
    assert isinstance(other, ProvingChain)
    one.spoil_nodes = saying(Why.NO_STATE, "outside of the window")
    other.spoil_nodes = saying(Why.UNSUPPORTED, "the method eth_getProof does not exist")
    both = WithoutProof((Cause.NO_STATE, Cause.UNSUPPORTED))
    assert run_scan(nodes).finding.proving.unproven == {ETH.id: both, USDT.id: both}


SPOILT_HEADERS: dict[str, tuple[Callable[[dict[str, str]], Mapping[str, object]], Cause]] = {
    "refused": (saying(Why.NO_STATE, "header not found"), Cause.NO_STATE),
    "empty": (lambda _: {}, Cause.INCOMPLETE),
    "of another block": (lambda _: a_state(atoms={HOLDERS[0]: 1}).fields, Cause.HEADER_MISMATCH),
    "with another state root": (lambda fields: fields | {"stateRoot": "0x" + "11" * 32}, Cause.HEADER_MISMATCH),
    "with another time": (lambda fields: fields | {"timestamp": "0x1"}, Cause.HEADER_MISMATCH),
    "with a field that is no text": (lambda fields: fields | {"gasUsed": 5}, Cause.MALFORMED),
}


@pytest.mark.parametrize(("spoil", "cause"), SPOILT_HEADERS.values(), ids=SPOILT_HEADERS)
def test_a_header_that_is_not_the_pinned_one_proves_nothing(
    spoil: Callable[[dict[str, str]], Mapping[str, object]], cause: Cause
) -> None:
    nodes = two()
    for script in nodes.scripts.values():
        assert isinstance(script, ProvingChain)
        script.spoil_header = spoil
    result = run_scan(nodes)
    assert held(result) == TRUTH
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.QUORUM}
    assert result.finding.proving == Proving({}, dict.fromkeys((ETH.id, USDT.id), WithoutProof.of([cause])))
    assert len(result.witness) == 0


def test_nodes_that_know_no_proofs_at_all_leave_the_quorum_and_the_reason_is_told() -> None:
    nodes = Nodes()
    for operator in ("alpha", "beta"):
        nodes.add(ScriptedChain(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS)), operator)
    result = run_scan(nodes)
    assert held(result) == TRUTH
    without = WithoutProof.of([Cause.UNSUPPORTED])
    assert result.finding.proving == Proving({}, {ETH.id: without, USDT.id: without})


@pytest.mark.parametrize("spoil", [spoil for spoil, _ in SPOILT_HEADERS.values()], ids=SPOILT_HEADERS)
def test_the_second_nodes_header_does_where_the_firsts_does_not(
    spoil: Callable[[dict[str, str]], Mapping[str, object]],
) -> None:
    first = a_chain()
    first.spoil_header = spoil
    assert set(bases(run_scan(two(first, a_chain())), ETH)) == {Basis.PROVEN}


@each_of("spoil", [spoil for spoil, _ in SPOILT_NODES.values()], ids=SPOILT_NODES)
def test_a_second_node_fills_what_the_first_leaves_out(spoil: Callable[[list[bytes]], list[bytes]]) -> None:
    first = a_chain()
    first.spoil_nodes = spoil
    result = run_scan(two(first, a_chain()))
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.PROVEN}
    assert result.finding.proving == Proving({USDT.id: BY_CODE})
    assert set(result.witness) == expected_records(STATE, list(TRUTH))


def test_of_a_second_node_only_what_is_missing_is_asked() -> None:
    first, second = a_chain(), a_chain()
    leaves = {STATE.account_proof(holder)[-1] for holder in HOLDERS[:2]}
    first.spoil_nodes = lambda nodes: [node for node in nodes if node not in leaves]
    result = run_scan(two(first, second), [(ETH.id, holder) for holder in HOLDERS])
    assert set(bases(result, ETH)) == {Basis.PROVEN}
    assert [account for account, _ in second.asked] == HOLDERS[:2]


def test_two_halves_of_a_proof_from_two_nodes_make_a_whole() -> None:
    first, second = a_chain(), a_chain()
    leaves = {STATE.account_proof(holder)[-1] for holder in HOLDERS}
    first.spoil_nodes = lambda nodes: [node for node in nodes if node not in leaves]
    second.spoil_nodes = lambda nodes: [node for node in nodes if node in leaves]
    result = run_scan(two(first, second), [(ETH.id, holder) for holder in HOLDERS])
    assert set(bases(result, ETH)) == {Basis.PROVEN}


def test_what_one_node_lies_about_the_proof_of_another_outvotes() -> None:
    liar = a_chain(balances=dict.fromkeys(TRUTH, 7))
    liar.spoil_nodes = flipped
    result = run_scan(two(liar, a_chain(), a_chain()))
    assert held(result) == TRUTH
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.PROVEN}
    assert sum(reserve.dissents for reserve in result.finding.reserves) == len(TRUTH)


def test_balances_that_all_nodes_lie_about_are_gaps_that_name_the_proof() -> None:
    lies = {place: atoms + 1 for place, atoms in TRUTH.items() if isinstance(atoms, int)}
    result = run_scan(two(a_chain(balances=dict(lies)), a_chain(balances=dict(lies))), [(ETH.id, HOLDERS[0])])
    (row,) = result.rows
    assert row.outcome == Gap(
        Why.DISAGREEMENT,
        f"the proof shows {COINS[HOLDERS[0]]}; alpha says {COINS[HOLDERS[0]] + 1}; beta says {COINS[HOLDERS[0]] + 1}",
        (("alpha", COINS[HOLDERS[0]] + 1), ("beta", COINS[HOLDERS[0]] + 1)),
        COINS[HOLDERS[0]],
    )


def test_a_liar_who_agrees_with_the_proof_of_a_layout_that_does_not_hold_is_not_believed() -> None:
    """A part of one holder's tokens is locked elsewhere, as two honest operators say; the third says what is proven."""
    place = (USDT.id, HOLDERS[1])
    honest = TRUTH | {place: ATOMS[HOLDERS[1]] + 1}
    result = run_scan(two(a_chain(), a_chain(balances=honest), a_chain(balances=honest)))
    assert bases(result, USDT)[1] is Why.DISAGREEMENT
    assert set(bases(result, USDT)[2:] + bases(result, ETH)) == {Basis.PROVEN}


def test_a_balance_that_no_node_can_read_is_proven_all_the_same() -> None:
    silent = TRUTH | {(ETH.id, HOLDERS[2]): Gap(Why.RATE_LIMITED)}
    result = run_scan(two(a_chain(balances=dict(silent)), a_chain(balances=dict(silent))))
    assert Balance(COINS[HOLDERS[2]], Basis.PROVEN, ()) in [row.outcome for row in result.rows]
    assert result.finding.verdict is Verdict.SHORT  # nothing was declared against the DAI that is owed


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_whatever_nodes_send_instead_of_proofs_no_wrong_balance_is_proven(data: st.DataObject) -> None:
    def spoil(nodes: list[bytes]) -> list[bytes]:
        sent = []
        for node in nodes:
            match data.draw(st.integers(0, 5)):
                case 0:
                    continue
                case 1:
                    place = data.draw(st.integers(0, len(node) - 1))
                    sent.append(node[:place] + bytes([data.draw(st.integers(0, 255))]) + node[place + 1 :])
                case _:
                    sent.append(node)
        return data.draw(st.permutations(sent))

    first = a_chain()
    first.spoil_nodes = spoil
    holdings = [(ETH.id, holder) for holder in HOLDERS]
    result = run_scan(two(first, PlainTwin(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS))), holdings)
    assert held(result) == {place: TRUTH[place] for place in held(result)}
    assert set(bases(result, ETH)) <= {Basis.PROVEN, Why.UNPROVEN} or set(bases(result, ETH)) == {Basis.QUORUM}
    assert set(result.witness) <= expected_records(STATE, holdings)


# --- many holdings


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_batches_are_proven_like_one(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A layout is looked for when all is read, so that which batch is read first decides nothing."""
    monkeypatch.setattr(block, "batch_size", lambda _: size)
    monkeypatch.setattr(prove, "_PIECE", size)
    result = run_scan(two())
    assert held(result) == TRUTH
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.PROVEN}
    assert result.finding.proving == Proving({USDT.id: BY_CODE})


def a_fast_and_a_slow(nodes: Nodes, slow: str) -> Callable[[NodeSettings], ScriptedNode]:
    """Nodes that take a while to prove, one of them longer than the others."""

    class Unhurried(ProvingScriptedNode):
        async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
            for _ in range(50 if self.settings.operator == slow else 2):
                await asyncio.sleep(0)
            return await super().proof_records(snapshot, questions)

    def connect(settings: NodeSettings) -> ScriptedNode:
        script = nodes.scripts[settings.url]
        assert isinstance(script, ProvingChain)
        return Unhurried(settings, script)

    return connect


@pytest.mark.parametrize("slow", ["", "alpha", "beta", "gamma"])
def test_proofs_are_shared_out_among_all_operators_and_who_gave_which_does_not_show(
    monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setattr(prove, "_PIECE", 1)
    monkeypatch.setattr(prove, "_PIECES_AT_ONCE", 1)
    nodes = two(a_chain(), a_chain(), a_chain())
    holdings = [(ETH.id, holder) for holder in HOLDERS]
    result = run_scan(nodes, holdings, connect=a_fast_and_a_slow(nodes, slow))
    asked = {
        nodes.settings[at].operator: len(script.asked)
        for at, script in enumerate(nodes.scripts.values())
        if isinstance(script, ProvingChain)
    }
    assert sum(asked.values()) == len(HOLDERS)  # nothing is asked for twice
    assert min(asked.values()) >= 1
    assert not slow or asked[slow] == min(asked.values())
    alone = run_scan(two(a_chain(), PlainTwin(EVM, balances=dict(TRUTH), decimals=dict(DECIMALS))), holdings)
    assert set(bases(result, ETH)) == set(bases(alone, ETH)) == {Basis.PROVEN}
    assert set(result.witness) == set(alone.witness)
    assert result.finding.proving == alone.finding.proving


@pytest.mark.parametrize("slow", ["", "alpha", "beta", "gamma"])
@pytest.mark.parametrize("size", [1, 3, 8])
def test_why_a_proof_is_missing_does_not_depend_on_who_was_asked_first(
    monkeypatch: pytest.MonkeyPatch, size: int, slow: str
) -> None:
    """Nobody proves the first holder; of two nodes each refuses somebody else besides, for a reason of its own."""
    monkeypatch.setattr(prove, "_PIECE", size)
    nodes = Nodes()
    for operator in ("alpha", "beta", "gamma"):
        nodes.add(a_chain(), operator, own=operator == "alpha")
    refusals = {"alpha": Why.NO_STATE, "beta": Why.UNAUTHORIZED, "gamma": Why.UNSUPPORTED}
    also = {"alpha": HOLDERS[1], "beta": HOLDERS[2], "gamma": HOLDERS[0]}
    plain = a_fast_and_a_slow(nodes, slow)

    def connect(settings: NodeSettings) -> ScriptedNode:
        node = plain(settings)
        assert isinstance(node, ProvingScriptedNode)
        prove_all = node.proof_records

        async def some(snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
            given = []
            for question in questions:
                left = tuple(each for each in question.accounts if each not in (HOLDERS[0], also[settings.operator]))
                given += await prove_all(snapshot, [replace(question, accounts=left)]) if left else []
            if not given:
                raise NodeError(refusals[settings.operator], "not that one")
            return given

        node.proof_records = some  # type: ignore[method-assign]
        return node

    result = run_scan(nodes, [(ETH.id, holder) for holder in HOLDERS], connect=connect)
    assert sum(basis is Basis.PROVEN for basis in bases(result, ETH)) == len(HOLDERS) - 1
    causes = (Cause.NO_STATE, Cause.UNAUTHORIZED, Cause.UNSUPPORTED)
    assert result.finding.proving.unproven == {ETH.id: WithoutProof(causes)}


def test_which_batch_is_read_first_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last batch is small and read at once; its holders are proven by the layout that the first one shows."""
    monkeypatch.setattr(block, "batch_size", lambda _: 7)
    nodes = two()

    class Unhurried(ProvingScriptedNode):
        async def read(self, batch: Batch) -> Reading:
            for _ in range(10 * len(batch.accounts)):
                await asyncio.sleep(0)
            return await super().read(batch)

    def connect(settings: NodeSettings) -> ScriptedNode:
        script = nodes.scripts[settings.url]
        assert isinstance(script, ProvingChain)
        return Unhurried(settings, script)

    result = run_scan(nodes, [(USDT.id, holder) for holder in HOLDERS], connect=connect)
    assert set(bases(result, USDT)) == {Basis.PROVEN}
    assert result.finding.proving == Proving({USDT.id: BY_CODE})


# --- a sample


def proven_rows(result: Scan) -> set[tuple[AssetId, bytes]]:
    return {(row.asset, row.account) for row in result.rows if _is_proven(row.outcome)}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100])
def test_of_a_sample_exactly_those_drawn_are_proven(size: int) -> None:
    result = run_scan(two(), prove=size)
    sample = result.finding.proving.sample
    assert sample is not None
    assert sample.blocks == {EVM: a_chain().block(100)}
    drawn = set()
    for asset in (USDT.id, ETH.id):
        rows, told = draw([int(str(TRUTH[asset, each])) for each in HOLDERS], size, sample.seed("00" * 32, EVM), asset)
        drawn |= {(asset, HOLDERS[at]) for at in rows}
        assert result.finding.proving.draws[asset] == told
    assert proven_rows(result) == drawn
    assert held(result) == TRUTH
    assert result.finding.proving.unproven == {}
    assert set(result.witness) == expected_records(STATE, sorted(drawn))
    assert holds(result)


def test_what_holds_nothing_is_never_drawn_and_the_rest_is_where_there_is_room() -> None:
    assert proven_rows(run_scan(two(), prove=8)) == {place for place, atoms in TRUTH.items() if atoms}


def test_without_a_block_later_than_the_one_that_is_read_everything_is_drawn() -> None:
    """What nobody could know is missing, so nothing is left to a lot."""
    nodes = two()
    for script in nodes.scripts.values():
        script.height = HEIGHT
    result = run_scan(nodes, prove=1)
    assert proven_rows(result) == {place for place, atoms in TRUTH.items() if atoms}
    assert result.finding.proving.sample == Sample(1)
    assert holds(result)


def test_another_seed_draws_other_rows_and_a_verifier_sees_it() -> None:
    drawn = set()
    for number in range(30):
        result = run_scan(two(), prove=1, nonce=f"the auditor's nonce {number}")
        drawn.add(frozenset(proven_rows(result)))
    assert len(drawn) > 5
    assert all(len(rows) == 2 for rows in drawn)


def test_a_nonce_of_the_auditors_is_a_seed_too() -> None:
    nodes = two()
    for script in nodes.scripts.values():
        script.height = HEIGHT
    result = run_scan(nodes, prove=1, nonce="a nonce of the auditor's")
    assert result.finding.proving.sample == Sample(1, "a nonce of the auditor's")
    assert len(proven_rows(result)) == 2
    assert holds(result)


def test_one_operator_who_names_another_block_as_final_does_not_spoil_the_seed() -> None:
    for height in (3, 10**6):
        liar = a_chain()
        liar.height = height if height > HEIGHT else 100
        liar.final_depth = liar.height - height
        result = run_scan(two(a_chain(), a_chain(), liar), prove=1)
        sample = result.finding.proving.sample
        assert sample is not None
        assert sample.blocks[EVM].height == 100


def test_a_token_of_which_nothing_is_held_is_not_searched_for_its_layout() -> None:
    empty: Balances = dict.fromkeys(((USDT.id, holder) for holder in HOLDERS), 0)
    first = a_chain(balances=TRUTH | empty)
    result = run_scan(two(first, a_chain(balances=TRUTH | empty)), prove=1)
    assert all(account != USDT.id.contract for account, _ in first.asked)
    assert result.finding.proving.layouts == {}


def _is_proven(outcome: Balance | Gap) -> bool:
    return isinstance(outcome, Balance) and outcome.basis is Basis.PROVEN


def test_where_nothing_is_to_be_proven_nothing_is_asked_and_nothing_kept() -> None:
    asked: list[str] = []

    def header(fields: dict[str, str]) -> Mapping[str, object]:
        asked.append("header")
        return fields

    first, second = a_chain(), a_chain()
    first.spoil_header = second.spoil_header = header
    result = run_scan(two(first, second), prove=0)
    assert set(bases(result, ETH) + bases(result, USDT)) == {Basis.QUORUM}
    assert asked == []
    assert first.asked == second.asked == []
    assert len(result.witness) == 0
    assert result.finding.proving == Proving(sample=Sample(0))


def test_no_sample_is_drawn_by_a_block_that_is_of_the_future_by_the_scanners_clock() -> None:
    """The newest final block seeds the draw; were it dated after the scan, no verifier would take the statement."""
    nodes = two()
    newest = a_chain().block(a_chain().height).time

    def scanned(now: datetime) -> Scan:
        instrument = Instrument(vouching(Policy()), tuple(nodes.settings), 3)
        return asyncio.run(scan(a_claim(tuple(TRUTH)), instrument, connect=nodes.connect, clock=lambda: now))

    assert holds(scanned(newest - timedelta(minutes=4)))
    with pytest.raises(InputError, match="clock"):
        scanned(newest - timedelta(minutes=6))


def test_a_drawn_row_on_which_operators_were_divided_and_that_nobody_proved_counts_only_with_the_reason_told() -> None:
    """The divided row is a gap until a proof of another row contradicts the third operator; then two remain."""
    divided, contradicted = (ETH.id, HOLDERS[1]), (ETH.id, HOLDERS[0])
    nodes_of_one = set(STATE.account_proof(HOLDERS[1])[-1:])
    lies = TRUTH | {divided: 7 * COINS[HOLDERS[1]], (USDT.id, HOLDERS[3]): 3}

    def chains(told: Balances) -> list[ProvingChain]:
        three = [a_chain(), a_chain(), a_chain(balances=told)]
        for each in three:
            each.spoil_nodes = lambda nodes: [node for node in nodes if node not in nodes_of_one]
        return three

    unseen = run_scan(two(*chains(lies)))
    assert bases(unseen, ETH)[1] is Why.DISAGREEMENT
    caught = run_scan(two(*chains(lies | {contradicted: 9})))
    assert bases(caught, ETH)[:2] == [Basis.PROVEN, Why.UNPROVEN]  # other balances of the asset are proven
    assert holds(unseen)
    assert holds(caught)
    only = [divided, *((USDT.id, holder) for holder in HOLDERS)]
    silent = run_scan(two(*chains(lies)), only)
    assert holds(silent)


@each_of("why", Why)
def test_whatever_reason_an_operator_gives_the_attestation_holds(why: Why) -> None:
    silent: Balances = {place: Gap(why, "it says so") for place in TRUTH}
    for scripts in ((a_chain(balances=silent), a_chain(balances=silent)), (a_chain(), a_chain(balances=silent))):
        result = run_scan(two(*scripts))
        assert holds(result)
        assert Basis.QUORUM not in bases(result, ETH)
