"""Names in one canonical spelling, amounts exact."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.names import name_of, parse_asset, parse_chain, shows_native_again
from scanner.chains.registry import BACKENDS
from scanner.core.amounts import (
    MOST_ATOMS,
    AmountError,
    exact,
    parse_decimal,
    parse_percent,
    parse_stated,
    rounded_down,
    to_atoms,
)
from scanner.core.ids import IdError
from tests.support.tables import each_of

USDT = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"


def test_an_erc20_has_one_spelling_whatever_case_its_contract_is_written_in() -> None:
    assert parse_asset(USDT) == parse_asset(USDT.lower())
    assert str(parse_asset(USDT)) == USDT.lower()
    assert parse_asset(USDT).contract == bytes.fromhex("dac17f958d2ee523a2206206994597c13d831ec7")


def test_a_native_asset_has_no_contract() -> None:
    eth = parse_asset("eip155:1/slip44:60")
    assert eth.native
    with pytest.raises(IdError, match="no ERC-20"):
        _ = eth.contract


@each_of(
    "text",
    [
        "eip155", "eip155:", ":1", "EIP155:1", "eip155:01", "eip155:0", "eip155:0x1", "eip155:1 ", "eip155:1\n",
        "beacon:01", "beacon:0", "beacon:main",
        "solana:mainnet", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvd", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpG",
        "solana:0eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "fil:q", "fil:F", "fil:ff", "fil:314", "aelf:aelf", "aelf:0",
        "bip122:000000000019d6689c085ae165831e9", "bip122:000000000019D6689C085AE165831E93", "ab:1",
        "eip155:" + "1" * 33, "eip155:١",
    ],
)  # fmt: skip
def test_what_is_no_caip_2_name_is_refused(text: str) -> None:
    with pytest.raises(IdError):
        parse_chain(text)


@each_of("kind", [kind for kind, (_, backend) in BACKENDS.items() if backend.chain])
def test_the_chain_of_every_kind_of_node_has_a_name_that_people_use(kind: str) -> None:
    chain = BACKENDS[kind][1].chain
    assert chain is not None
    assert parse_chain(str(chain)) == chain
    assert name_of(chain)


@each_of(
    "text",
    [
        "eip155:1", "eip155:1/", "eip155:1/slip44", "eip155:1/slip44:061", "eip155:1/slip44:0x3c",
        "eip155:1/erc20:0x12", "eip155:1/erc20:dac17f958d2ee523a2206206994597c13d831ec7", USDT + "0",
        USDT + "/1", USDT + "\n",
        "bip122:000000000019d6689c085ae165831e93/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
    ],
)  # fmt: skip
def test_what_is_no_caip_19_name_is_refused(text: str) -> None:
    with pytest.raises(IdError):
        parse_asset(text)


def test_a_known_chains_coin_cannot_be_listed_under_a_second_number() -> None:
    with pytest.raises(IdError, match="slip44:60"):
        parse_asset("eip155:1/slip44:61")
    with pytest.raises(IdError, match="slip44:60"):
        parse_asset("beacon:1/slip44:0")


@pytest.mark.parametrize(
    ("asset", "doubled"),
    [
        ("eip155:137/erc20:0x0000000000000000000000000000000000001010", True),
        ("eip155:10/erc20:0xDeadDeAddeAddEAddeadDEaDDEAdDeaDDeAD0000", True),
        ("eip155:1/erc20:0x0000000000000000000000000000000000001010", False),
        ("eip155:137/slip44:966", False),
        ("tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", False),
    ],
)
def test_a_token_that_shows_the_native_balance_again_is_known(asset: str, doubled: bool) -> None:
    assert shows_native_again(parse_asset(asset)) == doubled


def test_ids_of_other_families_are_kept_as_they_are_written() -> None:
    tron = "tron:728126428/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert str(parse_asset(tron)) == tron


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", Fraction(0)), ("139199", Fraction(139199)), ("0.10", Fraction(1, 10)), ("007", Fraction(7))],
)
def test_decimal_text_is_read_exactly(text: str, value: Fraction) -> None:
    assert parse_decimal(text) == value


@each_of("text", ["", "-1", "+1", "1e18", "1,000", "1_000", ".5", "5.", " 1", "1 ", "0x10", "NaN", "١", "1\n"])
def test_what_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(AmountError):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["9" * 80, "0." + "9" * 60, "1" * 80 + "." + "1" * 60])
def test_the_longest_amounts_can_be_stated(text: str) -> None:
    assert exact(parse_stated(text)) == text


@pytest.mark.parametrize("text", ["9" * 81, "0." + "9" * 61, "0" * 81, "1." + "0" * 61, "9" * 5000])
def test_an_amount_of_more_digits_than_a_statement_can_say_is_refused_where_it_is_stated(text: str) -> None:
    with pytest.raises(AmountError, match="more than 80 digits before the point, or 60 behind it"):
        parse_stated(text)


def test_an_amount_beyond_what_an_account_can_hold_is_refused() -> None:
    assert to_atoms(Fraction(MOST_ATOMS), 0) == MOST_ATOMS
    with pytest.raises(AmountError, match="more than any account can hold"):
        to_atoms(Fraction(MOST_ATOMS + 1), 0)


def test_a_percentage_knows_how_finely_it_was_printed() -> None:
    assert parse_percent("103%") == (Fraction(103, 100), Fraction(1, 100))
    assert parse_percent("100.25%") == (Fraction("1.0025"), Fraction(1, 10_000))
    for text in ("103", "%", "-3%", "1e2%", "103 %"):
        with pytest.raises(AmountError):
            parse_percent(text)


def test_an_amount_finer_than_an_atom_is_refused() -> None:
    assert to_atoms(Fraction("0.00000001"), 8) == 1
    with pytest.raises(AmountError, match="8 decimals"):
        to_atoms(Fraction("0.000000001"), 8)


def test_ratios_are_rounded_down_never_up() -> None:
    assert rounded_down(Fraction(2, 3), 6) == "0.666666"
    assert rounded_down(Fraction(999999999, 1000000000), 6) == "0.999999"
    assert rounded_down(Fraction(7), 0) == "7"


def test_a_third_cannot_be_written_out_exactly() -> None:
    with pytest.raises(AmountError):
        exact(Fraction(1, 3))


@given(st.integers(0, 2**256 - 1), st.integers(0, 36))
def test_atoms_survive_the_way_through_text(atoms: int, decimals: int) -> None:
    text = exact(Fraction(atoms, 10**decimals))
    assert to_atoms(parse_decimal(text), decimals) == atoms
    assert not (("." in text) and text.endswith(("0", ".")))
