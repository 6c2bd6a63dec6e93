"""Elements of HTML, SVG and RSS, and the one way to write them down.

Text gets into a page only as a child or an attribute of an element, and is escaped where it is written. Characters that
no document may hold (controls, halves of surrogates) are replaced. `script` and `style` are no elements here.

Source: HTML Living Standard, 13.1 (writing); XML 1.0, 2.2 (characters).
"""

from __future__ import annotations

import re
from typing import Final

_VOID: Final = frozenset({"meta", "link", "br", "hr"})  # of HTML: without children they have no end tag
_NEVER: Final = frozenset({"script", "style"})  # what is in them follows other rules
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_PLAIN: Final = re.compile("[ !#-%'-;=?-~]*+")  # most text: nothing in it has to be escaped
_FORBIDDEN: Final = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Element(str):
    """An element as it is written. What is a str and no Element is text."""

    __slots__ = ()


Content = str | None


def el(name: str, /, *children: Content, **attributes: str | None) -> Element:
    """An element. `class_` is written as `class`, `aria_label` as `aria-label`; what is None is left out."""
    if name in _NEVER:
        raise ValueError(f"{name} is not written as an element")
    start = name
    for key, value in attributes.items():
        if value is not None:
            start += f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
    if not children and name in _VOID:
        return Element(f"<{start}>")
    inner = [child if isinstance(child, Element) else escaped(child) for child in children if child is not None]
    return Element(f"<{start}>{''.join(inner)}</{name}>")


def escaped(text: str) -> str:
    """Text as it stands in a document, whatever it is."""
    return text if _PLAIN.fullmatch(text) else _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPED)
