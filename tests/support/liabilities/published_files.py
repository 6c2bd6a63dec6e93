"""Published files of a proof of liabilities, as a scheme is given them: from bytes, or from the shared reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scanner.proofs.liabilities import File
from tests.support.places import SHARED as _SHARED

SHARED = _SHARED / "data" / "liabilities"
"""Samples of exchanges' own files, beside the checkout; never committed."""


def file(content: bytes | str, name: str = "file.json", piece: int = 1 << 16) -> File:
    """A file that is read in pieces of `piece` bytes."""
    data = content.encode() if isinstance(content, str) else content

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(data), piece):
            yield data[start : start + piece]

    return File(name, chunks)


def shared(name: str) -> File:
    """One of the samples. The test is skipped where they are not at hand."""
    path = SHARED / name
    if not path.exists():
        pytest.skip("the reference's samples are not at hand")
    return file(path.read_bytes(), path.name)


def shared_json(name: str) -> Any:
    """What a JSON file among the samples says."""
    import json

    return json.loads(b"".join(shared(name).chunks()))
