"""A lite server of TON over ADNL, with built blocks and real proofs cut from them, to be spoiled by assignment.

    async with SimLiteServer(chain) as server:
        server.spoil = lambda kind, object_: object_[:-1]    # what is answered in place of an object of TL
        server.keeps = range(50, 60)                         # blocks that it has not let go of
        server.drop_at = 3                                   # questions after which it hangs up, once

Written from the protocol's description and knowing nothing of the backend; no code of the scanner's is used.
Source: docs.ton.org, "ADNL TCP"; ton-blockchain/ton, `lite_api.tl`.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from Crypto.Cipher import AES
from nacl import bindings

from tests.support.simulated import ton_cells as built

ZERO_STATE = base64.b64decode("F6OpKZKqvqeFp6CQmFomXNMfMj2EnaUSOXN+Mh+wVWk=")
BEGINS = 1_700_000_000  # seconds since 1970
SECONDS = 5
FIRST = 60
WHOLE = -(2**63)
KINDS = {
    "2ee6b589": "info",
    "1ef7c8fa": "look up",
    "9e06ec21": "header",
    "250e896b": "account",
    "449cea8a": "proof",
}
Accounts = Mapping[bytes, built.Cell]


@dataclass
class Moment:
    """A masterchain block with the states after it, of two shards of the basechain."""

    block: built.Cell
    state: built.Cell
    shards: dict[str, tuple[built.Cell, built.Cell]]  # block and state, by prefix
    accounts: Accounts


@dataclass
class LiteChain:
    """Masterchain blocks by number."""

    accounts: Callable[[int], Accounts]
    begins: int = BEGINS
    seconds: int = SECONDS
    moments: dict[int, Moment] = field(default_factory=dict)

    def grow(self, count: int) -> LiteChain:
        for _ in range(count):
            self._add()
        return self

    def _add(self) -> None:
        number = max(self.moments, default=FIRST - 1) + 1
        held, time = self.accounts(number), self.begins + self.seconds * (number - FIRST)
        shards = {}
        for at, prefix in enumerate(("0", "1")):
            inside = [each for each in held.items() if each[0][0] == 0 and built.octets(each[0][1:]).startswith(prefix)]
            state = built.state(0, prefix, 7 * number + at, inside, None)
            shards[prefix] = (built.block(0, prefix, 7 * number + at, state, time=time - 1, parent=bytes(32)), state)
        blocks, numbers = {prefix: pair[0] for prefix, pair in shards.items()}, {"0": 7 * number, "1": 7 * number + 1}
        inside = [each for each in held.items() if each[0][0] == 0xFF]
        earlier = {seqno: moment.block.hash for seqno, moment in self.moments.items()}
        state = built.state(-1, "", number, inside, built.shards(blocks, numbers, earlier=earlier))
        parent = self.moments[number - 1].block.hash if number - 1 in self.moments else b"\x07" * 32
        block = built.block(-1, "", number, state, time=time, parent=parent)
        self.moments[number] = Moment(block, state, shards, held)


class SimLiteServer:
    """A server of this chain."""

    def __init__(self, chain: LiteChain, seed: bytes = b"\x05" * 32) -> None:
        self.chain = chain
        self.keeps: Container[int] = range(10**9)
        self.keeps_states: Container[int] = range(10**9)  # of blocks by which it can lead back
        self.spoil: Callable[[str, bytes], bytes] = lambda _kind, found: found
        self.spoil_packet: Callable[[bytes], bytes] = lambda packet: packet
        self.zero_state = ZERO_STATE
        self.asked: list[str] = []
        self.drop_at: int | None = None
        self._public, self._secret = bindings.crypto_sign_seed_keypair(seed)
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"adnl://127.0.0.1:{port}/{base64.urlsafe_b64encode(self._public).decode()}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.readexactly(256)
        assert hello[:32] == sha256(bytes.fromhex("c6b41348") + self._public).digest()
        shared = bindings.crypto_scalarmult(
            bindings.crypto_sign_ed25519_sk_to_curve25519(self._secret),
            bindings.crypto_sign_ed25519_pk_to_curve25519(hello[32:64]),
        )
        digest = hello[64:96]
        parameters = _cipher(shared[:16] + digest[16:], digest[:4] + shared[20:]).decrypt(hello[96:])
        assert sha256(parameters).digest() == digest
        sending, receiving = _cipher(parameters[:32], parameters[64:80]), _cipher(parameters[32:64], parameters[80:96])

        def send(said: bytes) -> None:
            body = b"\x55" * 32 + said
            whole = (len(body) + 32).to_bytes(4, "little") + body + sha256(body).digest()
            writer.write(sending.encrypt(self.spoil_packet(whole)))

        send(b"")
        while True:
            size = int.from_bytes(receiving.decrypt(await reader.readexactly(4)), "little")
            body = receiving.decrypt(await reader.readexactly(size))
            assert sha256(body[:-32]).digest() == body[-32:]
            message = body[32:-32]
            assert message[:4].hex() == "7af98bb4"
            lite_query = _string(message[36:])
            assert lite_query[:4].hex() == "df068c79"
            found = self._answer(_string(lite_query[4:]))
            if self.drop_at is not None:
                self.drop_at -= 1
                if self.drop_at < 0:
                    self.drop_at = None
                    return
            send(bytes.fromhex("1684ac0f") + message[4:36] + _bytes(found))
            await writer.drain()

    def _answer(self, question: bytes) -> bytes:
        kind = KINDS[question[:4].hex()]
        self.asked.append(kind)
        try:
            return self.spoil(kind, self._found(kind, question[4:]))
        except KeyError:
            return bytes.fromhex("48e1a9bb") + (651).to_bytes(4, "little") + _bytes(b"block is not in db")

    def _found(self, kind: str, asked: bytes) -> bytes:
        if kind == "info":
            zero = (-1).to_bytes(4, "little", signed=True) + self.zero_state + bytes(32)
            newest = max(self.chain.moments)
            return bytes.fromhex("81288385") + self.named(newest) + bytes(32) + zero
        if kind == "proof":
            return self._way_back(asked)
        number = int.from_bytes(asked[16:20] if kind == "look up" else asked[12:16], "little")
        moment = self.chain.moments[number]
        if number not in self.keeps:
            raise KeyError(number)
        if kind in {"look up", "header"}:
            block = moment.block
            return bytes.fromhex("19822d75") + self.named(number) + bytes(4) + _bytes(built.bag([header_of(block)]))
        workchain, key = int.from_bytes(asked[80:84], "little", signed=True), asked[84:]
        return self._account(moment, number, workchain.to_bytes(1, signed=True) + key)

    def _way_back(self, asked: bytes) -> bytes:
        """From a block to an older one, in one step."""
        newer, older = (int.from_bytes(asked[at : at + 4], "little") for at in (16, 16 + 80))
        assert asked == (1).to_bytes(4, "little") + self.named(newer) + self.named(older)
        assert newer > older
        if newer not in self.keeps_states or not {newer, older} <= set(self.chain.moments):
            raise KeyError(newer)
        proof = built.bag([way_back(self.chain, newer, older)])
        yes = bytes.fromhex("b5757299")
        blocks = self.named(newer) + self.named(older)
        step = bytes.fromhex("ef1b7eef") + yes + blocks + _bytes(b"") + _bytes(b"") + _bytes(proof)
        return bytes.fromhex("c1d2d08e") + yes + blocks + (1).to_bytes(4, "little") + step

    def _account(self, moment: Moment, number: int, address: bytes) -> bytes:
        leaves = {id(each) for each in moment.accounts.values()}
        state = moment.accounts.get(address)
        shard_proof, named = b"", self.named(number)
        block, after = moment.block, moment.state
        if address[0] == 0:
            prefix = built.octets(address[1:])[0]
            master = [_of_block(block), built.proof(after, lambda cell: cell is not after.below[1])]
            shard_proof = built.bag(master)
            block, after = moment.shards[prefix]
            shard = -(2**63) + (2**62 if prefix == "0" else 3 * 2**62)
            named = (
                (0).to_bytes(4, "little") + (shard % 2**64).to_bytes(8, "little") + bytes(4) + block.hash + bytes(32)
            )
        proof = built.bag([_of_block(block), built.proof(after, lambda cell: id(cell) not in leaves)])
        whole = b"" if state is None else built.bag([state])
        parts = _bytes(shard_proof) + _bytes(proof) + _bytes(whole)
        return bytes.fromhex("51c77970") + self.named(number) + named + parts

    def named(self, number: int) -> bytes:
        """A masterchain block's `tonNode.blockIdExt`."""
        root = self.chain.moments[number].block.hash
        place = (-1).to_bytes(4, "little", signed=True) + WHOLE.to_bytes(8, "little", signed=True)
        return place + number.to_bytes(4, "little") + root + sha256(b"file" + root).digest()


def header_of(block: built.Cell) -> built.Cell:
    """The proof of a block's header."""
    return built.proof(block, _only(block, block.below[0], *block.below[0].below, block.below[2]))


def way_back(chain: LiteChain, newer: int, older: int) -> built.Cell:
    """The proof that the state after a block has an older one: its dictionary of earlier blocks, with nothing beside
    the way to that block."""
    state = chain.moments[newer].state
    extra = state.below[3]
    entry = built.number(older, 32) + built.octets(chain.moments[older].block.hash)
    return built.proof(state, _only(state, extra, *_way_to(extra.below[2], entry)))


def _way_to(top: built.Cell, bits: str) -> list[built.Cell]:
    """The cells from `top` down to the one that has these bits; none where there is no such one."""
    if bits in top.bits:
        return [top]
    for each in top.below:
        way = _way_to(each, bits)
        if way:
            return [top, *way]
    return []


def _of_block(block: built.Cell) -> built.Cell:
    return built.proof(block, _only(block, block.below[0], block.below[2]))


def _only(*cells: built.Cell) -> Callable[[built.Cell], bool]:
    wanted = {id(each) for each in cells}
    return lambda cell: id(cell) in wanted


def _string(data: bytes) -> bytes:
    size, start = (int.from_bytes(data[1:4], "little"), 4) if data[0] == 254 else (data[0], 1)
    return data[start : start + size]


def _bytes(data: bytes) -> bytes:
    start = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return start + data + bytes(-(len(start) + len(data)) % 4)


def _cipher(key: bytes, nonce: bytes) -> Any:
    return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=nonce)
