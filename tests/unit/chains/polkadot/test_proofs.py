"""Substrate's trie and headers: what is shown is what stands there, and nothing that was changed shows anything."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.polkadot.node.answers import header_of
from scanner.chains.polkadot.scale import compact, read_compact
from scanner.chains.polkadot.storage import amount, seconds
from scanner.chains.polkadot.trie import value_at
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.places import SHARED as _SHARED
from tests.support.simulated.substrate_trie import Trie
from tests.support.strength import cases
from tests.support.tables import each_of

SHARED = _SHARED / "data" / "chains" / "polkadot"
keys = st.binary(min_size=0, max_size=12)
values = st.one_of(st.binary(max_size=4), st.binary(min_size=30, max_size=90))


def found(records: Iterable[bytes]) -> dict[bytes, bytes]:
    return {blake2b(record, digest_size=32).digest(): record for record in records}


def shown(root: bytes, key: bytes, records: Iterable[bytes]) -> bytes | Flaw | None:
    """The value, or why there is none."""
    try:
        return value_at(root, key, found(records).get)
    except ProofError as error:
        return error.flaw


def recorded(name: str) -> Any:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the reference's recorded answers are not at hand")
    return json.loads(path.read_text())


@settings(max_examples=cases(200))
@given(st.dictionaries(keys, values, min_size=1, max_size=30), keys, st.sampled_from([0, 1]))
def test_a_key_has_the_value_that_was_put_there_and_any_other_is_shown_to_have_none(
    entries: dict[bytes, bytes], other: bytes, version: int
) -> None:
    trie = Trie(entries, version)
    for key in [*entries, other]:
        assert value_at(trie.root, key, found(trie.proof([key])).get) == entries.get(key)


@settings(max_examples=cases(60))
@given(st.dictionaries(keys, values, min_size=2, max_size=20), st.data())
def test_a_record_that_is_missing_shows_nothing_and_one_that_was_changed_is_missing(
    entries: dict[bytes, bytes], data: st.DataObject
) -> None:
    trie = Trie(entries, 1)
    key = data.draw(st.sampled_from(sorted(entries)))
    records = trie.proof([key])
    for at, record in enumerate(records):
        left = records[:at] + records[at + 1 :]
        place = data.draw(st.integers(0, max(0, len(record) - 1)))
        spoiled = record[:place] + bytes([record[place] ^ data.draw(st.integers(1, 255))]) + record[place + 1 :]
        for rest in (left, [*left, spoiled]):
            assert shown(trie.root, key, rest) in (Flaw.INCOMPLETE, entries[key])  # it may not have been on the way


@given(st.binary(max_size=80), keys)
def test_whatever_bytes_stand_for_a_node_they_show_something_or_are_refused(data: bytes, key: bytes) -> None:
    """A node under its right hash that is no encoding of one: it ends, with a ProofError or a value."""
    root = blake2b(data, digest_size=32).digest()
    with contextlib.suppress(ProofError):
        value_at(root, key, {root: data}.get)


@each_of(
    "node",
    ["", "0001", "41", "42f1", "4110", "80000000", "a0", "810f0100", "2000", "1001", "7fff", "80010000"],
)
def test_what_is_not_the_one_encoding_of_a_node_is_refused(node: str) -> None:
    data = bytes.fromhex(node)
    root = blake2b(data, digest_size=32).digest()
    with pytest.raises(ProofError):
        value_at(root, b"\x01\x02", {root: data}.get)


@given(st.integers(0, 2**32 - 1))
def test_a_compact_number_is_read_back_and_no_other_form_of_it_is(number: int) -> None:
    written = compact(number)
    assert read_compact(b"x" + written + b"y", 1) == (number, 1 + len(written))
    forms = {2: number << 2 | 1, 4: number << 2 | 2}
    others = [form.to_bytes(size, "little") for size, form in forms.items() if len(written) < size]
    others += [bytes([3]) + number.to_bytes(4, "little")] if len(written) < 5 else []
    for other in others:
        with pytest.raises(ProofError):
            read_compact(other, 0)


def test_an_account_of_another_layout_and_a_state_without_time_are_not_understood() -> None:
    for size in (0, 72, 79, 81):
        with pytest.raises(ProofError):
            amount(bytes(size))
    assert amount(None) == 0
    for value in (None, b"", bytes(7)):
        with pytest.raises(ProofError):
            seconds(value)


def test_a_real_proof_shows_a_real_balance() -> None:
    """Polkadot's relay chain, state version 1: 23,958.0055897852 DOT, free and reserved."""
    proof = recorded("read-proof.json")
    records = found(bytes.fromhex(node[2:]) for node in proof["proof"])
    root, key = bytes.fromhex(proof["state_root"][2:]), bytes.fromhex(proof["storage_key"][2:])
    assert amount(value_at(root, key, records.get)) == 239_580_055_897_852
    for lost in records:
        rest = {digest: record for digest, record in records.items() if digest != lost}
        with contextlib.suppress(ProofError):
            assert amount(value_at(root, key, rest.get)) == 239_580_055_897_852


def test_a_trie_that_another_engine_made_shows_what_it_holds() -> None:
    made = recorded("generated.json")
    records = found(bytes.fromhex(node[2:]) for node in made["nodes"])
    root = bytes.fromhex(made["root_that_the_nodes_hang_from"][2:])
    for key, value in made["entries"]:
        assert value_at(root, bytes.fromhex(key[2:]), records.get) == bytes.fromhex(value[2:])


def test_a_real_header_hashes_to_its_name() -> None:
    (call,) = [each for each in recorded("recorded.json")["calls"] if each["method"] == "chain_getHeader"]
    assert header_of(call["result"], call["params"][0]).number == 31_300_926
