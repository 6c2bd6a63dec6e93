"""Addresses: every valid spelling comes to one key, and everything else is refused, with the reason."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
from bitcoin.core import CScript
from bitcoin.wallet import CBitcoinAddress
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text
from scanner.chains.bitcoin.accounts import witness_program
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.evm.eip55 import checksum_address
from scanner.chains.names import parse_chain
from scanner.core import base58, bech32
from scanner.core.ids import Chain
from tests.support.places import VECTORS

BIPS = json.loads((VECTORS / "bip173_350.json").read_text())

CHAINS = {network.name: Chain("bip122", reference) for reference, network in BITCOIN_CHAINS.items()}
MAINNET, TESTNET, REGTEST, LITECOIN = (
    CHAINS[name] for name in ("Bitcoin", "Bitcoin testnet3", "Bitcoin regtest", "Litecoin")
)
ETHEREUM = parse_chain("eip155:1")
BEACON = parse_chain("beacon:1")
NOWHERE = parse_chain("nowhere:1")

OKX_BITCOIN = [
    "bc1quhruqrghgcca950rvhtrg7cpd7u8k6svpzgzmrjy8xyukacl5lkq0r8l2d",
    "bc1qc3g2dx3fn9s27v92n555r2tzhkxhad2wc0wm0ahlgpmhsr325mpssz80s6",
    "bc1qrp6msfnqxrl2gp4phmq6mcz995xc6m8n6fn8nygjfg8p63ncy4gsp3xn0e",
    "bc1qh0w73elagqvhfkkulrah0s2epdp922d3e6r8w43uz0e8ujafcjeqcz8lwa",
    "3KbDzhb8B5pUU7Wk1y26J8D4cxYLmxJsca",
    "3A8tCFwWyHQey1npTAWYTtrjLPKLXpSpLd",
    "33a278YeJBRvQuemSo6yeugafqdS4x98TM",
    "3ABQAsnVgK8gDCBtWeEuoRvG3zdgABrDHQ",
    "1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK",
    "1JQULE6yHr9UaitLr4wahTwJN7DaMX7W1Z",
    "1DcT5Wij5tfb3oVViF8mA8p4WrG98ahZPT",
    "1CY7fykRLWXeSbKB885Kr4KjQxmDdvW923",
]
OKX_ETHEREUM = [
    "0x03ae1a796dfe0400439211133d065bda774b9d3e",
    "0x5041ed759dd4afc3a72b8192c143f72f4724081a",
    "0x6a4561ef7874a76b4bf0d3edca31dfcd51603414",
    "0xbf94f0ac752c739f623c463b5210a7fb2cbb420b",
    "0xf59869753f41db720127ceb8dbb8afaf89030de4",
    "0x65a0947ba5175359bb457d3b34491edf4cbf7997",
    "0x4d19c0a5357bc48be0017095d3c871d9afc3f21d",
    "0x5c52cc7c96bde8594e5b77d5b76d042cb5fae5f2",
    "0xe9172daf64b05b26eb18f07ac8d6d723acb48f99",
    "0xae0cbaba071d58efc278a815b2cb652286e192ff",
    "0xc5451b523d5fffe1351337a221688a62806ad91a",
    "0x6fb624b48d9299674022a23d92515e76ba880113",
]
# From EIP-55's own test cases.
CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
ALL_UPPER = "0x52908400098527886E0F7030069857D2E4169EE7"
P2TR = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"


def p2pkh(digest: bytes) -> bytes:
    return b"\x76\xa9\x14" + digest + b"\x88\xac"


def p2sh(digest: bytes) -> bytes:
    return b"\xa9\x14" + digest + b"\x87"


def witness(version: int, program: bytes) -> bytes:
    return bytes([version + 0x50 if version else 0, len(program)]) + program


digests = st.binary(min_size=20, max_size=20)
base58_scripts = st.one_of(st.builds(p2pkh, digests), st.builds(p2sh, digests))
witness_scripts = st.one_of(
    st.builds(witness, st.just(0), st.one_of(digests, st.binary(min_size=32, max_size=32))),
    st.builds(witness, st.integers(1, 16), st.binary(min_size=2, max_size=40)),
)
segwit_chains = st.sampled_from([chain for chain in CHAINS.values() if BITCOIN_CHAINS[chain.reference].hrp])
bitcoin_chains = st.sampled_from(list(CHAINS.values()))


# The BIPs' own vectors


@pytest.mark.parametrize(("name", "spec"), [("bech32", bech32.BECH32), ("bech32m", bech32.BECH32M)])
def test_every_valid_string_of_the_bips_is_read_and_written_back(name: str, spec: int) -> None:
    for text in BIPS[name]["valid"]:
        hrp, groups, found = bech32.decode(text)
        assert found == spec, text
        assert bech32.encode(hrp, groups, spec) == text.lower()


@pytest.mark.parametrize(("text", "reason"), BIPS["bech32"]["invalid"] + BIPS["bech32m"]["invalid"])
def test_every_invalid_string_of_the_bips_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        bech32.decode(text)


@pytest.mark.parametrize(("text", "script"), BIPS["addresses"]["valid"])
def test_every_valid_address_of_the_bips_gives_its_script_on_its_network_only(text: str, script: str) -> None:
    home, foreign = (MAINNET, TESTNET) if text.lower().startswith("bc") else (TESTNET, MAINNET)
    assert account_key(home, text).hex() == script
    assert account_text(home, bytes.fromhex(script)) == text.lower()
    with pytest.raises(AddressError, match="expected"):
        account_key(foreign, text)


@pytest.mark.parametrize("text", [row[0] for row in BIPS["addresses"]["invalid"]] + BIPS["addresses"]["superseded"])
def test_every_invalid_address_of_the_bips_is_refused_on_every_network(text: str) -> None:
    for chain in CHAINS.values():
        with pytest.raises(AddressError):
            account_key(chain, text)


def test_a_witness_v1_address_with_a_bech32_checksum_is_refused_and_the_message_says_so() -> None:
    wrong = bech32.encode("bc", bech32.decode(P2TR)[1], bech32.BECH32)
    with pytest.raises(AddressError, match="the checksum is Bech32, and witness version 1 uses Bech32m"):
        account_key(MAINNET, wrong)


def test_an_invalid_witness_v1_address_is_refused_by_an_interpreter_without_asserts() -> None:
    wrong = bech32.encode("bc", bech32.decode(P2TR)[1], bech32.BECH32)
    code = (
        "from scanner.chains.accounts import account_key; from scanner.chains.account_forms import AddressError\n"
        "from scanner.chains.names import parse_chain\n"
        f"try: print(account_key(parse_chain({str(MAINNET)!r}), {wrong!r}).hex())\n"
        "except AddressError: print('refused, debug', __debug__)"
    )
    run = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "refused, debug False\n"


# Round trips and corruption


@given(bitcoin_chains, base58_scripts)
def test_a_base58_script_survives_its_address_on_every_network(chain: Chain, script: bytes) -> None:
    assert account_key(chain, account_text(chain, script)) == script


@given(segwit_chains, witness_scripts)
def test_a_witness_script_survives_its_address_in_either_case(chain: Chain, script: bytes) -> None:
    text = account_text(chain, script)
    assert text == text.lower()
    assert account_key(chain, text) == account_key(chain, text.upper()) == script


@given(bitcoin_chains, st.binary(min_size=1, max_size=80))
def test_any_script_survives_its_text(chain: Chain, script: bytes) -> None:
    assert account_key(chain, account_text(chain, script)) == script


@given(bitcoin_chains, st.one_of(base58_scripts, witness_scripts), st.data())
def test_one_changed_character_makes_any_bitcoin_address_invalid(
    chain: Chain, script: bytes, data: st.DataObject
) -> None:
    text = account_text(chain, script)
    assume(not text.startswith("raw("))
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.one_of(st.sampled_from(base58.ALPHABET + "0OIl"), st.characters()))
    assume(character != text[position])
    with pytest.raises(AddressError):
        account_key(chain, text[:position] + character + text[position + 1 :])


@given(st.one_of(base58_scripts, witness_scripts), st.data())
def test_a_missing_or_doubled_character_makes_a_bitcoin_address_invalid(script: bytes, data: st.DataObject) -> None:
    text = account_text(MAINNET, script)
    position = data.draw(st.integers(0, len(text) - 1))
    for wrong in (text[:position] + text[position + 1 :], text[:position] + text[position] + text[position:]):
        with pytest.raises(AddressError):
            account_key(MAINNET, wrong)


@given(bitcoin_chains, st.text(max_size=100))
def test_arbitrary_text_is_an_address_error_and_no_other(chain: Chain, text: str) -> None:
    with pytest.raises(AddressError):
        account_key(chain, text)


@given(st.binary(max_size=40))
def test_base58_keeps_leading_zero_bytes(payload: bytes) -> None:
    assert base58.decode_check(base58.encode_check(payload)) == payload


@given(
    st.one_of(base58_scripts, st.builds(witness, st.just(0), st.one_of(digests, st.binary(min_size=32, max_size=32))))
)
def test_python_bitcoinlib_reads_the_same_mainnet_scripts(script: bytes) -> None:
    text = account_text(MAINNET, script)
    assert CBitcoinAddress(text).to_scriptPubKey() == script
    assert str(CBitcoinAddress.from_scriptPubKey(CScript(script))) == text


# Networks


def test_an_address_of_another_network_is_refused_by_name() -> None:
    for chain, text, message in (
        (
            REGTEST,
            OKX_BITCOIN[0],
            r"is a Bitcoin address, expected Bitcoin regtest \(bcrt1\.\.\., m\.\.\., n\.\.\., 2\.\.\.\)",
        ),
        (REGTEST, OKX_BITCOIN[8], "is a Bitcoin address, expected Bitcoin regtest"),
        (
            MAINNET,
            account_text(REGTEST, p2pkh(bytes(20))),
            "is a Bitcoin testnet3 or Bitcoin testnet4 or Bitcoin signet or Bitcoin regtest or Litecoin regtest or "
            "Dogecoin regtest address",
        ),
        (MAINNET, account_text(LITECOIN, p2sh(bytes(20))), "is a Litecoin address, expected Bitcoin"),
        (
            TESTNET,
            account_text(REGTEST, witness(0, bytes(20))),
            "is a Bitcoin regtest address, expected Bitcoin testnet3",
        ),
        (LITECOIN, OKX_BITCOIN[8], "is a Bitcoin address, expected Litecoin"),
        (CHAINS["Dogecoin"], OKX_BITCOIN[0], "is a Bitcoin address, expected Dogecoin"),
    ):
        with pytest.raises(AddressError, match=message):
            account_key(chain, text)


def test_an_address_with_an_unknown_version_byte_is_refused() -> None:
    with pytest.raises(AddressError, match="version byte 0x41 belongs to no known network"):
        account_key(MAINNET, base58.encode_check(b"\x41" + bytes(20)))


def test_an_unknown_bitcoin_like_chain_is_refused_and_the_known_ones_are_named() -> None:
    unknown = Chain("bip122", "0" * 32)
    with pytest.raises(AddressError, match=f"known are {MAINNET} \\(Bitcoin\\)"):
        account_key(unknown, OKX_BITCOIN[0])
    with pytest.raises(AddressError, match="known are"):
        account_text(unknown, p2pkh(bytes(20)))


def test_an_address_whose_amounts_are_hidden_is_refused_with_that_reason() -> None:
    hidden = "ltcmweb1qqvhnu96xf6s06qzncphfznze9574hr3wxgymypflhprgq9w5gp54yqjur3r4npd4ed4ns823ju2ndc8h5"
    for text in (hidden, hidden.upper()):
        with pytest.raises(AddressError, match="no one can see what it holds"):
            account_key(LITECOIN, text)
        with pytest.raises(AddressError):
            account_key(MAINNET, text)


def test_litecoins_two_spellings_of_one_script_are_one_account() -> None:
    script = p2sh(hashlib.sha256(b"script").digest()[:20])
    bitcoins = account_text(MAINNET, script)
    assert bitcoins.startswith("3")
    assert account_key(LITECOIN, bitcoins) == script
    assert account_text(LITECOIN, script).startswith("M")


def test_a_chain_without_segwit_addresses_writes_a_witness_program_as_raw() -> None:
    script = witness(0, bytes(20))
    assert account_text(CHAINS["Dash"], script) == f"raw(0014{'00' * 20})"


# Traps


@pytest.mark.parametrize("text", [OKX_BITCOIN[0], OKX_BITCOIN[4], OKX_BITCOIN[8], P2TR])
def test_nothing_around_an_address_is_stripped(text: str) -> None:
    for wrong in (text + " ", text + "\n", " " + text, "\t" + text, text + "\0", text + "\u200b", "\ufeff" + text):
        with pytest.raises(AddressError):
            account_key(MAINNET, wrong)


def test_look_alikes_and_foreign_digits_are_refused_and_shown_escaped() -> None:
    for wrong in (
        OKX_BITCOIN[8].replace("1", "\u0661", 1),  # ARABIC-INDIC DIGIT ONE
        OKX_BITCOIN[8].replace("L", "\uff2c", 1),  # FULLWIDTH L
        OKX_BITCOIN[8].replace("a", "\u0430"),  # CYRILLIC A
        OKX_BITCOIN[0].replace("k", "\u212a"),  # KELVIN SIGN, whose lower case is an ASCII k
        OKX_BITCOIN[0].replace("0", "\uff10"),  # FULLWIDTH ZERO
    ):
        with pytest.raises(AddressError, match=r"\\u") as raised:
            account_key(MAINNET, wrong)
        assert str(raised.value).isascii()


def test_base58_with_more_or_fewer_leading_ones_is_refused() -> None:
    text = account_text(MAINNET, p2pkh(bytes(19) + b"\x01"))
    assert text.startswith("1111")
    for wrong in ("1" + text, text[1:]):
        with pytest.raises(AddressError):
            account_key(MAINNET, wrong)


def test_a_base58check_payload_of_another_length_is_refused_though_its_checksum_holds() -> None:
    for length in (0, 1, 19, 21, 32):
        with pytest.raises(AddressError):
            account_key(MAINNET, base58.encode_check(b"\0" + bytes(range(1, length + 1))))


def test_a_very_long_text_is_refused_at_once_and_quoted_in_part() -> None:
    for text in ("1" * 10**6, "bc1" + "q" * 10**6, "raw(" + "00" * 10**6 + ")", "0x" + "0" * 10**6):
        for chain in (MAINNET, ETHEREUM, NOWHERE):
            with pytest.raises(AddressError) as raised:
                account_key(chain, text)
            assert len(str(raised.value)) < 400


def test_an_account_of_a_chain_that_is_not_known_is_as_long_as_what_its_text_stands_for() -> None:
    assert account_key(NOWHERE, "%61" * 128) == b"a" * 128
    for text in ("%61" * 129, "a" * 129, "!" * 43):
        with pytest.raises(AddressError, match="at most 128 characters"):
            account_key(NOWHERE, text)


# Scripts without an address


def test_a_script_without_an_address_is_written_raw() -> None:
    p2pk = bytes.fromhex("21" + "02" + "11" * 32 + "ac")
    assert account_text(MAINNET, p2pk) == f"raw({p2pk.hex()})"
    assert account_key(MAINNET, f"raw({p2pk.hex().upper()})") == p2pk


def test_a_raw_script_that_has_an_address_is_the_same_account() -> None:
    script = account_key(MAINNET, OKX_BITCOIN[0])
    assert account_key(MAINNET, f"raw({script.hex()})") == script
    assert account_text(MAINNET, script) == OKX_BITCOIN[0]


def test_a_malformed_raw_script_is_refused() -> None:
    for text in (
        "raw()",
        "raw(0)",
        "raw(zz)",
        "raw(00",
        "raw( 00)",
        "raw(00) ",
        "raw(00)#lxgl2zs6",
        "RAW(00)",
        "raw(00 00)",
    ):
        with pytest.raises(AddressError):
            account_key(MAINNET, text)


def test_a_witness_program_that_can_never_be_spent_has_no_address() -> None:
    for script in (witness(0, bytes(19)), witness(0, bytes(21)), b"\x00\x14" + bytes(19), b"\x51\x01\x00"):
        assert witness_program(script) is None
        assert account_text(MAINNET, script) == f"raw({script.hex()})"


def test_bytes_that_are_no_key_of_the_chain_have_no_text() -> None:
    for chain, key in ((MAINNET, b""), (MAINNET, bytes(10_001)), (ETHEREUM, bytes(19)), (ETHEREUM, bytes(21)),
                       (NOWHERE, b""), (NOWHERE, b"\xff"), (NOWHERE, b"a b")):  # fmt: skip
        with pytest.raises(AddressError):
            account_text(chain, key)


# EVM and the rest


@given(digests)
def test_every_evm_spelling_of_one_account_is_one_key(key: bytes) -> None:
    lower, mixed = account_text(ETHEREUM, key), checksum_address(key)
    assert lower == lower.lower() == mixed.lower()
    for spelling in (lower, "0x" + lower[2:].upper(), mixed):
        assert account_key(ETHEREUM, spelling) == key


@given(digests, st.data())
def test_one_letter_in_the_wrong_case_is_refused(key: bytes, data: st.DataObject) -> None:
    mixed = checksum_address(key)
    letters = [index for index in range(2, 42) if mixed[index].isalpha()]
    assume(len(letters) > 2)
    index = data.draw(st.sampled_from(letters))
    wrong = mixed[:index] + mixed[index].swapcase() + mixed[index + 1 :]
    assume(wrong[2:] not in (wrong[2:].lower(), wrong[2:].upper()))
    with pytest.raises(AddressError, match="EIP-55"):
        account_key(ETHEREUM, wrong)


def test_the_examples_of_eip_55_are_reproduced() -> None:
    for text in CHECKSUMMED:
        assert checksum_address(account_key(ETHEREUM, text)) == text
    assert account_key(ETHEREUM, ALL_UPPER).hex() == ALL_UPPER[2:].lower()
    with pytest.raises(AddressError, match="20 bytes"):
        checksum_address(bytes(21))


def test_an_evm_address_in_any_other_form_is_refused() -> None:
    good = OKX_ETHEREUM[0]
    for wrong, message in (
        (good[2:], "does not start with 0x"),
        ("0X" + good[2:], "does not start with 0x"),
        ("XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "does not start with 0x"),  # an ICAP example
        (good[:-1], "39 characters after 0x"),
        (good + "0", "41 characters after 0x"),
        (good + "\n", "41 characters after 0x"),
        (" " + good, "does not start with 0x"),
        (good[:-2] + "  ", "expected 0x and 40 hex digits"),
        (good[:-1] + "g", "expected 0x and 40 hex digits"),
        (good[:-1] + "\u0661", "expected 0x and 40 hex digits"),
        ("", "does not start with 0x"),
        ("vitalik.eth", "does not start with 0x"),
    ):
        with pytest.raises(AddressError, match=message):
            account_key(ETHEREUM, wrong)


@given(st.binary(min_size=48, max_size=48))
def test_a_validators_public_key_has_one_spelling(key: bytes) -> None:
    text = account_text(BEACON, key)
    assert text == "0x" + key.hex()
    assert account_key(BEACON, text) == account_key(BEACON, "0x" + key.hex().upper()) == key


def test_what_is_no_validators_public_key_is_refused() -> None:
    good = "0x" + "ab" * 48
    for wrong in (good[2:], good[:-1], good + "0", good[:-2], "0X" + good[2:], good + "\n", good[:-1] + "g", "", "0x"):
        with pytest.raises(AddressError, match="is not a validator's public key"):
            account_key(BEACON, wrong)
    for length in (0, 20, 47, 49):
        with pytest.raises(AddressError, match="48 bytes"):
            account_text(BEACON, bytes(length))


@pytest.mark.parametrize("text", OKX_BITCOIN)
def test_okx_s_bitcoin_addresses_are_read_and_have_a_regtest_spelling(text: str) -> None:
    script = account_key(MAINNET, text)
    assert account_text(MAINNET, script) == text
    assert account_key(REGTEST, account_text(REGTEST, script)) == script


@pytest.mark.parametrize("text", OKX_ETHEREUM)
def test_okx_s_ethereum_addresses_are_read(text: str) -> None:
    assert account_text(ETHEREUM, account_key(ETHEREUM, text)) == text
