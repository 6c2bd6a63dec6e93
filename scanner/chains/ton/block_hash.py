"""Spellings of a block's root hash: 64 hex digits in either case, as explorers show it, and base64, as servers do."""

from __future__ import annotations

import base64
import re
from typing import Final

TEXT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
"""The one spelling."""

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_BASE64: Final = re.compile(r"[0-9A-Za-z+/_-]{42}[AEIMQUYcgkosw048]=?", re.ASCII)  # whose last bits are zeros


def spelled(text: str) -> str:
    """The one spelling of a root hash; any other text as it is."""
    if _HEX.fullmatch(text):
        return text.lower()
    if _BASE64.fullmatch(text):
        return base64.urlsafe_b64decode(text.rstrip("=").replace("+", "-").replace("/", "_") + "=").hex()
    return text
