"""Well-known accounts of Tezos whose coins no key can move, or that hold for others.

Sources stand beside the entries, else the chain's own documentation.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import BURN, table

ACCOUNTS: Final = table(
    1,
    {
        "tezos": {
            "tz1burnburnburnburnburnburnburjAYjjX": BURN,
        },
    },
)
