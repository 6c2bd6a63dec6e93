"""Step 5 of a verification: the files that a statement names by digest, read without trusting them any earlier.

Not in here: what stands in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from scanner.attesting.statement import WITNESS
from scanner.errors import AttestationInvalid
from scanner.proofs.flaws import ProofError
from scanner.proofs.witness import MAX_FILE, Witness, load, load_stored

_STEP: Final = 5
_PIECE: Final = 256 * 1024  # bytes read at a time
_IN_MEMORY: Final = 64 * 1024**2  # bytes of a witness that is kept whole: walked twice as fast, in twice its size


def named(what: str, file: BinaryIO, sha256: str, longest: int, step: int = _STEP) -> Iterator[bytes]:
    """The file's bytes in pieces, and at their end the check that they are those that were named.

    Raises AttestationInvalid, of `step`, if they are not, or are more than `longest`.
    """
    file.seek(0)
    digest, length = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        length += len(piece)
        if length > longest:
            raise AttestationInvalid(step, f"the {what} is longer than {longest} bytes, too long for this claim")
        digest.update(piece)
        yield piece
    if digest.hexdigest() != sha256:
        raise AttestationInvalid(step, f"the {what} is sha256:{digest.hexdigest()}, not sha256:{sha256} as is stated")


def named_witness(file: BinaryIO | None, sha256: str | None) -> Witness:
    """The witness, nothing of which is kept before it is known to be the file that was named; empty if none was.

    It is read again after that, a large one record by record while it is walked, and might have changed: but its
    records are found by their own hashes, so that no other bytes can prove more. Raises AttestationInvalid.
    """
    if sha256 is None:
        return Witness()
    if file is None:
        where = f"a scan writes it as {WITNESS} beside the attestation"
        raise AttestationInvalid(_STEP, f"the witness, sha256:{sha256}, is named and was not given; {where}")
    size = sum(map(len, named("witness", file, sha256, MAX_FILE)))
    file.seek(0)
    try:
        return load(file) if size <= _IN_MEMORY else load_stored(file)
    except ProofError as error:
        raise AttestationInvalid(_STEP, str(error)) from None
