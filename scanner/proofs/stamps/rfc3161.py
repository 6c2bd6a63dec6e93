"""Time stamps by RFC 3161: what stands in an authority's answer. Nothing of it is believed here yet.

It is read strictly, with what RFC 3161 demands: one signer, over signed attributes that name the kind of content, its
digest and the signer's certificate. Not here: what the content says (`tst_info`), whether the signature holds and whose
it is (`authority`), and how an answer is fetched.

Source: RFC 3161 (2.4), RFC 5652 (5), RFC 5035 (signing certificates), RFC 5754 (names of algorithms).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from scanner.core import der
from scanner.core.der import DerElement, DerError, DerFields
from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.stamps.tst_info import TstInfo, algorithm_of, read_tst_info

MOST_BYTES: Final = 64 * 1024
"""Of an answer: a stamp with the certificates of its authority takes some 6,000."""

DIGESTS: Final[Mapping[str, str]] = MappingProxyType(
    {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
)
"""The hash functions that a signature may rest on, as hashlib calls them."""

MOST_CERTIFICATES: Final = 20

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"

_EXPLICIT_0: Final = 0xA0  # [0] of several elements, or of one in its own form
_EXPLICIT_1: Final = 0xA1
_PRIMITIVE_0: Final = 0x80  # [0] in place of an INTEGER's or OCTET STRING's own tag
_STATUS: Final = (
    "granted",
    "granted with modifications",
    "rejected",
    "waiting",
    "a warning that a revocation is near",
    "a revocation",
)
_MOST_ATTRIBUTES: Final = 32


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's answer, taken apart. No signature in it is checked."""

    info: TstInfo
    signed: bytes  # what the signature is made over: the signed attributes, which name the digest of `info`
    digest_name: str  # of the signature, as hashlib has it
    signature_algorithm: str  # an object identifier
    signature: bytes
    signer: tuple[bytes, int] | None  # issuer in DER and serial number; None where a key's identifier stands there
    signer_key: bytes | None  # the identifier of the signer's key, where that stands there
    certificate_digest: tuple[str, bytes]  # of the signer's certificate: the hash function's name, and the digest
    certificates: tuple[bytes, ...]  # in DER, as they came


def read_stamp(answer: bytes) -> Stamp:
    """A TimeStampResp taken apart. Raises ProofError for what is none, or grants nothing."""
    with _strictly():
        if len(answer) > MOST_BYTES:
            raise DerError(f"an answer of {len(answer)} bytes, at most {MOST_BYTES} are taken")
        whole = DerFields(answer)
        response = DerFields(whole.take(der.SEQUENCE, "a time stamp").content)
        whole.end("the answer")
        _check_status(response.take(der.SEQUENCE, "the status"))
        token = DerFields(response.take(der.SEQUENCE, "the stamp itself").content)
        response.end("the answer")
        _named(token, _SIGNED_DATA, "signed data")
        content = DerFields(token.take(_EXPLICIT_0, "what is signed").content)
        token.end("the stamp")
        signed_data = DerFields(content.take(der.SEQUENCE, "what is signed").content)
        content.end("what is signed")
        return _signed_data(signed_data)


@contextmanager
def _strictly() -> Iterator[None]:
    try:
        yield
    except DerError as error:
        raise ProofError(Flaw.MALFORMED, str(error)) from None


def _check_status(element: DerElement) -> None:
    """That the stamp is granted: PKIStatusInfo."""
    status = DerFields(element.content)
    number = status.take(der.INTEGER, "the status").number()
    if number in (0, 1):
        return
    said = _STATUS[number] if 0 <= number < len(_STATUS) else f"status {number}"
    words: list[str] = []
    for text in DerFields(free.content if (free := status.take_if(der.SEQUENCE)) else b"").rest():
        words.append(ascii(text.content[:200].decode(errors="replace")))
    raise DerError(f"the authority answers: {', '.join([said, *words[:3]])}")


def _signed_data(fields: DerFields) -> Stamp:
    """SignedData of one signer."""
    if fields.take(der.INTEGER, "the version of the signed data").number() != 3:
        raise DerError("signed data of another version than 3")
    fields.take(der.SET, "the hash functions")
    encapsulated = DerFields(fields.take(der.SEQUENCE, "the content").content)
    _named(encapsulated, _TST_INFO, "a time stamp's content")
    octets = DerFields(encapsulated.take(_EXPLICIT_0, "the content").content)
    encapsulated.end("the content")
    content = octets.take(der.OCTET_STRING, "the content").content
    octets.end("the content")
    certificates = _certificates(fields.take_if(_EXPLICIT_0))
    fields.take_if(_EXPLICIT_1)  # lists of revoked certificates, which are not looked at
    infos = DerFields(fields.take(der.SET, "the signer").content)
    fields.end("the signed data")
    info = DerFields(infos.take(der.SEQUENCE, "the signer").content)
    infos.end("the signer, the only one that there may be,")
    return _signer_info(info, content, certificates)


def _certificates(element: DerElement | None) -> tuple[bytes, ...]:
    if element is None:
        return ()
    found = [each.whole for each in DerFields(element.content).rest() if each.tag == der.SEQUENCE]
    if len(found) > MOST_CERTIFICATES:
        raise DerError(f"{len(found)} certificates, at most {MOST_CERTIFICATES} are taken")
    return tuple(found)


def _signer_info(fields: DerFields, content: bytes, certificates: tuple[bytes, ...]) -> Stamp:
    """SignerInfo, and the content that its attributes are about."""
    version = fields.take(der.INTEGER, "the version of the signer").number()
    key = fields.take_if(_PRIMITIVE_0)
    if version != (1 if key is None else 3):
        raise DerError("a signer that is not named as its version has it")
    signer = None if key is not None else _issuer_and_serial(fields.take(der.SEQUENCE, "the signer's name"))
    digest_name = _digest_name(fields.take(der.SEQUENCE, "the signer's hash function"))
    attributes = fields.take(_EXPLICIT_0, "what the signer signs")
    signature_algorithm = algorithm_of(fields.take(der.SEQUENCE, "the signature's algorithm"))
    signature = fields.take(der.OCTET_STRING, "the signature").content
    fields.take_if(_EXPLICIT_1)  # what is not signed
    fields.end("the signer")
    values = _attributes(attributes)
    kind = _value(values, _CONTENT_TYPE, der.OBJECT, "the kind of what is signed")
    if der.dotted(kind.content) != _TST_INFO:
        raise DerError("the signature is over content of another kind")
    stated = _value(values, _MESSAGE_DIGEST, der.OCTET_STRING, "the digest of what is signed")
    if stated.content != hashlib.new(digest_name, content).digest():
        raise DerError("the signature is over other content")
    return Stamp(
        info=read_tst_info(content),
        signed=bytes([der.SET]) + attributes.whole[1:],
        digest_name=digest_name,
        signature_algorithm=signature_algorithm,
        signature=signature,
        signer=signer,
        signer_key=None if key is None else key.content,
        certificate_digest=_certificate_digest(values),
        certificates=certificates,
    )


def _issuer_and_serial(element: DerElement) -> tuple[bytes, int]:
    fields = DerFields(element.content)
    issuer = fields.take(der.SEQUENCE, "the issuer of the signer's certificate").whole
    serial = fields.take(der.INTEGER, "the number of the signer's certificate").number()
    fields.end("the signer's name")
    return issuer, serial


def _attributes(element: DerElement) -> dict[str, bytes]:
    """The signed attributes by their kind, each once."""
    found: dict[str, bytes] = {}
    for each in DerFields(element.content).rest():
        if each.tag != der.SEQUENCE or len(found) == _MOST_ATTRIBUTES:
            raise DerError("what the signer signs is no list of attributes, or too long a one")
        attribute = DerFields(each.content)
        name = der.dotted(attribute.take(der.OBJECT, "an attribute's kind").content)
        values = attribute.take(der.SET, "an attribute's value").content
        attribute.end("an attribute")
        if name in found:
            raise DerError(f"the attribute {name} stands there twice")
        found[name] = values
    return found


def _value(values: Mapping[str, bytes], name: str, tag: int, what: str) -> DerElement:
    """The one value of an attribute."""
    if name not in values:
        raise DerError(f"{what} is not among what is signed")
    fields = DerFields(values[name])
    value = fields.take(tag, what)
    fields.end(what)
    return value


def _certificate_digest(values: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The digest by which the signer's certificate is named among what is signed: the first ESSCertID, or ESSCertIDv2.

    SHA-1, which the first kind has, does here: the certificate that it names has to lead to a root as well.
    """
    what = "the signer's certificate"
    name = _SIGNING_CERTIFICATE_V2 if _SIGNING_CERTIFICATE_V2 in values else _SIGNING_CERTIFICATE
    signing = DerFields(_value(values, name, der.SEQUENCE, what).content)
    identified = DerFields(signing.take(der.SEQUENCE, what).content)
    first = DerFields(identified.take(der.SEQUENCE, what).content)
    algorithm = first.take_if(der.SEQUENCE) if name == _SIGNING_CERTIFICATE_V2 else None
    digest = first.take(der.OCTET_STRING, what).content
    if name == _SIGNING_CERTIFICATE:
        return "sha1", digest
    return "sha256" if algorithm is None else _digest_name(algorithm), digest


def _named(fields: DerFields, name: str, what: str) -> None:
    if der.dotted(fields.take(der.OBJECT, "what it is").content) != name:
        raise DerError(f"this is not {what}")


def _digest_name(element: DerElement) -> str:
    name = algorithm_of(element)
    if name not in DIGESTS:
        raise DerError(f"the hash function {name}, which is not trusted here: SHA-256, SHA-384 or SHA-512 is expected")
    return DIGESTS[name]
