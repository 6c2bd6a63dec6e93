from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attesting import canonical
from scanner.attesting.envelope import (
    MAX_ENVELOPE_BYTES,
    MAX_SIGNATURES,
    PAYLOAD_TYPE,
    Envelope,
    Signature,
    pae,
    read_envelope,
    write_envelope,
)
from tests.support.attestations.attested import AUDITOR, EXCHANGE, STRANGER, Seal
from tests.support.strength import examples
from tests.support.tables import each_of

PAYLOAD = b'{"_type":"https://in-toto.io/Statement/v1"}'
ENVELOPE = Envelope(PAYLOAD).signed(EXCHANGE).signed(AUDITOR)
FILE = write_envelope(ENVELOPE)

envelopes = st.builds(
    Envelope,
    st.binary(min_size=1, max_size=200),
    st.dictionaries(st.binary(min_size=1, max_size=4), st.binary(min_size=1, max_size=80), min_size=1, max_size=4).map(
        lambda by_name: tuple(
            sorted(
                (Signature(hashlib.sha256(name).hexdigest(), sig) for name, sig in by_name.items()),
                key=lambda signature: signature.keyid,
            )
        )
    ),
)


def with_fields(**changes: object) -> bytes:
    return canonical.encode(json.loads(FILE) | changes) + b"\n"


def with_signature(**changes: object) -> bytes:
    first, second = json.loads(FILE)["signatures"]
    return with_fields(signatures=[first | changes, second])


def refusal(data: bytes) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - each caller looks at the text
        read_envelope(data)
    return str(caught.value)


def test_what_is_signed_is_the_example_of_the_dsse_specification() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_counted_in_bytes() -> None:
    assert pae("\u00e9", "\u00e9\u00e9".encode()) == "DSSEv1 2 \u00e9 4 \u00e9\u00e9".encode()
    assert pae("", b"") == b"DSSEv1 0  0 "


@settings(deadline=None)
@given(st.text(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.binary(max_size=9))
def test_no_two_payloads_are_signed_alike(kind: str, payload: bytes, other_kind: str, other: bytes) -> None:
    assert (pae(kind, payload) == pae(other_kind, other)) == ((kind, payload) == (other_kind, other))


@settings(max_examples=examples(50), deadline=None)
@given(envelopes)
def test_an_envelope_is_read_back(envelope: Envelope) -> None:
    data = write_envelope(envelope)
    assert read_envelope(data) == envelope
    assert data == canonical.encode(json.loads(data)) + b"\n"


@settings(max_examples=examples(50), deadline=None)
@given(envelopes, st.data())
def test_a_changed_byte_is_refused_or_changes_the_envelope(envelope: Envelope, data: st.DataObject) -> None:
    spoiled = bytearray(write_envelope(envelope))
    spoiled[data.draw(st.integers(0, len(spoiled) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = read_envelope(bytes(spoiled))
    except ValueError:
        return
    assert other != envelope


def test_signatures_hold_for_their_keys_and_no_others() -> None:
    assert ENVELOPE.is_signed_by(EXCHANGE.public)
    assert ENVELOPE.is_signed_by(AUDITOR.public)
    assert not ENVELOPE.is_signed_by(STRANGER.public)
    assert ENVELOPE.keyids == tuple(sorted((EXCHANGE.keyid, AUDITOR.keyid)))


def test_a_signature_holds_for_its_payload_alone() -> None:
    assert not replace(ENVELOPE, payload=PAYLOAD + b" ").is_signed_by(EXCHANGE.public)
    bare = Envelope(PAYLOAD, (Signature(EXCHANGE.keyid, EXCHANGE.sign(PAYLOAD)),))  # without its type and length
    assert not bare.is_signed_by(EXCHANGE.public)
    other_type = Envelope(PAYLOAD, (Signature(EXCHANGE.keyid, EXCHANGE.sign(pae("text/plain", PAYLOAD))),))
    assert not other_type.is_signed_by(EXCHANGE.public)


def test_a_signature_holds_for_the_key_that_made_it_whatever_name_stands_beside_it() -> None:
    made = AUDITOR.sign(pae(PAYLOAD_TYPE, PAYLOAD))
    for name in ("", EXCHANGE.keyid, "ab" * 32, "kid-7"):  # a securesystemslib keyid is 64 hex digits too
        named = Envelope(PAYLOAD, (Signature(name, made),))
        assert not named.is_signed_by(EXCHANGE.public)
        assert named.made_by(AUDITOR.public) == Signature(name, made)


def test_a_false_signature_in_a_keys_own_name_is_not_made_good_by_another() -> None:
    made = AUDITOR.sign(pae(PAYLOAD_TYPE, PAYLOAD))
    assert not Envelope(PAYLOAD, (Signature("", made), Signature(AUDITOR.keyid, b"x" * 64))).is_signed_by(
        AUDITOR.public
    )


def test_the_order_of_signing_does_not_show() -> None:
    assert write_envelope(Envelope(PAYLOAD).signed(AUDITOR).signed(EXCHANGE)) == FILE


def test_signing_again_replaces_the_keys_earlier_signature() -> None:
    stale = replace(ENVELOPE, payload=PAYLOAD + b" ").signed(EXCHANGE)
    assert stale.keyids == ENVELOPE.keyids
    assert stale.is_signed_by(EXCHANGE.public)
    assert not stale.is_signed_by(AUDITOR.public)


def test_keys_of_any_kind_may_sign() -> None:
    seal = Seal(b"another kind")
    assert Envelope(PAYLOAD).signed(seal).is_signed_by(seal)


@each_of(
    ("data", "told"),
    [
        (b"", "line feed"),
        (FILE[:-1], "line feed"),
        (FILE + b"\n", "not in canonical form"),
        (b" " + FILE, "not in canonical form"),
        (FILE[:-1] + FILE, "not JSON"),
        (json.dumps(json.loads(FILE), indent=2).encode() + b"\n", "not in canonical form"),
        (FILE.replace(b'"payloadType"', b'"payload":"","payloadType"'), "stands twice"),
        (FILE.replace(b'{"keyid"', b'{"keyid":"","keyid"'), "stands twice"),
        (b"[]\n", "expected an object"),
        (b"null\n", "expected an object"),
        (PAYLOAD, "an unsigned statement, not an envelope; scan with --key"),
        (PAYLOAD + b"\n", "an unsigned statement, not an envelope"),
        (b" " * (MAX_ENVELOPE_BYTES + 1), f"longer than {MAX_ENVELOPE_BYTES} bytes"),
    ],
)
def test_a_file_that_is_no_envelope_is_refused(data: bytes, told: str) -> None:
    assert told in refusal(data)


@each_of(
    "data",
    [
        with_fields(payloadType="application/json"),
        with_fields(payloadType=PAYLOAD_TYPE + " "),
        with_fields(payloadType=None),
        with_fields(payload=""),
        with_fields(payload=1),
        with_fields(signatures=[]),
        with_fields(signatures={}),
        with_fields(signatures=None),
        with_fields(signatures=json.loads(FILE)["signatures"][::-1]),
        with_fields(signatures=json.loads(FILE)["signatures"][:1] * 2),
        with_fields(extra=1),
        with_signature(extra=1),
        with_signature(keyid="f" * 201),
        with_signature(keyid="a b"),
        with_fields(signatures=[{"keyid": "", "sig": "AQ=="}, {"keyid": "", "sig": "AA=="}]),
        with_fields(signatures=[{"keyid": "", "sig": "AA=="}] * 2),
        with_signature(sig=""),
        with_signature(sig=None),
    ],
)
def test_an_envelope_of_another_shape_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("envelope")


@pytest.mark.parametrize("field", ["payload", "payloadType", "signatures"])
def test_a_missing_field_is_refused(field: str) -> None:
    fields = json.loads(FILE)
    del fields[field]
    assert f"{field} is missing" in refusal(canonical.encode(fields) + b"\n")


@pytest.mark.parametrize("field", ["keyid", "sig"])
def test_a_missing_field_of_a_signature_is_refused(field: str) -> None:
    fields = json.loads(FILE)
    del fields["signatures"][1][field]
    assert f"envelope.signatures[1]: {field} is missing" in refusal(canonical.encode(fields) + b"\n")


def test_signatures_without_a_name_stand_first_in_their_own_order() -> None:
    signatures = [{"keyid": "", "sig": "AA=="}, {"keyid": "", "sig": "AQ=="}, {"keyid": "kid", "sig": "AA=="}]
    assert read_envelope(with_fields(signatures=signatures)).keyids == ("", "", "kid")


def test_too_many_signatures_are_refused() -> None:
    signatures = [{"keyid": f"{number:064x}", "sig": "AA=="} for number in range(MAX_SIGNATURES + 1)]
    assert f"at most {MAX_SIGNATURES}" in refusal(with_fields(signatures=signatures))
    read_envelope(with_fields(signatures=signatures[:-1]))


# b"a\xff" in base64 is Yf8=, and these are what lenient decoders take for the same, or for something near it
@each_of(
    "encoded",
    ["YWI_", "YWI-", "Yf9=", "Yf8", "Yf8==", "Yf8=Yf8=", "Y f8=", "Yf8=\n", "=Yf8", "Y", "Yf8=A", "\u0178f8="],
)
def test_base64_has_one_form(encoded: str) -> None:
    refusal(with_fields(payload=encoded))
    refusal(with_signature(sig=encoded))


def test_base64_in_its_standard_form_is_accepted() -> None:
    assert read_envelope(with_fields(payload="Yf8=")).payload == b"a\xff"
    assert read_envelope(with_fields(payload=base64.b64encode(b"\xfb\xff").decode())).payload == b"\xfb\xff"


def test_an_envelope_without_signatures_is_not_written() -> None:
    with pytest.raises(ValueError, match="there is none"):
        write_envelope(Envelope(PAYLOAD))
