"""A history as tables for the terminal: by exchange, each unit's run of reports, and the attestations themselves.

The input is what `scanner log --json` prints (docs/history.md). Nothing is judged here; ratios are cut, never
rounded up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report.cells import MARGIN, NOTHING, Paint, grid, left, moment, percent, plain, right, wrapped
from scanner.report.series_table import sentence

_NAMED: Final = 4  # units of one attestation
OWED_CHANGES: Final[Mapping[str, str]] = {
    "SAME_ROOT": "the published root is the one of",
    "TOTAL_FELL": "the published total is less, of more records, than as of",
    "OTHER_SCHEME": "what was published is of another format, or nothing, unlike as of",
    "SHOWS_LESS": "less is shown of it than as of",
}
_EMPTY: Final = "Nothing is in this history yet. `scanner log add` adds to it."


def render(summary: Mapping[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """The whole text. Lines end in a line feed."""
    paint = Paint(colour)
    exchanges = ["\n\n".join(_sections(exchange, width, paint)) for exchange in summary["exchanges"]]
    several = ["\n".join(_several(each, width, paint)) for each in summary.get("several", ())]
    return "\n\n\n".join([*exchanges, *several] or [_EMPTY]) + "\n"


def _several(each: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    """A series, or claims together: what it comes to."""
    names = " and ".join(plain(name) for name in each["exchanges"])
    if each["of"] == "series":
        series = each["series"]
        yield paint("title", f"{names}: a series around {moment(series['asOf'])}, statement {each['entry']}")
        for sustained in series["sustained"]:
            yield from wrapped(sentence(sustained), width)
        return
    yield paint("title", f"{names}: together, statement {each['entry']}")
    for unit in each["together"]["units"]:
        yield f"{MARGIN}{plain(unit['unit'])}, jointly {unit['verdict']}"


def streak(of: Mapping[str, Any] | None) -> str:
    """ "13 in a row since 2022-11-23"."""
    return NOTHING if of is None else f"{of['reports']:,} in a row since {of['first'][:10]}"


def ratio_of(line: Mapping[str, Any]) -> str:
    """A unit's ratio in figures, "≥" before one that may be higher; none where it would mean nothing: beside a verdict
    that is withheld, and where all that is known is that it is not less than zero."""
    unknown = line["atLeast"] and line["ratio"] is not None and parse_decimal(line["ratio"]) == 0
    if line["ratio"] is None or line["withheld"] or unknown:
        return NOTHING
    return f"{'≥' if line['atLeast'] else ''}{percent(line['ratio'])}"


def lowest(reserves: Sequence[Mapping[str, Any]]) -> str:
    """The lowest ratio of an attestation and its unit, of several the first; "≥" where gaps may hide more."""
    known = [
        (parse_decimal(reserve["ratio"]), number)
        for number, reserve in enumerate(reserves)
        if ratio_of(reserve) != NOTHING
    ]
    if not known:
        return NOTHING
    reserve = reserves[min(known)[1]]
    return f"{ratio_of(reserve)} {plain(reserve['unit'], 12)}"


def remarks(attestation: Mapping[str, Any]) -> list[str]:
    """What has to be known before an attestation is taken for what it seems, and which units are not covered."""
    uncovered = [reserve for reserve in attestation["reserves"] if reserve["verdict"] != "COVERED"]
    found = [f"{reserve['verdict']} {plain(reserve['unit'], 12)}" for reserve in uncovered[:_NAMED]]
    if len(uncovered) > _NAMED:
        found.append(f"{len(uncovered) - _NAMED:,} more units not COVERED")
    if attestation["gaps"]:
        found.append(f"{attestation['gaps']:,} {'gap' if attestation['gaps'] == 1 else 'gaps'}")
    if not attestation["verified"]:
        found.append("not verified")
    return [*found, *doubts(attestation)]


def dated(attestation: Mapping[str, Any]) -> Iterator[str]:
    """Before which times an attestation existed, by the stamps over it, in sentences without an end; and which of them
    show nothing."""
    for stamp in attestation["stamps"]:
        if stamp["before"] is None:
            yield f"a time stamp that shows nothing: {plain(stamp['reason'], 300)}"
        else:
            by, root = plain(stamp["authority"], 120), plain(stamp["root"]["name"], 120)
            yield f"existed before {moment(stamp['before'])}: by the authority {by}, under the root {root}"


def doubts(attestation: Mapping[str, Any]) -> list[str]:
    """What is known against a verified attestation, and what it leaves open."""
    found = []
    if attestation["owedAsOf"] != attestation["asOf"]:
        found.append(f"between reports, what is owed as of {attestation['owedAsOf'][:10]}: no report, and in no streak")
        below = [plain(each["unit"], 12) for each in attestation["reserves"] if each["standing"] == "BELOW"]
        if below and attestation["verified"]:
            more = f" and {len(below) - _NAMED:,} more units" if len(below) > _NAMED else ""
            found.append(f"less held than was owed then of {', '.join(below[:_NAMED])}{more}")
    elif attestation["verified"] and not attestation["counts"]:
        found.append("does not count: another for the same claim does")
    if attestation["contradicted"]:
        found.append("contradicted by another attestation of the same claim")
    if not attestation["complete"]:
        found.append("a part of the accounts")
    threshold = parse_decimal(attestation["threshold"])
    if threshold < 1:
        found.append(f"its policy calls {exact(threshold * 100)}% covered")
    return found


def owed_changes(unit: Mapping[str, Any]) -> Iterator[str]:
    """What is to be noted of the published proofs of what is owed, in sentences without an end."""
    for each in unit["owedChanges"]:
        yield f"owed as of {each['asOf'][:10]}: {OWED_CHANGES[each['what']]} {each['comparedWith'][:10]}"


def kept(cadence: Mapping[str, Any]) -> Iterator[str]:
    """How a cadence was kept, in sentences."""
    missing, late = cadence["missing"], cadence["late"]
    names = ", ".join(each["period"] for each in missing)
    if missing:
        yield f"{cadence['every']} reports: {len(missing):,} missing ({names})"
    else:
        yield f"{cadence['every']} reports: none is missing"
    if late:
        days = ", ".join(
            f"{each['period']} by {each['days']} {'day' if each['days'] == 1 else 'days'}" for each in late
        )
        yield f"{len(late):,} came late ({days})"
    if cadence["nextDue"]:
        yield f"the next is due by {moment(cadence['nextDue'])}"


def _sections(exchange: Mapping[str, Any], width: int, paint: Paint) -> Iterator[str]:
    count = f"{exchange['reports']:,} report{'' if exchange['reports'] == 1 else 's'}"
    if exchange["betweenReports"]:
        count += f" and {exchange['betweenReports']:,} between reports"
    yield paint("title", f"{plain(exchange['exchange'])}: {count}, {exchange['first'][:10]} to {exchange['last'][:10]}")
    if exchange["units"]:
        yield "\n".join(_units(exchange["units"], width, paint))
        if changes := [f"{plain(unit['unit'])}: {each}." for unit in exchange["units"] for each in owed_changes(unit)]:
            yield "\n".join(line for change in changes for line in wrapped(change, width))
    if exchange["cadence"]:
        yield "\n".join(wrapped("; ".join(kept(exchange["cadence"])), width))
    yield "\n".join(_attestations(exchange["attestations"], width, paint))
    shared = list(_shared(exchange["attestations"], width))
    if shared:
        yield "\n".join(shared)
    stamps = [
        f"{moment(each['asOf'])}, {each['attestation'][:12]}: {said}."
        for each in exchange["attestations"]
        for said in dated(each)
    ]
    if stamps:
        yield "\n".join(line for stamp in stamps for line in wrapped(stamp, width))
    if exchange["unverified"]:
        yield "\n".join(wrapped(f"{exchange['unverified']:,} not verified: kept, and counted for nothing.", width))


def _units(units: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    last = [unit["series"][-1] for unit in units]
    return grid(
        {
            "unit": left([plain(unit["unit"]) for unit in units], "unit"),
            "ratio": right([ratio_of(point) for point in last], "last"),
            "verdict": left([point["verdict"] or NOTHING for point in last], "verdict"),
            "streak": left([streak(unit["streak"]) for unit in units], "at or above 100%"),
            "longest": right(
                [f"{unit['longest']['reports']:,}" if unit["longest"] else NOTHING for unit in units], "longest"
            ),
            "below": left([(unit["firstBelow"] or NOTHING)[:10] for unit in units], "first below 100%"),
            "short": left([(unit["firstShort"] or NOTHING)[:10] for unit in units], "first SHORT"),
        },
        width,
        paint,
    )


def _attestations(attestations: Sequence[Mapping[str, Any]], width: int, paint: Paint) -> Iterator[str]:
    return grid(
        {
            "as of": left([moment(each["asOf"]) for each in attestations], "as of"),
            "verdict": left([_verdict(each) for each in attestations], "verdict"),
            "lowest": right(
                [lowest(each["reserves"]) if each["verified"] else NOTHING for each in attestations], "lowest"
            ),
            "accounts": right([_accounts(each["accounts"]) for each in attestations], "accounts"),
            "id": left([each["attestation"][:12] for each in attestations], "attestation"),
            "remarks": left(["; ".join(remarks(each)) for each in attestations], ""),
        },
        width,
        paint,
    )


def _verdict(attestation: Mapping[str, Any]) -> str:
    """In brackets where it was not verified."""
    verdict: str = attestation["verdict"]
    return verdict if attestation["verified"] else f"({verdict})"


def _accounts(accounts: Mapping[str, Any] | None) -> str:
    """ "24 (+2 -1)"."""
    if accounts is None:
        return NOTHING
    parts = [
        f"{sign}{accounts[key]['accounts']:,}"
        for sign, key in (("+", "added"), ("-", "removed"))
        if accounts[key] and accounts[key]["accounts"]
    ]
    return f"{accounts['declared']:,}" + (f" ({' '.join(parts)})" if parts else "")


def _shared(attestations: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Accounts of the last claim that another exchange has declared as well."""
    known = [each["accounts"] for each in attestations if each["accounts"]]
    for shared in known[-1]["shared"] if known else ():
        named = ", ".join(plain(account, 120) for account in shared["first"][:3])
        more = " and more" if shared["accounts"] > 3 else ""
        text = f"{shared['accounts']:,} of its accounts also in a claim of {plain(shared['exchange'])}: {named}{more}"
        yield from wrapped(text, width, "! ")
