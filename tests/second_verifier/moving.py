"""Step 8, movements: transactions that accounts were instructed to make, walked as docs/control.md says.

Written from the documents alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rlp  # type: ignore[import-untyped]
from Crypto.Hash import keccak
from eth_keys.datatypes import Signature

from tests.second_verifier.reading import Claim, Json, Row, moment, need, table

_TRANSFER = "Transfer(address,address,uint256)"


def is_movement(row: Row) -> bool:
    """Whether the row's `owners` has one."""
    return row.owners.startswith("moved")


def word(claim: Claim, row: Row, published: Mapping[str, Any], predicate: Json, records: Mapping[bytes, bytes]) -> str:
    """The word of a row whose account names a transaction."""
    if not row.owners:
        return "UNVERIFIABLE"
    _, height, block, record = row.owners.split(" ")
    challenge, window = claim.fields.get("challenge"), claim.fields.get("movements")
    need(8, challenge and window and height == published["height"], "no movement that was asked for")
    assert challenge is not None
    assert window is not None
    data = records.get(bytes.fromhex(record))
    need(8, data is not None, "no record of the movement")
    assert data is not None
    namespace = row.chain.partition(":")[0]
    need(8, namespace in ("eip155", "bip122"), "a movement on a chain that shows none")
    text = "\n".join(("reserve-scanner movement", claim.fields["exchange"], row.chain, row.account, challenge))
    amount = int.from_bytes(hashlib.sha256(text.encode()).digest()) % 1_000_000 + _least(row.chain)
    try:
        walk = _ethereum if namespace == "eip155" else _bitcoin
        asked = Asked(published["transaction"], int(height), block, amount)
        parent, seconds, shown = walk(_parts(data), row, asked)
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, rlp.exceptions.RLPException) as error:
        need(8, not error, f"a movement that does not hold: {error!r}")
        raise
    ahead = timedelta(hours=2 if namespace == "bip122" else 0)
    late = moment(predicate["run"]["scannedAt"]) + ahead + timedelta(minutes=5)
    need(8, time <= late, "a movement after the scan")
    for other in predicate["finding"]["snapshots"]:
        if other["chain"] == row.chain:
            same = other["height"] == int(height)
            need(8, same == (other["hash"] == block), "two blocks in one")
            need(8, not same or (other["parent"], moment(other["time"])) == (parent, time), "two blocks in one")
            need(8, other["height"] + 1 != int(height) or other["hash"] == parent, "blocks that do not follow")
            need(8, other["height"] != int(height) + 1 or other["parent"] == block, "blocks that do not follow")
    in_time = moment(window["issued"]) + ahead <= time <= moment(window["deadline"])
    return "SHOWN" if shown and in_time else "UNSHOWN"


def _least(chain: str) -> int:
    of_bitcoin = {row["chain"]: row["least_moved"] for row in table("bitcoin_chains.csv")}
    return int(of_bitcoin[chain]) if chain in of_bitcoin else 1


def _parts(data: bytes) -> list[bytes]:
    parts = []
    while data:
        size = int.from_bytes(data[:4])
        parts.append(data[4 : 4 + size])
        if len(data) < 4 + size:
            raise ValueError("cut short")
        data = data[4 + size :]
    return parts


def _number(data: bytes) -> int:
    if data[:1] == b"\0" or len(data) > 4:
        raise ValueError("another way to write a number")
    return int.from_bytes(data)


@dataclass(frozen=True)
class Asked:
    """The transaction that is named, its block, and the amount."""

    name: str
    height: int
    block: str
    amount: int


Walked = tuple[str, int, bool]
"""Of the block: its parent, its time; and whether the transaction is the one that was asked for."""


# --- EVM chains


def _h(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


def _ethereum(parts: list[bytes], row: Row, asked: Asked) -> Walked:
    header, index = rlp.decode(parts[0]), _number(parts[1])
    if f"0x{_h(parts[0]).hex()}" != asked.block or int.from_bytes(header[8]) != asked.height or len(header) > 25:
        raise ValueError("another header")
    nodes = parts[2:]
    raw, nodes = _under(header[4], index, nodes)
    receipt, nodes = _under(header[5], index, nodes)
    if nodes or f"0x{_h(raw).hex()}" != asked.name:
        raise ValueError("another transaction")
    kind = raw[0] if raw[0] < 0x80 else 0
    items = rlp.decode(raw[1:] if kind else raw)
    if len(items) != {0: 9, 1: 11, 2: 12, 3: 14, 4: 13}[kind]:
        raise ValueError("no transaction")
    v, r, s = (int.from_bytes(each) for each in items[-3:])
    chain = int(row.chain.partition(":")[2])
    if kind:
        signed, parity = bytes([kind]) + rlp.encode(items[:-3]), v
        of_chain = int.from_bytes(items[0])
    elif v >= 35:
        of_chain, parity = divmod(v - 35, 2)
        signed = rlp.encode([*items[:-3], of_chain, b"", b""])
    else:
        of_chain, parity, signed = chain, v - 27, rlp.encode(items[:-3])
    if of_chain != chain:
        raise ValueError("signed for another chain")
    key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(_h(signed))
    status, _, _, logs = rlp.decode(receipt[1:] if kind else receipt)
    if status not in (b"", b"\1"):
        raise ValueError("no status")
    place = {0: 3, 1: 4, 2: 5, 3: 5, 4: 5}[kind]
    to, value = items[place], int.from_bytes(items[place + 1])
    moved = value == asked.amount and to not in (b"", row.key)
    if not row.native:
        contract, topic = bytes.fromhex(row.asset.rpartition(":0x")[2]), _h(_TRANSFER.encode())
        wanted = [topic, row.key.rjust(32, b"\0")]
        for address, topics, data in logs:
            whole = address == contract == to and len(topics) == 3 and list(topics[:2]) == wanted
            other = whole and topics[2][12:] != row.key and len(data) == 32
            moved = moved or (other and int.from_bytes(data) == asked.amount)
    by_account = _h(key.to_bytes())[12:] == row.key
    return f"0x{header[0].hex()}", int.from_bytes(header[11]), status == b"\1" and by_account and moved


def _under(root: bytes, index: int, nodes: list[bytes]) -> tuple[bytes, list[bytes]]:
    path, named = rlp.encode(index).hex(), root
    for number, node in enumerate(nodes, 1):
        if _h(node) != named:
            raise ValueError("a node that is not the one below")
        items = rlp.decode(node)
        if len(items) == 17:
            named, path = items[int(path[0], 16)], path[1:]
            continue
        own = items[0].hex()
        rest = own[1:] if own[0] in "13" else own[2:]
        if not path.startswith(rest):
            raise ValueError("another path")
        path, named = path[len(rest) :], items[1]
        if own[0] in "23":
            if path:
                raise ValueError("another path")
            return named, nodes[number:]
    raise ValueError("no value")


# --- Bitcoin and its kin


def _double(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _bitcoin(parts: list[bytes], row: Row, asked: Asked) -> Walked:
    header, place, branch, raw, *others = parts
    if len(header) != 80 or _double(header)[::-1].hex() != asked.block or len(branch) % 32 or not others:
        raise ValueError("another block")
    node, position = _double(raw), _number(place)
    if node[::-1].hex() != asked.name or position >= 2 ** (len(branch) // 32):
        raise ValueError("another transaction")
    for at in range(0, len(branch), 32):
        sibling, right = branch[at : at + 32], position & 1
        pair = sibling + node if right else node + sibling
        if (right and sibling == node) or _may_be_transaction(pair):
            raise ValueError("no inner node")
        node, position = _double(pair), position >> 1
    if node != header[36:68]:
        raise ValueError("another root")
    spent, outputs = _transaction(raw)
    before = {_double(each): _transaction(each)[1] for each in others}
    if len(before) != len(others) or not before.keys() <= {of for of, _ in spent}:
        raise ValueError("a transaction from which nothing is spent")
    scripts = [before[of][at][1] if of in before and at < len(before[of]) else None for of, at in spent]
    if None in scripts:
        raise ValueError("an output that is not there")
    paid = any(atoms == asked.amount and script != row.key for atoms, script in outputs)
    return header[4:36][::-1].hex(), int.from_bytes(header[68:72], "little"), {*scripts} == {row.key} and paid


def _may_be_transaction(pair: bytes) -> bool:
    first = pair[41]
    return pair[4] == 1 and first <= 4 and pair[46 + first] == 1 and pair[55 + first] == 4 - first


def _transaction(raw: bytes) -> tuple[list[tuple[bytes, int]], list[tuple[int, bytes]]]:
    at = 4

    def take(count: int) -> bytes:
        nonlocal at
        at += count
        if at > len(raw):
            raise ValueError("cut short")
        return raw[at - count : at]

    def size() -> int:
        first = take(1)[0]
        if first < 0xFD:
            return first
        width = {0xFD: 2, 0xFE: 4, 0xFF: 8}[first]
        found = int.from_bytes(take(width), "little")
        if found < {2: 0xFD, 4: 1 << 16, 8: 1 << 32}[width]:
            raise ValueError("another way to write a length")
        return found

    spent, outputs = [], []
    for _ in range(size()):
        spent.append((take(32), int.from_bytes(take(4), "little")))
        take(size()), take(4)
    for _ in range(size()):
        atoms = int.from_bytes(take(8), "little")
        outputs.append((atoms, take(size())))
    take(4)
    if at != len(raw) or not spent or not outputs or len(raw) == 64:
        raise ValueError("no transaction")
    return spent, outputs
