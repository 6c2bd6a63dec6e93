"""What readers are told of the two halves of a ratio: one sentence a unit, on the terminal and on the page."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.core.shows import Shows
from scanner.proofs.liabilities.remarks import ASSUMPTIONS
from scanner.report.owed import NOT_SHOWN, SHOWN, owed, rests_on


def reserve(shows: Shows = Shows.STATED, scheme: str | None = None, **fields: Any) -> dict[str, Any]:
    basis = {
        "shows": shows,
        "scheme": scheme,
        "symbol": None,
        "total": None,
        "root": None,
        "entries": None if scheme is None else 21,
        "assumes": ["complete"] if shows is Shows.TOTAL_PROVEN else [],
        "remarks": [],
    }
    return {
        "unit": "USDT",
        "held": "5",
        "owed": "10242908095",
        "owedBasis": basis,
        "proven": "5",
        "quorum": "0",
        "own": "0",
        "withheld": [],
        **fields,
    }


def with_basis(**changed: Any) -> dict[str, Any]:
    """A unit of Binance's kind."""
    of = reserve(Shows.TOTAL_PROVEN, "binance")
    return of | {"owedBasis": of["owedBasis"] | changed}


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (reserve(), "held: proven on chain; owed: 10,242,908,095, as stated by the exchange"),
        (
            reserve(Shows.INCLUDED, "okx-stark-v1"),
            "held: proven on chain; owed: 10,242,908,095, as stated by the exchange; the published proof shows"
            " inclusion only",
        ),
        (
            reserve(Shows.TOTAL_PROVEN, "bitmex", quorum="5"),
            "held: proven on chain 50%, agreed on by a quorum of nodes 50%; owed: 10,242,908,095, the sum of all"
            " records by the published proof, if every account is among them",
        ),
        (
            reserve(scheme="bitmex", withheld=[{"why": "OWED_CONTRADICTED", "detail": ""}], proven="0"),
            "held: nothing; owed: 10,242,908,095, as stated by the exchange, and contradicted by what it published",
        ),
        (
            with_basis(assumes=["keys", "setup"], symbol="DOGE"),
            "held: proven on chain; owed: 10,242,908,095, the sum of all records by the published proof, if the"
            " verifying keys that the claim names are of the published circuit and the exchange destroyed the secrets"
            " of its trusted setup; the proof calls it DOGE",
        ),
        (
            reserve(Shows.SUM_BOUND, "swissborg"),
            "held: proven on chain; owed: 10,242,908,095, at least the sum of all customers who find themselves in the"
            " published tree",
        ),
        (reserve(owed=None, owedBasis=None), "held: proven on chain; owed: not stated"),
    ],
)
def test_one_sentence_says_what_a_ratio_rests_on(of: dict[str, Any], sentence: str) -> None:
    assert rests_on(of) == sentence


@pytest.mark.parametrize("remark", ["not-understood", "too-large"])
def test_a_proof_that_was_not_judged_is_not_said_to_show_nothing(remark: str) -> None:
    unjudged = reserve(scheme="bitmex")
    unjudged["owedBasis"] |= {"remarks": [remark]}
    assert rests_on(unjudged).endswith("as stated by the exchange; what it published was not judged")
    judged = reserve(scheme="bitmex")
    judged["owedBasis"] |= {"remarks": ["no-total"]}
    assert rests_on(judged).endswith("as stated by the exchange; the published proof shows nothing more")


def test_the_terminal_names_word_scheme_records_and_assumptions() -> None:
    told = " ".join(" ".join(owed([reserve(Shows.TOTAL_PROVEN, "bitmex"), reserve(unit="ETH")], 100)).split())
    assert "USDT owed is TOTAL-PROVEN, the sum of all records by the published proof" in told
    assert "(bitmex, 21 records; it rests on: complete)" in told
    assert told.endswith("without a published proof: ETH.")


def test_one_record_is_not_several() -> None:
    one = reserve(Shows.INCLUDED, "mexc")
    one["owedBasis"] |= {"entries": 1}
    assert "(mexc, 1 record)" in " ".join(" ".join(owed([one], 100)).split())


def test_each_word_says_what_it_shows_and_what_it_does_not() -> None:
    assert set(SHOWN) == set(NOT_SHOWN) == set(Shows)


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_every_assumption_stands_in_the_sentence_in_words(assumption: str) -> None:
    assert assumption not in rests_on(with_basis(assumes=[assumption])).split(", if ")[1].split()[:1]
    assert rests_on(with_basis(assumes=[assumption])) != rests_on(with_basis(assumes=["another"]))
