"""BN254 by the precompiled contracts of the Ethereum virtual machine: ecAdd, ecMul (EIP-196), ecPairing (EIP-197).

They check that points are on their curves and in their groups, and refuse anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyrevm import EVM

from scanner.proofs.liabilities.bn254 import G1, G2, INFINITY, ORDER

_CALLER: Final = "0x" + "00" * 20
_CALLS: Final = 1000
"""After so many a new machine is taken: it keeps some 400 bytes of each call."""
_ADD, _MULTIPLY, _PAIRING = (f"0x{number:040x}" for number in (6, 7, 8))


class Precompiled:
    """`bn254.Arithmetic`."""

    def __init__(self) -> None:
        self._evm, self._calls = EVM(), 0

    def combine(self, terms: Iterable[tuple[int, G1]]) -> G1:
        """See `bn254.Arithmetic`."""
        total = _words(*INFINITY)
        for times, point in terms:
            total = self._call(_ADD, total + self._call(_MULTIPLY, _words(*point, times % ORDER)))
        return (int.from_bytes(total[:32]), int.from_bytes(total[32:]))

    def pairs_to_one(self, pairs: Sequence[tuple[G1, G2]]) -> bool:
        """See `bn254.Arithmetic`."""
        data = b"".join(
            _words(*point, twisted[0][1], twisted[0][0], twisted[1][1], twisted[1][0]) for point, twisted in pairs
        )
        try:
            return self._call(_PAIRING, data) == _words(1)
        except RuntimeError:  # what the precompiled contract refuses ends the call
            return False

    def _call(self, contract: str, data: bytes) -> bytes:
        if self._calls == _CALLS:
            self._evm, self._calls = EVM(), 0
        self._calls += 1
        answer: bytes = self._evm.message_call(_CALLER, contract, calldata=data)
        return answer


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32) for number in numbers)
