"""What a cluster is made of, as far as it needs none: who speaks with which node, keys, and what is never shown."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from scanner.chains.backends import open_node
from scanner.chains.interface import Capabilities, Node, ObservedLimits, ProofQuestion
from scanner.chains.names import parse_asset, parse_chain
from scanner.chains.registry import BACKENDS
from scanner.core.columns import Accounts
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Reading, Snapshot
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError, NodeError, Why
from scanner.scanning.answers import Answer, NodeLimits, WorkerFault
from scanner.scanning.cluster import on_cluster
from scanner.scanning.events import ignore
from scanner.scanning.remote import RemoteNode
from scanner.scanning.remote_questions import Awaited

pytest.importorskip("distributed")

from scanner.scanning.worker import NodeCall, code, placed

ETH = parse_asset("eip155:1/slip44:60")
SNAPSHOT = Snapshot(ETH.chain, 7, "0x" + "ab" * 32, "0x" + "aa" * 32, datetime(2026, 1, 1, tzinfo=UTC))
SETTINGS = NodeSettings("evm", "https://node.example/v3/the-key", "alpha", ETH.chain, user="me", password="the-word")
BATCH = Batch(SNAPSHOT, ETH, Accounts([bytes([number]) * 20 for number in range(3)]))


def scheduler(workers: dict[str, str]) -> Any:
    """What `placed` sees of one: workers by address, and whether they run or are paused."""
    states = {address: SimpleNamespace(status=SimpleNamespace(name=status)) for address, status in workers.items()}
    return SimpleNamespace(workers=states, extensions={})


def placed_of_one(run: str, nodes: list[str], barred: list[str], at: Any, now: float = 0.0) -> list[str | None]:
    """Nodes of one operator, placed."""
    return placed(run, [(node, "eip155:1 alpha") for node in nodes], barred, at, now)


def test_nodes_are_spread_over_the_workers_and_each_has_one_worker_whoever_asks() -> None:
    one = scheduler({"a": "running", "b": "running"})
    first = placed_of_one("run", ["n1", "n2", "n3", "n4"], [], one)
    assert sorted(map(str, first)) == ["a", "a", "b", "b"]
    assert placed_of_one("other", ["n4", "n3", "n2", "n1"], [], one) == first[::-1]


def test_one_worker_speaks_for_as_few_operators_of_a_chain_as_can_be() -> None:
    seats = [f"{chain} {operator}" for chain in ("eip155:1", "eip155:10") for operator in ("alpha", "beta", "gamma")]
    one = scheduler(dict.fromkeys("abc", "running"))
    found = placed("run", [(f"node of {seat}", seat) for seat in seats], [], one, 0.0)
    assert sorted(map(str, found[:3])) == sorted(map(str, found[3:])) == ["a", "b", "c"]
    # Two nodes of one operator may share a worker; two operators only where there are fewer workers than operators.
    two = scheduler({"a": "running", "b": "running"})
    asked = [("n1", "eip155:1 alpha"), ("n2", "eip155:1 alpha"), ("n3", "eip155:1 beta"), ("n4", "eip155:10 beta")]
    first, second, third, _ = placed("run", asked[:1] + asked[2:3] + asked[1:2] + asked[3:], [], two, 0.0)
    assert (first, second, third) == ("a", "b", "a")


def test_a_node_whose_worker_is_gone_gets_another_and_keeps_it() -> None:
    one = scheduler({"a": "running", "b": "running"})
    (gone,) = placed_of_one("run", ["n"], [], one)
    del one.workers[gone]
    (left,) = one.workers
    assert placed_of_one("run", ["n"], [], one) == [left]
    one.workers[gone] = one.workers[left]
    assert placed_of_one("run", ["n"], [], one) == [left]


def test_a_barred_or_paused_worker_gets_no_node_and_without_another_there_is_none() -> None:
    one = scheduler({"a": "running", "b": "running", "c": "paused"})
    assert placed_of_one("run", ["n"], ["a"], one) == ["b"]
    assert placed_of_one("run", ["n"], ["a", "b"], one) == [None]
    assert placed_of_one("run", ["m"], [], scheduler({})) == [None]


def test_what_a_coordinator_that_is_gone_asked_for_weighs_no_longer() -> None:
    one = scheduler({"a": "running", "b": "running"})
    assert placed_of_one("gone", ["n1", "n2", "n3"], [], one) == ["a", "b", "a"]
    assert placed_of_one("run", ["n4"], [], one, now=1.0) == ["b"]
    assert placed_of_one("run", ["n5", "n6"], [], one, now=1000.0) == ["a", "b"]


class Heard:
    """A cluster in memory, whose workers answer, are lost (None), or at fault, as told; it remembers what they were
    asked."""

    def __init__(self, *answers: Answer | WorkerFault | None) -> None:
        import asyncio

        self.answers = list(answers)
        self.asked: list[tuple[str, Awaited]] = []
        self.suspects = asyncio.Lock()
        self.workers = ["w1", "w2", "w3", "w4"]

    async def worker_for(self, _node: str, _settings: NodeSettings, barred: set[str]) -> str | None:
        return next((worker for worker in self.workers if worker not in barred), None)

    async def answer(self, worker: str, asked: Awaited, _connect: Any) -> Answer | None:
        self.asked.append((worker, asked))
        answer = self.answers.pop(0)
        if answer is None:
            self.workers.remove(worker)
        if isinstance(answer, WorkerFault):
            raise answer
        return answer


def remote(heard: Heard, settings: NodeSettings = SETTINGS) -> Any:
    return RemoteNode(settings, open_node, heard)  # type: ignore[arg-type]


async def reading(heard: Heard) -> Reading:
    read: Reading = await remote(heard).read(BATCH)
    return read


def run(work: Any) -> Any:
    import asyncio

    return asyncio.run(work)


def test_no_question_shows_a_url_a_user_or_a_password() -> None:
    heard = Heard(Answer(Reading.of([1, 2, 3])))
    run(reading(heard))
    question = NodeCall("q1", "run", "code", SETTINGS, open_node, "read", (BATCH,))
    shown = repr(heard.asked) + repr(question)
    assert "alpha" in shown
    for secret in ("node.example", "the-key", "the-word", "me'"):
        assert secret not in shown


def test_what_a_lost_worker_was_asked_the_next_one_is_asked_under_another_name() -> None:
    heard = Heard(None, None, Answer(Reading.of([1, 2, 3])))
    assert list(run(reading(heard)).amounts()) == [1, 2, 3]
    assert [worker for worker, _ in heard.asked] == ["w1", "w2", "w3"]
    assert len({asked.name for _, asked in heard.asked}) == 3


def test_after_three_lost_workers_the_batch_is_gaps() -> None:
    read = run(reading(Heard(None, None, None)))
    assert {gap.why for gap in read.gaps.values()} == {Why.UNREACHABLE}
    assert len(read.gaps) == 3
    assert "3 workers were lost" in read.gaps[0].detail


def test_a_worker_at_fault_is_passed_over_and_after_three_the_batch_is_gaps_that_say_so() -> None:
    garbage, silent = WorkerFault(Why.MALFORMED, "is none"), WorkerFault(Why.UNREACHABLE, "said nothing")
    heard = Heard(garbage, silent, Answer(Reading.of([1, 2, 3])))
    assert list(run(reading(heard)).amounts()) == [1, 2, 3]
    assert [worker for worker, _ in heard.asked] == ["w1", "w2", "w3"]
    read = run(reading(Heard(silent, silent, garbage)))
    assert [read[at] for at in range(3)] == [Gap(Why.MALFORMED, "is none")] * 3


def test_a_worker_that_cannot_open_the_node_is_passed_over_and_the_nodes_own_faults_are_not() -> None:
    unreachable = Answer(error=(Why.UNREACHABLE, "refused"), opened=False)
    heard = Heard(unreachable, Answer(Reading.of([1, 2, 3])))
    assert not run(reading(heard)).gaps
    assert [worker for worker, _ in heard.asked] == ["w1", "w2"]
    heard = Heard(Answer(error=(Why.WRONG_CHAIN, "it serves 5"), opened=False))
    assert {gap.why for gap in run(reading(heard)).gaps.values()} == {Why.WRONG_CHAIN}


def test_a_remote_node_can_do_what_the_node_itself_can_do_and_nothing_else() -> None:
    for kind in BACKENDS:
        namespace = {"beacon": "beacon:1", "evm": "eip155:1"}.get(kind, "bip122:000000000019d6689c085ae165831e93")
        settings = replace(SETTINGS, kind=kind, chain=parse_chain(namespace), url="http://127.0.0.1:1")
        local, there = open_node(settings), remote(Heard(), settings)
        for each in fields(Capabilities):
            can, could = (getattr(node.capabilities, each.name) for node in (there, local))
            if each.name in ("ancestors", "finality", "past", "transfers"):  # anchors and flows: on one machine alone
                could = None
            assert (can is None) == (could is None), (kind, each.name)


def test_a_remote_nodes_capabilities_ask_its_worker() -> None:
    records, owners = [b"a", b"b"], ContractOwners((b"a" * 20,), 1)
    heard = Heard(*map(Answer, (b"header", records, owners)))
    node = remote(heard)
    question = ProofQuestion(ETH, (b"a" * 20,), "a hint", (b"a part", b"another"))
    assert run(node.capabilities.proofs.header(SNAPSHOT)) == b"header"
    assert run(node.capabilities.proofs.proof_records(SNAPSHOT, [question])) == records
    assert run(node.capabilities.owners.contract_owners(SNAPSHOT, b"c" * 20)) == owners
    assert [(each.method, each.arguments) for _, each in heard.asked] == [
        ("header", (SNAPSHOT,)),
        ("proof_records", (SNAPSHOT, [question])),
        ("contract_owners", (SNAPSHOT, b"c" * 20)),
    ]


def test_what_a_remote_node_was_found_to_take_is_what_its_last_answer_said() -> None:
    learnt = ObservedLimits(2, None, (("batch", 7),))
    heard = Heard(Answer(5, limits=NodeLimits(("batch",), learnt)), Answer(error=(Why.REFUSED, "no")))
    node = remote(heard)
    assert run(node.final_height()) == 5
    for _ in range(2):
        assert (node.capabilities.limits.ways, node.capabilities.limits.learnt) == (("batch",), learnt)
        with contextlib.suppress(NodeError, IndexError):
            run(node.final_height())


def test_where_a_validator_pays_out_to_is_a_gap_where_no_worker_answers() -> None:
    settings = replace(SETTINGS, kind="beacon", chain=parse_chain("beacon:1"))
    batch = replace(BATCH, accounts=[b"v" * 48, b"w" * 48])
    found = run(remote(Heard(None, None, None), settings).capabilities.withdrawals.withdrawal_addresses(batch))
    assert [each.why for each in found] == [Why.UNREACHABLE] * 2


def test_the_code_of_two_machines_is_compared_and_not_only_its_version() -> None:
    assert len(code()) == 32
    assert code() == code.__wrapped__()


def test_what_workers_could_not_import_is_refused_as_connect() -> None:
    async def scan(connect: Any) -> None:
        async with on_cluster("tcp://127.0.0.1:1", connect, ignore):
            pass

    def of_this_call(settings: NodeSettings) -> Node:
        return open_node(settings)

    for connect in (of_this_call, partial(open_node)):
        with pytest.raises(InputError, match="import by its name"):
            run(scan(connect))


def test_without_dask_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    async def scan() -> None:
        async with on_cluster("tcp://127.0.0.1:1", open_node, ignore):
            pass

    with pytest.raises(InputError, match=r"pip install 'reserve-scanner\[dask\]'"):
        run(scan())


def test_a_run_on_one_machine_imports_no_dask() -> None:
    source = "import sys, scanner; scanner.scan; sys.exit(any(name in sys.modules for name in ('dask', 'distributed')))"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
