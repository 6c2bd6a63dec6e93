"""Where less is held than was owed: in a scan between two reports, which never calls a unit SHORT for it.

The one input is a predicate. Nothing here computes an amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.core.amounts import parse_decimal
from scanner.report.cells import amount, moment, plain
from scanner.weighing.standing import RatioStanding, standing_of


def standing(finding: Mapping[str, Any], reserve: Mapping[str, Any]) -> RatioStanding:
    """How a unit of a finding stands to 100 % of what is owed, or was."""
    return standing_of(
        held=parse_decimal(reserve["held"]),
        custody=parse_decimal(reserve["custody"]),
        owed=None if reserve["owed"] is None else parse_decimal(reserve["owed"]),
        verdict=reserve["verdict"],
        withheld=bool(reserve["withheld"]),
        whole=finding["complete"] and not reserve["gaps"] and not reserve["atLeast"],
    )


def below_owed(finding: Mapping[str, Any]) -> list[str]:
    """The units of which a scan between two reports found less than was owed, on complete evidence; none at a
    report's own moment, where the verdict says it."""
    if finding["owedAsOf"] == finding["asOf"]:
        return []
    return [each["unit"] for each in finding["reserves"] if standing(finding, each) is RatioStanding.BELOW]


def sentences(finding: Mapping[str, Any]) -> Iterator[str]:
    """Of each of these units, both amounts with their dates."""
    below = below_owed(finding)
    for reserve in finding["reserves"]:
        if reserve["unit"] in below:
            held = f"{amount(reserve['held'])} held as of {moment(finding['asOf'])}"
            custody = "" if reserve["custody"] == "0" else f", and {amount(reserve['custody'])} with third parties"
            owed = f"{amount(reserve['owed'])} owed as of {moment(finding['owedAsOf'])}"
            yield f"{plain(reserve['unit'])}: {held}{custody}, less than the {owed}."
