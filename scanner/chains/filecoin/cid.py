"""Content identifiers (CID) of Filecoin's chain objects: the one form in which blocks and state name each other.

Version 1, codec dag-cbor, and the BLAKE2b-256 of the object's bytes. An actor's code is named in other forms: those are
kept as they are, and nothing is looked up by them.

Sources: github.com/multiformats/cid; Filecoin's specification, "Data structures" (CIDs).
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import blake2b
from typing import Final

from scanner.proofs.flaws import Flaw, ProofError

DIGEST_BYTES: Final = 32
START: Final = bytes.fromhex("0171a0e40220")  # CIDv1, dag-cbor, blake2b-256, 32 bytes
CID_BYTES: Final = len(START) + DIGEST_BYTES
_DIGEST: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
TEXT: Final = re.compile(r"bafy2bzac[a-z2-7]{53}", re.ASCII)


def digest_of(data: bytes) -> bytes:
    """By which an object of these bytes is named."""
    return blake2b(data, digest_size=DIGEST_BYTES).digest()


def cid_of(data: bytes) -> bytes:
    """The 38 bytes of the object's identifier."""
    return START + digest_of(data)


def digest_in(cid: bytes) -> bytes:
    """The digest in the identifier of a chain object. Raises ProofError for one of another form."""
    if len(cid) != CID_BYTES or not cid.startswith(START):
        raise ProofError(Flaw.MALFORMED, f"{cid[:CID_BYTES].hex()} names no object of the chain")
    return cid[len(START) :]


def cid_text(cid: bytes) -> str:
    """`bafy2bzac...`: base32 in lower case behind the letter that says so."""
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def spelled(text: str) -> str:
    """The identifier behind another spelling of a tipset's name: 0x and the digest in hex, as the Ethereum interface
    has it; any other text as it is."""
    return cid_text(START + bytes.fromhex(text[2:])) if _DIGEST.fullmatch(text) else text


def parse_cid(text: str) -> bytes:
    """The identifier behind its text. Raises ProofError for any other text, also for a second spelling of one."""
    if TEXT.fullmatch(text):
        letters = text[1:].upper()
        try:
            cid = base64.b32decode(letters + "=" * (-len(letters) % 8))
        except binascii.Error:
            cid = b""
        if cid_text(cid) == text:
            digest_in(cid)
            return cid
    raise ProofError(Flaw.MALFORMED, "no identifier of an object of the chain")
