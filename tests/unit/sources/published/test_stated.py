"""What a file says of its rows as a whole is compared with them: a file that was cut short says so itself."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.sources.published import AUTO, PublishedFile, RowRefusal, read_published

Reading = Callable[..., PublishedFile]

BLOCK = "coin,snapshot height,amount"
HEADER = "coin,Network,Snapshot Height,address,amount,message,signature1"
FIRST = "coin,address,amount,message,signature1,signature2,redeem script/ public key"
ONE, TWO, THREE = (f"0x{number:040x}" for number in (1, 2, 3))


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def read(*lines: str, layout: str = AUTO, name: str = "file.csv") -> PublishedFile:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return read_published(path, layout)

    return read


def eth(account: str, amount: str, label: str = "ETH", network: str = "ETH") -> str:
    return f"{label},{network},7,{account},{amount},m,s"


def misfits(published: PublishedFile) -> list[tuple[str | None, Fraction, Fraction | None]]:
    return [(misfit.label, misfit.stated, misfit.found) for misfit in published.misfits]


def test_a_total_that_the_rows_do_not_come_to_is_told_with_the_sum(reading: Reading) -> None:
    published = reading(BLOCK, "ETH,7,8.5", "USDT-ERC20,7,600", "", HEADER, eth(ONE, "1.5"), eth(TWO, "2"))
    assert misfits(published) == [("ETH", Fraction("8.5"), Fraction("3.5")), ("USDT-ERC20", Fraction(600), Fraction(0))]
    assert [misfit.line for misfit in published.misfits] == [2, 3]
    assert published.stated == 2


@pytest.mark.parametrize(
    ("stated", "rows"),
    [
        ("8.5", ["8.5"]),
        ("8.5", ["3.5", "5"]),
        (" 8.5", ["8.50"]),  # a blank may stand before the number
        ("5.2834", ["5.28344825830217276"]),  # cut
        ("5.2835", ["5.28344825830217276"]),  # rounded
        ("6", ["5.28", "1.62"]),  # cut to whole coins
        ("64", ["64.06"]),
        ("0", []),
        ("0.0000", []),
        ("-", ["1"]),  # not stated
        ("N/A", ["1"]),
        ("8.5", ["8.5", ""]),  # a row that states nothing may hold nothing
    ],
)
def test_a_total_that_is_cut_or_rounded_to_its_digits_fits(reading: Reading, stated: str, rows: list[str]) -> None:
    accounts = (ONE, TWO, THREE)
    of = [eth(account, amount) for account, amount in zip(accounts, rows, strict=False)]
    published = reading(BLOCK, f"ETH,7,{stated}", "", HEADER, *of, eth(ONE, "7", "USDT-ERC20"))
    assert misfits(published) == []


@pytest.mark.parametrize(
    ("stated", "rows", "found"),
    [
        ("8.5", ["8.4"], "8.4"),
        ("8.5", ["8.6"], "8.6"),
        ("5.2834", ["5.2833"], "5.2833"),
        ("6", ["5"], "5"),
        ("6", ["7.0"], "7"),
        ("1", [], "0"),
        ("0", ["1"], "1"),
        ("8.5", ["3", ""], None),  # of which nobody can say whether the rest is in the second row
        ("8.5", ["9", ""], "9"),
    ],
)
def test_a_total_that_is_one_unit_of_its_last_digit_away_does_not_fit(
    reading: Reading, stated: str, rows: list[str], found: str | None
) -> None:
    of = [eth(account, amount) for account, amount in zip((ONE, TWO), rows, strict=False)]
    published = reading(BLOCK, f"ETH,7,{stated}", "", HEADER, *of, eth(ONE, "7", "USDT-ERC20"))
    assert misfits(published) == [("ETH", Fraction(stated), None if found is None else Fraction(found))]


@pytest.mark.parametrize("stated", ["abc", "-8.5", '"1.234,56"', '"1,5"', "8.5 coins", "0x8"])
def test_a_total_that_cannot_be_read_leaves_the_file_not_known_to_be_whole(reading: Reading, stated: str) -> None:
    before = reading(BLOCK, f"ETH,7,{stated}", "", HEADER, eth(ONE, "3.5"))
    assert (len(before.flaws), misfits(before)) == (1, [])
    assert before.flaws[0].startswith("line 2: ")
    behind = reading(HEADER, eth(ONE, "3.5"), f"Total,,,,{stated},,")
    assert bool(behind.flaws or behind.misfits) == (
        stated != "abc"
    )  # a line that says no number may be about something else


def test_a_line_of_a_header_block_that_nobody_understands_leaves_the_file_not_known_to_be_whole(
    reading: Reading,
) -> None:
    published = reading(BLOCK, "ETH,7,3.5", "USDT-ERC20;7;600", "ETH,7,8,and more", "", HEADER, eth(ONE, "3.5"))
    assert [flaw.partition(":")[0] for flaw in published.flaws] == ["line 3", "line 4"]


def test_a_header_block_may_have_other_separators_than_the_rows(reading: Reading) -> None:
    block = [line.replace(",", ";") for line in (BLOCK, "ETH,7,8.5")]
    cut = reading(*block, "", HEADER, eth(ONE, "3.5"))
    assert misfits(cut) == [("ETH", Fraction("8.5"), Fraction("3.5"))]
    assert cut.not_understood == ()
    assert misfits(reading(*block, "", HEADER, eth(ONE, "8.5"))) == []


@pytest.mark.parametrize("stated", ["1,003.5", "1,003,500", "1003.50"])
def test_a_total_may_part_thousands_where_that_is_clear(reading: Reading, stated: str) -> None:
    amount = stated.replace(",", "")
    published = reading(BLOCK, f'ETH,7,"{stated}"', "", HEADER, eth(ONE, amount))
    assert (misfits(published), published.flaws) == ([], ())
    assert len(misfits(reading(BLOCK, f'ETH,7,"{stated}"', "", HEADER, eth(ONE, "3.5")))) == 1


@pytest.mark.parametrize(
    "line", ["Total,8.5", "Total: 8.5", "Total = 8.5 ETH", "Total ETH: 8.5", "ETH total: 8.5", "Grand total,,8.5"]
)
def test_a_total_before_the_header_is_compared_without_a_block(reading: Reading, line: str) -> None:
    assert misfits(reading(line, "", HEADER, eth(ONE, "8.5"))) == []
    assert [found for *_, found in misfits(reading(line, "", HEADER, eth(ONE, "3.5")))] == [Fraction("3.5")]


@pytest.mark.parametrize(
    "line", ["Total users: 12345", "Total liabilities,99", "Total Custody", "Sum up: see page 3", "Total of 9 pages"]
)
def test_prose_before_the_header_is_no_total(reading: Reading, line: str) -> None:
    published = reading(line, "", HEADER, eth(ONE, "3.5"))
    assert (misfits(published), published.flaws) == ([], ())


def test_a_total_before_the_header_of_a_coin_of_which_no_row_is_left_does_not_fit(reading: Reading) -> None:
    published = reading("Total USDT: 600", "", HEADER, eth(ONE, "3.5"))
    assert misfits(published) == [("USDT", Fraction(600), Fraction(0))]


def test_a_total_over_networks_is_of_all_labels_of_the_unit(reading: Reading) -> None:
    rows = (eth(ONE, "5.2834"), eth(ONE, "1.6185", "ETH-ARBITRUM", "ARBITRUM"), eth(ONE, "32", "USDT-ERC20"))
    assert misfits(reading(BLOCK, "ETH(ALL),-,6", "ETH,7,5.2834", "ETH-ARBITRUM,7,1.6185", "", HEADER, *rows)) == []
    assert misfits(reading(BLOCK, "ETH(ALL),-,8", "", HEADER, *rows)) == [("ETH(ALL)", Fraction(8), Fraction("6.9019"))]
    assert misfits(reading(BLOCK, "ETH(ALL),-,5", "", HEADER, *rows)) == [("ETH(ALL)", Fraction(5), Fraction("6.9019"))]


def test_an_unknown_label_has_its_total_too(reading: Reading) -> None:
    rows = ("NEW-NET,NEWNET,7,x,2,m,s", "NEW-OTHER,NEWNET,7,x,3,m,s")
    assert misfits(reading(BLOCK, "NEW(ALL),-,5", "NEW-NET,7,2", "", HEADER, *rows)) == []
    assert misfits(reading(BLOCK, "NEW-NET,7,3", "", HEADER, *rows)) == [("NEW-NET", Fraction(3), Fraction(2))]


def test_base_units_that_a_float_rounded_may_be_off_by_what_it_rounded(reading: Reading) -> None:
    rows = [f"ETH,{ONE},5000000803935811584,m,s,,", f"ETH,{TWO},90054645707027360,m,s,,"]
    total = "5.090055449642838944"
    assert misfits(reading(BLOCK, f"ETH,7,{total}", "", FIRST, *rows)) == []
    assert misfits(reading(BLOCK, "ETH,7,5.090055449642839100", "", FIRST, *rows)) == []
    assert len(misfits(reading(BLOCK, "ETH,7,5.090055449642849944", "", FIRST, *rows))) == 1


def test_a_row_that_stands_twice_counts_as_the_file_counts_it(reading: Reading) -> None:
    rows = (eth(ONE, "3"), eth(ONE, "3"), eth(TWO, "1"))
    assert misfits(reading(BLOCK, "ETH,7,7", "", HEADER, *rows)) == []
    assert misfits(reading(BLOCK, "ETH,7,4", "", HEADER, *rows)) == []
    assert len(misfits(reading(BLOCK, "ETH,7,3", "", HEADER, *rows))) == 1


def test_a_total_may_be_of_a_text_or_of_all_texts_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.csv", "\n".join((BLOCK, "ETH,7,4", "ETH,7,1", "ETH,7,3", "", HEADER, eth(ONE, "1"))))
        file.writestr("b.csv", "\n".join((HEADER, eth(TWO, "3"))))
    published = read_published(path)
    assert [(misfit.text, misfit.line, misfit.found) for misfit in published.misfits] == [("a.csv", 4, Fraction(4))]


@pytest.mark.parametrize(
    "line",
    [
        "ETH,,,Total,8.5,,",
        "Total,,,,8.5,,",
        "TOTAL:,,,,8.5",
        "Total ETH,,,,8.5",
        "Grand total,,,,8.5,,",
        "Total ETH: 8.5",
        "Total,8.5",
    ],
)
def test_a_line_total_at_the_end_is_no_row_and_is_compared(reading: Reading, line: str) -> None:
    whole = reading(HEADER, eth(ONE, "3.5"), eth(TWO, "5"), line)
    cut = reading(HEADER, eth(ONE, "3.5"), line)
    assert (whole.account.read, whole.account.refused, misfits(whole)) == (2, {}, [])
    assert (cut.account.read, cut.account.refused) == (1, {})
    assert [(stated, found) for _, stated, found in misfits(cut)] == [(Fraction("8.5"), Fraction("3.5"))]


def test_a_total_of_several_coins_is_compared_with_nothing(reading: Reading) -> None:
    assert misfits(reading(HEADER, eth(ONE, "3"), eth(ONE, "7", "USDT-ERC20"), "Total,,,,99,,")) == []


def test_a_part_of_a_sum_is_no_row_and_may_be_less_than_the_rows_come_to_but_not_more(reading: Reading) -> None:
    published = reading(HEADER, eth(ONE, "3"), "Subtotal,,,,2,,", eth(TWO, "4"))
    assert (published.account.read, misfits(published)) == (2, [])
    cut = reading(HEADER, eth(ONE, "3"), "Subtotal,,,,7.5,,", eth(TWO, "4"))
    assert misfits(cut) == [("", Fraction("7.5"), Fraction(7))]


@pytest.mark.parametrize("line", ["Rows: 2", "Total rows,2", "number of addresses,,,,2", "# records = 2", "Count,2"])
def test_a_number_of_rows_is_compared_before_the_header_and_behind_the_rows(reading: Reading, line: str) -> None:
    rows = (eth(ONE, "3"), eth(TWO, "4"), eth(THREE, "5"))
    assert misfits(reading(HEADER, *rows[:2], line)) == misfits(reading(line, HEADER, *rows[:2])) == []
    assert misfits(reading(HEADER, *rows, line)) == [(None, Fraction(2), Fraction(3))]
    assert misfits(reading(line, HEADER, rows[0])) == [(None, Fraction(2), Fraction(1))]


def test_a_row_without_an_account_is_no_total_because_of_its_custodian(reading: Reading) -> None:
    published = reading("coin,network,address,balance,Height,Third party custodian name", f"ETH,ETH,{ONE},1,,",
                        "ETH,ETH,,5,,Total Custody")  # fmt: skip
    assert (published.account.accepted, published.stated) == (2, 0)


def test_a_row_that_lacks_its_account_is_still_lost(reading: Reading) -> None:
    published = reading(HEADER, eth(ONE, "3"), eth("", "4"), eth("Bridging in progress", "4"))
    assert published.account.refused == {RowRefusal.NO_ADDRESS: 2}


@pytest.mark.parametrize(
    ("top", "found"),
    [
        ("total: 150000001", []),
        ("total: 1.50000001", []),
        ("total: 1.5", []),
        ("total: 150000006", []),  # with what cannot be spent, which the exchange does not count itself
        ("total: 150000002", [("", Fraction(150000002))]),
        ("total: 1.7", [("", Fraction("1.7"))]),
        ("count: 3", []),
        ("count: 2", []),
        ("count: 9", [(None, Fraction(9))]),
        ("sum: null", []),
    ],
)
def test_a_document_says_at_its_top_what_its_list_comes_to(
    reading: Reading, top: str, found: list[tuple[str | None, Fraction]]
) -> None:
    published = reading(
        "address:",
        "- {addr: 3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca, value: 150000000}",
        "- {addr: 36QH1Sj9sT4uy5qNR6aXw3yosKX337i6ua, value: 1}",
        "- {addr: 1111111111111111111114oLvT2, addr_type: unspendable, value: 5}",
        "chain: main",
        "height: 7",
        top,
        name="file.yaml",
    )
    assert [(label, stated) for label, stated, _ in misfits(published)] == found


def test_very_many_totals_of_very_many_labels_are_compared_once_each(reading: Reading) -> None:
    labels = [f"A{number}-B-C" for number in range(2000)]
    block = [f"{label},7,1" for label in labels]
    published = reading(BLOCK, *block, "", HEADER, *(f"{label},NET,7,x,1,m,s" for label in labels))
    assert (published.stated, published.misfits) == (2000, ())
