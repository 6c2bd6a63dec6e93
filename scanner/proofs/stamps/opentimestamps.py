"""OpenTimestamps proofs: operations that lead from a file's SHA-256 to what was put where it cannot be put afterwards.

A proof is a tree. Each way from its root applies operations to the digest, and ends at an attestation: that the result
is the Merkle root of a Bitcoin block, or that a calendar will put it into one, which shows nothing yet. The proof is
kept as its ways, one for each attestation. Only operations by which no other digest can be led to the same result are
taken: append, prepend and SHA-256, which is all that calendars use.

Read without recursion, within bounds; nothing is believed here. Not in here: whether a root is a block's.

Source: opentimestamps/python-opentimestamps, `core/timestamp.py`, `core/op.py`, `core/notary.py` for the form (facts
alone: no code of it is used, which needs another python-bitcoinlib than this package, and reads by recursion).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from scanner.proofs.flaws import Flaw, ProofError

MOST_BYTES: Final = 64 * 1024
"""Of a proof: one with the answers of several calendars takes some 3,000."""

MOST_ANSWER_BYTES: Final = 10_000
"""Of a calendar's answer, as other tools have it."""

_MAGIC: Final = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
_VERSION: Final = 1
_APPEND, _PREPEND, _SHA256 = 0xF0, 0xF1, 0x08
_ATTESTATION: Final = 0x00
_FORK: Final = 0xFF
_NAMES: Final = {0x02: "SHA-1", 0x03: "RIPEMD-160", 0x67: "Keccak-256", 0xF2: "reverse", 0xF3: "hexlify"}
_BITCOIN: Final = bytes.fromhex("0588960d73d71901")
_PENDING: Final = bytes.fromhex("83dfe30d2ef90c8e")
_URI: Final = re.compile(rb"https?://[A-Za-z0-9._/:-]{1,992}", re.ASCII)

_MOST_OPERATIONS: Final = 2_000
_DEEPEST: Final = 256  # operations on one way, as other tools have it
_MOST_ATTESTATIONS: Final = 64
_LONGEST_MESSAGE: Final = 4_096
_LONGEST_PAYLOAD: Final = 8_192
_LONGEST_NUMBER: Final = 9  # bytes: 63 bits


@dataclass(frozen=True, slots=True, order=True)
class OtsOperation:
    """What is done to a message on the way: its tag in the file, and what is put before or behind, if that is it."""

    tag: int
    argument: bytes = b""

    def of(self, message: bytes) -> bytes:
        """The message after it."""
        if self.tag == _SHA256:
            return sha256(message).digest()
        return message + self.argument if self.tag == _APPEND else self.argument + message


def append(argument: bytes) -> OtsOperation:
    return OtsOperation(_APPEND, argument)


def hashed() -> OtsOperation:
    return OtsOperation(_SHA256)


@dataclass(frozen=True, slots=True)
class OtsAttestation:
    """The end of a way: what is said of the message there."""

    operations: tuple[OtsOperation, ...]  # from the file's digest
    message: bytes
    kind: bytes  # 8 bytes
    payload: bytes

    @property
    def height(self) -> int | None:
        """The block whose Merkle root the message is said to be; None for another kind."""
        return _whole_number(self.payload) if self.kind == _BITCOIN else None

    @property
    def calendar(self) -> str | None:
        """The calendar that may know more of the message; None for another kind."""
        return _uri(self.payload) if self.kind == _PENDING else None

    def is_below(self, other: OtsAttestation) -> bool:
        """Whether its way goes on from the end of the other's."""
        return self.operations[: len(other.operations)] == other.operations


@dataclass(frozen=True, slots=True)
class OtsProof:
    """A file's digest, and all that is attested of it."""

    digest: bytes  # SHA-256
    attestations: tuple[OtsAttestation, ...]

    def with_(self, more: Iterable[OtsAttestation]) -> OtsProof:
        """This proof with what else is attested, each once."""
        return OtsProof(self.digest, tuple(dict.fromkeys((*self.attestations, *more))))

    @property
    def pending(self) -> tuple[OtsAttestation, ...]:
        """Those that a calendar may know more of, but for what is known already."""
        complete = [each for each in self.attestations if each.height is not None]
        waiting = [each for each in self.attestations if each.calendar is not None]
        return tuple(each for each in waiting if not any(other.is_below(each) for other in complete))


def read_proof(data: bytes) -> OtsProof:
    """The proof in a file (`.ots`). Raises ProofError."""
    source = _Source(data, MOST_BYTES)
    if source.take(len(_MAGIC), "the beginning") != _MAGIC:
        raise _malformed("no OpenTimestamps proof of a file")
    if source.number() != _VERSION:
        raise _malformed("a proof of another version than 1")
    if source.byte() != _SHA256:
        raise _malformed("a proof of another digest than SHA-256, which is what is read here")
    digest = source.take(32, "the digest")
    return OtsProof(digest, _read(source, digest, ()))


def read_answer(data: bytes, begun: tuple[OtsOperation, ...], message: bytes) -> tuple[OtsAttestation, ...]:
    """What a calendar attests of a message to which these operations lead. Raises ProofError."""
    return _read(_Source(data, MOST_ANSWER_BYTES), message, begun)


def write_proof(proof: OtsProof) -> bytes:
    """The proof as a file, equal proofs as equal bytes. Raises ProofError for one that would not be read."""
    written = bytearray(_MAGIC + _number(_VERSION) + bytes([_SHA256]) + proof.digest)
    waiting: list[tuple[bytes, list[OtsAttestation], int]] = [(b"", [*proof.attestations], 0)]
    while waiting:
        before, group, depth = waiting.pop()
        written += before
        here = sorted({(each.kind, each.payload) for each in group if len(each.operations) == depth})
        below: dict[OtsOperation, list[OtsAttestation]] = {}
        for each in group:
            if len(each.operations) > depth:
                below.setdefault(each.operations[depth], []).append(each)
        children = sorted(below)
        for place, (kind, payload) in enumerate(here, 1):
            last = place == len(here) and not children
            written += b"" if last else bytes([_FORK])
            written += bytes([_ATTESTATION]) + kind + _number(len(payload)) + payload
        for operation in reversed(children):
            fork = b"" if operation is children[-1] else bytes([_FORK])
            waiting.append((fork + _operation(operation), below[operation], depth + 1))
    if read_proof(bytes(written)).attestations == ():
        raise _malformed("a proof that attests nothing")
    return bytes(written)


def _read(source: _Source, message: bytes, begun: tuple[OtsOperation, ...]) -> tuple[OtsAttestation, ...]:
    """All ways from a message to what is attested, to the end of the source."""
    found: list[OtsAttestation] = []
    count = 0
    waiting = [(begun, message)]  # messages of which the source goes on to say something
    while waiting:
        operations, at = waiting[-1]
        tag = source.byte()
        if tag == _FORK:
            tag = source.byte()
        else:
            waiting.pop()  # that was the last of this message
        if tag == _ATTESTATION:
            kind, payload = source.take(8, "an attestation's kind"), source.taken(_LONGEST_PAYLOAD)
            found.append(_checked(OtsAttestation(operations, at, kind, payload)))
        else:
            operation = _read_operation(source, tag)
            after = operation.of(at)
            if len(after) > _LONGEST_MESSAGE:
                raise _malformed(f"a message of {len(after)} bytes, at most {_LONGEST_MESSAGE} are taken")
            waiting.append(((*operations, operation), after))
            count += 1
        if count > _MOST_OPERATIONS or len(operations) >= _DEEPEST or len(found) > _MOST_ATTESTATIONS:
            raise ProofError(Flaw.TOO_LARGE, "a proof with more operations or attestations than are taken")
    source.end()
    return tuple(found)


def _read_operation(source: _Source, tag: int) -> OtsOperation:
    if tag == _SHA256:
        return OtsOperation(tag)
    if tag not in (_APPEND, _PREPEND):
        name = _NAMES.get(tag, f"{tag:#04x}")
        raise _malformed(f"the operation {name} is not taken here: append, prepend and SHA-256 are")
    argument = source.taken(_LONGEST_MESSAGE)
    if not argument:
        raise _malformed("an operation that appends or prepends nothing")
    return OtsOperation(tag, argument)


def _checked(attestation: OtsAttestation) -> OtsAttestation:
    """Of a kind that is known, what it says can be read; a root is a digest."""
    if attestation.height is not None and len(attestation.message) != 32:
        raise _malformed("what is said to be a block's Merkle root is no digest")
    _ = attestation.calendar
    return attestation


def _whole_number(payload: bytes) -> int:
    source = _Source(payload, _LONGEST_PAYLOAD)
    number = source.number()
    source.end()
    return number


def _uri(payload: bytes) -> str:
    source = _Source(payload, _LONGEST_PAYLOAD)
    uri = source.taken(_LONGEST_PAYLOAD)
    source.end()
    if not _URI.fullmatch(uri):
        raise _malformed("a calendar whose URI is none")
    return uri.decode("ascii")


def _operation(operation: OtsOperation) -> bytes:
    argument = operation.argument
    return bytes([operation.tag]) + (_number(len(argument)) + argument if argument else b"")


def _number(value: int) -> bytes:
    """LEB128."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _malformed(detail: str) -> ProofError:
    return ProofError(Flaw.MALFORMED, detail)


class _Source:
    """Bytes that are read from their beginning. All methods raise ProofError."""

    def __init__(self, data: bytes, most: int) -> None:
        if len(data) > most:
            raise ProofError(Flaw.TOO_LARGE, f"{len(data)} bytes, at most {most} are taken")
        self._data = data
        self._at = 0

    def take(self, size: int, what: str) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) < size:
            raise _malformed(f"a proof that ends within {what}")
        self._at += size
        return part

    def byte(self) -> int:
        return self.take(1, "its operations")[0]

    def number(self) -> int:
        """LEB128, of 63 bits."""
        value = 0
        for place in range(_LONGEST_NUMBER):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                return value
        raise _malformed("a number of more than 63 bits")

    def taken(self, most: int) -> bytes:
        """As many bytes as a number before them says."""
        size = self.number()
        if size > most:
            raise _malformed(f"{size} bytes at once, at most {most} are taken")
        return self.take(size, "an argument")

    def end(self) -> None:
        if self._at != len(self._data):
            raise _malformed("a proof that goes on after its end")
