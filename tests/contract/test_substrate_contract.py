"""The backend of Substrate chains: right at every block, proven, and a Gap where the node misbehaves.

No node of such a chain can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.substrate` stands in, with real headers and real tries, written from the specification. What is
real are a proof and a header of Polkadot's relay chain, and a trie that smoldot, the engine of chopsticks-core, made:
tests/unit/chains/polkadot/test_proofs.py. The product's own trie is checked against those, so that no engine runs here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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
from scanner.chains.accounts import account_text
from scanner.chains.backends import open_node
from scanner.chains.interface import ProofQuestion
from scanner.chains.names import parse_asset
from scanner.chains.polkadot.node.node import SubstrateNode
from scanner.chains.polkadot.prover import SubstrateStateProofs
from scanner.clients.transport import JsonRpc
from scanner.core.evidence import Batch, Gap
from scanner.core.ids import AssetId, Chain
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import Witness
from scanner.scanning.pin import last_block_by
from tests.support.simulated.opened import asked, at_once, opened_on
from tests.support.simulated.substrate import BEGINS, SECONDS, Asset, Blocks, SimSubstrate, asset_account, info
from tests.support.strength import cases

KEYS = [bytes([number]) * 32 for number in range(1, 7)]
HEIGHT = 20

_T = TypeVar("_T")


def accounts(number: int) -> dict[bytes, bytes]:
    """One grows by a planck a block, one holds part of it reserved, one is empty and one is frozen in whole."""
    return {
        KEYS[0]: info(10**15 + number),
        KEYS[1]: info(5 * 10**10, 7 * 10**10, 10**10),
        KEYS[2]: info(0),
        KEYS[3]: info(9, frozen=9),
    }


def truth(number: int) -> list[int]:
    return [10**15 + number, 12 * 10**10, 0, 9, 0, 0]


def assets(number: int) -> dict[int, Asset]:
    """USDT: one grows, one is frozen and has a deposit, one is blocked and has another's deposit, one is empty."""
    entries = {
        KEYS[0]: asset_account(3 * 10**12 + number),
        KEYS[2]: asset_account(70, 1, b"\x02" + bytes([9]) * 16),
        KEYS[3]: asset_account(2**100, 2, b"\x04" + bytes([8]) * 48),
        KEYS[4]: asset_account(0, 0, b"\x03"),
    }
    return {1984: Asset(6, entries), 1337: Asset(5, {})}


def token_truth(number: int) -> list[int]:
    return [3 * 10**12 + number, 0, 70, 2**100, 0, 0]


def chain(count: int = 40, version: int = 1) -> Blocks:
    made = Blocks(version)
    for number in range(count):
        made.add(accounts(number), assets(number))
    return made


BLOCKS = {version: chain(version=version) for version in (0, 1)}
CHAIN = Chain("polkadot", BLOCKS[1].hashes[0][2:34])


def coin(of: Chain = CHAIN) -> AssetId:
    return parse_asset(f"{of}/slip44:354")


Opened = AbstractAsyncContextManager[tuple[SimSubstrate, SubstrateNode]]


def opened(blocks: Blocks = BLOCKS[1], **changes: Any) -> Opened:
    def backend(server: SimSubstrate) -> SubstrateNode:
        node_settings = NodeSettings("substrate", server.url, "o", Chain("polkadot", blocks.hashes[0][2:34]))
        return SubstrateNode(node_settings, JsonRpc(node_settings, sleep=at_once))

    return opened_on(SimSubstrate(blocks), backend, **changes)


def asking(question: Callable[[SimSubstrate, SubstrateNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


def token(number: int = 1984, of: Chain = CHAIN) -> AssetId:
    return parse_asset(f"{of}/assets:{number}")


async def read(
    node: SubstrateNode, height: int = HEIGHT, keys: Sequence[bytes] = tuple(KEYS), asset: AssetId | None = None
) -> list[Any]:
    snapshot = await node.block_at(height)
    reading = await node.read(Batch(snapshot, asset or coin(snapshot.chain), tuple(keys)))
    return [reading[position] for position in range(len(reading))]


def words(outcomes: Sequence[Any]) -> set[Any]:
    return {each.why if isinstance(each, Gap) else int(each) for each in outcomes}


@pytest.mark.parametrize("version", BLOCKS)
def test_balances_at_every_block_are_those_of_that_block(version: int) -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> None:
        for height in (1, 2, HEIGHT, 39):
            assert [int(each) for each in await read(node, height)] == truth(height)

    asking(ask, blocks=BLOCKS[version])


def test_an_asset_of_the_pallet_is_read_at_every_block_and_its_metadata_has_its_decimals() -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> list[Any]:
        for height in (1, 2, HEIGHT, 39):
            assert [int(each) for each in await read(node, height, asset=token())] == token_truth(height)
        block = await node.block_at(HEIGHT)
        return [await node.decimals(token(number), block) for number in (1984, 1337, 7)]

    usdt, usdc, none = asking(ask)
    assert (usdt, usdc) == (6, 5)
    assert (none.why, words(asking(lambda _, node: read(node, asset=token(7))))) == (Why.NO_TOKEN, {Why.NO_TOKEN})


def test_many_accounts_are_asked_for_in_pieces_and_stay_in_order() -> None:
    keys = [KEYS[number % 6] for number in range(700)]
    found = asking(lambda _, node: read(node, keys=keys))
    assert [int(each) for each in found] == [truth(HEIGHT)[number % 6] for number in range(700)]


def test_a_block_is_dated_by_its_state_and_the_last_one_before_a_moment_is_found() -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> tuple[int, datetime, int]:
        moment = datetime.fromtimestamp(BEGINS + SECONDS * HEIGHT + 3, UTC)
        return (await last_block_by(node, moment)).height, (await node.block_at(7)).time, await node.final_height()

    assert asking(ask) == (HEIGHT, datetime.fromtimestamp(BEGINS + SECONDS * 7, UTC), 37)


def test_the_registry_opens_this_backend_and_a_node_of_another_chain_is_refused() -> None:
    assert isinstance(open_node(NodeSettings("substrate", "http://127.0.0.1:1", "o", CHAIN)), SubstrateNode)

    async def ask() -> None:
        async with SimSubstrate(BLOCKS[0]) as server:
            node = SubstrateNode(NodeSettings("substrate", server.url, "o", CHAIN))
            with pytest.raises(NodeError) as caught:
                await node.open()
            await node.close()
            assert caught.value.why is Why.WRONG_CHAIN

    asyncio.run(ask())


@pytest.mark.parametrize("version", BLOCKS)
def test_what_the_node_hands_out_proves_every_account_and_that_others_are_not_there(version: int) -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> None:
        snapshot, prover = await node.block_at(HEIGHT), SubstrateStateProofs()
        usdt, none = token(of=snapshot.chain), token(7, snapshot.chain)
        for asset, right in ((coin(snapshot.chain), truth(HEIGHT)), (usdt, token_truth(HEIGHT)), (none, None)):
            witness = Witness()
            for record in prover.header(snapshot, await node.header(snapshot)):
                witness.add(record)
            reached: set[bytes] = set()
            state = prover.state(snapshot, witness, reached)
            for record in await node.proof_records(snapshot, [ProofQuestion(asset, tuple(KEYS))]):
                witness.add(record)
            if right is None:
                with pytest.raises(ProofError, match="has no"):
                    state.balance(asset, KEYS[0], None)
                assert not reached
            else:
                assert [state.balance(asset, key, None) for key in KEYS] == right
                assert reached == set(witness)

    asking(ask, blocks=BLOCKS[version])


def test_the_proof_that_there_is_an_asset_is_a_part_of_each_zero_of_it() -> None:
    """Without it an account's missing entry shows nothing: the state might have no such asset."""

    async def ask(_: SimSubstrate, node: SubstrateNode) -> None:
        snapshot, prover, witness = await node.block_at(HEIGHT), SubstrateStateProofs(), Witness()
        for record in prover.header(snapshot, await node.header(snapshot)):
            witness.add(record)
        other = ProofQuestion(token(1337), (KEYS[5],))
        for record in await node.proof_records(snapshot, [other]):
            witness.add(record)
        state = prover.state(snapshot, witness, set())
        assert state.balance(token(1337), KEYS[5], None) == 0
        with pytest.raises(ProofError):
            state.balance(token(1984), KEYS[5], None)

    asking(ask)


LOST = {Why.NO_STATE}
MISBEHAVIOUR: dict[str, tuple[Callable[[Any], Any], set[Any]]] = {
    "another block": (lambda result: [{**result[0], "block": BLOCKS[1].hashes[3]}], {Why.WRONG_BLOCK}),
    "no block": (lambda result: [{"changes": result[0]["changes"]}], {Why.MALFORMED}),
    "two blocks": (lambda result: result * 2, {Why.MALFORMED}),
    "nothing": (lambda _: None, {Why.MALFORMED}),
    "a key less": (lambda result: [{**result[0], "changes": result[0]["changes"][1:]}], {Why.MALFORMED}),
    "a key twice": (lambda result: [{**result[0], "changes": result[0]["changes"] * 2}], {Why.MALFORMED}),
    "another account's key": (
        lambda result: [{**result[0], "changes": [["0xab", None], *result[0]["changes"][1:]]}],
        {Why.MALFORMED},
    ),
    "values cut": (
        lambda result: [{**result[0], "changes": [[key, value and value[:-2]] for key, value in result[0]["changes"]]}],
        {Why.MALFORMED, 0},
    ),
    "values that are no hex": (
        lambda result: [{**result[0], "changes": [[key, value and "x"] for key, value in result[0]["changes"]]}],
        {Why.MALFORMED},
    ),
}


@pytest.mark.parametrize("asset", [coin(), token()], ids=lambda asset: asset.kind)
@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_node_that_misbehaves_gives_gaps_with_their_reason_and_no_wrong_balance(name: str, asset: AssetId) -> None:
    spoil, expected = MISBEHAVIOUR[name]

    async def ask(server: SimSubstrate, node: SubstrateNode) -> list[Any]:
        server.spoil_result = lambda method, _, result: spoil(result) if method == "state_queryStorageAt" else result
        return await read(node, asset=asset)

    assert words(asking(ask)) == expected


@pytest.mark.parametrize("method", ["state_queryStorageAt", "state_getStorage"])
def test_a_node_that_leaves_an_asset_out_makes_no_zero_of_it(method: str) -> None:
    async def ask(server: SimSubstrate, node: SubstrateNode) -> tuple[set[Any], Any]:
        block = await node.block_at(HEIGHT)

        def without(asked: str, _: list[Any], result: Any) -> Any:
            if asked != method:
                return result
            return (
                None
                if asked == "state_getStorage"
                else [{**result[0], "changes": [[key, None] for key, _ in result[0]["changes"]]}]
            )

        server.spoil_result = without
        reading = await node.read(Batch(block, token(), tuple(KEYS)))
        return words([reading[at] for at in range(6)]), await node.decimals(token(), block)

    found, decimals = asking(ask)
    if method == "state_queryStorageAt":
        assert (found, decimals) == ({Why.NO_TOKEN}, 6)
    else:
        assert (found, decimals.why) == (set(token_truth(HEIGHT)), Why.NO_TOKEN)


def test_shuffled_values_are_matched_by_their_keys() -> None:
    async def ask(server: SimSubstrate, node: SubstrateNode) -> list[Any]:
        server.spoil_result = lambda method, _, result: (
            [{**result[0], "changes": result[0]["changes"][::-1]}] if method == "state_queryStorageAt" else result
        )
        return await read(node)

    assert [int(each) for each in asking(ask)] == truth(HEIGHT)


@pytest.mark.parametrize("name", ["parentHash", "stateRoot", "extrinsicsRoot", "number", "digest"])
def test_a_header_that_was_changed_is_forged(name: str) -> None:
    async def ask(server: SimSubstrate, node: SubstrateNode) -> Why:
        changed = {"number": "0x15", "digest": {"logs": []}}.get(name, "0x" + "cd" * 32)
        server.spoil_result = lambda method, _, result: (
            {**result, name: changed} if method == "chain_getHeader" else result
        )
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask) is Why.FORGED


def test_a_node_that_let_go_of_a_state_says_so() -> None:
    async def ask(server: SimSubstrate, node: SubstrateNode) -> tuple[set[Any], Why]:
        snapshot = await node.block_at(HEIGHT)
        server.keeps = range(30, 40)
        reading = await node.read(Batch(snapshot, coin(), tuple(KEYS)))
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return words([reading[position] for position in range(6)]), caught.value.why

    assert asking(ask) == (LOST, Why.NO_STATE)


def test_a_node_without_proofs_still_reads() -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> Why:
        with pytest.raises(NodeError) as caught:
            await node.header(await node.block_at(HEIGHT))
        return caught.value.why

    assert asking(ask, proofs=False) is Why.UNSUPPORTED


def test_what_is_not_the_chains_own_coin_and_no_account_is_a_gap() -> None:
    async def ask(_: SimSubstrate, node: SubstrateNode) -> tuple[set[Any], set[Any]]:
        snapshot = await node.block_at(HEIGHT)
        elsewhere = parse_asset("polkadot:68d56f15f85d3136970ec16946040bc1/assets:1984")
        token = await node.read(Batch(snapshot, elsewhere, tuple(KEYS)))
        short = await node.read(Batch(snapshot, coin(), (b"\x01" * 20, KEYS[0])))
        return words([token[0]]), words([short[0], short[1]])

    assert asking(ask) == ({Why.UNSUPPORTED}, {Why.UNSUPPORTED, truth(HEIGHT)[0]})


@settings(max_examples=cases(40), deadline=None)
@given(st.data())
def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """An answer is left alone, of another block, cut, or odd in a part; its values apart, which a quorum is for."""
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.just([]), st.just({}))

    async def ask(server: SimSubstrate, node: SubstrateNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)

        def spoil(method: str, params: list[Any], result: Any) -> Any:
            if method != "state_queryStorageAt":
                return result
            match data.draw(st.integers(0, 4)):
                case 1:
                    return server._result(method, [params[0], BLOCKS[1].hashes[data.draw(st.integers(1, 39))]])
                case 2:
                    return [{**result[0], data.draw(st.sampled_from(["block", "changes"])): data.draw(odd)}]
                case 3:
                    kept = data.draw(st.lists(st.sampled_from(result[0]["changes"]), max_size=8))
                    return [{**result[0], "changes": kept}]
                case 4:
                    return data.draw(odd)
            return result

        server.spoil_result = spoil
        reading = await node.read(Batch(snapshot, asset, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    asset = data.draw(st.sampled_from([coin(), token()]))
    for found, right in zip(asking(ask), truth(HEIGHT) if asset.native else token_truth(HEIGHT), strict=True):
        assert isinstance(found, Gap) or int(found) == right


CLAIM = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  DOT: {{id: "{asset}", backs: DOT, decimals: 10}}
  USDT: {{id: "{token}", backs: USDT, decimals: 6}}
liabilities:
  DOT: {{amount: "100012"}}
  USDT: {{amount: "3000000.00002"}}
holdings:
  - {{asset: USDT, account: {first}}}
  - {{asset: USDT, account: {second}}}
  - {{asset: DOT, account: {first}}}
  - {{asset: DOT, account: {second}}}
  - {{asset: DOT, account: {absent}}}
"""


@pytest.mark.parametrize("lying", [False, True])
def test_a_scan_proves_what_it_reads_and_a_false_word_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lying: bool
) -> None:
    """Where both nodes say that an account holds ten times as much, the proof shows otherwise."""
    from scanner.chains.family import Coin
    from scanner.chains.polkadot import facts

    monkeypatch.setattr(facts, "COINS", {CHAIN.reference: Coin(10, 354)})
    monkeypatch.setattr("scanner.chains.polkadot.family.COINS", facts.COINS)
    monkeypatch.setattr("scanner.chains.polkadot.node.node.COINS", facts.COINS)

    def lie(method: str, _: list[Any], result: Any) -> Any:
        if lying and method == "state_queryStorageAt":
            for change in result[0]["changes"]:
                if change[1] and len(change[1]) in (2 + 2 * 80, 2 + 2 * 18):
                    change[1] = f"0x{(info(10**16) if len(change[1]) > 40 else asset_account(10**16)).hex()}"
        return result

    async def ask() -> scanner.Scan:
        async with SimSubstrate(BLOCKS[1]) as one, SimSubstrate(BLOCKS[1]) as other:
            for server in (one, other):
                server.spoil_result = lie
            urls = [server.url.replace("http://", "substrate+http://") for server in (one, other)]
            nodes = "".join(
                f'  - {{url: "{url}", operator: o{number}, chain: "{CHAIN}"}}\n' for number, url in enumerate(urls)
            )
            (tmp_path / "nodes.yaml").write_text(f'policy: {{contracts: ["{token()}"]}}\nnodes:\n{nodes}')
            as_of = datetime.fromtimestamp(BEGINS + SECONDS * HEIGHT + 1, UTC)
            names = {name: account_text(CHAIN, KEYS[at]) for name, at in {"first": 0, "second": 1, "absent": 5}.items()}
            (tmp_path / "claim.yaml").write_text(CLAIM.format(as_of=as_of, asset=coin(), token=token(), **names))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    result = asyncio.run(ask())
    reserves = {each.unit: each for each in result.finding.reserves}
    if lying:
        assert {each.verdict.value for each in reserves.values()} == {"UNKNOWN"}
        assert not any(each.held for each in reserves.values())
        return
    held = {"DOT": Fraction(sum(truth(HEIGHT)[:2]), 10**10), "USDT": Fraction(token_truth(HEIGHT)[0], 10**6)}
    for unit, reserve in reserves.items():
        assert reserve.verdict == "COVERED"
        assert reserve.by_basis[scanner.Basis.PROVEN] == reserve.held == held[unit]

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
