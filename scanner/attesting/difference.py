"""Where two JSON values differ, in words: what is stated against what follows."""

from __future__ import annotations

import json
from typing import Any


def difference(stated: Any, computed: Any, where: str, source: str) -> str:
    """The first place at which two JSON values differ, what stands there, and what follows from `source`."""
    if isinstance(stated, dict) and isinstance(computed, dict) and stated.keys() == computed.keys():
        for key in sorted(stated):
            if stated[key] != computed[key]:
                return difference(stated[key], computed[key], f"{where}.{key}", source)
    if isinstance(stated, list) and isinstance(computed, list) and len(stated) == len(computed):
        for position, pair in enumerate(zip(stated, computed, strict=True)):
            if pair[0] != pair[1]:
                return difference(*pair, f"{where}[{position}]", source)
    shown, follows = (json.dumps(value, sort_keys=True)[:200] for value in (stated, computed))  # in ASCII
    return f"{where} is stated as {shown}, and from {source} follows {follows}"
