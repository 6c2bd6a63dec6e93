"""Filecoin's objects, built from what they say: DAG-CBOR, maps, states, blocks, each under the hash that names it.

Written from the specification and knowing nothing of the product's walk; no code of the scanner's is used.
Sources: Filecoin's specification; go-hamt-ipld 3; Lotus, `chain/types`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Any

KINDS = ("system", "init", "account", "multisig", "storageminer", "evm", "ethaccount", "placeholder")
START = bytes.fromhex("0171a0e40220")


@dataclass(frozen=True)
class Link:
    cid: bytes


def cbor(value: Any) -> bytes:
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list() | tuple():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case Link():
            return b"\xd8\x2a" + cbor(b"\0" + value.cid)
    raise TypeError(value)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size)
    raise ValueError(number)


def text(cid: bytes) -> str:
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def attofil(amount: int) -> bytes:
    """An amount as objects hold it."""
    return b"\0" + amount.to_bytes((amount.bit_length() + 7) // 8) if amount else b""


def id_address(number: int) -> bytes:
    groups = []
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    return bytes([0, *groups, number])


@dataclass
class Store:
    """Objects by the digest in their identifiers."""

    objects: dict[bytes, bytes] = field(default_factory=dict)

    def put(self, value: Any) -> bytes:
        """The object's identifier."""
        data = cbor(value)
        digest = blake2b(data, digest_size=32).digest()
        self.objects[digest] = data
        return START + digest

    def hamt(self, entries: Mapping[bytes, Any], bits: int = 5, depth: int = 0) -> bytes:
        """A map's root, by the rule that a place with more than three entries below it is a node of its own."""
        places: dict[int, dict[bytes, Any]] = {}
        for key, value in entries.items():
            path = int.from_bytes(sha256(key).digest())
            place = path >> 256 - bits * (depth + 1) & (1 << bits) - 1
            places.setdefault(place, {})[key] = value
        pointers: list[Any] = []
        for _, inside in sorted(places.items()):
            if len(inside) > 3:
                pointers.append(Link(self.hamt(inside, bits, depth + 1)))
            else:
                pointers.append([[key, inside[key]] for key in sorted(inside)])
        taken = sum(1 << place for place in places)
        return self.put([taken.to_bytes((taken.bit_length() + 7) // 8), pointers])


@dataclass(frozen=True)
class Held:
    """One actor: its kind, what it holds, and the addresses that stand for its number."""

    balance: int
    kind: str = "account"
    addresses: tuple[bytes, ...] = ()
    delegated: bytes | None = None


def state(store: Store, actors: Mapping[int, Held], version: int = 5, extra: int = 0) -> bytes:
    """A state's root. `extra` accounts of one attoFIL make the maps deep."""
    codes = {kind: bytes.fromhex("0155a0e40220") + sha256(kind.encode()).digest() for kind in KINDS}
    manifest = store.put([[kind, Link(code)] for kind, code in codes.items()])
    addresses = {address: number for number, actor in actors.items() for address in actor.addresses}
    filler = {5_000_000 + number: Held(1, "account", (b"\1" + _hash20(number),)) for number in range(extra)}
    addresses |= {address: number for number, actor in filler.items() for address in actor.addresses}
    init = store.put([Link(store.hamt(addresses)), 10_000_000, "mainnet"])
    system = store.put([Link(manifest)])
    empty = store.put([])
    entries: dict[bytes, Any] = {}

    def put(number: int, kind: str, head: bytes, balance: int, delegated: bytes | None) -> None:
        actor = [Link(codes[kind]), Link(head), 3, attofil(balance)]
        entries[id_address(number)] = actor if version < 5 else [*actor, delegated]

    put(0, "system", system, 0, None)
    put(1, "init", init, 0, None)
    for number, actor in (filler | dict(actors)).items():
        put(number, actor.kind, empty, actor.balance, actor.delegated)
    return store.put([version, Link(store.hamt(entries)), Link(empty)])


def _hash20(number: int) -> bytes:
    return sha256(b"filler%d" % number).digest()[:20]


def block(store: Store, miner: int, height: int, parents: Sequence[bytes], root: bytes, *, time: int) -> bytes:
    """A block's identifier."""
    some = store.put(["receipts"])
    return store.put(
        [
            id_address(1000 + miner),
            [b"ticket" * 8],
            [1, b"vrf" * 32],
            [[height, b"drand" * 9]],
            [[8, b"winning" * 27]],
            [Link(parent) for parent in parents],
            b"\0" + (height + 1).to_bytes(4),
            height,
            Link(root),
            Link(some),
            Link(some),
            b"\2" + bytes(96),
            time,
            b"\2" + bytes(96),
            0,
            attofil(100),
        ]
    )


def tipset_name(blocks: Sequence[bytes]) -> bytes:
    """The identifier of the tipset's key."""
    return START + blake2b(cbor(b"".join(blocks)), digest_size=32).digest()
