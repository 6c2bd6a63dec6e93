"""Well-known accounts of the XRP Ledger whose coins no key can move, or that hold for others.

Sources stand beside the entries, else the chain's own documentation.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import BURN, table

ACCOUNTS: Final = table(
    1,
    {
        "xrpl": {
            "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh": "the genesis account whose key everybody knows",
            "rrrrrrrrrrrrrrrrrNAMEtxvNvQ": BURN,
            "rrrrrrrrrrrrrrrrrrrn5RM1rHd": BURN,
        },
    },
)
