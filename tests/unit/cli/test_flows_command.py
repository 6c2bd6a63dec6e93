"""`scanner flows`, where no node answers: what is written, kept, refused and reported; and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.chains.registry import FAMILIES
from scanner.cli.flows import exit_code
from scanner.report.flows_table import concentrated, render, sentence
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.golden_series import SERIES_FOLDER
from tests.support.simulated.toy_family import toy
from tests.support.tables import each_of
from tests.support.toy_flows import Lists, made

Run = Callable[..., tuple[int, str, str]]

CLAIM = SERIES_FOLDER / "v1" / "lent" / "claim.yaml"
NODES = """\
policy: {quorum: 2}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:5", operator: alpha}
"""


@pytest.fixture(scope="module", autouse=True)
def _toys() -> Iterator[None]:
    FAMILIES["toy"] = toy()
    yield
    del FAMILIES["toy"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "claim.yaml").write_bytes(CLAIM.read_bytes())
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    return command


def test_where_no_node_answers_nothing_is_listed_and_all_of_it_is_written(run: Run, tmp_path: Path) -> None:
    code, told, error = run("flows", "claim.yaml", "--around", "1d", "--out", "out")
    assert (code, error) == (5, "")
    assert "NOT LISTED: UNSUPPORTED, no node of this chain is configured" in told
    (asset,) = json.loads((tmp_path / "out" / "flows.json").read_text())["predicate"]["flows"]["assets"]
    assert (asset["shows"], asset["lacking"]) == ("NOT_LISTED", ["TRANSFERS", "BALANCES"])
    assert (asset["before"]["listed"], asset["before"]["change"], asset["before"]["unread"]) == (None, None, 2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.name != "flows.journal") == [
        "flows.json",
        "points",
        "transfers.csv.gz",
    ]
    code, shown, _ = run("show", "out/flows.json")
    assert code == 0
    assert told in shown


def test_what_was_there_before_is_kept_with_all_its_files(run: Run, tmp_path: Path) -> None:
    run("flows", "claim.yaml", "--around", "1d", "--out", "out")
    before = {name: (tmp_path / "out" / name).read_bytes() for name in ("flows.json", "transfers.csv.gz")}
    points = {path.name for path in (tmp_path / "out" / "points").iterdir()}
    code, _, error = run("flows", "claim.yaml", "--around", "2h", "--out", "out")
    assert code == 5
    assert "what was there before is kept in" in error
    (kept,) = (tmp_path / "out" / "earlier").iterdir()
    assert {name: (kept / name).read_bytes() for name in before} == before
    assert {path.name for path in (kept / "points").iterdir()} == points
    assert (tmp_path / "out" / "transfers.csv.gz").exists()


@each_of(("around", "why"), [("31d", "expected whole minutes, up to 30 days"), ("999999d", "whole minutes")])
def test_a_window_that_is_none_is_one_line_and_nothing_is_written(run: Run, around: str, why: str) -> None:
    code, _, error = run("flows", "claim.yaml", "--around", around, "--out", "out")
    assert (code, len(error.splitlines())) == (2, 1)
    assert why in error
    assert not Path("out").exists()


def test_no_output_is_one_of_the_inputs(run: Run, tmp_path: Path) -> None:
    code, _, error = run("flows", "claim.yaml", "--around", "1d", "--nodes", "transfers.csv.gz", "--out", ".")
    assert code == 2
    assert "is the same file as" in error
    assert (tmp_path / "claim.yaml").read_bytes() == CLAIM.read_bytes()


def test_no_history_keeps_flows_and_options_of_one_moment_are_refused(run: Run) -> None:
    run("flows", "claim.yaml", "--around", "1d", "--out", "out")
    argv = "--claim", "claim.yaml", "--key", "pub.pem"
    code, _, error = run("log", "add", "out/flows.json", *argv, "--history", "history.db")
    assert code == 2
    assert "states flows, which no history keeps" in error
    code, _, error = run("verify", "out/flows.json", *argv, "--witness", "witness.bin")
    assert code == 2
    assert "--witness: is of an attestation of one moment" in error


def test_a_file_of_transfers_that_is_missing_is_one_line(run: Run, tmp_path: Path) -> None:
    found = made()
    (tmp_path / "flows.dsse.json").write_bytes(found.document)
    code, _, error = run("verify", "flows.dsse.json", "--claim", "claim.yaml", "--key", "pub.pem")
    assert (code, len(error.splitlines())) == (2, 1)
    assert "transfers.csv.gz" in error


def asset(shows: str, why: str | None = None) -> dict[str, Any]:
    return {"shows": shows, "gap": None if why is None else {"why": why, "detail": ""}}


@each_of(
    ("assets", "code"),
    [
        ([asset("COMPLETE")], 0),
        ([asset("COMPLETE"), asset("NOT_LISTED", "UNSUPPORTED")], 0),  # a chain's own coin beside its tokens
        ([asset("NOT_LISTED", "UNSUPPORTED")], 5),
        ([asset("NOT_LISTED", "NO_PAST")], 5),
        ([asset("COMPLETE"), asset("INCOMPLETE")], 3),
        ([asset("COMPLETE"), asset("NOT_LISTED", "DISAGREEMENT")], 3),
        ([asset("NOT_LISTED", "UNSUPPORTED"), asset("NOT_LISTED", "UNREACHABLE")], 3),
    ],
)
def test_the_exit_code_says_whether_more_can_become_known(assets: list[dict[str, Any]], code: int) -> None:
    assert exit_code({"flows": {"assets": assets}}) == code


def test_the_words_say_what_was_seen_and_no_purpose() -> None:
    lists = {"alpha": Lists(), "beta": Lists(able=False)}
    texts = [render(of.verified().predicate, width=90) for of in (made(), made(lists))]
    for text in texts:
        assert max(map(len, text.splitlines())) <= 90
        assert not {"borrowed", "borrow", "lent", "loan", "lender", "suspicious", "clean", "genuine"} & {
            *text.lower().replace(",", " ").replace(".", " ").split()
        }
        assert "All of this stands beside a verdict, and changes none" in " ".join(text.split())
    assert "1 round trip, as alpha, beta listed; each account's transfers are the difference" in " ".join(
        texts[0].split()
    )
    of_few = (
        "Of what came before, the largest counterpart's share is at least 76.92%, the Herfindahl index at least 0.6449."
    )
    assert [of_few in " ".join(text.split()) for text in texts] == [True, False]
    assert "NOT LISTED: UNSUPPORTED, 1 of 2 operators answered" in texts[1]


def test_of_a_list_that_is_not_whole_the_largest_share_is_one_of_what_is_listed() -> None:
    side = {"listed": {"largestShare": "0.500000", "herfindahl": "0.250000"}}
    (words,) = concentrated({"lacking": ["BALANCES"], "before": side, "after": {"listed": None}})
    assert words == (
        "In what is listed, of what came before, the largest counterpart's share is at least 50.00%, the Herfindahl"
        " index at least 0.2500."
    )


def test_an_incomplete_flow_says_so_before_it_says_what_was_found() -> None:
    lists = {name: Lists(omits=frozenset({0})) for name in ("alpha", "beta")}
    (stated,) = made(lists).verified().predicate["flows"]["assets"]
    assert sentence(stated) == (
        "INCOMPLETE: accounts whose transfers are not the difference of their balances (1 before, 0 after). In what is"
        " listed, no round trip was found, as alpha, beta listed."
    )
