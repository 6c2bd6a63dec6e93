"""Networks as exchanges spell them, and the CAIP-2 chains they mean. One look-up; the names are the families'.

A chain that no backend serves is named all the same: its holdings then become gaps that say so. A network that is not
here is not guessed at.

Sources: the CAIP namespaces' registry; for Tron, CASA's decision for the decimal reference; for Polkadot and its Asset
Hub, Antelope and Algorand, the first 32 digits of their genesis hashes or chain ids. Filecoin's and AElf's names are
ours, as their namespaces are not registered. For EVM chains' numbers, ethereum-lists/chains.
"""

from __future__ import annotations

from typing import Final

from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES
from scanner.core.ids import Chain

NETWORKS: Final[dict[str, tuple[str, ...]]] = {
    f"{namespace}:{reference}": names
    for namespace, family in FAMILIES.items()
    for reference, names in family.network_names.items()
}
"""By chain (CAIP-2): names in upper case, without blanks, hyphens and underscores, as `chain_of` compares them."""

_BY_NAME: Final = {  # the first that has a name keeps it: others' families stand behind ours
    name: parse_chain(chain) for chain, names in reversed(NETWORKS.items()) for name in names
}


def chain_of(network: str) -> Chain | None:
    """The chain that an exchange means by `network`, in any case and with any separators; None if it is not known.

    A token standard stands for the chain whose it is (ERC20: Ethereum). `Tron (TRC20)` is known if both mean one chain:
    another chain may have tokens of Ethereum's standard, and another network Ethereum's name.
    """
    name = network.upper().translate(_SEPARATORS)
    outer, bracket, inner = name.removesuffix(")").partition("(")
    if not bracket or not name.endswith(")"):
        return _BY_NAME.get(name)
    chain = _BY_NAME.get(outer)
    return chain if chain == _BY_NAME.get(inner) else None


_SEPARATORS: Final = str.maketrans("", "", " -_")
