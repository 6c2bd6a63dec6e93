"""The scheme `binance`: zkmerkle proof of solvency, from December 2022 on.

The released layout of 2024 is known from the source and from roots of empty trees alone: no customer's file of it, no
verifying key and no production proof is at hand. One sample in the exchange's repository is of a layout that was never
released; it is read, and said to be so.

Source: binance/zkmerkle-proof-of-solvency.
"""

from __future__ import annotations

from typing import Final

from scanner.proofs.liabilities.units import Decimals
from scanner.proofs.liabilities.zkmerkle import CircuitLayout
from scanner.proofs.liabilities.zkmerkle_files import BINANCE
from scanner.proofs.liabilities.zkmerkle_scheme import DIGITS, ZkMerkle

LAYOUTS: Final = (
    CircuitLayout("binance-2024-09", assets=500, items=5, collateral=True, tiers=(50, 500)),
    CircuitLayout("binance-2023-10", assets=350, items=2, collateral=False, chunk=16),
    CircuitLayout("binance-2022-12", assets=350, items=2, collateral=False),
    CircuitLayout("binance-unreleased", assets=350, items=5, collateral=True, released=False),
)
_CHEAP: Final = """
    BIDR BTTC DOGE HOT LUNC SHIB SPELL WIN XEC PEPE FLOKI IDRT DOGS BONK 1000SATS NEIRO 1000PEPPER NOT NFT BOME
    1MBABYDOGE HMSTR WLFI PUMP MONKY 1000CHEEMS IDR
"""
TWO_DECIMALS: Final = tuple(_CHEAP.split())
"""Coins that are so cheap that they are counted in hundredths, in the order in which the exchange's list has grown: it
began with the first nine. No file says which list a release was made by, see option `decimals`."""

SCHEME: Final = ZkMerkle(LAYOUTS, BINANCE, Decimals(8, dict.fromkeys(TWO_DECIMALS, 2), DIGITS))
