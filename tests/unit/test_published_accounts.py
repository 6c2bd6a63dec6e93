"""Account texts of all chains to keys: one key per account, checksums verified, nothing repaired."""

from __future__ import annotations

import base64
import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.core import base58
from scanner.core.address import AddressError, account_key
from scanner.core.ids import Chain
from scanner.sources.published.accounts import key_reader, unmapped_key, validator_key
from scanner.sources.published.networks import NETWORKS, chain_of

TRON = "TSBg5SM1TXVXneSivmzpZa9hpccLNeYcWq"
TON = "UQB1CKrUWm7qf41Z1GeEE6AgVVj5cH6y6x1aRmWe6q4mj1fn"
DOT = "12Z1EpgUskkbinZ47CdiUSdBMSvh4FVhgr6iDKfiyvEFndEa"
XRP = "rhcr95EAN24JPLpgSEf3mJKCkVKQspSUhR"


def key(network: str, text: str) -> bytes:
    return key_reader(chain_of(network))(text)


def ton(flag: int, workchain: int, account: bytes, *, url_safe: bool = True) -> str:
    data = bytes([flag, workchain]) + account
    data += binascii.crc_hqx(data, 0).to_bytes(2, "big")
    return (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()


def test_a_network_is_known_in_any_spelling_of_its_separators() -> None:
    assert chain_of("ETH_LINEA") == chain_of("eth linea") == chain_of("Linea") == Chain("eip155", "59144")
    assert chain_of("ADA") is None
    assert chain_of("") is None


def test_no_network_name_means_two_chains() -> None:
    names = [name for names in NETWORKS.values() for name in names]
    assert len(names) == len(set(names))
    assert all(name == name.upper().replace("_", "").replace("-", "").replace(" ", "") for name in names)


def test_trons_hex_and_base58_are_one_account() -> None:
    digits = base58.decode_check(TRON).hex()
    assert key("TRX", TRON) == key("TRON", digits) == key("TRX", "0x" + digits) == key("TRX", "0x" + digits[2:].upper())
    assert key("TRX", TRON) == TRON.encode()


def test_both_forms_and_alphabets_of_ton_are_one_account() -> None:
    account = base64.urlsafe_b64decode(TON)[2:34]
    spellings = [ton(flag, 0, account, url_safe=url_safe) for flag in (0x11, 0x51) for url_safe in (True, False)] + [
        f"0:{account.hex().upper()}"
    ]
    assert {key("TON", text) for text in spellings} == {TON.encode()}
    assert key("TON", ton(0x11, 0xFF, account)) != TON.encode()


def test_zeros_that_were_cut_make_no_other_account() -> None:
    full = "0x" + "00" + "ab" * 31
    assert key("APTOS", full) == key("APT", "0x" + "AB" * 31) == full.encode()
    assert key("SUI", "0x2") == b"0x" + b"0" * 63 + b"2"


def test_a_polkadot_account_is_one_under_every_prefix() -> None:
    generic = base58.decode(DOT)
    from hashlib import blake2b

    payload = b"\x2a" + generic[1:33]
    assert key("DOT", base58.encode(payload + blake2b(b"SS58PRE" + payload).digest()[:2])) == key("DOT", DOT)


@pytest.mark.parametrize(
    ("network", "text"),
    [("TRX", TRON), ("TON", TON), ("DOT", DOT), ("XRP", XRP), ("SOL", "So11111111111111111111111111111111111111112")],
)
def test_every_character_of_a_checked_address_matters(network: str, text: str) -> None:
    accepted = key(network, text)
    for position, character in enumerate(text):
        changed = text[:position] + ("2" if character != "2" else "3") + text[position + 1 :]
        try:
            assert key(network, changed) != accepted
            assert network == "SOL"  # whose addresses have no checksum
        except AddressError:
            pass


@pytest.mark.parametrize(
    ("network", "text"),
    [
        ("TRX", ""),
        ("TRX", "0x" + "ab" * 21),
        ("TRX", "42" + "ab" * 20),
        ("TON", TON[:-1]),
        ("TON", "2:" + "ab" * 32),
        ("TON", ton(0xD1, 0, bytes(32))),  # of the test network
        ("APT", "0x"),
        ("APT", "0x" + "ab" * 33),
        ("APT", "ab" * 32),
        ("SOL", "1" * 33),
        ("SOL", "0" * 32),
        ("XRP", TRON),
        ("ALGO", ""),
        ("ALGO", "two words"),
        ("ALGO", "A" * 129),
        ("ALGO", "zwölf"),
        ("ETH", "0x" + "ab" * 48),
        ("DOGE", "1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK"),
    ],
)
def test_what_is_no_account_of_its_chain_is_refused(network: str, text: str) -> None:
    with pytest.raises(AddressError):
        key(network, text)


def test_an_account_of_an_unknown_chain_is_its_text_with_the_unusual_percent_encoded() -> None:
    assert key("NEWNET", "alice.near") == b"alice.near"
    assert key("NEWNET", "bitcoincash:qq") == b"bitcoincash%3Aqq"


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30))
def test_on_unknown_chains_two_texts_never_share_a_key(text: str) -> None:
    from urllib.parse import unquote

    assert unquote(key("NEWNET", text).decode()) == text


def test_an_account_under_an_unknown_label_is_its_canonical_text() -> None:
    chain = chain_of("ETH")
    mixed = "0x03aE1A796DFE0400439211133D065BDA774B9D3e"
    assert chain is not None
    assert unmapped_key(chain, account_key(chain, mixed)) == mixed.lower().encode()
    assert unmapped_key(chain_of("TRX"), TRON.encode()) == TRON.encode()


def test_a_validators_key_has_48_bytes() -> None:
    assert validator_key("0x" + "AB" * 48) == b"\xab" * 48
    assert validator_key("0x" + "ab" * 47) is None
    assert validator_key("ab" * 48) is None
