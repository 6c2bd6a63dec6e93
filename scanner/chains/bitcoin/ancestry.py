"""Ancestors on Bitcoin and its kin: headers, each of which names the one before it, and the work that was done on top.

A record is a run of headers, 80 bytes each, the oldest first; it is found by the hash of its last one. A header has no
height, so what is shown is by how many blocks one is older than another.

Work is counted where every header is hashed here as it was worked for, and meets its own target: it says what making
these blocks took. Headers of merge-mined chains are worked for on another chain: of theirs no work is stated.
A chain whose blocks cannot be named here (Dash) has no ancestry.

Sources: as `header`; Bitcoin Core, `chain.cpp` (GetBlockProof).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from typing import Final

from scanner.chains.ancestry import Link, Stride, Way
from scanner.chains.bitcoin.facts import BITCOIN_CHAINS, WorkRules
from scanner.chains.bitcoin.header import (
    HEADER_BYTES,
    BitcoinHeader,
    HeaderError,
    check_work,
    double_sha256,
    parse_header,
    target_of,
)
from scanner.core.evidence import Snapshot
from scanner.core.ids import Chain
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import MAX_RECORD, Witness

MOST_HEADERS: Final = MAX_RECORD // HEADER_BYTES
"""In one record."""


class BitcoinAncestry:
    """`chains.ancestry.AncestryProver`."""

    strides = (Stride(MOST_HEADERS, 10_000),)

    def over(self, chain: Chain, witness: Witness, *, work: bool = False) -> _Ancestry:
        """Over runs of headers."""
        rules = work_rules(chain)
        return _Ancestry(witness, rules if work and rules is not None and rules.merge_mined is None else None)


def work_rules(chain: Chain) -> WorkRules | None:
    """How blocks are worked for; None on a chain whose blocks cannot be named here."""
    known = BITCOIN_CHAINS.get(chain.reference)
    return known.work if known is not None and isinstance(known.work, WorkRules) else None


def merkle_root(chain: Chain, height: int, name: str, witness: Witness) -> tuple[bytes, Snapshot]:
    """The root of the transactions in the block of this hash, in hashing order, and the block, by its header among
    these records. The height is as it is given: no header has one. Raises ProofError."""
    header = parse_header(next(headers_down(name, witness)))
    time = datetime.fromtimestamp(header.time, UTC)
    return header.merkle_root, Snapshot(chain, height, header.hash, header.parent, time)


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
        self._runs = _Runs(witness)
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

        Runs may overlap, as those of a path that was begun again lower down do: where one ends or is another block's,
        the one that was met before it is followed further.
        """
        name = bytes.fromhex(newest)[::-1]
        runs: list[tuple[bytes, int]] = []  # each with how many headers were passed before its last one
        for passed in count():
            runs += ((run, passed) for run in self._runs.ending_with(name))
            flaw: ProofError | None = None
            raw = b""
            while runs and not raw:
                run, before = runs[-1]
                end = len(run) - HEADER_BYTES * (passed - before)
                raw = run[max(0, end - HEADER_BYTES) : end]
                if double_sha256(raw) != name:
                    if raw:
                        mismatch = f"a header is not that of the block {name[::-1].hex()}"
                        flaw = ProofError(Flaw.HEADER_MISMATCH, mismatch)
                    raw = b""
                    runs.pop()
            if not raw:
                if flaw is None and not passed:
                    flaw = ProofError(Flaw.INCOMPLETE, f"there is no header of the block {newest}")
                if flaw is not None:
                    raise flaw
                return
            yield raw
            name = raw[4:36]


class _Runs:
    """A witness's runs of headers by the hash of the last one. It may grow."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._seen = 0
        self._by_last: dict[bytes, list[bytes]] = {}  # the records' own hashes

    def ending_with(self, name: bytes) -> Iterator[bytes]:
        """The runs that end with the header of this block."""
        if self._seen < len(self._witness):
            for digest in islice(self._witness, self._seen, None):
                record = self._witness.get(digest) or b""
                self._seen += 1
                if record and len(record) % HEADER_BYTES == 0:
                    self._by_last.setdefault(double_sha256(record[-HEADER_BYTES:]), []).append(digest)
        for digest in self._by_last.get(name, ()):
            yield self._witness.get(digest) or b""


def _work(raw: bytes, rules: WorkRules) -> int:
    """How many hashes a header took, on average. Raises ProofError for one that does not meet its target."""
    header = parse_header(raw)
    try:
        check_work(header, rules)
        return work_of(header)
    except HeaderError as error:
        raise ProofError(Flaw.MALFORMED, str(error)) from None
