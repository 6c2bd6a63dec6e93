"""Binance's wallet files: `PR01JUN26_HotCold.csv` and `PR01JUN26_Deposit.csv`, as a rule in one ZIP. Data only.

Days are written day first. Some rows have a phrase such as "Bridging in progress" where an address should be, and some
are held by a third party, which the last column names. There are no signatures.
"""

from __future__ import annotations

import re

from scanner.sources.published.layout import Role, TableLayout

_NAMED = re.compile(r"PR(?P<day>\d\d)(?P<month>[A-Z]{3})(?P<year>\d\d)")
_COLUMNS = {
    Role.LABEL: ("coin",),
    Role.NETWORK: ("network",),
    Role.ADDRESS: ("address",),
    Role.AMOUNT: ("balance",),
    Role.HEIGHT: ("height",),
    Role.CUSTODIAN: ("third party custodian name",),
}
_ALWAYS = frozenset({Role.LABEL, Role.NETWORK, Role.ADDRESS, Role.AMOUNT})

LAYOUTS = (
    TableLayout(
        name="binance",
        what="Binance: HotCold and Deposit, a custodian's name where a third party holds",
        columns=_COLUMNS,
        required=_ALWAYS | {Role.CUSTODIAN},
        dated=_NAMED,
        dated_like="PR22NOV23_HotCold.csv",
        exchange="Binance",
        named=_NAMED,
        marked=frozenset({Role.CUSTODIAN}),
    ),
    # The same without custodians: four words that stand over anybody's table.
    TableLayout(
        name="binance-plain",
        what="Binance: files without custodians, in a file that is named as Binance's are",
        columns=_COLUMNS,
        required=_ALWAYS,
        absent=frozenset({Role.CUSTODIAN}),
        dated=_NAMED,
        dated_like="PR22NOV23_HotCold.csv",
        only_named=True,
        exchange="Binance",
        named=_NAMED,
    ),
)
