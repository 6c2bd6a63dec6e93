"""Elements of a page, and the one way to write them down as HTML.

Text becomes part of a page only as a child or an attribute of an `Element`, and is escaped where it is written; there
is no way around. A script can write a page's elements down in the same way again (`displayed.js`), so attributes stand
in the order of their names, and the text of a page has a digest.

Source: HTML Living Standard, 13.1 (writing) and 13.3 (serialising).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_VOID: Final = frozenset({"br", "hr", "input"})  # elements that have no end tag
_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(frozen=True, slots=True)
class Element:
    """One element with its attributes, in the order of their names, and its children."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Element | str, ...]

    def html(self) -> str:
        """The element as HTML. Nothing that is text can end up as anything else."""
        parts: list[str] = []
        self._write(parts)
        return "".join(parts)

    def _write(self, parts: list[str]) -> None:
        parts.append(f"<{self.name}")
        parts += [f' {name}="{value.translate(_ESCAPED)}"' for name, value in self.attributes]
        parts.append(">")
        if self.name in _VOID:
            return
        for child in self.children:
            if isinstance(child, Element):
                child._write(parts)
            else:
                parts.append(child.translate(_ESCAPED))
        parts.append(f"</{self.name}>")


Content = Element | str | None


def el(name: str, *children: Content, **attributes: str | bool | None) -> Element:
    """An element. `class_` is written as `class`, `data_is` as `data-is`; what is None or False is left out.

    `script` and `style` are none of these: their content follows other rules.
    """
    if name in ("script", "style"):
        raise ValueError(f"{name} is not written as an element")
    named = {
        key.rstrip("_").replace("_", "-"): "" if value is True else value
        for key, value in attributes.items()
        if value is not None and value is not False
    }
    return Element(name, tuple(sorted(named.items())), tuple(child for child in children if child is not None))
