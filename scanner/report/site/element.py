"""Elements of HTML, SVG and RSS, and the one way to write them down.

Text gets into a page only as a child or an attribute of an element, and is escaped where it is written. Characters that
no document may hold (controls, halves of surrogates) are replaced. `script` and `style` are no elements here.

Source: HTML Living Standard, 13.1 (writing); XML 1.0, 2.2 (characters).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_VOID: Final = frozenset({"meta", "link", "br", "hr"})  # of HTML: they have no end tag
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_FORBIDDEN: Final = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Element:
    """One element, its attributes in the order in which they are given, and its children."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Element | str, ...]

    def __str__(self) -> str:
        parts: list[str] = []
        self._write(parts)
        return "".join(parts)

    def _write(self, parts: list[str]) -> None:
        parts.append(f"<{self.name}")
        parts += [f' {name}="{escaped(value)}"' for name, value in self.attributes]
        parts.append(">")
        if self.name in _VOID and not self.children:
            return
        for child in self.children:
            if isinstance(child, Element):
                child._write(parts)
            else:
                parts.append(escaped(child))
        parts.append(f"</{self.name}>")


Content = Element | str | None


def el(name: str, /, *children: Content, **attributes: str | None) -> Element:
    """An element. `class_` is written as `class`, `aria_label` as `aria-label`; what is None is left out."""
    if name in ("script", "style"):
        raise ValueError(f"{name} is not written as an element")
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    return Element(name, tuple(named), tuple(child for child in children if child is not None))


def escaped(text: str) -> str:
    """Text as it stands in a document, whatever it is."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPED)
