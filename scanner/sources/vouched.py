"""What a policy says of contracts: those that the auditor vouches for, and pairs that are two assets, however alike.
Not here: what follows (`weighing.contracts`, `weighing.aliases`).

It may stand in a file that holds keys and passwords, so mistakes quote nothing of it.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key
from scanner.chains.examples import EXAMPLE_TOKEN
from scanner.chains.names import parse_asset, shows_native_again
from scanner.core.ids import AssetId, IdError
from scanner.sources.cursor import Cursor
from scanner.weighing.policy import MOST_DISTINCT, MOST_VOUCHED

_EXPECTED: Final = f'expected a token as CAIP-19 names it, in quotes, such as "{EXAMPLE_TOKEN}"'


def read_contracts(place: Cursor) -> frozenset[AssetId]:
    """The entry `contracts`: a list of CAIP-19 assets. Mistakes are noted."""
    lines: dict[AssetId, int] = {}
    for item in place.items():
        asset = read_token(item)
        if asset is None:
            continue
        if asset in lines:
            item.refuse(f"stands already at line {lines[asset]}")
        if shows_native_again(asset):
            item.refuse("shows the balances of its chain's own coin a second time, though it is vouched for")
        lines.setdefault(asset, item.line)
    if len(lines) > MOST_VOUCHED:
        place.refuse(f"names {len(lines):,} contracts, and a statement has room for {MOST_VOUCHED:,}")
    return frozenset(lines)


def read_distinct(place: Cursor) -> frozenset[frozenset[AssetId]]:
    """The entry `distinct`: a list of pairs of CAIP-19 assets that are two, however alike. Mistakes are noted."""
    lines: dict[frozenset[AssetId], int] = {}
    for item in place.items():
        named = [read_asset(each) for each in item.items()]
        assets = [asset for asset in named if asset is not None]
        if len(assets) != len(named):
            continue
        pair = frozenset(assets)
        if len(named) != 2 or len(pair) != 2 or len({asset.chain for asset in pair}) != 1:
            item.refuse("expected a list of two assets of one chain")
        elif pair in lines:
            item.refuse(f"these two stand already at line {lines[pair]}")
        else:
            lines[pair] = item.line
    if len(lines) > MOST_DISTINCT:
        place.refuse(f"names {len(lines):,} pairs, and a statement has room for {MOST_DISTINCT:,}")
    return frozenset(lines)


def read_asset(place: Cursor) -> AssetId | None:
    """Any asset, in any spelling. Mistakes are noted."""
    text = place.text()
    if text is None:
        return None
    try:
        asset = parse_asset(text)
        if asset.kind == "erc20":
            account_key(asset.chain, text.rpartition(":")[2])  # the contract's EIP-55 checksum, where it has one
    except IdError:
        place.refuse(_EXPECTED)
    except AddressError:
        place.refuse("its mix of upper and lower case is not the contract's EIP-55 checksum")
    else:
        return asset
    return None


def read_token(place: Cursor) -> AssetId | None:
    """An asset that a contract keeps. Mistakes are noted."""
    asset = read_asset(place)
    if asset is not None and asset.native:
        place.refuse(f"is a chain's own coin, which needs no vouching; {_EXPECTED}")
        return None
    return asset
