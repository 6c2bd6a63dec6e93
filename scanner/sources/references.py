"""Which files a claim refers to, whether or not it can be read as a claim: so that none of them is written over.

Nothing is refused here: that is `addresses.py`'s part.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from scanner.errors import InputError
from scanner.sources.yaml_document import read_bytes

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def referenced_files(claim: Path) -> list[Path]:
    """Every file that the claim at this path names, as far as it is YAML; none where it cannot be read."""
    try:
        data = read_bytes(claim) if claim.is_file() else b""  # what is no file may be read but once
    except (InputError, OSError):
        return []
    if b"file" not in data:
        return []
    found: list[Path] = []
    with contextlib.suppress(yaml.YAMLError, ValueError):
        found.extend(claim.parent / name for name in _values_of("file", data.decode("utf-8", "replace")))
    return found


def _values_of(key: str, text: str) -> Iterator[str]:
    """The scalars that stand behind this key, wherever it stands."""
    before = None
    for token in yaml.scan(text, Loader=_LOADER):
        if isinstance(token, yaml.ScalarToken):
            if before == key:
                yield token.value
            before = token.value
