"""`check` asks each node for what a scan will ask, and says of each that does not answer why, and what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from scanner.chains.evm.slots import layouts
from scanner.chains.interface import Capabilities
from scanner.chains.names import parse_asset, parse_chain
from scanner.cli import diagnosis
from scanner.cli.check_result import CheckResult, Grade
from scanner.cli.examination import as_json
from scanner.core.evidence import Basis, Batch, Gap, Reading
from scanner.core.ids import AssetId
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.examine import Examination, examine
from scanner.scanning.trial import Question, samples
from scanner.sources.addresses import ReadClaim
from scanner.weighing.claim import Asset, Claim, Liability
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.instrument import Instrument
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement
from tests.support.simulated.built_state import BuiltState
from tests.support.simulated.scripted_node import GENESIS_TIME, Nodes, ProvingChain, ScriptedChain, ScriptedNode

EVM = parse_chain("eip155:1")
ETH = Asset("ETH", parse_asset("eip155:1/slip44:60"), "ETH", 18)
USDT = Asset("USDT", parse_asset("eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"), "USDT", 6)
HEIGHT = 50
ALICE, BOB = b"\xa1" * 20, b"\xb0" * 20
SLOT_2 = next(layout for layout in layouts() if layout.name == "Solidity mapping at slot 2")
STATE = BuiltState(EVM, {ALICE: 7, BOB: 8}, {USDT.id.contract: {SLOT_2.key(ALICE): 9}}, height=HEIGHT)
NO_STATE = Gap(Why.NO_STATE, "missing trie node 5a1b (path ) <nil> (code -32000)")
Balances = Mapping[tuple[AssetId, bytes], int | Gap]
TRUTH: Balances = {(ETH.id, ALICE): 7, (ETH.id, BOB): 8, (USDT.id, ALICE): 9}


def a_node(balances: Balances = TRUTH, proofs: NodeError | None = None) -> ProvingChain:
    """`proofs`: what asking for them meets."""

    def spoil(nodes: list[bytes]) -> list[bytes]:
        if proofs is not None:
            raise proofs
        return nodes

    return ProvingChain(EVM, state=STATE, balances=dict(balances), decimals={USDT.id: 6}, spoil_nodes=spoil)


def without_state(*questions: AssetId) -> ProvingChain:
    """A node that keeps no state of the block, for balances of these assets."""
    return a_node({key: NO_STATE if key[0] in questions else atoms for key, atoms in TRUTH.items()})


@pytest.mark.parametrize(
    ("asset", "asked"),
    [
        (USDT.id, (AssetId(EVM, "slip44", "0"), USDT.id.contract)),  # every account has a place in the state
        *[
            (asset, (asset, ALICE))
            for asset in map(
                parse_asset,
                (
                    "polkadot:68d56f15f85d3136970ec16946040bc1/assets:1984",
                    "tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe",
                ),
            )
        ],
    ],
    ids=str,
)
def test_where_a_claim_has_tokens_alone_a_proof_is_asked_for_all_the_same(
    asset: AssetId, asked: tuple[AssetId, bytes]
) -> None:
    claim = replace(a_claim(()), holdings=Holdings.of([Holding(asset, ALICE)]))
    ((_, holdings),) = claim.by_place().items()
    assert samples(holdings, prove=True) == {Question.TOKEN: (asset, ALICE), Question.PROOF: asked}
    assert samples(holdings, prove=False) == {Question.TOKEN: (asset, ALICE)}


def a_claim(held: Sequence[tuple[AssetId, bytes]] = tuple(TRUTH)) -> Claim:
    return Claim(
        exchange="X",
        as_of=GENESIS_TIME + timedelta(minutes=HEIGHT),
        assets={asset.id: asset for asset in (ETH, USDT)},
        liabilities={unit: Liability(unit, Fraction(1)) for unit in ("ETH", "USDT")},
        holdings=Holdings.of(Holding(asset, account) for asset, account in held),
        digest="00" * 32,
        snapshots={EVM: HEIGHT},
    )


def looked_at(
    nodes: Nodes,
    claim: Claim | None = None,
    *,
    policy: Policy | None = None,
    prove: int | None = None,
) -> tuple[Examination, list[CheckResult]]:
    """The one chain's examination, and what is said of it."""
    claim = claim or a_claim()
    instrument = Instrument(policy or Policy(), tuple(nodes.settings), prove)
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # noqa: E731
    (found,) = asyncio.run(examine(claim, instrument, connect=nodes.connect, clock=clock))
    results = diagnosis.points(ReadClaim(claim), instrument, {}, [found])
    return found, [each for each in results if each.about == str(EVM)]


def of(*scripts: ScriptedChain | tuple[ScriptedChain, str]) -> Nodes:
    """Nodes of alpha, beta, gamma, or of who is named; each stands on a line of its own: 10, 20, 30."""
    nodes = Nodes()
    for number, each in enumerate(scripts):
        script, operator = each if isinstance(each, tuple) else (each, ("alpha", "beta", "gamma")[number])
        nodes.add(script, operator)
        nodes.settings[-1] = replace(nodes.settings[-1], line=10 * (number + 1))
    return nodes


def proofs_asked(nodes: Nodes) -> list[tuple[bytes, ...]]:
    """The accounts whose proofs each node was asked for."""
    scripts = [script for script in nodes.scripts.values() if isinstance(script, ProvingChain)]
    return [tuple(address for address, _ in script.asked) for script in scripts]


def of_grade(results: Sequence[CheckResult], grade: Grade) -> list[CheckResult]:
    return [each for each in results if each.grade is grade]


def test_a_node_is_asked_for_one_balance_one_token_balance_and_one_proof() -> None:
    nodes = of(a_node(), a_node())
    asked: list[tuple[AssetId, tuple[bytes, ...]]] = []
    for script in nodes.scripts.values():
        script.on_read = lambda batch: asked.append((batch.asset, tuple(batch.accounts)))
    found, results = looked_at(nodes)
    assert asked == [(ETH.id, (ALICE,)), (USDT.id, (ALICE,))] * 2
    assert proofs_asked(nodes) == [(ALICE,)] * 2
    assert [(trial.operator.name, trial.line, trial.answers) for trial in found.trials.nodes] == [
        (name, line, {Question.BALANCE: 7, Question.TOKEN: 9, Question.PROOF: 7})
        for name, line in (("alpha", 10), ("beta", 20))
    ]
    assert all(isinstance(agreed, Agreement) for agreed in found.trials.agreed.values())
    assert [each.grade for each in results] == [Grade.OK, Grade.OK]
    assert results[-1].what == "given at that block by every node: one balance, one token balance, one proof"


def test_full_nodes_where_an_archive_is_needed_are_named_and_leave_gaps() -> None:
    found, results = looked_at(of(without_state(ETH.id, USDT.id), without_state(ETH.id, USDT.id)), prove=0)
    assert all(isinstance(agreed, Gap) for agreed in found.trials.agreed.values())
    gaps = of_grade(results, Grade.GAP)
    assert [gap.what for gap in gaps] == [
        f"the node of {place} of the nodes' file) gives no balance and no token balance at that block:"
        f" NO_STATE, {NO_STATE.detail}"
        for place in ("alpha (line 10", "beta (line 20")
    ]
    assert all(gap.matters == "Too few are left: 3 holdings would be gaps." for gap in gaps)
    assert all("archive node" in gap.todo for gap in gaps)


def test_one_full_node_beside_enough_archives_is_a_note() -> None:
    _, results = looked_at(of(a_node(), a_node(), without_state(ETH.id, USDT.id)))
    assert of_grade(results, Grade.GAP) == []
    (note,) = (each for each in of_grade(results, Grade.NOTE) if "gamma" in each.what)
    assert note.matters == "The others suffice."
    assert "archive node" in note.todo


def test_a_proof_makes_up_for_operators_without_the_state_where_all_is_proven() -> None:
    lame = without_state(ETH.id, USDT.id)
    _, results = looked_at(of(a_node(), lame))
    assert of_grade(results, Grade.GAP) == []
    (note,) = of_grade(results, Grade.NOTE)
    assert note.matters == "Proofs settle it: what is proven needs no quorum."
    for prove in (0, 1):  # of a sample nobody knows yet whom it will be about
        _, results = looked_at(of(a_node(), lame), prove=prove)
        assert len(of_grade(results, Grade.GAP)) == 1


def test_a_proof_makes_up_for_them_of_a_token_too_whose_storage_is_in_no_table() -> None:
    other = parse_asset("eip155:1/erc20:0xdadadadadadadadadadadadadadadadadadadada")
    held: dict[tuple[AssetId, bytes], int | Gap] = {(ETH.id, ALICE): 7, (other, ALICE): 9}
    claim = replace(a_claim(tuple(held)), assets={each.id: each for each in (ETH, replace(USDT, id=other))})
    found, _ = looked_at(of(a_node(held), a_node(dict.fromkeys(held, NO_STATE))), claim)
    assert found.trials.lost == []


def test_a_plan_that_excludes_calls_of_the_past_loses_tokens_alone() -> None:
    plan = Gap(Why.NO_STATE, "Archive requests require a personal token (code -32602)")
    said = dict(TRUTH) | {(USDT.id, ALICE): plan}
    _, results = looked_at(of(a_node(said), a_node(said)))
    gaps = of_grade(results, Grade.GAP)
    assert all("gives no token balance at that block: NO_STATE, Archive requests" in gap.what for gap in gaps)
    assert [gap.matters for gap in gaps] == ["Too few are left: 1 holding would be a gap."] * 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NodeError(Why.NO_STATE, "distance to target block exceeds maximum proof window"), "NO_STATE, distance to"),
        (NodeError(Why.UNSUPPORTED, "the method eth_getProof does not exist"), "UNSUPPORTED, the method"),
    ],
    ids=lambda value: getattr(value, "detail", ""),
)
def test_a_node_that_gives_no_proofs_for_a_block_so_old_is_named_and_no_gap(error: NodeError, told: str) -> None:
    _, results = looked_at(of(a_node(proofs=error), a_node(proofs=error)))
    notes = of_grade(results, Grade.NOTE)
    assert [f"gives no proof at that block: {told}" in note.what for note in notes] == [True, True]
    assert all("the finding says why" in note.matters and "prove: none" in note.todo for note in notes)
    assert of_grade(results, Grade.GAP) == []


def test_missing_proofs_are_gaps_where_the_policy_counts_nothing_else() -> None:
    error = NodeError(Why.NO_STATE, "outside of the window")
    policy = Policy(require={"ETH": Basis.PROVEN})
    _, results = looked_at(of(a_node(proofs=error), a_node(proofs=error)), policy=policy)
    gaps = of_grade(results, Grade.GAP)
    assert len(gaps) == 2
    assert all("proven" in gap.matters and "ETH" in gap.matters and "WEAK_BASIS" in gap.matters for gap in gaps)
    _, results = looked_at(of(a_node(proofs=error), a_node()), policy=policy)
    assert of_grade(results, Grade.GAP) == []
    (note,) = of_grade(results, Grade.NOTE)
    assert note.matters == "Another node gives proofs there."


def test_a_header_that_does_not_hash_to_the_block_is_named() -> None:
    first, second = a_node(), a_node()
    for script in (first, second):
        script.spoil_header = lambda fields: fields | {"stateRoot": "0x" + "11" * 32}
    _, results = looked_at(of(first, second))
    notes = of_grade(results, Grade.NOTE)
    assert len(notes) == 2
    assert all("FORGED, HEADER_MISMATCH: the header does not hash" in note.what for note in notes)
    assert all("sooner" not in note.todo and "prove: none" in note.todo for note in notes)  # age is not the cause


@pytest.mark.parametrize("left_out", [("stateRoot",), ("nonce", "mixHash")])
def test_a_header_with_fields_left_out_is_called_that_and_not_forged(left_out: tuple[str, ...]) -> None:
    script = a_node()
    script.spoil_header = lambda fields: {name: value for name, value in fields.items() if name not in left_out}
    _, results = looked_at(of(script, a_node()))
    (note,) = of_grade(results, Grade.NOTE)
    assert "MALFORMED, INCOMPLETE: the header lacks" in note.what
    assert all(name in note.what for name in left_out)


def test_a_node_whose_own_proof_shows_otherwise_is_named() -> None:
    said = dict(TRUTH) | {(ETH.id, ALICE): 1_000}
    for prove, grade in ((1, Grade.GAP), (None, Grade.NOTE)):  # where all is proven, no quorum is needed
        _, results = looked_at(of(a_node(said), a_node()), prove=prove)
        (found,) = of_grade(results, grade)
        assert "alpha (line 10" in found.what
        assert "DISAGREEMENT, its own proof shows 7, and it says 1000" in found.what


def test_operators_who_do_not_agree_on_the_balance_are_said_so() -> None:
    plain = [ScriptedTwin(EVM, balances=dict(TRUTH) | {(ETH.id, ALICE): atoms}) for atoms in (7, 8)]
    found, results = looked_at(of(*plain))
    assert isinstance(found.trials.agreed[Question.BALANCE], Gap)
    (gap,) = of_grade(results, Grade.GAP)
    assert "on one balance that all were asked for there is no agreement: DISAGREEMENT" in gap.what


class ScriptedTwin(ScriptedChain):
    """The same chain, of a node that knows no proofs."""

    def block(self, height: int) -> object:  # type: ignore[override]
        return STATE.snapshot if height == HEIGHT else super().block(height)


def test_an_operator_s_other_node_stands_in_for_one_without_the_state() -> None:
    lame = without_state(ETH.id, USDT.id)
    found, results = looked_at(of((lame, "alpha"), (a_node(), "alpha"), (a_node(), "beta")))
    assert all(isinstance(agreed, Agreement) for agreed in found.trials.agreed.values())
    (note,) = of_grade(results, Grade.NOTE)
    assert "alpha (line 10" in note.what


def test_a_node_that_cannot_be_opened_counts_as_silent() -> None:
    dead = a_node()
    dead.refuses = NodeError(Why.UNREACHABLE, "cannot connect: connection refused")
    _, results = looked_at(of(a_node(), a_node(), dead))
    (note,) = of_grade(results, Grade.NOTE)
    assert "a node of gamma (line 30 of the nodes' file) cannot be used: UNREACHABLE" in note.what
    assert of_grade(results, Grade.GAP) == []
    _, results = looked_at(of(a_node(), without_state(ETH.id, USDT.id), dead), prove=0)
    silent, _ = of_grade(results, Grade.GAP)  # whose word would have been enough
    assert "gamma" in silent.what
    assert silent.matters == "That is one voice less for its 3 holdings."


def test_nothing_is_proven_where_nothing_is_to_be() -> None:
    nodes = of(a_node(proofs=NodeError(Why.NO_STATE, "no")), a_node())
    found, results = looked_at(nodes, prove=0)
    assert all(Question.PROOF not in trial.answers for trial in found.trials.nodes)
    assert [each.grade for each in results] == [Grade.OK, Grade.OK]


def test_where_only_tokens_are_claimed_the_contract_s_own_account_is_proven() -> None:
    nodes = of(a_node(), a_node())
    found, _ = looked_at(nodes, a_claim([(USDT.id, ALICE)]))
    for trial in found.trials.nodes:
        assert trial.answers == {Question.TOKEN: 9, Question.PROOF: 0}
    assert proofs_asked(nodes) == [(USDT.id.contract,)] * 2


class Slow(ScriptedNode):
    """A node whose every reading takes minutes."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(progress=self)

    async def progress(self) -> int | None:
        return None


def test_a_node_whose_readings_take_minutes_is_not_asked_for_one() -> None:
    nodes = of(ScriptedTwin(EVM, balances=dict(TRUTH)), without_state(USDT.id))
    reads: list[object] = []
    slow, _ = nodes.scripts.values()
    slow.on_read = reads.append

    def connect(settings: NodeSettings) -> ScriptedNode:
        return Slow(settings, slow) if settings.operator == "alpha" else Nodes.connect(nodes, settings)

    nodes.connect = connect  # type: ignore[method-assign]
    found, results = looked_at(nodes)
    assert reads == []
    assert [bool(trial.answers) for trial in found.trials.nodes] == [False, True]
    assert found.trials.agreed == {}
    assert of_grade(results, Grade.GAP) == []
    (note,) = of_grade(results, Grade.NOTE)
    assert "beta (line 20" in note.what
    assert note.matters.startswith("Whether the others suffice is not known")


class Hanging(ScriptedNode):
    """A node that never answers a reading."""

    async def read(self, batch: Batch) -> Reading:
        await asyncio.Event().wait()
        return await super().read(batch)


def test_a_node_that_hangs_is_waited_for_as_long_as_its_settings_say() -> None:
    nodes = of(ScriptedTwin(EVM, balances=dict(TRUTH)), a_node(), a_node())
    nodes.settings[0] = replace(nodes.settings[0], timeout=0.01)
    hanging = next(iter(nodes.scripts.values()))

    def connect(settings: NodeSettings) -> ScriptedNode:
        return Hanging(settings, hanging) if settings.operator == "alpha" else Nodes.connect(nodes, settings)

    nodes.connect = connect  # type: ignore[method-assign]
    _, results = looked_at(nodes)
    (note,) = (each for each in of_grade(results, Grade.NOTE) if "no balance" in each.what)
    assert "alpha (line 10" in note.what
    assert "UNREACHABLE, no answer within 0.01 s; a scan would ask on" in note.what
    assert of_grade(results, Grade.GAP) == []


def test_machines_are_told_what_each_node_answered() -> None:
    claim = a_claim()
    found, results = looked_at(of(a_node(), without_state(ETH.id)), claim)
    (chain,) = as_json(ReadClaim(claim), Policy(), {}, [found], results)["chains"]
    assert chain["nodes"] == [
        {
            "operator": "alpha",
            "line": 10,
            "answers": {"balance": {"atoms": "7"}, "token balance": {"atoms": "9"}, "proof": {"atoms": "7"}},
        },
        {
            "operator": "beta",
            "line": 20,
            "answers": {
                "balance": {"why": "NO_STATE", "detail": NO_STATE.detail},
                "token balance": {"atoms": "9"},
                "proof": {"atoms": "7"},
            },
        },
    ]
