"""Whether the machines of a cluster have the very code that this one has: questions to them are pickled, and a pickle
has no version of its own.

What they say of themselves is theirs to say; a machine that lies here answers as it likes in any case.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from scanner.core.json_nesting import nests_deeper
from scanner.errors import InputError, Mistake


def require_same_code(code: Mapping[str, bytes | None]) -> None:
    """`code`: by machine, what `worker.about` gives there. Raises InputError naming all that have other code."""
    from scanner.scanning.worker import NAME, about

    here, wrong = _About.read(about()), dict[str, str]()
    assert here is not None  # noqa: S101 - what we say of ourselves
    for where, data in code.items():
        found = _About.read(data)
        if found is None:
            wrong[where] = f"has no {NAME}, or none that can be asked"
        elif found.version != here.version:
            wrong[where] = f"has {NAME} {found.version}"
        elif found.code != here.code:
            wrong[where] = f"has other code of {NAME} {here.version}"
    if wrong:
        what = f"expected what this machine has, {here.version}, on all"
        raise InputError([Mistake(where, f"{has}; {what}") for where, has in sorted(wrong.items())])


class _About(msgspec.Struct, frozen=True):
    """What is installed at one place."""

    version: str
    code: str

    @classmethod
    def read(cls, data: bytes | None) -> _About | None:
        """None for what says nothing of the kind, or says it in text that is not to be shown."""
        if data is None or nests_deeper(data, 2):
            return None
        try:
            found = msgspec.json.decode(data, type=cls)
        except msgspec.MsgspecError:
            return None
        return found if found.version.isascii() and found.version.isprintable() and len(found.version) < 100 else None
