"""Formats that need more than one path of SHA-256 are checked on the page just as the command checks them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from scanner.core.keccak import keccak256
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.proofs.liabilities import SCHEMES, File
from scanner.proofs.liabilities.poseidon_bn254 import ORDER
from scanner.proofs.liabilities.poseidon_goldilocks import PRIME, hash_elements
from scanner.proofs.liabilities.remarks import REMARKS, UNOPENED, UNRELEASED
from scanner.proofs.liabilities.zkmerkle import CircuitLayout
from scanner.report.included import ANSWERS
from scanner.report.owed import NOT_SHOWN
from scanner.report.page import document
from scanner.report.page.customers.checkers import CHECKED_HERE, PUBLISHED_BESIDES
from scanner.weighing.claim import Liability
from tests.browser.asking import choose, outcome, outcome_there, page
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.browser.scripts import call
from tests.support.attestations.attested import a_claim, attest
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities.forged_trees import FORGERIES
from tests.support.liabilities.forged_zk import stark
from tests.support.liabilities.forgeries import Forged, content, of_any_json
from tests.support.liabilities.liability_trees import (
    BITMEX_HEIGHT,
    PATH_SCHEMES,
    Case,
    bitmex_tree,
    cases,
    json_file,
    okx_tree,
    records,
    swissborg,
)
from tests.support.liabilities.published_files import file
from tests.support.liabilities.river_trees import river
from tests.support.liabilities.stark_sets import Kind, made
from tests.support.liabilities.zkmerkle_customers import LAYOUTS
from tests.support.liabilities.zkmerkle_customers import customer as zk_customer

CASES: Final = cases()
STARK: Final = made(Kind.HONEST)
CUSTOMER, ROOT = plonky2_trees.production_customer(70_000)
LAYOUT: Final = LAYOUTS["binance"][0]
ZK_CUSTOMER, ZK_ROOT = zk_customer("binance", LAYOUT, 1)
HONEST: Final[dict[str, Case]] = {
    **{name: CASES[name] for name in ("okx-merkle-v2", "swissborg", "bitmex", "armanino")},
    "okx-stark-v1": Case("okx-stark-v1", (), STARK.inclusions(), STARK.root),
    "okx-plonky2": Case("okx-plonky2", (), (json_file(CUSTOMER),), ROOT),
    "binance": Case("binance", (), (json_file(ZK_CUSTOMER),), ZK_ROOT),
}
WORDS: Final = {
    "okx-merkle-v2": Shows.TOTAL_PROVEN,
    "bitmex": Shows.TOTAL_PROVEN,
    "swissborg": Shows.SUM_BOUND,
}


@pytest.mark.parametrize("scheme", HONEST)
def test_every_customer_is_told_that_the_record_is_in_it(reader: Reader, scheme: str) -> None:
    case = HONEST[scheme]
    tab = reader.opens(page(scheme, case.root, WORDS.get(scheme, Shows.INCLUDED)))
    for user in case.users:
        _, expected = outcome_there(scheme, case.root, [*case.published, user])
        assert expected is not None
        choose(tab, *case.published, user)
        assert outcome(tab) == "included"
        expect(tab.locator("#included")).to_contain_text(
            f"Account {expected.account}, under the signed root {case.root}"
        )
        expect(tab.locator("#included")).to_contain_text(f"does not show {NOT_SHOWN[expected.shows]}")
        rows = dict(text.split("\t") for text in tab.locator("#included tbody tr").all_inner_texts())
        told = {coin: Fraction(text.replace(",", "")) for coin, text in rows.items()}
        held = {coin: amount for coin, amount in expected.amounts.items() if amount or scheme != "okx-stark-v1"}
        assert told == held


def test_a_customer_of_swissborgs_first_audit_is_included_and_no_more(reader: Reader) -> None:
    audit, users = swissborg([Decimal(1), Decimal(2)], first=True)
    tab = reader.opens(page("swissborg", audit["audit"]["commitment"]["digest"]))
    choose(tab, json_file(audit, "roots.json"), json_file(users[0]))
    expect(tab.locator("#included")).to_contain_text("Yes: this record is in it, with these balances")
    expect(tab.locator("#included")).to_contain_text("It is INCLUDED")
    expect(tab.locator("#included")).to_contain_text(f"Known of this file: {REMARKS[UNOPENED]}.")
    users[0]["liabilities"][0]["liability"] = "2"
    choose(tab, json_file(audit, "roots.json"), json_file(users[0]))
    assert outcome(tab) == "other-root"


def test_a_customer_of_swissborgs_finds_every_leaf_by_the_credential(reader: Reader) -> None:
    audit, users = swissborg([Decimal(1), Decimal(2)], first=True)
    root = audit["audit"]["commitment"]["digest"]
    tab = reader.opens(page("swissborg", root, Shows.SUM_BOUND))
    for credential, expected in (("credential0", "included"), ("credential1", "other-root")):
        files = (json_file(audit, "roots.json"), json_file(users[0] | {"credential": credential}))
        choose(tab, *files)
        assert outcome(tab) == outcome_there("swissborg", root, files)[0] == expected
    choose(tab, json_file(audit, "roots.json"), json_file(users[0] | {"credential": "credential0"}))
    expect(tab.locator("#included")).to_contain_text("It is SUM-BOUND")


@pytest.mark.parametrize(("uid", "number"), [("QE", 129), ("AAAAAAAAAAAAA", 0), ("74", 255)])
def test_a_customer_of_rivers_is_found_by_what_river_hands_out(reader: Reader, uid: str, number: int) -> None:
    tree, own = river(uid, number, 1234)
    root = content(tree).decode().splitlines()[1][:64]
    tab = reader.opens(page("river", root, Shows.TOTAL_PROVEN))
    expect(tab.locator("#asking")).to_contain_text("give it to no one")
    changes: list[dict[str, object]] = [{"email": "two@example.org"}, {"account_key": "0" * 64}, {"amount": "1235"}]
    changes += [{"account_uid": uid_of_none} for uid_of_none in ("QI", "Q", "qe", "Q=", "Q1", "", "7" * 26)]
    changes += [{}, {"amount": "1234"}]
    for change in changes:
        files = (tree, json_file(own | change))
        choose(tab, *files)
        expected, _ = outcome_there("river", root, files)
        assert (outcome(tab), expected == "included") == (expected, not change or change == {"amount": "1234"}), change


def test_a_customer_of_bitmexs_is_found_by_the_secret_of_one_report_in_a_tree_of_many_pieces(reader: Reader) -> None:
    lines, users = bitmex_tree([7 * each for each in range(2048)])
    tree = file("\n".join(lines) + "\n", "tree.csv")
    tab = reader.opens(page("bitmex", lines[1][:64]))
    account = users[1500]
    secret = bytes.fromhex(account["account_nonce"]) + BITMEX_HEIGHT.to_bytes(8, "little")
    nonce = hashlib.sha256(secret + account["account"].to_bytes(8, "little")).hexdigest()
    for own in (account, {"account": account["account"], "nonce": nonce}):
        choose(tab, tree, json_file(own))
        assert outcome(tab) == "included"
        assert "0.000105" in tab.locator("#included tbody").inner_text()
    place = lines.index(lines[-1500])
    edited = [*lines[:place], f"{lines[place].partition(',')[0]},1", *lines[place + 1 :]]
    choose(tab, file("\n".join(edited), "tree.csv"), json_file(account))
    assert outcome(tab) == "published-edited"


def test_a_whole_tree_of_okxs_of_any_size_is_read(reader: Reader) -> None:
    for number in (2, 3, 5, 1100):
        lines, users = okx_tree(records(number))
        tab = reader.opens(page("okx-merkle-v2", lines[0][:64]))
        choose(tab, file("\n".join(lines), "tree.txt"), json_file(users[number // 2]))
        assert outcome(tab) == "included", number


def test_a_record_of_armaninos_is_found_in_either_mode(reader: Reader) -> None:
    texts = ["one,BTC:1.5,ETH:0.0", "two,BTC:2.0,ETH:7.25", "three,BTC:0.1,ETH:1.0"]
    hashes = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
    pair = hashlib.sha256(hashes[0] + hashes[1]).digest()
    root = hashlib.sha256(pair + hashes[2]).hexdigest()
    leaves = "".join(f"2,{each}\t{digest.hex()}\n" for each, digest in enumerate(hashes))
    tab = reader.opens(page("armanino", root))
    expect(tab.locator("#asking")).to_contain_text("two lines, the header of the records")
    for row, expected in (("two,2,7.2500", "included"), ("two,2,7.2501", "edited"), ("two,2", "edited")):
        files = (file(f"Level\tHash\n{leaves}", "leaves.txt"), file(f"#ID,BTC,ETH\n{row}\n", "mine.csv"))
        choose(tab, *files)
        assert outcome(tab) == outcome_there("armanino", root, files, mode="concatenated")[0] == expected


def edits_of_plonky2() -> Iterator[Forged]:
    def of(what: str, change: Callable[[Any], object]) -> Forged:
        value = json.loads(json.dumps(CUSTOMER))
        change(value)
        return Forged("edited", what, "", (), json_file(value), ROOT)

    level: Callable[[Any], Any] = lambda value: value["recursive_tree_siblings"][0]  # noqa: E731 - of several lines below
    yield of("an amount", lambda value: value["account"]["equity"].__setitem__(0, "7"))
    yield of("a negative amount", lambda value: value["account"]["equity"].__setitem__(0, "-7"))
    yield of("more debt than equity", lambda value: value["account"]["debt"].__setitem__(0, str(2**61)))
    yield of("too much", lambda value: value["account"]["equity"].__setitem__(0, str(2**62)))
    yield of("a token more", lambda value: value["account"]["equity"].append("0"))
    yield of("an account", lambda value: value["account"].update(id="0" * 64))
    yield of("a place", lambda value: value.update(index=value["index"] ^ 1))
    yield of("a place that is not there", lambda value: value.update(index=value["index"] + 2**22))
    yield of("a sibling", lambda value: value["sum_tree_siblings"].__setitem__(0, "0" * 64))
    yield of("a level of two cut", lambda value: value["sum_tree_siblings"].pop())
    yield of("a level of recursion cut", lambda value: value["recursive_tree_siblings"].pop())
    yield of(
        "siblings moved over", lambda value: level(value)["left_hashes"].append(level(value)["right_hashes"].pop(0))
    )
    yield of(
        "a hash in capitals",
        lambda value: level(value)["right_hashes"].__setitem__(0, level(value)["right_hashes"][0].upper() + "A"),
    )
    yield of("no hash of the field", lambda value: level(value)["right_hashes"].__setitem__(0, "f" * 64))
    yield of("no levels", lambda value: value.pop("recursive_tree_siblings"))


def edits_of_zkmerkle() -> Iterator[Forged]:
    def of(what: str, change: Callable[[Any], object]) -> Forged:
        value = json.loads(json.dumps(ZK_CUSTOMER))
        change(value)
        return Forged("edited", what, "", (), json_file(value), ZK_ROOT)

    asset: Callable[[Any], Any] = lambda value: value["Assets"][1]  # noqa: E731 - of several lines below
    yield of("an amount", lambda value: asset(value).update(Equity=7))
    yield of("an amount of collateral", lambda value: asset(value).update(PortfolioMargin=7))
    yield of("a negative amount", lambda value: asset(value).update(Debt=-1))
    yield of("an amount of more than 64 bits", lambda value: asset(value).update(Equity=2**64))
    yield of("an amount that moves over to the next", lambda value: asset(value).update(Index=0, Equity=2**64 + 1))
    yield of("an asset twice", lambda value: value["Assets"].append(value["Assets"][-1]))
    yield of("an asset of another release", lambda value: value["Assets"][-1].update(Index=500))
    yield of("an asset less", lambda value: value["Assets"].pop())
    yield of("an amount less", lambda value: asset(value).pop("Loan"))
    yield of("a field more", lambda value: value.update(More=1))
    yield of("no collateral", lambda value: value.pop("TotalCollateral"))
    yield of("another collateral", lambda value: value.update(TotalCollateral=1))
    yield of("another value", lambda value: value.update(TotalEquity=value["TotalEquity"] + 1))
    yield of("a value beyond 2^128", lambda value: value.update(TotalEquity=2**128 * 10))
    yield of("more debt than equity", lambda value: value.update(TotalDebt=value["TotalEquity"] + 1))
    yield of("another account", lambda value: value.update(AccountIdHash="1" * 64))
    yield of("an account that is no element", lambda value: value.update(AccountIdHash="f" * 64))
    yield of("the same account beyond the order", lambda value: value.update(
        AccountIdHash=f"{int(value['AccountIdHash'], 16) + ORDER:064x}"
    ))  # fmt: skip
    yield of("another place", lambda value: value.update(AccountIndex=value["AccountIndex"] ^ 1))
    yield of("a place that is not there", lambda value: value.update(AccountIndex=value["AccountIndex"] + 2**28))
    yield of("siblings swapped", lambda value: value["Proof"].reverse())
    yield of("a level cut", lambda value: value["Proof"].pop())
    yield of("a level twice", lambda value: value["Proof"].append(value["Proof"][-1]))
    yield of("a sibling in another spelling", lambda value: value["Proof"].__setitem__(0, value["Proof"][0][:-1]))
    yield of("a sibling that is no element", lambda value: value["Proof"].__setitem__(0, "/" * 42 + "8="))
    yield of("another root", lambda value: value.update(Root="0" * 64))
    yield from (
        Forged(kind, what, outcome, (), forged, ZK_ROOT)
        for kind, what, outcome, forged in of_any_json(json_file(ZK_CUSTOMER))
    )


def forged_customers(scheme: str) -> Iterator[tuple[str, str, Sequence[File]]]:
    """What was done, the root that is signed, and the files that are chosen."""
    if scheme in FORGERIES:
        case = CASES[scheme]
        for each in FORGERIES[scheme](case):
            if each.customer is not None:
                yield each.what, each.root or case.root, (*each.published, each.customer)
            elif scheme in HONEST and len(each.published) == 1 and "list of records" not in each.what:
                yield each.what, each.root or case.root, (*each.published, case.users[0])
    elif scheme == "okx-stark-v1":
        for each in stark():
            if each.kind == "settings":  # no hash of a customer's file holds how it is configured
                continue
            users = [file for file in each.published if file.name.endswith("user_1_inclusion_proof.json")]
            honest = STARK["a0/user_1_inclusion_proof.json"]
            chosen = [user for user in [*users, *filter(None, [each.customer])] if content(user).decode() != honest]
            yield from ((each.what, each.root or STARK.root, (user,)) for user in chosen)
    else:
        edits = {"okx-plonky2": edits_of_plonky2, "binance": edits_of_zkmerkle}[scheme]()
        yield from ((each.what, each.root or "", (each.customer,)) for each in edits if each.customer)


@pytest.mark.parametrize("scheme", [*PATH_SCHEMES, *HONEST])
def test_no_forged_file_is_said_to_be_in_it_and_the_page_answers_as_the_command(reader: Reader, scheme: str) -> None:
    forged = sorted(forged_customers(scheme), key=lambda each: each[1])
    assert len(forged) > 5
    tab, opened = reader.tab, ""
    for what, root, files in forged:
        if root != opened:
            tab, opened = reader.opens(page(scheme, root)), root
        choose(tab, *files)
        expected, _ = outcome_there(scheme, root, files)
        assert expected != "included", what
        assert outcome(tab) == expected, what


@pytest.mark.parametrize(
    ("scheme", "layout"), [(scheme, layout) for scheme, layouts in LAYOUTS.items() for layout in layouts]
)
def test_every_layout_of_binance_and_gate_is_known_to_the_page(
    reader: Reader, scheme: str, layout: CircuitLayout
) -> None:
    value, root = zk_customer(scheme, layout, 2, 60 if layout.tiers else 3)
    tab = reader.opens(page(scheme, root))
    choose(tab, json_file(value))
    assert outcome(tab) == "included"
    rows = dict(text.split("\t") for text in tab.locator("#included tbody tr").all_inner_texts())
    known = f"Known of this file: {REMARKS[UNRELEASED]}."
    assert (known in tab.locator("#included").inner_text()) == (not layout.released)
    held = value["Assets" if "Assets" in value else "AssetDetails"]
    assert rows == {
        f"asset {each['Index']}, in its smallest unit": f"{each['Equity'] - each['Debt']:,}" for each in held
    }


@pytest.mark.parametrize("scheme", ["okx-merkle-v1", "swissborg", "river", "binance"])
def test_a_key_that_stands_twice_and_what_is_no_json_are_refused_as_by_the_command(reader: Reader, scheme: str) -> None:
    case = {**CASES, **HONEST}.get(scheme) or HONEST["bitmex" if scheme == "river" else "binance"]
    text = content(case.users[0]).decode().strip()
    tab = reader.opens(page(scheme, case.root))
    for what, hostile in hostile_texts(text) if text.startswith("{") else []:
        files = (*case.published, file(hostile, "mine.json"))
        choose(tab, *files)
        expected, _ = outcome_there(scheme, case.root, files)
        assert (outcome(tab), expected) in {("not-understood",) * 2, ("too-large",) * 2}, what


def hostile_texts(text: str) -> Iterator[tuple[str, str | bytes]]:
    """A customer's JSON file, made hostile in its spelling alone."""
    key = next(iter(json.loads(text)))
    again = f', "{key}": {json.dumps(json.loads(text)[key])}}}'
    yield "its first key again, with the same value", text[:-1] + again
    yield "its first key again, spelled otherwise", text[:-1] + again.replace(f'"{key[0]}', f'"\\u{ord(key[0]):04x}', 1)
    yield "a key that stands twice further in", text[:-1] + ', "more": [{"a": 1, "a": 1}]}'
    yield "seventeen lists in one another", text[:-1] + f', "more": {"[" * 17}{"]" * 17}}}'
    yield "thousands of brackets", text[:-1] + ', "more": ' + "[" * 5000
    for number in ("NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x10", "1_000", "1e", "٣", "--1"):
        yield f"the number {number}", text[:-1] + f', "more": {number}}}'
    yield "a comma at the end", text[:-1] + ",}"
    yield "a comment", "/* */" + text
    yield "a text behind it", text + " {}"
    yield "a text that does not end", text[:-1] + ', "more": "\\"}'
    yield "a line feed in a text", text[:-1] + ', "more": "\n"}'
    yield "single quotes", text.replace('"', "'")
    yield "bytes that are no UTF-8", text.encode()[:-1] + b', "more": "\xff"}'
    yield "nothing", "{"
    yield "no object", "[]" if not text.startswith("[") else "{}"


@pytest.mark.parametrize("scheme", sorted(PUBLISHED_BESIDES))
def test_a_customer_is_told_which_file_is_needed_besides(reader: Reader, scheme: str) -> None:
    case = HONEST["bitmex" if scheme == "river" else scheme]
    tab = reader.opens(page(scheme, case.root))
    needed = f"the file that the exchange published for everybody: {PUBLISHED_BESIDES[scheme]}"
    expect(tab.locator("#asking")).to_contain_text(needed)
    choose(tab, case.users[0])
    assert outcome(tab) == "files-missing"
    choose(tab, *case.published)
    expect(tab.locator("#included")).to_contain_text("there are 0 files of a customer's")
    choose(tab, *case.published, *case.users)
    expect(tab.locator("#included")).to_contain_text("there are 2 files of a customer's: choose yours, and only yours")


def test_a_swissborg_customer_of_another_audit_is_told_that_it_is_another(reader: Reader) -> None:
    case = HONEST["swissborg"]
    _, others = swissborg([Decimal(3), Decimal(4), Decimal(5), Decimal(6)])
    tab = reader.opens(page("swissborg", case.root))
    for user in (others[0], others[1] | {"audit_id": "A2"}):
        choose(tab, *case.published, json_file(user))
        assert outcome(tab) == "other-root"


def test_both_files_can_be_dropped_anywhere_on_the_page_at_once(reader: Reader) -> None:
    case = HONEST["okx-merkle-v2"]
    tab = reader.opens(page("okx-merkle-v2", case.root))
    files = [[each.name, content(each).decode()] for each in (*case.published, case.users[0])]
    tab.evaluate(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) transfer.items.add(new File([text], name));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
        }""",
        files,
    )
    expect(tab.locator("#included")).to_contain_text("Yes: this record is in it, with these balances")


def test_hashes_that_browsers_do_not_have_are_those_of_the_command(reader: Reader) -> None:
    tab = reader.opens(page_of())
    texts = [
        bytes((7 * each + length) % 256 for each in range(length)) for length in (0, 1, 32, 135, 136, 137, 272, 999)
    ]
    found = call(tab, "(texts) => texts.map(keccak256)", [each.hex() for each in texts])
    assert found == [keccak256(each).hex() for each in texts]
    elements = [[(each * 0x123456789ABCDEF + length) % PRIME for each in range(length)] for length in (1, 7, 8, 9, 256)]
    hashed = call(
        tab,
        "(lists) => lists.map((each) => poseidon(each.map(BigInt)).map(String))",
        [[str(one) for one in each] for each in elements],
    )
    assert hashed == [[str(one) for one in hash_elements(each)] for each in elements]


@pytest.mark.parametrize("remark", ["not-understood", "too-large", "no-total"])
def test_a_proof_that_was_not_judged_is_told_so_and_the_page_finds_itself_whole(reader: Reader, remark: str) -> None:
    basis = OwedBasis(Shows.STATED, "bitmex", remarks=(remark,))
    liabilities = {"ETH": Liability("ETH", Fraction(5), basis=basis), "BTC": Liability("BTC", None)}
    tab = reader.opens(page_of(attest(claim=replace(a_claim(), liabilities=liabilities))))
    told = "the published proof shows nothing more" if remark == "no-total" else "what it published was not judged"
    expect(tab.locator("main")).to_contain_text(f"owed: 5, as stated by the exchange; {told}")
    expect(tab.locator("#check-display")).to_have_class("holds")


def test_the_command_and_the_page_answer_in_the_same_words(reader: Reader) -> None:
    tab = reader.opens(page_of())
    told = call(tab, "() => [ANSWERS, NOT_SHOWN]", None)
    asked_otherwise = {"too-large", "files-missing"}  # of a page no option is typed
    assert told[0].keys() == ANSWERS.keys() - {"included", "unpublished"}
    assert all(told[0][each] == ANSWERS[each] for each in told[0].keys() - asked_otherwise)
    assert told[1] == NOT_SHOWN


@pytest.mark.parametrize("scheme", [None, *SCHEMES])
def test_the_page_is_small_before_there_is_evidence(scheme: str | None) -> None:
    shown = page_of() if scheme is None else page(scheme, "ab" * 32)
    assert len(shown) < 150_000


def test_the_page_carries_what_checks_the_formats_that_its_statement_names_and_no_more() -> None:
    assert SCHEMES.keys() == CHECKED_HERE
    for scheme in SCHEMES:
        carried = {
            each
            for each in SCHEMES
            if f'READERS["{each}"]' in script_of(scheme) or f"READERS.{each} =" in script_of(scheme)
        }
        carried |= {"binance", "gate"} if "ZK_EXCHANGES" in script_of(scheme) else set()
        assert carried == {scheme, *SHARING.get(scheme, ())}
    assert "READERS" not in document.script()


_PAIRS: Final = (("bitget", "bitunix"), ("bitmex", "river"), ("binance", "gate"))
SHARING: Final = {one: (other,) for pair in _PAIRS for one, other in (pair, pair[::-1])}
"""Formats that one script checks."""


def script_of(scheme: str) -> str:
    return document.script(frozenset({scheme}))


def test_the_page_has_each_proof_with_its_root_assumptions_and_remarks_and_misses_none(reader: Reader) -> None:
    basis = OwedBasis(
        Shows.TOTAL_PROVEN,
        "binance",
        total=Fraction(5),
        root="ab" * 32,
        assumes=("keys", "setup"),
        remarks=("listed-coin-names", "made-up-debtors"),
        symbol="WBETH",
    )
    liabilities = {"ETH": Liability("ETH", Fraction(5), basis=basis), "BTC": Liability("BTC", None)}
    shown = page_of(attest(claim=replace(a_claim(), liabilities=liabilities)))
    tab = reader.opens(shown)
    expect(tab.locator("#check-display")).to_have_class("holds")
    section = tab.locator("section[aria-labelledby=owed]")
    for text in (
        "TOTAL-PROVEN",
        "binance",
        "ab" * 32,
        "keys: the verifying keys",
        "made-up-debtors: debts are taken off",
    ):
        expect(section).to_contain_text(text)
    expect(tab.locator("main")).to_contain_text("; the proof calls it WBETH")
    for mark in ("assumes/1", "remarks/0", "root", "shows", "scheme"):
        place = f"/finding/reserves/1/owedBasis/{mark}"
        assert place.encode() in shown
        tab = reader.opens(shown.replace(f'{place}"'.encode(), b'/finding/exchange"'))
        expect(tab.locator("#check-display")).to_have_class("fails")
        expect(tab.locator("#check-display")).to_contain_text("the page leaves out")
