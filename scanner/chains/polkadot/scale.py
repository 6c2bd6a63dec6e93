"""Whole numbers as SCALE writes them in few bytes (compact), each in its one shortest form.

Source: docs.polkadot.com, "SCALE data encoding", compact integers.
"""

from __future__ import annotations

from scanner.proofs.flaws import Flaw, ProofError

_FOUR_BYTES = 2**30


def compact(number: int) -> bytes:
    """The bytes of a number below 2**30, or of a longer one with its length before it. Raises ValueError below zero."""
    if number < 0:
        raise ValueError(f"{number} has no compact form")
    if number < 2**6:
        return bytes([number << 2])
    if number < 2**14:
        return (number << 2 | 1).to_bytes(2, "little")
    if number < _FOUR_BYTES:
        return (number << 2 | 2).to_bytes(4, "little")
    size = (number.bit_length() + 7) // 8
    return bytes([(size - 4) << 2 | 3]) + number.to_bytes(size, "little")


def read_compact(data: bytes, at: int) -> tuple[int, int]:
    """The number that stands at `at`, below 2**32, and where the next thing begins. Raises ProofError."""
    for size in ({0: 1, 1: 2, 2: 4}.get(data[at] & 3, 5),) if at < len(data) else ():
        end = at + size
        if end <= len(data):
            number = int.from_bytes(data[at + (size == 5) : end], "little") >> (0 if size == 5 else 2)
            if compact(number) == data[at:end]:
                return number, end
    raise ProofError(Flaw.MALFORMED, "a length or number that SCALE would not write so")
