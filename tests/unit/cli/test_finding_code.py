"""The exit code that a finding comes to."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.cli.finding_code import COVERED, INCOMPLETE, LASTING, SHORT, finding_code
from scanner.report.accepted import passed_over

UNITS = {
    "covered": {"verdict": "COVERED", "lasting": False},
    "short": {"verdict": "SHORT", "lasting": False},
    "open": {"verdict": "UNKNOWN", "lasting": False},
    "lasting": {"verdict": "UNKNOWN", "lasting": True},
}


def finding(*units: str, accept: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"reserves": [{"unit": unit, **UNITS[unit]} for unit in units], "policy": {"accept": list(accept)}}


@pytest.mark.parametrize(
    ("units", "code"),
    [
        (("covered",), COVERED),
        (("covered", "short", "open", "lasting"), SHORT),
        (("covered", "open", "lasting"), INCOMPLETE),
        (("covered", "lasting"), LASTING),
        (("lasting",), LASTING),
        ((), LASTING),
    ],
)
def test_the_gravest_unit_decides(units: tuple[str, ...], code: int) -> None:
    assert finding_code(finding(*units)) == code


@pytest.mark.parametrize("unit", ["open", "lasting"])
def test_an_accepted_unknown_fails_nothing_beside_what_is_covered(unit: str) -> None:
    assert finding_code(finding("covered", unit, accept=(unit,))) == COVERED
    assert passed_over(finding("covered", unit, accept=(unit, "covered"))) == {unit}


def test_what_is_accepted_is_no_success_by_itself() -> None:
    assert finding_code(finding("lasting", accept=("lasting",))) == LASTING
    assert finding_code(finding("open", accept=("open",))) == INCOMPLETE


def test_a_shortfall_cannot_be_accepted() -> None:
    assert finding_code(finding("covered", "short", accept=("short",))) == SHORT


def test_another_unit_is_not_accepted_with_it() -> None:
    assert finding_code(finding("covered", "lasting", "open", accept=("lasting",))) == INCOMPLETE
