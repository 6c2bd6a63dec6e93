"""An EVM chain of our own on anvil, its past kept, shared with further nodes. What it can do: `evm_chain.py`."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from localnet import fetch
from localnet.evm_chain import EvmChain
from localnet.process import NodeProcess


class Anvil(EvmChain):
    """A running anvil. `with Anvil.start() as anvil:` stops it at the end."""

    dialect: ClassVar = "anvil"
    calls_a_batch: ClassVar = 2_000  # anvil refuses a request of more than 2 MB

    @classmethod
    def start(cls, chain_id: int = 1, args: Sequence[str] = ()) -> Self:
        """Start a node on a free port, `args` going to anvil as they are. Raises NodeMissing, NodeFailed."""
        command = fetch.anvil()
        process = NodeProcess("anvil")
        try:
            cache = str(process.folder / "cache")
            # Two blocks below the head is `finalized`; without this it would be two epochs of 32.
            young = ["--slots-in-an-epoch", "1"]
            process.start([*command, "--port", "0", "--chain-id", str(chain_id), "--cache-path", cache, *young, *args])
            anvil = cls(process, process.wait_for("its port", lambda: _port_in(process.output())))
            anvil.rpc("anvil_setLoggingEnabled", False)  # else a line of log for every call
        except BaseException:
            process.stop()
            raise
        return anvil

    @classmethod
    def load_state(cls, path: Path, chain_id: int = 1, args: Sequence[str] = ()) -> Self:
        """Start a further node that has the blocks, hashes and past states which `dump_state` wrote."""
        return cls.start(chain_id, ["--load-state", str(path.absolute()), *args])

    def mine(self, blocks: int = 1) -> None:
        """Put that many blocks on top."""
        self.rpc("anvil_mine", hex(blocks))

    def dump_state(self, path: Path) -> None:
        """Write the whole chain, with the state at every past block, for `load_state`."""
        state = bytes.fromhex(self.rpc("anvil_dumpState", True).removeprefix("0x"))
        path.write_bytes(gzip.decompress(state))


def _port_in(output: str) -> int | None:
    listening = re.search(r"^Listening on 127\.0\.0\.1:(\d+)", output, re.MULTILINE)
    return int(listening[1]) if listening else None
