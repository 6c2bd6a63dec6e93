"""How deep a JSON text nests, found out before it is parsed, and texts that are parsed only where it is shallow.

`json` counts levels as well, but by the interpreter's limit, which py_ecc (and so web3) raises to 100,000 for the whole
process: more than the stack holds, so that one text of brackets would end it without a word.
"""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = bytes(set(range(256)) - set(b'[]{}"'))
_INNERMOST = re.compile(rb"\[\]|\{\}")
_STRING = re.compile(rb'"[^"]*+"?')  # or one that never ends, so that each byte is met once


def nests_deeper(text: bytes, most: int) -> bool:
    """Whether lists and objects stand in one another more than `most` levels deep. About a microsecond a kilobyte.

    Of a text that is no JSON either answer may be given, but never that one of over twice `most` levels is not deep.
    """
    if text.count(b"[") + text.count(b"{") <= most:
        return False
    quoted = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _PLAIN)
    brackets = _STRING.sub(b"", quoted.replace(b'""', b""))  # two quotes at once change nothing for what follows
    for _ in range(most):
        brackets, removed = _INNERMOST.subn(b"", brackets)
        if not removed:  # as with brackets that are never closed, of which there may be millions
            break
    unclosed = brackets.count(b"[") + brackets.count(b"{")
    return unclosed > most or _INNERMOST.search(brackets) is not None


def shallow(text: bytes, most: int) -> Any:
    """The value of a JSON text of at most `most` levels. Raises ValueError for a deeper one, and what is no JSON."""
    if nests_deeper(text, most):
        raise ValueError("nested too deep")
    return json.loads(text)
