"""BN254 by the precompiled contracts of the Ethereum virtual machine: ecAdd, ecMul (EIP-196), ecPairing (EIP-197).

They check that points are on their curves and in their groups, and refuse anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyrevm import EVM  # type: ignore[import-not-found, unused-ignore]

from scanner.proofs.liabilities.bn254 import G1, G2, INFINITY, ORDER, negative

_CALLER: Final = "0x" + "00" * 20
_CALLS: Final = 1000
"""After so many a new machine is taken: it keeps some 400 bytes of each call."""
_ADD, _MULTIPLY, _PAIRING = (f"0x{number:040x}" for number in (6, 7, 8))

_ONE: Final[G1] = (1, 2)
_TWICE: Final[G1] = (
    0x030644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD3,
    0x15ED738C0E0A7C92E7845F96B2AE9C0A68A6A449E3538FC7FF3EBF7A5A18A2C4,
)
_TWISTED: Final[G2] = (
    (
        0x1800DEEF121F1E76426A00665E5C4479674322D4F75EDADD46DEBD5CD992F6ED,
        0x198E9393920D483A7260BFB731FB5D25F1AA493335A9E71297E485B7AEF312C2,
    ),
    (
        0x12C85EA5DB8C6DEB4AAB71808DCB408FE3D1E7690C43D37B4CE6CC0166FA7DAA,
        0x090689D0585FF075EC9E99AD690C3395BC4B313370B38EF355ACDADCD122975B,
    ),
)


class Precompiled:
    """`bn254.Arithmetic`. Raises ImportError where the installed module computes something else."""

    def __init__(self) -> None:
        self._evm, self._calls = EVM(), 0
        # A module that said yes to everything would pass every forged proof.
        right = self.pairs_to_one([(_ONE, _TWISTED), (negative(_ONE), _TWISTED)])
        wrong = self.pairs_to_one([(_ONE, _TWISTED), (_ONE, _TWISTED)])
        if not right or wrong or self.combine([(1, _ONE), (1, _ONE)]) != _TWICE:
            raise ImportError("the installed `pyrevm` does not compute BN254")

    def combine(self, terms: Iterable[tuple[int, G1]]) -> G1:
        """See `bn254.Arithmetic`."""
        total = _words(*INFINITY)
        for times, point in terms:
            total = self._call(_ADD, total + self._call(_MULTIPLY, _words(*point, times % ORDER), 64), 64)
        return (int.from_bytes(total[:32]), int.from_bytes(total[32:]))

    def pairs_to_one(self, pairs: Sequence[tuple[G1, G2]]) -> bool:
        """See `bn254.Arithmetic`."""
        data = b"".join(
            _words(*point, twisted[0][1], twisted[0][0], twisted[1][1], twisted[1][0]) for point, twisted in pairs
        )
        try:
            return self._call(_PAIRING, data, 32) == _words(1)
        except RuntimeError as error:
            if "PrecompileError" in str(error):  # the contract refused a point
                return False
            raise  # anything else, as too little gas, says nothing about the proof

    def _call(self, contract: str, data: bytes, size: int) -> bytes:
        if self._calls == _CALLS:
            self._evm, self._calls = EVM(), 0
        self._calls += 1
        answer: bytes = self._evm.message_call(_CALLER, contract, calldata=data)
        if len(answer) != size:
            raise RuntimeError(f"a precompiled contract answered with {len(answer)} bytes, not {size}")
        return answer


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32) for number in numbers)
