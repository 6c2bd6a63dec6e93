"""Filecoin's objects, maps, state and tipsets: what is shown is what stands there, and nothing that was changed shows
anything.

What is real here: roots of maps that ref-fvm's own tests have (ipld/hamt/tests/hamt_tests.rs, MIT or Apache-2.0), the
header in Lotus's TestInteropBH (the same licences), and the main network's first block and tipset.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.accounts import account_key
from scanner.chains.filecoin.cid import cid_text, digest_of, parse_cid
from scanner.chains.filecoin.dag_cbor import CidLink, decode, encode_bytes
from scanner.chains.filecoin.hamt import value_at
from scanner.chains.filecoin.objects import MissingObject, amount
from scanner.chains.filecoin.state import actor_at, uncounted
from scanner.chains.filecoin.tipset import read_header, state_root, tipset_name
from scanner.chains.records_by_hash import noting
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.simulated import filecoin_state as built
from tests.support.simulated.filecoin_state import Held, Store
from tests.support.strength import cases
from tests.support.tables import each_of

FIL = Chain("fil", "f")
EVM = account_key(FIL, "0x" + "ab" * 20)
KEY, BLS, ROBUST = b"\1" + b"k" * 20, b"\3" + b"b" * 48, b"\2" + b"m" * 20
ACTORS = {
    101: Held(5 * 10**18, "account", (KEY,)),
    102: Held(2**70, "account", (BLS,)),
    103: Held(7, "multisig", (ROBUST,)),
    104: Held(11, "ethaccount", (EVM,), EVM),
    105: Held(9**25, "storageminer", (b"\2" + b"s" * 20,)),
}
keys = st.binary(min_size=1, max_size=12)


def plain(value: Any) -> Any:
    """A decoded value in the words of the builder."""
    if isinstance(value, CidLink):
        return built.Link(value.cid)
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def found(walk: Callable[[], Any]) -> Any:
    """What a walk comes to, or why it does not, and the digest of what it lacks."""
    try:
        return walk()
    except MissingObject as missing:
        return missing.flaw, missing.cid[-32:]


@pytest.mark.parametrize(
    ("entries", "root"),
    [
        (200, "bafy2bzaceczhz54xmmz3xqnbmvxfbaty3qprr6dq7xh5vzwqbirlsnbd36z7a"),
        (400, "bafy2bzacecxcp736xkl2mcyjlors3tug6vdlbispbzxvb75xlrhthiw2xwxvw"),
        (0, "bafy2bzaceamp42wmmgr2g2ymg46euououzfyck7szknvfacqscohrvaikwfay"),
    ],
)
def test_maps_have_the_roots_that_the_virtual_machines_own_tests_have_and_are_read(entries: int, root: str) -> None:
    store = Store()
    made = store.hamt({str(number).encode(): str(number).encode() for number in range(entries)})
    assert cid_text(made) == root
    for number in range(entries + 50):
        key = str(number).encode()
        assert value_at(parse_cid(root), key, store.objects.get) == (key if number < entries else None)


def test_the_first_tipset_of_the_main_network_has_its_name() -> None:
    genesis = parse_cid("bafy2bzacecnamqgqmifpluoeldx7zzglxcljo6oja4vrmtj7432rphldpdmm2")
    assert tipset_name([genesis]) == "bafy2bzacea3l7hchfijz5fvswab36fxepf6oagecp5hrstmol7zpm2l4tedf6"


def test_a_header_that_lotus_wrote_is_read_as_what_it_says() -> None:
    """Of TestInteropBH, whose bytes are those to be signed: without a signature, a win count and a base fee."""
    parent = "d82a5827000171a0e402202f84fef0d7cc2d7f9f00d22445f7bf7539fdd685fd9f284aa37f3822b57619cc"
    signed = (
        "8f5501d04cb15021bf6bd003073d79e2238d4e61f1ad22814301020381420a0b818205410c818200410781"
        f"{parent}430003e802{parent}{parent}{parent}410001f603"
    )
    data = bytes.fromhex(signed)
    value = decode(data)
    assert isinstance(value, tuple)
    assert built.cbor(plain(value)) == data
    store = Store()
    header = read_header(store.put([*plain(value), built.attofil(100)]), store.objects.get)
    link = parse_cid("bafy2bzaceaxyj7xq27gc2747adjcirpxx52tt7owqx6z6kckun7tqivvoym4y")
    assert (header.parents, header.height, header.state_root, header.time) == ((link,), 2, link, 1)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(json_like | st.binary(max_size=40).map(built.Link))
def test_a_value_is_read_back_and_written_in_no_other_way(value: Any) -> None:
    data = built.cbor(value)
    with contextlib.suppress(ProofError):  # too deep within each other
        assert plain(decode(data)) == value
    for other in (data + b"\0", data[:-1]):
        with pytest.raises(ProofError):
            decode(other)


@given(st.binary(max_size=60))
def test_whatever_bytes_stand_for_an_object_they_are_its_one_encoding_or_refused(data: bytes) -> None:
    with contextlib.suppress(ProofError):
        assert built.cbor(plain(decode(data))) == data


@each_of(
    "data",
    ["1817", "190017", "1a0000ffff", "1b00000000ffffffff", "5f", "a0", "a10102", "f97e00", "fb3ff0000000000000", "f7",
     "f820", "c100", "d82a42", "d82a4101", "d82a01", "61ff", "9b7fffffffffffffff", "81" * 13 + "00", "9f00ff", ""],
)  # fmt: skip
def test_what_no_object_of_the_chain_has_is_refused(data: str) -> None:
    with pytest.raises(ProofError):
        decode(bytes.fromhex(data))


@given(st.binary(max_size=400))
def test_a_byte_string_is_written_in_its_one_form(data: bytes) -> None:
    assert encode_bytes(data) == built.cbor(data)


@given(st.integers(0, 2**128))
def test_an_amount_is_read_back_and_none_is_below_zero(number: int) -> None:
    assert amount(built.attofil(number)) == number
    for wrong in (b"\0", b"\1\1", b"\0\0\1", b"\2\1"):
        with pytest.raises(ProofError):
            amount(wrong)


@settings(max_examples=cases(100), deadline=None)
@given(st.dictionaries(keys, st.integers(0, 2**40), max_size=60), keys)
def test_a_key_has_the_value_that_was_put_there_and_any_other_is_shown_to_have_none(
    entries: dict[bytes, int], other: bytes
) -> None:
    store = Store()
    root = store.hamt(entries)
    for key in [*entries, other]:
        assert value_at(root, key, store.objects.get) == entries.get(key)


@settings(max_examples=cases(60), deadline=None)
@given(st.dictionaries(keys, st.integers(0, 9), min_size=1, max_size=40), st.data())
def test_an_object_that_is_missing_is_named_and_shows_nothing(entries: dict[bytes, int], data: st.DataObject) -> None:
    store = Store()
    root = store.hamt(entries)
    key = data.draw(st.sampled_from(sorted(entries)))
    for digest in list(store.objects):
        rest = {each: held for each, held in store.objects.items() if each != digest}
        assert found(partial(value_at, root, key, rest.get)) in (entries[key], (Flaw.INCOMPLETE, digest))


@each_of(
    "node",
    [
        [b"\x01", []],
        [b"\x01", [[[b"a", 1]], [[b"b", 1]]]],
        [b"\0\x01", [[[b"a", 1]]]],
        [b"\x01\0\0\0\0", [[[b"a", 1]]]],
        [b"\xff\xff\xff\xff", [[]] * 32],
        [b"\xff\xff\xff\xff", [[[b"b", 1], [b"a", 1]]] * 32],
        [b"\xff\xff\xff\xff", [[[b"a", 1], [b"a", 1]]] * 32],
        [b"\xff\xff\xff\xff", [[[bytes([each]), 1] for each in range(4)]] * 32],
        [b"\xff\xff\xff\xff", [[[1, 1]]] * 32],
        [b"\xff\xff\xff\xff", [7] * 32],
        [b"\xff\xff\xff\xff", [[[b"a"]]] * 32],
        [b"\x01", [[[b"a", 1]]], 1],
        [1, []],
        b"",
    ],
)
def test_what_is_no_node_of_a_map_is_refused(node: Any) -> None:
    store = Store()
    root = store.put(node)
    with pytest.raises(ProofError):
        value_at(root, b"x", store.objects.get)


def test_a_map_whose_nodes_lead_round_in_a_ring_ends() -> None:
    """Under a hash that is no hash: what follows is asked for at most as often as a key has bits for."""
    link = built.START + bytes(32)
    data = built.cbor([b"\xff\xff\xff\xff", [built.Link(link)] * 32])
    with pytest.raises(ProofError):
        value_at(link, b"x", lambda _: data)


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("extra", [0, 300])
def test_an_address_leads_to_its_actor_and_one_without_an_actor_is_shown_to_have_none(version: int, extra: int) -> None:
    store = Store()
    root = built.state(store, ACTORS, version, extra)
    for number, held in ACTORS.items():
        for address in (*held.addresses, built.id_address(number)):
            found = actor_at(root, address, store.objects.get)
            assert found is not None
            assert (found.kind, found.balance) == (held.kind, held.balance)
    for address in (b"\1" + bytes(20), b"\4\x0a" + bytes(20), built.id_address(99_999)):
        assert actor_at(root, address, store.objects.get) is None


def test_each_actor_is_read_by_one_of_its_addresses_alone() -> None:
    store = Store()
    root = built.state(store, ACTORS)
    names = {KEY: True, BLS: True, ROBUST: True, EVM: True, b"\2" + b"s" * 20: False}
    names |= {built.id_address(number): False for number in ACTORS}
    for address, read in names.items():
        actor = actor_at(root, address, store.objects.get)
        assert actor is not None
        assert (uncounted(address, actor) is None) == read


@pytest.mark.parametrize(
    "root",
    [
        lambda store: store.put([3, built.Link(store.hamt({})), built.Link(store.put([]))]),
        lambda store: store.put([5, built.Link(store.hamt({})), built.Link(store.put([]))]),
        lambda store: store.put([5, 5, 5]),
        lambda store: store.put(["5", built.Link(store.hamt({})), 1]),
        lambda store: store.put([]),
        lambda store: store.hamt({}),
    ],
)
def test_a_state_that_is_none_shows_no_actor_missing(root: Callable[[Store], bytes]) -> None:
    """Even one whose map of actors is in order: it has no init actor, which every state has."""
    store = Store()
    with pytest.raises(ProofError):
        actor_at(root(store), KEY, store.objects.get)


TIME = datetime.fromtimestamp(1_700_000_030, UTC)


def tipsets(store: Store) -> tuple[list[bytes], list[bytes], Snapshot]:
    """Two tipsets, one upon the other, and the snapshot that they are."""
    root = built.state(store, ACTORS)
    below = [built.block(store, miner, 7, [store.put(["first"])], root, time=1_700_000_030) for miner in range(3)]
    above = [built.block(store, miner, 9, below, root, time=1_700_000_090) for miner in range(2)]
    store.put(b"".join(above))
    return below, above, Snapshot(FIL, 7, tipset_name(above), tipset_name(below), TIME)


def test_a_tipset_leads_to_the_state_that_it_was_built_upon() -> None:
    store = Store()
    *_, snapshot = tipsets(store)
    found = actor_at(state_root(snapshot, store.objects.get), KEY, store.objects.get)
    assert found is not None
    assert found.balance == 5 * 10**18


def test_a_snapshot_that_says_anything_else_than_its_blocks_is_refused() -> None:
    store = Store()
    below, above, snapshot = tipsets(store)
    for wrong in (
        Snapshot(FIL, 8, snapshot.hash, snapshot.parent, TIME),
        Snapshot(FIL, 7, snapshot.hash, snapshot.parent, TIME + timedelta(seconds=1)),
        Snapshot(FIL, 7, snapshot.hash, tipset_name(below[:2]), TIME),
        Snapshot(FIL, 7, snapshot.parent, snapshot.parent, TIME),
        Snapshot(FIL, 7, tipset_name(above[:1]), snapshot.parent, TIME),
        Snapshot(FIL, 7, snapshot.hash.upper(), snapshot.parent, TIME),
        Snapshot(FIL, 7, "0x" + "ab" * 32, snapshot.parent, TIME),
    ):
        with pytest.raises(ProofError):
            state_root(wrong, store.objects.get)


@pytest.mark.parametrize("case", ["another parent", "another height", "another state", "twice", "none", "cut", "first"])
def test_blocks_that_are_of_no_one_tipset_are_refused(case: str) -> None:
    store = Store()
    below, (one, other), _ = tipsets(store)
    root = built.state(store, ACTORS)
    first = built.block(store, 5, 9, [], root, time=1_700_000_090)
    blocks = {
        "another parent": [one, built.block(store, 5, 9, below[:2], root, time=1_700_000_090)],
        "another height": [one, built.block(store, 5, 10, below, root, time=1_700_000_090)],
        "another state": [one, built.block(store, 5, 9, below, built.state(store, {}), time=1_700_000_090)],
        "twice": [one, one],
        "none": [],
        "cut": [one, other[:-1]],
        "first": [first],
    }[case]
    store.put(b"".join(blocks))
    with pytest.raises(ProofError):
        state_root(Snapshot(FIL, 7, tipset_name(blocks), tipset_name(below), TIME), store.objects.get)


def test_a_height_that_is_not_below_its_tipset_is_refused() -> None:
    store = Store()
    root = built.state(store, ACTORS)
    below = [built.block(store, 1, 9, [store.put(["first"])], root, time=1_700_000_030)]
    above = [built.block(store, 1, 9, below, root, time=1_700_000_090)]
    store.put(b"".join(above))
    with pytest.raises(ProofError):
        state_root(Snapshot(FIL, 9, tipset_name(above), tipset_name(below), TIME), store.objects.get)


@pytest.mark.parametrize("text", ["", "bafy2bzac", "bafy2bzac" + "a" * 52 + "b", "Bafy2bzac" + "a" * 53, "z" * 62])
def test_a_text_that_is_no_identifier_or_a_second_spelling_of_one_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        parse_cid(text)


def test_whatever_is_done_to_the_objects_of_a_proof_no_wrong_balance_is_shown() -> None:
    """Bytes are changed, objects cut, left out, or mixed with those of another state; each lies under its own hash."""
    random, store, other = Random(15), Store(), Store()
    root = built.state(store, ACTORS, extra=60)
    built.state(other, {number: replace(held, balance=held.balance + 1) for number, held in ACTORS.items()}, extra=60)
    strange = list(other.objects.values())
    right = {KEY: 5 * 10**18, BLS: 2**70, ROBUST: 7, EVM: 11, b"\1" + bytes(20): 0}
    needed: dict[bytes, list[bytes]] = {}
    for address in right:
        reached: set[bytes] = set()
        actor_at(root, address, noting(store.objects.get, reached))
        needed[address] = [store.objects[digest] for digest in reached]
    shown = 0
    for _ in range(cases(10_000)):
        address = random.choice(list(right))
        objects = list(needed[address])
        for _ in range(random.randint(0, 2)):
            at = random.randrange(len(objects))
            changed = bytearray(objects[at])
            changed[random.randrange(len(changed))] ^= random.randint(1, 255)
            objects[at] = random.choice([bytes(changed), objects[at][:-1], random.choice(strange), b"\x80"])
        held = {digest_of(each): each for each in objects}
        try:
            actor = actor_at(root, address, held.get)
        except ProofError:
            continue
        shown += 1
        assert (0 if actor is None else actor.balance) == right[address]
    assert shown >= cases(10_000) // 4
