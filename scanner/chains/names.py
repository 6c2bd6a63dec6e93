"""Names of chains and assets read from text, each into its one canonical spelling: CAIP-2 and CAIP-19.

What a namespace asks of its names is its family's word. A token that lives in a contract is named by the contract's one
spelling, so that two spellings of one asset are one.

Sources: CAIP-2, CAIP-19, CAIP-20 (slip44); each family's own stand in its folder.
"""

from __future__ import annotations

import re
from typing import Final

from scanner.chains.examples import EXAMPLE_CHAIN
from scanner.chains.facts_revision import REVISION
from scanner.chains.registry import FAMILIES, family
from scanner.core.ids import NATIVE, AssetId, Chain, IdError

ETHEREUM: Final = Chain("eip155", "1")
"""Where an Ethereum address that names a signer is read: such an address is written alike on every EVM chain."""

_CHAIN = re.compile(r"([-a-z0-9]{3,8}):([-_a-zA-Z0-9]{1,32})", re.ASCII)
_ASSET = re.compile(r"([-a-z0-9]{3,8}):([-.%a-zA-Z0-9]{1,128})", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]*", re.ASCII)

_HOMES: Final = {
    kind: frozenset(name for name, each in FAMILIES.items() if kind in each.tokens)
    for family_ in FAMILIES.values()
    for kind, token in family_.tokens.items()
    if not token.shared
}  # of each kind of token, the namespaces whose chains have it


def parse_chain(text: str) -> Chain:
    """The chain that a CAIP-2 name means. Raises IdError for any other text."""
    match = _CHAIN.fullmatch(text)
    if match is None:
        raise IdError(f"{text!r} is no CAIP-2 chain; expected namespace:reference, such as {EXAMPLE_CHAIN}")
    chain = Chain(*match.groups())
    family(chain).check_reference(chain.reference, text)
    return chain


def parse_asset(text: str) -> AssetId:
    """The asset that a CAIP-19 name means. Raises IdError for any other text."""
    chain_text, slash, rest = text.partition("/")
    match = _ASSET.fullmatch(rest)
    if not slash or match is None:
        raise IdError(f"{text!r} is no CAIP-19 asset; expected chain/slip44:N or chain/erc20:0x...")
    chain = parse_chain(chain_text)
    kind, reference = match.groups()
    if kind == NATIVE:
        _check_native(chain, reference, text)
    else:
        _check_kind(chain, kind, text)
        token = family(chain).tokens.get(kind)
        reference = token.canonical(reference, text) if token else reference
    return AssetId(chain, kind, reference)


def shows_native_again(asset: AssetId, revision: int = REVISION) -> bool:
    """Whether this is a token that shows the native balances again, so that counting it counts them twice, as that
    revision of the tables has it."""
    return family(asset.chain).shows_native_again(asset, revision)


def name_of(chain: Chain) -> str | None:
    """What people call the chain, where that is known."""
    return family(chain).name(chain)


def _check_native(chain: Chain, reference: str, text: str) -> None:
    if not _NUMBER.fullmatch(reference):
        raise IdError(f"{text!r}: slip44 takes a decimal coin type, such as slip44:60")
    coin = family(chain).coin(chain)
    if coin is not None and coin.slip44 is not None and int(reference) != coin.slip44:
        raise IdError(f"{text!r}: the native asset of {chain} is slip44:{coin.slip44}")


def _check_kind(chain: Chain, kind: str, text: str) -> None:
    """Raises IdError for a kind of token that only chains of other families have."""
    homes = _HOMES.get(kind)
    if homes is not None and chain.namespace not in homes:
        raise IdError(f"{text!r}: {kind} assets live on {' or '.join(sorted(homes))} chains")
