"""Values at somebody's prices: exact, partial where a coin is left out, marked, and no part of what was signed."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.cli import commands
from scanner.report.values import NOT_SIGNED, Values, money, owed, sentences, values
from scanner.report.values_table import render_values
from scanner.sources.prices import Prices
from tests.support.attestations.attested import AUDITOR, public_pem
from tests.support.documented import EXAMPLE
from tests.support.rendered_pages import PREDICATE, render

AS_OF = datetime(2023, 11, 22, 16, tzinfo=UTC)


def prices(by_unit: dict[str, str], as_of: datetime = AS_OF) -> Prices:
    exact = {unit: Fraction(text) for unit, text in by_unit.items()}
    return Prices("Example Index", as_of, "USD", exact, "prices.yaml", "ab" * 32)


def reserve(unit: str, held: str, owed: str | None, **others: Any) -> dict[str, Any]:
    usual = {"holdings": 2, "gaps": 0, "atLeast": 0, "withheld": []}
    return {"unit": unit, "held": held, "owed": owed, **usual, **others}


def finding(*reserves: dict[str, Any], complete: bool = True) -> dict[str, Any]:
    return {"reserves": list(reserves), "complete": complete, "asOf": "2023-11-22T16:00:00Z"}


def of(*reserves: dict[str, Any], by_unit: dict[str, str]) -> Values:
    return values(finding(*reserves), prices(by_unit))


def test_values_and_totals_are_exact() -> None:
    both = of(reserve("BTC", "0.1", "3"), reserve("ETH", "7", "0.3"), by_unit={"BTC": "0.1", "ETH": "1000000.07"})
    assert [each.held for each in both.by_unit] == [Fraction(1, 100), Fraction("7000000.49")]
    assert (both.held, both.owed, both.partial) == (Fraction("7000000.50"), Fraction("300000.321"), False)


@pytest.mark.parametrize(
    ("other", "by_unit", "why"),
    [
        (reserve("ETH", "7", "1"), {"BTC": "10"}, "no price"),
        (reserve("ETH", "7", None), {"BTC": "10", "ETH": "2"}, "what is owed is not stated"),
        (reserve("ETH", "0", "1", gaps=2), {"BTC": "10", "ETH": "2"}, "what is held is not established"),
        (reserve("ETH", "7", "1", withheld=[{}]), {"BTC": "10", "ETH": "2"}, "no verdict is given on it"),
    ],
)
def test_a_coin_of_which_anything_is_not_known_is_left_out_of_both_totals_and_named(
    other: dict[str, Any], by_unit: dict[str, str], why: str
) -> None:
    found = of(reserve("BTC", "2", "1"), other, by_unit=by_unit)
    assert (found.held, found.owed, found.partial) == (Fraction(20), Fraction(10), True)
    assert f"leave out ETH ({why})." in next(sentences(found))
    assert "partial total" in render_values(found)


def test_what_is_not_known_is_never_a_zero() -> None:
    found = of(reserve("BTC", "0", "1", gaps=2), reserve("ETH", "1", None), by_unit={"BTC": "10", "ETH": "10"})
    assert found.by_unit[0].held is None
    assert [owed(each) for each in found.by_unit] == ["10.00", "not stated"]


def test_where_more_may_be_held_the_values_say_so() -> None:
    part = reserve("BTC", "2", "1", gaps=1)
    assert "≥20.00" in render_values(of(part, by_unit={"BTC": "10"}))
    assert values(finding(reserve("BTC", "2", "1"), complete=False), prices({"BTC": "10"})).at_least


def test_source_moment_and_digest_stand_beside_the_figures_and_that_nothing_rests_on_them() -> None:
    told = " ".join(render_values(of(reserve("BTC", "2", "1"), by_unit={"BTC": "10"})).split())
    assert "Prices: Example Index, as of 2023-11-22 16:00 UTC, from prices.yaml (sha256:abab" in told
    assert NOT_SIGNED in told
    assert "apart" not in told


def test_prices_of_another_day_and_of_coins_that_are_not_there_are_named() -> None:
    old = prices({"BTC": "10", "BTCC": "1"}, AS_OF - timedelta(days=30))
    told = list(sentences(values(finding(reserve("BTC", "2", "1")), old)))
    assert "30 d apart" in told[1]
    assert told[2] == "Not used, since nothing of it is owed here: BTCC."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(0), "0.00"),
        (Fraction(1, 1000), "<0.01"),
        (Fraction("1234567.899"), "1,234,567.89"),
        (None, "-"),
    ],
)
def test_money_is_cut_and_never_rounded_up(value: Fraction | None, shown: str) -> None:
    assert money(value) == shown


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.tuples(*[st.decimals(0, 10**15, places=18)] * 2), min_size=1))
def test_totals_are_the_sums_of_what_is_counted(amounts: dict[str, Any]) -> None:
    reserves = [reserve(unit, f"{held:f}", f"{owed:f}") for unit, (held, owed) in amounts.items()]
    found = of(*reserves, by_unit=dict.fromkeys("ABC", "0.37"))
    counted = [amounts[unit] for unit in amounts if unit in "ABC"]
    assert found.held == sum((Fraction(f"{held:f}") for held, _ in counted), Fraction(0)) * Fraction(37, 100)
    assert found.partial == any(unit not in "ABC" for unit in amounts)


# --- the command

FILE = 'source: Example Index\nas_of: 2023-11-22T00:00:00Z\ncurrency: USD\nprices: {ETH: "2064.51"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "attestation.dsse.json").write_bytes(EXAMPLE.envelope)
    (tmp_path / "auditor.pub").write_text(public_pem(AUDITOR))
    (tmp_path / "prices.yaml").write_text(FILE)
    return tmp_path


def test_show_adds_them_behind_what_was_signed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["show", "attestation.dsse.json"]) == 0
    without = capsys.readouterr().out
    assert commands.main(["show", "attestation.dsse.json", "--prices", "prices.yaml"]) == 0
    told = capsys.readouterr().out
    signed, _, last = without.partition("\nShown as it stands")
    assert told.startswith(signed)
    assert told.endswith(last)
    assert "at these prices, in USD" in told
    assert "in USD" not in without


def test_what_is_signed_is_printed_for_machines_without_prices(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["show", "attestation.dsse.json", "--json", "--prices", "prices.yaml"]) == 2
    assert "no prices stand" in capsys.readouterr().err


def test_a_page_carries_them_apart_from_what_it_checks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["show", "attestation.dsse.json", "--html", "page.html"]
    assert commands.main([*argv, "--prices", "prices.yaml"]) == 0
    page = (folder / "page.html").read_text()
    section = page.partition('<h2 id="values">')[2].partition("</section>")[0]
    assert NOT_SIGNED in section
    assert "data-is" not in section
    assert "2,064.51" in section
    assert commands.main(argv) == 0
    assert (folder / "page.html").read_text().count("USD<") == 0
    assert capsys.readouterr().err == ""


def test_a_wrong_file_of_prices_writes_no_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "prices.yaml").write_text(FILE.replace('"2064.51"', "2064.51"))
    assert commands.main(["show", "attestation.dsse.json", "--html", "page.html", "--prices", "prices.yaml"]) == 2
    assert "prices.yaml:4: ETH: '2064.51' is not in quotes" in capsys.readouterr().err
    assert not (folder / "page.html").exists()


def test_the_prices_are_not_written_over(folder: Path) -> None:
    assert commands.main(["show", "attestation.dsse.json", "--html", "prices.yaml", "--prices", "prices.yaml"]) == 2
    assert (folder / "prices.yaml").read_text() == FILE


def test_names_from_outside_are_harmless_on_the_page() -> None:
    hostile = "</script><img src=x>\u202e"
    spoiled = copy.deepcopy(json.loads(json.dumps(PREDICATE)))
    spoiled["finding"]["reserves"][0]["unit"] = hostile
    found = values(
        spoiled["finding"], Prices(hostile, AS_OF, "USD", {hostile: Fraction(1)}, f"{hostile}.yaml", "ab" * 32)
    )
    section = render(spoiled, values=found).partition('<h2 id="values">')[2].partition("</section>")[0]
    assert section.count("&lt;img src=x&gt;") == 3
    assert "<img" not in section
    assert "\u202e" not in section
