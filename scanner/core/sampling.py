"""Which balances of a sample are proven: drawn by amount, by a seed that was not known while the claim was written.

Monetary-unit sampling: what is drawn are atoms, and a row is drawn with any of its atoms, so that splitting what is
held over many accounts, or adding empty ones, changes no row's chance. Rows at least as large as the step from one atom
drawn to the next are drawn without a lot; the lot is among the others, each draw on its own:

    most rows          `size` draws; rows of no amount are never drawn
    certain rows       while the largest row left is at least (atoms left / draws left) it is drawn, and both are less
    the draws left     draw k falls on the atom SHA-512(seed, asset, k) mod (atoms left), the rows laid end to end

A single row of y of the atoms left is missed with the chance ((left - y) / left) ** draws, exactly; one that reaches
the step is never missed. The seed is the SHA-256 over the claim's digest and what was not known when the claim was
fixed: a block's hash, an auditor's nonce, or both (docs/predicate.md says what each is worth). Pure arithmetic; nothing
here knows where amounts come from.

Source: AICPA Audit Guide "Audit Sampling", monetary unit sampling, with top-stratum items taken out first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256, sha512
from heapq import nlargest
from itertools import accumulate
from typing import Final

from scanner.core.evidence import Snapshot
from scanner.core.ids import AssetId, Chain

_DOMAIN: Final = b"reserve-scanner sample\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """How a sample is drawn: how many draws for each asset, and what the seed is made of."""

    size: int  # draws for each asset of a chain with state proofs; 0 for nothing to prove
    nonce: str | None = None  # the auditor's, whose SHA-256 was published before
    blocks: Mapping[Chain, Snapshot] = field(default_factory=dict)  # final, and later than the claim

    def seed(self, claim: str, chain: Chain) -> bytes | None:
        """The seed of draws on a chain: 32 bytes. None where there is nothing that was unknown: all is drawn then.

        `claim`: the digest of the claim's file, in hex.
        """
        block = self.blocks.get(chain)
        if block is None and self.nonce is None:
            return None
        parts = (claim, "" if block is None else block.hash, self.nonce or "")
        return sha256(_DOMAIN + "\n".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Draw:
    """How an asset's rows were drawn: what a reader needs to say what such a sample can miss."""

    certain: int  # rows that are drawn without a lot
    draws: int  # of the lot, which remain after them
    among: int  # atoms out of which these are drawn

    def missed(self, atoms: Fraction) -> Fraction:
        """The chance that the sample misses a single row of so many atoms: ((among - atoms) / among) ** draws.

        0 for a row that reaches the step, as it would have been drawn for certain.
        """
        if self.among == 0 or atoms * self.draws >= self.among:
            return Fraction(self.among > 0 and not self.draws)
        return Fraction(self.among - atoms, self.among) ** self.draws


def draw(amounts: Iterable[int | None], size: int, seed: bytes | None, asset: AssetId) -> tuple[frozenset[int], Draw]:
    """At most `size` of an asset's rows, as positions: drawn by their amounts in atoms, which stand in the claim's
    order. Without a seed all rows of any amount are drawn, but none where the size is 0."""
    atoms = [amount or 0 for amount in amounts]
    held = sum(1 for amount in atoms if amount)
    if size and (seed is None or size >= held):
        return frozenset(at for at, amount in enumerate(atoms) if amount), Draw(held, 0, 0)
    left, draws, certain = sum(atoms), size, set[int]()
    for at in nlargest(size, range(len(atoms)), key=atoms.__getitem__):
        if atoms[at] * draws < left:
            break
        certain.add(at)
        left, draws = left - atoms[at], draws - 1
    lots: set[int] = set()
    if draws and seed is not None:
        ends = list(accumulate(0 if at in certain else amount for at, amount in enumerate(atoms)))
        lots = {bisect_right(ends, _atom(seed, asset, number) % left) for number in range(draws)}
    return frozenset(certain | lots), Draw(len(certain), draws, left)


def _atom(seed: bytes, asset: AssetId, number: int) -> int:
    return int.from_bytes(sha512(seed + f" {asset} {number}".encode()).digest())
