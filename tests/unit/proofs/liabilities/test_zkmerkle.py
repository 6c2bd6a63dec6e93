"""Binance's and Gate's zkmerkle releases: what customers' proofs, chains of batches and their Groth16 proofs show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.liabilities import (
    File,
    NotUnderstood,
    OtherRoot,
    Published,
    Refuted,
    ShownTotals,
    Shows,
    find_scheme,
)
from scanner.proofs.liabilities.binance import LAYOUTS as BINANCE_LAYOUTS
from scanner.proofs.liabilities.binance import TWO_DECIMALS as BINANCE_CHEAP
from scanner.proofs.liabilities.gate import LAYOUTS as GATE_LAYOUTS
from scanner.proofs.liabilities.gate import TWO_DECIMALS as GATE_CHEAP
from scanner.proofs.liabilities.remarks import (
    FILE_ROOT,
    KEYS,
    LISTED_NAMES,
    MADE_UP_DEBTORS,
    NO_CUSTOMER,
    NO_KEY,
    SETUP,
    STATED_DECIMALS,
    UNKNOWN_KEY,
    UNRELEASED,
)
from scanner.proofs.liabilities.units import Decimals
from scanner.proofs.liabilities.zkmerkle import CircuitLayout, CustomerHolding, CustomerRecord, leaf, pack
from scanner.proofs.liabilities.zkmerkle_scheme import DIGITS
from tests.support.liabilities.published_files import file, shared, shared_json
from tests.support.liabilities.zkmerkle_sets import FIRST, SCHEME, SECOND, Release, file_digest, release, rows_of, table
from tests.support.strength import FULL
from tests.support.tables import each_of

CHAINS = {  # made where one is asked for, and kept
    "first": partial(release, FIRST),
    "ranges": partial(release, SECOND),
    "roots": partial(release, SECOND, ranges=False),
}
TOTALS = {"BTC": Fraction(87, 10**8), "ETH": Fraction(2950, 10**8), "SHIB": Fraction(10**12 - 5, 100)}


@pytest.fixture(params=["first", "ranges"])
def made(request: pytest.FixtureRequest) -> Release:
    return CHAINS[request.param]()


def judge(files: tuple[File, ...], options: Mapping[str, str] | None = None, **more: Any) -> ShownTotals:
    return SCHEME.judge(Published(files, options or {}, **more))


def words(shown: ShownTotals) -> set[Shows]:
    return {total.shows for total in shown.totals.values()}


def refused(files: tuple[File, ...], match: str | None = None, options: Mapping[str, str] | None = None) -> None:
    with pytest.raises((Refuted, NotUnderstood), match=match):
        judge(files, options)


# The exchanges' own samples.


def test_the_sample_of_gate_is_judged_as_the_reference_says() -> None:
    scheme = find_scheme("gate")
    one, two, three = shared_json("gate/expected.json")
    user, batches, totals = (shared(f"gate/{name}") for name in ("user_config.json", "proof.csv", "cex_config.json"))
    alone = scheme.includes(Published(()), user)
    assert (alone.root, alone.shows, alone.published) == (one["root"], Shows(one["rung"]), False)
    stated = scheme.judge(Published((batches, totals)))
    assert (stated.root, words(stated)) == (two["root_after"], {Shows(two["rung"])})
    assert NO_KEY in stated.remarks
    assert len(stated.totals) == two["assets_listed"]
    assert {coin for coin, total in stated.totals.items() if total.amount} == {"DBC"}
    assert stated.totals["DBC"].amount == Fraction(two["totals_stated"]["dbc"], 100)
    shown = scheme.judge(Published((user, batches, totals)))
    assert (words(shown), shown.entries) == ({Shows(three["rung"])}, 1)
    included = scheme.includes(Published((batches, totals)), user)
    assert included.published
    assert included.amounts == {"DBC": Fraction(29774, 100)}


def test_the_sample_of_binance_is_of_the_unreleased_layout_and_of_no_other() -> None:
    scheme = find_scheme("binance")
    accepted, _ = shared_json("binance/expected.json")
    user = shared("binance/user_config.json")
    included = scheme.includes(Published((), root=accepted["root"]), user)
    assert (included.shows, included.root, included.remarks) == (Shows.INCLUDED, accepted["root"], (UNRELEASED,))
    for layout in ("binance-2024-09", "binance-2023-10", "binance-2022-12"):
        with pytest.raises((Refuted, NotUnderstood)):
            scheme.includes(Published((), {"layout": layout}), user)


# What a whole release shows.


@each_of("chain", CHAINS)
def test_totals_are_proven_where_every_batch_holds_by_keys_that_are_known(chain: str) -> None:
    made = CHAINS[chain]()
    shown = judge(made.files(users=1), {"vk_sha256": made.digests})
    assert {coin: total.amount for coin, total in shown.totals.items()} == TOTALS
    assert {(total.shows, total.assumes) for total in shown.totals.values()} == {(Shows.TOTAL_PROVEN, (KEYS, SETUP))}
    assert shown.root == made.root
    assert shown.remarks == (LISTED_NAMES, MADE_UP_DEBTORS)


def test_a_batch_that_names_its_range_tells_how_many_accounts_there_are() -> None:
    assert judge(CHAINS["ranges"]().files(), {"vk_sha256": CHAINS["ranges"]().digests}).entries == 3


def test_by_keys_that_are_not_known_nothing_is_proven(made: Release) -> None:
    shown = judge(made.files())
    assert (words(shown), shown.remarks) == ({Shows.STATED}, (UNKNOWN_KEY, LISTED_NAMES, MADE_UP_DEBTORS, NO_CUSTOMER))
    assert words(judge(made.files(users=2))) == {Shows.INCLUDED}


def test_without_keys_nothing_is_proven(made: Release) -> None:
    shown = judge(made.files(keys=False), {"vk_sha256": made.digests})
    assert (words(shown), shown.remarks) == ({Shows.STATED}, (NO_KEY, LISTED_NAMES, MADE_UP_DEBTORS, NO_CUSTOMER))


def test_a_key_that_is_none_of_those_known_is_refused(made: Release) -> None:
    refused(made.files(), "none of those that are known", {"vk_sha256": "00" * 32})
    refused(made.files(), "vk_sha256", {"vk_sha256": "all"})
    other = release(FIRST if made is not CHAINS["first"]() else SECOND).keys
    swapped = tuple(file(data, name) for data, name in zip(list(other.values()) * 2, made.keys, strict=False))
    files = (*made.files(keys=False), *swapped)
    digests = ",".join(file_digest(b"".join(each.chunks())) for each in swapped)
    refused(files, "does not hold|two verifying keys", {"vk_sha256": digests})


def test_keys_have_to_be_those_that_the_configuration_names(made: Release) -> None:
    files = made.files()
    refused((*files[:-1], replace(files[-1], name="other.vk")), "names")
    refused((*files, file(next(iter(made.keys.values())), "more.vk")), "names")
    refused((*files, replace(files[-1], name=f"copy/{files[-1].name}")), "one name")


def test_what_customers_owe_is_taken_off_unless_the_claim_counts_otherwise() -> None:
    shown = judge(CHAINS["first"]().files(), {"owed": "equity"})
    assert shown.totals["BTC"].amount == Fraction(107, 10**8)
    assert MADE_UP_DEBTORS not in shown.remarks
    refused(CHAINS["first"]().files(), "owed", {"owed": "debt"})


def test_a_total_is_another_where_a_release_counts_a_coin_otherwise_and_the_claim_does_not_say_it() -> None:
    files = CHAINS["first"]().files()
    totals = replace(SCHEME, decimals=Decimals(8, {"SHIB": 2}, DIGITS)).judge(Published(files)).totals
    assert totals["BTC"].otherwise == (totals["BTC"].amount * 10**6,)
    assert totals["SHIB"].otherwise == (totals["SHIB"].amount / 10**6,)
    scheme = replace(SCHEME, decimals=Decimals(8, {"SHIB": 2}, DIGITS))
    named = scheme.judge(Published(files, {"decimals": "SHIB=2"})).totals
    assert (named["SHIB"].otherwise, named["BTC"].otherwise) == ((), totals["BTC"].otherwise)
    assert {total.otherwise for total in scheme.judge(Published(files, {"decimals": "8"})).totals.values()} == {()}


@pytest.mark.parametrize(("exchange", "cheap"), [("binance", BINANCE_CHEAP), ("gate", GATE_CHEAP)])
def test_cheap_coins_are_counted_in_hundredths(exchange: str, cheap: tuple[str, ...]) -> None:
    decimals = find_scheme(exchange).decimals  # type: ignore[attr-defined]  # of this family alone
    assert len(set(cheap)) == len(cheap)
    assert {decimals.amount(coin, 100) for coin in cheap} == {1}
    assert decimals.amount("BTC", 10**8) == 1


def test_where_the_claim_says_where_the_point_stands_that_is_said() -> None:
    files = CHAINS["first"]().files()
    moved = judge(files, {"decimals": "10"})
    assert moved.totals["BTC"].amount * 100 == judge(files).totals["BTC"].amount
    assert STATED_DECIMALS in moved.remarks
    assert STATED_DECIMALS not in judge(files).remarks


def test_a_stated_total_and_a_published_root_are_compared(made: Release) -> None:
    files = made.files(keys=False)
    assert judge(files, root=made.root.upper(), totals={"btc": TOTALS["BTC"]}).root == made.root
    with pytest.raises(Refuted, match="BTC"):
        judge(files, totals={"BTC": Fraction(1)})
    with pytest.raises(OtherRoot):
        judge(files, root="11" * 32)


def test_a_customers_proof_alone_says_that_its_root_is_its_own(made: Release) -> None:
    user = file(made.texts["user_2.json"])
    alone = SCHEME.includes(Published(()), user)
    assert (alone.published, alone.shows) == (False, Shows.INCLUDED)
    assert SCHEME.includes(Published((), root=made.root), user).published
    shown = judge((user,))
    assert (shown.entries, shown.totals, FILE_ROOT in shown.remarks) == (1, {}, True)
    with pytest.raises(OtherRoot):
        SCHEME.includes(Published((), root="11" * 32), user)


def test_a_customers_record_is_told_in_coins_where_the_totals_name_them(made: Release) -> None:
    user = file(made.texts["user_0.json"])
    named = SCHEME.includes(Published(made.files(), {"vk_sha256": made.digests}), user)
    assert named.amounts == {"BTC": Fraction(80, 10**8), "ETH": Fraction(50, 10**8)}
    assert (named.shows, named.account) == (Shows.TOTAL_PROVEN, f"{1000:064x}")
    unnamed = SCHEME.includes(Published((), root=made.root), user)
    assert set(unnamed.amounts.values()) == {Fraction(80), Fraction(50)}


@pytest.mark.skipif(not FULL, reason="with all examples only: hundreds of assets are hashed many times")
@pytest.mark.parametrize("layout", BINANCE_LAYOUTS[:2], ids=lambda layout: layout.name)
def test_a_release_of_the_true_size_shows_what_a_small_one_shows(layout: CircuitLayout) -> None:
    made = release(layout)
    scheme = replace(SCHEME, layouts=(*BINANCE_LAYOUTS, *GATE_LAYOUTS))
    shown = scheme.judge(Published(made.files(users=2), {"vk_sha256": made.digests}))
    assert {coin: total.amount for coin, total in shown.totals.items()} == TOTALS
    assert (shown.root, words(shown)) == (made.root, {Shows.TOTAL_PROVEN})


# What is edited.


def _edited(text: str, edit: Callable[[Any], None]) -> str:
    value = json.loads(text)
    edit(value)
    return json.dumps(value)


def _other(value: str) -> str:
    """The same text with one character changed, in its middle, within its alphabet."""
    at = len(value) // 2
    return value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]


@each_of("column", ["proof_info", "cex_asset_list_commitments", "account_tree_roots", "batch_commitment"])
def test_any_cell_of_the_table_changed_is_refused(made: Release, column: str) -> None:
    for at in (0, 1):
        rows = rows_of(made.texts["proof.csv"])
        rows[at][column] = _other(rows[at][column])
        refused(made.files(proof=table(rows)))


def test_numbers_of_a_batch_changed_are_refused(made: Release) -> None:
    for column in ("batch_number", "min_account_index", "max_account_index", "assets_count"):
        rows = rows_of(made.texts["proof.csv"])
        for value in ("1", "3", "-1", "01", "x", "", str(2**40)):
            changed = [dict(row) for row in rows]
            if column in changed[0] and changed[0][column] != value:
                changed[0][column] = value
                refused(made.files(proof=table(changed)))


def test_the_order_of_rows_does_not_matter_and_other_columns_are_not_read(made: Release) -> None:
    rows = rows_of(made.texts["proof.csv"])[::-1]
    for row in rows:
        row["created_at"] = "today"
    assert judge(made.files(proof=table(rows)), {"vk_sha256": made.digests}).root == made.root


def test_a_batch_that_is_missing_repeated_or_of_another_release_is_refused(made: Release) -> None:
    rows = rows_of(made.texts["proof.csv"])
    for changed in (rows[:1], rows[1:], [*rows, rows[0]]):
        refused(made.files(proof=table(changed)))
    refused(made.files(proof=made.texts["proof.csv"].split("\n")[0] + "\n"), "no batch")
    other = CHAINS["first" if made is CHAINS["ranges"]() else "ranges"]()
    refused(made.files(proof=other.texts["proof.csv"]))
    refused(made.files(config=other.texts["config.json"]))


@each_of(
    "change",
    [
        {"TotalEquity": 108},
        {"TotalDebt": 19},
        {"TotalDebt": 10**6},
        {"TotalEquity": -1},
        {"TotalEquity": 2**64},
        {"BasePrice": 1},
        {"Index": 1},
        {"Index": 7},
        {"Symbol": ""},
        {"Symbol": "BT\ud800C"},
        {"Symbol": "\u202eBTC"},
        {"TotalEquity": 107.0},
        {"TotalEquity": "0x6b"},
    ],
)
def test_totals_that_are_edited_are_refused(made: Release, change: dict[str, Any]) -> None:
    refused(
        made.files(config=_edited(made.texts["config.json"], lambda value: value["CexAssetsInfo"][0].update(change)))
    )


def test_collateral_and_its_tiers_are_bound_too() -> None:
    made = CHAINS["ranges"]()
    changes: list[dict[str, Any]] = [
        {"LoanCollateral": 1},
        {"PortfolioMarginCollateral": 1},
        {"LoanRatios": []},
        {"LoanRatios": [{"BoundaryValue": 100, "Ratio": 91}, {"BoundaryValue": 500, "Ratio": 50}]},
        {"LoanRatios": [{"BoundaryValue": 2**118 + 1, "Ratio": 91}]},
        {"MarginRatios": [{"BoundaryValue": 1, "Ratio": 1}] * 13},
    ]
    for change in changes:
        value = json.loads(made.texts["config.json"])
        value["CexAssetsInfo"][0].update(change)
        refused(made.files(config=json.dumps(value)))


def test_a_coin_that_stands_twice_or_more_coins_than_the_release_has_are_refused() -> None:
    made = CHAINS["first"]()

    def twice(value: Any) -> None:
        value["CexAssetsInfo"][1]["Symbol"] = "BTC"

    def many(value: Any) -> None:
        value["CexAssetsInfo"] += [
            {"TotalEquity": 0, "TotalDebt": 0, "BasePrice": 0, "Symbol": f"X{index}", "Index": index}
            for index in (3, 4)
        ]

    refused(made.files(config=_edited(made.texts["config.json"], twice)), "twice")
    refused(made.files(config=_edited(made.texts["config.json"], many)), "5 assets")


@each_of(
    "change",
    [
        {"AccountIndex": 1},
        {"AccountIndex": 2**28},
        {"AccountIdHash": f"{1001:064x}"},
        {"AccountIdHash": "ff" * 32},
        {"AccountIdHash": f"{1000:063x}"},
        {"TotalEquity": 1},
        {"TotalDebt": 10**20},
        {"Root": "11" * 32},
        {"Root": "0x" + "11" * 32},
        {"Proof": []},
        {"Assets": []},
        {"More": 1},
    ],
)
def test_a_customers_proof_edited_is_refused(made: Release, change: dict[str, Any]) -> None:
    text = _edited(made.texts["user_0.json"], lambda value: value.update(change))
    with pytest.raises((Refuted, NotUnderstood)):
        SCHEME.includes(Published((), root=made.root), file(text))
    refused(made.files(users=3, keys=False, user_0=text))


def test_each_amount_and_each_sibling_of_a_customers_proof_counts(made: Release) -> None:
    whole = json.loads(made.texts["user_0.json"])
    edits: list[Callable[[Any], None]] = [
        *(lambda value, k=k: value["Assets"][0].update({k: value["Assets"][0][k] + 1}) for k in whole["Assets"][0]),
        *(lambda value, at=at: value["Proof"].__setitem__(at, _other(value["Proof"][at])) for at in range(28)),
        lambda value: value["Proof"].reverse(),
        lambda value: value["Proof"].pop(),
        lambda value: value["Proof"].append(value["Proof"][0]),
        lambda value: value["Assets"].reverse(),
        lambda value: value["Assets"].append(value["Assets"][0]),
        lambda value: value["Assets"][0].pop("Debt"),
        lambda value: value["Assets"][0].update(Equity=2**64),
        lambda value: value["Assets"][0].update(Equity=-1),
    ]
    for edit in edits:
        with pytest.raises((Refuted, NotUnderstood)):
            SCHEME.includes(Published((), root=made.root), file(_edited(made.texts["user_0.json"], edit)))


@given(st.data())
def test_no_change_of_a_customers_proof_shows_another_record(data: st.DataObject) -> None:
    made = CHAINS["ranges"]()
    text = made.texts["user_1.json"]
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(min_codepoint=32, max_codepoint=126))
    published = Published((), root=made.root)
    true = SCHEME.includes(published, file(text))
    try:
        shown = SCHEME.includes(published, file(text[:at] + new + text[at + 1 :]))
    except (Refuted, NotUnderstood):
        return
    assert shown == true


def test_a_customer_of_another_root_is_named_and_so_is_one_who_has_more_than_the_totals() -> None:
    made = CHAINS["first"]()
    foreign = file(CHAINS["ranges"]().texts["user_0.json"], "foreign.json")
    refused((*made.files(keys=False), foreign), "foreign.json|layout")
    unlike = file(_edited(made.texts["user_0.json"], lambda value: value["Assets"][0].update(Index=3)), "user.json")
    refused((*made.files(keys=False), unlike), "user.json")


def test_the_same_proof_twice_counts_once(made: Release) -> None:
    files = made.files(users=2, keys=False)
    assert judge((*files, replace(files[-1], name="copy.json"))).entries == 2


def test_customers_are_judged_on_several_processors_as_on_one(made: Release) -> None:
    everything = made.files(users=3)
    customers = tuple(each for each in everything if each.name.startswith("user_"))
    changed = json.loads(made.texts["user_2.json"])
    changed["Assets"][0]["Equity"] += 1
    other = file(json.dumps(changed), "user_2.json")
    with ThreadPoolExecutor(2) as pool:
        for files in (everything, customers):  # by the chain's root, and by the first customer's
            assert judge(files, each=pool.map) == judge(files)
            with pytest.raises(Refuted, match=r"user_2\.json"):
                judge(tuple(other if each.name == other.name else each for each in files), each=pool.map)


def test_which_total_is_of_which_coin_only_the_list_says_and_that_is_said(made: Release) -> None:
    def swap(value: Any) -> None:
        first, second, *_ = value["CexAssetsInfo"]
        first["Symbol"], second["Symbol"] = second["Symbol"], first["Symbol"]

    shown = judge(made.files(config=_edited(made.texts["config.json"], swap)), {"vk_sha256": made.digests})
    assert (shown.totals["BTC"].amount, LISTED_NAMES in shown.remarks) == (TOTALS["ETH"], True)


# Layouts.


def _record(layout: CircuitLayout, holdings: tuple[CustomerHolding, ...]) -> CustomerRecord:
    return CustomerRecord(0, 1, 2, 1, 1 if layout.collateral else None, holdings, "", ())


def test_a_tier_is_filled_up_with_the_lowest_indices_that_are_missing() -> None:
    wide = replace(SECOND, assets=500, tiers=(5, 500))
    rows = tuple(CustomerHolding(index, (index, 0, 0, 0, 0)) for index in (1, 4))
    filled = tuple(CustomerHolding(index, (0, 0, 0, 0, 0)) for index in (0, 2, 3))
    together = tuple(sorted((*rows, *filled), key=lambda each: each.index))
    assert leaf(_record(wide, rows), wide) == leaf(_record(wide, together), wide)
    other = (*rows, CustomerHolding(5, (0, 0, 0, 0, 0)))
    assert leaf(_record(wide, rows), wide) != leaf(_record(wide, other), wide)


def test_a_record_of_another_layout_is_not_understood() -> None:
    for layout, holding in (
        (FIRST, CustomerHolding(4, (1, 1))),
        (SECOND, CustomerHolding(6, (1,) * 5)),
        (SECOND, CustomerHolding(0, (1, 1))),
    ):
        with pytest.raises(NotUnderstood):
            leaf(_record(layout, (holding,)), layout)
    with pytest.raises(Refuted):
        leaf(
            _record(replace(SECOND, tiers=(1,)), tuple(CustomerHolding(i, (1,) * 5) for i in (0, 1))),
            replace(SECOND, tiers=(1,)),
        )


def test_numbers_are_packed_by_threes() -> None:
    assert pack([1, 2, 3, 4]) == [(1 << 128) + (2 << 64) + 3, 4 << 128]


# Files.


def test_files_that_do_not_go_together_are_not_understood(made: Release) -> None:
    batches, settings, *keys = made.files()
    for files in (
        (),
        (batches,),
        (settings,),
        tuple(keys),
        (batches, batches, settings),
        (batches, settings, settings),
    ):
        refused(files)
    refused((batches, settings), "layout", {"layout": "small-third"})
    refused((batches, settings), "option", {"key": "x"})
    text = made.texts["config.json"].replace("zkpor", "zk\\ud800por")
    refused(made.files(config=text), "no name of a key|not as the format")


def test_hostile_tables_are_refused_within_bounds(made: Release) -> None:
    text = made.texts["proof.csv"]
    head, first, *_ = text.split("\n")
    hostile = [
        "",
        head,
        "a,b\n1,2\n",
        head + "\n" + "x" * 100_000,
        head + '\n"' + "\n" * 40_000,
        head + "\n" + first + ",1\n",
    ]
    for changed in (*hostile, text + "\0", text.replace('"', "\x80"), head.replace("proof_info", "id") + "\n" + first):
        refused(made.files(proof=changed))


def test_hostile_json_is_refused_within_bounds(made: Release) -> None:
    for text in (
        "[" * 100_000,
        '{"CexAssetsInfo": [' + "[]," * 10**6,
        '{"CexAssetsInfo": ' + "9" * 10**6 + "}",
        "null",
    ):
        refused(made.files(config=text))
        with pytest.raises((Refuted, NotUnderstood)):
            SCHEME.includes(Published(()), file(text))
    refused(made.files(config=made.texts["config.json"] + "x"))
