"""What a node's proofs are worth where it refuses some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from scanner.chains.evm.node.proofs import ProofAsker
from scanner.chains.names import parse_chain
from scanner.clients.jsonrpc import Call, RpcError
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Snapshot
from scanner.errors import NodeError, Why

SNAPSHOT = Snapshot(parse_chain("eip155:1"), 7, "0x" + "ab" * 32, "0x" + "aa" * 32, datetime(2026, 1, 1, tzinfo=UTC))
ACCOUNTS = [bytes([number]) * 20 for number in range(1, 121)]
NO_METHOD = RpcError(Why.REFUSED, "the method eth_getProof does not exist", -32601)
UNABLE = RpcError(Why.REFUSED, "proof unavailable", -32000)
TOO_LARGE = RpcError(Why.REFUSED, "response too large", -32003)


class ScriptedRpc:
    """Answers with one trie node for each account, the account itself, unless `refuse` gives an error for it."""

    def __init__(self, refuse: Callable[[bytes, int], NodeError | None]) -> None:
        self._refuse = refuse
        self.asked = 0

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        answers: list[Any] = []
        for _, (address, _, _) in calls:
            self.asked += 1
            error = self._refuse(bytes.fromhex(address[2:]), len(calls))
            answers.append(error or {"accountProof": [address], "storageProof": []})
        return answers


def proven(rpc: ScriptedRpc, accounts: Sequence[bytes] = ACCOUNTS) -> set[bytes]:
    source = ProofAsker(cast(JsonRpc, rpc))
    return set(asyncio.run(source.trie_nodes(SNAPSHOT, [(account, ()) for account in accounts])))


def test_all_that_is_answered_is_kept() -> None:
    assert proven(ScriptedRpc(lambda *_: None)) == set(ACCOUNTS)


@pytest.mark.parametrize("error", [UNABLE, NodeError(Why.NO_STATE, "pruned")])
def test_a_proof_that_is_refused_takes_no_other_with_it(error: NodeError) -> None:
    """Who lies of one account could else turn the proofs of all others off by refusing that one."""
    refused = set(ACCOUNTS[::3])
    rpc = ScriptedRpc(lambda account, _: error if account in refused else None)
    assert proven(rpc) == set(ACCOUNTS) - refused
    assert rpc.asked <= len(ACCOUNTS) + len(refused)


def test_what_was_refused_is_asked_for_once_more() -> None:
    seen: set[bytes] = set()

    def at_first(account: bytes, _: int) -> NodeError | None:
        first = account not in seen
        seen.add(account)
        return UNABLE if first and account[0] % 2 else None

    assert proven(ScriptedRpc(at_first)) == set(ACCOUNTS)


def test_a_node_that_knows_no_proofs_is_asked_for_few() -> None:
    rpc = ScriptedRpc(lambda *_: NO_METHOD)
    with pytest.raises(NodeError, match="does not exist"):
        proven(rpc)
    assert rpc.asked <= 50


def test_a_node_that_asks_for_less_is_asked_for_less() -> None:
    assert proven(ScriptedRpc(lambda _, size: TOO_LARGE if size > 3 else None)) == set(ACCOUNTS)


@pytest.mark.parametrize("most", [1, 3, 7])
def test_a_node_that_takes_a_few_at_once_proves_as_many_as_there_are(most: int) -> None:
    """Public endpoints take batches of three; asking for more now and then is refused each time."""
    accounts = [number.to_bytes(20) for number in range(1, 2_501)]
    rpc = ScriptedRpc(lambda _, size: TOO_LARGE if size > most else None)
    assert proven(rpc, accounts) == set(accounts)
    assert rpc.asked <= 1.5 * len(accounts)


def test_a_node_that_refuses_again_and_again_is_given_up() -> None:
    """One answer between refusals keeps no scan busy for ever."""
    accounts = [number.to_bytes(20) for number in range(1, 2_501)]
    turns = iter(range(10**6))
    rpc = ScriptedRpc(lambda *_: TOO_LARGE if next(turns) % 2 else None)
    assert len(proven(rpc, accounts)) < len(accounts)
    assert next(turns) < 3 * len(accounts)


def test_one_proof_that_is_too_large_by_itself_takes_no_other_with_it() -> None:
    large = ACCOUNTS[60]
    rpc = ScriptedRpc(lambda account, _: TOO_LARGE if account == large else None)
    assert proven(rpc) == set(ACCOUNTS) - {large}
