"""Stake accounts of Solana: where their bytes name who may withdraw what is in them. Pure.

The lamports of a stake account are the withdrawer's, also where another delegates them; anyone may make one that names
another as its withdrawer. Not in here: how they are asked for.

Source: solana-program/stake, `StakeStateV2` and `Meta`: four bytes of a state, eight of the rent, the staker, the
withdrawer.
"""

from __future__ import annotations

from typing import Final

from scanner.core import base58

STAKE: Final = base58.decode("Stake11111111111111111111111111111111111111")
SIZE: Final = 200  # bytes of each stake account
WITHDRAWER_AT: Final = 44
WITHDRAWER: Final = 32  # bytes
