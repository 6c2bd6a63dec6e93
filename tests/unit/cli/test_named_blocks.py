"""Blocks that are named on the command line."""

from __future__ import annotations

import pytest

from scanner.cli.named_blocks import named_blocks, one_of_each
from scanner.core.ids import Chain
from scanner.errors import InputError

ETHEREUM = Chain("eip155", "1")
BLOCK, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32


def test_several_blocks_of_a_chain_may_be_trusted() -> None:
    named = named_blocks("--trust", [f"{ETHEREUM}={BLOCK}", f"{ETHEREUM}={OTHER}"], [ETHEREUM])
    assert named == [(ETHEREUM, BLOCK), (ETHEREUM, OTHER)]


def test_where_one_block_is_meant_no_second_is_passed_over_in_silence() -> None:
    assert one_of_each("--at", [(ETHEREUM, 7), (ETHEREUM, 7)]) == {ETHEREUM: 7}
    with pytest.raises(InputError, match=f"--at: names both 7 and {BLOCK} of eip155:1; expected one block"):
        one_of_each("--at", [(ETHEREUM, 7), (ETHEREUM, BLOCK)])
