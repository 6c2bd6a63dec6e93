"""What a score is called and what its figures say, in words for people: for the terminal as for the site.

The input is what `scanner score --json` prints (docs/score.md). No score is given a grade, a colour or a place among
others: who reads the figures judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

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

FIGURES: Final[Mapping[str, str]] = {
    "ALL_READ": "every account read, none from below only",
    "CONTROL_SHOWN": "control SHOWN, of what is held",
    "CONTROL_SIGNED": "control SHOWN or REPLAYABLE, of what is held",
    "BALANCES_PROVEN": "balances PROVEN, of what is held",
    "BALANCES_AGREED": "balances on more than one operator's word, of what is held",
    "FOUND": "found of what is owed",
    "ACCOUNTS_READ": "accounts read",
    "CLAIM_COMPLETE": "a claim of all accounts",
    "SHARE_STATED": "what the claim speaks of, of all that is owed, as the exchange states it",
    "WEEKLY_DAYS": "days of reports at most 8 days apart",
    "MONTHLY_DAYS": "days of reports at most 35 days apart",
    "QUARTERLY_DAYS": "days of reports at most 100 days apart",
    "REPORTS": "reports in the history",
    "OWED_ROOT": "a published root of what is owed",
    "OWED_PATH": "a customer's record shown under that root",
    "OWED_BOUND": "a total that the tree binds (SUM-BOUND)",
    "OWED_TOTAL": "a proven total (TOTAL-PROVEN)",
    "OWED_UNWEAKENED": "no more assumed of it than that every account is in the file",
    "AUDITORS": "keys of yours that signed this finding",
}
"""Of each figure, what was measured."""

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


def figure(value: bool | int | str | None) -> str:
    """A figure: yes or no, a number, or a share in percent, cut."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else percent(value)


def figures(criterion: Mapping[str, Any]) -> str:
    """All figures of a criterion in one line, of its lowest unit."""
    found = "; ".join(f"{FIGURES[what]}: {figure(value)}" for what, value in criterion["figures"].items())
    return f"{plain(criterion['unit'], 20)}: {found}" if criterion["unit"] is not None else found


def raising(criterion: Mapping[str, Any]) -> Iterator[str]:
    """What would raise a criterion, each a sentence without an end."""
    for each in criterion["raising"]:
        is_least = "" if each["least"] is True else f", {figure(each['least'])} needed"
        found = "" if each["found"] is False else f"{figure(each['found'])}{is_least}"
        yield f"{FIGURES[each['what']]}{f' ({found})' if found else ''}{_units(each)}"


def _units(each: Mapping[str, Any]) -> str:
    if not each["units"]:
        return ""
    more = each["units"] - len(each["first"])
    return f" in {', '.join(plain(unit, 20) for unit in each['first'])}{f' and {more:,} more' if more else ''}"


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
        apart = of["skew"]["seconds"]
        far = (
            "one block, or blocks of one moment" if not apart else f"blocks {duration(timedelta(seconds=apart))} apart"
        )
        yield f"{plain(of['skew']['unit'])}, the most of all units: {far}"
    if of["anchored"] is None:
        yield "whether its blocks are anchored: not asked (--trust)"
    else:
        yield f"blocks that are anchored: {of['anchored']['anchored']:,} of {of['anchored']['blocks']:,}"
    for each in of["owedChanges"]:
        yield f"{plain(each['unit'])}: {OWED_CHANGES[each['what']]} {each['comparedWith'][:10]}"


def others(score: Mapping[str, Any]) -> Iterator[str]:
    """Requirements of the other rubric, each a sentence without an end."""
    for each in score["others"]:
        yield f"{each['id']} {'shown' if each['shown'] else 'NOT SHOWN'}: {each['asks']}. Open: {each['open']}"


def _sustained(each: Mapping[str, Any]) -> str:
    where = f"{plain(each['unit'])}, {duration(timedelta(seconds=each['window']))} before and after"
    ratio = "" if each["ratio"] is None else f"; sustained: {percent(each['ratio'])} of what is owed"
    match each["shows"]:
        case "FOUND":
            return f"{where}: a transient amount was found{ratio}"
        case "NONE_FOUND":
            return f"{where}: no transient amount was found at the sampled blocks{ratio}"
        case _:
            return f"{where}: NOT SHOWN"
