"""How long the answer to a question may be: an answer that should be small has a small limit, and the others one in
proportion to what was asked.

Far above what nodes answer, and far below what would be felt. Every answer may hold an error in its place, with a text
and data of its own, for which there is room in all of them. Pure data: who counts bytes is `http_client`.

Sources: execution-apis; Bitcoin Core's RPC documentation; ElectrumX's protocol methods; EIP-170, EIP-3860 and EIP-7907
(code); EIP-1186 (proofs); Lotus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scanner.clients.jsonrpc import Call, JsonText

ANSWER_LIMIT: Final = 64 * 2**20
"""Bytes of one answer, decompressed, where nothing smaller is known."""

SMALL: Final = 64 * 2**10
"""Bytes of an answer that is one value, or a page that says why there is none."""

_KIB: Final = 2**10
_A_HEADER: Final = 256 * _KIB  # of a merge-mined chain: behind it stands another chain's coinbase
_EACH: Final[Mapping[str, int]] = {  # bytes of one call's answer; an error's text and data among them
    "eth_chainId": 4 * _KIB,
    "eth_blockNumber": 4 * _KIB,
    "eth_getBalance": 4 * _KIB,
    "eth_getCode": 1024 * _KIB,
    "eth_getBlockByHash": 4096 * _KIB,  # with the hashes of its transactions, and BNB's extra data
    "eth_getBlockByNumber": 4096 * _KIB,
    "getblockhash": 4 * _KIB,
    "getblockheader": _A_HEADER,
    "getblockchaininfo": SMALL,
    "getindexinfo": SMALL,
    "Filecoin.ChainReadObj": 256 * _KIB,  # a witness's largest record, in base64
    "Filecoin.ChainGetTipSetAfterHeight": 512 * _KIB,  # with its blocks' headers, some KB each
    "Filecoin.ChainGetFinalizedTipSet": 512 * _KIB,
    "Filecoin.ChainHead": 512 * _KIB,
    "Filecoin.ChainGetGenesis": 64 * _KIB,
    "getMultipleAccounts": 1024 * _KIB,  # Solana: 100 accounts of at most 1,024 bytes, in base64
    "getTokenAccountsByOwner": 4096 * _KIB,  # thousands, of 8 bytes each
    "getProgramAccounts": 1024 * _KIB,  # thousands of stakes, of 32 bytes each
    "getBlock": 64 * _KIB,  # without its transactions
    "getGenesisHash": 4 * _KIB,
    "getSlot": 4 * _KIB,
    "getFirstAvailableBlock": 4 * _KIB,
    "server.version": 4 * _KIB,
    "blockchain.headers.subscribe": _A_HEADER,
    "blockchain.block.header": _A_HEADER,
    "blockchain.block.headers": 4096 * _KIB,  # 2,016 headers, or 1,000 with what merge-mined ones have behind them
    "blockchain.transaction.get_merkle": 16 * _KIB,
}
_BESIDE_CALLS: Final = (
    256 * _KIB
)  # of an eth_call whose answer is as long as its question, or of a proof of one account
_A_SLOT: Final = 128 * _KIB  # 64 levels of a trie at two bytes a digit


def limit_of(calls: Sequence[Call]) -> int:
    """Bytes of the answer to these calls, together in one request."""
    return min(ANSWER_LIMIT, SMALL + sum(_limit(method, params) for method, params in calls))


def limit_of_one(call: Call) -> int:
    """Bytes of the answer to this call alone, without what comes around it."""
    return _limit(*call)


def _limit(method: str, params: Sequence[Any] | JsonText) -> int:
    if method == "eth_call":  # an account is asked for with 40 digits, and answered with 64
        return _BESIDE_CALLS + 4 * (len(params) if isinstance(params, JsonText) else len(json.dumps(params)))
    if method == "eth_getBlockByHash" and not isinstance(params, JsonText) and params[1:] and params[1] is True:
        return ANSWER_LIMIT  # with its transactions
    if method == "eth_getProof":
        slots = params[1] if not isinstance(params, JsonText) and len(params) > 1 else ()
        return _BESIDE_CALLS + _A_SLOT * len(slots)
    return _EACH.get(method, ANSWER_LIMIT)
