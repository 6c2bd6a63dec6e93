"""Filecoin's backend: what it reads and proves, and that a misbehaving node gives gaps and no wrong balance.

No real node can be installed here: the node is simulated, with real objects under their real hashes, built from the
specification. What is real are maps' roots, a header and the first tipset: tests/unit/chains/filecoin/test_proofs.py.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
from Crypto.PublicKey import ECC
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner.attesting.signers import Ed25519Signer
from scanner.chains.accounts import account_key, account_text
from scanner.chains.backends import open_node
from scanner.chains.filecoin.node.node import LotusNode
from scanner.chains.filecoin.prover import FilecoinStateProofs
from scanner.chains.interface import ProofQuestion
from scanner.chains.names import parse_asset
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.witness import Witness
from scanner.scanning.pin import last_block_by
from tests.support.simulated.filecoin_state import Held, id_address
from tests.support.simulated.lotus import BEGINS, SECONDS, SimLotus, Tipsets
from tests.support.simulated.opened import asked, at_once, opened_on
from tests.support.simulated.server import SimError
from tests.support.strength import cases

FIL = Chain("fil", "f")
COIN = parse_asset("fil:f/slip44:461")
EVM = account_key(FIL, "0x" + "ab" * 20)
KEYS = [b"\1" + b"k" * 20, b"\3" + b"b" * 48, b"\2" + b"m" * 20, EVM, b"\1" + bytes(20), id_address(9_999)]
MINER = b"\2" + b"s" * 20
HEIGHT = 20
NULLS = frozenset({12, 13, 25})

_T = TypeVar("_T")


def actors(height: int) -> Mapping[int, Held]:
    """One grows by an attoFIL a height; the last two keys are of no actor."""
    return {
        101: Held(10**18 + height, "account", (KEYS[0],)),
        102: Held(2**70, "account", (KEYS[1],)),
        103: Held(7, "multisig", (KEYS[2],)),
        104: Held(0, "ethaccount", (EVM,), EVM),
        105: Held(9**25, "storageminer", (MINER,)),
    }


def truth(height: int) -> list[int]:
    return [10**18 + height, 2**70, 7, 0, 0, 0]


CHAINS = {version: Tipsets(actors, version, extra=40).grow(40, NULLS) for version in (4, 5)}


Opened = AbstractAsyncContextManager[tuple[SimLotus, LotusNode]]


def opened(tipsets: Tipsets = CHAINS[5], **changes: Any) -> Opened:
    def backend(server: SimLotus) -> LotusNode:
        node_settings = NodeSettings("lotus", server.url, "o", FIL)
        return LotusNode(node_settings, JsonRpc(node_settings, sleep=at_once))

    return opened_on(SimLotus(tipsets), backend, **changes)


def asking(question: Callable[[SimLotus, LotusNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: LotusNode, height: int = HEIGHT, keys: Sequence[bytes] = tuple(KEYS)) -> list[Any]:
    reading = await node.read(Batch(await node.block_at(height), COIN, tuple(keys)))
    return [reading[position] for position in range(len(reading))]


def words(outcomes: Sequence[Any]) -> set[Any]:
    return {each.why if isinstance(each, Gap) else int(each) for each in outcomes}


@pytest.mark.parametrize("version", CHAINS)
def test_balances_at_every_height_are_those_after_its_messages(version: int) -> None:
    async def ask(_: SimLotus, node: LotusNode) -> None:
        for height in (0, 1, HEIGHT, 24, 38):
            assert [int(each) for each in await read(node, height)] == truth(height)

    asking(ask, tipsets=CHAINS[version])


def test_a_height_without_blocks_is_the_newest_one_below_it() -> None:
    async def ask(_: SimLotus, node: LotusNode) -> list[Snapshot]:
        return [await node.block_at(height) for height in (11, 12, 13, 14, 24, 25)]

    found = asking(ask)
    assert [each.height for each in found] == [11, 11, 11, 14, 24, 24]
    assert found[0] == found[1] == found[2]
    assert found[3].parent == found[2].hash


def test_many_accounts_stay_in_order_and_an_object_is_asked_for_once() -> None:
    keys = [KEYS[number % 6] for number in range(600)]

    async def ask(server: SimLotus, node: LotusNode) -> tuple[list[Any], int]:
        found = await read(node, keys=keys)
        asked = sum(request.count("Filecoin.ChainReadObj") for request in server.requests)
        return found, asked

    found, asked = asking(ask)
    assert [int(each) for each in found] == [truth(HEIGHT)[number % 6] for number in range(600)]
    assert asked < 30


def test_the_last_height_before_a_moment_is_found_and_what_is_final_has_a_tipset_above() -> None:
    async def ask(_: SimLotus, node: LotusNode) -> tuple[int, datetime, int]:
        moment = datetime.fromtimestamp(BEGINS + SECONDS * HEIGHT + 3, UTC)
        return (await last_block_by(node, moment)).height, (await node.block_at(7)).time, await node.final_height()

    assert asking(ask) == (HEIGHT, datetime.fromtimestamp(BEGINS + SECONDS * 7, UTC), 36)


def test_a_node_that_does_not_say_what_is_final_is_taken_900_epochs_back() -> None:
    assert asking(lambda _, node: node.final_height(), missing={"Filecoin.ChainGetFinalizedTipSet"}) == 0


def test_a_gateway_that_refuses_to_say_what_is_final_is_taken_900_epochs_back_and_one_that_is_silent_is_not() -> None:
    async def ask(server: SimLotus, node: LotusNode) -> tuple[int, Why]:
        def refuse(method: str, _: list[Any], result: Any) -> Any:
            if method == "Filecoin.ChainGetFinalizedTipSet":
                raise SimError(1, "this gateway does not serve that")
            return result

        server.spoil_result = refuse
        height = await node.final_height()
        server.spoil_result = lambda method, _, result: {} if method == "Filecoin.ChainGetFinalizedTipSet" else result
        with pytest.raises(NodeError) as caught:
            await node.final_height()
        return height, caught.value.why

    assert asking(ask) == (0, Why.MALFORMED)


def test_above_the_newest_tipset_nothing_is_final() -> None:
    async def ask(_: SimLotus, node: LotusNode) -> Why:
        with pytest.raises(NodeError) as caught:
            await node.block_at(39)
        return caught.value.why

    assert asking(ask) is Why.NOT_FINAL


def test_the_registry_opens_this_backend_and_a_node_of_another_network_is_refused() -> None:
    assert isinstance(open_node(NodeSettings("lotus", "http://127.0.0.1:1", "o", FIL)), LotusNode)

    async def ask(chain: Chain, genesis: str) -> Why:
        async with SimLotus(CHAINS[5]) as server:
            server.genesis = genesis
            node = LotusNode(NodeSettings("lotus", server.url, "o", chain))
            with pytest.raises(NodeError) as caught:
                await node.open()
            await node.close()
            return caught.value.why

    other = "bafy2bzacea3l7hchfijz5fvswab36fxepf6oagecp5hrstmol7zpm2l4tedf6"
    assert asyncio.run(ask(FIL, other)) is Why.WRONG_CHAIN
    assert asyncio.run(ask(Chain("fil", "t"), other)) is Why.UNSUPPORTED


@pytest.mark.parametrize("version", CHAINS)
def test_what_the_node_hands_out_proves_every_account_and_that_others_are_not_there(version: int) -> None:
    async def ask(_: SimLotus, node: LotusNode) -> None:
        snapshot, prover, witness = await node.block_at(HEIGHT), FilecoinStateProofs(), Witness()
        for record in prover.header(snapshot, await node.header(snapshot)):
            witness.add(record)
        reached: set[bytes] = set()
        state = prover.state(snapshot, witness, reached)
        for record in await node.proof_records(snapshot, [ProofQuestion(COIN, tuple(KEYS))]):
            witness.add(record)
        assert [state.balance(COIN, key, None) for key in KEYS] == truth(HEIGHT)
        assert reached == set(witness)

    asking(ask, tipsets=CHAINS[version])


def test_a_node_that_did_not_give_the_snapshot_proves_it_too_and_one_with_another_tipset_does_not() -> None:
    async def ask() -> tuple[list[int], Why]:
        async with opened() as (_, node):
            snapshot = await node.block_at(HEIGHT)
        async with opened() as (_, node):
            await node.header(snapshot)
            reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        async with opened(Tipsets(actors).grow(40, NULLS, width=1)) as (_, node):
            other = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        assert isinstance(other[0], Gap)
        return list(reading.amounts()), other[0].why

    assert asyncio.run(ask()) == (truth(HEIGHT), Why.WRONG_BLOCK)


def test_actors_that_hold_for_others_and_second_names_of_one_are_gaps() -> None:
    keys = [MINER, id_address(101), id_address(105), b"\0\0", KEYS[0]]
    found = asking(lambda _, node: read(node, keys=keys))
    assert [each.why for each in found[:4]] == [Why.UNSUPPORTED] * 4
    assert int(found[4]) == truth(HEIGHT)[0]
    assert "another name" in found[1].detail


def _other(_: str) -> str:
    return base64.b64encode(b"\x83\1\2\3").decode()


def _cut(result: str) -> str:
    return base64.b64encode(base64.b64decode(result)[:-1]).decode()


def _bit(result: str) -> str:
    data = bytearray(base64.b64decode(result))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


MISBEHAVIOUR: dict[str, tuple[Callable[[Any], Any], Why]] = {
    "another object": (_other, Why.FORGED),
    "an object cut short": (_cut, Why.FORGED),
    "an object with a bit changed": (_bit, Why.FORGED),
    "nothing": (lambda _: None, Why.MALFORMED),
    "empty": (lambda _: "", Why.FORGED),
    "no base64": (lambda _: "!", Why.MALFORMED),
    "hex": (lambda result: base64.b64decode(result).hex() + "0", Why.MALFORMED),
    "a number": (lambda _: 7, Why.MALFORMED),
    "a list": (lambda result: [result], Why.MALFORMED),
    "too long": (lambda _: "A" * 300_000, Why.MALFORMED),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_node_that_misbehaves_gives_gaps_with_their_reason_and_no_wrong_balance(name: str) -> None:
    spoil, expected = MISBEHAVIOUR[name]

    async def ask(server: SimLotus, node: LotusNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil_result = lambda method, _, result: spoil(result) if method == "Filecoin.ChainReadObj" else result
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    assert words(asking(ask)) == {expected}


TIPSETS: dict[str, tuple[Callable[[Any], Any], Why]] = {
    "no blocks": (lambda result: {**result, "Cids": []}, Why.MALFORMED),
    "no list": (lambda result: {**result, "Cids": None}, Why.MALFORMED),
    "no identifiers": (lambda result: {**result, "Cids": [{"/": "x"}]}, Why.MALFORMED),
    "texts": (lambda result: {**result, "Cids": [each["/"] for each in result["Cids"]]}, Why.MALFORMED),
    "too many": (lambda result: {**result, "Cids": result["Cids"] * 40}, Why.MALFORMED),
    "nothing": (lambda _: None, Why.MALFORMED),
    "a tipset further up": (lambda _: SimLotus(CHAINS[5])._tipset(HEIGHT + 2), Why.WRONG_BLOCK),
    "a tipset below": (lambda _: SimLotus(CHAINS[5])._tipset(HEIGHT), Why.WRONG_BLOCK),
    "the first": (lambda _: SimLotus(CHAINS[5])._tipset(0), Why.WRONG_BLOCK),
}


@pytest.mark.parametrize("name", TIPSETS)
def test_a_tipset_that_is_not_the_one_asked_for_is_refused(name: str) -> None:
    spoil, expected = TIPSETS[name]

    async def ask(server: SimLotus, node: LotusNode) -> Why:
        server.spoil_result = lambda method, _, result: spoil(result) if "AfterHeight" in method else result
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask) is expected


def test_a_node_that_let_go_of_a_state_says_so_and_what_it_keeps_is_read() -> None:
    async def ask(server: SimLotus, node: LotusNode) -> list[list[Any]]:
        snapshot = await node.block_at(HEIGHT)
        objects = [*CHAINS[5].store.objects]
        found = []
        for digest in objects[-12:]:  # of the state after the newest height, and of those that all states share
            server.lost = {digest}
            reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
            found.append([reading[position] for position in range(6)])
        server.lost = set(objects)
        async with opened(lost=set(objects)) as (_, other):
            reading = await other.read(Batch(snapshot, COIN, tuple(KEYS)))
            assert words([reading[position] for position in range(6)]) == {Why.NO_STATE}
        return found

    for found in asking(ask):
        for each, right in zip(found, truth(HEIGHT), strict=True):
            assert each.why is Why.NO_STATE if isinstance(each, Gap) else int(each) == right


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("bad tipset height: lookbacks of more than 24h0m0s are disallowed", Why.NO_STATE),
        ("looking for tipset with height greater than start point", Why.NOT_FINAL),
        ("something else", Why.REFUSED),
    ],
)
def test_errors_of_gateways_are_what_they_say(message: str, why: Why) -> None:
    async def ask(server: SimLotus, node: LotusNode) -> Why:
        def refuse(method: str, _: list[Any], result: Any) -> Any:
            if "AfterHeight" in method:
                raise SimError(1, message)
            return result

        server.spoil_result = refuse
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask) is why


def test_a_node_that_hands_out_no_objects_reads_nothing() -> None:
    async def ask(_: SimLotus, node: LotusNode) -> Why:
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask, missing={"Filecoin.ChainReadObj"}) is Why.UNSUPPORTED


def test_what_is_not_the_chains_own_coin_is_a_gap() -> None:
    async def ask(_: SimLotus, node: LotusNode) -> set[Any]:
        snapshot = await node.block_at(HEIGHT)
        token = await node.read(Batch(snapshot, parse_asset("fil:f/token:1"), tuple(KEYS)))
        return words([token[0]])

    assert asking(ask) == {Why.UNSUPPORTED}


@settings(max_examples=cases(40), deadline=None)
@given(st.data())
def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """Each answer is left alone, another object's, changed in a byte, or odd; tipsets are of another height, or odd."""
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}))
    objects = list(CHAINS[5].store.objects.values())

    async def ask(server: SimLotus, node: LotusNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)

        def spoil(method: str, _: list[Any], result: Any) -> Any:
            kind = data.draw(st.integers(0, 9))
            if method != "Filecoin.ChainReadObj":
                return server._tipset(data.draw(st.sampled_from(sorted(CHAINS[5].blocks)))) if kind == 1 else result
            match kind:
                case 1:
                    return base64.b64encode(data.draw(st.sampled_from(objects))).decode()
                case 2:
                    raw = bytearray(base64.b64decode(result))
                    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
                    return base64.b64encode(raw).decode()
                case 3:
                    return data.draw(odd)
            return result

        server.spoil_result = spoil
        reading = await node.read(Batch(snapshot, COIN, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    for found, right in zip(asking(ask), truth(HEIGHT), strict=True):
        assert isinstance(found, Gap) or int(found) == right


CLAIM = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  FIL: {{id: "fil:f/slip44:461", backs: FIL, decimals: 18}}
liabilities:
  FIL: {{amount: "1"}}
holdings:
  - {{asset: FIL, account: {first}}}
  - {{asset: FIL, account: {second}}}
  - {{asset: FIL, account: {absent}}}
"""


def test_a_scan_proves_what_it_reads_and_a_witness_that_was_changed_anywhere_is_refused(tmp_path: Path) -> None:
    async def ask() -> scanner.Scan:
        async with SimLotus(CHAINS[5]) as one, SimLotus(CHAINS[5]) as other:
            urls = [server.url.replace("http://", "lotus+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            as_of = datetime.fromtimestamp(BEGINS + SECONDS * HEIGHT + 1, UTC)
            names = {name: account_text(FIL, KEYS[at]) for name, at in {"first": 0, "second": 2, "absent": 4}.items()}
            (tmp_path / "claim.yaml").write_text(CLAIM.format(as_of=as_of, **names))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    result = asyncio.run(ask())
    (reserve,) = result.finding.reserves
    assert reserve.verdict == "COVERED"
    assert reserve.by_basis[scanner.Basis.PROVEN] == reserve.held == Fraction(10**18 + HEIGHT + 7, 10**18)

    claim, signer = scanner.load_claim(tmp_path / "claim.yaml"), Ed25519Signer.of(ECC.generate(curve="ed25519"))
    files = scanner.attest(result, [signer]).files

    def verified(witness: bytes) -> scanner.Verified:
        envelope, evidence = files["attestation.dsse.json"], BytesIO(files["evidence.csv.gz"])
        return scanner.verify(envelope, claim, [signer.public], evidence, witness=BytesIO(witness))

    whole = files["witness.bin"]
    assert verified(whole).finding.verdict == "COVERED"
    for at in range(24, len(whole), max(1, len(whole) // 60)):
        with pytest.raises(scanner.AttestationInvalid):
            verified(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
