"""Networks as exchanges spell them, and the CAIP-2 chains they mean. One look-up; the names are the families'.

A chain that no backend serves is named all the same: its holdings then become gaps that say so. A network that is not
here is not guessed at.

Sources: the CAIP namespaces' registry; for Tron, CASA's decision for the decimal reference; for Polkadot and its Asset
Hub, Antelope and Algorand, the first 32 digits of their genesis hashes or chain ids. Filecoin's and AElf's names are
ours, as their namespaces are not registered. For EVM chains' numbers, ethereum-lists/chains.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from scanner.chains.facts_revision import REVISION, stands
from scanner.chains.family import NetworkName
from scanner.chains.names import parse_chain
from scanner.chains.registry import FAMILIES
from scanner.core.ids import Chain

TABLE: Final[tuple[NetworkName, ...]] = tuple(
    row
    for namespace, family in FAMILIES.items()
    for row in (
        *(
            NetworkName(name, f"{namespace}:{reference}")
            for reference, names in family.network_names.items()
            for name in names
        ),
        *family.later_network_names,
    )
)
"""Names in upper case, without blanks, hyphens and underscores, as `chain_of` compares them."""


@cache
def _by_name(revision: int) -> dict[str, Chain]:
    rows = [row for row in TABLE if stands(row, revision)]
    # The first that has a name keeps it: others' families stand behind ours.
    return {row.name: parse_chain(row.chain) for row in reversed(rows)}


def chain_of(network: str, revision: int = REVISION) -> Chain | None:
    """The chain that an exchange means by `network`, in any case and with any separators; None if it is not known in
    that revision of the tables.

    A token standard stands for the chain whose it is (ERC20: Ethereum). `Tron (TRC20)` is known if both mean one chain:
    another chain may have tokens of Ethereum's standard, and another network Ethereum's name.
    """
    by_name = _by_name(revision)
    name = network.upper().translate(_SEPARATORS)
    outer, bracket, inner = name.removesuffix(")").partition("(")
    if not bracket or not name.endswith(")"):
        return by_name.get(name)
    chain = by_name.get(outer)
    return chain if chain == by_name.get(inner) else None


_SEPARATORS: Final = str.maketrans("", "", " -_")
