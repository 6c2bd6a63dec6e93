"""What the local network promises, each shown on real nodes.

Everything measured elsewhere is measured against what is planted here, so what is planted is read back from the nodes
with their own methods, and with no code of the scanner.
"""

from __future__ import annotations

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from eth_abi.abi import decode, encode

from localnet import bitcoind as bitcoind_module
from localnet import contracts
from localnet.anvil import Anvil
from localnet.bitcoind import Bitcoind
from localnet.block import Block
from localnet.contracts import TokenKind
from localnet.errors import LocalnetError, NodeFailed, NodeMissing, RpcError
from localnet.evm_chain import EvmChain
from localnet.hardhat import Hardhat
from localnet.process import free_port, wait_for
from localnet.rpc import JsonRpc
from localnet.utxos import satoshi, utxos_by_replay
from tests.support.places import ROOT
from tests.support.real.real_nodes import or_skip

ALICE = "0x" + "a1" * 20
BOB = "0x" + "B0" * 20
USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"

GENERATOR = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"  # any valid public key will do
SCRIPTS = {
    "P2PK": f"21{GENERATOR}ac",
    "bare multisig": f"51{f'21{GENERATOR}' * 3}53ae",
    "P2PKH": f"76a914{'11' * 20}88ac",
    "P2SH": f"a914{'22' * 20}87",
    "P2WPKH": f"0014{'33' * 20}",
    "P2WSH": f"0020{'44' * 32}",
    "P2TR": f"5120{'55' * 32}",
    "anyone can spend": "51",
}


# anvil


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil.start() as node:
        yield node


def at(block: Block) -> dict[str, object]:
    """A block named by its hash, as EIP-1898 has it."""
    return {"blockHash": block.hash, "requireCanonical": True}


def balance(node: EvmChain, address: str, block: object = "latest") -> int:
    return int(node.rpc("eth_getBalance", address, block), 16)


def view(node: EvmChain, contract: str, signature: str, argument: str = "", block: object = "latest") -> bytes:
    """What a view function with at most one address as argument answers."""
    selector: str = node.rpc("web3_sha3", "0x" + signature.encode().hex())[:10]
    data = selector + argument.removeprefix("0x").rjust(64, "0") if argument else selector
    answer: str = node.rpc("eth_call", {"to": contract, "data": data}, block)
    return bytes.fromhex(answer[2:])


def token_balance(node: EvmChain, token: str, account: str, block: object = "latest") -> int:
    answer = view(node, token, "balanceOf(address)", account, block)
    assert len(answer) == 32
    return int.from_bytes(answer, "big")


def test_an_anvil_is_of_the_chain_it_was_asked_to_be() -> None:
    with Anvil.start(chain_id=196) as node:
        assert node.rpc("eth_chainId") == "0xc4"


def test_planting_changes_the_head_block_after_the_fact(anvil: Anvil) -> None:
    """The trap that `seal` is there for: the hash stays, the balance does not."""
    anvil.mine()
    head = anvil.head()
    before = balance(anvil, ALICE, at(head))
    anvil.set_balances({ALICE: before + 1})
    assert anvil.head() == head
    assert balance(anvil, ALICE, at(head)) == before + 1


def test_a_sealed_block_keeps_what_was_planted(anvil: Anvil) -> None:
    anvil.deploy_token(USDT, 6, "USDT")
    anvil.set_balances({ALICE: 10**27 + 1, BOB: 0})
    anvil.mint(USDT, {ALICE: 5_244_268_687_000_001})
    sealed = anvil.seal()
    assert anvil.head().height == sealed.height + 2
    assert anvil.block("finalized") == sealed
    anvil.set_balances({ALICE: 7, BOB: 8})
    anvil.mint(USDT, {ALICE: 9})
    anvil.mine(3)
    assert [balance(anvil, who, at(sealed)) for who in (ALICE, BOB)] == [10**27 + 1, 0]
    assert [balance(anvil, who) for who in (ALICE, BOB)] == [7, 8]
    assert token_balance(anvil, USDT, ALICE, at(sealed)) == 5_244_268_687_000_001
    assert token_balance(anvil, USDT, ALICE) == 9


@pytest.mark.parametrize("chain_type", ["l1", "op"])
def test_a_hardhat_node_keeps_what_was_planted_as_well(chain_type: Literal["l1", "op"]) -> None:
    with or_skip(lambda: Hardhat.start(196, chain_type)) as node:
        assert node.rpc("eth_chainId") == "0xc4"
        assert "edr" in node.rpc("web3_clientVersion")
        node.deploy_token(USDT, 6, "USDT")
        node.set_balances({ALICE: 10**27 + 1, BOB: 0})
        node.mint(USDT, {ALICE: 5_244_268_687_000_001})
        sealed = node.seal()
        assert node.head().height == sealed.height + 2
        node.set_balances({ALICE: 7, BOB: 8})
        node.mint(USDT, {ALICE: 9})
        node.mine(3)
        assert [balance(node, who, at(sealed)) for who in (ALICE, BOB)] == [10**27 + 1, 0]
        assert [balance(node, who) for who in (ALICE, BOB)] == [7, 8]
        assert token_balance(node, USDT, ALICE, at(sealed)) == 5_244_268_687_000_001
        assert token_balance(node, USDT, ALICE) == 9


def test_a_second_anvil_has_the_firsts_blocks_and_its_past_state(tmp_path: Path) -> None:
    with Anvil.start() as first:
        first.set_balances({ALICE: 1})
        first.deploy_token(USDT, 6, "USDT")
        first.mint(USDT, {ALICE: 2})
        early = first.seal()
        first.set_balances({ALICE: 3})
        first.mint(USDT, {ALICE: 4})
        late = first.seal()
        first.set_balances({ALICE: 5})
        first.dump_state(tmp_path / "state.json")
        slot = hex(first.balance_slots([ALICE])[0])
        with Anvil.load_state(tmp_path / "state.json") as second:
            assert second.head() == first.head()
            for height in range(first.head().height + 1):
                ours, theirs = (node.rpc("eth_getBlockByNumber", hex(height), False) for node in (first, second))
                assert ours == theirs
            for block, native, tokens in ((early, 1, 2), (late, 3, 4)):
                assert balance(second, ALICE, at(block)) == native
                assert token_balance(second, USDT, ALICE, at(block)) == tokens
                ask = ("eth_getProof", USDT, [slot], block.hash)
                assert first.rpc(*ask) == second.rpc(*ask)
            assert balance(second, ALICE) == 5


def test_thousands_are_planted_exactly_and_answered_in_order(anvil: Anvil) -> None:
    planted = {f"0x{number + 1:040x}": number * 10**18 + number for number in range(2_500)}
    token = "0x" + "7a" * 20
    anvil.deploy_token(token, 18, "MANY")
    anvil.set_balances(planted)
    anvil.mint(token, planted)
    sealed = anvil.seal()
    native = anvil.batch(("eth_getBalance", (address, at(sealed))) for address in planted)
    assert [int(each, 16) for each in native] == list(planted.values())
    asked = ({"to": token, "data": f"0x70a08231{address[2:]:0>64}"} for address in planted)
    tokens = anvil.batch(("eth_call", (call, at(sealed))) for call in asked)
    assert [int(each, 16) for each in tokens] == list(planted.values())
    assert int.from_bytes(view(anvil, token, "totalSupply()"), "big") == sum(planted.values())


def test_a_token_says_its_decimals_symbol_and_supply(anvil: Anvil) -> None:
    token = "0x" + "7b" * 20
    anvil.deploy_token(token, 8, "A symbol of thirty-one letters.")
    anvil.mint(token, {ALICE: 100, BOB: 11})
    anvil.mint(token, {ALICE: 90})
    assert int.from_bytes(view(anvil, token, "decimals()"), "big") == 8
    assert decode(["string"], view(anvil, token, "symbol()")) == ("A symbol of thirty-one letters.",)
    assert int.from_bytes(view(anvil, token, "totalSupply()"), "big") == 101


def test_a_symbol_that_does_not_fit_is_refused(anvil: Anvil) -> None:
    with pytest.raises(LocalnetError, match="31 bytes"):
        anvil.deploy_token("0x" + "7c" * 20, 8, "A symbol of thirty-two letters..")


def test_minting_where_no_token_of_ours_stands_is_refused(anvil: Anvil) -> None:
    with pytest.raises(LocalnetError, match="no token"):
        anvil.mint(ALICE, {BOB: 1})


def test_an_amount_of_more_than_32_bytes_is_refused(anvil: Anvil) -> None:
    anvil.deploy_token(USDT, 6, "USDT")
    for amount in (-1, 2**256):
        with pytest.raises(LocalnetError, match="32 bytes"):
            anvil.mint(USDT, {ALICE: amount})


@pytest.mark.parametrize(
    "kind",
    [
        contracts.PLAIN,
        contracts.REBASING,
        contracts.REFUSING,
        contracts.FIAT,
        contracts.SLOT_FIRST,
        contracts.NAMESPACED,
    ],
)
@pytest.mark.parametrize("proxied", [False, True])
def test_every_kind_of_token_holds_what_it_was_given_in_the_slot_named_for_it(
    anvil: Anvil, kind: TokenKind, proxied: bool
) -> None:
    token, implementation = "0x" + "7d" * 20, "0x" + "7e" * 20
    anvil.deploy_token(token, 6, "KIND", kind)
    if proxied:
        anvil.put_behind_proxy(token, implementation)
        assert anvil.rpc("eth_getCode", token, "latest") == contracts.runtime_code("Proxy")
    anvil.mint(token, {ALICE: 123_456_789, BOB: 2**128 + 1})
    assert token_balance(anvil, token, ALICE) == 123_456_789
    assert token_balance(anvil, token, BOB) == 2**128 + 1
    slot = anvil.balance_slots([BOB], kind)[0]
    assert int(anvil.rpc("eth_getStorageAt", token, hex(slot), "latest"), 16) == 2**128 + 1


def test_a_rebasing_tokens_balance_is_shares_times_index_and_stands_in_no_slot(anvil: Anvil) -> None:
    token = "0x" + "7f" * 20
    anvil.deploy_token(token, 18, "stETH", contracts.REBASING)
    anvil.mint(token, {ALICE: 1_000_000})
    anvil.set_storage(token, {contracts.REBASING_INDEX_SLOT: 15 * 10**17})
    assert token_balance(anvil, token, ALICE) == 1_500_000


def test_a_refusing_token_reverts_for_one_account_only(anvil: Anvil) -> None:
    token = "0x" + "80" * 20
    anvil.deploy_token(token, 18, "NO", contracts.REFUSING)
    anvil.mint(token, {ALICE: 1, BOB: 2})
    anvil.set_storage(token, {contracts.REFUSED_ACCOUNT_SLOT: int(BOB, 16)})
    assert token_balance(anvil, token, ALICE) == 1
    with pytest.raises(RpcError, match="revert"):
        token_balance(anvil, token, BOB)


def test_a_short_answer_has_31_bytes(anvil: Anvil) -> None:
    token = "0x" + "81" * 20
    anvil.deploy_token(token, 18, "SHORT", contracts.SHORT_ANSWER)
    anvil.mint(token, {ALICE: 2**255})
    assert view(anvil, token, "balanceOf(address)", ALICE) == b"\x80" + bytes(30)


def test_the_plain_token_can_be_transferred_and_logs_it(anvil: Anvil) -> None:
    token, sender = "0x" + "82" * 20, anvil.rpc("eth_accounts")[0]
    anvil.deploy_token(token, 6, "MOVE")
    anvil.mint(token, {sender: 10})
    data = "0xa9059cbb" + encode(["address", "uint256"], [BOB, 4]).hex()
    receipt = anvil.rpc("eth_sendTransactionSync", {"from": sender, "to": token, "data": data})
    assert receipt["status"] == "0x1"
    assert int(receipt["logs"][0]["data"], 16) == 4
    assert [token_balance(anvil, token, who) for who in (sender, BOB)] == [6, 4]


def test_the_multicall_answers_as_multicall3_does(anvil: Anvil) -> None:
    multicall, token, nobody = "0x" + "ca" * 20, "0x" + "83" * 20, "0x" + "84" * 20
    anvil.place(multicall, "Multicall")
    anvil.deploy_token(token, 6, "CALL", contracts.REFUSING)
    anvil.mint(token, {ALICE: 77})
    anvil.set_storage(token, {contracts.REFUSED_ACCOUNT_SLOT: int(BOB, 16)})
    anvil.set_balances({ALICE: 99})
    sealed = anvil.seal()

    def call(target: str, signature: str, *arguments: object) -> tuple[str, bool, bytes]:
        selector = bytes.fromhex(anvil.rpc("web3_sha3", "0x" + signature.encode().hex())[2:10])
        types = [each for each in signature.partition("(")[2].rstrip(")").split(",") if each]
        return target, True, selector + encode(types, arguments)

    calls = [
        call(token, "balanceOf(address)", ALICE),
        call(token, "balanceOf(address)", BOB),
        call(nobody, "balanceOf(address)", ALICE),
        call(multicall, "getEthBalance(address)", ALICE),
        call(multicall, "getBlockNumber()"),
        call(multicall, "getChainId()"),
        call(multicall, "getBlockHash(uint256)", sealed.height - 1),
    ]

    def aggregate(batch: list[tuple[str, bool, bytes]]) -> tuple[tuple[bool, bytes], ...]:
        data = "0x82ad56cb" + encode(["(address,bool,bytes)[]"], [batch]).hex()
        answer = anvil.rpc("eth_call", {"to": multicall, "data": data}, at(sealed))
        results: tuple[tuple[bool, bytes], ...] = decode(["(bool,bytes)[]"], bytes.fromhex(answer[2:]))[0]
        return results

    held, refused, no_code, native, number, chain, parent = aggregate(calls)
    assert [int.from_bytes(data, "big") for _, data in (held, native, number, chain)] == [77, 99, sealed.height, 1]
    assert refused[0] is False
    assert no_code == (True, b"")
    assert parent[1].hex() == anvil.rpc("eth_getBlockByNumber", hex(sealed.height), False)["parentHash"][2:]
    with pytest.raises(RpcError, match="a call failed"):
        aggregate([(token, False, calls[1][2])])


# bitcoind


@pytest.fixture(scope="module")
def bitcoind() -> Iterator[Bitcoind]:
    with Bitcoind.start() as node:
        yield node


def test_every_script_is_paid_to_the_satoshi_and_the_dump_says_so(bitcoind: Bitcoind) -> None:
    planted = {script: 15_000_000_001 if kind == "P2WSH" else n for n, (kind, script) in enumerate(SCRIPTS.items())}
    assert 0 in planted.values()
    (txid,) = bitcoind.pay(planted)
    held = bitcoind.dump_utxos(bitcoind.tip().height)
    assert {script: held[script] for script in planted} == planted
    outputs = bitcoind.rpc("getrawtransaction", txid, True)["vout"][: len(planted)]
    assert [(out["scriptPubKey"]["hex"], satoshi(out["value"])) for out in outputs] == list(planted.items())


def test_an_address_and_its_script_are_paid_alike(bitcoind: Bitcoind) -> None:
    script = f"0014{'66' * 20}"
    address = bitcoind.rpc("decodescript", script)["address"]
    bitcoind.pay({address: 5, script: 6})
    assert bitcoind.dump_utxos(bitcoind.tip().height)[script] == 11


def test_the_dump_of_a_past_block_knows_nothing_of_later_ones(bitcoind: Bitcoind) -> None:
    script = f"0014{'67' * 20}"
    bitcoind.pay({script: 1})
    snapshot = bitcoind.tip()
    bitcoind.pay({script: 2})
    bitcoind.mine(2)
    assert bitcoind.tip().height == snapshot.height + 3
    assert bitcoind.dump_utxos(snapshot.height - 1).get(script) is None
    assert bitcoind.dump_utxos(snapshot.height)[script] == 1
    assert bitcoind.dump_utxos(snapshot.height + 1)[script] == 3


def test_the_nodes_dump_and_a_replay_of_its_blocks_agree(bitcoind: Bitcoind) -> None:
    bitcoind.pay({f"0014{'68' * 20}": 1, "6a0401020304": 0})
    rpc = JsonRpc(bitcoind.port, user=bitcoind.user, password=bitcoind.password)
    tip = bitcoind.tip().height
    for height in (0, 1, tip - 1, tip):
        assert bitcoind.dump_utxos(height) == utxos_by_replay(rpc, height)


def test_more_outputs_than_one_transaction_takes_go_into_several(bitcoind: Bitcoind) -> None:
    planted = {f"0014{number:040x}": number for number in range(1, 3_001)}
    assert len(bitcoind.pay(planted)) == 2
    held = bitcoind.dump_utxos(bitcoind.tip().height)
    assert {script: held[script] for script in planted} == planted


def test_two_bitcoind_share_the_chain_from_before_they_met_and_after(bitcoind: Bitcoind) -> None:
    script = f"0014{'69' * 20}"
    bitcoind.pay({script: 14_320_000_000})
    with Bitcoind.start() as other:
        other.connect(bitcoind)
        other.wait_same_tip(bitcoind)
        assert other.tip() == bitcoind.tip()
        bitcoind.mine(2)
        other.wait_same_tip(bitcoind)
        assert other.tip() == bitcoind.tip()
        assert other.dump_utxos(other.tip().height)[script] == 14_320_000_000
        assert other.url != bitcoind.url


@pytest.mark.parametrize("satoshis", [-1, 10_000 * 10**8 + 1])
def test_an_amount_that_regtest_cannot_pay_is_refused_before_anything_is_mined(
    bitcoind: Bitcoind, satoshis: int
) -> None:
    before = bitcoind.tip()
    with pytest.raises(LocalnetError, match="satoshi"):
        bitcoind.pay({"51": satoshis})
    assert bitcoind.tip() == before


def test_a_total_that_regtest_cannot_pay_is_refused(bitcoind: Bitcoind) -> None:
    with pytest.raises(LocalnetError, match="more than regtest"):
        bitcoind.pay({"51": 9_000 * 10**8, "52": 9_000 * 10**8})


def test_what_is_neither_a_script_nor_a_regtest_address_is_refused(bitcoind: Bitcoind) -> None:
    for target in ("bc1quhruqrghgcca950rvhtrg7cpd7u8k6svpzgzmrjy8xyukacl5lkq0r8l2d", "nonsense"):
        with pytest.raises(RpcError):
            bitcoind.pay({target: 1})


def test_bitcoind_answers_nobody_without_its_password(bitcoind: Bitcoind) -> None:
    assert bitcoind.password not in bitcoind.url
    stranger = JsonRpc(bitcoind.port, user=bitcoind.user, password="wrong")
    with pytest.raises(NodeFailed, match="401"):
        stranger.call("getblockcount")


def test_the_password_stands_on_no_command_line(bitcoind: Bitcoind) -> None:
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                arguments = (process / "cmdline").read_bytes()
            except OSError:
                continue  # it ended meanwhile
            assert bitcoind.password.encode() not in arguments


def test_indexes_are_kept_where_wanted(bitcoind: Bitcoind) -> None:
    assert set(bitcoind.rpc("getindexinfo")) == {"txindex", "basic block filter index"}
    with Bitcoind.start(filters=False, txindex=False) as bare:
        assert bare.rpc("getindexinfo") == {}


def test_amounts_come_back_as_decimals(bitcoind: Bitcoind) -> None:
    bitcoind.mine()
    coinbase = bitcoind.rpc("getblock", bitcoind.tip().hash, 2)["tx"][0]
    assert isinstance(coinbase["vout"][0]["value"], Decimal)


def test_an_older_bitcoind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bitcoind, "oldest_version", 990_000)
    with pytest.raises(NodeFailed, match="990000 or newer"):
        Bitcoind.start()


def test_a_port_that_was_just_taken_is_not_the_end(bitcoind: Bitcoind, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = iter([bitcoind.port, free_port(), free_port(), free_port()])
    monkeypatch.setattr(bitcoind_module, "free_port", lambda: next(ports))
    with Bitcoind.start() as second:
        assert second.port != bitcoind.port
        assert second.rpc("getblockcount") == 0


# Both


@pytest.mark.parametrize("node", [Anvil, Bitcoind])
def test_a_node_that_dies_at_its_start_is_quoted_and_leaves_nothing(
    node: type[Anvil] | type[Bitcoind], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(NodeFailed, match="--no-such-thing"):
        node.start(args=["--no-such-thing"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("node", [Anvil, Bitcoind])
def test_a_stopped_node_answers_no_more_and_leaves_nothing(
    node: type[Anvil] | type[Bitcoind], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with node.start() as running:
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NodeFailed, match="no answer"):
        running.rpc("web3_clientVersion")
    running.stop()


START_AND_WAIT = """
import sys
from localnet.{module} import {name}
print({name}.start().port, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("node", [Anvil, Bitcoind])
def test_a_node_does_not_outlive_the_process_that_started_it(
    node: type[Anvil] | type[Bitcoind], tmp_path: Path
) -> None:
    program = START_AND_WAIT.format(module=node.__module__.rpartition(".")[2], name=node.__name__)
    owner = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=ROOT,
    )
    assert owner.stdout is not None
    port = int(owner.stdout.readline())
    assert listens(port)
    owner.kill()
    owner.communicate()
    wait_for("the node to end", lambda: None if listens(port) else True, seconds=30)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        return True  # it was there when it was asked, and ended meanwhile
    return True


@pytest.mark.parametrize(
    ("node", "variable"), [(Anvil, "RESERVE_SCANNER_ANVIL"), (Bitcoind, "RESERVE_SCANNER_BITCOIND")]
)
def test_a_variable_that_names_no_program_stops_the_start(
    node: type[Anvil] | type[Bitcoind], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, os.devnull)
    with pytest.raises(NodeMissing, match=variable):
        node.start()


def test_an_error_of_the_node_names_method_code_and_message(anvil: Anvil) -> None:
    with pytest.raises(RpcError) as error:
        anvil.rpc("no_such_method", 1)
    assert (error.value.method, error.value.code) == ("no_such_method", -32601)
    assert "no_such_method" in str(error.value)
    with pytest.raises(RpcError, match="Method not found"):
        anvil.batch([("eth_chainId", ()), ("no_such_method", ())])


# JSON-RPC


@contextmanager
def server_that(reorder: Callable[[list[object]], list[object]]) -> Iterator[JsonRpc]:
    """A server that answers each call of a batch with its method's name, after `reorder` had its way with them."""

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(reorder([{"id": call["id"], "result": call["method"]} for call in calls])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield JsonRpc(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def test_the_answers_to_a_batch_are_matched_by_their_ids() -> None:
    with server_that(lambda answers: answers[::-1]) as rpc:
        assert rpc.batch([("a", ()), ("b", ()), ("c", ())]) == ["a", "b", "c"]


def test_a_batch_with_a_missing_or_a_doubled_answer_is_refused() -> None:
    calls = [("a", ()), ("b", ()), ("c", ())]
    for spoil in (lambda answers: answers[:-1], lambda answers: [*answers[:-1], answers[0]]):
        with server_that(spoil) as rpc, pytest.raises(NodeFailed, match="answers to a batch of 3"):
            rpc.batch(calls)
