"""TON's masterchain in memory, and a server that speaks toncenter's HTTP API, to be spoiled by assignment.

    async with SimToncenter(blocks) as server:
        server.spoil = lambda method, result: {**result, "balance": "7"}
        server.keeps = range(5, 9)          # blocks that it has not let go of

Written from the API's description and knowing nothing of the backend; no code of the scanner's is used. The hashes are
no real ones: they are made of the block's number and its balances. But for `Proven`, whose blocks are built ones.
Source: toncenter.com/api/v2
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.simulated import ton_cells as built
from tests.support.simulated.lite_server import LiteChain, header_of, way_back
from tests.support.simulated.server import SimHttp

FIRST = 50_000
TIME = 1_700_000_000  # of the first, in seconds since 1970
ZERO_STATE = "F6OpKZKqvqeFp6CQmFomXNMfMj2EnaUSOXN+Mh+wVWk="
Spoiler = Callable[[str, Any], Any]
"""From a method and its result to what is sent instead: that, bytes, or a status."""
_SHARD = "-9223372036854775808"


@dataclass
class Blocks:
    """Masterchain blocks by number, with what each account holds in nanotons."""

    balances: dict[int, dict[str, int]] = field(default_factory=dict)
    contracts: dict[str, tuple[str, str]] = field(default_factory=dict)  # code and data, bags in base64, by account
    begins: int = TIME

    @property
    def newest(self) -> int:
        return max(self.balances)

    def add(self, balances: dict[str, int]) -> None:
        """A block on top of all others, five seconds later."""
        self.balances[self.newest + 1 if self.balances else FIRST] = dict(balances)

    def named(self, seqno: int) -> dict[str, Any]:
        """The block's `ton.blockIdExt`; one before the first has one too."""
        held = json.dumps([seqno, self.balances.get(seqno)])
        return {
            "@type": "ton.blockIdExt",
            "workchain": -1,
            "shard": _SHARD,
            "seqno": seqno,
            "root_hash": _hash(f"root {held}"),
            "file_hash": _hash(f"file {held}"),
        }


class Proven(Blocks):
    """Blocks that are built, so that one can be shown to be an ancestor of another."""

    def __init__(self, chain: LiteChain) -> None:
        first, *_ = chain.moments
        super().__init__(
            {number: {} for number in chain.moments}, begins=chain.begins - chain.seconds * (first - FIRST)
        )
        self._chain = chain

    def named(self, seqno: int) -> dict[str, Any]:
        moment = self._chain.moments.get(seqno)
        root = b"\x07" * 32 if moment is None else moment.block.hash  # the first names such a one before it
        return {**super().named(seqno), "root_hash": base64.b64encode(root).decode()}

    def way_back(self, newer: int, older: int) -> dict[str, Any]:
        """A `getShardBlockProof` answer, by the one step that leads back."""
        blocks = {"from": self.named(newer), "to": self.named(older)}
        roots = {
            "dest_proof": built.proof(*_header_alone(self._chain.moments[older].block)),
            "proof": header_of(self._chain.moments[newer].block),
            "state_proof": way_back(self._chain, newer, older),
        }
        bags = {name: base64.b64encode(built.bag([root])).decode() for name, root in roots.items()}
        step = {"@type": "blocks.blockLinkBack", "to_key_block": False, **blocks, **bags}
        ends = {"from": self.named(newer), "mc_id": self.named(older)}
        return {"@type": "blocks.shardBlockProof", **ends, "links": [], "mc_proof": [step]}


def _header_alone(block: built.Cell) -> tuple[built.Cell, Callable[[built.Cell], bool]]:
    """As a step's older block is proven: without what it made of the state."""
    kept = {id(each) for each in (block, block.below[0], *block.below[0].below)}
    return block, lambda cell: id(cell) in kept


class SimToncenter(SimHttp):
    """A server of these blocks."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self.blocks = blocks
        self.spoil: Spoiler = lambda _method, result: result
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.zero_state = ZERO_STATE
        self.keeps: Container[int] = range(10**9)
        self.keeps_states: Container[int] = range(10**9)  # of blocks by which it can lead back

    def answer(self, method: str, asked: dict[str, str]) -> tuple[int, Any]:
        """The status and the whole answer to a method."""
        try:
            return 200, {"ok": True, "result": self._result(method, asked)}
        except _Refused as refused:
            return refused.code, {"ok": False, "error": str(refused), "code": refused.code}

    def _answer_to(self, method: str, path: str, received: bytes) -> tuple[int, bytes]:
        del method, received
        url = urlsplit(path)
        name, asked = url.path.rsplit("/", 1)[-1], dict(parse_qsl(url.query))
        self.asked.append((name, asked))
        status, answer = self.answer(name, asked)
        if answer["ok"]:
            answer["result"] = spoiled = self.spoil(name, json.loads(json.dumps(answer["result"])))
            if isinstance(spoiled, int):
                return spoiled, b"as told"
            if isinstance(spoiled, bytes):
                return 200, spoiled
        return status, json.dumps(answer).encode()

    def _result(self, method: str, asked: dict[str, str]) -> Any:
        if method == "getMasterchainInfo":
            init = {**self.blocks.named(0), "root_hash": self.zero_state}
            return {"@type": "blocks.masterchainInfo", "last": self.blocks.named(self.blocks.newest), "init": init}
        seqno = int(asked["seqno"])
        if seqno not in self.blocks.balances or seqno not in self.keeps:
            raise _Refused(500, "LITE_SERVER_NOTREADY: cannot find block: seqno not in db")
        block = self.blocks.named(seqno)
        if method == "getShardBlockProof" and isinstance(self.blocks, Proven):
            newer = int(asked.get("from_seqno", self.blocks.newest))
            if newer not in self.keeps_states:
                raise _Refused(500, "LITE_SERVER_NOTREADY: cannot load state: not in db")
            return self.blocks.way_back(newer, seqno)
        if method == "lookupBlock":
            return block
        if method == "getBlockHeader":
            parents = [self.blocks.named(seqno - 1)]
            time = self.blocks.begins + 5 * (seqno - FIRST)
            return {"@type": "blocks.header", "id": block, "gen_utime": time, "prev_blocks": parents}
        if method != "getAddressInformation":
            raise _Refused(404, "Not Found")
        held = self.blocks.balances[seqno].get(asked["address"])
        absent = held is None
        last = {"@type": "internal.transactionId", "lt": "0" if absent else "77", "hash": _last(absent)}
        state = "uninitialized" if absent else "active"
        code, data = self.blocks.contracts.get(asked["address"], ("", ""))
        return {
            "@type": "raw.fullAccountState",
            "code": code,
            "data": data,
            "balance": 0 if absent else str(held),
            "last_transaction_id": last,
            "block_id": block,
            "state": state,
        }


class _Refused(Exception):
    """An error of the server's, with its code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def _last(absent: bool) -> str:
    return base64.b64encode(bytes(32)).decode() if absent else _hash("transaction")


def _hash(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()
