"""A file with what only people can say of an engagement: who asked for a report of factual findings, for what use, and
what was left out of its scope.

Every key but the version may be left out: the report then has a blank line in its place. Read as strictly as a claim,
with all mistakes at once. Not here: the report (`report.findings`), of which none of this changes a figure.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scanner.sources.cursor import Cursor
from scanner.sources.yaml_document import Notes, parse, read_bytes

VERSION: Final = 1
MOST_BYTES: Final = 2**20

LEFT_OUT: Final = "left_out"
KEYS: Final = (
    "addressee",
    "engaging_party",
    "responsible_party",
    "intended_users",
    "purpose",
    "agreed",
    "scope",
    "ethics",
    "quality",
    "practitioner",
    "place",
)
"""Of which each is a text; what they mean is said in docs/findings.md."""

_LONGEST: Final = 2000  # characters of one text
_MOST_LEFT_OUT: Final = 100


@dataclass(frozen=True, slots=True)
class Engagement:
    """What the file says: texts by key, without those that it leaves out."""

    texts: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()  # of the scope, as people say it
    sha256: str = ""  # of the file; empty where there is none


def load_engagement(path: Path) -> Engagement:
    """The engagement in the file at `path`. Raises InputError with all mistakes that could be found in it."""
    data = read_bytes(path, MOST_BYTES)
    notes = Notes(str(path))
    fields = Cursor(parse(data, notes), "engagement", notes).fields(("version",), (*KEYS, LEFT_OUT))
    version = fields["version"].whole(0, 10**9)
    if version not in (None, VERSION):
        fields["version"].refuse(
            f"expected {VERSION}, not {version}; this scanner knows no other form of an engagement"
        )
    texts = {key: fields[key].text(_LONGEST, lines=True) for key in KEYS}
    listed = fields[LEFT_OUT].items()
    if len(listed) > _MOST_LEFT_OUT:
        fields[LEFT_OUT].refuse(f"has {len(listed):,} entries; expected at most {_MOST_LEFT_OUT}")
    left_out = [each.text(_LONGEST, lines=True) for each in listed[:_MOST_LEFT_OUT]]
    if notes:
        raise notes.error()
    return Engagement(
        {key: text for key, text in texts.items() if text is not None},
        tuple(text for text in left_out if text is not None),
        hashlib.sha256(data).hexdigest(),
    )
