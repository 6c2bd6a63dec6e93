"""One exchange: its runs of reports, a chart for each unit, how much was shown, and what changed in its accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.report.cells import NOTHING, moment, plain
from scanner.report.element import Content, Element, el
from scanner.report.log_table import kept, owed_changes, ratio_of, remarks
from scanner.report.site import shell
from scanner.report.site.chart import chart
from scanner.report.site.compare import compare_at
from scanner.report.site.index import last_counted
from scanner.report.site.permanent import report_id, to_itself, unit_id
from scanner.report.site.score import score
from scanner.report.site.series import series_note, series_section
from scanner.report.site.shell import Site
from scanner.report.site.together import together_section

_LONGEST_ACCOUNT: Final = 200


def exchange(site: Site, of: Mapping[str, Any], compared: Collection[str] = ()) -> bytes:
    """The page. `compared`: moments of which there is a page of several exchanges."""
    name, path = shell.name(of["exchange"]), shell.exchange_file(of["exchange"])
    last = last_counted(of)
    return shell.page(
        site,
        path,
        f"{name}: {site.title}",
        el("h1", name),
        el(
            "p",
            *((shell.verdict(last["verdict"]), f" as of {moment(last['asOf'])}. ") if last else ()),
            f"{of['reports']:,} report{'s' if of['reports'] != 1 else ''}, ",
            shell.day(of["first"]),
            " to ",
            shell.day(of["last"]),
            "." if not of["betweenReports"] else f", and {of['betweenReports']:,} scans between reports, in no run.",
            class_="lead",
        ),
        compare_at(last["asOf"], compared) if last else None,
        series_note(site, of["exchange"]),
        _cadence(of["cadence"]),
        el("section", el("h2", "Ratios over time", id="ratios"), *_charts(of), aria_labelledby="ratios")
        if of["units"]
        else None,
        series_section(site, of["exchange"]),
        together_section(site, of["exchange"]),
        score(site, of["exchange"], last),
        el("section", el("h2", "Every report", id="reports"), *_reports(of), aria_labelledby="reports"),
        _shared(last),
        _changes(of["attestations"]),
        trail=[(site.title, shell.INDEX)],
    )


def sentence(unit: Mapping[str, Any]) -> str:
    """How a unit has been standing to 100 %."""
    run, longest = unit["streak"], unit["longest"]
    if run:
        many = f"{run['reports']:,} reports in a row" if run["reports"] != 1 else "1 report"
        text = f"{many} at or above 100%, since {run['first'][:10]}."
    else:
        text = "At its last report not shown to be at or above 100%."
        if unit["series"][-1]["standing"] == "BELOW":
            text = "Below 100% at its last report."
        elif unit["series"][-1]["standing"] == "ABOVE":
            text = "No run of reports: one is missing."
    if longest and longest != run:
        text += f" The longest run was {longest['reports']:,}, {longest['first'][:10]} to {longest['last'][:10]}."
    if unit["firstBelow"]:
        text += f" First below 100% on {unit['firstBelow'][:10]}."
    if unit["firstShort"] and unit["firstShort"] != unit["firstBelow"]:
        text += f" First SHORT on {unit['firstShort'][:10]}."
    text += "".join(f" {change[0].upper()}{change[1:]}." for change in owed_changes(unit))
    return text


def _cadence(cadence: Mapping[str, Any] | None) -> Content:
    if cadence is None:
        return None
    text = "; ".join(kept(cadence))
    return el("p", *shell.prose(f"{text[0].upper()}{text[1:]}."), class_="warned" if cadence["missing"] else "soft")


def _charts(of: Mapping[str, Any]) -> Iterator[Element]:
    missing = shell.missing(of)
    yield el(
        "p",
        "The heavy line is 100% of what is owed. ● at or above it, ■ below it on complete evidence, ◇ not shown to be"
        " either, × no report in a period in which one was due. The band on the ground is the run that nothing ended"
        " yet. Each mark leads to its attestation.",
        class_="soft legend",
    )
    figures = [
        el(
            "figure",
            el(
                "figcaption",
                el("h3", to_itself(unit_id(unit["unit"]), shell.name(unit["unit"]))),
                el("p", *shell.prose(sentence(unit))),
            ),
            chart(shell.name(unit["unit"]), unit, missing, unit_id(unit["unit"]), _pages(unit)),
            id=unit_id(unit["unit"]),
        )
        for unit in of["units"]
    ]
    yield el("div", *figures, class_="charts")


def _pages(unit: Mapping[str, Any]) -> dict[str, str]:
    """By attestation: its page, at the unit if it speaks of it."""
    return {
        point["attestation"]: _page_of(point["attestation"], unit["unit"] if point["verdict"] else None)
        for point in unit["series"]
        if point["attestation"]
    }


def _page_of(attestation: str, unit: str | None = None) -> str:
    page = f"../{shell.attestation_file(attestation)}"
    return page if unit is None else f"{page}#{unit_id(unit)}"


def _reports(of: Mapping[str, Any]) -> Iterator[Element]:
    units = [unit["unit"] for unit in of["units"]]
    listed = [*reversed(of["attestations"])]
    rows = [_report(each, units) for each in listed]
    before = [None, *(each["asOf"] for each in listed)]  # of several on one report the first is where links lead
    places = [
        None if each["asOf"] == last else report_id(each["asOf"]) for each, last in zip(listed, before, strict=False)
    ]
    headings = ("As of", "Verdict", *map(shell.name, units), "Accounts", "Remarks")
    yield shell.table("Every report, the latest first", headings, rows, range(2, 3 + len(units)), places)


def _report(attestation: Mapping[str, Any], units: Sequence[str]) -> Sequence[Content]:
    digest = attestation["attestation"]
    ratios = {
        each["unit"]: el("a", ratio_of(each), href=_page_of(digest, each["unit"]))
        for each in attestation["reserves"]
        if attestation["verified"]
    }
    accounts = attestation["accounts"]
    return (
        el("a", shell.day(attestation["asOf"]), href=_page_of(digest)),
        shell.verdict_of(attestation),
        *(ratios.get(unit, NOTHING) for unit in units),
        f"{accounts['declared']:,}" if accounts else "-",
        "; ".join(remarks(attestation)),
    )


def _shared(last: Mapping[str, Any] | None) -> Content:
    """Accounts of the last claim that are another exchange's too."""
    if last is None or not last["accounts"]["shared"]:
        return None
    return el(
        "section",
        el("h2", "Accounts that others declare as well", id="shared"),
        el(
            "p",
            "An account that two exchanges declare, at whatever time, may be counted twice: what it holds cannot be the"
            " reserve of both.",
        ),
        *(_named(f"also in a claim of {shell.name(each['exchange'])}", each) for each in last["accounts"]["shared"]),
        aria_labelledby="shared",
    )


def _changes(attestations: Sequence[Mapping[str, Any]]) -> Content:
    """Accounts that came and went between one claim and the one before it."""
    changes = [
        el("li", el("h3", attestation["asOf"][:10]), *(_named(*each) for each in changed))
        for attestation in reversed(attestations)
        if (changed := _changed(attestation["accounts"]))
    ]
    if not changes:
        return None
    return el(
        "section",
        el("h2", "Changes of accounts", id="accounts"),
        el("p", "Between the claim of that day and the one before it.", class_="soft"),
        el("ul", *changes, class_="changes"),
        aria_labelledby="accounts",
    )


def _changed(accounts: Mapping[str, Any] | None) -> list[tuple[str, Mapping[str, Any]]]:
    words = ("added", "removed") if accounts else ()
    return [(word, accounts[word]) for word in words if accounts and accounts[word] and accounts[word]["accounts"]]


def _named(word: str, accounts: Mapping[str, Any]) -> Element:
    more = accounts["accounts"] - len(accounts["first"])
    listed = [el("li", el("code", plain(account, _LONGEST_ACCOUNT))) for account in accounts["first"]]
    if more > 0:
        listed.append(el("li", f"and {more:,} more"))
    return el("details", el("summary", f"{accounts['accounts']:,} {word}"), el("ul", *listed))
