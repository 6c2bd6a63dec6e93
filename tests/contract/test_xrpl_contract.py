"""The XRP Ledger's backend: right at every ledger, and a Gap where the server misbehaves.

No server of the XRP Ledger can be installed from a package registry, so nothing here ran against a real one:
`tests.support.simulated.xrpl` stands in, written from the API's description. What is real are a whole ledger of the
main network and recorded answers, read from the shared reference where it is at hand.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from io import BytesIO
from itertools import count
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
from scanner.chains.names import parse_asset
from scanner.chains.xrpl.header import LedgerHeader
from scanner.chains.xrpl.node.answers import balance_of, header_of, require_ledger
from scanner.chains.xrpl.node.client import Commands
from scanner.chains.xrpl.node.node import RippledNode
from scanner.chains.xrpl.signed_message import account_of
from scanner.clients.http_client import ATTEMPTS
from scanner.core.control import ContractOwners
from scanner.core.evidence import Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.lower_bound import AtLeast
from scanner.core.node_settings import NodeSettings
from scanner.errors import NodeError, Why
from scanner.scanning.pin import last_block_by
from tests.support import proof_signing as sign
from tests.support.places import SHARED as _SHARED
from tests.support.simulated.opened import asked, at_once, opened_on
from tests.support.simulated.xrpl import CLOSE_TIME, FIRST, Ledgers, SimRippled, Spoiler, escrow
from tests.support.strength import cases

SHARED = _SHARED / "data" / "chains" / "xrpl"
CHAIN = Chain("xrpl", "0")
XRP = parse_asset("xrpl:0/slip44:144")
KEYS = [bytes([number]) * 20 for number in range(1, 6)]
ADDRESSES = [account_text(CHAIN, key) for key in KEYS]
NOT_THERE = bytes(range(20))
HEIGHT = FIRST + 4

_T = TypeVar("_T")


def held(index: int) -> dict[str, int]:
    """One account grows by a drop a ledger, one is empty, one came with the third ledger."""
    accounts = {ADDRESSES[0]: 10**12 + index, ADDRESSES[1]: 0, ADDRESSES[2]: 99_999_999_999_996_310}
    return accounts | ({ADDRESSES[3]: 20_000_000} if index >= FIRST + 3 else {})


def ledgers(count: int = 9) -> Ledgers:
    made = Ledgers()
    for index in range(FIRST, FIRST + count):
        made.add(held(index))
    return made


Opened = AbstractAsyncContextManager[tuple[SimRippled, RippledNode]]


def opened(made: Ledgers | None = None, **changes: Any) -> Opened:
    """A simulated server with these attributes, and the backend opened on it."""
    of_settings = {name: changes.pop(name) for name in ("chain", "timeout") if name in changes}

    def backend(server: SimRippled) -> RippledNode:
        node_settings = replace(NodeSettings("rippled", server.url, "o", CHAIN), **of_settings)
        return RippledNode(node_settings, Commands(node_settings, sleep=at_once))

    return opened_on(SimRippled(made or ledgers()), backend, **changes)


def asking(question: Callable[[SimRippled, RippledNode], Awaitable[_T]], **changes: Any) -> _T:
    return asked(opened(**changes), question)


async def read(node: RippledNode, height: int = HEIGHT, keys: Sequence[bytes] = tuple(KEYS)) -> list[Any]:
    reading = await node.read(Batch(await node.block_at(height), XRP, tuple(keys)))
    return [reading[position] for position in range(len(reading))]


def spoiled(spoil: Spoiler, at: str = "account_info") -> set[Any]:
    """What is read of all accounts where the server spoils one command after the block is pinned."""

    async def ask(server: SimRippled, node: RippledNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        server.spoil = lambda command, result: spoil(command, result) if command == at else result
        reading = await node.read(Batch(snapshot, XRP, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    return {each.why if isinstance(each, Gap) else int(each) for each in asking(ask)}


# What is right


def test_balances_at_every_ledger_are_those_of_that_ledger() -> None:
    async def ask(_server: SimRippled, node: RippledNode) -> None:
        for height in range(FIRST, FIRST + 9):
            assert [int(each) for each in await read(node, height)] == [held(height).get(text, 0) for text in ADDRESSES]

    asking(ask)


def test_an_account_that_the_ledger_does_not_have_holds_nothing() -> None:
    assert asking(lambda _, node: read(node, keys=[NOT_THERE])) == [0]


def clio(account: object, ledger: object) -> dict[str, Any]:
    """What Clio answers for an account that is not there (XRPLF/clio, issue 612): the question, and no ledger."""
    request = {"method": "account_info", "params": [{"account": account, "ledger_hash": ledger, "strict": True}]}
    return {
        "error": "actNotFound",
        "error_code": 19,
        "error_message": "Account not found.",
        "status": "error",
        "type": "response",
        "request": request,
    }


def missing_at_clio(change: Spoiler) -> Any:
    """What is read of an account that is not there, where `change` is made to what Clio answers."""

    async def ask(server: SimRippled, node: RippledNode) -> Any:
        snapshot = await node.block_at(HEIGHT)
        account = account_text(CHAIN, NOT_THERE)

        def spoil(command: str, result: Any) -> Any:
            return change(command, clio(account, snapshot.hash) if command == "account_info" else result)

        server.spoil = spoil
        found = (await node.read(Batch(snapshot, XRP, (NOT_THERE,))))[0]
        return found.why if isinstance(found, Gap) else found

    return asking(ask)


def test_clio_says_that_an_account_is_not_there_by_repeating_the_question_and_has_that_ledger() -> None:
    assert missing_at_clio(lambda _, result: result) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda command, result: clio(ADDRESSES[0], "AB" * 32) if command == "account_info" else result, "another's"),
        (lambda command, result: {**result, "request": None} if command == "account_info" else result, "no question"),
        (lambda command, result: {**result, "ledger_index": 5} if command == "account_info" else result, "a ledger"),
        (
            lambda command, result: {"error": "lgrNotFound", "status": "error"} if command == "ledger" else result,
            "gone",
        ),
        (lambda command, result: {**result, "validated": False} if command == "ledger" else result, "not validated"),
        (lambda command, result: {**result, "ledger_index": 5} if command == "ledger" else result, "other index"),
        (lambda command, result: {**result, "ledger": {}} if command == "ledger" else result, "no header"),
    ],
)
def test_a_question_that_is_not_repeated_or_a_ledger_that_clio_does_not_have_is_no_zero(
    change: Spoiler, why: str
) -> None:
    assert isinstance(missing_at_clio(change), Why), why


def test_a_ledger_is_dated_and_named_by_its_own_header() -> None:
    made = ledgers()
    snapshot = asking(lambda _, node: node.block_at(HEIGHT), made=made)
    name = made.headers[HEIGHT]["ledger_hash"]
    time = datetime.fromtimestamp(946_684_800 + CLOSE_TIME + 40, UTC)
    assert snapshot == Snapshot(CHAIN, HEIGHT, name, made.headers[HEIGHT - 1]["ledger_hash"], time)


def test_the_newest_validated_ledger_is_final_and_the_last_one_before_a_moment_is_found() -> None:
    async def ask(_: SimRippled, node: RippledNode) -> tuple[int, Snapshot]:
        moment = datetime.fromtimestamp(946_684_800 + CLOSE_TIME + 205, UTC)
        return await node.final_height(), await last_block_by(node, moment)

    final, found = asking(ask, made=ledgers(40))
    assert (final, found.height) == (FIRST + 39, FIRST + 20)


def test_what_a_server_no_longer_keeps_bounds_the_search_by_time() -> None:
    async def ask(server: SimRippled, node: RippledNode) -> tuple[int, str]:
        server.keeps = range(FIRST + 3, FIRST + 9)
        with pytest.raises(NodeError) as gone:
            await node.block_at(FIRST)
        return await node.oldest_height(), gone.value.why

    assert asking(ask) == (FIRST + 3, Why.NO_STATE)


def test_the_registry_opens_this_backend() -> None:
    assert isinstance(open_node(NodeSettings("rippled", "http://127.0.0.1:1", "o", CHAIN)), RippledNode)


def test_every_read_names_the_ledger_by_its_hash() -> None:
    asked: list[dict[str, Any]] = []

    async def ask(server: SimRippled, node: RippledNode) -> None:
        server.instead = lambda received: asked.append(json.loads(received))
        await read(node)

    asking(ask)
    of_accounts = [each["params"][0] for each in asked if each["method"] == "account_info"]
    assert len(of_accounts) == len(KEYS)
    assert all(re_hash(each["ledger_hash"]) and "ledger_index" not in each for each in of_accounts)


def re_hash(text: str) -> bool:
    return len(bytes.fromhex(text)) == 32


# Where the server misbehaves

MISBEHAVIOUR: dict[str, tuple[Spoiler, set[Any]]] = {
    "another ledger": (lambda _, result: {**result, "ledger_index": HEIGHT - 1}, {Why.WRONG_BLOCK}),
    "another ledger's hash": (lambda _, result: {**result, "ledger_hash": "AB" * 32}, {Why.WRONG_BLOCK}),
    "no ledger": (lambda _, result: {**result, "ledger_hash": None}, {Why.WRONG_BLOCK}),
    "an open ledger": (lambda _, result: {**result, "validated": False}, {Why.WRONG_BLOCK}),
    "no word of validation": (
        lambda _, result: {name: each for name, each in result.items() if name != "validated"},
        {Why.WRONG_BLOCK},
    ),
    "another account": (
        lambda _, result: {**result, "account": "x", "account_data": {"Account": ADDRESSES[4], "Balance": "5"}},
        {Why.MALFORMED},
    ),
    "no balance": (
        lambda _, result: {**result, "account": "x", "account_data": {"Account": ADDRESSES[0]}},
        {Why.MALFORMED},
    ),
    "not found, of no ledger": (
        lambda *_: {"error": "actNotFound", "status": "error"},
        {Why.WRONG_BLOCK},
    ),
    "not found, of no account": (
        lambda _, result: {**result, "error": "actNotFound", "status": "error", "account": None},
        {Why.MALFORMED},
    ),
    "the ledger gone": (lambda *_: {"error": "lgrNotFound", "status": "error"}, {Why.NO_STATE}),
    "busy for ever": (lambda *_: {"error": "slowDown", "status": "error"}, {Why.RATE_LIMITED}),
    "off its network": (lambda *_: {"error": "noNetwork", "status": "error"}, {Why.UNREACHABLE}),
    "an error nobody knows": (lambda *_: {"error": "odd", "status": "error"}, {Why.REFUSED}),
    "no permission": (lambda *_: {"error": "noPermission", "status": "error"}, {Why.UNAUTHORIZED}),
    "neither success nor error": (lambda *_: {"status": "pending"}, {Why.MALFORMED}),
    "a list": (lambda *_: [], {Why.MALFORMED}),
    "HTML": (lambda *_: b"<html>", {Why.MALFORMED}),
    "nothing": (lambda *_: b"", {Why.MALFORMED}),
    "HTTP 500": (lambda *_: 500, {Why.UNREACHABLE}),
    "HTTP 401": (lambda *_: 401, {Why.UNAUTHORIZED}),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_server_that_misbehaves_gives_gaps_with_their_reason_and_no_balance(name: str) -> None:
    spoil, expected = MISBEHAVIOUR[name]
    assert spoiled(spoil) == expected


@pytest.mark.parametrize("balance", ["-1", "1.5", "1e3", "007", "", None, 1.0, True, "1" * 21, str(10**17 + 1)])
def test_a_balance_in_no_documented_form_is_none(balance: object) -> None:
    def spoil(_: str, result: Any) -> Any:
        if "account_data" in result:
            result["account_data"]["Balance"] = balance
        return result

    assert spoiled(spoil) == {Why.MALFORMED, 0}  # the zero is of the account that the ledger does not have


@pytest.mark.parametrize("name", ["total_coins", "parent_hash", "account_hash", "close_time", "close_flags"])
def test_a_header_that_was_changed_does_not_hash_to_its_name(name: str) -> None:
    def spoil(command: str, result: Any) -> Any:
        if command == "ledger":
            value = result["ledger"][name]
            result["ledger"][name] = value + 1 if isinstance(value, int) else value[:-1] + "12"[value[-1] == "1"]
        return result

    async def ask(server: SimRippled, node: RippledNode) -> Why:
        server.spoil = spoil
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask) is Why.FORGED


def test_a_ledger_that_is_not_validated_is_none_to_read_at() -> None:
    async def ask(server: SimRippled, node: RippledNode) -> Why:
        server.spoil = lambda _, result: {**result, "validated": False}
        with pytest.raises(NodeError) as caught:
            await node.block_at(HEIGHT)
        return caught.value.why

    assert asking(ask) is Why.NOT_FINAL


def test_a_server_of_another_network_is_refused_and_one_that_names_none_is_taken() -> None:
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), network=1)
    assert caught.value.why is Why.WRONG_CHAIN
    assert asking(lambda _, node: node.final_height(), network=None) == FIRST + 8


@pytest.mark.parametrize("network", [None, 0, 2])
def test_a_server_is_of_testnet_only_if_it_says_so(network: int | None) -> None:
    """One without a number may be of the main network."""
    with pytest.raises(NodeError) as caught:
        asking(lambda _, node: node.final_height(), network=network, chain=Chain("xrpl", "1"))
    assert caught.value.why is Why.WRONG_CHAIN
    assert asking(lambda _, node: node.final_height(), network=1, chain=Chain("xrpl", "1")) == FIRST + 8


def test_a_pause_that_the_server_asks_for_is_made_and_the_reading_goes_on() -> None:
    failures = iter([True] * (ATTEMPTS - 1))

    def spoil(_: str, result: Any) -> Any:
        return {"error": "slowDown", "status": "error"} if next(failures, False) else result

    assert spoiled(spoil) == {held(HEIGHT).get(text, 0) for text in ADDRESSES}


@pytest.mark.parametrize("asset", ["xrpl:0/token:USD.rhub8VRN55s94qWKDv6jmDy1pUykJzF3wq", "xrpl:1/slip44:144"])
def test_what_is_not_the_networks_own_coin_is_a_gap(asset: str) -> None:
    async def ask(_: SimRippled, node: RippledNode) -> set[Why]:
        reading = await node.read(Batch(await node.block_at(HEIGHT), parse_asset(asset), tuple(KEYS)))
        return {each.why for each in map(reading.__getitem__, range(len(reading))) if isinstance(each, Gap)}

    assert asking(ask) == {Why.UNSUPPORTED}


@settings(max_examples=cases(60), deadline=None)
@given(st.data())
def test_whatever_a_server_does_to_its_answers_no_wrong_balance_is_read(data: st.DataObject) -> None:
    """Each answer to an account is left alone, or another ledger's, another account's, cut, or spoiled in a field."""
    true = [held(HEIGHT).get(text, 0) for text in ADDRESSES]
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=2))

    async def ask(server: SimRippled, node: RippledNode) -> list[Any]:
        snapshot = await node.block_at(HEIGHT)
        others = [
            server._result("account_info", {"account": text, "ledger_index": height})
            for text in ADDRESSES
            for height in (HEIGHT - 2, HEIGHT)
        ]

        def spoil(command: str, result: Any) -> Any:
            kind = data.draw(st.integers(0, 4))
            if command != "account_info" or kind == 0:
                return result
            if kind == 1:
                return data.draw(st.sampled_from(others))
            if kind == 2:
                whole = json.dumps({"result": result}).encode()
                return whole[: data.draw(st.integers(0, len(whole) - 1))]
            name = data.draw(st.sampled_from(sorted(result)))
            if kind == 3:
                return {key: value for key, value in result.items() if key != name}
            # Its balance apart: a server's word for what an account holds is what a quorum is for.
            return result if name == "account_data" else {**result, name: data.draw(odd)}

        server.spoil = spoil
        reading = await node.read(Batch(snapshot, XRP, tuple(KEYS)))
        return [reading[position] for position in range(len(reading))]

    for found, right in zip(asking(ask), true, strict=True):
        assert isinstance(found, Gap) or int(found) == right


CLAIM = f"""version: 1
exchange: Example
as_of: {datetime.fromtimestamp(946_684_800 + CLOSE_TIME + 200, UTC):%Y-%m-%dT%H:%M:%SZ}
complete: true
assets:
  XRP: {{id: "xrpl:0/slip44:144", backs: XRP, decimals: 6}}
liabilities:
  XRP: {{amount: "OWED"}}
holdings:
  - {{asset: XRP, account: {ADDRESSES[0]}}}
  - {{asset: XRP, account: {ADDRESSES[3]}}}
"""


@pytest.mark.parametrize(("owed", "verdict"), [("1000020.04002", "COVERED"), ("1000020.040021", "SHORT")])
def test_a_scan_of_two_servers_weighs_xrp_to_the_drop(tmp_path: Path, owed: str, verdict: str) -> None:
    """Held: 10**12 drops and the index of the ledger that was final then, and 20 XRP."""

    async def ask() -> scanner.Scan:
        async with SimRippled(ledgers(40)) as one, SimRippled(ledgers(40)) as other:
            urls = [server.url.replace("http://", "rippled+http://") for server in (one, other)]
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            (tmp_path / "claim.yaml").write_text(CLAIM.replace("OWED", owed))
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    finding = asyncio.run(ask()).finding
    (reserve,) = finding.reserves
    (snapshot,) = finding.snapshots.values()
    assert snapshot.height == FIRST + 20
    assert (reserve.verdict, reserve.held) == (verdict, Fraction(10**12 + FIRST + 20 + 20_000_000, 10**6))


# What is in escrow

OWNER, OTHER = ADDRESSES[0], ADDRESSES[1]
LINE = {"Account": OWNER, "LedgerEntryType": "RippleState", "index": "AB" * 32}
ESCROWS = [
    escrow(OWNER, OWNER, 5_000),
    escrow(OWNER, OTHER, 70_000),
    escrow(OTHER, OWNER, 900_000),
    escrow(OWNER, OWNER, 11_000_000, Condition="A0"),
    escrow(OWNER, OWNER, 1_000, FinishFunction="00"),
    escrow(OWNER, OWNER, 130_000_000, Condition="A0", CancelAfter=CLOSE_TIME + 10**7),
]
COUNTED = 130_005_000


def with_entries(entries: Sequence[dict[str, Any]]) -> Ledgers:
    """An account's entries in each ledger, of which the first grows with it."""
    made = Ledgers()
    for index in range(FIRST, FIRST + 9):
        first = [{**entry, "Amount": str(int(entry["Amount"]) + index)} for entry in entries[:1] if "Amount" in entry]
        made.add(held(index), [*first, *entries[len(first) :]])
    return made


def owners(made: Ledgers, spoil: Spoiler | None = None, **changes: Any) -> Any:
    """What is read of the one who has escrows, less its balance; `spoil` changes the lists of escrows."""

    async def ask(server: SimRippled, node: RippledNode) -> Any:
        snapshot = await node.block_at(HEIGHT)
        if spoil is not None:
            server.spoil = lambda command, result: spoil(command, result) if command == "account_objects" else result
        (found,) = [(await node.read(Batch(snapshot, XRP, (KEYS[0],))))[0]]
        if isinstance(found, Gap):
            return found.why
        balance = held(HEIGHT)[OWNER]
        return AtLeast(found.atoms - balance) if isinstance(found, AtLeast) else found - balance

    return asking(ask, made=made, **changes)


@pytest.mark.parametrize("page", [1, 2, 400])
def test_what_is_in_escrow_for_the_account_itself_counts_at_that_ledger_and_no_other_escrow(page: int) -> None:
    assert owners(with_entries([*ESCROWS, LINE]), page=page) == COUNTED + HEIGHT


def test_tokens_in_escrow_are_no_xrp() -> None:
    tokens = {"currency": "USD", "issuer": OTHER, "value": "7"}
    assert owners(with_entries([LINE, {**ESCROWS[0], "Amount": tokens}])) == 0


def test_escrows_are_asked_for_where_an_account_owns_entries_alone() -> None:
    async def ask(server: SimRippled, node: RippledNode) -> int:
        await read(node)
        return server.commands.count("account_objects")

    assert asking(ask) == 0
    assert asking(ask, made=with_entries(ESCROWS[2:3])) == 1  # of the one who pays


def test_a_list_of_escrows_that_is_refused_or_longer_than_is_read_leaves_a_lower_bound() -> None:
    refused = {"error": "unknownCmd", "status": "error"}
    assert owners(with_entries(ESCROWS), spoil=lambda *_: refused) == AtLeast(0)
    after = iter([None])
    found = owners(with_entries(ESCROWS), page=1, spoil=lambda _, result: next(after, refused) or result)
    assert found == AtLeast(5_000 + HEIGHT)
    pages = count()
    endless = owners(
        with_entries(ESCROWS),
        spoil=lambda _, result: {**result, "account_objects": [], "marker": str(next(pages))},
    )
    assert endless == AtLeast(0)
    assert next(pages) == 100


def of_first(**fields: Any) -> Spoiler:
    """Changes the first escrow of the list; ... takes the field away."""

    def spoil(_command: str, result: Any) -> Any:
        first, *others = result["account_objects"]
        changed = {name: value for name, value in {**first, **fields}.items() if value is not ...}
        return {**result, "account_objects": [changed, *others]}

    return spoil


def of_list(**fields: Any) -> Spoiler:
    return lambda _, result: {name: value for name, value in {**result, **fields}.items() if value is not ...}


FALSE_LISTS: dict[str, tuple[Spoiler, Why]] = {
    "of another account": (of_list(account=OTHER), Why.MALFORMED),
    "of no account": (of_list(account=...), Why.MALFORMED),
    "of another ledger": (of_list(ledger_hash="AB" * 32), Why.WRONG_BLOCK),
    "of another index": (of_list(ledger_index=HEIGHT + 1), Why.WRONG_BLOCK),
    "of a ledger that is not validated": (of_list(validated=False), Why.WRONG_BLOCK),
    "without escrows": (of_list(account_objects=...), Why.MALFORMED),
    "an object of escrows": (of_list(account_objects={}), Why.MALFORMED),
    "of numbers": (of_list(account_objects=[7]), Why.MALFORMED),
    "the same page for ever": (of_list(marker="0"), Why.MALFORMED),
    "an escrow twice": (lambda _, result: {**result, "account_objects": result["account_objects"] * 2}, Why.MALFORMED),
    "an entry of another type": (of_first(LedgerEntryType="Check"), Why.MALFORMED),
    "an escrow of others": (of_first(Account=OTHER, Destination=OTHER), Why.MALFORMED),
    "an escrow of no payer": (of_first(Account=...), Why.MALFORMED),
    "a payer that is no account": (of_first(Account="x"), Why.MALFORMED),
    "an escrow of no payee": (of_first(Destination=...), Why.MALFORMED),
    "a payee that is no account": (of_first(Destination=OWNER[:-1]), Why.MALFORMED),
    "an escrow without a name": (of_first(index=...), Why.MALFORMED),
    "an escrow without an amount": (of_first(Amount=...), Why.MALFORMED),
    "an amount below zero": (of_first(Amount="-5"), Why.MALFORMED),
    "half a drop": (of_first(Amount="0.5"), Why.MALFORMED),
    "an object without an amount": (of_first(Amount={"currency": "USD"}), Why.MALFORMED),
    "more than all XRP": (of_first(Amount=str(10**17 + 1)), Why.MALFORMED),
    "with the balance more than all XRP": (of_first(Amount=str(10**17)), Why.MALFORMED),
    "a server that is gone": (lambda _command, _result: 503, Why.UNREACHABLE),
    "no list at all": (lambda _command, _result: b"{}", Why.MALFORMED),
}


@pytest.mark.parametrize("name", FALSE_LISTS)
def test_a_false_list_of_escrows_is_a_gap(name: str) -> None:
    spoil, why = FALSE_LISTS[name]
    assert owners(with_entries(ESCROWS), spoil=spoil) == why


@pytest.mark.parametrize("owned", ["1", None, True, 1.0])
def test_an_account_that_does_not_say_how_many_entries_it_owns_is_a_gap(owned: object) -> None:
    changed = spoiled(lambda _, result: with_data(result, OwnerCount=owned) if "account_data" in result else result)
    assert changed - {0} == {Why.MALFORMED}


def with_data(result: Any, **fields: Any) -> Any:
    return {**result, "account_data": {**result["account_data"], **fields}}


# Keys that an account obeys

DISABLED = 0x00100000


def named(signing: dict[str, Any], spoil: Spoiler = lambda _command, result: result) -> ContractOwners:
    async def ask(server: SimRippled, node: RippledNode) -> ContractOwners:
        snapshot = await node.block_at(HEIGHT)
        server.signing[account_text(CHAIN, KEYS[0])] = signing
        server.spoil = spoil
        return await node.contract_owners(snapshot, KEYS[0])

    return asking(ask)


def test_an_account_obeys_its_master_key_until_that_is_disabled_and_then_its_regular_key_or_its_signers() -> None:
    texts = [account_text(CHAIN, key) for key in KEYS]
    low, high = sorted(KEYS[1:3])
    entries = [
        {"SignerEntry": {"Account": account_text(CHAIN, key), "SignerWeight": weight}}
        for key, weight in ((high, 2), (low, 1))
    ]
    signers = [{"SignerEntries": entries, "SignerQuorum": 3}]
    assert named({"RegularKey": texts[1], "signer_lists": signers}) == ContractOwners(owner=KEYS[0])
    assert named({"Flags": DISABLED, "RegularKey": texts[1]}) == ContractOwners(owner=KEYS[1])
    assert named({"Flags": DISABLED, "signer_lists": signers}) == ContractOwners((low, high), 3, weights=(1, 2))
    assert named({"Flags": DISABLED}) == ContractOwners()
    assert named({"Flags": DISABLED, "RegularKey": account_text(CHAIN, bytes(20))}) == ContractOwners()


@pytest.mark.parametrize(
    "signing",
    [
        {"Flags": None},
        {"Flags": DISABLED, "RegularKey": "r"},
        {"Flags": DISABLED, "signer_lists": None},
        {"Flags": DISABLED, "signer_lists": [7]},
        {"Flags": DISABLED, "signer_lists": [{"SignerEntries": [], "SignerQuorum": 1}]},
        {"Account": "rrrrrrrrrrrrrrrrrrrrrhoLvTp"},
    ],
)
def test_signers_that_are_not_told_rightly_are_a_failure_and_no_one(signing: dict[str, Any]) -> None:
    with pytest.raises(NodeError) as caught:
        named(signing)
    assert caught.value.why is Why.MALFORMED


def test_signers_of_another_ledger_are_refused() -> None:
    with pytest.raises(NodeError) as caught:
        named({}, lambda _command, result: {**result, "ledger_index": 7})
    assert caught.value.why is Why.WRONG_BLOCK


OWNED = """version: 1
exchange: Example
as_of: {as_of:%Y-%m-%dT%H:%M:%SZ}
complete: true
challenge: "{challenge}"
assets:
  XRP: {{id: "xrpl:0/slip44:144", backs: XRP, decimals: 6}}
liabilities:
  XRP: {{amount: "1"}}
holdings:
{holdings}
"""


def test_who_controls_an_account_is_shown_only_while_the_ledger_has_it_obey_the_key_that_signed(tmp_path: Path) -> None:
    """Of two accounts whose own keys signed, the second's master key is disabled. Both are verified again."""
    keys = [account_of(sign.public(number, compressed=False)) for number in (1, 2)]
    texts = [account_text(CHAIN, key) for key in keys]
    ledgers = Ledgers()
    for _ in range(40):
        ledgers.add(dict.fromkeys(texts, 5_000_000))
    rows = []
    for number, text in enumerate(texts, 1):
        proof = sign.okx_ecdsa(CHAIN, text, number)
        ownership = f'{{message: "{proof.message}", signatures: ["{proof.signatures[0]}"]}}'
        rows.append(f"  - {{asset: XRP, account: {text}, ownership: {ownership}}}")

    async def ask() -> scanner.Scan:
        async with SimRippled(ledgers) as one, SimRippled(ledgers) as other:
            urls = [server.url.replace("http://", "rippled+http://") for server in (one, other)]
            for server in (one, other):
                server.signing[texts[1]] = {"Flags": DISABLED, "RegularKey": texts[0]}
            nodes = "".join(f'  - {{url: "{url}", operator: o{number}}}\n' for number, url in enumerate(urls))
            (tmp_path / "nodes.yaml").write_text(f"nodes:\n{nodes}")
            as_of = datetime.fromtimestamp(CLOSE_TIME + 946_684_800 + 205, UTC)
            text = OWNED.format(as_of=as_of, challenge=sign.MESSAGE, holdings="\n".join(rows))
            (tmp_path / "claim.yaml").write_text(text)
            claim = scanner.load_claim(tmp_path / "claim.yaml")
            return await scanner.scan(claim, scanner.load_instrument(tmp_path / "nodes.yaml", {}))

    result = asyncio.run(ask())
    (reserve,) = result.finding.reserves
    assert reserve.by_control[scanner.Control.SHOWN] == reserve.by_control[scanner.Control.UNSHOWN] == 5
    claim, signer = scanner.load_claim(tmp_path / "claim.yaml"), Ed25519Signer.of(ECC.generate(curve="ed25519"))
    files = scanner.attest(result, [signer]).files
    evidence = gzip.decompress(files["evidence.csv.gz"]).decode()
    assert f"owner 0x{keys[0].hex()}" in evidence
    verified = scanner.verify(files["attestation.dsse.json"], claim, [signer.public], BytesIO(files["evidence.csv.gz"]))
    assert verified.finding.reserves[0].by_control[scanner.Control.UNSHOWN] == 5


# What was recorded of the real network


def recorded(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    return json.loads(path.read_text())


def test_a_real_ledgers_header_hashes_to_its_name() -> None:
    whole, right = recorded("ledger-full-40000.json"), recorded("ledger-40000-right.json")
    header = LedgerHeader(
        int(whole["ledger_index"]),
        int(right["total_coins"]),
        bytes.fromhex(whole["parent_hash"]),
        bytes.fromhex(whole["transaction_hash"]),
        bytes.fromhex(right["account_hash"]),
        whole["parent_close_time"],
        whole["close_time"],
        whole["close_time_resolution"],
        whole["close_flags"],
    )
    assert header.hash.hex().upper() == right["ledger_hash"] == whole["ledger_hash"]
    for account in right["balances_in_drops"]:
        assert account_text(CHAIN, account_key(CHAIN, account)) == account


def test_a_recorded_answer_that_names_no_ledger_is_refused() -> None:
    result = recorded("accountInfo.json")["result"]
    assert balance_of(result, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59") == 922_913_243
    with pytest.raises(NodeError) as caught:
        require_ledger(result, 9_592_219, "AB" * 32)
    assert caught.value.why is Why.WRONG_BLOCK


def test_a_recorded_ledger_whose_name_is_anothers_is_forged() -> None:
    result = recorded("ledger.json")["result"]
    with pytest.raises(NodeError) as caught:
        header_of(result)
    assert caught.value.why is Why.FORGED
