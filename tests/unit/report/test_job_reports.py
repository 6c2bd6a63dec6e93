"""The summary and the JUnit file of a job: their form, and what of a job they tell."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from jsonschema_rs import Draft202012Validator

from scanner.cli import commands, files
from scanner.cli.interrupt import interruptible, terminable
from scanner.cli.scanning import WORST_FIRST, worst
from scanner.errors import InputError
from scanner.report.junit import junit
from scanner.report.summary import SHAPE, VERSION, summary
from tests.support import jobs
from tests.support.places import ROOT

# junit-10.xsd of Jenkins' xUnit plugin, as a table: an element's required and optional attributes, and its children.
JENKINS = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "group", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def assert_valid(element: Element) -> None:
    required, optional, children = JENKINS[element.tag]
    assert required <= element.attrib.keys() <= required | optional, element.tag
    if element.tag in ("testsuites", "testsuite"):
        assert TIME.fullmatch(element.get("time", ""))
    for child in element:
        assert child.tag in children
        assert_valid(child)


def cases(root: Element, suite: str) -> dict[str, Element]:
    (found,) = root.findall(f"testsuite[@name='{suite}']")
    return {case.get("name", ""): case for case in found}


@pytest.fixture
def root() -> Element:
    return fromstring(junit(jobs.a_job()))


def test_the_junit_file_is_valid_by_jenkins_schema_and_counts_what_is_in_it(root: Element) -> None:
    assert_valid(root)
    for suite in root:
        for kind in ("failure", "error"):
            assert suite.get(f"{kind}s") == str(len(suite.findall(f"testcase/{kind}")))
        assert suite.get("tests") == str(len(suite.findall("testcase")))
    for total in ("tests", "failures", "errors"):
        assert root.get(total) == str(sum(int(suite.get(total, "")) for suite in root))
    assert root.get("time") == "5,000.000"
    assert root[0].get("timestamp") == "2026-01-02T03:04:05"


def test_a_short_unit_is_a_failure_and_a_covered_one_passes(root: Element) -> None:
    found = cases(root, "bad")
    (failure,) = found["ETH"]
    assert (failure.tag, failure.get("type")) == ("failure", "SHORT")
    assert failure.get("message") == "SHORT: held 1, owed 3, ratio 0.333333, gaps 0"
    assert [child.tag for child in found["BTC"]] == ["system-out"]


def test_a_threshold_below_all_stands_beside_each_unit_that_it_lets_pass_or_fails() -> None:
    lax = copy.deepcopy(jobs.SHORT)
    lax["finding"]["policy"]["threshold"] = "0.95"
    outcome = jobs.outcome("lax", 1, lax)
    found = cases(fromstring(junit(replace(jobs.a_job(), outcomes=(outcome,)))), "lax")
    for told in (found["BTC"].findtext("system-out", ""), found["ETH"][0].get("message", "")):
        assert "The policy calls a coin covered from a ratio of 95% on" in told
    (claim,) = json.loads(summary(replace(jobs.a_job(), outcomes=(outcome,))))["claims"]
    assert claim["threshold"] == "0.95"


def test_an_unknown_unit_and_the_gaps_behind_it_are_errors(root: Element) -> None:
    found = cases(root, "dim")
    assert [(child.tag, child.get("type")) for child in found["ETH"]] == [("error", "UNKNOWN")]
    (error,) = found["evidence"]
    assert "UNREACHABLE 1" in (error.get("message") or "")
    assert "0xab: UNREACHABLE a \ufffd[1m< & no answer" in (error.text or "")


def test_gaps_under_which_all_is_covered_are_told_and_are_no_error() -> None:
    covered = jobs.reserve("ETH", "COVERED", "1", "1", "1.000000", gaps=1)
    finding = jobs.UNKNOWN["finding"] | {"verdict": "COVERED", "reserves": [covered]}
    job = replace(jobs.a_job(), outcomes=(jobs.outcome("good", 0, jobs.UNKNOWN | {"finding": finding}),))
    (told,) = cases(fromstring(junit(job)), "good")["evidence"]
    assert told.tag == "system-out"
    assert "0xab" in (told.text or "")


@pytest.mark.parametrize(
    ("code", "case", "kind"),
    [
        (2, "claim and settings", "input"),
        (70, "the scan ran to its end", "bug"),
        (130, "the scan ran to its end", "interrupted"),
    ],
)
def test_what_kept_a_claim_from_being_judged_is_an_error(code: int, case: str, kind: str) -> None:
    job = replace(jobs.a_job(), outcomes=(jobs.outcome("wrong", code, errors=("line one", "line two")),))
    found = cases(fromstring(junit(job)), "wrong")
    assert set(found) == {"claim and settings", "the scan ran to its end"}
    assert [child.tag for each in found.values() for child in each] == ["error"]
    (error,) = found[case]
    assert (error.get("type"), error.get("message"), error.text) == (kind, "line one", "line one\nline two")


def test_an_error_of_the_whole_job_has_a_suite_of_its_own() -> None:
    job = replace(jobs.a_job(errors=("--key: signs what --out DIR writes",)), outcomes=(), exit_code=2)
    root = fromstring(junit(job))
    assert_valid(root)
    assert root.get("errors") == "1"


def test_the_summary_says_why_no_verdict_is_given_on_a_unit() -> None:
    why = {"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}
    apart = {**jobs.reserve("ETH", "UNKNOWN", "3", "1", "3.000000"), "withheld": [why]}
    job = replace(jobs.a_job(), outcomes=(jobs.outcome("apart", 3, jobs.predicate("UNKNOWN", [apart])),))
    (claim,) = json.loads(summary(job))["claims"]
    assert [unit["withheld"] for unit in claim["units"]] == [[why]]


def test_the_summary_tells_each_claim_and_each_unit() -> None:
    told = json.loads(summary(jobs.a_job(errors=("no such key",))))
    assert (told["version"], told["exitCode"], told["errors"]) == (VERSION, 1, ["no such key"])
    assert told["startedAt"] == "2026-01-02T03:04:05.678Z"
    good, bad, dim, wrong = told["claims"]
    assert good["standing"]
    assert good["files"] == [{"path": "out/good/evidence.csv.gz", "sha256": "cd" * 32, "bytes": 99}]
    assert [(unit["unit"], unit["verdict"], unit["ratio"]) for unit in bad["units"]] == [
        ("BTC", "COVERED", "2.000000"),
        ("ETH", "SHORT", "0.333333"),
    ]
    assert (dim["gapCounts"], dim["units"][0]["owed"], dim["units"][0]["gaps"]) == ({"UNREACHABLE": 1}, None, 1)
    assert (wrong["verdict"], wrong["units"], wrong["exitCode"]) == (None, [], 2)
    assert wrong["errors"][0] == "claims/wrong.yaml:3: exchange is missing"
    assert {frozenset(claim) for claim in told["claims"]} == {frozenset(good)}


def test_the_summary_says_why_a_unit_without_a_gap_is_unknown() -> None:
    apart = {"why": "MOMENTS_APART", "detail": "two blocks of it lie 3 h apart"}
    unit = jobs.reserve("ETH", "UNKNOWN", "1", "1", "1.000000") | {"withheld": [apart]}
    job = jobs.a_job()
    told = json.loads(
        summary(replace(job, outcomes=(replace(job.outcomes[0], predicate=jobs.predicate("UNKNOWN", [unit])),)))
    )
    (found,) = told["claims"][0]["units"]
    assert (found["gaps"], found["withheld"]) == (0, [apart])
    SHAPE(told, "summary")


def test_every_summary_is_of_the_published_shape_by_a_validator_of_others_too() -> None:
    published = json.loads((ROOT / "docs" / "schema" / "summary.schema.json").read_text())
    validator = Draft202012Validator(published)
    for job in (replace(jobs.a_job(), outcomes=()), jobs.a_job(), jobs.a_job(errors=("no such key",))):
        told = json.loads(summary(job))
        SHAPE(told, "summary")
        validator.validate(told)
    for part in (told, told["claims"][0], told["claims"][0]["units"][0]):
        for name in list(part):
            value = part.pop(name)
            assert not validator.is_valid(told), name
            part[name] = value


def test_the_summary_holds_no_float() -> None:
    json.loads(summary(jobs.a_job()), parse_float=lambda text: pytest.fail(f"{text} is a float"))


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 3], 3), ([3, 2], 2), ([2, 70, 0], 70), ([70, 1, 2], 1), ([1, 130], 130), ([0, 0], 0)],
)
def test_the_exit_code_of_a_job_is_the_first_in_the_documented_order(codes: list[int], code: int) -> None:
    assert worst(codes) == code


def test_the_order_of_exit_codes_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        commands.main(["scan", "--help"])
    assert ", ".join(map(str, WORST_FIRST)) in " ".join(capsys.readouterr().out.split())


# The command line, with inputs that are wrong: no node is asked.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("version: 1\n")
    (tmp_path / "nodes.yaml").write_text("nodes: 7\n")
    return tmp_path


def test_reports_are_written_when_inputs_are_wrong_and_none_of_an_earlier_job_stays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "summary.json").write_text("of yesterday")
    argv = ["scan", "a.yaml", "b.yaml", "--out", "out", "--summary", "summary.json", "--junit", "reports/junit.xml"]
    assert commands.main(argv) == 2
    told = json.loads((folder / "summary.json").read_text())
    assert [(claim["name"], claim["exitCode"]) for claim in told["claims"]] == [("a", 2), ("b", 2)]
    assert any("b.yaml" in error for error in told["claims"][1]["errors"])
    assert_valid(fromstring((folder / "reports" / "junit.xml").read_bytes()))
    shared = [line for line in capsys.readouterr().err.splitlines() if line.startswith("scanner: nodes.yaml")]
    assert len(shared) == len(set(shared)) > 0
    assert all(any(line.removeprefix("scanner: ") in claim["errors"] for claim in told["claims"]) for line in shared)


TWO_DOTS = pytest.mark.skipif(Path("...yaml").stem != "..", reason="from Python 3.14 on such a name has no suffix")


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["a.yaml", "--key", "key.pem"], "--out"),
        (["a.yaml", "sub/a.yaml", "--out", "out"], "each claim needs a name of its own"),
        pytest.param(["a.yaml", "...yaml", "--out", "out"], "no folder can have", marks=TWO_DOTS),
        (["a.yaml", "--out", "out", "--key", "absent.pem"], "absent.pem"),
        (["a.yaml", "--out", "a.yaml"], "a.yaml: is no folder; --out takes one"),
        (["a.yaml", "--out", "a.yaml/in/it"], "a.yaml: is no folder, and a.yaml/in/it would lie in it"),
    ],
)
def test_an_error_of_the_whole_job_is_in_its_summary(folder: Path, argv: list[str], what: str) -> None:
    assert commands.main(["scan", *argv, "--summary", "summary.json"]) == 2
    told = json.loads((folder / "summary.json").read_text())
    assert (told["claims"], told["exitCode"]) == ([], 2)
    assert any(what in error for error in told["errors"])


def test_a_report_that_cannot_be_written_ends_the_job_before_it_begins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "taken").mkdir()
    assert commands.main(["scan", "a.yaml", "--summary", "taken"]) == 2
    told = capsys.readouterr().err
    assert "taken: cannot be written" in told
    assert "a.yaml" not in told


def test_a_job_that_is_terminated_while_it_reads_a_claim_exits_130_and_tells_of_all_its_claims(folder: Path) -> None:
    os.mkfifo(folder / "slow.yaml")
    reading, full = os.pipe()
    os.set_blocking(full, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(full, bytes(2**16))
    os.set_blocking(full, True)
    argv = [sys.executable, "-m", "scanner", "scan", "slow.yaml", "a.yaml", "--out", "out", "--summary", "s.json"]
    argv += ["--log", "none"]
    process = subprocess.Popen(argv, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=full)
    os.close(full)
    writing = os.open(folder / "slow.yaml", os.O_WRONLY)  # returns when it is opened for reading; telling of it waits
    process.terminate()
    with os.fdopen(reading, "rb") as told:
        told.read()
    os.close(writing)
    assert process.wait(timeout=60) == 130
    summary = json.loads((folder / "s.json").read_text())
    assert [(claim["name"], claim["exitCode"]) for claim in summary["claims"]] == [("slow", 130), ("a", 130)]
    assert summary["exitCode"] == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_interruptible_work_leaves_the_signal_as_it_was(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # whoever starts the tests may have it ignored
    try:
        with terminable():
            inside = signal.getsignal(number)
            assert interruptible(asyncio.sleep(0, result=7), "") == 7
            assert signal.getsignal(number) is inside is not signal.SIG_DFL
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_terminal_that_goes_away_interrupts_unless_that_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with terminable():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            os.kill(os.getpid(), signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with pytest.raises(KeyboardInterrupt), terminable():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_one_file_is_written_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "summary.json"
    files.write_whole(path, b"1")
    assert path.stat().st_mode & 0o777 == 0o644

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        files.write_whole(path, b"2")
    assert path.read_bytes() == b"1"
    assert [each.name for each in path.parent.iterdir()] == ["summary.json"]


def test_a_unit_without_a_verdict_is_shown_without_a_ratio_and_with_the_reason() -> None:
    apart = [{"why": "MOMENTS_APART", "detail": "block 4 of eip155:1 is of another day"}]
    withheld = jobs.reserve("BTC", "UNKNOWN", "140", "139", "1.007194") | {"withheld": apart}
    unread = jobs.reserve("ETH", "UNKNOWN", "0", "2", "0.000000") | {"holdings": 2, "gaps": 2}
    outcome = jobs.outcome("dim", 3, jobs.predicate("UNKNOWN", [withheld, unread]))
    text = junit(replace(jobs.a_job(), outcomes=(outcome,))).decode()
    assert "1.007194" not in text
    assert "0.000000" not in text
    assert "no verdict: the blocks of its chains lie too far apart" in text
    assert "MOMENTS_APART: block 4 of eip155:1 is of another day" in text
    assert (
        "held not established, owed 2, ratio none, gaps 2; no verdict: none of the balances could be established"
        in text
    )
