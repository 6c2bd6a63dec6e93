"""YAML text to a tree of strings with line numbers, and nothing that YAML would make of them.

YAML reads an unquoted 0x... address as a number, `no` as false, `010` as eight, and lets the last of two equal keys win
without a word. So nothing is typed here: a scalar is its text and whether it stood unquoted, and `cursor` decides by
what the schema wants. What makes a file mean something else than it shows is refused: duplicate keys, anchors and
aliases (the means of the "billion laughs"), merge keys, tags, several documents, characters that cannot be seen.

Not here: what any key means. The tree is built from the parser's events, without recursion, and its depth and size are
bounded.

Source: YAML 1.1 and 1.2.2, as libyaml reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from scanner.errors import InputError, Mistake
from scanner.sources.regular_file import open_regular

MAX_BYTES: Final = 64 * 2**20
MAX_DEPTH: Final = 16
MAX_MISTAKES: Final = 1000
MAX_COMPARED: Final = 200  # names that one misspelt name is compared with, to suggest the nearest
MAX_COMPARISONS: Final = 4000  # of all mistakes of a file: about a second, if all names are long and alike

_TOO_DEEP: Final = f"is nested more than {MAX_DEPTH} deep"

# Control characters but tab and line ends; line ends that editors do not count (NEL, LS, PS); characters that change
# the direction of writing, so that people would read other text than the scanner; a byte order mark within the text.
_UNWELCOME = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Notes:
    """The mistakes of one file, noted as they are found, so that all are reported at once.

    A `secretive` file is one whose contents may hold keys and passwords: its mistakes quote none of them.
    """

    def __init__(self, file: str, *, secretive: bool = False) -> None:
        self.file = file
        self.secretive = secretive
        self._noted: list[tuple[int, str]] = []
        self._count = 0
        self._comparisons = 0

    def __bool__(self) -> bool:
        return self._count > 0

    @property
    def full(self) -> bool:
        """Whether further mistakes are only counted."""
        return self._count >= MAX_MISTAKES

    def may_compare(self, names: int) -> bool:
        """Whether a misspelt name may be compared with so many others. It is taken off the file's budget."""
        if names > MAX_COMPARED or self._comparisons + names > MAX_COMPARISONS:
            return False
        self._comparisons += names
        return True

    def add(self, line: int, what: str) -> None:
        """`line` counts from 1; 0 stands for the file as a whole."""
        if not self.full:
            self._noted.append((line, what))
        self._count += 1

    def shown(self, text: str) -> str:
        """`text` as it may stand in a message: escaped and bounded, or not at all."""
        if self.secretive:
            return "the value"
        return ascii(text if len(text) <= 100 else text[:100] + "...")

    def error(self) -> InputError:
        """All mistakes, by line."""
        noted = sorted(self._noted, key=lambda mistake: mistake[0])
        mistakes = [Mistake(f"{self.file}:{line}" if line else self.file, what) for line, what in noted]
        if self._count > len(noted):
            mistakes.append(Mistake(self.file, f"and {self._count - len(noted)} more mistakes"))
        return InputError(mistakes)


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    plain: bool  # unquoted, so that other readers of YAML may take it for a number, a truth value or nothing
    line: int


@dataclass(slots=True)
class Sequence:
    items: list[Node]
    line: int


@dataclass(slots=True)
class Mapping:
    entries: dict[str, tuple[Scalar, Node]]  # by key: the key as it stands, and its value
    line: int


@dataclass(frozen=True, slots=True)
class Absent:
    """Where a node should be and is not, or was refused: the mistake is noted already, so it is not noted again."""

    line: int


Node = Scalar | Sequence | Mapping | Absent


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The file's bytes. Raises InputError for a file that cannot be read, or holds more than `limit` bytes."""
    try:
        with open_regular(path) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError.at(str(path), f"cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise InputError.at(str(path), f"is larger than {limit} bytes")
    return data


def parse(data: bytes, notes: Notes) -> Node:
    """The file's one document. Notes what is refused, and goes on; raises InputError where no tree is left to read."""
    text = _decoded(data, notes)
    builder = _Builder(notes)
    try:
        builder.take_all(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        if "maximum nesting depth" in str(error.problem):  # libyaml's own bound, where it looks ahead of ours
            notes.add(line, _TOO_DEEP)
            raise notes.error() from None
        notes.add(line, "is not YAML" if notes.secretive else f"is not YAML: {_complaint(error)}")
        raise notes.error() from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # The pure Python parser, used where libyaml is missing, lets some bad escapes through as these.
        notes.add(0, "is not YAML: it holds a character that cannot be")
        raise notes.error() from None
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.plain and not builder.root.text):
        notes.add(0, "is empty")
        raise notes.error()
    return builder.root


def _complaint(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(filter(None, (error.problem, error.context)))


def _decoded(data: bytes, notes: Notes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        notes.add(1 + data.count(b"\n", 0, error.start), "is not UTF-8 text")
        raise notes.error() from None
    line, counted_to = 1, 0
    for match in _UNWELCOME.finditer(text):
        line += len(_LINE_END.findall(text, counted_to, match.start()))
        counted_to = match.start()
        notes.add(line, f"holds the character U+{ord(match[0]):04X}, which cannot be seen")
        if notes.full:
            break
    if notes:
        raise notes.error()
    return text


class _Builder:
    """Takes the parser's events, one after the other, and keeps the path of containers that are still open."""

    def __init__(self, notes: Notes) -> None:
        self.root: Node | None = None
        self._notes = notes
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | Absent | None] = []  # beside each open container: a mapping's key without a value yet

    def take_all(self, events: Iterator[yaml.Event]) -> None:
        """Raises InputError where going on is not safe: beyond MAX_DEPTH, or in a second document."""
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._place(Scalar(event.value, not event.style, self._line(event)))
                case yaml.AliasEvent():
                    self._refuse(event, "is an alias (*): write out what it stands for")
                    self._place(Absent(self._line(event)))
                case yaml.SequenceStartEvent():
                    self._push(Sequence([], self._line(event)))
                case yaml.MappingStartEvent():
                    self._push(Mapping({}, self._line(event)))
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    self._open.pop()
                    self._keys.pop()
                case yaml.DocumentStartEvent():
                    self._start_document(event)
            if isinstance(event, yaml.NodeEvent) and not isinstance(event, yaml.AliasEvent):
                self._refuse_decoration(event)

    def _line(self, event: yaml.Event) -> int:
        return event.start_mark.line + 1 if event.start_mark else 0

    def _refuse(self, event: yaml.Event, what: str) -> None:
        self._notes.add(self._line(event), what)

    def _refuse_decoration(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, "has an anchor (&): anchors are not used here")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, "has a tag (!): tags are not used here")

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            self._refuse(event, "starts a second document; expected one in a file")
            raise self._notes.error()
        if event.version is not None or event.tags:
            self._refuse(event, "has a directive (%): directives are not used here")

    def _push(self, container: Sequence | Mapping) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._notes.add(container.line, _TOO_DEEP)
            raise self._notes.error()
        self._place(container)
        self._open.append(container)
        self._keys.append(None)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        container = self._open[-1]
        if isinstance(container, Sequence):
            container.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._key(node)
            return
        self._keys[-1] = None
        if isinstance(key, Scalar):
            self._enter(container, key, node)

    def _key(self, node: Node) -> Scalar | Absent:
        """The node as a key. A container in a key's place is still read to its end, and its value dropped."""
        if isinstance(node, Scalar):
            if not (node.plain and node.text == "<<"):
                return node
            self._notes.add(node.line, "is a merge key (<<): write out what it stands for")
        elif not isinstance(node, Absent):
            self._notes.add(node.line, "has a list or a mapping as a key; expected text")
        return Absent(node.line)

    def _enter(self, mapping: Mapping, key: Scalar, value: Node) -> None:
        first = mapping.entries.get(key.text)
        if first is None:
            mapping.entries[key.text] = (key, value)
        else:
            named = "a key" if self._notes.secretive else f"key {self._notes.shown(key.text)}"
            self._notes.add(key.line, f"{named} stands already at line {first[0].line}")
