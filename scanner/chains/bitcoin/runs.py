"""Runs of headers as records have them: each header but the first without the hash of the one before, which follows.

A record is the hash of its last header, for it to be found by; the first header whole; and of each further one the
version, the Merkle root, the time, the target and the nonce. So a header takes 48 bytes of the 80 that are hashed. To
read a run is to hash it: what comes out ends with the header of the hash that was asked for, or is no run.

Not in here: what headers show (`ancestry`, `checkpoints`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from scanner.chains.bitcoin.header import HEADER_BYTES, double_sha256
from scanner.proofs.witness import Witness

MOST_HEADERS: Final = 2_016
"""In one record, and in one answer of an Electrum server."""

_HASH: Final = 32
_FIRST: Final = _HASH + HEADER_BYTES
_FURTHER: Final = HEADER_BYTES - _HASH
_PARENT: Final = slice(4, 4 + _HASH)


def record_of(headers: Sequence[bytes]) -> bytes:
    """A record of headers (80 bytes each, one at least), each of which names the one before it."""
    further = (part for header in headers[1:] for part in (header[: _PARENT.start], header[_PARENT.stop :]))
    return b"".join([double_sha256(headers[-1]), headers[0], *further])


class Runs:
    """A witness's runs of headers. It may grow."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._seen = 0
        self._by_last: dict[bytes, list[bytes]] = {}  # the records' own hashes

    def ending_with(self, name: bytes) -> Iterator[bytes]:
        """The runs that say they end with the header of this hash (hashing order): their headers, 80 bytes each, one
        after the other; empty for one that does not."""
        if self._seen < len(self._witness):
            for digest in islice(self._witness, self._seen, None):
                record = self._witness.get(digest) or b""
                self._seen += 1
                if len(record) >= _FIRST and (len(record) - _FIRST) % _FURTHER == 0:
                    self._by_last.setdefault(record[:_HASH], []).append(digest)
        for digest in self._by_last.get(name, ()):
            yield _read(self._witness.get(digest) or b"")


def _read(record: bytes) -> bytes:
    headers = [record[_HASH:_FIRST]]
    name = double_sha256(headers[0])
    for at in range(_FIRST, len(record), _FURTHER):
        headers.append(record[at : at + _PARENT.start] + name + record[at + _PARENT.start : at + _FURTHER])
        name = double_sha256(headers[-1])
    return b"".join(headers) if name == record[:_HASH] else b""
