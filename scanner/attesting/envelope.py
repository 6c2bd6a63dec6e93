"""The DSSE envelope: a statement's bytes with the signatures over them, one or several.

What is signed is not the payload alone but the payload with its type and their lengths (PAE), so no signature can be
carried over to bytes of another kind. Signatures name their key by the sha256 of its public form; other tools name it
otherwise, or not at all, and then each key that is looked for is tried on them. An envelope is a line of canonical JSON
with its signatures in the order of these names, so there is one file for one set of signatures.

Nothing here knows a kind of key, nor what the payload says.

Source: DSSE 1.0 (secure-systems-lab/dsse, protocol.md and envelope.md); in-toto's binding of Statement v1 to DSSE.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from scanner.attesting import canonical
from scanner.core.shape import array, one_of, record, text

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
MAX_ENVELOPE_BYTES: Final = 22 * 1024 * 1024  # the longest statement, of 16 MiB, takes 21.4 MiB in base64
MAX_SIGNATURES: Final = 32


class Key(Protocol):
    """A public key: whose signature is looked for."""

    @property
    def spki(self) -> bytes:
        """The key's SubjectPublicKeyInfo in DER."""

    @property
    def keyid(self) -> str:
        """sha256 of the key's SubjectPublicKeyInfo (RFC 5280) in DER, as 64 hex digits."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `message`."""


class Signer(Protocol):
    """A private key."""

    @property
    def keyid(self) -> str:
        """That of its public key."""

    def sign(self, message: bytes) -> bytes: ...


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: the bytes that signatures are made over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature, and the key that is said to have made it."""

    keyid: str  # a hint; empty where none is given
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and the signatures over it. None of them is checked before `made_by`."""

    payload: bytes
    signatures: tuple[Signature, ...] = ()

    def signed(self, signer: Signer) -> Envelope:
        """This envelope with the signer's signature added, in place of an earlier one of the same key."""
        others = (signature for signature in self.signatures if signature.keyid != signer.keyid)
        added = Signature(signer.keyid, signer.sign(pae(PAYLOAD_TYPE, self.payload)))
        return Envelope(self.payload, tuple(sorted((*others, added), key=_order)))

    def made_by(self, key: Key) -> Signature | None:
        """The signature that is this key's over this payload; None where there is none. One that names the key has to
        be the key's; where none does, it may be any."""
        message = pae(PAYLOAD_TYPE, self.payload)
        named = [signature for signature in self.signatures if signature.keyid == key.keyid]
        return next((each for each in named or self.signatures if key.verify(message, each.sig)), None)

    def is_signed_by(self, key: Key) -> bool:
        """Whether a signature is this key's over this payload, as `made_by` has it."""
        return self.made_by(key) is not None

    @property
    def keyids(self) -> tuple[str, ...]:
        """What the signatures name their keys, in their order. Who signed is for `made_by` to say."""
        return tuple(signature.keyid for signature in self.signatures)


def signed_document(payload: bytes, signers: Iterable[Signer]) -> bytes:
    """What stands in a file: the envelope with the signature of each, or the bare payload where no one signs."""
    envelope = Envelope(payload)
    for signer in signers:
        envelope = envelope.signed(signer)
    return write_envelope(envelope) if envelope.signatures else payload


def write_envelope(envelope: Envelope) -> bytes:
    """The envelope's file. Raises ValueError for one that `read_envelope` would refuse: unsigned, or far too long."""
    signatures = [{"keyid": signature.keyid, "sig": _base64(signature.sig)} for signature in envelope.signatures]
    data = canonical.encode(
        {"payload": _base64(envelope.payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures}
    )
    read_envelope(data + b"\n")
    return data + b"\n"


def read_envelope(data: bytes) -> Envelope:
    """The envelope in a file's bytes.

    Raises ValueError unless the bytes are what `write_envelope` writes: a line of canonical JSON with exactly DSSE's
    keys, the payload type of in-toto, base64 as RFC 4648 section 4 writes it, at least one signature, and at most one
    of each name, in order; several may have none.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise ValueError(f"longer than {MAX_ENVELOPE_BYTES} bytes")
    if data.startswith(b'{"_type":'):  # as every canonical statement does, and no envelope
        raise ValueError("an unsigned statement, not an envelope; scan with --key to have it signed")
    if not data.endswith(b"\n"):
        raise ValueError("the line feed at the end is missing")
    fields = canonical.decode(data[:-1], MAX_ENVELOPE_BYTES)
    _ENVELOPE(fields, "envelope")
    signatures = tuple(
        Signature(signature["keyid"], _bytes(signature["sig"], f"envelope.signatures[{position}].sig"))
        for position, signature in enumerate(fields["signatures"])
    )
    if not signatures:
        raise ValueError("envelope.signatures: there is none")
    order = [*map(_order, signatures)]
    if order != sorted(set(order)):
        raise ValueError("envelope.signatures: not in the order of their keys, or two of one key")
    return Envelope(_bytes(fields["payload"], "envelope.payload"), signatures)


def _order(signature: Signature) -> tuple[str, str]:
    """By name; those without one, by themselves."""
    return signature.keyid, "" if signature.keyid else _base64(signature.sig)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(encoded: str, where: str) -> bytes:
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        data = b""
    if _base64(data) != encoded:  # refuses what decoders let pass: stray bits, padding in the middle
        raise ValueError(f"{where}: not base64 in its standard form")
    return data


_ENVELOPE = record(
    payload=text(r"[A-Za-z0-9+/=]+", "base64", most=MAX_ENVELOPE_BYTES),
    payloadType=one_of(PAYLOAD_TYPE),
    signatures=array(
        record(
            keyid=text(r"[!-~]{0,200}", "the sha256 of a public key, or what another tool names it"),
            sig=text(r"[A-Za-z0-9+/=]{1,1000}", "base64"),
        ),
        MAX_SIGNATURES,
    ),
)
