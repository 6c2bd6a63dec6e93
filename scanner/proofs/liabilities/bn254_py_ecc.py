"""BN254 in pure Python, by `py_ecc`: the slow way, for where no faster library is installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from py_ecc.fields import optimized_bn128_FQ as FQ
from py_ecc.fields import optimized_bn128_FQ2 as FQ2
from py_ecc.fields import optimized_bn128_FQ12 as FQ12
from py_ecc.optimized_bn128.optimized_curve import Z1, add, curve_order, multiply, normalize
from py_ecc.optimized_bn128.optimized_curve import is_inf as is_infinite
from py_ecc.optimized_bn128.optimized_pairing import final_exponentiate, pairing

from scanner.proofs.liabilities.bn254 import G1, G2, INFINITY


class PurePython:
    """`bn254.Arithmetic`."""

    def combine(self, terms: Iterable[tuple[int, G1]]) -> G1:
        """See `bn254.Arithmetic`."""
        total = Z1
        for times, point in terms:
            if point != INFINITY:
                total = add(total, multiply(_point(point), times % curve_order))
        if is_infinite(total):
            return INFINITY
        x, y = normalize(total)
        return (int(x), int(y))

    def pairs_to_one(self, pairs: Sequence[tuple[G1, G2]]) -> bool:
        """See `bn254.Arithmetic`."""
        product = FQ12.one()
        for point, (x, y) in pairs:
            twisted = (FQ2(x), FQ2(y), FQ2.one())
            if not is_infinite(multiply(twisted, curve_order)):
                return False
            if point != INFINITY:
                product *= pairing(twisted, _point(point), final_exponentiate=False)
        return bool(final_exponentiate(product) == FQ12.one())


def _point(point: G1) -> tuple[FQ, FQ, FQ]:
    return (FQ(point[0]), FQ(point[1]), FQ.one())
