"""What ties SwissBorg's leaves to customers: a nonce, the customer's credential, or nothing in its first audit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import pytest

from scanner.proofs.liabilities import OtherRoot, Published, Refuted, Shows, find_scheme
from scanner.proofs.liabilities.remarks import UNOPENED
from tests.support.liabilities.liability_trees import Json, json_file, sha, swissborg, swissborg_nonce

SCHEME: Final = find_scheme("swissborg")
HELD: Final = [Decimal(1), Decimal("2.5"), Decimal(0), Decimal(7)]
FIRST, LATER = swissborg(HELD, first=True), swissborg(HELD)


def published(made: tuple[Json, list[Json]]) -> Published:
    return Published((json_file(made[0], "roots.json"),))


def test_the_leaf_of_the_published_example_follows_from_its_credential() -> None:
    """SwissBorg/proof-of-liabilities, merkle.test.ts."""
    nonce = swissborg_nonce("A" * 22, "SBPOL20221224", "BTC", 0)
    leaf = sha(f"leaf,{nonce},20000000000000000000000000000000,1.2")
    assert leaf == "268f465e7d52d00ecb4e7eea67efa26a29073e7fc808ffd62e45413f5ea2160f"


@pytest.mark.parametrize("number", range(4))
def test_a_leaf_of_the_first_audit_is_included_and_said_to_be_tied_to_no_customer(number: int) -> None:
    user = FIRST[1][number]
    found = SCHEME.includes(published(FIRST), json_file(user))
    assert (found.shows, found.remarks) == (Shows.INCLUDED, (UNOPENED,))
    assert found.amounts == dict.fromkeys(("BTC", "ETH"), Fraction(HELD[number]))
    shown = SCHEME.judge(Published((*published(FIRST).files, json_file(user))))
    assert {total.shows for total in shown.totals.values()} == {Shows.INCLUDED}
    assert shown.remarks == (UNOPENED,)


@pytest.mark.parametrize("made", [FIRST, LATER])
def test_with_the_credential_every_leaf_is_opened(made: tuple[Json, list[Json]]) -> None:
    for number, user in enumerate(made[1]):
        found = SCHEME.includes(published(made), json_file(user | {"credential": f"credential{number}"}))
        assert (found.shows, found.remarks) == (Shows.SUM_BOUND, ())
        with pytest.raises(OtherRoot):
            SCHEME.includes(published(made), json_file(user | {"credential": f"credential{number + 1}"}))


def test_one_leaf_shown_to_two_customers_is_refuted_as_soon_as_both_look() -> None:
    user = FIRST[1][0]
    both = json_file(user, "one.json"), json_file(user | {"user_id": "another"}, "other.json")
    for each in both:  # either of them alone holds
        assert SCHEME.includes(published(FIRST), each).shows is Shows.INCLUDED
    with pytest.raises(Refuted, match="shows the same record"):
        SCHEME.judge(Published((*published(FIRST).files, *both)))


def test_an_amount_beside_a_leaf_that_is_not_opened_is_bound_by_the_node_above() -> None:
    for change in ({"liability": "2"}, {"liability": "1.00000001"}):
        user = FIRST[1][0]
        changed = [user["liabilities"][0] | change, *user["liabilities"][1:]]
        with pytest.raises(OtherRoot):
            SCHEME.includes(published(FIRST), json_file(user | {"liabilities": changed}))
