"""For embedders: an `AsyncWeb3` provider over the scanner's own client, with its pairing by id, limits and retries.

    async with JsonRpc(settings) as rpc:
        web3 = AsyncWeb3(NodeProvider(rpc), middleware=[])

The scanner itself never goes this way: it costs hundreds of times the CPU a balance. Importing this module imports
web3, so nothing else here imports it. CCIP-Read is off, since it lets a contract make its reader fetch addresses of the
contract's choice; `middleware=[]` leaves out ENS names, which web3.py resolves at the latest block.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any, cast

from web3._utils.encoding import Web3JsonEncoder
from web3.exceptions import ProviderConnectionError
from web3.providers.async_base import AsyncJSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from scanner.clients.jsonrpc import JsonText, RpcError
from scanner.clients.transport import JsonRpc
from scanner.errors import NodeError

_INTERNAL_ERROR = -32603  # JSON-RPC's code for an answer that is missing or malformed


class NodeProvider(AsyncJSONBaseProvider):
    """Puts web3.py's requests through `rpc`, which the caller opens and closes.

    An error of the node becomes web3.py's own (Web3RPCError, or what it makes of it); anything else that goes wrong
    raises ProviderConnectionError, which holds no URL and no key.
    """

    def __init__(self, rpc: JsonRpc, **web3_options: Any) -> None:
        super().__init__(**web3_options)
        self.global_ccip_read_enabled = False
        self._rpc = rpc
        self._numbers = count()

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One call. Parameters are written as web3.py writes them."""
        try:
            outcome = await self._rpc.call(method, _text(params))
        except RpcError as error:
            outcome = error
        except NodeError as error:
            raise ProviderConnectionError(str(error)) from None
        return self._response(outcome)

    async def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """The responses in the order of `requests`. One whose answer is missing has an error; nothing ever shifts."""
        try:
            outcomes = await self._rpc.batch([(method, _text(params)) for method, params in requests])
        except RpcError as error:
            return self._response(error)
        except NodeError as error:
            raise ProviderConnectionError(str(error)) from None
        return [self._response(outcome) for outcome in outcomes]

    def _response(self, outcome: Any) -> RPCResponse:
        response: dict[str, Any] = {"jsonrpc": "2.0", "id": next(self._numbers)}
        if isinstance(outcome, RpcError):
            response["error"] = {"code": outcome.code, "message": outcome.detail}
            if outcome.data is not None:
                response["error"]["data"] = outcome.data
        elif isinstance(outcome, NodeError):
            response["error"] = {"code": _INTERNAL_ERROR, "message": str(outcome)}
        else:
            response["result"] = outcome
        return cast(RPCResponse, response)


def _text(params: Any) -> JsonText:
    return JsonText(json.dumps(params or [], cls=Web3JsonEncoder))
