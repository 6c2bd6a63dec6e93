"""An auditor's own acceptance criteria, as tests over an attestation. pytest reports them, and fails the pipeline.

    ATTESTATION=out pytest examples/test_reserves.py

ATTESTATION is a folder with claim.yaml, attestation.dsse.json, evidence.csv.gz (and witness.bin) and auditor.pub.
Change the criteria to yours: the ones below are stricter than the scanner's verdict.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

import scanner
from scanner import Verified

FOLDER = Path(os.environ.get("ATTESTATION", "out"))
LEAST_RATIO = Fraction(1)
MOST_GAPS = 0
LEAST_OPERATORS = 2


@pytest.fixture(scope="session")
def shown() -> Verified:
    """The attestation, verified: without that, every figure below would be hearsay."""
    document = (FOLDER / "attestation.dsse.json").read_bytes()
    with ExitStack() as files:
        witness = FOLDER / "witness.bin"
        return scanner.verify(
            document,
            scanner.load_claim(FOLDER / "claim.yaml", revision=scanner.stated_revision(document)),
            [scanner.load_public_key(FOLDER / "auditor.pub")],
            files.enter_context((FOLDER / "evidence.csv.gz").open("rb")),
            witness=files.enter_context(witness.open("rb")) if witness.exists() else None,
        )


def test_every_unit_is_covered(shown: Verified) -> None:
    ratios = {reserve.unit: reserve.ratio for reserve in shown.finding.reserves}
    assert {unit: ratio for unit, ratio in ratios.items() if ratio is None or ratio < LEAST_RATIO} == {}


def test_nothing_is_missing(shown: Verified) -> None:
    gaps = {reserve.unit: reserve.gaps for reserve in shown.finding.reserves if reserve.gaps > MOST_GAPS}
    assert gaps == {}


def test_the_ratios_that_the_exchange_printed_are_right(shown: Verified) -> None:
    wrong = [reserve.unit for reserve in shown.finding.reserves if reserve.stated_agrees is False]
    assert wrong == []


def test_independent_operators_were_asked_about_every_chain(shown: Verified) -> None:
    few = {str(chain): names for chain, names in shown.run.operators.items() if len(names) < LEAST_OPERATORS}
    assert few == {}
    assert shown.policy.quorum >= LEAST_OPERATORS


def test_every_block_is_of_the_moment_that_is_judged(shown: Verified) -> None:
    as_of = shown.finding.claim.as_of
    late = [str(each) for each in shown.finding.snapshots.values() if abs(as_of - each.time) > timedelta(hours=1)]
    assert late == []
