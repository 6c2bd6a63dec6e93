"""Workers of a real cluster that lie, are silent, or send what they should not: never more than gaps, and words of it.

Each is a worker as `dask worker` starts it, with `tests/support/real/hostile_worker.py` in it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.core.evidence import Balance, Basis, Gap
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.report.workers import single_voices
from scanner.scanning import cluster as clusters
from scanner.scanning import remote_questions
from scanner.scanning.events import Event, WorkerDistrusted
from scanner.weighing.policy import Policy
from tests.nodes.cluster_desk import Desk, anvil, desk
from tests.support.real import hostile_worker
from tests.support.real.dask_cluster import DaskCluster
from tests.support.real.hostile_worker import ESCAPES, FACTOR, MARK, PLAN, PLANS

__all__ = ["anvil", "desk"]  # its fixtures

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask"), workers=0) as started:
        yield started


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "MARK"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_TO_ANSWER", 8)  # what an honest worker needs on a machine with much to do, too
    monkeypatch.setattr(clusters, "_TO_BE_MISSED", 1)
    monkeypatch.setattr(remote_questions, "_SHORT", -180)  # beyond three times a node's 60 seconds: nothing
    monkeypatch.setattr(remote_questions, "_A_BATCH", -600)


def workers(cluster: DaskCluster, plans: list[str | None], mark: Path) -> None:
    """One worker of each plan, None for an honest one, and no others."""
    cluster.keep(0)
    for plan in plans:
        if plan is None:
            cluster.add_worker()
        else:
            cluster.add_worker({PLAN: plan, MARK: str(mark)}, preload=Path(hostile_worker.__file__))
    cluster.wait_for(len(plans))


def run(desk: Desk, cluster: DaskCluster, **changed: object) -> tuple[scanner.Scan, list[Event]]:
    told: list[Event] = []
    instrument = replace(desk.instrument(), **changed)  # type: ignore[arg-type]
    return asyncio.run(scanner.scan(desk.claim, instrument, cluster=cluster.address, observe=told.append)), told


@pytest.mark.parametrize("plan", PLANS)
def test_a_worker_that_answers_like_that_is_passed_over_and_nothing_of_it_runs(
    desk: Desk, running: DaskCluster, mark: Path, plan: str
) -> None:
    workers(running, [plan, None], mark)
    result, told = run(desk, running)
    assert not mark.exists()
    assert result.gaps == 0 or plan == "escapes"  # who says in due form that a node failed has said so
    distrusted = [event for event in told if isinstance(event, WorkerDistrusted)]
    # One that breaks the scheduler's own call is lost first, and distrusted once it is found to be there all the same.
    expected = {"escapes": {0}, "bomb_uncaught": {0, 1}, "no_form": {0, 1}}
    assert len(distrusted) in expected.get(plan, {1})


@pytest.mark.parametrize("plan", PLANS)
def test_where_there_is_no_other_worker_all_are_gaps_that_say_why(
    desk: Desk, running: DaskCluster, mark: Path, plan: str
) -> None:
    workers(running, [plan], mark)
    result, told = run(desk, running)
    assert not mark.exists()
    assert {type(row.outcome) for row in result.rows} == {Gap}
    shown = repr([row.outcome for row in result.rows]) + repr(told)
    for character in ESCAPES:
        assert character.isprintable() or character not in shown


def test_a_worker_that_forges_alone_is_believed_without_proofs_and_the_report_says_on_whose_word(
    desk: Desk, running: DaskCluster, mark: Path
) -> None:
    true = {(row.asset, row.account): row.outcome for row in honest_rows(desk)}
    workers(running, ["forge"], mark)
    result, _ = run(desk, running)
    for row in result.rows:
        honest = true[row.asset, row.account]
        assert isinstance(row.outcome, Balance)
        assert isinstance(honest, Balance)
        assert row.outcome.atoms == FACTOR * honest.atoms
    predicate = _predicate(result)
    (text,) = single_voices(predicate["finding"], predicate["run"])
    assert "one worker of the cluster brought the answers of alpha, beta" in text


def test_a_worker_that_forges_makes_nothing_proven_that_is_not_so(desk: Desk, running: DaskCluster, mark: Path) -> None:
    workers(running, ["forge"], mark)
    result, _ = run(desk, running, prove=None)
    true = {(row.asset, row.account): row.outcome for row in honest_rows(desk)}
    for row in result.rows:
        if isinstance(row.outcome, Balance) and row.outcome.basis is Basis.PROVEN:
            honest = true[row.asset, row.account]
            assert isinstance(honest, Balance)
            assert row.outcome.atoms == honest.atoms


def test_a_worker_whose_gaps_speak_for_others_is_passed_over(desk: Desk, running: DaskCluster, mark: Path) -> None:
    workers(running, ["gaps of others", None], mark)
    result, told = run(desk, running)
    assert result.gaps == 0
    assert len([event for event in told if isinstance(event, WorkerDistrusted)]) == 1


@pytest.mark.parametrize("plan", ["no proofs", "no header"])
def test_a_worker_that_forges_headers_and_proofs_leaves_the_quorum_and_the_reason_is_told(
    desk: Desk, running: DaskCluster, mark: Path, plan: str
) -> None:
    workers(running, [plan], mark)
    result, _ = run(desk, running, prove=None)
    assert {row.outcome.basis for row in result.rows if isinstance(row.outcome, Balance)} == {Basis.QUORUM}
    assert result.gaps == 0
    assert result.finding.proving.unproven
    assert not result.witness


def test_one_of_two_workers_cannot_speak_for_both_operators(desk: Desk, running: DaskCluster, mark: Path) -> None:
    workers(running, ["forge", None], mark)
    result, _ = run(desk, running, policy=Policy(quorum=2))
    gaps = [row.outcome for row in result.rows if isinstance(row.outcome, Gap)]
    assert len(gaps) == len(result.rows)
    assert {gap.why for gap in gaps} == {Why.DISAGREEMENT}
    predicate = _predicate(result)
    assert sorted(list(worker.values()) for worker in predicate["run"]["workers"]) == [[["alpha"]], [["beta"]]]
    assert list(single_voices(predicate["finding"], predicate["run"])) == []


def honest_rows(desk: Desk) -> Collection[EvidenceRow]:
    return asyncio.run(scanner.scan(desk.claim, desk.instrument())).rows


def _predicate(result: scanner.Scan) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(scanner.attest(result).statement)
    predicate: dict[str, Any] = statement["predicate"]
    return predicate
