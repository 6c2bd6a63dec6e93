"""ONE table of what nodes and providers say in errors, and where that is written.

The texts were found in the clients' sources, the providers' documentation and public issue threads, or seen from the
clients themselves, as named beside each; none is made up but those from memory, which are marked so. What each must
mean to us is tried in tests/unit/chains/evm/node/test_errors.py (as text) and in tests/contract/test_limits.py (over
HTTP).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Asks(Enum):
    """What the error asks of us."""

    FEWER = "fewer requests: wait, and drive the node less hard"
    SMALLER = "smaller questions: the same in parts"
    AGAIN = "the same once more: wait until a fault has passed"
    OTHERWISE = "another way of asking"
    CREDENTIALS = "another password or key"
    NOTHING = "nothing: the node does not keep that state"
    NOT_YET = "nothing: the node does not have that block so far"
    UNKNOWN_BLOCK = "nothing: the node does not know that block"
    REVERTED = "nothing: the call itself failed"
    REFUSED = "nothing that is known: the node's own words are all there is"


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

_NODECORE = "drpcorg/nodecore, internal/upstreams/lower_bounds/evm_bounds/no_data_errors.go (without codes)"
_NODECORE_CONFIG = "drpcorg/nodecore, pkg/errors_config/errors.yaml (without codes)"
_ERPC = "erpc/erpc, architecture/evm/error_normalizer.go"
_PROXYD = "ethereum-optimism/infra, proxyd/backend.go"
_MEMORY = "from memory"
_AGAVE = "anza-xyz/agave, rpc-client-api/src/custom_error.rs (a Solana node's)"

FEWER, SMALLER, AGAIN, OTHERWISE, CREDENTIALS = (
    Asks.FEWER,
    Asks.SMALLER,
    Asks.AGAIN,
    Asks.OTHERWISE,
    Asks.CREDENTIALS,
)
NOTHING, NOT_YET, UNKNOWN_BLOCK, REVERTED, REFUSED = (
    Asks.NOTHING,
    Asks.NOT_YET,
    Asks.UNKNOWN_BLOCK,
    Asks.REVERTED,
    Asks.REFUSED,
)

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
    NodeSays(
        "Geth",
        NOTHING,
        -32000,
        "missing trie node 5a1b (path ) state 0x5a1b is not available, not found",
        "recorded in rotki/test-caching, commit eb86a80c",
    ),
    NodeSays(
        "Geth, older and nitro",
        NOTHING,
        -32000,
        "missing trie node 5a1b (path ) <nil>",
        "recorded in rotki/test-caching, commit eb86a80c",
    ),
    NodeSays("Bor", NOTHING, -32000, "required historical state unavailable (reexec=128)", "0xPolygon/bor issue 322"),
    NodeSays("Geth, path scheme", NOTHING, -32000, "historical state 6f2b is not available", _NODECORE),
    NodeSays("Geth, path scheme", NOTHING, -32000, "historical state not available in path scheme yet", _NODECORE),
    NodeSays(
        "Geth, path archive while indexing",
        NOTHING,
        -32000,
        "state histories haven't been fully indexed yet",
        _NODECORE,
    ),
    NodeSays(
        "Nethermind",
        NOTHING,
        -32002,
        "No state available for block 36600 (0x12)",
        "recorded in rotki/test-caching, commit eb86a80c",
    ),
    NodeSays("Besu", NOTHING, -32000, "World state unavailable", "hyperledger/besu RpcErrorType"),
    NodeSays("Erigon", NOTHING, -32000, "old data not available due to pruning", _NODECORE),
    NodeSays(
        "Erigon, eth_getProof",
        NOTHING,
        -32000,
        "requested block is too old, block must be within 1000 blocks of the head block number (currently 3696916)",
        "erigontech/erigon issue 7748",
    ),
    NodeSays(
        "Erigon 2, eth_getProof, as shipped later",
        NOTHING,
        -32000,
        "requested block is too old, block must be within 100000 blocks of the head block number (currently 13752981)",
        "sunnyside-io/op-erigon issue 198",
    ),
    NodeSays(
        "Erigon 3, eth_getProof",
        REFUSED,
        -32000,
        "root hash mismatch witnessTrieRootHash(ba81)!=expectedRootHash(60f8)",
        "erigontech/erigon issue 15117",
    ),
    NodeSays(
        "Reth",
        NOTHING,
        4444,
        "pruned history unavailable",
        "drpcorg/nodecore, commit 0e75cedd, internal/upstreams/lower_bounds/evm_bounds/no_data_errors.go",
    ),
    NodeSays(
        "Reth, eth_getProof",
        NOTHING,
        -32602,
        "distance to target block exceeds maximum proof window",
        "paradigmxyz/reth issues 14897, 14952; bnb-chain/reth-bsc issue 77",
    ),
    NodeSays(
        "op-geth before Bedrock",
        NOTHING,
        -32801,
        "no historical RPC is available for this historical (pre-bedrock) execution request",
        "recorded in rotki/test-caching, commit eb86a80c",
    ),
    NodeSays(
        "provider",
        NOTHING,
        -32002,
        "Access to archival, debug, or trace data is not included in your current plan",
        _NODECORE,
    ),
    NodeSays("provider", NOTHING, -32000, "state does not maintain archive data", _NODECORE),
    NodeSays("Moonbeam and kin", NOTHING, -32603, "state already discarded for 0x12", _NODECORE),
    NodeSays(
        "Cosmos EVM (Cronos, Kava, Sei)",
        NOTHING,
        -32000,
        "failed to load state at height 123; version does not exist (latest height: 5)",
        _NODECORE,
    ),
    NodeSays(
        "Cosmos EVM",
        NOTHING,
        -32000,
        "rpc error: code = Unknown desc = codespace sdk code 26: invalid height: failed to load state at "
        "height 9000; no commit info found",
        _NODECORE,
    ),
    NodeSays("zkSync Era", NOTHING, -32602, "Block with such an ID is pruned", _NODECORE),
    NodeSays(
        "anvil --prune-history",
        NOTHING,
        -32602,
        "BlockOutOfRangeError: block height is 16 but requested was 4",
        "seen from the client itself (anvil 1.7.1)",
    ),
    NodeSays("QuickNode", NOTHING, -32615, "eth_getProof is limited to a 128 blocks range", _MEMORY),
    NodeSays("Hyper and Envio", UNKNOWN_BLOCK, -32000, "invalid block height: 100", _NODECORE),
    NodeSays("any", OTHERWISE, -32000, "unsupported block number 100", _NODECORE),
    NodeSays("coreth", NOT_YET, -32000, "cannot query unfinalized data", "ava-labs/coreth"),
    NodeSays("coreth", NOT_YET, -32000, "requested block 5 after last accepted block 3", _NODECORE),
    NodeSays("zkSync Era", NOT_YET, -32602, "Block with such an ID doesn't exist yet", _NODECORE_CONFIG),
    NodeSays(
        "proxyd, consensus mode",
        NOT_YET,
        -32000,
        "block is out of range",
        "ethereum-optimism/infra proxyd/rewriter.go (code not stated)",
    ),
    NodeSays("many", UNKNOWN_BLOCK, -32000, "header not found", _NODECORE),
    NodeSays("Reth", UNKNOWN_BLOCK, -32001, "block not found: hash 0x12", "reth EthApiError"),
    NodeSays("Hedera relay", UNKNOWN_BLOCK, -32000, "Unknown block", "hedera json-rpc relay"),
    NodeSays("Besu", UNKNOWN_BLOCK, -32000, "Block not found", "hyperledger/besu spec tests"),
    NodeSays(
        "Hardhat 2 and 3 (EDR)",
        UNKNOWN_BLOCK,
        -32000,
        "Received invalid block tag 0x1212. Latest block number is 19",
        "seen from the client itself (a hash it does not know)",
    ),
    NodeSays(
        "Ganache 7.9.2",
        OTHERWISE,
        -32700,
        'Cannot wrap a "object" as a json-rpc type',
        "seen from the client itself (EIP-1898 object)",
    ),
    NodeSays(
        "EthereumJS client 0.10.5",
        OTHERWISE,
        -32602,
        "invalid argument 1: argument must be a string",
        "seen from the client itself (EIP-1898 object)",
    ),
    NodeSays(
        "java-tron",
        OTHERWISE,
        -32602,
        "QUANTITY not supported, just support TAG as latest",
        "tronprotocol/java-tron, commit 1e35f79a",
    ),
    NodeSays("Infura", OTHERWISE, -32601, "The method eth_getProof does not exist/is not available", "Infura"),
    NodeSays("proxyd", OTHERWISE, -32601, "rpc method is not whitelisted", _PROXYD, status=403),
    NodeSays("dRPC", OTHERWISE, -32000, "eth_getProof is not available on the free tier, please upgrade", _MEMORY),
    NodeSays("proxyd", SMALLER, -32014, "too many RPC calls in batch request", _PROXYD, status=413),
    NodeSays("proxyd", SMALLER, -32020, "backend response too large", _PROXYD, status=500),
    NodeSays("proxyd", SMALLER, -32021, "request body too large", _PROXYD, status=413),
    NodeSays(
        "Arbitrum nitro",
        SMALLER,
        -32000,
        "gasRemaining underflow in TransitionDb (intrinsic gas): gasRemaining=20999, gas=21000",
        "recorded in erigontech/rpc-tests, commit 73992926, arb-sepolia",
    ),
    NodeSays("Ankr", FEWER, -31999, "rate limit exceeded", "Ankr-network/ankr-docs issue 1645"),
    NodeSays("Tenderly", FEWER, -32005, "You have reached the quota limit for your current plan", _ERPC),
    NodeSays("llamarpc", FEWER, -32000, "requests limited to 50/sec", _ERPC),
    NodeSays("1RPC", FEWER, -32005, "Exceeded the quota usage", _ERPC),
    NodeSays("BNB public seeds", FEWER, -32005, "limit exceeded", _ERPC),
    NodeSays(
        "BNB public seeds",
        FEWER,
        -32000,
        "limit exceeded",
        "drpcorg/nodecore, commit 0e75cedd, pkg/errors_config/errors.yaml; with this code from memory",
    ),
    NodeSays("Alchemy", FEWER, -32000, "project has exceeded its monthly request limit", _MEMORY),
    NodeSays(
        "Alchemy",
        FEWER,
        429,
        "Monthly capacity limit exceeded. Visit https://dashboard.alchemyapi.io/settings/billing to upgrade "
        "your scaling policy for continued service.",
        _ERPC,
    ),
    NodeSays("proxyd", FEWER, -32016, "over rate limit", _PROXYD, status=429),
    NodeSays("any", FEWER, -32000, "exceeded its requests per second capacity", _NODECORE_CONFIG),
    NodeSays("Chainstack kin", FEWER, -32000, "You have reached the maximum CUPS limit", _NODECORE_CONFIG),
    NodeSays("proxyd", AGAIN, -32010, "backend offline", _PROXYD, status=503),
    NodeSays(
        "proxyd",
        AGAIN,
        -32011,
        "no backend is currently healthy to serve traffic",
        "ethereum-optimism/infra, commit c367a360, proxyd/backend.go; in a batch each entry carries it "
        "(integration_tests/batching_test.go)",
        status=503,
    ),
    NodeSays("proxyd", AGAIN, -32015, "gateway timeout", _PROXYD, status=504),
    NodeSays("agave", AGAIN, -32005, "Node is behind by 42 slots", _AGAVE, {"numSlotsBehind": 42}),
    NodeSays("agave", AGAIN, -32005, "Node is unhealthy", _AGAVE),
    NodeSays("agave", AGAIN, -32016, "Minimum context slot has not been reached", _AGAVE, {"contextSlot": 7}),
    NodeSays("agave", AGAIN, -32004, "Block not available for slot 431593310", _AGAVE),
    NodeSays("agave", AGAIN, -32014, "Block status not yet available for slot 431593310", _AGAVE),
    NodeSays("agave", AGAIN, -32019, "Failed to query long-term storage; please try again", _AGAVE),
    NodeSays(
        "agave",
        Asks.REFUSED,
        -32007,
        "Slot 431593310 was skipped, or missing due to ledger jump to recent snapshot",
        _AGAVE,
    ),
    NodeSays("agave", Asks.REFUSED, -32009, "Slot 431593310 was skipped, or missing in long-term storage", _AGAVE),
    NodeSays(
        "agave",
        Asks.REFUSED,
        -32010,
        "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA excluded from account secondary indexes; this RPC method "
        "unavailable for key",
        _AGAVE,
    ),
    NodeSays("agave", Asks.REFUSED, -32011, "Transaction history is not available from this node", _AGAVE),
    NodeSays(
        "api.mainnet-beta.solana.com",
        FEWER,
        429,
        "Too many requests for a specific RPC call, contact your app developer or support@rpcpool.com.",
        "solana-labs/solana-program-library issue 2784",
    ),
    NodeSays("dRPC", AGAIN, 19, "Temporary internal error. Please retry, trace-id: abcdef", _MEMORY),
    NodeSays("any gateway", AGAIN, -32000, "No response or no available upstream", _NODECORE_CONFIG),
    NodeSays(
        "Ankr",
        CREDENTIALS,
        -32000,
        "Unauthorized: You must authenticate your request with an API key. Create an account on "
        "https://www.ankr.com/rpc/ and generate your personal API key for free.",
        "BitteProtocol/near-ca issue 173",
    ),
    NodeSays("Ankr", CREDENTIALS, -32052, "API key is not allowed to access blockchain", "wevm/viem issue 3476"),
    NodeSays(
        "dRPC",
        REFUSED,
        12,
        "Can't route your request to suitable provider, if you specified certain providers revise the list",
        _MEMORY,
    ),
    NodeSays("Besu", AGAIN, -32000, "Internal error", "hyperledger/besu"),
    NodeSays(
        "Geth",
        REFUSED,
        -32000,
        "insufficient funds for gas * price + value: address 0xEF have 0 want 252",
        "erigontech/rpc-tests",
    ),
    NodeSays(
        "Geth",
        REVERTED,
        3,
        "execution reverted",
        "recorded in rotki/test-caching, commit eb86a80c (mainnet.infura.io; data 0x77209fe8...)",
    ),
    NodeSays(
        "HyperEVM",
        REVERTED,
        3,
        "execution reverted: revert: Invalid token ID",
        "recorded in rotki/test-caching, commit eb86a80c (rpc.hyperliquid.xyz; data 0x08c379a0...)",
    ),
    NodeSays("proxyd", FEWER, -32024, "too many requests", _PROXYD, status=429),
    NodeSays("proxyd", FEWER, -32012, "backend is over capacity", _PROXYD, status=429),
    NodeSays("proxyd", FEWER, -32017, "sender is over rate limit", _PROXYD, status=429),
    NodeSays("proxyd", AGAIN, -32000, "internal error", _PROXYD, status=500),
    NodeSays("proxyd", AGAIN, -32013, "backend returned an invalid response", _PROXYD, status=500),
    NodeSays("proxyd", AGAIN, -32018, "backend is currently not healthy to serve traffic", _PROXYD, status=503),
    NodeSays("proxyd", AGAIN, -32025, "optimism_syncStatus not available", _PROXYD, status=503),
    NodeSays("proxyd, its text replaced", AGAIN, -32011, "please hold the line", _PROXYD),
    NodeSays("provider", FEWER, -32001, "You have exhausted your quota", _ERPC),
    NodeSays(
        "anvil --prune-history",
        NOT_YET,
        -32602,
        "BlockOutOfRangeError: block height is 4 but requested was 16",
        "seen from the client itself (anvil 1.7.1)",
    ),
    NodeSays("any gateway", REFUSED, 3, "upstream says no", "in nodes' own words, code 3 is Geth's for a revert alone"),
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
