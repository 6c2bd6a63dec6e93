"""What all pages that check themselves have in common: a policy that lets nothing in, one script, one style sheet.

The policy (Content Security Policy, Level 3) names the page's one script and one style sheet by digest; everything
else, the network above all, is refused. Not here: what stands in a page, and what its script is put together of.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any, Final

from scanner.report.element import Element, el

_NOT_RUN: Final = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*|)\n|^[ \t]+", re.DOTALL | re.MULTILINE)
"""Of a script's text: comments that have lines to themselves, empty lines, and the blanks that lines begin with."""


def page(name: str, main: Element, code: str, sheet: str, carried: Mapping[str, Any]) -> bytes:
    """A page whose window is called `name`: its content, its one script and its one style sheet, and what it carries,
    to which the digest of the content is added."""
    digest = hashlib.sha256(main.encode()).hexdigest()
    return (
        Template(_text("template.html"))
        .substitute(
            title=el("title", name),
            policy=policy(code, sheet),
            style=sheet,
            script=code,
            main=main,
            carried=json.dumps({**carried, "page": digest}).replace("<", "\\u003c"),
        )
        .encode()
    )


def policy(code: str, sheet: str) -> str:
    """The Content-Security-Policy: this script, this style sheet, and nothing else from anywhere."""
    return (
        f"default-src 'none'; script-src '{digest_of(code)}'; style-src '{digest_of(sheet)}'; base-uri 'none';"
        " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def put_together(names: Iterable[str]) -> str:
    """Scripts of this folder as one, what a script uses before it."""
    parts = "\n".join(_NOT_RUN.sub("", _text(name)) for name in names)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def styles(names: Iterable[str]) -> str:
    """Style sheets of this folder as one."""
    return "\n".join(map(_text, names))


def content(parts: Sequence[Element | None]) -> Element:
    """The page's own content, part by part."""
    return el("main", *(each for part in parts if part is not None for each in (part, "\n")), id="page")


def digest_of(text: str) -> str:
    """As a Content-Security-Policy names what it lets in."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
