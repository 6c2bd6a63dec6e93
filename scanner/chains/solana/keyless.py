"""Well-known accounts of Solana whose coins no key can move, or that hold for others.

Sources stand beside the entries, else the chain's own documentation.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import BURN, SYSTEM, WRAPPER, table

ACCOUNTS: Final = table(
    1,
    {
        "solana": {
            "1nc1nerator11111111111111111111111111111111": BURN,
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA": SYSTEM,
            "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb": SYSTEM,
            "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL": SYSTEM,
            "Stake11111111111111111111111111111111111111": SYSTEM,
            "Vote111111111111111111111111111111111111111": SYSTEM,
            "So11111111111111111111111111111111111111112": WRAPPER,
        },
    },
)
