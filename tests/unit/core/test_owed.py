"""What an amount that is owed rests on: the exchange's word, or what a judged proof shows of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from scanner.core.owed import STATED, OwedBasis
from scanner.core.shows import Shows
from scanner.weighing.claim import Liability
from tests.support.attestations.attested import Seal, a_claim, attest

SHOWN = OwedBasis(Shows.TOTAL_PROVEN, "a-tree", Fraction("7.5"), "ab" * 32, 7, ("complete",), ("sums-unbound",), "XBT")


def test_the_statement_says_of_each_unit_what_its_liability_rests_on() -> None:
    liabilities = {
        "BTC": Liability("BTC", Fraction(100)),
        "ETH": Liability("ETH", Fraction("7.5"), basis=SHOWN),
        "USDT": Liability("USDT", None),
    }
    attested = attest(claim=a_claim(liabilities=liabilities), signers=(Seal(b"secret"),))
    assert [each.owed_basis for each in attested.verify().finding.reserves] == [STATED, SHOWN, None]
    assert [each["owedBasis"] for each in attested.statement["predicate"]["finding"]["reserves"]] == [
        {
            "shows": "STATED",
            "scheme": None,
            "symbol": None,
            "total": None,
            "root": None,
            "entries": None,
            "assumes": [],
            "remarks": [],
        },
        {
            "shows": "TOTAL-PROVEN",
            "scheme": "a-tree",
            "symbol": "XBT",
            "total": "7.5",
            "root": "ab" * 32,
            "entries": 7,
            "assumes": ["complete"],
            "remarks": ["sums-unbound"],
        },
        None,
    ]


@pytest.mark.parametrize(
    "what", [{"total": Fraction(1)}, {"root": "ab"}, {"entries": 0}, {"shows": Shows.INCLUDED}, {"symbol": "XBT"}]
)
def test_nothing_is_shown_of_what_is_owed_without_a_scheme(what: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="without a scheme"):
        OwedBasis(**{"shows": Shows.STATED, **what})
