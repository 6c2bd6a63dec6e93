"""A server for rehearsals before which the EVM backend is put: every account holds something, at every block.

It answers what `EvmNode` asks as the RPC's documentation says, and no more: nothing that is read here is a balance of
anybody's. Proofs are those of a state with one account, so that they hold and are short; as bytes they count as much
as proofs of main net do, and so do blocks. The contract's code reads one word of its storage for a balance.

Sources: execution-apis; recorded eth_getProof answers of main net (9 KB for an account, 6 KB more for a slot).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from scanner.chains.evm import rlp
from scanner.chains.evm.balance_call import ADDRESS, WORD
from scanner.chains.evm.facts import evm_chain
from scanner.chains.evm.node import code as evm_code
from scanner.chains.evm.node import multicall3
from scanner.chains.evm.node.code import assemble
from scanner.chains.evm.node.node import EvmNode
from scanner.chains.evm.node.read_strategies import StrategyKind
from scanner.chains.evm.node.second_reading import SecondReader
from scanner.chains.interface import Node
from scanner.chains.rehearsal import MARK, AskedOfNode, Scene, atoms, newest, time_of
from scanner.clients.http_client import Sink
from scanner.clients.transport import JsonRpc
from scanner.core.keccak import keccak256
from scanner.core.node_settings import NodeSettings

_EMPTY: Final = keccak256(rlp.encode(b""))  # the root of a trie without anything
_CODE: Final = assemble("0x04 CALLDATALOAD 0 MSTORE 64 0 KECCAK256 SLOAD 0 MSTORE 32 0 RETURN")
_EVEN_LEAF: Final = b"\x20"  # before the path of a trie's leaf that has all its nibbles
_STORAGE: Final = rlp.encode([_EVEN_LEAF + keccak256(b"rehearsal"), b"\x01"])  # whole: one word, which is no account's
_SECRET: Final = bytes(32)  # of the second reading's draws, which are the same in every rehearsal
OF_BLOCK: Final = 16_000  # bytes of a block with the hashes of some 200 transactions, as JSON
_OF_ACCOUNT, _OF_SLOT = 9_000, 6_000  # bytes of a proof, as JSON
_PROBED: Final = 2  # accounts that a way is tried with
_MARK: Final = MARK.hex()
_NUMBER: Final = 2 * (ADDRESS - len(MARK))  # hex digits of an account after the mark


def rehearsed(settings: NodeSettings, scene: Scene, asked: AskedOfNode) -> Node:
    """An EVM node that counts what it is asked."""
    allowed = tuple(StrategyKind[way.upper()] for way in scene.ways) or tuple(StrategyKind)
    kind = _ReadTwice if scene.second_reading else _ReadOnce
    return kind(settings, _Server(settings, scene, asked), allowed)


class _ReadTwice(EvmNode):
    """One that draws the same in every rehearsal, so that two of them can be compared."""

    async def open(self) -> None:
        await super().open()
        self._second = SecondReader(self._rpc, self._ways_of_chain, self.kinds, _SECRET)


class _ReadOnce(EvmNode):
    """One whose tokens are not read a second time, to tell what that costs."""

    async def open(self) -> None:
        await super().open()
        self._second = None


class _Server(JsonRpc):
    """The transport of a node, with the server where the network would be."""

    def __init__(self, settings: NodeSettings, scene: Scene, asked: AskedOfNode) -> None:
        super().__init__(settings)
        self._scene = scene
        self._asked = asked
        self._chain = evm_chain(settings.chain)
        self._tip = newest(scene)
        self._blocks: dict[str, int] = {}  # heights, by the hashes that were given out
        token = scene.asset is not None and scene.asset.kind == "erc20"
        path = _EVEN_LEAF + keccak256(scene.asset.contract if scene.asset and token else b"")
        state = [b"\x01", b"", keccak256(_STORAGE), keccak256(_CODE)]
        self._leaf = rlp.encode([path, rlp.encode(state)])  # the whole state: one contract
        self._decimals = {asset.contract: count for asset, count in scene.decimals.items() if asset.kind == "erc20"}
        self._methods: Mapping[str, Callable[[list[Any]], Any]] = {
            "eth_chainId": lambda _: hex(int(settings.chain.reference)),
            "eth_blockNumber": lambda _: hex(self._tip),
            "eth_getBlockByNumber": self._by_number,
            "eth_getBlockByHash": lambda params: self._block(self._blocks[params[0]]),
            "eth_getBalance": lambda params: self._at(params[1]) and hex(int.from_bytes(_balances(params[0]))),
            "eth_getCode": lambda params: self._at(params[1]) and f"0x{_CODE.hex()}",
            "eth_call": self._call,
            "eth_getProof": self._proof,
        }

    async def open(self) -> None:
        """There is nothing to connect to."""

    async def fetch(
        self,
        method: str,  # noqa: ARG002
        url: str,  # noqa: ARG002
        body: bytes | None = None,
        *,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        sink: Sink | None = None,  # noqa: ARG002
        limit: int | None = None,  # noqa: ARG002
        accept: str = "",  # noqa: ARG002
    ) -> tuple[int, Any, bytes]:
        """The answer to one request, counted."""
        question = json.loads(body or b"")
        calls = question if isinstance(question, list) else [question]
        self._asked.requests += 1
        self._asked.sent += len(body or b"")
        self._asked.calls.update(call["method"] for call in calls)
        if self._scene.most_calls is not None and len(calls) > self._scene.most_calls:
            answer: Any = {"id": None, "error": {"code": -32600, "message": "batch too large"}}
        else:
            answers = [self._answer(call) for call in calls]
            answer = answers if isinstance(question, list) else answers[0]
        await asyncio.sleep(0)  # those who ask side by side have asked before the first is answered
        written = _json(answer)
        self._asked.received += len(written)
        return 200, {}, written

    def _answer(self, call: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"jsonrpc": "2.0", "id": call["id"], "result": self._methods[call["method"]](call["params"])}
        except KeyError:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32000, "message": "header not found"}}

    def _by_number(self, params: list[Any]) -> Any:
        height = {"earliest": 0, "finalized": self._tip}.get(params[0])
        height = int(params[0], 16) if height is None else height
        return self._block(height) if height <= self._tip else None

    def _block(self, height: int) -> dict[str, str]:
        """A block by the hash that its header has."""
        header: dict[str, bytes | int] = {
            "parentHash": keccak256(b"rehearsal %d" % height),
            "sha3Uncles": bytes(32),
            "miner": bytes(ADDRESS),
            "stateRoot": keccak256(self._leaf),
            "transactionsRoot": _EMPTY,
            "receiptsRoot": _EMPTY,
            "logsBloom": bytes(256),
            "difficulty": 0,
            "number": height,
            "gasLimit": 30_000_000,
            "gasUsed": 0,
            "timestamp": int(time_of(height).timestamp()),
            "extraData": b"",
            "mixHash": bytes(32),
            "nonce": bytes(8),
        }
        items = [rlp.encode_int(each) if isinstance(each, int) else each for each in header.values()]
        written = {name: hex(each) if isinstance(each, int) else f"0x{each.hex()}" for name, each in header.items()}
        name = f"0x{keccak256(rlp.encode(items)).hex()}"
        self._blocks[name] = height
        block = written | {"hash": name}
        self._asked.received += OF_BLOCK - len(_json(block))
        return block

    def _at(self, block: Mapping[str, Any]) -> int:
        """The height that is asked about. Raises KeyError for a block that was never given out."""
        return self._blocks[block["blockHash"]]

    def _call(self, params: list[Any]) -> str:
        call, height = params[0], self._at(params[1])
        to, data = call.get("to"), call.get("data", "0x")
        overridden = params[2] if len(params) > 2 else {}
        if to is None or "code" in overridden.get(to, {}):
            return f"0x{(self._header(height) + (_balances(data) or bytes(_PROBED * WORD))).hex()}"
        if self._chain.multicall3 is not None and to == f"0x{self._chain.multicall3.hex()}":
            return self._aggregate(data, height)
        if data.startswith(f"0x{evm_code.DECIMALS.hex()}"):
            return f"0x{self._decimals.get(bytes.fromhex(to[2:]), 18).to_bytes(WORD).hex()}"
        return f"0x{_balances(data).hex()}"  # of an account that is none of the rehearsal's, no answer at all

    def _header(self, height: int) -> bytes:
        chain, parent = int(self.settings.chain.reference), keccak256(b"rehearsal %d" % height)
        return chain.to_bytes(WORD) + height.to_bytes(WORD) + parent

    def _aggregate(self, data: str, height: int) -> str:
        """What Multicall3 answers: header words first, and the balances that are called for, or tried with."""
        words = self._header(height) + (_balances(data) or bytes(_PROBED * WORD))
        return f"0x{multicall3.results([words[at : at + WORD] for at in range(0, len(words), WORD)]).hex()}"

    def _proof(self, params: list[Any]) -> dict[str, Any]:
        self._at(params[2])
        slots = params[1]
        self._asked.received += _OF_ACCOUNT + _OF_SLOT * len(slots)
        return {
            "accountProof": [f"0x{self._leaf.hex()}"],
            "storageProof": [{"key": slot, "value": "0x0", "proof": [f"0x{_STORAGE.hex()}"]} for slot in slots],
        }


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _balances(data: str) -> bytes:
    """A word for each of a rehearsal's accounts that are named in this hex data, in order."""
    _, *named = data.split(_MARK)
    return b"".join(atoms(int(each[:_NUMBER], 16)).to_bytes(WORD) for each in named)
