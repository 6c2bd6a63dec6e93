"""Time stamps taken apart: what RFC 3161 demands of an answer is asked for, and each part that is otherwise refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.core import der
from scanner.core.der import encode, encode_number
from scanner.proofs.flaws import ProofError
from scanner.proofs.stamps.rfc3161 import MOST_BYTES, MOST_CERTIFICATES, read_stamp
from scanner.proofs.stamps.tst_info import request
from tests.support.tables import each_of
from tests.support.time_stamps import TIME, Answer, root, stamper

DIGEST = bytes(range(32))
ANSWER = Answer(DIGEST)
TST_INFO_ATTRIBUTE = bytes.fromhex("301a06092a864886f70d010903310d060b2a864886f70d0109100104")


def test_what_an_authority_says_is_read() -> None:
    info = read_stamp(ANSWER.encoded).info
    assert (info.digest, info.time, info.accuracy) == (DIGEST, TIME, timedelta(seconds=1, milliseconds=500))
    assert (info.policy, info.serial, info.nonce) == ("1.2.3.4.1", 99, 5)


def test_an_authority_is_asked_for_its_certificates_and_with_a_nonce() -> None:
    imprint = f"3031300d060960864801650304020105000420{DIGEST.hex()}"
    assert request(DIGEST, 5).hex() == f"303c020101{imprint}0201050101ff"


@each_of(
    ("time", "accuracy", "before"),
    [
        (b"20260102030405Z", b"", timedelta(seconds=1)),
        (b"20260102030405.9Z", b"", timedelta(seconds=1)),
        (b"20260102030405.999999999Z", b"", timedelta(seconds=1)),
        (b"20260102030405.5Z", encode(der.SEQUENCE, encode(0x80, b"\x01\xf4")), timedelta(seconds=2)),
        (b"20260102030405Z", encode(der.SEQUENCE, encode_number(60)), timedelta(seconds=61)),
        (b"20260102030405Z", encode(der.SEQUENCE, encode(0x81, b"\x01")), timedelta(seconds=1)),
    ],
)
def test_what_is_shown_is_the_latest_time_that_an_authority_allows_for(
    time: bytes, accuracy: bytes, before: timedelta
) -> None:
    info = read_stamp(ANSWER.with_(time=time, accuracy=accuracy).encoded).info
    assert info.latest == TIME + before
    assert info.latest > info.time + (info.accuracy or timedelta())


@each_of(
    ("changes", "why"),
    [
        ({"status": 2, "words": ("bad\x1brequest",)}, r"rejected, 'bad\\x1brequest'"),
        ({"status": 3}, "waiting"),
        ({"status": 77}, "status 77"),
        ({"version": 2}, "another version than 1"),
        ({"imprint": 512}, "another digest than SHA-256"),
        ({"digest": b"short"}, "not 32 bytes long"),
        ({"time": b"20260102030405"}, "is no time"),
        ({"time": b"20260102030405.50Z"}, "is no time"),
        ({"time": b"20261302030405Z"}, "is no time"),
        ({"time": b"00000102030405Z"}, "is no time"),
        ({"accuracy": encode(der.SEQUENCE, encode_number(-1))}, "an accuracy that is none"),
        ({"accuracy": encode(der.SEQUENCE, encode(0x80, b"\x00"))}, "an accuracy that is none"),
        ({"accuracy": encode(der.SEQUENCE, encode(0x81, b"\x03\xe8"))}, "an accuracy that is none"),
        ({"accuracy": encode(der.SEQUENCE, encode_number(86_401))}, "says too little"),
        ({"kind": "1.2.3"}, "this is not a time stamp's content"),
        ({"signed_kind": "1.2.3"}, "over content of another kind"),
        ({"signed_digest": bytes(32)}, "over other content"),
        ({"more_attributes": (TST_INFO_ATTRIBUTE,)}, "stands there twice"),
        (
            {"extensions": encode(0xA1, encode(der.SEQUENCE, bytes.fromhex("06022a03"), bytes.fromhex("0101ff0400")))},
            "the extension 1.2.3",
        ),
        ({"brings": (root(),) * (MOST_CERTIFICATES + 1)}, "certificates, at most"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_answer_that_is_otherwise_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ProofError, match=why):
        read_stamp(ANSWER.with_(**changes).encoded)


def test_numbers_that_python_would_not_write_down_are_refused() -> None:
    huge = 2**40_000
    for other in (
        ANSWER.with_(status=huge),
        ANSWER.with_(nonce=huge),
        ANSWER.with_(version=huge),
        ANSWER.with_(accuracy=encode(der.SEQUENCE, encode_number(huge))),
    ):
        with pytest.raises(ProofError, match="a number of 5001 bytes"):
            read_stamp(other.encoded)


@each_of("sha", [256, 384, 512])
def test_the_signature_may_be_over_each_of_the_longer_hashes(sha: int) -> None:
    assert read_stamp(ANSWER.with_(sha=sha).encoded).digest_name == f"sha{sha}"


def test_a_signature_over_sha_1_is_refused() -> None:
    sha1 = bytes.fromhex("06052b0e03021a")
    found = bytearray(ANSWER.encoded)
    at = found.rindex(bytes.fromhex("0609608648016503040201"))  # the signer's hash function
    found[at : at + 11] = sha1 + b"\x04\x02\x00\x00"
    with pytest.raises(ProofError, match=r"1\.3\.14\.3\.2\.26, which is not trusted"):
        read_stamp(bytes(found))


def test_a_long_answer_is_refused_unread() -> None:
    with pytest.raises(ProofError, match="at most"):
        read_stamp(ANSWER.encoded + bytes(MOST_BYTES))


def test_what_follows_an_answer_is_refused() -> None:
    with pytest.raises(ProofError, match="goes on after its end"):
        read_stamp(ANSWER.encoded + b"\x05\x00")


def test_extensions_that_need_not_be_understood_and_what_is_not_signed_change_nothing() -> None:
    extension = encode(der.SEQUENCE, bytes.fromhex("06022a03"), b"\x04\x00")
    plain, other = ANSWER, ANSWER.with_(extensions=encode(0xA1, extension), unsigned=encode(0xA1))
    assert read_stamp(other.encoded).info == read_stamp(plain.encoded).info


def test_the_order_of_certificates_does_not_matter() -> None:
    both = (root(), stamper())
    one, other = (read_stamp(ANSWER.with_(brings=brings).encoded) for brings in (both, both[::-1]))
    assert set(one.certificates) == set(other.certificates) == {each.encoded for each in both}


@given(st.binary(max_size=200))
def test_bytes_of_anybody_are_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        read_stamp(data)


def test_an_answer_cut_short_anywhere_is_refused() -> None:
    whole = ANSWER.encoded
    for size in range(len(whole)):
        with pytest.raises(ProofError):
            read_stamp(whole[:size])
