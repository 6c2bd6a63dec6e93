"""`scanner log` and `scanner site` as they are typed: exit codes, what is told, and that nothing unverified counts."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from demo import earlier, earlier_series
from scanner.cli import commands, folder
from scanner.errors import InputError
from scanner.report.log_table import render
from scanner.sources.addresses import load_claim
from tests.support.attestations.attested import AUDITOR, STRANGER, public_pem

CLAIM = """\
version: 1
exchange: OKX (demo)
as_of: 2026-11-26T01:00:00Z
assets:
  BTC: {id: "bip122:0f9188f13cb7b2c71f2a335e3a4fc328/slip44:0", backs: BTC, decimals: 8}
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
  USDT-ERC20: {id: "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", backs: USDT, decimals: 6}
liabilities: {BTC: "139.199", ETH: "1476.215", USDT: "5244268.687"}
holdings:
  - {asset: BTC, accounts: [BTC_ACCOUNTS]}
  - {asset: [ETH, USDT-ERC20], accounts: [EVM_ACCOUNTS]}
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The demo's earlier months, oldest first: those of its exchange and of the other by turns."""
    folder = tmp_path_factory.mktemp("generated")
    bitcoin = ", ".join(f'"raw(5120{number:064x})"' for number in range(1, 13))
    evm = ", ".join(f'"0xaa{number:038x}"' for number in range(1, 13))
    (folder / "claim.yaml").write_text(CLAIM.replace("BTC_ACCOUNTS", bitcoin).replace("EVM_ACCOUNTS", evm))
    return list(earlier.write(folder / "months", load_claim(folder / "claim.yaml"), AUDITOR))


@pytest.fixture(autouse=True)
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCANNER_HISTORY", raising=False)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    (tmp_path / "stranger.pub").write_text(public_pem(STRANGER))
    return tmp_path


def add(month: Path, *more: str, key: str = "auditor.pub") -> int:
    attestation, claim = str(month / "attestation.dsse.json"), str(month / "claim.yaml")
    return commands.main(["log", "add", attestation, "--claim", claim, "--key", key, *more])


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert commands.main(["log", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def of_first(generated: list[Path]) -> list[Path]:
    return [path for path in generated if path.name.endswith("first")]


def of_second(generated: list[Path]) -> list[Path]:
    return [path for path in generated if path.name.endswith("second")]


# Adding.


def test_what_is_added_is_told_with_whose_signature_was_checked(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(generated[0]) == 0
    told = capsys.readouterr().out
    assert "added as entry 1: OKX (demo), as of 2025-10-26" in told
    assert f"verified against {AUDITOR.keyid}" in told
    assert add(generated[0]) == 0
    assert "there already, entry 1" in capsys.readouterr().out


def test_an_attestation_that_does_not_hold_is_exit_code_4_and_is_not_added(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(generated[0], key="stranger.pub") == 4
    assert "step 2" in (told := capsys.readouterr().err)
    assert "nothing was added" in told
    assert add(generated[0], "--evidence", str(generated[2] / "evidence.csv.gz")) == 4
    assert as_json(capsys)["exchanges"] == []


def test_without_a_claim_and_a_key_it_has_to_be_said_that_nothing_is_checked(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    attestation = str(generated[0] / "attestation.dsse.json")
    assert commands.main(["log", "add", attestation]) == 2
    told = capsys.readouterr().err
    assert "--claim: is needed to verify it" in told
    assert "--key: is needed to verify it" in told
    assert not Path("reserve-history.sqlite").exists()
    assert commands.main(["log", "add", attestation, "--unverified"]) == 0
    assert "NOT VERIFIED" in capsys.readouterr().out
    assert commands.main(["log"]) == 0
    told = capsys.readouterr().out
    assert "not verified" in told
    assert re.search(r"\(COVERED\) +- ", told)
    assert "%" not in told
    assert as_json(capsys)["exchanges"][0]["units"] == []


def test_unverified_and_what_would_verify_exclude_each_other(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(generated[0], "--unverified") == 2
    assert "what --unverified leaves unchecked" in capsys.readouterr().err


def test_a_policy_that_is_demanded_is_demanded(generated: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    Path("strict.yaml").write_text('policy: {quorum: 3, threshold: "1"}\n')
    assert add(generated[0], "--policy", "strict.yaml") == 4
    assert "step 10" in capsys.readouterr().err
    Path("strict.yaml").write_text('policy: {quorum: 2, threshold: "1"}\n')
    assert add(generated[0], "--policy", "strict.yaml") == 0


def test_a_second_finding_for_the_same_claim_is_told(generated: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert add(generated[0]) == 0
    capsys.readouterr()
    assert add(generated[0], "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["verified"], told["others"], told["keyids"]) == (False, True, [], [AUDITOR.keyid])


@pytest.mark.parametrize("how", ["option", "before the action", "environment", "default"])
def test_where_the_history_is(
    generated: list[Path], how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    month = generated[0]
    if how == "environment":
        monkeypatch.setenv("SCANNER_HISTORY", "elsewhere.sqlite")
    options = ["--history", "elsewhere.sqlite"]
    if how == "before the action":
        attestation, claim = str(month / "attestation.dsse.json"), str(month / "claim.yaml")
        assert commands.main(["log", *options, "add", attestation, "--claim", claim, "--key", "auditor.pub"]) == 0
    else:
        assert add(month, *(options if how == "option" else [])) == 0
    assert Path("reserve-history.sqlite" if how == "default" else "elsewhere.sqlite").is_file()


# Listing.


def test_fourteen_months_are_a_streak_and_a_gap_in_them_ends_it(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for month in generated:
        assert add(month) == 0
    first, second = as_json(capsys, "--cadence", "monthly", "--at", "2026-11-27T00:00:00Z")["exchanges"][::-1]
    assert (first["exchange"], first["reports"]) == ("OKX (demo)", 13)
    assert {unit["unit"]: unit["streak"]["reports"] for unit in first["units"]} == {"BTC": 13, "ETH": 13, "USDT": 13}
    assert first["cadence"]["missing"] == []
    assert [each["period"] for each in second["cadence"]["missing"]] == ["2026-01"]
    assert [(each["period"], each["days"]) for each in second["cadence"]["late"]] == [("2026-08", 30)]
    assert {unit["unit"]: unit["streak"]["reports"] for unit in second["units"]} == {"BTC": 4, "ETH": 6, "USDT": 9}
    assert {unit["unit"]: unit["firstBelow"] for unit in second["units"]} == {
        "BTC": None,
        "ETH": "2026-03-25T01:00:00Z",
        "USDT": None,
    }
    assert [each["exchange"] for each in second["attestations"][-1]["accounts"]["shared"]] == ["OKX (demo)"]
    assert commands.main(["log", "--cadence", "monthly", "--at", "2026-11-27T00:00:00Z"]) == 0
    printed = capsys.readouterr().out
    assert "13 in a row since 2025-10-26" in printed
    assert re.search(r"BTC +103\.11% +COVERED", printed)
    assert "1 missing (2026-01)" in printed
    assert "2 of its accounts also in a claim of OKX (demo)" in printed
    assert "≥0.00%" not in printed  # a balance that was not read is no zero


def test_in_colour_it_is_the_same_text(generated: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    for month in of_second(generated):
        assert add(month) == 0
    assert commands.main(["log", "add", str(generated[0] / "attestation.dsse.json"), "--unverified"]) == 0
    history = as_json(capsys)
    for width in (60, 100, 200):
        plain, coloured = (render(history, width=width, colour=colour) for colour in (False, True))
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_an_outage_is_not_shown_and_not_short(generated: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    for month in of_second(generated)[6:9]:
        assert add(month) == 0
    (exchange,) = as_json(capsys)["exchanges"]
    assert [(each["standing"], each["atLeast"]) for each in exchange["units"][0]["series"]] == [
        ("ABOVE", False),
        ("NOT_SHOWN", True),
        ("ABOVE", False),
    ]
    assert exchange["units"][0]["streak"]["reports"] == 1


def test_one_exchange_alone_is_listed_and_one_that_is_not_there_is_told(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for month in generated[:2]:
        assert add(month) == 0
    assert [each["exchange"] for each in as_json(capsys, "--exchange", "OKX (demo)")["exchanges"]] == ["OKX (demo)"]
    assert commands.main(["log", "--exchange", "Nobody"]) == 2
    assert "in it are 'Harbour (generated)', 'OKX (demo)'" in capsys.readouterr().err


def test_without_a_history_nothing_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["log"], ["log", "check"], ["log", "rebuild"], ["site", "--out", "site"]):
        assert commands.main(command) == 2
        assert "no history is there" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["auditor.pub", "stranger.pub"]


def test_a_history_that_does_not_say_what_its_envelopes_say_is_exit_code_4(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["log", "check"]) == 0
    with closing(sqlite3.connect("reserve-history.sqlite")) as behind, behind:
        behind.execute("UPDATE line SET held = '1000000'")
    behind.close()
    assert commands.main(["log", "check"]) == 4
    assert "entry 1" in capsys.readouterr().out
    assert commands.main(["log", "rebuild"]) == 0
    assert commands.main(["log", "check"]) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO verification SELECT '1x', at, keyids FROM verification",
        "INSERT INTO verification SELECT entry, at, 7 FROM verification",
        "INSERT INTO entry (number, digest, added_at, document) VALUES (2, x'00', '2030-01-01T00:00:00Z', '{}')",
        "INSERT INTO entry (number, digest, added_at, document) VALUES (2, 'x', 7, 1000000000000)",
        "INSERT INTO claim (number, digest, accounts) VALUES (9, 'text', 'x')",
        "UPDATE said SET entry = 7",
        "UPDATE said SET gaps = 'none'",
        "UPDATE line SET at_least = x'00'",
    ],
)
def test_a_column_of_another_type_is_a_fault_and_no_bug(generated: list[Path], statement: str) -> None:
    assert add(generated[0]) == 0
    with closing(sqlite3.connect("reserve-history.sqlite")) as behind, behind:
        behind.execute(statement)
    behind.close()
    for command in (["log"], ["log", "check"], ["site", "--out", "site"]):
        assert commands.main(command) == 4
    assert add(generated[0]) in (0, 4)


def test_a_key_of_another_type_is_nobodys(generated: list[Path]) -> None:
    assert add(generated[0]) == 0
    with closing(sqlite3.connect("reserve-history.sqlite")) as behind, behind:
        behind.execute("INSERT INTO auditor (keyid, spki) VALUES ('x', 1000000000000)")
    behind.close()
    assert commands.main(["log", "check"]) == 0


def test_a_check_with_keys_says_what_is_verified_by_none_of_them(
    generated: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["log", "add", str(generated[1] / "attestation.dsse.json"), "--unverified"]) == 0
    assert commands.main(["log", "check", "--key", "stranger.pub", "--key", "auditor.pub"]) == 0
    assert commands.main(["log", "check", "--key", "stranger.pub"]) == 4
    told = capsys.readouterr().out
    assert f"entry 1 is verified against no key that was given, but {AUDITOR.keyid}" in told
    assert "entry 2 is" not in told  # nobody says that it was verified
    assert commands.main(["log", "check", "--key", "nowhere.pub"]) == 2
    with pytest.raises(SystemExit):
        commands.main(["log", "check", "--help"])
    assert "scanner log add ATTESTATION --claim CLAIM --key PUB" in capsys.readouterr().out


# The demo's months.


def test_the_generated_months_say_that_they_are_and_come_out_the_same(generated: list[Path], tmp_path: Path) -> None:
    last = load_claim(generated[0].parent.parent / "claim.yaml")
    again = list(earlier.write(tmp_path / "again", last, AUDITOR))
    assert [path.name for path in again] == [path.name for path in generated]
    for one, other in zip(generated, again, strict=True):
        for name in ("claim.yaml", "attestation.dsse.json", "evidence.csv.gz"):
            assert (one / name).read_bytes() == (other / name).read_bytes()
        assert earlier.NOTE in (one / "claim.yaml").read_text()
    assert len(of_first(generated)) == 13
    assert len(of_second(generated)) == 12


def test_the_generated_series_holds_and_shows_all_that_a_series_can(
    generated: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    month = earlier.months(load_claim(generated[0].parent.parent / "claim.yaml"))
    folder = tmp_path / "month"
    folder.mkdir()
    (folder / "claim.yaml").write_bytes((generated[-1] / "claim.yaml").read_bytes())
    earlier_series.write(folder, [*month][-1], AUDITOR)
    series = str(folder / "series.dsse.json")
    argv = ["verify", series, "--claim", str(folder / "claim.yaml"), "--key", "auditor.pub", "--json"]
    capsys.readouterr()
    assert commands.main(argv) == 0
    told = json.loads(capsys.readouterr().out)
    week = {each["unit"]: each for each in told["series"]["sustained"] if each["window"] == 7 * 86_400}
    assert {unit: each["shows"] for unit, each in week.items()} == {
        "BTC": "NOT_SHOWN",
        "ETH": "FOUND",
        "USDT": "NONE_FOUND",
    }
    assert week["BTC"]["lacking"] == ["GAPS"]
    assert [stretch["moment"] is None for stretch in told["series"]["stretches"]].count(True) == 1


# The site's folder.


def test_a_site_takes_the_place_of_an_earlier_one_as_a_whole(
    generated: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["site", "--out", "site"]) == 0
    before = {path.name for path in (tmp_path / "site").rglob("*")}
    (tmp_path / "site" / "left over.html").write_text("of an older version")
    assert add(generated[2]) == 0
    assert commands.main(["site", "--out", "site"]) == 0
    after = {path.name for path in (tmp_path / "site").rglob("*")}
    assert before < after
    assert "left over.html" not in after
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    (kept,) = tmp_path.glob("site.kept-*")
    assert [(path.name, path.read_text()) for path in kept.iterdir()] == [("left over.html", "of an older version")]
    assert "1 exchange, 2 attestations" in capsys.readouterr().out


@pytest.mark.parametrize(
    "url", ["reserves.example", "https://user:secret@reserves.example/", "javascript:alert(1)", ""]
)
def test_a_place_of_keys_that_is_none_is_told_and_no_site_is_written(
    generated: list[Path], url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["site", "--out", "site", "--key-url", url]) == 2
    assert "--key-url: expected a URL that starts with https://" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_the_pages_of_a_site_lead_to_the_envelope_beside_them_and_to_where_keys_are_published(
    generated: list[Path], tmp_path: Path
) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["site", "--out", "site", "--key-url", "https://auditor.example/keys"]) == 0
    (checking,) = (tmp_path / "site" / "check").iterdir()
    page = checking.read_text()
    assert 'href="https://auditor.example/keys"' in page
    (envelope,) = (tmp_path / "site" / "attestation").glob("*.dsse.json")
    assert f'href="../attestation/{envelope.name}"' in page


@pytest.mark.parametrize(
    "url", ["reserves.example", "https://user:secret@reserves.example/", "javascript:alert(1)", ""]
)
def test_an_address_that_is_none_is_told(generated: list[Path], url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(generated[0]) == 0
    assert commands.main(["site", "--out", "site", "--url", url]) == 2
    assert "secret" not in capsys.readouterr().err
    assert not Path("site").exists()


@pytest.mark.parametrize("command", [["log"], ["site", "--out", "pages"], ["log", "rebuild"]])
def test_a_folder_is_no_history_and_none_is_promised_there(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main([*command, "--history", str(tmp_path)]) == 2
    assert "is no file, but a folder: a history is a SQLite file" in capsys.readouterr().err


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="holds files that are not of an earlier site"):
        folder.replace_folder(tmp_path / "home", [("index.html", b"")])
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to(tmp_path / "home")
    for name in ("file", "link"):
        with pytest.raises(InputError, match="is no folder"):
            folder.replace_folder(tmp_path / name, [("index.html", b"")])
    assert (tmp_path / "home" / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("system", ["exchange", "no exchange"])
def test_a_site_that_cannot_be_built_leaves_the_earlier_one(
    tmp_path: Path, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system == "no exchange":

        def refuse(*_: object) -> None:
            raise OSError(38, "Function not implemented")

        monkeypatch.setattr(folder, "_rename_exchange", refuse)
    site = tmp_path / "site"
    assert folder.replace_folder(site, [("index.html", b"1"), ("a/b.html", b"2")]) == 2

    def broken() -> Any:
        yield "index.html", b"3"
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        folder.replace_folder(site, broken())
    assert (site / "index.html").read_bytes() == b"1"
    folder.replace_folder(site, [("index.html", b"4")])
    assert sorted(path.name for path in site.iterdir()) == [folder.MARK, "index.html"]
    assert (site / "index.html").read_bytes() == b"4"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["auditor.pub", "site", "stranger.pub"]


def test_the_earlier_site_comes_back_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    folder.replace_folder(site, [("index.html", b"1")])
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(13, "Permission denied")
        return rename(path, target)

    def no_such_call(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(folder, "_rename_exchange", no_such_call)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        folder.replace_folder(site, [("index.html", b"2")])
    assert (site / "index.html").read_bytes() == b"1"


@pytest.mark.parametrize("system", ["exchange", "no exchange"])
def test_what_others_put_into_a_site_is_kept_beside_the_next_one(
    tmp_path: Path, system: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if system == "no exchange":

        def refuse(*_: object) -> None:
            raise OSError(38, "Function not implemented")

        monkeypatch.setattr(folder, "_rename_exchange", refuse)
    site = tmp_path / "site"
    pages = [("index.html", b"1"), ("a/b.html", b"2")]
    for _ in range(2):
        folder.replace_folder(site, pages)
        assert list(tmp_path.glob("site.kept-*")) == []
    (site / "CNAME").write_text("reserves.example")
    (site / "a" / "deep" / "er").mkdir(parents=True)
    (site / "a" / "deep" / "er" / "notes").write_text("notes")
    (site / "nowhere").symlink_to("absent")
    folder.replace_folder(site, pages[:1])
    (kept,) = tmp_path.glob("site.kept-*")
    files = {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_symlink() or path.is_file()}
    assert files == {"CNAME", "a/deep/er/notes", "nowhere"}
    assert (kept / "CNAME").read_text() == "reserves.example"
    assert sorted(path.name for path in site.iterdir()) == [folder.MARK, "index.html"]
    assert f"they are kept in {kept}" in capsys.readouterr().err
