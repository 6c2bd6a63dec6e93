"""Typed reading of a YAML tree: the schema says what it wants, and gets it, or None with the mistake noted.

Reading goes on after a mistake, so that one look at a file finds all of them; the reader asks the Notes at the end.
One spelling is taken for each type, the one that all readers of YAML understand alike: text that others would take for
a number must be quoted, an amount is a quoted decimal, a height a plain whole number, a truth value `true` or `false`.

Not here: the keys and limits of any particular file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction

from scanner.core.amounts import AmountError, AmountTooLong, parse_stated
from scanner.sources.yaml_document import Absent, Mapping, Node, Notes, Scalar, Sequence

# What readers of YAML 1.1 and of 1.2 make of plain text; where they differ, either is enough to ask for quotes.
_READINGS = (
    ("nothing", re.compile(r"|~|null|Null|NULL")),
    ("a truth value", re.compile(r"y|n|yes|no|on|off|true|false", re.IGNORECASE)),
    ("a whole number", re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*)", re.IGNORECASE)),
    ("a number", re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)(e[-+]?[0-9]+)?", re.IGNORECASE)),
    ("a number", re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)),
    ("a number in base 60", re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")),
    ("a date", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", re.DOTALL)),
    ("a default value", re.compile(r"=")),
)
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LONGEST_KEY = 64


def read_as(text: str) -> str | None:
    """What readers of YAML take this plain text for, if not for text."""
    return next((reading for reading, pattern in _READINGS if pattern.fullmatch(text)), None)


@dataclass(frozen=True, slots=True)
class Cursor:
    """One place in the tree. `name` is what messages call it: the key it stands under.

    Every reading method gives None (or nothing) after noting what was wrong, and None without a note where the place is
    Absent.
    """

    node: Node
    name: str
    notes: Notes

    @property
    def line(self) -> int:
        return self.node.line

    @property
    def present(self) -> bool:
        return not isinstance(self.node, Absent)

    @property
    def null(self) -> bool:
        """Whether a plain `null` stands here, said on purpose."""
        return isinstance(self.node, Scalar) and self.node.plain and self.node.text == "null"

    @property
    def is_number(self) -> bool:
        """Whether something stands here that readers of YAML take for a number."""
        return isinstance(self.node, Scalar) and self.node.plain and (read_as(self.node.text) or "").endswith("number")

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, Sequence)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, Mapping)

    def holds(self, key: str) -> bool:
        """Whether this is a mapping with such a key."""
        return isinstance(self.node, Mapping) and key in self.node.entries

    def down(self, *keys: str) -> Cursor:
        """The place under these keys of mappings in one another; where one is not there, the place that lacks it."""
        place = self
        for key in keys:
            if not isinstance(place.node, Mapping) or key not in place.node.entries:
                break
            place = Cursor(place.node.entries[key][1], key, self.notes)
        return place

    def refuse(self, what: str) -> None:
        """Note a mistake at this place."""
        self.notes.add(self.line, f"{self.name}: {what}")

    def nearest(self, name: str, known: Collection[str]) -> str:
        """ "; did you mean ...?", where one of the known names is near, else "". For use in a mistake."""
        # Comparing is slow: not done for a mistake that will only be counted, and within a budget for the others.
        if self.notes.full or len(name) > _LONGEST_KEY or not self.notes.may_compare(len(known)):
            return ""
        near = difflib.get_close_matches(name, known, n=1)
        return f"; did you mean {near[0]}?" if near else ""

    def text(self, longest: int = 200, *, lines: bool = False) -> str | None:
        """Text that no reader of YAML would take for anything else. `lines` allows tabs and line ends in it."""
        scalar = self._scalar("text")
        if scalar is None:
            return None
        shown = self.notes.shown(scalar.text)
        reading = read_as(scalar.text) if scalar.plain else None
        if reading == "nothing":
            self.refuse("has no value; expected text")
        elif reading is not None:
            self.refuse(f"{shown} without quotes is {reading} to readers of YAML; write it in quotes")
        elif not scalar.text or scalar.text != scalar.text.strip():
            self.refuse("is empty" if not scalar.text else f"{shown} has blanks around it")
        elif len(scalar.text) > longest:
            self.refuse(f"is longer than {longest} characters")
        elif not (re.sub(r"[\t\n]", "", scalar.text) if lines else scalar.text).isprintable():
            self.refuse(f"{shown} holds characters that cannot be seen")
        else:
            return scalar.text
        return None

    def decimal(self) -> Fraction | None:
        """An exact amount, written as decimal digits in quotes."""
        scalar = self._scalar('a decimal in quotes, such as "0.25"')
        if scalar is None:
            return None
        shown = self.notes.shown(scalar.text)
        if scalar.plain:
            self.refuse(f'{shown} is not in quotes, and floats lose money; expected such as "139199" or "0.25"')
            return None
        try:
            return parse_stated(scalar.text)
        except AmountTooLong as error:
            self.refuse(f"{shown} {error}")
        except AmountError:
            self.refuse(f"{shown} is no amount; expected decimal digits in quotes, such as '139199' or '0.25'")
        return None

    def whole(self, least: int, most: int) -> int | None:
        """A plain whole number from `least` to `most`, in the one spelling that is a number to everyone."""
        expected = f"a whole number from {least} to {most}, without quotes"
        scalar = self._scalar(expected)
        if scalar is None:
            return None
        if scalar.plain and _WHOLE.fullmatch(scalar.text) and least <= int(scalar.text) <= most:
            return int(scalar.text)
        self.refuse(f"expected {expected}, not {self.notes.shown(scalar.text)}")
        return None

    def flag(self) -> bool | None:
        scalar = self._scalar("true or false")
        if scalar is None:
            return None
        if scalar.plain and scalar.text in ("true", "false"):
            return scalar.text == "true"
        self.refuse(f"expected true or false, not {self.notes.shown(scalar.text)}")
        return None

    def moment(self) -> datetime | None:
        """A second in UTC, as ISO 8601 with a Z."""
        expected = "a time in UTC, such as 2023-11-22T16:00:00Z"
        scalar = self._scalar(expected)
        if scalar is None:
            return None
        try:
            if _MOMENT.fullmatch(scalar.text):
                return datetime.fromisoformat(scalar.text).astimezone(UTC)
        except ValueError:
            pass  # as 2023-02-30T00:00:00Z is: refused in the same words
        self.refuse(f"expected {expected}, not {self.notes.shown(scalar.text)}")
        return None

    def day(self) -> str | None:
        """A date, as ISO 8601."""
        expected = "a date, such as 2023-11-23"
        scalar = self._scalar(expected)
        if scalar is None:
            return None
        try:
            if _DAY.fullmatch(scalar.text):
                return date.fromisoformat(scalar.text).isoformat()
        except ValueError:
            pass  # as 2023-02-30 is: refused in the same words
        self.refuse(f"expected {expected}, not {self.notes.shown(scalar.text)}")
        return None

    def items(self, *, may_be_empty: bool = False) -> list[Cursor]:
        """The places of a list, which must not be empty unless that says something."""
        if not self.present:
            return []
        if not isinstance(self.node, Sequence):
            self.refuse(f"expected a list, not {self._kind()}")
            return []
        if not self.node.items and not may_be_empty:
            self.refuse("is empty; expected a list of at least one")
        return [Cursor(item, self.name, self.notes) for item in self.node.items]

    def one_or_more(self) -> list[Cursor]:
        """The places of a list, or this place alone where no list stands."""
        return self.items() if self.is_list else [self] if self.present else []

    def entries(self) -> Iterator[tuple[Cursor, Cursor]]:
        """Keys and values of a mapping whose keys are names that the file chooses. It must not be empty."""
        if not self.present:
            return
        if not isinstance(self.node, Mapping):
            self.refuse(f"expected a mapping, not {self._kind()}")
            return
        if not self.node.entries:
            self.refuse("is empty; expected at least one entry")
        for text, (key, value) in self.node.entries.items():
            name = text if text.isascii() and text.isidentifier() else self.notes.shown(text)
            yield Cursor(key, self.name, self.notes), Cursor(value, name, self.notes)

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> Fields:
        """The values of a mapping whose keys the schema knows. Notes every key that is unknown or missing."""
        if not isinstance(self.node, Mapping):
            if self.present:
                self.refuse(f"expected a mapping, not {self._kind()}")
            return Fields(self, {})
        known = [*required, *optional]
        for text, (key, _) in self.node.entries.items():
            if text not in known:
                self._refuse_key(text, key, known)
        missing = [name for name in required if name not in self.node.entries]
        if missing:
            self.refuse(f"{', '.join(missing)} missing")
        return Fields(self, {name: value for name, (_, value) in self.node.entries.items() if name in known})

    def _refuse_key(self, text: str, key: Scalar, known: list[str]) -> None:
        near = self.nearest(text, known)
        # In a file with secrets an unknown key may be one that slipped out of its place, so it is not quoted.
        named = "an unknown key" if self.notes.secretive else f"unknown key {self.notes.shown(text)}"
        choices = near or "; known are " + ", ".join(known)
        self.notes.add(key.line, f"{self.name}: {named}{choices}")

    def _scalar(self, expected: str) -> Scalar | None:
        if isinstance(self.node, Scalar):
            return self.node
        if self.present:
            self.refuse(f"expected {expected}, not {self._kind()}")
        return None

    def _kind(self) -> str:
        match self.node:
            case Sequence():
                return "a list"
            case Mapping():
                return "a mapping"
            case _:
                return "a single value"


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of one mapping by key. A key that is not there gives an Absent place, which reads as None."""

    owner: Cursor
    values: dict[str, Node]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Cursor:
        return Cursor(self.values.get(name, Absent(self.owner.line)), name, self.owner.notes)
