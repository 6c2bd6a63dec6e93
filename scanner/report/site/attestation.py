"""One attestation: what it says unit by unit, what it rests on, what it does not show, and how to check it oneself.

A plain page, whole without JavaScript. Everything stands here as it was signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scanner.chains.names import name_of
from scanner.core.ids import Chain
from scanner.report.answer import answer
from scanner.report.cells import NOTHING, UNPUBLISHED, amount, moment, plain
from scanner.report.element import Content, Element, el
from scanner.report.explorer_link import explorer_link
from scanner.report.log_table import dated, doubts
from scanner.report.site import shell
from scanner.report.site.compare import compare_at
from scanner.report.site.permanent import to_itself, unit_id
from scanner.report.site.score import score_of
from scanner.report.site.shell import Site
from scanner.report.wording import has_ratio, not_covered, not_established, ratio_in_figures
from scanner.report.workers import single_voices

_LISTED: Final = 20  # gaps, and blocks
_LONGEST: Final = 500  # characters of a text from outside


@dataclass(frozen=True, slots=True)
class Attested:
    """One attestation of a history."""

    exchange: str
    listed: Mapping[str, Any]  # what the history says of it
    document: bytes  # the envelope
    predicate: Mapping[str, Any]  # what is in the envelope


def attestation_page(site: Site, of: Attested, *, checking: bool = False, compared: Collection[str] = ()) -> bytes:
    """The page. `checking`: there is one beside it that checks the attestation in its reader's browser; `compared`:
    moments of which there is a page of several exchanges."""
    finding, run, digest = of.predicate["finding"], of.predicate["run"], of.listed["attestation"]
    name = shell.name(of.exchange)
    return shell.page(
        site,
        shell.attestation_file(digest),
        f"{name}, {finding['asOf'][:10]}: {site.title}",
        el("h1", name, el("small", f" as of {moment(finding['asOf'])}")),
        el("p", shell.verdict_of(of.listed), _answer(of), class_="lead"),
        *_checked(of.listed, site.key_url),
        *_dated(of.listed),
        *(el("p", plain(text, _LONGEST), class_="warned") for text in single_voices(finding, run)),
        *(el("p", f"Note by its signers: {plain(note, _LONGEST)}", class_="warned") for note in run["notes"]),
        compare_at(finding["asOf"], compared) if of.listed["counts"] else None,
        el(
            "section",
            el("h2", "Coin by coin", id="units"),
            _units(finding["reserves"], complete=finding["complete"]),
            *_reasons(finding),
            aria_labelledby="units",
        ),
        *_gaps(finding),
        el("section", el("h2", "Read at", id="blocks"), _blocks(finding, run), aria_labelledby="blocks"),
        score_of(site, of.exchange, digest),
        el("section", el("h2", "What it rests on", id="terms"), _terms(finding, run), aria_labelledby="terms"),
        el(
            "section",
            el("h2", "Check it yourself", id="check"),
            *_oneself(digest, checking=checking),
            aria_labelledby="check",
        ),
        trail=[(site.title, shell.INDEX), (name, shell.exchange_file(of.exchange))],
    )


def _answer(of: Attested) -> str | None:
    """The verdict in a sentence; none of an attestation that was not checked."""
    return f" {answer(of.predicate['finding'], shell.name)}" if of.listed["verified"] else None


def _checked(listed: Mapping[str, Any], key_url: str | None) -> Iterator[Element]:
    """Who checked it. One that was not checked must not look like one that was."""
    if not listed["verified"]:
        yield el(
            "p",
            el("strong", "Not verified."),
            " Neither its signatures nor its numbers were checked when it was added to this history. It counts for"
            " nothing here.",
            class_="warned",
        )
    else:
        keys = [el("li", "key ", el("code", keyid)) for each in listed["verified"] for keyid in each["keyids"]]
        yield el(
            "div",
            el(
                "p",
                el("strong", "Verified"),
                f" on {moment(listed['verified'][0]['at'])} against its evidence, and against the signatures of",
            ),
            el("ul", *keys),
            *_published(key_url),
            class_="checked",
        )
    for doubt in doubts(listed):
        yield el("p", f"{doubt[0].upper()}{doubt[1:]}.", class_="warned")


def _dated(listed: Mapping[str, Any]) -> Iterator[Element]:
    """Before which times it existed, and by which root, so that its reader can look that up."""
    for said, stamp in zip(dated(listed), listed["stamps"], strict=True):
        text = f"{said[0].upper()}{said[1:]}."
        if stamp["before"] is None:
            yield el("p", text, class_="warned")
        else:
            yield el("p", text, " The root's certificate has the SHA-256 ", el("code", stamp["root"]["sha256"]), ".")


def _published(key_url: str | None) -> Iterator[Element]:
    """Where these keys are to be compared: the word of the site's maker."""
    if key_url:
        link = el("a", plain(key_url, _LONGEST), href=key_url, rel="noopener noreferrer", target="_blank")
        yield el(
            "p",
            *("The signers are said to publish their keys at ", link),
            ". Compare them there only if you know that place to be theirs.",
        )


def _units(reserves: Sequence[Mapping[str, Any]], *, complete: bool) -> Element:
    rows: list[Sequence[Content]] = [
        (
            to_itself(unit_id(reserve["unit"]), shell.name(reserve["unit"])),
            shell.verdict(reserve["verdict"]),
            ratio_in_figures(reserve, complete=complete) if has_ratio(reserve) else NOTHING,
            "not established" if not_established(reserve) else amount(reserve["held"]),
            amount(reserve["owed"]) if reserve["owed"] else UNPUBLISHED,
            reserve["statedRatio"] or NOTHING,
            amount(reserve["custody"]) if reserve["custody"] != "0" else NOTHING,
            f"{reserve['gaps']:,} of {reserve['holdings']:,}" if reserve["gaps"] else NOTHING,
        )
        for reserve in reserves
    ]
    places = [unit_id(reserve["unit"]) for reserve in reserves]
    headings = ("Coin", "Verdict", "Ratio", "Held", "Owed", "Stated", "In custody, not counted", "Gaps")
    return shell.table("What is held of what is owed, in whole coins", headings, rows, range(2, 8), places)


def _reasons(finding: Mapping[str, Any]) -> Iterator[Element]:
    """Why units are not covered, where their figures alone do not say."""
    for reserve in finding["reserves"]:
        reason = not_covered(reserve, complete=finding["complete"])
        if reason is not None:
            word = "short" if reserve["verdict"] == "SHORT" else "no verdict"
            yield el("p", f"{shell.name(reserve['unit'])}: {word}, {reason}.")
        for each in reserve["withheld"]:
            yield el("p", f"{shell.name(reserve['unit'])}: {each['why']}, {plain(each['detail'], _LONGEST)}.")


def _gaps(finding: Mapping[str, Any]) -> Iterator[Element]:
    total = sum(finding["gapCounts"].values())
    if not total:
        return
    listed = [
        el(
            "li",
            el("code", plain(gap["account"], 120)),
            " of ",
            el("code", plain(gap["asset"], 120)),
            f": {': '.join(filter(None, (gap['why'], plain(gap['detail'], _LONGEST))))}",
        )
        for gap in finding["gaps"][:_LISTED]
    ]
    if total > len(listed):
        listed.append(el("li", f"and {total - len(listed):,} more, all of them in the evidence"))
    yield el(
        "section",
        el("h2", "Not established", id="gaps"),
        el(
            "p",
            f"{total:,} balances could not be established. Nothing is counted for them, so what is held may be more.",
        ),
        el("ul", *listed),
        aria_labelledby="gaps",
    )


def _blocks(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Element:
    listed = []
    for snapshot in finding["snapshots"][:_LISTED]:
        asked = ", ".join(map(plain, run["operators"].get(snapshot["chain"], ()))) or "no operator"
        use = "" if snapshot["weighed"] else ", to compare amounts that are claimed there, and for nothing else"
        listed.append(
            el(
                "li",
                _named(snapshot["chain"]),
                el("code", plain(snapshot["chain"], 60)),
                f", block {snapshot['height']:,} of {moment(snapshot['time'])}, asked of {asked}{use}: ",
                el("code", plain(snapshot["hash"], 130)),
                *explorer_link(snapshot),
            )
        )
    more = len(finding["snapshots"]) - len(listed)
    if more > 0:
        listed.append(el("li", f"and {more:,} more blocks, all of them in the envelope"))
    return el("ul", *listed) if listed else el("p", "No block could be read.")


def _named(chain: str) -> str | None:
    """What people call the chain, where it is known."""
    name = name_of(Chain(*chain.split(":", 1)))
    return name and f"{name} "


def _terms(finding: Mapping[str, Any], run: Mapping[str, Any]) -> Element:
    policy = finding["policy"]
    terms = {
        "Operators that had to agree": f"{policy['quorum']:,}",
        "Least ratio that is COVERED": policy["threshold"],
        **({} if finding["owedAsOf"] == finding["asOf"] else {"What is owed is as of": moment(finding["owedAsOf"])}),
        "Claim": finding["claim"],
        "All accounts that are declared": "yes" if finding["complete"] else "no: a part of them",
        "Of all that is owed to customers": finding["shareOfAllOwed"] or "the claim does not say how much it speaks of",
        "Evidence": run["evidence"],
        "Witness": run["witness"] or NOTHING,
        "Scanned": f"{moment(run['scannedAt'])} by reserve-scanner {plain(run['scanner'])}",
    }
    return el(
        "dl",
        *(
            each
            for term, text in terms.items()
            for each in (el("dt", term), el("dd", el("code", text) if text.startswith("sha256:") else text))
        ),
    )


def _oneself(digest: str, *, checking: bool) -> Iterator[Element]:
    if checking:
        page = el("a", "A page of its own", href=f"../{shell.checking_file(digest)}")
        yield el(
            "p",
            page,
            " checks the signature, the sums and, given the file, the evidence: in your browser, asking neither"
            " this server nor any other. Save it, and it works offline.",
        )
    yield el(
        "p",
        "The signed envelope is ",
        el("a", "here", href=f"../{shell.envelope_file(digest)}", download="attestation.dsse.json"),
        ". With the claim, the evidence whose digest is above, and the public key of a signer you trust, ",
        el("code", "scanner verify"),
        " computes everything on this page again, offline.",
    )
    yield el("p", "sha256 of the envelope: ", el("code", digest))
