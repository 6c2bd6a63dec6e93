"""Whole states of a beacon node: what proves validators' balances, and fields with their branches.

A state comes by the standard debug route, as SSZ, and stays in a file without a name until the node is closed or
another block is asked for. Nothing is believed here but that its root is the one that the block's header commits to.

Source: https://github.com/ethereum/beacon-APIs (`getStateV2`).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from typing import Final

from scanner.chains.beacon.header import BeaconHeader, header_bytes
from scanner.chains.beacon.node.answers import header_of
from scanner.chains.beacon.node.hashed_state import HashedState
from scanner.chains.beacon.state_types import state
from scanner.chains.beacon.sync_committee import SLOTS_PER_EPOCH, Network
from scanner.chains.interface import ProofQuestion
from scanner.clients.fields import malformed
from scanner.clients.rest import NotFound, Rest
from scanner.core.evidence import Snapshot
from scanner.errors import InputError, NodeError, Why

MOST: Final = 2**29
"""Bytes of a state that are taken: half as many again as mainnet's has, or more."""

_SECONDS: Final = 1800.0


class StateSource:
    """`chains.interface.ServesProofs` of one node."""

    def __init__(self, network: Network, rest: Rest) -> None:
        self._network = network
        self._rest = rest
        self._fetching = asyncio.Lock()  # a state is fetched once, however many pieces of a claim wait for it
        self._download: _Download | None = None
        self._state: tuple[BeaconHeader, HashedState] | None = None  # the last one

    async def header(self, snapshot: Snapshot) -> bytes:
        """The block's header, as SSZ writes it. Raises NodeError."""
        return header_bytes(await self._header(snapshot))

    async def proof_records(self, snapshot: Snapshot, questions: Sequence[ProofQuestion]) -> list[bytes]:
        """Records that lead to the validators that are asked for, and to their balances. Raises NodeError."""
        keys = [account for question in questions for account in question.accounts]
        async with self._fetching:
            found = await self._hashed(await self._header(snapshot))
            return await asyncio.to_thread(found.records, keys)

    async def field(self, header: BeaconHeader, name: str) -> tuple[bytes, list[bytes]]:
        """A field of the state after the block of this header, as SSZ writes it, and its branch to the state's root.
        Raises NodeError."""
        async with self._fetching:
            found = await self._hashed(header)
            return found.part(name), found.branch(name)

    def close(self) -> None:
        """Let go of the state. May be called twice."""
        download, self._download, self._state = self._download, None, None
        if download is not None:
            download.file.close()

    async def _header(self, snapshot: Snapshot) -> BeaconHeader:
        try:
            header = header_of(await self._rest.get(f"/eth/v1/beacon/headers/{snapshot.hash}"))
        except NotFound:
            raise NodeError(Why.WRONG_BLOCK, f"the node does not know {snapshot}") from None
        if f"0x{header.root.hex()}" != snapshot.hash:
            raise NodeError(Why.WRONG_BLOCK, f"the node answers with another block than {snapshot}")
        return header

    async def _hashed(self, header: BeaconHeader) -> HashedState:
        if self._state is None or self._state[0] != header:
            self.close()
            self._state = header, await self._fetched(header)
        return self._state[1]

    async def _fetched(self, header: BeaconHeader) -> HashedState:
        for name in (f"0x{header.state_root.hex()}", str(header.slot)):
            try:
                whole = await self._downloaded(f"/eth/v2/debug/beacon/states/{name}")
            except NotFound:
                continue
            try:
                shape = state(self._network.fork(header.slot // SLOTS_PER_EPOCH))
                found = await asyncio.to_thread(HashedState, whole.file, whole.size, shape)
            except ValueError as error:
                raise malformed(f"the state of slot {header.slot}: {error}") from None
            if found.root != header.state_root:
                raise NodeError(Why.FORGED, f"the state of slot {header.slot} is another than its header commits to")
            return found
        raise NodeError(
            Why.NO_STATE, f"the node gives no whole state of slot {header.slot}: its debug routes may be switched off"
        )

    async def _downloaded(self, path: str) -> _Download:
        def begin() -> _Download:
            self.close()
            self._download = _Download()
            return self._download

        return await self._rest.pour(path, begin, seconds=_SECONDS, accept="application/octet-stream")


class _Download:
    """`clients.http_client.Sink` into a file without a name."""

    limit = MOST

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the source
        self.size = 0

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        try:
            self.file.write(piece)
        except OSError as error:
            raise InputError.at(
                "the folder for temporary files", f"cannot be written: {error.strerror or error}"
            ) from None
