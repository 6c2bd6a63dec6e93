"""Headers: parsed to the byte, their work and links checked."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import scrypt
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, WorkHash, WorkRules
from scanner.chains.bitcoin.header import (
    BitcoinHeader,
    HeaderError,
    check_chain,
    check_successor,
    check_work,
    parse_header,
    target_of,
)
from tests.support.places import VECTORS

MAINNET = WorkRules(target_of(0x1D00FFFF), steady=True)
GENESIS = bytes.fromhex(
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3"
    "888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)
BLOCK_1 = bytes.fromhex(
    "010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000982051fd1e4ba744bbbe680e1fee14677ba1a3c3"
    "540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299"
)
LITECOIN = WorkRules(target_of(0x1E0FFFFF), steady=True, hash=WorkHash.SCRYPT)
LITECOIN_HEADERS = json.loads((VECTORS / "litecoin_headers.json").read_text())["headers"]
EASY = WorkRules(target_of(0x207FFFFF), steady=True)


def mined(parent: str, bits: int = 0x207FFFFF) -> BitcoinHeader:
    """A header on `parent` with the work done that `bits` asks for."""
    for nonce in count():
        fields = bytes.fromhex(parent)[::-1] + bytes(36) + bits.to_bytes(4, "little")
        raw = bytes(4) + fields + nonce.to_bytes(4, "little")
        header = parse_header(raw)
        if int(header.hash, 16) <= target_of(bits):
            return header
    raise AssertionError


def test_the_genesis_block_is_read_as_everyone_knows_it() -> None:
    header = parse_header(GENESIS)
    assert header.hash == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
    assert header.parent == "00" * 32
    assert header.merkle_root[::-1].hex() == "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
    assert (header.time, header.bits) == (1231006505, 0x1D00FFFF)
    assert BITCOIN_CHAINS["000000000019d6689c085ae165831e93"].work == MAINNET
    check_work(header, MAINNET)


def test_block_1_follows_the_genesis_block() -> None:
    genesis, following = parse_header(GENESIS), parse_header(BLOCK_1)
    assert check_chain(genesis, 0, [following], MAINNET) is following
    assert check_chain(genesis, 0, [], MAINNET) is genesis


@given(st.integers(0, 79), st.integers(1, 255))
def test_a_header_with_any_byte_changed_has_not_done_its_work_or_does_not_follow(position: int, change: int) -> None:
    spoiled = bytearray(BLOCK_1)
    spoiled[position] ^= change
    with pytest.raises(HeaderError):
        check_chain(parse_header(GENESIS), 0, [parse_header(bytes(spoiled))], MAINNET)


@pytest.mark.parametrize("size", [0, 79, 81])
def test_a_header_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(HeaderError, match="80 bytes"):
        parse_header(GENESIS[:79].ljust(size, b"\0")[:size])


@pytest.mark.parametrize("bits", [0x1D80FFFF, 0x2100FFFF, 0xFF123456, 0x00000000, 0x01003456, 0x1D000000])
def test_a_target_that_is_negative_too_large_or_zero_is_refused(bits: int) -> None:
    with pytest.raises(HeaderError):
        target_of(bits)


def test_targets_are_written_out_as_bitcoin_core_does() -> None:
    assert target_of(0x1D00FFFF) == 0xFFFF << 208
    assert target_of(0x02123456) == 0x1234
    assert target_of(0x03123456) == 0x123456
    assert target_of(0x04123456) == 0x12345600


def test_a_target_easier_than_the_chain_allows_is_refused() -> None:
    with pytest.raises(HeaderError, match="easier"):
        check_work(mined("00" * 32), MAINNET)


def test_a_hash_above_its_own_target_is_refused() -> None:
    with pytest.raises(HeaderError, match="no work"):
        check_work(replace(mined("00" * 32), hash="f" * 64), EASY)


def test_a_block_that_skips_its_parent_is_refused() -> None:
    first = mined("00" * 32)
    third = mined(mined(first.hash).hash)
    with pytest.raises(HeaderError, match="does not follow"):
        check_chain(first, 0, [third], EASY)


def test_the_target_changes_at_every_2016th_block_only_and_eases_at_most_fourfold() -> None:
    parent = mined("00" * 32, 0x200FFFFF)
    same, eased, eased_more = (mined(parent.hash, bits) for bits in (0x200FFFFF, 0x203FFFFC, 0x203FFFFD))
    check_successor(parent, same, 2015, EASY)
    check_successor(parent, eased, 2016, EASY)
    with pytest.raises(HeaderError, match="may not change"):
        check_successor(parent, eased, 2015, EASY)
    with pytest.raises(HeaderError, match="eases"):
        check_successor(parent, eased_more, 2016, EASY)
    check_successor(parent, eased_more, 2015, replace(EASY, steady=False))


@pytest.mark.parametrize("known", LITECOIN_HEADERS, ids=lambda known: str(known["height"]))
def test_headers_of_litecoin_are_named_by_double_sha256_and_worked_for_with_scrypt(known: dict[str, str]) -> None:
    header = parse_header(bytes.fromhex(known["header"]))
    assert header.hash == known["hash"]
    assert scrypt(header.raw, salt=header.raw, n=1024, r=1, p=1, dklen=32)[::-1].hex() == known["work"]
    check_work(header, LITECOIN)
    with pytest.raises(HeaderError, match="no work"):
        check_work(header, replace(LITECOIN, hash=WorkHash.SHA256D))


@given(st.integers(0, 79), st.integers(1, 255), st.sampled_from(LITECOIN_HEADERS))
def test_a_header_of_litecoin_with_any_byte_changed_has_not_done_its_work(
    position: int, change: int, known: dict[str, str]
) -> None:
    spoiled = bytearray.fromhex(known["header"])
    spoiled[position] ^= change
    with pytest.raises(HeaderError):
        check_work(parse_header(bytes(spoiled)), LITECOIN)


def test_a_block_of_bitcoin_has_done_no_work_by_scrypt() -> None:
    with pytest.raises(HeaderError, match="no work"):
        check_work(parse_header(BLOCK_1), replace(MAINNET, hash=WorkHash.SCRYPT))
