"""Accounts of every family: one key and one canonical text each, in whatever spelling; the rest is refused."""

from __future__ import annotations

import base64
import binascii
import contextlib
import csv
import hashlib
import json
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains import registry
from scanner.chains.account_forms import AddressError
from scanner.chains.accounts import account_key, account_text, is_known, key_reader
from scanner.chains.beacon.accounts import validator_key
from scanner.chains.bitcoin import cashaddr
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS
from scanner.chains.evm.eip55 import checksum_address
from scanner.chains.names import parse_chain
from scanner.chains.xrpl.accounts import ALPHABET
from scanner.core import base58, bech32
from scanner.core.ids import Chain
from tests.support.places import SHARED as _SHARED
from tests.support.strength import examples
from tests.support.tables import each_of

SHARED = _SHARED / "data"

BITCOIN = parse_chain("bip122:000000000019d6689c085ae165831e93")
BITCOIN_CASH = parse_chain("bip122:000000000000000000651ef99cb9fcbe")
LITECOIN = parse_chain("bip122:12a765e31ffd4059bada1e25190f6e98")
DOGECOIN = parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")
ETHEREUM = parse_chain("eip155:1")
FILECOIN, FILECOINS_EVM = parse_chain("fil:f"), parse_chain("eip155:314")
TRON = parse_chain("tron:728126428")
TON = parse_chain("tvm:-239")
APTOS, SUI, STARKNET = map(parse_chain, ("aptos:1", "sui:mainnet", "starknet:SN_MAIN"))
SOLANA = parse_chain("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp")
POLKADOT = parse_chain("polkadot:91b171bb158e2d3848fa23a9f1c25182")
XRP_LEDGER, XRP_TEST = parse_chain("xrpl:0"), parse_chain("xrpl:1")
VAULTA = parse_chain("antelope:aca376f206b8fc25a6ed44dbdc66547c")
AELF = parse_chain("aelf:AELF")
COSMOS_HUB, KAVA = parse_chain("cosmos:cosmoshub-4"), parse_chain("cosmos:kava_2222-10")
STELLAR = parse_chain("stellar:pubnet")
ALGORAND = parse_chain("algorand:wGHE2Pwdvd7S12BL5FaOP20EGYesN73k")
CARDANO = parse_chain("cip34:1-764824073")
NEAR, TEZOS = parse_chain("near:mainnet"), parse_chain("tezos:NetXdQprcVkpaWU")
BEACON = parse_chain("beacon:1")
NOWHERE = parse_chain("nowhere:1")


# --- How each family writes an account, said here a second time


def ton(flag: int, key: bytes, *, url_safe: bool = True) -> str:
    data = bytes([flag]) + key
    data += binascii.crc_hqx(data, 0).to_bytes(2)
    return (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()


def ss58(prefix: bytes, key: bytes) -> str:
    return base58.encode(prefix + key + hashlib.blake2b(b"SS58PRE" + prefix + key).digest()[:2])


def of_the_ledger(payload: bytes) -> str:
    return base58.encode_check(payload).translate(str.maketrans(base58.ALPHABET, ALPHABET))


def tagged(key: bytes, tag: int | None, version: bytes = b"\x05\x44") -> str:
    flag = b"\0" + bytes(8) if tag is None else b"\1" + tag.to_bytes(8, "little")
    return of_the_ledger(version + key + flag)


def strkey(version: int, payload: bytes) -> str:
    data = bytes([version]) + payload
    data += binascii.crc_hqx(data, 0).to_bytes(2, "little")
    return base64.b32encode(data).decode().rstrip("=")


def f4(address: bytes, network: str = "f") -> str:
    check = hashlib.blake2b(b"\x04\x0a" + address, digest_size=4).digest()
    return f"{network}410f" + base64.b32encode(address + check).decode().rstrip("=").lower()


def byron(payload: bytes) -> bytes:
    crc = zlib.crc32(payload)
    head = bytes([0x40 | len(payload)]) if len(payload) < 24 else bytes([0x58, len(payload)])
    number = b"\x1a" + crc.to_bytes(4) if crc > 0xFFFF else b"\x19" + crc.to_bytes(2)
    return b"\x82\xd8\x18" + head + payload + number


def p2pkh(digest: bytes) -> bytes:
    return b"\x76\xa9\x14" + digest + b"\x88\xac"


def p2sh(digest: bytes) -> bytes:
    return b"\xa9\x14" + digest + b"\x87"


def of_bytes(count: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


def _no_others(_key: bytes) -> list[str]:
    return []


def hex_forms(key: bytes) -> list[str]:
    digits = key.hex()
    return ["0x" + digits, "0x" + digits.upper(), "0x" + (digits.lstrip("0") or "0")]


Spellings = Callable[[bytes], list[str]]
hashes = of_bytes(20)
leb128 = st.integers(0, 2**63 - 1).map(
    lambda n: (
        bytes([*(n >> 7 * at & 0x7F | 0x80 for at in range(max(n.bit_length() - 1, 0) // 7))])
        + bytes([n >> 7 * (max(n.bit_length() - 1, 0) // 7)])
    )
)
eos_names = st.from_regex(r"[.1-5a-z]{0,11}[1-5a-z]", fullmatch=True).filter(lambda name: name.strip("."))

# Each family with keys of it, and spellings of a key: the canonical one need not be among them.
FAMILIES: dict[str, tuple[Chain, st.SearchStrategy[bytes], Spellings]] = {
    "bitcoin": (BITCOIN, st.one_of(hashes.map(p2pkh), hashes.map(p2sh), of_bytes(32).map(b"\x51\x20".__add__)),
                lambda key: [f"raw({key.hex()})"]),
    "litecoin": (LITECOIN, hashes.map(p2sh),
                 lambda key: [base58.encode_check(bytes([byte]) + key[2:22]) for byte in (0x05, 0x32)]),
    "dogecoin": (DOGECOIN, hashes.map(p2pkh), lambda key: [base58.encode_check(b"\x1e" + key[3:23])]),
    "bitcoin cash": (BITCOIN_CASH, hashes.map(p2pkh), lambda key: [
        base58.encode_check(b"\0" + key[3:23]),
        cashaddr.encode(0, key[3:23], "bitcoincash").upper(),
        "bitcoincash:" + cashaddr.encode(2, key[3:23], "bitcoincash"),
    ]),
    "bitcoin cash scripts": (BITCOIN_CASH, hashes.map(p2sh), lambda key: [
        base58.encode_check(b"\5" + key[2:22]),
        "BITCOINCASH:" + cashaddr.encode(3, key[2:22], "bitcoincash").upper(),
    ]),
    "evm": (ETHEREUM, hashes, lambda key: [checksum_address(key), "0x" + key.hex().upper()]),
    "rootstock": (parse_chain("eip155:30"), hashes,
                  lambda key: [checksum_address(key, "30"), checksum_address(key), "0x" + key.hex().upper()]),
    "xdc": (parse_chain("eip155:50"), hashes, lambda key: ["xdc" + checksum_address(key)[2:], "xdc" + key.hex()]),
    "ronin": (parse_chain("eip155:2020"), hashes, lambda key: ["ronin:" + key.hex(), checksum_address(key)]),
    "harmony": (parse_chain("eip155:1666600000"), hashes,
                lambda key: [bech32.encode_bytes("one", key), bech32.encode_bytes("one", key).upper()]),
    "oktc": (parse_chain("eip155:66"), hashes, lambda key: [bech32.encode_bytes("ex", key)]),
    "filecoin's evm": (FILECOINS_EVM, hashes, lambda key: [f4(key), f4(key, "t")]),
    "validators": (BEACON, of_bytes(48), lambda key: ["0x" + key.hex().upper()]),
    "tron": (TRON, hashes, lambda key: [
        base58.encode_check(b"\x41" + key), "41" + key.hex(), "0x41" + key.hex().upper(), checksum_address(key)
    ]),
    "ton": (TON, st.builds(bytes.__add__, st.sampled_from([b"\0", b"\xff"]), of_bytes(32)), lambda key: [
        ton(0x11, key), ton(0x51, key, url_safe=False), ton(0x11, key, url_safe=False),
        f"{int.from_bytes(key[:1], signed=True)}:{key[1:].hex().upper()}",
    ]),
    "aptos": (APTOS, of_bytes(32), hex_forms),
    "sui": (SUI, st.binary(max_size=32).map(lambda key: key.rjust(32, b"\0")), hex_forms),
    "starknet": (STARKNET, st.integers(0, 2**251).map(lambda number: number.to_bytes(32)), hex_forms),
    "solana": (SOLANA, of_bytes(32), lambda key: [base58.encode(key)]),
    "polkadot": (POLKADOT, of_bytes(32), lambda key: [
        ss58(b"\0", key), ss58(b"\x2a", key), ss58(b"\x02", key), ss58(b"\x50\x01", key), "0x" + key.hex().upper()
    ]),
    "xrpl": (XRP_LEDGER, hashes, lambda key: [
        of_the_ledger(b"\0" + key), *(tagged(key, tag) for tag in (None, 0, 1, 2**32 - 1))
    ]),
    "xrpl's test network": (XRP_TEST, hashes, lambda key: [tagged(key, 7, b"\x04\x93")]),
    "filecoin": (FILECOIN, st.one_of(
        leb128.map(b"\0".__add__), hashes.map(b"\1".__add__), hashes.map(b"\2".__add__),
        of_bytes(48).map(b"\3".__add__), st.builds(b"\4%b%b".__mod__, st.tuples(leb128, st.binary(max_size=54)).filter(
            lambda parts: parts[0] != b"\x0a")),
    ), lambda key: [account_text(Chain("fil", "t"), key)]),
    "filecoin's delegated accounts": (FILECOIN, hashes.filter(lambda key: key[:12] != b"\xff" + bytes(11)).map(
        b"\4\x0a".__add__), lambda key: [checksum_address(key[2:]), "0x" + key[2:].hex(), f4(key[2:], "t")]),
    "antelope": (VAULTA, eos_names.map(lambda name: account_key(VAULTA, name)), _no_others),
    "aelf": (AELF, of_bytes(32), lambda key: [
        base58.encode_check(key), f"ELF_{base58.encode_check(key)}_AELF", f"{base58.encode_check(key)}_AELF"
    ]),
    "cosmos": (COSMOS_HUB, st.one_of(hashes, of_bytes(32)), lambda key: [bech32.encode_bytes("cosmos", key).upper()]),
    "kava": (KAVA, hashes, lambda key: [bech32.encode_bytes("kava", key), checksum_address(key)]),
    "another cosmos chain": (parse_chain("cosmos:another-1"),
                             hashes.map(lambda key: bech32.encode_bytes("another", key).encode()),
                             lambda key: [key.decode().upper()]),
    "stellar": (STELLAR, of_bytes(32).map(bytes([6 << 3]).__add__), lambda key: [
        strkey(6 << 3, key[1:]), *(strkey(12 << 3, key[1:] + number.to_bytes(8)) for number in (0, 1, 2**64 - 1))
    ]),
    "stellar's contracts": (STELLAR, of_bytes(32).map(bytes([2 << 3]).__add__), lambda key: [strkey(2 << 3, key[1:])]),
    "algorand": (ALGORAND, of_bytes(32), _no_others),
    "cardano": (CARDANO, st.one_of(
        of_bytes(56).map(b"\x01".__add__), of_bytes(28).map(b"\x61".__add__), of_bytes(28).map(b"\xe1".__add__)
    ), lambda key: [bech32.encode_bytes("stake" if key[0] == 0xE1 else "addr", key).upper()]),
    "cardano's byron": (CARDANO, st.binary(min_size=1, max_size=80).map(byron), lambda key: [base58.encode(key)]),
    "near": (NEAR, st.from_regex(r"[a-z0-9]{2,20}([-_.][a-z0-9]{1,9}){0,3}", fullmatch=True).map(str.encode),
             _no_others),
    "tezos": (TEZOS, hashes.map(b"\x06\xa1\x9f".__add__), lambda key: [base58.encode_check(key)]),
    "nowhere": (NOWHERE, st.text("aZ09-._", min_size=1, max_size=40).map(str.encode),
                lambda key: ["".join(f"%{byte:02x}" for byte in key)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=examples(20), deadline=None)
@given(data=st.data())
def test_every_spelling_gives_one_key_the_key_one_text_and_the_text_the_key(name: str, data: st.DataObject) -> None:
    chain, keys, spellings = FAMILIES[name]
    key = data.draw(keys)
    text = account_text(chain, key)
    assert account_key(chain, text) == key
    for spelling in spellings(key):
        assert account_key(chain, spelling) == key_reader(chain)(spelling) == key, spelling
    assert len(text) <= 128
    assert "," not in text
    assert '"' not in text


def test_every_family_is_tried() -> None:
    assert {chain.namespace for chain, *_ in FAMILIES.values()} - {"nowhere"} == set(registry.FAMILIES)


CHECKED = [
    "bitcoin", "litecoin", "dogecoin", "bitcoin cash", "harmony", "filecoin's evm", "ton", "polkadot", "xrpl",
    "filecoin's delegated accounts", "aelf", "cosmos", "kava", "another cosmos chain", "stellar", "algorand", "cardano",
    "cardano's byron", "tezos",
]  # fmt: skip


@pytest.mark.parametrize("name", CHECKED)
@settings(max_examples=examples(20), deadline=None)
@given(data=st.data())
def test_one_wrong_character_is_refused_wherever_a_form_has_a_checksum(name: str, data: st.DataObject) -> None:
    chain, keys, spellings = FAMILIES[name]
    key = data.draw(keys)
    text = spellings(key)[0] if chain.namespace == "eip155" else account_text(chain, key)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(
        st.sampled_from("023456789acdefghjkmnpqrstuvwxyzACDEFGHJKMNPQRSTUVWXYZ").filter(lambda c: c != text[at])
    )
    with contextlib.suppress(AddressError):
        assert account_key(chain, text[:at] + other + text[at + 1 :]) == key  # only ever another spelling


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=examples(20), deadline=None)
@given(key=st.binary(max_size=60))
def test_bytes_that_are_no_key_have_no_text(name: str, key: bytes) -> None:
    chain = FAMILIES[name][0]
    try:
        text = account_text(chain, key)
    except AddressError:
        return
    assert account_key(chain, text) == key


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=examples(30), deadline=None)
@given(text=st.text(max_size=130))
def test_any_text_is_read_or_refused_and_nothing_else(name: str, text: str) -> None:
    chain = FAMILIES[name][0]
    with contextlib.suppress(AddressError):
        key = account_key(chain, text)
        assert account_key(chain, account_text(chain, key)) == key


# --- Facts from elsewhere


@each_of(
    ("chain", "texts"),
    [
        (TRON, ["TSBg5SM1TXVXneSivmzpZa9hpccLNeYcWq"]),
        (
            XRP_LEDGER,  # XRPL's own test vectors: an account without a tag, and with the tag 14
            [
                "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59",
                "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ",
                "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGo2K5VpXpmCqbV2gS",
            ],
        ),
        (
            STELLAR,  # SEP-23's vectors: an account, and the same multiplexed
            [
                "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",
                "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ",
                "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK",
            ],
        ),
        (
            BITCOIN_CASH,  # the specification's first vector
            [
                "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
            ],
        ),
        (ALGORAND, ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAY5HFKQ"]),
        (CARDANO, ["addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8"]),  # CIP-19, type 6
        (
            CARDANO,  # CIP-19, type 0: longer than BIP-173 allows
            ["addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x"],
        ),
        (FILECOIN, ["f1abjxfbp274xpdqcpuaykwkfb43omjotacm2p3za", "t1abjxfbp274xpdqcpuaykwkfb43omjotacm2p3za"]),
        (FILECOIN, ["f099", "0xff00000000000000000000000000000000000063"]),
        (FILECOINS_EVM, ["0xff00000000000000000000000000000000000063", "f099"]),
        (COSMOS_HUB, ["cosmos1fl48vsnmsdzcv85q5d2q4z5ajdha8yu34mf0eh"]),
        (VAULTA, ["okbwallet1tr"]),
        (VAULTA, ["eosio.token"]),
        (NEAR, ["alice.near"]),
        (TEZOS, ["tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb"]),
    ],
)
def test_known_addresses_are_read(chain: Chain, texts: list[str]) -> None:
    assert len({account_key(chain, text) for text in texts}) == 1
    assert account_text(chain, account_key(chain, texts[0])) == texts[0]


@each_of(
    ("chain", "text"),
    [
        (TRON, ""),
        (TRON, "0x" + "ab" * 21),
        (TRON, "42" + "ab" * 20),
        (TRON, checksum_address(b"\xab\xcd" * 10).swapcase().replace("X", "x")),
        (ETHEREUM, checksum_address(b"\xab\xcd" * 10, "30")),
        (TRON, base58.encode_check(b"\x42" + bytes(20))),
        (TON, ton(0x51, bytes(33))[:-1]),
        (TON, "2:" + "ab" * 32),
        (TON, ton(0xD1, bytes(33))),  # of the test network
        (TON, ton(0x91, bytes(33))),
        (TON, ton(0x51, b"\1" + bytes(32))),
        (APTOS, "0x"),
        (APTOS, "0x" + "ab" * 33),
        (APTOS, "ab" * 32),
        (STARKNET, f"{2**251 + 17 * 2**192 + 1:#x}"),
        (SOLANA, "1" * 33),
        (SOLANA, "0" * 32),
        (XRP_LEDGER, "TSBg5SM1TXVXneSivmzpZa9hpccLNeYcWq"),
        (XRP_LEDGER, tagged(bytes(20), 1, b"\x04\x93")),  # of the test network
        (XRP_TEST, tagged(bytes(20), 1)),
        (XRP_LEDGER, "XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXa"),  # a wrong checksum
        (XRP_LEDGER, of_the_ledger(b"\x05\x44" + bytes(20) + b"\x02" + bytes(8))),  # a flag that is none
        (XRP_LEDGER, of_the_ledger(b"\x05\x44" + bytes(20) + b"\x01" + bytes(4) + b"\x01" + bytes(3))),  # 64 bits
        (XRP_LEDGER, of_the_ledger(b"\x05\x44" + bytes(20) + b"\x00\x01" + bytes(7))),  # no tag, and one
        (ETHEREUM, "0x" + "ab" * 48),
        (ETHEREUM, "xdc" + "ab" * 20),
        (ETHEREUM, "one1" + "q" * 38),
        (parse_chain("eip155:1666600000"), bech32.encode_bytes("one", bytes(32))),
        (FILECOINS_EVM, "f1abjxfbp274xpdqcpuaykwkfb43omjotacm2p3za"),
        (DOGECOIN, "1LnoZawVFFQihU8d8ntxLMpYheZUfyeVAK"),
        (BITCOIN, "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        (BITCOIN_CASH, "bchtest:qpm2qsznhks23z7629mms6s4cwef74vcwvqcw003ap"),
        (BITCOIN_CASH, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (BITCOIN_CASH, cashaddr.encode(0, bytes(32), "bitcoincash")),  # no key's hash has 32 bytes
        (VAULTA, "UPPER"),
        (VAULTA, "a."),
        (VAULTA, "abcdefghijklz"),  # the thirteenth character has four bits
        (AELF, "ELF_" + base58.encode_check(bytes(32)) + "_tDVV"),  # of a side chain, with balances of its own
        (AELF, base58.encode_check(bytes(20))),
        (COSMOS_HUB, bech32.encode_bytes("osmo", bytes(20))),
        (COSMOS_HUB, bech32.encode_bytes("cosmosvaloper", bytes(20))),
        (COSMOS_HUB, bech32.encode("cosmos", bech32.groups_of(bytes(20)), bech32.BECH32M)),
        (COSMOS_HUB, "0x" + "ab" * 20),
        (STELLAR, strkey(18 << 3, bytes(32))),  # a seed: nothing that anybody should publish
        (CARDANO, bech32.encode_bytes("addr_test", b"\x60" + bytes(28))),
        (CARDANO, bech32.encode_bytes("addr", b"\x61" + bytes(27))),
        (CARDANO, base58.encode(byron(b"a")[:-1] + b"\0")),
        (NEAR, "Alice.near"),
        (NEAR, "a..b"),
        (NEAR, "a"),
        (TEZOS, base58.encode_check(b"\x06\xa1\xa0" + bytes(20))),
        (FILECOIN, "f00"),
        (FILECOIN, "f0" + str(2**63)),
        (FILECOIN, "F1ABJXFBP274XPDQCPUAYKWKFB43OMJOTACM2P3ZA"),
        (FILECOIN, f4(bytes(20))[:-1] + "b"),
        (POLKADOT, ss58(b"\x80", bytes(32))),
        (POLKADOT, ss58(b"\0", bytes(31))),
        (NOWHERE, ""),
        (NOWHERE, "two words"),
        (NOWHERE, "A" * 129),
        (NOWHERE, "zwölf"),
    ],
)
def test_what_is_no_account_of_its_chain_is_refused(chain: Chain, text: str) -> None:
    if (chain, text) != (FILECOIN, "f00"):  # the system actor's number, 0
        with pytest.raises(AddressError):
            account_key(chain, text)


def test_the_masterchain_is_another_account_than_the_basic_workchain() -> None:
    assert account_key(TON, ton(0x51, b"\xff" + bytes(32))) != account_key(TON, ton(0x51, bytes(33)))


def test_rootstocks_checksum_has_the_chains_id_in_it() -> None:
    right = "0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD"  # EIP-1191's example
    assert account_key(parse_chain("eip155:30"), right).hex() == right[2:].lower()
    with pytest.raises(AddressError, match="EIP-55"):
        account_key(parse_chain("eip155:31"), right)


def test_a_mixed_case_that_is_no_checksum_is_refused_under_a_prefix_of_the_chains_own() -> None:
    right = checksum_address(b"\xab\xcd" * 10)
    for chain, prefix in (("eip155:50", "xdc"), ("eip155:2020", "ronin:")):
        with pytest.raises(AddressError, match="EIP-55"):
            account_key(parse_chain(chain), prefix + right[2:].swapcase())


# --- Bitcoin's public keys and descriptors

KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"  # secp256k1's generator
BIP32_VECTOR = (
    "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
)
LONG_KEY = "04" + KEY[2:] + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"


@pytest.mark.parametrize(
    ("descriptor", "text"),
    [
        (f"pk({KEY})", f"raw(21{KEY}ac)"),
        (f"pk({LONG_KEY})", f"raw(41{LONG_KEY}ac)"),
        (f"pkh({KEY})", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
        (f"pkh({LONG_KEY})", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"),
        (f"wpkh({KEY})", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),  # BIP-173's example
        (f"sh(wpkh({KEY}))", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
        (f"pkh({KEY.upper()})", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
    ],
)
def test_a_descriptor_of_one_key_is_the_account_that_it_pays_to(descriptor: str, text: str) -> None:
    assert account_text(BITCOIN, account_key(BITCOIN, descriptor)) == text


def test_a_descriptors_checksum_is_looked_at_where_it_has_one() -> None:
    # BIP-381's vector, with the checksum that Bitcoin Core gives it
    right = "pkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)#8fhd9pwu"
    assert account_key(BITCOIN, right) == account_key(BITCOIN, right[:-9])
    for wrong in (right[:-1] + "q", right[:-9] + "#", right + "q"):
        with pytest.raises(AddressError, match="checksum behind #"):
            account_key(BITCOIN, wrong)


@each_of(
    ("text", "message"),
    [
        (KEY, "several scripts pay"),
        (LONG_KEY, "several scripts pay"),
        (BIP32_VECTOR, "stands for many accounts"),
        (f"tr({KEY[2:]})", "not read here; expected an address, pk"),
        (f"multi(1,{KEY})", "not read here"),
        (f"wpkh({LONG_KEY})", "compressed keys only"),
        (f"pk(02{'ff' * 32})", "no point of the curve"),
        (f"pk(02{'00' * 31}05)", "no point of the curve"),
        (f"pk({LONG_KEY[:-1]}9)", "no point of the curve"),
        (f"pk({KEY[:-2]})", "form of a public key"),
        (f"sh(wpkh({KEY})", "not read here"),
        (f"pkh({KEY}))", "not read here"),
        (f"pk([d34db33f/44h]{KEY})", "not read here"),
    ],
)  # fmt: skip
def test_a_key_that_is_no_single_account_is_refused_with_the_spelling_that_works(text: str, message: str) -> None:
    with pytest.raises(AddressError, match=message) as caught:
        account_key(BITCOIN, text)
    assert "is not a Bitcoin address" in str(caught.value)


def test_a_chain_without_witness_programs_has_no_wpkh() -> None:
    assert account_text(DOGECOIN, account_key(DOGECOIN, f"pkh({KEY})")).startswith("D")
    with pytest.raises(AddressError, match="knows no witness programs"):
        account_key(DOGECOIN, f"wpkh({KEY})")


# --- What is not known, and validators


def test_an_account_of_an_unknown_chain_is_its_text_with_the_unusual_percent_encoded() -> None:
    read = key_reader(None)
    assert read("alice.near") == b"alice.near"
    assert read("bitcoincash:qq") == read("bitcoincash%3aqq") == b"bitcoincash%3Aqq"
    assert read("100%") == b"100%25"


@settings(max_examples=examples(50), deadline=None)
@given(
    st.text(
        alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="%"), min_size=1, max_size=30
    )
)
def test_on_unknown_chains_two_texts_never_share_a_key(text: str) -> None:
    from urllib.parse import unquote

    assert unquote(key_reader(None)(text).decode()) == text


def test_a_chain_of_which_no_form_is_known_is_told_from_those_that_are() -> None:
    assert not is_known(NOWHERE)
    assert not is_known(parse_chain("cosmos:another-1"))
    for chain, *_ in FAMILIES.values():
        assert is_known(chain) or chain in (NOWHERE, parse_chain("cosmos:another-1"))


def test_a_validators_key_has_48_bytes() -> None:
    assert validator_key("0x" + "AB" * 48) == b"\xab" * 48
    assert validator_key("0x" + "ab" * 47) is None
    assert validator_key("ab" * 48) is None


def test_no_two_bitcoin_like_chains_are_called_alike() -> None:
    names = [network.name for network in BITCOIN_CHAINS.values()]
    assert len(names) == len(set(names))


# --- Real accounts


@pytest.mark.skipif(not SHARED.exists(), reason="the reference data do not lie beside this checkout")
def test_all_declared_accounts_are_read_and_none_is_another() -> None:
    with (SHARED / "okx" / "declared_addresses.csv").open() as file:
        rows = list(csv.DictReader(file))
    keys = set()
    for row in rows:
        chain = parse_chain(row["chain"])
        key = account_key(chain, row["address"])
        text = account_text(chain, key)
        assert account_key(chain, text) == key
        assert text.lower() == row["address"].lower() or chain.namespace in ("starknet", "aptos")
        keys.add((chain, key))
    assert len(rows) == len(keys) == 886


@pytest.mark.skipif(not SHARED.exists(), reason="the reference data do not lie beside this checkout")
def test_recorded_spellings_are_one_account_and_recorded_mistakes_are_refused() -> None:
    for entry in json.loads((SHARED / "chains" / "addresses.json").read_text()):
        chain = parse_chain(entry["chain"])
        assert len({account_key(chain, text) for text in entry["spellings"]}) == 1
        for wrong in entry["wrong"]:
            with pytest.raises(AddressError):
                account_key(chain, wrong)
    recorded = json.loads((SHARED / "chains" / "xrpl" / "x-addresses.json").read_text())
    for entry in recorded["right"]:
        assert account_key(XRP_LEDGER, entry["main"]) == account_key(XRP_LEDGER, entry["classic"])
        assert account_key(XRP_TEST, entry["test"]) == account_key(XRP_LEDGER, entry["classic"])
