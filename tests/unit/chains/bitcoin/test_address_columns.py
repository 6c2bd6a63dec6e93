"""Many accounts of a Bitcoin-like chain at once are what each is by itself; another spelling is none of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text, account_texts, canonical_keys, keys_reader
from scanner.chains.bitcoin.address_columns import scripts_of
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.bitcoin.output_scripts import pubkey_to_hash, script_to_hash, witness_to_program
from scanner.core import base58
from scanner.core.columns import Accounts
from scanner.core.ids import Chain
from tests.support.strength import examples

CHAINS = [Chain("bip122", reference) for reference in BITCOIN_CHAINS]
HASH = st.binary(min_size=20, max_size=20)
LONG = st.binary(min_size=32, max_size=32)
SCRIPTS = st.one_of(
    HASH.map(pubkey_to_hash),
    HASH.map(script_to_hash),
    HASH.map(lambda program: witness_to_program(0, program)),
    LONG.map(lambda program: witness_to_program(0, program)),
    LONG.map(lambda program: witness_to_program(1, program)),
    st.binary(min_size=2, max_size=40).map(lambda program: witness_to_program(2, program)),
    st.binary(min_size=1, max_size=40),
)


@settings(max_examples=examples(120), deadline=None)
@given(st.sampled_from(CHAINS), st.lists(SCRIPTS, max_size=12))
def test_texts_of_many_scripts_are_those_of_each_and_lead_back(chain: Chain, scripts: list[bytes]) -> None:
    texts = account_texts(chain, Accounts(scripts))
    assert texts == [account_text(chain, script) for script in scripts]
    assert list(canonical_keys(chain, texts)) == scripts
    assert list(keys_reader(chain)(texts)) == scripts


def as_it_is(text: str) -> str:
    return text


SPELLINGS: list[Callable[[str], str]] = [
    as_it_is,
    str.upper,
    str.lower,
    str.swapcase,
    lambda text: text + "q",
    lambda text: text[:-1],
    lambda text: " " + text,
    lambda text: text[:-1] + ("q" if text[-1] != "q" else "p"),
    lambda text: f"raw({text.encode().hex()})",
]


@settings(max_examples=examples(150), deadline=None)
@given(
    st.sampled_from(CHAINS),
    st.lists(st.tuples(st.sampled_from(CHAINS), SCRIPTS, st.sampled_from(SPELLINGS)), min_size=1, max_size=4),
)
def test_any_texts_are_read_as_each_alone_and_canonical_only_if_each_is(
    chain: Chain, made: list[tuple[Chain, bytes, Callable[[str], str]]]
) -> None:
    texts = [spell(account_text(other, script)) for other, script, spell in made]

    def alone(text: str) -> bytes | None:
        try:
            return account_key(chain, text)
        except AddressError:
            return None

    keys = list(map(alone, texts))
    if None in keys:
        with pytest.raises(AddressError):
            keys_reader(chain)(texts)
    else:
        assert list(keys_reader(chain)(texts)) == keys
    canonical = [key is not None and account_text(chain, key) == text for key, text in zip(keys, texts, strict=True)]
    if all(canonical):
        assert list(canonical_keys(chain, texts)) == keys
    else:
        with pytest.raises(ValueError, match=r"."):
            canonical_keys(chain, texts)
        assert scripts_of(BITCOIN_CHAINS[chain.reference], texts) is None


def test_the_older_of_two_versions_of_a_script_address_is_read_and_is_not_the_one_that_is_written() -> None:
    litecoin = next(chain for chain in CHAINS if len(BITCOIN_CHAINS[chain.reference].p2sh) > 1)
    older = base58.encode_check(bytes([BITCOIN_CHAINS[litecoin.reference].p2sh[1]]) + b"\x12" * 20)
    assert list(keys_reader(litecoin)([older])) == [script_to_hash(b"\x12" * 20)]
    with pytest.raises(ValueError, match="another spelling"):
        canonical_keys(litecoin, [older])
