"""What a score is called and what its figures say, in words for people: for the terminal as for the site.

The input is what `scanner score --json` prints (docs/score.md). No score is given a grade, a colour or a place among
others: who reads the figures judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report.cells import percent, plain
from scanner.report.log_table import OWED_CHANGES
from scanner.weighing.moments import duration

TITLES: Final[Mapping[str, str]] = {
    "assets-verified": "assets verified by cryptography",
    "assets-covered": "assets covered",
    "frequent": "frequent, ongoing reports",
    "liabilities-checkable": "liabilities that customers can check",
    "liabilities-proven": "liabilities credibly accounted for",
    "auditors": "auditors' signatures",
}
"""Of each criterion."""

FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    "ALL_READ": ("every account read, none from below only", ""),
    "CONTROL_SHOWN": ("control SHOWN", " of what is held"),
    "CONTROL_SIGNED": ("control SHOWN or REPLAYABLE", " of what is held"),
    "BALANCES_PROVEN": ("balances PROVEN", " of what is held"),
    "BALANCES_AGREED": ("on more than one operator's word", " of what is held"),
    "SETTLED": ("all that is owed was found, or all that is declared was read", ""),
    "FOUND": ("found", " of what is owed"),
    "ACCOUNTS_READ": ("accounts read", ""),
    "CLAIM_COMPLETE": ("a claim of all accounts", ""),
    "SHARE_STATED": ("the claim speaks of", " of all that is owed, as the exchange states it"),
    "WEEKLY_DAYS": ("reports at most 8 days apart", " days long"),
    "MONTHLY_DAYS": ("reports at most 35 days apart", " days long"),
    "QUARTERLY_DAYS": ("reports at most 100 days apart", " days long"),
    "REPORTS": ("reports in the history", ""),
    "OWED_ROOT": ("a published root of what is owed", ""),
    "OWED_PATH": ("a customer's record shown under that root", ""),
    "OWED_BOUND": ("a total that the tree binds (SUM-BOUND)", ""),
    "OWED_TOTAL": ("a proven total (TOTAL-PROVEN)", ""),
    "OWED_UNWEAKENED": ("no more assumed of it than that every account is in the file", ""),
    "AUDITORS": ("listed keys that signed this finding", ""),
}
"""Of each figure: what was measured, and of what it is a share."""

_UNKNOWN: Final[Mapping[str, str]] = {
    "CONTROL_SHOWN": "nothing is held",
    "CONTROL_SIGNED": "nothing is held",
    "BALANCES_PROVEN": "nothing is held",
    "BALANCES_AGREED": "nothing is held",
    "SHARE_STATED": "not stated",
    "AUDITORS": "none is listed",
    **dict.fromkeys(("OWED_ROOT", "OWED_PATH", "OWED_BOUND", "OWED_TOTAL", "OWED_UNWEAKENED"), "no proof is named"),
}
"""Why a figure is not known, where there is but one reason."""

JUDGEMENT: Final = (
    "Left to its readers: whether the exchange is solvent or honest; whether coins are borrowed; whose an account"
    " is that no claim declares; whether an auditor is independent; whether this is enough. A sum is no grade, and no"
    " exchange is placed before another by it."
)
"""What is not computed."""

UNVERIFIED: Final = "No attestation of this claim was verified: nothing of it is shown."


def points_of(sum_: str, of: int) -> str:
    """ "3 1/2 of 6"."""
    whole, _, half = sum_.partition(".")
    return f"{'1/2' if half and whole == '0' else whole + (' 1/2' if half else '')} of {of}"


def figure(what: str, value: bool | int | str | None) -> str:
    """A figure: yes or no, a number, or a share in percent, cut; and of what."""
    if value is None:
        return _UNKNOWN.get(what, "not known")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (f"{value:,}" if isinstance(value, int) else percent(value)) + FIGURES[what][1]


def figures(criterion: Mapping[str, Any]) -> str:
    """All figures of a criterion in one line, of its lowest unit."""
    found = "; ".join(f"{FIGURES[what][0]}: {figure(what, value)}" for what, value in criterion["figures"].items())
    return f"{plain(criterion['unit'], 20)}: {found}" if criterion["unit"] is not None else found


def raising(criterion: Mapping[str, Any]) -> Iterator[str]:
    """What would raise a criterion, each a sentence without an end."""
    for each in criterion["raising"]:
        what, least = each["what"], each["least"]
        found = "" if each["found"] is False else f": {figure(what, each['found'])}"
        needed = "" if least is True else f", {least if isinstance(least, int) else percent(least)} needed"
        yield f"{FIGURES[what][0]}{found}{needed}{_units(each)}"


def _units(each: Mapping[str, Any]) -> str:
    if not each["units"]:
        return ""
    more = each["units"] - len(each["first"])
    return f"; in {', '.join(plain(unit, 20) for unit in each['first'])}{f' and {more:,} more' if more else ''}"


def beside(score: Mapping[str, Any]) -> Iterator[str]:
    """What stands beside the sum, each a sentence without an end."""
    of = score["beside"]
    if of["contradicted"]:
        yield "two attestations of this claim contradict each other in what is held"
    for each in of["shared"]:
        count = "1 account is" if each["accounts"] == 1 else f"{each['accounts']:,} accounts are"
        yield f"{count} also in a claim of {plain(each['exchange'])}"
    yield from map(_sustained, of["sustained"])
    if not of["sustained"]:
        yield "what was held before and after the report: no series of this claim is in the history"
    if of["skew"] is not None:
        apart, unit = of["skew"]["seconds"], plain(of["skew"]["unit"])
        most = f"the blocks of {unit} lie {duration(timedelta(seconds=apart))} apart, the most of all units"
        yield most if apart else "the blocks of each unit are of one time"
    if of["anchored"] is None:
        yield "whether its blocks are anchored: not asked"
    else:
        yield f"blocks that are anchored: {of['anchored']['anchored']:,} of {of['anchored']['blocks']:,}"
    for each in of["owedChanges"]:
        yield f"{plain(each['unit'])}: {OWED_CHANGES[each['what']]} {each['comparedWith'][:10]}"


def others(score: Mapping[str, Any]) -> Iterator[str]:
    """Requirements of the other rubric, each a sentence without an end."""
    for each in score["others"]:
        yield f"{each['id']} {'shown' if each['shown'] else 'NOT SHOWN'}: {each['asks']}. Open: {each['open']}"


def _of_part(share: str) -> str:
    of = exact(100 * parse_decimal(share))
    return (
        f"; read were the accounts with {of}% of each asset alone: what moved from these to another account of the"
        " claim looks like a transient amount"
    )


def _sustained(each: Mapping[str, Any]) -> str:
    where = f"{plain(each['unit'])}, {duration(timedelta(seconds=each['window']))} before and after"
    ratio = "" if each["ratio"] is None else f"; sustained: {percent(each['ratio'])} of what is owed"
    part = "" if each["share"] is None else _of_part(each["share"])
    match each["shows"]:
        case "FOUND":
            return f"{where}: a transient amount was found{ratio}{part}"
        case "NONE_FOUND":
            return f"{where}: no transient amount was found at the sampled blocks{ratio}{part}"
        case _:
            return f"{where}: NOT SHOWN"
