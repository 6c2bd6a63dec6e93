"""Nodes opened by what their settings say: the family's backend is imported here, when it is first used.

Most of them need libraries that take long to load. Which kinds there are says the registry.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from scanner.chains.interface import Node
from scanner.chains.registry import BACKENDS, family
from scanner.clients.observed import Observe, unobserved
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import InputError


def open_node(settings: NodeSettings, *, observe: Observe = unobserved) -> Node:
    """The node these settings describe, not connected yet; `observe` is given each request to it.

    Raises InputError for a kind that no backend serves.
    """
    if settings.kind not in BACKENDS:
        known = ", ".join(sorted(BACKENDS))
        raise InputError.at(f"node of {settings.operator}", f"no backend for {settings.kind!r}; there are {known}")
    _, backend = BACKENDS[settings.kind]
    return cast("Node", getattr(import_module(backend.module), backend.name)(settings, observe=observe))


def asset_unread_because(asset: AssetId) -> str | None:
    """Why no node is asked for an asset of a chain whose nodes can be asked; None where one is."""
    known = family(asset.chain)
    if unread_because(asset.chain) is None and not asset.native and asset.kind not in known.tokens:
        return f"no {asset.kind} is read on this chain"
    return known.asset_unread(asset)


def unread_because(chain: Chain) -> str | None:
    """Why no node can be asked about a chain; None where one can."""
    known = family(chain)
    reasons = [known.unreadable(chain, kind) for kind in known.backends]
    if not reasons:
        return "no kind of node can be asked about this chain"
    return None if None in reasons else reasons[0]
