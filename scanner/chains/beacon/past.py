"""An execution block in the past of a beacon block: by the roots that the beacon chain's state keeps of its own blocks.

The state after a block holds the roots of the blocks of the 8,192 slots before, and since Capella a summary of each
period of 8,192 slots that is over. So one branch of hashes leads from any beacon block down to any block since April
2023, and on to the hash of the execution block in that one's body.

A record (numbers little-endian, as in SSZ):

    header of the later beacon block (112 bytes) | hash of the execution block (32) | its branch to the state after the
    later one, the lowest sibling first

The slot of the earlier beacon block is not in it: it follows from the execution block's time. Where a slot has no
block, the state repeats the root of the one before: still an ancestor, but not of that time.

Shapes of states and bodies are those of Capella, Deneb, Electra and Fulu. Not in here: which beacon block is believed
(`evm.ancestry`), and fetching (`node.past`).

Sources: Ethereum consensus specs, `capella/beacon-chain.md` (HistoricalSummary, process_historical_summaries_update),
`phase0/beacon-chain.md` (process_slot), `electra/beacon-chain.md` and `fulu/beacon-chain.md` (BeaconState).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from scanner.chains.beacon.finality import BODY, CAPELLA, block_hash_place
from scanner.chains.beacon.header import HEADER_BYTES, BeaconHeader, header_bytes, header_from_bytes
from scanner.chains.beacon.ssz import ROOT, root_of_branch, split, within
from scanner.chains.beacon.sync_committee import PERIOD, SLOTS_PER_EPOCH, Network
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

SLOT_SECONDS: Final = 12
FIRST_PERIOD: Final = CAPELLA * SLOTS_PER_EPOCH // PERIOD
"""The first of which there is a summary."""

BLOCK_ROOTS, VALIDATORS, BALANCES, SUMMARIES = 5, 11, 12, 27
"""Which fields of a state."""

MOST_SUMMARIES: Final = 2**24
_FIRST_HALF: Final = 2  # of a summary: the root over the roots of blocks; the other is that of states
_BEGIN: Final = HEADER_BYTES + ROOT
_DEPTHS: Final = frozenset({29, 30, 31, 55, 56, 57})  # siblings: in the same period or an earlier one, by both forks


def state_field(network: Network, state_slot: int, field: int) -> int:
    """Where the state after the block of this slot has a field."""
    return (64 if state_slot // SLOTS_PER_EPOCH >= network.electra else 32) + field


def summary_place(period: int) -> int:
    """Where the list of summaries has the root over the roots of the blocks of this period."""
    return within(2 * MOST_SUMMARIES + period - FIRST_PERIOD, _FIRST_HALF)


def hash_place(slot: int) -> int:
    """Where the beacon block of this slot has the hash of its execution block."""
    return within(BODY, block_hash_place(slot))


def slot_at(network: Network, time: int) -> int:
    """The slot whose block has an execution block of this time. Raises ValueError for a time at which none begins."""
    slot, rest = divmod(time - network.genesis_time, SLOT_SECONDS)
    if rest or slot < 0:
        raise ValueError(f"at the time {time} no slot begins")
    return slot


def past_place(network: Network, state_slot: int, slot: int) -> int:
    """Where the state after the block of `state_slot` leads to the execution block of `slot`: a generalized index.
    Raises ValueError for a slot from before Capella, or that is no earlier one."""
    period = slot // PERIOD
    if period < FIRST_PERIOD:
        raise ValueError(f"slot {slot} is older than Capella")
    if slot >= state_slot:
        raise ValueError(f"slot {slot} is not before slot {state_slot}")
    if period == state_slot // PERIOD:
        roots = state_field(network, state_slot, BLOCK_ROOTS)
    else:
        roots = within(state_field(network, state_slot, SUMMARIES), summary_place(period))
    return within(roots, PERIOD + slot % PERIOD, hash_place(slot))


def past_record(header: BeaconHeader, block: bytes, branch: list[bytes]) -> bytes:
    """The record of a branch from the execution block's hash up to the state after the block of this header."""
    return header_bytes(header) + block + b"".join(branch)


class PastBlocks:
    """Those of a witness's records that lead from a beacon block to an execution block in its past. It may grow."""

    def __init__(self, network: Network, witness: Witness) -> None:
        self._network = network
        self._witness = witness
        self._seen = 0
        self._names: dict[tuple[bytes, bytes], list[bytes]] = {}

    def has(self, root: bytes, block: bytes) -> bool:
        """Whether there is a record for this beacon block and this execution block, sound or not."""
        if self._seen < len(self._witness):
            for name, record in self._unseen():
                if (len(record) - _BEGIN) // ROOT in _DEPTHS and len(record) % ROOT == _BEGIN % ROOT:
                    header = header_from_bytes(record[:HEADER_BYTES])
                    self._names.setdefault((header.root, record[HEADER_BYTES:_BEGIN]), []).append(name)
        return (root, block) in self._names

    def check(self, root: bytes, block: bytes, time: int) -> None:
        """That the execution block with this hash, of this time, lies in the past of the beacon block with this root:
        as one record at least shows. Raises ProofError."""
        error = ProofError(Flaw.INCOMPLETE, f"nothing leads down from the beacon block 0x{root.hex()}")
        for name in self._names[root, block] if self.has(root, block) else ():
            try:
                self._check(self._witness.get(name) or b"", time)
            except ValueError as why:
                error = ProofError(Flaw.MALFORMED, f"the way into the beacon chain's past does not hold: {why}")
            else:
                return
        raise error

    def _check(self, record: bytes, time: int) -> None:
        header = header_from_bytes(record[:HEADER_BYTES])
        place = past_place(self._network, header.slot, slot_at(self._network, time))
        if root_of_branch(record[HEADER_BYTES:_BEGIN], split(record[_BEGIN:]), place) != header.state_root:
            raise ValueError("the beacon chain's state leads to another block of that time")

    def _unseen(self) -> Iterator[tuple[bytes, bytes]]:
        start, self._seen = self._seen, len(self._witness)
        for name in islice(self._witness, start, None):
            yield name, self._witness.get(name) or b""
