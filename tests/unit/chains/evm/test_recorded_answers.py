"""Recorded answers of real nodes are read for what they say: headers re-hash, proofs prove, null is no balance.

The recordings are no part of this repository: geth's (execution-apis), Erigon's, Besu's, avalanchego's, and headers of
every chain that has state proofs here. Where they are absent these tests are skipped; tests/vectors has a few of the
headers, as facts of their chains.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import pytest

from scanner.chains.evm import rlp
from scanner.chains.evm.account_proof import Account, account_at, storage_word
from scanner.chains.evm.facts import EVM_CHAINS
from scanner.chains.evm.header import ExecutionHeader, header_from_json, header_from_rlp
from scanner.chains.evm.node.balance_answers import native_balance, token_balance
from scanner.chains.evm.node.errors import meaning
from scanner.chains.evm.node.values import snapshot_of
from scanner.chains.names import parse_chain
from scanner.clients.jsonrpc import RpcError, result_of
from scanner.clients.redact import Redactor
from scanner.core.evidence import Gap
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness
from tests.support.places import SHARED
from tests.support.simulated.trie_builder import keccak256

RECORDED = SHARED / "data" / "recorded"
ETHEREUM = parse_chain("eip155:1")
REDACT = Redactor(NodeSettings("evm", "https://eth.example.org", "o", ETHEREUM))
NOTHING = "0x" + "00" * 32
_EMPTY_CODE = "0x" + keccak256(b"").hex()
_EMPTY_TRIE = "0x" + keccak256(b"\x80").hex()

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not here")


def load(name: str) -> Any:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


def unhex(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def exchanges(folder: str, what: str) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Parameters and answers in the files of a folder whose names hold `what`."""
    for path in sorted((RECORDED / folder).rglob("*")):
        if what not in f"{path.parent.name}/{path.name}" or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".io":  # execution-apis: ">> request" and "<< answer"
            lines = {line[:2]: json.loads(line[3:]) for line in text.splitlines() if line[:2] in {">>", "<<"}}
            yield lines[">>"].get("params", []), lines["<<"]
            continue
        found = json.loads(text)
        for each in found if isinstance(found, list) else [found]:
            requests, answers = each["request"], each["response"]
            pairs = zip(requests, answers, strict=True) if isinstance(requests, list) else [(requests, answers)]
            yield from ((request.get("params", []), answer) for request, answer in pairs)


# headers


def test_recorded_headers_of_every_chain_hash_to_their_block_hash() -> None:
    seen = set()
    for each in load("headers.json"):
        chain, block, right = parse_chain(each["chain"]), each["block"], each["right"]
        snapshot = snapshot_of(block, chain)
        if right["layout"] is None:  # Gnosis before its merge
            with pytest.raises(ProofError) as caught:
                header_from_json(block, unhex(block["hash"]))
            assert caught.value.flaw is Flaw.INCOMPLETE
            continue
        header = header_from_json(block, unhex(block["hash"]))
        items = rlp.decode(header.encoded)
        assert (header.layout, len(items), header.number) == (right["layout"], right["hashed_fields"], right["number"])
        assert (header.timestamp, header.state_root) == (right["timestamp"], unhex(right["state_root"]))
        assert header.parent_hash == unhex(right["parent_hash"]) == unhex(snapshot.parent)
        assert (snapshot.height, snapshot.hash) == (header.number, "0x" + keccak256(header.encoded).hex())
        seen.add(int(chain.reference))
    # zkSync Era's hash covers no state, and OKTC's blocks are Tendermint's: neither has state proofs.
    assert EVM_CHAINS.keys() - seen == {66, 324}


def test_geth_s_chain_of_all_forks_hashes_and_links() -> None:
    rest, headers = (RECORDED / "execution-apis" / "chain.rlp").read_bytes(), list[ExecutionHeader]()
    while rest:
        size = item_length(rest)
        block = rlp.decode(rest[:size])
        rest = rest[size:]
        assert isinstance(block, list)
        encoded = rlp.encode(block[0])
        headers.append(header_from_rlp(encoded, keccak256(encoded)))
    assert [header.number for header in headers] == list(range(1, 55))
    assert all(one.hash == two.parent_hash for one, two in pairwise(headers))
    by_hash = {header.hash: header for header in headers}
    answered = [answer["result"] for _, answer in exchanges("execution-apis", "eth_getBlockBy") if answer.get("result")]
    for block in answered:
        header = header_from_json(block, unhex(block["hash"]))
        assert header.encoded == by_hash.get(header.hash, header).encoded
    assert len(answered) >= 8


def item_length(encoded: bytes) -> int:
    """Of the RLP list at the beginning, its own prefix included."""
    if encoded[0] <= 0xF7:
        return 1 + encoded[0] - 0xC0
    width = encoded[0] - 0xF7
    return 1 + width + int.from_bytes(encoded[1 : 1 + width])


def test_blocks_as_erigon_gives_them_hash_as_well() -> None:
    found = [answer["result"] for _, answer in exchanges("erigon", "eth_getBlockBy") if answer.get("result")]
    blocks = [block for block in found if "auraSeal" not in block]  # Gnosis before its merge, as above
    for block in blocks:
        header = header_from_json(block, unhex(block["hash"]))
        assert snapshot_of(block, ETHEREUM).height == header.number
    assert len(blocks) >= 5


# proofs


def proofs() -> Iterator[tuple[str, Mapping[str, Any], bytes | None]]:
    """Each eth_getProof answer with its sender, and the state root that a header of its block names, where known."""
    head = unhex(load("execution-apis/headfcu.json")["params"][0]["headBlockHash"])
    latest = next(answer["result"] for _, answer in exchanges("execution-apis", "get-latest"))
    for _, answer in exchanges("execution-apis", "eth_getProof"):
        yield "geth", answer["result"], header_from_json(latest, head).state_root
    for _, answer in exchanges("erigon", "eth_getProof"):
        yield "erigon", answer["result"], None
    for _, answer in exchanges("besu", "eth_getProof"):
        if "result" in answer and answer["result"] is not None:
            yield "besu", answer["result"], None
    block = load("helios/block.json")
    yield "mainnet", load("helios/proof.json"), header_from_json(block, unhex(block["hash"])).state_root
    recorded = load("avalanche/proofs.json")
    roots = {
        each["number"]: header_from_rlp(unhex(each["header_rlp"]), unhex(each["hash"])).state_root
        for each in recorded["headers"]
    }
    for each in recorded["proofs"]:
        assert native_balance(each["balance_by_eth_getBalance"]) == int(each["answer"]["balance"], 16)
        yield "avalanchego", each["answer"], roots[each["at"]]


def shown(proof: Mapping[str, Any], nodes: list[bytes]) -> tuple[Account | None, list[int]]:
    """What these trie nodes show of a proof's account and slots, from the root that its first node hashes to."""
    witness, root = Witness(nodes), keccak256(unhex(proof["accountProof"][0]))
    account = account_at(root, unhex(proof["address"]), witness)
    slots = [int(each["key"], 16).to_bytes(32) for each in proof["storageProof"]]
    words = [0 if account is None else storage_word(account.storage_root, slot, witness) for slot in slots]
    return account, words


def nodes_of(proof: Mapping[str, Any]) -> list[bytes]:
    return [unhex(node) for node in [*proof["accountProof"], *(n for s in proof["storageProof"] for n in s["proof"])]]


def test_every_recorded_proof_shows_what_it_states() -> None:
    counts: dict[str, int] = {}
    for sender, proof, state_root in proofs():
        assert state_root in {None, keccak256(unhex(proof["accountProof"][0]))}
        account, words = shown(proof, nodes_of(proof))
        stated = (int(proof["balance"], 16), int(proof["nonce"], 16))
        if account is None:  # in two forms: hashes of nothing, or no hashes
            assert stated == (0, 0)
            assert proof["codeHash"] in {NOTHING, _EMPTY_CODE}
            assert proof["storageHash"] in {NOTHING, _EMPTY_TRIE}
        else:
            assert (account.balance, account.nonce) == stated
            assert "0x" + account.code_hash.hex() == proof["codeHash"]
            assert "0x" + account.storage_root.hex() == proof["storageHash"]
        assert words == [int(each["value"], 16) for each in proof["storageProof"]]
        counts[sender] = counts.get(sender, 0) + 1
    assert counts.keys() == {"geth", "erigon", "besu", "mainnet", "avalanchego"}
    assert sum(counts.values()) >= 72


def test_a_recorded_proof_that_lacks_a_node_or_has_another_shows_nothing() -> None:
    for sender, proof, _ in proofs():
        if sender == "avalanchego" and proof["storageProof"] == []:
            continue  # enough of the others
        nodes = nodes_of(proof)
        for place in range(len(nodes)):
            rest = [node for node in nodes if node != nodes[place]]
            with pytest.raises(ProofError):
                shown(proof, rest)
            with pytest.raises(ProofError):
                shown(proof, [*rest, nodes[place][:-1] + bytes([nodes[place][-1] ^ 1])])


def test_the_deposit_contract_is_shown_from_the_block_s_hash_down_to_its_ether() -> None:
    block, proof = load("helios/block.json"), load("helios/proof.json")
    header = header_from_json(block, unhex(block["hash"]))
    account = account_at(header.state_root, unhex(proof["address"]), Witness(nodes_of(proof)))
    assert header.number == 21_925_176
    assert account is not None
    assert account.balance == 57_657_174_398_349_561_183_621_184


# balances and errors


def test_besu_gives_one_balance_for_a_block_however_its_hash_is_written() -> None:
    by_hash = [
        native_balance(answer["result"])
        for params, answer in exchanges("besu", "eth_getBalance")
        if "blockHash" in str(params[-1:]) and "result" in answer
    ]
    assert len(by_hash) >= 3
    assert len(set(by_hash)) == 1
    assert isinstance(by_hash[0], int)
    assert by_hash[0] > 0


def test_no_recorded_error_and_no_null_is_a_balance() -> None:
    errors = nulls = 0
    for folder in ("besu", "execution-apis", "erigon"):
        for _, answer in exchanges(folder, "eth_"):
            if answer.get("result") is None:
                outcome: object = None
                if "error" in answer:
                    errors += 1
                    with pytest.raises(RpcError) as caught:
                        result_of(answer, answer["id"], REDACT)
                    outcome = meaning(caught.value)
                    assert isinstance(outcome, NodeError)
                    assert outcome.detail
                else:
                    nulls += 1
                assert isinstance(native_balance(outcome), Gap)
                assert isinstance(token_balance(outcome), Gap)
    assert errors >= 5
    assert nulls >= 3
