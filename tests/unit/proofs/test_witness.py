from __future__ import annotations

import gc
import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.proofs.flaws import Flaw, ProofError
from scanner.proofs.marks import Marks
from scanner.proofs.witness import MAX_RECORD, Witness, dump, load, load_stored
from tests.support.simulated.trie_builder import keccak256
from tests.support.strength import examples

RECORDS = [b"a" * 532, b"b" * 110, b"c", b"", b"d" * 70_000]


def file_of(records: list[bytes]) -> bytes:
    return b"".join(dump(Witness(records)))


def read(data: bytes) -> Witness:
    return load(io.BytesIO(data))


def flaw_of(data: bytes) -> Flaw:
    with pytest.raises(ProofError) as caught:
        read(data)
    return caught.value.flaw


def written(*records: bytes, count: int | None = None) -> bytes:
    """A file of these records as they stand, sound or not."""
    body = b"".join(len(record).to_bytes(4, "big") + record for record in records)
    return b"reserve-witness\x01" + (len(records) if count is None else count).to_bytes(8, "big") + body


SORTED = sorted(RECORDS, key=keccak256)


def test_records_are_found_by_their_hash_and_by_no_other() -> None:
    witness = Witness(RECORDS)
    for record in RECORDS:
        assert witness.get(keccak256(record)) == record
        assert keccak256(record) in witness
    assert witness.get(bytes(32)) is None
    assert set(witness) == set(map(keccak256, RECORDS))


def test_more_records_than_are_taken_are_refused_before_any_is_read() -> None:
    """Records of no more than a few bytes take many times the file's size in memory."""
    data = written(*SORTED)
    assert len(load(io.BytesIO(data), most=len(SORTED))) == len(SORTED)
    with pytest.raises(ProofError, match="5 records, at most 4 are taken"):
        load(io.BytesIO(data[:24]), most=4)


def test_a_record_is_kept_once() -> None:
    assert len(Witness([b"x", b"y", b"x"])) == 2


def test_a_file_is_laid_out_as_documented() -> None:
    assert file_of(RECORDS) == written(*SORTED)


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=12))
def test_what_is_written_is_read(records: list[bytes]) -> None:
    witness = read(file_of(records))
    assert {digest: witness.get(digest) for digest in witness} == {keccak256(record): record for record in records}


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.randoms())
def test_equal_sets_give_equal_files(records: list[bytes], random: object) -> None:
    shuffled = records + records[:2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert file_of(shuffled) == file_of(records)


def test_an_empty_witness_is_a_file_too() -> None:
    assert len(read(file_of([]))) == 0


def test_a_file_cut_short_anywhere_is_refused() -> None:
    data = file_of([b"one", b"two", b"three"])
    for length in range(len(data)):
        assert flaw_of(data[:length]) is Flaw.MALFORMED


def test_any_changed_byte_is_refused_or_gives_another_set() -> None:
    records = [b"one", b"two", b"three"]
    data = file_of(records)
    hashes = set(map(keccak256, records))
    for at in range(len(data)):
        try:
            witness = read(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :])
        except ProofError:
            continue
        assert set(witness) != hashes
        assert all(keccak256(witness.get(digest) or b"") == digest for digest in witness)


def test_records_out_of_order_or_twice_are_refused() -> None:
    assert flaw_of(written(*reversed(SORTED))) is Flaw.MALFORMED
    assert flaw_of(written(SORTED[0], SORTED[0])) is Flaw.MALFORMED


def test_bytes_after_the_last_record_are_refused() -> None:
    assert flaw_of(file_of(RECORDS) + b"\0") is Flaw.MALFORMED
    assert flaw_of(written(*SORTED, count=len(SORTED) - 1)) is Flaw.MALFORMED


def test_another_format_or_version_is_refused() -> None:
    assert flaw_of(b"reserve-witness\x02" + file_of([])[16:]) is Flaw.MALFORMED
    assert flaw_of(b"\x1f\x8b" + bytes(40)) is Flaw.MALFORMED
    assert flaw_of(b"") is Flaw.MALFORMED


def test_a_count_or_length_beyond_the_file_allocates_nothing() -> None:
    assert flaw_of(written(b"one", count=2**64 - 1)) is Flaw.MALFORMED
    assert flaw_of(written()[:16] + (1).to_bytes(8, "big") + b"\xff\xff\xff\xff") is Flaw.TOO_LARGE


def test_files_and_records_beyond_their_bounds_are_refused() -> None:
    data = file_of([b"x" * 1000, b"y" * 1000])
    assert len(load(io.BytesIO(data), max_bytes=len(data))) == 2
    with pytest.raises(ProofError) as caught:
        load(io.BytesIO(data), max_bytes=len(data) - 1)
    assert caught.value.flaw is Flaw.TOO_LARGE
    largest = file_of([b"x" * MAX_RECORD])
    assert len(read(largest)) == 1
    with pytest.raises(ProofError) as caught:
        Witness([b"x" * (MAX_RECORD + 1)])
    assert caught.value.flaw is Flaw.TOO_LARGE
    assert flaw_of(written(b"x" * (MAX_RECORD + 1))) is Flaw.TOO_LARGE


def test_a_stream_that_hands_out_single_bytes_is_read() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(1, size or 0))

    assert set(load(Trickle(file_of([b"one", b"two"])))) == {keccak256(b"one"), keccak256(b"two")}


def outcome_of(read_it: Callable[[], Witness]) -> object:
    try:
        witness = read_it()
    except ProofError as error:
        return error.flaw, str(error)
    return len(witness), {digest: witness.get(digest) for digest in witness}


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_records_that_stay_in_their_file_are_those_that_are_read_from_it(
    records: list[bytes], data: st.DataObject
) -> None:
    content = file_of(records)
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(content) - 1))
        content = content[:at] + data.draw(st.binary(max_size=2)) + content[at + data.draw(st.integers(0, 2)) :]
    file = io.BytesIO(b"before" + content)
    file.seek(6)
    assert outcome_of(lambda: load_stored(file)) == outcome_of(lambda: load(io.BytesIO(content)))


def test_a_record_that_is_changed_in_its_file_afterwards_is_there_no_more_and_proves_nothing_else() -> None:
    records = [bytes([number]) * 20 for number in range(50)]
    for changed in ("one byte", "cut short"):
        copy, digests = bytearray(file_of(records)), sorted(Witness(records))
        last = copy.rindex(Witness(records).get(digests[-1]) or b"?")
        if changed == "one byte":
            copy[last] ^= 1
        else:
            del copy[last + 3 :]
        file = io.BytesIO(file_of(records))
        witness = load_stored(file)
        file.seek(0)
        file.truncate()
        file.write(copy)
        assert witness.get(digests[-1]) is None, changed
        assert witness.get(digests[0]) in records


def test_what_is_added_to_records_of_a_file_stands_beside_them_once() -> None:
    witness = load_stored(io.BytesIO(file_of([b"one", b"two"])))
    digests = {witness.add(record) for record in (b"two", b"three")}
    assert len(witness) == len(set(witness)) == 3
    assert digests < set(witness)
    assert all(digest in witness for digest in digests)
    kept = Witness(record for digest in digests if (record := witness.get(digest)))
    assert set(kept) == digests == set(Witness.together([kept, kept]))


class Unnamed(io.BytesIO):
    """A file for a witness to move into; `full`: it takes nothing any more."""

    full = False

    def write(self, data: object) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=30), st.integers(0, 200), st.data())
def test_a_witness_that_moves_into_a_file_when_it_grows_is_the_same_witness(
    records: list[bytes], in_memory: int, data: st.DataObject
) -> None:
    in_file, plain = Witness(spill=Unnamed, in_memory=in_memory), Witness()
    marks, marked = Marks(in_file), set[bytes]()
    for record in records:
        digest = in_file.add(record)
        assert digest == plain.add(record)
        if data.draw(st.booleans()):
            marks.update([digest], [digest])
            marked.add(digest)
        assert digest in in_file
        assert (digest in marks) == (digest in marked)
    assert list(in_file) == list(plain)
    assert len(in_file) == len(plain)
    assert all(in_file.get(digest) == plain.get(digest) for digest in plain)
    assert b"".join(dump(in_file)) == b"".join(dump(plain))
    assert (set(marks), len(marks)) == (marked, len(marked))
    assert b"".join(dump(Witness.of_marked([(in_file, marks)]))) == file_of([plain.get(each) or b"" for each in marked])


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.binary(max_size=2), st.booleans()), max_size=12), max_size=4),
    st.lists(st.binary(max_size=2), max_size=4),
)
def test_marked_records_of_several_witnesses_are_one_witness_whose_records_may_be_marked_again(
    of_each: list[list[tuple[bytes, bool]]], added: list[bytes]
) -> None:
    parts, expected = [], set(map(keccak256, added))
    for number, records in enumerate(of_each):
        part = Witness((record for record, _ in records), spill=Unnamed, in_memory=8 * number)
        marks = Marks(part)
        chosen = {keccak256(record) for record, marked in records if marked}
        marks.update(chosen)
        expected |= chosen
        parts.append(Witness.of_marked([(part, marks)]))
    whole = Witness.together([*parts, Witness(added)])
    assert set(whole) == expected
    assert len(whole) == len(list(whole)) == len(expected)
    everything = {keccak256(record) for records in of_each for record, _ in records} | expected
    for digest in everything:
        assert (digest in whole) == (whole.get(digest) is not None) == (digest in expected)
    again, half = Marks(whole), set(list(whole)[::2])
    again.update(half)
    assert set(Witness.of_marked([(whole, again)])) == half
    assert b"".join(dump(whole)) == file_of([whole.get(digest) or b"" for digest in expected])


def test_what_moved_into_a_file_is_hashed_again_when_it_is_read() -> None:
    opened: list[Unnamed] = []

    def spill() -> Unnamed:
        opened.append(Unnamed())
        return opened[-1]

    # More than are kept of what was read last.
    records = [number.to_bytes(2) * (MAX_RECORD // 2) for number in range(420)]
    witness = Witness(records, spill=spill, in_memory=1)
    (file,) = opened
    assert witness.get(keccak256(records[0])) == records[0]
    file.seek(MAX_RECORD)
    file.write(b"?")
    assert witness.get(keccak256(records[1])) is None
    assert witness.get(keccak256(records[2])) == records[2]


def test_the_file_of_a_witness_is_closed_with_it() -> None:
    opened: list[Unnamed] = []

    def spill() -> Unnamed:
        opened.append(Unnamed())
        return opened[-1]

    witness = Witness([b"one", b"two"], spill=spill, in_memory=1)
    assert not opened[0].closed
    del witness
    gc.collect()
    assert opened[0].closed


def test_a_file_that_takes_nothing_more_is_told() -> None:
    full = Unnamed()
    full.full = True
    with pytest.raises(OSError, match="No space"):
        Witness([b"one", b"two"], spill=lambda: full, in_memory=1)


def test_marks_of_many_records_are_those_that_were_marked() -> None:
    records = [number.to_bytes(4) for number in range(18_000)]
    witness = Witness(records, spill=Unnamed, in_memory=1)
    marks, marked = Marks(witness), list(map(keccak256, records[1:]))
    for at in range(0, len(marked), 100):
        marks.update(marked[at : at + 100], marked[:8])
    marks.update([bytes(32)])  # no record's
    assert len(marks) == len(marked) + 1
    assert set(marks) == {*marked, bytes(32)}
    assert all(each in marks for each in marked)
    assert keccak256(records[0]) not in marks
