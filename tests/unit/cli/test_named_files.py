"""An output that is an input, or another output, is refused before anything is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.attesting.attestation import NAMES
from scanner.cli import commands, named_files
from scanner.cli.named_files import Named, refuse_clashes
from scanner.errors import InputError
from scanner.sources.references import referenced_files

INPUTS = {
    "claim.yaml": "version: 1\nholdings:\n  - {layout: okx, file: published/okx.csv, sha256: 00}\n",
    "second.yaml": "exchange: [not YAML\n",
    "nodes.yaml": "nodes: 7\n",
    "key.pem": "a key",
    "eth.json": "another",
    "hook.key": "a third, of sixteen bytes",
    "published/okx.csv": "a published file",
    "history.sqlite": "a history",
}
SCAN = (
    "scan claim.yaml --nodes nodes.yaml --key key.pem --eth-key eth.json --webhook-key hook.key --webhook https://x.example"
    " --out out --history history.sqlite"
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "published").mkdir()
    for name, content in INPUTS.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What was told of a command that was refused; nothing has changed."""
    before = everything(folder)
    assert commands.main(command.split()) == 2
    assert everything(folder) == before
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize("option", ["--summary", "--junit", "--metrics"])
@pytest.mark.parametrize("name", INPUTS)
def test_a_report_named_like_an_input_is_refused(
    desk: Path, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    if name == "second.yaml":
        pytest.skip("is none here")
    told = refused(desk, f"{SCAN} {option} {name}", capsys)
    assert f"scanner: {option}: {name} is the same file as" in told


SPELLINGS = ["./key.pem", "published/../key.pem", ".//.//key.pem", "link", "link2", "folder/key.pem", "hard"]


@pytest.mark.parametrize("option", ["--summary", "--junit", "--metrics", "--history"])
@pytest.mark.parametrize("name", [*SPELLINGS, "absolute"])
def test_however_it_is_spelt(desk: Path, capsys: pytest.CaptureFixture[str], option: str, name: str) -> None:
    (desk / "link").symlink_to("key.pem")
    (desk / "link2").symlink_to("link")
    (desk / "folder").symlink_to(".")
    (desk / "hard").hardlink_to("key.pem")
    told = refused(desk, f"{SCAN} {option} {desk / 'key.pem' if name == 'absolute' else name}", capsys)
    assert f"{option}: " in told
    assert "is the same file as --key" in told
    assert "nothing was read or written" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--summary x --junit x", "--junit: x is the same file as --summary"),
        ("--summary x --junit ./published/../x", "is the same file as --summary, x"),
        ("--summary out/attestation.dsse.json", "is the same file as --summary"),
        ("--metrics out/scan.journal", "is the same file as --metrics"),
        ("--junit out/webhook.json", "is the same file as --junit"),
        ("--summary history.sqlite-wal", "is the same file as --history"),
        ("--summary out", "is a folder in which lies"),
        ("--summary x --junit x/y", "is a folder in which lies --junit, x/y"),
        ("--summary published", "is a folder in which lies a file of claim.yaml"),
    ],
)
def test_an_output_named_like_another_output_is_refused(
    desk: Path, capsys: pytest.CaptureFixture[str], options: str, told: str
) -> None:
    assert told in refused(desk, f"{SCAN} {options}", capsys)


def test_a_link_to_nowhere_is_the_file_that_it_would_be(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "link").symlink_to("out/statement.json")
    assert "is the same file as --summary" in refused(desk, f"{SCAN} --summary link", capsys)


def test_an_attestation_that_would_stand_in_an_inputs_place_is_refused(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "key.pem").rename(desk / "statement.json")
    told = refused(desk, "scan claim.yaml --out . --key statement.json", capsys)
    assert "--out: statement.json is the same file as --key" in told


def test_inputs_of_every_claim_of_a_call_count(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "elsewhere").mkdir()
    (desk / "elsewhere" / "other.yaml").write_text("holdings: [{'file': \"a\\x2ecsv\"}]\nbroken: [")
    (desk / "elsewhere" / "a.csv").write_text("published")
    command = "scan claim.yaml second.yaml elsewhere/other.yaml --out out"
    for name in ("second.yaml", "elsewhere/other.yaml", "elsewhere/a.csv", "published/okx.csv"):
        assert f"--summary: {name} is the same file" in refused(desk, f"{command} --summary {name}", capsys)
    (desk / "elsewhere" / "nodes.yaml").write_text("")
    assert "as --nodes" in refused(desk, f"{command} --junit elsewhere/nodes.yaml", capsys)
    told = refused(desk, f"{command} --summary out/other/witness.bin", capsys)
    assert "--out: out/other/witness.bin is the same file as --summary" in told


def test_all_clashes_are_told_at_once(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(desk, f"{SCAN} --summary key.pem --junit nodes.yaml --metrics key.pem", capsys)
    for option in ("--summary: key.pem", "--junit: nodes.yaml", "--metrics: key.pem"):
        assert f"scanner: {option} is the same file as" in told


def test_the_key_of_journals_is_an_input(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(desk))
    told = refused(desk, "scan claim.yaml --summary reserve-scanner/journal.key", capsys)
    assert "is the same file as the journal's key" in told


@pytest.mark.parametrize("name", ["a.dsse.json", "key.pem", "nodes.yaml", "./published/../nodes.yaml"])
def test_a_page_is_written_over_none_of_what_it_is_made_of(
    desk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (desk / "a.dsse.json").write_text("{}")
    told = refused(desk, f"show a.dsse.json --key key.pem --evidence nodes.yaml --html {name}", capsys)
    assert f"--html: {Path(name)} is the same file as" in told


@pytest.mark.parametrize("name", [*NAMES, "linked", "folder/evidence.csv.gz"])
def test_a_page_is_written_over_no_file_of_its_attestation_though_showing_reads_it_alone(
    desk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for each in NAMES:
        (desk / each).write_text(f"the {each}")
    (desk / "linked").hardlink_to("witness.bin")
    (desk / "folder").symlink_to(".")
    told = refused(desk, f"show attestation.dsse.json --html {name}", capsys)
    assert f"--html: {name} is the same file as" in told


@pytest.mark.parametrize("folder", [".", "/", ".."])
@pytest.mark.parametrize("page", ["", " --html page.html"])
def test_a_folder_in_an_attestations_place_is_called_one(
    desk: Path, capsys: pytest.CaptureFixture[str], folder: str, page: str
) -> None:
    assert refused(desk, f"show {folder}{page}", capsys) == f"scanner: {folder}: is no file, but a folder\n"


@pytest.mark.parametrize(
    "name", ["a", "key.pem", "claim.yaml", "published/okx.csv", "evidence.csv.gz", "witness.bin", "p"]
)
def test_a_history_is_none_of_the_files_that_are_added_to_it(
    desk: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    told = refused(desk, f"log add a --claim claim.yaml --key key.pem --policy p --history {name}", capsys)
    assert f"--history: {name} is the same file as" in told


@pytest.mark.parametrize(
    ("out", "history"), [("site", "site/h"), ("site", "site/deep/h"), (".", "h"), ("site", "site")]
)
def test_a_site_takes_the_place_of_no_folder_with_its_history(
    desk: Path, capsys: pytest.CaptureFixture[str], out: str, history: str
) -> None:
    assert "--out: " in refused(desk, f"site --out {out} --history {history}", capsys)


def test_where_letter_case_is_not_told_apart_two_spellings_are_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Named("--summary", tmp_path / "Report.json"), Named("--junit", tmp_path / "report.JSON")
    refuse_clashes([], [one, other])
    monkeypatch.setattr(named_files, "_folds_case", lambda _: True)
    with pytest.raises(InputError, match="is the same file as --summary"):
        refuse_clashes([], [one, other])


def test_names_that_only_look_alike_are_no_clash(tmp_path: Path) -> None:
    names = ["a", "a.json", "ab", "b/a", "a-journal"]
    refuse_clashes([Named("in", tmp_path / "in")], [Named(name, tmp_path / name) for name in names])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("holdings: [{file: a.csv}, {'file': 'b c.csv'}, {\"file\": \"d\\x41\"}]", ["a.csv", "b c.csv", "dA"]),
        ("holdings:\n- layout: okx\n  file:   sub/a.csv   # a remark\n", ["sub/a.csv"]),
        ("holdings:\n- file: a.csv\n- {broken", ["a.csv"]),
        ("exchange: file\nas_of: 1\n", ["as_of"]),  # one name too many refuses nothing that anyone would write
        ("exchange: X\n", []),
        ("\x00file", []),
    ],
)
def test_the_files_of_a_claim_are_found_though_it_cannot_be_read(tmp_path: Path, text: str, names: list[str]) -> None:
    (tmp_path / "claim.yaml").write_text(text)
    assert referenced_files(tmp_path / "claim.yaml") == [tmp_path / name for name in names]
    assert referenced_files(tmp_path / "absent.yaml") == []
