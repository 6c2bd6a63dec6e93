"""What is not as it should be: holdings that could not be established, and balances that an operator contradicts."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.report.element import Content, Element, el
from scanner.report.page.lists import cell, listed, nothing_in, table
from scanner.report.page.signed_value import SignedValue
from scanner.report.wording import REASONS


def gaps(said: SignedValue) -> Element:
    """Every reason with its count, and the holdings that the attestation names."""
    finding, title = said["finding"], "What could not be established"
    if not finding["gapCounts"].value:
        return nothing_in(title, "gaps", _no_gaps(finding))
    return el(
        "section",
        el("h2", title, id="gaps"),
        *_gaps(finding),
        aria_labelledby="gaps",
    )


def exceptions(said: SignedValue) -> Element:
    """Balances that are believed although an operator said otherwise, and balances that are not as claimed."""
    finding, title = said["finding"], "What was contradicted"
    found = [*_dissents(finding), *_differences(finding)]
    if not found:
        return nothing_in(title, "exceptions", _no_contradictions(finding))
    return el(
        "section",
        el("h2", title, id="exceptions"),
        *found,
        aria_labelledby="exceptions",
    )


def _no_gaps(finding: SignedValue) -> str:
    declared = sum(asset["holdings"].value for asset in finding["coverage"])
    return "Nothing: every holding was read." if declared else "Nothing was declared that could have been read."


def _no_contradictions(finding: SignedValue) -> str:
    """What of the balances that are believed was not contradicted: said only of what there is."""
    believed = sum(reserve["holdings"].value - reserve["gaps"].value for reserve in finding["reserves"])
    if not believed:
        return "No balance is believed that could have been contradicted."
    of_operators = "Nothing: no operator reported another amount than the one that is believed"
    if all(asset["unstated"].value == asset["holdings"].value for asset in finding["coverage"]):
        return f"{of_operators}; the claim states no amounts to compare them with."
    return f"{of_operators}, and no amount that could be compared differs from what is claimed."


def _gaps(finding: SignedValue) -> Iterator[Content]:
    counts = finding["gapCounts"]
    yield el(
        "p",
        counts.shown("total"),
        " of ",
        finding["coverage"].shown("holdings"),
        " holdings are gaps: what lies there is not known. A gap counts as nothing held, and is never called a zero."
        " So a coin that is COVERED stays so whatever its gaps hide, and none that has a gap is called SHORT.",
    )
    rows = [
        el(
            "tr",
            el("th", count.shown("key"), scope="row"),
            cell(count.shown("number"), kind="figure"),
            cell(REASONS[count.key]),
        )
        for count in sorted(counts, key=lambda count: -int(count.value))
    ]
    yield table("Gaps by reason", (("Reason", "word"), ("Holdings", "figure"), ("What happened", "word")), rows)
    items = [
        el(
            "li",
            el("code", gap["account"].shown("account")),
            " of ",
            el("code", gap["asset"].shown("account")),
            el("br"),
            gap["why"].shown("name"),
            *((": ", gap["detail"].shown("text")) if gap["detail"].value else ()),
        )
        for gap in finding["gaps"]
    ]
    yield from listed(items, sum(counts.value.values()))


def _dissents(finding: SignedValue) -> Iterator[Content]:
    total = sum(reserve["dissents"].value for reserve in finding["reserves"])
    if not total:
        return
    yield el("h3", "Disputed balances")
    yield el(
        "p",
        "An operator reported another amount, and was outvoted by a proof or, where the policy allows it, by a quorum."
        " Amounts are in atoms, the smallest units of a coin.",
    )
    items = [
        el(
            "li",
            el("code", dissent["account"].shown("account")),
            " of ",
            el("code", dissent["asset"].shown("account")),
            el("br"),
            dissent["atoms"].shown("number"),
            " atoms are believed",
            *(
                part
                for other in dissent["said"]
                for part in ("; ", other.shown("key"), " says ", other.shown("number"))
            ),
        )
        for dissent in finding["dissents"]
    ]
    yield from listed(items, total)


def _differences(finding: SignedValue) -> Iterator[Content]:
    total = sum(coverage["disagreeing"].value for coverage in finding["coverage"])
    if not total:
        return
    yield el("h3", "Amounts that are not as claimed")
    items = [
        el(
            "li",
            el("code", difference["account"].shown("account")),
            " of ",
            el("code", difference["asset"].shown("account")),
            el("br"),
            difference["claimed"].shown("number"),
            " atoms are claimed, ",
            difference["found"].shown("number"),
            " were found",
        )
        for difference in finding["differences"]
    ]
    yield from listed(items, total)
