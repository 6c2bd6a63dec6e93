"""A table of our own for those who have none: `chain,address,asset,amount`. Data only.

The chain is a CAIP-2 name or a network's usual one, the asset a CAIP-19 name or a label; without an asset, the chain's
own coin is meant, unless a column stands there that could say otherwise. Amounts are whole coins. Its columns may stand
under any usual word (`headings`).
"""

from __future__ import annotations

from scanner.sources.published import headings
from scanner.sources.published.layout import Role, TableLayout

LAYOUTS = (
    TableLayout(
        name="plain",
        what="chain, address, and if you like asset, amount, height",
        columns={
            Role.LABEL: headings.ASSET,
            Role.NETWORK: headings.NETWORK,
            Role.HEIGHT: headings.HEIGHT,
            Role.ADDRESS: headings.ADDRESS,
            Role.AMOUNT: headings.AMOUNT,
            Role.MESSAGE: ("message",),
            Role.SIGNATURE_1: ("signature", "signature1"),
            Role.SIGNATURE_2: ("signature2",),
            Role.KEY: ("public key", "script"),
            Role.OWNER_1: ("owner1",),
            Role.OWNER_2: ("owner2",),
            Role.CUSTODIAN: headings.CUSTODIAN,
        },
        required=frozenset({Role.NETWORK, Role.ADDRESS}),
        caip=True,
        generic=True,
    ),
)
