"""`scanner import` and `scanner check` on published files: a claim that loads, an account in which nothing is lost."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.cli import arguments
from scanner.sources.addresses import load_claim
from scanner.sources.published import LAYOUTS
from scanner.sources.published.layout import Layout, snapshot_day
from tests.support.places import SHARED, VECTORS

OURS = VECTORS / "published"
OKX = SHARED / "data" / "okx"
ONE, TWO = (f"0x{number:040x}" for number in (1, 2))
STARKNET_ETH = "starknet:SN_MAIN/token:0x049d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7"
PLAIN = f"""\
chain,address,asset,amount
ETH,{ONE},ETH,1.5
ETH,0x12,ETH,1
FOO,x,BAR,2
STARKNET,0x64,ETH,3
"""
NODES = """\
policy: {quorum: 2, threshold: "1"}
nodes:
  - {url: "evm+http://127.0.0.1:9", chain: "eip155:1", operator: a}
  - {url: "evm+http://127.0.0.1:10", chain: "eip155:1", operator: b}
"""
USUAL = ("--out", "claim.yaml", "--exchange", "Example", "--as-of", "2026-01-01T00:00:00Z")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(PLAIN)
    (tmp_path / "nodes.yaml").write_text(NODES)
    return tmp_path


@pytest.fixture
def run(folder: Path, command: Run) -> Run:
    return command


def test_the_written_claim_refers_to_the_file_and_leaves_open_what_is_owed(folder: Path, run: Run) -> None:
    assert run("import", "a.csv", "--layout", "plain", *USUAL)[0] == 0
    written = (folder / "claim.yaml").read_text()
    assert hashlib.sha256(PLAIN.encode()).hexdigest() in written
    assert ONE not in written
    assert "null means that it was not published" in written
    claim = load_claim(folder / "claim.yaml")
    assert (claim.exchange, f"{claim.as_of:%Y-%m-%dT%H:%M:%SZ}") == ("Example", "2026-01-01T00:00:00Z")
    assert {unit: liability.owed for unit, liability in claim.liabilities.items()} == {"ETH": None}
    assert len(claim.holdings) == 3


def test_the_written_claim_asks_how_much_of_all_that_is_owed_it_speaks_of_and_check_tells(
    folder: Path, run: Run
) -> None:
    assert run("import", "a.csv", *USUAL)[0] == 0
    spoken = "speaks of 16.5% of all that is owed to customers, as the exchange states it"
    assert spoken not in run("check", "claim.yaml", "--offline")[1]
    assert json.loads(run("check", "claim.yaml", "--offline", "--json")[1])["shareOfAllOwed"] is None
    written = (folder / "claim.yaml").read_text()
    (folder / "claim.yaml").write_text(written.replace("#share_of_all_owed: ", "share_of_all_owed: "))
    assert spoken in " ".join(run("check", "claim.yaml", "--offline")[1].split())
    assert json.loads(run("check", "claim.yaml", "--offline", "--json")[1])["shareOfAllOwed"] == "16.5%"


def test_the_account_names_every_number_and_the_rows_at_fault(run: Run) -> None:
    _, told, _ = run("import", "a.csv", *USUAL)
    assert "rows: 4 read = 3 accepted + 1 refused" in told
    assert re.search(r"1 BAD_ADDRESS\n +line 3: '0x12' is not an EVM address", told)
    assert re.search(r"^  ETH +ETH +ETH +1 +1\.5$", told, re.MULTILINE)
    assert re.search(r"^  BAR +FOO +BAR\? +1 +2$", told, re.MULTILINE)
    chain = "starknet:SN_MAIN"
    assert f"{chain}: no kind of node can be asked, so its one holding is a gap, UNSUPPORTED" in told
    assert "nothing says what 'BAR' on 'FOO' backs" in told
    assert "fill in what is owed of ETH" in told


def test_the_account_for_machines_adds_up(run: Run) -> None:
    told = json.loads(run("import", "a.csv", "--json", *USUAL)[1])
    (file,) = told["files"]
    assert (file["read"], file["accepted"], file["refused"]) == (4, 3, {"BAD_ADDRESS": 1})
    assert [(row["line"], row["reason"]) for row in file["refusedRows"]] == [(3, "BAD_ADDRESS")]
    assert [
        (
            total["label"],
            total["network"],
            total["asset"],
            total["unit"],
            total["mapped"],
            total["rows"],
            total["claimed"],
        )
        for total in file["totals"]
    ] == [
        ("ETH", "ETH", "eip155:1/slip44:60", "ETH", True, 1, "1.5"),
        ("BAR", "FOO", "unmapped:FOO/label:BAR", "BAR", False, 1, "2"),
        ("ETH", "STARKNET", STARKNET_ETH, "ETH", True, 1, "3"),
    ]
    assert told["noBackend"] == {"starknet:SN_MAIN": 1, "unmapped:FOO": 1}
    assert not told["complete"]
    assert told["units"] == ["ETH"]


def test_check_tells_the_same_account_of_the_file(run: Run) -> None:
    imported = json.loads(run("import", "a.csv", "--json", *USUAL)[1])
    code, told, _ = run("check", "claim.yaml", "--offline", "--json")
    checked = json.loads(told)
    assert (code, checked["scan"]["exitCode"]) == (5, 5)  # no amount is stated as owed
    assert {name: checked[name] for name in ("files", "incomplete", "noBackend", "claim", "complete")} == {
        name: imported[name] for name in ("files", "incomplete", "noBackend", "claim", "complete")
    }
    told = run("check", "claim.yaml", "--offline")[1]
    assert "rows: 4 read = 3 accepted + 1 refused" in told
    assert "no kind of node can be asked about this chain, and the claim has 1 holding there" in " ".join(told.split())
    assert "held, and no liability stated: BAR" in told


def test_chains_that_no_node_could_serve_are_no_fault_of_the_settings(folder: Path, run: Run) -> None:
    run("import", "a.csv", *USUAL)
    assert " stop " not in run("check", "claim.yaml", "--offline")[1]
    (folder / "nodes.yaml").write_text(NODES.replace("operator: b", "operator: a"))
    told = run("check", "claim.yaml", "--offline", "--nodes", "nodes.yaml")[1]
    assert [line for line in told.splitlines() if " stop " in line] != []


def test_labels_filled_in_as_the_comment_proposes_make_the_claim_whole(folder: Path, run: Run) -> None:
    token = "eip155:1/erc20:0x000000000000000000000000000000000000beef"
    (folder / "a.csv").write_text(
        f"chain,address,asset,amount\nETH,{ONE},ETH,1.5\nFOO,{ONE},BAR,2\nFOO,{TWO},bar,2\neip155:1,{TWO},{token},1\n"
        f"eip155:98,{TWO},,1\n"
    )
    run("import", "a.csv", *USUAL)
    written = (folder / "claim.yaml").read_text()
    assert '#  - {label: "BAR", network: "FOO", id: "", backs: "", decimals: 0}  # 2 rows, 4 claimed' in written
    filled = re.sub(r"(?m)^#(labels:|  - \{.*)$", r"\1", written).replace(
        'backs: "", decimals: 0', "backs: B, decimals: 18"
    )
    for asset in ("eip155:99/slip44:1", "eip155:98/slip44:2"):
        filled = filled.replace('id: ""', f'id: "{asset}"', 1)
    (folder / "claim.yaml").write_text(filled)
    claim = load_claim(folder / "claim.yaml")
    assert claim.complete
    assert {str(asset.id) for asset in claim.assets.values() if asset.backs == "B"} == {
        "eip155:99/slip44:1",
        "eip155:98/slip44:2",
        token,
    }


def test_amounts_that_are_not_stated_are_no_zeros_in_the_account(folder: Path, run: Run) -> None:
    (folder / "a.csv").write_text(f"chain,address,asset,amount\nETH,{ONE},ETH,\nETH,{TWO},USDT,0\n")
    told = run("import", "a.csv", *USUAL)[1]
    assert re.search(r"^  ETH +ETH +ETH +1 + - +1 without amount$", told, re.MULTILINE)
    assert re.search(r"^  USDT +ETH +USDT +1 +0$", told, re.MULTILINE)


def test_a_label_whose_rows_all_stand_elsewhere_already_has_no_line_in_the_account(folder: Path, run: Run) -> None:
    again = f"chain,address,asset,amount\nEthereum,{ONE},ETH,1.5\n"
    (folder / "b.csv").write_text(again)
    run("import", "a.csv", *USUAL)
    with (folder / "claim.yaml").open("a") as file:
        file.write(f'  - {{file: b.csv, sha256: "{hashlib.sha256(again.encode()).hexdigest()}"}}\n')
    told = run("check", "claim.yaml", "--offline")[1]
    assert re.search(
        r"1 read = 0 accepted \+ 1 refused\n +1 DUPLICATE\n +line 2: stands already in a.csv\n\nclaim", told
    )
    assert "Ethereum" not in told


@pytest.mark.parametrize("name", [b" a.csv", b"\xff.csv", b"a\x1b.csv", b"a" * 201])
def test_a_file_whose_name_cannot_stand_in_a_claim_is_refused(folder: Path, run: Run, name: bytes) -> None:
    path = Path(os.fsdecode(name))
    shutil.copyfile("a.csv", path)
    code, _, told = run("import", str(path), *USUAL)
    assert (code, "rename it" in told, "\x1b" in told) == (2, True, False)


def test_what_a_label_holds_cannot_become_a_part_of_the_claim(folder: Path, run: Run) -> None:
    hostile = 'X\\"}\x85exchange: Other'
    (folder / "a.csv").write_text(f"chain,address,asset,amount\nETH,{ONE},ETH,1.5\nFOO,x,{hostile},2\n")
    code, told, _ = run("import", "a.csv", *USUAL)
    assert code == 0
    assert load_claim(folder / "claim.yaml").exchange == "Example"
    assert "\x85" not in told + (folder / "claim.yaml").read_text()
    assert "\x85" not in run("check", "claim.yaml", "--offline", "--json")[1]


@pytest.mark.parametrize(
    ("name", "sample", "expected"),
    [
        ("por_csv_2025090218_V2.csv", "okx_11.csv", "OKX, 2025-09-02T00:00:00"),
        ("PR01JUN26_HotCold.csv", "binance_hotcold.csv", "Binance, 2026-06-01T00:00:00"),
        ("20210919-reserves-701000.yaml", "bitmex.yaml", "BitMEX, 2021-09-19T00:00:00"),
    ],
)
def test_exchange_and_day_are_taken_from_layout_and_name(
    folder: Path, run: Run, name: str, sample: str, expected: str
) -> None:
    shutil.copyfile(OURS / sample, folder / name)
    assert run("import", name, "--out", "claim.yaml")[0] == 0
    claim = load_claim(folder / "claim.yaml")
    assert f"{claim.exchange}, {claim.as_of:%Y-%m-%dT%H:%M:%S}" == expected
    assert "# the day in the file's name" in (folder / "claim.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("a.csv", ("--as-of", "2026-01-01T00:00:00Z"), "--exchange: missing"),
        ("a.csv", ("--exchange", "X"), "--as-of: missing; the file's name does not give one day"),
        ("a.csv", ("--exchange", "a\x1b[2J", "--as-of", "2026-01-01T00:00:00Z"), "--exchange: 'a\\x1b[2J' holds"),
        (
            "a.csv",
            ("--layout", "okex", "--exchange", "X", "--as-of", "2026-01-01T00:00:00Z"),
            "no layout is called 'ok",
        ),
        ("a.csv", ("--layout", "okx", "--exchange", "X", "--as-of", "2026-01-01T00:00:00Z"), "no layout fits"),
        ("missing.csv", ("--exchange", "X", "--as-of", "2026-01-01T00:00:00Z"), "missing.csv: cannot be read"),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_written(
    folder: Path, run: Run, name: str, argv: tuple[str, ...], expected: str
) -> None:
    code, _, told = run("import", name, "--out", "claim.yaml", *argv)
    assert (code, expected in told) == (2, True), told
    assert not (folder / "claim.yaml").exists()


@pytest.mark.parametrize("text", ["2026", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "now"])
def test_what_is_no_moment_is_told_with_whatever_else_is_missing(folder: Path, run: Run, text: str) -> None:
    code, _, error = run("import", "a.csv", "--out", "claim.yaml", "--as-of", text, "--owed", "ETH=x")
    assert code == 2
    assert [line.split(": ")[1] for line in error.splitlines()] == ["--as-of", "--exchange", "--owed"]
    assert repr(text) in error
    assert not (folder / "claim.yaml").exists()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2025-11-30T00:00Z", "2025-11-30T00:00:00Z\n"),
        ("2025-11-30 08:00:00+08:00", "2025-11-30T00:00:00Z\n"),
        ("2025-11-30", "2025-11-30T00:00:00Z  # a day without an hour was given: put in the hour of the snapshot\n"),
    ],
)
def test_a_moment_may_be_in_any_form_of_iso_and_stands_in_the_claim_in_utc(
    folder: Path, run: Run, text: str, written: str
) -> None:
    assert run("import", "a.csv", *USUAL[:4], "--as-of", text)[0] == 0
    assert f"as_of: {written}" in (folder / "claim.yaml").read_text()


def test_a_name_that_gives_no_day_is_told_with_the_form_of_names_that_do(folder: Path, run: Run) -> None:
    shutil.copyfile(OURS / "okx_9.csv", folder / "okx_por.csv")
    error = run("import", "okx_por.csv", "--out", "claim.yaml")[2]
    assert "does not give one day, as one like por_csv_20231122.csv does: give a time such as" in error


@pytest.mark.parametrize("layout", [layout for family in LAYOUTS.values() for layout in family if layout.dated])
def test_the_form_of_names_that_is_told_is_one_that_gives_a_day(layout: Layout) -> None:
    assert snapshot_day(layout.dated, layout.dated_like) == "2023-11-22"


def test_a_day_that_never_was_is_none(folder: Path, run: Run) -> None:
    shutil.copyfile(OURS / "okx_9.csv", folder / "por_csv_20260230.csv")
    assert "--as-of: missing" in run("import", "por_csv_20260230.csv", "--out", "claim.yaml")[2]


def test_a_moment_to_come_is_refused_typed_or_by_the_files_name_and_nothing_is_written(folder: Path, run: Run) -> None:
    shutil.copyfile(OURS / "okx_9.csv", folder / "por_csv_20990101.csv")
    for argv, told in (
        ((), "--as-of: the day in the file's name, 2099-01-01T00:00:00Z is still to come"),
        (("--as-of", "2098-01-01T00:00:00Z"), "--as-of: 2098-01-01T00:00:00Z is still to come"),
    ):
        code, _, error = run("import", "por_csv_20990101.csv", "--out", "claim.yaml", "--exchange", "X", *argv)
        assert (code, told in error) == (2, True), error
        assert not (folder / "claim.yaml").exists()
    past = ("--as-of", "2023-01-01T00:00:00Z")
    assert run("import", "por_csv_20990101.csv", "--out", "claim.yaml", "--exchange", "X", *past)[0] == 0


def test_an_archive_of_two_days_has_none(folder: Path, run: Run) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(OURS / "binance_hotcold.csv", "PR01JUN26_HotCold.csv")
        archive.write(OURS / "binance_deposit.csv", "PR02JUN26_Deposit.csv")
    assert "--as-of: missing" in run("import", "a.zip", "--out", "claim.yaml")[2]


@pytest.mark.parametrize(
    ("rows", "unit"),
    [
        (f"BETH,,ETH,7,0x{'ab' * 48},32,m,s,,", "ETH"),
        ("NEW,,NEWNET,7,x,32,m,s,,", "NEW"),
    ],
)
def test_a_file_of_labels_that_no_table_knows_has_units_all_the_same(
    folder: Path, run: Run, rows: str, unit: str
) -> None:
    header = "coin,Type,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script/public key"
    (folder / "por_csv_20260718.csv").write_text(f"{header}\n{rows}\n")
    assert run("import", "por_csv_20260718.csv", "--out", "claim.yaml")[0] == 0
    assert set(load_claim(folder / "claim.yaml").liabilities) == {unit}


def test_what_is_there_is_not_overwritten_unless_forced(folder: Path, run: Run) -> None:
    (folder / "claim.yaml").write_text("mine")
    code, _, told = run("import", "a.csv", *USUAL)
    assert (code, "--force" in told) == (2, True)
    assert (folder / "claim.yaml").read_text() == "mine"
    assert run("import", "a.csv", "--force", *USUAL)[0] == 0
    assert load_claim(folder / "claim.yaml").exchange == "Example"


def test_a_link_that_leads_nowhere_is_there_too(folder: Path, run: Run) -> None:
    (folder / "claim.yaml").symlink_to(folder / "elsewhere")
    assert run("import", "a.csv", *USUAL)[0] == 2
    assert not (folder / "elsewhere").exists()
    code, _, told = run("import", "a.csv", "--force", *USUAL)
    assert (code, "claim.yaml: cannot be written: is no file, but a link to nothing" in told) == (2, True)


def test_a_pipe_is_not_replaced_by_a_claim_though_forced(folder: Path, run: Run) -> None:
    os.mkfifo(folder / "claim.yaml")
    code, _, told = run("import", "a.csv", "--force", *USUAL)
    assert (code, "is no file; name one, since a claim lies beside its files" in told) == (2, True)
    assert (folder / "claim.yaml").is_fifo()


@pytest.mark.parametrize("out", ["a.csv", "link", "."])
def test_the_file_itself_is_never_overwritten(folder: Path, run: Run, out: str) -> None:
    (folder / "link").symlink_to(folder / "a.csv")
    assert run("import", "a.csv", "--force", "--out", out, *USUAL[2:])[0] == 2
    assert (folder / "a.csv").read_text() == PLAIN
    assert (folder / "link").is_symlink()


def test_a_claim_is_written_only_where_it_can_reach_its_file(folder: Path, run: Run) -> None:
    (folder / "sub").mkdir()
    shutil.copy(folder / "a.csv", folder / "sub" / "b.csv")
    code, _, told = run("import", "a.csv", "--out", "sub/claim.yaml", *USUAL[2:])
    assert (code, "a claim and its files go together" in told) == (2, True)
    assert run("import", "sub/b.csv", *USUAL)[0] == 0
    assert '{file: "sub/b.csv"' in (folder / "claim.yaml").read_text()


def test_help_names_every_layout() -> None:
    (commands_of,) = (action for action in arguments.parser()._actions if action.dest == "command")
    told = commands_of.choices["import"].format_help()  # type: ignore[index]
    assert all(name in told for name in LAYOUTS)


@pytest.mark.parametrize("sample", sorted(OURS.iterdir()), ids=lambda path: path.name)
def test_every_sample_goes_through_import_and_check_with_every_row_accounted_for(
    folder: Path, run: Run, sample: Path
) -> None:
    go_through(folder, run, sample)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("okx_por_2022.csv", 33),
        ("okx_por_example.csv", 5),
        ("okx_por_staking_example.csv", 3),
        ("test.csv", 9),
        ("declared_addresses.csv", 886),
    ],
)
def test_okxs_own_files_go_through_with_every_row_accepted(folder: Path, run: Run, name: str, rows: int) -> None:
    if not (OKX / name).exists():
        pytest.skip("the exchange's own files are not at hand")
    told = go_through(folder, run, OKX / name)
    assert (told["read"], told["accepted"]) == (rows, rows)


def go_through(folder: Path, run: Run, sample: Path) -> dict[str, object]:
    shutil.copyfile(sample, folder / sample.name)
    code, told, problems = run("import", sample.name, "--json", *USUAL)
    assert code == 0, problems
    imported = json.loads(told)
    (file,) = imported["files"]
    assert file["read"] == file["accepted"] + sum(file["refused"].values())
    assert file["accepted"] == sum(total["rows"] for total in file["totals"])
    in_custody = sum(total["rows"] for total in file["totals"] if total["kind"] == "CUSTODY")
    assert imported["holdings"] == file["accepted"] - in_custody
    assert run("import", sample.name, "--force", *USUAL)[0] == 0
    checked = json.loads(run("check", "claim.yaml", "--offline", "--json")[1])
    assert checked["files"] == imported["files"]
    assert f"{file['read']:,} read = {file['accepted']:,} accepted" in run("check", "claim.yaml", "--offline")[1]
    assert isinstance(file, dict)
    return file


def test_check_says_what_to_do_about_a_file_that_was_cut_short(folder: Path, run: Run) -> None:
    header = "coin,Network,Snapshot Height,address,amount,message,signature1"
    (folder / "okx_por_20260101.csv").write_text(
        f"coin,snapshot height,amount\nETH,4,8.5\n\n{header}\nETH,ETH,4,{ONE},1.5,,\n"
    )
    code, told, _ = run("import", "okx_por_20260101.csv", "--out", "claim.yaml")
    assert code == 0
    assert "line 2: the file says a total of 8.5 ETH, and its rows come to 1.5" in told
    _, told, _ = run("check", "claim.yaml", "--offline")
    told = " ".join(told.split())
    assert "line 2: the file says a total of 8.5 ETH, and its rows come to 1.5" in told
    assert "-> Fetch the file again, in case its end was lost" in told
    assert "under labels" not in told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04" + bytes(40), "cannot be unpacked: "),
        (b"PAR1" + bytes(40), "is a Parquet file; export it as CSV"),
        (b"\xff\xfec\0o\0", "is UTF-16 text; expected UTF-8"),
        (b'{"self": {"auditId": "1"}}', "is a file of liabilities"),
        (b"coin,network,wallet\n", "no layout fits: it starts with 'coin,network,wallet'; the nearest is"),
    ],
)
def test_a_file_that_is_no_table_is_one_line_in_every_command(folder: Path, run: Run, data: bytes, told: str) -> None:
    (folder / "bad.csv").write_bytes(data)
    code, _, error = run("import", "bad.csv", *USUAL)
    assert (code, error.count("\n")) == (2, 1)
    assert error.startswith("scanner: bad.csv")
    assert told in error
    digest = hashlib.sha256(data).hexdigest()
    (folder / "bad.yaml").write_text(
        "version: 1\nexchange: X\nas_of: 2026-01-01T00:00:00Z\nliabilities: {ETH: null}\nholdings:\n"
        f'  - {{file: bad.csv, sha256: "{digest}"}}\n'
    )
    for argv in (
        ("check", "bad.yaml", "--nodes", "nodes.yaml", "--offline"),
        ("scan", "bad.yaml", "--nodes", "nodes.yaml", "--out", "out"),
        ("verify", "a.csv", "--claim", "bad.yaml", "--key", "key.pub"),
    ):
        code, _, error = run(*argv)
        assert code == 2, argv
        assert sum(told in line for line in error.splitlines()) == 1, argv


def test_a_name_that_mixes_alphabets_is_noted_by_import_and_by_check(run: Run) -> None:
    mixed = "Kr\u0430ken"
    code, told, _ = run("import", "a.csv", "--out", "claim.yaml", "--exchange", mixed, "--as-of", USUAL[-1])
    assert (code, "mixes alphabets that look alike: Kr\\u0430ken has \\u0430 (CYRILLIC SMALL LETTER A)" in told) == (
        0,
        True,
    )
    code, told, _ = run("check", "claim.yaml", "--offline", "--json")
    assert any("mixes alphabets" in point["what"] for point in json.loads(told)["points"])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Terminal:
    """Somebody who answers so; gives what is asked."""
    asked = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{answer}\n" for answer in answers)))
    monkeypatch.setattr("sys.stderr", asked)
    return asked


def test_on_a_terminal_whose_file_it_is_and_of_which_moment_is_asked_for_until_it_is_said_right(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = at_a_terminal(monkeypatch, "", "Kraken", "2026", "2099-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "")
    assert run("import", "a.csv", "--out", "claim.yaml")[0] == 0
    claim = load_claim(folder / "claim.yaml")
    assert f"{claim.exchange}, {claim.as_of:%Y-%m-%dT%H:%M:%SZ}" == "Kraken, 2026-01-01T00:00:00Z"
    shown = asked.getvalue()
    assert shown.count("Whose file is it (a name, such as OKX): ") == 2
    assert shown.count("Of which moment is it (a time such as 2023-11-22T16:00:00Z, ") == 3
    assert "is still to come" in shown


def test_on_a_terminal_what_is_owed_is_asked_for_all_at_once_until_it_is_said_right(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_text(f"{PLAIN}ETH,{ONE},USDT,1\n")
    asked = at_a_terminal(monkeypatch, "ETH", "ETH=1,5 DOGE=1", "ETH=1.5 ETH=2", "ETH=1.5 USDT=20")
    assert run("import", "a.csv", *USUAL)[0] == 0
    owed = {unit: liability.owed for unit, liability in load_claim(folder / "claim.yaml").liabilities.items()}
    assert owed == {"ETH": Fraction(3, 2), "USDT": 20}
    shown = asked.getvalue()
    assert shown.count("What is owed of ETH, USDT (such as ETH=1.5 USDT=20; Enter if it was not published): ") == 4
    assert "'ETH' is no unit with its amount" in shown
    assert "no asset of the imported file backs DOGE" in shown
    assert "ETH is given twice" in shown


def test_on_a_terminal_nothing_is_asked_that_an_option_or_the_file_says(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(OURS / "okx_11.csv", folder / "por_csv_2026010100_V1.csv")
    asked = at_a_terminal(monkeypatch)
    assert run("import", "por_csv_2026010100_V1.csv", "--out", "claim.yaml", "--owed", "ETH=1")[0] == 0
    assert run("import", "a.csv", "--out", "other.yaml", "--owed", "ETH=1", *USUAL[2:])[0] == 0
    assert asked.getvalue() == ""


def test_a_terminal_that_hangs_up_leaves_no_claim(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, "Kraken")
    assert run("import", "a.csv", "--out", "claim.yaml")[0] == 2
    assert not (folder / "claim.yaml").exists()


def test_everything_that_is_missing_or_wrong_is_told_at_once(run: Run) -> None:
    code, _, error = run("import", "a.csv", "--out", "claim.yaml", "--exchange", "x" * 300)
    assert (code, [line.split(": ")[1] for line in error.splitlines()]) == (2, ["--exchange", "--as-of"])
