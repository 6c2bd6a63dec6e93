"""Which blocks a statement rests on: those that were read, and those whose hashes drew what was looked at.

A block that draws a sample, or the moments of a series, decides what was checked. An operator's word for it is worth as
much as for a block that was read, and an anchor shows the one as it shows the other. Not in here: whether they are
anchored (`anchored`), and whether the statement holds (`verify`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scanner.attesting.blocks import check_block
from scanner.attesting.flows.statement import is_flows, read_flows
from scanner.attesting.formats.interface import Stated
from scanner.attesting.points import Open, point_folder
from scanner.attesting.series.statement import is_series, read_series
from scanner.attesting.statement import read_statement
from scanner.attesting.together.statement import is_together, read_together
from scanner.core.evidence import Snapshot


@dataclass(frozen=True, slots=True)
class StatedBlocks:
    """A statement's blocks, each once, as they are stated."""

    read: tuple[Snapshot, ...]
    drawing: tuple[Snapshot, ...] = ()  # samples, and a series' moments; one may have been read too

    @property
    def all(self) -> tuple[Snapshot, ...]:
        return tuple(dict.fromkeys((*self.read, *self.drawing)))

    def __add__(self, other: StatedBlocks) -> StatedBlocks:
        read, drawing = (*self.read, *other.read), (*self.drawing, *other.drawing)
        return StatedBlocks(tuple(dict.fromkeys(read)), tuple(dict.fromkeys(drawing)))


class _OfPoints(Protocol):
    """A statement that names others by digest, each of one moment."""

    @property
    def points(self) -> Mapping[datetime, str]: ...


def stated_blocks(payload: bytes, opened: Open) -> StatedBlocks:
    """The blocks of a statement of any kind, which may be anyone's.

    `opened`: the files of its points, where it names any. Raises ValueError for what is no statement, for a block whose
    hashes are none of its chain, and where a point is not the file that it names; what `opened` raises.
    """
    found = _stated(payload, opened)
    for block in found.all:
        check_block(block)
    return found


def _stated(payload: bytes, opened: Open) -> StatedBlocks:
    if is_series(payload):
        series = read_series(payload).stated
        return StatedBlocks((), tuple(dict.fromkeys(series.blocks.values()))) + _of_points(series, opened)
    if is_flows(payload):
        return _of_points(read_flows(payload).stated, opened)
    if is_together(payload):
        return _of_points(read_together(payload).stated, opened)
    return _of_one(read_statement(payload).stated)


def _of_points(stated: _OfPoints, opened: Open) -> StatedBlocks:
    found = StatedBlocks(())
    for moment, digest in sorted(stated.points.items()):
        with opened(point_folder(moment)) as files:
            if hashlib.sha256(files.statement).hexdigest() != digest:
                raise ValueError(f"the statement in {point_folder(moment)} is not the one that is named")
            found += _of_one(read_statement(files.statement).stated)
    return found


def _of_one(stated: Stated) -> StatedBlocks:
    sample = stated.proving.sample
    drawing = () if sample is None else tuple(sample.blocks.values())
    ends = (block for both in stated.passes.values() for block in (both.earliest, both.latest))
    return StatedBlocks(tuple(dict.fromkeys((*stated.snapshots.values(), *ends))), drawing)
