"""What a journal keeps, as bytes, and back. A batch's outcomes are one line of JSON, then the columns as they are:

    {"grounds": [...], "codes": "B", "rows": N, "width": W}\\n
    N words of W bytes    the amounts, big-endian
    N codes               for each row the place of its ground in `grounds`, of array type `codes`

Amounts in the JSON are decimal text. Nothing here opens a file, and nothing here is part of the attestation format: a
journal is read by the version of the program that wrote it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from scanner.core.columns import Accounts, Coded, Words
from scanner.core.evidence import Basis, Batch, Gap, Snapshot
from scanner.core.ids import Chain
from scanner.core.json_nesting import shallow
from scanner.core.lower_bound import AtLeast, Word, atoms_of
from scanner.core.outcomes import BalanceBasis, Outcomes
from scanner.errors import Why

KEY: Final = 32  # bytes of what a record is found by
_LENGTH: Final = 4  # bytes of the length before each record of a proof
_DEEPEST: Final = 8  # lists and objects in one another; no record has as many


def encode(outcomes: Outcomes) -> bytes:
    """The batch in this form."""
    width, amounts = outcomes.amounts.dump()
    grounds, typecode, codes = outcomes.grounds.dump()
    head = {
        "grounds": [_ground(ground) for ground in grounds],
        "codes": typecode,
        "rows": len(outcomes),
        "width": width,
    }
    return b"".join([json.dumps(head, separators=(",", ":")).encode(), b"\n", amounts, codes])


def decode(data: bytes) -> Outcomes:
    """The batch. Raises ValueError, KeyError or TypeError for bytes that `encode` did not write."""
    line, end, rest = data.partition(b"\n")
    if not end:
        raise ValueError("a line without an end")
    head = shallow(line, _DEEPEST)
    pieces = _cut(rest, [head["rows"] * head["width"], head["rows"] * array(head["codes"]).itemsize])
    outcomes = Outcomes()
    outcomes.amounts = Words.load(head["width"], next(pieces))
    outcomes.grounds = Coded.load(map(_read_ground, head["grounds"]), head["codes"], next(pieces))
    return outcomes


def batch_key(batch: Batch, operators: bytes) -> bytes:
    """By what was asked: block, asset, accounts, and the operators there were to ask."""
    accounts = batch.accounts if isinstance(batch.accounts, Accounts) else Accounts(batch.accounts)
    asked = f"{batch.snapshot.chain} {batch.snapshot.hash} {batch.asset} ".encode()
    return blake2b(asked + accounts.digest() + operators, digest_size=KEY).digest()


def block_key(snapshot: Snapshot) -> bytes:
    """By the block alone."""
    return blake2b(f"{snapshot.chain} {snapshot.hash}".encode(), digest_size=KEY).digest()


def encode_proofs(records: Iterable[bytes]) -> bytes:
    """Headers and trie nodes, each with its length before it."""
    return b"".join(len(record).to_bytes(_LENGTH) + record for record in records)


def decode_proofs(data: bytes) -> Iterator[bytes]:
    """The records, as far as they go."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + _LENGTH])
        yield data[at + _LENGTH : at + _LENGTH + size]
        at += _LENGTH + size


def encode_block(block: Snapshot) -> bytes:
    """A block, but for its chain."""
    return json.dumps([block.height, block.hash, block.parent, int(block.time.timestamp())]).encode()


def decode_block(data: bytes, chain: Chain) -> Snapshot:
    """The block. Raises ValueError, TypeError or OverflowError for bytes that `encode_block` did not write."""
    height, block_hash, parent, seconds = shallow(data, _DEEPEST)
    return Snapshot(chain, height, block_hash, parent, datetime.fromtimestamp(seconds, UTC))


def _cut(data: bytes, lengths: Sequence[int]) -> Iterator[bytes]:
    if sum(lengths) != len(data):
        raise ValueError(f"{len(data)} bytes where {sum(lengths)} belong")
    at = 0
    for length in lengths:
        yield data[at : at + length]
        at += length


def _ground(ground: BalanceBasis | Gap) -> dict[str, Any]:
    if isinstance(ground, Gap):
        return {"why": ground.why, "detail": ground.detail, "said": _written(ground.said), "shown": _text(ground.shown)}
    return {
        "basis": ground.basis,
        "operators": ground.operators,
        "dissent": _written(ground.dissent),
        "atLeast": ground.at_least,
    }


def _read_ground(entry: dict[str, Any]) -> BalanceBasis | Gap:
    if "why" in entry:
        return Gap(
            Why(entry["why"]),
            entry["detail"],
            _read(entry["said"]),
            None if entry["shown"] is None else int(entry["shown"]),
        )
    return BalanceBasis(
        Basis(entry["basis"]), tuple(entry["operators"]), _read(entry["dissent"]), bool(entry["atLeast"])
    )


def _text(atoms: int | None) -> str | None:
    return None if atoms is None else str(atoms)


def _written(said: Sequence[tuple[str, Word]]) -> list[list[str | bool]]:
    return [[name, str(atoms_of(word)), isinstance(word, AtLeast)] for name, word in said]


def _read(said: Sequence[tuple[str, str, bool]]) -> tuple[tuple[str, Word], ...]:
    return tuple((name, AtLeast(int(atoms)) if bound else int(atoms)) for name, atoms, bound in said)
