"""How a journal's records hang together: each one's digest is taken, under a secret key, over the digest before it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from io import FileIO
from typing import Final

DIGEST: Final = 32  # bytes of a record's digest
KEY_NAME: Final = 16  # bytes that say which key it is


@dataclass(frozen=True, slots=True)
class Written:
    """A record in the file."""

    at: int
    size: int
    before: bytes  # the digest of the record before it
    digest: bytes
    round: int


def chained(secret: bytes, before: bytes, record: bytes) -> bytes:
    """The record's digest, by the one before it (for the first record: by how the file starts)."""
    before = blake2b(before, digest_size=DIGEST).digest()
    return blake2b(before + record, digest_size=DIGEST, key=secret).digest()


def key_name(key: bytes) -> bytes:
    """What tells the key from others, and says nothing of it."""
    return blake2b(b"which key", digest_size=KEY_NAME, key=key).digest()


def write_whole(file: FileIO, data: bytes) -> None:
    """All of `data`, at the file's end. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
