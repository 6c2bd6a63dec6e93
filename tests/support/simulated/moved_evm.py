"""Blocks of an EVM chain with transactions of any type in them, signed here, and what a node states of them.

Written from the EIPs, and not with the code that reads them: tries and RLP are `trie_builder`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from scanner.chains.names import parse_asset
from scanner.core.control import MovedIn
from scanner.core.ids import AssetId
from tests.support import proof_signing as sign
from tests.support.simulated.trie_builder import Trie, array, keccak256, number, string

ETHER: Final = parse_asset("eip155:1/slip44:60")
TOKEN: Final = parse_asset("eip155:1/erc20:0x" + "d0" * 20)
MOVER, ELSEWHERE = (
    sign.evm_address(1),
    sign.evm_address(2),
)  # the account that has to move an amount; another
HEIGHT: Final = 18_700_000
TIME: Final = 1_700_800_000  # 2023-11-24T04:26:40Z
_TRANSFER: Final = keccak256(b"Transfer(address,address,uint256)")


@dataclass(frozen=True)
class Log:
    """What a token's contract tells of a transfer."""

    contract: bytes
    sender: bytes
    to: bytes
    atoms: int
    event: bytes = _TRANSFER

    @property
    def topics(self) -> list[bytes]:
        return [self.event, self.sender.rjust(32, b"\0"), self.to.rjust(32, b"\0")]

    @property
    def rlp(self) -> bytes:
        return array(string(self.contract), array(*map(string, self.topics)), string(self.atoms.to_bytes(32)))

    @property
    def stated(self) -> dict[str, Any]:
        topics = [f"0x{topic.hex()}" for topic in self.topics]
        return {"address": f"0x{self.contract.hex()}", "topics": topics, "data": f"0x{self.atoms.to_bytes(32).hex()}"}


@dataclass(frozen=True)
class Sent:
    """A transaction, and what became of it."""

    value: int = 0
    to: bytes = ELSEWHERE  # empty: it creates a contract
    kind: int = 2
    key: int = 1  # whose, by its number
    chain_id: int | None = 1  # None: legacy, from before EIP-155
    status: int = 1
    logs: tuple[Log, ...] = ()
    nonce: int = 7
    data: bytes = b""
    access: tuple[tuple[bytes, tuple[bytes, ...]], ...] = ((b"\xaa" * 20, (b"\x11" * 32, b"\x12" * 32)),)

    def _unsigned(self) -> list[bytes]:
        fees = [number(3), number(30)] if self.kind > 1 else [number(30)]
        receiver = [string(self.to), number(self.value), string(self.data)]
        items = [number(self.nonce), *fees, number(90_000), *receiver]
        if self.kind:
            listed = [array(string(each), array(*map(string, keys))) for each, keys in self.access]
            items = [number(self.chain_id or 0), *items, array(*listed)]
        if self.kind == 3:
            items += [number(5), array(string(b"\x01" + b"\xbb" * 31))]
        if self.kind == 4:
            delegation = number(1), string(b"\xcc" * 20), number(9), number(1), number(1234), number(5678)
            items += [array(array(*delegation))]
        return items

    @property
    def _signature(self) -> tuple[int, int, int]:
        return _signature(self)

    def signature(self) -> tuple[int, int, int]:
        """v, r and s."""
        items = self._unsigned()
        if self.kind:
            signed = bytes([self.kind]) + array(*items)
        else:
            ending = [] if self.chain_id is None else [number(self.chain_id), string(b""), string(b"")]
            signed = array(*items, *ending)
        found = sign.secret(self.key).recoverable(keccak256(signed))
        v = found[64] if self.kind else found[64] + (27 if self.chain_id is None else 35 + 2 * self.chain_id)
        return v, int.from_bytes(found[:32]), int.from_bytes(found[32:64])

    @property
    def raw(self) -> bytes:
        return (bytes([self.kind]) if self.kind else b"") + array(*self._unsigned(), *map(number, self._signature))

    @property
    def hash(self) -> str:
        return f"0x{keccak256(self.raw).hex()}"

    @property
    def receipt(self) -> bytes:
        items = number(self.status), number(21_000), string(bytes(256)), array(*(log.rlp for log in self.logs))
        return (bytes([self.kind]) if self.kind else b"") + array(*items)

    @property
    def stated(self) -> dict[str, Any]:
        """As eth_getBlockByHash has it."""
        v, r, s = map(hex, self._signature)
        fees = {"maxPriorityFeePerGas": "0x3", "maxFeePerGas": "0x1e"} if self.kind > 1 else {}
        said: dict[str, Any] = {"type": hex(self.kind), "hash": self.hash, "v": v, "r": r, "s": s, "gasPrice": "0x1e"}
        said |= {
            "nonce": hex(self.nonce),
            "gas": hex(90_000),
            "value": hex(self.value),
            "input": f"0x{self.data.hex()}",
        }
        said |= {"to": f"0x{self.to.hex()}" if self.to else None, **fees}
        if self.kind:
            listed = [
                {"address": f"0x{each.hex()}", "storageKeys": [f"0x{key.hex()}" for key in keys]}
                for each, keys in self.access
            ]
            said |= {"chainId": hex(self.chain_id or 0), "yParity": v, "accessList": listed}
        if self.kind == 3:
            said |= {"maxFeePerBlobGas": "0x5", "blobVersionedHashes": ["0x01" + "bb" * 31]}
        if self.kind == 4:
            signature = {"yParity": "0x1", "r": hex(1234), "s": hex(5678)}
            said |= {
                "authorizationList": [{"chainId": "0x1", "address": "0x" + "cc" * 20, "nonce": "0x9", **signature}]
            }
        return said

    @property
    def stated_receipt(self) -> dict[str, Any]:
        logs = [log.stated for log in self.logs]
        said = {"type": hex(self.kind), "status": hex(self.status), "cumulativeGasUsed": hex(21_000), "logs": logs}
        return said | {"logsBloom": f"0x{bytes(256).hex()}", "transactionHash": self.hash}


@cache
def _signature(sent: Sent) -> tuple[int, int, int]:
    return sent.signature()


@dataclass(frozen=True)
class MovedBlock:
    """A block with these transactions, in this order."""

    sent: tuple[Sent, ...]
    height: int = HEIGHT
    time: int = TIME
    parent: bytes = b"\x77" * 32
    further: tuple[bytes, ...] = field(default=(number(7),))  # fields after Frontier's: the base fee

    @property
    def _tries(self) -> tuple[Trie, Trie]:
        return _tries(self.sent)

    @property
    def _fields(self) -> dict[str, bytes | int]:
        transactions, receipts = self._tries
        return {
            "parentHash": self.parent,
            "sha3Uncles": b"\x01" * 32,
            "miner": b"\x02" * 20,
            "stateRoot": b"\x03" * 32,
            "transactionsRoot": transactions.root,
            "receiptsRoot": receipts.root,
            "logsBloom": bytes(256),
            "difficulty": 0,
            "number": self.height,
            "gasLimit": 30_000_000,
            "gasUsed": 21_000,
            "timestamp": self.time,
            "extraData": b"",
            "mixHash": b"\x04" * 32,
            "nonce": bytes(8),
        }

    @property
    def header(self) -> bytes:
        items = [number(each) if isinstance(each, int) else string(each) for each in self._fields.values()]
        return array(*items, *self.further)

    @property
    def hash(self) -> str:
        return f"0x{keccak256(self.header).hex()}"

    def parts(self, index: int = 0) -> list[bytes]:
        """Of the record that leads to this transaction."""
        key = _key(index)
        return [
            self.header,
            index.to_bytes((index.bit_length() + 7) // 8),
            *(n for t in self._tries for n in t.proof(key)),
        ]

    def record(self, index: int = 0) -> bytes:
        return joined(self.parts(index))

    def moved(self, record: bytes) -> MovedIn:
        return MovedIn(self.height, self.hash, keccak256(record))

    @property
    def stated(self) -> dict[str, Any]:
        """As eth_getBlockByHash has it, with its transactions."""
        fields = {
            name: hex(each) if isinstance(each, int) else f"0x{each.hex()}" for name, each in self._fields.items()
        }
        return fields | {
            "hash": self.hash,
            "baseFeePerGas": "0x7",
            "transactions": [each.stated for each in self.sent],
        }


def joined(parts: Iterable[bytes]) -> bytes:
    """Each after its length."""
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def transfer(atoms: int, contract: AssetId = TOKEN, sender: bytes = MOVER, to: bytes = ELSEWHERE) -> Sent:
    """The account calls its token, which moves so much."""
    log = Log(contract.contract, sender, to, atoms)
    return Sent(to=contract.contract, data=b"\xa9\x05\x9c\xbb" + bytes(64), logs=(log,))


def _key(index: int) -> bytes:
    return number(index)


@cache
def _tries(sent: tuple[Sent, ...]) -> tuple[Trie, Trie]:
    return _by_index([each.raw for each in sent]), _by_index([each.receipt for each in sent])


def _by_index(values: Sequence[bytes]) -> Trie:
    return Trie({_key(index): value for index, value in enumerate(values)})
