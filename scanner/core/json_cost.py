"""What a JSON text costs once it is parsed, found out before it is: some texts take forty times their bytes.

`[[],[],[]` and so on is the plainest: three bytes a list, and a list is an object of its own. Only punctuation is
counted, so this takes about as long as reading the text. It is an estimate from above. Nothing is parsed here.
"""

from __future__ import annotations

import re
from typing import Final

# What CPython takes on a 64-bit machine, with the collector's part and what the allocator rounds up.
_DICT: Final = 200  # of up to five keys
_LIST: Final = 72
_SCALAR: Final = 56  # a text beside its characters, or a whole number
_FRACTION: Final = 64  # what a Decimal takes beyond that
_PLACE: Final = 8  # in the list or dict that holds a value


_PLAIN: Final = bytes(set(range(256)) - set(b'[{,."'))
_STRING: Final = re.compile(rb'"[^"]*+"?')


def memory_of(text: bytes) -> int:
    """Bytes that the values of a JSON text take at the most, about, beside the text itself. What stands in strings is
    counted too, as if it were none."""
    return _memory(text, len(text))


def _memory(text: bytes, characters: int) -> int:
    dicts, lists, commas = text.count(b"{"), text.count(b"["), text.count(b",")
    return (
        characters  # of all strings together
        + _DICT * dicts
        + _LIST * lists
        + _SCALAR * (commas + 1)
        + _FRACTION * min(text.count(b"."), commas + 1)
        + _PLACE * (commas + dicts + lists)
    )


def costs_more(text: bytes, times: int, free: int) -> bool:
    """Whether its values take more than so many times the text's bytes, and more than `free` bytes."""
    most = max(free, times * len(text))
    return memory_of(text) > most and _memory(_punctuation(text), len(text)) > most


def _punctuation(text: bytes) -> bytes:
    """What is left without strings, and without all that is not counted."""
    quoted = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _PLAIN)
    return _STRING.sub(b"", quoted.replace(b'""', b""))
