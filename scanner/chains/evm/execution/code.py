"""A contract's code, looked through once: where it may be jumped to, and what its PUSH instructions push.

Sources: the Yellow Paper, 9.4.3 (jump destinations); EIP-3541 (code that begins with 0xEF is none of this machine's:
EIP-7702's delegations, EOF's containers and Arbitrum's programs in other languages).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.chains.evm.execution.undetermined import undetermined

_JUMPDEST, _PUSH1, _PUSH32 = 0x5B, 0x60, 0x7F
_FOREIGN: Final = 0xEF
_STOP_BEHIND: Final = bytes(1)  # code that runs off its end stops


@dataclass(frozen=True, slots=True)
class Code:
    """`plain` as it is, `padded` with what is executed behind its end; `pushed`: by place, the word a PUSH pushes."""

    plain: bytes
    padded: bytes
    destinations: frozenset[int]
    pushed: dict[int, int]


def analysed(plain: bytes) -> Code:
    """Raises ProofError UNDETERMINED for code that is no EVM code."""
    if plain[:1] == bytes([_FOREIGN]):
        raise undetermined("code that begins with 0xEF, and is run by other rules")
    destinations, pushed = [], {}
    at = 0
    while at < len(plain):
        instruction = plain[at]
        if _PUSH1 <= instruction <= _PUSH32:
            size = instruction - _PUSH1 + 1
            pushed[at] = int.from_bytes(plain[at + 1 : at + 1 + size].ljust(size, b"\0"))
            at += size
        elif instruction == _JUMPDEST:
            destinations.append(at)
        at += 1
    return Code(plain, plain.ljust(at, b"\0") + _STOP_BEHIND, frozenset(destinations), pushed)
