"""TON accounts whose coins no key can move. Source: the documentation of TON's system contracts."""

from __future__ import annotations

from typing import Final

from scanner.chains.keyless_words import BURN, SYSTEM, small, table
from scanner.core.ids import Chain


def keyless(chain: Chain, key: bytes) -> str | None:
    """What an account is whose coins no key can move; None of any other."""
    return small(32)(chain, key[1:])


ACCOUNTS: Final = table(
    1,
    {
        "tvm": {
            "Ef8zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM0vF": "the elector that holds the validators' stakes",
            "Ef9VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVbxn": SYSTEM,  # the configuration's contract
            "0:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff": BURN,
        },
    },
)
