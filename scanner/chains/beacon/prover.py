"""The beacon chain's prover: from a block's root by its header to the state, and down to a validator and its balance.

A record is one of three, which is seen by its length; numbers are little-endian, as in SSZ:

    a header   112 bytes; found by its root
    a node     64 bytes: both children of a node of the state's Merkle tree; found by its SHA-256
    a place    56 bytes: a validator's public key, and which validator of the state it is; found by the key

A place shows nothing by itself: at that place of the state's validators the key has to stand. The state has each key
once, so the balance at the same place is the validator's. Not in here: validators that a state does not have, which
nothing shows; and what lies in queues of deposits, which is no validator's.

Sources: Ethereum consensus specs, `ssz/merkle-proofs.md`; `phase0/beacon-chain.md` (BeaconState: validators are field
11 and balances field 12, in lists of at most 2**40; `apply_deposit`: a key is added once), the same up to Fulu.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import islice
from typing import Final

from scanner.chains.beacon.accounts import VALIDATOR_KEY_BYTES
from scanner.chains.beacon.finality import CAPELLA
from scanner.chains.beacon.header import HEADER_BYTES, BeaconHeader, header_from_bytes
from scanner.chains.beacon.past import BALANCES, SLOT_SECONDS, VALIDATORS, state_field
from scanner.chains.beacon.ssz import ROOT, packed_root, within
from scanner.chains.beacon.state_types import MOST_VALIDATORS
from scanner.chains.beacon.sync_committee import NETWORKS, SLOTS_PER_EPOCH, Network
from scanner.chains.records_by_hash import RecordsByHash
from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Reached
from scanner.proofs.witness import Witness

PLACE_BYTES: Final = VALIDATOR_KEY_BYTES + 8
NODE_BYTES: Final = 2 * ROOT

_COIN: Final = "60"  # SLIP-44: ether
_PUBKEY: Final = 8  # of a validator's eight fields the first
_BALANCE: Final = 8  # bytes; four of them in a leaf
_IN_A_LEAF: Final = ROOT // _BALANCE
_CONTENTS: Final = 2  # of a list; beside them stands its length
_LOW: Final = 12  # levels below which each way is walked by itself: those above serve thousands of validators


def place_record(key: bytes, index: int) -> bytes:
    """Which validator of the state a key is."""
    return key + index.to_bytes(8, "little")


def key_place(network: Network, slot: int, index: int) -> int:
    """Where the state after the block of this slot has a validator's public key: a generalized index."""
    validators = state_field(network, slot, VALIDATORS)
    return within(validators, _CONTENTS * MOST_VALIDATORS + index, _PUBKEY)


def balance_place(network: Network, slot: int, index: int) -> int:
    """Where it has the leaf with a validator's balance."""
    return within(state_field(network, slot, BALANCES), (_CONTENTS * MOST_VALIDATORS + index) // _IN_A_LEAF)


class BeaconStateProofs:
    """`chains.state_proofs.StateProofs`."""

    def header(self, snapshot: Snapshot, stated: bytes) -> list[bytes]:
        """The header, whose root is the snapshot's hash. Raises ProofError."""
        _check_said(snapshot, _read_header(stated))
        return [stated]

    def state(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> ProvenState:
        """The state that the snapshot's header commits to. Raises ProofError."""
        return ProvenState(snapshot, witness, reached)

    def hint(self, asset: AssetId, revision: int) -> str | None:  # noqa: ARG002
        """None: the state itself names balances."""
        return None


class ProvenState:
    """The state after one block, as far as a witness shows it."""

    def __init__(self, snapshot: Snapshot, witness: Witness, reached: Reached) -> None:
        self._witness = witness
        self._reached = reached
        self._records = RecordsByHash(witness, _name)
        root = _bytes(snapshot.hash)
        encoded = self._records.find(root)
        if encoded is None:
            raise ProofError(Flaw.INCOMPLETE, f"the header of {snapshot} is missing")
        self._header = _read_header(encoded)
        self._network = _check_said(snapshot, self._header)
        self._above = self._records.names([root])
        self._stems: dict[int, tuple[bytes, set[bytes]]] = {}  # by place: the node there, and the records above it
        self._seen = 0
        self._places: dict[bytes, dict[int, bytes]] = {}  # by key: validators, and the records that say so

    def balance(self, asset: AssetId, account: bytes, hint: str | None) -> int:  # noqa: ARG002
        """Gwei of a validator, by its 48-byte key. Raises ProofError, of a key too that the state does not have."""
        if not asset.native or asset.reference != _COIN:
            raise ProofError(Flaw.INCOMPLETE, f"nothing shows how {asset} is kept")
        if len(account) != VALIDATOR_KEY_BYTES:
            raise ProofError(Flaw.MALFORMED, f"a validator's key has {VALIDATOR_KEY_BYTES} bytes, not {len(account)}")
        error = ProofError(Flaw.INCOMPLETE, "nothing shows which validator it is")
        for index, record in self._places_of(account).items():
            try:
                gwei, names = self._of_validator(account, index)
            except ProofError as found:
                error = found
            else:
                self._reached.update(self._above, names, (record,))
                return gwei
        raise error

    def _of_validator(self, key: bytes, index: int) -> tuple[int, set[bytes]]:
        """The balance of this validator, which has to have this key; and the records that show it."""
        slot = self._header.slot
        root, of_key = self._node(key_place(self._network, slot, index))
        if root != packed_root(key):
            raise ProofError(Flaw.MALFORMED, f"validator {index} has another key")
        leaf, of_balance = self._node(balance_place(self._network, slot, index))
        start = index % _IN_A_LEAF * _BALANCE
        return int.from_bytes(leaf[start : start + _BALANCE], "little"), of_key | of_balance

    def _node(self, place: int) -> tuple[bytes, set[bytes]]:
        """The node at a place of the state's tree, and the names of the records from the root down to it."""
        stem = place >> _LOW
        if stem not in self._stems:
            self._stems[stem] = self._walk(self._header.state_root, stem)
        node, above = self._stems[stem]
        found, below = self._walk(node, place & (1 << _LOW) - 1 | 1 << _LOW)
        return found, above | below

    def _walk(self, root: bytes, place: int) -> tuple[bytes, set[bytes]]:
        """The same from another node down, at a place below it."""
        node, steps = root, []
        for bit in bin(place)[3:]:
            record = self._records.find(node)
            if record is None or len(record) != NODE_BYTES:
                raise ProofError(Flaw.INCOMPLETE, "a node of the state's tree is missing")
            steps.append(node)
            node = record[ROOT:] if bit == "1" else record[:ROOT]
        return node, self._records.names(steps)

    def _places_of(self, key: bytes) -> dict[int, bytes]:
        if self._seen < len(self._witness):
            start, self._seen = self._seen, len(self._witness)
            for name in islice(self._witness, start, None):
                record = self._witness.get(name) or b""
                index = int.from_bytes(record[VALIDATOR_KEY_BYTES:], "little")
                if len(record) == PLACE_BYTES and index < MOST_VALIDATORS:
                    self._places.setdefault(record[:VALIDATOR_KEY_BYTES], {})[index] = name
        return self._places.get(key, {})


def _read_header(encoded: bytes) -> BeaconHeader:
    try:
        return header_from_bytes(encoded)
    except ValueError as error:
        raise ProofError(Flaw.MALFORMED, str(error)) from None


def _check_said(snapshot: Snapshot, header: BeaconHeader) -> Network:
    """That the header says of the block what the snapshot says. Raises ProofError."""
    network = NETWORKS.get(snapshot.chain.reference)
    if network is None:
        raise ProofError(Flaw.UNDETERMINED, f"the forks of {snapshot.chain} are not known here")
    if header.root != _bytes(snapshot.hash):
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header's root is not that of {snapshot}")
    time = network.genesis_time + SLOT_SECONDS * header.slot
    said = snapshot.height, _bytes(snapshot.parent), int(snapshot.time.timestamp())
    if said != (header.slot, header.parent_root, time):
        raise ProofError(Flaw.HEADER_MISMATCH, f"the header of {snapshot} has another slot, parent or time")
    if header.slot // SLOTS_PER_EPOCH < CAPELLA:
        raise ProofError(Flaw.UNDETERMINED, f"the state of slot {header.slot} is older than Capella")
    return network


def _name(record: bytes) -> bytes:
    return header_from_bytes(record).root if len(record) == HEADER_BYTES else sha256(record).digest()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
