"""Cells of TON, and bags of them (BoC): what is in a bag, and by which hash each cell is known.

A cell has up to 1,023 bits and four references. What it is known by is the SHA-256 of its *representation*: two
descriptor bytes, its data, and depths and hashes of what it refers to. A proof is a tree from which branches were cut:
in a cut branch's place stands a cell that says the branch's hash, and the cell that closes a proof says the hash that
the whole tree would have. So cells can have several hashes, one a level: what they are with branches cut, and without.

Proofs are not kept as bags: each of their cells is a record, its representation in the tree before anything was cut,
and is found by its hash. What is cut is a record that is missing.

Not in here: what cells mean (`state`).
Sources: TON's whitepaper, 3.1; TVM's, 3.1; docs.ton.org, "Cell & Bag of cells", "Exotic cells".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.proofs.flaws import Flaw, ProofError

HASH_BYTES: Final = 32
_MAGIC: Final = bytes.fromhex("b5ee9c72")
_MOST_CELLS: Final = 200_000
_MOST_REFERENCES: Final = 4
_DEEPEST: Final = 1_024
_DEPTH_BYTES: Final = 2
_EXOTIC, _WITH_HASHES = 8, 16  # of the first descriptor byte
_PRUNED, _LIBRARY, _PROOF, _UPDATE = 1, 2, 3, 4  # kinds of exotic cells, by the first byte of their data
_MERKLE: Final = {_PROOF: 1, _UPDATE: 2}  # how many references such a cell has


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a bag. `hashes` and `depths` are of all levels at which the cell differs, the lowest first."""

    kind: int  # 0: an ordinary one
    level: int  # a mask of three bits
    references: tuple[Cell, ...]
    representation: bytes  # at the lowest level: with nothing cut
    hashes: tuple[bytes, ...]
    depths: tuple[int, ...]

    def hash(self, level: int = 0) -> bytes:
        """By which the cell is known at a level; 0 is the tree before anything was cut."""
        return self.hashes[self._place(level)]

    def depth(self, level: int = 0) -> int:
        return self.depths[self._place(level)]

    def _place(self, level: int) -> int:
        return (self.level & (1 << level) - 1).bit_count()


def read_bag(data: bytes) -> list[Cell]:
    """The roots of a bag of cells. Its checksum is not looked at: hashes are. Raises ProofError."""
    reader = _Bytes(data)
    if reader.take(4) != _MAGIC:
        raise _malformed("no bag of cells")
    flags, offset_size = reader.take(2)
    size = flags & 7
    if flags & 0b11000 or not 1 <= size <= 4 or not 1 <= offset_size <= 8:
        raise _malformed("a bag of cells of another form")
    count, roots, absent = (reader.number(size) for _ in range(3))
    whole = reader.number(offset_size)
    if not 0 < roots <= count <= _MOST_CELLS or absent or whole > len(data):
        raise _malformed("a bag with more cells than are read, or fewer than none")
    wanted = [reader.number(size) for _ in range(roots)]
    if flags & 0x80:
        reader.take(count * offset_size)
    cells = _cells(_Bytes(reader.take(whole)), count, size)
    reader.take(4 if flags & 0x40 else 0)
    reader.end()
    if any(root >= count for root in wanted):
        raise _malformed("a bag without its root")
    return [cells[root] for root in wanted]


def proven_records(bag: bytes) -> list[bytes]:
    """The representations of all cells in a bag of proofs, those that were cut left out. Raises ProofError."""
    records: dict[bytes, bytes] = {}
    for root in read_bag(bag):
        if root.kind != _PROOF:
            raise _malformed("no proof")
        records |= records_of(root.references[0])
    return list(records.values())


def tree_records(bag: bytes) -> list[bytes]:
    """The representations of all cells in a bag of whole trees. Raises ProofError."""
    records: dict[bytes, bytes] = {}
    for root in read_bag(bag):
        records |= records_of(root)
    return list(records.values())


def records_of(top: Cell) -> dict[bytes, bytes]:
    """The representations of all cells below `top`, by their hashes: of those that were not cut.

    Below another proof's or update's cell levels count otherwise, and nothing is looked for.
    """
    found: dict[bytes, bytes] = {}
    waiting = [top]
    while waiting:
        cell = waiting.pop()
        if cell.kind != _PRUNED and cell.hash() not in found:
            found[cell.hash()] = cell.representation
            if cell.kind not in _MERKLE:
                waiting += cell.references
    return found


def record_hash(record: bytes) -> bytes:
    """By which a record is found."""
    return sha256(record).digest()


def _cells(reader: _Bytes, count: int, size: int) -> list[Cell]:
    """All cells of a bag. Each refers to later ones alone, so they are made from the last one on."""
    raw: list[tuple[int, int, bytes, list[int]]] = []
    for number in range(count):
        first, second = reader.take(2)
        references = first & 7
        if references > _MOST_REFERENCES:
            raise _malformed("a cell that is absent, or refers to too many")
        if first & _WITH_HASHES:
            reader.take(((first >> 5).bit_count() + 1) * (HASH_BYTES + _DEPTH_BYTES))
        data = reader.take((second + 1) // 2)
        if second % 2 and (not data or not data[-1] & 0xFF):
            raise _malformed("a cell whose bits do not end")
        below = [reader.number(size) for _ in range(references)]
        if any(not number < each < count for each in below):
            raise _malformed("a cell that refers to an earlier one")
        raw.append((first, second, data, below))
    reader.end()
    cells: list[Cell] = []
    for first, second, data, below in reversed(raw):
        cell = _cell(bool(first & _EXOTIC), second, data, [cells[count - 1 - each] for each in below])
        if cell.level != first >> 5:
            raise _malformed("a cell of another level than it says")
        cells.append(cell)
    return cells[::-1]


def _cell(exotic: bool, second: int, data: bytes, references: Sequence[Cell]) -> Cell:
    kind = _kind(data, references) if exotic else 0
    level = _level(kind, data, references)
    deeper = 1 if kind in _MERKLE else 0
    stored_hashes, stored_depths = _stored(data, level) if kind == _PRUNED else ([], [])
    hashes, depths = list(stored_hashes), list(stored_depths)
    representation = b""
    for each in _significant(level):
        if kind == _PRUNED and each < level.bit_length():
            continue
        depth = max((below.depth(each + deeper) + 1 for below in references), default=0)
        if depth > _DEEPEST:
            raise _malformed("cells too deep below each other")
        masked = level & (1 << each) - 1
        written = bytes([len(references) | (_EXOTIC if exotic else 0) | masked << 5, second])
        written += data if not hashes or kind == _PRUNED else hashes[-1]
        written += b"".join(below.depth(each + deeper).to_bytes(_DEPTH_BYTES) for below in references)
        written += b"".join(below.hash(each + deeper) for below in references)
        representation = representation or written
        hashes.append(sha256(written).digest())
        depths.append(depth)
    cell = Cell(kind, level, tuple(references), representation, tuple(hashes), tuple(depths))
    if kind in _MERKLE:
        _check_merkle(data, references)
    return cell


def _kind(data: bytes, references: Sequence[Cell]) -> int:
    kind = data[0] if data else 0
    if kind not in (_PRUNED, _LIBRARY, _PROOF, _UPDATE) or len(references) != _MERKLE.get(kind, 0):
        raise _malformed("an exotic cell of no known kind")
    return kind


def _level(kind: int, data: bytes, references: Sequence[Cell]) -> int:
    if kind == _PRUNED:
        level = data[1] if len(data) > 1 else 0
        if not 1 <= level <= 7 or len(data) != 2 + level.bit_count() * (HASH_BYTES + _DEPTH_BYTES):
            raise _malformed("a cut branch that does not say what was there")
        return level
    together = 0
    for each in references:
        together |= each.level
    return together >> 1 if kind in _MERKLE else together


def _significant(level: int) -> Iterator[int]:
    """The levels at which a cell of this mask differs from what it is at the one below."""
    yield 0
    yield from (each + 1 for each in range(3) if level >> each & 1)


def _stored(data: bytes, level: int) -> tuple[list[bytes], list[int]]:
    """Hashes and depths of a branch that was cut."""
    count = level.bit_count()
    ends = 2 + HASH_BYTES * count
    hashes = [data[at : at + HASH_BYTES] for at in range(2, ends, HASH_BYTES)]
    return hashes, [int.from_bytes(data[at : at + _DEPTH_BYTES]) for at in range(ends, len(data), _DEPTH_BYTES)]


def _check_merkle(data: bytes, references: Sequence[Cell]) -> None:
    """That a proof or an update says of its trees what they are."""
    said = b"".join(each.hash() for each in references)
    said += b"".join(each.depth().to_bytes(_DEPTH_BYTES) for each in references)
    if data[1:] != said:
        raise _malformed("a proof that says another hash than its tree has")


class _Bytes:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise _malformed("a bag of cells that is cut short")
        self._at += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def end(self) -> None:
        if self._at != len(self._data):
            raise _malformed("bytes after the end of a bag of cells")


def _malformed(what: str) -> ProofError:
    return ProofError(Flaw.MALFORMED, what)
