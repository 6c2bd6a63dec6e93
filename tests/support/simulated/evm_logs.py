"""A node that answers `eth_getLogs` alone, without a socket: logs of transfers, with limits of its own, and spoilt.

logs = LogServer([Log(height=5, index=0, source=A, target=B, atoms=7)], most_blocks=100)
TransferLogs(logs.rpc())
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scanner.clients.transport import JsonRpc
from scanner.core.ids import AssetId, Chain
from scanner.core.keccak import keccak256
from scanner.core.node_settings import NodeSettings
from scanner.core.transfers import Transfer

CHAIN: Final = Chain("eip155", "1")
TOKEN: Final = AssetId(CHAIN, "erc20", "0x" + "70" * 20)
_EVENT: Final = "0x" + keccak256(b"Transfer(address,address,uint256)").hex()


def account(number: int) -> bytes:
    return number.to_bytes(20)


@dataclass(frozen=True)
class Log:
    """One transfer's."""

    height: int
    index: int
    source: bytes
    target: bytes
    atoms: int

    @property
    def transfer(self) -> Transfer:
        block, transaction = (f"0x{keccak256(text).hex()}" for text in self._hashed)
        return Transfer(TOKEN, self.height, self.index, block, transaction, self.source, self.target, self.atoms)

    @property
    def as_json(self) -> dict[str, Any]:
        block, transaction = (f"0x{keccak256(text).hex()}" for text in self._hashed)
        return {
            "address": TOKEN.reference,
            "topics": [_EVENT, f"0x{self.source.hex():0>64}", f"0x{self.target.hex():0>64}"],
            "data": f"0x{self.atoms:064x}",
            "blockNumber": hex(self.height),
            "blockHash": block,
            "transactionHash": transaction,
            "transactionIndex": "0x0",
            "logIndex": hex(self.index),
            "removed": False,
        }

    @property
    def _hashed(self) -> tuple[bytes, bytes]:
        return b"block %d" % self.height, b"transaction %d %d" % (self.height, self.index)


@dataclass
class LogServer:
    """`refuses` says of a filter which error it is answered with, None for none; `spoil` changes what is answered."""

    logs: Sequence[Log] = ()
    most_blocks: int = 10**9
    most_accounts: int = 10**9
    most_logs: int = 10**9
    code: int = -32602
    refusal: str = "block range is too large"
    spoil: Callable[[list[dict[str, Any]]], Any] = list
    asked: list[dict[str, Any]] = field(default_factory=list)

    def rpc(self) -> JsonRpc:
        return _Rpc(NodeSettings("evm", "evm+http://node", "alpha", CHAIN), self)

    def answer(self, body: bytes) -> dict[str, Any]:
        call = json.loads(body)
        assert call["method"] == "eth_getLogs"
        (asked,) = call["params"]
        self.asked.append(asked)
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        wanted = [each for each in asked["topics"][1:] if each is not None]
        found = [log.as_json for log in self.logs if first <= log.height <= last]
        found = [log for log in found if self._fits(log, asked["topics"])]
        blocks, accounts = last - first + 1, max(map(len, wanted))
        if blocks > self.most_blocks or accounts > self.most_accounts or len(found) > self.most_logs:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": self.code, "message": self.refusal}}
        return {"jsonrpc": "2.0", "id": call["id"], "result": self.spoil(found)}

    @staticmethod
    def _fits(log: dict[str, Any], topics: Sequence[Any]) -> bool:
        pairs = zip(log["topics"], topics, strict=False)
        return all(wanted is None or topic == wanted or topic in wanted for topic, wanted in pairs)


class _Rpc(JsonRpc):
    def __init__(self, settings: NodeSettings, server: LogServer) -> None:
        super().__init__(settings)
        self._server = server

    async def fetch(
        self,
        method: str,  # noqa: ARG002 - as the client's own
        url: str,  # noqa: ARG002
        body: bytes | None = None,
        **_: Any,
    ) -> tuple[int, Any, bytes]:
        return 200, {}, json.dumps(self._server.answer(body or b"")).encode()
