"""ONE table of what nodes and providers say when they are asked too much, or too often, and where that is written.

The texts were found in the clients' sources, the providers' documentation and public issue threads, as named beside
each; none is made up. What each must mean to us is tried in tests/unit/test_node_errors.py (as text) and in
tests/contract/test_limits.py (over HTTP).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Asks(Enum):
    """What the error asks of us."""

    FEWER = "fewer requests: wait, and drive the node less hard"
    SMALLER = "smaller questions: the same in parts"
    OTHERWISE = "another way of asking"
    NOTHING = "nothing: the node does not have it"


@dataclass(frozen=True)
class NodeSays:
    """An error as `who` sends it. `status`: of the HTTP answer it comes in; `pause`: seconds it asks for."""

    who: str
    asks: Asks
    code: int
    message: str
    source: str
    data: Any = None
    status: int = 200
    pause: float | None = None

    @property
    def error(self) -> dict[str, Any]:
        told = {"code": self.code, "message": self.message}
        return told if self.data is None else {**told, "data": self.data}


_GETH = "go-ethereum rpc/errors.go, rpc/handler.go"
_ERIGON = "erigon rpc/server.go, turbo/jsonrpc/eth_call.go"
_NETHERMIND = "nethermind JsonRpcProcessor.cs, JsonRpcService.cs, BoundedModulePool.cs, ErrorCodes.cs"
_BESU = "besu RpcErrorType.java"
_RETH = "jsonrpsee types/src/error.rs, on which Reth is built"
_INFURA = "docs.metamask.io/services/how-to/avoid-rate-limiting; github.com/INFURA/infura/issues/201"
_ALCHEMY = "alchemy.com/docs/reference/throughput"
_QUICKNODE = "quicknode.com/docs/ethereum/error-references; github.com/foundry-rs/foundry/issues/4894, pull/6712"
_CHAINSTACK = "support.chainstack.com, 429 Errors: Response Information"
_DRPC = "github.com/enviodev/hyperindex/issues/715; drpc.org's own text, quoted in many clients"
_PUBLICNODE = "publicnode.com's own text: no page of theirs lists errors"
_ANKR = "ankr.com/docs/rpc-service/errors/overview"

FEWER, SMALLER, OTHERWISE, NOTHING = Asks.FEWER, Asks.SMALLER, Asks.OTHERWISE, Asks.NOTHING

NODE_SAYS = [
    NodeSays("Geth", SMALLER, -32600, "batch too large", _GETH),
    NodeSays("Geth", SMALLER, -32003, "response too large", _GETH),
    NodeSays("Geth", SMALLER, -32002, "request timed out", _GETH),
    NodeSays("Geth", SMALLER, -32000, "out of gas", _GETH),
    NodeSays("Geth", SMALLER, -32000, "execution aborted (timeout = 5s)", _GETH),
    NodeSays(
        "Erigon",
        SMALLER,
        -32000,
        "batch limit 100 exceeded (can increase by --rpc.batch.limit). Requested batch of size: 102",
        _ERIGON,
    ),
    NodeSays(
        "Erigon",
        SMALLER,
        -32000,
        "call returned result on length 128096 exceeding --rpc.returndata.limit 100000",
        _ERIGON,
    ),
    NodeSays("Erigon", FEWER, -32005, "server overloaded", _ERIGON, status=503),
    NodeSays("Nethermind", SMALLER, -32005, "Batch size limit exceeded", _NETHERMIND, status=503),
    NodeSays("Nethermind", SMALLER, -32005, "MaxBatchResponseBodySize of 32768KB exceeded", _NETHERMIND),
    NodeSays("Nethermind", FEWER, -32005, "Too many requests", _NETHERMIND, status=503),
    NodeSays(
        "Nethermind",
        FEWER,
        -32017,
        "Timeout",
        _NETHERMIND,
        data="Nethermind.JsonRpc.Modules.ModuleRentalTimeoutException: Unable to rent an instance of IEthRpcModule. "
        "Too many concurrent requests.\n   at Nethermind.JsonRpc.Modules.BoundedModulePool`1.SlowPath()",
        status=503,
    ),
    NodeSays("Besu", SMALLER, -32005, "Number of requests exceeds max batch size", _BESU),
    NodeSays("Besu", SMALLER, -32603, "Timeout expired", _BESU),
    NodeSays("Reth", SMALLER, -32007, "Request is too big", _RETH, data="Exceeded max limit of 15728640"),
    NodeSays("Reth", SMALLER, -32008, "Response is too big", _RETH, data="Exceeded max limit of 167772160"),
    NodeSays("Reth", SMALLER, -32010, "The batch request was too large", _RETH, data="Exceeded max limit of 50"),
    NodeSays("Reth", SMALLER, -32011, "The batch response was too large", _RETH, data="Exceeded max limit of 1"),
    NodeSays("Reth", OTHERWISE, -32005, "Batched requests are not supported by this server", _RETH),
    NodeSays(
        "Infura",
        FEWER,
        -32005,
        "project ID request rate exceeded",
        _INFURA,
        data={"rate": {"allowed_rps": 50, "backoff_seconds": 7, "current_rps": 52.3}, "see": "https://infura.io/docs"},
        status=429,
        pause=7,
    ),
    NodeSays(
        "Infura, as documented",
        FEWER,
        -32005,
        "project ID request rate exceeded",
        _INFURA,
        data={"see": "https://infura.io/docs", "current_rps": 13.333, "allowed_rps": 10.0, "backoff_seconds": 30.0},
        status=429,
        pause=30,
    ),
    NodeSays(
        "Infura, telling nothing",
        FEWER,
        -32005,
        "project ID request rate exceeded",
        _INFURA,
        data={"rate": {"allowed_rps": 50, "backoff_seconds": 0, "current_rps": 52.3}},
        status=429,
    ),
    NodeSays("Infura", FEWER, -32005, "daily request count exceeded, request rate limited", _INFURA, status=429),
    NodeSays("Infura", FEWER, 429, "Too Many Requests", _INFURA, status=429),
    NodeSays(
        "Alchemy",
        FEWER,
        429,
        "Your app has exceeded its compute units per second capacity. If you have retries enabled, you can safely "
        "ignore this message. If not, check out https://docs.alchemy.com/reference/throughput",
        _ALCHEMY,
        status=429,
    ),
    NodeSays(
        "QuickNode",
        FEWER,
        -32007,
        "50/second request limit reached - reduce calls per second or upgrade your account at quicknode.com",
        _QUICKNODE,
        status=429,
    ),
    NodeSays("QuickNode", FEWER, -32012, "credits limited to 6000/sec", _QUICKNODE),
    NodeSays(
        "QuickNode",
        FEWER,
        429,
        "The requests per second (RPS) of your requests are higher than your plan allows.",
        _QUICKNODE,
        status=429,
    ),
    NodeSays(
        "Chainstack",
        FEWER,
        -32005,
        "You've exceeded the RPS limit available on the current plan.",
        _CHAINSTACK,
        status=429,
    ),
    NodeSays(
        "dRPC",
        SMALLER,
        31,
        "Batch of more than 3 requests are not allowed on free tier, to use this feature register paid account at "
        "drpc.org",
        _DRPC,
        status=500,
    ),
    NodeSays("dRPC", SMALLER, 30, "Request timeout on the free tier, please upgrade your tier to the paid one", _DRPC),
    NodeSays("dRPC", FEWER, 15, "You reached Public endpoint rate limit", _DRPC, status=429),
    NodeSays(
        "publicnode",
        NOTHING,
        -32602,
        "Archive requests require a personal token. Get one at: https://www.allnodes.com/publicnode",
        _PUBLICNODE,
        status=403,
    ),
]

# What comes as plain HTTP, with a text that is no JSON: Ankr's gateway before it looks into a request (_ANKR), and the
# web servers before everybody's nodes.
HTTP_SAYS = [
    (413, Asks.SMALLER, _ANKR),
    (414, Asks.SMALLER, "RFC 9110"),
    (504, Asks.SMALLER, "RFC 9110"),
    (524, Asks.SMALLER, "developers.cloudflare.com, Cloudflare 5xx errors"),
    (429, Asks.FEWER, _ANKR),
]
