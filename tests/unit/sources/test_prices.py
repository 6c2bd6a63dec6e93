"""A file of prices: read as strictly as a claim, with all mistakes at once, and named by its digest."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.errors import InputError
from scanner.sources.prices import MOST_BYTES, Prices, load_prices

PRICES = """\
source: Example Index, closing prices
as_of: 2023-11-22T00:00:00Z
currency: USD
prices:
  BTC: "36585.70"
  SHIB: "0.00000812"
"""


def load(folder: Path, content: str | bytes) -> Prices:
    path = folder / "prices.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_prices(path)


def mistakes(folder: Path, content: str | bytes) -> list[str]:
    with pytest.raises(InputError) as raised:
        load(folder, content)
    return [str(mistake).removeprefix(f"{folder}/") for mistake in raised.value.mistakes]


def test_source_moment_currency_and_exact_prices_are_read_and_the_file_is_named_by_its_digest(tmp_path: Path) -> None:
    assert load(tmp_path, PRICES) == Prices(
        source="Example Index, closing prices",
        as_of=datetime(2023, 11, 22, tzinfo=UTC),
        currency="USD",
        by_unit={"BTC": Fraction(365857, 10), "SHIB": Fraction(812, 10**8)},
        file="prices.yaml",
        sha256=hashlib.sha256(PRICES.encode()).hexdigest(),
    )


def test_all_mistakes_are_found_at_once_with_line_and_value(tmp_path: Path) -> None:
    content = (
        'as_of: yesterday\ncurrency: dollars\nprices:\n  BTC: 36585.7\n  ETH: "0"\n  USDT: "-1"\n  B C: "1"\nurl: x\n'
    )
    assert [mistake.split(" ")[:2] for mistake in mistakes(tmp_path, content)] == [
        ["prices.yaml:1:", "prices:"],  # no source
        ["prices.yaml:1:", "as_of:"],
        ["prices.yaml:2:", "currency:"],
        ["prices.yaml:4:", "BTC:"],
        ["prices.yaml:5:", "ETH:"],
        ["prices.yaml:6:", "USDT:"],
        ["prices.yaml:7:", "prices:"],
        ["prices.yaml:8:", "prices:"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("source: Example Index, closing prices\n", "", "source missing"),
        ("as_of: 2023-11-22T00:00:00Z\n", "", "as_of missing"),
        ("currency: USD\n", "", "currency missing"),
        ('prices:\n  BTC: "36585.70"\n  SHIB: "0.00000812"\n', "", "prices missing"),
        ('prices:\n  BTC: "36585.70"\n  SHIB: "0.00000812"\n', "prices: {}\n", "is empty"),
        ('"36585.70"', "36585.70", "floats lose money"),
        ('"36585.70"', '"0.000"', "a price is above 0"),
        ("SHIB", "BTC", "stands already at line 5"),
        ("USD", "us$", "capital letters"),
        ("2023-11-22T00:00:00Z", "2023-11-22", "expected a time in UTC"),
    ],
)
def test_each_part_has_to_stand_there_and_be_right(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in PRICES
    assert any(complaint in mistake for mistake in mistakes(tmp_path, PRICES.replace(old, new)))


@pytest.mark.parametrize("content", [b"\xff", b"", b"- 1", b"x" * (MOST_BYTES + 1), b"{" * 100])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert mistakes(tmp_path, content)
