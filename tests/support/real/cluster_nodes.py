"""Nodes that behave differently from one worker of a cluster to another. Imported by the workers, by name."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

from scanner.chains.backends import open_node
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.interface import Node
from scanner.core.evidence import Batch, Reading
from scanner.core.node_settings import NodeSettings

CUT_OFF: Final = "TEST_WORKER_REACHES_NO_NODE"
BESIDE: Final = "TEST_WORKER_BESIDE_THE_NODE"
DEADLY: Final = "0x" + "c0" * 20  # the token that ends a worker who reads it


def reached_from_some(settings: NodeSettings) -> Node:
    """The node; on workers that have CUT_OFF in their environment, one that nobody can connect to."""
    return open_node(replace(settings, url="http://127.0.0.1:1") if CUT_OFF in os.environ else settings)


def from_afar(settings: NodeSettings) -> Node:
    """The node through the door at the settings' URL; on workers that have BESIDE in their environment, the node at the
    URL that stands there."""
    return open_node(replace(settings, url=os.environ.get(BESIDE, settings.url)))


def deadly(settings: NodeSettings) -> Node:
    """The node; who asks it for the balances of DEADLY is gone at once, as by a kill -9."""
    return _Deadly(settings)


class _Deadly(EvmNode):
    async def read(self, batch: Batch) -> Reading:
        if batch.asset.reference == DEADLY:
            os._exit(9)
        return await super().read(batch)
