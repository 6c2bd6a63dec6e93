"""Scripts looked at together are passed over only where no key is missing to any of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.keyless import keyless, none_keyless
from scanner.chains.bitcoin.output_scripts import pubkey_to_hash, script_to_hash, witness_to_program
from scanner.core.columns import Accounts
from scanner.core.ids import Chain
from tests.support.strength import examples

HASH = st.one_of(st.just(bytes(20)), st.binary(min_size=20, max_size=20))
LONG = st.one_of(st.just(bytes(32)), st.binary(min_size=32, max_size=32))
SCRIPTS = st.one_of(
    HASH.map(pubkey_to_hash),
    HASH.map(script_to_hash),
    HASH.map(lambda program: witness_to_program(0, program)),
    LONG.map(lambda program: witness_to_program(0, program)),
    LONG.flatmap(
        lambda program: st.sampled_from([1, 8, 9, 16]).map(lambda version: witness_to_program(version, program))
    ),
    st.binary(min_size=2, max_size=40).map(lambda program: witness_to_program(0, program)),
    st.sampled_from([b"\x51\x02\x4e\x73", b"\x6a", b"\x6a" + bytes(24)]),
    st.binary(min_size=1, max_size=40),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(sorted(BITCOIN_CHAINS)), st.lists(SCRIPTS, max_size=4))
def test_none_is_passed_over_that_no_key_can_move(reference: str, scripts: list[bytes]) -> None:
    if none_keyless(Accounts(scripts)):
        assert [keyless(Chain("bip122", reference), script) for script in scripts] == [None] * len(scripts)


@pytest.mark.parametrize("number", range(1, 256, 50))
def test_usual_scripts_are_passed_over(number: int) -> None:
    short, long = bytes([number]) * 20, bytes([number]) * 32
    programs = [witness_to_program(0, short), witness_to_program(0, long), witness_to_program(1, long)]
    assert none_keyless(Accounts([pubkey_to_hash(short), script_to_hash(short), *programs]))
