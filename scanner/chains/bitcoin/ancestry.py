"""Ancestors on Bitcoin and its kin: headers, each of which names the one before it, and the work that was done on top.

Records are runs of headers (`runs`). A header has no height, so what is shown is by how many blocks one is older than
another.

Work is counted where every header is hashed here as it was worked for, and meets its own target: it says what making
these blocks took. Headers of merge-mined chains are worked for on another chain: of theirs no work is stated.
A chain whose blocks cannot be named here (Dash) has no ancestry.

Sources: as `header`; Bitcoin Core, `chain.cpp` (GetBlockProof).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, WorkRules
from scanner.chains.bitcoin.header import (
    HEADER_BYTES,
    BitcoinHeader,
    HeaderError,
    check_work,
    parse_header,
    target_of,
)
from scanner.chains.bitcoin.runs import MOST_HEADERS, Runs
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness


class BitcoinAncestry:
    """`chains.ancestry.AncestryProver`."""

    strides = (Stride(MOST_HEADERS, 10_000),)

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:
        """Over records of runs of headers."""
        rules = work_rules(chain)
        return _Ancestry(witness, rules if work and rules is not None and rules.merge_mined is None else None)


def work_rules(chain: Chain) -> WorkRules | None:
    """How blocks are worked for; None on a chain whose blocks cannot be named here."""
    known = BITCOIN_CHAINS.get(chain.reference)
    return known.work if known is not None and isinstance(known.work, WorkRules) else None


class MerkleRoots:
    """`chains.family.MerkleRoot`, over records of runs of headers. Each block's runs are hashed once."""

    def __init__(self, witness: Witness) -> None:
        self._ancestry = _Ancestry(witness, None)
        self._found: dict[str, BitcoinHeader | ProofError] = {}

    def __call__(self, chain: Chain, height: int, name: str) -> tuple[bytes, Snapshot]:
        """The root of the transactions in the block of this hash, in hashing order, and the block, by its header among
        the records. The height is as it is given: no header has one. Raises ProofError."""
        if name not in self._found:
            self._found[name] = self._header(name)
        header = self._found[name]
        if isinstance(header, ProofError):
            raise header
        time = datetime.fromtimestamp(header.time, UTC)
        return header.merkle_root, Snapshot(chain, height, header.hash, header.parent, time)

    def _header(self, name: str) -> BitcoinHeader | ProofError:
        try:
            return parse_header(next(self._ancestry.downwards(name)))
        except ProofError as error:
            return error


def headers_down(newest: str, witness: Witness) -> Iterator[bytes]:
    """The headers of the block with this hash and of those before it, 80 bytes each, as far as these records lead.
    Raises ProofError where there is not even the first."""
    return _Ancestry(witness, None).downwards(newest)


def work_of(header: BitcoinHeader) -> int:
    """How many hashes it takes to meet the header's target, on average. Raises HeaderError for a target that is
    none."""
    return 2**256 // (target_of(header.bits) + 1)


class _Ancestry:
    def __init__(self, witness: Witness, rules: WorkRules | None) -> None:
        self._runs = Runs(witness)
        self._rules = rules  # None: work is not counted

    def check(self, snapshot: Snapshot) -> None:
        header = parse_header(next(self.downwards(snapshot.hash)))
        if (header.parent, header.time) != (snapshot.parent, int(snapshot.time.timestamp())):
            raise ProofError(Flaw.HEADER_MISMATCH, f"the header of {snapshot} has another parent or time")

    def link(self, newer: str, older: str) -> Link:
        wanted = bytes.fromhex(older)[::-1]
        work = 0
        for blocks, raw in enumerate(self.downwards(newer), start=1):
            if self._rules is not None:
                work += _work(raw, self._rules)
            if raw[4:36] == wanted:
                return Link(blocks, Way.PARENTS, None if self._rules is None else work)
        raise ProofError(Flaw.INCOMPLETE, f"the headers below block {newer} end before block {older}")

    def downwards(self, newest: str) -> Iterator[bytes]:
        """The headers of this block and of those before it, as far as there are any. Raises ProofError for none.

        Runs may overlap, as those of a path that was begun again lower down do: the one that reaches lowest is taken.
        """
        name = bytes.fromhex(newest)[::-1]
        run, left = b"", 0  # bytes of the run that are not passed yet
        for passed in count():
            claimed = False
            for other in self._runs.ending_with(name):
                claimed = True
                if len(other) > left:
                    run, left = other, len(other)
            if not left:
                if claimed:
                    mismatch = f"a header is not that of the block {name[::-1].hex()}"
                    raise ProofError(Flaw.HEADER_MISMATCH, mismatch)
                if not passed:
                    raise ProofError(Flaw.INCOMPLETE, f"there is no header of the block {newest}")
                return
            raw = run[left - HEADER_BYTES : left]
            left -= HEADER_BYTES
            yield raw
            name = raw[4:36]


def _work(raw: bytes, rules: WorkRules) -> int:
    """How many hashes a header took, on average. Raises ProofError for one that does not meet its target."""
    header = parse_header(raw)
    try:
        check_work(header, rules)
        return work_of(header)
    except HeaderError as error:
        raise ProofError(Flaw.MALFORMED, str(error)) from None
