"""A small CSV of what is owed: read whole or not at all, with every mistake at its line and by its value."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.amounts import exact
from scanner.errors import InputError
from scanner.sources.owed_table import MOST_BYTES, StatedAmount, read_owed_table


def read(folder: Path, content: str | bytes) -> dict[str, StatedAmount]:
    path = folder / "owed.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_owed_table(path)


def mistakes(folder: Path, content: str | bytes) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(folder, content)
    return [str(mistake).removeprefix(f"{folder}/") for mistake in raised.value.mistakes]


def test_units_amounts_and_printed_ratios_are_read_with_their_lines(tmp_path: Path) -> None:
    rows = "# OKX, page 3\nCoin,Owed,Stated ratio\nBTC,139199.50,103%\n\nETH,1476215,\nUSDC,,104%\nDOGE,-,\n"
    assert list(read(tmp_path, rows).values()) == [
        StatedAmount("BTC", "139199.5", "owed.csv:3", "103%"),
        StatedAmount("ETH", "1476215", "owed.csv:5"),
        StatedAmount("USDC", None, "owed.csv:6", "104%"),
        StatedAmount("DOGE", None, "owed.csv:7"),
    ]


@pytest.mark.parametrize("rows", ["unit;amount\nBTC;1\n", "unit\tamount\r\nBTC\t1\r\n", "﻿unit,amount\nBTC,1"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, rows: str) -> None:
    assert read(tmp_path, rows)["BTC"].amount == "1"


def test_all_mistakes_of_a_file_are_found_at_once_with_line_and_value(tmp_path: Path) -> None:
    rows = 'unit,amount,stated_ratio\nBTC,"1,5",\nETH,-3,103\nB TC,1,\nBTC,2,\nBTC,3,\nUSDT,1,234\nX,1,100%,9\nY,1e5,\n'
    assert mistakes(tmp_path, rows) == [
        "owed.csv:2: amount: '1,5' is no amount; expected decimal digits, such as 139199 or 0.25; commas that part"
        " thousands are not taken",
        "owed.csv:3: amount: '-3' is no amount; expected decimal digits, such as 139199 or 0.25",
        "owed.csv:3: stated_ratio: '103' is no percentage; expected such as 103% or 100.25%",
        "owed.csv:4: unit: 'B TC' is no name of a unit, such as BTC",
        "owed.csv:6: BTC stands already at line 5",
        "owed.csv:7: stated_ratio: '234' is no percentage; expected such as 103% or 100.25%",
        "owed.csv:8: '9' stands in no column; an amount has no commas",
        "owed.csv:9: amount: '1e5' is no amount; expected decimal digits, such as 139199 or 0.25",
    ]


EXPECTED = "expected the columns unit and amount, and stated_ratio where the report prints one"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", f"owed.csv:1: no line states an amount; {EXPECTED}"),
        ("unit,amount\n", f"owed.csv:1: no line states an amount; {EXPECTED}"),
        ("BTC,1\n", f"owed.csv:1: column 'BTC' is not known; {EXPECTED}"),
        ("unit,price\nBTC,1\n", f"owed.csv:1: no column of the amount; {EXPECTED}"),
        ("unit,coin,amount\nBTC,ETH,1\n", "owed.csv:1: 'coin' is a second column of the unit"),
        ("unit,amount,note\nBTC,1,x\n", f"owed.csv:1: column 'note' is not known; {EXPECTED}"),
        (b"unit,amount\nBTC,\xff\n", "owed.csv:2: is not UTF-8; save it as CSV in UTF-8"),
        ("unit,amount\nBTC,\0\n", "owed.csv:2: holds zero bytes: it is no CSV"),
        ('unit,amount\nBTC,"1\n', "owed.csv:2: is not CSV: unexpected end of data"),
        ("unit,amount\nBTC," + "9" * 81, f"owed.csv:2: amount: '{'9' * 80}' has more than 80 digits before the point"),
    ],
)
def test_what_is_no_such_table_is_refused_with_what_is_expected(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    assert any(mistake.startswith(told) for mistake in mistakes(tmp_path, content)), mistakes(tmp_path, content)


def test_a_file_is_read_to_a_bound(tmp_path: Path) -> None:
    assert "is larger than" in mistakes(tmp_path, b"#" * (MOST_BYTES + 1))[0]


def test_characters_that_move_a_terminal_are_escaped_in_mistakes(tmp_path: Path) -> None:
    assert "\x1b" not in "".join(mistakes(tmp_path, "unit,amount\n\x1b[2J,\x1b[2J\n"))


@given(
    st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9]{0,8}", fullmatch=True), st.decimals(0, 10**9, places=8), min_size=1)
)
def test_every_amount_comes_back_exactly(tmp_path_factory: pytest.TempPathFactory, amounts: dict[str, Decimal]) -> None:
    folder = tmp_path_factory.mktemp("owed")
    rows = "".join(f"{unit},{amount:f}\n" for unit, amount in amounts.items())
    found = read(folder, f"unit,amount\n{rows}")
    assert {unit: one.amount for unit, one in found.items()} == {
        unit: exact(Fraction(str(amount))) for unit, amount in amounts.items()
    }


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with suppress(InputError):
        assert read(tmp_path_factory.mktemp("owed"), content)
