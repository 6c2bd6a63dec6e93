"""Whole beacon states, with validators that a test names, and the headers that commit to them.

Knows nothing of what checks them. Source: Ethereum consensus specs, `phase0/` to `fulu/beacon-chain.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any

from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from tests.support.simulated import beacon_types as types

BEACON = Chain("beacon", "1")
GENESIS = 1_606_824_023
FAR = 2**64 - 1
SLOTS = {3: 194_048 * 32 + 9, 4: 269_568 * 32 + 9, 5: 364_032 * 32 + 9, 6: 411_392 * 32 + 9}
"""By fork: a slot in it."""


@dataclass(frozen=True)
class BuiltBeacon:
    """A state after the block of a slot, in which these validators hold so many gwei."""

    fork: int
    balances: Mapping[bytes, int]  # by public key

    @cached_property
    def state(self) -> dict[str, Any]:
        luck = Random(23)
        found: dict[str, Any] = types.state(self.fork).blank()
        found |= {"slot": SLOTS[self.fork], "genesis_time": GENESIS, "justification_bits": b"\x03"}
        found["block_roots"] = [luck.randbytes(32), *found["block_roots"][1:]]
        found["validators"] = [
            {
                "pubkey": key,
                "withdrawal_credentials": b"\x01" + luck.randbytes(31),
                "effective_balance": min(gwei, 32 * 10**9),
                "slashed": luck.randrange(2),
                "activation_eligibility_epoch": luck.randrange(9),
                "activation_epoch": luck.randrange(9),
                "exit_epoch": FAR,
                "withdrawable_epoch": FAR,
            }
            for key, gwei in self.balances.items()
        ]
        found["balances"] = [*self.balances.values()]
        found["inactivity_scores"] = [luck.randrange(3) for _ in self.balances]
        found["previous_epoch_participation"] = [7 for _ in self.balances]
        found["current_epoch_participation"] = [luck.randrange(8) for _ in self.balances]
        found["historical_summaries"] = [{"block_summary_root": b"\x51" * 32, "state_summary_root": b"\x52" * 32}]
        return found

    @cached_property
    def written(self) -> bytes:
        return types.state(self.fork).write(self.state)

    @cached_property
    def header(self) -> dict[str, Any]:
        return {
            "slot": SLOTS[self.fork],
            "proposer_index": 3,
            "parent_root": b"\x61" * 32,
            "state_root": types.state(self.fork).hash(self.state),
            "body_root": b"\x62" * 32,
        }

    @property
    def snapshot(self) -> Snapshot:
        root = types.HEADER.hash(self.header)
        time = datetime.fromtimestamp(GENESIS + 12 * SLOTS[self.fork], UTC)
        return Snapshot(BEACON, SLOTS[self.fork], f"0x{root.hex()}", f"0x{'61' * 32}", time)
