"""A table of our own for whoever has none: `chain,address,asset,amount`. Data only.

The chain is a CAIP-2 name or a network's usual one, the asset a CAIP-19 name or a label; without an asset, the chain's
own coin is meant. Amounts are whole coins.
"""

from __future__ import annotations

from scanner.sources.published.layout import Role, TableLayout

LAYOUTS = (
    TableLayout(
        name="plain",
        what="chain, address, and if you like asset, amount, height",
        columns={
            Role.LABEL: ("asset",),
            Role.NETWORK: ("chain",),
            Role.HEIGHT: ("height",),
            Role.ADDRESS: ("address", "account"),
            Role.AMOUNT: ("amount", "balance"),
            Role.MESSAGE: ("message",),
            Role.SIGNATURE_1: ("signature", "signature1"),
            Role.SIGNATURE_2: ("signature2",),
            Role.KEY: ("public key", "script"),
            Role.OWNER_1: ("owner1",),
            Role.OWNER_2: ("owner2",),
            Role.CUSTODIAN: ("custodian",),
        },
        required=frozenset({Role.NETWORK, Role.ADDRESS}),
        caip=True,
    ),
)
