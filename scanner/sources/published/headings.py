"""The words that stand over columns of all tables, and what a column says that is not read. Data, and one look.

A table of our own (`plain`) takes all of these words. In another layout a column under one of them, which that layout
does not read, is no comment: it says what the rows are of, on which network, or who holds it, and reading the rows
without it would make something else of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from scanner.sources.published.archive import shown
from scanner.sources.published.layout import Columns, Role, header_name

ASSET: Final = (
    "asset", "coin", "token", "currency", "symbol", "ticker", "crypto", "cryptocurrency", "crypto asset",
    "digital asset", "virtual asset", "asset name", "coin name", "token name", "currency name", "asset symbol",
    "coin symbol", "token symbol", "asset ticker", "asset code", "coin code", "currency code",
)  # fmt: skip
NETWORK: Final = (
    "chain", "network", "blockchain", "chain name", "network name", "blockchain name", "blockchain network",
    "coin network", "token network",
)  # fmt: skip
ADDRESS: Final = (
    "address", "account", "wallet address", "account address", "public address", "deposit address",
    "blockchain address", "addr",
)  # fmt: skip
AMOUNT: Final = (
    "amount", "balance", "quantity", "qty", "holding", "holdings", "wallet balance", "account balance", "token balance",
    "balance amount",
)  # fmt: skip
HEIGHT: Final = ("height", "block height", "snapshot height", "block", "block number", "snapshot block")
CUSTODIAN: Final = (
    "custodian", "custodian name", "third party custodian name", "third party custodian", "third party", "custody",
    "held by",
)  # fmt: skip

# What names an asset or a network too, in a form that is not read.
_CONTRACT = (
    "contract", "contract address", "token address", "token contract", "mint", "mint address", "token id", "coin type",
    "token type", "asset type", "coins", "tokens", "assets",
)  # fmt: skip
_OTHER_NETWORK = ("chain id", "network id", "protocol", "platform", "token standard", "layer")

_SAYS: Final = {
    header_name(word): role
    for role, words in (
        (Role.LABEL, (*ASSET, *_CONTRACT)),
        (Role.NETWORK, (*NETWORK, *_OTHER_NETWORK)),
        (Role.CUSTODIAN, CUSTODIAN),
    )
    for word in words
}
# What amounts are counted in, or which way. Whole coins that are held are what every layout reads.
_IN_WHAT: Final = frozenset(
    map(
        header_name,
        (
            "unit", "units", "denomination", "denom", "decimals", "decimal places", "scale", "multiplier", "exponent",
            "precision", "sign", "direction", "side", "debit credit", "unit of account",
        ),
    )
)  # fmt: skip
_COMMENTS: Final = frozenset(
    map(
        header_name,
        (
            "comment", "comments", "note", "notes", "remark", "remarks", "description", "date", "time", "timestamp",
            "url", "link", "explorer", "id", "no", "nr", "number", "row", "index", "tag", "usd",
            "value usd", "usd value",
        ),
    )
)  # fmt: skip


def unread_meaning(columns: Columns) -> str | None:
    """Why a table must not be read without a column that its layout does not read, for people; None where it may."""
    for name in columns.others:
        role = _SAYS.get(header_name(name))
        if role is not None and role not in columns.at:
            return f"the column {shown(name)} says what the {role} of a row is, and this layout does not read it"
    if Role.LABEL in columns.at or Role.AMOUNT not in columns.at:
        return None
    for name in columns.others:
        if header_name(name) not in _COMMENTS:
            return (
                f"no column names the asset, and the column {shown(name)} is not read: call it asset if it does, and "
                f"comment if it does not"
            )
    return None


def stated_only(columns: Columns, header: Sequence[str]) -> Columns:
    """The columns under `header`; without the amounts where an unread column says what they are counted in.

    Or which way they count. The amounts then count as not stated: the accounts are declared all the same.
    """
    if Role.AMOUNT not in columns.at or not any(header_name(name) in _IN_WHAT for name in columns.others):
        return columns
    at: Mapping[Role, int] = {role: index for role, index in columns.at.items() if role is not Role.AMOUNT}
    return replace(columns, at=at, others=(*columns.others, header[columns.at[Role.AMOUNT]].strip()))
