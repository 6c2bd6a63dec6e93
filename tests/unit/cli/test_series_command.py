"""`scanner series` and `scanner scan --together`, where no node answers: what is written, kept, refused and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.attesting import canonical
from scanner.attesting.envelope import read_envelope
from scanner.chains.registry import FAMILIES
from scanner.cli.series import exit_code
from tests.support.attestations.attested import AUDITOR, STRANGER, public_pem
from tests.support.golden_series import COIN, SERIES_FOLDER, TOGETHER_FOLDER
from tests.support.places import VECTORS
from tests.support.simulated.toy_family import toy
from tests.support.toy_series import a_claim

Run = Callable[..., tuple[int, str, str]]

LENT = SERIES_FOLDER / "v1" / "lent"
LENDING = TOGETHER_FOLDER / "v1" / "lending"
NODES = """\
policy: {quorum: 2}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:5", operator: alpha}
"""
AROUND = ("--around", "3d", "--every", "1d")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Run) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name, folder in (("claim.yaml", LENT), ("claim-1.yaml", LENDING), ("claim-2.yaml", LENDING)):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "pub.pem").write_text(public_pem(AUDITOR))
    return command


def test_where_no_node_answers_nothing_is_shown_and_all_of_it_is_written(run: Run, tmp_path: Path) -> None:
    code, told, error = run("series", "claim.yaml", *AROUND, "--out", "out")
    assert (code, error) == (3, "")
    assert "NOT SHOWN: at a sampled moment something was not read" in told
    series = json.loads((tmp_path / "out" / "series.json").read_text())["predicate"]["series"]
    assert [stretch["block"] for stretch in series["stretches"]] == [None] * 7
    assert [each["gaps"] for point in series["points"] for each in point["units"]] == [2, 2, 2][: len(series["points"])]
    assert [each["shows"] for each in series["sustained"]] == ["NOT_SHOWN", "NOT_SHOWN"]
    (own,) = (line for line in told.splitlines() if " UTC *" in line)
    assert own.split()[-4:] == ["ETH", "not", "established", "2"]
    assert not list((tmp_path / "out").glob(".writing*"))
    code, shown, _ = run("show", "out/series.json")
    assert code == 0
    assert told in shown


@pytest.mark.parametrize("option", ["--evidence=evidence.csv.gz", "--witness=witness.bin", "--eth-signer=0x"])
def test_options_of_one_moment_are_not_passed_over_in_silence(run: Run, option: str) -> None:
    argv = "verify", str(LENT / "series.dsse.json"), "--claim", "claim.yaml", "--key", "pub.pem"
    code, told, error = run(*argv, option)
    assert (code, told) == (2, "")
    assert f"{option.partition('=')[0]}: is of an attestation of one moment" in error


def test_of_a_series_without_an_anchor_no_block_is_anchored(run: Run) -> None:
    trust = f"eip155:1=0x{'ab' * 32}"
    argv = "verify", str(LENT / "series.dsse.json"), "--claim", "claim.yaml", "--key", str(LENT / "auditor.pub.pem")
    code, told, error = run(*argv, "--brief", "--trust", trust)
    assert (code, error) == (3, "")
    lines = [line for line in told.splitlines() if line.startswith("not anchored")]
    assert len(lines) > 2
    assert all(line.endswith(": there is no anchor") for line in lines)
    assert sum("(which draws what is looked at)" in line for line in lines) > 1


def test_what_was_there_before_is_kept_with_all_its_moments(run: Run, tmp_path: Path) -> None:
    run("series", "claim.yaml", *AROUND, "--out", "out")
    before = (tmp_path / "out" / "series.json").read_bytes()
    points = {path.name for path in (tmp_path / "out" / "points").iterdir()}
    code, _, error = run("series", "claim.yaml", "--around", "6h", "--out", "out")
    assert code == 3
    assert "was there before is kept in" in error
    (kept,) = (tmp_path / "out" / "earlier").iterdir()
    assert (kept / "series.json").read_bytes() == before
    assert {path.name for path in (kept / "points").iterdir()} == points
    assert (tmp_path / "out" / "series.json").read_bytes() != before


def test_points_that_no_series_names_are_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out" / "points").mkdir(parents=True)
    (tmp_path / "out" / "points" / "mine").write_text("kept")
    code, _, error = run("series", "claim.yaml", *AROUND, "--out", "out")
    assert code == 2
    assert "is there already, and no statement of it" in error
    assert (tmp_path / "out" / "points" / "mine").read_text() == "kept"


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ((), "give it, or --from, --to and --every together"),
        (("--around", "7d", "--to", "2023-12-01T00:00:00Z"), "give it, or --from, --to and --every"),
        (("--from", "2023-11-01T00:00:00Z", "--to", "2023-12-01T00:00:00Z"), "together"),
        (("--around", "7d", "--every", "7m"), "7 min is no length of a stretch"),
        (("--around", "30d", "--every", "1m"), "86,400 stretches of 1 min; expected 1 to 1,000"),
        (("--around", "2000d"), "cannot be cut"),
    ],
)
def test_a_schedule_that_is_none_is_one_line_and_nothing_is_written(
    run: Run, tmp_path: Path, argv: tuple[str, ...], why: str
) -> None:
    code, _, error = run("series", "claim.yaml", *argv, "--out", "out")
    assert (code, len(error.splitlines())) == (2, 1)
    assert why in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["7", "d", "0h", "7w", "1.5h", "-1h", "9999999m"])
def test_a_length_is_a_number_and_a_letter(run: Run, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("series", "claim.yaml", f"--around={text}", "--out", "out")
    assert "expected a length of time such as 90m, 12h or 7d" in capsys.readouterr().err


def test_no_output_is_one_of_the_inputs(run: Run, tmp_path: Path) -> None:
    code, _, error = run("series", "claim.yaml", *AROUND, "--nodes", "series.json", "--out", ".")
    assert code == 2
    assert "is the same file as" in error
    code, _, error = run("scan", "claim-1.yaml", "claim-2.yaml", "--together", "--key", "points/key.pem", "--out", ".")
    assert code == 2
    assert "is replaced as a whole, and in it lies" in error
    assert (tmp_path / "claim.yaml").read_bytes() == (LENT / "claim.yaml").read_bytes()


def test_a_golden_series_is_verified_and_shown_by_the_command(run: Run) -> None:
    code, told, _ = run("verify", str(LENT / "series.dsse.json"), "--claim", "claim.yaml", "--key", "pub.pem")
    assert code == 0
    assert "ETH, 3 d before and after: at least 10 of the 103" in told
    assert "Sustained: 93, 93.00% of what is owed" in told
    assert f"{(103 * COIN + 1) // COIN}" in told
    code, told, _ = run(
        "verify", str(LENT / "series.dsse.json"), "--claim", "claim-1.yaml", "--key", "pub.pem", "--json"
    )
    assert code == 4
    assert json.loads(told) | {"reason": ""} == {"holds": False, "step": 4, "reason": ""}
    code, _, error = run(
        "verify", str(LENT / "series.dsse.json"), "--claim", "claim.yaml", "--claim", "claim.yaml", "--key", "pub.pem"
    )
    assert code == 2
    assert "this is of one claim" in error


def test_a_series_and_claims_together_have_a_page_which_carries_them_and_their_key(run: Run, tmp_path: Path) -> None:
    for folder, name in ((LENT, "series.dsse.json"), (LENDING, "together.dsse.json")):
        code, told, _ = run("show", str(folder / name), "--html", "p.html", "--key", "pub.pem")
        assert code == 0
        assert f"signed by  {AUDITOR.keyid}" in told
        assert f"carries    {folder / name}" in told
        page = (tmp_path / "p.html").read_bytes()
        assert json.dumps((folder / name).read_text())[1:-1].encode() in page
        assert b"Checked in your browser" in page


def test_a_page_of_several_moments_carries_no_other_key_and_nothing_that_is_of_one_moment(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_text(public_pem(STRANGER))
    series = str(LENT / "series.dsse.json")
    code, _, error = run("show", series, "--html", "p.html", "--key", "other.pem")
    assert code == 4
    assert "has not signed" in error
    code, told, error = run("show", series, "--html", "p.html", "--prices", "prices.yaml", "--evidence", "e.csv.gz")
    assert (code, told) == (2, "")
    assert [line.split(": ")[1] for line in error.splitlines()] == ["--evidence", "--prices"]
    assert "this is a statement of several moments" in error
    code, _, error = run("show", series, "--html", "p.html", "--key-url", "ftp://x")
    assert code == 2
    assert "--key-url: expected a URL that starts with https://" in error
    assert not (tmp_path / "p.html").exists()


def test_a_statement_without_a_signature_has_a_page_that_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "series.json").write_bytes(read_envelope((LENT / "series.dsse.json").read_bytes()).payload)
    code, told, _ = run("show", "series.json", "--html", "p.html", "--key-url", "https://a.example/k")
    assert code == 0
    assert "no key is built in" in told
    page = (tmp_path / "p.html").read_text()
    assert "no key: this statement carries no signature" in page
    assert "https://a.example/k" in page


def test_a_site_has_a_page_that_checks_each_beside_its_own(run: Run, tmp_path: Path) -> None:
    series = LENT / "series.dsse.json"
    assert run("log", "add", str(series), "--claim", "claim.yaml", "--key", "pub.pem")[0] == 0
    code, told, _ = run("site", "--out", "site")
    assert code == 0
    assert "0 exchanges, 0 attestations" in told
    (page,) = (tmp_path / "site" / "check").iterdir()
    assert (tmp_path / "site" / "statement" / f"{page.stem}.dsse.json").read_bytes() == series.read_bytes()
    assert f"../statement/{page.stem}.dsse.json" in page.read_text()
    assert f"../check/{page.name}" in (tmp_path / "site" / "statement" / page.name).read_text()


def test_flows_have_no_page(run: Run) -> None:
    flows, *_ = (VECTORS / "flows" / "v1").glob("*/flows.dsse.json")
    code, _, error = run("show", str(flows), "--html", "p.html")
    assert code == 2
    assert "these are flows" in error


def test_what_states_nothing_of_the_claims_own_moment_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    statement = json.loads(read_envelope((LENT / "series.dsse.json").read_bytes()).payload)
    kept = [at for at, point in enumerate(statement["predicate"]["series"]["points"]) if "16:00:00" not in point["at"]]
    points, subject = statement["predicate"]["series"]["points"], statement["subject"]
    statement["predicate"]["series"]["points"] = [points[at] for at in kept]
    statement["subject"] = [subject[0], *(subject[at + 1] for at in kept)]
    (tmp_path / "series.json").write_bytes(canonical.encode(statement))
    code, told, error = run("show", "series.json")
    assert (code, told) == (4, "")
    assert "it cannot be shown: there is no point at the claim's own moment, 2023-11-22T16:00:00Z" in error
    assert len(error.splitlines()) == 1


def test_a_file_of_a_moment_that_is_missing_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "series.dsse.json").write_bytes((LENT / "series.dsse.json").read_bytes())
    code, _, error = run("verify", "series.dsse.json", "--claim", "claim.yaml", "--key", "pub.pem")
    assert code == 2
    assert "statement.json" in error
    assert len(error.splitlines()) == 1


def test_claims_together_are_read_where_no_node_answers_and_nothing_is_known(run: Run, tmp_path: Path) -> None:
    code, told, error = run("scan", "claim-1.yaml", "claim-2.yaml", "--together", "--out", "both")
    assert (code, error) == (3, "")
    assert "ETH, jointly UNKNOWN" in told
    stated = json.loads((tmp_path / "both" / "together.json").read_text())["predicate"]["together"]
    assert [unit["gaps"] for point in stated["points"] for unit in point["together"]] == [2, 2]
    joint = [line.split() for line in told.splitlines() if line.startswith("  together ")]
    assert [row[2:4] for row in joint] == [["not", "established"]] * 2


def test_golden_claims_together_are_verified_by_the_command(run: Run) -> None:
    name = str(LENDING / "together.dsse.json")
    claims = ("--claim", "claim-2.yaml", "--claim", "claim-1.yaml")
    code, told, _ = run("verify", name, *claims, "--key", "pub.pem")
    assert code == 0
    assert "ETH, jointly SHORT" in told
    assert "2 claims jointly, ETH SHORT, recomputed from the evidence" in told
    code, _, error = run("verify", name, "--claim", "claim-1.yaml", "--key", "pub.pem")
    assert code == 2
    assert "1 given; 2 to 20 claims" in error


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("claim-1.yaml", "claim-2.yaml"), "give --out DIR"),
        (("claim-1.yaml", "--out", "o"), "claims: 1 given; 2 to 20 claims can be weighed together"),
        (("claim-1.yaml", "claim-1.yaml", "--out", "o"), "one claim is given twice"),
        (("claim-1.yaml", "claim-2.yaml", "--out", "o", "--summary", "s.json"), "--summary: does not go with"),
        (("claim-1.yaml", "none.yaml", "--out", "o"), "none.yaml"),
    ],
)
def test_claims_that_cannot_be_weighed_together_are_told_before_anything_is_asked(
    run: Run, tmp_path: Path, argv: tuple[str, ...], why: str
) -> None:
    code, _, error = run("scan", *argv, "--together")
    assert code == 2
    assert why in error
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("text", ["100", "0", "99,9", "-1", "9.1234567", "x"])
def test_a_share_is_a_percentage_below_a_hundred(run: Run, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("series", "claim.yaml", *AROUND, f"--share={text}", "--out", "out")
    assert "expected a percentage above 0 and below 100" in capsys.readouterr().err


def test_what_is_of_a_share_of_the_accounts_says_so(run: Run) -> None:
    code, told, _ = run("series", "claim.yaml", *AROUND, "--share", "99.95", "--out", "out")
    assert code == 3
    assert "All of it is of 2 of 2 balances, which were 99.95% of each asset at the moment" in " ".join(told.split())


@pytest.mark.parametrize(
    ("lacking", "tip", "fillable", "code"),
    [
        ([[], []], False, "TOY", 0),
        ([["GAPS"], []], False, "TOY", 3),
        ([["GAPS"], []], False, "another", 5),
        ([["GAPS", "NO_BLOCKS"]], False, "another", 5),
        ([["GAPS", "NOT_DRAWN"]], False, "another", 3),
        ([["GAPS", "NO_BLOCKS"]], True, "TOY", 5),
        ([["NO_BLOCKS"], ["NO_BLOCKS"]], False, "TOY", 5),
        ([["NOT_DRAWN"], ["NO_BLOCKS"]], False, "TOY", 3),
    ],
)
def test_what_another_run_cannot_show_either_has_a_code_of_its_own(
    lacking: list[list[str]], tip: bool, fillable: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "toy", toy(tip=tip))
    sustained = [{"unit": "TOY", "lacking": each} for each in lacking]
    assert exit_code({"series": {"sustained": sustained}}, a_claim(), [fillable]) == code
