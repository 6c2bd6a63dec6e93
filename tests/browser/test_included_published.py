"""Formats that need more than one path of SHA-256 are checked on the page just as the command checks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from scanner.core.keccak import keccak256
from scanner.core.owed import OwedBasis
from scanner.core.shows import Shows
from scanner.proofs.liabilities import File, NotUnderstood, Published, Refuted, find_scheme
from scanner.proofs.liabilities.poseidon_goldilocks import PRIME, hash_elements
from scanner.report.owed import NOT_SHOWN
from scanner.report.page import document
from scanner.weighing.claim import Liability
from tests.browser.conftest import Reader
from tests.browser.pages import page_of
from tests.browser.scripts import call
from tests.support.attestations.attested import a_claim, attest
from tests.support.liabilities import plonky2_trees
from tests.support.liabilities.forged_trees import FORGERIES
from tests.support.liabilities.forged_zk import stark
from tests.support.liabilities.forgeries import Forged, content
from tests.support.liabilities.liability_trees import PATH_SCHEMES, Case, cases, json_file, swissborg
from tests.support.liabilities.stark_sets import Kind, made

CASES: Final = cases()
STARK: Final = made(Kind.HONEST)
CUSTOMER, ROOT = plonky2_trees.production_customer(70_000)
HONEST: Final[dict[str, Case]] = {
    **{name: CASES[name] for name in ("okx-merkle-v2", "swissborg")},
    "okx-stark-v1": Case("okx-stark-v1", (), STARK.inclusions(), STARK.root),
    "okx-plonky2": Case("okx-plonky2", (), (json_file(CUSTOMER),), ROOT),
}
WORDS: Final = {"okx-merkle-v2": Shows.TOTAL_PROVEN, "swissborg": Shows.SUM_BOUND}
NOT_SHOWN_TO_BE = "This is not shown to be in it"


def page(scheme: str, root: str) -> bytes:
    """A page whose ETH rests on this root."""
    basis = OwedBasis(WORDS.get(scheme, Shows.INCLUDED), scheme, root=root, entries=1)
    liabilities = {"ETH": Liability("ETH", Fraction(5), basis=basis), "BTC": Liability("BTC", None)}
    return page_of(attest(claim=replace(a_claim(), liabilities=liabilities)))


def choose(tab: Page, *files: File) -> None:
    tab.evaluate("document.getElementById('included').replaceChildren()")
    chosen = [{"name": each.name, "mimeType": "text/plain", "buffer": content(each)} for each in files]
    tab.get_by_label("The file that the exchange gave you").set_input_files(chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", HONEST)
def test_every_customer_is_told_that_the_record_is_in_it(reader: Reader, scheme: str) -> None:
    case = HONEST[scheme]
    tab = reader.opens(page(scheme, case.root))
    for user in case.users:
        expected = find_scheme(scheme).includes(Published(case.published, root=case.root), user)
        choose(tab, *case.published, user)
        expect(tab.locator("#included")).to_contain_text("Yes: this record is in it, with these balances")
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
    users[0]["liabilities"][0]["liability"] = "2"
    choose(tab, json_file(audit, "roots.json"), json_file(users[0]))
    expect(tab.locator("#included")).to_contain_text(NOT_SHOWN_TO_BE)


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


def forged_customers(scheme: str) -> Iterator[tuple[str, str, Sequence[File]]]:
    """What was done, the root that is signed, and the files that are chosen."""
    if scheme in FORGERIES:
        case = CASES[scheme]
        for each in FORGERIES[scheme](case):
            if (
                each.kind == "nesting"
            ):  # a browser's own reader of JSON bears it, and no rule is asked about what is beside
                continue
            if each.customer is not None:
                yield each.what, each.root or case.root, (*each.published, each.customer)
            elif scheme in HONEST and len(each.published) == 1:
                yield each.what, each.root or case.root, (*each.published, case.users[0])
    elif scheme == "okx-plonky2":
        yield from ((each.what, ROOT, (each.customer,)) for each in edits_of_plonky2() if each.customer)
    else:
        for each in stark():
            if each.kind in (
                "settings",
                "nesting",
            ):  # as above; and no hash of a customer's file holds how it is configured
                continue
            users = [file for file in each.published if file.name.endswith("user_1_inclusion_proof.json")]
            honest = STARK["a0/user_1_inclusion_proof.json"]
            chosen = [user for user in [*users, *filter(None, [each.customer])] if content(user).decode() != honest]
            yield from ((each.what, each.root or STARK.root, (user,)) for user in chosen)


@pytest.mark.parametrize("scheme", [*PATH_SCHEMES, *HONEST])
def test_no_forged_file_is_said_to_be_in_it_here_or_there(reader: Reader, scheme: str) -> None:
    forged = sorted(forged_customers(scheme), key=lambda each: each[1])
    assert len(forged) > 5
    tab, opened = reader.tab, ""
    for what, root, files in forged:
        if root != opened:
            tab, opened = reader.opens(page(scheme, root)), root
        choose(tab, *files)
        expect(tab.locator("#included"), what).to_contain_text(NOT_SHOWN_TO_BE)
        with pytest.raises((Refuted, NotUnderstood)):
            find_scheme(scheme).includes(Published(tuple(files[:-1]), root=root), files[-1])


@pytest.mark.parametrize(("scheme", "needed"), [("okx-merkle-v2", "whole tree"), ("swissborg", "audit's roots")])
def test_a_customer_is_told_which_file_is_needed_besides(reader: Reader, scheme: str, needed: str) -> None:
    case = HONEST[scheme]
    tab = reader.opens(page(scheme, case.root))
    expect(tab.locator("#asking")).to_contain_text(f"the file that the exchange published for everybody: the {needed}")
    choose(tab, case.users[0])
    expect(tab.locator("#included")).to_contain_text(f"{needed}")
    expect(tab.locator("#included")).to_contain_text("choose both files at once")
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
        expect(tab.locator("#included")).to_contain_text("is of another report, older or newer")


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


def test_the_page_is_small_before_there_is_evidence() -> None:
    assert len(page_of()) < 150_000
    assert len(document.script()) < 95_000
