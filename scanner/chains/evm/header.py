"""A block header shown to be the one that the pinned block hash names, and what may then be believed of it.

A node's JSON answer is encoded as the chain's clients encode headers, and hashed. If that gives the pinned hash, the
fields are what the block's producer wrote, no matter who passed them on. If no known layout gives it, nothing is
believed, the stated `hash` least of all.

All layouts begin with the 15 fields of Frontier, so height, time, parent and state root cannot be read from another
place by choosing another layout. A new fork appends fields: add them to `_LAYOUTS`, with their source.

Chains whose block hash is not that of such a header have no state proofs here, and give HEADER_MISMATCH. zkSync Era is
one: its hash covers height, time, parent and transactions, and no state. So are chains on Tendermint, such as OKTC.

Not in here: whether the block is final, or on the chain at all (quorum); state proofs (`account.py`).

Sources: Ethereum yellow paper, 4.4; EIP-1559, 4895, 4844, 4788, 7685, 7928, 7843; go-ethereum core/types/block.go and
its descendants named below; ACP-194 and avalanchego vms/saevm/sae/block_builder.go (what `settledHeight` means);
encoding of absent optional fields as in go-ethereum's rlp package ("optional").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scanner.chains.evm import rlp
from scanner.chains.evm.rlp import Item
from scanner.core.keccak import keccak256
from scanner.proofs.flaws import Flaw, ProofError

MAX_EXTRA_DATA = 100 * 1024
"""Bytes of extra data, as go-ethereum bounds it. Ethereum allows 32; BNB and Polygon keep their validators in it."""

_HEX = re.compile(r"0x([0-9a-fA-F]*)", re.ASCII)

# Fields that are byte strings, and how long; every other field but `extraData` is a number.
_BYTES = {
    "parentHash": 32,
    "sha3Uncles": 32,
    "miner": 20,
    "stateRoot": 32,
    "transactionsRoot": 32,
    "receiptsRoot": 32,
    "logsBloom": 256,
    "mixHash": 32,
    "nonce": 8,
    "withdrawalsRoot": 32,
    "parentBeaconBlockRoot": 32,
    "requestsHash": 32,
    "blockAccessListHash": 32,
    "extDataHash": 32,
}
_FRONTIER = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Fields in their order. Of `optional`, a header carries those up to the last one that it has."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    blank: frozenset[str] = frozenset()  # fields hashed as if they were empty


_LAYOUTS = (
    # Ethereum and all that keep its header: ETC, Arbitrum, Optimism, Base, Linea, Polygon, BNB, X Layer on OP Stack.
    _Layout(
        "Ethereum",
        _FRONTIER,
        (
            "baseFeePerGas",  # London, EIP-1559
            "withdrawalsRoot",  # Shanghai, EIP-4895
            "blobGasUsed",  # Cancun, EIP-4844
            "excessBlobGas",
            "parentBeaconBlockRoot",  # Cancun, EIP-4788
            "requestsHash",  # Prague, EIP-7685; Osaka adds none
            "blockAccessListHash",  # Amsterdam, EIP-7928
            "slotNumber",  # Amsterdam, EIP-7843
        ),
    ),
    # Avalanche C-Chain: coreth, plugin/evm/customtypes/header_ext.go.
    _Layout(
        "Avalanche C-Chain",
        (*_FRONTIER, "extDataHash"),
        (
            "baseFeePerGas",  # Apricot Phase 3
            "extDataGasUsed",  # Apricot Phase 4
            "blockGasCost",
            "blobGasUsed",  # Etna
            "excessBlobGas",
            "parentBeaconBlockRoot",
            "timestampMilliseconds",  # Granite
            "minDelayExcess",
            "targetExponent",  # Helicon
            "minPriceExponent",
            "settledHeight",
            "settledGasUnix",
            "settledGasNumerator",
            "settledExcess",
        ),
    ),
    # Scroll since Euclid: the sequencer's signature stands in the extra data but is not hashed.
    _Layout("Scroll", _FRONTIER, ("baseFeePerGas",), frozenset({"extraData"})),
)


_OF_AN_EARLIER_STATE = next(
    (*layout.required, *layout.optional).index("settledHeight")
    for layout in _LAYOUTS
    if "settledHeight" in layout.optional
)
"""Fields of a header without `settledHeight` or one that follows it."""


@dataclass(frozen=True, slots=True)
class ExecutionHeader:
    """What a block's hash vouches for. Hashes are 32 bytes; `timestamp` in seconds since 1970; `encoded` is the RLP.

    `state_root` is that of the state after the block, unless `settles_earlier`: then it is the state after a block
    before it (Avalanche's ACP-194, where execution trails behind: `settledHeight` names that block).
    """

    hash: bytes
    number: int
    parent_hash: bytes
    timestamp: int
    state_root: bytes
    settles_earlier: bool
    layout: str
    encoded: bytes
    shows_shanghai: bool = False  # by the fields that came with these forks, in Ethereum's layout
    shows_cancun: bool = False
    beacon_parent: bytes | None = None  # root of the beacon block before the one that carries this block, since Cancun
    shows_amsterdam: bool = False
    transactions_root: bytes = b""
    receipts_root: bytes = b""


def header_from_json(fields: Mapping[str, object], block_hash: bytes) -> ExecutionHeader:
    """The header in an answer to eth_getBlockByHash, if it hashes to `block_hash`.

    Raises ProofError: MALFORMED for a field that is not written as the RPC documents it, INCOMPLETE where one is
    left out that every layout has, HEADER_MISMATCH if no known layout gives the hash (a forgery, another block, or a
    chain that hashes its headers in another way).
    """
    items = {name: _item(name, fields[name]) for name in known_names() if fields.get(name) is not None}
    missing = [name for name in _FRONTIER if name not in items]
    if missing:
        lacks = f"the header lacks {', '.join(missing)}, without which no known layout can be hashed"
        raise ProofError(Flaw.INCOMPLETE, lacks)
    tried = []
    for layout in _LAYOUTS:
        for names in _shapes(layout, items):
            encoded = rlp.encode([b"" if name in layout.blank else items.get(name, b"") for name in names])
            if keccak256(encoded) == block_hash:
                return _header(encoded, block_hash, layout.name)
            tried.append(f"{layout.name} with {len(names)} fields")
    mismatch = f"the header does not hash to the pinned block hash; tried {', '.join(tried)}"
    raise ProofError(Flaw.HEADER_MISMATCH, mismatch)


def header_from_rlp(encoded: bytes, block_hash: bytes) -> ExecutionHeader:
    """The header in a witness, if it hashes to `block_hash`. Raises ProofError as `header_from_json` does."""
    if keccak256(encoded) != block_hash:
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header's hash is not {block_hash.hex()}")
    return _header(encoded, block_hash, "as kept")


def _header(encoded: bytes, block_hash: bytes, layout: str) -> ExecutionHeader:
    items = rlp.decode(encoded)
    if not isinstance(items, list) or len(items) < len(_FRONTIER):
        raise ProofError(Flaw.MALFORMED, "a header that is no list of at least 15 fields")
    by_name = dict(zip(_FRONTIER, items, strict=False))
    return ExecutionHeader(
        hash=block_hash,
        number=rlp.decode_int(by_name["number"], 64),
        parent_hash=_hash(by_name["parentHash"]),
        timestamp=rlp.decode_int(by_name["timestamp"], 64),
        state_root=_hash(by_name["stateRoot"]),
        settles_earlier=len(items) > _OF_AN_EARLIER_STATE,  # whatever stands there: no other layout is as long
        layout=layout,
        encoded=encoded,
        shows_shanghai=_has(items, "withdrawalsRoot"),
        shows_cancun=_has(items, "parentBeaconBlockRoot"),
        beacon_parent=_beacon_parent(items),
        shows_amsterdam=len(items) > _place("blockAccessListHash"),  # whatever stands there
        transactions_root=_hash(by_name["transactionsRoot"]),
        receipts_root=_hash(by_name["receiptsRoot"]),
    )


def _beacon_parent(items: list[Item]) -> bytes | None:
    root = items[_place("parentBeaconBlockRoot")] if _has(items, "parentBeaconBlockRoot") else None
    return root if isinstance(root, bytes) else None


def _place(name: str) -> int:
    """Which field of a header in Ethereum's layout."""
    return len(_FRONTIER) + _LAYOUTS[0].optional.index(name)


def _has(items: list[Item], name: str) -> bool:
    """Whether a header in Ethereum's layout has this field of 32 bytes. On the C-Chain another hash, and no base fee,
    follows Frontier's fields."""
    place = _place(name)
    lengths = [len(each) if isinstance(each, bytes) else -1 for each in items[len(_FRONTIER) : place + 1]]
    return len(items) > place and 0 <= lengths[0] < 32 and lengths[-1] == _BYTES[name]


def _shapes(layout: _Layout, items: Mapping[str, Item]) -> Iterator[tuple[str, ...]]:
    """The field lists that a layout allows with the fields at hand, the longest first.

    A chain may not have switched on what its software knows, and a node may state fields that its chain does not hash:
    so every length is tried that ends in a field at hand. A gap before it is encoded as no bytes.
    """
    if any(name not in items for name in layout.required):
        return
    for length in range(len(layout.optional), 0, -1):
        if layout.optional[length - 1] in items:
            yield layout.required + layout.optional[:length]
    yield layout.required


def known_names() -> Iterator[str]:
    """The fields that some layout hashes, each once."""
    seen: set[str] = set()
    for layout in _LAYOUTS:
        for name in layout.required + layout.optional:
            if name not in seen:
                seen.add(name)
                yield name


def _item(name: str, value: object) -> bytes:
    match = _HEX.fullmatch(value) if isinstance(value, str) and len(value) <= 2 + 2 * MAX_EXTRA_DATA else None
    if match is None:
        raise ProofError(Flaw.MALFORMED, f"header field {name} is no hexadecimal text of a fit length")
    digits = match[1]
    if name not in _BYTES and name != "extraData":
        if not 1 <= len(digits) <= 64:
            raise ProofError(Flaw.MALFORMED, f"header field {name} is a number of {len(digits)} hex digits")
        return rlp.encode_int(int(digits, 16))
    if len(digits) != 2 * _BYTES.get(name, len(digits) // 2):  # which no odd number of digits is
        raise ProofError(Flaw.MALFORMED, f"header field {name} has {len(digits)} hex digits")
    return bytes.fromhex(digits)


def _hash(item: Item) -> bytes:
    if not isinstance(item, bytes) or len(item) != 32:
        raise ProofError(Flaw.MALFORMED, "a header whose parent hash or a root is not 32 bytes long")
    return item
