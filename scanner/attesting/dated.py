"""Whether a file existed before a time, as stamps over it show: beside the verification, after it.

What is stamped is the SHA-256 of the envelope's file, byte for byte, with the signatures in it. So a stamp that holds
shows that these signatures had been made by then, and other tools check it on the same file. It changes nothing of the
finding, and says nothing of when the signatures were made at the earliest: a time is an upper bound.

What is left to assume: that the authority's clock was right and its key in no other hands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.stamps import authority, rfc3161
from scanner.proofs.stamps.authority import Authority, Roots
from scanner.proofs.stamps.rfc3161 import Stamp
from scanner.proofs.stamps.tst_info import TstInfo


@dataclass(frozen=True, slots=True)
class Dated:
    """What one stamp shows of a file."""

    before: datetime | None  # the file existed before it; None where nothing is shown
    info: TstInfo | None = None  # what the authority says
    authority: Authority | None = None
    reason: str = ""  # why nothing is shown


def dated(document: bytes, answer: bytes, roots: Roots) -> Dated:
    """What an authority's answer shows of a document, by the roots that the reader named. What is wrong with it is a
    reason; raises NotInstalled alone, where the library for certificates is missing."""
    try:
        return _shown(_stamp_over(document, answer), roots)
    except ProofError as error:
        return Dated(None, reason=error.detail)


def fresh(document: bytes, answer: bytes, nonce: int, roots: Roots | None) -> Dated:
    """The same of an answer that was just asked for with this nonce: that it is to that question too. Without `roots`
    nothing is shown, but that the stamp is signed by the one that it names. Raises ProofError, NotInstalled."""
    stamp = _stamp_over(document, answer)
    if stamp.info.nonce != nonce:
        raise ProofError(Flaw.MALFORMED, "the answer is to another question: its nonce is not the one that was sent")
    if roots is not None:
        return _shown(stamp, roots)
    authority.check_signature(stamp)
    return Dated(None, stamp.info, reason="no root was named (--tsa-roots), so that whose stamp it is was not checked")


def digest(document: bytes) -> bytes:
    """What is stamped of a document."""
    return hashlib.sha256(document).digest()


def _stamp_over(document: bytes, answer: bytes) -> Stamp:
    stamp = rfc3161.read_stamp(answer)
    if stamp.info.digest != digest(document):
        raise ProofError(Flaw.MALFORMED, "it stamps another file, or the file was changed since")
    return stamp


def _shown(stamp: Stamp, roots: Roots) -> Dated:
    by = authority.check(stamp, roots)
    try:
        return Dated(stamp.info.latest, stamp.info, by)
    except OverflowError:
        raise ProofError(Flaw.MALFORMED, "a time that cannot be written") from None
