"""BitMEX's reserves: one YAML document for one block of Bitcoin, amounts in satoshi. Data only.

Control is shown by scripts, all of which hold the same few keys of the exchange; there are no signatures. Entries that
are marked unspendable are not counted by BitMEX either. Its files of tokens have another form, which is not known here.
"""

from __future__ import annotations

import re

from scanner.sources.published.layout import DocumentLayout, Whole

_NAMED = re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)-reserves-\d")

LAYOUTS = (
    DocumentLayout(
        name="bitmex",
        what="BitMEX: reserves of bitcoin as YAML",
        height="height",
        chain="chain",
        chains={"main": "BTC"},
        label="BTC",
        entries="address",
        address="addr",
        amount="value",
        script="script",
        type="addr_type",
        decimals=8,
        unspendable=frozenset({"unspendable"}),
        required=frozenset({"address", "height", "chain"}),
        totals={
            **dict.fromkeys(
                ("total", "total_value", "total_amount", "total_balance", "total_sats", "sum"), Whole.AMOUNT
            ),
            **dict.fromkeys(
                ("count", "entries", "addresses", "address_count", "num_addresses", "total_count"), Whole.ROWS
            ),
        },
        dated=_NAMED,
        dated_like="20231122-reserves-817900.yaml",
        exchange="BitMEX",
        named=_NAMED,
    ),
)
