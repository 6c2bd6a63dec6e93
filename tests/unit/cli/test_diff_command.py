"""`scanner diff` on files: two attestations, two claims, and what is neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.cli.commands import main
from tests.support.attestations.attested import attest, held
from tests.support.documented import EXAMPLE
from tests.support.places import VECTORS

CLAIM = """\
version: 1
exchange: Example Exchange
as_of: 2023-11-22T16:00:00Z
assets:
  ETH: {id: "eip155:1/slip44:60", backs: ETH, decimals: 18}
  USDT: {id: "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7", backs: USDT, decimals: 6}
liabilities: {ETH: "1.5", USDT: "2"}
holdings:
"""
FIRST, SECOND, THIRD = (f"0x{digit * 40}" for digit in "123")


def claim(path: Path, *rows: tuple[str, str], owed: str = "1.5") -> Path:
    lines = [f'  - {{asset: {asset}, account: "{account}"}}\n' for asset, account in rows]
    path.write_text(CLAIM.replace("1.5", owed) + "".join(lines))
    return path


def told(capsys: pytest.CaptureFixture[str], *argv: object, code: int = 0) -> str:
    assert main(["diff", *map(str, argv)]) == code
    found = capsys.readouterr()
    return found.out + found.err


def test_two_claims_differ_in_accounts_added_removed_and_under_other_assets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = claim(tmp_path / "one.yaml", ("ETH", FIRST), ("ETH", SECOND))
    other = claim(tmp_path / "other.yaml", ("ETH", FIRST), ("USDT", FIRST), ("ETH", THIRD), owed="1.75")
    found = json.loads(told(capsys, one, other, "--json"))["changes"]
    accounts = {
        (each["subject"], each["what"]): (each["before"], each["after"]) for each in found if each["part"] == "accounts"
    }
    assert accounts == {
        (f"eip155:1:{SECOND}", "removed"): ("ETH", None),
        (f"eip155:1:{THIRD}", "added"): (None, "ETH"),
        (f"eip155:1:{FIRST}", "other assets"): ("ETH", "ETH USDT"),
    }
    (owed,) = (each for each in found if each["part"] == "liabilities")
    assert (owed["subject"], owed["what"], owed["before"], owed["after"]) == ("ETH", "owed", "1.5", "1.75")
    text = told(capsys, one, other)
    assert f"{SECOND} removed" in " ".join(text.split())


def test_of_many_accounts_people_see_some_and_how_many_more_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = claim(tmp_path / "one.yaml", ("ETH", FIRST))
    rows = [("ETH", f"0x{number:040x}") for number in range(1000, 1025)]
    other = claim(tmp_path / "other.yaml", ("ETH", FIRST), *rows)
    assert "and 15 more added" in " ".join(told(capsys, one, other).split())
    assert len(json.loads(told(capsys, one, other, "--json"))["changes"]) == 25 + 2  # digest and number of holdings


def test_two_attestations_differ_in_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(EXAMPLE.envelope)
    other.write_bytes(attest(held()).envelope)
    assert "Units" in told(capsys, one, other)
    assert told(capsys, one, one) == "Nothing differs of what is compared.\n"


def test_a_claim_and_an_attestation_are_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = claim(tmp_path / "one.yaml", ("ETH", FIRST)), tmp_path / "other.json"
    other.write_bytes(EXAMPLE.envelope)
    assert "is a claim, and the other is none" in told(capsys, one, other, code=2)
    other.write_text("{}")
    assert "step 1" in told(capsys, other, other, code=4)
    assert "cannot be read" in told(capsys, tmp_path / "missing", one, code=2)


@pytest.mark.parametrize("name", ["series/v1/lent/series", "together/v1/lending/together", "flows/v1/lent/flows"])
def test_what_is_of_several_moments_is_not_compared_and_each_such_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    several, one = VECTORS / f"{name}.dsse.json", tmp_path / "one.json"
    one.write_bytes(EXAMPLE.envelope)
    line = f"{several}: is of several moments; expected two claims or two attestations, each of one moment"
    assert told(capsys, one, several, code=2).count(line) == 1
    assert told(capsys, several, several, code=2).count(line) == 1
