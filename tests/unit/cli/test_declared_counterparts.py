"""`--history` with flows: what moved with accounts that claims of the history declare; and of flows alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.chains.registry import FAMILIES
from scanner.cli.declared_counterparts import as_json
from scanner.history.log import open_history
from scanner.report.flows_declared import render
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.golden_series import SERIES_FOLDER
from tests.support.simulated.toy_family import CHAIN, toy
from tests.support.toy_flows import CARA, DORA, made

Run = Callable[..., tuple[int, str, str]]

NODES = """\
policy: {quorum: 2}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:5", operator: alpha}
"""
LENT = SERIES_FOLDER / "v1" / "lent"


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


def test_what_moved_with_accounts_that_are_declared_is_told_of_each_and_of_all() -> None:
    listed = as_json(made().flows.assets, {(CHAIN, CARA): ("A", "B"), (CHAIN, DORA): ("X",), (CHAIN, b"emil"): ("C",)})
    (asset,) = listed
    assert (asset["unit"], asset["shows"]) == ("TOY", "COMPLETE")
    assert (asset["before"], asset["after"]) == ({"came": "13", "went": "0"}, {"came": "0", "went": "10.45"})
    assert [(each["account"], each["exchanges"], each["roundTrip"]) for each in asset["accounts"]] == [
        ("cara", ["A", "B"], True),
        ("dora", ["X"], False),
    ]
    text = " ".join(render(listed, width=100).split())
    assert "TOY, COMPLETE: 13 came from them before and 10.45 went to them after" in text
    assert "cara A, B 10 9.95 yes" in text
    assert "no part of what was signed" in text


def test_none_is_told_as_none() -> None:
    assert as_json(made().flows.assets, {}) == []
    assert "No counterpart is declared by a claim of this history." in render([])


def test_more_accounts_than_are_shown_are_counted() -> None:
    listed = as_json(made().flows.assets, {(CHAIN, CARA): ("A",)})
    listed[0]["accounts"] *= 25
    assert "5 more; --json has them all" in render(listed)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "claim.yaml").write_bytes((LENT / "claim.yaml").read_bytes())
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    with open_history(str(tmp_path / "h.sqlite"), create=True):
        pass
    return command


def test_the_command_says_it_beside_the_predicate_and_only_where_it_is_asked(run: Run) -> None:
    argv = "flows", "claim.yaml", "--around", "1d", "--nodes", "nodes.yaml"
    code, told, _ = run(*argv, "--out", "one", "--json")
    assert (code, "declared" in json.loads(told)) == (5, False)
    code, told, _ = run(*argv, "--out", "two", "--history", "h.sqlite", "--json")
    assert (code, json.loads(told)["declared"]) == (5, [])
    code, told, _ = run(*argv, "--out", "three", "--history", "h.sqlite")
    assert (code, "No counterpart is declared by a claim of this history." in told) == (5, True)


def test_a_history_that_is_not_there_is_found_out_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    code, _, error = run("flows", "claim.yaml", "--around", "1d", "--out", "out", "--history", "none.sqlite")
    assert (code, len(error.splitlines())) == (2, 1)
    assert not (tmp_path / "out").exists()


def test_what_states_no_flows_has_no_counterparts(run: Run) -> None:
    argv = "verify", str(LENT / "series.dsse.json"), "--claim", "claim.yaml", "--key", "pub.pem"
    code, told, error = run(*argv, "--history", "h.sqlite")
    assert (code, told) == (2, "")
    assert "--history: is looked into for counterparts of flows" in error
