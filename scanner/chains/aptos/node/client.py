"""Questions to a full node of Aptos, and what its errors mean. It knows no account and no asset.

An answer does not name the version that it is of: beside it, in its headers, stand the chain and the versions that the
node has, and every answer is held against them. Errors are JSON with a code of their own; some proxies have pages
instead, and then HTTP's status is all there is.

Source: aptos.dev, Aptos Node API (headers and AptosErrorCode).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from scanner.clients.fields import malformed
from scanner.clients.http_client import HttpClient, status_error
from scanner.clients.jsonrpc import decode, object_in
from scanner.errors import NodeError, Why

ABSENT: Final = frozenset({"account_not_found", "resource_not_found"})
_ANSWER_LIMIT: Final = 2**18  # bytes: a block without its transactions, one resource, one result
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_MEANING: Final[Mapping[str, tuple[Why, str]]] = {
    "version_pruned": (Why.NO_STATE, "the node no longer keeps that version"),
    "block_pruned": (Why.NO_STATE, "the node no longer keeps that block"),
    "version_not_found": (Why.NOT_FINAL, "the node has no such version yet"),
    "block_not_found": (Why.NOT_FINAL, "the node has no such block yet"),
    "api_disabled": (Why.UNSUPPORTED, "the node's operator switched this call off"),
}


class Refusal(NodeError):
    """An error that the node gave by name."""

    def __init__(self, code: str) -> None:
        super().__init__(*_MEANING.get(code, (Why.REFUSED, f"the node's error: {code[:60]!a}")))
        self.code = code


class FullNode(HttpClient):
    """One node. Raises Refusal for an error that it names, and other NodeErrors."""

    async def get(self, path: str, *, version: int | None = None, **query: str) -> Any:
        """What stands at `path`, at this version of the ledger if one is named."""
        return await self._ask("GET", path, None, version, query)

    async def view(self, function: str, version: int, types: Sequence[str] = (), arguments: Sequence[str] = ()) -> Any:
        """The one result of a view function, run on the ledger as it was after this version."""
        question = {"function": function, "type_arguments": list(types), "arguments": list(arguments)}
        results = await self._ask("POST", "/view", dumps(question).encode(), version, {})
        if not isinstance(results, list) or len(results) != 1:
            raise malformed("a view function has not one result")
        return results[0]

    async def _ask(self, method: str, path: str, body: bytes | None, version: int | None, query: dict[str, str]) -> Any:
        base = urlsplit(self.settings.url)
        asked = query if version is None else {**query, "ledger_version": str(version)}
        whole = "&".join(part for part in (urlencode(asked), base.query) if part)
        url = base._replace(path=base.path.rstrip("/") + path, query=whole).geturl()

        async def attempt() -> Any:
            status, headers, answer = await self.fetch(method, url, body, limit=_ANSWER_LIMIT)
            if not 200 <= status < 300:
                raise _error(status, headers, answer)
            self._check(headers, version)
            return decode(answer)

        return await self.patiently(attempt)

    def _check(self, headers: Any, version: int | None) -> None:
        """Raises NodeError unless the answer is one of this chain, from a node that has the version."""
        chain = number_of(headers.get("X-Aptos-Chain-Id"), "X-Aptos-Chain-Id")
        if str(chain) != self.settings.chain.reference:
            raise NodeError(Why.WRONG_CHAIN, f"the node serves aptos:{chain}")
        oldest = number_of(headers.get("X-Aptos-Ledger-Oldest-Version"), "X-Aptos-Ledger-Oldest-Version")
        newest = number_of(headers.get("X-Aptos-Ledger-Version"), "X-Aptos-Ledger-Version")
        if version is not None and not oldest <= version <= newest:
            raise NodeError(Why.WRONG_BLOCK, "the node answers for a version that it does not have")


def number_of(value: object, name: str) -> int:
    """A number of 64 bits as the API writes it, in a text. Raises NodeError MALFORMED."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or int(value) >= 2**64:
        raise malformed(f"{name} is no number as the API writes it")
    return int(value)


def _error(status: int, headers: Any, answer: bytes) -> Exception:
    """By the node's own name for it; where it gives none, or is busy or failing, by HTTP's status."""
    code = object_in(answer).get("error_code")
    if isinstance(code, str) and status in {400, 404, 410}:
        return Refusal(code)
    return status_error(status, headers, answer)
