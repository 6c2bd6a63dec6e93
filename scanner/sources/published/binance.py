"""Binance's wallet files: `PR01JUN26_HotCold.csv` and `PR01JUN26_Deposit.csv`, as a rule in one ZIP. Data only.

Days are written day first. Some rows have a phrase such as "Bridging in progress" where an address should be, and some
are held by a third party, which the last column names. There are no signatures.
"""

from __future__ import annotations

import re

from scanner.sources.published.layout import Role, TableLayout

LAYOUTS = (
    TableLayout(
        name="binance",
        what="Binance: HotCold and Deposit, a custodian's name where a third party holds",
        columns={
            Role.LABEL: ("coin",),
            Role.NETWORK: ("network",),
            Role.ADDRESS: ("address",),
            Role.AMOUNT: ("balance",),
            Role.HEIGHT: ("height",),
            Role.CUSTODIAN: ("third party custodian name",),
        },
        required=frozenset({Role.LABEL, Role.NETWORK, Role.ADDRESS, Role.AMOUNT}),
        dated=re.compile(r"PR(?P<day>\d\d)(?P<month>[A-Z]{3})(?P<year>\d\d)"),
    ),
)
