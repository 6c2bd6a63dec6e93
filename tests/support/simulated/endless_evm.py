"""A simulated EVM chain of any height, whose blocks are made when they are asked for and all have one state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast, overload

from tests.support.simulated.evm import SimBlock, SimEvm, SimToken


class EndlessBlocks:
    """As a list of so many blocks, a second apart; iterating gives those that were asked for."""

    def __init__(
        self, chain_id: int, height: int, moment: datetime, state: tuple[dict[bytes, int], dict[bytes, SimToken]]
    ) -> None:
        """`moment`: when the block at `height` was made. A hundred thousand more come after it."""
        self._chain_id = chain_id
        self._height = height
        self._time = int(moment.timestamp())
        self._state = state
        self._made: dict[int, SimBlock] = {}

    def __len__(self) -> int:
        return self._height + 100_000

    def __iter__(self) -> Iterator[SimBlock]:
        return iter([*self._made.values()])

    @overload
    def __getitem__(self, at: int) -> SimBlock: ...
    @overload
    def __getitem__(self, at: slice) -> list[SimBlock]: ...
    def __getitem__(self, at: int | slice) -> SimBlock | list[SimBlock]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        height = range(len(self))[at]
        if height not in self._made:
            time = self._time + height - self._height
            self._made[height] = SimBlock(height, self._hash(height), self._hash(height - 1), time, *self._state)
        return self._made[height]

    def _hash(self, height: int) -> str:
        return "0x" + hashlib.sha256(f"{self._chain_id}/{height}".encode()).hexdigest()


def endless_evm(
    chain_id: int, height: int, moment: datetime, coins: Mapping[bytes, int], tokens: Mapping[bytes, SimToken]
) -> SimEvm:
    """A chain on which all this has been so for ever."""
    sim = SimEvm(chain_id, blocks=0)
    sim.arbsys = chain_id == 42161
    sim.blocks = cast(Any, EndlessBlocks(chain_id, height, moment, (dict(coins), dict(tokens))))
    return sim
