"""Which of a claim's rows make up a share of what was held."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Balance, Basis, Gap, Outcome
from scanner.core.evidence_part import parts_of
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.weighing.holdings import Holding, Holdings
from scanner.weighing.part_of_rows import largest
from tests.support.simulated.toy_family import COIN
from tests.support.toy_series import a_claim

AMOUNTS = st.lists(st.none() | st.integers(0, 20), min_size=1, max_size=12)
SHARES = st.fractions(Fraction(1, 100), Fraction(99, 100))


def outcome(atoms: int | None) -> Outcome:
    return Gap(Why.NO_QUORUM, "one of two") if atoms is None else Balance(atoms, Basis.QUORUM, ("a", "b"))


@given(AMOUNTS, SHARES)
def test_the_fewest_rows_that_come_to_the_share_and_every_gap(amounts: list[int | None], share: Fraction) -> None:
    accounts = [b"a%c%ca" % (97 + number // 26, 97 + number % 26) for number in range(len(amounts))]
    claim = a_claim(holdings=Holdings.of(Holding(COIN, account) for account in accounts))
    rows = [
        EvidenceRow(COIN, account, "", outcome(atoms), None) for account, atoms in zip(accounts, amounts, strict=True)
    ]
    chosen = {holding.account for holding in largest(claim, parts_of(rows), share).holdings}
    held = dict(zip(accounts, amounts, strict=True))
    gaps = {account for account, atoms in held.items() if atoms is None}
    total = sum(atoms or 0 for atoms in amounts)
    taken = sorted(held[account] or 0 for account in chosen - gaps)
    assert gaps <= chosen
    assert sum(taken) >= share * total
    assert not taken or sum(taken[1:]) < share * total
    assert not taken or taken[0] >= max(
        (atoms or 0 for account, atoms in held.items() if account not in chosen), default=0
    )
