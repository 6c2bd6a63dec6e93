"""A witness by another hash than its own, for chains whose records name each other by it; and what provers of such
chains share.

Records lie in a witness under their Keccak-256, whatever the chain. A prover that follows another hash finds them here,
and says afterwards which it has used. Not in here: what a record means (the families' provers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from scanner.core.columns import AccountIndex, Accounts
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.witness import Witness

Find = Callable[[bytes], bytes | None]
"""A record by the chain's own hash of it; None where it is missing."""

_LENGTH: Final = 4


class RecordsByHash:
    """A witness's records by `hash_of` them. It may grow: a record that is missing is looked for anew."""

    def __init__(self, witness: Witness, hash_of: Callable[[bytes], bytes]) -> None:
        self._witness = witness
        self._hash_of = hash_of
        self._names = Accounts()  # Keccak-256 of the records seen so far, in the witness's order
        self._hashes = Accounts()  # the chain's own hashes of the same
        self._numbers = AccountIndex(self._hashes)

    def find(self, digest: bytes) -> bytes | None:
        """The record with this hash; None where it is missing."""
        number = self._numbers.find(digest)
        if number is None and len(self._names) < len(self._witness):
            for name in islice(self._witness, len(self._names), None):
                self._names.append(name)
                self._hashes.append(self._hash_of(self._witness.get(name) or b""))
                self._numbers.enter()
            number = self._numbers.find(digest)
        return None if number is None else self._witness.get(self._names.at(number))

    def names(self, digests: Iterable[bytes]) -> set[bytes]:
        """The Keccak-256 hashes of records that were found."""
        numbers = map(self._numbers.find, digests)
        return {self._names[number] for number in numbers if number is not None}


def noting(find: Find, reached: set[bytes]) -> Find:
    """`find`, noting the hashes of what it finds."""

    def noted(digest: bytes) -> bytes | None:
        record = find(digest)
        if record is not None:
            reached.add(digest)
        return record

    return noted


def used_by(walk: Callable[[Find], object], records: Iterable[bytes], hash_of: Callable[[bytes], bytes]) -> list[bytes]:
    """Those of the records that `walk` finds by the chain's own hash, in its order. Raises whatever `walk` does."""
    by_hash = {hash_of(record): record for record in records}
    reached: set[bytes] = set()
    walk(noting(by_hash.get, reached))
    return [by_hash[digest] for digest in sorted(reached)]


def framed(records: Iterable[bytes]) -> bytes:
    """Several records as one byte string, as a node states a header of several parts to its family's prover."""
    return b"".join(len(record).to_bytes(_LENGTH) + record for record in records)


def unframed(stated: bytes) -> Iterator[bytes]:
    """The records of `framed`. Raises ProofError for bytes that are none."""
    at = 0
    while at < len(stated):
        end = at + _LENGTH + int.from_bytes(stated[at : at + _LENGTH])
        if end > len(stated):
            raise ProofError(Flaw.MALFORMED, "a record of the stated header is cut short")
        yield stated[at + _LENGTH : end]
        at = end
