"""What a beacon node's REST API answers, read into values, every field checked before it is used.

Each function takes the body of an answer and raises NodeError: MALFORMED for anything the API does not describe,
NOT_FINAL for what the node itself has not checked against the execution chain, and what else stands with each.
Not in here: asking the node, and what follows from the values.

Source: https://github.com/ethereum/beacon-APIs (numbers are decimal text, bytes are hex text with 0x).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scanner.chains.beacon.header import ROOT_BYTES, BeaconHeader
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import decode
from scanner.errors import NodeError, Why

KEY_BYTES = 48  # a validator's BLS public key

_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Spec:
    """What of a node's configuration matters here."""

    chain_id: int  # of the execution chain
    slot_seconds: int
    slots_per_epoch: int


@dataclass(frozen=True, slots=True)
class Genesis:
    time: int  # seconds since 1970
    validators_root: str  # 0x and hex, lower case


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator as it stands in a state."""

    balance: int  # gwei
    credentials: bytes  # 32 bytes: where it pays out to


def spec_of(body: bytes) -> Spec:
    """/eth/v1/config/spec. Raises NodeError UNSUPPORTED where balances are not in gwei, or slots vary in length."""
    data = field(decode(body), "data", dict)
    if data.get("PRESET_BASE") == "gnosis":
        raise NodeError(Why.UNSUPPORTED, "Gnosis validators hold GNO, counted 32 to one, and no ether")
    if data.get("SLOT_DURATION_SCHEDULE"):
        raise NodeError(Why.UNSUPPORTED, "the chain's slots do not all have the same length")
    slots_per_epoch = number_field(data, "SLOTS_PER_EPOCH")
    if "SECONDS_PER_SLOT" in data:
        seconds, rest = number_field(data, "SECONDS_PER_SLOT"), 0
    else:
        seconds, rest = divmod(number_field(data, "SLOT_DURATION_MS"), 1000)
    if not seconds or rest or not slots_per_epoch:
        raise malformed("a slot or an epoch that does not last whole seconds or slots")
    return Spec(number_field(data, "DEPOSIT_CHAIN_ID"), seconds, slots_per_epoch)


def genesis_of(body: bytes) -> Genesis:
    """/eth/v1/beacon/genesis."""
    data = field(decode(body), "data", dict)
    root = bytes_field(data, "genesis_validators_root", ROOT_BYTES)
    return Genesis(number_field(data, "genesis_time"), f"0x{root.hex()}")


def check_synced(body: bytes) -> None:
    """/eth/v1/node/syncing. Raises NodeError NOT_FINAL for a node that has not caught up with its chain."""
    data = field(decode(body), "data", dict)
    if field(data, "is_syncing", bool):
        raise NodeError(Why.NOT_FINAL, "the node is still syncing")
    if data.get("is_optimistic", False) is not False:
        raise NodeError(Why.NOT_FINAL, "the node follows the chain without checking it against the execution chain")


def header_of(body: bytes) -> BeaconHeader:
    """/eth/v1/beacon/headers/{block_id}. Raises NodeError WRONG_BLOCK off the best chain, FORGED for a wrong root."""
    data = _data(body, dict)
    if not field(data, "canonical", bool):
        raise NodeError(Why.WRONG_BLOCK, "the block is not on the node's best chain")
    header = header_fields(field(field(data, "header", dict), "message", dict))
    if bytes_field(data, "root", ROOT_BYTES) != header.root:
        raise NodeError(Why.FORGED, "the block's root is not that of its header")
    return header


def header_fields(message: object) -> BeaconHeader:
    """A header's five fields. Raises NodeError MALFORMED."""
    return BeaconHeader(
        slot=number_field(message, "slot"),
        proposer=number_field(message, "proposer_index"),
        parent_root=bytes_field(message, "parent_root", ROOT_BYTES),
        state_root=bytes_field(message, "state_root", ROOT_BYTES),
        body_root=bytes_field(message, "body_root", ROOT_BYTES),
    )


def state_root_of(body: bytes) -> bytes:
    """/eth/v1/beacon/states/{state_id}/root."""
    return bytes_field(_data(body, dict), "root", ROOT_BYTES)


def finalized_epoch_of(body: bytes) -> int:
    """/eth/v1/beacon/states/{state_id}/finality_checkpoints. Raises NodeError NOT_FINAL before there is any."""
    checkpoint = field(_data(body, dict), "finalized", dict)
    epoch = number_field(checkpoint, "epoch")
    if not any(bytes_field(checkpoint, "root", ROOT_BYTES)):
        raise NodeError(Why.NOT_FINAL, "the chain has finalized nothing yet")
    return epoch


def validators_of(body: bytes, asked: Collection[bytes]) -> dict[bytes, Validator]:
    """/eth/v1/beacon/states/{state_id}/validators: by public key, whatever their order; those not known are missing."""
    found: dict[bytes, Validator] = {}
    for entry in _data(body, list):
        record = field(entry, "validator", dict)
        key = bytes_field(record, "pubkey", KEY_BYTES)
        if key not in asked:
            raise malformed("the answer is about a validator that was not asked for")
        if key in found:
            raise malformed("a validator stands there twice")
        found[key] = Validator(
            number_field(entry, "balance"), bytes_field(record, "withdrawal_credentials", ROOT_BYTES)
        )
    return found


def _data(body: bytes, kind: type[Any]) -> Any:
    """The answer's data, unless the node says that the execution chain has not confirmed it (absent means it has)."""
    answer = decode(body)
    data = field(answer, "data", kind)
    if answer.get("execution_optimistic", False) is not False:
        raise NodeError(Why.NOT_FINAL, "the node has not checked this block against the execution chain")
    return data


def number_field(answer: object, name: str) -> int:
    """A uint64 in decimal text. Raises NodeError MALFORMED."""
    text = field(answer, name, str)
    if not _NUMBER.fullmatch(text) or int(text) >= 2**64:
        raise malformed(f"{name} is no number of 64 bits")
    return int(text)


def bytes_field(answer: object, name: str, length: int) -> bytes:
    """So many bytes in hex. Raises NodeError MALFORMED."""
    text = field(answer, name, str)
    if len(text) != 2 + 2 * length or not _HEX.fullmatch(text):
        raise malformed(f"{name} is not {length} bytes in hex")
    return bytes.fromhex(text[2:])
