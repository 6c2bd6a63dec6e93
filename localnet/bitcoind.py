"""A Bitcoin chain of our own: bitcoind on regtest, mined, paid from, shared with further nodes.

Not in here: how balances are read; addresses of other networks (a scriptPubKey is the same on all of them).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from localnet import fetch
from localnet.errors import NodeFailed
from localnet.process import NodeProcess, free_port
from localnet.rpc import JsonRpc

OLDEST_VERSION = 290_000  # getdescriptoractivity came with Bitcoin Core 29
START_ATTEMPTS = 3  # a free port can be taken by another process before the node has it


class Bitcoind:
    """A running bitcoind on regtest. `with Bitcoind.start() as node:` stops it at the end.

    `url` holds no credentials; they are `user` and `password`.
    """

    user = "localnet"

    def __init__(self, process: NodeProcess, port: int, p2p_port: int, password: str) -> None:
        self._process = process
        self.port = port
        self.p2p_port = p2p_port
        self.url = f"http://127.0.0.1:{port}"
        self.password = password
        self._rpc = JsonRpc(port, user=self.user, password=password)

    @classmethod
    def start(cls, args: Sequence[str] = (), *, filters: bool = True, txindex: bool = True) -> Self:
        """Start a node on free ports, `args` going to bitcoind as they are. Raises NodeMissing, NodeFailed."""
        command = fetch.bitcoind()
        for attempt in range(START_ATTEMPTS):
            try:
                return cls._start_once([*command, f"-blockfilterindex={int(filters)}", f"-txindex={int(txindex)}", *args])
            except NodeFailed as failed:
                if attempt + 1 == START_ATTEMPTS or "Unable to bind" not in str(failed):
                    raise
        raise AssertionError("unreachable")

    @classmethod
    def _start_once(cls, argv: Sequence[str]) -> Self:
        process = NodeProcess("bitcoind")
        try:
            node = cls(process, free_port(), free_port(), secrets.token_hex(16))
            settings = process.folder / "bitcoin.conf"  # not on the command line, where every user sees the password
            settings.write_text(
                f"regtest=1\nserver=1\nrpcuser={node.user}\nrpcpassword={node.password}\nfallbackfee=0.0001\n"
                f"[regtest]\nrpcport={node.port}\nrpcbind=127.0.0.1\nbind=127.0.0.1:{node.p2p_port}\n"
            )
            settings.chmod(0o600)
            process.start([*argv, f"-datadir={process.folder}", "-listenonion=0", "-printtoconsole=1", "-debuglogfile=0"])
            process.wait_for("its RPC", lambda: node.rpc("getblockcount"))
            version = node.rpc("getnetworkinfo")["version"]
            if version < OLDEST_VERSION:
                raise NodeFailed(f"bitcoind {version} is older than {OLDEST_VERSION}")
        except BaseException:
            process.stop()
            raise
        return node

    def stop(self) -> None:
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call, amounts as Decimal. Raises RpcError, NodeFailed."""
        return self._rpc.call(method, *params)
