"""Rows beside holdings: wherever either are cut, each row stands beside the holding of its place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core.evidence import Gap
from scanner.core.evidence_part import EvidencePart
from scanner.core.evidence_row import EvidenceRow
from scanner.errors import Why
from scanner.weighing.holdings import HeldAsset, Holding, Holdings
from scanner.weighing.matched import Unmatched, matched
from tests.support.attestations.attested import ETH, USDT

HOLDINGS = [Holding(asset.id, number.to_bytes(20), number) for asset in (ETH, USDT) for number in range(5)]


def row_of(holding: Holding) -> EvidenceRow:
    return EvidenceRow(holding.asset, holding.account, "0xab", Gap(Why.UNREACHABLE), holding.claimed)


@given(st.integers(0, 10), st.sets(st.integers(1, 9)))
def test_each_row_stands_beside_the_holding_of_its_place_until_one_is_alone(rows: int, cuts: set[int]) -> None:
    ends = sorted({*(cut for cut in cuts if cut < rows), 5 if rows > 5 else rows, rows} - {0})
    evidence = [row_of(holding) for holding in HOLDINGS[:rows]]
    parts = [EvidencePart.of(evidence[start:end]) for start, end in pairwise([0, *ends])]
    found: list[tuple[Holding, EvidenceRow]] = []
    alone = None
    try:
        for each in matched(Holdings.of(HOLDINGS), parts):
            assert HOLDINGS[each.start] == each.held[0]
            found += zip(each.held, each.part, strict=True)
    except Unmatched as error:
        alone = error.first
    assert found == list(zip(HOLDINGS[:rows], evidence, strict=True))
    assert alone == (HOLDINGS[rows] if rows < len(HOLDINGS) else None)


def test_a_row_too_many_is_found_after_those_that_match_and_without_reading_on() -> None:
    def parts() -> object:
        yield EvidencePart.of([row_of(holding) for holding in HOLDINGS[:5]])
        raise AssertionError("read on")

    found = matched(Holdings([HeldAsset(ETH.id, HOLDINGS[:4])]), parts())  # type: ignore[arg-type]
    assert len(next(found).part) == 4
    with pytest.raises(Unmatched) as alone:
        next(found)
    assert alone.value.first == row_of(HOLDINGS[4])
