"""One series, or one statement of claims together: a plain page, whole without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report.cells import moment, plain
from scanner.report.element import Content, Element, el
from scanner.report.site import shell
from scanner.report.site.series import series_parts
from scanner.report.site.shell import Site
from scanner.report.site.together import together_parts


def statement_page(site: Site, of: Mapping[str, Any], *, checking: bool = False) -> bytes:
    """The page of one of the summary's `several`. `checking`: there is one beside it that checks the statement in its
    reader's browser."""
    names, what = " and ".join(map(shell.name, of["exchanges"])), of[of["of"]]
    if of["of"] == "series":
        when = f"held before and after {moment(what['asOf'])}"
        parts = series_parts(what)
    else:
        when = "together"
        parts = together_parts(what)
    digest = of["statement"]
    return shell.page(
        site,
        shell.statement_file(digest),
        f"{names}, {when}: {site.title}",
        el("h1", names, el("small", f" {when}")),
        *_verified(of),
        *parts,
        el(
            "section",
            el("h2", "Check it yourself", id="check"),
            *_oneself(of, checking=checking),
            aria_labelledby="check",
        ),
        trail=[(site.title, shell.INDEX), *_exchanges(site, of)],
    )


def _exchanges(site: Site, of: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The page above it: that of its exchange, where it is of one that has a page."""
    paged = {each["exchange"] for each in site.summary["exchanges"]}
    for exchange in of["exchanges"] if of["of"] == "series" else ():
        if exchange in paged:
            yield shell.name(exchange), shell.exchange_file(exchange)


def _verified(of: Mapping[str, Any]) -> Iterator[Content]:
    keys = sorted({keyid for each in of["verified"] for keyid in each["keyids"]})
    yield el(
        "div",
        el(
            "p",
            el("strong", "Verified"),
            f" on {moment(of['verified'][0]['at'])} against the evidence of every moment and the signatures of",
        ),
        el("ul", *(el("li", "key ", el("code", keyid)) for keyid in keys)),
        class_="checked",
    )


def _oneself(of: Mapping[str, Any], *, checking: bool) -> Iterator[Element]:
    digest, file = of["statement"], f"{of['of']}.dsse.json"
    if checking:
        page = el("a", "A page of its own", href=f"../{shell.checking_file(digest)}")
        yield el(
            "p", page, " checks the signature and the sums in your browser, asking neither this server nor any other."
        )
    yield el(
        "p",
        "The signed envelope is ",
        el("a", "here", href=f"../{shell.statement_envelope_file(digest)}", download=file),
        ". With the claims, the files of each moment (the folder points, which this site does not have), and the public"
        " key of a signer you trust, ",
        el("code", "scanner verify"),
        " computes everything on this page again, offline.",
    )
    terms = [  # a list: names may look the same, once they are cut
        *((f"Claim of {shell.name(name)}", claim) for name, claim in zip(of["exchanges"], of["claims"], strict=True)),
        ("Scanned", moment(of["scannedAt"])),
        ("sha256 of the envelope", digest),
    ]
    yield el("dl", *(part for term, text in terms for part in (el("dt", term), el("dd", plain(text, 80)))))
