"""Nodes in: a folder for each family of chains, backends of one shape (`interface.py`), registered in `BACKENDS`.

A new backend is a new file and one line here; docs/adding-a-chain.md walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from scanner.chains.observed import Observe, unobserved
from scanner.core.facts.bitcoin_chains import PROGRAMS
from scanner.errors import InputError

if TYPE_CHECKING:
    from scanner.chains.interface import Node
    from scanner.core.instrument import NodeSettings

# By the kind that stands before the plus in a node's URL: the module and the class. Imported when first used, since
# most of them need libraries that take long to load.
BACKENDS: Final = {
    "beacon": ("scanner.chains.beacon.node", "BeaconNode"),
    **dict.fromkeys(PROGRAMS, ("scanner.chains.bitcoin.core", "BitcoinCoreNode")),
    "electrum": ("scanner.chains.bitcoin.electrum", "ElectrumNode"),
    "esplora": ("scanner.chains.bitcoin.esplora", "EsploraNode"),
    "evm": ("scanner.chains.evm.node", "EvmNode"),
}


def open_node(settings: NodeSettings, *, observe: Observe = unobserved) -> Node:
    """The node these settings describe, not connected yet; `observe` is told of each request to it.

    Raises InputError for a kind that no backend serves.
    """
    if settings.kind not in BACKENDS:
        known = ", ".join(sorted(BACKENDS))
        raise InputError.at(f"node of {settings.operator}", f"no backend for {settings.kind!r}; there are {known}")
    module, name = BACKENDS[settings.kind]
    return cast("Node", getattr(import_module(module), name)(settings, observe=observe))
