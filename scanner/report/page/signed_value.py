"""A place in what an attestation says, and that place shown on a page together with where it is.

Every figure, name and text of the page that stands in the attestation is made by `SignedValue.shown`, so each carries a
mark such as `data-is="amount /finding/reserves/0/held"`: how it is written (`figures.py`) and where it was signed, as a
JSON Pointer. The page's script follows each mark, and complains where the page says anything else.

Source: RFC 6901 (JSON Pointer).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from scanner.report.element import Element, el
from scanner.report.page.figures import KINDS
from scanner.report.page.moments.figures import MOMENT_KINDS

_KINDS: Final = {**KINDS, **MOMENT_KINDS}
_TEXTS: Final = frozenset({"unit", "name", "text", "account", "key"})  # free text, which may run from right to left


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A value of a statement, and its pointer from {"finding": ..., "run": ..., "signatures": ...} on; other statements
    than an attestation's have another name in place of the finding's."""

    value: Any
    pointer: str = ""

    def __getitem__(self, key: str) -> SignedValue:
        return SignedValue(self.value[key], f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}")

    def __iter__(self) -> Iterator[SignedValue]:
        """The items of an array, or the members of an object."""
        if isinstance(self.value, dict):
            return (self[key] for key in self.value)
        return (SignedValue(item, f"{self.pointer}/{position}") for position, item in enumerate(self.value))

    @property
    def key(self) -> str:
        """The name or the number of this place in what it is a part of."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def shown(self, kind: str, **attributes: str) -> Element:
        """This place as the page shows it: its value, written as `kind` says; for `key`, its own name."""
        value = self.key if kind == "key" else self.value
        name = "bdi" if kind in _TEXTS else "span"
        return el(name, _KINDS[kind](value), data_is=f"{kind} {self.pointer}", **attributes)
