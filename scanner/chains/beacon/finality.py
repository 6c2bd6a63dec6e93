"""From a beacon block that a reader trusts to a later block of the execution chain, by signatures of sync committees.

The trusted block's state names the committee of its time. A committee's signature over a header shows that header's
state, which names the committee that comes next, and a finalized block. So one goes from 27 hours to 27 hours, and ends
at the newest finalized block, whose body names a block of the execution chain.

What is assumed: SHA-256, BLS, and that no two thirds of the members of a committee signed another past. They lose
nothing by it, and their keys may be had later: so the trusted block has to be of the reader's own choice, and recent.

Records, of which `Finality.records` names the order; numbers are little-endian, as in SSZ, and a header is a
BeaconBlockHeader's five fields, 112 bytes:

    the first   header of the trusted block | committee (24,624 bytes) | its branch
    then each   header that was signed | finalized header | its branch | bits of who signed (64) | signature (96)
                | slot of the block that carries the signature (8);
                and, where the committee that comes next is taken from it, that committee | its branch
    the last    hash of the execution block (32) | its branch to the body of the newest finalized header

Or one record alone, which shows the execution block that the trusted block itself carries, without any signature:

    the only    header of the trusted block | hash of the execution block (32) | its branch to the block's root

Not in here: signatures (`sync_committee`), and fetching.

Sources: Ethereum consensus specs, `altair/light-client/sync-protocol.md`, `capella/` and `electra/` the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scanner.chains.ancestry import Finalized
from scanner.chains.beacon.header import HEADER_BYTES, BeaconHeader, header_from_bytes
from scanner.chains.beacon.ssz import ROOT, root_of_branch, split, within
from scanner.chains.beacon.sync_committee import (
    COMMITTEE,
    MEMBERS,
    NETWORKS,
    PERIOD,
    SLOTS_PER_EPOCH,
    Network,
    NotSigned,
    SyncAggregate,
    check_signed,
    committee_root,
)
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

BITS, SIGNATURE, SLOT = 64, 96, 8
SIGNED: Final = BITS + SIGNATURE + SLOT

CAPELLA: Final = 194_048  # epoch
DENEB: Final = 269_568
MOST: Final = 2_000
"""Records: five years of committees."""
BODY: Final = 8 + 4
"""Where a block has its body, as its header has the body's root."""

_IDLE: Final = 2  # signed headers that name no new committee: the newest of a period, and the newest of all


@dataclass(frozen=True, slots=True)
class Places:
    """Where a state and a body have what is looked for, by generalized index."""

    committee: int
    next_committee: int
    finalized: int


BEFORE_ELECTRA: Final = Places(54, 55, 105)
SINCE_ELECTRA: Final = Places(86, 87, 169)


def places(network: Network, slot: int) -> Places:
    """Those of the state after the block of this slot."""
    return SINCE_ELECTRA if slot // SLOTS_PER_EPOCH >= network.electra else BEFORE_ELECTRA


def block_hash_place(slot: int) -> int:
    """Where the body of the block of this slot has the execution block's hash."""
    return (16 + 9) * (32 if slot // SLOTS_PER_EPOCH >= DENEB else 16) + 12


class SyncCommittees:
    """`chains.ancestry.FinalityProver` of consensus layers whose signatures are known here."""

    def consensus_of(self, chain: Chain) -> Chain | None:
        """The consensus layer of an EVM chain whose signatures are known here."""
        return Chain("beacon", chain.reference) if chain.namespace == "eip155" and chain.reference in NETWORKS else None

    def walk(self, consensus: Chain, checkpoint: str, records: Sequence[bytes], witness: Witness) -> Finalized:
        """The newest block of the EVM chain that the records lead to from the beacon block with the root `checkpoint`.

        `records`: the names of theirs, in order. Raises ProofError.
        """
        network = NETWORKS.get(consensus.reference)
        if network is None:
            raise ProofError(Flaw.UNDETERMINED, f"the forks of {consensus} are not known here")
        if not 1 <= len(records) <= MOST:
            raise ProofError(Flaw.MALFORMED, f"{len(records)} records of finality; expected 1 to {MOST}")
        first, *rest = (_record(witness, name) for name in records)
        trusted = bytes.fromhex(checkpoint.removeprefix("0x"))
        try:
            if not rest:
                return Finalized(f"0x{_carried(first, trusted).hex()}", 0, 0, MEMBERS)
            *updates, last = rest
            walk = _Walk(network, first, trusted)
            for update in updates:
                walk.follow(update)
            block = walk.execution_block(last)
        except (NotSigned, ValueError) as error:
            raise ProofError(Flaw.MALFORMED, f"the finality of {consensus} does not hold: {error}") from None
        return Finalized(f"0x{block.hex()}", len(updates), walk.least, MEMBERS)


class _Walk:
    """The committees that are known so far, by period, and the newest finalized header."""

    def __init__(self, network: Network, record: bytes, checkpoint: bytes) -> None:
        header = header_from_bytes(record[:HEADER_BYTES])
        if header.root != checkpoint:
            raise ValueError(f"it begins at the beacon block 0x{header.root.hex()}")
        committee, branch = record[HEADER_BYTES : HEADER_BYTES + COMMITTEE], record[HEADER_BYTES + COMMITTEE :]
        _check(
            committee_root(committee), branch, places(network, header.slot).committee, header.state_root, "committee"
        )
        self._network = network
        self._committees = {header.slot // PERIOD: committee}
        self._finalized = header
        self._idle = 0  # signed headers that named no new committee
        self.least = 0  # how many signed, of the header that the fewest did

    def follow(self, record: bytes) -> None:
        """A signed header, the finalized one that its state names, and the next committee. Raises ValueError."""
        signed, finalized = (
            header_from_bytes(record[:HEADER_BYTES]),
            header_from_bytes(record[HEADER_BYTES : 2 * HEADER_BYTES]),
        )
        where = places(self._network, signed.slot)
        rest = record[2 * HEADER_BYTES :]
        depth = ROOT * (where.finalized.bit_length() - 1)
        branch, rest = rest[:depth], rest[depth:]
        bits, signature, slot = rest[:BITS], rest[BITS : BITS + SIGNATURE], rest[BITS + SIGNATURE : SIGNED]
        rest = rest[SIGNED:]
        signature_slot = int.from_bytes(slot, "little")
        if len(slot) != SLOT or not finalized.slot <= signed.slot < signature_slot:
            raise ValueError(
                f"a header of slot {signed.slot} signed at slot {signature_slot}, finalizing {finalized.slot}"
            )
        committee = self._committees.get(signature_slot // PERIOD)
        if committee is None:
            raise ValueError(f"the committee that signed at slot {signature_slot} is not known")
        if not rest or signed.slot // PERIOD + 1 in self._committees:  # or each would cost a signature for nothing
            self._idle += 1
            if self._idle > _IDLE:
                raise ValueError(f"more than {_IDLE} signed headers that name no new committee")
        said = SyncAggregate(bits, signature, signature_slot)
        signers = check_signed(self._network, committee, signed.root, said)
        _check(finalized.root, branch, where.finalized, signed.state_root, "finalized block")
        if rest:
            self._next(rest, signed, finalized, where.next_committee)
        self.least = min(signers, self.least or signers)
        if finalized.slot > self._finalized.slot:
            self._finalized = finalized

    def _next(self, rest: bytes, signed: BeaconHeader, finalized: BeaconHeader, index: int) -> None:
        """The committee that the signed header's state names for the next period: final with it."""
        period = signed.slot // PERIOD
        if finalized.slot // PERIOD != period:
            raise ValueError(f"the committee after period {period} is not final yet where its header was signed")
        committee, branch = rest[:COMMITTEE], rest[COMMITTEE:]
        _check(committee_root(committee), branch, index, signed.state_root, "next committee")
        if self._committees.setdefault(period + 1, committee) != committee:
            raise ValueError(f"a second committee of period {period + 1}")

    def execution_block(self, record: bytes) -> bytes:
        """The hash of the execution block in the newest finalized block. Raises ValueError."""
        slot = self._finalized.slot
        if slot // SLOTS_PER_EPOCH < CAPELLA:
            raise ValueError(f"the finalized block of slot {slot} is older than Capella")
        block, branch = record[:ROOT], record[ROOT:]
        _check(block, branch, block_hash_place(slot), self._finalized.body_root, "execution block")
        return block


def _carried(record: bytes, checkpoint: bytes) -> bytes:
    """The hash of the execution block that the trusted block carries. Raises ValueError."""
    header = header_from_bytes(record[:HEADER_BYTES])
    if header.root != checkpoint:
        raise ValueError(f"it begins at the beacon block 0x{header.root.hex()}")
    if header.slot // SLOTS_PER_EPOCH < CAPELLA:
        raise ValueError(f"the block of slot {header.slot} is older than Capella")
    block, branch = record[HEADER_BYTES : HEADER_BYTES + ROOT], record[HEADER_BYTES + ROOT :]
    _check(block, branch, within(BODY, block_hash_place(header.slot)), header.root, "execution block")
    return block


def _record(witness: Witness, name: bytes) -> bytes:
    record = witness.get(name)
    if record is None:
        raise ProofError(Flaw.INCOMPLETE, f"a record of finality, {name.hex()}, is missing")
    return record


def _check(leaf: bytes, branch: bytes, index: int, root: bytes, what: str) -> None:
    if len(leaf) != ROOT or len(branch) % ROOT or root_of_branch(leaf, split(branch), index) != root:
        raise ValueError(f"the {what} does not stand where it should")
