"""Ed25519 keys: those that sign attestations, and those that auditors check them with.

Key files are read here, and only here. No message, representation or error quotes a key or a passphrase. Whose a key
is, is not known here: that is the verifier's to know.

    openssl genpkey -algorithm ed25519 -out key.pem        (add -aes256 for a passphrase)
    openssl pkey -in key.pem -pubout -out key.pub.pem

Sources: RFC 8032 (Ed25519), RFC 5869 (HKDF), RFC 8410 (its keys in PKCS #8 and SubjectPublicKeyInfo), RFC 7468 (PEM).
"""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF
from Crypto.PublicKey import ECC
from Crypto.PublicKey.ECC import EccKey
from Crypto.Signature import eddsa

from scanner.core.paths import AnyPath
from scanner.errors import InputError

_MAX_KEY_BYTES: Final = 16 * 1024
_PEM: Final = re.compile(rb"\s*-----BEGIN ([A-Z0-9 ]{1,40})-----\s.*-----END \1-----\s*", re.DOTALL)
_PRIVATE: Final = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
_PUBLIC: Final = ("PUBLIC KEY",)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key."""

    spki: bytes  # SubjectPublicKeyInfo in DER
    _key: EccKey = field(repr=False, compare=False)

    @property
    def keyid(self) -> str:
        """sha256 of the SubjectPublicKeyInfo: `openssl pkey -pubin -in key.pub.pem -outform DER | sha256sum`."""
        return hashlib.sha256(self.spki).hexdigest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`, by RFC 8032's rules: S below the group's order."""
        try:
            eddsa.new(self._key, "rfc8032").verify(message, signature)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """An Ed25519 private key."""

    public: PublicKey
    _key: EccKey = field(repr=False, compare=False)

    @classmethod
    def of(cls, key: EccKey) -> Ed25519Signer:
        """A signer of a private key that is in memory already."""
        return cls(_public_half(key), key)

    @property
    def keyid(self) -> str:
        return self.public.keyid

    def sign(self, message: bytes) -> bytes:
        """64 bytes. The same message always gets the same signature (RFC 8032)."""
        return eddsa.new(self._key, "rfc8032").sign(message)

    def derived(self, purpose: bytes) -> bytes:
        """A secret of 32 bytes for this purpose, the same each time, that says nothing of the key or of those for other
        purposes (HKDF with SHA-256)."""
        secret = HKDF(self._key.seed, 32, b"", SHA256, context=purpose)
        return secret if isinstance(secret, bytes) else secret[0]


def load_signer(path: AnyPath, passphrase: str | None = None) -> Ed25519Signer:
    """The private key in a PEM file, PKCS #8, encrypted or not. Raises InputError for anything else."""
    path = Path(path)
    data, label = _read_pem(path)
    if label in _PUBLIC:
        raise InputError.at(str(path), "a public key; a private key is needed to sign")
    if label not in _PRIVATE:
        raise InputError.at(str(path), _not_ours(label))
    if label == "ENCRYPTED PRIVATE KEY" and not passphrase:
        raise InputError.at(str(path), "the key is encrypted; give its passphrase")
    key = _import(path, data, passphrase if label == "ENCRYPTED PRIVATE KEY" else None)
    if not key.has_private():
        raise InputError.at(str(path), f"no private key is in it; {_HOW_TO_MAKE_ONE}")
    return Ed25519Signer.of(key)


def load_public_key(path: AnyPath) -> PublicKey:
    """The public key in a PEM file, SubjectPublicKeyInfo. Raises InputError for anything else."""
    path = Path(path)
    data, label = _read_pem(path)
    if label in _PRIVATE:
        raise InputError.at(
            str(path), "a private key; verifying takes the public one, and a private one must stay private"
        )
    if label not in _PUBLIC:
        raise InputError.at(str(path), _not_ours(label))
    key = _import(path, data, None)
    if key.has_private():
        raise InputError.at(str(path), "a private key, though its first line says public; it must stay private")
    return _public_half(key)


def exposure(path: Path) -> str | None:
    """What to warn of if others than its owner may read a private key's file; None if they may not."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return None
    return f"{path}: others may read this private key (mode {mode:03o}); fix it with chmod 600"


def read_key_file(path: Path, most: int) -> bytes:
    """The first `most` bytes of a key's file, and one more where it is longer. Raises InputError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise InputError.at(str(path), "the key cannot be read: is no file")
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise InputError.at(str(path), f"the key cannot be read: {error.strerror}") from None


def _read_pem(path: Path) -> tuple[bytes, str]:
    """A PEM file's bytes, and what its first line says is in it."""
    data = read_key_file(path, _MAX_KEY_BYTES)
    match = _PEM.fullmatch(data)
    if match is None or len(data) > _MAX_KEY_BYTES or data.count(b"-----BEGIN") > 1:
        raise InputError.at(str(path), "no key in PEM; expected one -----BEGIN ... KEY----- block, and nothing else")
    return data, match[1].decode()


def _import(path: Path, data: bytes, passphrase: str | None) -> EccKey:
    try:
        key = ECC.import_key(data, passphrase)
    except (ValueError, IndexError, TypeError):
        hint = "the passphrase is wrong, or this is" if passphrase else "this is"
        raise InputError.at(str(path), f"{hint} no Ed25519 key; {_HOW_TO_MAKE_ONE}") from None
    if key.curve != "Ed25519":
        raise InputError.at(str(path), f"a key on {key.curve}, not an Ed25519 key; {_HOW_TO_MAKE_ONE}")
    return key


def _public_half(key: EccKey) -> PublicKey:
    public = key.public_key()
    return PublicKey(public.export_key(format="DER"), public)


def _not_ours(label: str) -> str:
    return f"holds a {label}, not an Ed25519 key; {_HOW_TO_MAKE_ONE}"


_HOW_TO_MAKE_ONE = "make one with: openssl genpkey -algorithm ed25519"
