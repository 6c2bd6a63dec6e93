"""Blocks that are named on the command line."""

from __future__ import annotations

import pytest

from scanner.chains.filecoin.cid import parse_cid
from scanner.cli.named_blocks import named_blocks, one_of_each
from scanner.core.ids import Chain
from scanner.errors import InputError
from tests.support.tables import each_of

ETHEREUM = Chain("eip155", "1")
FILECOIN = Chain("fil", "f")
TON = Chain("tvm", "-239")
BLOCK, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32


def test_several_blocks_of_a_chain_may_be_trusted() -> None:
    named = named_blocks("--trust", [f"{ETHEREUM}={BLOCK}", f"{ETHEREUM}={OTHER}"], [ETHEREUM])
    assert named == [(ETHEREUM, BLOCK), (ETHEREUM, OTHER)]


def test_where_one_block_is_meant_no_second_is_passed_over_in_silence() -> None:
    assert one_of_each("--at", [(ETHEREUM, 7), (ETHEREUM, 7)]) == {ETHEREUM: 7}
    with pytest.raises(InputError, match=f"--at: names both 7 and {BLOCK} of eip155:1; expected one block"):
        one_of_each("--at", [(ETHEREUM, 7), (ETHEREUM, BLOCK)])


@each_of(
    "text",
    [
        "bd" * 31 + "fb",
        "BD" * 31 + "FB",
        "vb29vb29vb29vb29vb29vb29vb29vb29vb29vb29vfs=",
        "vb29vb29vb29vb29vb29vb29vb29vb29vb29vb29vfs",
    ],
)
def test_a_block_of_ton_is_known_by_every_spelling_that_explorers_show(text: str) -> None:
    assert named_blocks("--trust", [f"{TON}={text}"], [TON]) == [(TON, "bd" * 31 + "fb")]


def test_both_alphabets_of_base64_name_the_same_block() -> None:
    (one, other) = named_blocks("--trust", [f"{TON}={'-_' * 21}8=", f"{TON}={'+/' * 21}8="], [TON])
    assert one == other


@each_of("text", ["bd" * 31, "bd" * 33, "0x" + "bd" * 32, "v" * 43, "vb29" * 11, "=" * 44, "", "bd" * 31 + "f\u0661"])
def test_what_is_no_hash_of_a_block_of_ton_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not the hash of a block of tvm:-239"):
        named_blocks("--trust", [f"{TON}={text}"], [TON])


def test_a_tipset_of_filecoin_is_known_by_the_hash_that_ethereums_interface_has_for_it() -> None:
    digest = "9a0c9a0c64c20af5ba8e22bf7fbc8d7d2c8c7e2c8c1d60d3f3e3f17161c8df1c"
    ((_, name),) = named_blocks("--trust", [f"{FILECOIN}=0x{digest}"], [FILECOIN])
    assert named_blocks("--trust", [f"{FILECOIN}={name}", f"{FILECOIN}=0x{digest.upper()}"], [FILECOIN]) == [
        (FILECOIN, name),
        (FILECOIN, name),
    ]
    assert parse_cid(str(name))[-32:].hex() == digest
    with pytest.raises(InputError, match="is not the hash of a block of fil:f"):
        named_blocks("--trust", [f"{FILECOIN}={digest}"], [FILECOIN])
