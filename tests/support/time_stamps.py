"""Time-stamping authorities of tests: their certificates, and answers by RFC 3161, right ones and such as are not.

Written from the standards, apart from the reader that is tested. What `openssl ts` answers is tried beside it.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scanner.core import der
from scanner.core.der import encode, encode_number, object_id

TIME: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STAMPING: Final = ExtendedKeyUsageOID.TIME_STAMPING
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"

_SHA: Final = {256: "2.16.840.1.101.3.4.2.1", 384: "2.16.840.1.101.3.4.2.2", 512: "2.16.840.1.101.3.4.2.3"}
_HASHES: Final = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
_BY_ECDSA: Final = {256: "1.2.840.10045.4.3.2", 384: "1.2.840.10045.4.3.3", 512: "1.2.840.10045.4.3.4"}
_BY_RSA: Final = {256: "1.2.840.113549.1.1.11", 384: "1.2.840.113549.1.1.12", 512: "1.2.840.113549.1.1.13"}
_RSA_ALONE: Final = "1.2.840.113549.1.1.1"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Party:
    """Somebody with a certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def encoded(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def certified(
    name: str,
    issuer: Party | None = None,
    *,
    authority: bool = False,
    purposes: tuple[x509.ObjectIdentifier, ...] = (STAMPING,),
    critical: bool = True,
    usage: bool | None = None,
    since: datetime = TIME - timedelta(days=365),
    until: datetime = TIME + timedelta(days=365),
    key: Key | None = None,
    serial: int = 7,
    unknown: bool = False,
    depth: int | None = None,
) -> Party:
    """A party, under an issuer or by itself. `usage`: whether its key is for what it is used for, where that is said;
    `unknown`: with a critical extension that nobody knows."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=depth), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(
            _usage(signs=usage and not authority, issues=usage and authority), critical=True
        )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    if unknown:
        strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
        builder = builder.add_extension(strange, critical=True)
    return Party(own, builder.sign(own if issuer is None else issuer.key, hashes.SHA256()))


@functools.cache
def root() -> Party:
    return certified("Root", authority=True, purposes=())


@functools.cache
def stamper() -> Party:
    """An authority under the root."""
    return certified("Stamps", root())


@functools.cache
def rsa_stamper() -> Party:
    return certified("RSA", root(), key=rsa.generate_private_key(65537, 2048))


@dataclass(frozen=True)
class Answer:
    """What an authority answers. Each field may be what it must not be."""

    digest: bytes
    nonce: int | None = 5
    time: bytes = b"20260102030405Z"
    accuracy: bytes = encode(der.SEQUENCE, encode_number(1), encode(0x80, b"\x01\xf4"))  # 1.5 seconds
    extensions: bytes = b""
    status: int = 0
    words: tuple[str, ...] = ()
    version: int = 1
    imprint: int = 256
    sha: int = 256
    signer: Party = field(default_factory=stamper)
    brings: tuple[Party, ...] | None = None  # None: the signer's certificate alone
    named: Party | None = None  # in the attribute that names the certificate; None: the signer
    first_kind: bool = False  # whether that attribute is the older one, of SHA-1
    by_key: bool = False  # whether the signer is named by the key's identifier
    rsa_alone: bool = False  # whether the signature's algorithm leaves the hash function out
    kind: str = TST_INFO
    signed_kind: str = TST_INFO
    signed_digest: bytes | None = None
    more_attributes: tuple[bytes, ...] = ()
    unsigned: bytes = b""
    signature: bytes | None = None

    def with_(self, **changes: object) -> Answer:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def info(self) -> bytes:
        imprint = encode(der.SEQUENCE, _algorithm(_SHA[self.imprint]), encode(der.OCTET_STRING, self.digest))
        return encode(
            der.SEQUENCE,
            encode_number(self.version),
            _oid("1.2.3.4.1"),
            imprint,
            encode_number(99),
            encode(der.GENERALIZED_TIME, self.time),
            self.accuracy,
            b"" if self.nonce is None else encode_number(self.nonce),
            self.extensions,
        )

    @property
    def attributes(self) -> bytes:
        named = (self.named or self.signer).encoded
        if self.first_kind:
            digest = encode(der.OCTET_STRING, hashlib.sha1(named).digest())  # noqa: S324 - as the attribute has it
            certificate = _attribute("1.2.840.113549.1.9.16.2.12", _thrice(digest))
        else:
            digest = encode(der.OCTET_STRING, hashlib.sha256(named).digest())
            certificate = _attribute("1.2.840.113549.1.9.16.2.47", _thrice(digest))
        hashed = hashlib.new(f"sha{self.sha}", self.info).digest() if self.signed_digest is None else self.signed_digest
        return b"".join(
            [
                _attribute("1.2.840.113549.1.9.3", _oid(self.signed_kind)),
                _attribute("1.2.840.113549.1.9.4", encode(der.OCTET_STRING, hashed)),
                certificate,
                *self.more_attributes,
            ]
        )

    @property
    def encoded(self) -> bytes:
        key, certificate = self.signer.key, self.signer.certificate
        signed = encode(der.SET, self.attributes)
        if isinstance(key, rsa.RSAPrivateKey):
            by = _RSA_ALONE if self.rsa_alone else _BY_RSA[self.sha]
            signature = key.sign(signed, padding.PKCS1v15(), _HASHES[self.sha])
        else:
            by, signature = _BY_ECDSA[self.sha], key.sign(signed, ec.ECDSA(_HASHES[self.sha]))
        issuer = certificate.issuer.public_bytes()
        name = encode(der.SEQUENCE, issuer, encode_number(certificate.serial_number))
        if self.by_key:
            identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            name = encode(0x80, identifier.value.digest)
        info = encode(
            der.SEQUENCE,
            encode_number(3 if self.by_key else 1),
            name,
            _algorithm(_SHA[self.sha]),
            encode(0xA0, self.attributes),
            encode(der.SEQUENCE, _oid(by)),
            encode(der.OCTET_STRING, signature if self.signature is None else self.signature),
            self.unsigned,
        )
        content = encode(der.SEQUENCE, _oid(self.kind), encode(0xA0, encode(der.OCTET_STRING, self.info)))
        brought = [each.encoded for each in ((self.signer,) if self.brings is None else self.brings)]
        signed_data = encode(
            der.SEQUENCE,
            encode_number(3),
            encode(der.SET, _algorithm(_SHA[self.sha])),
            content,
            encode(0xA0, *brought) if brought else b"",
            encode(der.SET, info),
        )
        token = encode(der.SEQUENCE, _oid("1.2.840.113549.1.7.2"), encode(0xA0, signed_data))
        words = [encode(der.UTF8_STRING, word.encode()) for word in self.words]
        status = encode(der.SEQUENCE, encode_number(self.status), encode(der.SEQUENCE, *words) if words else b"")
        return encode(der.SEQUENCE, status, token if self.status in (0, 1) else b"")


def _usage(*, signs: bool, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=not (signs or issues),
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _oid(dotted: str) -> bytes:
    return encode(der.OBJECT, object_id(dotted))


def _algorithm(dotted: str) -> bytes:
    return encode(der.SEQUENCE, _oid(dotted))


def _attribute(dotted: str, value: bytes) -> bytes:
    return encode(der.SEQUENCE, _oid(dotted), encode(der.SET, value))


def _thrice(digest: bytes) -> bytes:
    """A SigningCertificate of one certificate: three sequences, one in the other."""
    return encode(der.SEQUENCE, encode(der.SEQUENCE, encode(der.SEQUENCE, digest)))
