"""The backend of EOS (Vaulta): right at the head that the node was at, and a NodeError or a Gap where it misbehaves.

No node of an Antelope chain can be installed from a package registry that tests may use, so nothing here ran against a
real one: `tests.support.simulated.nodeos` stands in, written from the documentation. What is real are answers that
public repositories recorded of main-net nodes, quoted at the end. Never met: `core.vaulta` on a real node, whose
symbol and decimals are its documentation's word.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from Crypto.PublicKey import ECC

import scanner
from scanner.attesting.signers import Ed25519Signer
from scanner.chains.accounts import account_key
from scanner.chains.antelope.node.answers import atoms_of, held_in, info_of
from scanner.chains.antelope.node.client import Nodeos
from scanner.chains.antelope.node.node import AntelopeNode
from scanner.chains.backends import open_node
from scanner.chains.names import parse_asset, parse_chain
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import IdError
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from tests.support import proof_signing as sign
from tests.support.simulated.nodeos import FIRST, AntelopeChain, Held, SimNodeos, Spoiler
from tests.support.simulated.opened import asked, at_once, opened_on, why_of
from tests.support.strength import cases

CHAIN = parse_chain("antelope:aca376f206b8fc25a6ed44dbdc66547c")
EOS = parse_asset(f"{CHAIN}/slip44:194")
NAMES = ["okbwallet1tr", "exchange.one", "cold1", "staker", "nobody", "newcomer"]
KEYS = [account_key(CHAIN, name) for name in NAMES]
HEAD = FIRST + 9

_T = TypeVar("_T")


def held(number: int) -> dict[str, Held]:
    state = {
        NAMES[0]: Held(liquid=f"{10**6 + number}.0001 EOS", vaulta="5.0000 A"),
        NAMES[1]: Held(liquid="0.0000 EOS"),
        NAMES[2]: Held(vaulta="123456789.1234 A"),
        NAMES[3]: Held("1.0000 EOS", None, ("2.0000 EOS", "3.0000 EOS"), ("0.5000 EOS", "0.2500 EOS")),
    }
    return state | ({NAMES[5]: Held(liquid="7.0000 EOS")} if number >= FIRST + 5 else {})


def right(number: int) -> list[AtLeast]:
    amounts = [(10**6 + number) * 10**4 + 1 + 50_000, 0, 1_234_567_891_234, 67_500, 0, 70_000]
    return [AtLeast(atoms) for atoms in amounts[: 6 if number >= FIRST + 5 else 5] + [0] * (number < FIRST + 5)]


def chain(blocks: int = 10, fork: str = "") -> AntelopeChain:
    return AntelopeChain([held(FIRST + each) for each in range(blocks)], fork)


Opened = AbstractAsyncContextManager[tuple[SimNodeos, AntelopeNode]]


def opened(**changes: Any) -> Opened:
    def backend(server: SimNodeos) -> AntelopeNode:
        node_settings = NodeSettings("nodeos", server.url, "o", CHAIN)
        return AntelopeNode(node_settings, Nodeos(node_settings, sleep=at_once), sleep=at_once)

    return opened_on(SimNodeos(chain()), backend, **changes)


def asking(question: Callable[[SimNodeos, AntelopeNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: AntelopeNode, keys: tuple[bytes, ...] = tuple(KEYS)) -> tuple[Snapshot, list[Any]]:
    snapshot, reading = await node.read_now(EOS, keys)
    return snapshot, [reading[position] for position in range(len(reading))]


def failing(question: Callable[[AntelopeNode], Awaitable[Any]], **changes: Any) -> Why:
    async def ask(_: SimNodeos, node: AntelopeNode) -> Why:
        return await why_of(question(node))

    return asking(ask, **changes)


def spoiled(spoil: Spoiler) -> set[Any]:
    """Why readings fail where the node spoils its answers once it is open; what is read is told as it is."""

    async def ask(server: SimNodeos, node: AntelopeNode) -> set[Any]:
        server.spoil = spoil
        try:
            return {each.why if isinstance(each, Gap) else each for each in (await read(node, tuple(KEYS[:1])))[1]}
        except NodeError as error:
            return {error.why}

    return asking(ask)


# What is right


def test_accounts_are_read_at_the_head_as_lower_bounds_with_what_they_staked_for_themselves_and_get_back() -> None:
    snapshot, found = asking(lambda _, node: read(node))
    assert found == right(HEAD)
    made = chain()
    time = datetime(2026, 3, 1, 0, 0, 4, 500_000, UTC)
    assert snapshot == Snapshot(CHAIN, HEAD, made.id(HEAD), made.id(HEAD - 1), time)


def test_a_head_is_believed_only_once_it_is_irreversible() -> None:
    async def ask(server: SimNodeos, node: AntelopeNode) -> tuple[Snapshot, list[Any], int]:
        before = len(server.asked)
        return *(await read(node)), server.asked[before:].count("get_info")

    snapshot, found, asked = asking(ask, lag=9)
    assert (snapshot.height, found) == (HEAD, right(HEAD))
    assert asked > 3
    assert failing(read, lag=200) is Why.NOT_FINAL


def test_a_head_that_moves_on_is_read_again_and_one_that_always_does_is_given_up() -> None:
    snapshot, found = asking(lambda _, node: read(node), head=FIRST + 4, moves_at={9})
    assert snapshot.height == FIRST + 5
    assert found == right(FIRST + 5)
    assert failing(read, head=FIRST, moves_at=range(0, 1000, 3)) is Why.WRONG_BLOCK


def test_a_block_that_was_replaced_before_it_became_irreversible_is_not_believed() -> None:
    async def ask(server: SimNodeos, node: AntelopeNode) -> Why:
        def replaced(call: str, answer: Any) -> Any:
            return {**answer, "id": chain(fork="x").id(HEAD)} if call == "get_block_info" else answer

        server.spoil = replaced
        return await why_of(read(node))

    assert asking(ask) is Why.WRONG_BLOCK


def test_blocks_are_told_by_their_number_and_none_above_the_last_irreversible_one() -> None:
    made = chain()
    assert asking(lambda _, node: node.block_at(FIRST + 3)).hash == made.id(FIRST + 3)
    assert asking(lambda _, node: node.final_height()) == HEAD
    assert asking(lambda _, node: node.oldest_height()) == FIRST
    assert failing(lambda node: node.block_at(HEAD + 1)) is Why.NOT_FINAL
    assert failing(lambda node: node.block_at(FIRST - 1)) is Why.NO_STATE


def test_a_block_that_is_named_beforehand_cannot_be_read() -> None:
    async def ask(_: SimNodeos, node: AntelopeNode) -> Any:
        return (await node.read(Batch(await node.block_at(HEAD), EOS, tuple(KEYS))))[0]

    assert asking(ask).why is Why.NO_STATE


def test_decimals_are_the_systems_and_other_coins_are_not_read() -> None:
    async def ask(_: SimNodeos, node: AntelopeNode) -> list[Any]:
        snapshot = await node.block_at(HEAD)
        return [await node.decimals(asset, snapshot) for asset in (EOS, parse_asset("eip155:1/slip44:60"))]

    four, gap = asking(ask)
    assert (four, gap.why) == (4, Why.UNSUPPORTED)
    assert failing(lambda node: node.read_now(parse_asset("eip155:1/slip44:60"), KEYS)) is Why.UNSUPPORTED


def test_an_account_of_another_size_is_a_gap() -> None:
    _, found = asking(lambda _, node: read(node, (b"\1" * 20, KEYS[0])))
    assert (found[0].why, found[1]) == (Why.UNSUPPORTED, right(HEAD)[0])


def test_the_registry_opens_this_backend_and_a_chain_is_named_by_32_digits() -> None:
    assert isinstance(open_node(NodeSettings("nodeos", "http://127.0.0.1:1", "o", CHAIN)), AntelopeNode)
    for text in ("antelope:eos", "antelope:ACA376F206B8FC25A6ED44DBDC66547C"):
        with pytest.raises(IdError):
            parse_chain(text)


# Where the node misbehaves


def on(wanted: str, change: Callable[[Any], Any]) -> Spoiler:
    return lambda call, answer: change(answer) if call == wanted else answer


def setting(**fields: Any) -> Callable[[Any], Any]:
    return lambda answer: {**answer, **fields}


MALFORMED = {Why.MALFORMED}
MISBEHAVIOUR: dict[str, tuple[Spoiler, set[Any]]] = {
    "another account": (on("get_account", setting(account_name="exchange.one")), MALFORMED),
    "no account": (on("get_account", setting(account_name=None)), MALFORMED),
    "another block": (on("get_account", setting(head_block_num=HEAD - 1)), {Why.WRONG_BLOCK}),
    "no block": (on("get_account", setting(head_block_num=None)), MALFORMED),
    "a block in a text": (on("get_account", setting(head_block_num=str(HEAD))), MALFORMED),
    "a block beyond 32 bits": (on("get_account", setting(head_block_num=2**32)), MALFORMED),
    "another coin": (on("get_account", setting(core_liquid_balance="1.0000 A")), MALFORMED),
    "other decimals": (on("get_account", setting(core_liquid_balance="1.00000000 EOS")), MALFORMED),
    "a number for an amount": (on("get_account", setting(core_liquid_balance=1)), MALFORMED),
    "a negative amount": (on("get_account", setting(core_liquid_balance="-1.0000 EOS")), MALFORMED),
    "an amount too large": (on("get_account", setting(core_liquid_balance=f"{10**15}.0000 EOS")), MALFORMED),
    "another account's stake": (
        on(
            "get_account",
            setting(
                self_delegated_bandwidth={
                    "from": "a",
                    "to": NAMES[0],
                    "net_weight": "1.0000 EOS",
                    "cpu_weight": "1.0000 EOS",
                }
            ),
        ),
        MALFORMED,
    ),
    "a stake that is none": (on("get_account", setting(self_delegated_bandwidth=7)), MALFORMED),
    "half a stake": (
        on("get_account", setting(self_delegated_bandwidth={"from": NAMES[0], "to": NAMES[0]})),
        MALFORMED,
    ),
    "another account's refund": (on("get_account", setting(refund_request={"owner": "a"})), MALFORMED),
    "a list for an account": (on("get_account", lambda _: []), MALFORMED),
    "HTML": (on("get_account", lambda _: b"<html>"), MALFORMED),
    "nothing": (on("get_account", lambda _: b""), MALFORMED),
    "an error with HTTP 200": (on("get_account", lambda _: {"code": 500, "error": {"details": []}}), MALFORMED),
    "HTTP 429": (on("get_account", lambda _: 429), {Why.RATE_LIMITED}),
    "HTTP 403": (on("get_account", lambda _: 403), {Why.UNAUTHORIZED}),
    "HTTP 500 without a reason": (on("get_account", lambda _: 500), {Why.UNREACHABLE}),
    "HTTP 503": (on("get_account", lambda _: 503), {Why.UNREACHABLE}),
    "HTTP 404": (on("get_account", lambda _: 404), {Why.REFUSED}),
    "two rows of A": (on("get_currency_balance", lambda _: ["1.0000 A", "1.0000 A"]), MALFORMED),
    "rows of EOS": (on("get_currency_balance", lambda _: ["1.0000 EOS"]), MALFORMED),
    "an object of rows": (on("get_currency_balance", lambda _: {}), MALFORMED),
    "a row that is null": (on("get_currency_balance", lambda _: [None]), MALFORMED),
    "another chain": (on("get_info", setting(chain_id="ab" * 32)), {Why.WRONG_CHAIN}),
    "no chain": (on("get_info", setting(chain_id=None)), MALFORMED),
    "a head of another number": (on("get_info", setting(head_block_num=HEAD + 1)), MALFORMED),
    "a head below the last irreversible block": (
        on("get_info", setting(last_irreversible_block_num=HEAD + 1)),
        MALFORMED,
    ),
    "info that is a list": (on("get_info", lambda _: []), MALFORMED),
    "a header of another number": (on("get_block_info", setting(block_num=HEAD - 1)), MALFORMED),
    "a parent of another number": (on("get_block_info", setting(previous="ab" * 32)), MALFORMED),
    "an id that is none": (on("get_block_info", setting(id="ab")), MALFORMED),
    "a time that is none": (on("get_block_info", setting(timestamp="soon")), MALFORMED),
    "a day that is none": (on("get_block_info", setting(timestamp="2026-02-30T00:00:00.000")), MALFORMED),
    "a time between blocks": (on("get_block_info", setting(timestamp="2026-03-01T00:00:00.123")), MALFORMED),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_node_that_misbehaves_makes_a_gap_and_never_a_balance(name: str) -> None:
    spoil, allowed = MISBEHAVIOUR[name]
    assert spoiled(spoil) == allowed


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (f"unknown key (eosio::chain::name): {NAMES[0]}", AtLeast(0)),
        ("unknown key (eosio::chain::name): another", Why.REFUSED),
        (f"unknown key (eosio::chain::name): x{NAMES[0]}", Why.REFUSED),
        ("unknown key (eosio::chain::name): ", Why.REFUSED),
        (f"deadline exceeded for {NAMES[0]}", Why.REFUSED),
    ],
)
def test_an_account_that_does_not_exist_holds_nothing_if_the_node_says_so_of_that_name(words: str, found: Any) -> None:
    body = json.dumps({"code": 500, "error": {"code": 0, "details": [{"message": words}]}}).encode()

    async def ask(server: SimNodeos, node: AntelopeNode) -> Any:
        server.instead = lambda received: (500, body) if b"account_name" in received else None
        return (await read(node, (KEYS[0],)))[1][0]

    answer = asking(ask)
    assert (answer.why if isinstance(answer, Gap) else answer) == found


class Unwired(Nodeos):
    """The client without a network: what it sends goes straight to the simulated node."""

    server: SimNodeos

    async def fetch(self, method: str, url: str, body: bytes | None = None, **_: Any) -> tuple[int, Any, bytes]:
        status, answer = self.server._answer_to(method, urlsplit(url).path, body or b"")
        return status, {}, answer


ODD: list[Any] = [None, True, -1, 7, "", "1.0000 EOS", "-1.0000 EOS", "9.9999 A", [], {}, "ab" * 32]


def spoiling(random: Random) -> Spoiler:
    """Leaves each answer alone, cuts it, changes a field that is no amount of it, or puts an error in its place."""

    def spoil(call: str, answer: Any) -> Any:
        kind = random.randrange(12)
        if kind == 0:
            whole = json.dumps(answer).encode()
            return whole[: random.randrange(len(whole))]
        if kind == 1:
            return random.choice([400, 401, 404, 410, 413, 429, 500, 502, 503])
        if kind == 2 and call != "get_currency_balance":
            return {**answer, random.choice(sorted(set(answer) - {"core_liquid_balance"})): random.choice(ODD)}
        return answer

    return spoil


def test_whatever_a_node_does_to_its_answers_no_wrong_balance_is_read() -> None:
    """24 accounts a case, 10,000 in all at full strength, while the head moves on in one case of two.

    An amount itself is the node's word: that is what a quorum is for. A part that is left out makes less of it, which a
    lower bound may be."""
    node_settings = NodeSettings("nodeos", "http://127.0.0.1:1", "o", CHAIN)
    wrong, exact = 0, 0

    async def one(random: Random) -> None:
        nonlocal wrong, exact
        server = SimNodeos(chain(60), head=FIRST + 8)
        client = Unwired(node_settings, sleep=at_once)
        client.server = server
        node = AntelopeNode(node_settings, client, sleep=at_once)
        server.lag = random.choice([0, 3])
        server.moves_at = random.choice([(), {random.randrange(1, 160)}, range(0, 999, 30)])
        server.spoil = spoiling(random)
        try:
            snapshot, found = await read(node, tuple(KEYS * 4))
        except NodeError:
            return
        for said, true in zip(found, right(snapshot.height) * 4, strict=True):
            exact += said == true
            wrong += not isinstance(said, Gap) and said.atoms > true.atoms

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
  EOS: {{id: "{EOS}", backs: EOS, decimals: 4}}
liabilities:
  EOS: "OWED"
holdings:
  - {{asset: EOS, accounts: ["{NAMES[0]}", "{NAMES[3]}"]}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("1001020.7501", "COVERED"), ("1001020.7502", "UNKNOWN")])
def test_a_scan_of_two_nodes_that_meet_shows_what_is_covered(tmp_path: Path, owed: str, verdict: str) -> None:
    begins = datetime.now(UTC).replace(microsecond=0)  # such a chain serves a claim of now alone

    async def ask() -> scanner.Scan:
        made = replace(chain(), begins=begins)
        async with SimNodeos(made) as one, SimNodeos(made) as other:
            urls = [server.url.replace("http://", "nodeos+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            (tmp_path / "claim.yaml").write_text(
                CLAIM.replace("OWED", owed).replace("AS_OF", f"{begins:%Y-%m-%dT%H:%M:%SZ}")
            )
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    assert [each.height for each in finding.snapshots.values()] == [HEAD]
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(10_010_207_501, 10_000))


# Keys that may move an account's coins


def permission(*keys: dict[str, Any], threshold: int = 1, name: str = "active", **more: Any) -> dict[str, Any]:
    auth = {"threshold": threshold, "keys": list(keys), "accounts": [], "waits": [], **more}
    return {"perm_name": name, "parent": "owner", "required_auth": auth}


def weighed(number: int, weight: int = 1) -> dict[str, Any]:
    return {"key": sign.eos_key(sign.public(number)), "weight": weight}


def named(*permissions: Any, **changes: Any) -> ContractOwners:
    async def ask(server: SimNodeos, node: AntelopeNode) -> ContractOwners:
        server.permissions[NAMES[0]] = list(permissions)
        snapshot = await node.block_at(FIRST)
        return await node.contract_owners(snapshot, KEYS[0])

    return asking(ask, **changes)


def test_an_account_obeys_the_keys_of_its_active_permission() -> None:
    first, second = sign.public(1), sign.public(2)
    found = named(permission(weighed(3), name="owner"), permission(weighed(1, 2), weighed(2), threshold=3))
    weights = dict(sorted({first: 2, second: 1}.items()))
    assert found == ContractOwners(tuple(weights), 3, weights=tuple(weights.values()))
    k1 = {"key": "PUB_K1_" + sign.eos_text(first, b"K1"), "weight": 1}
    r1 = {"key": "PUB_R1_" + sign.eos_text(second, b"R1"), "weight": 5}
    delegate = {"permission": {"actor": "other", "permission": "active"}, "weight": 1}
    assert named(permission(k1, r1, accounts=[delegate])) == ContractOwners((first,), 1, weights=(1,))
    assert ContractOwners.parse(str(found)) == found


@pytest.mark.parametrize(
    ("permissions", "why"),
    [
        (
            [permission(accounts=[{"permission": {"actor": "other", "permission": "active"}, "weight": 1}])],
            Why.UNSUPPORTED,
        ),
        ([permission(weighed(1), threshold=2)], Why.UNSUPPORTED),
        ([], Why.MALFORMED),
        ([permission(weighed(1), name="owner")], Why.MALFORMED),
        ([permission(weighed(1)), permission(weighed(1))], Why.MALFORMED),
        ([permission(weighed(1), weighed(1))], Why.MALFORMED),
        ([permission(weighed(1, 0), threshold=0)], Why.MALFORMED),
        ([permission({"key": "EOS1111", "weight": 1})], Why.MALFORMED),
        ([permission({"key": 7, "weight": 1})], Why.MALFORMED),
        ([permission({**weighed(1), "weight": True})], Why.MALFORMED),
        ([permission(weighed(1), threshold=-1)], Why.MALFORMED),
        ([7], Why.MALFORMED),
        ([{"perm_name": "active"}], Why.MALFORMED),
    ],
)
def test_a_permission_that_cannot_be_or_that_other_accounts_decide_names_no_keys(permissions: Any, why: Why) -> None:
    with pytest.raises(NodeError) as caught:
        named(*permissions)
    assert caught.value.why is why


def test_permissions_of_another_account_are_refused_and_an_account_that_is_not_there_has_none() -> None:
    with pytest.raises(NodeError, match="another account"):
        named(
            permission(weighed(1)),
            spoil=lambda call, answer: {**answer, "account_name": "other"} if call == "get_account" else answer,
        )
    with pytest.raises(NodeError):
        asking(lambda _, node: node.contract_owners(None, account_key(CHAIN, "nobody")))  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "control"), [(1, "SHOWN"), (2, "UNSHOWN")])
def test_a_signature_counts_while_the_account_obeys_its_key(tmp_path: Path, key: int, control: str) -> None:
    begins = datetime.now(UTC).replace(microsecond=0)
    proof = sign.okx_eos()
    ownership = f'{{message: "{proof.message}", signatures: ["{proof.signatures[0]}"], key: "{proof.public_key}"}}'
    claim_text = (
        CLAIM.partition("holdings:")[0]
        + f"holdings:\n  - {{asset: EOS, account: {NAMES[0]}, ownership: {ownership}}}\n"
    )
    claim_text = claim_text.replace("complete: true", f'complete: true\nchallenge: "{proof.message}"')

    async def ask() -> scanner.Scan:
        made = replace(chain(), begins=begins)
        async with SimNodeos(made) as one, SimNodeos(made) as other:
            for server in (one, other):
                server.permissions[NAMES[0]] = [permission(weighed(key))]
            urls = [server.url.replace("http://", "nodeos+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            (tmp_path / "claim.yaml").write_text(
                claim_text.replace("OWED", "1").replace("AS_OF", f"{begins:%Y-%m-%dT%H:%M:%SZ}")
            )
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    result = asyncio.run(ask())
    (reserve,) = result.finding.reserves
    assert reserve.by_control[scanner.Control(control)] == reserve.held > 0
    signer = Ed25519Signer.of(ECC.generate(curve="ed25519"))
    files, claim = scanner.attest(result, [signer]).files, scanner.load_claim(tmp_path / "claim.yaml")
    evidence = BytesIO(files["evidence.csv.gz"])
    verified = scanner.verify(files["attestation.dsse.json"], claim, [signer.public], evidence).finding
    assert verified.reserves[0].by_control == reserve.by_control


# What was recorded of the real network


def test_a_recorded_account_of_the_main_network_is_read_to_the_atom() -> None:
    """Of block 21,903,034, as the documentation of a game on EOS quotes it; its permissions are left out."""
    answer = {
        "account_name": "zhaojian1111",
        "head_block_num": 21903034,
        "head_block_time": "2018-10-16T13:15:20.500",
        "core_liquid_balance": "393.5909 EOS",
        "total_resources": {"owner": "zhaojian1111", "net_weight": "0.0500 EOS", "cpu_weight": "10.4142 EOS"},
        "self_delegated_bandwidth": {
            "from": "zhaojian1111",
            "to": "zhaojian1111",
            "net_weight": "0.0500 EOS",
            "cpu_weight": "10.4142 EOS",
        },
        "refund_request": None,
    }
    assert held_in(answer, "zhaojian1111", 21_903_034, "EOS") == 4_040_551


def test_recorded_information_of_the_main_network_is_read() -> None:
    """Of October 2024, as the documentation of EOS EVM's nodes quotes it, without the irreversible block's id."""
    name = "17cc7ec2498e4dae12046843502ec8c88bfdbee801b96aa1ba58ea6e3f2508d6"
    info = info_of(
        {
            "chain_id": "aca376f206b8fc25a6ed44dbdc66547c36c6c33e3a119ffbeaef943642f0e906",
            "head_block_num": 399277762,
            "head_block_id": name,
            "last_irreversible_block_num": 399277759,
            "earliest_available_block_num": 399104422,
        }
    )
    assert (info.head, info.head_id, info.oldest) == (399_277_762, name, 399_104_422)


@pytest.mark.parametrize("text", ["1.0000 EOS", "0.0001 EOS", "100000000000.0000 EOS"])
def test_amounts_are_read_to_the_last_digit(text: str) -> None:
    assert atoms_of(text, "EOS") == int(text.removesuffix(" EOS").replace(".", ""))
