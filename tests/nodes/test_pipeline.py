"""A scan as a step of a pipeline, on a real node: what becomes of each exit code, by itself and in Dagster."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from demo import files
from localnet.anvil import Anvil
from tests.support.places import ROOT

EXAMPLES = ROOT / "examples"
ACCOUNTS = {"0x" + "a1" * 20: 7 * 10**18 + 1, "0x" + "a2" * 20: 10**24}


@pytest.fixture(scope="module")
def anvil_at(node_programs: None) -> Iterator[tuple[Anvil, int]]:
    """A node, and the height at which ACCOUNTS hold what they hold."""
    with Anvil.start() as node:
        node.set_balances(ACCOUNTS)
        yield node, node.seal().height


@pytest.fixture
def folder(anvil_at: tuple[Anvil, int], tmp_path: Path) -> Path:
    """What a scan needs. What is owed is held exactly."""
    node, height = anvil_at
    (tmp_path / "claim.yaml").write_text(
        f"""\
version: 1
exchange: Example Exchange
as_of: {node.block(height).moment}
snapshots: {{"eip155:1": {height}}}
assets: {{ETH: {{id: "eip155:1/slip44:60", backs: ETH, decimals: 18}}}}
liabilities: {{ETH: "1000007.000000000000000001"}}
holdings: [{{asset: ETH, accounts: {json.dumps(list(ACCOUNTS))}}}]
"""
    )
    (tmp_path / "nodes.yaml").write_text(
        f'nodes: [{{url: "evm+{node.url}", chain: "eip155:1", operator: self, own: true}}]\n'
    )
    files.write_keys(tmp_path / "auditor.pem", tmp_path / "auditor.pub")
    return tmp_path


def owing(folder: Path, amount: str) -> None:
    path = folder / "claim.yaml"
    path.write_text(path.read_text().replace('"1000007.000000000000000001"', amount))


def loaded(name: str) -> ModuleType:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# --- the step by itself


def step(folder: Path) -> Any:
    return loaded("pipeline").run_scan(*(folder / name for name in ("claim.yaml", "nodes.yaml", "out", "auditor.pem")))


def test_a_scan_that_finds_everything_is_a_step_with_its_figures(folder: Path) -> None:
    scanned = step(folder)
    assert not scanned.short
    assert [(each["unit"], each["held"]) for each in scanned.reserves] == [("ETH", "1000007.000000000000000001")]
    assert (folder / "out" / "attestation.dsse.json").exists()


def test_short_is_a_finding_and_no_failure_of_the_step(folder: Path) -> None:
    owing(folder, '"1000007.000000000000000002"')
    assert step(folder).short


def test_what_a_claim_leaves_open_is_for_no_retry(folder: Path) -> None:
    owing(folder, "null")
    scanned = step(folder)
    assert (scanned.short, scanned.undecided) == (False, True)


def test_incomplete_evidence_is_for_a_retry_and_a_mistake_is_not(folder: Path) -> None:
    nodes = (folder / "nodes.yaml").read_text()
    (folder / "nodes.yaml").write_text(re.sub(r"http://[0-9.]+:[0-9]+", "http://127.0.0.1:9", nodes))
    with pytest.raises(Exception, match=r"gaps: \{'UNREACHABLE'") as caught:
        step(folder)
    assert type(caught.value).__name__ == "Unfinished"
    assert (folder / "out" / "attestation.dsse.json").exists()
    (folder / "claim.yaml").write_text("version: 1\n")
    with pytest.raises(Exception, match=r"exit code 2: .*exchange, as_of") as caught:
        step(folder)
    assert type(caught.value).__name__ == "Mistaken"


# --- in Dagster


def materialized(folder: Path) -> Any:
    """One run of the example's asset in a Dagster of its own, nothing of which is kept."""
    dagster = pytest.importorskip("dagster", reason="Dagster is not installed (pip install dagster)")
    job = loaded("dagster_job")
    places = {
        name: str(folder / file)
        for name, file in {"claim": "claim.yaml", "nodes": "nodes.yaml", "key": "auditor.pem", "out": "out"}.items()
    }
    return dagster.materialize(
        [job.attestation], run_config={"ops": {"attestation": {"config": places}}}, raise_on_error=False
    )


def checks(result: Any) -> dict[str, bool]:
    return {each.check_name: each.passed for each in result.get_asset_check_evaluations()}


@pytest.mark.filterwarnings("ignore")
def test_dagster_materializes_the_attestation_with_its_figures_and_checks(folder: Path) -> None:
    result = materialized(folder)
    assert result.success
    assert checks(result) == {"covered": True, "complete": True}
    (materialization,) = result.asset_materializations_for_node("attestation")
    assert materialization.metadata["ETH"].text == "held 1000007.000000000000000001, ratio 1.000000"


@pytest.mark.filterwarnings("ignore")
def test_dagster_s_check_fails_where_a_unit_is_short(folder: Path) -> None:
    owing(folder, '"1000007.000000000000000002"')
    result = materialized(folder)
    assert result.success
    assert checks(result) == {"covered": False, "complete": True}


@pytest.mark.filterwarnings("ignore")
def test_dagster_fails_the_run_for_good_where_a_person_must_look(folder: Path) -> None:
    (folder / "claim.yaml").write_text("version: 1\n")
    result = materialized(folder)
    assert not result.success
    assert not any(event.event_type_value == "STEP_UP_FOR_RETRY" for event in result.all_events)


@pytest.mark.filterwarnings("ignore")
def test_dagster_tries_again_where_evidence_is_incomplete(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dagster = pytest.importorskip("dagster", reason="Dagster is not installed (pip install dagster)")
    owing(folder, "null")
    asked: list[tuple[int, float]] = []

    def at_once(max_retries: int, seconds_to_wait: float) -> Any:
        asked.append((max_retries, seconds_to_wait))
        return true(max_retries=1, seconds_to_wait=0)

    true = dagster.RetryRequested
    monkeypatch.setattr(dagster, "RetryRequested", at_once)
    result = materialized(folder)
    assert not result.success
    assert asked == [(3, 600)] * 2
    assert any(event.event_type_value == "STEP_UP_FOR_RETRY" for event in result.all_events)
