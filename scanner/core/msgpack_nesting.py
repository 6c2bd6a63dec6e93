"""How deep MessagePack nests, found without decoding it: decoders written in C recurse, and some end the process where
the nesting is deep and Python's recursion limit was raised, as some packages raise it.

Source: the MessagePack specification, "Formats".
"""

from __future__ import annotations

from typing import Final

# By first byte: bytes of payload after it; of those, how many are a count, of what.
_FIXED: Final = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 0),
    **{0xCC: 1, 0xD0: 1, 0xCD: 2, 0xD1: 2, 0xCE: 4, 0xD2: 4, 0xCA: 4, 0xCF: 8, 0xD3: 8, 0xCB: 8},
    **{0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17},
}
_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4}  # length of a length
_TYPED: Final = (0xC7, 0xC8, 0xC9)  # of these, a byte of type follows the length
_ITEMS: Final = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}  # length of a count, values for each item


def nests_deeper(data: bytes, most: int) -> bool:
    """Whether the value that `data` begins with nests deeper than `most` arrays or maps, or is cut short."""
    left = [1]  # values still to come, of each array or map that is open; the first is the value itself
    at, size = 0, len(data)
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        if at >= size:
            return True
        first = data[at]
        at += 1
        if first < 0x80 or first >= 0xE0:
            continue
        items = 0
        if first < 0xA0:
            items = (first & 0x0F) * (2 if first < 0x90 else 1)
        elif first < 0xC0:
            at += first & 0x1F
        elif first in _FIXED:
            at += _FIXED[first]
        elif first in _BYTES:
            width = _BYTES[first]
            at += width + int.from_bytes(data[at : at + width]) + (first in _TYPED)
        elif first in _ITEMS:
            width, each = _ITEMS[first]
            items = int.from_bytes(data[at : at + width]) * each
            at += width
        else:
            return True  # 0xC1, which is never used
        if items:
            if len(left) > most:
                return True
            left.append(items)
    return at > size
