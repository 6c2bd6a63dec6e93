"""Several exchanges at one moment: of each the report nearest to it, coin by coin, and what was shown of each report.

What would mislead is avoided or said: the days between the reports, whether they were weighed together, on what each
amount owed rests, what is known from below only, units that a report leaves out. Exchanges stand in the
order of their names, whatever their figures are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from scanner.core.amounts import exact, parse_decimal
from scanner.report.cells import NOTHING, UNPUBLISHED, amount, moment
from scanner.report.element import Content, Element, el
from scanner.report.log_table import doubts, ratio_of
from scanner.report.owed import SHOWN
from scanner.report.site import shell
from scanner.report.site.criteria import criteria
from scanner.report.site.nearest import NEAR, Comparison, DatedReport
from scanner.report.site.permanent import report_id, to_itself, unit_id
from scanner.report.site.shell import Site
from scanner.report.site.together import joint_verdict
from scanner.report.together_table import of_days
from scanner.report.wording import not_established
from scanner.weighing.moments import duration

_ORDER: Final = (
    "The exchanges stand in the order of their names. No order by ratio means anything: a ratio compares what was found"
    " with what an exchange states that it owes."
)
_LEGEND: Final = (
    "≥ stands before a ratio that may be higher, since something was not read or is known from below only. No ratio"
    " stands where no verdict is given. Figures are cut, never rounded up."
)


def compare_page(site: Site, of: Comparison, before: Comparison | None, after: Comparison | None) -> bytes:
    """The page of one moment. `before` and `after` are the comparisons beside it, which it leads to."""
    shared = [unit for unit in of.units if sum(unit in report.lines for report in of.near) > 1]
    together = _together(site, of)
    return shell.page(
        site,
        shell.compare_file(of.as_of),
        f"Exchanges at one moment, {moment(of.as_of)}: {site.title}",
        el("h1", "Exchanges at one moment", el("small", moment(of.as_of))),
        el("p", *_lead(of), class_="lead"),
        el("p", f"{_ORDER} {_LEGEND}", class_="soft legend"),
        *(el("p", *shell.prose(text), class_="warned") for text in _cautions(of)),
        el("section", el("h2", "The reports", id="reports"), _reports(of), aria_labelledby="reports"),
        *_jointly(together),
        *(_unit(of, unit, together) for unit in shared),
        _alone(of, shared),
        criteria(site, of),
        _left_out(of),
        _beside(before, after),
        trail=[(site.title, shell.INDEX), ("Exchanges at one moment", shell.COMPARE)],
    )


def compare_index(site: Site, found: Sequence[Comparison]) -> bytes:
    """The list of all moments that there is a page of, the latest first."""
    rows = [
        (
            el("a", el("time", moment(of.as_of), datetime=of.as_of), href=shell.compare_file(of.as_of)),
            ", ".join(shell.name(report.exchange) for report in of.near),
            duration(of.apart) if of.apart else "of one moment",
        )
        for of in reversed(found)
    ]
    headings = ("Moment", "Exchanges with a report near it", "Their reports lie apart")
    return shell.page(
        site,
        shell.COMPARE,
        f"Exchanges at one moment: {site.title}",
        el("h1", "Exchanges at one moment"),
        el(
            "p",
            "One page for each moment of a verified report, where two exchanges or more have one at most"
            f" {duration(NEAR)} away.",
            class_="lead",
        ),
        shell.table("The moments, the latest first", headings, rows, ())
        if found
        else el("p", "There is no such moment yet."),
        trail=[(site.title, shell.INDEX)],
    )


def compare_link(found: Sequence[Comparison]) -> Content:
    """A line that leads to the latest comparison, for the index; None where there is none."""
    if not found:
        return None
    last = found[-1]
    return el(
        "p",
        el("a", f"{len(last.near):,} exchanges beside each other", href=shell.compare_file(last.as_of)),
        f", at {moment(last.as_of)}; ",
        el("a", "all moments", href=shell.COMPARE),
        ".",
    )


def compare_at(as_of: str, compared: Collection[str]) -> Content:
    """A line that leads to the page of this moment, for reports; None where there is none."""
    if as_of not in compared:
        return None
    return el("p", el("a", "Beside other exchanges", href=f"../{shell.compare_file(as_of)}"), " at that moment.")


def _lead(of: Comparison) -> Iterator[Content]:
    yield f"{len(of.near):,} exchanges have a verified report at most {duration(NEAR)} away from this moment"
    yield f": they lie up to {duration(of.apart)} apart." if of.apart else ", all of them of this very moment."


def _cautions(of: Comparison) -> Iterator[str]:
    """What keeps the reports from being compared as they stand."""
    if of.apart:
        yield (
            f"These reports are not of one moment. Coins that stood behind one of them could have stood behind another,"
            f" {duration(of.apart)} later."
        )
    least = {(report.exchange, each["threshold"]) for report in of.near for each in report.attestations}
    if len({ratio for _, ratio in least}) > 1:
        named = (f"{exact(parse_decimal(ratio) * 100)}% of {shell.name(name)}" for name, ratio in sorted(least))
        yield f"The verdicts are by different policies. The least ratio that is COVERED: {', '.join(named)}."
    shared: dict[tuple[str, str], int] = {}
    names = {report.exchange for report in of.near}
    for report in of.near:
        for each in report.attestations:
            for other in each["accounts"]["shared"]:
                one, another = sorted((report.exchange, other["exchange"]))
                if {one, another} <= names:
                    shared[one, another] = max(other["accounts"], shared.get((one, another), 0))
    for (one, another), accounts in sorted(shared.items()):
        yield (
            f"{accounts:,} {'account stands' if accounts == 1 else 'accounts stand'} in claims of both"
            f" {shell.name(one)} and {shell.name(another)}, of whatever day: what they hold cannot be the reserve of"
            " both."
        )


def _reports(of: Comparison) -> Element:
    rows = [_report(of, report, each) for report in of.near for each in report.attestations]
    headings = ("Exchange", "As of", "From this moment", "Verdict", "All accounts", "Gaps", "To be known")
    return shell.table("The report of each exchange that is nearest", headings, rows, (5,))


def _report(of: Comparison, report: DatedReport, attestation: Mapping[str, Any]) -> Sequence[Content]:
    page = f"{shell.exchange_file(report.exchange)}#{report_id(report.as_of)}"
    known = "; ".join(doubts(attestation))
    return (
        el("a", shell.name(report.exchange), href=f"../{page}"),
        el("a", moment(report.as_of), href=f"../{shell.attestation_file(attestation['attestation'])}"),
        _away(of.away(report)),
        shell.verdict_of(attestation),
        "declared" if attestation["complete"] else "a part of them",
        f"{attestation['gaps']:,}" if attestation["gaps"] else NOTHING,
        f"{known[0].upper()}{known[1:]}." if known else NOTHING,
    )


def _away(away: timedelta) -> str:
    if not away:
        return "the moment itself"
    return f"{duration(away)} {'later' if away > timedelta(0) else 'earlier'}"


def _together(site: Site, of: Comparison) -> list[Mapping[str, Any]]:
    """The statements of claims together of which every claim is one of a report that stands here, the last one added
    first."""
    claims = {each["claim"] for report in of.near for each in report.attestations}
    listed = [each for each in reversed(site.summary["several"]) if each["of"] == "together"]
    return [each for each in listed if {*each["claims"]} <= claims]


def _jointly(together: Sequence[Mapping[str, Any]]) -> Iterator[Element]:
    """Whether anyone looked at some of these claims together, and how that is to be read."""
    if not together:
        yield el(
            "p",
            "None of these claims were weighed together in this history (scan --together): coins that stand behind two"
            " of them would not be seen.",
        )
    for each in together:
        yield el(
            "p",
            el("a", "Weighed together", href=f"../{shell.statement_file(each['statement'])}"),
            f": {' and '.join(map(shell.name, each['exchanges']))}. {of_days(each['together'])}",
        )


def _unit(of: Comparison, unit: str, together: Sequence[Mapping[str, Any]]) -> Element:
    place, name = unit_id(unit), shell.name(unit)
    headings = ("Exchange", "As of", "Verdict", "Held", "Owed", "What is owed is", "Ratio", "Not read")
    rows = [_line(report, unit) for report in of.near]
    return el(
        "section",
        el("h2", to_itself(place, name), id=place),
        shell.table(f"{name}, in whole coins, by the exchanges' names", headings, rows, (3, 4, 6, 7)),
        *(
            el("p", *_joint(each, joint))
            for each in together
            for joint in each["together"]["units"]
            if joint["unit"] == unit
        ),
        *(el("p", text) for text in _of_unit(of, unit)),
        aria_labelledby=place,
    )


def _joint(statement: Mapping[str, Any], unit: Mapping[str, Any]) -> Iterator[Content]:
    """What is stated of a unit of several claims together, and by which statement."""
    yield from joint_verdict(unit)
    page = f"../{shell.statement_file(statement['statement'])}#{unit_id(unit['unit'])}"
    yield " "
    yield el("a", f"{' and '.join(map(shell.name, statement['exchanges']))} together", href=page)


def _line(report: DatedReport, unit: str) -> Sequence[Content]:
    name, found = shell.name(report.exchange), report.lines.get(unit)
    if found is None:
        missing = "not in each claim of its report" if report.speaks_of(unit) else "not in its report"
        return (name, shell.day(report.as_of), missing, *[NOTHING] * 5)
    attestation, reserve = found
    return (
        el("a", name, href=f"../{shell.attestation_file(attestation)}#{unit_id(unit)}"),
        shell.day(report.as_of),
        shell.verdict(reserve["verdict"]),
        "not established" if not_established(reserve) else amount(reserve["held"]),
        UNPUBLISHED if reserve["owed"] is None else amount(reserve["owed"]),
        _basis(reserve) or NOTHING,
        ratio_of(reserve),
        f"{reserve['gaps']:,} of {reserve['holdings']:,}" if reserve["gaps"] else NOTHING,
    )


def _basis(reserve: Mapping[str, Any]) -> str | None:
    """What an amount owed rests on, in the word of docs/liabilities.md; None where none is known."""
    return reserve["owedBasis"]["shows"] if reserve["owed"] is not None and reserve["owedBasis"] else None


def _of_unit(of: Comparison, unit: str) -> Iterator[str]:
    """What has to be known before the lines of a unit are held against each other."""
    found = [report.lines[unit][1] for report in of.near if unit in report.lines]
    words = sorted({word for reserve in found if (word := _basis(reserve))})
    if len(words) > 1:
        meaning = "; ".join(f"{word}: {SHOWN[word]}" for word in words)
        yield f"What is owed rests on different evidence, so these ratios are not of one kind. {meaning}."
    elif words:
        yield f"{words[0]}: {SHOWN[words[0]]}."
    if any(reserve["custody"] != "0" for reserve in found):
        yield "What third parties are said to hold is not counted in any of these ratios."


def _alone(of: Comparison, shared: Sequence[str]) -> Content:
    """Units of one report only, which nothing stands beside."""
    units = [unit for unit in of.units if unit not in shared]
    if not units:
        return None
    who = {unit: next(report.exchange for report in of.near if unit in report.lines) for unit in units}
    named = ", ".join(f"{shell.name(unit)} ({shell.name(who[unit])})" for unit in units)
    return el("p", f"Of these coins only one of the reports speaks: {named}.")


def _left_out(of: Comparison) -> Content:
    lines = [
        f"{shell.name(report.exchange)}: its nearest verified report is of {report.as_of[:10]},"
        f" {_away(of.away(report))}."
        for report in of.far
    ]
    lines += [f"{shell.name(exchange)}: this history has no verified report of it." for exchange in of.unverified]
    if not lines:
        return None
    return el(
        "section",
        el("h2", "Not compared", id="others"),
        el("ul", *(el("li", *shell.prose(line)) for line in lines)),
        aria_labelledby="others",
    )


def _beside(before: Comparison | None, after: Comparison | None) -> Content:
    links = [
        el("li", f"{word}: ", el("a", moment(of.as_of), href=f"../{shell.compare_file(of.as_of)}"))
        for word, of in (("Earlier", before), ("Later", after))
        if of is not None
    ]
    return el("nav", el("ul", *links), aria_label="Other moments") if links else None
