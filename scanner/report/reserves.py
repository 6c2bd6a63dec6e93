"""The reserves as a table, unit by unit, and what is shown of who controls what is held.

Ratios, verdicts and whether a stated ratio agrees come out of the predicate; only shares are worked out here. Sums have
more digits than the amounts in a claim may have, so they are read as the predicate's shape lets them be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from scanner.report.cells import (
    MARGIN,
    NOTHING,
    UNPUBLISHED,
    Paint,
    amount,
    at_the_point,
    grid,
    left,
    plain,
    right,
    shares,
    wrapped,
)
from scanner.report.wording import has_ratio, not_established, ratio_in_figures
from scanner.weighing.moments import duration

BASES: Final = ("proven", "quorum", "own")  # strongest first

_NOT_SHOWN: Final = ("UNSHOWN", "UNVERIFIABLE", "ABSENT")


def reserves(weighed: Sequence[Mapping[str, Any]], width: int, paint: Paint, *, complete: bool) -> Iterator[str]:
    """One row a unit."""
    held = [NOTHING if not_established(reserve) else amount(reserve["held"]) for reserve in weighed]
    owed = [amount(reserve["owed"]) if reserve["owed"] else UNPUBLISHED for reserve in weighed]
    columns = {
        "unit": left([plain(reserve["unit"]) for reserve in weighed], "unit"),
        "held": right(at_the_point(held), "held"),
        "owed": right(at_the_point(owed), "owed"),
        "ratio": right([ratio(reserve, complete=complete) for reserve in weighed], "ratio"),
        "stated": left([_stated(reserve) for reserve in weighed], "stated"),
        "verdict": left([reserve["verdict"] for reserve in weighed], "verdict"),
        "basis": left([_basis(reserve) for reserve in weighed], "basis"),
        "gaps": left([_missing(reserve) for reserve in weighed], "gaps"),
    }
    return grid(columns, width, paint)


def ratio(reserve: Mapping[str, Any], *, complete: bool) -> str:
    """As a percentage; nothing where the verdict is withheld, or nothing of it was established."""
    return ratio_in_figures(reserve, complete=complete) if has_ratio(reserve) else NOTHING


def withheld(weighed: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Why no verdict is given on a unit, and how far the blocks of the others lie apart."""
    for reserve in weighed:
        for reason in reserve["withheld"]:
            yield from wrapped(f"{plain(reserve['unit'])}: {reason['why']}, {plain(reason['detail'], 500)}", width)
    for reserve in weighed:
        length = _apart(reserve)
        if length and not reserve["withheld"]:
            yield from wrapped(
                f"{plain(reserve['unit'])} is weighed at blocks up to {duration(length)} apart: coins that crossed from"
                " one chain to another in that time may stand twice, or not at all.",
                width,
            )


def _apart(reserve: Mapping[str, Any]) -> timedelta:
    blocks = reserve["blocks"]
    if blocks is None:
        return timedelta(0)
    return datetime.fromisoformat(blocks["last"]) - datetime.fromisoformat(blocks["first"])


def custody(weighed: Sequence[Mapping[str, Any]], width: int, *, complete: bool) -> Iterator[str]:
    """What each unit's ratio would be with what third parties are said to hold, where they are."""
    for reserve in weighed:
        if reserve["custody"] != "0":
            unit, ratios = plain(reserve["unit"]), ""
            if reserve["ratioWithCustody"] and has_ratio(reserve):
                with_custody = {**reserve, "ratio": reserve["ratioWithCustody"]}
                ratios = f" {ratio(reserve, complete=complete)} ({ratio(with_custody, complete=complete)} with custody)"
            yield from wrapped(
                f"{unit}{ratios}: {amount(reserve['custody'])} {unit} are said to be held by third parties, without"
                " addresses. They are not counted as held.",
                width,
            )


def control(weighed: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    """Nothing, unless the claim published a proof of control for anything that is held."""
    if not any(word != "ABSENT" for reserve in weighed for word in reserve["control"]):
        return
    held = [reserve for reserve in weighed if reserve["control"]]
    rows = [shares(control_parts(reserve["control"])) for reserve in held]
    yield MARGIN + paint("heading", "control of what is held")
    yield from grid(
        {
            "unit": left([plain(reserve["unit"]) for reserve in held], "unit"),
            **{name: right([row[name] for row in rows], name) for name in ("shown", "replayable", "not shown")},
        },
        width,
        paint,
    )
    yield from wrapped(
        "shown: the accounts' keys signed this engagement's message, or moved an amount that follows from it."
        " replayable: they signed another, at whatever time, or none was set. not shown: no proof was published, or one"
        " that does not hold or cannot be judged.",
        width,
    )
    for reserve in held:
        if "UNSHOWN" in reserve["control"]:
            failed = f"{amount(reserve['control']['UNSHOWN'])} {plain(reserve['unit'])}"
            yield from wrapped(f"{failed} stand on accounts whose published proof does not hold.", width)
        if reserve["controlByMovement"] != "0":
            moved = f"{amount(reserve['controlByMovement'])} {plain(reserve['unit'])}"
            yield from wrapped(f"{moved} are shown by accounts that moved an amount, and signed nothing.", width)


def control_parts(of_control: Mapping[str, str]) -> dict[str, Fraction]:
    """What is held, by whether it is shown who controls it, in the three words that readers see."""
    amounts = {word: Fraction(text) for word, text in of_control.items()}
    return {
        "shown": amounts.get("SHOWN", Fraction(0)),
        "replayable": amounts.get("REPLAYABLE", Fraction(0)),
        "not shown": sum((amounts.get(word, Fraction(0)) for word in _NOT_SHOWN), Fraction(0)),
    }


def _stated(reserve: Mapping[str, Any]) -> str:
    if reserve["statedRatio"] is None:
        return NOTHING
    judged = None if reserve["withheld"] else reserve["statedAgrees"]
    agrees = {True: " agrees", False: " contradicts", None: ""}[judged]
    return f"{reserve['statedRatio']}{agrees}"


def basis_parts(reserve: Mapping[str, Any]) -> dict[str, Fraction]:
    """What is held, by the basis on which it is believed; bases without anything are left out."""
    return {basis: Fraction(reserve[basis]) for basis in BASES if reserve[basis] != "0"}


def _basis(reserve: Mapping[str, Any]) -> str:
    """On what the held amount is believed, and to which parts where there are several."""
    parts = basis_parts(reserve)
    if len(parts) < 2:
        return "".join(parts) or NOTHING
    return ", ".join(f"{basis} {share}" for basis, share in shares(parts).items())


def _missing(reserve: Mapping[str, Any]) -> str:
    return f"{reserve['gaps']:,} of {reserve['holdings']:,}" if reserve["gaps"] else NOTHING
