"""A Filecoin chain in memory with real objects, and a node that serves it, to be spoiled by assignment.

    async with SimLotus(tipsets) as node:
        node.spoil_result = lambda method, params, result: ...
        node.lost = {digest}                # objects that it does not keep
        node.missing = {"Filecoin.ChainReadObj"}  # calls that it does not serve
    node.has_keys = False               # hands out no keys of tipsets as objects

Written from the RPC's description and knowing nothing of the backend; no code of the scanner's is used.
Source: Lotus's API documentation.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.support.simulated.filecoin_state import Held, Store, block, cbor, state, text
from tests.support.simulated.server import SimError, SimServer

GENESIS = "bafy2bzacecnamqgqmifpluoeldx7zzglxcljo6oja4vrmtj7432rphldpdmm2"  # as the main network's nodes answer
BEGINS = 1_700_000_010  # seconds since 1970
SECONDS = 30


@dataclass
class Tipsets:
    """A chain: the blocks' identifiers by height. What a height's actors hold stands in the tipset above it."""

    actors: Callable[[int], Mapping[int, Held]]
    version: int = 5
    extra: int = 0
    begins: int = BEGINS
    store: Store = field(default_factory=Store)
    blocks: dict[int, list[bytes]] = field(default_factory=dict)

    def grow(self, heights: int, nulls: Set[int] = frozenset(), width: int = 2) -> Tipsets:
        """Tipsets at all heights below `heights` but `nulls`, of `width` blocks each."""
        below: list[bytes] = []
        root = self.store.put([self.version, "before all"])
        for height in range(heights):
            if height in nulls:
                continue
            time = self.begins + SECONDS * height
            below = [block(self.store, miner, height, below, root, time=time) for miner in range(width)]
            self.blocks[height] = below
            root = state(self.store, self.actors(height), self.version, self.extra)
        return self


class SimLotus(SimServer):
    """A node of these tipsets."""

    def __init__(self, tipsets: Tipsets) -> None:
        super().__init__(self._result)
        self.tipsets = tipsets
        self.genesis = GENESIS
        self.behind = 2  # heights that are not final yet
        self.lost: Set[bytes] = frozenset()
        self.missing: Set[str] = frozenset()
        self.has_keys = True

    def _result(self, method: str, params: list[Any]) -> Any:
        blocks = self.tipsets.blocks
        head = max(blocks)
        if method in self.missing:
            raise SimError(-32601, f"method '{method}' not found")
        match method, params:
            case "Filecoin.ChainGetGenesis", []:
                return {"Cids": [{"/": self.genesis}], "Blocks": [{}], "Height": 0}
            case "Filecoin.ChainHead", []:
                return self._tipset(head)
            case "Filecoin.ChainGetFinalizedTipSet", []:
                return self._tipset(max(height for height in blocks if height <= head - self.behind))
            case "Filecoin.ChainGetTipSetAfterHeight", [height, []]:
                if height > head:
                    raise SimError(1, "looking for tipset with height greater than start point")
                return self._tipset(min(each for each in blocks if each >= height))
            case "Filecoin.ChainReadObj", [{"/": name}]:
                digest = base64.b32decode(name[1:].upper() + "===")[6:]
                found = self.tipsets.store.objects.get(digest) or (self._key(digest) if self.has_keys else None)
                if found is None or digest in self.lost:
                    raise SimError(1, f"blockstore get: ipld: could not find {name}")
                return base64.b64encode(found).decode()
        raise SimError(-32601, f"method '{method}' not found")

    def _key(self, digest: bytes) -> bytes | None:
        """The key of a tipset, by its digest."""
        keys = (cbor(b"".join(blocks)) for blocks in self.tipsets.blocks.values())
        return next((key for key in keys if blake2b(key, digest_size=32).digest() == digest), None)

    def _tipset(self, height: int) -> Any:
        blocks = self.tipsets.blocks[height]
        return {"Cids": [{"/": text(each)} for each in blocks], "Blocks": [{} for _ in blocks], "Height": height}
