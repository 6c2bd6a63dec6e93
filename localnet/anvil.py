"""An EVM chain of our own: anvil, planted with balances and tokens, its past kept, shared with further nodes.

THE TRAP: `anvil_setBalance` and its kin change the state of the *head block* after the fact: its hash stays, its balances
do not. So: plant, then `seal()`, and only then change anything; the sealed block keeps what was planted.

Not in here: how balances are read; the contracts themselves (`contracts/`).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from localnet import fetch
from localnet.process import NodeProcess
from localnet.rpc import Call, JsonRpc

CALLS_A_BATCH = 2_000  # anvil refuses a request of more than 2 MB


@dataclass(frozen=True, slots=True)
class Sealed:
    """A block whose state no later planting can change. `hash` is 0x and 64 hex digits, `time` Unix seconds."""

    height: int
    hash: str
    time: int


class Anvil:
    """A running anvil. `with Anvil.start() as anvil:` stops it at the end."""

    def __init__(self, process: NodeProcess, port: int) -> None:
        self._process = process
        self._rpc = JsonRpc(port)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @classmethod
    def start(cls, chain_id: int = 1, args: Sequence[str] = ()) -> Self:
        """Start a node on a free port, `args` going to anvil as they are. Raises NodeMissing, NodeFailed."""
        command = fetch.anvil()
        process = NodeProcess("anvil")
        try:
            cache = str(process.folder / "cache")
            process.start([*command, "--port", "0", "--chain-id", str(chain_id), "--cache-path", cache, *args])
            anvil = cls(process, process.wait_for("its port", lambda: _port_in(process.output())))
            anvil.rpc("anvil_setLoggingEnabled", False)  # else a line of log for every call
        except BaseException:
            process.stop()
            raise
        return anvil

    def stop(self) -> None:
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call. Raises RpcError, NodeFailed."""
        return self._rpc.call(method, *params)

    def batch(self, calls: Iterable[Call]) -> list[Any]:
        """The results of (method, params) pairs, in their order, sent in requests that anvil accepts."""
        pending = list(calls)
        results: list[Any] = []
        for start in range(0, len(pending), CALLS_A_BATCH):
            results += self._rpc.batch(pending[start : start + CALLS_A_BATCH])
        return results

    def set_balances(self, balances: Mapping[str, int]) -> None:
        """Give each address its balance in wei."""
        self.batch([("anvil_setBalance", (address, hex(wei))) for address, wei in balances.items()])

    def mine(self, blocks: int = 1) -> None:
        """Put that many empty blocks on top."""
        self.rpc("anvil_mine", hex(blocks))

    def seal(self) -> Sealed:
        """Put all that was planted into a block of its own, and a barrier block on top of it; the former."""
        self.mine()
        block = self.rpc("eth_getBlockByNumber", "latest", False)
        self.mine()
        return Sealed(int(block["number"], 16), block["hash"], int(block["timestamp"], 16))

    def dump_state(self, path: Path) -> None:
        """Write the whole chain, with the state at every past block, for `start_from`."""
        state = bytes.fromhex(self.rpc("anvil_dumpState", True).removeprefix("0x"))
        path.write_bytes(gzip.decompress(state))

    @classmethod
    def start_from(cls, path: Path, chain_id: int = 1, args: Sequence[str] = ()) -> Self:
        """Start a node that has the blocks, hashes and past states which `dump_state` wrote."""
        return cls.start(chain_id, ["--load-state", str(path.absolute()), *args])


def _port_in(output: str) -> int | None:
    listening = re.search(r"^Listening on 127\.0\.0\.1:(\d+)", output, re.MULTILINE)
    return int(listening[1]) if listening else None
