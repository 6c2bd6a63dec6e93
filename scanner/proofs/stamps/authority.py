"""Whether a time stamp is an authority's: its signature, and the certificates up to a root that the reader named.

No root is trusted but those that are handed in: never the system's. Certificates are judged by `cryptography` (extra
`stamp`), as RFC 5280 has it, at the time that the stamp states; what RFC 3161 adds to that is asked for here. Whether a
certificate was revoked is not known offline, and not asked.

Source: RFC 3161 (2.3, 2.4.2), RFC 5280 (6), RFC 5652 (5.4). `cryptography` is imported when a stamp is checked.
"""

from __future__ import annotations

import base64
import hashlib
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scanner.core import der
from scanner.core.der import DerError, DerFields
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.stamps.rfc3161 import Stamp

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from cryptography.x509.verification import ClientVerifier, ExtensionPolicy, Policy

MOST_ROOTS_BYTES: Final = 2 * 1024**2
"""Of a file of roots: all that browsers trust take 230 KB."""

_MOST_ABOVE: Final = 8  # certificates between the signer's and a root
_RSA: Final = {  # PKCS #1 v1.5, by the hash function that it goes with; the first says none
    "1.2.840.113549.1.1.1": None,
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA: Final = {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}


class NotInstalled(ImportError):
    """`cryptography` is not there."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Who made a stamp."""

    name: str  # the subject of its certificate, as RFC 4514 writes it
    root: str  # the root's subject
    root_certificate: bytes = field(repr=False)  # in DER

    @property
    def root_digest(self) -> str:
        """SHA-256 of the root's certificate, hex: its fingerprint."""
        return hashlib.sha256(self.root_certificate).hexdigest()


class Roots:
    """Certificates that a reader trusts to name authorities."""

    def __init__(self, pem: bytes) -> None:
        """From certificates in PEM, one after the other. Raises ValueError for what are none, NotInstalled."""
        try:
            from cryptography import x509
        except ImportError:
            raise NotInstalled("cryptography") from None
        with warnings.catch_warnings(action="ignore"):  # some old roots have a number that is frowned upon
            try:
                self.certificates = tuple(x509.load_pem_x509_certificates(pem))
            except x509.InvalidVersion as error:
                raise ValueError(str(error)) from None

    @classmethod
    def of(cls, certificate: bytes) -> Roots:
        """One alone, from its certificate in DER. Raises ValueError for what is none, NotInstalled."""
        lines = base64.encodebytes(certificate)
        return cls(b"-----BEGIN CERTIFICATE-----\n%b-----END CERTIFICATE-----\n" % lines)


def check(stamp: Stamp, roots: Roots) -> Authority:
    """That a stamp was signed by an authority under one of the roots. Raises ProofError."""
    signer = check_signature(stamp)
    others = [_certificate(each) for each in stamp.certificates]
    chain = _path(stamp, signer, others, roots)
    return Authority(_name(signer), _name(chain[-1]), _encoded(chain[-1]))


def check_signature(stamp: Stamp) -> Certificate:
    """That a stamp was signed by the certificate that it names and brings along, which anyone may have issued: that.
    Raises ProofError, NotInstalled."""
    try:
        import cryptography.x509  # noqa: F401 - whether it is there
    except ImportError:
        raise NotInstalled("cryptography") from None
    name, digest = stamp.certificate_digest
    encoded = [each for each in stamp.certificates if hashlib.new(name, each, usedforsecurity=False).digest() == digest]
    if not encoded:
        raise ProofError(Flaw.INCOMPLETE, "the certificate of the signer is not among those that came along")
    signer = _certificate(encoded[0])
    if not _is_named(stamp, signer, encoded[0]):
        raise ProofError(Flaw.MALFORMED, "the signer is not the one whose certificate is named among what is signed")
    if not _signed(stamp, signer):
        raise ProofError(Flaw.MALFORMED, "the signature does not hold")
    return signer


def _certificate(encoded: bytes) -> Certificate:
    from cryptography import x509

    try:
        if _issuer_and_serial(encoded)[1] <= 0:
            raise DerError("a certificate with a number that is not positive")
        found = x509.load_der_x509_certificate(encoded)
        found.extensions  # noqa: B018 - read when they are first asked for
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as e:
        raise ProofError(Flaw.MALFORMED, f"a certificate that cannot be read: {ascii(str(e))[1:-1][:200]}") from None
    return found


def _is_named(stamp: Stamp, signer: Certificate, encoded: bytes) -> bool:
    """Whether a signer's certificate is the one by which the stamp names the signer."""
    from cryptography import x509

    if stamp.signer_key is not None:
        try:
            found = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return False
        return found.value.digest == stamp.signer_key
    try:
        return _issuer_and_serial(encoded) == stamp.signer
    except DerError:
        return False


def _issuer_and_serial(encoded: bytes) -> tuple[bytes, int]:
    """A certificate's issuer, as its bytes stand, and number. Raises DerError."""
    certificate = DerFields(DerFields(encoded).take(der.SEQUENCE, "a certificate").content)
    fields = DerFields(certificate.take(der.SEQUENCE, "a certificate's content").content)
    fields.take_if(0xA0)  # the version
    serial = fields.take(der.INTEGER, "the number").number()
    fields.take(der.SEQUENCE, "the algorithm")
    return fields.take(der.SEQUENCE, "the issuer").whole, serial


def _signed(stamp: Stamp, signer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    hashed = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[stamp.digest_name]
    try:
        key = signer.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ProofError(Flaw.MALFORMED, f"the signer's key cannot be read: {ascii(str(error))[1:-1][:200]}") from None
    known = _RSA if isinstance(key, rsa.RSAPublicKey) else _ECDSA if isinstance(key, ec.EllipticCurvePublicKey) else {}
    if known.get(stamp.signature_algorithm, "") not in (None, stamp.digest_name):
        raise ProofError(Flaw.MALFORMED, f"a signature by {stamp.signature_algorithm}, which is not taken of this key")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(stamp.signature, stamp.signed, padding.PKCS1v15(), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(stamp.signature, stamp.signed, ec.ECDSA(hashed))
    except InvalidSignature:
        return False
    return True


def _path(stamp: Stamp, signer: Certificate, others: list[Certificate], roots: Roots) -> list[Certificate]:
    """From the signer's certificate up to one of the roots. Raises ProofError where there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509.verification import VerificationError

    verifier = _verifier(stamp, roots)
    try:
        return verifier.verify(signer, others).chain
    except (VerificationError, UnsupportedAlgorithm, ValueError) as error:
        why = ascii(str(error))[1:-1][:300]
        what = f"its signer's certificate leads to none of the roots that you named: {why}"
        raise ProofError(Flaw.UNDETERMINED, what) from None


def _verifier(stamp: Stamp, roots: Roots) -> ClientVerifier:
    from cryptography.x509.verification import PolicyBuilder, Store

    return (
        PolicyBuilder()
        .store(Store(list(roots.certificates)))
        .time(stamp.info.time.replace(microsecond=0))
        .max_chain_depth(_MOST_ABOVE)
        .extension_policies(ca_policy=_of_issuers(), ee_policy=_of_signers())
        .build_client_verifier()
    )


def _of_issuers() -> ExtensionPolicy:
    """Certificates that may issue others, and not for other purposes alone."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def basic(_policy: Policy, _certificate: Certificate, found: x509.BasicConstraints) -> None:
        if not found.ca:
            raise ValueError("an issuer that may not issue certificates")

    def usage(_policy: Policy, _certificate: Certificate, found: x509.KeyUsage | None) -> None:
        if found is not None and not found.key_cert_sign:
            raise ValueError("an issuer whose key is not for certificates")

    def purposes(_policy: Policy, _certificate: Certificate, found: x509.ExtendedKeyUsage | None) -> None:
        stamping = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
        if found is not None and not stamping & {*found}:
            raise ValueError("an issuer whose key is for other purposes than time stamps")

    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, basic)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, usage)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, purposes)
    )


def _of_signers() -> ExtensionPolicy:
    """Certificates of who makes time stamps, and nothing else (RFC 3161, 2.3)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def basic(_policy: Policy, _certificate: Certificate, found: x509.BasicConstraints | None) -> None:
        if found is not None and found.ca:
            raise ValueError("a signer of stamps that may issue certificates")

    def usage(_policy: Policy, _certificate: Certificate, found: x509.KeyUsage | None) -> None:
        if found is not None and not (found.digital_signature or found.content_commitment):
            raise ValueError("a signer whose key is not for signatures")

    def purposes(_policy: Policy, _certificate: Certificate, found: x509.ExtendedKeyUsage) -> None:
        if [*found] != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise ValueError("a signer whose key is not for time stamps alone")

    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.ExtendedKeyUsage, Criticality.CRITICAL, purposes)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, usage)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, basic)
    )


def _name(certificate: Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()
    except ValueError as error:  # parts of a name are read when they are asked for
        raise ProofError(Flaw.MALFORMED, f"a name that cannot be read: {ascii(str(error))[1:-1][:200]}") from None


def _encoded(certificate: Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)
