"""Elements of HTML, SVG and RSS, and the one way to write them down: of pages, sites, feeds and tables.

Text gets into a document only as a child or an attribute of an element, and is escaped where it is written; there is no
way around. Characters that no document may hold (controls, halves of surrogates, noncharacters) are replaced. A page's
script writes its elements down in the same way again (`displayed.js`), so attributes stand in the order of their names,
and the text of a page has a digest.

Source: HTML Living Standard, 13.1 (writing), 13.2.3.5 (input) and 13.3 (serialising); XML 1.0, 2.2 (characters).
"""

from __future__ import annotations

import re
from typing import Final

_VOID: Final = frozenset({"meta", "link", "br", "hr", "input"})  # of HTML: without children they have no end tag
_NEVER: Final = frozenset({"script", "style"})  # what is in them follows other rules
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_PLAIN: Final = re.compile("[ !#-%'-;=?-~]*+")  # most text: nothing in it has to be escaped
_NEVER_ASSIGNED: Final = "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN: Final = re.compile(
    f"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]|[{_NEVER_ASSIGNED}]"
)


class Element(str):
    """An element as it is written. What is a str and no Element is text."""

    __slots__ = ()


Content = str | None


def el(name: str, /, *children: Content, **attributes: str | bool | None) -> Element:
    """An element. `class_` is written as `class`, `data_is` as `data-is`; what is None or False is left out.

    Raises ValueError for `script` and `style`, which are not written as elements.
    """
    if name in _NEVER:
        raise ValueError(f"{name} is not written as an element")
    start = name
    if attributes:
        named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        for key in sorted(named):
            value = named[key]
            if value is not None and value is not False:
                start += f' {key}="{"" if value is True else escaped(value)}"'
    if not children and name in _VOID:
        return Element(f"<{start}>")
    inner = [child if isinstance(child, Element) else escaped(child) for child in children if child is not None]
    return Element(f"<{start}>{''.join(inner)}</{name}>")


def escaped(text: str) -> str:
    """Text as it stands in a document, whatever it is."""
    return text if _PLAIN.fullmatch(text) else _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPED)
