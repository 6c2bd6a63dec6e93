"""What a cluster is made of, as far as it needs none: who speaks with which node, keys, and what is never shown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from scanner.chains import BACKENDS, interface, open_node
from scanner.chains.interface import Node, OwnersNode, ProvingNode, StakingNode, TellingNode
from scanner.core.columns import Accounts
from scanner.core.evidence import Batch, Reading, Snapshot
from scanner.core.ids import AssetId, Chain
from scanner.core.instrument import NodeSettings
from scanner.errors import InputError, Why
from scanner.scanning.cluster import on_cluster
from scanner.scanning.events import ignore
from scanner.scanning.remote import RemoteNode

pytest.importorskip("distributed")

from scanner.scanning.worker import Answer, Question, code, place

ETH = AssetId.parse("eip155:1/slip44:60")
SNAPSHOT = Snapshot(ETH.chain, 7, "0x" + "ab" * 32, "0x" + "aa" * 32, datetime(2026, 1, 1, tzinfo=UTC))
SETTINGS = NodeSettings("evm", "https://node.example/v3/the-key", "alpha", ETH.chain, user="me", password="the-word")
BATCH = Batch(SNAPSHOT, ETH, Accounts([bytes([number]) * 20 for number in range(3)]))


def scheduler(workers: dict[str, str], clients: set[str]) -> Any:
    """What `place` sees of one: workers by address, and whether they run or are paused."""
    states = {address: SimpleNamespace(status=SimpleNamespace(name=status)) for address, status in workers.items()}
    return SimpleNamespace(workers=states, clients=dict.fromkeys(clients), extensions={})


def test_nodes_are_spread_over_the_workers_and_each_has_one_worker_whoever_asks() -> None:
    one = scheduler({"a": "running", "b": "running"}, {"run", "other"})
    first = place("run", ["n1", "n2", "n3", "n4"], [], one)
    assert sorted(map(str, first)) == ["a", "a", "b", "b"]
    assert place("other", ["n4", "n3", "n2", "n1"], [], one) == first[::-1]


def test_a_node_whose_worker_is_gone_gets_another_and_keeps_it() -> None:
    one = scheduler({"a": "running", "b": "running"}, {"run"})
    (gone,) = place("run", ["n"], [], one)
    del one.workers[gone]
    (left,) = one.workers
    assert place("run", ["n"], [], one) == [left]
    one.workers[gone] = one.workers[left]
    assert place("run", ["n"], [], one) == [left]


def test_a_barred_or_paused_worker_gets_no_node_and_without_another_there_is_none() -> None:
    one = scheduler({"a": "running", "b": "running", "c": "paused"}, {"run"})
    assert place("run", ["n"], ["a"], one) == ["b"]
    assert place("run", ["n"], ["a", "b"], one) == [None]
    assert place("run", ["m"], [], scheduler({}, {"run"})) == [None]


def test_what_a_coordinator_that_is_gone_asked_for_weighs_no_longer() -> None:
    one = scheduler({"a": "running", "b": "running"}, {"run", "gone"})
    assert place("gone", ["n1", "n2", "n3"], [], one) == ["a", "b", "a"]
    del one.clients["gone"]
    assert place("run", ["n4", "n5"], [], one) == ["a", "b"]


class Heard:
    """A cluster in memory, whose workers answer, or are lost (None), as told; it remembers what they were asked."""

    def __init__(self, *answers: Answer | None) -> None:
        import asyncio

        self.answers = list(answers)
        self.asked: list[tuple[str, Question, str]] = []
        self.suspects = asyncio.Lock()
        self.workers = ["w1", "w2", "w3", "w4"]

    async def worker_for(self, node: str, barred: set[str]) -> str | None:  # noqa: ARG002 - one node is all there is
        return next((worker for worker in self.workers if worker not in barred), None)

    def question(self, *parts: Any) -> Question:
        return Question("run", "code", *parts)

    async def answer(self, worker: str, question: Question, key: str) -> Answer | None:
        self.asked.append((worker, question, key))
        answer = self.answers.pop(0)
        if answer is None:
            self.workers.remove(worker)
        return answer


def remote(heard: Heard, settings: NodeSettings = SETTINGS) -> Any:
    return RemoteNode(settings, open_node, heard)  # type: ignore[arg-type]


async def reading(heard: Heard) -> Reading:
    read: Reading = await remote(heard).read(BATCH)
    return read


def run(work: Any) -> Any:
    import asyncio

    return asyncio.run(work)


def test_a_batchs_key_follows_from_the_node_the_block_the_asset_and_the_accounts() -> None:
    def key(batch: Batch, settings: NodeSettings = SETTINGS) -> str:
        heard = Heard(Answer(Reading.of([1, 2, 3])))
        run(remote(heard, settings).read(batch))
        return heard.asked[0][2]

    token = AssetId.parse("eip155:1/erc20:0x" + "c0" * 20)
    others = [
        key(replace(BATCH, accounts=BATCH.accounts[:2])),
        key(replace(BATCH, asset=token)),
        key(replace(BATCH, snapshot=replace(SNAPSHOT, hash="0x" + "cd" * 32))),
        key(BATCH, replace(SETTINGS, operator="beta")),
        key(BATCH, replace(SETTINGS, url="https://node.example/v3/other")),
        key(BATCH, replace(SETTINGS, password="other")),
    ]
    assert key(BATCH) == key(replace(BATCH, accounts=tuple(BATCH.accounts)))
    assert len({key(BATCH), *others}) == 1 + len(others)


def test_neither_a_question_nor_its_key_shows_a_url_a_user_or_a_password() -> None:
    heard = Heard(Answer(Reading.of([1, 2, 3])))
    run(reading(heard))
    shown = repr(heard.asked)
    assert "alpha" in shown
    for secret in ("node.example", "the-key", "the-word", "me'"):
        assert secret not in shown


def test_what_a_lost_worker_was_asked_the_next_one_is_asked_under_another_key() -> None:
    heard = Heard(None, None, Answer(Reading.of([1, 2, 3])))
    assert list(run(reading(heard)).amounts()) == [1, 2, 3]
    assert [worker for worker, _, _ in heard.asked] == ["w1", "w2", "w3"]
    assert len({key for _, _, key in heard.asked}) == 3


def test_after_three_lost_workers_the_batch_is_gaps() -> None:
    read = run(reading(Heard(None, None, None)))
    assert {gap.why for gap in read.gaps.values()} == {Why.UNREACHABLE}
    assert len(read.gaps) == 3
    assert "3 workers were lost" in read.gaps[0].detail


def test_a_worker_that_cannot_open_the_node_is_passed_over_and_the_nodes_own_faults_are_not() -> None:
    unreachable = Answer(error=(Why.UNREACHABLE, "refused"), opened=False)
    heard = Heard(unreachable, Answer(Reading.of([1, 2, 3])))
    assert not run(reading(heard)).gaps
    assert [worker for worker, _, _ in heard.asked] == ["w1", "w2"]
    heard = Heard(Answer(error=(Why.WRONG_CHAIN, "it serves 5"), opened=False))
    assert {gap.why for gap in run(reading(heard)).gaps.values()} == {Why.WRONG_CHAIN}


def test_a_remote_node_can_do_what_the_node_itself_can_do_and_nothing_else() -> None:
    optional = [TellingNode, ProvingNode, OwnersNode, StakingNode]
    known = {each for each in vars(interface).values() if isinstance(each, type) and Node in each.__mro__[1:]}
    assert set(optional) <= known
    for kind in BACKENDS:
        namespace = {"beacon": "beacon:1", "evm": "eip155:1"}.get(kind, "bip122:000000000019d6689c085ae165831e93")
        settings = replace(SETTINGS, kind=kind, chain=Chain.parse(namespace), url="http://127.0.0.1:1")
        local, there = open_node(settings), remote(Heard(), settings)
        assert [isinstance(there, each) for each in known] == [isinstance(local, each) for each in known], kind


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
