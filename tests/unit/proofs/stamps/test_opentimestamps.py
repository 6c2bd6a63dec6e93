"""OpenTimestamps proofs: read within bounds, written as they were, of append, prepend and SHA-256 alone."""

from __future__ import annotations

import contextlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.proofs.flaws import ProofError
from scanner.proofs.stamps.opentimestamps import (
    MOST_ANSWER_BYTES,
    MOST_BYTES,
    OtsProof,
    read_answer,
    read_proof,
    write_proof,
)
from scanner.proofs.stamps.opentimestamps import append as appending
from scanner.proofs.stamps.opentimestamps import hashed as hashing
from tests.support.calendar_proofs import (
    FORK,
    MAGIC,
    SHA256,
    append,
    attested,
    in_block,
    number,
    pending,
    prepend,
    proof,
)
from tests.support.tables import each_of

DIGEST = bytes(range(32))
URI = "https://alice.btc.calendar.opentimestamps.org"
TWO_WAYS = proof(DIGEST, append(b"a"), SHA256, FORK, pending(URI), prepend(b"b"), SHA256, in_block(878_976))


def test_each_way_leads_from_the_digest_to_what_is_attested() -> None:
    waiting, done = read_proof(TWO_WAYS).attestations
    message = sha256(DIGEST + b"a").digest()
    assert (waiting.calendar, waiting.height, waiting.message) == (URI, None, message)
    assert (done.calendar, done.height) == (None, 878_976)
    assert done.message == sha256(b"b" + message).digest()
    assert done.is_below(waiting)
    assert not waiting.is_below(done)


def test_what_is_complete_is_pending_no_more() -> None:
    other = append(b"c") + SHA256 + pending("https://bob.example")
    whole = proof(DIGEST, FORK, other, TWO_WAYS[len(MAGIC) + 34 :])
    assert [each.calendar for each in read_proof(whole).pending] == ["https://bob.example"]


operations = st.lists(st.tuples(st.sampled_from([append, prepend]), st.binary(min_size=1, max_size=20)), max_size=5)
ends = st.one_of(
    st.builds(in_block, st.integers(0, 2**40)),
    st.builds(lambda name: pending(f"https://{name}.example"), st.from_regex(r"[a-z]{1,9}", fullmatch=True)),
    st.builds(lambda payload: attested("0102030405060708", payload), st.binary(max_size=9)),
)
ways = st.lists(st.tuples(operations, ends), min_size=1, max_size=6)


@given(ways)
def test_what_is_read_is_written_so_that_it_is_read_again(of: list[tuple[list[tuple[object, bytes]], bytes]]) -> None:
    parts = [b"".join(op(data) + SHA256 for op, data in steps) + end for steps, end in of]  # type: ignore[operator]
    whole = proof(DIGEST, *(FORK + part for part in parts[:-1]), parts[-1])
    read = read_proof(whole)
    written = write_proof(read)
    again = read_proof(written)
    assert {*again.attestations} == {*read.attestations}
    assert write_proof(again) == written
    assert write_proof(OtsProof(DIGEST, read.attestations[::-1])) == written


def test_what_a_calendar_answers_goes_on_from_what_it_was_sent() -> None:
    begun = (appending(b"a"), hashing())
    message = sha256(DIGEST + b"a").digest()
    (promise,) = read_answer(pending(URI), begun, message)
    (done,) = read_answer(prepend(b"b") + SHA256 + in_block(878_976), begun, message)
    assert write_proof(OtsProof(DIGEST, (promise,)).with_([done, promise])) == TWO_WAYS


@each_of(
    ("data", "why"),
    [
        (b"", "ends within the beginning"),
        (MAGIC[:-1] + b"\x00" + TWO_WAYS[len(MAGIC) :], "no OpenTimestamps proof"),
        (TWO_WAYS.replace(MAGIC + b"\x01", MAGIC + b"\x02"), "another version"),
        (TWO_WAYS.replace(MAGIC + b"\x01\x08", MAGIC + b"\x01\x02"), "another digest than SHA-256"),
        (TWO_WAYS + b"\x00", "goes on after its end"),
        (proof(DIGEST), "ends within its operations"),
        (proof(DIGEST, FORK, in_block(1)), "ends within its operations"),
        (proof(DIGEST, FORK, FORK, in_block(1), in_block(1)), "0xff is not taken"),
        (proof(DIGEST, b"\x02", in_block(1)), "SHA-1 is not taken"),
        (proof(DIGEST, b"\x03", in_block(1)), "RIPEMD-160 is not taken"),
        (proof(DIGEST, b"\x67", in_block(1)), "Keccak-256 is not taken"),
        (proof(DIGEST, b"\xf2", in_block(1)), "reverse is not taken"),
        (proof(DIGEST, b"\xf3", in_block(1)), "hexlify is not taken"),
        (proof(DIGEST, b"\x55", in_block(1)), "0x55 is not taken"),
        (proof(DIGEST, b"\xf0\x00", SHA256, in_block(1)), "appends or prepends nothing"),
        (proof(DIGEST, append(b"a"), in_block(1)), "is no digest"),
        (proof(DIGEST, append(bytes(4065)), SHA256, in_block(1)), "a message of 4097 bytes"),
        (proof(DIGEST, append(bytes(4097)), SHA256, in_block(1)), "at most 4096"),
        (proof(DIGEST, attested("0588960d73d71901", b"\x01\x01")), "goes on after its end"),
        (proof(DIGEST, attested("0588960d73d71901", b"\x80" * 9 + b"\x01")), "more than 63 bits"),
        (proof(DIGEST, attested("0588960d73d71901", b"")), "ends within"),
        (proof(DIGEST, attested("0102030405060708", bytes(8193))), "at most 8192"),
        (proof(DIGEST, pending("https://a.example?b")), "whose URI is none"),
        (proof(DIGEST, pending("https://a@b.example")), "whose URI is none"),
        (proof(DIGEST, pending("ftp://b.example")), "whose URI is none"),
        (proof(DIGEST, pending("https://\x1b[31m")), "whose URI is none"),
        (proof(DIGEST, pending("https://" + "a" * 1000)), "whose URI is none"),
        (proof(DIGEST, SHA256 * 256, in_block(1)), "more operations or attestations"),
        (proof(DIGEST, (FORK + SHA256 + in_block(1)) * 65, in_block(1)), "more operations or attestations"),
        (proof(DIGEST, *(FORK + SHA256 * 200 + in_block(n) for n in range(11)), in_block(1)), "more operations"),
        (bytes(MOST_BYTES + 1), "at most 65536"),
    ],
)
def test_a_proof_of_another_form_or_beyond_the_bounds_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ProofError, match=why):
        read_proof(data)


def test_a_long_way_within_the_bounds_is_read() -> None:
    (end,) = read_proof(proof(DIGEST, SHA256 * 255, in_block(1))).attestations
    assert len(end.operations) == 255


def test_a_long_answer_and_a_proof_of_nothing_are_refused() -> None:
    with pytest.raises(ProofError, match="at most 10000"):
        read_answer(bytes(MOST_ANSWER_BYTES + 1), (), DIGEST)
    with pytest.raises(ProofError, match="ends within"):
        write_proof(OtsProof(DIGEST, ()))


def test_numbers_are_written_as_they_are_read() -> None:
    for value in (0, 127, 128, 2**40):
        assert read_proof(proof(DIGEST, attested("0588960d73d71901", number(value)))).attestations[0].height == value


@given(st.binary(max_size=300))
def test_bytes_of_anybody_are_a_proof_or_refused(data: bytes) -> None:
    with contextlib.suppress(ProofError):
        read_answer(data, (), DIGEST)


def test_a_proof_cut_short_anywhere_is_refused() -> None:
    for size in range(len(TWO_WAYS)):
        with pytest.raises(ProofError):
            read_proof(TWO_WAYS[:size])
