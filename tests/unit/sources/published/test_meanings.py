"""What a label on a network means, worked out once for all rows that bear it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scanner.chains.account_forms import AddressError
from scanner.errors import InputError
from scanner.sources.published import meanings as module
from scanner.sources.published.labels import LabelTable
from scanner.sources.published.meanings import MAX_LABELS, Meanings, Numbers
from scanner.sources.published.rows import Refused, RowRefusal
from tests.support.tables import each_of

ADDRESS = "0x5041ed759Dd4aFc3a72b8192C143F72f4724081A"


def meanings(
    numbers: Numbers | None = None, *, caip: bool = False, heights: Mapping[str, int] | None = None
) -> Meanings:
    return Meanings(LabelTable(), Numbers() if numbers is None else numbers, "f.csv", caip=caip, heights=heights or {})


def test_a_pair_is_worked_out_once_and_blanks_around_its_cells_mean_nothing() -> None:
    found = meanings()
    assert found.of("ETH", "ETH") is found.of("ETH", "ETH")
    blank = found.of(" ETH ", " ETH\t")
    assert blank.listed == found.of("ETH", "ETH").listed
    assert blank.label == found.of("ETH", "ETH").label == 0


def test_labels_and_assets_are_numbered_as_they_come_over_all_texts_of_a_file() -> None:
    numbers = Numbers()
    first, second = meanings(numbers), meanings(numbers)
    found = [first.of("ETH", "ETH"), first.of("BTC", "BTC"), second.of("eth", "ETH"), second.of("BTC", "BTC")]
    assert [each.label for each in found] == [0, 1, 2, 1]  # each spelling is a label of its own
    assert [each.asset for each in found] == [bytes(4), b"\0\0\0\1", bytes(4), b"\0\0\0\1"]
    many = Numbers(assets=dict.fromkeys(map(str, range(258))))  # type: ignore[arg-type]
    assert meanings(many).of("ETH", "ETH").asset == b"\0\0\1\2"


def test_heights_are_by_label_in_whatever_case() -> None:
    found = meanings(heights={"ETH": 7, "BTC": 8})
    assert [found.of(label, network).height for label, network in (("eth", "ETH"), ("Eth", "ARBITRUM"))] == [7, 7]
    assert found.of("BTC", "BTC").height == 8
    assert found.of("SOL", "SOL").height is None


def test_decimals_of_base_units_are_those_of_a_known_asset() -> None:
    found = meanings()
    assert [found.of(label, label).base_decimals for label in ("ETH", "BTC", "DOT")] == [18, 8, 10]
    assert found.of("NOBODY-KNOWS", "ETH").base_decimals is None


@each_of(
    ("label", "network", "staked"),
    [
        *(("ETH", "ETH", True), ("eth", "ETH", True), ("BETH", "ETH", True), ("beth", "ETH", True)),
        *(("USDT", "ETH", False), ("ETH", "ARBITRUM", False), ("ETH", "NOWHERE", False), ("BTC", "BTC", False)),
    ],
)
def test_a_validator_may_stand_under_ether_on_its_own_chain_alone(label: str, network: str, staked: bool) -> None:
    assert (meanings().of(label, network).validator is not None) is staked


def test_an_account_under_a_known_label_is_its_key_and_under_another_its_canonical_text() -> None:
    found = meanings()
    key = bytes.fromhex(ADDRESS[2:])
    assert found.of("ETH", "ETH").key(ADDRESS.lower()) == key
    assert found.of("NOBODY-KNOWS", "ETH").key(ADDRESS.lower()) == found.of("NOBODY-KNOWS", "ETH").key(ADDRESS)
    assert found.of("NOBODY-KNOWS", "ETH").key(ADDRESS) == ADDRESS.lower().encode()
    assert found.of("NOBODY-KNOWS", "NOWHERE").key("any.text") == b"any.text"
    refused = [("ETH", "ETH", "0x12"), ("NOBODY-KNOWS", "ETH", "0x12"), ("X", "NOWHERE", "\0")]
    refused += [("NOBODY-KNOWS", "BTC", "raw(51)")]  # which evidence could not name under a chain that it does not know
    for label, network, account in refused:
        with pytest.raises(AddressError):
            found.of(label, network).key(account)


def test_a_label_that_is_none_is_refused_by_both_its_cells() -> None:
    with pytest.raises(Refused) as caught:
        meanings().of("", "ETH")
    assert caught.value.reason is RowRefusal.BAD_LABEL
    assert "ETH" in str(caught.value.detail)


def test_networks_may_be_named_as_in_caip_2_where_the_layout_has_them_so() -> None:
    assert str(meanings(caip=True).of("ETH", "eip155:1").listed.asset) == "eip155:1/slip44:60"
    unsaid = Meanings(LabelTable(), Numbers(), "f.csv", heights={})
    assert not unsaid.of("ETH", "eip155:1").listed.mapped


def test_a_file_may_use_so_many_pairs_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_LABELS == 20_000
    monkeypatch.setattr(module, "MAX_LABELS", 3)
    found = meanings()
    for number in range(3):
        found.of(f"L{number}", "ETH")
    assert found.of("L0", "ETH").label == 0  # which it has already
    with pytest.raises(InputError, match="uses more than 3 labels"):
        found.of("L3", "ETH")
