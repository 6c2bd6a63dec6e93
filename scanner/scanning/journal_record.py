"""A settled batch as bytes, and back: one line of JSON, then the columns as they are, then the records of proofs.

    {"grounds": [...], "codes": "B", "rows": N, "width": W, "mark": {...}, "records": [length, ...]}\\n
    N words of W bytes    the amounts, big-endian
    N codes               for each row the place of its ground in `grounds`, of array type `codes`
    records               one after the other

Amounts in the JSON are decimal text. Nothing here opens a file, and nothing here is part of the attestation format: a
journal is read by the version of the program that wrote it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from scanner.core.columns import Coded, Words
from scanner.core.evidence import Basis, Gap
from scanner.core.keccak import keccak256
from scanner.core.outcomes import Ground, Outcomes
from scanner.core.proving import Unproven
from scanner.errors import Why
from scanner.scanning.settled import Mark, Settled


def encode(settled: Settled) -> bytes:
    """The batch in this form."""
    width, amounts = settled.outcomes.amounts.dump()
    grounds, typecode, codes = settled.outcomes.grounds.dump()
    records = list(settled.records.values())
    head = {
        "grounds": [_ground(ground) for ground in grounds],
        "codes": typecode,
        "rows": len(settled.outcomes),
        "width": width,
        "mark": {
            "layout": settled.mark.layout,
            "unproven": settled.mark.unproven,
            "observed": [[str(atoms), holder.hex()] for atoms, holder in settled.mark.observed],
        },
        "records": [len(record) for record in records],
    }
    return b"".join([json.dumps(head, separators=(",", ":")).encode(), b"\n", amounts, codes, *records])


def decode(data: bytes) -> Settled:
    """The batch. Raises ValueError, KeyError or TypeError for bytes that `encode` did not write."""
    line, end, rest = data.partition(b"\n")
    if not end:
        raise ValueError("a line without an end")
    head = json.loads(line)
    pieces = _cut(rest, [head["rows"] * head["width"], head["rows"] * array(head["codes"]).itemsize, *head["records"]])
    outcomes = Outcomes()
    outcomes.amounts = Words.load(head["width"], next(pieces))
    outcomes.grounds = Coded.load(map(_read_ground, head["grounds"]), head["codes"], next(pieces))
    records = {keccak256(record): record for record in pieces}
    mark = head["mark"]
    return Settled(
        outcomes,
        Mark(
            mark["layout"],
            None if mark["unproven"] is None else Unproven(mark["unproven"]),
            tuple((int(atoms), bytes.fromhex(holder)) for atoms, holder in mark["observed"]),
        ),
        records,
    )


def _cut(data: bytes, lengths: Sequence[int]) -> Iterator[bytes]:
    if sum(lengths) != len(data):
        raise ValueError(f"{len(data)} bytes where {sum(lengths)} belong")
    at = 0
    for length in lengths:
        yield data[at : at + length]
        at += length


def _ground(ground: Ground | Gap) -> dict[str, Any]:
    if isinstance(ground, Gap):
        return {"why": ground.why, "detail": ground.detail}
    dissent = [[name, str(atoms)] for name, atoms in ground.dissent]
    return {"basis": ground.basis, "operators": ground.operators, "dissent": dissent}


def _read_ground(told: dict[str, Any]) -> Ground | Gap:
    if "why" in told:
        return Gap(Why(told["why"]), told["detail"])
    dissent = tuple((name, int(atoms)) for name, atoms in told["dissent"])
    return Ground(Basis(told["basis"]), tuple(told["operators"]), dissent)
