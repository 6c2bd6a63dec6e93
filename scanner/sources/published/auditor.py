"""The table that auditors are given for agreed-upon procedures: addresses and signatures, no amounts. Data only.

The message is the engagement's own challenge. A status column, where there is one, marks with 5 the rows that count.
"""

from __future__ import annotations

from scanner.sources.published.layout import Role, TableLayout

LAYOUTS = (
    TableLayout(
        name="auditor",
        what="the table that OKX gives its auditors: digitalAsset, network, address, signatures",
        columns={
            Role.LABEL: ("digitalAsset",),
            Role.NETWORK: ("network",),
            Role.HEIGHT: ("height", "snapshot height"),
            Role.ADDRESS: ("address",),
            Role.AMOUNT: ("amount", "balance"),
            Role.MESSAGE: ("message",),
            Role.SIGNATURE_1: ("signedMessage",),
            Role.SIGNATURE_2: ("signedMessage2",),
            Role.KEY: ("publicKey",),
            Role.OWNER_1: ("owner1",),
            Role.OWNER_2: ("owner2",),
            Role.STATUS: ("status",),
        },
        required=frozenset({Role.LABEL, Role.NETWORK, Role.ADDRESS, Role.MESSAGE, Role.SIGNATURE_1}),
        statuses=frozenset({"5"}),
    ),
)
