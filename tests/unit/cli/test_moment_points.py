"""What is said of time before anything is read: how far blocks lie from the moment, and which dates contradict it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scanner.chains.names import parse_asset, parse_chain
from scanner.cli import commands, examination, moment_points
from scanner.cli.check_result import Grade
from scanner.core.evidence import Basis, Gap, Snapshot
from scanner.errors import Why
from scanner.scanning.examine import Examination
from scanner.sources.addresses import ReadClaim, read_claim
from scanner.weighing.claim import Claim, Liability, PublishedReport
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.policy import Policy
from scanner.weighing.quorum import Agreement
from tests.support.attestations.attested import AS_OF, SNAPSHOTS, a_claim

BITCOIN_BLOCK, ETHEREUM_BLOCK = SNAPSHOTS
HEAD = (
    "coin,amount\nETH,20\n\ncoin,Network,Snapshot Height,address,amount,message,signature1,signature2,redeem script\n"
)
ROW = "ETH,ETH,{height},0x{number:040x},10,,,,\n"


def examined(*blocks: Snapshot) -> list[Examination]:
    return [Examination(each.chain, 2, ("a",), (), Agreement(each, Basis.OWN, ("a",))) for each in blocks]


@pytest.mark.parametrize(
    ("away", "told"),
    [
        (timedelta(minutes=-10), "of 2023-11-22T15:50:00Z, 10 min before as_of"),
        (timedelta(0), "of 2023-11-22T16:00:00Z, at as_of"),
        (timedelta(days=1), "of 2023-11-23T16:00:00Z, 1 d after as_of"),
    ],
)
def test_a_block_is_told_with_its_time_and_how_far_from_the_moment_it_is(away: timedelta, told: str) -> None:
    assert moment_points.described(replace(ETHEREUM_BLOCK, time=AS_OF + away), a_claim()) == told


def test_a_unit_whose_named_block_lies_too_far_from_the_moment_is_a_gap_before_anything_is_read() -> None:
    far = replace(BITCOIN_BLOCK, time=AS_OF - timedelta(hours=3))
    (point,) = moment_points.of_units(a_claim(), Policy(), examined(far, ETHEREUM_BLOCK))
    assert point.grade is Grade.GAP
    assert point.what == (
        "BTC: MOMENTS_APART, block 817900 of bip122:000000000019d6689c085ae165831e93 is of 2023-11-22T13:00:00Z,"
        " the claim as of 2023-11-22T16:00:00Z: 3 h apart, at most 2 h are allowed"
    )
    assert not list(
        moment_points.of_units(a_claim(), Policy(max_skew=timedelta(hours=3)), examined(far, ETHEREUM_BLOCK))
    )


def test_a_unit_of_which_nothing_is_owed_is_not_said_to_become_unknown() -> None:
    far = replace(BITCOIN_BLOCK, time=AS_OF - timedelta(hours=3))
    claim = a_claim()
    claim = replace(claim, liabilities={**claim.liabilities, "BTC": Liability("BTC", Fraction(0))})
    (point,) = moment_points.of_units(claim, Policy(), examined(far, ETHEREUM_BLOCK))
    assert point.grade is Grade.NOTE
    assert "UNKNOWN" not in point.matters


def test_a_block_where_amounts_are_only_compared_feeds_no_unit() -> None:
    far = replace(examined(replace(BITCOIN_BLOCK, time=AS_OF - timedelta(hours=3)))[0], weighed=False)
    assert not list(moment_points.of_units(a_claim(), Policy(), [*examined(*SNAPSHOTS), far]))


TRON = parse_chain("tron:728126428")


def on_tron(**changes: Any) -> Claim:
    claim = a_claim(**changes)
    trx = Holding(parse_asset(f"{TRON}/slip44:195"), bytes(19) + b"\x01")
    return replace(claim, holdings=Holdings.of([*claim.holdings, trx]))


def test_a_chain_that_is_read_only_as_it_is_now_is_told_for_a_claim_of_the_past_before_any_node_is_asked() -> None:
    months = AS_OF + timedelta(days=90)
    (point,) = moment_points.of_the_past(on_tron(), Policy(), months, [])
    assert (point.grade, point.about) == (Grade.NOTE, str(TRON))
    assert point.what.startswith("NO_PAST, such a chain can be read only as it is now, 90 d from the claim's moment")
    (point,) = moment_points.of_the_past(on_tron(snapshots={TRON: 7}), Policy(), AS_OF, [])
    assert "names block 7" in point.what
    assert not list(moment_points.of_the_past(on_tron(), Policy(), AS_OF + timedelta(hours=1), []))
    assert not list(moment_points.of_the_past(a_claim(), Policy(), months, []))


def test_a_chain_whose_nodes_said_so_is_told_of_once() -> None:
    months, why = AS_OF + timedelta(days=90), Gap(Why.NO_PAST, "as its nodes say")
    said, silent = Examination(TRON, 1, ("a",), (), why), Examination(TRON, 1, (), (), Gap(Why.UNREACHABLE, "down"))
    assert not list(moment_points.of_the_past(on_tron(), Policy(), months, [said]))
    assert len(list(moment_points.of_the_past(on_tron(), Policy(), months, [silent]))) == 1


def test_a_report_published_before_its_moment_contradicts_it() -> None:
    def of(published: str) -> list[str]:
        return [
            point.what
            for point in moment_points.of_dates(ReadClaim(a_claim(report=PublishedReport(published=published))))
        ]

    assert of("2023-11-20") == ["its report was published on 2023-11-20, before the moment that it is to be of"]
    assert of("2023-11-22") == of("2024-01-05") == of("") == []


def imported(folder: Path, *rows: str, name: str = "okx_por_20231122.csv", snapshots: str = "") -> ReadClaim:
    text = HEAD + "".join(rows)
    (folder / name).write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    claim = (
        f"version: 1\nexchange: X\nas_of: 2023-11-22T16:00:00Z\n{snapshots}"
        f'liabilities: {{ETH: "20"}}\nholdings:\n  - {{file: {name}, layout: okx, sha256: "{digest}"}}\n'
    )
    return read_claim(folder / "claim.yaml", claim.encode())


def test_a_file_that_names_several_heights_is_told_of(tmp_path: Path) -> None:
    read = imported(tmp_path, ROW.format(height=4, number=1), ROW.format(height=10, number=2))
    (point,) = moment_points.of_heights(read)
    assert (point.grade, point.about) == (Grade.NOTE, "okx_por_20231122.csv")
    assert point.what == (
        "its rows name 2 blocks, from 4 to 10 of eip155:1, where all holdings are weighed at the last block by"
        " 2023-11-22T16:00:00Z"
    )


def test_one_height_is_told_of_only_where_something_else_is_weighed(tmp_path: Path) -> None:
    rows = [ROW.format(height=4, number=1), ROW.format(height=4, number=2)]
    assert not list(moment_points.of_heights(imported(tmp_path, *rows)))
    (point,) = moment_points.of_heights(imported(tmp_path, *rows, snapshots='snapshots: {"eip155:1": 5}\n'))
    assert point.what == "its rows name block 4 of eip155:1, where all holdings are weighed at block 5"


@pytest.mark.parametrize(("name", "count"), [("okx_por_20231124.csv", 1), ("okx_por_20231123.csv", 0), ("okx.csv", 0)])
def test_a_day_in_a_files_name_that_is_not_the_moments_is_told_of(tmp_path: Path, name: str, count: int) -> None:
    read = imported(tmp_path, ROW.format(height=4, number=1), name=name)
    assert len(list(moment_points.of_dates(read))) == count


def test_import_says_that_a_file_names_several_heights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path, ROW.format(height=4, number=1), ROW.format(height=10, number=2))
    command = ["import", str(tmp_path / "okx_por_20231122.csv"), "--layout", "okx", "--out", str(tmp_path / "c.yaml")]
    assert commands.main(command) == 0
    assert "its rows name 2 blocks, from 4 to 10 of eip155:1" in capsys.readouterr().out
    assert commands.main([*command, "--json", "--force"]) == 0
    assert "its rows name 2 blocks" in json.loads(capsys.readouterr().out)["notes"][0]


def test_machines_are_told_each_blocks_time_and_distance() -> None:
    read = ReadClaim(a_claim())
    told = examination.as_json(read, Policy(), {}, examined(*SNAPSHOTS), [])
    assert [each["snapshot"]["time"] for each in told["chains"]] == ["2023-11-22T15:50:00Z", "2023-11-22T15:59:59Z"]
    assert [each["snapshot"]["fromAsOf"] for each in told["chains"]] == [-600, -1]
