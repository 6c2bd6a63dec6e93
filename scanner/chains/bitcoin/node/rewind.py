"""What scripts held at a past block: the unspent outputs of a later block, taken back block by block.

Pure arithmetic: outputs and moves in, balances out. An output held at the snapshot is either unspent still, and not
younger than the snapshot; or was spent since, and not created since. Every output created since must be accounted for
on both sides, which shows a block that was missed or a list that was cut.

Not in here: where outputs and moves come from, and on which chain of blocks they lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Outpoint = bytes
"""A transaction id (32 bytes, as printed) and the output's number in it (4 bytes, big-endian)."""


@dataclass(frozen=True, slots=True)
class Output:
    """An output that pays to a script. Atoms are satoshis; `height` is that of the block that created it."""

    outpoint: Outpoint
    script: bytes
    atoms: int
    height: int


@dataclass(frozen=True, slots=True)
class Spend:
    """An output being spent by an input in the block at `height`."""

    outpoint: Outpoint
    script: bytes
    atoms: int
    height: int


class Contradiction(ValueError):
    """Outputs and moves that cannot belong to one chain of blocks: something was missed, doubled or made up."""


@dataclass(slots=True)
class Moves:
    """What happened to the scripts in the blocks after the snapshot, in any order."""

    received: list[Output] = field(default_factory=list)
    spent: list[Spend] = field(default_factory=list)


class Rewind:
    """What `scripts` held after the block at `height`, while what tells of it comes in.

    First all of their outputs that are unspent at a later tip, in any order and in parts; then what moved in between.
    An unspent output that the snapshot has already is reckoned at once, and only its outpoint is kept, since a large
    exchange has half a million of them.
    """

    def __init__(self, scripts: Iterable[bytes], height: int) -> None:
        self.balances = dict.fromkeys(scripts, 0)  # satoshis; not yet whole
        self._height = height
        self._seen: set[Outpoint] = set()
        self._younger: list[Output] = []

    def add_unspent(
        self, points: Sequence[Outpoint], scripts: Sequence[bytes], atoms: Sequence[int], heights: Sequence[int]
    ) -> None:
        """Take in unspent outputs, column by column; the heights are those that created them. Raises Contradiction."""
        known = len(self._seen)
        self._seen.update(points)
        if len(self._seen) != known + len(points):
            raise Contradiction("an unspent output stands there twice")
        if min(heights, default=1) <= 0:
            raise Contradiction("an unspent output of the genesis block, or of none")
        balances, height = self.balances, self._height
        try:
            for script, amount, created in zip(scripts, atoms, heights, strict=True):
                if created <= height:
                    balances[script] += amount
        except KeyError as stranger:
            raise _foreign(stranger.args[0]) from None
        if max(heights, default=0) > height:
            columns = zip(points, scripts, atoms, heights, strict=True)
            self._younger += [Output(*output) for output in columns if output[3] > height]

    def take_back(self, tip: int, moves: Moves) -> dict[bytes, int]:
        """The satoshis each script held: `add_unspent` had all after the block at `tip`, `moves` are those since.

        Raises Contradiction.
        """
        awaited = _created(self._height, tip, moves)  # since, until it is found among the spent or the unspent
        for spend in moves.spent:
            if not self._height < spend.height <= tip:
                raise Contradiction(f"a spend at height {spend.height}, outside of {self._height + 1} to {tip}")
            if spend.outpoint in self._seen:
                raise Contradiction(f"output {_shown(spend.outpoint)} is spent, and is unspent or was spent before")
            self._seen.add(spend.outpoint)
            output = awaited.pop(spend.outpoint, None)
            if output is None:
                self._credit(spend.script, spend.atoms)
            elif (output.script, output.atoms) != (spend.script, spend.atoms) or spend.height < output.height:
                raise Contradiction(f"output {_shown(spend.outpoint)} is not spent as it was created")
        for output in self._younger:
            if output.height > tip:
                raise Contradiction(f"an unspent output of height {output.height}, above the tip at {tip}")
            if awaited.pop(output.outpoint, None) != output:
                raise Contradiction(f"output {_shown(output.outpoint)} was created in a block that does not show it")
        if awaited:
            raise Contradiction(f"output {_shown(next(iter(awaited)))} was created, not spent, and is not there")
        return self.balances

    def _credit(self, script: bytes, atoms: int) -> None:
        if script not in self.balances:
            raise _foreign(script)
        self.balances[script] += atoms


def is_unspendable(script: bytes) -> bool:
    """Whether outputs with this script never enter the set of unspent outputs, so that it never holds anything.

    The rule is `CScript::IsUnspendable` of Bitcoin Core: OP_RETURN first, or longer than 10,000 bytes.
    """
    return script[:1] == b"\x6a" or len(script) > 10_000


def outpoint(txid: str, number: int) -> Outpoint:
    """The name of output `number` of the transaction whose id is printed as `txid`."""
    return bytes.fromhex(txid) + number.to_bytes(4)


def _created(height: int, tip: int, moves: Moves) -> dict[Outpoint, Output]:
    created: dict[Outpoint, Output] = {}
    for output in moves.received:
        if not height < output.height <= tip:
            raise Contradiction(f"an output created at height {output.height}, outside of {height + 1} to {tip}")
        if output.outpoint in created:
            raise Contradiction(f"output {_shown(output.outpoint)} is created twice")
        created[output.outpoint] = output
    return created


def _foreign(script: bytes) -> Contradiction:
    return Contradiction(f"an output of script {script.hex()[:80]}, which was not asked for")


def _shown(point: Outpoint) -> str:
    return f"{point[:32].hex()}:{int.from_bytes(point[32:])}"
