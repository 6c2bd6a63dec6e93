"""What leads from a beacon block to a later one that is final, from a node that serves light clients.

The node's JSON is brought into the records that `chains.beacon.finality` walks. Nothing is believed here, and nothing
but the form of the answers is checked.

Source: https://github.com/ethereum/beacon-APIs, `light_client/bootstrap`, `updates`, `finality_update`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from scanner.chains.beacon.finality import (
    BITS,
    CAPELLA,
    DENEB,
    MOST,
    SIGNATURE,
    places,
)
from scanner.chains.beacon.header import header_bytes
from scanner.chains.beacon.node.answers import bytes_field, header_fields, header_of, number_field
from scanner.chains.beacon.node.blocks import carried_block
from scanner.chains.beacon.ssz import ROOT, branch_of, merkle_root, number_leaf, packed_root
from scanner.chains.beacon.sync_committee import KEY, MEMBERS, NETWORKS, PERIOD, SLOTS_PER_EPOCH, Network
from scanner.clients.fields import field, malformed
from scanner.clients.jsonrpc import decode
from scanner.clients.rest import NotFound, Rest
from scanner.core.ids import Chain
from scanner.errors import NodeError, Why

_BOOTSTRAP_LIMIT: Final = 256 * 1024  # bytes: 512 keys take 52 kB as JSON has them
_AT_ONCE: Final = 16  # updates in one answer; nodes give 128 at most
_BLOCK_HASH: Final = 12  # which field of a payload
_PAYLOAD: Final = 4  # siblings from a payload to its body
_LARGEST: Final = 2**256


class FinalitySource:
    """`chains.interface.ServesFinality` of one node."""

    def __init__(self, chain: Chain, rest: Rest) -> None:
        self._chain = chain
        self._rest = rest

    async def finality_records(self, checkpoint: str) -> list[bytes]:
        """Records, in order, from the block with this root to the newest that is final; where the node gives no light
        client a start there, the one of the block itself. Raises NodeError."""
        network = NETWORKS.get(self._chain.reference)
        if network is None:
            raise NodeError(Why.UNSUPPORTED, f"the forks of {self._chain} are not known here")
        try:
            first = _data(await self._get(f"bootstrap/{checkpoint}", limit=_BOOTSTRAP_LIMIT))
        except NotFound:
            return [await self._carried(network, checkpoint)]
        header = header_fields(field(field(first, "header", dict), "beacon", dict))
        records = [_bootstrap(network, first)]
        updates = [each async for each in self._updates(header.slot // PERIOD)]
        updates.append(_data(await self._get("finality_update", limit=_BOOTSTRAP_LIMIT)))
        records += [_update(network, each) for each in updates]
        newest = max((field(each, "finalized_header", dict) for each in updates), key=_slot)
        return [*records, _execution_block(newest)]

    async def _carried(self, network: Network, checkpoint: str) -> bytes:
        try:
            header = header_of(await self._rest.get(f"/eth/v1/beacon/headers/{checkpoint}"))
            block, branch = await carried_block(self._rest, network, header)
        except NodeError as error:
            why = (
                "the node gives no light client a start at this block, which should be final and the first of its epoch"
            )
            raise NodeError(
                Why.NO_STATE if isinstance(error, NotFound) else error.why, f"{why}; nor the block: {error.detail}"
            ) from None
        return header_bytes(header) + block + b"".join(branch)

    async def _updates(self, period: int) -> Any:
        """One for each period from this one on, as far as there are any."""
        first = period
        while period - first < MOST:
            query = f"start_period={period}&count={_AT_ONCE}"
            answer = decode(await self._get("updates", query, limit=_AT_ONCE * _BOOTSTRAP_LIMIT))
            if not isinstance(answer, list) or len(answer) > _AT_ONCE:
                raise malformed(f"the updates are no list of at most {_AT_ONCE}")
            for each in answer:
                yield field(each, "data", dict)
            period += len(answer)
            if len(answer) < _AT_ONCE:
                return
        raise malformed(f"updates of more than {MOST} periods")

    async def _get(self, path: str, query: str = "", *, limit: int) -> bytes:
        return await self._rest.get(f"/eth/v1/beacon/light_client/{path}", query, limit=limit)


def _bootstrap(network: Network, data: object) -> bytes:
    header = header_fields(field(field(data, "header", dict), "beacon", dict))
    place = places(network, header.slot).committee
    committee = _committee(field(data, "current_sync_committee", dict))
    return header_bytes(header) + committee + _branch(data, "current_sync_committee_branch", place)


def _update(network: Network, data: dict[str, Any]) -> bytes:
    """An update, or where it names no next committee, a finality update."""
    signed, final = (
        header_fields(field(field(data, name, dict), "beacon", dict))
        for name in ("attested_header", "finalized_header")
    )
    where = places(network, signed.slot)
    said = field(data, "sync_aggregate", dict)
    record = header_bytes(signed) + header_bytes(final) + _branch(data, "finality_branch", where.finalized)
    record += bytes_field(said, "sync_committee_bits", BITS)
    record += bytes_field(said, "sync_committee_signature", SIGNATURE)
    record += number_field(data, "signature_slot").to_bytes(8, "little")
    if "next_sync_committee" in data and final.slot // PERIOD == signed.slot // PERIOD:
        record += _committee(field(data, "next_sync_committee", dict))
        record += _branch(data, "next_sync_committee_branch", where.next_committee)
    return record


def _execution_block(header: object) -> bytes:
    """The execution block's hash, and its branch to the body."""
    execution = field(header, "execution", dict)
    epoch = _slot(header) // SLOTS_PER_EPOCH
    if epoch < CAPELLA:
        raise NodeError(Why.UNSUPPORTED, "the newest final block is older than Capella")
    leaves = list(_payload(execution, blobs=epoch >= DENEB))
    inner = branch_of(leaves, 32 if epoch >= DENEB else 16, _BLOCK_HASH)
    outer = field(header, "execution_branch", list)
    if len(outer) != _PAYLOAD:
        raise malformed(f"an execution branch that has not {_PAYLOAD} roots")
    return leaves[_BLOCK_HASH] + b"".join(inner) + b"".join(_root(each) for each in outer)


def _payload(execution: object, *, blobs: bool) -> Iterator[bytes]:
    """The leaves of an execution payload's header, in SSZ's order."""

    def root(name: str) -> bytes:
        return bytes_field(execution, name, ROOT)

    def number(name: str) -> bytes:
        return number_leaf(number_field(execution, name))

    bloom = bytes_field(execution, "logs_bloom", 256)
    extra, base_fee = field(execution, "extra_data", str), field(execution, "base_fee_per_gas", str)
    if not base_fee.isascii() or not base_fee.isdigit() or len(base_fee) > 78 or int(base_fee) >= _LARGEST:
        raise malformed("the base fee is no number of 256 bits")
    length = (len(extra) - 2) // 2
    if not 0 <= length <= ROOT:
        raise malformed("the extra data are longer than 32 bytes")
    data = bytes_field(execution, "extra_data", length)
    yield from (root("parent_hash"), bytes_field(execution, "fee_recipient", 20).ljust(ROOT, b"\0"))
    yield from (root("state_root"), root("receipts_root"))
    yield merkle_root([bloom[start : start + ROOT] for start in range(0, 256, ROOT)], 8)
    yield from (root("prev_randao"), number("block_number"), number("gas_limit"), number("gas_used"))
    yield from (number("timestamp"), packed_root(data.ljust(ROOT, b"\0") + number_leaf(length)))
    yield from (number_leaf(int(base_fee)), root("block_hash"), root("transactions_root"), root("withdrawals_root"))
    if blobs:
        yield from (number("blob_gas_used"), number("excess_blob_gas"))


def _committee(data: object) -> bytes:
    keys = field(data, "pubkeys", list)
    if len(keys) != MEMBERS:
        raise malformed(f"a committee that has not {MEMBERS} members")
    members = [bytes_field({"pubkey": key}, "pubkey", KEY) for key in keys]
    return b"".join(members) + bytes_field(data, "aggregate_pubkey", KEY)


def _branch(data: object, name: str, place: int) -> bytes:
    roots = field(data, name, list)
    if len(roots) != place.bit_length() - 1:
        raise malformed(f"{name} has {len(roots)} roots, and {place.bit_length() - 1} lie above its place")
    return b"".join(_root(each) for each in roots)


def _root(value: object) -> bytes:
    return bytes_field({"root": value}, "root", ROOT)


def _slot(header: object) -> int:
    return header_fields(field(header, "beacon", dict)).slot


def _data(body: bytes) -> dict[str, Any]:
    data: dict[str, Any] = field(decode(body), "data", dict)
    return data
