"""OKX's reserves files, all four generations. Data only.

Seen in the files and in the examples of OKX's own checker: a header block with totals, where a total over networks has
`-` for its height; amounts with a leading blank; rows shorter than the header; `null`, `\\N` and nothing for an empty
cell; JSON in the key column. For staking rows the address is a validator's 48-byte key.
"""

from __future__ import annotations

import re

from scanner.sources.published.layout import Role, TableLayout
from scanner.sources.published.row import Kind

_BLOCK = {
    Role.LABEL: ("coin",),
    Role.HEIGHT: ("snapshot height",),
    Role.AMOUNT: ("amount",),
}
_COLUMNS = {
    Role.LABEL: ("coin",),
    Role.NETWORK: ("network",),
    Role.HEIGHT: ("snapshot height",),
    Role.ADDRESS: ("address",),
    Role.AMOUNT: ("amount",),
    Role.MESSAGE: ("message",),
    Role.SIGNATURE_1: ("signature1",),
    Role.SIGNATURE_2: ("signature2",),
    Role.KEY: ("redeem script/public key",),
    Role.OWNER_1: ("eoa1",),
    Role.OWNER_2: ("eoa2",),
    Role.KIND: ("type",),
}
_ALWAYS = frozenset({Role.LABEL, Role.ADDRESS, Role.AMOUNT, Role.MESSAGE, Role.SIGNATURE_1})
_NAMED = re.compile(r"okx[_-]?por|por_csv_20\d\d", re.IGNORECASE)
_DATED = re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)")

# November 2022: amounts in atoms, some of them rounded by a binary float; heights only in the header block.
FIRST = TableLayout(
    name="okx-2022",
    what="OKX, November 2022 to 2023: 7 columns, amounts in base units",
    columns=_COLUMNS,
    required=_ALWAYS,
    absent=frozenset({Role.NETWORK, Role.HEIGHT}),
    block=_BLOCK,
    base_units=True,
    dated=_DATED,
    dated_like="por_csv_20231122.csv",
    exchange="OKX",
    named=_NAMED,
)

# 9 columns from 2023, 11 with owners from November 2024, 12 with a type from July 2026.
SINCE_2023 = TableLayout(
    name="okx-2023",
    what="OKX since 2023: 9, 11 or 12 columns, a network and a height in every row",
    columns=_COLUMNS,
    required=_ALWAYS | {Role.NETWORK, Role.HEIGHT},
    block=_BLOCK,
    kinds={
        "Non Staking": Kind.PLAIN,
        "Native ETH Staking": Kind.STAKING,
        "Native Staking": Kind.STAKING,
        "Eigenlayer Staking": Kind.STAKING,
    },
    dated=_DATED,
    dated_like="por_csv_20231122.csv",
    exchange="OKX",
    named=_NAMED,
)

LAYOUTS = (FIRST, SINCE_2023)
