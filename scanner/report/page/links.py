"""Places outside the page that its reader may open: the exchange's report, the files to check, and the auditor's key.

The page's maker names them; nothing of them is signed, and the page loads none. Each is of the class `added`, by which
the page's script knows not to say that nothing was added. Not here: blocks in explorers (`explorer_link`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from scanner.report.cells import plain
from scanner.report.element import Content, Element, el

_URL: Final = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_SHOWN: Final = 120  # characters of a URL


@dataclass(frozen=True, slots=True)
class Links:
    """Where the page leads. The maker's own are such as `is_url` takes; the report's is the claim's."""

    report_url: str = ""  # as the claim has it, whose digest is signed
    report_title: str = ""
    key_url: str = ""  # where the auditor publishes the key
    files: Mapping[str, str] = field(default_factory=dict)  # by what each is


NONE: Final = Links()


def is_url(text: str) -> bool:
    """Whether a reader can be led there: over http or https, to what can be seen whole, without a user in front."""
    return _URL.fullmatch(text) is not None and "@" not in text.split("/")[2]


def beside(base: str, names: Mapping[str, str]) -> dict[str, str]:
    """The URLs of files by their names, under a URL."""
    return {what: f"{base.rstrip('/')}/{quote(name)}" for what, name in names.items()}


def report(links: Links) -> Iterator[Element]:
    """Where the exchange itself says what it holds and owes."""
    if links.report_url:
        title = plain(links.report_title, _SHOWN) or "what it published"
        yield el(
            "p",
            "The exchange's own report: ",
            _link(links.report_url, title),
            f" ({_host(links.report_url)})",
            class_="remark",
        )


def key(links: Links) -> Iterator[Element]:
    """Where the key is to be compared: on the page, its maker's word."""
    if links.key_url:
        yield el(
            "p",
            "The auditor is said to publish the key at ",
            _link(links.key_url, plain(links.key_url, _SHOWN)),
            ". Compare it there only if you know that place to be the auditor's.",
        )


def files(links: Links) -> Sequence[Content]:
    """What there is to download for a check of one's own; nothing where none is named."""
    named = [part for what, url in links.files.items() for part in (", ", _link(url, what))][1:]
    return ("Download: ", *named, ". ") if named else ()


def _link(url: str, text: str) -> Element:
    return el("a", text, class_="added", href=url, rel="noopener noreferrer", target="_blank")


def _host(url: str) -> str:
    """Where it leads, as its reader should see it: what stands before an @ is no host."""
    return plain(re.split(r"[/?#\\]", url.partition("://")[2])[0].rpartition("@")[2], _SHOWN)
