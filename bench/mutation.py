"""Input changed at random: bytes of it, and values within its JSON."""

from __future__ import annotations

import json
import random
from typing import Any, Final

ODD: Final = (
    *(b"null", b"true", b"-0", b"-1", b"1e400", b"1E-400", b"0.1", b"NaN", b"Infinity"),
    *(b"9" * 40, b"9" * 400, b"9" * 5_000, b"1" + b"0" * 30, b"\x00", b"\xff", b"\n", b","),
    *(b'""', b'"0x"', b'"0x0"', b'"0x' + b"f" * 64 + b'"', b'"0x' + b"f" * 65 + b'"', b'"\xc2\xb2"', b'"\\ud800"'),
    *(b"[]", b"{}", b"[[]]", b"[" * 100, b'{"":{}}', b"[null]", b'"' + b"a" * 300 + b'"'),
    *(b"18446744073709551616", b"253402300800", b"99999999999999999999", b"2147483648", b"4294967296"),
)
"""What is put into texts: numbers beyond what anything is counted in, and what JSON knows beside them."""

VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 2**31, 2**63, 2**64, 10**30, 10**400, 1e300, 0.1),
    *("", "0x", "0x0", "0x" + "f" * 64, [], {}, [[]], "x" * 99),
)
"""What is put in the place of values."""


def mutated(seed: bytes, luck: random.Random) -> bytes:
    """The seed with a few things about it changed; one time in eight, a value in its JSON."""
    if luck.random() < 0.125:
        try:
            return _text(_changed(json.loads(seed), luck), luck)
        except (ValueError, RecursionError):
            pass
    text = bytearray(seed)
    for _ in range(luck.choice((1, 1, 1, 2, 3, 8))):
        at = luck.randrange(len(text) + 1)
        match luck.randrange(6):
            case 0:
                text[at : at + 1] = bytes([luck.randrange(256)])
            case 1:
                del text[at : at + luck.choice((1, 2, 8, 64))]
            case 2:
                text[at:at] = luck.choice(ODD)
            case 3:
                end = at + luck.randrange(1, 40)
                text[at:end] = text[at:end] * 2
            case 4:
                text[at : at + luck.randrange(1, 20)] = luck.choice(ODD)
            case _:
                text[at : at + 1] = bytes(byte ^ 1 << luck.randrange(8) for byte in text[at : at + 1])
    return bytes(text)


def _changed(value: Any, luck: random.Random) -> Any:
    """One value within it exchanged, left out, or doubled."""
    if isinstance(value, dict) and value and luck.random() < 0.9:
        key = luck.choice(sorted(value))
        if luck.random() < 0.15:
            return {name: each for name, each in value.items() if name != key}
        return value | {key: _changed(value[key], luck)}
    if isinstance(value, list) and value and luck.random() < 0.9:
        at = luck.randrange(len(value))
        if luck.random() < 0.2:
            return value[:at] + value[at + 1 :] if luck.random() < 0.5 else [*value, value[at]]
        return [*value[:at], _changed(value[at], luck), *value[at + 1 :]]
    return luck.choice(VALUES)


def _text(value: Any, luck: random.Random) -> bytes:
    text = json.dumps(value).encode()
    return text.replace(b"null", luck.choice(ODD), 1) if luck.random() < 0.05 else text
