"""The terms of the finding: its policy, the claim and its files, the files that belong to it, and who signed."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.report.element import Content, Element, el
from scanner.report.page.signed_value import SignedValue
from scanner.report.reserves import BASES
from scanner.report.wording import contradictions, remarks, samples
from scanner.report.workers import brought, single_voices


def terms(said: SignedValue) -> Element:
    """Under what terms, from which files, and who signed."""
    finding, run = said["finding"], said["run"]
    of_proofs = (*contradictions(finding.value), *samples(finding.value))
    sentences = (*of_proofs, *remarks(finding.value), *single_voices(finding.value, run.value))
    notes = [el("li", text) for text in sentences] + [el("li", note.shown("text")) for note in run["notes"]]
    return el(
        "section",
        el("h2", "How it was judged", id="terms"),
        el("dl", *(part for name, text in _terms(said) for part in (el("dt", name), el("dd", *text)))),
        *([el("ul", *notes)] if notes else []),
        *_files(finding),
        aria_labelledby="terms",
    )


def _terms(said: SignedValue) -> Iterator[tuple[str, tuple[Content, ...]]]:
    finding, run = said["finding"], said["run"]
    yield from policy_terms(finding["policy"])
    if finding["shareOfAllOwed"].value:
        yield (
            "Speaks of",
            (finding["shareOfAllOwed"].shown("name"), " of all that is owed to customers, as the exchange states it"),
        )
    if finding["challenge"].value:
        yield "Challenge", (finding["challenge"].shown("text"),)
    if finding["movements"].value:
        window = finding["movements"]
        yield (
            "Movements",
            ("asked for from ", window["issued"].shown("moment"), " to ", window["deadline"].shown("moment")),
        )
    by = (" by reserve-scanner ", run["scanner"].shown("name"), brought(run.value))
    yield "Scanned", (run["scannedAt"].shown("moment"), *by)
    for name, digest in {"Claim": finding["claim"], "Evidence": run["evidence"], "Witness": run["witness"]}.items():
        if digest.value:
            yield name, (el("code", digest.shown("name")),)
    yield "Signed by", signers(said)


def signers(said: SignedValue) -> tuple[Content, ...]:
    """The names of the keys, as the signatures have them."""
    named = [(el("code", each["keyid"].shown("name")), el("br")) for each in said["signatures"]]
    return tuple(part for pair in named for part in pair)[:-1] or ("no key: this statement carries no signature",)


def policy_terms(policy: SignedValue) -> Iterator[tuple[str, tuple[Content, ...]]]:
    """What was demanded."""
    alone = policy["quorum"].value == 1
    yield (
        "Quorum",
        (
            policy["quorum"].shown("number"),
            " operator has to answer" if alone else " operators have to agree",
            {"gap": ", and none to disagree", "record": ", and one that disagrees is outvoted"}[
                policy["dissent"].value
            ],
        ),
    )
    yield "Covered", ("a ratio of ", policy["threshold"].shown("threshold"), " or more")
    if policy["require"].value:
        required = [(unit.shown("key"), f": {_at_least(unit.value)}") for unit in policy["require"]]
        yield "Required", tuple(part for pair in required for part in ("; ", *pair))[1:]
    if policy["requireLiabilities"].value:
        owed = [(unit.shown("key"), ": ", unit.shown("name")) for unit in policy["requireLiabilities"]]
        yield "Owed", tuple(part for pair in owed for part in ("; ", *pair))[1:]
    if policy["accept"].value:
        accepted = [(unit.shown("name"), " may be unknown") for unit in policy["accept"]]
        yield "Accepted", tuple(part for pair in accepted for part in ("; ", *pair))[1:]
    if policy["requireOwnership"].value:
        word = {"SHOWN": "shown", "REPLAYABLE": "shown or replayable"}[policy["requireOwnership"].value]
        yield "Control", (f"has to be {word}, or the balance is a gap",)
    if policy["contracts"].value:
        vouched = [(each.shown("account"), el("br")) for each in policy["contracts"]]
        yield "Vouched for", tuple(part for pair in vouched for part in pair)[:-1]
    if policy["distinct"].value:
        pairs = [(one.shown("account"), " and ", other.shown("account"), el("br")) for one, other in policy["distinct"]]
        yield "Taken for two", tuple(part for pair in pairs for part in pair)[:-1]


def _files(finding: SignedValue) -> Iterator[Element]:
    if not finding["files"].value:
        return
    yield el("h3", "Files that the claim refers to")
    yield el("ul", *map(_file, finding["files"]))


def _file(file: SignedValue) -> Element:
    refused = [
        (", " if position else " (", why.shown("number"), " ", why.shown("key"))
        for position, why in enumerate(sorted(file["refused"], key=lambda why: -int(why.value)))
    ]
    return el(
        "li",
        file["name"].shown("name"),
        ", as ",
        file["layout"].shown("name"),
        ": ",
        file["read"].shown("number"),
        " rows read, ",
        file["accepted"].shown("number"),
        " accepted, ",
        file["refused"].shown("total"),
        " refused",
        *(part for parts in refused for part in parts),
        ")" if refused else None,
        *(part for named in file["heights"] if named["count"].value > 1 for part in _heights(named)),
        *(
            ()
            if file["whole"].value
            else ("; not whole: not all that it declares is in the claim, so that no coin can be SHORT",)
        ),
        el("br"),
        el("code", file["digest"].shown("name")),
        el("ul", *map(_misfit, file["misfits"])) if file["misfits"].value else None,
    )


def _misfit(misfit: SignedValue) -> Element:
    """What a file says of its rows as a whole, and its rows do not come to."""
    text = (misfit["text"].shown("name"), ", ") if misfit["text"].value else ()
    of = "rows" if misfit["label"].value is None else misfit["label"].shown("name")
    found = (
        ("rows of it state no amount",)
        if misfit["found"].value is None
        else ("its rows come to ", misfit["found"].shown("amount"))
    )
    line = ("line ", misfit["line"].shown("number"), " says ", misfit["stated"].shown("amount"), " ", of, "; ")
    return el("li", *text, *line, *found)


def _heights(named: SignedValue) -> tuple[Content, ...]:
    return (
        "; its rows name ",
        named["count"].shown("number"),
        " blocks of ",
        el("code", named.shown("key")),
        ", from ",
        named["lowest"].shown("number"),
        " to ",
        named["highest"].shown("number"),
        ", and everything on a chain is weighed at one",
    )


def _at_least(basis: str) -> str:
    return " or ".join(BASES[: BASES.index(basis.lower()) + 1])
