"""The public keys that a history keeps, so that who signed an envelope is checked whenever it is read.

A key is kept whole, as SubjectPublicKeyInfo, under the name that follows from it (its SHA-256). So no one can put
another in its place, and a row that says "verified against K" is held against the envelope's own signature by K.
libsodium checks it, twenty times as fast as the check that verifying makes, and more strictly: it refuses keys of small
order as well. Results are remembered by this process alone; a stored one would be one more row to believe.

Nothing here knows a database. Sources: RFC 8032 (Ed25519), RFC 8410 (SubjectPublicKeyInfo).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import CryptoError

from scanner.attesting.envelope import read_envelope

_ED25519: Final = bytes.fromhex("302a300506032b6570032100")  # what its SubjectPublicKeyInfo begins with
_SIZE: Final = len(_ED25519) + 32


@dataclass(frozen=True, slots=True)
class KeptKey:
    """An Ed25519 public key."""

    spki: bytes  # SubjectPublicKeyInfo in DER

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.spki).hexdigest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`; False for a key of another kind."""
        if len(self.spki) != _SIZE or not self.spki.startswith(_ED25519) or len(signature) != crypto_sign_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self.spki[len(_ED25519) :])
        except (CryptoError, ValueError):
            return False
        return True


class CheckedSignatures:
    """Signatures that were checked by this process, by the digest of the envelope's bytes and of the key."""

    def __init__(self) -> None:
        self._found: dict[tuple[bytes, bytes], bool] = {}

    def signed(self, document: bytes, spki: bytes) -> bool:
        """Whether the envelope in these bytes holds this key's signature. Raises ValueError for no envelope."""
        name = hashlib.sha256(document).digest(), hashlib.sha256(spki).digest()
        if name not in self._found:
            self._found[name] = read_envelope(document).is_signed_by(KeptKey(spki))
        return self._found[name]
