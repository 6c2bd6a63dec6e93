"""The scheme `gate`: Gate's zkmerkle release of July 2025, of Binance's first family, for 800 assets.

The exchange's example is of one customer and one batch; its verifying key is not at hand. That earlier releases had 350
assets, the source alone says.

Source: gateio/proof-of-reserves.
"""

from __future__ import annotations

from typing import Final

from scanner.proofs.liabilities.units import Decimals
from scanner.proofs.liabilities.zkmerkle import CircuitLayout
from scanner.proofs.liabilities.zkmerkle_files import GATE
from scanner.proofs.liabilities.zkmerkle_scheme import DIGITS, ZkMerkle

LAYOUTS: Final = (
    CircuitLayout("gate-2025-07", assets=800, items=2, collateral=False),
    CircuitLayout("gate-2023-07", assets=350, items=2, collateral=False),
)
_CHEAP: Final = """
    1CAT AIDOGE AKITA APEPE APU ATLAS AXL BABYDOGE BGSC BIDR BITBOARD BOME BONK BRISE BTT BTTC CAT CHEEMS COQ DBC
    DOG DOGE DOGS DSD ELON FLOKI HIPPO HOT HTX KISHU LADYS LAI LEVER LOBO LUNC MAGA MOG MOODENGETH MYRIA NATIX
    NEIROCTO NFT OMI PEIPEI PEPE PEPPER PIG QUBIC RACA RATS REEF SATS SAY SHIB SIDUS SNEK SPELL SUPRA TOSHI TROLL
    TURBO VINU VRA WEN WGRT WHY WIN WOJAK WUF X XEC XEN ZBAI ZBCN
"""
TWO_DECIMALS: Final = tuple(_CHEAP.split())
"""Coins that are so cheap that they are counted in hundredths, as of July 2025; earlier releases have fewer of them."""

SCHEME: Final = ZkMerkle(LAYOUTS, GATE, Decimals(8, dict.fromkeys(TWO_DECIMALS, 2), DIGITS))
