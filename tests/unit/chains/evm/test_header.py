from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.chains.evm import rlp
from scanner.chains.evm.header import MAX_EXTRA_DATA, ExecutionHeader, header_from_json, header_from_rlp
from scanner.proofs.flaws import Flaw, ProofError
from tests.support.places import VECTORS as _VECTORS
from tests.support.simulated.trie_builder import keccak256
from tests.support.strength import examples
from tests.support.tables import each_of

VECTORS = _VECTORS
BLOCKS: dict[str, dict[str, str]] = {
    vector["name"]: vector["block"] for vector in json.loads((VECTORS / "evm_headers.json").read_text())
}
BLOCKS["anvil"] = json.loads((VECTORS / "evm_proofs.json").read_text())["block"]

# How many fields each of them hashes.
FIELDS = {
    "Ethereum mainnet, genesis": 15,
    "London": 16,
    "Genesis with a base fee": 16,
    "Arbitrum One": 16,
    "Shanghai": 17,
    "Avalanche C-Chain, Apricot": 19,
    "Cancun": 20,
    "Prague": 21,
    "Ethereum mainnet, Osaka": 21,
    "BNB Smart Chain testnet": 21,
    "anvil": 21,
    "Ethereum Sepolia, Amsterdam": 23,
    "Optimism": 21,
    "Gnosis": 21,
    "Polygon": 16,
    "Scroll before Euclid": 16,
    "BNB Smart Chain": 21,
    "Base": 21,
    "Ethereum Classic": 15,
    "Linea": 21,
    "X Layer, its first block on the OP stack": 21,
}


def unhex(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def read(block: dict[str, str], block_hash: str | None = None) -> ExecutionHeader:
    return header_from_json(block, unhex(block_hash or block["hash"]))


def flaw_of(block: dict[str, object], block_hash: str) -> Flaw:
    with pytest.raises(ProofError) as caught:
        header_from_json(block, unhex(block_hash))
    return caught.value.flaw


def decoded(header: ExecutionHeader) -> list[rlp.Item]:
    items = rlp.decode(header.encoded)
    assert isinstance(items, list)
    return items


@each_of("name", BLOCKS)
def test_headers_of_real_blocks_hash_to_their_block_hash(name: str) -> None:
    block = BLOCKS[name]
    header = read(block)
    assert keccak256(header.encoded) == header.hash == unhex(block["hash"])
    assert (header.number, header.timestamp) == (int(block["number"], 16), int(block["timestamp"], 16))
    assert (header.parent_hash, header.state_root) == (unhex(block["parentHash"]), unhex(block["stateRoot"]))
    assert len(decoded(header)) == FIELDS[name]


@each_of("name", BLOCKS)
def test_a_header_with_any_hashed_field_changed_is_refused(name: str) -> None:
    block = BLOCKS[name]
    hashed = set(block) - {"hash", "size", "totalDifficulty", "milliTimestamp", "blockExtraData"}
    hashed -= {"l1BlockNumber", "sendCount", "sendRoot"}
    assert len(hashed) == FIELDS[name]
    if block["extraData"] == "0x":
        hashed.remove("extraData")  # a header of Scroll, for all that its hash says, and not among what is believed
    for field in hashed:
        forged = block[field][:-1] + f"{int(block[field][-1], 16) ^ 1:x}"
        assert flaw_of({**block, field: forged}, block["hash"]) is Flaw.HEADER_MISMATCH


@each_of("name", BLOCKS)
def test_a_header_without_one_of_its_fields_is_refused(name: str) -> None:
    block = BLOCKS[name]
    for field in ("parentHash", "stateRoot", "number", "mixHash", "nonce", "extraData"):
        without: dict[str, object] = {k: v for k, v in block.items() if k != field}
        assert flaw_of(without, block["hash"]) is Flaw.INCOMPLETE
        assert flaw_of({**block, field: None}, block["hash"]) is Flaw.INCOMPLETE


def test_what_a_header_lacks_is_named() -> None:
    block = BLOCKS["London"]
    without: dict[str, object] = {k: v for k, v in block.items() if k not in ("stateRoot", "nonce")}
    with pytest.raises(ProofError, match="lacks stateRoot, nonce"):
        header_from_json(without, unhex(block["hash"]))


def test_extra_data_up_to_its_bound_is_read() -> None:
    block = {**BLOCKS["London"], "extraData": "0x" + "ab" * MAX_EXTRA_DATA}
    items = decoded(read(BLOCKS["London"]))
    items[12] = b"\xab" * MAX_EXTRA_DATA
    assert header_from_json(block, keccak256(rlp.encode(items))).layout == "Ethereum"


def test_a_right_header_of_another_block_is_refused() -> None:
    for name, block in BLOCKS.items():
        for other, wanted in BLOCKS.items():
            if other != name:
                assert flaw_of({**block, "hash": wanted["hash"]}, wanted["hash"]) is Flaw.HEADER_MISMATCH


def test_the_stated_hash_plays_no_part() -> None:
    block = BLOCKS["Prague"]
    assert read({k: v for k, v in block.items() if k != "hash"}, block["hash"]) == read(block)


def test_fields_that_the_chain_does_not_hash_do_no_harm() -> None:
    block = BLOCKS["London"]
    stated = {**block, "withdrawalsRoot": "0x" + "00" * 32, "slotNumber": "0x5", "unknownField": "0x1"}
    assert read(stated) == read(block)


def test_a_gap_among_optional_fields_is_encoded_as_nothing() -> None:
    block = BLOCKS["Cancun"]
    items = decoded(read(block))
    items[16] = b""
    gapped = keccak256(rlp.encode(items))
    header = header_from_json({k: v for k, v in block.items() if k != "withdrawalsRoot"}, gapped)
    assert header.state_root == unhex(block["stateRoot"])


def test_scroll_hashes_no_extra_data() -> None:
    block = BLOCKS["London"]
    items = decoded(read(block))
    items[12] = b""
    block_hash = keccak256(rlp.encode(items))
    signed: dict[str, object] = {**block, "extraData": "0x" + "ab" * 65}
    assert header_from_json(signed, block_hash).layout == "Scroll"


def test_a_field_after_the_last_known_one_is_refused() -> None:
    """A fork that we do not know yet: its headers are not to be guessed at."""
    block = BLOCKS["Ethereum Sepolia, Amsterdam"]
    future = keccak256(rlp.encode([*decoded(read(block)), b"\x01"]))
    assert flaw_of({**block, "newField": "0x1"}, "0x" + future.hex()) is Flaw.HEADER_MISMATCH


AVALANCHE_LATER = {
    "blobGasUsed": "0x0",
    "excessBlobGas": "0x0",
    "parentBeaconBlockRoot": "0x" + "00" * 32,
    "timestampMilliseconds": "0x19e5635325e",
    "minDelayExcess": "0x7799a0",
    "targetExponent": "0x1",
    "minPriceExponent": "0x2",
    "settledHeight": "0x3",
    "settledGasUnix": "0x4",
    "settledGasNumerator": "0x5",
    "settledExcess": "0x6",
}


@each_of("length", range(1, len(AVALANCHE_LATER) + 1))
def test_later_fields_of_avalanche_follow_in_the_order_of_coreth(length: int) -> None:
    later = dict(list(AVALANCHE_LATER.items())[:length])
    block = {**BLOCKS["Avalanche C-Chain, Apricot"], **later}
    items = decoded(read(BLOCKS["Avalanche C-Chain, Apricot"]))
    items += [unhex(v) if len(v) == 66 else rlp.encode_int(int(v, 16)) for v in later.values()]
    encoded = rlp.encode(items)
    header = header_from_json(block, keccak256(encoded))
    assert header.layout == "Avalanche C-Chain"
    settles_earlier = "settledHeight" in later
    assert header.settles_earlier is settles_earlier
    assert header_from_rlp(encoded, keccak256(encoded)).settles_earlier is settles_earlier


def test_a_header_that_leaves_settled_height_out_and_has_what_follows_it_settles_an_earlier_block_too() -> None:
    later = {**AVALANCHE_LATER, "settledHeight": None}
    items = decoded(read(BLOCKS["Avalanche C-Chain, Apricot"]))
    items += [b"" if v is None else unhex(v) if len(v) == 66 else rlp.encode_int(int(v, 16)) for v in later.values()]
    block = {**BLOCKS["Avalanche C-Chain, Apricot"], **{name: v for name, v in later.items() if v is not None}}
    assert header_from_json(block, keccak256(rlp.encode(items))).settles_earlier


@each_of("name", BLOCKS)
def test_no_real_block_so_far_settles_an_earlier_one(name: str) -> None:
    assert not read(BLOCKS[name]).settles_earlier


@each_of(
    ("field", "value"),
    [
        ("stateRoot", "0x1234"),
        ("stateRoot", "1c" * 32),
        ("stateRoot", "0x" + "zz" * 32),
        ("stateRoot", 5),
        ("stateRoot", ["0x"]),
        ("number", "0x"),
        ("number", "7"),
        ("number", 7),
        ("number", "-0x7"),
        ("number", "0x 7"),
        ("number", "0x" + "f" * 65),
        ("number", "0x７"),
        ("timestamp", 1.5),
        ("miner", "0x" + "00" * 32),
        ("logsBloom", "0x" + "00" * 255),
        ("nonce", "0x0"),
        ("extraData", "0x0"),
        ("extraData", "0x" + "00" * (MAX_EXTRA_DATA + 1)),
        ("extraData", True),
        ("baseFeePerGas", {}),
    ],
)
def test_a_field_that_is_not_written_as_documented_is_refused(field: str, value: object) -> None:
    block = BLOCKS["Cancun"]
    assert flaw_of({**block, field: value}, block["hash"]) is Flaw.MALFORMED


def test_zk_stack_headers_give_a_reason_and_never_a_pass() -> None:
    """zkSync's blocks name a hash that is not their header's, and a state root of zeros (as its RPC shows them)."""
    zk: dict[str, object] = {**BLOCKS["London"], "stateRoot": "0x" + "00" * 32, "l1BatchNumber": "0x7e"}
    with pytest.raises(ProofError, match="does not hash to the pinned block hash") as caught:
        header_from_json(zk, unhex("0x04d335186aa661f8470869ebdd3a23201ef52efc0d219de61fdce2b587f82e47"))
    assert caught.value.flaw is Flaw.HEADER_MISMATCH


# From a witness


@each_of("name", BLOCKS)
def test_a_header_kept_in_a_witness_says_the_same(name: str) -> None:
    header = read(BLOCKS[name])
    assert replace(header_from_rlp(header.encoded, header.hash), layout=header.layout) == header


def test_a_kept_header_with_any_byte_changed_is_refused() -> None:
    header = read(BLOCKS["Cancun"])
    for at in range(len(header.encoded)):
        forged = header.encoded[:at] + bytes([header.encoded[at] ^ 1]) + header.encoded[at + 1 :]
        with pytest.raises(ProofError):
            header_from_rlp(forged, header.hash)


def test_bytes_that_hash_right_but_are_no_header_are_refused() -> None:
    sound = decoded(read(BLOCKS["Prague"]))
    wrong: list[rlp.Item] = [b"no list", [], sound[:14]]
    bad: list[tuple[int, rlp.Item]] = [(0, b"short"), (0, [b"\x01"] * 32), (3, b""), (3, []), (3, [b"\x01"] * 32)]
    bad += [(8, b"\0\x01"), (8, b"\xff" * 9), (11, []), (11, b"\xff" * 9)]
    for at, item in bad:
        wrong.append([*sound[:at], item, *sound[at + 1 :]])
    for items in wrong:
        encoded = rlp.encode(items)
        with pytest.raises(ProofError) as caught:
            header_from_rlp(encoded, keccak256(encoded))
        assert caught.value.flaw is Flaw.MALFORMED


@settings(max_examples=examples(30), deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(BLOCKS["Prague"])), st.none() | st.integers() | st.text(max_size=70)))
def test_arbitrary_answers_give_the_true_header_or_a_flaw(changes: dict[str, object]) -> None:
    true = read(BLOCKS["Prague"])
    try:
        assert header_from_json({**BLOCKS["Prague"], **changes}, true.hash) == true
    except ProofError:
        assert set(changes) - {"hash", "size"}
