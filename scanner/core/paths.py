"""What may be given as the path of a file: a text, or anything that the standard library takes for one."""

from __future__ import annotations

from typing import Protocol


class HasPath(Protocol):
    """As `os.PathLike`, of texts; named here since what judges may not import `os`."""

    def __fspath__(self) -> str: ...


AnyPath = str | HasPath
