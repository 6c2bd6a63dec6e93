"""TSTInfo: what a time-stamping authority says of a digest, and the question that it answers.

Of stamps over SHA-256 alone. Not here: who signed it (`rfc3161`, `authority`).

Source: RFC 3161 (2.4.1, 2.4.2), RFC 5754 (names of algorithms).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.core import der
from scanner.core.der import DerElement, DerError, DerFields

_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_EXPLICIT_0: Final = 0xA0  # [0], [1] of an element, or of several
_EXPLICIT_1: Final = 0xA1
_PRIMITIVE_0: Final = 0x80  # [0], [1] in place of an INTEGER's own tag
_PRIMITIVE_1: Final = 0x81
_TIME: Final = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,11}[1-9]))?Z")
_LONGEST_ACCURACY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TstInfo:
    """TSTInfo: what an authority says."""

    digest: bytes  # SHA-256 of what is stamped
    time: datetime  # to the microsecond, downwards
    accuracy: timedelta | None  # by how much the time may be wrong to either side; None where that is not said
    policy: str  # under which the stamp was made, an object identifier
    serial: int
    nonce: int | None

    @property
    def latest(self) -> datetime:
        """What was stamped existed at this time, to the second upwards: the latest that the words allow. Raises
        OverflowError where no such time can be written."""
        latest = self.time + (self.accuracy or timedelta())
        # Of a time of more decimals than six those are cut, so that the second is full as soon as one begins.
        return latest.replace(microsecond=0) + timedelta(seconds=1)


def request(digest: bytes, nonce: int) -> bytes:
    """What an authority is asked for: to stamp this SHA-256, and to send its certificates along."""
    imprint = der.encode(der.SEQUENCE, _algorithm(_SHA256), der.encode(der.OCTET_STRING, digest))
    certificates = der.encode(der.BOOLEAN, b"\xff")
    return der.encode(der.SEQUENCE, der.encode_number(1), imprint, der.encode_number(nonce), certificates)


def read_tst_info(content: bytes) -> TstInfo:
    """What an authority says, from the content that it signed. Raises DerError."""
    whole = DerFields(content)
    fields = DerFields(whole.take(der.SEQUENCE, "the stamp's content").content)
    whole.end("the stamp's content")
    if fields.take(der.INTEGER, "the stamp's version").number() != 1:
        raise DerError("a stamp of another version than 1")
    policy = der.dotted(fields.take(der.OBJECT, "the policy").content)
    imprint = DerFields(fields.take(der.SEQUENCE, "what is stamped").content)
    if algorithm_of(imprint.take(der.SEQUENCE, "the hash function")) != _SHA256:
        raise DerError("a stamp over another digest than SHA-256, which is what is read here")
    digest = imprint.take(der.OCTET_STRING, "the digest").content
    imprint.end("what is stamped")
    if len(digest) != 32:
        raise DerError("a SHA-256 that is not 32 bytes long")
    serial = fields.take(der.INTEGER, "the stamp's number").number()
    time = _time(fields.take(der.GENERALIZED_TIME, "the time").content)
    accuracy = _accuracy(fields.take_if(der.SEQUENCE))
    fields.take_if(der.BOOLEAN)  # whether the authority's stamps are ordered by their times
    nonce = fields.take_if(der.INTEGER)
    fields.take_if(_EXPLICIT_0)  # what the authority calls itself: its certificate says it
    _check_extensions(fields.take_if(_EXPLICIT_1))
    fields.end("the stamp's content")
    return TstInfo(digest, time, accuracy, policy, serial, None if nonce is None else nonce.number())


def _time(written: bytes) -> datetime:
    found = _TIME.fullmatch(written)
    try:
        seconds = None if found is None else datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        seconds = None
    if found is None or seconds is None:
        raise DerError(f"{written[:40]!a} is no time as stamps have it")
    return seconds.replace(microsecond=int((found[2] or b"0").ljust(6, b"0")[:6]))


def _accuracy(element: DerElement | None) -> timedelta | None:
    if element is None:
        return None
    fields = DerFields(element.content)
    seconds = fields.take_if(der.INTEGER)
    parts = [fields.take_if(tag) for tag in (_PRIMITIVE_0, _PRIMITIVE_1)]
    fields.end("the accuracy")
    numbers = [0 if part is None else part.number() for part in (seconds, *parts)]
    if numbers[0] < 0 or any(part is not None and not 0 < part.number() < 1000 for part in parts):
        raise DerError("an accuracy that is none")
    if numbers[0] > _LONGEST_ACCURACY.total_seconds():
        raise DerError(f"a time that may be wrong by {numbers[0]} seconds says too little")
    return timedelta(seconds=numbers[0], milliseconds=numbers[1], microseconds=numbers[2])


def _check_extensions(element: DerElement | None) -> None:
    """That none must be understood: no such extension is known."""
    for each in DerFields(b"" if element is None else element.content).rest():
        extension = DerFields(each.content)
        name = der.dotted(extension.take(der.OBJECT, "an extension's kind").content)
        if extension.take_if(der.BOOLEAN) is not None:
            raise DerError(f"the stamp has the extension {name}, which has to be understood and is not known here")


def algorithm_of(element: DerElement) -> str:
    """An AlgorithmIdentifier's name. Its parameters are not looked at: no algorithm that is taken here has any."""
    return der.dotted(DerFields(element.content).take(der.OBJECT, "an algorithm").content)


def _algorithm(name: str) -> bytes:
    return der.encode(der.SEQUENCE, der.encode(der.OBJECT, der.object_id(name)), der.encode(0x05))
