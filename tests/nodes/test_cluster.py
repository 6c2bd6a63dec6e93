"""A scan on more than one machine: a real scheduler, workers as processes, a real node; and what is killed there."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import scanner
from scanner.core.evidence import Gap
from scanner.errors import InputError, Why
from scanner.scanning import cluster as clusters
from tests.nodes.cluster_desk import Desk, _accounts, anvil, desk
from tests.support.places import ROOT
from tests.support.real.cluster_nodes import CUT_OFF, DEADLY, deadly, reached_from_some
from tests.support.real.counted_node import SECRET
from tests.support.real.dask_cluster import DaskCluster, tls_for

__all__ = ["anvil", "desk"]  # its fixtures

distributed = pytest.importorskip("distributed")


@pytest.fixture
def alone(desk: Desk) -> dict[str, Any]:
    """What a run without a cluster writes. It is the same for all tests here, and made once."""
    if not _ALONE:
        done = desk.scan("--out", "alone")
        assert done.returncode == 0, done.stderr
        _ALONE.update(desk.written("alone"))
    return _ALONE


_ALONE: dict[str, Any] = {}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask"), workers=2) as started:
        yield started


@pytest.fixture
def cluster(running: DaskCluster) -> DaskCluster:
    """A cluster of two workers, whatever became of those before."""
    running.keep(2)
    return running


def test_the_finding_and_the_evidence_are_the_bytes_of_a_run_on_one_machine(
    desk: Desk, cluster: DaskCluster, alone: dict[str, Any]
) -> None:
    together = desk.scan("--out", "together", "--cluster", cluster.address)
    assert together.returncode == 0, together.stderr
    assert {"evidence.csv.gz", "witness.bin"} < alone.keys()
    assert desk.written("together") == alone
    assert together.stderr.partition("\n")[0].find('"event": "cluster_joined"') > 0


def test_no_log_of_the_cluster_holds_a_url(desk: Desk, cluster: DaskCluster) -> None:
    asyncio.run(scanner.scan(desk.claim, desk.instrument(), cluster=cluster.address))
    with distributed.Client(cluster.address, set_as_default=False) as client:
        kept = client.run_on_scheduler(_kept_by_the_scheduler)
    assert SECRET not in kept + cluster.log("scheduler") + cluster.log("worker")


def _kept_by_the_scheduler(dask_scheduler: Any) -> str:
    return repr((dask_scheduler.extensions, list(dask_scheduler.get_events().items())))


def test_two_runs_at_once_never_ask_a_node_more_than_its_settings_allow(desk: Desk, cluster: DaskCluster) -> None:
    for door in desk.doors:
        door.latency = 0.02

    async def both() -> list[scanner.Scan]:
        instrument = desk.instrument(max_in_flight=2)
        runs = (scanner.scan(desk.claim, instrument, cluster=cluster.address) for _ in range(2))
        return await asyncio.gather(*runs)

    one, other = asyncio.run(both())
    assert one.finding == other.finding
    assert one.gaps == 0
    assert [door.most_under_way for door in desk.doors] == [2, 2]


def test_a_node_that_asks_to_be_left_alone_is_left_alone_by_all_workers(desk: Desk, cluster: DaskCluster) -> None:
    door = desk.doors[0]
    door.on_request = lambda number: door.refuse_next(1, after=1) if number == 12 else None
    result = asyncio.run(scanner.scan(desk.claim, desk.instrument(max_in_flight=1), cluster=cluster.address))
    assert result.gaps == 0
    (refused,) = door.refused
    assert min(came for came in door.came if came > refused) - refused >= 1


def test_a_client_that_an_embedder_has_already_serves_as_well(desk: Desk, cluster: DaskCluster) -> None:
    with distributed.Client(cluster.address, set_as_default=False) as client:
        result = asyncio.run(scanner.scan(desk.claim, desk.instrument(), cluster=client))
        assert client.status == "running"
    assert result.gaps == 0


def test_a_worker_that_is_killed_changes_nothing_in_the_finding(
    desk: Desk, cluster: DaskCluster, alone: dict[str, Any]
) -> None:
    victim = cluster.workers[-1]
    desk.at_request(14, lambda: _kill(victim))
    done = desk.scan("--out", "out", "--cluster", cluster.address)
    assert done.returncode == 0, done.stderr
    assert victim.returncode == -signal.SIGKILL
    assert '"event": "worker_lost"' in done.stderr
    assert desk.written("out") == alone


def test_a_batch_that_ends_every_worker_is_gaps_and_the_others_are_read(desk: Desk, cluster: DaskCluster) -> None:
    cluster.keep(4)
    instrument = desk.instrument()
    instrument = replace(instrument, nodes=instrument.nodes[:1], policy=replace(instrument.policy, quorum=1))
    result = asyncio.run(scanner.scan(desk.claim, instrument, cluster=cluster.address, connect=deadly))
    gaps = {(row.asset.reference, row.outcome) for row in result.rows if isinstance(row.outcome, Gap)}
    ((token, gap),) = gaps
    assert token == DEADLY
    assert gap.why is Why.UNREACHABLE
    assert "3 workers were lost while they asked for this" in gap.detail
    assert result.gaps == len(_accounts())
    assert sum(worker.poll() is None for worker in cluster.workers) == 1


def test_a_worker_that_does_not_reach_the_node_is_passed_over(desk: Desk, cluster: DaskCluster) -> None:
    with cluster.one_unlike_the_others({CUT_OFF: "1"}):
        work = scanner.scan(desk.claim, desk.instrument(), cluster=cluster.address, connect=reached_from_some)
        assert asyncio.run(work).gaps == 0


def test_a_machine_with_other_code_is_refused_by_name(desk: Desk, cluster: DaskCluster, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scanner", tmp_path / "other" / "scanner", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "scanner" / "core" / "ratio.py").open("a") as source:
        source.write("# as somebody's own build may have it\n")
    refused = pytest.raises(InputError, match=r"^worker tcp://[0-9.:]+: has other code of reserve-scanner [^\n]+$")
    with cluster.one_unlike_the_others({"PYTHONPATH": str(tmp_path / "other")}), refused:
        asyncio.run(scanner.scan(desk.claim, desk.instrument(), cluster=cluster.address))


def test_a_coordinator_that_is_killed_is_gone_on_from_without_the_cluster_too(
    desk: Desk, cluster: DaskCluster, alone: dict[str, Any]
) -> None:
    command = desk.command("--out", "out", "--cluster", cluster.address)
    with subprocess.Popen(command, cwd=desk.folder, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if json.loads(line)["event"] == "progress":
                break
        first.kill()
    second = desk.scan("--out", "out")
    assert second.returncode == 0, second.stderr
    (found,) = [event for event in map(json.loads, second.stderr.splitlines()) if event["event"] == "journal_found"]
    assert found["batches"] >= 1
    assert desk.written("out") == alone


def test_a_lost_scheduler_ends_the_run_with_one_error_and_an_intact_journal(
    desk: Desk, cluster: DaskCluster, alone: dict[str, Any]
) -> None:
    command = desk.command("--out", "out", "--cluster", cluster.address)
    with subprocess.Popen(command, cwd=desk.folder, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if json.loads(line)["event"] == "progress":
                break
        _kill(cluster.scheduler)
        told = [line for line in first.stderr.read().splitlines() if not line.startswith("{")]
    assert first.returncode == 2
    lost = "the connection to the scheduler was lost; with a journal, the same run goes on from there"
    assert told == [f"scanner: cluster {cluster.address}: {lost}"]
    cluster.start_scheduler()
    cluster.keep(2)
    second = desk.scan("--out", "out", "--cluster", cluster.address)
    assert second.returncode == 0, second.stderr
    assert '"event": "journal_found"' in second.stderr
    assert desk.written("out") == alone


def test_a_cluster_that_speaks_tls_alone_is_joined_with_dasks_own_settings(desk: Desk, tmp_path: Path) -> None:
    settings = tls_for(tmp_path)
    with DaskCluster(tmp_path, workers=1, tls=settings) as cluster:
        assert cluster.address.startswith("tls://")
        done = desk.scan("--cluster", cluster.address, "--prove", "none", environment=settings)
        assert done.returncode == 0, done.stderr
        refused = desk.scan("--cluster", cluster.address, "--prove", "none")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"scanner: cluster {cluster.address}: ")
    assert refused.stderr.count("\n") == 1


def test_an_address_without_a_scheduler_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_TO_CONNECT", 1)
    with pytest.raises(InputError, match=r"^cluster tcp://127\.0\.0\.1:1: no scheduler answers there$"):
        asyncio.run(scanner.scan(desk.claim, desk.instrument(), cluster="tcp://127.0.0.1:1"))


def test_what_is_no_address_is_refused_in_one_line(desk: Desk) -> None:
    done = desk.scan("--cluster", "gopher://somewhere")
    assert done.returncode == 2
    assert done.stderr.startswith("scanner: cluster: is no address of a scheduler that can be used; expected one such")
    assert done.stderr.count("\n") == 1


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
