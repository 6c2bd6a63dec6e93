"""The backend of aelf: right at the best block that the node was at, and a NodeError or a Gap where it misbehaves.

No node of aelf can be installed from a package registry that tests may use, so nothing here ran against a real one:
`tests.support.simulated.aelf` stands in, written from the documentation, and checks the signature of each call as nodes
do. What is real are a transaction of the main network, whose sender follows from its signature as it does here, and the
status of a chain that the documentation prints. Never met: an answer of `GetBalance`, and the token contract itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

import scanner
from scanner.chains.accounts import account_text
from scanner.chains.aelf.node.answers import balance_in, status_of
from scanner.chains.aelf.node.client import WebApi
from scanner.chains.aelf.node.node import AelfNode
from scanner.chains.aelf.signed_message import account_of
from scanner.chains.aelf.view_call import CALLER, balance_of, view_call
from scanner.chains.backends import open_node
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import IdError
from scanner.core.node_settings import NodeSettings
from scanner.core.protobuf import data, fields
from scanner.errors import NodeError, Why
from scanner.proofs.curves import is_low_s, recover_secp256k1
from tests.support.simulated.aelf import FIRST, AelfChain, SimAelf, Spoiler
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.strength import cases

CHAIN = parse_chain("aelf:AELF")
ELF = parse_asset("aelf:AELF/slip44:1616")
KEYS = [sha256(bytes([number])).digest() for number in range(6)]
BEST = FIRST + 9

_T = TypeVar("_T")


def held(height: int) -> dict[bytes, int]:
    return {
        KEYS[0]: 10**15 + height,
        KEYS[1]: 1,
        KEYS[2]: 2**63 - 1,
        KEYS[3]: 0,
        KEYS[4]: 10**8 * (height >= FIRST + 5),
    }


def right(height: int) -> list[int]:
    return [held(height).get(key, 0) for key in KEYS]


def chain(blocks: int = 10, **changes: Any) -> AelfChain:
    return AelfChain([held(FIRST + each) for each in range(blocks)], **changes)


Opened = AbstractAsyncContextManager[tuple[SimAelf, AelfNode]]


def opened(**changes: Any) -> Opened:
    def backend(server: SimAelf) -> AelfNode:
        node_settings = NodeSettings("aelf", server.url, "o", CHAIN)
        return AelfNode(node_settings, WebApi(node_settings, sleep=at_once), sleep=at_once)

    return opened_on(SimAelf(chain()), backend, **changes)


def asking(question: Callable[[SimAelf, AelfNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: AelfNode, keys: tuple[bytes, ...] = tuple(KEYS)) -> tuple[Snapshot, list[Any]]:
    snapshot, reading = await node.read_now(ELF, keys)
    return snapshot, [reading[position] for position in range(len(reading))]


def failing(question: Callable[[AelfNode], Awaitable[Any]], **changes: Any) -> Why:
    async def ask(_: SimAelf, node: AelfNode) -> Why:
        return await why_of(question(node))

    return asking(ask, **changes)


def spoiled(spoil: Spoiler) -> set[Any]:
    """Why readings fail where the node spoils its answers once it is open; what is read is told as it is."""

    async def ask(server: SimAelf, node: AelfNode) -> set[Any]:
        server.spoil = spoil
        try:
            return {each.why if isinstance(each, Gap) else each for each in (await read(node, tuple(KEYS[:1])))[1]}
        except NodeError as error:
            return {error.why}

    return asking(ask)


# What is right


def test_accounts_are_read_exactly_at_the_best_block() -> None:
    snapshot, found = asking(lambda _, node: read(node))
    assert found == right(BEST)
    made = chain()
    time = datetime(2026, 3, 1, 0, 0, 4, 500_000, UTC)
    assert snapshot == Snapshot(CHAIN, BEST, made.hash(BEST), made.hash(BEST - 1), time)


def test_a_result_may_come_as_bare_text() -> None:
    async def ask(server: SimAelf, node: AelfNode) -> list[Any]:
        server.spoil = on(CALL, lambda answer: answer.encode())
        return (await read(node))[1]

    assert asking(ask) == right(BEST)


def test_a_block_is_believed_only_once_it_is_irreversible() -> None:
    snapshot, found = asking(lambda _, node: read(node), lag=40)
    assert (snapshot.height, found) == (BEST, right(BEST))
    assert failing(read, lag=200) is Why.NOT_FINAL


def test_a_best_block_that_changes_is_read_again_and_one_that_always_does_is_given_up() -> None:
    snapshot, found = asking(lambda _, node: read(node), best=FIRST + 4, moves_at={3})
    assert snapshot.height == FIRST + 5
    assert found == right(FIRST + 5)
    assert failing(read, best=FIRST, moves_at=range(0, 1000, 3)) is Why.WRONG_BLOCK


def test_a_block_that_was_replaced_before_it_became_irreversible_is_not_believed() -> None:
    other = chain(fork="x").hash(BEST)
    assert spoiled(on("blockByHeight", lambda answer: {**answer, "BlockHash": other})) == {Why.WRONG_BLOCK}


def test_blocks_are_told_by_their_height_and_none_above_the_last_irreversible_one() -> None:
    made = chain()
    assert asking(lambda _, node: node.block_at(FIRST + 3)).hash == made.hash(FIRST + 3)
    assert asking(lambda _, node: node.final_height()) == BEST
    assert asking(lambda _, node: node.oldest_height()) == 1
    assert failing(lambda node: node.block_at(BEST + 1)) is Why.NOT_FINAL
    assert failing(lambda node: node.block_at(FIRST - 1)) is Why.NO_STATE


def test_a_block_that_is_named_beforehand_cannot_be_read_and_other_coins_neither() -> None:
    async def ask(_: SimAelf, node: AelfNode) -> list[Any]:
        snapshot = await node.block_at(BEST)
        asset = parse_asset("eip155:1/slip44:60")
        return [
            (await node.read(Batch(snapshot, ELF, tuple(KEYS))))[0],
            await node.decimals(asset, snapshot),
            await node.decimals(ELF, snapshot),
        ]

    named, foreign, decimals = asking(ask)
    assert (named.why, foreign.why, decimals) == (Why.NO_STATE, Why.UNSUPPORTED, 8)
    assert failing(lambda node: node.read_now(parse_asset("aelf:tDVV/slip44:1616"), KEYS)) is Why.UNSUPPORTED


def test_an_account_of_another_size_is_a_gap() -> None:
    _, found = asking(lambda _, node: read(node, (b"\1" * 20, KEYS[0])))
    assert (found[0].why, found[1]) == (Why.UNSUPPORTED, right(BEST)[0])


def test_the_side_chain_has_a_token_contract_of_its_own_and_other_chains_none_that_is_known() -> None:
    side = parse_chain("aelf:tDVV")

    async def ask() -> list[int | Gap]:
        async with SimAelf(chain(name="tDVV")) as server:
            server.token = "7RzVGiuVWkvL4VfVHdZfQF2Tri3sgLe9U991bohHFfSRZXuGX"
            settings = NodeSettings("aelf", server.url, "o", side)
            node = AelfNode(settings, WebApi(settings, sleep=at_once), sleep=at_once)
            await node.open()
            _, reading = await node.read_now(parse_asset(f"{side}/slip44:1616"), KEYS)
            await node.close()
            return [reading[0]]  # type: ignore[list-item]

    assert asyncio.run(ask()) == right(BEST)[:1]
    unknown = AelfNode(NodeSettings("aelf", "http://127.0.0.1:1", "o", parse_chain("aelf:tDVW")))
    with pytest.raises(NodeError, match="is not known"):
        asyncio.run(unknown.open())


def test_the_registry_opens_this_backend_and_a_chain_is_named_as_it_names_itself() -> None:
    assert isinstance(open_node(NodeSettings("aelf", "http://127.0.0.1:1", "o", CHAIN)), AelfNode)
    for text in ("aelf:AELF_main", "aelf:A-ELF"):
        with pytest.raises(IdError):
            parse_chain(text)


# Where the node misbehaves


def on(wanted: str, change: Callable[[Any], Any]) -> Spoiler:
    return lambda name, answer: change(answer) if name == wanted else answer


def setting(**changed: Any) -> Callable[[Any], Any]:
    return lambda answer: {**answer, **changed}


def heading(**changed: Any) -> Callable[[Any], Any]:
    return lambda answer: {**answer, "Header": {**answer["Header"], **changed}}


def another(owner: bytes) -> str:
    return (data(1, b"ELF") + data(2, data(1, owner)) + b"\x18\x07").hex()


CALL, STATUS, BLOCK = "executeTransaction", "chainStatus", "blockByHeight"
MALFORMED = {Why.MALFORMED}
MISBEHAVIOUR: dict[str, tuple[Spoiler, set[Any]]] = {
    "another account": (on(CALL, lambda _: another(KEYS[1])), MALFORMED),
    "another coin": (on(CALL, lambda answer: answer.replace("0a03454c46", "0a0345 4c47".replace(" ", ""))), MALFORMED),
    "no account": (on(CALL, lambda _: "0a03454c46"), MALFORMED),
    "no result": (on(CALL, lambda _: ""), MALFORMED),
    "null": (on(CALL, lambda _: None), MALFORMED),
    "a number": (on(CALL, lambda _: 7), MALFORMED),
    "no hex": (on(CALL, lambda _: "hello"), MALFORMED),
    "half of it": (on(CALL, lambda answer: answer[: len(answer) // 4 * 2]), MALFORMED),
    "more behind it": (on(CALL, lambda answer: answer + "2001"), MALFORMED),
    "a balance twice": (on(CALL, lambda answer: answer + "1807"), MALFORMED),
    "a balance in bytes": (on(CALL, lambda answer: answer[:78] + "1a0107"), MALFORMED),
    "a negative balance": (on(CALL, lambda answer: answer[:78] + "18ffffffffffffffffff01"), MALFORMED),
    "an object": (on(CALL, lambda answer: {"Balance": answer}), MALFORMED),
    "HTML": (on(CALL, lambda _: b"<html>"), MALFORMED),
    "nothing": (on(CALL, lambda _: b""), MALFORMED),
    "HTTP 429": (on(CALL, lambda _: 429), {Why.RATE_LIMITED}),
    "HTTP 403 without a reason": (on(CALL, lambda _: 403), {Why.UNAUTHORIZED}),
    "HTTP 500": (on(CALL, lambda _: 500), {Why.UNREACHABLE}),
    "HTTP 503": (on(CALL, lambda _: 503), {Why.UNREACHABLE}),
    "HTTP 404": (on(CALL, lambda _: 404), {Why.REFUSED}),
    "another chain": (on(STATUS, setting(ChainId="tDVV")), {Why.WRONG_CHAIN}),
    "no chain": (on(STATUS, setting(ChainId=None)), MALFORMED),
    "a best block below the irreversible one": (on(STATUS, setting(BestChainHeight=FIRST - 1)), MALFORMED),
    "a best block without a hash": (on(STATUS, setting(BestChainHash="0x01")), MALFORMED),
    "a height in a text": (on(STATUS, setting(BestChainHeight=str(BEST))), MALFORMED),
    "a status that is a list": (on(STATUS, lambda _: []), MALFORMED),
    "a block of another height": (on(BLOCK, heading(Height=BEST - 1)), MALFORMED),
    "a block of another chain": (on(BLOCK, heading(ChainId="tDVV")), MALFORMED),
    "a block without a parent": (on(BLOCK, heading(PreviousBlockHash="")), MALFORMED),
    "a block without a header": (on(BLOCK, setting(Header=None)), MALFORMED),
    "a time that is none": (on(BLOCK, heading(Time="soon")), MALFORMED),
    "a day that is none": (on(BLOCK, heading(Time="2026-02-30T00:00:00Z")), MALFORMED),
    "a time elsewhere": (on(BLOCK, heading(Time="2026-03-01T00:00:00+01:00")), MALFORMED),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_node_that_misbehaves_makes_a_gap_and_never_a_balance(name: str) -> None:
    spoil, allowed = MISBEHAVIOUR[name]
    assert spoiled(spoil) == allowed


def test_a_contract_that_is_not_there_is_refused_and_never_a_zero() -> None:
    _, found = asking(lambda _, node: read(node), token="7RzVGiuVWkvL4VfVHdZfQF2Tri3sgLe9U991bohHFfSRZXuGX")
    assert {each.why for each in found} == {Why.REFUSED}


class Unwired(WebApi):
    """The client without a network: what it sends goes straight to the simulated node."""

    server: SimAelf

    async def fetch(self, method: str, url: str, body: bytes | None = None, **_: Any) -> tuple[int, Any, bytes]:
        path = urlsplit(url)
        status, answer = self.server._answer_to(method, f"{path.path}?{path.query}", body or b"")
        return status, {}, answer


ODD: list[Any] = [None, True, -1, 7, "", "AELF", "ab" * 32, [], {}]


def spoiling(random: Random) -> Spoiler:
    """Leaves each answer alone, cuts it, changes a field of it, swaps its account, or puts an error in its place."""

    def spoil(name: str, answer: Any) -> Any:
        kind = random.randrange(14)
        if kind == 0:
            whole = json.dumps(answer).encode()
            return whole[: random.randrange(len(whole))]
        if kind == 1:
            return random.choice([400, 401, 403, 404, 410, 413, 429, 500, 502, 503])
        if kind == 2:
            return {**answer, random.choice(sorted(answer)): random.choice(ODD)} if name != CALL else random.choice(ODD)
        if kind == 3 and name == CALL:
            return another(sha256(b"another").digest())
        if kind == 4 and name == CALL:
            raw = bytearray.fromhex(answer)
            raw[random.randrange(39)] ^= random.randrange(1, 256)  # its coin or account; an amount is the node's word
            return raw.hex()
        return answer

    return spoil


def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read() -> None:
    """24 accounts a case, 10,000 in all at full strength, while the best block changes in two cases of three."""
    node_settings = NodeSettings("aelf", "http://127.0.0.1:1", "o", CHAIN, timeout=5)
    wrong, exact = 0, 0

    async def one(random: Random) -> None:
        nonlocal wrong, exact
        server = SimAelf(chain(60), best=FIRST + 8)
        client = Unwired(node_settings, sleep=at_once)
        client.server = server
        node = AelfNode(node_settings, client, sleep=at_once)
        server.lag = random.choice([0, 3])
        server.moves_at = random.choice([(), {random.randrange(1, 90)}, range(0, 999, 17)])
        server.spoil = spoiling(random)
        try:
            snapshot, found = await read(node, tuple(KEYS * 4))
        except NodeError:
            return
        for said, true in zip(found, right(snapshot.height) * 4, strict=True):
            exact += said == true
            wrong += not isinstance(said, Gap) and said != true

    async def every() -> None:
        for seed in range(cases(425)):
            await one(Random(seed))

    asyncio.run(every())
    assert (wrong, exact > cases(425)) == (0, True)


CLAIM = f"""version: 1
exchange: Example
as_of: AS_OF
complete: true
assets:
  ELF: {{id: "{ELF}", backs: ELF, decimals: 8}}
liabilities:
  ELF: "OWED"
holdings:
  - {{asset: ELF, accounts: ["{account_text(CHAIN, KEYS[0])}", "ELF_{account_text(CHAIN, KEYS[1])}_AELF"]}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("10000000.0000501", "COVERED"), ("10000000.00005011", "SHORT")])
def test_a_scan_of_two_nodes_that_meet_weighs_elf_to_the_last_digit(tmp_path: Path, owed: str, verdict: str) -> None:
    begins = datetime.now(UTC).replace(microsecond=0)  # such a chain serves a claim of now alone

    async def ask() -> scanner.Scan:
        made = replace(chain(), begins=begins)
        async with SimAelf(made) as one, SimAelf(made) as other:
            urls = [server.url.replace("http://", "aelf+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            text = CLAIM.replace("OWED", owed).replace("AS_OF", f"{begins:%Y-%m-%dT%H:%M:%SZ}")
            (tmp_path / "claim.yaml").write_text(text)
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    assert [each.height for each in finding.snapshots.values()] == [BEST]
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(10**15 + BEST + 1, 10**8))


# What is sent, and what was recorded of the real network


def test_a_call_is_signed_by_the_account_that_it_names_with_s_in_the_lower_half() -> None:
    for number in range(20):
        call = view_call(KEYS[1], "GetBalance", balance_of("ELF", KEYS[number % 6]), number, KEYS[0])
        found = fields(call)
        signature = found[10_000]
        assert isinstance(signature, bytes)
        unsigned = call[: -(len(signature) + 4)]
        key = recover_secp256k1(sha256(unsigned).digest(), signature[:64], signature[64])
        assert key is not None
        assert account_of(key) == CALLER
        assert found[1] == data(1, CALLER)
        assert is_low_s(signature[:64])


def test_a_transaction_of_the_main_network_is_signed_as_calls_are_here() -> None:
    """From the tests of aelf's own SDK for JavaScript (MIT)."""
    raw = bytes.fromhex(
        "0a220a2005c3b3959caeee55b5db4004f6f9d76860aae818ce7b33d210a446ecb275468212220a200e9a238616169860ba4fb502f8e87ce6"
        "2db9ef321f29fd76d6e1ce30a0e0cdba18a8a19e022204fa60011c2a085472616e73666572322e0a220a200e9a238616169860ba4fb502f8"
        "e87ce62db9ef321f29fd76d6e1ce30a0e0cdba1203454c461880c2d72f82f10441ad1647aa462a8859c7a699f22d6124c82a5239c90746ac"
        "67ebfd8e1a7b4a25f343733351162d205fc881ea62072e9fe0fad5f6113734309b6666f6812d6b7a6400"
    )
    found = fields(raw)
    signature, sender = found[10_000], found[1]
    assert isinstance(signature, bytes)
    assert isinstance(sender, bytes)
    key = recover_secp256k1(sha256(raw[: -(len(signature) + 4)]).digest(), signature[:64], signature[64])
    assert key is not None
    assert data(1, account_of(key)) == sender
    assert (found[3], found[5]) == (4_690_088, b"Transfer")
    assert fields(found[6]) == {1: found[2], 2: b"ELF", 3: 100_000_000}  # type: ignore[arg-type]


def test_a_status_that_the_documentation_prints_is_read() -> None:
    best = "0dbc2176aded950020577552c92c82e66504ea109d4d6588887502251b7e932b"
    status = status_of(
        {
            "ChainId": "AELF",
            "Branches": {"41a8a1ebf037197b7e2f10a67d81f741d46a6af41775bcc4e52ab855c58c4375": 8681551},
            "LongestChainHeight": 8681610,
            "GenesisContractAddress": "2gaQh4uxg6tzyH1ADLoDxvHA14FMpzEiMqsQ6sDG5iHT8cmjp8",
            "LastIrreversibleBlockHash": "4ab84cdfe0723b191eedcf4d2ca86b0f64e57105e61486c21d98d562b14f2ab0",
            "LastIrreversibleBlockHeight": 8681483,
            "BestChainHash": best,
            "BestChainHeight": 8681609,
        }
    )
    assert (status.chain, status.height, status.hash, status.final) == ("AELF", 8_681_609, best, 8_681_483)


def test_a_balance_that_is_left_out_is_a_zero_of_the_account_that_the_answer_names() -> None:
    assert balance_in(another(KEYS[0])[:-4], "ELF", KEYS[0]) == 0
    assert balance_in(another(KEYS[0]), "ELF", KEYS[0]) == 7
