"""Well-known accounts of EOS and its kin whose coins no key can move, or that hold for others.

Sources stand beside the entries, else the chain's own documentation.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import BURN, SYSTEM, table

ACCOUNTS: Final = table(
    1,
    {
        "antelope": {
            "eosio": SYSTEM,
            "eosio.null": BURN,
            "eosio.ram": SYSTEM,
            "eosio.ramfee": SYSTEM,
            "eosio.rex": SYSTEM,
            "eosio.stake": "the system's account of what is staked",
            "eosio.token": SYSTEM,
            "core.vaulta": SYSTEM,
        },
    },
)
