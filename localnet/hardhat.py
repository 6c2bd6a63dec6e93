"""An EVM chain of our own on Hardhat's node, whose client is EDR: another one than anvil's. Its past is kept.

What it can do: `evm_chain.py`. Source: hardhat.org/docs, "Hardhat node", networks of type `edr-simulated`.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal, Self

from localnet import fetch
from localnet.evm_chain import EvmChain
from localnet.process import NodeProcess


class Hardhat(EvmChain):
    """A running Hardhat node. `with Hardhat.start() as node:` stops it at the end."""

    dialect: ClassVar = "hardhat"
    calls_a_batch: ClassVar = 500

    @classmethod
    def start(cls, chain_id: int = 1, chain_type: Literal["l1", "op"] = "l1") -> Self:
        """Start a node on a free port, of Ethereum's rules or the OP stack's. Raises NodeMissing, NodeFailed."""
        command = fetch.hardhat()
        process = NodeProcess(f"hardhat-{chain_type}")
        try:
            # What its configuration, written when it was fetched, asks the environment for; no question on a first run.
            settings = [f"LOCALNET_CHAIN_ID={chain_id}", f"LOCALNET_CHAIN_TYPE={chain_type}", "CI=1"]
            local = ["node", "--network", "local", "--hostname", "127.0.0.1", "--port", "0"]
            process.start(["/usr/bin/env", *settings, *command, *local])
            return cls(process, process.wait_for("its port", lambda: _port_in(process.output())))
        except BaseException:
            process.stop()
            raise


def _port_in(output: str) -> int | None:
    listening = re.search(r"JSON-RPC server at http://127\.0\.0\.1:(\d+)", output)
    return int(listening[1]) if listening else None
