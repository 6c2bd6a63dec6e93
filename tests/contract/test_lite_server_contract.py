"""TON's lite servers: what is read and proven, and that a misbehaving server gives gaps and no wrong balance.

No real server can be reached here: one is simulated, with its own half of ADNL's encryption, and with real proofs cut
from built blocks. What is real is a block of the main network: tests/unit/chains/ton/test_proofs.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from Crypto.PublicKey import ECC
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner.attesting.signers import Ed25519Signer
from scanner.chains.accounts import account_text
from scanner.chains.backends import open_node
from scanner.chains.facts_revision import REVISION
from scanner.chains.interface import ProofQuestion
from scanner.chains.names import parse_asset
from scanner.chains.ton.node.lite_client import LiteClient, server_key
from scanner.chains.ton.node.lite_node import LiteServerNode
from scanner.chains.ton.prover import TonStateProofs
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.witness import Witness
from scanner.scanning.pin import last_block_by
from tests.support.simulated import ton_cells as built
from tests.support.simulated.lite_server import BEGINS, FIRST, SECONDS, LiteChain, SimLiteServer
from tests.support.simulated.opened import asked, at_once, opened_on
from tests.support.strength import cases

TON = Chain("tvm", "-239")
COIN = parse_asset("tvm:-239/slip44:607")
USDT = parse_asset("tvm:-239/jetton:0%3Ab113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe")
KEYS = [b"\0" + b"\x12" * 32, b"\0" + b"\xf2" * 32, b"\xff" + b"\x55" * 32, b"\0" + b"\x77" * 32]
HEIGHT = FIRST + 12

_T = TypeVar("_T")


def accounts(number: int) -> dict[bytes, built.Cell]:
    """One grows by a nanoton a block; the last key is of no account. The first owns USDT."""
    wallet, held = built.usdt_wallet(KEYS[0], 5_000_000 + number)
    amounts = {KEYS[0]: 10**15 + number, KEYS[1]: 2 * 10**9, KEYS[2]: 9}
    return {wallet: held} | {key: built.account(key, amount) for key, amount in amounts.items()}


def truth(number: int) -> list[int]:
    return [10**15 + number, 2 * 10**9, 9, 0]


CHAIN = LiteChain(accounts).grow(30)


Opened = AbstractAsyncContextManager[tuple[SimLiteServer, LiteServerNode]]


def opened(**changes: Any) -> Opened:
    def backend(server: SimLiteServer) -> LiteServerNode:
        node_settings = NodeSettings("liteserver", server.url, "o", TON)
        return LiteServerNode(node_settings, LiteClient(node_settings, sleep=at_once))

    return opened_on(SimLiteServer(CHAIN), backend, **changes)


def asking(question: Callable[[SimLiteServer, LiteServerNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: LiteServerNode, height: int = HEIGHT, asset: Any = COIN, keys: Sequence[bytes] = ()) -> list[Any]:
    reading = await node.read(Batch(await node.block_at(height), asset, tuple(keys or KEYS)))
    return [reading[position] for position in range(len(reading))]


def words(outcomes: Sequence[Any]) -> set[Any]:
    return {each.why if isinstance(each, Gap) else int(each) for each in outcomes}


def test_balances_after_every_block_are_those_of_that_block() -> None:
    async def ask(_: SimLiteServer, node: LiteServerNode) -> None:
        for height in (FIRST, HEIGHT, FIRST + 29):
            assert [int(each) for each in await read(node, height)] == truth(height)
            assert [int(each) for each in await read(node, height, USDT)] == [5_000_000 + height, 0, 0, 0]

    asking(ask)


def test_the_last_block_before_a_moment_is_found() -> None:
    async def ask(_: SimLiteServer, node: LiteServerNode) -> tuple[int, datetime, int]:
        moment = datetime.fromtimestamp(BEGINS + SECONDS * 20 + 2, UTC)
        last = await last_block_by(node, moment)
        return last.height, (await node.block_at(HEIGHT)).time, await node.final_height()

    assert asking(ask) == (FIRST + 20, datetime.fromtimestamp(BEGINS + SECONDS * 12, UTC), FIRST + 29)


def test_the_registry_opens_this_backend_and_a_server_of_another_network_is_refused() -> None:
    key = "A" * 43
    assert isinstance(open_node(NodeSettings("liteserver", f"adnl://127.0.0.1:1/{key}", "o", TON)), LiteServerNode)
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), zero_state=bytes(32))
    assert caught.value.why is Why.WRONG_CHAIN


@pytest.mark.parametrize("path", ["", "/", "/AAAA", "/" + "A" * 44, "/" + "!" * 43])
def test_a_url_without_the_servers_key_cannot_be_used(path: str) -> None:
    with pytest.raises(NodeError) as caught:
        server_key(path)
    assert caught.value.why is Why.UNREACHABLE


def test_a_server_with_another_key_than_the_urls_is_not_listened_to() -> None:
    async def ask() -> Why:
        async with SimLiteServer(CHAIN) as server, SimLiteServer(CHAIN, b"\x09" * 32) as other:
            url = server.url.rpartition("/")[0] + "/" + other.url.rpartition("/")[2]
            node_settings = NodeSettings("liteserver", url, "o", TON)
            node = LiteServerNode(node_settings, LiteClient(node_settings, sleep=at_once))
            with pytest.raises(NodeError) as caught:
                await node.open()
            await node.close()
            return caught.value.why

    assert asyncio.run(ask()) is Why.UNREACHABLE


def test_a_connection_that_drops_is_made_again() -> None:
    async def ask(server: SimLiteServer, node: LiteServerNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.drop_at = 3
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return list(reading.amounts())

    assert asking(ask) == truth(HEIGHT)


@pytest.mark.parametrize(("asset", "atoms"), [(COIN, truth(HEIGHT)), (USDT, [5_000_000 + HEIGHT, 0, 0, 0])])
def test_what_the_server_hands_out_proves_every_account_and_that_others_are_not_there(
    asset: Any, atoms: list[int]
) -> None:
    async def ask(_: SimLiteServer, node: LiteServerNode) -> None:
        snapshot, prover, witness = await node.block_at(HEIGHT), TonStateProofs(), Witness()
        for record in prover.header(snapshot, await node.header(snapshot)):
            witness.add(record)
        state = prover.state(snapshot, witness, set())
        for record in await node.proof_records(snapshot, [ProofQuestion(asset, tuple(KEYS))]):
            witness.add(record)
        assert [state.balance(asset, key, prover.hint(asset, REVISION)) for key in KEYS] == atoms

    asking(ask)


def other_height(kind: str, found: bytes) -> bytes:
    """Another block's answer, under this block's name."""
    return found[:84] + SimLiteServer(CHAIN)._found(kind, _asked(HEIGHT - 1))[84:] if kind == "account" else found


def _asked(number: int) -> bytes:
    return SimLiteServer(CHAIN).named(number) + (0).to_bytes(4, "little") + KEYS[0][1:]


def under_another_name(_: str, found: bytes) -> bytes:
    return found[:4] + SimLiteServer(CHAIN).named(HEIGHT - 1) + found[84:]


def an_error(code: int) -> Callable[[str, bytes], bytes]:
    return lambda _kind, _found: bytes.fromhex("48e1a9bb") + code.to_bytes(4, "little") + b"\x02no\0"


MISBEHAVIOUR: dict[str, tuple[Callable[[str, bytes], bytes], set[Any]]] = {
    "another block's proofs": (other_height, {Why.FORGED}),
    "another block": (under_another_name, {Why.WRONG_BLOCK}),
    "cut short": (lambda _, found: found[:-4], {Why.MALFORMED}),
    "more than that": (lambda _, found: found + bytes(4), {Why.MALFORMED}),
    "another kind": (lambda _, found: bytes(4) + found[4:], {Why.MALFORMED}),
    "nothing": (lambda _, __: b"", {Why.MALFORMED}),
    "no proofs": (lambda _, found: found[:164] + bytes(12), {Why.FORGED}),
    "an error": (an_error(0), {Why.REFUSED}),
    "too many questions": (an_error(228), {Why.RATE_LIMITED}),
    "a block that it let go of": (an_error(651), {Why.NO_STATE}),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_server_that_misbehaves_gives_gaps_with_their_reason_and_no_wrong_balance(name: str) -> None:
    spoil, expected = MISBEHAVIOUR[name]

    async def ask(server: SimLiteServer, node: LiteServerNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil = lambda kind, found: spoil(kind, found) if kind == "account" else found
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    assert words(asking(ask)) == expected


def test_packets_that_were_changed_on_the_way_are_no_answers() -> None:
    async def ask(server: SimLiteServer, node: LiteServerNode) -> set[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil_packet = lambda packet: packet[:-1] + bytes([packet[-1] ^ 1])
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return words([reading[position] for position in range(len(reading))])

    assert asking(ask) == {Why.MALFORMED}


def test_blocks_that_are_not_there_say_which_way() -> None:
    async def ask(server: SimLiteServer, node: LiteServerNode) -> list[Why]:
        server.keeps = range(FIRST + 5, FIRST + 99)
        reasons = []
        for height in (FIRST + 30, FIRST + 2):
            with pytest.raises(NodeError) as caught:
                await node.block_at(height)
            reasons.append(caught.value.why)
        return reasons

    assert asking(ask) == [Why.NOT_FINAL, Why.NO_STATE]


@pytest.mark.parametrize("asset", ["tvm:-3/slip44:607", "eip155:1/slip44:60", f"tvm:-239/jetton:0%3A{'ab' * 32}"])
def test_what_is_not_read_is_a_gap(asset: str) -> None:
    assert words(asking(lambda _, node: read(node, asset=parse_asset(asset)))) == {Why.UNSUPPORTED}


def test_a_jetton_that_is_not_known_is_a_gap_that_says_so() -> None:
    (gap, *_) = asking(lambda _, node: read(node, asset=parse_asset(f"tvm:-239/jetton:0%3A{'ab' * 32}")))
    assert "USDT alone" in gap.detail


@settings(max_examples=cases(100), deadline=None)
@given(st.data())
def test_whatever_a_server_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """Bytes are changed, cut and put in anywhere; or the answer is one about another account, or of another block."""
    others = [SimLiteServer(CHAIN)._found("account", _asked(HEIGHT - at)) for at in range(3)]

    async def ask(server: SimLiteServer, node: LiteServerNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)

        def spoil(_: str, found: bytes) -> bytes:
            place = data.draw(st.integers(0, len(found) - 1))
            match data.draw(st.integers(0, 4)):
                case 1:
                    return found[:place] + bytes([data.draw(st.integers(0, 255))]) + found[place + 1 :]
                case 2:
                    return found[:place]
                case 3:
                    return found[:place] + data.draw(st.binary(max_size=9)) + found[place:]
                case 4:
                    return data.draw(st.sampled_from(others))
            return found

        server.spoil = spoil
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    for found, right in zip(asking(ask), truth(HEIGHT), strict=True):
        assert isinstance(found, Gap) or int(found) == right


class Unwired:
    """In place of a connection: what the server answers, from memory where it was asked before, and spoiled."""

    def __init__(self, server: SimLiteServer, known: dict[bytes, bytes], luck: Random) -> None:
        self._server, self._known, self._luck = server, known, luck
        self.spoils = False
        self.over: NodeError | None = None

    async def ask(self, question: bytes) -> bytes:
        if question not in self._known:
            self._known[question] = self._server._answer(question)
        answer = self._known[question]
        return _spoiled(self._luck, answer, list(self._known.values())) if self.spoils else answer

    async def close(self) -> None:
        """Nothing is open."""


class UnwiredClient(LiteClient):
    """The product's client on such a connection."""

    unwired: Unwired

    async def _connected(self) -> Any:
        return self.unwired


def _spoiled(luck: Random, answer: bytes, others: list[bytes]) -> bytes:
    place = luck.randrange(len(answer))
    match luck.randrange(16):
        case 0:
            return answer[:place] + bytes([luck.randrange(256)]) + answer[place + 1 :]
        case 1:
            return answer[:place]
        case 2:
            return answer[:place] + luck.randbytes(luck.randrange(9)) + answer[place:]
        case 3:
            return luck.choice(others)
        case 4:
            return answer[:place] + luck.choice(others)[place:]
        case 5:
            return luck.choice([b"", bytes(4), b"\xff" * 40, answer + answer])
    return answer


def test_ten_thousand_balances_are_read_rightly_or_not_at_all_while_a_server_misbehaves() -> None:
    """At full strength: bytes changed, cut, put in; answers about other accounts, blocks and questions."""
    node_settings = NodeSettings("liteserver", "adnl://node:1/" + "A" * 43, "o", TON)
    server, known = SimLiteServer(CHAIN), dict[bytes, bytes]()
    assets = {COIN: truth(HEIGHT), USDT: [5_000_000 + HEIGHT, 0, 0, 0]}
    wrong: list[Any] = []
    right = 0

    async def one(seed: int) -> None:
        nonlocal right
        client = UnwiredClient(node_settings, sleep=at_once)
        client.unwired = connection = Unwired(server, known, Random(seed))
        node = LiteServerNode(node_settings, client)
        for height in (HEIGHT - 1, HEIGHT):
            snapshot = await node.block_at(height)
        for asset, true in assets.items():
            connection.spoils = True
            reading = await node.read(Batch(snapshot, asset, tuple(KEYS)))
            for found, atoms in zip(map(reading.__getitem__, range(len(KEYS))), true, strict=True):
                right += found == atoms
                if not isinstance(found, Gap) and found != atoms:
                    wrong.append((seed, found, atoms))

    async def every() -> None:
        for seed in range(cases(10_000 // (2 * len(KEYS)))):
            await one(seed)

    asyncio.run(every())
    assert wrong == []
    assert right > cases(10_000) // 4


CLAIM = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  TON: {{id: "tvm:-239/slip44:607", backs: TON, decimals: 9}}
  USDT-TON: {{id: "{usdt}", backs: USDT, decimals: 6}}
liabilities:
  TON: {{amount: "1000000"}}
  USDT: {{amount: "5"}}
holdings:
  - {{asset: TON, account: {first}}}
  - {{asset: TON, account: {absent}}}
  - {{asset: USDT-TON, account: {first}}}
  - {{asset: USDT-TON, account: {absent}}}
"""


def test_a_scan_proves_what_it_reads_and_a_witness_that_was_changed_anywhere_is_refused(tmp_path: Path) -> None:
    async def ask() -> scanner.Scan:
        async with SimLiteServer(CHAIN) as one, SimLiteServer(CHAIN) as other:
            nodes = "".join(
                f'  - {{url: "liteserver+{server.url}", operator: o{number}}}\n'
                for number, server in enumerate((one, other))
            )
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            as_of = datetime.fromtimestamp(BEGINS + SECONDS * 20 + 1, UTC)
            names = {name: account_text(TON, KEYS[at]) for name, at in {"first": 0, "absent": 3}.items()}
            (tmp_path / "claim.yaml").write_text(CLAIM.format(as_of=as_of, usdt=USDT, **names))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    result = asyncio.run(ask())
    reserves = {reserve.unit: reserve for reserve in result.finding.reserves}
    expected = {"TON": Fraction(10**15 + FIRST + 20, 10**9), "USDT": Fraction(5_000_000 + FIRST + 20, 10**6)}
    for unit, held in expected.items():
        assert reserves[unit].verdict == "COVERED"
        assert reserves[unit].by_basis[scanner.Basis.PROVEN] == reserves[unit].held == held

    claim, signer = scanner.load_claim(tmp_path / "claim.yaml"), Ed25519Signer.of(ECC.generate(curve="ed25519"))
    files = scanner.attest(result, [signer]).files

    def verified(witness: bytes) -> scanner.Verified:
        envelope, evidence = files["attestation.dsse.json"], BytesIO(files["evidence.csv.gz"])
        return scanner.verify(envelope, claim, [signer.public], evidence, witness=BytesIO(witness))

    whole = files["witness.bin"]
    assert verified(whole).finding.verdict == "COVERED"
    for at in range(24, len(whole), max(1, len(whole) // 40)):
        with pytest.raises(scanner.AttestationInvalid):
            verified(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
