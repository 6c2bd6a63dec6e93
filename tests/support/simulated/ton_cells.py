"""TON's cells, dictionaries, states and blocks, built from what they say, and proofs cut from them as bags of cells.

Written from the whitepapers and block.tlb and knowing nothing of the product's walk; no code of the scanner's is used.
A cell's bits are a text of zeros and ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

ORDINARY, PRUNED, LIBRARY, PROOF, UPDATE = 0, 1, 2, 3, 4
USDT = bytes.fromhex("00b113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe")
USDT_LIBRARY = bytes.fromhex("8f452d7a4dfd74066b682365177259ed05734435be76b5fd4bd5d8af2b7c3d68")


def number(value: int, size: int) -> str:
    return format(value % 2**size, f"0{size}b") if size else ""


def octets(data: bytes) -> str:
    return number(int.from_bytes(data), 8 * len(data))


def coins(value: int) -> str:
    size = (value.bit_length() + 7) // 8
    return number(size, 4) + number(value, 8 * size)


@dataclass(frozen=True, eq=False)
class Cell:
    bits: str = ""
    below: tuple[Cell, ...] = ()
    kind: int = ORDINARY
    _known: dict[int, tuple[bytes, int]] = field(default_factory=dict)

    @property
    def level(self) -> int:
        """A mask."""
        if self.kind == PRUNED:
            return int(self.bits[8:16], 2)
        together = 0
        for each in self.below:
            together |= each.level
        return together >> 1 if self.kind in (PROOF, UPDATE) else together

    def written(self) -> bytes:
        """The data, with the bit that ends it."""
        bits = self.bits if len(self.bits) % 8 == 0 else (self.bits + "1").ljust(-(-len(self.bits) // 8) * 8, "0")
        return int(bits or "0", 2).to_bytes(len(bits) // 8)

    def descriptors(self, level: int) -> bytes:
        first = len(self.below) + 8 * (self.kind != ORDINARY) + 32 * level
        return bytes([first, len(self.bits) // 8 + -(-len(self.bits) // 8)])

    def at(self, level: int) -> tuple[bytes, int]:
        """Hash and depth at a level."""
        mask = self.level & (1 << level) - 1
        if mask not in self._known:
            self._known[mask] = self._computed(mask)
        return self._known[mask]

    def _computed(self, mask: int) -> tuple[bytes, int]:
        if self.kind == PRUNED and mask != self.level:
            count, place = self.level.bit_count(), mask.bit_count()
            data = self.written()
            at = 2 + 32 * count + 2 * place
            return data[2 + 32 * place : 34 + 32 * place], int.from_bytes(data[at : at + 2])
        level = mask.bit_length()
        lower = mask & ~(1 << level - 1) if mask else 0
        data = self.written() if not mask or self.kind == PRUNED else self.at(lower.bit_length())[0]
        inner = [each.at(level + (self.kind in (PROOF, UPDATE))) for each in self.below]
        whole = self.descriptors(mask) + data + b"".join(depth.to_bytes(2) for _, depth in inner)
        whole += b"".join(digest for digest, _ in inner)
        return sha256(whole).digest(), max((depth + 1 for _, depth in inner), default=0)

    @property
    def hash(self) -> bytes:
        return self.at(0)[0]


def pruned(cell: Cell, merkle: int) -> Cell:
    """What stands for a cell that was cut, within so many proofs or updates."""
    mask = cell.level | 1 << merkle
    known = [cell.at(each) for each in _levels(cell.level)]
    return Cell(
        number(PRUNED, 8) + number(mask, 8)
        + "".join(octets(digest) for digest, _ in known) + "".join(number(depth, 16) for _, depth in known),
        (), PRUNED,
    )  # fmt: skip


def _levels(mask: int) -> list[int]:
    return [0, *(each + 1 for each in range(3) if mask >> each & 1)]


def proof(root: Cell, keep: Callable[[Cell], bool]) -> Cell:
    """The proof of a tree, of which only cells that are kept, and reached by way of such, are left."""
    cut = _cut(root, keep, 0)
    digest, depth = root.at(0)
    return Cell(number(PROOF, 8) + octets(digest) + number(depth, 16), (cut,), PROOF)


def _cut(cell: Cell, keep: Callable[[Cell], bool], merkle: int) -> Cell:
    if not keep(cell):
        return pruned(cell, merkle)
    deeper = merkle + (cell.kind in (PROOF, UPDATE))
    return Cell(cell.bits, tuple(_cut(each, keep, deeper) for each in cell.below), cell.kind)


def bag(roots: Sequence[Cell], *, index: bool = False, checksum: bool = False) -> bytes:
    """Cells in an order in which each refers to later ones. The checksum is no real one: only hashes matter."""
    order: list[Cell] = []
    seen: set[int] = set()

    def enter(cell: Cell) -> None:
        if id(cell) not in seen:
            seen.add(id(cell))
            for each in reversed(cell.below):
                enter(each)
            order.append(cell)

    for root in roots:
        enter(root)
    order.reverse()
    places = {id(cell): at for at, cell in enumerate(order)}
    texts = [
        cell.descriptors(cell.level) + cell.written() + b"".join(places[id(each)].to_bytes(2) for each in cell.below)
        for cell in order
    ]
    whole = b"".join(texts)
    head = bytes.fromhex("b5ee9c72") + bytes([2 | index << 7 | checksum << 6, 4])
    head += len(order).to_bytes(2) + len(roots).to_bytes(2) + bytes(2) + len(whole).to_bytes(4)
    head += b"".join(places[id(root)].to_bytes(2) for root in roots)
    ends = b"".join(sum(map(len, texts[: at + 1])).to_bytes(4) for at in range(len(texts))) if index else b""
    return head + ends + whole + (b"\1\2\3\4" if checksum else b"")


def dictionary(entries: Mapping[str, tuple[str, tuple[Cell, ...]]], extra: str = "", size: int | None = None) -> Cell:
    """A dictionary by the bits of its keys. `extra` stands in each fork, where it is augmented; leaves bring theirs."""
    keys = sorted(entries)
    size = len(keys[0]) if size is None else size
    common = 0
    while common < size and len({key[common] for key in keys}) == 1:
        common += 1
    label = _label(keys[0][:common], size)
    if common == size:
        bits, below = entries[keys[0]]
        return Cell(label + bits, below)
    halves = [
        {key[common + 1 :]: value for key, value in entries.items() if key[common] == side} for side in ("0", "1")
    ]
    return Cell(label + extra, tuple(dictionary(half, extra, size - common - 1) for half in halves))


def _label(bits: str, most: int) -> str:
    """In the shortest of its three forms."""
    room = most.bit_length()
    forms = ["0" + "1" * len(bits) + "0" + bits, "10" + number(len(bits), room) + bits]
    if len(set(bits)) == 1:
        forms.append("11" + bits[0] + number(len(bits), room))
    return min(forms, key=len)


def account(address: bytes, balance: int, *, contract: tuple[Cell, Cell] | None = None, state: str = "00") -> Cell:
    """An account; `state` where there is no contract: 00, or 01 with a hash where it is frozen."""
    bits = "1" + "100" + octets(address) + number(1, 3) + number(5, 8) + number(2, 3) + number(700, 16) + "000"
    bits += number(1_700_000_000, 32) + "1" + coins(3) + number(77, 64) + coins(balance) + "0"
    if contract is None:
        return Cell(bits + state + (octets(bytes(32)) if state == "01" else ""))
    return Cell(bits + "1" + "00110", contract)


def usdt_code() -> Cell:
    """The code of USDT's wallets: a reference to a library."""
    return Cell(number(LIBRARY, 8) + octets(USDT_LIBRARY), (), LIBRARY)


def usdt_wallet(owner: bytes, balance: int, status: int = 0) -> tuple[bytes, Cell]:
    """The account of an owner's wallet, and the account itself."""

    def data(amount: int, of: int) -> Cell:
        return Cell(number(of, 4) + coins(amount) + "100" + octets(owner) + "100" + octets(USDT))

    address = b"\0" + Cell("00110", (usdt_code(), data(0, 0))).hash
    return address, account(address, 10**7, contract=(usdt_code(), data(balance, status)))


def accounts(held: Iterable[tuple[bytes, Cell]]) -> Cell:
    """ShardAccounts: the dictionary, and what all hold."""
    extra = number(0, 5) + coins(5) + "0"
    entries = {
        octets(address[1:]): (extra + octets(sha256(address).digest()) + number(77, 64), (one,))
        for address, one in held
    }
    return Cell("1" + extra, (dictionary(entries, extra),)) if entries else Cell("0" + extra)


def shard(workchain: int, prefix: str) -> str:
    return "00" + number(len(prefix), 6) + number(workchain, 32) + prefix.ljust(64, "0")


def state(workchain: int, prefix: str, seqno: int, held: Iterable[tuple[bytes, Cell]], extra: Cell | None) -> Cell:
    """The state after a block; `extra` is the masterchain's own part."""
    bits = number(0x9023AFE2, 32) + number(-239, 32) + shard(workchain, prefix) + number(seqno, 32)
    bits += number(0, 32) + number(1_700_000_000, 32) + number(9, 64) + number(1, 32) + "0"
    bits += "0" if extra is None else "1"
    below = (Cell("1", (Cell("10"),)), accounts(held), Cell("0" * 9))
    return Cell(bits, below if extra is None else (*below, extra))


def block(
    workchain: int, prefix: str, seqno: int, after: Cell, *, time: int, parent: bytes, split: bool = False
) -> Cell:
    """A block whose update leads from some state to the one after it."""
    before = Cell(number(seqno, 32) + "1")
    old, new = pruned(before, 0), pruned(after, 0)
    said = octets(before.hash) + octets(after.hash) + number(before.at(0)[1], 16) + number(after.at(0)[1], 16)
    update = Cell(number(UPDATE, 8) + said, (old, new), UPDATE)
    not_master = workchain != -1
    bits = number(0x9BC7A987, 32) + number(0, 32) + str(int(not_master)) + str(int(split)) + "0" * 6 + number(0, 8)
    bits += number(seqno, 32) + number(0, 32) + shard(workchain, prefix) + number(time, 32) + number(1, 64) * 2
    bits += number(0, 32) * 4
    previous = Cell(number(8, 64) + number(seqno - 1, 32) + octets(parent) + octets(bytes(32)))
    info = Cell(bits, ((Cell("1" * 12), previous) if not_master else (previous,)))
    return Cell(number(0x11EF55AA, 32) + number(-239, 32), (info, Cell("11"), update, Cell("101", (Cell("0"),))))


def shards(
    of: Mapping[str, Cell], seqnos: Mapping[str, int], workchain: int = 0, earlier: Mapping[int, bytes] | None = None
) -> Cell:
    """The masterchain's part of a state: blocks of a workchain's shards by their prefixes, which cover it; and root
    hashes of the masterchain's earlier blocks by their numbers."""

    def tree(prefix: str) -> Cell:
        if prefix in of:
            return Cell(
                "0" + "1011" + number(seqnos[prefix], 32) + number(1, 32) + number(1, 64) * 2
                + octets(of[prefix].hash) + octets(bytes(32)) + "0" * 40
            )  # fmt: skip
        return Cell("1", (tree(prefix + "0"), tree(prefix + "1")))

    workchains = dictionary({number(workchain, 32): ("", (tree(""),)), number(7, 32): ("", (Cell("0"),))})
    config, rest = Cell("1" * 9), number(5, 32) * 2 + "0"
    extra = "1" + number(9, 64)  # below a place there is a key block, and so late it ends
    entries = {
        number(seqno, 32): (extra + "0" + number(seqno, 64) + number(seqno, 32) + octets(root) + octets(bytes(32)), ())
        for seqno, root in (earlier or {}).items()
    }
    blocks = ("1" + extra, (dictionary(entries, extra),)) if entries else ("0" + extra, ())
    more = Cell(number(1, 16) + rest + blocks[0] + "0" + "0", blocks[1])
    return Cell(number(0xCC26, 16) + "1" + octets(b"\x55" * 32) + coins(7) + "0", (workchains, config, more))
