"""Merge-mined headers: read with the proof behind them, and refused wherever one byte of it is another."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, WorkRules
from scanner.chains.bitcoin.header import BitcoinHeader, HeaderError, check_successor, check_work, take_header
from scanner.chains.bitcoin.merge_mining import AuxPow, MergeMiningError, check_proof
from scanner.chains.bitcoin.node.block import header_from_hex, snapshot_of
from scanner.chains.bitcoin.node.serialized import Serialized
from scanner.chains.names import parse_chain
from scanner.errors import NodeError, Why
from tests.support.places import VECTORS
from tests.support.simulated.kin_of_bitcoin import SimDogecoin, merge_mined
from tests.support.tables import each_of

CHAIN = parse_chain("bip122:1a91e3dace36e2be3bf030a65679fe82")
REGTEST = parse_chain("bip122:3d2160a3b5dc4a9d62e7e66a295f7031")
KNOWN = json.loads((VECTORS / "merge_mined_and_x11_headers.json").read_text())["dogecoin"]
HEADER = bytes.fromhex(KNOWN["header"])


def rules_of(reference: str) -> WorkRules:
    work = BITCOIN_CHAINS[reference].work
    assert isinstance(work, WorkRules)
    return work


RULES, EASY = rules_of(CHAIN.reference), rules_of(REGTEST.reference)


def read(raw: bytes, rules: WorkRules = RULES) -> BitcoinHeader:
    source = Serialized(raw)
    header = take_header(source, rules)
    source.end()
    return header


def proof_of(header: BitcoinHeader) -> AuxPow:
    assert header.proof is not None
    return header.proof


def test_the_first_merge_mined_block_of_dogecoin_holds_by_its_parents_work() -> None:
    header = read(HEADER)
    assert header.hash == KNOWN["hash"]
    assert header.raw == HEADER[:80]
    assert proof_of(header).parent == HEADER[-80:]
    check_work(header, RULES)
    with pytest.raises(HeaderError, match="without the proof"):
        check_work(replace(header, proof=None), RULES)
    with pytest.raises(HeaderError, match="no work"):
        check_work(header, replace(RULES, merge_mined=None))
    assert snapshot_of(CHAIN, 371_337, header_from_hex(KNOWN["header"], CHAIN), KNOWN["hash"]).hash == KNOWN["hash"]


def unused() -> range:
    """Where the recorded header has 32 bytes that are said to be the parent's hash: before a counted branch."""
    branch = HEADER.index(proof_of(read(HEADER)).coinbase_branch[0])
    return range(branch - 33, branch - 1)


def test_a_header_with_any_byte_changed_is_refused_but_for_the_parents_stated_name() -> None:
    ignored = unused()
    for position in range(len(HEADER)):
        spoiled = bytearray(HEADER)
        spoiled[position] ^= 1 + position % 255
        if position in ignored:
            check_work(read(bytes(spoiled)), RULES)
            continue
        with pytest.raises(ValueError):  # noqa: PT011 - bytes that are none, or that show no work: HeaderError is one
            check_work(read(bytes(spoiled)), RULES)


@each_of("size", [0, 79, 80, 81, 200, 454, 455, 534])
def test_a_header_that_ends_too_early_is_malformed(size: int) -> None:
    with pytest.raises(NodeError) as caught:
        header_from_hex(HEADER[:size].hex(), CHAIN)
    assert caught.value.why is Why.MALFORMED


def test_a_header_with_more_behind_it_or_longer_than_any_is_malformed() -> None:
    for raw in (HEADER + b"\0", HEADER + bytes(120_000)):
        with pytest.raises(NodeError) as caught:
            header_from_hex(raw.hex(), CHAIN)
        assert caught.value.why is Why.MALFORMED


@given(st.binary(max_size=300), st.integers(80, len(HEADER)))
def test_whatever_stands_behind_a_merge_mined_header_is_the_same_block_or_refused(noise: bytes, kept: int) -> None:
    with suppress(NodeError):
        found = snapshot_of(CHAIN, 371_337, header_from_hex((HEADER[:kept] + noise).hex(), CHAIN), KNOWN["hash"])
        assert found.hash == KNOWN["hash"]


BLOCK = bytes.fromhex(KNOWN["hash"])[::-1]


def script(change: Callable[[bytes], bytes]) -> Callable[[AuxPow], AuxPow]:
    return lambda proof: replace(proof, script=change(proof.script))


def root_at(content: bytes) -> int:
    return content.index(bytes.fromhex("fabe6d6d")) + 4


PROOFS: dict[str, tuple[Callable[[AuxPow], Any], str]] = {
    "a parent of the chain itself": (
        lambda proof: replace(proof, parent=bytes.fromhex("02016200") + proof.parent[4:]),
        "same chain",
    ),
    "a transaction that is no coinbase": (lambda proof: replace(proof, coinbase_index=2), "no coinbase"),
    "another coinbase": (lambda proof: replace(proof, coinbase=bytes(32)), "Merkle root"),
    "a shorter branch": (lambda proof: replace(proof, coinbase_branch=proof.coinbase_branch[1:]), "Merkle root"),
    "another place": (
        lambda proof: replace(proof, chain_index=proof.chain_index ^ 1),
        "does not commit|its chain's place",
    ),
    "no root": (script(lambda content: content[: root_at(content)]), "does not commit"),
    "two marks": (script(lambda content: content + bytes.fromhex("fabe6d6d")), "several marks"),
    "a mark elsewhere": (
        script(lambda content: content[: root_at(content)] + b"\0" + content[root_at(content) :]),
        "before the block's root",
    ),
    "no mark, and a late root": (
        script(lambda content: bytes(21) + content[root_at(content) :]),
        "too late",
    ),
    "no size": (script(lambda content: content[: root_at(content) + 32 + 7]), "number of chains"),
    "another size": (
        script(lambda content: content[: root_at(content) + 32] + b"\xff" + content[root_at(content) + 33 :]),
        "number of chains",
    ),
}


@each_of("name", PROOFS)
def test_a_proof_that_breaks_a_rule_is_refused_by_that_rule(name: str) -> None:
    change, message = PROOFS[name]
    proof = proof_of(read(HEADER))
    check_proof(BLOCK, proof, 0x62)
    with pytest.raises(MergeMiningError, match=message):
        check_proof(BLOCK, change(proof), 0x62)


def test_a_root_without_a_mark_counts_where_it_begins_early() -> None:
    early = script(lambda content: bytes(20) + content[root_at(content) :])
    check_proof(BLOCK, early(proof_of(read(HEADER))), 0x62)


def test_work_done_once_counts_for_no_other_place_among_the_chains_that_were_mined_together() -> None:
    raw = merge_mined(bytes.fromhex("02016200") + bytes(68) + bytes.fromhex("ffff7f20") + bytes(4), bytes(range(64)))
    header = read(raw, EASY)
    check_work(header, EASY)
    proof = proof_of(header)
    nonce_at = root_at(proof.script) + 32 + 4
    for nonce in range(1, 5):
        moved = proof.script[:nonce_at] + nonce.to_bytes(4, "little") + proof.script[nonce_at + 4 :]
        places = {place for place in range(4) if holds(replace(proof, script=moved, chain_index=place), header)}
        assert len(places) <= 1


def holds(proof: AuxPow, header: BitcoinHeader) -> bool:
    try:
        check_proof(bytes.fromhex(header.hash)[::-1], proof, 0x62)
    except MergeMiningError:
        return False
    return True


def test_a_block_of_another_merge_mined_chain_is_refused() -> None:
    raw = merge_mined(bytes.fromhex("02019800") + bytes(68) + bytes.fromhex("ffff7f20") + bytes(4), bytes(64))
    with pytest.raises(HeaderError, match="another chain"):
        check_work(read(raw, EASY), EASY)


def test_a_block_that_is_not_merge_mined_takes_no_proof() -> None:
    header = read(HEADER)
    plain = replace(header, raw=bytes(4) + header.raw[4:])
    with pytest.raises(HeaderError, match="is not merge-mined"):
        check_work(plain, RULES)


def test_a_target_may_ease_by_half_at_each_block_and_no_more() -> None:
    chain = SimDogecoin(Random(1), [b"\x51"], blocks=1)
    parent, child = (read(block.header, EASY) for block in chain.blocks)
    rules = replace(EASY, steady=True, period=1, easing=Fraction(3, 2))
    check_successor(replace(parent, bits=0x20555555), child, 7, rules)  # the child's is 0x207fffff
    with pytest.raises(HeaderError, match="eases the target more than 3/2 times"):
        check_successor(replace(parent, bits=0x20555554), child, 7, rules)
