"""Whose a time stamp is: a signature, a certificate for stamps alone, and a way up to a root that the reader named."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from scanner.proofs.flaws import ProofError
from scanner.proofs.stamps.authority import Authority, Roots, check
from scanner.proofs.stamps.rfc3161 import MOST_CERTIFICATES, read_stamp
from tests.support.strength import places
from tests.support.tables import each_of
from tests.support.time_stamps import STAMPING, TIME, Answer, Party, certified, root, rsa_stamper, stamper

DIGEST = bytes(range(32))
SERVERS = ExtendedKeyUsageOID.SERVER_AUTH


def shown(answer: Answer, trusted: bytes = b"") -> Authority:
    return check(read_stamp(answer.encoded), Roots(trusted or root().pem))


def refused(answer: Answer, why: str, trusted: bytes = b"") -> None:
    with pytest.raises(ProofError, match=why):
        shown(answer, trusted)


def by(signer: Party, *more: Party) -> Answer:
    return Answer(DIGEST, signer=signer, brings=(signer, *more))


def test_a_stamp_is_that_of_its_signer_under_the_root() -> None:
    by = shown(Answer(DIGEST))
    assert by == Authority("CN=Stamps,O=Tests", "CN=Root,O=Tests", root().encoded)
    assert by.root_digest == hashlib.sha256(root().encoded).hexdigest()


def test_a_root_may_be_given_by_its_certificate_alone() -> None:
    assert check(read_stamp(Answer(DIGEST).encoded), Roots.of(root().encoded)).root == "CN=Root,O=Tests"
    with pytest.raises(ValueError, match=r"."):
        Roots.of(b"nonsense")


@each_of(
    "changes",
    [
        {"first_kind": True},
        {"by_key": True},
        {"sha": 384},
        {"sha": 512},
        {"brings": (root(), stamper())},
        {"signer": rsa_stamper()},
        {"signer": rsa_stamper(), "rsa_alone": True, "sha": 512},
        {"status": 1},
    ],
    ids=lambda value: str(value)[:60],
)
def test_signers_name_certificates_and_algorithms_in_several_ways(changes: dict[str, object]) -> None:
    assert shown(Answer(DIGEST).with_(**changes)).root == "CN=Root,O=Tests"


def test_the_way_to_the_root_may_lead_through_others_that_came_along() -> None:
    middle = certified("Middle", root(), authority=True, purposes=(STAMPING,), usage=True)
    signer = certified("Below", middle, usage=True)
    assert shown(by(signer, middle)).name == "CN=Below,O=Tests"
    refused(by(signer), "leads to none of the roots")
    assert shown(by(signer, middle), middle.pem).root == "CN=Middle,O=Tests"


def test_only_roots_that_were_named_are_trusted() -> None:
    other = certified("Root", authority=True, purposes=())
    refused(Answer(DIGEST), "leads to none of the roots", other.pem)
    assert shown(Answer(DIGEST), other.pem + root().pem).root_digest == hashlib.sha256(root().encoded).hexdigest()
    refused(by(certified("Alone")), "leads to none of the roots")
    alone = certified("Alone", other)
    refused(by(alone, other), "leads to none of the roots")


def test_certificates_are_judged_at_the_time_of_the_stamp_and_not_at_the_readers() -> None:
    expired = certified("Expired", root(), until=TIME + timedelta(seconds=1))
    assert shown(by(expired)).name == "CN=Expired,O=Tests"
    refused(by(certified("Expired", root(), until=TIME - timedelta(seconds=1))), "not valid at validation time")
    late = by(expired).with_(time=b"20270102030405Z")
    refused(late, "not valid at validation time")


@each_of(
    ("what", "why"),
    [
        ({"purposes": ()}, "leads to none of the roots"),
        ({"purposes": (SERVERS,)}, "not for time stamps alone"),
        ({"purposes": (STAMPING, SERVERS)}, "not for time stamps alone"),
        ({"critical": False}, "leads to none of the roots"),
        ({"usage": False}, "not for signatures"),
        ({"authority": True}, "leads to none of the roots"),
        ({"unknown": True}, "leads to none of the roots"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_certificate_that_is_not_for_stamps_alone_is_refused(what: dict[str, object], why: str) -> None:
    refused(by(certified("Other", root(), **what)), why)  # type: ignore[arg-type]


@each_of(
    "what",
    [
        {"authority": False, "purposes": ()},
        {"authority": True, "purposes": (SERVERS,)},
        {"authority": True, "purposes": (), "usage": False},
        {"authority": True, "purposes": (), "until": TIME - timedelta(days=1)},
        {"authority": True, "purposes": (), "unknown": True},
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_issuer_on_the_way_that_may_issue_no_such_certificate_is_refused(what: dict[str, object]) -> None:
    middle = certified("Middle", root(), **what)  # type: ignore[arg-type]
    refused(by(certified("Below", middle), middle), "leads to none of the roots")


def test_an_issuer_is_as_far_above_as_the_one_above_it_allows() -> None:
    upper = certified("Upper", root(), authority=True, purposes=(), depth=0)
    lower = certified("Lower", upper, authority=True, purposes=())
    assert shown(by(certified("Below", upper), upper)).root == "CN=Root,O=Tests"
    refused(by(certified("Below", lower), lower, upper), "leads to none of the roots")


def test_ways_without_end_among_certificates_that_issue_each_other_are_not_all_tried() -> None:
    """Of one name and one key, each an issuer of all: as many as a stamp may bring have 19 ** 8 ways up, none of which
    ends at the root. The search has a bound of its own (`cryptography` from 49 on)."""
    first = certified("Ring", authority=True, purposes=())
    key, numbers = first.key, range(1, MOST_CERTIFICATES)
    ring = [certified("Ring", first, authority=True, purposes=(), key=key, serial=number) for number in numbers]
    signer = certified("Below", first)
    assert shown(by(signer, *ring[:2]), first.pem).root == "CN=Ring,O=Tests"
    refused(by(signer, *ring), "leads to none of the roots that you named: .*(limit|exceeded|budget)")


def test_the_certificate_has_to_be_the_one_that_is_named_among_what_is_signed() -> None:
    twin = certified("Stamps", root(), key=stamper().key, until=TIME + timedelta(days=900), serial=8)
    refused(Answer(DIGEST, named=twin), "not among those that came along")
    refused(Answer(DIGEST, named=twin, brings=(stamper(), twin)), "the signer is not the one")
    refused(Answer(DIGEST, named=twin, brings=(stamper(), certified("Other", root()))), "not among those")
    refused(Answer(DIGEST, brings=()), "not among those that came along")
    other = certified("Other", root())
    refused(Answer(DIGEST, named=other, brings=(stamper(), other), by_key=True), "the signer is not the one")


def test_a_signature_by_another_key_or_over_other_words_is_refused() -> None:
    impostor = certified("Stamps", root(), key=ec.generate_private_key(ec.SECP256R1()))
    stolen = Party(impostor.key, stamper().certificate)
    refused(Answer(DIGEST, signer=stolen), "the signature does not hold")
    for signature in (b"", bytes(64), bytes.fromhex("3006020101020101")):
        refused(Answer(DIGEST, signature=signature), "the signature does not hold")
        refused(Answer(DIGEST, signer=rsa_stamper(), signature=signature), "the signature does not hold")


def test_a_signature_by_an_algorithm_of_another_kind_of_key_is_refused() -> None:
    wrong = Answer(DIGEST, signer=rsa_stamper(), sha=256).encoded
    at = wrong.rindex(bytes.fromhex("06092a864886f70d01010b"))
    for algorithm in ("06092a864886f70d01010c", "06092a864886f70d010105", "06092a864886f70d01010a"):
        changed = wrong[:at] + bytes.fromhex(algorithm) + wrong[at + 11 :]
        with pytest.raises(ProofError, match="which is not taken of this key"):
            check(read_stamp(changed), Roots(root().pem))


def test_a_certificate_that_cannot_be_read_is_a_reason() -> None:
    class Broken(Party):
        @property
        def encoded(self) -> bytes:
            return b"\x30\x03\x02\x01\x05"

    refused(Answer(DIGEST, brings=(stamper(), Broken(root().key, root().certificate))), "cannot be read")


def test_whichever_bit_is_flipped_a_stamp_says_the_same_of_the_same_authority_or_is_refused() -> None:
    whole, roots = Answer(DIGEST).encoded, Roots(root().pem)
    right = read_stamp(whole)
    authority, held = check(right, roots), set()
    for place in places(len(whole)):
        for bit in (1, 16, 128) if place % 2 else (2, 8, 64):
            changed = bytearray(whole)
            changed[place] ^= bit
            try:
                stamp = read_stamp(bytes(changed))
                assert (check(stamp, roots), stamp.info) == (authority, right.info)
                held.add(place)
            except ProofError:
                pass
    assert len(held) < 20  # the status, and the hash functions that are listed before the signer says which


OF_ANOTHER_VERSION = root().encoded.replace(bytes.fromhex("a003020102"), bytes.fromhex("a00302016a"))
PEM = b"-----BEGIN CERTIFICATE-----\n%b-----END CERTIFICATE-----\n"


@each_of("pem", [b"", b"nonsense", PEM % b"AAAA\n", PEM % base64.encodebytes(OF_ANOTHER_VERSION)])
def test_roots_that_are_none_are_refused(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Roots(pem)


def test_an_old_root_with_a_number_that_is_none_keeps_no_other_from_being_read() -> None:
    numbered = root().encoded.replace(bytes.fromhex("020107"), bytes.fromhex("020100"), 1)
    assert len(Roots(PEM % base64.encodebytes(numbered) + root().pem).certificates) == 2


def test_a_certificate_with_a_number_that_no_one_may_give_is_refused() -> None:
    encoded = bytearray(stamper().encoded)
    at = encoded.index(bytes.fromhex("020107"))

    class Numbered(Party):
        @property
        def encoded(self) -> bytes:
            return bytes(encoded[: at + 2] + b"\x00" + encoded[at + 3 :])

    numbered = Numbered(stamper().key, stamper().certificate)
    refused(Answer(DIGEST, brings=(stamper(), numbered)), "not positive")
    assert isinstance(numbered.certificate, x509.Certificate)
