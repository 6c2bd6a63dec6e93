"""A Substrate chain in memory with real headers and tries, and a node that serves it, to be spoiled by assignment.

    async with SimSubstrate(blocks) as node:
        node.spoil_result = lambda method, params, result: {**result, "at": "0x" + "00" * 32}
        node.keeps = range(5, 9)            # blocks whose state it has not let go of
        node.proofs = False                 # does not know state_getReadProof
    node.forks[name] = header           # a block of another branch that it knows as well

Written from the RPC's description and knowing nothing of the backend; no code of the scanner's is used.
Sources: polkadot-sdk, `sc-rpc-api`, frame_system (which hashes of blocks a state keeps); the xxHash specification.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.support.simulated.server import SimError, SimServer
from tests.support.simulated.substrate_trie import Trie

BEGINS = 1_700_000_000  # seconds since 1970
SECONDS = 6
_ACCOUNTS = bytes.fromhex("26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9")
_ASSETS = bytes.fromhex("682a59d51ab9e48a8c8cc418ff9708d2")
_BLOCK_HASHES = bytes.fromhex("26aa394eea5630e07c48ae0c9558cef7a44704b568d21667356a5a050c118746")
_NOW = bytes.fromhex("f0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb")


def entry(account: bytes) -> bytes:
    return _ACCOUNTS + blake2b(account, digest_size=16).digest() + account


def block_hash_entry(number: int) -> bytes:
    key = number.to_bytes(4, "little")
    return _BLOCK_HASHES + _xxh64(key).to_bytes(8, "little") + key


def _xxh64(data: bytes) -> int:
    """Of less than eight bytes, seed 0."""
    primes = 11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261
    found = primes[4] + len(data)
    if len(data) >= 4:
        found ^= int.from_bytes(data[:4], "little") * primes[0] % 2**64
        found = (found << 23 | found >> 41) % 2**64 * primes[1] + primes[2]
    for byte in data[4:] if len(data) >= 4 else data:
        found = found % 2**64 ^ byte * primes[4] % 2**64
        found = (found << 11 | found >> 53) % 2**64 * primes[0]
    for shift, prime in ((33, primes[1]), (29, primes[2]), (32, 1)):
        found %= 2**64
        found = (found ^ found >> shift) * prime
    return found


def info(free: int, reserved: int = 0, frozen: int = 0) -> bytes:
    counters = b"".join(number.to_bytes(4, "little") for number in (7, 0, 1, 0))
    return counters + b"".join(each.to_bytes(16, "little") for each in (free, reserved, frozen, 1 << 127))


def concat(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest() + data


@dataclass(frozen=True)
class Asset:
    """An asset of the Assets pallet: its decimals, and the entries of accounts."""

    decimals: int
    accounts: dict[bytes, bytes]

    def entries(self, number: int) -> dict[bytes, bytes]:
        name = concat(number.to_bytes(4, "little"))
        metadata = bytes(16) + b"\x28Tether USD" + b"\x10USDt" + bytes([self.decimals, 0])
        return {
            _ASSETS + bytes.fromhex("d34371a193a751eea5883e9553457b2e") + name: bytes(190),
            _ASSETS + bytes.fromhex("b5f3822e35ca2f31ce3526eab1363fd2") + name: metadata,
        } | {
            _ASSETS + bytes.fromhex("b99d880ec681799c0cf30e8886371da9") + name + concat(account): value
            for account, value in self.accounts.items()
        }


def asset_account(balance: int, status: int = 0, reason: bytes = b"\x01") -> bytes:
    return balance.to_bytes(16, "little") + bytes([status]) + reason


@dataclass
class Blocks:
    """A chain: headers as the RPC writes them, and tries, by number."""

    version: int = 1
    headers: list[dict[str, Any]] = field(default_factory=list)
    encoded: list[bytes] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    tries: list[Trie] = field(default_factory=list)
    begins: int = BEGINS
    hash_count: int = 16  # of how many blocks a state keeps the hashes, besides the first one's
    changed: dict[bytes, bytes] = field(default_factory=dict)  # entries as they are in the next blocks' states

    def add(self, accounts: dict[bytes, bytes], assets: dict[int, Asset] | None = None) -> None:
        """A block on top, `SECONDS` later; `accounts` are the entries of accounts after it. The first has no time."""
        number = len(self.headers)
        entries = {entry(account): value for account, value in accounts.items()}
        for name, asset in (assets or {}).items():
            entries |= asset.entries(name)
        entries[bytes.fromhex("5f3e4907f716ac89b6347d15ececedca") + number.to_bytes(2)] = b"other" * 9
        if number:
            entries[_NOW] = ((self.begins + SECONDS * number) * 1000 + 345).to_bytes(8, "little")
        for past in {0, *range(max(0, number - self.hash_count), number)} if number else ():
            entries[block_hash_entry(past)] = bytes.fromhex(self.hashes[past][2:])
        trie = Trie(entries | self.changed, self.version)
        parent = bytes.fromhex(self.hashes[-1][2:]) if self.hashes else bytes(32)
        extrinsics = blake2b(number.to_bytes(2), digest_size=32).digest()
        logs = [b"\x06BABE" + bytes([4, number % 256])]
        encoded = parent + _compact(number) + trie.root + extrinsics + _compact(len(logs)) + b"".join(logs)
        self.headers.append(
            {
                "parentHash": _hex(parent),
                "number": hex(number),
                "stateRoot": _hex(trie.root),
                "extrinsicsRoot": _hex(extrinsics),
                "digest": {"logs": [_hex(log) for log in logs]},
            }
        )
        self.encoded.append(encoded)
        self.hashes.append(_hex(blake2b(encoded, digest_size=32).digest()))
        self.tries.append(trie)


class SimSubstrate(SimServer):
    """A node of these blocks."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__(self._result)
        self.blocks = blocks
        self.keeps: Container[int] = range(10**9)
        self.proofs = True
        self.behind = 2  # blocks that are not final yet
        self.forks: dict[str, dict[str, Any]] = {}  # headers of other branches, by their hashes

    def _result(self, method: str, params: list[Any]) -> Any:
        blocks = self.blocks
        match method, params:
            case "chain_getBlockHash", [number]:
                return blocks.hashes[number] if number < len(blocks.hashes) else None
            case "chain_getFinalizedHead", []:
                return blocks.hashes[-1 - self.behind]
            case "chain_getHeader", [name]:
                return blocks.headers[blocks.hashes.index(name)] if name in blocks.hashes else self.forks.get(name)
            case "state_getStorage", [key, name]:
                value = self._trie(name).entries.get(_nibbles(key))
                return None if value is None else _hex(value)
            case "state_queryStorageAt", [keys, name]:
                entries = self._trie(name).entries
                values = [(key, entries.get(_nibbles(key))) for key in keys]
                return [
                    {"block": name, "changes": [[key, None if each is None else _hex(each)] for key, each in values]}
                ]
            case "state_getReadProof", [keys, name] if self.proofs:
                return {"at": name, "proof": [_hex(each) for each in self._trie(name).proof(map(_bytes, keys))]}
        raise SimError(-32601, "Method not found")

    def _trie(self, name: str) -> Trie:
        if name not in self.blocks.hashes:
            raise SimError(4003, f"Client error: UnknownBlock: Header was not found in the database: {name}")
        number = self.blocks.hashes.index(name)
        if number not in self.keeps:
            raise SimError(4003, f"Client error: UnknownBlock: State already discarded for {name}")
        return self.blocks.tries[number]


def _compact(number: int) -> bytes:
    return bytes([number << 2]) if number < 64 else (number << 2 | 1).to_bytes(2, "little")


def _nibbles(key: str) -> tuple[int, ...]:
    return tuple(int(digit, 16) for digit in key[2:])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"
